//! Sessions of browsers, and what other sites cannot do with them.

use std::path::{Path, PathBuf};
use std::process::Command;

use porchlight_tests::{Home, has, number, text};
use serde_json::Value;

/// Anna's session in a browser: the whole `Set-Cookie`. None where Node or the package is not there, which a line says.
fn sign_in(home: &Home) -> Option<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let folder = std::env::var_os("PORCHLIGHT_NODE_MODULES").map_or(root.join("web"), PathBuf::from);
    if !folder.join("node_modules/@serenity-kit/opaque").is_dir()
        || !has("node", "signs in as a browser does")
    {
        eprintln!(
            "left out, because the browser's half of sign-in is not installed; `make test` installs it"
        );
        return None;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/home/browser.mjs");
    let mut node = Command::new("node");
    node.arg(script).arg(folder).arg(home.address()).arg("Anna").arg(home.passphrase("Anna"));
    let done = node.arg(home.totp("Anna")).output().unwrap();
    let answer: Value = serde_json::from_slice(&done.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&done.stderr)));
    assert_eq!(number(&answer, "status"), 200, "{answer}");
    assert_eq!(answer["body"].get("token"), None, "no script sees the token");
    assert_eq!(text(&answer["body"], "person"), "Anna");
    Some(text(&answer, "cookie").to_owned())
}

/// The status and the answer of a request with these headers.
fn ask(home: &Home, method: &str, path: &str, headers: &[&str]) -> (u64, String) {
    let mut curl = Command::new("curl");
    curl.args([
        "--silent",
        "--noproxy",
        "*",
        "--max-time",
        "30",
        "--include",
        "--write-out",
        "\n%{http_code}",
        "-X",
        method,
    ]);
    for header in headers {
        curl.args(["--header", header]);
    }
    let done = curl.arg(format!("{}{path}", home.address())).output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    let (answer, status) = said.rsplit_once('\n').unwrap();
    (status.parse().unwrap(), answer.to_owned())
}

#[test]
fn a_browsers_session_is_of_no_use_to_another_site() {
    let home = Home::quiet();
    if !has("curl", "asks as other sites would") {
        return;
    }
    let Some(set) = sign_in(&home) else { return };
    for part in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=2592000"] {
        assert!(set.contains(part), "{part}: {set}");
    }
    let cookie = format!("Cookie: other=1; {}", set.split(';').next().unwrap());
    let app = "X-Porchlight: 1";

    let (status, said) = ask(&home, "GET", "/api/sessions", &[&cookie, app, "Sec-Fetch-Site: same-origin"]);
    assert!(status == 200 && said.contains("a browser"), "{said}");
    assert_eq!(ask(&home, "GET", "/api/sessions", &[app]).0, 401);
    for other in [
        &[cookie.as_str()][..],
        &[&cookie, app, "Sec-Fetch-Site: cross-site"],
        &[&cookie, app, "Sec-Fetch-Site: none"],
    ] {
        let (status, said) = ask(&home, "GET", "/api/sessions", other);
        assert!(status == 403 && said.contains("another site"), "{said}");
        assert_eq!(ask(&home, "DELETE", "/api/sessions/this", other).0, 403, "and it changes nothing");
    }
    // No page of another site is ever told that it may send our header.
    let asked = [
        "Origin: https://evil.example",
        "Access-Control-Request-Method: POST",
        "Access-Control-Request-Headers: x-porchlight",
    ];
    let (_, said) = ask(&home, "OPTIONS", "/api/forget", &asked);
    assert!(!said.to_lowercase().contains("access-control-allow"), "{said}");

    // Signing out takes the cookie away, here and there.
    let (status, said) = ask(&home, "DELETE", "/api/sessions/this", &[&cookie, app]);
    assert!(status == 204 && said.contains("Max-Age=0"), "{said}");
    assert_eq!(ask(&home, "GET", "/api/sessions", &[&cookie, app]).0, 401);
}

#[test]
fn a_name_of_somebody_else_does_not_lead_to_the_hub() {
    let home = Home::quiet();
    if !has("curl", "asks under another name") {
        return;
    }
    for host in ["Host: evil.example", "Host: localhost.evil.example:8420", "Host: 192.168.1.20:8420"] {
        let (status, said) = ask(&home, "GET", "/api/health", &[host]);
        assert!(status == 421 && said.contains("does not answer to this name"), "{said}");
    }
    assert_eq!(ask(&home, "GET", "/api/health", &["Host: localhost:8420"]).0, 200);
}
