//! Files that rot under a hub that is off, one after the other: each is named as what it is, nobody is signed out for it, and the home
//! goes on.

use std::fs;
use std::process::Command;

use porchlight_tests::{Home, Voice, number, text};

/// What is to be mended of one part of the hub.
fn said_of(home: &Home, part: &str) -> String {
    let checks = home.anna(&["doctor"]).json_lines();
    let of = checks.iter().filter(|check| text(check, "name") == part && text(check, "state") != "good");
    of.map(|check| format!("{}\n", text(check, "sentence"))).collect()
}

#[test]
fn what_rots_is_called_damaged_and_never_an_older_copy_and_signs_nobody_out() {
    let mut home = Home::quiet();
    home.anna(&["consent", "grant", "Anna", "history"]).one();
    home.anna(&["ask", "Put oat milk on the shopping list."]).one();
    let mark = home.data().join("porchlight.json");
    let (entries, checkpoint) = (home.data().join("ledger/entries-1"), home.strongbox().join("checkpoint"));

    // The data folder's own mark is gone; the strongbox and the ledger know whose it is.
    home.stop();
    let whole = fs::read(&mark).unwrap();
    fs::remove_file(&mark).unwrap();
    home.serve();
    let told = said_of(&home, "strongbox");
    assert!(
        told.contains("porchlight.json was damaged, and is whole again") && told.contains("rotting"),
        "{told}"
    );
    assert_eq!(fs::read(&mark).unwrap(), whole);

    // A row of the hub's own database says what nobody wrote there.
    home.stop();
    let spoil = "import sqlite3, sys\n\
        db = sqlite3.connect(sys.argv[1])\n\
        insert = 'INSERT INTO session (id, token_hash, person, client, started_ms, seen_ms) VALUES (?, ?, ?, ?, ?, ?)'\n\
        db.execute(insert, ('x', b'y' * 32, 'somebody', 'z', 'long ago', 'yesterday'))\n\
        db.commit()";
    let database = home.data().join("hub.sqlite");
    assert!(Command::new("python3").args(["-c", spoil]).arg(&database).status().unwrap().success());
    home.serve();
    let told = said_of(&home, "database");
    assert!(told.contains("1 row of the hub's own database made no sense"), "{told}");

    // The ledger's file is empty, and then gone: its lines are lost, and are known to have been there.
    for spoil in
        [|file: &std::path::Path| fs::write(file, b""), |file: &std::path::Path| fs::remove_file(file)]
    {
        home.stop();
        spoil(&entries).unwrap();
        home.serve();
        let told = said_of(&home, "strongbox");
        assert!(told.contains("of the ledger are damaged on the disk"), "{told}");
        assert!(said_of(&home, "copies").is_empty());
        let checked = home.anna(&["ledger", "verify"]).one();
        assert!(checked["lost"].as_array().unwrap().is_empty(), "{checked}");
        assert!(checked["damaged"].as_array().unwrap().len() >= 2, "{checked}");
    }

    // The newest checkpoint is spoiled, and there is no mirror to heal it from: nothing is whole again, and nothing was put back.
    home.stop();
    let mut bytes = fs::read(&checkpoint).unwrap();
    bytes[40] ^= 1;
    fs::write(&checkpoint, bytes).unwrap();
    home.serve();
    let told = said_of(&home, "strongbox");
    assert!(told.contains("the newest checkpoint of the ledger was damaged or gone"), "{told}");
    assert!(!told.contains("whole again"), "{told}");
    let words = home.words(&["ledger", "verify"]);
    assert!(words.contains("newest checkpoint was damaged or gone from the strongbox"), "{words}");
    let lines = home.words(&["ledger", "list"]);
    for words in [&words, &lines, &home.words(&["copies", "show"])] {
        assert!(!words.contains("An older copy"), "{words}");
    }
    assert!(!home.log().contains("an older copy of the data folder was put back"), "{}", home.log());
}

#[test]
fn what_was_lost_or_cannot_be_read_is_said_and_not_called_nothing() {
    let mut home = Home::quiet();
    home.anna(&["ask", "Remind me tomorrow at nine to call Tom."]).one();
    home.anna(&["ask", "Put oat milk on the shopping list."]).one();
    let kept = home.anna(&["list"]).lines().len();

    // A kill leaves a WAL, whose last frames rot: what was acknowledged is gone, and nobody calls that whole.
    home.kill();
    let wal = home.data().join("catalog.sqlite-wal");
    let mut bytes = fs::read(&wal).unwrap();
    let at = bytes.len() / 3;
    bytes[at] ^= 1;
    fs::write(&wal, bytes).unwrap();
    home.serve();
    let left = home.anna(&["list"]).lines().len();
    assert!(left < kept, "{left} of {kept}");
    let lost = format!("has lost what was written to it last: {} recording", kept - left);
    for said in [said_of(&home, "copies"), home.words(&["copies", "show"])] {
        assert!(said.contains(&lost) && said.contains("newest copy of the data folder"), "{said}");
    }
    assert!(home.anna(&["list"]).messages.contains(&lost));
    home.anna(&["copies", "end-newer", "--yes"]).one();
    assert!(said_of(&home, "copies").is_empty());

    // A reminder whose header rotted is there all the same. So is a strongbox without its mark, and a database that is gone is told of.
    home.anna(&["ask", "Remind me tomorrow at ten to call Ben."]).one();
    home.stop();
    let spoil = "import sqlite3, sys\n\
        db = sqlite3.connect(sys.argv[1])\n\
        db.execute(\"UPDATE recordings SET header = zeroblob(200) WHERE kind = 'reminder'\")\n\
        db.commit()";
    let catalog = home.data().join("catalog.sqlite");
    assert!(Command::new("python3").args(["-c", spoil]).arg(&catalog).status().unwrap().success());
    fs::write(home.strongbox().join("porchlight-strongbox.json"), b"{").unwrap();
    fs::remove_file(home.data().join("hub.sqlite")).unwrap();
    home.serve();
    home.sign_in("Anna").one();
    let answer = home.anna(&["ask", "What are my reminders?"]).one();
    assert!(text(&answer, "reply").contains("cannot be read, since a disk is damaged"), "{answer}");
    assert!(home.words(&["effect", "list"]).contains("cannot be read"));
    assert!(said_of(&home, "timers, lists and reminders").contains("cannot be read"));
    assert!(
        said_of(&home, "strongbox").contains("porchlight-strongbox.json was damaged, and is whole again")
    );
    assert!(said_of(&home, "database").contains("own database was gone"));
}

#[test]
fn a_database_of_the_hub_that_went_back_brings_no_session_back_and_an_honest_kill_raises_no_alarm() {
    let mut home = Home::quiet();
    let database = home.data().join("hub.sqlite");
    for _ in 0..3 {
        home.anna(&["ask", "What time is it?"]).one();
        home.kill();
        home.serve();
        assert!(said_of(&home, "database").is_empty());
        assert!(!said_of(&home, "strongbox").contains("damaged"), "{}", said_of(&home, "strongbox"));
    }

    // What was written last rots away with the WAL after a kill: that a session ended is not known any more.
    home.anna(&["sign-out"]).one();
    home.kill();
    let wal = home.data().join("hub.sqlite-wal");
    fs::write(&wal, b"").unwrap();
    home.serve();
    home.sign_in("Anna").one();
    let told = said_of(&home, "database");
    assert!(
        told.contains("had lost what was written to it last") && told.contains("everybody signs in anew"),
        "{told}"
    );

    // One that is removed while the hub runs is written anew, and so is the catalog.
    let catalog = home.data().join("catalog.sqlite");
    [&database, &catalog].into_iter().for_each(|file| fs::remove_file(file).unwrap());
    home.anna(&["consent", "grant", "Anna", "history"]).one();
    home.anna(&["ask", "What time is it?"]).one();
    let kept = home.anna(&["list"]).lines().len();
    let told = [said_of(&home, "database"), said_of(&home, "strongbox")].concat();
    for file in [&database, &catalog] {
        assert!(file.exists() && told.contains(&file.display().to_string()), "{told}");
    }
    assert!(told.contains("removed while the hub was running"), "{told}");
    home.kill();
    home.serve();
    assert_eq!(home.anna(&["list"]).lines().len(), kept);
    assert!(kept > 0);
}

#[test]
fn a_folder_that_never_held_a_mirror_is_not_remembered_and_nothing_is_claimed_of_it() {
    let mut home = Home::empty(Voice::None);
    let (strongbox, stick, mistyped) = (home.strongbox(), home.file("stick"), home.file("stikc"));
    let paths = [&strongbox, &stick, &mistyped].map(|path| path.to_str().unwrap().to_owned());
    home.init(&["--strongbox", &paths[0], "--strongbox", &paths[1]]).one();
    home.serve_with(&["--strongbox", &paths[0], "--strongbox", &paths[2]]);
    home.sign_in("Anna").one();
    let told = said_of(&home, "strongbox");
    assert!(
        told.contains("stikc has never been reached") && !told.contains("stick has not followed"),
        "{told}"
    );
    assert!(!told.contains("can still open"), "{told}");
    let known = fs::read_to_string(strongbox.join("mirrors.json")).unwrap();
    assert!(known.contains("stick") && !known.contains("stikc"), "{known}");

    // One that is a mirror and is away is another thing.
    home.stop();
    fs::rename(&stick, home.file("drawer")).unwrap();
    home.serve_with(&["--strongbox", &paths[0]]);
    let told = said_of(&home, "strongbox");
    assert!(told.contains("stick has not followed") && !told.contains("stikc"), "{told}");
    let read: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(strongbox.join("mirrors.json")).unwrap()).unwrap();
    assert_eq!(number(&read, "format"), 2);
}
