//! Copies of the data folder, put back later: they open everything but what was forgotten since.

use std::fs;
use std::path::Path;

use porchlight_tests::{Home, copy_folder, ids, text};

const SENTENCE: &str = "What day is it?";

/// A household with three moments; gives the ids of the one that will be forgotten, and of those that stay.
fn home_with_memories() -> Option<(Home, Vec<u64>, Vec<u64>)> {
    let home = Home::that_speaks()?;
    home.add_annas_microphone("Study");
    let kept: Vec<_> = (0..3).map(|_| ids(home.say(SENTENCE, "Study")["kept"].as_array().unwrap())).collect();
    Some((home, kept[0].clone(), kept[1..].concat()))
}

/// Puts `copy` in the place of the data folder, beside today's strongbox, and starts the hub on it.
fn put_back(home: &mut Home, copy: &Path) {
    home.stop();
    fs::rename(home.data(), home.file("set aside")).unwrap();
    copy_folder(copy, &home.data());
    home.serve();
}

/// What was forgotten is unknown, the rest opens, and nobody who was signed in is.
fn assert_forgotten(home: &Home, gone: &[u64], stays: &[u64]) {
    let why = home.anna(&["list"]).refused();
    assert!(why.contains("sign in again"), "every session has ended: {why}");
    home.sign_in("Anna").one();
    assert_eq!(ids(&home.list(&["--person", "Anna"])), stays);
    for id in gone {
        let why = home.anna(&["open", &id.to_string(), "--out", "-"]).refused();
        assert!(why.contains(&id.to_string()), "{why}");
    }
    let sound = fs::read(home.speech(SENTENCE)).unwrap();
    for id in stays {
        let plain = home.open(*id);
        assert!(
            plain == sound
                || String::from_utf8(plain).is_ok_and(|words| words.contains("it") || words.contains("It"))
        );
    }
}

#[test]
fn a_copy_of_before_opens_everything_but_what_was_forgotten() {
    let Some((mut home, gone, stays)) = home_with_memories() else { return };
    home.stop();
    let copy = home.file("copy");
    copy_folder(&home.data(), &copy);
    home.serve();
    home.anna(&["forget", &gone[0].to_string(), "--yes"]).one();

    put_back(&mut home, &copy);
    assert_forgotten(&home, &gone, &stays);

    // And once more: the copy may be put back any number of times, and life goes on from it.
    fs::remove_dir_all(home.file("set aside")).unwrap();
    put_back(&mut home, &copy);
    assert_forgotten(&home, &gone, &stays);
    assert_eq!(ids(home.say(SENTENCE, "Study")["kept"].as_array().unwrap()).len(), 3);
    home.anna(&["forget", "--all", "--yes"]).one();
    assert!(home.list(&["--person", "Anna"]).is_empty());
}

#[test]
fn a_copy_made_while_the_hub_works_opens_what_it_holds_and_not_what_was_forgotten() {
    let Some((mut home, gone, stays)) = home_with_memories() else { return };
    let copy = home.file("copy");
    copy_folder(&home.data(), &copy);
    home.anna(&["forget", &gone[0].to_string(), "--yes"]).one();
    put_back(&mut home, &copy);
    assert_forgotten(&home, &gone, &stays);
}

#[test]
fn what_came_after_the_copy_was_made_is_not_there_and_nothing_else_is_lost() {
    let Some((mut home, gone, stays)) = home_with_memories() else { return };
    home.stop();
    let copy = home.file("copy");
    copy_folder(&home.data(), &copy);
    home.serve();
    let later = ids(home.say(SENTENCE, "Study")["kept"].as_array().unwrap());
    home.anna(&["forget", &gone[0].to_string(), "--yes"]).one();
    put_back(&mut home, &copy);
    assert_forgotten(&home, &gone, &stays);
    // An id is never handed out twice, not even one that the copy has never seen.
    let again = ids(home.say(SENTENCE, "Study")["kept"].as_array().unwrap());
    assert!(again.iter().all(|id| !later.contains(id) && !gone.contains(id)), "{again:?}");
}

#[test]
fn an_old_strongbox_beside_newer_data_is_refused() {
    let Some((mut home, gone, stays)) = home_with_memories() else { return };
    home.stop();
    let (old, today) = (home.file("old"), home.file("today"));
    copy_folder(&home.strongbox(), &old);
    home.serve();
    home.anna(&["forget", &gone[0].to_string(), "--yes"]).one();
    home.stop();

    fs::rename(home.strongbox(), &today).unwrap();
    copy_folder(&old, &home.strongbox());
    let why = home.serve_refused();
    assert!(why.contains("is an old copy") && why.contains("newest strongbox"), "{why}");

    // Today's opens it again, and nothing has come back.
    fs::remove_dir_all(home.strongbox()).unwrap();
    fs::rename(&today, home.strongbox()).unwrap();
    home.serve();
    assert_eq!(ids(&home.list(&["--person", "Anna"])), stays);
}

#[test]
fn an_export_made_before_stays_with_whoever_has_it_and_the_preview_says_what_is_out_of_reach() {
    let Some((home, gone, _)) = home_with_memories() else { return };
    let shown = home.anna(&["forget", &gone[0].to_string(), "--dry-run"]).one();
    let copies: Vec<_> =
        shown["copies"].as_array().unwrap().iter().map(|copy| copy.as_str().unwrap()).collect();
    assert!(copies.iter().any(|copy| copy.contains("they can no longer open it")), "{copies:?}");
    assert!(copies.iter().any(|copy| copy.contains("Out of reach")), "{copies:?}");
    let words = home.words(&["forget", &gone[0].to_string(), "--yes"]);
    assert!(words.contains("The receipt is in") && words.contains("1 thing you said forgotten"), "{words}");
    let export = home.anna(&["export", &gone[0].to_string(), "--out", home.file("late").to_str().unwrap()]);
    assert!(export.refused().contains(&gone[0].to_string()));
    assert_eq!(text(&home.device("Study"), "person"), "Anna");
}
