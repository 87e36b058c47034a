//! Guessing at the door: what strangers get by it, and what the household notices of it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use porchlight_household::sign_in::opaque::SignIn;
use porchlight_tests::{Home, Page, Stranger, number, text};
use serde_json::{Value, json};

/// Strangers, each at an address far from the others'.
const STRANGERS: u8 = 10;
/// What they try all together.
const TRIES: usize = 10_000;

fn guess(name: &str) -> Value {
    let (_, request) = SignIn::start("a guess").unwrap();
    json!({ "name": name, "request": request })
}

#[test]
fn a_family_gets_in_while_ten_addresses_guess_without_end_and_is_told_of_it() {
    let mut home = Home::quiet();
    home.add_adult("Tom");
    // Whom the hub knows, and from where, it knows after a restart too.
    home.stop();
    home.serve();
    let told = home.events(&[]);
    let mut page = Page::open(&home);
    let passphrase = std::fs::read_to_string(home.passphrase("Anna")).unwrap();
    let tried = AtomicBool::new(false);

    let answers = thread::scope(|scope| {
        let strangers: Vec<_> = (0..STRANGERS)
            .map(|n| {
                let (home, tried) = (&home, &tried);
                scope.spawn(move || {
                    let mut stranger = Stranger::at(home, [127, 10 + n, 0, 1]);
                    let (anna, mut answers) = (guess("Anna"), BTreeMap::new());
                    for n in 0..TRIES / usize::from(STRANGERS) {
                        // Whoever made the names up hoped to wash the guesses away with them.
                        let made_up = json!({ "name": format!("name {n}"), "request": anna["request"] });
                        let (name, body) = if n % 2 == 0 { ("Anna", &anna) } else { ("made up", &made_up) };
                        let (status, _) = stranger.post("/api/sign-in/start", body);
                        *answers.entry((name, status)).or_insert(0_usize) += 1;
                    }
                    tried.store(true, Ordering::SeqCst);
                    answers
                })
            })
            .collect();

        // Meanwhile Anna gets in: at once, as often as she likes, and with her code.
        for _ in 0..3 {
            let before = Instant::now();
            page.prove("/api/sign-in/start", "Anna", passphrase.trim());
            assert!(before.elapsed() < Duration::from_secs(3), "{:?}", before.elapsed());
        }
        assert!(!tried.load(Ordering::SeqCst), "the strangers are at it still");
        page.sign_in(&home, "Anna");
        let mut all = BTreeMap::new();
        for stranger in strangers {
            for (answer, many) in stranger.join().unwrap() {
                *all.entry(answer).or_insert(0_usize) += many;
            }
        }
        all
    });

    let count = |name, status| answers.get(&(name, status)).copied().unwrap_or_default();
    assert_eq!(answers.values().sum::<usize>(), TRIES);
    assert_eq!(count("Anna", 200) + count("Anna", 429), TRIES / 2, "{answers:?}");
    // Five free tries at each address, and one after each wait.
    let guesses = count("Anna", 200) + count("made up", 200);
    assert!(guesses < 12 * usize::from(STRANGERS), "{answers:?}");

    // Somebody who shares an address with whoever guesses there is told whose tries they wait for, how long, and where nobody waits.
    let mut flood = Stranger::at(&home, [127, 0, 0, 1]);
    let refused =
        (0..9).map(|_| flood.post("/api/sign-in/start", &guess("Tom"))).find(|(status, _)| *status == 429);
    assert_eq!(text(&refused.unwrap().1["said"], "code"), "too-many-at-home");
    let why = home.sign_in_with("Tom", &home.passphrase("Tom"), &home.totp("Tom")).refused();
    for part in ["came from this address", "five minutes at most", "is signed in stays so", "another network"]
    {
        assert!(why.contains(part), "{part}: {why}");
    }
    home.run_as("Tom", &["session", "list"]).lines();
    let mut elsewhere = Stranger::at(&home, [127, 77, 0, 1]);
    assert_eq!(elsewhere.post("/api/sign-in/start", &guess("Tom")).0, 200);

    // It is told on Anna's own screens, and stands in the ledger in a line or two, in words.
    let failed = told.wait_for("the tries are told", 90, |event| event["event"] == "sign-in-failed");
    assert_eq!((text(&failed, "person"), text(&failed, "tried")), ("Anna", "passphrase"), "{failed}");
    assert!(number(&failed, "home") >= 10, "{failed}");
    let lines = home.anna(&["ledger", "list", "--kind", "failed-sign-in"]).lines();
    assert!((1..=2).contains(&lines.len()), "{lines:?}");
    let words = home.words(&["ledger", "list", "--kind", "failed-sign-in"]);
    assert!(words.contains("tries to sign in as") && words.contains("nobody got in by them"), "{words}");
    let (_, me) = page.get("/api/me");
    assert_eq!(text(&me["failed"][0], "tried"), "passphrase", "{me}");

    // And nobody else has a session.
    assert_eq!(home.anna(&["session", "list"]).lines().len(), 2, "the command line's and the page's");
    home.run_as("Tom", &["list"]).lines();

    // What strangers tried counts on after a start: as if it had been twice as much.
    home.stop();
    let (more, now) = (50 * 12 * 60_000, Timestamp::now().as_millisecond());
    home.sql("hub.sqlite", "UPDATE passphrase_try SET empty_ms = empty_ms + ?, last_ms = ?", &[more, now]);
    home.serve();
    let mut elsewhere = Stranger::at(&home, [127, 78, 0, 1]);
    let (status, said) = elsewhere.post("/api/sign-in/start", &guess("Anna"));
    assert_eq!((status, text(&said["said"], "code")), (429, "too-many-everywhere"), "{said}");
}

#[test]
fn waiting_and_answers_say_nothing_about_whose_names_are_known() {
    let home = Home::quiet();
    let asked = |address: [u8; 4], name: &str| {
        let mut stranger = Stranger::at(&home, address);
        (0..9)
            .map(|_| {
                let (status, said) = stranger.post("/api/sign-in/start", &guess(name));
                let lengths = ["attempt", "response"].map(|part| said[part].as_str().map(str::len));
                (status, said["said"]["code"].as_str().map(str::to_owned), lengths)
            })
            .collect::<Vec<_>>()
    };
    let known = asked([127, 40, 0, 1], "Anna");
    assert_eq!(known.iter().filter(|(status, ..)| *status == 200).count(), 6, "{known:?}");
    for (n, name) in ["Zoe", "anna x", "\u{ff21}nna b", &"z".repeat(150)].into_iter().enumerate() {
        assert_eq!(known, asked([127, 41 + u8::try_from(n).unwrap(), 0, 1], name), "{name}");
    }
    // However somebody types a name, it is the same account: the tries of these are Anna's.
    let mut stranger = Stranger::at(&home, [127, 60, 0, 1]);
    for name in ["Anna", " ANNA", "\u{c1}nna", "\u{ff21}nna", "A\u{301}nna", "anna"] {
        assert_eq!(stranger.post("/api/sign-in/start", &guess(name)).0, 200);
    }
    assert_eq!(stranger.post("/api/sign-in/start", &guess("aNNa")).0, 429);
}
