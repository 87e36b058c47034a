//! The clock, the cameras and what was heard.

use crate::{Home, Outcome};
use porchlight_voice::skill::{Camera, Heard};

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
