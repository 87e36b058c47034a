//! Signing in between this crate and npm `@serenity-kit/opaque` 1.1, each as client and as server.
//!
//! The package is looked for in the folder that PORCHLIGHT_NODE_MODULES names (the one that holds `node_modules`), and in
//! the `web` and root folders of the checkout. Without Node or the package the tests say so and pass.

// A test file's helpers stand outside `#[test]`, where clippy does not see that this is a test.
#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use porchlight_household::member::wrapping_key;
use porchlight_household::sign_in::opaque::{Record, Registration, Server, SignIn};
use porchlight_household::{Kit, MemberKeys};
use serde_json::{Value, json};

const PASSPHRASE: &str = "walnut ferry compass drizzle — für Zoë";

#[test]
fn a_browser_registers_and_signs_in_here() {
    let Some(mut npm) = Npm::start() else { return };
    let server = Server::generate();

    let start = npm.call("startRegistration", json!({ "password": PASSPHRASE }));
    let response = server.register("anna", text(&start, "registrationRequest")).unwrap();
    let done = npm.call(
        "finishRegistration",
        json!({ "password": PASSPHRASE, "registrationResponse": response,
                "clientRegistrationState": start["clientRegistrationState"] }),
    );
    let record = Record::from_text(text(&done, "registrationRecord")).unwrap();

    for (passphrase, account, known) in
        [(PASSPHRASE, "anna", true), ("wrong", "anna", true), (PASSPHRASE, "bob", false)]
    {
        let start = npm.call("startLogin", json!({ "password": passphrase }));
        let request = text(&start, "startLoginRequest");
        let (pending, response) = server.answer(account, known.then_some(&record), request).unwrap();
        let end = npm.call(
            "finishLogin",
            json!({ "password": passphrase, "loginResponse": response, "clientLoginState": start["clientLoginState"] }),
        );
        if passphrase == PASSPHRASE && known {
            assert_eq!(end["exportKey"], done["exportKey"]);
            let session_key = pending.prove(text(&end, "finishLoginRequest")).unwrap();
            assert_eq!(URL_SAFE_NO_PAD.encode(&session_key), end["sessionKey"]);
            // The same account from the command line, with the same key at the end.
            let (client, request) = SignIn::start(passphrase).unwrap();
            let (_, response) = server.answer(account, Some(&record), &request).unwrap();
            let export_key = client.finish(&response).unwrap().export_key;
            assert_eq!(URL_SAFE_NO_PAD.encode(&export_key), done["exportKey"]);
            // What was wrapped here, WebCrypto unwraps there.
            let keys = MemberKeys::generate().unwrap();
            let wrapped = keys.wrap(&wrapping_key(&export_key).unwrap()).unwrap();
            let there = npm.call(
                "unwrapIdentity",
                json!({ "exportKey": done["exportKey"], "wrapped": URL_SAFE_NO_PAD.encode(wrapped) }),
            );
            assert_eq!(Kit::read(text(&there, "identity")).unwrap().keys.public(), keys.public());
        } else {
            assert_eq!(end, Value::Null);
        }
    }
}

#[test]
fn this_client_registers_and_signs_in_there() {
    let Some(mut npm) = Npm::start() else { return };
    let setup = npm.call("createSetup", json!({}))["serverSetup"].clone();

    let (client, request) = Registration::start(PASSPHRASE).unwrap();
    let response = npm.call(
        "createRegistrationResponse",
        json!({ "serverSetup": setup, "userIdentifier": "anna", "registrationRequest": request }),
    );
    let registered = client.finish(text(&response, "registrationResponse")).unwrap();

    let (client, request) = SignIn::start(PASSPHRASE).unwrap();
    let response = npm.call(
        "serverStartLogin",
        json!({ "serverSetup": setup, "userIdentifier": "anna", "registrationRecord": registered.record,
                "startLoginRequest": request }),
    );
    let signed_in = client.finish(text(&response, "loginResponse")).unwrap();
    assert_eq!(signed_in.export_key, registered.export_key);
    let end = npm.call(
        "serverFinishLogin",
        json!({ "serverLoginState": response["serverLoginState"], "finishLoginRequest": signed_in.finalization }),
    );
    assert_eq!(URL_SAFE_NO_PAD.encode(&signed_in.session_key), end["sessionKey"]);
}

fn text<'v>(answer: &'v Value, field: &str) -> &'v str {
    answer[field].as_str().unwrap_or_else(|| panic!("no {field} in the answer"))
}

/// A Node process that holds the package.
struct Npm {
    child: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Npm {
    /// `None`, and one line that says why, when Node or the package is not there.
    fn start() -> Option<Self> {
        let Some(folder) = package_folder() else {
            eprintln!(
                "skipped: npm package @serenity-kit/opaque is not installed (name its folder in PORCHLIGHT_NODE_MODULES)"
            );
            return None;
        };
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/opaque.mjs");
        let spawned =
            Command::new("node").arg(script).arg(folder).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let Ok(mut child) = spawned else {
            eprintln!("skipped: node is not installed");
            return None;
        };
        let requests = child.stdin.take().unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        Some(Self { child, requests, answers })
    }

    fn call(&mut self, call: &str, params: Value) -> Value {
        writeln!(self.requests, "{}", json!({ "call": call, "params": params })).unwrap();
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("{call} gave no answer"))
    }
}

impl Drop for Npm {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn package_folder() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let named = std::env::var_os("PORCHLIGHT_NODE_MODULES").map(PathBuf::from);
    let places = named.into_iter().chain([root.join("web"), root]);
    places.into_iter().find(|folder| folder.join("node_modules/@serenity-kit/opaque/package.json").is_file())
}
