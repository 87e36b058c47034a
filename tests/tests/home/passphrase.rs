//! Another passphrase, for somebody who knows the one they have.

use std::fs;

use porchlight_household::sign_in::opaque::Registration;
use porchlight_tests::{Home, Member, Page, text};
use serde_json::json;

const NEW: &str = "nine copper kettles whistle in the fog";

#[test]
fn a_new_passphrase_opens_what_the_old_one_did_and_ends_the_other_sessions() {
    let home = Home::quiet();
    let told = home.events(&[]);
    let mut page = Page::open(&home);
    let (signed_in, old_key) = page.sign_in(&home, "Anna");
    let mut elsewhere = Page::open(&home);
    elsewhere.sign_in(&home, "Anna");
    let stream = elsewhere.events();
    let anna = Member::of_kit(&home, "Anna");
    let wrapped = page.get("/api/identity").1;
    assert!(anna.unwraps(text(&wrapped, "wrapped"), &old_key));

    let (registration, request) = Registration::start(NEW).unwrap();
    let (status, answer) = page.post("/api/account/passphrase/start", &json!({ "request": request }));
    assert_eq!(status, 200, "{answer}");
    let registered = registration.finish(text(&answer, "response")).unwrap();
    let body = json!({ "record": registered.record, "wrapped": anna.wrapped(&registered.export_key) });
    let (status, said) = page.ask("PUT", "/api/account/passphrase", Some(&body));
    assert_eq!(status, 204, "{said}");

    // Whoever is signed out by it learns why, and from where.
    let end = stream.wait_for("the end", 10, |event| event["event"] == "session-ended");
    assert_eq!((text(&end, "by"), text(&end, "client")), ("passphrase", "a page"), "{end}");

    // This session goes on, the command line's is over, and the household is told.
    assert_eq!(page.get("/api/me").0, 200);
    assert!(home.anna(&["list"]).refused().contains("sign in again"));
    drop(told);
    let wrapped = page.get("/api/identity").1;
    assert!(anna.unwraps(text(&wrapped, "wrapped"), &registered.export_key));
    assert!(!anna.unwraps(text(&wrapped, "wrapped"), &old_key));

    home.sign_in("Anna").refused();
    fs::write(home.passphrase("Anna"), NEW).unwrap();
    home.sign_in("Anna").one();
    let lines = home.anna(&["ledger", "list", "--kind", "passphrase"]).lines();
    assert_eq!(lines.len(), 1, "{lines:?}");
    let events = home.events(&[]);
    let event = events.wait_for("it is told", 10, |event| event["event"] == "account-changed");
    assert_eq!((text(&event, "person"), text(&event, "change")), ("Anna", "passphrase"));
    assert_eq!(event["session"], signed_in["session"]);
}

#[test]
fn what_is_no_passphrase_changes_nothing() {
    let home = Home::quiet();
    let mut page = Page::open(&home);
    page.sign_in(&home, "Anna");
    for body in [json!({ "record": "", "wrapped": "" }), json!({ "record": "AAAA", "wrapped": "AAAA" })] {
        assert_eq!(page.ask("PUT", "/api/account/passphrase", Some(&body)).0, 400);
    }
    assert_eq!(
        Page::open(&home)
            .ask("PUT", "/api/account/passphrase", Some(&json!({ "record": "", "wrapped": "" })))
            .0,
        401
    );
    home.anna(&["list"]).lines();
}
