//! An open session is not an account: whatever somebody has taken of one, there is no way in of their own.

use std::fs;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use porchlight_household::member::{AccountStatement, MemberKeys, RecoverySecret};
use porchlight_household::sign_in::opaque::Registration;
use porchlight_tests::{Authenticator, Home, Member, Page, Renewed, text};
use serde_json::{Value, json};

use crate::recovery::begun;

/// The session that Anna's command line keeps on her computer: all of the file.
fn session_file(home: &Home) -> Value {
    let file = home.file("Anna.state").join("porchlight/sessions.json");
    let file: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    file["sessions"][home.address()].clone()
}

/// Tries to get back in as Anna with each of these answers to the hub's challenge.
fn try_to_recover(home: &Home, thief: &Member, answers: &dyn Fn(&Renewed, &str) -> Vec<String>) {
    let mut page = Page::open(home);
    let mut many = 1;
    for which in 0.. {
        if which == many {
            break;
        }
        let (renewed, challenge) = begun(home, &mut page, thief, "Anna");
        let answers = answers(&renewed, text(&challenge, "challenge"));
        many = answers.len();
        let finish = thief.recovery_by(&renewed, &challenge, &answers[which]);
        let (status, said) = page.post("/api/recovery/finish", &finish);
        assert_eq!((status, text(&said, "error")), (401, "not-right"), "answer {which}: {said}");
    }
}

#[test]
fn whoever_has_taken_a_session_has_no_way_in_of_their_own() {
    let home = Home::quiet();
    let key = |session: &Value| {
        let key = BASE64_URL_SAFE_NO_PAD.decode(text(session, "unwrap")).unwrap();
        <[u8; 32]>::try_from(key).unwrap()
    };
    let identity = |page: &mut Page| page.get("/api/identity");

    // One that is not fresh: the file, and everything that the hub releases to it.
    home.grow_stale();
    let taken = session_file(&home);
    let mut program = Page::of_session(&home, &taken);
    assert_eq!(program.get("/api/me").0, 200, "it is a session");
    for path in ["/api/identity", "/api/identity?passkey=x"] {
        let (status, said) = program.get(path);
        assert_eq!((status, text(&said, "error")), (403, "step-up"), "{path}: {said}");
    }
    home.anna(&["device", "add", "Porch", "--kind", "microphone"]).unproven();

    // One that is as fresh as it can be, and with it the identity itself.
    home.prove("Anna").one();
    let taken = session_file(&home);
    let mut program = Page::of_session(&home, &taken);
    let (status, wrapped) = identity(&mut program);
    assert_eq!(status, 200, "{wrapped}");
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text(&wrapped, "wrapped")).unwrap();
    let keys = MemberKeys::unwrap(&bytes, &key(&taken)).unwrap();
    let thief = Member { keys, recovery: RecoverySecret::generate().unwrap() };
    assert_eq!(thief.keys.public(), Member::of_kit(&home, "Anna").keys.public());
    try_to_recover(&home, &thief, &|renewed, challenge| {
        let recovered = renewed.recovered(challenge);
        let raw = BASE64_URL_SAFE_NO_PAD.decode(challenge).unwrap();
        let before = thief.keys.sign(&[b"porchlight recovery v1\0".as_slice(), &raw].concat());
        vec![
            // As it was once proved, with the account key, and with a recovery secret of one's own.
            BASE64_URL_SAFE_NO_PAD.encode(before.to_bytes()),
            thief.keys.state(&AccountStatement::Recovered(recovered)),
            thief.recovery.answer(&recovered).unwrap(),
        ]
    });

    // Nor a passphrase, a kit or a passkey of their own: for that it takes the hub's word for a proof, which no session keeps.
    let (registration, request) = Registration::start("nine copper kettles whistle in the fog").unwrap();
    let answer = program.post("/api/account/passphrase/start", &json!({ "request": request })).1;
    let registered = registration.finish(text(&answer, "response")).unwrap();
    let theirs = thief.wrapped(&registered.export_key);
    let by_name = home.address().replace("127.0.0.1", "localhost");
    let mut there = Page::of_session(&home, &taken);
    there.go_to(&by_name);
    let mut phone = Authenticator::new(&by_name);
    let making = there.post("/api/passkeys/start", &json!({})).1;
    let credential = phone.create(&making["options"]);
    for (method, path, body) in [
        ("PUT", "/api/account/passphrase", thief.new_passphrase("", &registered.record, &theirs)),
        (
            "PUT",
            "/api/account/passphrase",
            thief.new_passphrase(text(&taken, "token"), &registered.record, &theirs),
        ),
        ("PUT", "/api/account/kit", thief.new_kit(text(&taken, "id"))),
        ("POST", "/api/passkeys", thief.new_passkey("", &making, &credential, "mine", None)),
    ] {
        let (status, said) = there.ask(method, path, Some(&body));
        assert_eq!((status, text(&said, "error")), (403, "step-up"), "{path}: {said}");
    }

    // All of it changed nothing.
    assert_eq!(identity(&mut program).1, wrapped);
    assert_eq!(program.get("/api/passkeys").1, json!([]));
    for line in ["passphrase", "recovery", "recovery-kit", "passkey-added"] {
        assert!(home.anna(&["ledger", "list", "--kind", line]).lines().is_empty(), "{line}");
    }
    home.sign_in("Anna").one();
}
