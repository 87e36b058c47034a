//! Whatever is said and whatever the templates: no panic, and an answer in bounded time.
#![allow(clippy::expect_used, reason = "a test that cannot load its templates has failed")]

use porchlight_voice::intent::{Matcher, Names};
use proptest::prelude::*;
use std::path::Path;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// Ours and, if they are there, Home Assistant's.
fn matcher() -> &'static Matcher {
    static MATCHER: OnceLock<Matcher> = OnceLock::new();
    MATCHER.get_or_init(|| {
        let json = std::fs::read_to_string(
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/weights/intents/en.json"),
        );
        let ours = Matcher::english().expect("our own templates are well formed");
        match json {
            Ok(json) => ours.with_home_assistant(&json).expect("the fetched templates are well formed"),
            Err(_) => {
                eprintln!("only with our own templates: models/weights/intents/en.json is not there");
                ours
            }
        }
    })
}

fn names() -> Names {
    Names::new()
        .area("kitchen")
        .floor("upstairs")
        .thing("lamp", "light")
        .camera("porch")
        .list("party")
        .here("kitchen")
}

/// Generous for an unoptimised build on a busy machine; an exponential search would take years.
const PATIENCE: Duration = Duration::from_secs(5);

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text(text in "\\PC{0,120}") {
        let _ = matcher().recognise(&text, &names());
    }

    #[test]
    fn words_of_the_templates_in_any_order(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "set", "add", "a", "timer", "for", "the", "to", "list", "in", "and", "five", "minutes", "kitchen", "on", "off",
                "turn", "lights", "all", "what", "is", "hour", "half", "cancel", "porch", "volume", "up", "play", "shopping",
            ]),
            0..20,
        )
    ) {
        let started = Instant::now();
        let _ = matcher().recognise(&words.join(" "), &names());
        prop_assert!(started.elapsed() < PATIENCE);
    }
}

#[test]
fn hostile_sentences_end_soon() {
    let sentences = [
        "a ".repeat(100_000),
        "play ".repeat(48),
        "add ".repeat(24) + &"to the list ".repeat(8),
        "turn the the the ".repeat(12),
        "in 5 minutes ".repeat(16),
        "turn off the lights in 5 minutes ".repeat(6),
        "for ".repeat(24),
        "set a timer for ".repeat(6),
        "one hundred and ".repeat(16),
        "add one hundred and minutes to the timer ".repeat(6),
        "is the kitchen in the kitchen on the kitchen in ".repeat(4),
    ];
    for sentence in sentences {
        let started = Instant::now();
        let _ = matcher().recognise(&sentence, &names());
        let elapsed = started.elapsed();
        let start: String = sentence.chars().take(30).collect();
        eprintln!("\"{start}…\" took {elapsed:?}");
        assert!(elapsed < PATIENCE, "\"{start}…\" took {elapsed:?}");
    }
}

#[test]
fn hostile_templates_are_left_out() {
    let started = Instant::now();
    let many: Vec<String> = vec![
        "(".repeat(4000),
        "[a]".repeat(1000),
        "[[a]b]".repeat(500),
        "({x};".repeat(5),
        format!("{}x", "(a;b;c;d;e;f) ".repeat(20)),
        "<r0>".into(),
        "<loop>".into(),
        "{1..99999999999999999999:n}".into(),
        "{9..1:n}".into(),
        "{anything}".into(),
    ];
    let mut rules = serde_json::Map::new();
    for i in 0..20 {
        rules.insert(format!("r{i}"), format!("<r{n}> <r{n}>", n = i + 1).into());
    }
    rules.insert("loop".into(), "a <loop>".into());
    let json = serde_json::json!({
        "language": "en",
        "intents": { "A": { "data": [{ "sentences": many }] } },
        "expansion_rules": rules,
    });
    let matcher =
        Matcher::english().expect("ours").with_home_assistant(&json.to_string()).expect("the form is right");
    assert!(matcher.left_out() >= 9, "{}", matcher.left_out());
    assert!(started.elapsed() < PATIENCE, "{:?}", started.elapsed());
}

#[test]
fn what_is_no_file_of_templates_is_an_error() {
    for json in ["", "{", "[]", "{\"intents\": 1}", "{\"intents\": {\"A\": {}}}"] {
        let error = Matcher::english()
            .expect("ours")
            .with_home_assistant(json)
            .expect_err("not templates")
            .to_string();
        assert!(error.contains("could not be read"), "{error}");
    }
    let spaceless = r#"{"settings": {"ignore_whitespace": true}, "intents": {}}"#;
    let error =
        Matcher::english().expect("ours").with_home_assistant(spaceless).expect_err("no spaces").to_string();
    assert!(error.contains("without spaces"), "{error}");
}
