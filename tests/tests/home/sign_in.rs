//! Signing in: two factors, and nothing to be learnt from a refusal.

use std::fs;

use porchlight_tests::{Home, Page, find_bytes, mode, text};
use serde_json::json;

#[test]
fn a_wrong_passphrase_a_wrong_code_and_an_unknown_name_look_the_same() {
    let home = Home::quiet();
    let (passphrase, totp) = (home.passphrase("Anna"), home.totp("Anna"));
    let (wrong, other) = (home.file("wrong"), home.file("other"));
    fs::write(&wrong, "this is somebody else's passphrase\n").unwrap();
    fs::write(&other, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\n").unwrap();

    let refusals = [
        home.sign_in_with("Anna", &wrong, &totp).refused(),
        home.sign_in_with("Anna", &passphrase, &other).refused(),
        home.sign_in_with("Zoe", &passphrase, &totp).refused(),
    ];
    assert!(refusals[0].contains("not right"), "{}", refusals[0]);
    assert!(refusals.iter().all(|refusal| *refusal == refusals[0]), "{refusals:?}");
    home.sign_in("Anna").one();
}

#[test]
fn a_code_works_once_and_the_next_one_is_taken_at_once() {
    let home = Home::quiet();
    // Home::quiet has used the present code; the client goes on with the next one by itself.
    let second = home.sign_in("Anna").one();
    let sessions = home.anna(&["session", "list"]).lines();
    assert_eq!(sessions.len(), 2, "{sessions:?}");
    let mine: Vec<_> = sessions.iter().filter(|session| session["this"] == true).collect();
    assert_eq!(mine.len(), 1);
    assert_eq!(text(mine[0], "id"), text(&second, "session"));
}

#[test]
fn a_session_that_is_ended_is_over_and_the_others_go_on() {
    let home = Home::quiet();
    home.add_adult("Tom");
    let first = home.run_as("Tom", &["session", "list"]).lines();
    let (tom, second) = (text(&first[0], "id"), home.sign_in("Anna").one());
    let sessions = home.anna(&["session", "list"]).lines();
    assert!(sessions.iter().all(|session| text(session, "id") != tom), "one's own sessions only");

    let why = home.anna(&["session", "end", tom]).refused();
    assert!(why.contains("session list"), "nobody ends another's session: {why}");
    home.run_as("Tom", &["list"]).lines();

    let old = sessions.iter().find(|session| session["this"] == false).unwrap();
    home.anna(&["session", "end", text(old, "id")]).one();
    assert_eq!(home.anna(&["session", "list"]).lines().len(), 1);
    home.anna(&["session", "end", text(&second, "session")]).one();
    let why = home.anna(&["list"]).refused();
    assert!(why.contains("sign in again"), "{why}");
    home.run_as("Tom", &["list"]).lines();
}

#[test]
fn to_begin_is_to_guess_and_is_slowed_down_like_it() {
    let home = Home::quiet();
    let mut page = Page::open(&home);
    let (_, request) = porchlight_household::sign_in::opaque::SignIn::start("a guess").unwrap();
    let mut start =
        |name: &str| page.post("/api/sign-in/start", &json!({ "name": name, "request": request })).0;
    // Whether the guess was right the client knows by now, without another word to the hub.
    for _ in 0..6 {
        assert_eq!(start("Anna"), 200);
    }
    assert_eq!(start("anna "), 429);
    assert_eq!(start(&"a".repeat(201)), 400);
    assert_eq!(start("Tom"), 200);
}

#[test]
fn signing_out_leaves_no_key_on_this_computer() {
    let home = Home::quiet();
    let sessions = home.file("Anna.state/porchlight/sessions.json");
    assert_eq!(mode(&sessions), 0o600);
    let kept: serde_json::Value = serde_json::from_slice(&fs::read(&sessions).unwrap()).unwrap();
    let token = kept["sessions"][home.address()]["token"].as_str().unwrap().to_owned();
    let kit = fs::read_to_string(home.kit("Anna")).unwrap();
    let identity = kit.lines().find(|line| line.starts_with("AGE-SECRET-KEY-1")).unwrap();
    let state = home.file("Anna.state");
    assert!(find_bytes(&state, token.as_bytes()).is_some());
    assert!(find_bytes(&state, identity.as_bytes()).is_none(), "a session holds no key that opens anything");
    assert!(find_bytes(&home.data(), token.as_bytes()).is_none(), "the hub keeps a token's hash only");

    home.anna(&["sign-out"]).one();
    assert!(find_bytes(&state, token.as_bytes()).is_none());
    let why = home.anna(&["list"]).refused();
    assert!(why.contains("porchlight sign-in"), "{why}");
}

#[test]
fn a_session_goes_on_when_the_hub_starts_again() {
    let mut home = Home::quiet();
    home.stop();
    let why = home.anna(&["list"]).refused();
    assert!(why.contains("is it running") && why.contains("porchlight serve"), "{why}");
    home.serve();
    home.anna(&["list"]).lines();
    home.kill();
    home.serve();
    home.anna(&["list"]).lines();
}
