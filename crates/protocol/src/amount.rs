//! How much something is, as people count it: film by its length and camera, what was said by who said it. What was made of a thing
//! belongs to it, and is not counted again: so the number is the same in a question, on its button, on the receipt and in the ledger.
//! Nobody meets the pieces in which film is kept.
//!
//! The app has the same rule (`web/src/media/counting.ts`), and both are held to `tests/vectors/amount.json`.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::RecordingView;

/// How much there is of what.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Amount {
    /// Film, by its camera.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    film: Vec<FilmOf>,
    /// Things said, by who said them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    said: Vec<SaidBy>,
    /// Everything else that belongs to nothing in here, by kind.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    others: Vec<OthersOf>,
}

/// How much film of a camera.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FilmOf {
    /// The camera's name; empty where that is not known.
    camera: String,
    /// How long it is in all.
    seconds: f64,
}

/// How much somebody said.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SaidBy {
    /// Their name; empty where that is not known.
    person: String,
    /// How many times they spoke.
    things: u64,
}

/// How much of a kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OthersOf {
    /// The kind, as lists say it.
    kind: String,
    /// How many.
    number: u64,
}

/// The kind of film, as lists say it.
pub const FILM: &str = "video";
const SPOKEN: [&str; 3] = ["voice", "transcript", "reply"];
/// What requests leave behind.
const EFFECTS: [&str; 3] = ["timer", "note", "reminder"];
/// What is made of what was said, and of what was seen.
const OF_SAID: &str = "voiceprint";
const OF_SEEN: &str = "snapshot";
/// More cameras than this are counted and not named.
const NAMED: usize = 2;

impl Amount {
    /// How much these are together.
    pub fn of<'r>(recordings: impl IntoIterator<Item = &'r RecordingView>) -> Amount {
        let recordings: Vec<&RecordingView> = recordings.into_iter().collect();
        let moments: BTreeSet<u64> = recordings.iter().map(|recording| recording.moment).collect();
        let mut said = BTreeSet::new();
        let mut amount = Amount::default();
        for recording in recordings {
            match recording.kind.as_str() {
                FILM => amount.film(recording.device.as_deref().unwrap_or_default(), recording.seconds),
                // Its sound, its words and the answer are one thing.
                kind if SPOKEN.contains(&kind) && !said.insert(recording.moment) => {}
                kind if SPOKEN.contains(&kind) => {
                    amount.said(recording.person.as_deref().unwrap_or_default(), 1);
                }
                kind if !belongs(recording, &moments) => amount.others(kind, 1),
                _ => {}
            }
        }
        amount
    }

    /// The same out of what a receipt or the ledger says: so many of each kind, and of film how many seconds. Whose they were is not in it.
    /// None of what an earlier release wrote, which did not say how long film was.
    pub fn of_kinds<'k>(kinds: impl IntoIterator<Item = (&'k str, u64, Option<u64>)>) -> Option<Amount> {
        let (mut amount, mut said) = (Amount::default(), 0);
        for (kind, count, seconds) in kinds {
            match kind {
                FILM => amount.film("", seconds? as f64),
                kind if SPOKEN.contains(&kind) => said = said.max(count),
                kind => amount.others(kind, count),
            }
        }
        if said > 0 {
            amount.said("", said);
            // What was said left these behind: they are its own.
            amount.others.retain(|of| of.kind != OF_SAID && !EFFECTS.contains(&of.kind.as_str()));
        }
        if !amount.film.is_empty() {
            amount.others.retain(|of| of.kind != OF_SEEN);
        }
        Some(amount)
    }

    /// So much film of one camera.
    pub fn of_film(camera: &str, seconds: f64) -> Amount {
        let mut amount = Amount::default();
        amount.film(camera, seconds);
        amount
    }

    /// Adds what is counted apart.
    pub fn add(&mut self, other: &Amount) {
        other.film.iter().for_each(|of| self.film(&of.camera, of.seconds));
        other.said.iter().for_each(|of| self.said(&of.person, of.things));
        other.others.iter().for_each(|of| self.others(&of.kind, of.number));
    }

    /// Whether it is nothing that people count.
    pub fn is_nothing(&self) -> bool {
        self.film.is_empty() && self.said.is_empty() && self.others.is_empty()
    }

    /// `19 minutes of Drive and 1 thing you said`, to whoever is called `me`.
    pub fn in_full(&self, me: &str) -> String {
        let mut parts: Vec<String> = match self.film.len() > NAMED {
            true => vec![format!("{} of {} cameras", length(self.seconds()), self.film.len())],
            false => self.film.iter().map(FilmOf::in_words).collect(),
        };
        let (mine, others): (Vec<_>, Vec<_>) = self.said.iter().partition(|of| of.person == me);
        parts.extend(mine.into_iter().chain(others).map(|SaidBy { person, things }| {
            let things = count(*things, "thing", "things");
            match person.as_str() {
                "" => format!("{things} somebody said"),
                person if person == me => format!("{things} you said"),
                person => format!("{things} {person} said"),
            }
        }));
        parts.extend(self.rest());
        listed(parts)
    }

    /// The same without whose: `19 minutes and 1 thing`.
    pub fn in_short(&self) -> String {
        let mut parts = Vec::new();
        if !self.film.is_empty() {
            parts.push(length(self.seconds()));
        }
        if !self.said.is_empty() {
            parts.push(count(self.said.iter().map(|of| of.things).sum(), "thing", "things"));
        }
        parts.extend(self.rest());
        listed(parts)
    }

    fn seconds(&self) -> f64 {
        self.film.iter().map(|of| of.seconds).sum()
    }

    fn film(&mut self, camera: &str, seconds: f64) {
        match self.film.iter_mut().find(|of| of.camera == camera) {
            Some(of) => of.seconds += seconds,
            None => self.film.push(FilmOf { camera: camera.to_owned(), seconds }),
        }
    }

    fn said(&mut self, person: &str, things: u64) {
        match self.said.iter_mut().find(|of| of.person == person) {
            Some(of) => of.things += things,
            None => self.said.push(SaidBy { person: person.to_owned(), things }),
        }
    }

    fn others(&mut self, kind: &str, number: u64) {
        match self.others.iter_mut().find(|of| of.kind == kind) {
            Some(of) => of.number += number,
            None => self.others.push(OthersOf { kind: kind.to_owned(), number }),
        }
    }

    fn rest(&self) -> impl Iterator<Item = String> {
        self.others.iter().map(|OthersOf { kind, number }| {
            let (one, more) = match kind.as_str() {
                OF_SEEN => ("picture", "pictures"),
                OF_SAID => ("voiceprint", "voiceprints"),
                "timer" => ("timer", "timers"),
                "reminder" => ("reminder", "reminders"),
                "note" => ("thing on a list", "things on lists"),
                "location" => ("place", "places"),
                "look" => ("look", "looks"),
                _ => ("recording", "recordings"),
            };
            count(*number, one, more)
        })
    }
}

impl FilmOf {
    fn in_words(&self) -> String {
        let of = if self.camera.is_empty() { "film" } else { &self.camera };
        format!("{} of {of}", length(self.seconds))
    }
}

/// `42 seconds`, `19 minutes`, `8 hours 44 minutes`. Whole seconds first, as a receipt has them: both round to the same.
pub fn length(seconds: f64) -> String {
    let seconds = (seconds.round() as u64).max(1);
    if seconds < 60 {
        return count(seconds, "second", "seconds");
    }
    let minutes = (seconds + 30) / 60;
    let (hours, left) = (minutes / 60, minutes % 60);
    match (hours, left) {
        (0, minutes) => count(minutes, "minute", "minutes"),
        (hours, 0) => count(hours, "hour", "hours"),
        (hours, left) => format!("{} {}", count(hours, "hour", "hours"), count(left, "minute", "minutes")),
    }
}

/// Whether it was made of something else that is among these moments, or left behind by it.
fn belongs(recording: &RecordingView, moments: &BTreeSet<u64>) -> bool {
    match EFFECTS.contains(&recording.kind.as_str()) {
        true => recording.caused_by.is_some_and(|cause| moments.contains(&cause)),
        false => recording.sources.iter().any(|one| *one != recording.moment && moments.contains(one)),
    }
}

/// `1 thing`, `1,204 things`.
fn count(number: u64, one: &str, more: &str) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{grouped} {}", if number == 1 { one } else { more })
}

fn listed(parts: Vec<String>) -> String {
    match parts.as_slice() {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [one, other] => format!("{one} and {other}"),
        [first @ .., last] => format!("{}, and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::stretch::tests::recordings;

    #[test]
    fn the_amounts_are_those_of_the_shared_cases() {
        let cases: Value = serde_json::from_str(include_str!("../../../tests/vectors/amount.json")).unwrap();
        for case in cases["amounts"].as_array().unwrap() {
            let amount = Amount::of(&recordings(&case["recordings"]));
            let me = case["me"].as_str().unwrap();
            assert_eq!(serde_json::to_value(&amount).unwrap(), case["amount"], "{case}");
            assert_eq!(amount.in_full(me), case["full"], "{case}");
            assert_eq!(amount.in_short(), case["short"], "{case}");
            assert_eq!(amount.is_nothing(), case["full"] == "nothing", "{case}");
        }
        for case in cases["kinds"].as_array().unwrap() {
            let kinds = case["kinds"].as_array().unwrap().iter();
            let kinds = kinds.map(|kind| {
                (kind["kind"].as_str().unwrap(), kind["count"].as_u64().unwrap(), kind["seconds"].as_u64())
            });
            let amount = Amount::of_kinds(kinds);
            assert_eq!(serde_json::to_value(&amount).unwrap(), case["amount"], "{case}");
            assert_eq!(amount.map(|amount| amount.in_short()).as_deref(), case["short"].as_str(), "{case}");
        }
        for case in cases["lengths"].as_array().unwrap() {
            assert_eq!(length(case["seconds"].as_f64().unwrap()), case["length"], "{case}");
        }
    }
}
