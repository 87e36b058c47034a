//! Getting back in with the printed kit, when the passphrase is forgotten or the phone is lost.

use std::fs;

use porchlight_household::Kit;
use porchlight_tests::{Home, Member, Page, Renewed, text};
use serde_json::{Value, json};

const NEW: &str = "nine copper kettles whistle in the fog";

/// What somebody with this kit sends to get back in as `name`; and the challenge they answered.
fn recovery(home: &Home, page: &mut Page, member: &Member, name: &str) -> (Value, Value) {
    let (renewed, challenge) = begun(home, page, member, name);
    (member.recovery(&renewed, &challenge), challenge)
}

/// Somebody who has begun to get back in as `name`.
pub(crate) fn begun(home: &Home, page: &mut Page, member: &Member, name: &str) -> (Renewed, Value) {
    member.renewed(home, "again", NEW, |request| {
        let (status, answer) = page.post("/api/recovery/start", &json!({ "name": name, "request": request }));
        assert_eq!(status, 200, "{answer}");
        answer
    })
}

#[test]
fn the_kit_gets_its_owner_back_in_with_a_new_passphrase_and_a_new_authenticator() {
    let home = Home::quiet();
    home.add_adult("Tom");
    home.add_annas_microphone("Study");
    let mut study = Page::of_microphone(&home, &home.credential("Anna", "Study"));
    let mut old = Page::open(&home);
    old.sign_in(&home, "Anna");
    let stream = old.events();
    let anna = Member::of_kit(&home, "Anna");
    let mut page = Page::open(&home);
    let (finish, _) = recovery(&home, &mut page, &anna, "anna");
    let (status, signed_in) = page.post("/api/recovery/finish", &finish);
    assert_eq!((status, text(&signed_in, "person")), (200, "Anna"), "{signed_in}");
    assert_eq!(page.post("/api/recovery/finish", &finish).0, 401, "a kit's answer works once");

    // Every other session is over, and what it listened to.
    let end = stream.wait_for("the end", 10, |event| event["event"] == "session-ended");
    assert_eq!((text(&end, "by"), text(&end, "client")), ("recovery", "a page"), "{end}");
    assert_eq!(old.get("/api/me").0, 401);
    let time = json!({ "text": "What time is it?" });
    assert_eq!(study.post("/api/ask", &time).0, 401, "her own microphone's credential has ended");
    assert!(home.anna(&["list"]).refused().contains("sign in again"));
    assert_eq!(page.get("/api/sessions").1.as_array().unwrap().len(), 1);
    // The household is told, and it is in the ledger.
    let events = home.run_as("Tom", &["events", "--after", "0", "--count", "8"]).lines();
    let told =
        events.iter().find(|event| event["event"] == "recovered").unwrap_or_else(|| panic!("{events:?}"));
    assert_eq!((text(told, "person"), text(told, "client")), ("Anna", "a page"));
    let lines = home.run_as("Tom", &["ledger", "list", "--kind", "recovery"]).lines();
    let ended: Vec<_> =
        lines.iter().map(|line| line["detail"]["microphones"].as_array().map(Vec::len)).collect();
    assert_eq!(ended, [Some(1)], "{lines:?}");

    // The old passphrase and the old authenticator are of no use, each by itself; the new ones are, and open the same identity.
    home.sign_in("Anna").refused();
    fs::write(home.file("new.passphrase"), NEW).unwrap();
    home.sign_in_with("Anna", &home.file("new.passphrase"), &home.totp("Anna")).refused();
    home.sign_in_with("Anna", &home.passphrase("Anna"), &home.totp("again")).refused();
    let (_, key) = Page::open(&home).sign_in_with("Anna", NEW, &home.totp("again"));
    let wrapped = page.get("/api/identity").1;
    assert!(anna.unwraps(text(&wrapped, "wrapped"), &key));
    // The kit is as good as before.
    let (finish, _) = recovery(&home, &mut page, &anna, "Anna");
    assert_eq!(page.post("/api/recovery/finish", &finish).0, 200);
}

#[test]
fn another_kit_and_an_unknown_name_are_refused_alike_and_slowed_down() {
    let home = Home::quiet();
    let mut page = Page::open(&home);
    let stranger = Member::new();
    let mut refusals = Vec::new();
    let mut answers = Vec::new();
    for name in ["Anna", "Nobody"] {
        let (finish, challenge) = recovery(&home, &mut page, &stranger, name);
        let keys: Vec<_> = challenge.as_object().unwrap().keys().cloned().collect();
        let long = |field: &str| text(&challenge, field).len();
        answers.push((keys, long("attempt"), long("challenge"), long("response")));
        refusals.push(page.post("/api/recovery/finish", &finish));
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(refusals[0], refusals[1]);
    assert_eq!((refusals[0].0, text(&refusals[0].1, "error")), (401, "not-right"));
    // An answer to one challenge is none to another.
    let anna = Member::of_kit(&home, "Anna");
    let (mut finish, _) = recovery(&home, &mut page, &anna, "Anna");
    let (second, _) = recovery(&home, &mut page, &anna, "Anna");
    finish["attempt"] = second["attempt"].clone();
    assert_eq!(page.post("/api/recovery/finish", &finish).0, 401);
    home.anna(&["list"]).lines();

    for _ in 0..3 {
        let (finish, _) = recovery(&home, &mut page, &stranger, "Anna");
        assert_eq!(page.post("/api/recovery/finish", &finish).0, 401);
    }
    let (_, request) = porchlight_household::sign_in::opaque::Registration::start(NEW).unwrap();
    // A slow machine may let the first wait go by before this; the next is longer.
    let again = json!({ "name": "ANNA ", "request": request });
    let refused = (0..4).map(|_| page.post("/api/recovery/start", &again)).find(|(status, _)| *status != 200);
    assert_eq!(refused.map(|(status, said)| (status, said["error"].clone())), Some((429, "too-many".into())));

    // In whatever spelling: one question has one answer for a name, be it somebody's or nobody's.
    let answer = |page: &mut Page, name: &str| {
        let (status, said) = page.post("/api/recovery/start", &json!({ "name": name, "request": request }));
        assert_eq!(status, 200, "{said}");
        text(&said, "response").to_owned()
    };
    assert_eq!(answer(&mut page, "Eve"), answer(&mut page, " EVE"));
}

#[test]
fn a_kit_of_an_earlier_release_is_replaced_and_a_new_one_makes_the_one_before_worthless() {
    let mut home = Home::of_an_earlier_release();
    home.serve();
    let signed_in = home.sign_in("Anna");
    assert!(signed_in.messages.contains("porchlight account new-kit"), "{}", signed_in.messages);
    assert_eq!(signed_in.one()["old_kit"], true);
    let doctor = || home.anna(&["doctor"]).json_lines();
    let kits =
        |checks: &[Value]| checks.iter().find(|check| check["name"] == "recovery kits").unwrap().clone();
    let said = kits(&doctor());
    assert_eq!(
        (text(&said, "state"), text(&said, "sentence").contains("Anna")),
        ("warning", false),
        "{said}"
    );

    // It holds the identity alone, and answers nothing.
    let before = Kit::read(&fs::read_to_string(home.kit("Anna")).unwrap()).unwrap();
    assert!(before.recovery.is_none());
    let mut page = Page::open(&home);
    let anna = Member { keys: before.keys, ..Member::new() };
    let (finish, _) = recovery(&home, &mut page, &anna, "Anna");
    let (status, said) = page.post("/api/recovery/finish", &finish);
    assert_eq!((status, text(&said, "error")), (401, "not-right"), "{said}");

    // Nothing that lasts can be made of this account before there is another.
    let (signed_in, _) = page.sign_in(&home, "Anna");
    assert_eq!((&signed_in["old_kit"], &page.get("/api/me").1["old_kit"]), (&json!(true), &json!(true)));
    let change = anna.new_passphrase(text(&signed_in, "proof"), "AAAA", "AAAA");
    let (status, said) = page.ask("PUT", "/api/account/passphrase", Some(&change));
    assert_eq!((status, text(&said, "error")), (409, "old-kit"), "{said}");

    let told = home.events(&[]);
    let (first, second) = (home.file("first.kit"), home.file("second.kit"));
    home.new_kit("Anna", &first).one();
    let event = told.wait_for("it is told", 10, |event| event["event"] == "account-changed");
    assert_eq!((text(&event, "person"), text(&event, "change")), ("Anna", "recovery-kit"));
    assert_eq!(page.get("/api/me").1["old_kit"], false);
    assert_eq!(text(&kits(&doctor()), "state"), "good");
    assert!(home.new_kit("Anna", &first).refused().contains("already there"), "no key is written over");
    home.new_kit("Anna", &second).one();
    assert_eq!(home.anna(&["ledger", "list", "--kind", "recovery-kit"]).lines().len(), 2);

    let read = |file| Kit::read(&fs::read_to_string(file).unwrap()).unwrap();
    for (kit, good) in [(read(&first), false), (read(&second), true)] {
        assert_eq!(kit.keys.public(), anna.keys.public(), "what was exported opens with each");
        let member = Member { keys: kit.keys, recovery: kit.recovery.unwrap() };
        let (finish, _) = recovery(&home, &mut page, &member, "Anna");
        let (status, said) = page.post("/api/recovery/finish", &finish);
        assert_eq!(status == 200, good, "{said}");
    }
}
