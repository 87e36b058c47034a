//! Forgetting by voice: only one's own, said before much goes, asked where it is much, and confirmed in the app where it is more.

use porchlight_tests::{Home, ids, number, text};
use serde_json::{Value, json};

/// Anna has agreed to history, and has a microphone of her own. Written words do for most of it: they take the same way.
fn home() -> Home {
    let home = Home::quiet();
    home.add_microphone("Kitchen");
    home.add_annas_microphone("Desk");
    home
}

fn ask(home: &Home, words: &str) -> Value {
    home.anna(&["ask", words]).one()
}

fn ask_at(home: &Home, device: &str, words: &str) -> Value {
    home.anna(&["ask", words, "--device", device]).one()
}

/// The moments that are kept of what was said.
fn moments(home: &Home) -> Vec<u64> {
    let mut moments: Vec<u64> =
        home.list(&["--kind", "transcript"]).iter().map(|words| number(words, "moment")).collect();
    moments.sort_unstable();
    moments
}

fn forgotten(answer: &Value) -> Vec<u64> {
    ids(answer["forgotten"]["recordings"].as_array().unwrap_or_else(|| panic!("something went: {answer}")))
}

#[test]
fn what_was_said_aloud_is_forgotten_when_it_is_asked_for_aloud() {
    let Some(home) = Home::that_speaks() else { return };
    home.add_annas_microphone("Study");
    let first = home.say("What time is it?", "Study")["moment"].clone();
    let last = home.say("What day is it?", "Study");
    let said = home.say("Forget what I just said.", "Study");
    assert!(text(&said, "reply").starts_with("I forgot what you said at "), "{said}");
    assert_eq!(
        forgotten(&said),
        ids(last["kept"].as_array().unwrap()),
        "the last one alone, without a question"
    );
    assert_eq!(
        (&said["moment"], &said["kept"]),
        (&Value::Null, &json!([])),
        "nor is it kept that it was asked for"
    );
    assert_eq!(json!(moments(&home)), json!([first]));
    let line = said["forgotten"]["ledger_line"].as_u64().unwrap().to_string();
    let receipt = home.anna(&["receipt", "get", &line]).one();
    let verified = home.anna(&["receipt", "verify", text(&receipt, "receipt")]).one();
    assert_eq!(verified["deletion"]["recordings"].as_array().unwrap().len(), 3, "{verified}");

    for _ in 0..3 {
        home.say("What time is it?", "Study");
    }
    let said = home.say("Forget everything I said today.", "Study");
    assert_eq!(
        text(&said, "reply"),
        "That is everything you said today: 12 recordings. Shall I forget them for good?"
    );
    assert_eq!(text(&said["confirm"], "question"), "Shall I forget them for good?");
    assert_eq!(moments(&home).len(), 4, "nothing goes before the answer");
    let said = home.say("Yes, please.", "Study");
    assert_eq!(text(&said, "reply"), "They are gone for good: 12 recordings.");
    assert!(moments(&home).is_empty());
}

#[test]
fn a_yes_is_an_answer_only_in_the_same_place_and_only_to_the_last_question() {
    let home = home();
    for _ in 0..4 {
        ask(&home, "What time is it?");
    }
    let everything = "Forget everything I said today.";
    let asked = ask(&home, everything);
    assert!(text(&asked, "reply").contains("8 recordings. Shall I"), "{asked}");
    for elsewhere in ["Desk", "Kitchen"] {
        assert!(text(&ask_at(&home, elsewhere, "Yes."), "reply").contains("did not ask"), "{elsewhere}");
    }
    home.add_adult("Tom");
    assert!(text(&home.run_as("Tom", &["ask", "Yes."]).one(), "reply").contains("did not ask"));
    let before = moments(&home);
    assert_eq!(text(&ask(&home, "No, thanks."), "reply"), "All right, nothing was forgotten.");
    assert!(text(&ask(&home, "Yes."), "reply").contains("did not ask"), "it was answered");

    // Who goes on to something else has not said yes.
    ask(&home, everything);
    ask(&home, "What day is it?");
    assert!(text(&ask(&home, "Yes."), "reply").contains("did not ask"));
    assert!(before.iter().all(|moment| moments(&home).contains(moment)), "nothing was forgotten");

    let count = ask(&home, everything)["confirm"]["token"].as_str().map(str::len);
    assert_eq!(count, Some(32), "the app can answer by this");
    ask(&home, "Yes, do it.");
    assert!(moments(&home).is_empty());
}

#[test]
fn everything_from_a_room_is_ones_own_and_the_rest_is_named() {
    let home = home();
    home.add_adult("Tom");
    home.run_as("Tom", &["consent", "grant", "Tom", "history"]).one();
    home.run_as(
        "Tom",
        &["device", "add", "Tom's phone", "--kind", "phone", "--room", "Office", "--person", "Tom"],
    )
    .one();
    home.anna(&["device", "add", "Anna's phone", "--kind", "phone", "--room", "Office", "--person", "Anna"])
        .one();
    ask_at(&home, "Anna's phone", "What time is it?");
    ask_at(&home, "Desk", "What time is it?");
    let toms = home.run_as("Tom", &["ask", "What time is it?", "--device", "Tom's phone"]).one();
    assert_eq!(toms["kept"].as_array().unwrap().len(), 2, "{toms}");

    let said = ask(&home, "Forget everything from the office.");
    assert_eq!(
        text(&said, "reply"),
        "I forgot everything from the office, for good: 2 recordings. What others said there is theirs, and stays."
    );
    let left: Vec<_> =
        home.list(&["--kind", "transcript"]).iter().map(|words| words["person"].clone()).collect();
    assert_eq!(left, ["Anna"], "of Tom's she is told nothing");
    assert_eq!(home.run_as("Tom", &["list"]).lines().len(), 2);
    // It is said whether or not there is anything.
    let none = ask(&home, "Forget everything from the kitchen.");
    assert!(text(&none, "reply").ends_with("What others said there is theirs, and stays."), "{none}");
    let said = ask(&home, "Delete everything from the attic.");
    assert!(text(&said, "reply").contains("no room and no device called attic"), "{said}");
    let said = ask(&home, "Forget everything Tom said.");
    assert!(text(&said, "reply").starts_with("By voice I forget only what you said yourself."), "{said}");
    assert!(text(&ask(&home, "Wipe everything from the Desk."), "reply").contains("2 recordings"));
}

#[test]
fn what_a_request_left_behind_stays_unless_somebody_says_so() {
    let home = home();
    ask(&home, "Put oat milk on the shopping list.");
    let said = ask(&home, "Forget what I just said.");
    assert!(
        text(&said, "reply")
            .ends_with("You put oat milk on the shopping list then; it stays unless you say so."),
        "{said}"
    );
    assert!(moments(&home).is_empty());
    assert_eq!(home.list(&["--kind", "note"]).len(), 1);
    // A plain yes answers no question.
    assert_eq!(text(&ask(&home, "Okay."), "reply"), "All right.");
    ask(&home, "Forget everything I said today.");

    ask(&home, "Set a pizza timer for 10 minutes.");
    let said = ask(&home, "Forget that.");
    assert!(
        text(&said, "reply").ends_with("The pizza timer that you set then goes on unless you say so."),
        "{said}"
    );
    assert_eq!(text(&ask(&home, "Cancel it too."), "reply"), "The pizza timer is gone too.");
    assert!(home.list(&["--kind", "timer"]).is_empty());
    assert_eq!(home.list(&["--kind", "note"]).len(), 1, "and the milk stays");
}

#[test]
fn an_unknown_voice_forgets_nothing_that_is_kept_and_is_told_the_truth() {
    let home = home();
    ask(&home, "What time is it?");
    let kept = moments(&home);
    ask_at(&home, "Kitchen", "Put eggs on the shopping list.");
    let said = ask_at(&home, "Kitchen", "Forget what I just said.");
    let reply = text(&said, "reply");
    assert!(
        reply.starts_with("I do not know whose voice this is, so nothing that you said was kept"),
        "{reply}"
    );
    assert!(
        reply.ends_with("You put eggs on the shopping list then; it stays unless you say so."),
        "{reply}"
    );
    for everything in
        ["Forget everything.", "Forget everything I said today.", "Forget everything from the kitchen."]
    {
        let said = ask_at(&home, "Kitchen", everything);
        assert!(text(&said, "reply").starts_with("I do not know whose voice this is"), "{said}");
        assert_eq!(
            (&said["confirm"], &said["open"], &said["selection"]),
            (&Value::Null, &Value::Null, &Value::Null)
        );
        ask_at(&home, "Kitchen", "Yes.");
    }
    assert_eq!(moments(&home), kept);
    ask_at(&home, "Kitchen", "Forget everything I said today.");
    assert_eq!(
        text(&ask_at(&home, "Kitchen", "Take it off the list too."), "reply"),
        "Eggs on the shopping list is gone too."
    );
    assert!(home.list(&["--kind", "note"]).is_empty());
    // Of somebody who is signed in it is known who they are.
    home.add_teen("Noah");
    let said = home.run_as("Noah", &["ask", "Forget everything."]).one();
    assert!(text(&said, "reply").starts_with("Only what an adult says to me counts as their own"), "{said}");
    assert!(
        text(&ask_at(&home, "Kitchen", "Forget everything."), "reply").starts_with("I do not know whose")
    );
}

#[test]
fn everything_ever_and_very_much_are_confirmed_in_the_app() {
    let home = home();
    for _ in 0..26 {
        ask(&home, "What time is it?");
    }
    let said = ask(&home, "Delete everything I have ever said.");
    assert_eq!(
        (text(&said, "open"), &said["selection"], &said["confirm"]),
        ("forget", &json!({ "filter": { "person": "Anna" } }), &Value::Null)
    );
    assert!(
        text(&said, "reply")
            .contains("everything you have ever said: 52 recordings. I forget that much only"),
        "{said}"
    );
    ask(&home, "Yes.");
    let said = ask(&home, "Forget everything I said today.");
    let filter = &said["selection"]["filter"];
    assert_eq!((text(&said, "open"), text(filter, "person")), ("forget", "Anna"), "{said}");
    // What the app is to show is exactly that.
    let shown = home
        .anna(&[
            "forget",
            "--dry-run",
            "--person",
            "Anna",
            "--from",
            text(filter, "from"),
            "--to",
            text(filter, "to"),
        ])
        .one();
    assert!(shown["goes"].as_array().unwrap().len() >= 52, "{shown}");
    ask(&home, "Yes.");
    assert!(moments(&home).len() >= 26, "nothing went by voice");
    let said = ask(&home, "Erase the security video.");
    assert_eq!(said["selection"], json!({ "filter": { "kind": "video,snapshot" } }), "{said}");
}

#[test]
fn what_is_held_stays_and_is_named() {
    let home = home();
    let held = ask(&home, "What time is it?")["moment"].as_u64().unwrap();
    ask(&home, "What day is it?");
    let until = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24 * 30);
    home.anna(&[
        "hold",
        "add",
        &held.to_string(),
        "--until",
        &until.to_string(),
        "--why",
        "for the insurance",
    ])
    .one();
    let said = ask(&home, "Forget everything I said today.");
    let reply = text(&said, "reply");
    assert!(reply.contains("for good: 2 recordings. You hold 2 recordings besides until "), "{reply}");
    assert_eq!(moments(&home), [held]);
    let said = ask(&home, "Forget what I just said.");
    assert!(text(&said, "reply").starts_with("You hold 2 recordings until "), "{said}");
    assert_eq!(said["forgotten"], Value::Null);
    assert_eq!(moments(&home), [held]);
}

#[test]
fn days_that_were_not_kept_are_said_to_be_empty() {
    let home = home();
    ask(&home, "What time is it?");
    for (words, reply) in [
        ("Delete what I said yesterday.", "Nothing that you said yesterday is kept."),
        ("Delete everything I said last week.", "Nothing that you said last week is kept."),
        ("Forget everything I said tomorrow.", "That has not been yet, so there is nothing to forget of it."),
        ("Forget everything from the kitchen.", "Nothing that you said in the kitchen is kept."),
    ] {
        assert_eq!(text(&ask(&home, words), "reply"), reply, "{words}");
    }
    let between = ask(&home, "Delete everything between Monday and Wednesday.");
    assert!(text(&between, "reply").contains("between "), "{between}");
}

#[test]
fn an_answer_that_tells_what_was_said_is_forgotten_with_it() {
    let home = home();
    let first = ask_at(&home, "Desk", "The elephant plays the trombone on Thursday.");
    let told = ask_at(&home, "Desk", "What did you hear?");
    assert!(text(&told, "reply").contains("elephant"), "{told}");
    home.anna(&["forget", &first["moment"].to_string(), "--yes"]).one();
    let left = home.list(&["--kind", "transcript,reply"]);
    let kinds: Vec<_> = left.iter().map(|recording| text(recording, "kind")).collect();
    assert_eq!(kinds, ["transcript"], "the question stays, and the answer is gone: {left:?}");
    assert_eq!(left[0]["moment"], told["moment"]);
}
