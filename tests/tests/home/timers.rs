//! Timers: set by voice, told on the event stream when they end, and not lost with the power.

use std::fs;

use jiff::Timestamp;
use porchlight_tests::{Home, ids, text, until};
use serde_json::Value;

fn rings(event: &Value) -> bool {
    event["event"] == "timer-ended"
}

fn at(value: &Value, field: &str) -> Timestamp {
    text(value, field).parse().unwrap()
}

#[test]
fn a_timer_ends_at_the_device_that_set_it_with_a_voice() {
    let Some(home) = Home::that_speaks() else { return };
    home.add_microphone("Kitchen");
    home.add_microphone("Hall");
    let spoken = home.file("spoken");
    let everything = home.events(&[]);
    let kitchen = home.events(&["--device", "Kitchen", "--out", spoken.to_str().unwrap()]);
    let hall = home.events(&["--device", "Hall"]);

    let said = home.say("Set a timer for five seconds.", "Kitchen");
    let timer = &said["left"][0];
    assert_eq!((text(timer, "kind"), text(timer, "change")), ("timer", "added"), "{said}");
    let told = everything.wait_for("the timer ends", 10, rings);
    assert_eq!((&told["timer"], text(&told, "device")), (&timer["id"], "Kitchen"));
    assert!(text(&told, "say").contains("timer is done"), "{told}");
    let late = at(&told, "at").duration_since(at(timer, "ends"));
    assert!((0.0..1.0).contains(&late.as_secs_f64()), "it rang {late} after its end");

    let told = kitchen.wait_for("the kitchen is told", 5, |_| true);
    assert!(rings(&told), "{told}");
    let sound = fs::read(spoken.join(format!("{}.wav", told["number"]))).unwrap();
    assert!(sound.starts_with(b"RIFF") && sound.len() > 16_000);

    // The hall hears of its own timer alone, and a timer that rang is no more.
    home.say("Set a timer for one second.", "Hall");
    let told = hall.wait_for("the hall is told", 10, |_| true);
    assert_eq!(text(&told, "device"), "Hall", "the kitchen's timer was not told here");
    until("timers that rang are forgotten", 5, || home.list(&["--kind", "timer"]).is_empty().then_some(()));
}

#[test]
fn a_timer_is_listed_and_can_be_cancelled() {
    let Some(home) = Home::that_speaks() else { return };
    home.add_microphone("Kitchen");
    let said = home.say("Set a timer for 10 minutes.", "Kitchen");
    let timers = home.list(&["--kind", "timer"]);
    assert_eq!(ids(&timers), ids(&said["left"].as_array().unwrap().clone()));
    assert_eq!((text(&timers[0], "device"), text(&timers[0], "owner")), ("Kitchen", "household"));
    let said = home.say("Cancel the timer.", "Kitchen");
    assert_eq!(text(&said["left"][0], "change"), "removed", "{said}");
    assert!(home.list(&["--kind", "timer"]).is_empty());
}

#[test]
fn a_timer_outlives_a_power_cut_and_rings_late_if_it_must() {
    let Some(mut home) = Home::that_speaks() else { return };
    home.add_microphone("Kitchen");
    let long = home.say("Set a timer for 10 minutes.", "Kitchen")["left"][0].clone();
    // Last, and long enough that it does not ring before the power goes.
    let short = home.say("Set a timer for five seconds.", "Kitchen")["left"][0].clone();
    home.kill();
    until("the timer's time has passed", 10, || (Timestamp::now() > at(&short, "ends")).then_some(()));

    home.serve();
    let told = home.events(&[]).wait_for("the late timer rings", 60, rings);
    assert_eq!(told["timer"], short["id"]);
    assert!(at(&told, "at") > at(&short, "ends"));
    let left = || (home.list(&["--kind", "timer"]).len() == 1).then_some(());
    until("the timer that rang is forgotten", 5, left);
    assert_eq!(ids(&home.list(&["--kind", "timer"])), ids([&long]), "the other goes on");
}
