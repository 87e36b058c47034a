//! Timers.

use crate::skill::example::{Home, Outcome};
use crate::skill::{Change, Situation, respond};

fn started(seconds: u64, name: Option<&str>) -> Vec<Change> {
    vec![Change::StartTimer { seconds, name: name.map(str::to_owned) }]
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
