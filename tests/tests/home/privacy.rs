//! Privacy: a camera that an adult switched off for now is connected to no more, until an adult switches it on again.

use std::time::{Duration, Instant};

use porchlight_tests::{Home, Page, StandInCamera, text, until};
use serde_json::{Value, json};

fn privacy_of(home: &Home, name: &str) -> Value {
    home.device(name)["privacy"].clone()
}

fn recorded(home: &Home) {
    until("it is recorded", 60, || (home.device("Porch")["recording"] == true).then_some(()));
}

/// The details of the lines about privacy, oldest first.
fn told(home: &Home) -> Vec<Value> {
    let lines = home.anna(&["ledger", "list", "--kind", "privacy"]).lines();
    lines.into_iter().map(|line| line["detail"].clone()).collect()
}

#[test]
fn privacy_ends_a_cameras_session_and_outlives_a_restart() {
    let Some(camera) = StandInCamera::start(false) else { return };
    let mut home = Home::quiet();
    home.add_adult("Ben");
    home.add_teen("Noah");
    home.add_camera("Porch", &camera.url());
    recorded(&home);
    let porch = text(&home.device("Porch"), "id").to_owned();
    let mut anna = Page::open(&home);
    anna.sign_in(&home, "Anna");
    let mut noah = Page::open(&home);
    noah.sign_in(&home, "Noah");
    let events = home.events(&[]);

    // Who is no adult switches nothing, and nobody a camera that is none.
    let asked = |on: bool, cameras: &[&str]| json!({ "on": on, "cameras": cameras });
    assert_eq!(noah.ask("PUT", "/api/privacy", Some(&asked(true, &[]))).0, 403);
    assert_eq!(anna.ask("PUT", "/api/privacy", Some(&asked(true, &["nowhere"]))).0, 404);
    home.run_as("Ben", &["privacy", "on", "Nowhere"]).refused();
    assert!(privacy_of(&home, "Porch").is_null());

    // Another adult switches it on: the live picture ends, nobody may begin one, and nothing is recorded from then on.
    let mut live = anna.watch(&porch).unwrap();
    live.message().unwrap();
    let switched = home.run_as("Ben", &["privacy", "on", "Porch"]).one();
    assert_eq!(switched["cameras"], json!(["Porch"]));
    let (why, took) = live.ends();
    assert_eq!(why, "privacy");
    assert!(took < Duration::from_secs(2), "{took:?}");
    assert_eq!(anna.watch(&porch).err(), Some(409));
    let device = home.device("Porch");
    assert_eq!((text(&device["said"], "code"), &device["recording"]), ("camera-privacy", &json!(false)));
    assert_eq!(text(&device["privacy"], "by"), "Ben");
    assert!(
        text(&device, "state").contains(", by Ben. Porchlight sees, hears and records nothing"),
        "{device}"
    );
    events.wait_for("everybody is told", 10, |event| {
        event["event"] == "camera" && event["said"]["code"] == "camera-privacy"
    });
    assert_eq!(camera.viewers(), 0, "its session is over");
    let kept = home.list(&["--device", "Porch"]).len();
    let again = home.run_as("Ben", &["privacy", "on"]).one();
    assert_eq!(again["cameras"], json!([]), "it is on already");

    // A start changes nothing about it, and calls it no failure of its own.
    home.kill();
    home.serve();
    assert_eq!(text(&home.device("Porch")["said"], "code"), "camera-privacy");
    assert_eq!(home.list(&["--device", "Porch"]).len(), kept);
    assert_eq!(camera.viewers(), 0);

    // By voice it is for an adult who is known to speak: here in her own session, and nowhere else.
    home.add_microphone("Kitchen");
    let said = home.anna(&["ask", "Turn the cameras back on.", "--device", "Kitchen"]).one();
    assert!(text(&said, "reply").starts_with("A voice alone does not stop security video"), "{said}");
    let said = home.run_as("Noah", &["ask", "Turn the cameras back on."]).one();
    assert!(text(&said, "reply").starts_with("A voice alone"), "{said}");
    assert!(!privacy_of(&home, "Porch").is_null());
    let began = Instant::now();
    let said = home.anna(&["ask", "Turn the porch camera back on."]).one();
    assert!(text(&said, "reply").starts_with("Privacy is off for Porch."), "{said}");
    assert!(privacy_of(&home, "Porch").is_null());
    recorded(&home);
    assert!(began.elapsed() < Duration::from_secs(30), "it begins at once");
    let missed = home.device("Porch")["missed"].as_array().unwrap().clone();
    let codes: Vec<&str> = missed.iter().map(|gap| text(&gap["said"], "code")).collect();
    assert_eq!(codes, ["camera-had-privacy"], "{missed:?}");
    let said = home.anna(&["ask", "Privacy please."]).one();
    assert!(text(&said, "reply").starts_with("Privacy is on for Porch."), "{said}");

    // Each is a line, in words too.
    let told = told(&home);
    let on: Vec<bool> = told.iter().map(|one| one["on"] == true).collect();
    assert_eq!((on, &told[0]["devices"]), (vec![true, false, true], &json!(["Porch"])), "{told:?}");
    let words = home.words(&["ledger", "list", "--kind", "privacy"]);
    assert!(words.contains("Ben switched privacy on for Porch."), "{words}");

    // It goes with its camera.
    home.anna(&["device", "remove", "Porch", "--yes"]).one();
    home.add_camera("Porch", &camera.url());
    recorded(&home);
}
