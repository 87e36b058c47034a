//! Who may ask for what: every route of the API against everybody who may come, by the OpenAPI document, so that no route is left out.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use jiff::{SignedDuration, Timestamp};
use porchlight_tests::{Home, Page, porchlight, root, text};
use serde_json::{Value, json};

/// Whoever may ask, the least first: each may what those before them may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Who {
    /// Nobody of the household.
    Stranger,
    /// Somebody of thirteen to seventeen, in nobody's stead.
    Teen,
    Adult,
    Owner,
}

use Who::{Adult, Owner, Stranger, Teen};

/// A route, the least who may ask it, and what is asked: where its path has a part in braces, of something that is not there.
struct Route {
    method: &'static str,
    path: &'static str,
    least: Who,
    body: fn() -> Value,
}

const fn get(path: &'static str, least: Who) -> Route {
    Route { method: "GET", path, least, body: || Value::Null }
}

const fn send(method: &'static str, path: &'static str, least: Who, body: fn() -> Value) -> Route {
    Route { method, path, least, body }
}

/// The matrix. A stranger's are all that a stranger gets.
const ROUTES: &[Route] = &[
    get("/api/health", Stranger),
    get("/api/openapi.json", Stranger),
    get("/authority.crt", Stranger),
    get("/porchlight.mobileconfig", Stranger),
    send("POST", "/api/sign-in/start", Stranger, || json!({ "name": "Nobody", "request": "AA" })),
    send(
        "POST",
        "/api/sign-in/finish",
        Stranger,
        || json!({ "attempt": "none", "finalization": "AA", "code": "000000", "client": "a test" }),
    ),
    send("POST", "/api/sign-in/passkey/start", Stranger, || json!({ "name": "Nobody" })),
    send("POST", "/api/sign-in/passkey/finish", Stranger, || json!({ "attempt": "none" })),
    send("POST", "/api/recovery/start", Stranger, || json!({ "name": "Nobody", "request": "AA" })),
    send("POST", "/api/recovery/finish", Stranger, || json!({ "attempt": "none" })),
    // Whoever has a code of an invitation is nobody yet.
    send("POST", "/api/invitations/open", Stranger, || json!({ "handle": "none" })),
    send("POST", "/api/invitations/register", Stranger, || json!({ "handle": "none", "request": "AA" })),
    send("POST", "/api/invitations/answer", Stranger, || json!({ "handle": "none" })),
    send("POST", "/api/invitations/wait", Stranger, || json!({ "handle": "none", "binding": "none" })),
    send("POST", "/api/invitations/stop", Stranger, || json!({ "handle": "none" })),
    // A hub that has a household knows nothing of making one.
    send("POST", "/api/setup/start", Stranger, || json!({ "code": "AAAA-AAAA" })),
    send("POST", "/api/setup", Stranger, || json!({ "code": "AAAA-AAAA" })),
    get("/api/answered", Teen),
    get("/api/attention", Teen),
    get("/api/clock", Teen),
    get("/api/copies", Teen),
    get("/api/devices", Teen),
    get("/api/effects", Teen),
    get("/api/events", Teen),
    get("/api/events/{number}/speech", Teen),
    get("/api/events/{number}/words", Teen),
    get("/api/holds", Teen),
    get("/api/household", Teen),
    get("/api/household/steps", Teen),
    get("/api/identity", Teen),
    get("/api/ledger", Teen),
    get("/api/ledger/lines", Teen),
    get("/api/ledger/lines/{line}/proof", Teen),
    get("/api/ledger/trees/{tree}", Teen),
    get("/api/ledger/consistency", Teen),
    get("/api/looks/{look}/{id}", Teen),
    get("/api/me", Teen),
    get("/api/passkeys", Teen),
    send("POST", "/api/passkeys/start", Teen, || Value::Null),
    send("POST", "/api/passkeys", Teen, || json!({ "attempt": "none" })),
    send("DELETE", "/api/passkeys/{id}", Teen, || Value::Null),
    send("PATCH", "/api/passkeys/{id}", Teen, || json!({ "name": "a name" })),
    get("/api/people", Teen),
    get("/api/phone", Teen),
    get("/api/policy", Teen),
    get("/api/recordings", Teen),
    get("/api/sessions", Teen),
    send("DELETE", "/api/sessions/{id}", Teen, || Value::Null),
    send("PATCH", "/api/sessions/{id}", Teen, || json!({ "name": "a name" })),
    send("DELETE", "/api/holds/{id}", Teen, || Value::Null),
    send(
        "POST",
        "/api/holds",
        Teen,
        || json!({ "selection": { "ids": [999_999] }, "until": "2199-01-01", "why": "asked for" }),
    ),
    send("POST", "/api/forget/preview", Teen, || json!({ "ids": [999_999] })),
    send("POST", "/api/forget", Teen, || json!({ "token": "none" })),
    send("POST", "/api/ledger/details", Teen, || json!({ "details": [999_999] })),
    send("POST", "/api/looks", Teen, || json!({ "selection": { "ids": [999_999] }, "why": "open" })),
    send(
        "POST",
        "/api/ask",
        Teen,
        || json!({ "text": "What time is it?", "device": null, "aloud": false, "conversation": null }),
    ),
    send("POST", "/api/effects", Teen, || json!({ "list": "shopping", "item": "" })),
    send("POST", "/api/effects/{id}/done", Teen, || Value::Null),
    send("POST", "/api/hear", Teen, || Value::Null),
    send("POST", "/api/say", Teen, || Value::Null),
    send("POST", "/api/step-up/start", Teen, || json!({ "request": "AA" })),
    send(
        "POST",
        "/api/step-up/finish",
        Teen,
        || json!({ "attempt": "none", "finalization": "AA", "code": "000000" }),
    ),
    send("POST", "/api/account/passphrase/start", Teen, || json!({ "request": "AA" })),
    send("PUT", "/api/account/passphrase", Teen, || json!({ "record": "AA" })),
    send("PUT", "/api/account/kit", Teen, || json!({ "proof": "none" })),
    send("POST", "/api/speech", Teen, || json!({ "text": "Hello." })),
    get("/api/doctor", Adult),
    get("/api/cameras/{camera}/live", Adult),
    send("PUT", "/api/privacy", Adult, || json!({ "on": true, "cameras": ["nowhere"] })),
    send("POST", "/api/clock/confirm", Adult, || json!({ "shown": "2001-01-01T00:00:00Z" })),
    send("POST", "/api/copies/end-newer", Adult, || json!({ "made": "2001-01-01T00:00:00Z" })),
    send("POST", "/api/devices/credential", Adult, || json!({ "device": "Nowhere" })),
    send("PUT", "/api/household", Adult, || json!({})),
    get("/api/invitations", Owner),
    send("POST", "/api/cameras/find", Owner, || json!({ "at": "nowhere" })),
    send("POST", "/api/cameras/try", Owner, || json!({ "address": "" })),
    send(
        "POST",
        "/api/invitations",
        Owner,
        || json!({ "person": "p-0123456789abcdef", "handle": "none", "commitment": "none", "greeting": "none" }),
    ),
    send("POST", "/api/invitations/{person}/nonce", Owner, || json!({ "nonce": "none" })),
    send("DELETE", "/api/invitations/{person}", Owner, || Value::Null),
    send("POST", "/api/ledger/key", Owner, || Value::Null),
    send("POST", "/api/phone", Owner, || Value::Null),
];

/// What a microphone may ask by its own credential, beside what a stranger may: to speak, and to be told what is to be spoken there.
const OF_A_MICROPHONE: &[(&str, &str)] = &[
    ("POST", "/api/ask"),
    ("POST", "/api/say"),
    ("GET", "/api/events"),
    ("GET", "/api/events/{number}/speech"),
    ("GET", "/api/events/{number}/words"),
];

/// The paths that a stranger may ask.
pub(crate) fn public() -> Vec<&'static str> {
    ROUTES.iter().filter(|route| route.least == Stranger).map(|route| route.path).collect()
}

/// The paths that are only read, and name nothing.
pub(crate) fn plain_gets() -> impl Iterator<Item = &'static str> {
    let plain = |route: &&Route| route.method == "GET" && !route.path.contains('{');
    ROUTES.iter().filter(plain).map(|route| route.path).filter(|path| *path != "/api/events")
}

/// Anna who owns, Ben who is an adult, and Noah who is sixteen; each with the app open. And somebody who is not signed in.
fn everybody(home: &Home) -> Vec<(Who, Page)> {
    home.add_adult("Ben");
    home.add_teen("Noah");

    let mut all = vec![(Stranger, Page::open(home))];
    for (who, name) in [(Teen, "Noah"), (Adult, "Ben"), (Owner, "Anna")] {
        let mut page = Page::open(home);
        page.sign_in(home, name);
        let (_, me) = page.get("/api/me");
        assert_eq!((text(&me, "name"), me["owner"] == true), (name, who == Owner), "{me}");
        all.push((who, page));
    }
    all
}

/// The OpenAPI document, as the hub makes it.
fn document() -> Value {
    let said = Command::new(porchlight()).arg("openapi").output().unwrap();
    serde_json::from_slice(&said.stdout).unwrap()
}

/// Every method and path of the OpenAPI document.
fn described() -> BTreeSet<(String, String)> {
    let document = document();
    let paths = document["paths"].as_object().unwrap();
    let routes = paths.iter().flat_map(|(path, methods)| {
        let methods = methods.as_object().unwrap().keys();
        methods.map(|method| (method.to_uppercase(), path.clone()))
    });
    routes.collect()
}

/// A path of something that is not there.
fn filled(path: &str) -> String {
    path.split('/')
        .map(|part| if part.starts_with('{') { "999999" } else { part })
        .collect::<Vec<_>>()
        .join("/")
}

/// The app's types are held against this file by its compiler.
#[test]
fn the_document_of_the_api_is_the_one_in_docs() {
    let written = fs::read_to_string(root().join("docs/openapi.json")).unwrap();
    let written: Value = serde_json::from_str(&written).unwrap();
    assert!(
        written == document(),
        "docs/openapi.json is of before; write it anew: porchlight openapi > docs/openapi.json"
    );
}

#[test]
fn every_route_is_open_to_those_whom_it_is_for_and_to_nobody_else() {
    let known: BTreeSet<_> =
        ROUTES.iter().map(|route| (route.method.to_owned(), route.path.to_owned())).collect();
    assert_eq!(known.len(), ROUTES.len(), "a route stands twice in the matrix");
    assert_eq!(described(), known, "the document (left) and the matrix (right) differ");

    let home = Home::quiet();
    let mut wrong = Vec::new();
    for (who, page) in &mut everybody(&home) {
        for Route { method, path, least, body } in ROUTES {
            let body = body();
            let may = *who >= *least;
            if may && *path == "/api/events" {
                page.events();
                continue;
            }
            let (status, said) = page.ask(method, &filled(path), (!body.is_null()).then_some(&body));
            let word = said["error"].as_str().unwrap_or_default();
            // A look is one session's own, whoever has it.
            let turned_away =
                word == "signed-out" || word == "not-yours" && *path != "/api/looks/{look}/{id}";
            let right = match (may, *who) {
                // Nothing that is asked for is there, so that an answer may be that it is not, or that a proof is none; but nobody is
                // turned away.
                (true, _) => (status < 500 || status == 503) && !turned_away,
                (false, Stranger) => status == 401 && word == "signed-out",
                (false, _) => status == 403 && word == "not-yours",
            };
            if !right {
                wrong.push(format!("{who:?}: {method} {path}: {status} {said}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_microphone_by_its_own_credential_speaks_and_asks_for_nothing_else() {
    let home = Home::quiet();
    home.add_microphone("Kitchen");
    let first = home.credential("Anna", "Kitchen");
    let mut microphone = Page::of_microphone(&home, &home.credential("Anna", "Kitchen"));
    let mut wrong = Vec::new();
    for Route { method, path, least, body } in ROUTES {
        let may = *least == Stranger || OF_A_MICROPHONE.contains(&(*method, *path));
        if may && *path == "/api/events" {
            microphone.events();
            continue;
        }
        let body = body();
        let (status, said) = microphone.ask(method, &filled(path), (!body.is_null()).then_some(&body));
        let refused = status == 403 && said["error"] == "not-yours";
        let right = if may { !refused && said["error"] != "signed-out" } else { refused };
        if !right {
            wrong.push(format!("{method} {path}: {status} {said}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    // One that was replaced, one of a device that is gone, and what is none at all, are nobody's.
    let nobodys = |credential: &str| {
        let mut page = Page::of_microphone(&home, credential);
        for (method, path) in [("GET", "/api/events"), ("GET", "/api/me"), ("POST", "/api/say")] {
            assert_eq!(page.ask(method, path, None).0, 401, "{method} {path}");
        }
    };
    nobodys(&first);
    nobodys("device.");
    nobodys(&format!("{first}A"));
    let last = home.credential("Anna", "Kitchen");
    let told = Page::of_microphone(&home, &last).events();
    home.anna(&["device", "remove", "Kitchen", "--yes"]).one();
    told.ends(5);
    nobodys(&last);
}

#[test]
fn what_is_one_adults_opens_for_nobody_else() {
    let Some(home) = Home::that_speaks() else { return };
    home.add_annas_microphone("Study");
    home.say("Set a timer for 10 minutes.", "Study");
    let kept = home.list(&[]);
    let voice = kept.iter().find(|one| text(one, "kind") == "voice").unwrap()["id"].as_u64().unwrap();
    let looked =
        |page: &mut Page| page.post("/api/looks", &json!({ "selection": { "ids": [voice] }, "why": "open" }));
    let tomorrow = (Timestamp::now() + SignedDuration::from_hours(24)).to_string();
    let mut pages = everybody(&home);

    let (_, annas) = pages.last_mut().unwrap();
    let (status, look) = looked(annas);
    assert_eq!(status, 200, "{look}");
    let file = format!("/api/looks/{}/{voice}", look["look"]);
    assert_eq!(annas.ask("GET", &file, None).0, 200);

    for (who, page) in &mut pages[..3] {
        // Not even that it is there is theirs to know: it is answered like what never was.
        let refused = if *who == Stranger { 401 } else { 404 };
        let (status, said) = looked(page);
        assert_eq!(status, refused, "{who:?}: {said}");
        let (status, said) = page.ask("GET", &file, None);
        assert!([401, 403].contains(&status), "{who:?} uses Anna's look: {status} {said}");
        let (status, list) = page.get("/api/recordings");
        match who {
            Stranger => assert_eq!(status, 401),
            _ => assert!(
                list.as_array().unwrap().iter().all(|one| one["owner"] == "household"),
                "{who:?}: {list}"
            ),
        }
        let (status, preview) = page.post("/api/forget/preview", &json!({ "ids": [voice] }));
        match who {
            Stranger => assert_eq!(status, 401),
            _ => assert_eq!((status, text(&preview, "error")), (404, "not-found"), "{who:?}: {preview}"),
        }
        let (status, said) = page.post(
            "/api/holds",
            &json!({ "selection": { "ids": [voice] }, "until": tomorrow, "why": "mine" }),
        );
        assert_eq!(status, refused, "{who:?} holds what is Anna's: {said}");
    }
}
