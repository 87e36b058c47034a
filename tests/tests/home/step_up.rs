//! What cannot be undone takes somebody who has proved lately who they are.

use std::fs;

use jiff::Timestamp;
use porchlight_tests::{Home, Page, ids, text};
use serde_json::{Value, json};

fn passphrase(home: &Home) -> String {
    fs::read_to_string(home.passphrase("Anna")).unwrap().trim().to_owned()
}

fn when(value: &Value) -> Timestamp {
    value.as_str().unwrap_or_else(|| panic!("{value} is an instant")).parse().unwrap()
}

#[test]
fn what_cannot_be_undone_is_refused_in_words_until_somebody_signs_in_again() {
    let home = Home::quiet();
    home.add_adult("Tom");
    let mut page = Page::open(&home);
    let (signed_in, _) = page.sign_in(&home, "Anna");
    home.add_microphone("Hall");
    home.anna(&["person", "add", "Mia", "--born", "2019-05", "--guardian", "Anna"]).one();
    home.anna(&["consent", "grant", "Anna", "history"]).one();
    home.grow_stale();

    let out = home.file("export");
    for command in [
        &["export", "--kind", "voice", "--out", out.to_str().unwrap()][..],
        &["session", "end", text(&signed_in, "session")],
        &["person", "add", "Eve", "--born", "1990-01"],
        &["person", "remove", "Tom", "--yes"],
        &["device", "remove", "Hall", "--yes"],
        &["consent", "withdraw", "Anna", "history"],
        &["consent", "grant", "Anna", "recognition"],
        &["person", "owner", "Tom"],
        &["person", "born", "Tom", "1985-04"],
        &["person", "guardian", "Mia", "Anna", "Tom", "--yes"],
        &["ledger", "renew-key"],
        &["hold", "release", "1"],
    ] {
        home.anna(command).unproven();
    }
    assert_eq!(home.anna(&["person", "list"]).lines().len(), 3, "nothing of it was done");
    // What takes no key of Anna's goes on.
    home.anna(&["ask", "What time is it?"]).one();
    home.anna(&["events", "--after", "0", "--count", "1"]).one();
    for command in ["list", "effect", "device", "consent", "session", "hold"] {
        let command = [command, "list"];
        home.anna(if command[0] == "list" { &command[..1] } else { &command }).lines();
    }
    home.anna(&["policy"]).one();

    home.prove("Anna").one();
    home.anna(&["person", "rename", "Tom", "Thomas"]).one();
    home.anna(&["person", "add", "Eve", "--born", "1990-01"]).one();
    home.anna(&["session", "end", text(&signed_in, "session")]).one();
}

#[test]
fn a_session_is_fresh_again_after_a_step_up() {
    let home = Home::quiet();
    let mut page = Page::open(&home);
    page.sign_in(&home, "Anna");
    let before = when(&page.get("/api/me").1["session"]["fresh_until"]);
    home.grow_stale();
    assert_eq!(page.get("/api/me").1["session"]["fresh_until"], Value::Null);
    let change = json!({ "request": "" });
    let (status, said) = page.post("/api/account/passphrase/start", &change);
    assert_eq!((status, text(&said, "error")), (403, "step-up"));

    // A wrong code proves nothing.
    let (attempt, finalization, _) = page.prove("/api/step-up/start", "", &passphrase(&home));
    let wrong = json!({ "attempt": attempt, "finalization": finalization, "code": "000000" });
    assert_eq!(page.post("/api/step-up/finish", &wrong).0, 401);
    assert_eq!(page.post("/api/step-up/finish", &wrong).0, 401, "nor is there a second try");
    assert_eq!(page.get("/api/me").1["session"]["fresh_until"], Value::Null);

    let done = page.step_up(&home, "Anna", &passphrase(&home));
    let until = when(&done["until"]);
    assert!(until > before && until <= Timestamp::now() + jiff::SignedDuration::from_mins(15), "{done}");
    assert_eq!(when(&page.get("/api/me").1["session"]["fresh_until"]), until);
    assert_eq!(page.post("/api/account/passphrase/start", &change).0, 400, "now it is about the request");
}

#[test]
fn a_step_up_is_of_the_session_that_began_it() {
    let home = Home::quiet();
    let (mut page, mut other) = (Page::open(&home), Page::open(&home));
    page.sign_in(&home, "Anna");
    other.sign_in(&home, "Anna");
    let (attempt, finalization, _) = page.prove("/api/step-up/start", "", &passphrase(&home));
    let finish = json!({ "attempt": attempt, "finalization": finalization, "code": "000000" });
    let (status, said) = other.post("/api/step-up/finish", &finish);
    assert!(status == 401 && text(&said, "message").contains("begin again"), "{said}");
    // Nor does it sign anybody in.
    let (attempt, finalization, _) = page.prove("/api/step-up/start", "", &passphrase(&home));
    let finish = json!({ "attempt": attempt, "finalization": finalization, "code": "000000", "client": "x" });
    let (status, said) = Page::open(&home).post("/api/sign-in/finish", &finish);
    assert!(status == 401 && text(&said, "message").contains("begin again"), "{said}");
    assert_eq!(Page::open(&home).post("/api/step-up/start", &json!({ "request": "" })).0, 401);
}

#[test]
fn forgetting_little_takes_no_proof_and_forgetting_much_does() {
    let Some(home) = Home::that_speaks() else { return };
    home.add_annas_microphone("Study");
    home.say("What time is it?", "Study");
    let mut page = Page::open(&home);
    page.sign_in(&home, "Anna");
    let all = json!({ "all": true });
    assert_eq!(
        page.post("/api/forget/preview", &all).1["step_up"],
        false,
        "whoever has just signed in is asked nothing"
    );
    home.grow_stale();
    let little = page.post("/api/forget/preview", &json!({ "filter": { "device": "Study" } })).1;
    assert_eq!(little["step_up"], false, "{little}");
    let much = page.post("/api/forget/preview", &all).1;
    assert_eq!(much["step_up"], true, "{much}");
    let confirm = json!({ "token": much["token"] });
    let (status, said) = page.post("/api/forget", &confirm);
    assert_eq!((status, text(&said, "error")), (403, "step-up"));
    // What was shown can still be confirmed then.
    page.step_up(&home, "Anna", &passphrase(&home));
    assert_eq!(page.post("/api/forget", &confirm).0, 200);
    assert!(home.list(&[]).is_empty());
}

#[test]
fn much_in_small_pieces_takes_a_proof_by_whatever_way_it_goes() {
    let home = Home::quiet();
    home.anna(&["consent", "grant", "Anna", "history"]).one();
    let mut page = Page::open(&home);
    page.sign_in(&home, "Anna");
    let ask = |page: &mut Page, words: &str| page.post("/api/ask", &json!({ "text": words })).1;
    for _ in 0..42 {
        let said = ask(&mut page, "What time is it?");
        assert_eq!(said["kept"].as_array().map(Vec::len), Some(2), "{said}");
    }
    home.grow_stale();
    let kept = ids(&home.list(&[]));
    assert_eq!(kept.len(), 84);
    let preview = |page: &mut Page, ids: &[u64]| {
        let (status, preview) = page.post("/api/forget/preview", &json!({ "ids": ids }));
        assert_eq!(status, 200, "{preview}");
        preview
    };
    let confirm =
        |page: &mut Page, preview: &Value| page.post("/api/forget", &json!({ "token": preview["token"] }));

    // Each by itself is little, and so nothing is asked for as long as nothing went.
    let pieces = [&kept[..40], &kept[40..80]].map(|ids| preview(&mut page, ids));
    for piece in &pieces {
        assert_eq!((piece["goes"].as_array().map(Vec::len), &piece["step_up"]), (Some(40), &json!(false)));
    }
    assert_eq!(confirm(&mut page, &pieces[0]).0, 200);
    let (status, said) = confirm(&mut page, &pieces[1]);
    assert_eq!((status, text(&said, "error")), (403, "step-up"), "{said}");
    assert_eq!(preview(&mut page, &kept[40..80])["step_up"], true);
    home.anna(
        &[
            &["forget", "--yes"][..],
            &kept[40..80]
                .iter()
                .map(u64::to_string)
                .collect::<Vec<_>>()
                .iter()
                .map(String::as_str)
                .collect::<Vec<_>>(),
        ]
        .concat(),
    )
    .unproven();
    let said = ask(&mut page, "Forget what I said today.");
    assert!(text(&said, "reply").contains("only when you confirm it in the app"), "{said}");
    assert_eq!(home.list(&[]).len(), 44);
    // Nor is what leaves the hub counted by what a look is called.
    let look = json!({ "selection": { "ids": &kept[83..] }, "why": "open" });
    let (status, pass) = page.post("/api/looks", &look);
    assert_eq!(status, 200, "{pass}");
    let file = format!("/api/looks/{}/{}", pass["look"], kept[83]);
    let given = (0..).map(|_| page.get(&file)).take_while(|(status, _)| *status == 200).count();
    assert_eq!(given, 1000);
    assert_eq!(page.get(&file).0, 403);
    home.anna(&["open", &kept[83].to_string(), "--out", "/dev/null"]).unproven();

    // A little more is still little.
    let said = ask(&mut page, "Forget what I just said.");
    assert!(text(&said, "reply").starts_with("I forgot"), "{said}");
    // With a proof it goes, as it was shown; and what went with one does not count.
    page.step_up(&home, "Anna", &passphrase(&home));
    assert_eq!(confirm(&mut page, &pieces[1]).0, 200);
    assert_eq!(home.list(&[]).len(), 2);
}

#[test]
fn what_an_export_gives_out_counts_once_its_proof_is_old() {
    let home = Home::quiet();
    home.anna(&["consent", "grant", "Anna", "history"]).one();
    let mut page = Page::open(&home);
    page.sign_in(&home, "Anna");
    let (_, said) = page.post("/api/ask", &json!({ "text": "What time is it?" }));
    let id = ids(said["kept"].as_array().unwrap())[0];
    let look = json!({ "selection": { "ids": [id] }, "why": "export" });
    let (status, pass) = page.post("/api/looks", &look);
    assert_eq!(status, 200, "{pass}");
    let file = format!("/api/looks/{}/{id}", pass["look"]);
    // With the proof nothing counts.
    for _ in 0..10 {
        assert_eq!(page.get(&file).0, 200);
    }
    home.grow_stale();
    let given = (0..).map(|_| page.get(&file)).take_while(|(status, _)| *status == 200).count();
    assert_eq!(given, 1000);
    let (status, said) = page.get(&file);
    assert_eq!((status, text(&said, "error")), (403, "step-up"), "{said}");
    page.step_up(&home, "Anna", &passphrase(&home));
    assert_eq!(page.get(&file).0, 200);
}

#[test]
fn what_is_taken_off_lists_counts_with_what_is_forgotten_by_whatever_way_it_goes() {
    let home = Home::quiet();
    home.add_microphone("Kitchen");
    home.add_teen("Noah");
    let mut noah = Page::open(&home);
    noah.sign_in(&home, "Noah");
    let mut kitchen = Page::of_microphone(&home, &home.credential("Anna", "Kitchen"));
    let write = |page: &mut Page, items: usize| {
        for item in 0..items {
            let item = json!({ "list": "shopping", "item": format!("thing {item}") });
            assert_eq!(page.post("/api/effects", &item).0, 201);
        }
    };
    let left = |page: &mut Page| -> Vec<u64> {
        let (_, effects) = page.get("/api/effects");
        effects["lists"][0]["items"].as_array().map_or_else(Vec::new, ids)
    };
    let clear = |page: &mut Page| {
        let (status, said) = page.post("/api/ask", &json!({ "text": "Clear the shopping list." }));
        assert_eq!(status, 200, "{said}");
        text(&said, "reply").to_owned()
    };

    // A teen who asks how the hub is reaches it, and is told whose it is to ask.
    let data = home.data();
    for more in [&[][..], &["--data", data.to_str().unwrap()]] {
        let why = home.run_as("Noah", &[&["doctor"], more].concat()).refused();
        assert!(why.contains("only an adult") && !why.contains("hub"), "{why}");
    }

    // A short list is cleared as ever, by a voice that nobody knows too.
    write(&mut noah, 8);
    assert!(clear(&mut kitchen).contains("It is empty now."));
    assert!(left(&mut noah).is_empty());
    // So is what such a voice put there, however much that is; but not so much of what others did.
    for item in 0..12 {
        let words = format!("Put thing {item} on the shopping list.");
        assert_eq!(kitchen.post("/api/ask", &json!({ "text": words })).0, 200);
    }
    assert_eq!(left(&mut noah).len(), 12);
    assert!(clear(&mut kitchen).contains("It is empty now."));
    write(&mut noah, 60);
    for page in [&mut kitchen, &mut noah] {
        let reply = clear(page);
        assert!(reply.contains("more than I clear by voice"), "{reply}");
    }
    let all = left(&mut noah);
    assert_eq!(all.len(), 60, "all or nothing");

    // One by one is as much as all at once.
    home.grow_stale();
    let done = |page: &mut Page, id: u64| page.post(&format!("/api/effects/{id}/done"), &Value::Null);
    let gone = all.iter().take_while(|id| done(&mut noah, **id).0 == 204).count();
    assert_eq!(gone, 50);
    let (status, said) = done(&mut noah, all[50]);
    assert_eq!((status, text(&said, "error")), (403, "step-up"), "{said}");
    let reply = clear(&mut noah);
    assert!(reply.contains("more than I clear by voice"), "{reply}");
    assert_eq!(left(&mut noah), all[50..]);
    // With a proof it goes.
    let passphrase = fs::read_to_string(home.passphrase("Noah")).unwrap();
    noah.step_up(&home, "Noah", passphrase.trim());
    assert_eq!(done(&mut noah, all[50]).0, 204);
}
