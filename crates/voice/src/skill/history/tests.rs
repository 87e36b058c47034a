//! What was heard.

use crate::skill::Heard;
use crate::skill::example::{Home, Outcome};

#[test]
fn tells_what_was_heard() -> Outcome {
    let mut home = Home::new()?;
    home.expect(
        &["what did you hear today"],
        "PorchlightHeard",
        "There is nothing that I may tell here of what I heard today.",
    );
    let heard = |at: &str, room: &str, words: Option<&str>| -> Result<Heard, jiff::Error> {
        Ok(Heard {
            at: at.parse()?,
            device: "mic".into(),
            room: Some(room.into()),
            words: words.map(str::to_owned),
            moment: None,
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
        "I heard one thing in the last 10 minutes that I may speak of here. At 6:12 PM in the kitchen: “What time is it.”",
    );
    home.expect(
        &["what have you heard today"],
        "PorchlightHeard",
        "I heard two things today that I may speak of here, and tell the words of one of them. At 6:12 PM in the kitchen: “What time is it.” At 9 AM in the living room.",
    );
    home.expect(
        &["what did you hear yesterday"],
        "PorchlightHeard",
        "I heard one thing yesterday that I may speak of here. Yesterday at 9 AM in the kitchen: “good morning.”",
    );
    home.expect(
        &["what did you hear in the living room"],
        "PorchlightHeard",
        "I heard one thing in the living room that I may speak of here, and tell no words of it. At 9 AM in the living room.",
    );
    let reply = home.ask("what did you hear").reply;
    assert!(
        reply
            .starts_with("I heard three things that I may speak of here, and tell the words of two of them."),
        "{reply}"
    );
    let one = home.heard[0].clone();
    home.heard = vec![one; 7];
    let reply = home.ask("what did you hear in the last hour").reply;
    assert!(
        reply.starts_with(
            "I heard seven things in the last hour that I may speak of here. The newest five: At 6:12 PM"
        ),
        "{reply}"
    );
    Ok(())
}
