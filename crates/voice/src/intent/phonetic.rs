//! Words that a recogniser mistakes for one another.
//!
//! Two words are alike when they sound the same (Double Metaphone) or are one letter apart, two for long words.  This is for the second
//! pass, when no template fits exactly, and for names that are only asked about.

use rphonetic::DoubleMetaphone;
use strsim::osa_distance;

use super::text::words;

/// Words that may be missing from or surplus in what was heard: short, unstressed and without meaning of their own.
const UNSTRESSED: [&str; 12] = ["a", "an", "the", "to", "for", "of", "on", "in", "my", "is", "are", "has"];

/// Digits and the short words that sound like them.
const DIGITS: [(&str, &str); 4] = [("2", "to"), ("2", "too"), ("4", "for"), ("1", "one")];

/// A word that may be missing or surplus.
pub(crate) fn unstressed(word: &str) -> bool {
    UNSTRESSED.contains(&word)
}

/// Whether a name that was heard may be this one, run together if it was heard as several words ("guard in" for "garden").
pub(crate) fn names_alike(heard: &str, name: &str) -> bool {
    alike(&words(heard).concat(), &words(name).concat(), false)
}

/// Whether `heard` may have been `meant`. `known` says whether what was heard is itself a word of our templates.
pub(crate) fn alike(heard: &str, meant: &str, known: bool) -> bool {
    if heard == meant || DIGITS.contains(&(heard, meant)) {
        return true;
    }
    if !heard.chars().all(char::is_alphabetic) || !meant.chars().all(char::is_alphabetic) {
        return false;
    }
    // A word that has a meaning here was most likely meant: "increase" is not a misheard "decrease". Its other forms are allowed.
    let other_form = heard.starts_with(meant) || meant.starts_with(heard);
    if known && heard.chars().count() > 3 && !other_form {
        return false;
    }
    let (short, long) = sorted(heard.chars().count(), meant.chars().count());
    if long - short > 3 || short < 2 {
        return false;
    }
    // Of three letters one may differ, but not the first: "and" for "add".
    let (mut first_heard, mut first_meant) = (heard.chars(), meant.chars());
    let enough = short >= 4 || (short == 3 && first_heard.next() == first_meant.next());
    let apart = osa_distance(heard, meant);
    apart <= usize::from(enough) + usize::from(short >= 8) || (apart <= 2 && sounds_alike(heard, meant))
}

/// Double Metaphone knows English letters only.
fn sounds_alike(a: &str, b: &str) -> bool {
    if !a.is_ascii() || !b.is_ascii() {
        return false;
    }
    let metaphone = DoubleMetaphone::default();
    let (a, b) = (metaphone.double_metaphone(a), metaphone.double_metaphone(b));
    !a.primary().is_empty() && (a.primary() == b.primary() || a.alternate() == b.alternate())
}

fn sorted(a: usize, b: usize) -> (usize, usize) {
    if a <= b { (a, b) } else { (b, a) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_what_sounds_alike() {
        for (heard, meant) in [
            ("thyme", "time"),
            ("at", "add"),
            ("two", "to"),
            ("and", "add"),
            ("4", "for"),
            ("timeor", "timer"),
            ("shoping", "shopping"),
            ("minuets", "minutes"),
        ] {
            assert!(alike(heard, meant, false), "{heard} for {meant}");
        }
        for (heard, meant) in [
            ("cancel", "set"),
            ("milk", "list"),
            ("stop", "start"),
            ("on", "off"),
            ("25", "for"),
            ("it", "what"),
        ] {
            assert!(!alike(heard, meant, false), "{heard} for {meant}");
        }
    }

    #[test]
    fn a_word_with_a_meaning_is_meant() {
        assert!(!alike("increase", "decrease", true));
        assert!(!alike("light", "night", true));
        assert!(alike("time", "timer", true));
    }
}
