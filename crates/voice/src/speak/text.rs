//! From written text to sentences and clauses as they are said.
//!
//! espeak-ng reads numbers well and clock times badly ("twelve zero five"), and it swallows punctuation, which the
//! voice needs for its melody. So clock times are spelled out and clauses are cut here.

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Words up to a punctuation mark.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub(crate) struct Clause {
    pub(crate) words: String,
    /// The mark: one of `, ; : . ! ?`.
    pub(crate) end: char,
}

/// The sentences of a text, each as its clauses. Every clause has something to say.
pub(crate) fn sentences(text: &str) -> Vec<Vec<Clause>> {
    let mut sentences = Vec::new();
    let mut sentence = Vec::new();
    let mut length = 0;
    for clause in clauses(&spell_times(text)) {
        length += clause.words.len();
        let ends = matches!(clause.end, '.' | '!' | '?') || length > LONGEST_SENTENCE;
        sentence.push(clause);
        if ends {
            sentences.push(std::mem::take(&mut sentence));
            length = 0;
        }
    }
    if !sentence.is_empty() {
        sentences.push(sentence);
    }
    sentences
}

/// Bytes after which a clause without punctuation is cut at the next space: the work of the voice grows with the square
/// of a sentence's length, and a clause must fit into a pipe.
const LONGEST_CLAUSE: usize = 140;

/// Bytes after which a sentence ends with its clause.
const LONGEST_SENTENCE: usize = 120;

fn clauses(text: &str) -> Vec<Clause> {
    let mut clauses = Vec::new();
    let mut words = Zeroizing::new(String::with_capacity(text.len().min(2 * LONGEST_CLAUSE) + 8));
    let characters: Zeroizing<Vec<char>> = Zeroizing::new(text.chars().collect());
    for (at, &character) in characters.iter().enumerate() {
        let next = characters.get(at + 1).copied();
        let end = match character {
            ',' | ':' | '.' if within_number(&characters, at) => None,
            '.' if is_abbreviation(&words, &characters[at + 1..]) => {
                // Without its dot, which espeak-ng would take for an end.
                continue;
            }
            ',' | ';' | ':' | '.' | '!' | '?' if next.is_none_or(|next| !next.is_alphanumeric()) => {
                Some(character)
            }
            '\n' => Some('.'),
            '—' | '–' | '…' => Some(','),
            space if space.is_whitespace() && words.len() > LONGEST_CLAUSE => Some(','),
            _ if words.len() > 2 * LONGEST_CLAUSE => Some(','),
            _ => None,
        };
        match end {
            Some(end) => take(&mut words, end, &mut clauses),
            None => words.push(character),
        }
    }
    take(&mut words, '.', &mut clauses);
    clauses
}

/// Makes a clause of the words so far. Marks in a row ("?!", ".\n") are one.
fn take(words: &mut Zeroizing<String>, end: char, clauses: &mut Vec<Clause>) {
    if words.chars().any(char::is_alphanumeric) {
        clauses.push(Clause { words: words.trim().to_owned(), end });
    } else if let (Some(last), '.' | '!' | '?') = (clauses.last_mut(), end) {
        // A line that ends after a comma ends a sentence.
        if matches!(last.end, ',' | ';' | ':') {
            last.end = end;
        }
    }
    words.zeroize();
}

/// A mark between two digits, as in 3.5 or 1,000.
fn within_number(characters: &[char], at: usize) -> bool {
    let is_digit = |at: Option<usize>| at.and_then(|at| characters.get(at)).is_some_and(char::is_ascii_digit);
    is_digit(at.checked_sub(1)) && is_digit(Some(at + 1))
}

/// Whether a dot after these words belongs to the last of them. After "p.m" it does when the sentence goes on.
fn is_abbreviation(words: &str, after: &[char]) -> bool {
    const BEFORE_A_NAME: [&str; 8] = ["dr", "mr", "mrs", "ms", "st", "vs", "e.g", "i.e"];
    const OF_TIME: [&str; 2] = ["a.m", "p.m"];
    let last = words.rsplit(char::is_whitespace).next().unwrap_or_default();
    let is_one_of = |list: &[&str]| list.iter().any(|abbreviation| last.eq_ignore_ascii_case(abbreviation));
    match after {
        [' ', next, ..] => is_one_of(&BEFORE_A_NAME) || next.is_lowercase() && is_one_of(&OF_TIME),
        _ => false,
    }
}

/// Writes clock times as they are said: "6:20 PM" as "6 20 PM", "12:05" as "12 oh 5", "7:00" as "7 o'clock".
fn spell_times(text: &str) -> Zeroizing<String> {
    let mut spelled = Zeroizing::new(String::with_capacity(text.len() + text.len() / 2 + 16));
    let mut rest = text;
    let mut before = None;
    while let Some(character) = rest.chars().next() {
        let free =
            !before.is_some_and(|before: char| before.is_alphanumeric() || matches!(before, ':' | '.'));
        if free && let Some((hour, minute, after)) = clock_time(rest) {
            spelled.push_str(&hour.to_string());
            match minute {
                0 if says_half_of_day(after) => {}
                0 => spelled.push_str(" o'clock"),
                1..10 => spelled.push_str(&format!(" oh {minute}")),
                _ => spelled.push_str(&format!(" {minute}")),
            }
            before = Some('0');
            rest = after;
        } else {
            spelled.push(character);
            before = Some(character);
            rest = &rest[character.len_utf8()..];
        }
    }
    spelled
}

/// A time of day at the beginning of a text: hour, minute and what comes after.
fn clock_time(text: &str) -> Option<(u8, u8, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (hour, rest) = text.split_at_checked(digits)?;
    let (minute, after) = rest.strip_prefix(':')?.split_at_checked(2)?;
    if digits > 2 || !minute.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // 1:02:03 is a duration, and 1:023 is no time at all.
    let mut following = after.chars();
    match following.next() {
        Some(':') if following.next().is_some_and(|next| next.is_ascii_digit()) => return None,
        Some(digit) if digit.is_ascii_digit() => return None,
        _ => {}
    }
    let (hour, minute) = (hour.parse().ok()?, minute.parse().ok()?);
    (hour < 24 && minute < 60).then_some((hour, minute, after))
}

fn says_half_of_day(after: &str) -> bool {
    let mut letters = after.trim_start().chars().map(|letter| letter.to_ascii_lowercase());
    matches!(letters.next(), Some('a' | 'p')) && matches!(letters.next(), Some('m' | '.'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn clock_times_are_said_as_people_say_them() {
        for (written, said) in [
            ("It is 6:20 PM.", "It is 6 20 PM."),
            ("It's 12:05", "It's 12 oh 5"),
            ("at 7:00 sharp", "at 7 o'clock sharp"),
            ("at 7:00 PM", "at 7 PM"),
            ("at 7:00 a.m.", "at 7 a.m."),
            ("18:30, please", "18 30, please"),
            ("1:02:03 left", "1:02:03 left"),
            ("25:10 and 10:75 and 1:234 and 100:20", "25:10 and 10:75 and 1:234 and 100:20"),
            ("Ratio:3:15", "Ratio:3:15"),
            ("café 9:09", "café 9 oh 9"),
        ] {
            assert_eq!(*spell_times(written), said);
        }
    }

    #[test]
    fn sentences_have_clauses_with_their_marks() {
        assert_eq!(shown("Hello, you. Is it 3.5 or 1,000? Yes!"), "Hello, you. | Is it 3.5 or 1,000? | Yes!");
        assert_eq!(shown("no mark at the end"), "no mark at the end.");
        assert_eq!(shown("one line\nand, another,\n\nthird"), "one line. | and, another. | third.");
        assert_eq!(shown("Really?! Well… fine — thanks."), "Really? | Well, fine, thanks.");
    }

    #[test]
    fn abbreviations_and_dots_inside_words_end_nothing() {
        assert_eq!(
            shown("Dr. Smith met Mrs. Jones at 5 p.m. today."),
            "Dr Smith met Mrs Jones at 5 p.m today."
        );
        assert_eq!(shown("Open porchlight.local now."), "Open porchlight.local now.");
        assert_eq!(shown("It is 5 p.m. Dinner is ready."), "It is 5 p.m. | Dinner is ready.");
    }

    #[test]
    fn a_text_without_words_says_nothing() {
        assert_eq!(shown(""), "");
        assert_eq!(shown(" ... ?! \n — "), "");
    }

    #[test]
    fn a_text_without_marks_is_cut_into_pieces_that_fit() {
        let text = "word ".repeat(2_000);
        for sentence in sentences(&text) {
            assert!(sentence.iter().map(|clause| clause.words.len()).sum::<usize>() < 600);
        }
        for sentence in sentences(&"x".repeat(5_000)) {
            assert!(sentence.iter().all(|clause| clause.words.len() < 500));
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_it_and_no_word_is_lost(text in "[a-z0-9:., ?!\n—é]{0,200}") {
            let said: String = sentences(&text).iter().flatten().map(|clause| clause.words.clone()).collect();
            let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).collect::<String>();
            prop_assert_eq!(letters(&said), letters(&spell_times(&text)));
        }
    }

    fn shown(text: &str) -> String {
        let sentence = |clauses: &Vec<Clause>| {
            let clauses: Vec<_> =
                clauses.iter().map(|clause| format!("{}{}", clause.words, clause.end)).collect();
            clauses.join(" ")
        };
        sentences(text).iter().map(sentence).collect::<Vec<_>>().join(" | ")
    }
}
