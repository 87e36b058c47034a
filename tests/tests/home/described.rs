//! Everything that the OpenAPI document describes, asked well and badly: it never breaks the hub, and says what is described.

use std::process::Command;

use porchlight_tests::{Home, required, root, text};
use serde_json::Value;

use crate::matrix;

#[test]
fn whatever_is_asked_of_the_hub_is_answered_as_it_is_described() {
    if !root().join("target/schemathesis").is_dir() {
        assert!(!required("PORCHLIGHT_REQUIRE_SCHEMATHESIS"), "Schemathesis is not installed");
        eprintln!("left out, because Schemathesis is not installed; run `scripts/schemathesis install`");
        return;
    }
    let home = Home::quiet();
    let sessions = std::fs::read_to_string(home.file("Anna.state/porchlight/sessions.json")).unwrap();
    let sessions: Value = serde_json::from_str(&sessions).unwrap();
    let token = text(&sessions["sessions"][home.address()], "token").to_owned();
    // As Anna, who does not end her own session on the way.
    ask(&home, &token, &["--exclude-path-regex", "/api/sessions/"]);
    assert!(home.list(&[]).is_empty(), "the hub goes on, and so does her session");
    ask(&home, "", &[]);
}

fn ask(home: &Home, token: &str, more: &[&str]) {
    let done = Command::new(root().join("scripts/schemathesis"))
        .arg(home.address())
        .args(more)
        .env("PORCHLIGHT_TOKEN", token)
        .env("PORCHLIGHT_PUBLIC", matrix::public().join("\n"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{said}{}", String::from_utf8_lossy(&done.stderr));
}
