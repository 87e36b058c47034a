//! Sentences as words: how what was said, the templates and the names of a home are brought to one form.
//!
//! Case, punctuation, hyphens and apostrophes are folded, so that `What's`, `whats` and `what’s` are one word.
//! Numbers stand apart from what follows them (`50%` is two words) and keep their decimals (`20.5`).

/// One word of a sentence, and where it stood.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Token {
    /// The folded word.
    pub(crate) word: String,
    /// Byte range in the text it came from.
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Words were taken out just before this one, so that the text between it and its neighbour is not to be quoted.
    pub(crate) after_gap: bool,
}

/// Cuts a text into folded words, in time linear in its length.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let end_of = |i: usize| chars.get(i).map_or(text.len(), |(at, _)| *at);
    let mut found = Vec::new();
    let mut i = 0;
    while let Some(&(start, c)) = chars.get(i) {
        let (word, next) = if c.is_alphabetic() {
            letters(&chars, i)
        } else if c.is_ascii_digit() {
            digits(&chars, i)
        } else {
            match c {
                '%' | '°' | '/' => (c.to_string(), i + 1),
                '&' => ("and".to_owned(), i + 1),
                '½' => ("0.5".to_owned(), i + 1),
                _ => (String::new(), i + 1),
            }
        };
        if !word.is_empty() {
            found.push(Token { word, start, end: end_of(next), after_gap: false });
        }
        i = next;
    }
    join_initials(text, found)
}

/// Only the folded words of a text.
pub(crate) fn words(text: &str) -> Vec<String> {
    tokens(text).into_iter().map(|t| t.word).collect()
}

/// What was said, as it was said, between two words (the last one excluded); empty for an empty range.
pub(crate) fn quote(text: &str, tokens: &[Token]) -> String {
    let mut quoted = String::new();
    let mut at = None;
    for token in tokens {
        match at {
            None => {}
            Some(_) if token.after_gap => quoted.push(' '),
            Some(end) => quoted.push_str(text.get(end..token.start).unwrap_or(" ")),
        }
        quoted.push_str(text.get(token.start..token.end).unwrap_or_default());
        at = Some(token.end);
    }
    quoted
}

/// A run of letters; apostrophes inside it are dropped.
fn letters(chars: &[(usize, char)], from: usize) -> (String, usize) {
    let is_letter = |i: usize| chars.get(i).is_some_and(|(_, c)| c.is_alphabetic());
    let mut word = String::new();
    let mut i = from;
    while let Some(&(_, c)) = chars.get(i) {
        if c.is_alphabetic() {
            word.extend(c.to_lowercase());
        } else if !(matches!(c, '\'' | '’' | '‘' | 'ʼ') && is_letter(i + 1)) {
            break;
        }
        i += 1;
    }
    (word, i)
}

/// A number: digits with thousands set apart by commas (`1,000`) and decimals after a point.
fn digits(chars: &[(usize, char)], from: usize) -> (String, usize) {
    let is_digit = |i: usize| chars.get(i).is_some_and(|(_, c)| c.is_ascii_digit());
    let mut word = String::new();
    let mut i = from;
    let mut pointed = false;
    while let Some(&(_, c)) = chars.get(i) {
        let thousands = c == ',' && !pointed && (1..=3).all(|n| is_digit(i + n)) && !is_digit(i + 4);
        if c.is_ascii_digit() {
            word.push(c);
        } else if c == '.' && !pointed && is_digit(i + 1) {
            pointed = true;
            word.push(c);
        } else if !thousands {
            break;
        }
        i += 1;
    }
    (word, i)
}

/// `T.V.` and `p.m.` are the words `tv` and `pm`.
fn join_initials(text: &str, tokens: Vec<Token>) -> Vec<Token> {
    let single = |word: &str| word.chars().count() == 1 && word.chars().all(char::is_alphabetic);
    let mut joined: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut run = false;
    for token in tokens {
        let alone = single(&token.word);
        if let Some(last) = joined.last_mut()
            && alone
            && (run || single(&last.word))
            && text.get(last.end..token.start) == Some(".")
        {
            last.word.push_str(&token.word);
            last.end = token.end;
            run = true;
        } else {
            run = false;
            joined.push(token);
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn folds_case_punctuation_and_apostrophes() {
        for (text, expected) in [
            ("What's the time?", "whats the time"),
            ("What’s the time", "whats the time"),
            ("twenty-five", "twenty five"),
            ("50% of 1,000.", "50 % of 1000"),
            ("20.5 °", "20.5 °"),
            ("3000k", "3000 k"),
            ("at 6 p.m. on the T.V.", "at 6 pm on the tv"),
            ("a. b", "a b"),
            ("1,2 and 5:30", "1 2 and 5 30"),
            ("salt & vinegar", "salt and vinegar"),
            ("  ...  ", ""),
        ] {
            assert_eq!(words(text).join(" "), expected, "{text}");
        }
    }

    #[test]
    fn quotes_as_said() {
        let text = "Add Milk, eggs and  Bread!";
        let tokens = tokens(text);
        assert_eq!(quote(text, &tokens[1..]), "Milk, eggs and  Bread");
        assert_eq!(quote(text, &[]), "");
    }

    proptest! {
        #[test]
        fn any_text_gives_ordered_ranges(text in "\\PC{0,80}") {
            let mut at = 0;
            for token in tokens(&text) {
                prop_assert!(token.start >= at && token.end > token.start);
                prop_assert!(text.get(token.start..token.end).is_some());
                at = token.end;
            }
        }
    }
}
