//! The app, as a person meets it: in a real Chromium, against the real hub.

mod day;
mod sign_in;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use porchlight_tests::{Home, has};
use serde_json::{Value, json};

/// A browser with the app open in it.
struct Browser {
    node: Child,
    steps: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Browser {
    /// `None`, and a line that says why, where there is no Chromium or nothing to drive it with.
    fn open(home: &Home) -> Option<Browser> {
        let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
        let web = tests.parent().unwrap().join("web");
        let there =
            web.join("node_modules/playwright-core").is_dir() && web.join("dist/index.html").is_file();
        if !there || !has("/usr/bin/chromium", "shows the app") {
            let required = std::env::var("PORCHLIGHT_REQUIRE_APP").is_ok_and(|value| value == "1");
            assert!(!required, "there is no built app, or no Chromium");
            eprintln!("left out, because the app is not built or Chromium is missing; `make test` has both");
            return None;
        }
        let mut node = Command::new("node");
        node.arg(tests.join("tests/home/app/person.mjs")).arg(web).arg(home.address());
        let mut node = node.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (steps, answers) = (node.stdin.take().unwrap(), BufReader::new(node.stdout.take().unwrap()));
        let mut browser = Browser { node, steps, answers };
        browser.step("open", json!({}));
        Some(browser)
    }

    fn step(&mut self, step: &str, how: Value) -> Value {
        let mut said = how;
        said["step"] = step.into();
        writeln!(self.steps, "{said}").unwrap();
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        let mut answer: Value =
            serde_json::from_str(&line).unwrap_or_else(|_| panic!("{said}: the browser is gone"));
        assert_eq!(answer.get("failed"), None, "{said}: {answer:#}");
        answer["answer"].take()
    }

    fn see(&mut self, text: &str) {
        self.step("see", json!({ "text": text }));
    }

    fn press(&mut self, button: &str) {
        self.step("press", json!({ "button": button }));
    }

    /// Anna, with what her set-up gave her.
    fn anna(&mut self, home: &Home) {
        self.sign_in(home, fs::read_to_string(home.passphrase("Anna")).unwrap().trim());
    }

    fn sign_in(&mut self, home: &Home, passphrase: &str) {
        let totp = fs::read_to_string(home.totp("Anna")).unwrap();
        self.step("fill", json!({ "label": "Your name", "value": "Anna" }));
        self.step("fill", json!({ "label": "Your passphrase", "value": passphrase }));
        self.step(
            "digits",
            json!({ "label": "The six digits of your authenticator", "secret": totp.trim() }),
        );
        self.press("Sign in");
    }

    /// What everybody can rely on, on whatever page this is: at phone and desktop width, light and dark.
    fn is_sound(&mut self, page: &str) {
        for (width, height) in [(320, 640), (390, 844), (1280, 800)] {
            self.step("size", json!({ "width": width, "height": height }));
            assert_eq!(self.step("wide", json!({})), 0, "{page} is wider than {width} pixels");
            for theme in ["one", "the other"] {
                let found = self.step("axe", json!({}));
                assert_eq!(found, json!([]), "{page} at {width}, {theme} theme");
                if let Some(folder) = std::env::var_os("PORCHLIGHT_GALLERY") {
                    let file = Path::new(&folder).join(format!("{page}-{width}-{theme}.png"));
                    self.step("picture", json!({ "file": file }));
                }
                if page != "sheet" && page != "receipt" {
                    self.press("Light or dark");
                }
            }
        }
        assert_eq!(self.step("troubles", json!({})), json!({ "troubles": [], "elsewhere": [] }), "{page}");
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.node.kill();
        let _ = self.node.wait();
    }
}
