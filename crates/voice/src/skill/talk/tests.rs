//! Talk, and what a voice must not do.

use crate::intent::Names;
use crate::skill::example::{Home, Outcome};
use crate::skill::{Heard, NOT_UNDERSTOOD, NOTHING_HEARD};

#[test]
fn talks() -> Outcome {
    let home = Home::new()?;
    home.expect(
        &["never mind", "Nevermind.", "cancel that", "forget it", "no thanks"],
        "HassNevermind",
        "All right.",
    );
    home.expect(&["hello", "Hi there!", "good evening porchlight"], "HassRespond", "Good evening, Tom.");
    home.expect(&["thank you"], "HassRespond", "You are welcome.");
    for sentence in ["help", "what can you do", "What can I say?", "how do I use this"] {
        assert!(home.ask(sentence).reply.starts_with("You can ask for the time"), "\"{sentence}\"");
    }
    let can = "I can keep timers, reminders and lists, and tell you how the cameras are.";
    home.expect(
        &["what's the weather like", "will it rain tomorrow"],
        "HassGetWeather",
        &format!("I cannot tell the weather yet. {can}"),
    );
    home.expect(
        &["turn on the bedroom lamp"],
        "HassTurnOn",
        &format!("I cannot switch lights and other devices yet. {can}"),
    );
    home.expect(
        &["unlock the front door"],
        "HassTurnOff",
        &format!("I cannot lock or unlock doors yet. {can}"),
    );
    home.expect(
        &["play some jazz"],
        "HassMediaSearchAndPlay",
        &format!("I cannot play music or video yet. {can}"),
    );
    assert_eq!(home.ask("remind me to call mum").intent, "PorchlightReminder");
    Ok(())
}

#[test]
fn says_so_when_it_does_not_understand() -> Outcome {
    let home = Home::new()?;
    for sentence in [
        "colourless green ideas sleep furiously",
        "the quick brown fox jumps over the lazy dog",
        "medium roast with a lot of milk",
        "timer",
        "a b c",
        "I think the kids are asleep now and we could watch something",
        "why is the sky blue",
    ] {
        let answer = home.ask(sentence);
        assert!(
            answer.intent == NOT_UNDERSTOOD && !answer.understood && answer.changes.is_empty(),
            "\"{sentence}\" gives {answer:?}"
        );
        assert!(answer.reply.starts_with("What I heard is not something I can do yet."));
    }
    for sentence in ["", "  ", "...", "?!"] {
        let answer = home.ask(sentence);
        assert_eq!(
            (answer.intent.as_str(), answer.reply.as_str()),
            (NOTHING_HEARD, "I did not hear any words.")
        );
    }
    Ok(())
}

#[test]
fn nothing_is_taken_away_by_a_guess() -> Outcome {
    let mut home = Home::with_items(&["milk", "eggs"])?;
    home.timers = Home::with_timers()?.timers;
    for sentence in [
        "council the pizza timer",
        "cancel the pizza tighter",
        "removed milk frum the shopping list",
        "clear the shopping lust",
        "clean the shopping list",
        "cancel all thymers",
        "chancel all timers",
        "delete everything frome the shopping list",
    ] {
        let answer = home.ask(sentence);
        assert!(answer.changes.is_empty(), "\"{sentence}\" gives {:?}: {}", answer.changes, answer.reply);
    }
    Ok(())
}

#[test]
fn debug_output_holds_no_words() -> Outcome {
    let mut home = Home::with_items(&["secretitem"])?;
    home.timers.push(home.timer(1, Some("secretname"), 60, 60, "Kitchen")?);
    home.heard.push(Heard {
        at: home.now,
        device: "mic".into(),
        room: None,
        words: Some("secretwords".into()),
        moment: None,
    });
    let answer = home.ask("add secretthing to the shopping list");
    let recognised = home.matcher.recognise("add secretthing to the shopping list", &home.names);
    let names = Names::new().area("secretroom");
    let told = format!("{:?} {answer:?} {recognised:?} {names:?}", home.situation());
    assert!(!told.contains("secret"), "{told}");
    Ok(())
}
