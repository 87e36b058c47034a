//! Home Assistant's own test sentences, where they and its templates are there.
//!
//! The sentences are expected beside the checkout (`../shared/data/intents-en`), the templates where `models/fetch` puts them.

use porchlight_voice::intent::{Matcher, Names};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

type Outcome = Result<(), Box<dyn Error>>;

#[derive(Deserialize, Default)]
struct File {
    #[serde(default)]
    tests: Vec<Case>,
    entities: Option<Vec<Entity>>,
    areas: Option<Vec<Place>>,
    floors: Option<Vec<Place>>,
}

#[derive(Deserialize)]
struct Case {
    sentences: Vec<String>,
    #[serde(default)]
    slots: BTreeMap<String, Value>,
}

#[derive(Deserialize, Clone)]
struct Place {
    name: String,
}

#[derive(Deserialize, Clone)]
struct Entity {
    name: String,
    domain: Option<String>,
    id: Option<String>,
}

fn beside(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

fn templates() -> Option<String> {
    fs::read_to_string(beside("models/weights/intents/en.json")).ok()
}

/// The names of a test: its own, and the common ones for each kind it does not give.
fn names(file: &File, common: &File) -> Names {
    let or = |own: &Option<Vec<Place>>, all: &Option<Vec<Place>>| {
        own.clone().or_else(|| all.clone()).unwrap_or_default()
    };
    let mut names = Names::new();
    for area in or(&file.areas, &common.areas) {
        names = names.area(&area.name);
    }
    for floor in or(&file.floors, &common.floors) {
        names = names.floor(&floor.name);
    }
    for entity in file.entities.clone().or_else(|| common.entities.clone()).unwrap_or_default() {
        let of_id = entity.id.as_deref().and_then(|id| id.split('.').next());
        let domain = entity.domain.as_deref().or(of_id).unwrap_or_default();
        // Some names are written as templates: "Trader Joe[']s".
        names = names.thing(&entity.name.replace("[']", "'"), domain);
    }
    names
}

fn same(expected: &Value, found: Option<&Value>) -> bool {
    match (expected, found) {
        (Value::Number(a), Some(Value::Number(b))) => a.as_f64() == b.as_f64(),
        (Value::String(a), Some(Value::String(b))) => a.to_lowercase() == b.to_lowercase(),
        (a, Some(b)) => a == b,
        (_, None) => false,
    }
}

#[test]
fn recognises_the_test_sentences() -> Outcome {
    let folder = beside("../shared/data/intents-en");
    let (Some(json), true) = (templates(), folder.is_dir()) else {
        eprintln!("skipped: needs ../shared/data/intents-en and models/weights/intents/en.json");
        return Ok(());
    };
    let started = Instant::now();
    let matcher = Matcher::english()?.with_home_assistant(&json)?;
    eprintln!(
        "{} templates in {:?}, {} left out",
        matcher.templates(),
        started.elapsed(),
        matcher.left_out()
    );
    assert_eq!(matcher.left_out(), 0);

    let common: File = serde_yaml_ng::from_str(&fs::read_to_string(folder.join("_fixtures.yaml"))?)?;
    let (mut right, mut all) = (0_u32, 0_u32);
    let mut times: Vec<Duration> = Vec::new();
    for intent in fs::read_dir(&folder)?.collect::<Result<Vec<_>, _>>()? {
        if !intent.path().is_dir() {
            continue;
        }
        for path in fs::read_dir(intent.path())?.collect::<Result<Vec<_>, _>>()? {
            let file: File = serde_yaml_ng::from_str(&fs::read_to_string(path.path())?)?;
            let names = names(&file, &common);
            for case in &file.tests {
                for sentence in &case.sentences {
                    let started = Instant::now();
                    let found = matcher.recognise(sentence, &names);
                    times.push(started.elapsed());
                    let fits = found.as_ref().is_some_and(|found| {
                        found.intent.as_str() == intent.file_name()
                            && case.slots.iter().all(|(slot, value)| same(value, found.slots.get(slot)))
                    });
                    all += 1;
                    right += u32::from(fits);
                    if !fits {
                        let found = found.map(|found| (found.intent, found.slots));
                        eprintln!(
                            "{:?}: \"{sentence}\" gives {found:?}, not {:?}",
                            intent.file_name(),
                            case.slots
                        );
                    }
                }
            }
        }
    }
    times.sort();
    let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or_default();
    eprintln!("{right} of {all} right; p50 {:?}, p99 {:?}, most {:?}", at(50), at(99), times.last());
    assert!(all > 0 && f64::from(right) / f64::from(all) > 0.97, "{right} of {all}");
    Ok(())
}

#[test]
fn ours_mean_the_same_beside_them() -> Outcome {
    let Some(json) = templates() else {
        eprintln!("skipped: needs models/weights/intents/en.json");
        return Ok(());
    };
    let alone = Matcher::english()?;
    let beside = Matcher::english()?.with_home_assistant(&json)?;
    let names =
        Names::new().area("Kitchen").camera("porch").list("party").thing("Lamp", "light").here("Kitchen");
    for sentence in [
        "what time is it",
        "what day is it",
        "set a timer for an hour and a half",
        "set a time or for 5 minutes",
        "12 minute egg timer",
        "pizza timer for 12 minutes",
        "cancel the pizza timer",
        "cancel all timers",
        "take 1 minute off the kitchen timer",
        "how much time is left",
        "add milk, eggs and bread to the shopping list",
        "at eggs to the shopping list",
        "add balloons to the party list",
        "what's on my shopping list",
        "remove milk from the shopping list",
        "delete everything from the shopping list",
        "clear my shopping list",
        "we need bananas",
        "which cameras are there",
        "is the porch camera recording",
        "how are the cameras",
        "what did you hear in the last ten minutes",
        "what have you heard today",
        "forget everything I said",
        "delete all my recordings",
        "stop recording",
        "turn off the cameras",
        "stop the porch camera",
        "stop listening",
        "privacy please",
        "never mind",
        "help",
        "what can you do",
        "hello",
        "stop",
        "the quick brown fox jumps over the lazy dog",
    ] {
        let meaning =
            |matcher: &Matcher| matcher.recognise(sentence, &names).map(|found| (found.intent, found.slots));
        assert_eq!(meaning(&alone), meaning(&beside), "\"{sentence}\" alone and beside Home Assistant's");
    }
    Ok(())
}
