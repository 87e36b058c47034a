//! Many phrases looked up at once.

use super::text;
use std::collections::HashMap;

/// A tree of words: which of many phrases start at a place of a sentence.
#[derive(Clone)]
pub(crate) struct Phrases<T> {
    branches: Vec<Branch<T>>,
}

#[derive(Clone)]
struct Branch<T> {
    next: HashMap<String, usize>,
    values: Vec<T>,
}

impl<T> Default for Phrases<T> {
    fn default() -> Self {
        Self { branches: vec![Branch { next: HashMap::new(), values: Vec::new() }] }
    }
}

impl<T> Phrases<T> {
    /// Adds a phrase of folded words; no words, no phrase.
    pub(crate) fn insert(&mut self, words: &[String], value: T) {
        if words.is_empty() {
            return;
        }
        let mut at = 0;
        for word in words {
            let fresh = self.branches.len();
            let Some(branch) = self.branches.get_mut(at) else { return };
            at = *branch.next.entry(word.clone()).or_insert(fresh);
            if at == fresh {
                self.branches.push(Branch { next: HashMap::new(), values: Vec::new() });
            }
        }
        if let Some(branch) = self.branches.get_mut(at) {
            branch.values.push(value);
        }
    }

    /// Adds a phrase as somebody would write it.
    pub(crate) fn insert_text(&mut self, text: &str, value: T) {
        self.insert(&text::words(text), value);
    }

    /// The phrases that start with the first of these words: how many words each takes, and its values.
    pub(crate) fn at<'a>(&'a self, words: &[&str]) -> impl Iterator<Item = (usize, &'a [T])> {
        let mut at = 0;
        let mut found = Vec::new();
        for (i, word) in words.iter().enumerate() {
            let Some(&next) = self.branches.get(at).and_then(|branch| branch.next.get(*word)) else { break };
            at = next;
            if let Some(branch) = self.branches.get(at).filter(|branch| !branch.values.is_empty()) {
                found.push((i + 1, branch.values.as_slice()));
            }
        }
        found.into_iter()
    }

    /// How many values are kept.
    pub(crate) fn len(&self) -> usize {
        self.branches.iter().map(|branch| branch.values.len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_all_that_start_here() {
        let mut phrases = Phrases::default();
        phrases.insert_text("Living Room", 1);
        phrases.insert_text("living-room lamp", 2);
        phrases.insert_text("living room", 3);
        phrases.insert_text("...", 4);
        let found: Vec<_> = phrases.at(&["living", "room", "lamp", "on"]).collect();
        assert_eq!(found, vec![(2, [1, 3].as_slice()), (3, [2].as_slice())]);
        assert_eq!(phrases.at(&["room"]).count(), 0);
        assert_eq!(phrases.len(), 3);
    }
}
