//! Reminders: asked for in words, told when they are due, and not lost with the power.

use jiff::Timestamp;
use porchlight_tests::{Home, ids, number, text, until};
use serde_json::{Value, json};

fn is_due(event: &Value) -> bool {
    event["event"] == "reminder"
}

fn ask(home: &Home, words: &str) -> Value {
    home.anna(&["ask", words]).one()
}

fn reminders(home: &Home) -> Vec<Value> {
    home.anna(&["effect", "list"]).one()["reminders"].as_array().unwrap().clone()
}

#[test]
fn a_reminder_is_told_when_it_is_due_and_then_forgotten() {
    let home = Home::quiet();
    home.add_microphone("Kitchen");
    let everything = home.events(&[]);
    let said =
        home.anna(&["ask", "Remind me to check the oven in two seconds.", "--device", "Kitchen"]).one();
    let left = &said["left"][0];
    assert_eq!((text(left, "kind"), text(left, "change")), ("reminder", "added"), "{said}");
    let told = everything.wait_for("the reminder is due", 30, is_due);
    assert_eq!(
        (&told["reminder"], text(&told, "text"), text(&told, "device"), &told["person"]),
        (&left["id"], "check the oven", "Kitchen", &Value::Null)
    );
    assert_eq!(text(&told, "say"), "I was to remind you: check the oven.");
    let listed = || home.list(&["--kind", "reminder"]).is_empty().then_some(());
    until("a reminder that was told is forgotten", 30, listed);
    assert!(reminders(&home).is_empty());
}

#[test]
fn a_reminder_outlives_a_power_cut_and_is_told_late_if_it_must() {
    let mut home = Home::quiet();
    let soon = ask(&home, "Remind me in three seconds to call Tom.")["left"][0].clone();
    let later = ask(&home, "Set an alarm for tomorrow at nine.")["left"][0].clone();
    home.kill();
    let due: Timestamp = text(&soon, "ends").parse().unwrap();
    until("its time has passed", 30, || (Timestamp::now() > due).then_some(()));

    home.serve();
    let told = home.events(&[]).wait_for("the late reminder is told", 30, is_due);
    assert_eq!((&told["reminder"], text(&told, "person")), (&soon["id"], "Anna"), "{told}");
    assert!(text(&told, "say").ends_with("call Tom."), "{told}");
    let left = || (reminders(&home).len() == 1).then_some(());
    until("the reminder that was told is forgotten", 30, left);
    assert_eq!(ids(&reminders(&home)), ids([&later]), "the other waits");
    assert_eq!(reminders(&home)[0]["text"], Value::Null, "an alarm reminds of nothing");
}

#[test]
fn a_reminder_is_the_households_is_listed_and_can_be_cancelled() {
    let home = Home::quiet();
    home.anna(&["consent", "grant", "Anna", "history"]).one();
    let said = ask(&home, "Remind me tomorrow at nine to pay the rent.");
    let listed = home.list(&["--kind", "reminder"]);
    assert_eq!(ids(&listed), ids(said["left"].as_array().unwrap()));
    assert_eq!((text(&listed[0], "owner"), &listed[0]["caused_by"]), ("household", &said["moment"]));
    assert!(listed[0]["ends"].is_string(), "it ends some day");
    assert!(text(&ask(&home, "What are my reminders?"), "reply").contains("pay the rent"));
    let said = ask(&home, "Cancel the reminder to pay the rent.");
    assert_eq!(text(&said["left"][0], "change"), "removed", "{said}");
    assert!(home.list(&["--kind", "reminder"]).is_empty() && reminders(&home).is_empty());

    let said = ask(&home, "Wake me at six in the morning.");
    home.anna(&["effect", "done", &number(&said["left"][0], "id").to_string()]).one();
    assert_eq!(json!(reminders(&home)), json!([]));
    let words = home.words(&["policy"]);
    assert!(words.contains("A reminder is kept until it has been said"), "{words}");
}
