//! A day: what was kept, opening it and forgetting it.

use porchlight_tests::{Home, ids};
use serde_json::json;

use super::Browser;

#[test]
fn somebody_sees_their_day_and_forgets_a_moment_of_it_for_good() {
    let Some(home) = Home::that_speaks() else { return };
    home.add_annas_microphone("Study");
    let kept = ids(home.say("Set a timer for 10 minutes.", "Study")["kept"].as_array().unwrap());
    let Some(mut browser) = Browser::open(&home) else { return };
    browser.anna(&home);
    browser.see("Anna said something · Study");
    browser.see("The sound, the words and the answer, kept until");
    // What is said elsewhere meanwhile is there without asking.
    home.say("What day is it?", "Study");
    browser.see("3 moments kept on this day.");
    browser.is_sound("day");
    browser.press("Forget this: Anna said something");
    browser.see("Forget this moment for good?");
    browser.is_sound("sheet");
    // To think again is as easy as to go on.
    browser.press("Keep them");
    assert!(home.list(&[]).iter().any(|entry| ids([entry]) == kept[..1]));
    browser.press("Forget this day");
    browser.see("Forget this whole day for good?");
    let all = home.list(&[]).len();
    browser.press(&format!("Forget {all} recordings"));
    browser.see("Gone from every copy Porchlight keeps");
    browser.is_sound("receipt");
    let receipt = browser.step("download", json!({ "button": "Save the receipt" }));
    assert_eq!(home.anna(&["receipt", "verify", receipt.as_str().unwrap()]).one()["verified"], true);
    browser.press("Close");
    browser.see("A quiet day. Nothing was kept.");
    assert!(home.list(&[]).is_empty());
}
