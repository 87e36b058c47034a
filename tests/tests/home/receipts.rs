//! Receipts and the ledger, as somebody sees them who trusts the hub no further than they can check.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use porchlight_tests::{Home, copy_folder, ids, number, text};
use serde_json::{Value, json};

/// A household with two moments; gives the ids of each.
fn home_with_two_moments() -> Option<(Home, Vec<u64>, Vec<u64>)> {
    let home = Home::that_speaks()?;
    home.add_annas_microphone("Study");
    let say = || ids(home.say("What day is it?", "Study")["kept"].as_array().unwrap());
    let (one, two) = (say(), say());
    Some((home, one, two))
}

fn forget(home: &Home, id: u64) -> (Value, PathBuf) {
    let done = home.anna(&["forget", &id.to_string(), "--yes"]).one();
    let receipt = PathBuf::from(text(&done, "receipt"));
    (done, receipt)
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Runs the program that shares no code with Porchlight; nothing where it cannot run.
fn elsewhere(receipt: &Path, key: &Path, ledger: &Path) -> Option<(bool, String)> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/ledger/tests/verify_receipt.py");
    let mut python = Command::new("python3");
    python.env("PYTHONDONTWRITEBYTECODE", "1").arg(script).arg(receipt);
    let done = python.arg("--ledger-key").arg(key).arg("--ledger").arg(ledger).output().ok()?;
    let words = String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned();
    match done.status.code() {
        Some(77) => {
            eprintln!("left out: {words}");
            None
        }
        code => Some((code == Some(0), words)),
    }
}

#[test]
fn what_is_forgotten_is_told_of_even_where_its_receipt_cannot_be_written() {
    let home = Home::quiet();
    home.anna(&["consent", "grant", "Anna", "history"]).one();
    home.anna(&["ask", "What time is it?"]).one();
    let kept = ids(&home.list(&[]));
    // Whoever mistypes its folder is told before anything goes.
    let nowhere = home.file("mistyped/receipt");
    let why = home.anna(&["forget", "--all", "--yes", "--receipt", path(&nowhere)]).refused();
    assert!(why.contains("its folder is not there"), "{why}");
    let receipts = home.file("Anna.state/porchlight/receipts");
    let _ = fs::remove_dir_all(&receipts);
    fs::write(&receipts, "a file in the place of the folder").unwrap();
    for args in [&["consent", "withdraw", "Anna", "history", "--yes"][..], &["forget", "--all", "--yes"]] {
        let why = home.anna(args).refused();
        assert!(why.contains("receipts"), "{args:?}: {why}");
    }
    assert_eq!(ids(&home.list(&[])), kept, "nothing of it went");
    fs::remove_file(&receipts).unwrap();

    // Where it fails afterwards all the same, what was done is told, and where the receipt is.
    let done = home.anna(&["forget", &kept[0].to_string(), "--yes"]).one();
    let (name, line) = (text(&done, "receipt").to_owned(), number(&done, "ledger_line"));
    for later in 1..6 {
        let next = name.replace(&format!("-{line}.receipt"), &format!("-{}.receipt", line + later));
        fs::create_dir(next).unwrap();
    }
    home.anna(&["ask", "What time is it?"]).one();
    let (done, why) = home.anna(&["consent", "withdraw", "Anna", "history", "--yes"]).alarm();
    assert!(!done["forgotten"].as_array().unwrap().is_empty(), "{done}");
    assert!(why.contains("is done") && why.contains("porchlight receipt get"), "{why}");
}

#[test]
fn a_receipt_is_checked_without_the_hub_and_by_another_program() {
    let Some((mut home, gone, _)) = home_with_two_moments() else { return };
    let exported = home.file("exported");
    home.anna(&["export", &gone[0].to_string(), "--out", path(&exported)]).one();
    home.open(gone[1]);
    let (done, receipt) = forget(&home, gone[0]);
    let (ledger, key) = (home.file("ledger"), home.file("key"));
    home.anna(&["ledger", "export", "--out", path(&ledger)]).one();
    fs::write(&key, home.words(&["ledger", "key"])).unwrap();
    home.stop();

    let said = home.anna(&["receipt", "verify", path(&receipt)]).one();
    assert_eq!((&said["verified"], &said["key_known"]), (&true.into(), &true.into()));
    assert_eq!(said["line"], done["ledger_line"]);
    let deletion = &said["deletion"];
    assert_eq!(text(deletion, "reason"), "asked");
    let kinds: Vec<_> =
        deletion["recordings"].as_array().unwrap().iter().map(|kind| text(kind, "kind")).collect();
    assert_eq!(kinds, ["voice", "transcript", "reply"]);
    let looks: Vec<_> = deletion["looks"].as_array().unwrap().iter().map(|look| text(look, "how")).collect();
    assert_eq!(looks, ["export", "open"], "{deletion}");
    assert_eq!(said["outcome"]["swept"], true);
    let words = home.words(&["receipt", "verify", path(&receipt)]);
    for part in [
        "This receipt holds",
        "the keys of 1 thing were destroyed",
        "out of reach",
        "cannot speak for",
        "image",
    ] {
        assert!(words.contains(part), "{part}: {words}");
    }
    // Whoever reads it elsewhere knows by which clock, and an export is not called an opening.
    let at: jiff::Timestamp = text(deletion, "at").parse().unwrap();
    let zoned =
        at.to_zoned_datetime(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S %Z").to_string();
    assert!(words.contains(&zoned), "{zoned}: {words}");
    assert!(words.contains("taken away as files") && words.contains(" opened, the detail"), "{words}");

    // On a computer that never saw the household, the key has to come from somewhere.
    let stranger = home.run_as("Stranger", &["receipt", "verify", path(&receipt)]);
    let said = stranger.json_lines().pop().unwrap();
    assert_eq!((&said["verified"], &said["key_known"]), (&json!(false), &json!(false)), "{said}");
    assert_eq!(stranger.status(), Some(4), "neither good nor bad: {stranger:?}");
    // Which key that is, and where it is to be had.
    let name = fs::read_to_string(&key).unwrap();
    let name = format!("that of the ledger {} with --ledger-key", name.split('+').next().unwrap());
    for part in ["the signature is right, but nobody here knows this key", &name, "porchlight ledger key"] {
        assert!(stranger.messages.contains(part), "{part}: {stranger:?}");
    }
    let told =
        home.run_as("Stranger", &["receipt", "verify", path(&receipt), "--ledger-key", path(&key)]).one();
    assert_eq!(told["key_known"], true);
    let Some((good, words)) = elsewhere(&receipt, &key, &ledger) else { return };
    assert!(good && words.contains("the ledger has kept to it"), "{words}");

    let bytes = fs::read(&receipt).unwrap();
    let altered = home.file("altered.receipt");
    for at in (0..bytes.len()).step_by(bytes.len() / 12) {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1;
        fs::write(&altered, bytes).unwrap();
        home.anna(&["receipt", "verify", path(&altered)]).refused();
    }
    fs::write(&altered, &bytes[..bytes.len() / 2]).unwrap();
    let why = home.anna(&["receipt", "verify", path(&altered)]).refused();
    assert!(why.contains("altered.receipt") && why.contains("not to be believed"), "{why}");
}

#[test]
fn a_receipt_of_another_household_or_of_a_forked_ledger_is_refused() {
    let Some((mut home, gone, other)) = home_with_two_moments() else { return };
    let (_, receipt) = forget(&home, gone[0]);
    let mut stranger = Home::made();
    stranger.serve();
    stranger.sign_in("Anna").one();
    let key = home.file("their-key");
    fs::write(&key, stranger.words(&["ledger", "key"])).unwrap();
    let why = home.anna(&["receipt", "verify", path(&receipt), "--ledger-key", path(&key)]).refused();
    assert!(why.contains("another ledger"), "{why}");

    // Somebody runs a copy of everything, strongbox included: the same key signs another past.
    home.stop();
    let (data, strongbox) = (home.file("data.copy"), home.file("strongbox.copy"));
    copy_folder(&home.data(), &data);
    copy_folder(&home.strongbox(), &strongbox);
    home.serve();
    // It is the longer one, so that only its past tells it from the true one.
    home.open(other[0]);
    home.open(other[1]);
    let (_, forked) = forget(&home, other[0]);
    let forked_ledger = home.file("forked");
    home.anna(&["ledger", "export", "--out", path(&forked_ledger)]).one();
    let memory = home.file("forked.receipt");
    fs::copy(&forked, &memory).unwrap();
    home.stop();
    for (now, copy) in [(home.data(), &data), (home.strongbox(), &strongbox)] {
        fs::remove_dir_all(&now).unwrap();
        fs::rename(copy, now).unwrap();
    }
    // Anna's computer, as it was before the fork.
    home.serve();
    fs::remove_dir_all(home.file("Anna.state")).unwrap();
    home.sign_in("Anna").one();
    let (_, honest) = forget(&home, other[0]);
    home.anna(&["ledger", "verify", "--against", path(&honest)]).one();
    let why = home.anna(&["ledger", "verify", "--against", path(&memory)]).refused();
    assert!(why.contains("DOES NOT ADD UP") && why.contains("forked.receipt"), "{why}");
    let key = home.file("key");
    fs::write(&key, home.words(&["ledger", "key"])).unwrap();
    let Some((good, words)) = elsewhere(&honest, &key, &forked_ledger) else { return };
    assert!(!good && words.contains("another past"), "{words}");
}

#[test]
fn the_ledger_is_held_to_what_was_seen_of_it() {
    let Some((mut home, gone, stays)) = home_with_two_moments() else { return };
    let before = home.anna(&["ledger", "verify"]).one();
    home.open(stays[0]);
    let after = home.anna(&["ledger", "verify"]).one();
    assert_eq!(
        number(&after, "seen_before"),
        number(&before, "lines") + 1,
        "the look's own line was met with it"
    );
    assert!(number(&after, "lines") > number(&before, "lines"));

    let lines = home.anna(&["ledger", "list", "--kind", "look"]).lines();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["detail"]["said"]["how"], "open");
    // Of what is somebody's own the line says that there was so much, and neither where nor when it was said.
    let seen = lines[0]["detail"]["said"]["seen"].as_array().unwrap();
    assert_eq!((text(&seen[0], "of"), number(&seen[0], "moments"), seen.len()), ("said", 1, 1), "{seen:?}");
    assert_eq!(seen[0].as_object().unwrap().len(), 3, "{seen:?}");
    assert!(home.words(&["ledger", "list"]).contains("sign-in"));

    // An older copy of the data folder is put back: the ledger goes on in a new tree, and says what it lost.
    home.stop();
    let copy = home.file("copy");
    copy_folder(&home.data(), &copy);
    home.serve();
    let (_, receipt) = forget(&home, gone[0]);
    home.anna(&["ledger", "verify"]).one();
    put_back(&mut home, &copy);
    let told = home.anna(&["ledger", "verify", "--against", path(&receipt)]).one();
    let lost = &told["lost"][0];
    assert!(number(lost, "had") > number(lost, "held"), "{told}");
    assert!(home.words(&["ledger", "verify"]).contains("the ledger says so"));
    // The receipt of what the copy had not forgotten yet still holds, and so does what it says.
    home.anna(&["receipt", "verify", path(&receipt)]).one();
    assert_eq!(ids(&home.list(&["--person", "Anna"])), stays);

    // The same copy once more: the line that said how long the first tree was is lost as well, and that is told.
    put_back(&mut home, &copy);
    let told = home.anna(&["ledger", "verify", "--against", path(&receipt)]).one();
    assert_eq!(told["lost"][0]["had"], Value::Null, "{told}");
    assert_eq!(number(&told["lost"][1], "held"), 0, "{told}");
    assert!(home.words(&["ledger", "verify"]).contains("is lost or damaged too"));

    // The whole hub goes back behind a look, its strongbox too: that look's own checkpoint is remembered, and the next one is no answer.
    home.stop();
    let whole = [home.data(), home.strongbox()].map(|folder| (home.file(&folder_name(&folder)), folder));
    for (kept, folder) in &whole {
        copy_folder(folder, kept);
    }
    home.serve();
    home.open(stays[0]);
    home.stop();
    for (kept, folder) in &whole {
        fs::remove_dir_all(folder).unwrap();
        copy_folder(kept, folder);
    }
    home.serve();
    let out = home.file("never");
    let alarm = home.anna(&["open", &stays[0].to_string(), "--out", path(&out)]).refused();
    assert!(alarm.contains("other lines than this computer has seen"), "{alarm}");
    assert!(home.anna(&["ledger", "verify"]).refused().contains("DOES NOT ADD UP"));
}

/// Puts an older copy of the data folder in its place, which ends all sessions.
fn put_back(home: &mut Home, copy: &Path) {
    home.stop();
    fs::remove_dir_all(home.data()).unwrap();
    copy_folder(copy, &home.data());
    home.serve();
    home.sign_in("Anna").one();
}

/// What a copy of a folder is called here.
fn folder_name(folder: &Path) -> String {
    format!("whole-{}", folder.file_name().unwrap().to_string_lossy())
}

#[test]
fn another_key_of_the_ledger_is_one_that_the_first_has_signed() {
    let Some((home, gone, other)) = home_with_two_moments() else { return };
    let (_, before) = forget(&home, gone[0]);
    let first = home.file("first-key");
    fs::write(&first, home.words(&["ledger", "key"])).unwrap();
    home.add_adult("Tom");
    let renewed = home.anna(&["ledger", "renew-key"]).one();
    assert_ne!(text(&renewed, "key"), fs::read_to_string(&first).unwrap().trim());
    let (_, after) = forget(&home, other[0]);
    for receipt in [&before, &after] {
        home.anna(&["receipt", "verify", path(receipt), "--ledger-key", path(&first)]).one();
    }
    // Both computers follow the note to the new key; from then on they hold the hub to that.
    for name in ["Anna", "Tom"] {
        let told = home.run_as(name, &["ledger", "verify", "--against", path(&before)]).one();
        assert_eq!(told["key"], renewed["key"]);
    }
    let words = home.words(&["ledger", "list"]);
    assert!(words.contains("another key signs"), "{words}");
}

#[test]
fn a_receipt_can_be_had_again() {
    let Some((home, gone, _)) = home_with_two_moments() else { return };
    let (done, receipt) = forget(&home, gone[0]);
    let line = number(&done, "ledger_line").to_string();
    let again = home.file("again.receipt");
    home.anna(&["receipt", "get", &line, "--out", path(&again)]).one();
    let first = home.anna(&["receipt", "verify", path(&receipt)]).one();
    let second = home.anna(&["receipt", "verify", path(&again)]).one();
    assert_eq!(first["deletion"], second["deletion"]);
    let why = home.anna(&["receipt", "get", "99999"]).refused();
    assert!(why.contains("99999"), "{why}");
}
