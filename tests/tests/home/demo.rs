//! What the first of the README's two commands shows.

use std::process::{Command, Output};

use porchlight_tests::{Home, StandInCamera, has, porchlight, root};

/// It checks itself each sentence that it prints, and fails where one is not so.
#[test]
fn the_demo_shows_what_it_says_from_the_first_key_to_the_last_forgetting() {
    if !has("age", "the demo opens with it what was taken away") {
        return;
    }
    let (Some(_), Some(_)) = (Home::that_speaks(), StandInCamera::start(false)) else { return };
    let folder = tempfile::tempdir().unwrap();
    let demo = |arguments: &[&str]| -> Output {
        Command::new("/usr/bin/python3")
            .arg(root().join("scripts/demo"))
            .args(arguments)
            .env("PORCHLIGHT_DEMO", folder.path().join("demo"))
            .output()
            .unwrap()
    };
    let shown = demo(&["--program", porchlight().to_str().unwrap()]);
    let digits = demo(&["digits"]);
    let stopped = demo(&["stop"]);
    let said = String::from_utf8_lossy(&shown.stdout);
    assert!(shown.status.success(), "{said}{}", String::from_utf8_lossy(&shown.stderr));
    assert!(said.contains("13. It is yours now"), "{said}");
    assert_eq!(String::from_utf8_lossy(&digits.stdout).trim().len(), 6);
    assert!(String::from_utf8_lossy(&stopped.stdout).starts_with("The hub and the camera were stopped."));
}
