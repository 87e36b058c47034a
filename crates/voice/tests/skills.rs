//! From a sentence to an answer, with our own templates only.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use porchlight_voice::intent::{Matcher, Names};
use porchlight_voice::skill::{
    Answer, Camera, Change, Heard, ListItem, NOT_UNDERSTOOD, NOTHING_HEARD, Situation, Speaker, Timer,
    respond,
};
use std::error::Error;

type Outcome = Result<(), Box<dyn Error>>;

/// A home in Berlin at twenty past six in the evening of Monday, the 23rd of November 2026.
struct Home {
    matcher: Matcher,
    names: Names,
    now: Timestamp,
    zone: TimeZone,
    timers: Vec<Timer>,
    items: Vec<ListItem>,
    cameras: Vec<Camera>,
    heard: Vec<Heard>,
}

impl Home {
    fn new() -> Result<Self, Box<dyn Error>> {
        let names = Names::new().area("Kitchen").area("Living room").camera("porch").camera("garden camera");
        Ok(Self {
            matcher: Matcher::english()?,
            names: names.list("party").here("Kitchen"),
            now: "2026-11-23T17:20:00Z".parse()?,
            zone: TimeZone::get("Europe/Berlin")?,
            timers: Vec::new(),
            items: Vec::new(),
            cameras: Vec::new(),
            heard: Vec::new(),
        })
    }

    /// With a pizza timer here and a ten minute timer in the living room.
    fn with_timers() -> Result<Self, Box<dyn Error>> {
        let mut home = Self::new()?;
        home.timers.push(home.timer(1, Some("pizza"), 600, 190, "Kitchen")?);
        home.timers.push(home.timer(2, None, 600, 40, "Living room")?);
        Ok(home)
    }

    fn timer(
        &self,
        id: u64,
        name: Option<&str>,
        seconds: u64,
        left: i64,
        room: &str,
    ) -> Result<Timer, jiff::Error> {
        Ok(Timer {
            id,
            name: name.map(str::to_owned),
            seconds,
            ends: self.now.checked_add(jiff::SignedDuration::from_secs(left))?,
            device: format!("{room} microphone"),
            room: Some(room.to_owned()),
            paused: None,
        })
    }

    fn with_items(items: &[&str]) -> Result<Self, Box<dyn Error>> {
        let mut home = Self::new()?;
        let item =
            |(id, text): (u64, &&str)| ListItem { id, list: "shopping".into(), text: (*text).to_owned() };
        home.items = (1..).zip(items).map(item).collect();
        Ok(home)
    }

    fn situation(&self) -> Situation<'_> {
        Situation {
            device: "Hall microphone",
            room: Some("Hall"),
            speaker: Speaker::Known("Tom"),
            timers: &self.timers,
            items: &self.items,
            cameras: &self.cameras,
            heard: &self.heard,
            ..Situation::new(self.now, self.zone.clone())
        }
    }

    fn ask(&self, text: &str) -> Answer {
        respond(&self.matcher, &self.names, text, &self.situation())
    }

    /// Each sentence leads to this intent and this reply.
    fn expect(&self, sentences: &[&str], intent: &str, reply: &str) {
        for sentence in sentences {
            let answer = self.ask(sentence);
            assert_eq!((answer.intent.as_str(), answer.reply.as_str()), (intent, reply), "\"{sentence}\"");
        }
    }
}

fn started(seconds: u64, name: Option<&str>) -> Vec<Change> {
    vec![Change::StartTimer { seconds, name: name.map(str::to_owned) }]
}

fn added(list: &str, items: &[&str]) -> Vec<Change> {
    items.iter().map(|item| Change::AddItem { list: list.to_owned(), item: (*item).to_owned() }).collect()
}

#[test]
fn tells_time_and_date() -> Outcome {
    let home = Home::new()?;
    home.expect(
        &[
            "What time is it?",
            "what's the time",
            "Hey Porchlight, can you tell me what time it is, please?",
            "um what time is it right now",
            "Do you know the time?",
            "What thyme is it?",
            "Hey, Portsley, what time is it?",
        ],
        "HassGetCurrentTime",
        "It is 6:20 PM.",
    );
    home.expect(
        &[
            "What day is it?",
            "What's the date?",
            "what is today's date",
            "what date is it today",
            "what day of the week is it",
        ],
        "HassGetCurrentDate",
        "It is Monday, November 23rd.",
    );
    home.expect(
        &["What is tomorrow's date?", "what day is tomorrow"],
        "HassGetCurrentDate",
        "Tomorrow is Tuesday, November 24th.",
    );
    home.expect(&["what day was it yesterday"], "HassGetCurrentDate", "Yesterday was Sunday, November 22nd.");
    home.expect(&["what year is it"], "HassGetCurrentDate", "It is 2026.");
    home.expect(&["what month is it"], "HassGetCurrentDate", "It is November.");
    Ok(())
}

#[test]
fn starts_timers() -> Outcome {
    let home = Home::new()?;
    for (sentence, seconds, name, reply) in [
        ("Set a timer for five minutes.", 300, None, "I set a timer for 5 minutes."),
        ("set a timer for 5 minutes", 300, None, "I set a timer for 5 minutes."),
        ("set a time or for 5 minutes", 300, None, "I set a timer for 5 minutes."),
        ("sat a timer for five minutes", 300, None, "I set a timer for 5 minutes."),
        ("Porchlight, start a ten minute timer", 600, None, "I set a timer for 10 minutes."),
        ("timer 90 seconds", 90, None, "I set a timer for 1 minute and 30 seconds."),
        ("set a timer for ninety seconds please", 90, None, "I set a timer for 1 minute and 30 seconds."),
        ("set a timer for an hour and a half", 5400, None, "I set a timer for 1 hour and 30 minutes."),
        ("set a timer for two and a half minutes", 150, None, "I set a timer for 2 minutes and 30 seconds."),
        ("set a 1 hour 15 minutes timer", 4500, None, "I set a timer for 1 hour and 15 minutes."),
        (
            "set a timer for 1 hour, 15 minutes and 10 seconds",
            4510,
            None,
            "I set a timer for 1 hour, 15 minutes and 10 seconds.",
        ),
        ("set a timer for half an hour", 1800, None, "I set a timer for 30 minutes."),
        ("set a timer for a quarter of an hour", 900, None, "I set a timer for 15 minutes."),
        ("set a pizza timer for 12 minutes", 720, Some("pizza"), "I set the pizza timer for 12 minutes."),
        ("set a 12-minute timer for the pizza", 720, Some("pizza"), "I set the pizza timer for 12 minutes."),
        (
            "set a timer for 12 minutes called Pizza",
            720,
            Some("pizza"),
            "I set the pizza timer for 12 minutes.",
        ),
        ("12 minute egg timer", 720, Some("egg"), "I set the egg timer for 12 minutes."),
    ] {
        let answer = home.ask(sentence);
        assert_eq!(answer.intent, "HassStartTimer", "\"{sentence}\"");
        assert!(
            answer.changes == started(seconds, name),
            "\"{sentence}\" gives {:?}: {}",
            answer.changes,
            answer.reply
        );
        assert_eq!(answer.reply, reply, "\"{sentence}\"");
    }
    for (sentence, reply) in [
        (
            "set a timer",
            "For how long shall I set a timer? Say it in one sentence, like: set a timer for five minutes.",
        ),
        (
            "set a pizza timer",
            "For how long shall I set the pizza timer? Say it in one sentence, like: set a timer for five minutes.",
        ),
        ("set a timer for 0 seconds", "A timer needs at least one second."),
        ("set a timer for 1000 hours", "The longest timer is 7 days."),
    ] {
        let answer = home.ask(sentence);
        assert_eq!((answer.reply.as_str(), answer.changes.len()), (reply, 0), "\"{sentence}\"");
    }
    Ok(())
}

#[test]
fn asks_which_timer() -> Outcome {
    let home = Home::with_timers()?;
    let which = "There are two timers: the pizza timer with 3 minutes and 10 seconds left and the 10 minute timer with 40 \
                 seconds left. Which one shall I";
    home.expect(&["Cancel the timer.", "stop my timer"], "HassCancelTimer", &format!("{which} cancel?"));
    home.expect(&["pause the timer"], "HassPauseTimer", &format!("{which} pause?"));
    home.expect(&["add five minutes to the timer"], "HassIncreaseTimer", &format!("{which} add to?"));
    home.expect(
        &["how long is left on the pitza timer", "how long has left on the pizza timer"],
        "HassTimerStatus",
        "The pizza timer has 3 minutes and 10 seconds left.",
    );
    home.expect(
        &["cancel the pitza timer"],
        "HassCancelTimer",
        "There is no pitza timer. There is the pizza timer and the 10 minute timer.",
    );
    home.expect(
        &["cancel the egg timer"],
        "HassCancelTimer",
        "There is no egg timer. There is the pizza timer and the 10 minute timer.",
    );

    // At the device of one of them, that one is meant.
    let situation = Situation { device: "Kitchen microphone", ..home.situation() };
    let answer = respond(&home.matcher, &home.names, "cancel the timer", &situation);
    assert_eq!(answer.reply, "I cancelled the pizza timer.");
    assert!(answer.changes == [Change::CancelTimer { id: 1 }]);
    Ok(())
}

#[test]
fn changes_timers() -> Outcome {
    let mut home = Home::with_timers()?;
    for (sentence, reply, change) in [
        ("cancel the pizza timer", "I cancelled the pizza timer.", Change::CancelTimer { id: 1 }),
        ("cancel the timer for the pizza", "I cancelled the pizza timer.", Change::CancelTimer { id: 1 }),
        (
            "stop the timer in the living room",
            "I cancelled the 10 minute timer.",
            Change::CancelTimer { id: 2 },
        ),
        ("turn off the kitchen timer", "I cancelled the pizza timer.", Change::CancelTimer { id: 1 }),
        (
            "add two minutes to the pizza timer",
            "I added 2 minutes. The pizza timer has 5 minutes and 10 seconds left.",
            Change::AdjustTimer { id: 1, by_seconds: 120 },
        ),
        (
            "take 1 minute off the pizza timer",
            "I took 1 minute off. The pizza timer has 2 minutes and 10 seconds left.",
            Change::AdjustTimer { id: 1, by_seconds: -60 },
        ),
        (
            "pause the pizza timer",
            "I paused the pizza timer, with 3 minutes and 10 seconds left.",
            Change::PauseTimer { id: 1 },
        ),
    ] {
        let answer = home.ask(sentence);
        assert_eq!(answer.reply, reply, "\"{sentence}\"");
        assert!(answer.changes == [change], "\"{sentence}\" gives {:?}", answer.changes);
    }
    let answer = home.ask("take 5 minutes off the pizza timer");
    assert_eq!(
        answer.reply,
        "The pizza timer has only 3 minutes and 10 seconds left, so I left it as it is."
    );
    assert!(answer.changes.is_empty());

    let answer = home.ask("Cancel all timers.");
    assert_eq!(answer.reply, "I cancelled both timers.");
    assert!(answer.changes == [Change::CancelTimer { id: 1 }, Change::CancelTimer { id: 2 }]);

    home.expect(&["resume the pizza timer"], "HassUnpauseTimer", "The pizza timer is not paused.");
    home.timers[0].paused = Some(100);
    let answer = home.ask("resume the timer");
    assert_eq!(answer.reply, "The pizza timer goes on, with 1 minute and 40 seconds left.");
    assert!(answer.changes == [Change::ResumeTimer { id: 1 }]);
    home.expect(
        &["pause the pizza timer"],
        "HassPauseTimer",
        "The pizza timer is paused already, with 1 minute and 40 seconds left.",
    );
    Ok(())
}

#[test]
fn tells_about_timers() -> Outcome {
    let home = Home::with_timers()?;
    home.expect(
        &[
            "how much time is left on the pizza timer",
            "How long is left on my pizza timer?",
            "pizza timer status",
            "when does the pizza timer end",
        ],
        "HassTimerStatus",
        "The pizza timer has 3 minutes and 10 seconds left.",
    );
    home.expect(
        &["how much time is left", "what timers are running", "Are there any timers?", "status of my timers"],
        "HassTimerStatus",
        "There are two timers. The 10 minute timer has 40 seconds left. The pizza timer has 3 minutes and 10 seconds left.",
    );
    let none = Home::new()?;
    none.expect(&["how much time is left on the timer"], "HassTimerStatus", "No timer is set.");
    none.expect(&["cancel the timer"], "HassCancelTimer", "No timer is set.");
    none.expect(&["cancel all timers"], "HassCancelAllTimers", "No timer is set.");
    Ok(())
}

#[test]
fn puts_items_on_lists() -> Outcome {
    let home = Home::with_items(&["milk"])?;
    for (sentence, list, items, reply) in [
        ("Add eggs to the shopping list.", "shopping", vec!["eggs"], "I added eggs to the shopping list."),
        ("at eggs to the shopping list", "shopping", vec!["eggs"], "I added eggs to the shopping list."),
        ("add eggs two the shoping list", "shopping", vec!["eggs"], "I added eggs to the shopping list."),
        ("put some eggs on my list please", "shopping", vec!["eggs"], "I added eggs to the shopping list."),
        (
            "Add flour, eggs and bread to my shopping list",
            "shopping",
            vec!["flour", "eggs", "bread"],
            "I added flour, eggs and bread to the shopping list.",
        ),
        (
            "add um milk and uh eggs to the list",
            "shopping",
            vec!["eggs"],
            "I added eggs to the shopping list. Milk is on the shopping list already.",
        ),
        ("buy eggs", "shopping", vec!["eggs"], "I added eggs to the shopping list."),
        ("add balloons to the party list", "party", vec!["balloons"], "I added balloons to the party list."),
        (
            "add balloons to the chopping list",
            "shopping",
            vec!["balloons"],
            "I added balloons to the shopping list.",
        ),
        ("add paint to the hardware list", "hardware", vec!["paint"], "I added paint to the hardware list."),
    ] {
        let answer = home.ask(sentence);
        assert_eq!(answer.reply, reply, "\"{sentence}\"");
        assert!(answer.changes == added(list, &items), "\"{sentence}\"");
    }
    home.expect(
        &["add milk to the shopping list"],
        "HassShoppingListAddItem",
        "Milk is on the shopping list already.",
    );
    Ok(())
}

#[test]
fn reads_and_empties_lists() -> Outcome {
    let home = Home::with_items(&["milk", "oat milk", "eggs", "apples"])?;
    home.expect(
        &[
            "What's on my shopping list?",
            "read the shopping list",
            "what is on the list",
            "what do we need to buy",
        ],
        "PorchlightListRead",
        "There are four things on the shopping list: milk, oat milk, eggs and apples.",
    );
    home.expect(
        &["is there milk on the shopping list"],
        "PorchlightListRead",
        "Yes, milk is on the shopping list.",
    );
    home.expect(
        &["is rice on the shopping list"],
        "PorchlightListRead",
        "No, rice is not on the shopping list.",
    );
    home.expect(&["what's on the party list"], "PorchlightListRead", "There is nothing on the party list.");
    for (sentence, reply, changes) in [
        (
            "remove milk from the shopping list",
            "I took milk off the shopping list.",
            vec![Change::RemoveItem { id: 1 }],
        ),
        (
            "check off eggs from my shopping list",
            "I ticked eggs off the shopping list.",
            vec![Change::CompleteItem { id: 3 }],
        ),
        ("we bought apples", "I ticked apples off the shopping list.", vec![Change::CompleteItem { id: 4 }]),
        (
            "remove an apple and rice from the list",
            "I took apples off the shopping list. Rice is not on the shopping list.",
            vec![Change::RemoveItem { id: 4 }],
        ),
        ("remove rice from the list", "Rice is not on the shopping list.", vec![]),
        (
            "clear my shopping list",
            "I took four things off the shopping list. It is empty now.",
            vec![Change::ClearList { list: "shopping".into() }],
        ),
        (
            "delete everything from the shopping list",
            "I took four things off the shopping list. It is empty now.",
            vec![Change::ClearList { list: "shopping".into() }],
        ),
    ] {
        let answer = home.ask(sentence);
        assert_eq!(answer.reply, reply, "\"{sentence}\"");
        assert!(answer.changes == changes, "\"{sentence}\" gives {:?}", answer.changes);
    }
    let two = Home::with_items(&["oat milk", "soy milk"])?;
    let answer = two.ask("remove milk from the shopping list");
    assert_eq!(answer.reply, "There are several on the shopping list: oat milk and soy milk. Which one?");
    assert!(answer.changes.is_empty());
    let empty = Home::new()?;
    empty.expect(
        &["what's on my shopping list"],
        "PorchlightListRead",
        "There is nothing on the shopping list.",
    );
    empty.expect(
        &["empty the shopping list"],
        "PorchlightListClear",
        "There is nothing on the shopping list.",
    );
    Ok(())
}

#[test]
fn tells_about_cameras() -> Outcome {
    let mut home = Home::new()?;
    home.expect(&["which cameras are there"], "PorchlightCameras", "There are no cameras in this home.");
    let camera = |name: &str, state: &str, recording| Camera {
        name: name.into(),
        room: None,
        state: state.into(),
        recording,
    };
    home.cameras = vec![camera("porch", "", true), camera("garden camera", "", true)];
    home.expect(
        &["What cameras are there?", "how many cameras do we have", "are all the cameras on", "cameras"],
        "PorchlightCameras",
        "There are two cameras: porch and garden. All of them are recording.",
    );
    home.cameras[1] = camera("garden camera", "The garden camera has not answered since 5:40 PM.", false);
    home.expect(
        &["how are the cameras"],
        "PorchlightCameras",
        "There are two cameras: porch and garden. The porch camera is recording. The garden camera has not answered since 5:40 PM.",
    );
    home.expect(
        &["is the porch camera on", "Is the porch recording?", "porch camera"],
        "PorchlightCameraState",
        "The porch camera is recording.",
    );
    home.expect(
        &["is the garden camera working", "is the guard in camera working"],
        "PorchlightCameraState",
        "The garden camera has not answered since 5:40 PM.",
    );
    home.expect(
        &["is the attic camera on"],
        "PorchlightCameraState",
        "There is no attic camera. There is porch and garden.",
    );
    home.expect(
        &["show me the porch"],
        "PorchlightCameraState",
        "I cannot show pictures by voice. The porch camera is recording.",
    );
    Ok(())
}

#[test]
fn tells_what_was_heard() -> Outcome {
    let mut home = Home::new()?;
    home.expect(&["what did you hear today"], "PorchlightHeard", "Nothing is kept of what I heard today.");
    let heard = |at: &str, room: &str, words: Option<&str>| -> Result<Heard, jiff::Error> {
        Ok(Heard {
            at: at.parse()?,
            device: "mic".into(),
            room: Some(room.into()),
            words: words.map(str::to_owned),
        })
    };
    home.heard = vec![
        heard("2026-11-23T17:12:00Z", "Kitchen", Some("What time is it?"))?,
        heard("2026-11-23T08:00:00Z", "Living room", None)?,
        heard("2026-11-22T08:00:00Z", "Kitchen", Some("good morning"))?,
    ];
    home.expect(
        &["what did you hear in the last ten minutes", "What have you heard in the past 10 minutes?"],
        "PorchlightHeard",
        "I heard one thing in the last 10 minutes. At 6:12 PM in the kitchen: “What time is it.”",
    );
    home.expect(
        &["what have you heard today"],
        "PorchlightHeard",
        "I heard two things today. At 6:12 PM in the kitchen: “What time is it.” At 9 AM in the living room, words that I do not tell here.",
    );
    home.expect(
        &["what did you hear yesterday"],
        "PorchlightHeard",
        "I heard one thing yesterday. Yesterday at 9 AM in the kitchen: “good morning.”",
    );
    home.expect(
        &["what did you hear in the living room"],
        "PorchlightHeard",
        "I heard one thing in the living room. At 9 AM in the living room, words that I do not tell here.",
    );
    assert!(home.ask("what did you hear").reply.starts_with("I heard three things."));
    let one = home.heard[0].clone();
    home.heard = vec![one; 7];
    let reply = home.ask("what did you hear in the last hour").reply;
    assert!(
        reply.starts_with("I heard seven things in the last hour. The newest five: At 6:12 PM"),
        "{reply}"
    );
    Ok(())
}

#[test]
fn never_forgets_or_stops_video_by_voice() -> Outcome {
    let home = Home::new()?;
    let forget = "I do not forget by voice yet. At a computer, the command porchlight forget does it, and shows what would go before anything does.";
    let stop = "A voice alone does not stop security video. An adult can do that at a computer, with the porchlight command.";
    home.expect(
        &[
            "forget that",
            "Forget everything I said.",
            "delete all my recordings",
            "forget the last ten minutes",
            "forget everything from the kitchen",
            "erase the security video",
            "delete what you heard today",
            "delete the recordings from yesterday",
        ],
        "PorchlightForget",
        forget,
    );
    home.expect(
        &[
            "stop recording",
            "turn off the cameras",
            "stop the porch camera",
            "privacy please",
            "Stop recording me.",
            "disable security",
        ],
        "PorchlightForget",
        stop,
    );
    assert!(
        home.ask("stop listening").reply.starts_with("A microphone cannot be switched off by voice yet.")
    );
    Ok(())
}

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
    let can = "I can keep timers and lists, and tell you how the cameras are.";
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
    });
    let answer = home.ask("add secretthing to the shopping list");
    let recognised = home.matcher.recognise("add secretthing to the shopping list", &home.names);
    let names = Names::new().area("secretroom");
    let told = format!("{:?} {answer:?} {recognised:?} {names:?}", home.situation());
    assert!(!told.contains("secret"), "{told}");
    Ok(())
}
