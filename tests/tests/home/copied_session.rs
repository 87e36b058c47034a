//! A session that was copied is not its member: it changes nothing of who belongs to the household, who decides, and what speaks in it.

use std::fs;

use jiff::Timestamp;
use porchlight_household::{
    Agreement, Device, DeviceKind, Document, Household, Keep, Kind, Person, PersonChange, PersonId, Purpose,
    Rule, SignedDocument, SignedStep,
};
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
    home.anna(&["person", "add", "Ida", "--born", "1990-01"]).one();

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
        &["person", "owner", "Tom"],
        &["person", "born", "Mia", "2008-01"],
        &["person", "rename", "Tom", "Tam"],
        &["person", "guardian", "Mia", "Anna", "Tom", "--yes"],
        &["person", "remove", "Tom", "--yes"],
        &["consent", "grant", "Mia", "history"],
        &["consent", "grant", "Anna", "history"],
        &["device", "add", "Porch", "--kind", "camera", "--url", "rtsp://127.0.0.1:1/"],
        &["device", "add", "Study", "--kind", "microphone", "--person", "Anna"],
        &["device", "credential", "Hall"],
    ];
    for command in grave {
        let answer = home.run_by_session("Thief", command);
        assert_eq!(answer.status(), Some(3), "{command:?}");
        let why = answer.refused();
        assert!(why.contains("--my-passphrase-file"), "{command:?}: {why}");
    }
    // To ask somebody in gives nothing away; to let them in does.
    let mut inviting = home.invite_by_session("Thief", "Ida");
    let code = text(&inviting.line(), "code").to_owned();
    let mut joining = home.join("Ida", &code);
    assert_eq!(joining.line()["numbers"], inviting.line()["numbers"]);
    inviting.says("y");
    let answer = inviting.finish();
    assert_eq!(answer.status(), Some(3), "{answer:?}");
    assert_eq!(everything(&home), before, "nothing of it was done");
    // What takes nothing from anybody goes on, and so does whatever keeps less.
    home.anna(&["consent", "grant", "Anna", "history"]).one();
    home.run_by_session("Thief", &["consent", "withdraw", "Anna", "history"]).one();
    home.run_by_session("Thief", &["device", "rename", "Hall", "Corridor"]).one();

    // With the passphrase each of them goes, in the same session and without another code.
    for command in &grave[1..] {
        let named = if command[1] == "credential" { &["device", "credential", "Corridor"] } else { *command };
        if !["born", "rename", "remove"].contains(&named[1]) {
            home.anna(named).lines();
        }
    }
    home.anna(&["person", "remove", "Tom", "--yes"]).one();
    home.anna(grave[0]).one();
    home.let_in("Eve");
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

/// What a client does to the household.
type Edit = Box<dyn FnOnce(&mut Household, &PersonId)>;

/// A change by hand, as another client than ours would make it.
fn by_hand(edit: impl FnOnce(&mut Document, &PersonId)) -> impl FnOnce(&mut Household, &PersonId) {
    move |home, me| {
        let mut document = home.to_document();
        edit(&mut document, me);
        *home = Household::from_document(document).unwrap();
    }
}

fn video(days: u32) -> impl FnOnce(&mut Household, &PersonId) {
    move |home, _| home.set_rule(Rule::for_kind(Kind::Video, Keep::Days(days)), Timestamp::now()).unwrap()
}

#[test]
fn a_copied_session_that_is_fresh_has_no_more_kept_and_nothing_longer() {
    let home = Home::quiet();
    let anna = Member::of_kit(&home, "Anna");
    let file = fs::read(home.file("Anna.state").join("porchlight/sessions.json")).unwrap();
    let file: Value = serde_json::from_slice(&file).unwrap();
    let mut page = Page::of_session(&home, &file["sessions"][home.address()]);
    let put = |page: &mut Page, change: &Value| page.ask("PUT", "/api/household", Some(change));
    let proved = |page: &mut Page, change: &Value| {
        let word = page.prove_alone(&home, "Anna", "household").1;
        put(page, &with(change, text(&word, "proof")))
    };
    let takes_proof = |page: &mut Page, change: &Value, why: &str| {
        let (status, said) = put(page, change);
        assert_eq!((status, text(&said, "error")), (403, "proof"), "{why}: {said}");
    };
    let with_address = |mut change: Value, camera: &Device| {
        change["addresses"] = json!({ camera.id.as_str(): "rtsp://127.0.0.1:1/" });
        change
    };

    // Longer, by a rule that comes and by one that goes; shorter goes on.
    let longer = signed(&mut page, &anna, video(36_500));
    takes_proof(&mut page, &longer, "a hundred years");
    let shorter = signed(&mut page, &anna, video(1));
    assert_eq!(put(&mut page, &shorter).0, 200, "less is kept at once");
    let dropped = signed(&mut page, &anna, by_hand(|document, _| document.retention.rules.clear()));
    takes_proof(&mut page, &dropped, "as without a rule");

    // A camera, its sound, and the same camera elsewhere.
    let mut porch = Device::new("Porch", DeviceKind::Camera).unwrap();
    porch.address = Some("rtsp://127.0.0.1:1".parse().unwrap());
    let add = |porch: &Device| {
        let porch = porch.clone();
        move |home: &mut Household, me: &PersonId| home.add_device(porch, me, Timestamp::now()).unwrap()
    };
    let comes = with_address(signed(&mut page, &anna, add(&porch)), &porch);
    takes_proof(&mut page, &comes, "a camera");
    let silent = by_hand({
        let porch = porch.clone();
        |document, _| document.devices.push(porch)
    });
    let silent = with_address(signed(&mut page, &anna, silent), &porch);
    takes_proof(&mut page, &silent, "a camera that nobody agrees to yet");
    assert_eq!(proved(&mut page, &comes).0, 200);
    let sound = Agreement { purpose: Purpose::Sound, device: Some(porch.id.clone()) };
    let hears = signed(&mut page, &anna, |home, me| home.grant(me, me, &sound, Timestamp::now()).unwrap());
    takes_proof(&mut page, &hears, "its sound");
    let moved =
        by_hand(|document, _| document.devices[0].address = Some("rtsp://127.0.0.2:1".parse().unwrap()));
    let moved = signed(&mut page, &anna, moved);
    takes_proof(&mut page, &moved, "another address");
    let goes = signed(&mut page, &anna, |home, _| home.remove_device(&porch.id).unwrap());
    assert_eq!(put(&mut page, &goes).0, 200, "less is kept at once");
    let again = with_address(signed(&mut page, &anna, add(&porch)), &porch);
    takes_proof(&mut page, &again, "the same camera once more");
}

#[test]
fn what_was_agreed_to_is_dated_now_and_stays_written_down_whoever_proves_what() {
    let home = Home::quiet();
    home.anna(&["consent", "grant", "Anna", "history", "recognition"]).one();
    home.anna(&["consent", "withdraw", "Anna", "history"]).one();
    let anna = Member::of_kit(&home, "Anna");
    let mut page = Page::open(&home);
    page.sign_in(&home, "Anna");
    let agreed = |page: &mut Page| page.get("/api/household").1["document"].clone();
    let before = agreed(&mut page);
    let mut refused = |edit: Edit, expected: (u16, &str), why: &str| {
        let change = signed(&mut page, &anna, edit);
        let word = page.prove_alone(&home, "Anna", "household").1;
        let (status, said) = page.ask("PUT", "/api/household", Some(&with(&change, text(&word, "proof"))));
        assert_eq!((status, text(&said["said"], "code")), expected, "{why}: {said}");
    };
    for dated in ["2019-05-01T12:00:00Z", "2035-05-01T12:00:00Z"] {
        let at: Timestamp = dated.parse().unwrap();
        let given = move |home: &mut Household, me: &PersonId| {
            home.grant(me, me, &Purpose::Training.into(), at).unwrap();
        };
        refused(Box::new(given), (400, "consent-dated-elsewhere"), dated);
        let end: Timestamp = "2035-05-01T12:00:00Z".parse().unwrap();
        let back = move |home: &mut Household, me: &PersonId| {
            home.withdraw(me, me, &Purpose::Recognition.into(), at.max(end)).unwrap();
        };
        refused(Box::new(back), (400, "consent-dated-elsewhere"), "taken back in years");
    }
    let erased = by_hand(|document, _| document.consents.retain(|consent| consent.stands()));
    refused(Box::new(erased), (403, "not-allowed"), "what was taken back");
    let unsaid = by_hand(|document, _| document.consents.retain(|consent| !consent.stands()));
    refused(Box::new(unsaid), (403, "not-allowed"), "what stands");
    let redated = by_hand(|document, _| {
        let past = "2019-05-01T12:00:00Z".parse().unwrap();
        let consent = document.consents.iter_mut().find(|consent| !consent.stands()).unwrap();
        (consent.granted, consent.withdrawn) = (past, Some(past));
    });
    refused(Box::new(redated), (403, "not-allowed"), "another date for what was");
    let reordered = by_hand(|document, _| document.consents.reverse());
    refused(
        Box::new(reordered),
        (400, "bad-request"),
        "the same in another order, of which the ledger has no line",
    );
    refused(Box::new(|_, _| ()), (400, "bad-request"), "the same");
    assert_eq!(agreed(&mut page), before);
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
