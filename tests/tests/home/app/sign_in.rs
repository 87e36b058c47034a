//! Signing in and out.

use porchlight_tests::Home;
use serde_json::json;

use super::Browser;

#[test]
fn somebody_signs_in_and_out_and_a_wrong_passphrase_is_told_in_words() {
    let home = Home::quiet();
    let Some(mut browser) = Browser::open(&home) else { return };
    browser.see("Good to see you");
    browser.is_sound("sign-in");
    browser.sign_in(&home, "not the passphrase");
    browser.see("are not right");
    browser.anna(&home);
    browser.see("Hello, Anna");
    browser.see("A quiet day. Nothing was kept.");
    browser.is_sound("quiet-day");
    assert_eq!(browser.step("scripts", json!({})), "", "no script sees the session");
    // A reload is no sign-in, and an end of the session is told at once.
    browser.step("open", json!({}));
    browser.see("Hello, Anna");
    browser.press("Sign out");
    browser.see("You are signed out.");
    browser.step("open", json!({}));
    browser.see("Good to see you");
}
