//! A household whose hub was without power: what reaches its end waits until the time is certain, and everybody is told.

use jiff::{SignedDuration, Timestamp};
use porchlight_tests::{Home, Page, text};
use serde_json::{Value, json};

/// As if the power had been away for so many hours, since when the hub has seen no time.
fn without_power(home: &mut Home, hours: i64) {
    home.stop();
    let since = Timestamp::now() - SignedDuration::from_hours(hours);
    let at = since.as_microsecond();
    home.sql("catalog.sqlite", "UPDATE state SET latest = ?, anchor_boot = NULL, planned_at = ?", &[at, at]);
    home.serve();
}

/// What `doctor` says of something.
fn doctor(home: &Home, name: &str) -> Option<Value> {
    let checks = home.anna(&["doctor"]).json_lines();
    checks.into_iter().find(|check| text(check, "name") == name)
}

#[test]
fn after_eight_days_without_power_everybody_is_told_and_an_adult_confirms_the_time() {
    let mut home = Home::quiet();
    home.add_teen("Noah");
    assert_eq!(text(&doctor(&home, "clock").unwrap(), "state"), "good");
    without_power(&mut home, 8 * 24);
    let mut page = Page::open(&home);
    page.sign_in(&home, "Anna");
    let mut teens = Page::open(&home);
    teens.sign_in(&home, "Noah");

    let waits = "What reached its end since";
    let told = doctor(&home, "clock").unwrap();
    assert_eq!(text(&told, "state"), "bad");
    assert!(text(&told, "sentence").starts_with(waits), "{told}");
    assert!(home.words(&["policy"]).starts_with(waits));
    assert!(home.words(&["clock", "show"]).contains(waits));
    for page in [&mut page, &mut teens] {
        let (_, concerns) = page.get("/api/attention");
        assert_eq!(text(&concerns[0]["said"], "code"), "clock-ahead");
        assert_eq!(text(&concerns[0], "deed"), "confirm-clock");
    }
    // All of that came from beside the hub, with the hub's own clock: it is no evidence.
    let shown = page.get("/api/clock").1;
    assert!(shown["paused"].is_object(), "{shown}");

    // A teen's word is none, nor is that of somebody who looked at another clock.
    let confirm = |at: &Value| json!({ "shown": at });
    let (status, said) = teens.post("/api/clock/confirm", &confirm(&shown["now"]));
    assert_eq!((status, text(&said["said"], "code")), (403, "adults-only"));
    let (status, said) = page.post("/api/clock/confirm", &confirm(&json!("2026-01-01T00:00:00Z")));
    assert_eq!((status, text(&said["said"], "code")), (409, "clock-shows-other"));
    assert!(home.words(&["clock", "show"]).contains(waits));

    let done = home.anna(&["clock", "confirm", "--yes"]).one();
    assert_eq!(done["paused"], Value::Null, "{done}");
    assert_eq!(text(&doctor(&home, "clock").unwrap(), "state"), "good");
    assert_eq!(page.get("/api/attention").1, json!([]));
    assert!(!home.words(&["policy"]).contains(waits));
    assert_eq!(home.anna(&["ledger", "list", "--kind", "clock"]).lines().len(), 1);
    // And after the next start, without a word.
    home.stop();
    home.serve();
    assert!(!home.words(&["clock", "show"]).contains(waits));
}

#[test]
fn who_puts_an_older_copy_back_is_asked_what_becomes_of_newer_ones() {
    let mut home = Home::quiet();
    home.stop();
    let copy = home.file("older");
    porchlight_tests::copy_folder(&home.data(), &copy);
    home.serve();
    home.anna(&["device", "add", "Hall", "--kind", "microphone", "--room", "hall"]).one();
    home.stop();
    std::fs::remove_dir_all(home.data()).unwrap();
    porchlight_tests::copy_folder(&copy, &home.data());
    home.serve();
    home.sign_in("Anna").one();

    let mut page = Page::open(&home);
    page.sign_in(&home, "Anna");
    let (_, concerns) = page.get("/api/attention");
    assert_eq!(text(&concerns[0]["said"], "code"), "newer-copies", "{concerns}");
    assert!(home.words(&["copies", "show"]).contains("older copy"));
    assert_eq!(text(&doctor(&home, "copies").unwrap(), "state"), "warning");
    let (status, _) = page.post("/api/copies/end-newer", &json!({ "made": "2001-01-01T00:00:00Z" }));
    assert_eq!(status, 409, "another copy than the one that was shown");

    let done = home.anna(&["copies", "end-newer", "--yes"]).one();
    assert_eq!(done["made"], Value::Null);
    assert_eq!(page.get("/api/attention").1, json!([]));
    assert_eq!(doctor(&home, "copies"), None);
    assert_eq!(home.anna(&["ledger", "list", "--kind", "copies"]).lines().len(), 1);
    assert!(home.anna(&["copies", "end-newer", "--yes"]).refused().contains("No older copy was put back"));
}
