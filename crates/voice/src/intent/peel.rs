//! What people say around what they want: the hub's name, politeness, hesitation.

use super::library::Library;
use super::text::{self, Token};

/// The readings of a text: without what is around it, and with it where that differs, for templates that need those words.
/// Hesitation is taken out of both.
pub(crate) fn readings(library: &Library, text: &str) -> Vec<Vec<Token>> {
    let whole = without_fillers(library, text::tokens(text));
    let mut core = whole.as_slice();
    loop {
        let start = longest(&library.wake_words, |phrase| starts(core, phrase))
            .max(longest(&library.skip_words, |phrase| starts(core, phrase)))
            .max(misheard_name(library, core));
        core = core.get(start..).unwrap_or_default();
        let end = longest(&library.skip_words, |phrase| ends(core, phrase))
            .max(longest(&library.wake_words, |phrase| ends(core, phrase)));
        core = core.get(..core.len() - end).unwrap_or_default();
        if start + end == 0 {
            break;
        }
    }
    let core = core.to_vec();
    if core.len() == whole.len() || core.is_empty() { vec![whole] } else { vec![core, whole] }
}

/// "Hey" and a word that no template has: a recogniser that does not know the hub's name writes something like it.
fn misheard_name(library: &Library, tokens: &[Token]) -> usize {
    match tokens {
        [call, name, _, ..] if library.calls.contains(&call.word) && library.word(&name.word).is_none() => 2,
        _ => 0,
    }
}

fn without_fillers(library: &Library, tokens: Vec<Token>) -> Vec<Token> {
    let mut kept: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut gap = false;
    for mut token in tokens {
        if library.fillers.contains(&token.word) {
            gap = true;
            continue;
        }
        token.after_gap = std::mem::take(&mut gap);
        kept.push(token);
    }
    kept
}

fn longest(phrases: &[Vec<String>], fits: impl Fn(&[String]) -> bool) -> usize {
    phrases.iter().filter(|phrase| fits(phrase)).map(Vec::len).max().unwrap_or(0)
}

fn starts(tokens: &[Token], phrase: &[String]) -> bool {
    tokens.len() >= phrase.len() && tokens.iter().zip(phrase).all(|(token, word)| token.word == *word)
}

fn ends(tokens: &[Token], phrase: &[String]) -> bool {
    tokens
        .len()
        .checked_sub(phrase.len())
        .and_then(|from| tokens.get(from..))
        .is_some_and(|tail| starts(tail, phrase))
}
