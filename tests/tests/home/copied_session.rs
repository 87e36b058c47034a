//! A session that was copied is not its member: it changes nothing of who belongs to the household, who decides, and what speaks in it.

use std::fs;

use jiff::Timestamp;
use porchlight_household::{Household, Person, PersonChange, PersonId, SignedDocument, SignedStep};
use porchlight_tests::{Home, Member, Page, text};
use serde_json::{Value, json};

/// What a change leaves traces in: the document, how everybody and everything is, what speaks, and the ledger.
fn everything(home: &Home) -> Value {
    let lines = |command: &[&str]| home.anna(command).lines();
    json!([
        lines(&["person", "list"]),
        lines(&["device", "list"]),
        lines(&["policy"]),
        lines(&["ledger", "list"]),
    ])
}

/// The next version of the household as Anna's keys sign it, which every fresh session can get at.
fn signed(page: &mut Page, anna: &Member, edit: impl FnOnce(&mut Household, &PersonId)) -> Value {
    let before: SignedDocument = serde_json::from_value(page.get("/api/household").1).unwrap();
    let mut next = before.verify_seen(None, &[]).unwrap();
    let me =
        next.people.iter().find(|one| one.keys.as_ref() == Some(&anna.keys.public())).unwrap().id.clone();
    edit(&mut next, &me);
    next.tend_circles(&me, &anna.keys, Timestamp::now()).unwrap();
    let signed = next.sign_next(&me, &anna.keys).unwrap();
    let step = SignedStep::sign(&before, &signed, &anna.keys).unwrap();
    json!({ "signed": signed, "step": step })
}

/// Makes somebody an owner, or no longer.
fn owner(name: &str, owner: bool) -> impl FnOnce(&mut Household, &PersonId) {
    move |home, _| {
        let id = home.person_named(name).unwrap().id.clone();
        let change = PersonChange { owner: Some(owner), ..PersonChange::default() };
        home.change_person(&id, change, Timestamp::now()).unwrap();
    }
}

fn with(change: &Value, proof: &str) -> Value {
    let mut change = change.clone();
    change["proof"] = proof.into();
    change
}

#[test]
fn a_copied_session_that_is_fresh_changes_nothing_of_who_belongs_who_decides_and_what_speaks() {
    let home = Home::quiet();
    home.add_adult("Tom");
    home.add_microphone("Hall");
    home.anna(&["person", "add", "Mia", "--born", "2019-05", "--guardian", "Anna"]).one();
    home.new_passphrase("Eve");
    let path = |file: std::path::PathBuf| file.to_str().unwrap().to_owned();
    let (phrase, kit) = (path(home.passphrase("Eve")), path(home.kit("Eve")));

    // All that Anna's computer keeps of her session, on another's.
    let (hers, theirs) =
        (home.file("Anna.state").join("porchlight"), home.file("Thief.state").join("porchlight"));
    fs::create_dir_all(&theirs).unwrap();
    for file in fs::read_dir(hers).unwrap() {
        let file = file.unwrap().path();
        fs::copy(&file, theirs.join(file.file_name().unwrap())).unwrap();
    }
    let before = everything(&home);
    let grave: &[&[&str]] = &[
        &["person", "add", "Eve", "--born", "1990-01"],
        &["person", "add", "Eve", "--born", "1990-01", "--passphrase-file", &phrase, "--recovery-kit", &kit],
        &["person", "owner", "Tom"],
        &["person", "born", "Mia", "2008-01"],
        &["person", "rename", "Tom", "Tam"],
        &["person", "guardian", "Mia", "Anna", "Tom", "--yes"],
        &["person", "remove", "Tom", "--yes"],
        &["consent", "grant", "Mia", "history"],
        &["device", "add", "Study", "--kind", "microphone", "--person", "Anna"],
        &["device", "credential", "Hall"],
    ];
    for command in grave {
        let answer = home.run_by_session("Thief", command);
        assert_eq!(answer.status(), Some(3), "{command:?}");
        let why = answer.refused();
        assert!(why.contains("--my-passphrase-file"), "{command:?}: {why}");
    }
    assert!(!home.kit("Eve").exists(), "nobody has keys who is nobody");
    assert_eq!(everything(&home), before, "nothing of it was done");
    // What takes nothing from anybody goes on, and so does whatever keeps less.
    home.run_by_session("Thief", &["consent", "grant", "Anna", "history"]).one();
    home.run_by_session("Thief", &["consent", "withdraw", "Anna", "history"]).one();
    home.run_by_session("Thief", &["device", "rename", "Hall", "Corridor"]).one();

    // With the passphrase each of them goes, in the same session and without another code.
    for command in &grave[2..] {
        let named = if command[1] == "credential" { &["device", "credential", "Corridor"] } else { *command };
        if !["born", "rename", "remove"].contains(&named[1]) {
            home.anna(named).lines();
        }
    }
    home.anna(&["person", "remove", "Tom", "--yes"]).one();
    home.anna(grave[1]).one();
    let people = home.anna(&["person", "list"]).lines();
    assert!(people.iter().any(|person| text(person, "name") == "Eve" && person["can_sign_in"] == true));
}

#[test]
fn a_proof_is_good_once_for_its_own_kind_of_deed_and_in_its_own_session() {
    let home = Home::quiet();
    home.add_adult("Tom");
    let anna = Member::of_kit(&home, "Anna");
    let session = |name: &str| {
        let file = home.file(&format!("{name}.state")).join("porchlight/sessions.json");
        let file: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
        file["sessions"][home.address()].clone()
    };
    let taken = session("Anna");
    let mut page = Page::of_session(&home, &taken);
    let mut tom = Page::of_session(&home, &session("Tom"));
    let put = |page: &mut Page, change: &Value| page.ask("PUT", "/api/household", Some(change));
    let refused = |page: &mut Page, change: &Value, why: &str| {
        let (status, said) = put(page, change);
        assert_eq!((status, text(&said, "error")), (403, "proof"), "{why}: {said}");
    };
    let version = |page: &mut Page| page.get("/api/me").1["household"]["version"].clone();
    let first = version(&mut page);
    let promoted = signed(&mut page, &anna, owner("Tom", true));

    // What a session has of itself is no proof; nor is one that was made for something else, or by somebody else.
    refused(&mut page, &promoted, "none");
    for word in ["", text(&taken, "token"), text(&taken, "id"), text(&taken, "unwrap")] {
        refused(&mut page, &with(&promoted, word), "what the session holds");
    }
    let fresh_until = page.get("/api/me").1["session"]["fresh_until"].clone();
    let device = page.prove_alone(&home, "Anna", "device-credential").1;
    let toms = tom.prove_alone(&home, "Tom", "household").1;
    for (word, why) in [(&device, "for a microphone"), (&toms, "Tom's")] {
        refused(&mut page, &with(&promoted, text(word, "proof")), why);
    }
    let both = home.anna(&["session", "prove", "--totp-secret-file", home.totp("Anna").to_str().unwrap()]);
    both.one();
    assert_eq!(version(&mut page), first, "nothing of it was done");

    // For an account the passphrase alone proves nothing.
    let (status, said) = page.prove_alone(&home, "Anna", "account");
    assert_eq!((status, text(&said, "error")), (401, "not-right"), "{said}");

    // One that was made for it: once. It makes no session fresh for longer.
    let before = page.get("/api/me").1["session"]["fresh_until"].clone();
    assert_ne!(before, fresh_until, "both factors do");
    let (status, done) = page.prove_alone(&home, "Anna", "household");
    assert_eq!(status, 200, "{done}");
    assert_eq!((&done["until"], &page.get("/api/me").1["session"]["fresh_until"]), (&before, &before));
    let word = text(&done, "proof").to_owned();
    let (status, said) = put(&mut page, &with(&promoted, &word));
    assert_eq!(status, 200, "{said}");
    let demoted = signed(&mut page, &anna, owner("Tom", false));
    refused(&mut page, &with(&demoted, &word), "the second time");
    // A newer one takes the place of an older.
    let older = page.prove_alone(&home, "Anna", "household").1;
    let newer = page.prove_alone(&home, "Anna", "household").1;
    refused(&mut page, &with(&demoted, text(&older, "proof")), "the older");
    let eve = |home: &mut Household, _: &PersonId| {
        let eve = Person::new("Eve", "1990-01".parse().unwrap()).unwrap();
        home.add_person(eve, Timestamp::now()).unwrap();
    };
    let come = signed(&mut page, &anna, eve);
    assert_eq!(put(&mut page, &with(&come, text(&newer, "proof"))).0, 200);

    // Nor does the passphrase alone do once the second factor is old.
    home.grow_stale();
    let (status, said) = page.prove_alone(&home, "Anna", "household");
    assert_eq!((status, text(&said, "error")), (401, "code-needed"), "{said}");
}

#[test]
fn whoever_has_a_copied_session_guesses_no_passphrase_by_it_and_its_owner_is_told() {
    let home = Home::quiet();
    let file = fs::read(home.file("Anna.state").join("porchlight/sessions.json")).unwrap();
    let file: Value = serde_json::from_slice(&file).unwrap();
    let mut thief = Page::of_session(&home, &file["sessions"][home.address()]);
    let told = Page::of_session(&home, &file["sessions"][home.address()]).events();
    let guess = |page: &mut Page| page.guess("/api/step-up/start");
    // Whoever knows it takes their own try back, and no other.
    for _ in 0..3 {
        assert_eq!(guess(&mut thief), 200);
    }
    assert_eq!(thief.prove_alone(&home, "Anna", "household").0, 200);
    let tries = (0..20).map(|_| guess(&mut thief)).take_while(|status| *status == 200).count();
    assert_eq!(tries, 3, "six in all");
    assert_eq!(guess(&mut thief), 429);
    for _ in 0..6 {
        assert_eq!(guess(&mut thief), 429);
    }
    let failed = told.wait_for("the tries are told", 90, |event| event["event"] == "sign-in-failed");
    assert_eq!((text(&failed, "person"), text(&failed, "tried")), ("Anna", "passphrase"), "{failed}");
}
