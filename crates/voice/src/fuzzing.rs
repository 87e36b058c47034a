//! A door for the fuzz targets to the text on its way to the voice. Only with the feature `fuzzing`.

use crate::speak::{phonemes, text};

/// The sentences of a text, each as its clauses: the words and the mark that ends them.
pub fn sentences(text: &str) -> Vec<Vec<(String, char)>> {
    let clauses = |clauses: Vec<text::Clause>| clauses.iter().map(|c| (c.words.clone(), c.end)).collect();
    text::sentences(text).into_iter().map(clauses).collect()
}

/// What espeak-ng is given of a clause, and one line of what it says.
pub fn phonemes(words: &str, said: &str) -> (String, String) {
    (phonemes::without_brackets(words).to_string(), phonemes::one_line(said).to_string())
}
