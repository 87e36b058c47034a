//! Privacy.

use super::{PrivacyAnswer, privacy_answered};
use crate::skill::example::{Home, Outcome};
use crate::skill::{Camera, Change, Situation, Speaker, respond};

fn home() -> Result<Home, Box<dyn std::error::Error>> {
    let mut home = Home::new()?;
    let camera = |name: &str| Camera { name: name.into(), room: None, state: String::new(), recording: true };
    home.cameras = vec![camera("porch"), camera("garden camera")];
    Ok(home)
}

/// Which cameras a sentence switches which way.
fn switched(home: &Home, sentence: &str) -> String {
    let answer = home.ask(sentence);
    match answer.changes.as_slice() {
        [Change::SwitchPrivacy { on, cameras }] => {
            assert_eq!((answer.intent.as_str(), answer.reply.as_str()), ("PorchlightPrivacy", ""));
            format!("{} {}", if *on { "on" } else { "off" }, cameras.join("+")).trim_end().to_owned()
        }
        _ => format!("{}: {}", answer.intent, answer.reply),
    }
}

#[test]
fn knows_which_cameras_are_to_be_private_and_which_no_more() -> Outcome {
    let home = home()?;
    let mut wrong = Vec::new();
    let table: [(&[&str], &str); 5] = [
        (
            &[
                "privacy please",
                "Privacy, please.",
                "privacy mode",
                "privacy now",
                "some privacy please",
                "give us some privacy",
                "I want a little privacy",
                "turn on privacy",
                "turn privacy mode on",
                "switch on privacy for all cameras",
                "stop recording",
                "Stop recording me.",
                "stop filming us",
                "stop watching",
                "turn off the cameras",
                "switch all the cameras off",
                "shut off both cameras",
                "pause the cameras",
                "close the cameras",
                "don't film us",
                "disable security",
            ],
            "on",
        ),
        (
            &[
                "stop the porch camera",
                "turn off the porch camera",
                "turn the porch camera off",
                "stop recording the porch",
                "stop filming in the porch",
                "privacy for the porch",
                "turn on privacy for the porch camera",
                "privacy on the porch please",
            ],
            "on porch",
        ),
        (&["privacy in the garden", "switch off the garden camera"], "on garden camera"),
        (
            &[
                "privacy off",
                "turn off privacy",
                "switch privacy mode off again",
                "end privacy",
                "stop privacy",
                "turn the cameras back on",
                "turn on the cameras",
                "start the cameras again",
                "start recording again",
                "resume recording",
                "resume filming",
            ],
            "off",
        ),
        (
            &[
                "turn on the porch camera",
                "turn the porch camera back on",
                "start recording the porch again",
                "turn off privacy for the porch",
                "end privacy for the porch camera",
            ],
            "off porch",
        ),
    ];
    for (sentences, expected) in table {
        for sentence in sentences {
            let got = switched(&home, sentence);
            if got != expected {
                wrong.push(format!("\"{sentence}\": {got}, and not {expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    home.expect(
        &["turn off the attic camera"],
        "PorchlightPrivacy",
        "There is no attic camera. There is porch and garden.",
    );
    Ok(())
}

#[test]
fn what_stops_or_asks_something_else_switches_no_camera() -> Outcome {
    let home = home()?;
    for sentence in [
        "stop",
        "stop the timer",
        "stop listening",
        "are you recording me",
        "is the porch camera on",
        "what is your privacy policy",
        "that's private",
        "start a timer for five minutes",
        "turn off the porch light",
        "turn off the lights",
        "remind me to turn off the cameras at six",
        "put privacy screen on the shopping list",
    ] {
        let answer = home.ask(sentence);
        let switches = answer.changes.iter().any(|change| matches!(change, Change::SwitchPrivacy { .. }));
        assert!(!switches, "\"{sentence}\" gives {answer:?}");
    }
    Ok(())
}

#[test]
fn a_voice_that_nobody_knows_switches_nothing() -> Outcome {
    let home = home()?;
    for sentence in ["privacy please", "turn off the porch camera", "turn the cameras on"] {
        let situation = Situation { speaker: Speaker::Unknown, ..home.situation() };
        let answer = respond(&home.matcher, &home.names, sentence, &situation);
        assert_eq!((answer.changes.len(), answer.reply), (0, privacy_answered(&PrivacyAnswer::Refused)));
    }
    assert_eq!(Home::new()?.ask("privacy please").reply, "There are no cameras in this home.");
    Ok(())
}

#[test]
fn says_what_became_of_it() {
    let of = |on, switched: &[&str], already: &[&str]| {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        privacy_answered(&PrivacyAnswer::Done { on, switched: owned(switched), already: owned(already) })
    };
    assert_eq!(
        of(true, &["Porch", "Hall"], &[]),
        "Privacy is on for Porch and Hall. I see, hear and record nothing of them until you switch privacy off."
    );
    assert_eq!(of(true, &[], &["Porch"]), "Privacy was on already for Porch.");
    assert_eq!(
        of(false, &["Porch"], &["Hall"]),
        "Privacy is off for Porch. It will be watched again as soon as it answers, and recorded where that was agreed to."
    );
}
