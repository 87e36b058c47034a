//! What is written about people and devices, put right afterwards: names, birth months, guardians, owners, rooms.

use std::fs;

use porchlight_tests::{Home, Page, ids, text};
use serde_json::{Value, json};

/// Somebody of the list of people.
fn person(home: &Home, name: &str) -> Value {
    let people = home.anna(&["person", "list"]).lines();
    people.into_iter().find(|person| text(person, "name") == name).unwrap_or_else(|| panic!("no {name}"))
}

#[test]
fn whoever_is_renamed_signs_in_with_the_new_name_and_all_that_is_theirs_stays() {
    let home = Home::quiet();
    home.add_adult("Tom");
    home.sign_in("Tom").one();
    home.run_as("Tom", &["consent", "grant", "Tom", "history"]).one();
    home.run_as("Tom", &["ask", "What time is it?"]).one();
    let mut page = Page::open(&home);
    page.sign_in(&home, "Tom");
    // What their computer has seen of the household, from now on.
    home.run_as("Tom", &["ledger", "verify"]).one();

    // Only an owner renames, and nobody takes another's name.
    home.run_as("Tom", &["person", "rename", "Tom", "Thomas"]).refused();
    assert!(home.anna(&["person", "rename", "Tom", "anna"]).refused().contains("already"));
    home.anna(&["person", "rename", "Tom", "Thomas"]).one();

    // Whoever is signed in stays it, under the new name; at the door the old one is a stranger's.
    assert_eq!(text(&page.get("/api/me").1, "name"), "Thomas");
    assert_eq!(home.run_as("Tom", &["list", "--person", "Thomas"]).lines().len(), 2);
    let (passphrase, totp) = (home.passphrase("Tom"), home.totp("Tom"));
    home.sign_in_with("Tom", &passphrase, &totp).refused();
    let seen = fs::read_to_string(sessions(&home)).unwrap();
    assert!(seen.contains("\"ledger\""), "{seen}");
    let keys =
        ["--passphrase-file", passphrase.to_str().unwrap(), "--totp-secret-file", totp.to_str().unwrap()];
    let sign_in = [&["sign-in", "--hub", home.address(), "--name", "thomas"][..], &keys].concat();
    assert_eq!(text(&home.run_as("Tom", &sign_in).one(), "name"), "Thomas");
    let seen = fs::read_to_string(sessions(&home)).unwrap();
    assert!(seen.contains("\"ledger\""), "what their computer saw before is held on to: {seen}");
    let kept = ids(&home.run_as("Tom", &["list", "--kind", "transcript"]).lines());
    let opened = home.file("opened");
    home.run_as("Tom", &["open", &kept[0].to_string(), "--out", opened.to_str().unwrap()]).one();
    assert_eq!(fs::read(&opened).unwrap(), b"What time is it?");
}

#[test]
fn a_reader_that_goes_away_makes_no_computer_forget_what_it_saw_of_the_ledger() {
    let home = Home::quiet();
    home.anna(&["ask", "Put milk on the shopping list."]).one();
    let state = home.file("Anna.state");
    let kept = || {
        let files = porchlight_tests::files_below(&state);
        fs::read(files.into_iter().find(|file| file.ends_with("sessions.json")).unwrap()).unwrap()
    };
    let before = kept();
    let mut forgets = home.begin(&["forget", "--all", "--yes"]);
    drop(forgets.stdout.take());
    assert!(forgets.wait().unwrap().success(), "it is forgotten, and nobody reads that");
    assert_ne!(kept(), before);
}

/// What Tom's computer keeps of his sessions.
fn sessions(home: &Home) -> std::path::PathBuf {
    let files = porchlight_tests::files_below(&home.file("Tom.state"));
    files.into_iter().find(|file| file.ends_with("sessions.json")).unwrap_or_else(|| panic!("no sessions"))
}

#[test]
fn guardians_change_and_what_the_one_who_left_agreed_to_ends() {
    let home = Home::quiet();
    home.add_adult("Tom");
    home.anna(&["person", "add", "Mia", "--born", "2019-05", "--guardian", "Anna"]).one();
    home.anna(&["consent", "grant", "Mia", "history"]).one();
    home.run_as("Tom", &["person", "guardian", "Mia", "Tom", "--yes"]).refused();
    let why = home.anna(&["person", "guardian", "Mia", "--yes"]).refused();
    assert!(why.contains("Mia") && why.contains("guardian"), "{why}");
    home.anna(&["person", "guardian", "Mia", "Anna", "Tom", "--yes"]).one();
    assert_eq!(person(&home, "Mia")["guardians"], json!(["Anna", "Tom"]));
    assert_eq!(person(&home, "Mia")["consents"].as_array().unwrap().len(), 1);

    let done = home.anna(&["person", "guardian", "Mia", "Tom", "--yes"]).one();
    assert_eq!(
        (&done["person"]["guardians"], &done["receipts"]),
        (&json!(["Tom"]), &json!([])),
        "nothing was kept"
    );
    assert_eq!(person(&home, "Mia")["consents"], json!([]));
    home.anna(&["consent", "grant", "Mia", "history"]).refused();
    home.sign_in("Tom").one();
    home.run_as("Tom", &["consent", "grant", "Mia", "history"]).one();
}

#[test]
fn an_adult_is_made_an_owner_and_no_owner_but_the_last_one_stays() {
    let home = Home::quiet();
    home.add_adult("Tom");
    assert!(home.anna(&["person", "owner", "Anna", "--not"]).refused().contains("owner"));
    home.anna(&["person", "owner", "Tom"]).one();
    home.anna(&["person", "owner", "Anna", "--not"]).one();
    assert_eq!(
        (&person(&home, "Anna")["owner"], &person(&home, "Tom")["owner"]),
        (&json!(false), &json!(true))
    );
    home.anna(&["person", "rename", "Tom", "Thomas"]).refused();
    home.sign_in("Tom").one();
    home.run_as("Tom", &["person", "rename", "Anna", "Anne"]).one();
}

#[test]
fn a_birth_month_is_corrected_unless_it_would_come_between_somebody_and_what_is_theirs() {
    let home = Home::quiet();
    home.add_adult("Tom");
    home.anna(&["person", "add", "Mia", "--born", "2019-05", "--guardian", "Anna"]).one();
    let mia = home.anna(&["person", "born", "Mia", "2011-02"]).one();
    assert_eq!(text(&mia["person"], "age"), "teen");
    let why = home.anna(&["person", "born", "Tom", "2019-05"]).refused();
    assert!(why.contains("Tom") && why.contains("guardian"), "{why}");
    home.sign_in("Tom").one();
    home.run_as("Tom", &["consent", "grant", "Tom", "history"]).one();
    let why = home.anna(&["person", "born", "Tom", "2019-05", "--guardian", "Anna"]).refused();
    assert!(why.contains("nobody else changes") && why.contains("birth month"), "{why}");
    home.anna(&["person", "born", "Anna", "1983-07"]).one();
}

#[test]
fn a_device_is_called_something_else_and_moves_and_what_it_recorded_stays_its_own() {
    let home = Home::quiet();
    home.add_annas_microphone("Study");
    home.anna(&["ask", "What time is it?", "--device", "Study"]).one();
    let kept = ids(&home.list(&["--device", "Study"]));
    assert_eq!(kept.len(), 2);
    home.anna(&["device", "rename", "Study", "Desk"]).one();
    home.anna(&["device", "move", "Desk", "Attic"]).one();
    assert_eq!(text(&home.device("Desk"), "room"), "Attic");
    assert_eq!(ids(&home.list(&["--device", "Desk"])), kept);
    home.anna(&["list", "--device", "Study"]).refused();
    home.anna(&["device", "move", "Desk"]).one();
    assert_eq!(home.device("Desk")["room"], Value::Null);
}
