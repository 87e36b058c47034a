//! Written words are answered as spoken ones are, and what they leave behind can be seen and ticked off.

use porchlight_tests::{Home, ids, number, text};
use serde_json::{Value, json};

fn ask(home: &Home, words: &str) -> Value {
    home.anna(&["ask", words]).one()
}

fn effects(home: &Home) -> Value {
    home.anna(&["effect", "list"]).one()
}

#[test]
fn written_words_are_answered_by_a_hub_without_models() {
    let home = Home::quiet();
    let said = ask(&home, "What is on the shopping list?");
    assert_eq!(text(&said, "intent"), "PorchlightListRead");
    assert_eq!((&said["timings"]["hear"], &said["moment"]), (&json!(0.0), &Value::Null), "{said}");
    assert!(text(&said, "not_kept").contains("has not agreed to history"), "{said}");
    assert_eq!(said["not_kept_said"]["code"], "no-history", "{said}");
    assert_eq!(said["not_kept_said"]["values"]["person"], "Anna", "{said}");
    let refused = home.anna(&["ask", &"a ".repeat(3000)]).refused();
    assert!(refused.contains("fewer words"), "{refused}");
    let refused = home.anna(&["ask", "What time is it?", "--device", "Moon"]).refused();
    assert!(refused.contains("Moon"), "{refused}");
    assert!(home.list(&[]).is_empty());
}

#[test]
fn written_words_are_kept_as_words_alone_and_only_of_who_agreed() {
    let home = Home::quiet();
    home.add_microphone("Kitchen");
    home.anna(&["consent", "grant", "Anna", "history"]).one();
    let said = ask(&home, "Put oat milk on the shopping list.");
    let listed = home.list(&["--kind", "voice,transcript,reply"]);
    let kinds: Vec<_> = listed.iter().map(|recording| text(recording, "kind")).collect();
    assert_eq!(kinds, ["transcript", "reply"]);
    assert_eq!(ids(&listed), ids(said["kept"].as_array().unwrap()));
    assert_eq!(listed[0]["moment"], said["moment"]);
    assert_eq!(home.open(ids(&listed)[0]), b"Put oat milk on the shopping list.");
    // In a room where anybody may write, it is an unknown person who wrote.
    let said = home.anna(&["ask", "What time is it?", "--device", "Kitchen"]).one();
    assert!(text(&said, "not_kept").contains("a child too"), "{said}");
    assert_eq!(home.list(&["--kind", "transcript"]).len(), 1);
}

#[test]
fn what_requests_left_behind_is_seen_and_ticked_off() {
    let home = Home::quiet();
    home.add_microphone("Kitchen");
    let events = home.events(&[]);
    assert_eq!(effects(&home), json!({ "timers": [], "lists": [], "reminders": [] }));
    ask(&home, "Put oat milk and eggs on the shopping list.");
    home.anna(&["ask", "Set a pizza timer for 10 minutes.", "--device", "Kitchen"]).one();
    ask(&home, "Set a timer for 5 minutes.");
    ask(&home, "Pause the 5 minute timer.");
    events.wait_for("the list changed", 10, |event| event["event"] == "effects-changed");

    let there = effects(&home);
    let (pizza, paused) = (&there["timers"][0], &there["timers"][1]);
    assert_eq!((text(pizza, "name"), text(pizza, "device")), ("pizza", "Kitchen"), "{there}");
    assert!(pizza["ends"].is_string() && pizza["paused_left"].is_null(), "{there}");
    assert!(paused["ends"].is_null() && number(paused, "paused_left") > 290, "{there}");
    let list = &there["lists"][0];
    assert_eq!((text(list, "name"), text(&list["items"][0], "text")), ("shopping", "oat milk"));
    assert!(list["items"][0]["added"].is_string(), "{there}");

    let id = number(&list["items"][0], "id");
    let milk = id.to_string();
    home.anna(&["effect", "done", &milk]).one();
    home.anna(&["effect", "done", &number(pizza, "id").to_string()]).one();
    let refused = home.anna(&["effect", "done", &milk]).refused();
    assert!(refused.contains("may be done already"), "{refused}");
    let there = effects(&home);
    assert_eq!(ids(there["timers"].as_array().unwrap()), [number(paused, "id")]);
    assert_eq!(text(&there["lists"][0]["items"][0], "text"), "eggs");
    assert!(home.list(&["--kind", "note,timer"]).iter().all(|effect| number(effect, "id") != id));
}

#[test]
fn what_is_written_on_a_list_by_hand_is_there_word_for_word() {
    let home = Home::quiet();
    let odd = "put 12 \"eggs\" off the list, please?";
    let added = home.anna(&["effect", "add", &format!("  {odd} ")]).one();
    assert_eq!(text(&added, "change"), "added");
    home.anna(&["effect", "add", "nails", "--list", "Hardware store"]).one();
    let lists = effects(&home)["lists"].clone();
    let texts: Vec<_> = [0, 1].iter().map(|n| text(&lists[n]["items"][0], "text").to_owned()).collect();
    assert_eq!((text(&lists[0], "name"), text(&lists[1], "name")), ("hardware store", "shopping"), "{lists}");
    assert_eq!(texts, ["nails", odd]);
    assert_eq!(lists[1]["items"][0]["id"], added["id"]);
    for wrong in ["", "  ", "two\nlines", &"a".repeat(201)] {
        let refused = home.anna(&["effect", "add", wrong]).refused();
        assert!(refused.contains("1 to 200 characters"), "{wrong:?}: {refused}");
    }
    assert_eq!(home.list(&["--kind", "note"]).len(), 2);
}

#[test]
fn what_was_answered_and_forgotten_leaves_a_hollow_line_and_what_was_kept_does_not() {
    let mut home = Home::quiet();
    home.add_microphone("Kitchen");
    home.anna(&["consent", "grant", "Anna", "history"]).one();
    let events = home.events(&[]);
    home.anna(&["ask", "What day is it?", "--device", "Kitchen"]).one();
    ask(&home, "What day is it?");
    let told = events.wait_for("it is told", 10, |event| event["event"] == "answered");
    assert_eq!((text(&told, "device"), text(&told, "room")), ("Kitchen", "Kitchen"));
    let lines = home.anna(&["answered"]).lines();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!((text(&lines[0], "device"), &lines[0]["at"]), ("Kitchen", &told["at"]));
    // It is in memory only.
    home.kill();
    home.serve();
    assert!(home.anna(&["answered"]).lines().is_empty());
}

#[test]
fn words_so_far_are_heard_and_neither_answered_nor_kept() {
    let Some(home) = Home::that_speaks() else { return };
    home.anna(&["consent", "grant", "Anna", "history"]).one();
    let sound = home.speech("Set a timer for 10 minutes.");
    let heard = home.anna(&["hear", sound.to_str().unwrap()]).one();
    assert_eq!(heard, json!({ "transcript": "Set a timer for 10 minutes." }));
    assert!(home.list(&[]).is_empty() && home.anna(&["answered"]).lines().is_empty());
    assert_eq!(effects(&home)["timers"], json!([]));
}
