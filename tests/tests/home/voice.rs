//! What is said: understood, answered, and kept only where it may be.

use std::fs;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use porchlight_tests::{Home, find_bytes, ids, text};
use serde_json::Value;

fn kept(said: &Value) -> Vec<u64> {
    ids(said["kept"].as_array().unwrap())
}

/// Where the household lives.
fn there() -> TimeZone {
    TimeZone::get("Europe/Berlin").unwrap()
}

/// Every minute that began while something was asked, from the one in which it was asked on.
fn minutes_since(asked: Timestamp) -> Vec<DateTime> {
    let minute = |at| there().to_datetime(at).with().second(0).subsec_nanosecond(0).build().unwrap();
    let (first, last) = (minute(asked), minute(Timestamp::now()));
    first.series(1.minute()).take_while(|minute| *minute <= last).collect()
}

/// How a time is said: a full hour has no minutes.
fn as_said(time: &DateTime) -> String {
    match (time.hour(), time.minute()) {
        (0, 0) => "midnight".to_owned(),
        (12, 0) => "noon".to_owned(),
        (_, 0) => time.strftime("%-I %p").to_string(),
        _ => time.strftime("%-I:%M %p").to_string(),
    }
}

#[test]
fn the_time_and_the_date_are_told_to_anybody_and_nothing_is_kept() {
    let Some(home) = Home::that_speaks() else { return };
    home.add_microphone("Kitchen");
    home.anna(&["consent", "grant", "Anna", "history"]).one();

    // Spoken first, which may take minutes.
    home.speech("What time is it?");
    let asked = Timestamp::now();
    let said = home.say("What time is it?", "Kitchen");
    let right =
        minutes_since(asked).iter().any(|minute| format!("It is {}.", as_said(minute)) == said["reply"]);
    assert_eq!(
        (text(&said, "transcript"), text(&said, "intent")),
        ("What time is it?", "HassGetCurrentTime")
    );
    assert!(right, "{said}");
    assert!(said["timings"]["to_text"].as_f64().unwrap() > 0.0);

    let asked = Timestamp::now();
    let said = home.say("What day is it?", "Kitchen");
    let of_day = |time: &DateTime| text(&said, "reply").contains(&time.strftime("%A, %B %-d").to_string());
    assert!(minutes_since(asked).iter().any(of_day), "{said}");

    // Anna agreed to history, and yet: at a shared microphone it could be anybody, a child too.
    assert!(kept(&said).is_empty(), "{said}");
    assert!(text(&said, "not_kept").contains("a child too"), "{said}");
    assert!(home.list(&[]).is_empty());
}

#[test]
fn an_answer_can_be_heard_too() {
    let Some(home) = Home::that_speaks() else { return };
    home.add_microphone("Kitchen");
    let (question, answer) = (home.speech("What day is it?"), home.file("answer.wav"));
    let said = home
        .anna(&["say", question.to_str().unwrap(), "--device", "Kitchen", "--out", answer.to_str().unwrap()])
        .one();
    assert!(said["timings"]["speak"].as_f64().unwrap() > 0.0);
    assert!(said.get("speech").is_none(), "the sound is in the file and not in the answer");
    let sound = fs::read(answer).unwrap();
    assert!(sound.starts_with(b"RIFF") && sound.len() > 16_000, "over a third of a second of sound");
}

#[test]
fn the_shopping_list_is_added_to_read_and_taken_from() {
    let Some(home) = Home::that_speaks() else { return };
    home.add_microphone("Kitchen");
    let said = home.say("Put bananas on the shopping list.", "Kitchen");
    let left = &said["left"][0];
    assert_eq!((text(left, "kind"), text(left, "change")), ("note", "added"), "{said}");
    let notes = home.list(&["--kind", "note"]);
    assert_eq!(ids(&notes), ids([left]), "an effect, although the voice was nobody's");
    assert_eq!((text(&notes[0], "owner"), &notes[0]["person"]), ("household", &Value::Null));
    assert!(notes[0]["ends"].is_string(), "a list item ends some day");

    let said = home.say("What is on my shopping list?", "Kitchen");
    assert!(text(&said, "reply").to_lowercase().contains("bananas"), "{said}");
    let said = home.say("Remove bananas from the shopping list.", "Kitchen");
    assert_eq!(text(&said["left"][0], "change"), "removed", "{said}");
    assert!(home.list(&["--kind", "note"]).is_empty());
    let said = home.say("What is on my shopping list?", "Kitchen");
    assert!(!text(&said, "reply").to_lowercase().contains("bananas"), "{said}");
}

#[test]
fn the_cameras_of_the_home_are_named() {
    let Some(home) = Home::that_speaks() else { return };
    home.add_microphone("Kitchen");
    let said = home.say("Which cameras are there?", "Kitchen");
    assert!(text(&said, "reply").contains("no cameras"), "{said}");
    home.add_camera("Porch", &porchlight_tests::BadCamera::Refusing.url());
    let said = home.say("Which cameras are there?", "Kitchen");
    assert!(text(&said, "reply").to_lowercase().contains("porch"), "{said}");
}

#[test]
fn what_was_heard_is_told_in_words_only_where_they_were_said() {
    let Some(home) = Home::that_speaks() else { return };
    home.add_microphone("Kitchen");
    home.anna(&["device", "add", "Study", "--kind", "microphone", "--person", "Anna"]).one();
    home.say("What day is it?", "Study");
    home.say("What time is it?", "Kitchen");

    let at_the_study = home.say("What did you hear?", "Study");
    let reply = text(&at_the_study, "reply");
    assert!(reply.contains("two things") && reply.contains("What day is it"), "Anna's own words: {reply}");
    assert!(!reply.contains("What time is it"), "none of an unknown voice: {reply}");

    let in_the_kitchen = home.say("What did you hear?", "Kitchen");
    let reply = text(&in_the_kitchen, "reply");
    assert!(
        reply.contains("one thing that I may speak of here"),
        "of Anna's own device not even that she spoke: {reply}"
    );
    assert!(!reply.contains("What day is it"), "no words of another device: {reply}");
    assert!(!reply.contains("What time is it"), "not even here, of an unknown voice: {reply}");
}

#[test]
fn an_adults_own_words_are_kept_as_one_moment_sealed_to_them() {
    let Some(home) = Home::that_speaks() else { return };
    home.add_adult("Tom");
    home.add_annas_microphone("Study");
    let said = home.say("What day is it?", "Study");
    let kept = kept(&said);
    let listed = home.list(&["--device", "Study"]);
    assert_eq!(ids(&listed), kept);
    let kinds: Vec<_> = listed.iter().map(|recording| text(recording, "kind")).collect();
    assert_eq!(kinds, ["voice", "transcript", "reply"]);
    for recording in &listed {
        assert_eq!(recording["moment"], listed[0]["moment"], "one moment");
        assert_eq!(recording["sources"][0], listed[0]["moment"]);
        assert_eq!((text(recording, "person"), text(recording, "owner")), ("Anna", "Anna"));
        assert_eq!(text(recording, "purpose"), "history");
        assert!(recording["ends"].is_string());
    }
    assert_eq!(home.open(kept[0]), fs::read(home.speech("What day is it?")).unwrap(), "the very sound");
    assert_eq!(home.open(kept[1]), text(&said, "transcript").as_bytes());
    assert_eq!(home.open(kept[2]), text(&said, "reply").as_bytes());

    // Push-to-talk in her own session is hers too; what Tom says into her microphone is nobody's.
    let question = home.speech("What day is it?");
    let question = question.to_str().unwrap();
    assert_eq!(ids(home.anna(&["say", question]).one()["kept"].as_array().unwrap()).len(), 3);
    let toms = home.run_as("Tom", &["say", question, "--device", "Study"]).one();
    assert!(ids(toms["kept"].as_array().unwrap()).is_empty(), "{toms}");

    // Tom sees not even that it is there, and opens nothing of it: it is answered like what never was.
    assert!(home.run_as("Tom", &["list", "--person", "Anna"]).lines().is_empty());
    let why = home.run_as("Tom", &["open", &kept[0].to_string(), "--out", "-"]).refused();
    let never = home.run_as("Tom", &["open", "999999", "--out", "-"]).refused();
    assert_eq!(why.replace(&kept[0].to_string(), "999999"), never);
}

#[test]
fn of_an_unknown_voice_not_one_byte_reaches_a_disk() {
    let Some(mut home) = Home::that_speaks() else { return };
    // Whatever is logged, and however.
    home.stop();
    home.set("PORCHLIGHT_LOG", "trace");
    home.serve_with(&["--log", "json"]);
    home.add_microphone("Kitchen");
    home.anna(&["consent", "grant", "Anna", "history"]).one();
    let sentence = "The elephant plays the trombone on Thursday.";
    let said = home.say(sentence, "Kitchen");
    let heard = text(&said, "transcript").to_lowercase();
    assert!(heard.contains("elephant"), "the canary was heard: {heard}");

    let sound = fs::read(home.speech(sentence)).unwrap();
    let inside = &sound[sound.len() / 2..][..256];
    let look_everywhere = |home: &Home| {
        for folder in [home.data(), home.strongbox()] {
            for canary in ["elephant", "Elephant", "trombone"] {
                assert_eq!(find_bytes(&folder, canary.as_bytes()), None, "{canary}");
            }
            assert_eq!(find_bytes(&folder, inside), None, "the sound itself");
        }
        assert!(!home.log().to_lowercase().contains("elephant"), "{}", home.log());
    };
    look_everywhere(&home);
    home.kill();
    look_everywhere(&home);
    home.serve();
    home.stop();
    look_everywhere(&home);
}

#[test]
fn a_hub_without_models_says_so_and_does_the_rest() {
    let home = Home::quiet();
    home.add_microphone("Kitchen");
    let file = home.file("tone.wav");
    porchlight_tests::Wav::RIGHT.write(&file);
    let why = home.anna(&["say", file.to_str().unwrap(), "--device", "Kitchen"]).refused();
    assert!(why.contains("cannot hear or speak"), "{why}");
    let why = home.anna(&["speak", "Good evening", "--out", file.to_str().unwrap()]).refused();
    assert!(why.contains("cannot hear or speak"), "{why}");
    let checks = home.anna(&["doctor"]);
    assert!(!checks.succeeded(), "something has to be mended");
    let bad: Vec<_> = checks.json_lines().into_iter().filter(|check| check["state"] == "bad").collect();
    assert_eq!(bad.iter().map(|check| text(check, "name")).collect::<Vec<_>>(), ["voice"]);
    home.list(&[]);
}
