//! What people say when they want something forgotten, and what is said to them.

use crate::skill::example::{Home, Outcome};
use crate::skill::{
    Asked, Change, Extent, Found, HeldBack, LeftBehind, Situation, Stays, Step, forgetting, respond,
};
use jiff::Timestamp;

/// What a sentence would have forgotten: from when to when in Berlin, and where.
fn meant(home: &Home, sentence: &str) -> String {
    let answer = home.ask(sentence);
    let [Change::Forget(scope)] = answer.changes.as_slice() else {
        return format!("{}: {}", answer.intent, answer.reply);
    };
    assert_eq!((answer.intent.as_str(), answer.reply.as_str()), ("PorchlightForget", ""), "\"{sentence}\"");
    let at = |at: Option<Timestamp>| {
        at.map_or("…".to_owned(), |at| home.zone.to_datetime(at).strftime("%m-%d %H:%M").to_string())
    };
    let when = match scope.extent {
        Extent::Last(1) => "last".to_owned(),
        Extent::Last(count) => format!("last {count}"),
        Extent::Ever => "ever".to_owned(),
        Extent::Span { from: None, to: None } => "all".to_owned(),
        Extent::Span { from, to } => format!("{} to {}", at(from), at(to)),
    };
    match &scope.place {
        Some(place) => format!("{when} in {}", place.to_lowercase()),
        None => when,
    }
}

#[test]
fn knows_what_is_to_be_forgotten() -> Outcome {
    // It is twenty past six in the evening of Monday, the 23rd of November, in Berlin.
    let home = Home::new()?;
    let today = "11-23 00:00 to 11-24 00:00";
    let yesterday = "11-22 00:00 to 11-23 00:00";
    let mut wrong = Vec::new();
    for (sentences, expected) in [
        (
            &[
                "Forget what I just said.",
                "Delete what I just said",
                "forget that",
                "erase that please",
                "scrap that",
                "Porchlight, get rid of that",
                "wipe what I just told you",
                "forget what I said just now",
                "forget what I said",
                "delete the last thing I said",
                "forget my last sentence",
                "delete the last recording",
                "forget what you just heard",
                "Please forget everything I just said.",
                "forget that I asked that",
                "forget I said anything",
                "don't remember that",
                "don't keep that",
                "strike that from the record",
                "that was private",
                "could you please forget that",
                "Forget what I've just said",
                "ignore what I just said",
                "never mind what I said",
                "I take that back",
            ][..],
            "last",
        ),
        (
            &[
                "Delete everything I said today.",
                "forget everything I said today",
                "Forget everything I've said today",
                "forget what I said today",
                "erase all that I told you today",
                "delete everything from today",
                "wipe today",
                "forget today",
                "delete all my recordings from today",
                "forget everything you heard today",
                "get rid of everything I asked you today",
                "please delete today's recordings",
                "delete all of today's conversations",
            ],
            today,
        ),
        (
            &[
                "Delete what I said yesterday.",
                "forget everything from yesterday",
                "delete the recordings from yesterday",
                "erase yesterday",
                "wipe everything we said yesterday",
                "forget whatever I told you yesterday",
                "delete my history from yesterday",
            ],
            yesterday,
        ),
        (&["delete the last three recordings", "forget the last 3 things I said"], "last 3"),
        (
            &["forget our conversation", "delete this conversation", "forget what we just talked about"],
            "11-23 18:10 to …",
        ),
        (&["delete everything I said this morning", "forget this morning"], "11-23 00:00 to 11-23 12:00"),
        (&["forget what I said yesterday evening"], "11-22 18:00 to 11-23 00:00"),
        (&["forget everything I said last night"], "11-22 18:00 to 11-23 06:00"),
        (
            &[
                "forget the last ten minutes",
                "Forget everything I said in the last ten minutes.",
                "delete everything from the past 10 minutes",
                "erase the last 10 minutes",
            ],
            "11-23 18:10 to …",
        ),
        (&["forget the last hour", "delete what I said in the past hour"], "11-23 17:20 to …"),
        (
            &[
                "Delete everything between Monday and Wednesday.",
                "delete everything I said between Monday and Wednesday",
                "forget what I said from Monday to Wednesday",
                "delete all recordings between Monday and Wednesday",
            ],
            "11-16 00:00 to 11-19 00:00",
        ),
        (&["forget everything from Tuesday to Thursday"], "11-17 00:00 to 11-20 00:00"),
        (&["forget everything I said on Friday", "delete Friday"], "11-20 00:00 to 11-21 00:00"),
        (&["forget everything I said last week", "delete last week"], "11-16 00:00 to 11-23 00:00"),
        (&["delete everything over the weekend"], "11-21 00:00 to 11-23 00:00"),
        (&["forget everything since yesterday", "delete all I said since yesterday"], "11-22 00:00 to …"),
        (&["delete everything before Friday"], "… to 11-20 00:00"),
        (
            &["forget everything I said on November 3rd", "delete everything from the third of November"],
            "11-03 00:00 to 11-04 00:00",
        ),
        (&["delete everything I said from the 3rd to the 9th of November"], "11-03 00:00 to 11-10 00:00"),
        (&["forget everything I said yesterday between 3 and 5 pm"], "11-22 15:00 to 11-22 17:00"),
        (&["delete everything I said three days ago"], "11-20 00:00 to 11-21 00:00"),
        (&["delete everything I said in October"], "10-01 00:00 to 11-01 00:00"),
        (
            &[
                "Delete everything from the kitchen.",
                "forget everything I said in the kitchen",
                "erase all the recordings from the kitchen",
                "wipe the kitchen",
                "delete what you heard in the kitchen",
            ],
            "all in kitchen",
        ),
        (
            &[
                "forget everything from the kitchen today",
                "delete everything I said in the kitchen today",
                "forget everything I said today in the kitchen",
            ],
            "11-23 00:00 to 11-24 00:00 in kitchen",
        ),
        (&["forget everything from here", "delete everything I said in this room"], "all in kitchen"),
        (&["forget everything from the attic"], "all in attic"),
        (&["forget everything I said in the attic yesterday"], "11-22 00:00 to 11-23 00:00 in attic"),
        (
            &[
                "Delete everything I have ever said.",
                "delete everything I've ever said",
                "Forget everything.",
                "Forget everything I said.",
                "delete all my recordings",
                "delete all of my data",
                "forget everything you know about me",
                "erase my history",
                "wipe everything you have on me",
                "forget all I ever told you",
                "forget about me",
            ],
            "ever",
        ),
    ] {
        for sentence in sentences {
            let found = meant(&home, sentence);
            if found != expected {
                wrong.push(format!("\"{sentence}\" is {found}, not {expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

#[test]
fn says_what_a_voice_cannot_have_forgotten() -> Outcome {
    let home = Home::new()?;
    for (sentences, start) in [
        (
            &["forget everything Tom said", "delete what Mia said yesterday"][..],
            "By voice I forget only what you said",
        ),
        (
            &["forget everything I said about Tom", "delete everything about the party"],
            "I cannot search what was said",
        ),
        (
            &[
                "erase the security video",
                "delete the camera footage from yesterday",
                "forget what the cameras saw",
                "delete all videos",
                "remove the security recordings",
            ],
            "A voice alone does not forget security video.",
        ),
        (&["forget everything I said tomorrow"], "That has not been yet"),
        (&["forget the capital of France"], "I understood that something is to be forgotten"),
        (&["delete them"], "I understood that something is to be forgotten"),
    ] {
        for sentence in sentences {
            let answer = home.ask(sentence);
            assert!(answer.reply.starts_with(start), "\"{sentence}\" gives {answer:?}: {}", answer.reply);
            assert!(
                !answer.changes.iter().any(|change| matches!(change, Change::Forget(_))),
                "\"{sentence}\""
            );
        }
    }
    assert!(
        home.ask("stop listening").reply.starts_with("A microphone cannot be switched off by voice yet.")
    );
    Ok(())
}

#[test]
fn a_yes_or_no_is_an_answer_to_what_was_asked_and_to_nothing_else() -> Outcome {
    let home = Home::new()?;
    let ask = |sentence: &str, asked| {
        let situation = Situation { asked, ..home.situation() };
        respond(&home.matcher, &home.names, sentence, &situation)
    };
    let yes = [
        "yes",
        "Yes.",
        "Yes, please.",
        "yeah",
        "sure",
        "okay",
        "do it",
        "go ahead",
        "yes do it",
        "forget them",
        "yes, forget them for good",
        "Yes, I am sure.",
        "delete them all",
        "forget that",
    ];
    for sentence in yes {
        let changes = ask(sentence, Some(Asked::Forget)).changes;
        assert!(changes == [Change::ForgetAsked { effects: false }], "\"{sentence}\" gives {changes:?}");
    }
    for sentence in ["yes, and the list too", "Yes, that too", "yes with everything", "forget that too"] {
        let changes = ask(sentence, Some(Asked::Forget)).changes;
        assert!(changes == [Change::ForgetAsked { effects: true }], "\"{sentence}\" gives {changes:?}");
    }
    for sentence in [
        "no",
        "No, thanks.",
        "nope",
        "don't",
        "keep them",
        "never mind",
        "stop",
        "no keep them",
        "not now",
        "wait",
    ] {
        let answer = ask(sentence, Some(Asked::Forget));
        assert!(answer.changes == [Change::KeepAsked], "\"{sentence}\" gives {:?}", answer.changes);
        assert_eq!(answer.reply, "All right, nothing was forgotten.");
    }
    for sentence in [
        "take it off the list too",
        "remove it too",
        "that too",
        "delete them",
        "forget it too",
        "cancel the timer too",
    ] {
        let changes = ask(sentence, Some(Asked::Effects)).changes;
        assert!(changes == [Change::TakeEffectsToo], "\"{sentence}\" gives {changes:?}");
    }
    for sentence in ["okay", "yes", "thanks", "no", "all right", "what time is it"] {
        let changes = ask(sentence, Some(Asked::Effects)).changes;
        assert!(changes.is_empty(), "\"{sentence}\" gives {changes:?}");
    }
    // Nothing was asked, so nothing is answered; and what sounds like a yes is none.
    for sentence in yes.into_iter().filter(|sentence| !sentence.contains("forget that")) {
        let changes = ask(sentence, None).changes;
        assert!(changes.is_empty(), "\"{sentence}\" gives {changes:?}");
    }
    for sentence in ["yesterday", "yes what time is it", "guess", "yet", "dress"] {
        let changes = ask(sentence, Some(Asked::Forget)).changes;
        assert!(
            !changes.contains(&Change::ForgetAsked { effects: false }),
            "\"{sentence}\" gives {changes:?}"
        );
    }
    Ok(())
}

#[test]
fn says_exactly_what_goes_and_what_stays() -> Outcome {
    let home = Home::new()?;
    let told = |sentence: &str, found: &Found, step| {
        let answer = home.ask(sentence);
        let [Change::Forget(scope)] = answer.changes.as_slice() else { return answer.reply };
        forgetting(scope, found, step, home.now, &home.zone)
    };
    let found = |recordings| Found { recordings, newest: Some(home.now), ..Found::default() };
    assert_eq!(
        told("forget everything from the kitchen today", &found(14), Step::Ask),
        "That is everything from the kitchen today: 14 recordings. Shall I forget them for good?"
    );
    assert_eq!(
        told("forget what I just said", &found(3), Step::Gone { pending: 0 }),
        "I forgot what you said at 6:20 PM, for good."
    );
    assert_eq!(
        told("forget what I said yesterday", &found(6), Step::Gone { pending: 1 }),
        "I forgot everything you said yesterday, for good: 6 recordings. One copy is still out of reach, and is brought up to date \
         before it counts again."
    );
    assert_eq!(
        told("delete everything I have ever said", &found(420), Step::InTheApp),
        "That is everything you have ever said: 420 recordings. I forget that much only when you confirm it in the app, where you \
         see all that would go."
    );
    assert_eq!(
        told("forget what I said today", &found(4), Step::EnoughForToday),
        "That is everything you said today: 4 recordings. Much of yours went in the last day, so this I forget only when you confirm it in \
         the app, where you see all that would go."
    );
    assert_eq!(
        told("forget what I said yesterday", &Found::default(), Step::Nothing),
        "Nothing that you said yesterday is kept."
    );
    assert_eq!(
        told("forget everything from the attic", &Found::default(), Step::NoSuchPlace),
        "There is no room and no device called attic, so nothing was forgotten."
    );
    assert!(
        told("forget that", &Found::default(), Step::Unknown)
            .starts_with("I do not know whose voice this is")
    );
    assert!(
        told("forget that", &Found::default(), Step::Minor)
            .starts_with("Only what an adult says to me counts as their own")
    );

    let milk = LeftBehind::Item { text: "oat milk".into(), list: "shopping".into() };
    let with_milk = Found { effects: vec![milk.clone()], ..found(3) };
    assert_eq!(
        told("forget what I just said", &with_milk, Step::Gone { pending: 0 }),
        "I forgot what you said at 6:20 PM, for good. You put oat milk on the shopping list then; it stays unless you say so."
    );
    let mixed = Found {
        effects: vec![
            milk,
            LeftBehind::Timer { name: Some("pizza".into()), seconds: 600 },
            LeftBehind::Reminder { text: Some("call Tom".into()), due: "2026-11-24T08:00:00Z".parse()? },
        ],
        held: vec![HeldBack {
            by: Some("Tom".into()),
            until: "2026-11-30T17:00:00Z".parse()?,
            recordings: 3,
        }],
        stays: vec![Stays::Others, Stays::Video],
        ..found(12)
    };
    assert_eq!(
        told("forget everything from the kitchen", &mixed, Step::Ask),
        "That is everything from the kitchen: 12 recordings. Tom holds 3 recordings besides until Monday, November 30th at 6 PM; \
         they stay until then, or until released. What others said there is theirs, and stays. What cameras saw stays: a voice alone \
         forgets no security video. The pizza timer that you set then goes on unless you say so. I was asked then to remind you \
         tomorrow at 9 AM: call Tom. That stays unless you say so. You put oat milk on the shopping list then; it stays unless you \
         say so. Shall I forget the recordings for good?"
    );
    let all_held =
        Found { held: vec![HeldBack { by: None, until: home.now, recordings: 3 }], ..Found::default() };
    assert_eq!(
        told("forget what I just said", &all_held, Step::Nothing),
        "You hold 3 recordings until 6:20 PM; they stay until then, or until released."
    );
    Ok(())
}
