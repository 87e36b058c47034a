//! Sessions as their owner sees them: named, counted, ended; and what a page learns of itself.

use std::time::{Duration, Instant};

use porchlight_tests::{Home, Page, text};
use serde_json::{Value, json};

#[test]
fn a_page_learns_who_it_is_and_of_which_household() {
    let home = Home::quiet();
    let mut page = Page::open(&home);
    let (status, health) = page.get("/api/health");
    assert_eq!((status, text(&health, "state")), (200, "home"));
    assert_eq!(page.get("/api/me").0, 401);
    let (signed_in, _) = page.sign_in(&home, "Anna");
    let (status, me) = page.get("/api/me");
    assert_eq!((status, text(&me, "name"), text(&me, "age")), (200, "Anna", "adult"), "{me}");
    assert_eq!((&me["owner"], text(&me["session"], "id")), (&json!(true), text(&signed_in, "session")));
    let household = &me["household"];
    assert_eq!((text(household, "time_zone"), text(household, "language")), ("Europe/Berlin", "en"));
    assert_eq!((text(household, "units"), &household["version"]), ("metric", &json!(1)));
    assert!(
        me["session"]["fresh_until"].is_string(),
        "whoever has just signed in has proved who they are: {me}"
    );
}

#[test]
fn a_session_has_a_name_of_its_owners_choice() {
    let home = Home::quiet();
    let session = home.anna(&["session", "list"]).one();
    assert_eq!(session["name"], Value::Null);
    let id = text(&session, "id");
    home.anna(&["session", "name", id, "Anna's desk"]).one();
    assert_eq!(home.anna(&["session", "list"]).one()["name"], "Anna's desk");
    assert!(home.words(&["session", "list"]).contains("Anna's desk: "));
    for bad in ["two\nlines", &"x".repeat(65)] {
        home.anna(&["session", "name", id, bad]).refused();
    }
    home.anna(&["session", "name", id]).one();
    assert_eq!(home.anna(&["session", "list"]).one()["name"], Value::Null);
    // Nobody names another's.
    home.add_adult("Tom");
    home.run_as("Tom", &["session", "name", id, "mine"]).refused();
}

#[test]
fn a_session_that_is_ended_hears_that_last_and_nothing_more() {
    let home = Home::quiet();
    let told = home.events(&[]);
    let mut page = Page::open(&home);
    let (signed_in, _) = page.sign_in(&home, "Anna");
    let id = text(&signed_in, "session");
    let announced = told.wait_for("the sign-in is told", 10, |event| event["session"] == id);
    assert_eq!((text(&announced, "event"), &announced["known"]), ("signed-in", &json!(false)));

    let stream = page.events();
    home.add_microphone("Kitchen");
    stream.wait_for("a page hears what happens", 10, |event| event["event"] == "household-changed");
    let before = Instant::now();
    home.anna(&["session", "end", id]).one();
    let last = stream.wait_for("the end", 10, |_| true);
    assert_eq!((text(&last, "event"), text(&last, "session")), ("session-ended", id));
    assert_eq!((text(&last, "by"), &last["client"]), ("itself", &Value::Null));
    stream.ends(10);
    assert!(before.elapsed() < Duration::from_secs(5), "{:?}", before.elapsed());
    assert_eq!(page.get("/api/me").0, 401);

    // The end is nobody else's to hear of, and the browser is known when it comes back.
    page.sign_in(&home, "Anna");
    let next = told.wait_for("what comes next", 60, |event| event["event"] != "household-changed");
    assert_eq!((text(&next, "event"), &next["known"]), ("signed-in", &json!(true)), "{next}");
}

#[test]
fn whoever_is_removed_is_told_that_and_not_to_sign_in_again() {
    let home = Home::quiet();
    home.add_adult("Tom");
    home.sign_in("Tom").one();
    let mut page = Page::open(&home);
    page.sign_in(&home, "Tom");
    let stream = page.events();
    // What is his own is not Anna's to see, which no list of nothing says.
    for command in [&["list", "--person", "Tom"][..], &["forget", "--person", "Tom", "--dry-run"]] {
        let said = home.anna(command).messages;
        assert!(said.contains("What is Tom's own is not yours to see"), "{command:?}: {said}");
    }
    assert!(!home.run_as("Tom", &["list", "--person", "tom"]).messages.contains("not yours"));
    home.anna(&["person", "remove", "Tom", "--yes"]).one();
    let last = stream.wait_for("the end", 10, |event| event["event"] == "session-ended");
    assert_eq!((text(&last, "by"), &last["client"]), ("removal", &Value::Null), "{last}");
    stream.ends(10);
    assert_eq!(page.get("/api/me").0, 401);
}

#[test]
fn a_list_is_as_long_as_was_asked_for_and_in_that_order() {
    let home = Home::quiet();
    home.add_microphone("Kitchen");
    home.add_microphone("Study");
    let mut page = Page::open(&home);
    page.sign_in(&home, "Anna");
    let mut list = |query: &str| {
        let (status, list) = page.get(&format!("/api/recordings?kind=line{query}"));
        assert_eq!(status, 200, "{list}");
        list.as_array().unwrap().iter().map(|line| line["id"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    let all = list("");
    assert!(all.len() >= 4, "two changes and two sign-ins are in the ledger: {all:?}");
    let newest: Vec<u64> = all.iter().rev().take(2).copied().collect();
    assert_eq!(list("&limit=2&newest=true"), newest);
    assert_eq!(list("&limit=2"), newest.into_iter().rev().collect::<Vec<_>>());
    assert_eq!(list("&newest=true"), all.into_iter().rev().collect::<Vec<_>>());
    assert_eq!(page.get("/api/recordings?limit=-1").0, 400);
}
