//! Characters that nobody sees, in what people name and say: they can move a cursor, turn a line around, or make two names one.
//!
//! A name may not have any; what was said is shown with each of them written out. What people need of them stays: the joiners of
//! Persian and of Indian scripts (RFC 5892, appendix A), and those that hold an emoji together.

use std::borrow::Cow;

use icu_properties::props::{
    BidiControl, CanonicalCombiningClass, DefaultIgnorableCodePoint, EmojiModifier, ExtendedPictographic,
    Ideographic, JoiningType, Script, VariationSelector,
};
use icu_properties::{CodePointMapData, CodePointSetData};

const ZERO_WIDTH_NON_JOINER: char = '\u{200c}';
const ZERO_WIDTH_JOINER: char = '\u{200d}';
/// What the flags of countries within countries are made of.
const BLACK_FLAG: char = '\u{1f3f4}';
/// What makes a key of a digit.
const KEYCAP: char = '\u{20e3}';

/// The first character of a text that nobody sees and that no script or emoji needs where it stands.
pub fn hidden_in(text: &str) -> Option<char> {
    let characters: Vec<char> = text.chars().collect();
    (0..characters.len()).find(|at| is_hidden(&characters, *at)).map(|at| characters[at])
}

/// The text with each such character written out, as `\u{202e}`: harmless wherever it is shown on one line.
pub fn on_one_line(text: &str) -> Cow<'_, str> {
    written_out(text, |_| false, |c| c.escape_unicode().to_string())
}

/// The same for a text that has lines of its own.
pub fn on_lines(text: &str) -> Cow<'_, str> {
    written_out(text, |c| matches!(c, '\n' | '\t'), |c| c.escape_unicode().to_string())
}

/// The same for JSON, which stays what it says: there such characters stand in strings alone.
pub fn in_json(text: &str) -> Cow<'_, str> {
    let escape = |c: char| {
        let mut units = [0; 2];
        c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")).collect()
    };
    written_out(text, |c| matches!(c, '\n' | '\t'), escape)
}

/// A character as a sentence names it: `U+202E`.
pub fn code_of(c: char) -> String {
    format!("U+{:04X}", u32::from(c))
}

fn written_out(text: &str, stays: impl Fn(char) -> bool, escape: impl Fn(char) -> String) -> Cow<'_, str> {
    // Most of what is printed has nothing that could be hidden.
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Cow::Borrowed(text);
    }
    let characters: Vec<char> = text.chars().collect();
    let mut whole = String::with_capacity(text.len());
    for (at, c) in characters.iter().enumerate() {
        match is_hidden(&characters, at) && !stays(*c) {
            true => whole += &escape(*c),
            false => whole.push(*c),
        }
    }
    Cow::Owned(whole)
}

fn is_hidden(text: &[char], at: usize) -> bool {
    let c = text[at];
    let (before, after) = (&text[..at], &text[at + 1..]);
    match c {
        ZERO_WIDTH_JOINER => !(follows_virama(before) || joins_pictures(before, after)),
        ZERO_WIDTH_NON_JOINER => !(follows_virama(before) || keeps_letters_apart(before, after)),
        // Tags, which end a flag.
        '\u{e0020}'..='\u{e007f}' => !is_in_flag(before),
        _ if CodePointSetData::new::<VariationSelector>().contains(c) => !chooses_a_form(before, c, after),
        // What is printed as a space and is none.
        '\u{2800}' | '\u{1d159}' => true,
        // Line and paragraph separators, and the marks around interlinear notes.
        '\u{2028}' | '\u{2029}' | '\u{fff9}'..='\u{fffb}' => true,
        _ => {
            c.is_control()
                || CodePointSetData::new::<BidiControl>().contains(c)
                || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
        }
    }
}

fn follows_virama(before: &[char]) -> bool {
    let class = CodePointMapData::<CanonicalCombiningClass>::new();
    before.last().is_some_and(|c| class.get(*c) == CanonicalCombiningClass::Virama)
}

/// Whether letters that would be joined stand on both sides.
fn keeps_letters_apart(before: &[char], after: &[char]) -> bool {
    let joining = CodePointMapData::<JoiningType>::new();
    let next = |c: &&char| joining.get(**c) != JoiningType::Transparent;
    let left = before.iter().rev().find(next).map(|c| joining.get(*c));
    let right = after.iter().find(next).map(|c| joining.get(*c));
    matches!(left, Some(JoiningType::LeftJoining | JoiningType::DualJoining))
        && matches!(right, Some(JoiningType::RightJoining | JoiningType::DualJoining))
}

fn joins_pictures(before: &[char], after: &[char]) -> bool {
    let picture = CodePointSetData::new::<ExtendedPictographic>();
    let beside = |c: &&char| {
        !CodePointSetData::new::<EmojiModifier>().contains(**c)
            && !CodePointSetData::new::<VariationSelector>().contains(**c)
    };
    before.iter().rev().find(beside).is_some_and(|c| picture.contains(*c))
        && after.first().is_some_and(|c| picture.contains(*c))
}

fn is_in_flag(before: &[char]) -> bool {
    before.iter().rev().find(|c| !('\u{e0020}'..='\u{e007f}').contains(*c)) == Some(&BLACK_FLAG)
}

/// Whether a variation selector stands where there are forms to choose from: of an emoji, a keycap, an ideograph, or a letter of the few
/// scripts that have them.
fn chooses_a_form(before: &[char], selector: char, after: &[char]) -> bool {
    let Some(&c) = before.last() else { return false };
    if matches!(selector, '\u{fe0e}' | '\u{fe0f}') {
        let keycap = matches!(c, '0'..='9' | '#' | '*') && after.first() == Some(&KEYCAP);
        return keycap || CodePointSetData::new::<ExtendedPictographic>().contains(c);
    }
    let script = CodePointMapData::<Script>::new().get(c);
    CodePointSetData::new::<Ideographic>().contains(c)
        || [Script::Mongolian, Script::PhagsPa, Script::Myanmar].contains(&script)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_as_people_have_them_have_nothing_hidden() {
        for name in [
            "Anna",
            "Zoë",
            "Jean-Luc d’Été",
            "Ngọc Ánh",
            "Łukasz",
            "Ægir",
            "Þórunn",
            "O'Brien",
            "मोहम्मद",
            "क्‍ष",
            "ශ්‍රී",
            "علی‌رضا",
            "می‌خواهم",
            "שרה",
            "مُحَمَّد",
            "Ελένη",
            "Владимир",
            "李小龍",
            "さくら",
            "김민준",
            "葛󠄀城",
            "👨‍👩‍👧‍👦",
            "👩🏽‍💻 Kim",
            "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
            "❤️‍🔥",
            "1️⃣ room",
            "🇩🇪",
            "Küche ☕",
            "ไทย",
            "Tom & Jerry",
        ] {
            assert_eq!(hidden_in(name), None, "{name}");
            assert_eq!(on_one_line(name), name);
            assert_eq!(in_json(name), name);
        }
    }

    #[test]
    fn what_nobody_sees_is_found_and_written_out() {
        for (name, hidden) in [
            ("An\u{1b}[31mna", '\u{1b}'),
            ("An\nna", '\n'),
            ("An\rna", '\r'),
            ("An\u{9b}31mna", '\u{9b}'),
            ("\u{202e}annA", '\u{202e}'),
            ("Anna\u{2069}", '\u{2069}'),
            ("Anna\u{200f}", '\u{200f}'),
            ("An\u{200b}na", '\u{200b}'),
            ("An\u{200c}na", '\u{200c}'),
            ("An\u{200d}na", '\u{200d}'),
            ("\u{200d}👨", '\u{200d}'),
            ("Anna\u{feff}", '\u{feff}'),
            ("An\u{ad}na", '\u{ad}'),
            ("Anna\u{2028}", '\u{2028}'),
            ("\u{fe0f}Anna", '\u{fe0f}'),
            ("Anna\u{e0067}", '\u{e0067}'),
            ("Anna\u{3164}", '\u{3164}'),
            ("An\u{61c}na", '\u{61c}'),
            ("An\u{2060}na", '\u{2060}'),
            ("Anna\u{fe0e}", '\u{fe0e}'),
            ("An\u{fe0f}na", '\u{fe0f}'),
            ("Anna 1\u{fe0f}", '\u{fe0f}'),
            ("Anna\u{e0100}", '\u{e0100}'),
            ("Anna\u{180b}", '\u{180b}'),
            ("\u{2800}", '\u{2800}'),
            ("Anna\u{2800}", '\u{2800}'),
            ("Anna\u{1d159}", '\u{1d159}'),
        ] {
            assert_eq!(hidden_in(name), Some(hidden), "{name:?}");
            let shown = on_one_line(name).into_owned();
            assert!(hidden_in(&shown).is_none() && shown.contains("\\u{"), "{shown}");
            let json = serde_json::to_string(name).unwrap();
            let harmless = in_json(&json);
            assert!(hidden_in(&harmless).is_none(), "{harmless}");
            assert_eq!(serde_json::from_str::<String>(&harmless).unwrap(), name, "JSON stays what it says");
        }
        assert_eq!(on_lines("a\n\tb\u{7}"), "a\n\tb\\u{7}");
        assert_eq!(in_json("\"\u{e0041}\""), "\"\\udb40\\udc41\"");
    }
}
