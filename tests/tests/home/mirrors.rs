//! A mirror whose disk never answers, files that rot, and a choice between strongboxes.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use porchlight_tests::{Home, Voice, number, text};

/// The hub waits five seconds for a mirror, once; the rest is for a computer that is busy.
const A_WAIT: Duration = Duration::from_secs(30);

/// What the hub says of itself; without models something is always to be mended.
fn doctor(home: &Home) -> String {
    let checks = home.anna(&["doctor"]).json_lines();
    checks.iter().map(|check| format!("{}\n", text(check, "sentence"))).collect()
}

#[test]
fn a_mirror_that_never_answers_holds_up_nothing_and_what_rots_is_lived_with() {
    let mut home = Home::empty(Voice::None);
    let (strongbox, stick) = (home.strongbox(), home.file("stick"));
    let paths = [strongbox.to_str().unwrap(), stick.to_str().unwrap()];
    home.init(&["--strongbox", paths[0], "--strongbox", paths[1]]).one();
    home.serve();
    home.sign_in("Anna").one();
    home.anna(&["consent", "grant", "Anna", "history"]).one();
    for words in ["Put oat milk on the shopping list.", "What is on the shopping list?"] {
        home.anna(&["ask", words]).one();
    }

    // A pipe that nobody writes to, in the place of a file: whoever opens it waits for ever.
    let (mark, pipe) = (stick.join("porchlight-strongbox.json"), stick.join("pipe"));
    let whole = fs::read(&mark).unwrap();
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    fs::rename(&pipe, &mark).unwrap();

    let begun = Instant::now();
    let forgotten = home.anna(&["forget", "--kind", "reply", "--yes"]).one();
    assert_eq!(forgotten["complete"], false, "{forgotten}");
    let named = forgotten["strongboxes"].to_string();
    assert!(named.contains("does not answer") && named.contains("stick"), "{named}");
    home.anna(&["ask", "What is on the shopping list?"]).one();
    let looked_over = doctor(&home);
    assert!(looked_over.contains("stick") && looked_over.contains("has not followed since"), "{looked_over}");
    home.stop();
    home.serve();
    let said = doctor(&home);
    assert!(said.contains("does not answer"), "{said}");
    assert!(home.log().contains("Careful: the mirror"), "{}", home.log());
    home.stop();
    assert!(begun.elapsed() < 3 * A_WAIT, "{:?}", begun.elapsed());

    // The mirror is back, and one byte of the ledger and a whole file of the strongbox have rotted meanwhile.
    fs::remove_file(&mark).unwrap();
    fs::write(&mark, whole).unwrap();
    home.serve();
    home.stop();
    let entries = home.data().join("ledger/entries-1");
    let mut bytes = fs::read(&entries).unwrap();
    let third = bytes.len() / 2;
    bytes[third] ^= 0x10;
    fs::write(&entries, bytes).unwrap();
    fs::write(strongbox.join("porchlight-strongbox.json"), "{").unwrap();
    home.serve();
    let said = doctor(&home);
    assert!(
        said.contains("rotting") && said.contains("of the ledger") && !said.contains("has not followed"),
        "{said}"
    );
    let checked = home.anna(&["ledger", "verify"]).one();
    assert_eq!(checked["damaged"].as_array().unwrap().len(), 1, "{checked}");
    assert!(number(&checked, "lines") > 2, "{checked}");
    let lines = home.anna(&["ledger", "list"]).lines();
    assert_eq!(lines.iter().filter(|line| text(line, "kind") == "damaged").count(), 1);

    // Looking and forgetting go on, and their checkpoints continue what this computer had seen.
    let kept = home.list(&["--kind", "transcript"]);
    home.open(number(&kept[0], "id"));
    home.anna(&["forget", "--kind", "transcript", "--yes"]).one();
    home.stop();

    // What each strongbox holds is shown before one is chosen; while a hub serves nobody chooses.
    let shown = home.anna(&["strongbox", "keep", paths[0], "--strongbox", paths[1]]).one();
    assert_eq!(shown["done"], false, "{shown}");
    assert_eq!(shown["others"][0]["generation"], shown["kept"]["generation"], "{shown}");
    let done = home.anna(&["strongbox", "keep", paths[0], "--yes"]).one();
    assert_eq!(done["done"], true, "{done}");
    home.serve();
    let refused = home.anna(&["strongbox", "keep", paths[0]]).refused();
    assert!(refused.contains("stop it first"), "{refused}");
}
