//! Sound files that Porchlight does not take: each is refused by name, with what to do, and the hub goes on.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use porchlight_tests::{Home, Page, Wav, text};

const CONVERT: &str = "ffmpeg -i IN -ac 1 -ar 16000 -c:a pcm_s16le OUT.wav";

fn say(home: &Home, file: &Path) -> String {
    home.anna(&["say", file.to_str().unwrap(), "--device", "Kitchen"]).refused()
}

#[test]
fn sound_of_another_form_is_refused_with_the_command_that_converts_it() {
    let home = Home::quiet();
    home.add_microphone("Kitchen");
    let file = home.file("sound.wav");
    for (wav, cause) in [
        (Wav { bits: 8, ..Wav::RIGHT }, "8-bit"),
        (Wav { bits: 24, ..Wav::RIGHT }, "24-bit"),
        (Wav { channels: 2, ..Wav::RIGHT }, "2 channels"),
        (Wav { rate: 44_100, ..Wav::RIGHT }, "44100 samples a second"),
    ] {
        wav.write(&file);
        let why = say(&home, &file);
        assert!(why.contains(cause) && why.contains(CONVERT), "{cause}: {why}");
        assert!(why.contains("sound.wav"), "the file is named: {why}");
    }
    fs::write(&file, "Dear Diary, today I spoke to a lamp.\n").unwrap();
    let why = say(&home, &file);
    assert!(why.contains("not a WAV file") && why.contains(CONVERT), "{why}");
    assert!(!why.contains("Diary"), "what is in it is nobody's business: {why}");
    home.list(&[]);
}

#[test]
fn sound_that_was_cut_off_is_refused_with_the_cause() {
    let home = Home::quiet();
    home.add_microphone("Kitchen");
    let file = home.file("sound.wav");
    Wav::RIGHT.write(&file);
    let whole = fs::read(&file).unwrap();
    for (bytes, cause) in [
        (0, "is empty"),
        (10, "ends within its first 12 bytes"),
        (30, "cut off"),
        (44, "cut off"),
        (whole.len() / 2, "cut off"),
        (whole.len() - 1, "cut off"),
    ] {
        fs::write(&file, &whole[..bytes]).unwrap();
        let why = say(&home, &file);
        assert!(why.contains(cause), "the first {bytes} bytes: {why}");
    }
    Wav { seconds: 0.0, ..Wav::RIGHT }.write(&file);
    let why = say(&home, &file);
    assert!(why.contains("no sound"), "{why}");
    let why = say(&home, &home.file("no such file.wav"));
    assert!(why.contains("no such file.wav"), "{why}");
    home.list(&[]);
}

#[test]
fn two_hours_of_sound_are_refused_at_once() {
    let home = Home::quiet();
    home.add_microphone("Kitchen");
    let file = home.file("sound.wav");
    Wav { seconds: 7200.0, ..Wav::RIGHT }.write_sparse(&file);
    let began = Instant::now();
    let why = say(&home, &file);
    assert!(began.elapsed() < Duration::from_secs(10), "it took {:?}", began.elapsed());
    assert!(why.contains("7200 seconds") && why.contains("at most 120"), "{why}");
    home.list(&[]);
}

#[test]
fn a_camera_and_an_unknown_device_hear_nothing() {
    let home = Home::quiet();
    let file = home.file("sound.wav");
    Wav::RIGHT.write(&file);
    let why = say(&home, &file);
    assert!(why.contains("Kitchen"), "{why}");
    home.add_camera("Porch", &porchlight_tests::BadCamera::Refusing.url());
    let why = home.anna(&["say", file.to_str().unwrap(), "--device", "Porch"]).refused();
    assert!(why.contains("is a camera"), "{why}");
}

#[test]
fn a_session_has_few_sounds_under_way_and_holds_up_nobody_elses() {
    let home = Home::quiet();
    let mut page = Page::open(&home);
    page.sign_in(&home, "Anna");
    let noise = [0; 4];
    let mut under_way: Vec<_> = ["/api/hear", "/api/say", "/api/hear", "/api/say"]
        .into_iter()
        .map(|path| page.begin(path, noise.len()).unwrap_or_else(|refused| panic!("{refused:?}")))
        .collect();
    for path in ["/api/hear", "/api/say"] {
        let (status, said) = page.begin(path, noise.len()).err().unwrap();
        assert_eq!((status, text(&said, "error")), (429, "too-many"), "{said}");
        assert!(text(&said, "message").contains("saying much at once"), "{said}");
    }
    // Another session is listened to, as far as a hub without ears listens.
    let file = home.file("sound.wav");
    Wav::RIGHT.write(&file);
    let why = home.anna(&["hear", file.to_str().unwrap()]).refused();
    assert!(why.contains("cannot hear"), "{why}");
    // What was refused took no place, and what came to its end gives one back.
    let (status, said) = under_way.remove(0).finish(&noise);
    assert_eq!((status, text(&said, "error")), (422, "bad-wav"));
    assert!(page.begin("/api/hear", noise.len()).is_ok());
}
