//! Making a household in a browser, with the code that the hub shows on its own screen.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use porchlight_tests::{Home, Member, Page, Voice, files_below, mode, text};
use serde_json::{Value, json};

/// A hub that waits for its household.
fn waiting(options: &[&str]) -> Home {
    let mut home = Home::empty(Voice::None);
    home.serve_with(&[&["--set-up"], options].concat());
    home
}

/// What Anna's browser sends to make her household.
struct Wish {
    code: String,
    /// What began it, and what the hub said to that.
    start: Value,
    started: Value,
    body: Value,
}

fn wish(home: &Home, page: &mut Page, mirrors: &[&Path]) -> Wish {
    let (anna, code) = (Member::new(), home.set_up_code().to_owned());
    let (id, signed) = anna.found("Anna");
    let passphrase = fs::read_to_string(home.passphrase("Anna")).unwrap();
    let mut start = Value::Null;
    let (account, started) = anna.account(home, ("Anna", &id), passphrase.trim(), |request| {
        start = json!({ "code": code.to_lowercase(), "person": id.as_str(), "request": request });
        let (status, answer) = page.post("/api/setup/start", &start);
        assert_eq!(status, 200, "{answer}");
        answer
    });
    let body = json!({ "code": code, "signed": signed, "account": account, "mirrors": mirrors });
    Wish { code, start, started, body }
}

/// The names of all files below a folder, without what is above it.
fn names(folder: &Path) -> BTreeSet<String> {
    let name = |file: &std::path::PathBuf| file.strip_prefix(folder).unwrap().display().to_string();
    files_below(folder)
        .iter()
        .map(name)
        .filter(|name| !name.contains("hub.sqlite") && name != "lock")
        .collect()
}

#[test]
fn a_household_is_made_in_a_browser_and_served_at_once() {
    let mut home = waiting(&[]);
    let mut page = Page::open(&home);
    assert_eq!(text(&page.get("/api/health").1, "state"), "set-up");
    for nothing_yet in ["/api/me", "/api/recordings"] {
        let (status, said) = page.get(nothing_yet);
        assert_eq!((status, text(&said, "error")), (503, "no-household"));
    }
    assert!(!home.data().exists() && !home.strongbox().exists(), "nothing is made before it is asked for");

    let Wish { body, started, .. } = wish(&home, &mut page, &[]);
    assert_eq!(Path::new(text(&started, "data")), home.data());
    assert_eq!(Path::new(text(&started, "strongbox")), home.strongbox());
    assert!(started["warnings"].is_array(), "{started}");
    let (status, made) = page.post("/api/setup", &body);
    assert_eq!(status, 201, "{made}");
    assert_eq!(text(&page.get("/api/health").1, "state"), "home");
    page.sign_in(&home, "Anna");
    let me = page.get("/api/me").1;
    assert_eq!((text(&me, "name"), text(&me["household"], "id")), ("Anna", text(&made, "household")));
    let (status, _) = page.post("/api/setup", &body);
    assert_eq!(status, 404, "the code is of no use any more");

    // It is what `init` makes, and goes on as any hub: with the command line, and after it starts again.
    for folder in [home.data(), home.strongbox()] {
        assert_eq!(mode(&folder), 0o700);
    }
    let mut by_init = Home::made();
    by_init.serve();
    for home in [&by_init, &home] {
        home.sign_in("Anna").one();
        home.add_microphone("Kitchen");
    }
    by_init.stop();
    home.stop();
    assert_eq!(names(&home.data()), names(&by_init.data()));
    home.serve();
    assert_eq!(text(&home.device("Kitchen"), "name"), "Kitchen");
}

#[test]
fn only_who_reads_the_code_makes_the_household_and_guessing_is_slowed_down() {
    let home = waiting(&[]);
    let mut page = Page::open(&home);
    let Wish { code, body, .. } = wish(&home, &mut page, &[]);
    let wrong = if code.starts_with('A') { "BBBB-BBBB" } else { "AAAA-AAAA" };
    let mut guess = body.clone();
    guess["code"] = wrong.into();
    let mut refusals = BTreeSet::new();
    for path in ["/api/setup", "/api/setup/start"].into_iter().cycle().take(8) {
        let start = json!({ "code": wrong, "person": "anna", "request": "" });
        let (status, said) = page.post(path, if path.ends_with("start") { &start } else { &guess });
        assert!(said["message"].as_str().is_some_and(|message| !message.contains(&code)), "{said}");
        refusals.insert((status, text(&said, "error").to_owned()));
    }
    assert_eq!(refusals, BTreeSet::from([(401, "wrong-code".into()), (429, "too-many".into())]));
    assert!(!home.data().exists());
    // Nobody who has the code is kept from it by strangers' tries, from the same address neither.
    let (status, said) = page.post("/api/setup", &body);
    assert_eq!(status, 201, "{said}");
}

#[test]
fn what_does_not_belong_together_makes_no_household() {
    let home = waiting(&[]);
    let mut page = Page::open(&home);
    let Wish { start, body: good, .. } = wish(&home, &mut page, &[]);
    let refused = |page: &mut Page, change: &dyn Fn(&mut Value)| {
        let mut body = good.clone();
        change(&mut body);
        let (status, said) = page.post("/api/setup", &body);
        assert!((400..500).contains(&status), "{status} {said}");
        text(&said, "message").to_owned()
    };
    // Another's document, and one that was changed after it was signed.
    let (_, others) = Member::new().found("Anna");
    let why = refused(&mut page, &|body| body["signed"] = serde_json::to_value(&others).unwrap());
    assert!(why.contains("begun for somebody else"), "{why}");
    let why = refused(&mut page, &|body| {
        let text = body["signed"]["document"].as_str().unwrap().replace("1980-01", "1981-01");
        body["signed"]["document"] = text.into();
    });
    assert!(why.contains("signature"), "{why}");
    refused(&mut page, &|body| body["account"]["record"] = "AAAA".into());
    // Junk in the place of the wrapped identity, and keys that the owner did not state.
    let other = Member::new();
    let (key, recovery) = (other.keys.account_key(), other.recovery.public().unwrap());
    for (part, junk) in [
        ("wrapped", json!("A".repeat(136))),
        ("account_key", json!(key)),
        ("recovery_key", json!(recovery)),
        ("vouched", json!(other.keys.vouch())),
    ] {
        let why = refused(&mut page, &|body| body["account"][part] = junk.clone());
        assert!(why.contains("own key"), "{part}: {why}");
    }
    // A mirror whose disk is not there, one that is no place, and those that lie in what they mirror, or it in them.
    let (away, inside, around) = (
        home.file("not attached/mirror"),
        home.data().join("mirror"),
        home.data().parent().unwrap().to_owned(),
    );
    let (link, same) = (home.file("link"), home.strongbox().join("."));
    std::os::unix::fs::symlink(&inside, &link).unwrap();
    for (mirror, word) in [
        (away.to_str().unwrap(), "mirror-away"),
        ("stick/mirror", "mirror-no-path"),
        (inside.to_str().unwrap(), "mirror-inside"),
        (around.to_str().unwrap(), "mirror-inside"),
        (link.to_str().unwrap(), "mirror-inside"),
        (same.to_str().unwrap(), "mirror-inside"),
        ("/proc", "mirror-not-empty"),
    ] {
        // Already where it is named, before the rest of it is filled in.
        for (path, asked) in [("/api/setup/start", &start), ("/api/setup", &good)] {
            let mut body = asked.clone();
            body["mirrors"] = json!([mirror]);
            let (status, said) = page.post(path, &body);
            assert_eq!((status, text(&said["said"], "code")), (400, word), "{mirror}: {said}");
        }
    }
    assert!(!home.data().exists() && !home.strongbox().exists());

    let (status, made) = page.post("/api/setup", &good);
    assert_eq!(status, 201, "what was refused stands in nobody's way: {made}");
}

#[test]
fn a_mirror_that_was_chosen_in_the_browser_is_followed_from_then_on() {
    let mut home = waiting(&[]);
    let mut page = Page::open(&home);
    let mirror = home.file("stick");
    let body = wish(&home, &mut page, &[&mirror]).body;
    assert_eq!(page.post("/api/setup", &body).0, 201);
    let same = |home: &Home| {
        let packs = |folder: &Path| {
            names(folder).into_iter().filter(|name| name.starts_with("pack-")).collect::<Vec<_>>()
        };
        assert_eq!(packs(&home.strongbox()), packs(&mirror));
    };
    same(&home);
    home.sign_in("Anna").one();
    home.add_microphone("Kitchen");
    same(&home);
    // Nobody names it again.
    home.stop();
    home.serve();
    home.add_microphone("Study");
    same(&home);
    // It takes the first one's place when that is lost.
    home.stop();
    fs::remove_dir_all(home.strongbox()).unwrap();
    home.serve_with(&["--strongbox", mirror.to_str().unwrap()]);
    assert_eq!(text(&home.device("Study"), "name"), "Study");
}

#[test]
fn the_authority_that_a_browser_met_first_is_the_households() {
    let mut home = waiting(&["--https"]);
    assert!(home.address().starts_with("https://"));
    let mut page = Page::open(&home);
    let body = wish(&home, &mut page, &[]).body;
    assert_eq!(page.post("/api/setup", &body).0, 201);
    let authority = home.file("as it was");
    fs::copy(home.authority(), &authority).unwrap();
    home.sign_in_trusting("Anna", &authority).one();
    home.stop();
    home.serve();
    home.sign_in_trusting("Anna", &authority).one();
}

#[test]
fn phones_are_let_in_when_a_household_is_made() {
    let mut home = waiting(&["--no-announce"]);
    let mut page = Page::open(&home);
    let mut body = wish(&home, &mut page, &[]).body;
    body["phones"] = true.into();
    let (status, made) = page.post("/api/setup", &body);
    assert_eq!((status, &made["phones"]), (201, &true.into()), "{made}");
    page.sign_in(&home, "Anna");
    let shown = |page: &mut Page, home: &Home| {
        let phone = page.get("/api/phone").1;
        assert_eq!((&phone["network"], home.authority().exists()), (&true.into(), true), "{phone}");
    };
    shown(&mut page, &home);
    let lines = page.get("/api/ledger/lines").1;
    assert!(lines.as_array().unwrap().iter().any(|line| line["kind"] == "phones"), "{lines}");
    home.stop();
    home.serve_as_remembered();
    page.go_to(home.address());
    shown(&mut page, &home);
}

#[test]
fn a_hub_that_waits_takes_nothing_that_is_there_already() {
    let mut home = Home::made();
    home.serve_with(&["--set-up"]);
    home.sign_in("Anna").one();
    home.stop();
    // Its strongbox without its data folder is no new household.
    fs::rename(home.data(), home.file("elsewhere")).unwrap();
    let why = home.serve_refused();
    assert!(why.contains("put the data folder back"), "{why}");
    // Stopping a hub that waits leaves nothing behind.
    let mut home = waiting(&[]);
    home.stop();
    assert!(!home.data().exists() && !home.strongbox().exists());
}
