//! Another passphrase, for somebody who knows the one they have.

use std::fs;

use porchlight_household::sign_in::opaque::Registration;
use porchlight_tests::{Home, Member, Page, text};
use serde_json::{Value, json};

const NEW: &str = "nine copper kettles whistle in the fog";

#[test]
fn a_new_passphrase_opens_what_the_old_one_did_and_ends_the_other_sessions() {
    let home = Home::quiet();
    home.add_annas_microphone("Study");
    home.add_microphone("Kitchen");
    let [mut study, mut kitchen] =
        ["Study", "Kitchen"].map(|device| Page::of_microphone(&home, &home.credential("Anna", device)));
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
    let proof = text(&signed_in, "proof");
    let body = anna.new_passphrase(proof, &registered.record, &anna.wrapped(&registered.export_key));
    let (status, said) = page.ask("PUT", "/api/account/passphrase", Some(&body));
    assert_eq!(status, 204, "{said}");
    let (status, said) = page.ask("PUT", "/api/account/passphrase", Some(&body));
    assert_eq!((status, text(&said, "error")), (403, "step-up"), "a proof is good for one change: {said}");

    // Whoever is signed out by it learns why, and from where.
    let end = stream.wait_for("the end", 10, |event| event["event"] == "session-ended");
    assert_eq!((text(&end, "by"), text(&end, "client")), ("passphrase", "a page"), "{end}");

    // So does what Anna's own microphone speaks by, and what everybody's does goes on.
    let time = json!({ "text": "What time is it?" });
    assert_eq!((study.post("/api/ask", &time).0, kitchen.post("/api/ask", &time).0), (401, 200));

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
    let ended = lines[0]["detail"]["microphones"].as_array().map(Vec::len);
    assert_eq!(ended, Some(1), "the line says which microphone's credential ended: {lines:?}");
    assert_eq!(home.device("Study")["credential"], Value::Null);
    let events = home.events(&[]);
    let event = events.wait_for("it is told", 10, |event| event["event"] == "account-changed");
    assert_eq!((text(&event, "person"), text(&event, "change")), ("Anna", "passphrase"));
    assert_eq!(event["session"], signed_in["session"]);
}

#[test]
fn what_is_no_passphrase_or_not_its_members_own_changes_nothing() {
    let home = Home::quiet();
    let mut page = Page::open(&home);
    let (signed_in, key) = page.sign_in(&home, "Anna");
    let proof = text(&signed_in, "proof");
    let anna = Member::of_kit(&home, "Anna");
    let (registration, request) = Registration::start(NEW).unwrap();
    let answer = page.post("/api/account/passphrase/start", &json!({ "request": request })).1;
    let registered = registration.finish(text(&answer, "response")).unwrap();
    let (record, wrapped) = (registered.record.as_str(), anna.wrapped(&registered.export_key));
    let junk = "A".repeat(wrapped.len());
    let stranger = Member::new();
    let others = stranger.wrapped(&registered.export_key);
    let mut swapped = anna.new_passphrase(proof, record, &wrapped);
    swapped["wrapped"] = junk.as_str().into();
    let bodies = [
        (400, anna.new_passphrase(proof, "AAAA", &wrapped)),
        (400, anna.new_passphrase(proof, record, "AAAA")),
        // Junk in the place of what was stated, somebody else's, and what was stated for another proof.
        (400, swapped),
        (400, stranger.new_passphrase(proof, record, &junk)),
        (400, stranger.new_passphrase(proof, record, &others)),
        (403, anna.new_passphrase("another", record, &wrapped)),
        (403, anna.new_passphrase("", record, &wrapped)),
    ];
    let before = page.get("/api/identity").1;
    for (refused, body) in &bodies {
        let (status, said) = page.ask("PUT", "/api/account/passphrase", Some(body));
        assert_eq!(status, *refused, "{said}");
        assert_eq!(Page::open(&home).ask("PUT", "/api/account/passphrase", Some(body)).0, 401);
    }
    assert_eq!(page.get("/api/identity").1, before);
    assert!(anna.unwraps(text(&before, "wrapped"), &key));
    assert!(home.anna(&["ledger", "list", "--kind", "passphrase"]).lines().is_empty());
    // And the same proof is good for what is right.
    let right = anna.new_passphrase(proof, record, &wrapped);
    assert_eq!(page.ask("PUT", "/api/account/passphrase", Some(&right)).0, 204);
}
