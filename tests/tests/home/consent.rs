//! What people agreed to: each for themself, each purpose alone, and taken back whenever they like.

use porchlight_tests::{Home, Page, ids, text};
use serde_json::json;

#[test]
fn an_adult_agrees_for_themself_and_for_nobody_else() {
    let home = Home::quiet();
    home.add_adult("Tom");
    let why = home.run_as("Tom", &["consent", "grant", "Anna", "history"]).refused();
    assert!(why.contains("Anna") && why.contains("Tom"), "{why}");
    let why = home.anna(&["consent", "grant", "Tom", "history"]).refused();
    assert!(why.contains("An adult agrees for themself"), "an owner does not either: {why}");
    let why = home.anna(&["consent", "grant", "Anna", "advertising"]).refused();
    assert!(why.contains("advertising") && why.contains("history"), "{why}");
    home.run_as("Tom", &["consent", "grant", "Tom", "history"]).one();
    // What stands is left as it is, whoever says it again, and no version is signed for it.
    let again = home.anna(&["consent", "grant", "Tom", "history"]).one();
    assert_eq!((&again["granted"], &again["stood"]), (&json!([]), &json!(["history"])), "{again}");
    let lines = home.anna(&["ledger", "list", "--kind", "household"]).lines();
    assert_eq!(lines.len(), 3, "Tom was added, came in and agreed: {lines:?}");
    let agreed = home.anna(&["consent", "list"]).lines();
    assert!(agreed[0]["consents"].as_array().unwrap().is_empty(), "{agreed:?}");
    assert_eq!(agreed[1]["consents"].as_array().unwrap().len(), 1);
}

#[test]
fn a_guardian_agrees_for_a_child_and_takes_it_back() {
    let home = Home::quiet();
    home.add_adult("Tom");
    home.anna(&["person", "add", "Mia", "--born", "2019-05", "--guardian", "Anna"]).one();
    home.run_as("Tom", &["consent", "grant", "Mia", "history"]).refused();
    let done = home.anna(&["consent", "grant", "Mia", "history"]).one();
    assert_eq!((text(&done, "by"), text(&done, "name")), ("Anna", "Mia"));
    home.anna(&["consent", "withdraw", "Mia", "history"]).one();
    let why = home.anna(&["consent", "withdraw", "Mia", "history"]).refused();
    assert!(why.contains("nothing to take back"), "{why}");
}

#[test]
fn of_an_adults_own_only_they_take_a_consent_back_and_of_a_camera_an_owner_after_a_yes_and_they_are_told() {
    let home = Home::quiet();
    home.add_adult("Tom");
    home.run_as("Tom", &["consent", "grant", "Tom", "history"]).one();
    home.run_as("Tom", &["ask", "What time is it?"]).one();
    let why = home.anna(&["consent", "withdraw", "Tom", "history", "--yes"]).refused();
    assert!(why.contains("Anna cannot take back what was agreed for Tom"), "{why}");
    assert!(!home.run_as("Tom", &["list"]).lines().is_empty(), "nothing of it went");

    home.anna(&["device", "add", "Porch", "--kind", "camera", "--url", "rtsp://127.0.0.1:1/"]).one();
    home.run_as("Tom", &["consent", "grant", "Tom", "sound:Porch"]).one();
    let why = home.anna(&["consent", "withdraw", "Tom", "sound:Porch"]).refused();
    assert!(why.contains("--yes"), "{why}");
    assert!(home.words(&["consent", "list"]).contains("sound:Porch"), "nothing of it was done");
    home.anna(&["consent", "withdraw", "Tom", "sound:Porch", "--yes"]).one();

    let line = home.words(&["ledger", "list", "--kind", "household"]);
    assert!(line.contains("Anna took back what was agreed to for Tom, sound:Porch."), "{line}");
    let mut toms = Page::open(&home);
    toms.sign_in(&home, "Tom");
    let told = toms.get("/api/attention").1;
    let told = told.as_array().unwrap().iter().find(|one| one["said"]["code"] == "consent-taken-back");
    let said = text(&told.expect("Tom is told")["said"], "text");
    assert!(said.ends_with("Anna took back what was agreed to for Tom: sound:Porch."), "{said}");
    let mut annas = Page::open(&home);
    annas.sign_in(&home, "Anna");
    assert!(!annas.get("/api/attention").1.to_string().contains("consent-taken-back"), "who did it knows");
    home.run_as("Tom", &["consent", "withdraw", "Tom", "history", "--yes"]).one();
}

#[test]
fn of_another_adults_device_that_is_taken_the_same_is_said_before_and_afterwards_and_they_are_told() {
    let home = Home::quiet();
    home.add_adult("Tom");
    home.run_as("Tom", &["consent", "grant", "Tom", "history"]).one();
    for device in ["Den", "Attic"] {
        home.run_as("Tom", &["device", "add", device, "--kind", "microphone", "--person", "Tom"]).one();
        home.run_as("Tom", &["ask", "What time is it?", "--device", device]).one();
    }
    let unseen = "how much that is, only Tom can see.";
    let asked = home.anna(&["device", "remove", "Den"]).refused();
    assert!(asked.contains("Nothing that you can see would go") && asked.contains(unseen), "{asked}");
    let done = home.words(&["device", "remove", "Den", "--yes"]);
    assert!(done.contains("Nothing that you could see was recorded with Den."), "{done}");
    assert!(done.contains("only they can see") && !done.contains("receipt"), "{done}");
    let done = home.anna(&["device", "remove", "Attic", "--yes"]).one();
    assert_eq!((&done["forgotten"], &done["receipts"]), (&json!([]), &json!([])), "{done}");
    assert!(home.run_as("Tom", &["list"]).lines().is_empty(), "it went all the same");

    // The line is there for both, and what it tells is for the one whose own it was.
    let deletions = |name: &str| home.run_as(name, &["ledger", "list", "--kind", "deletion"]).lines();
    for (annas, toms) in deletions("Anna").iter().zip(deletions("Tom")) {
        assert!(annas["detail"].is_null(), "{annas}");
        assert_eq!(toms["detail"]["reason"], "device-removed", "{toms}");
    }
    assert_eq!(deletions("Tom").len(), 2);
    let mut toms = Page::open(&home);
    toms.sign_in(&home, "Tom");
    let told = toms.get("/api/attention").1;
    let told: Vec<_> = told.as_array().unwrap().iter().map(|one| text(&one["said"], "text")).collect();
    for device in ["Den", "Attic"] {
        let said = format!("Anna removed {device}, which was Tom's own.");
        assert!(told.iter().any(|text| text.contains(&said)), "{told:?}");
    }
    let mut annas = Page::open(&home);
    annas.sign_in(&home, "Anna");
    assert!(!annas.get("/api/attention").1.to_string().contains("device-taken"), "who did it knows");
}

#[test]
fn a_camera_to_which_nobody_agrees_is_a_choice_and_no_fault() {
    let home = Home::quiet();
    home.anna(&["device", "add", "Porch", "--kind", "camera", "--url", "rtsp://127.0.0.1:1/"]).one();
    let checked = || {
        let checks = home.anna(&["doctor"]).json_lines();
        checks.into_iter().find(|check| text(check, "name") == "camera Porch").unwrap()
    };
    home.anna(&["consent", "withdraw", "Anna", "security:Porch", "--yes"]).one();
    let camera = &home.anna(&["device", "list"]).lines()[0];
    assert_eq!(
        (text(&camera["said"], "code"), &camera["missed"]),
        ("camera-not-agreed", &json!([])),
        "{camera}"
    );
    assert_eq!(text(&checked(), "state"), "good", "{}", checked());
    let reply = home.anna(&["ask", "How are the cameras?"]).one();
    assert!(text(&reply, "reply").contains("no adult agrees to its pictures"), "{reply}");
    home.anna(&["consent", "grant", "Anna", "security:Porch"]).one();
    assert_ne!(text(&home.anna(&["device", "list"]).lines()[0]["said"], "code"), "camera-not-agreed");
}

#[test]
fn the_ledger_tells_what_a_change_of_the_household_changed() {
    let home = Home::quiet();
    home.add_adult("Tom");
    home.add_microphone("Hall");
    home.anna(&["device", "rename", "Hall", "Corridor"]).one();
    let said = home.words(&["device", "rename", "Corridor", "Corridor"]);
    assert!(said.contains("nothing was changed"), "{said}");
    home.anna(&["person", "born", "Tom", "1984-03"]).one();
    home.anna(&["consent", "grant", "Anna", "history"]).one();
    home.anna(&["device", "remove", "Corridor", "--yes"]).one();
    home.anna(&["person", "remove", "Tom", "--yes"]).one();
    let told = home.words(&["ledger", "list", "--kind", "household"]);
    let lines: Vec<&str> = told.lines().collect();
    for (line, said) in lines.iter().zip([
        "Anna added somebody who is not in the household now",
        "Anna let in somebody who is not in the household now, with keys of their own.",
        "Anna added Hall.",
        "Anna changed the name or room of Corridor.",
        "Anna agreed to history.",
        "Anna removed Corridor.",
        "Anna removed somebody from the household.",
    ]) {
        assert!(line.contains(said), "{said}: {told}");
    }
    assert_eq!(lines.len(), 7, "{told}");
}

#[test]
fn whoever_takes_a_consent_back_gets_the_receipt_for_what_it_was_kept_for() {
    let home = Home::quiet();
    // Of nothing there is no receipt, and nobody is asked.
    home.anna(&["consent", "grant", "Anna", "history"]).one();
    let done = home.anna(&["consent", "withdraw", "Anna", "history"]).one();
    assert_eq!((&done["forgotten"], &done["receipts"]), (&json!([]), &json!([])), "{done}");

    home.anna(&["consent", "grant", "Anna", "history"]).one();
    home.anna(&["ask", "What time is it?"]).one();
    let kept = ids(&home.list(&["--person", "Anna"]));
    let asked = home.anna(&["consent", "withdraw", "Anna", "history"]).refused();
    let goes = "1 thing you said, kept for Anna's consent to history, would go";
    assert!(asked.contains(goes) && asked.contains("--yes"), "{asked}");
    assert_eq!(ids(&home.list(&["--person", "Anna"])), kept, "nothing of it went");
    let done = home.anna(&["consent", "withdraw", "Anna", "history", "--yes"]).one();
    let forgotten = done["forgotten"].as_array().unwrap();
    assert_eq!(forgotten, &kept.iter().map(|id| json!(id)).collect::<Vec<_>>());
    let receipts = done["receipts"].as_array().unwrap();
    assert_eq!(receipts.len(), 1, "{done}");
    let said = home.anna(&["receipt", "verify", receipts[0].as_str().unwrap()]).one();
    assert_eq!((&said["verified"], text(&said["deletion"], "reason")), (&json!(true), "consent-withdrawn"));
}

#[test]
fn while_all_of_it_is_held_there_is_no_receipt_for_what_did_not_go() {
    let home = Home::quiet();
    home.add_annas_microphone("Study");
    home.anna(&["ask", "What time is it?", "--device", "Study"]).one();
    let own = text(&home.list(&[])[0], "ends").to_owned();
    let until = (jiff::Timestamp::now() + jiff::SignedDuration::from_hours(240)).to_string();
    let hold =
        home.anna(&["hold", "add", "--person", "Anna", "--until", &until, "--why", "the insurance"]).one();
    let until = text(&hold, "until").to_owned();
    // A hold that ends before it does changes its end only once it was to go meanwhile.
    let listed = home.list(&[]);
    assert_eq!(
        (text(&listed[0], "ends"), text(&listed[0], "held_until")),
        (&own[..], &until[..]),
        "{listed:?}"
    );
    let asked = home.anna(&["consent", "withdraw", "Anna", "history"]).refused();
    assert!(asked.contains("1 thing you said") && asked.contains("when the hold on it ends"), "{asked}");
    let done = home.anna(&["consent", "withdraw", "Anna", "history", "--yes"]).one();
    assert_eq!((&done["forgotten"], &done["receipts"]), (&json!([]), &json!([])), "{done}");
    assert_eq!(home.list(&["--person", "Anna"]).len(), 2);
    // Beside what is answered and forgotten from now on stands what a hold keeps.
    let policy = home.words(&["policy"]);
    assert!(policy.contains("What Anna says is answered, then forgotten"), "{policy}");
    assert!(policy.contains("Some of what Anna said is held until"), "{policy}");
    // With its device it would go too: it is listed under the name that had, and until when it is held.
    home.anna(&["device", "remove", "Study", "--yes"]).one();
    for listed in home.list(&[]) {
        let shown = (text(&listed, "device"), text(&listed, "ends"), text(&listed, "held_until"));
        assert_eq!(shown, ("Study", &until[..], &until[..]), "{listed}");
    }
    let words = home.words(&["list"]);
    assert!(
        words.contains("Study") && words.contains("held until") && !words.contains("kept until"),
        "{words}"
    );
    home.anna(&["hold", "release", &hold["id"].to_string()]).one();
    assert!(home.list(&[]).is_empty());
}

#[test]
fn all_that_goes_with_a_change_of_the_household_goes_by_one_deletion_for_each_reason() {
    let home = Home::quiet();
    home.add_annas_microphone("Study");
    home.add_annas_microphone("Desk");
    home.anna(&["ask", "What time is it?", "--device", "Study"]).one();
    home.anna(&["ask", "What time is it?", "--device", "Desk"]).one();
    // What is said before it is asked, where nobody can answer, and what goes, and what stands on the receipt, are one number.
    let kept = home.list(&["--device", "Study"]).len();
    let asked = home.anna(&["device", "remove", "Study"]).refused();
    assert!(asked.contains("This would go with it for good: 1 thing you said."), "{asked}");
    // Of whoever goes too; the last owner stays, and is not asked.
    home.add_adult("Tom");
    home.anna(&["person", "owner", "Tom"]).one();
    let asked = home.anna(&["person", "remove", "Anna"]).refused();
    assert!(asked.contains("This would go with it for good: 2 things you said."), "{asked}");
    let done = home.anna(&["device", "remove", "Study", "--yes"]).one();
    assert_eq!(done["forgotten"].as_array().unwrap().len(), kept);
    let receipt = home.anna(&["receipt", "verify", done["receipts"][0].as_str().unwrap()]).one();
    let kinds = receipt["deletion"]["recordings"].as_array().unwrap();
    let on_it: u64 = kinds.iter().map(|kind| kind["count"].as_u64().unwrap()).sum();
    assert_eq!(on_it, kept as u64, "{receipt}");
    assert_eq!(done["receipts"].as_array().unwrap().len(), 1, "{done}");
    // Two purposes are taken back at once, for one of which nothing is kept.
    home.anna(&["consent", "grant", "Anna", "recognition"]).one();
    let done = home.anna(&["consent", "withdraw", "Anna", "history", "recognition", "--yes"]).one();
    assert_eq!(done["receipts"].as_array().unwrap().len(), 1, "{done}");
    assert_eq!(home.anna(&["ledger", "list", "--kind", "deletion"]).lines().len(), 2);
    assert!(home.list(&[]).is_empty());
}

#[test]
fn nothing_that_was_said_is_kept_without_consent_and_what_was_goes_with_it() {
    let Some(home) = Home::that_speaks() else { return };
    home.anna(&["device", "add", "Study", "--kind", "microphone", "--person", "Anna"]).one();

    let said = home.say("What time is it?", "Study");
    assert!(ids(said["kept"].as_array().unwrap()).is_empty());
    assert!(text(&said, "not_kept").contains("consent grant Anna history"), "{said}");
    assert!(home.list(&[]).is_empty());

    home.anna(&["consent", "grant", "Anna", "history"]).one();
    let said = home.say("What time is it?", "Study");
    let kept = ids(said["kept"].as_array().unwrap());
    assert_eq!(kept, ids(&home.list(&["--person", "Anna"])));
    assert_eq!(kept.len(), 3);

    let done = home.anna(&["consent", "withdraw", "Anna", "history", "--yes"]).one();
    assert_eq!(ids(done["forgotten"].as_array().unwrap()), kept);
    assert!(home.list(&["--person", "Anna"]).is_empty());
    for id in kept {
        let why = home.anna(&["open", &id.to_string(), "--out", "-"]).refused();
        assert!(why.contains(&id.to_string()), "{why}");
    }
    assert!(ids(home.say("What time is it?", "Study")["kept"].as_array().unwrap()).is_empty());
}
