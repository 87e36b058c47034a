//! Holding what is needed for a while, with real speech and the real program.

use std::{fs, thread};

use porchlight_tests::{Home, Page, ids, number, text};
use serde_json::{Value, json};

#[test]
fn whoever_comes_by_a_session_holds_nothing_with_it() {
    let home = Home::quiet();
    home.add_annas_microphone("Study");
    home.anna(&["ask", "What day is it?", "--device", "Study"]).one();
    let words = ids(&home.list(&["--kind", "transcript"]));
    let until = (jiff::Timestamp::now() + jiff::SignedDuration::from_hours(240)).to_string();
    let file = fs::read(home.file("Anna.state").join("porchlight/sessions.json")).unwrap();
    let file: Value = serde_json::from_slice(&file).unwrap();
    let session = file["sessions"][home.address()].clone();
    let mut thief = Page::of_session(&home, &session);
    let hold = |page: &mut Page, word: &Value| {
        let held =
            json!({ "selection": { "ids": words }, "until": until, "why": "mine", "proof": word["proof"] });
        let (status, said) = page.post("/api/holds", &held);
        (status, said["error"].as_str().unwrap_or_default().to_owned())
    };
    let refused = (403, "proof".to_owned());
    // However fresh it is, and with a proof for something else.
    assert_eq!(hold(&mut thief, &Value::Null), refused);
    let other = thief.prove_alone(&home, "Anna", "household").1;
    assert_eq!(hold(&mut thief, &other), refused);
    let word = thief.prove_alone(&home, "Anna", "hold").1;
    // Whoever catches a word on its way has one hold by it, and not as many as they ask for at once.
    let at_once = |_| {
        let mut page = Page::of_session(&home, &session);
        let (hold, word) = (&hold, &word);
        move || hold(&mut page, word).0
    };
    let answers: Vec<u16> = thread::scope(|scope| {
        let asked: Vec<_> = (0..6).map(at_once).map(|ask| scope.spawn(ask)).collect();
        asked.into_iter().map(|answer| answer.join().unwrap()).collect()
    });
    assert_eq!(answers.iter().filter(|status| **status == 200).count(), 1, "{answers:?}");
    assert_eq!(hold(&mut thief, &word), refused, "it is good once");

    // The command line asks for the passphrase by itself, and where nobody answers it says what to do.
    home.grow_stale();
    let (id, once_more) = (words[0].to_string(), ["--until", &until, "--why", "once more"]);
    let again = || home.anna(&[&["hold", "add", &id], &once_more[..]].concat());
    let refused = again().refused();
    assert!(
        refused.contains("--my-passphrase-file") && refused.contains("--my-totp-secret-file"),
        "{refused}"
    );
    home.prove("Anna").one();
    let already = again().one();
    assert_eq!(already["already"], true, "{already}");
}

#[test]
fn what_is_held_is_forgotten_by_nobody_until_it_is_released() {
    let Some(home) = Home::that_speaks() else { return };
    home.add_annas_microphone("Study");
    let say = || ids(home.say("What day is it?", "Study")["kept"].as_array().unwrap());
    let (held, other) = (say(), say());
    let why = ["--until", "2099-01-01", "--why", "for the insurance"];
    let id = held[1].to_string();
    let refused = home.anna(&[&["hold", "add", &id], &why[..]].concat()).refused();
    assert!(refused.contains("lasts a year at most") && refused.contains("2 January 2099"), "{refused}");
    let past = ["--until", "2020-01-01", "--why", "for the insurance"];
    let refused = home.anna(&[&["hold", "add", &id], &past[..]].concat()).refused();
    assert!(refused.contains("would have ended already") && !refused.contains("UTC"), "{refused}");
    let until = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24 * 30);
    let why = ["--until", &until.to_string(), "--why", "for the insurance"];
    let hold = home.anna(&[&["hold", "add", &id], &why[..]].concat()).one();
    assert_eq!(text(&hold, "by"), "Anna");
    assert_eq!(home.anna(&["hold", "list"]).lines(), std::slice::from_ref(&hold));

    // A deletion takes the rest and says what stays.
    let done = home.anna(&["forget", "--all", "--yes"]).one();
    assert!(ids(done["goes"].as_array().unwrap()).iter().all(|id| other.contains(id)), "{done}");
    assert_eq!(text(&done["stays"][0], "why").split(" until ").next(), Some("Anna holds these"));
    let verified = home.anna(&["receipt", "verify", text(&done, "receipt")]).one();
    assert_eq!(verified["deletion"]["stays"].as_array().unwrap().len(), 1, "{verified}");
    let preview = home.anna(&["forget", &id, "--dry-run"]).one();
    assert_eq!(preview["copies"], serde_json::json!([]), "nothing is said of copies of what stays");
    let done = home.anna(&["forget", &id, "--yes"]).one();
    assert_eq!((&done["forgotten"], &done["receipt"]), (&serde_json::json!([]), &serde_json::Value::Null));

    // Another adult neither sees nor releases a hold on what is Anna's own.
    home.add_adult("Tom");
    home.sign_in("Tom").one();
    let hold_id = number(&hold, "id").to_string();
    assert!(home.run_as("Tom", &["hold", "list"]).lines().is_empty());
    let refused = home.run_as("Tom", &["hold", "release", &hold_id]).refused();
    assert!(refused.contains("no such hold"), "{refused}");

    // Anna takes her consent back: what is held goes when the hold does, at once then.
    let words = home.words(&["consent", "withdraw", "Anna", "history", "--yes"]);
    assert!(words.contains("What of it is held is forgotten when the hold ends."), "{words}");
    assert_eq!(home.open(held[0])[..4], *b"RIFF");
    home.anna(&["hold", "release", &hold_id]).one();
    assert!(home.list(&[]).is_empty());
    let refused = home.anna(&["hold", "release", &hold_id]).refused();
    assert!(refused.contains("no such hold"), "{refused}");

    let lines = home.anna(&["ledger", "list", "--kind", "hold,release,deletion"]).lines();
    let kinds: Vec<_> = lines.iter().map(|line| text(line, "kind")).collect();
    assert_eq!(
        kinds,
        ["hold", "deletion", "release", "deletion"],
        "no line says that nothing went: {lines:?}"
    );
    assert_eq!(text(&lines[0]["detail"], "why"), "for the insurance", "{:?}", lines[0]);
}
