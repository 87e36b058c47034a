//! Making a household, and who belongs to it.

use std::fs;

use porchlight_tests::{Home, Voice, copy_folder, files_below, mode, text};
use serde_json::Value;

#[test]
fn a_new_household_hands_out_its_secrets_privately_and_once() {
    let home = Home::empty(Voice::None);
    let made = home.init(&[]).one();
    assert_eq!(text(&made, "owner"), "Anna");
    for secret in [home.kit("Anna"), home.totp("Anna")] {
        assert_eq!(mode(&secret), 0o600, "{}", secret.display());
    }
    assert!(fs::read_to_string(home.kit("Anna")).unwrap().contains("AGE-SECRET-KEY-1"));
    for folder in [home.data(), home.strongbox()] {
        assert_eq!(mode(&folder), 0o700, "{}", folder.display());
    }

    // A second time could only overwrite the only copy of a key.
    let (kit, totp) = (fs::read(home.kit("Anna")).unwrap(), fs::read(home.totp("Anna")).unwrap());
    let why = home.init(&[]).refused();
    assert!(why.contains("already there") && why.contains("name another file"), "{why}");
    assert_eq!((fs::read(home.kit("Anna")).unwrap(), fs::read(home.totp("Anna")).unwrap()), (kit, totp));

    // Nor does a household grow over another one, and nothing is written for the one that does not come to be.
    fs::rename(home.kit("Anna"), home.file("put away")).unwrap();
    fs::remove_file(home.totp("Anna")).unwrap();
    let why = home.init(&[]).refused();
    assert!(why.contains("something lies in"), "{why}");
    assert!(!home.kit("Anna").exists() && !home.totp("Anna").exists());
}

#[test]
fn a_weak_passphrase_makes_no_household() {
    let home = Home::empty(Voice::None);
    for weak in ["password1", "Anna1980", "qwertyuiop"] {
        fs::write(home.passphrase("Anna"), weak).unwrap();
        let why = home.init(&[]).refused();
        assert!(why.contains("too easy to guess"), "{why}");
        assert!(!why.contains(weak), "a passphrase is never repeated: {why}");
    }
    assert!(!home.kit("Anna").exists(), "no kit is handed out for a household that is not made");
    assert!(files_below(&home.data()).is_empty(), "nothing is left behind");
    home.new_passphrase("Anna");
    home.init(&[]).one();
}

#[test]
fn a_second_adult_signs_in_with_a_kit_of_their_own() {
    let home = Home::quiet();
    home.add_adult("Tom");
    assert_eq!((mode(&home.kit("Tom")), mode(&home.totp("Tom"))), (0o600, 0o600));
    assert_ne!(fs::read(home.kit("Tom")).unwrap(), fs::read(home.kit("Anna")).unwrap());
    let people = home.run_as("Tom", &["person", "list"]).lines();
    let of = |person: &Value| (text(person, "name").to_owned(), person["owner"].as_bool().unwrap());
    let people: Vec<_> = people.iter().map(of).collect();
    assert_eq!(people, [("Anna".to_owned(), true), ("Tom".to_owned(), false)]);
    // Only an owner changes who lives here.
    home.run_as("Tom", &["person", "add", "Eve", "--born", "1990-01"]).refused();
    // Whoever may not is told that, and not asked first whether they mean it.
    home.add_microphone("Hall");
    home.anna(&["person", "add", "Mia", "--born", "2019-05", "--guardian", "Anna"]).one();
    for refused in [
        &["person", "remove", "Mia"][..],
        &["device", "remove", "Hall"],
        &["person", "guardian", "Mia", "Tom"],
    ] {
        let why = home.run_as("Tom", refused).refused();
        assert!(why.contains("owner") && !why.contains("--yes"), "{refused:?}: {why}");
    }
    let why = home.anna(&["person", "remove", "Anna"]).refused();
    assert!(!why.contains("would go") && !why.contains("--yes"), "the last owner stays: {why}");
    home.anna(&["person", "remove", "Mia", "--yes"]).one();
    assert_eq!(home.anna(&["person", "list"]).lines().len(), 2);
}

#[test]
fn a_child_needs_a_guardian_who_is_an_adult() {
    let home = Home::quiet();
    let why = home.anna(&["person", "add", "Mia", "--born", "2019-05"]).refused();
    assert!(why.contains("Mia") && why.contains("guardian"), "{why}");
    let mia = home.anna(&["person", "add", "Mia", "--born", "2019-05", "--guardian", "Anna"]).one();
    assert_eq!((text(&mia, "age"), &mia["can_sign_in"]), ("child", &Value::Bool(false)));
    let why = home.anna(&["person", "add", "Ben", "--born", "2021-05", "--guardian", "Mia"]).refused();
    assert!(why.contains("Mia") && why.contains("adult"), "{why}");
    let why = home.anna(&["person", "add", "Ben", "--born", "2021", "--guardian", "Anna"]).refused();
    assert!(why.contains("2021") && why.contains("1984-03"), "{why}");
    let people = home.anna(&["person", "list"]).lines();
    assert_eq!(people.len(), 2, "what was refused left nobody behind");
    assert_eq!(people[1]["guardians"], serde_json::json!(["Anna"]));
}

#[test]
fn a_device_is_personal_only_to_an_adult() {
    let home = Home::quiet();
    home.anna(&["person", "add", "Mia", "--born", "2019-05", "--guardian", "Anna"]).one();
    let personal =
        |name, kind, person| home.anna(&["device", "add", name, "--kind", kind, "--person", person]);
    let why = personal("Mia's radio", "microphone", "Mia").refused();
    assert!(why.contains("adult"), "{why}");
    let why = personal("Radio", "microphone", "Nobody").refused();
    assert!(why.contains("Nobody"), "{why}");
    let camera =
        ["device", "add", "Hall", "--kind", "camera", "--url", "rtsp://192.0.2.1/", "--person", "Anna"];
    let why = home.anna(&camera).refused();
    assert!(why.contains("sees whoever comes by"), "{why}");
    personal("Study", "microphone", "Anna").one();
    let why = personal("study", "microphone", "Anna").refused();
    assert!(why.contains("already"), "a name is taken once: {why}");
    assert_eq!(text(&home.device("Study"), "person"), "Anna");
}

#[test]
fn only_an_adult_themself_says_that_nobody_else_speaks_at_their_device() {
    let home = Home::quiet();
    home.add_adult("Tom");
    let add = ["device", "add", "Desk", "--kind", "microphone", "--person", "Tom"];
    let why = home.anna(&add).refused();
    assert!(why.contains("Tom"), "{why}");
    home.run_as("Tom", &add).one();
    assert_eq!(text(&home.device("Desk"), "person"), "Tom");
}

#[test]
fn a_person_who_leaves_signs_in_no_more() {
    let home = Home::quiet();
    home.add_adult("Tom");
    let why = home.anna(&["person", "remove", "Tom"]).refused();
    assert!(why.contains("--yes"), "where nobody can be asked, it says how to go on: {why}");
    home.run_as("Tom", &["list"]).lines();
    home.anna(&["person", "remove", "Tom", "--yes"]).one();
    let why = home.run_as("Tom", &["list"]).refused();
    assert!(why.contains("sign in again"), "{why}");
    home.sign_in("Tom").refused();
}

/// Somebody comes, by Anna's hand, and signs a version themself.
fn comes_and_signs(home: &Home, name: &str) {
    home.add_adult(name);
    home.run_as(name, &["consent", "grant", name, "history"]).one();
}

#[test]
fn who_was_away_follows_a_household_that_a_newcomer_changed() {
    let mut home = Home::quiet();
    home.add_adult("Ben");
    home.run_as("Ben", &["consent", "grant", "Ben", "history"]).one();
    home.stop();
    copy_folder(&home.data(), &home.file("copy"));
    home.serve();
    comes_and_signs(&home, "Tom");
    home.run_as("Ben", &["consent", "grant", "Ben", "reminder"]).one();

    // Nor does it matter that an older copy of the data folder is put back, whose hub knew nothing of anybody new.
    comes_and_signs(&home, "Evangeline");
    home.stop();
    fs::remove_dir_all(home.data()).unwrap();
    copy_folder(&home.file("copy"), &home.data());
    home.serve();
    home.sign_in("Ben").one();
    assert_eq!(home.run_as("Ben", &["person", "list"]).lines().len(), 4, "the household never goes back");
    home.run_as("Ben", &["consent", "withdraw", "Ben", "reminder"]).one();

    // Who has left is in no file any more, though the steps that they took can still be followed.
    home.sign_in("Anna").one();
    home.anna(&["person", "remove", "Evangeline", "--yes"]).one();
    home.run_as("Ben", &["consent", "grant", "Ben", "reminder"]).one();
    // A name that no key or signature spells by chance.
    const EVE: &[u8] = b"Evangeline";
    for file in files_below(&home.strongbox()) {
        let bytes = fs::read(&file).unwrap();
        assert!(!bytes.windows(EVE.len()).any(|part| part == EVE), "{}", file.display());
    }
}

#[test]
fn a_household_that_went_back_with_its_strongbox_and_on_another_way_is_told_of() {
    let mut home = Home::quiet();
    let folders = [home.data(), home.strongbox()];
    let copies = ["data copy", "strongbox copy"].map(|name| home.file(name));
    home.stop();
    for (folder, copy) in folders.iter().zip(&copies) {
        copy_folder(folder, copy);
    }
    home.serve();
    home.anna(&["person", "add", "Tom", "--born", "1984-03"]).one();
    home.stop();
    for (folder, copy) in folders.iter().zip(&copies) {
        fs::remove_dir_all(folder).unwrap();
        copy_folder(copy, folder);
    }
    home.serve();
    home.sign_in("Anna").one();
    let grant = ["consent", "grant", "Anna", "history"];
    let why = home.anna(&grant).refused();
    assert!(why.contains("is not the one it was: It has version 1, and version 2 was seen before"), "{why}");

    // On a computer that knows nothing of Tom, Anna goes on from there.
    let path = |path: std::path::PathBuf| path.to_str().unwrap().to_owned();
    let (passphrase, totp) = (path(home.passphrase("Anna")), path(home.totp("Anna")));
    let as_anna = ["sign-in", "--hub", home.address(), "--name", "Anna", "--passphrase-file", &passphrase];
    home.run_as("Laptop", &[&as_anna[..], &["--totp-secret-file", &totp]].concat()).one();
    for purpose in ["history", "reminder"] {
        let granting = ["--my-passphrase-file", &passphrase, "consent", "grant", "Anna", purpose];
        home.run_as("Laptop", &granting).one();
        let why = home.anna(&grant).refused();
        assert!(why.contains("There are two different versions 2 of the household"), "{why}");
    }
}
