//! The power goes, at any moment: nothing that was acknowledged is lost, and nothing that was forgotten comes back.

use std::collections::BTreeSet;
use std::process::Child;
use std::thread::sleep;
use std::time::Duration;

use porchlight_tests::{Home, StandInCamera, ids, until};
use serde_json::Value;

/// After how long the power goes, in milliseconds: before, in the middle and after of what a request does here. These are the moments
/// themselves and wait for nothing.
const MOMENTS: [u64; 10] = [2, 5, 8, 10, 12, 14, 17, 20, 25, 40];

fn wait_a(moment: u64) {
    sleep(Duration::from_millis(moment));
}

/// What a command answered that was begun before the power went, if it was answered at all.
fn acknowledged(command: Child) -> Option<Value> {
    let done = command.wait_with_output().unwrap();
    done.status.success().then(|| serde_json::from_slice(&done.stdout).unwrap())
}

fn listed(home: &Home) -> BTreeSet<u64> {
    ids(&home.list(&["--person", "Anna"])).into_iter().collect()
}

#[test]
fn a_power_cut_while_something_is_kept_loses_nothing_that_was_acknowledged() {
    let Some(mut home) = Home::that_speaks() else { return };
    home.add_annas_microphone("Study");
    let sentence = home.speech("What time is it?");
    let mut kept = BTreeSet::new();
    for moment in MOMENTS {
        kept.extend(ids(home.say("What time is it?", "Study")["kept"].as_array().unwrap()));
        let late = home.begin(&["say", sentence.to_str().unwrap(), "--device", "Study"]);
        wait_a(moment * 4);
        home.kill();
        if let Some(said) = acknowledged(late) {
            kept.extend(ids(said["kept"].as_array().unwrap()));
        }
        home.serve();
        let listed = listed(&home);
        assert!(listed.is_superset(&kept), "lost {:?}", kept.difference(&listed));
        assert_eq!(listed.len() % 3, 0, "a moment is kept whole or not at all: {listed:?}");
        // What was not acknowledged and is there all the same is whole too.
        kept = listed;
    }
    for id in &kept {
        assert!(!home.open(*id).is_empty());
    }
    let checks = home.anna(&["doctor", "--thorough"]).json_lines();
    let whole = checks.iter().find(|check| check["name"] == "recordings").unwrap();
    assert_eq!(whole["state"], "good", "{whole}");
}

#[test]
fn a_power_cut_while_something_is_forgotten_brings_nothing_back() {
    let Some(mut home) = Home::that_speaks() else { return };
    home.add_annas_microphone("Study");
    let mut moments: Vec<Vec<u64>> = MOMENTS
        .iter()
        .map(|_| ids(home.say("What time is it?", "Study")["kept"].as_array().unwrap()))
        .collect();
    let stays = ids(home.say("What day is it?", "Study")["kept"].as_array().unwrap());
    let mut gone = BTreeSet::new();
    let mut answered = 0;
    for moment in MOMENTS {
        let doomed = moments.pop().unwrap();
        let forgetting = home.begin(&["forget", &doomed[0].to_string(), "--yes"]);
        wait_a(moment);
        home.kill();
        let done = acknowledged(forgetting);
        home.serve();
        let listed = listed(&home);
        assert!(listed.is_disjoint(&gone), "{:?} came back", listed.intersection(&gone));
        let left = doomed.iter().filter(|id| listed.contains(id)).count();
        match done {
            Some(_) => assert_eq!(left, 0, "it was said to be forgotten"),
            None => assert!(left == 0 || left == doomed.len(), "a moment goes whole or not at all"),
        }
        answered += usize::from(done.is_some());
        if left > 0 {
            home.anna(&["forget", &doomed[0].to_string(), "--yes"]).one();
        }
        gone.extend(doomed);
    }
    eprintln!(
        "the power went {} times while something was forgotten, {answered} times too late",
        MOMENTS.len()
    );
    assert_eq!(listed(&home), stays.iter().copied().collect());
    for id in stays {
        assert!(!home.open(id).is_empty());
    }
    for id in gone {
        home.anna(&["open", &id.to_string(), "--out", "-"]).refused();
    }
}

/// How many lines of a kind the ledger has.
fn told(home: &Home, kind: &str) -> usize {
    home.anna(&["ledger", "list", "--kind", kind]).lines().len()
}

/// The household documents that lie in the strongbox: more than one would name who has left.
fn documents(home: &Home) -> usize {
    let names = std::fs::read_dir(home.strongbox()).unwrap().map(|file| file.unwrap().file_name());
    names.filter(|name| name.to_string_lossy().starts_with("household-")).count()
}

#[test]
fn a_power_cut_while_a_consent_is_taken_back_leaves_it_given_or_everything_forgotten() {
    let mut home = Home::quiet();
    let (mut changes, mut taken_back) = (0, 0);
    for moment in [15, 25, 35, 45, 60, 80, 100] {
        home.anna(&["consent", "grant", "Anna", "history"]).one();
        home.anna(&["ask", "What time is it?"]).one();
        let kept = listed(&home);
        let withdrawing = home.begin(&["consent", "withdraw", "Anna", "history", "--yes"]);
        wait_a(moment);
        home.kill();
        let done = acknowledged(withdrawing);
        home.serve();
        let agreed = home.anna(&["consent", "list"]).lines()[0]["consents"].as_array().unwrap().len();
        match agreed {
            0 => assert!(listed(&home).is_empty(), "the consent is gone, and what it kept is not"),
            _ => {
                assert!(done.is_none(), "it was said to be taken back");
                assert_eq!(listed(&home), kept, "nothing went");
                home.anna(&["consent", "withdraw", "Anna", "history", "--yes"]).one();
            }
        }
        (changes, taken_back) = (changes + 2, taken_back + 1);
        assert_eq!(
            (told(&home, "household"), told(&home, "deletion")),
            (changes, taken_back),
            "each is told of once"
        );
        assert_eq!(documents(&home), 1);
    }
}

#[test]
fn a_power_cut_while_somebody_is_removed_leaves_them_there_or_nothing_of_them() {
    let mut home = Home::quiet();
    let mut removed = 0;
    for (name, moment) in [("Tom", 30), ("Ben", 60), ("Kim", 100)] {
        home.add_adult(name);
        home.run_as(name, &["consent", "grant", name, "history"]).one();
        home.run_as(name, &["ask", "What time is it?"]).one();
        let removing = home.begin(&["person", "remove", name, "--yes"]);
        wait_a(moment);
        home.kill();
        let done = acknowledged(removing);
        home.serve();
        if home.anna(&["person", "list"]).lines().len() > 1 {
            assert!(done.is_none(), "it was said that they are gone");
            assert_eq!(home.run_as(name, &["list"]).lines().len(), 2, "what they said is theirs as before");
            home.anna(&["person", "remove", name, "--yes"]).one();
        }
        // Nobody else is shown what was theirs alone, so it is the ledger that says that it went.
        removed += 1;
        assert_eq!(told(&home, "deletion"), removed, "what they said is forgotten, once");
        assert_eq!(documents(&home), 1);
        home.run_as(name, &["ask", "What time is it?"]).refused();
    }
}

#[test]
fn a_power_cut_while_a_camera_is_recorded_costs_no_segment_that_was_listed() {
    let Some(camera) = StandInCamera::start(false) else { return };
    let mut home = Home::quiet();
    home.add_camera("Porch", &camera.url());
    let mut kept = BTreeSet::new();
    let address = home.address().to_owned();
    for moment in [0, 40, 90] {
        let before = kept.len();
        let video = |home: &Home| ids(&home.list(&["--kind", "video"])).into_iter().collect::<BTreeSet<_>>();
        kept = until("there is a new segment", 60, || Some(video(&home)).filter(|now| now.len() > before));
        wait_a(moment);
        home.kill();
        home.serve();
        assert_eq!(home.address(), address, "at the same address as before");
        let listed = video(&home);
        assert!(listed.is_superset(&kept), "lost {:?}", kept.difference(&listed));
    }
    let recorded = || (home.device("Porch")["recording"] == true).then_some(());
    until("it records again by itself", 60, recorded);
    for id in kept {
        assert_eq!(&home.open(id)[4..8], b"ftyp");
    }
}
