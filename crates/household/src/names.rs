//! When two names are one: as people write them, and as they see them.
//!
//! The same letters come in many forms (composed or not, wide or narrow, capital or small, with marks that nobody sees), and different
//! ones can look the same in two scripts. Whoever reads a name must know who is meant.

use std::collections::BTreeSet;

use icu_properties::props::{DefaultIgnorableCodePoint, Script};
use icu_properties::{CodePointMapData, CodePointSetData};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_security::confusable_detection::skeleton;

/// Whether two names are one, in whatever form their letters are written. `web/src/household/names.ts` says the same of them.
pub(crate) fn same_name(a: &str, b: &str) -> bool {
    folded(a) == folded(b)
}

/// A name as people read it.
pub(crate) struct Reading {
    letters: String,
    /// With each letter as the one it looks like.
    seen: String,
    scripts: BTreeSet<Script>,
}

impl Reading {
    pub(crate) fn of(name: &str) -> Reading {
        let seen: String = skeleton(&bare(name)).collect();
        Reading { letters: folded(name), seen: folded(&seen), scripts: scripts(name) }
    }

    /// Whether both are one name, as [`same_name`] has it.
    pub(crate) fn is(&self, other: &Reading) -> bool {
        self.letters == other.letters
    }

    /// Whether names of different scripts, or of several, look like one: an `А` is Cyrillic and an `A` is not. Within one script people tell letters apart
    /// that are near each other, and `Arna` is somebody else than `Ama`.
    pub(crate) fn looks_like(&self, other: &Reading) -> bool {
        (self.scripts != other.scripts || self.scripts.len() > 1) && self.seen == other.seen
    }
}

/// A name in the one spelling in which names are compared where people type them: without accents, wide letters or capitals, and
/// without spaces around it.
pub fn plain_name(name: &str) -> String {
    let letters = name.trim().nfkd().filter(|letter| !is_combining_mark(*letter));
    letters.flat_map(char::to_lowercase).nfkc().collect()
}

/// A name in one form of its letters, without capitals, and with single spaces between its words.
fn folded(name: &str) -> String {
    let bare = bare(name);
    // By way of the capitals, so that ß is ss and both forms of a small sigma are one.
    let small = bare.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase);
    small.nfkc().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A name in one form of its letters, without what nobody sees.
fn bare(name: &str) -> String {
    let unseen = CodePointSetData::new::<DefaultIgnorableCodePoint>();
    name.nfkc().filter(|letter| !unseen.contains(*letter)).collect()
}

/// The scripts of a name's letters.
fn scripts(name: &str) -> BTreeSet<Script> {
    let script = CodePointMapData::<Script>::new();
    let of_any = [Script::Common, Script::Inherited];
    name.chars().map(|letter| script.get(letter)).filter(|script| !of_any.contains(script)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same names are judged by the app's own check.
    const PAIRS: &str = include_str!("../../../tests/fixtures/names.json");

    #[test]
    fn names_are_one_however_their_letters_are_written() {
        #[derive(serde::Deserialize)]
        struct Pairs {
            same: Vec<(String, String)>,
            different: Vec<(String, String)>,
        }
        let Pairs { same, different } = serde_json::from_str(PAIRS).unwrap();
        for (a, b) in same {
            assert!(same_name(&a, &b) && Reading::of(&a).is(&Reading::of(&b)), "{a:?} {b:?}");
        }
        for (a, b) in different {
            assert!(!same_name(&a, &b), "{a:?} {b:?}");
        }
    }

    #[test]
    fn names_of_two_scripts_look_the_same_and_those_of_one_are_told_apart() {
        for (a, b) in [
            ("Anna", "\u{410}nna"),
            ("ANNA", "\u{410}nna"),
            ("Tom", "T\u{43e}m"),
            ("Boko", "\u{412}oko"),
            ("Leo", "Le\u{3bf}"),
            ("\u{410}nna", "Ann\u{430}"),
        ] {
            assert!(!same_name(a, b) && Reading::of(a).looks_like(&Reading::of(b)), "{a:?} {b:?}");
        }
        for (a, b) in [("Arna", "Ama"), ("Ina", "lna"), ("Anna", "Анна"), ("Anna", "Tom"), ("李", "季")]
        {
            assert!(!Reading::of(a).looks_like(&Reading::of(b)), "{a:?} {b:?}");
        }
    }
}
