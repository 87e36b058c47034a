//! Forgetting: exactly what was shown, for good, with what it left behind or without.

use porchlight_tests::{Home, ids, number, text};
use serde_json::Value;

/// Two moments in the study, one in the office, a timer that one of them set.
fn home_with_memories() -> Option<Home> {
    let home = Home::that_speaks()?;
    home.add_annas_microphone("Study");
    home.add_annas_microphone("Office");
    home.say("What time is it?", "Study");
    home.say("Set a timer for 10 minutes.", "Study");
    home.say("What day is it?", "Office");
    Some(home)
}

fn field(answer: &Value, name: &str) -> Vec<u64> {
    ids(answer[name].as_array().unwrap_or_else(|| panic!("`{name}` is a list in {answer}")))
}

/// What is left of what a household can forget; a look's memory ends by its own date.
fn left(home: &Home) -> Vec<u64> {
    ids(home.list(&[]).iter().filter(|recording| recording["kind"] != "look" && recording["kind"] != "line"))
}

fn assert_forgotten(home: &Home, gone: &[u64]) {
    let left = left(home);
    for id in gone {
        assert!(!left.contains(id), "{id} is still listed");
        let id = id.to_string();
        for command in [&["open", &id, "--out", "-"][..], &["forget", &id, "--yes"]] {
            let why = home.anna(command).refused();
            assert!(why.contains(&id) && why.contains("has been forgotten"), "{why}");
        }
        let why = home.anna(&["export", &id, "--out", home.file("nothing").to_str().unwrap()]).refused();
        assert!(why.contains(&id), "{why}");
    }
}

#[test]
fn what_a_dry_run_shows_is_exactly_what_goes() {
    let Some(home) = home_with_memories() else { return };
    let before = left(&home);
    for (choice, said, many) in [
        (&["--device", "Office"][..], "1 thing you said", "1 thing"),
        (&["--kind", "timer", "--from", "2026-01-01"], "1 timer", "1 timer"),
        (&["--all"], "2 things you said", "2 things"),
    ] {
        let shown = home.anna(&[&["forget", "--dry-run"], choice].concat()).one();
        let words = home.words(&[&["forget", "--dry-run"], choice].concat());
        assert_eq!((&shown["dry_run"], &shown["receipt"]), (&Value::Bool(true), &Value::Null));
        assert!(shown.get("receipt").is_some(), "{shown}");
        assert!(!shown["copies"].as_array().unwrap().is_empty(), "where copies are is said: {shown}");
        let shown_again = home.anna(&[&["forget", "--dry-run"], choice].concat()).one();
        assert_eq!(shown, shown_again, "showing changes nothing");

        let was = left(&home);
        let done = home.anna(&[&["forget", "--yes"], choice].concat()).one();
        let promised = [field(&shown, "goes"), field(&shown, "effects")].concat();
        let mut gone: Vec<_> = was.into_iter().filter(|id| !left(&home).contains(id)).collect();
        gone.sort_unstable();
        assert_eq!(gone, ids(&promised.iter().map(|id| Value::from(*id)).collect::<Vec<_>>()), "{shown}");
        assert_eq!(field(&done, "forgotten"), gone);
        assert!(std::path::Path::new(text(&done, "receipt")).is_file(), "{done}");
        assert_eq!(done["complete"], true);
        assert!(done["ledger_line"].is_u64(), "{done}");
        // The same number before, afterwards, on the receipt and in the ledger: as people count it, whatever was made of it.
        assert!(words.starts_with(&format!("{said} would go for good:")), "{words}");
        let told = home.words(&["receipt", "verify", text(&done, "receipt")]);
        assert!(told.contains(&format!(": the keys of {many} were destroyed.")), "{told}");
        let slip = home.anna(&["receipt", "verify", text(&done, "receipt")]).one();
        let destroyed = slip["deletion"]["recordings"].as_array().unwrap().iter();
        assert_eq!(destroyed.map(|kind| number(kind, "count")).sum::<u64>(), gone.len() as u64, "{slip}");
        let ledger = home.words(&["ledger", "list", "--kind", "deletion"]);
        assert!(ledger.lines().last().unwrap().contains(&format!("{many} destroyed")), "{ledger}");
        assert_forgotten(&home, &gone);
    }
    assert!(before.len() > 9 && left(&home).is_empty());
}

#[test]
fn one_recording_takes_its_moment_along_and_nothing_else() {
    let Some(home) = home_with_memories() else { return };
    let office = home.list(&["--device", "Office"]);
    let before = left(&home);
    let words = home.words(&["forget", &office[0]["id"].to_string(), "--dry-run"]);
    assert!(words.contains("1 thing you said would go for good"), "{words}");
    let why = home.anna(&["forget", &office[0]["id"].to_string()]).refused();
    assert!(why.contains("--yes"), "where nobody can be asked, nothing is forgotten: {why}");
    assert_eq!(left(&home), before);

    let done = home.anna(&["forget", &office[0]["id"].to_string(), "--yes"]).one();
    assert_eq!((field(&done, "forgotten"), number(&done, "moments")), (ids(&office), 1));
    let gone = ids(&office);
    assert_eq!(left(&home), before.into_iter().filter(|id| !gone.contains(id)).collect::<Vec<_>>());
    assert_forgotten(&home, &gone);
    assert!(
        home.words(&["forget", "--device", "Office", "--yes"]).contains("Nothing of this would be forgotten")
    );
}

#[test]
fn what_a_request_left_behind_is_shown_and_goes_along() {
    let Some(home) = home_with_memories() else { return };
    let timer = ids(&home.list(&["--kind", "timer"]));
    let shown = home.anna(&["forget", "--device", "Study", "--kind", "voice", "--dry-run"]).one();
    assert_eq!(field(&shown, "effects"), timer);
    let done = home.anna(&["forget", "--device", "Study", "--kind", "voice", "--yes"]).one();
    assert!(field(&done, "forgotten").contains(&timer[0]), "{done}");
    assert!(home.list(&["--kind", "timer"]).is_empty());
    let said = home.say("How much time is left on my timer?", "Study");
    assert!(text(&said, "reply").to_lowercase().contains("no timer"), "it does not ring either: {said}");
}

#[test]
fn what_a_request_left_behind_stays_by_choice() {
    let Some(home) = home_with_memories() else { return };
    let timer = ids(&home.list(&["--kind", "timer"]));
    let done =
        home.anna(&["forget", "--device", "Study", "--kind", "voice", "--keep-effects", "--yes"]).one();
    assert_eq!(field(&done, "effects_kept"), timer);
    assert!(!field(&done, "forgotten").contains(&timer[0]), "{done}");
    assert_eq!(ids(&home.list(&["--kind", "timer"])), timer);
    assert!(home.list(&["--device", "Study", "--kind", "voice,transcript,reply"]).is_empty());
    // It came from what is no more, and can still be forgotten by itself.
    home.anna(&["forget", &timer[0].to_string(), "--yes"]).one();
    assert_forgotten(&home, &timer);
}

#[test]
fn nobody_forgets_what_is_anothers_nor_is_told_what_there_is() {
    let Some(home) = home_with_memories() else { return };
    home.add_adult("Tom");
    let annas = ids(&home.list(&["--person", "Anna"]));
    let shown = home.run_as("Tom", &["forget", "--person", "Anna", "--dry-run"]).one();
    assert!(field(&shown, "goes").is_empty(), "{shown}");
    assert_eq!(shown["stays"], serde_json::json!([]), "{shown}");
    let done = home.run_as("Tom", &["forget", "--all", "--yes"]).one();
    assert!(field(&done, "forgotten").iter().all(|id| !annas.contains(id)), "{done}");
    assert_eq!(ids(&home.list(&["--person", "Anna"])), annas);
}

#[test]
fn those_who_listen_are_told_what_to_let_go_of() {
    let Some(home) = home_with_memories() else { return };
    let moment = number(&home.list(&["--device", "Office"])[0], "moment");
    let events = home.events(&[]);
    home.anna(&["forget", "--device", "Office", "--yes"]).one();
    let told = events.wait_for("the forgetting is told", 10, |event| event["event"] == "forgotten");
    assert_eq!(told["moments"], serde_json::json!([moment]));
    // Nor is it told any more that it was heard.
    let said = home.say("What did you hear?", "Office");
    assert!(!text(&said, "reply").contains("What day"), "{said}");
}
