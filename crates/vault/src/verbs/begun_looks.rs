//! Looks that were begun and released nothing, because their line could not be appended or pinned.
//!
//! A line comes before what it tells of, so a disk that fails in between leaves one of a look that was not had. Whoever is told so asks
//! again, and then it is the same look: it goes on with the detail and the line that are there, and is told of once.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

use crate::id::Id;

/// How long it is the same look. After that it is another, at another time.
const SAME: SignedDuration = SignedDuration::from_mins(10);
/// How many are remembered. Beyond that the oldest is another look when it is asked for again.
const MOST_BEGUN: usize = 64;

/// What makes two looks the same: who looks, how, and at what.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct BegunLook {
    pub(super) how: String,
    pub(super) said: serde_json::Value,
    pub(super) recordings: Vec<Id>,
}

/// Those that were begun lately, oldest first.
#[derive(Default)]
pub(super) struct BegunLooks(VecDeque<(BegunLook, Vec<u8>, Timestamp)>);

impl BegunLooks {
    /// Remembers one with its line, whose detail is written down.
    pub(super) fn add(&mut self, look: BegunLook, line: Vec<u8>, now: Timestamp) {
        while self.0.len() >= MOST_BEGUN {
            self.0.pop_front();
        }
        self.0.push_back((look, line, now));
    }

    /// Takes the line of one out that was begun before.
    pub(super) fn take(&mut self, look: &BegunLook, now: Timestamp) -> Option<Vec<u8>> {
        self.0.retain(|(_, _, at)| now.duration_since(*at).abs() <= SAME);
        let at = self.0.iter().position(|(begun, _, _)| begun == look)?;
        self.0.remove(at).map(|(_, line, _)| line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_that_was_begun_is_the_same_for_a_while_and_for_whoever_began_it() {
        let at = |minute: i64| Timestamp::from_second(1_800_000_000 + 60 * minute).unwrap();
        let look = |who: &str, id| BegunLook {
            how: "open".into(),
            said: serde_json::json!({ "who": who }),
            recordings: vec![Id(id)],
        };
        let mut looks = BegunLooks::default();
        looks.add(look("ann", 1), b"line".to_vec(), at(0));
        assert_eq!(looks.take(&look("ben", 1), at(1)), None);
        assert_eq!(looks.take(&look("ann", 2), at(1)), None);
        assert_eq!(looks.take(&look("ann", 1), at(1)), Some(b"line".to_vec()));
        assert_eq!(looks.take(&look("ann", 1), at(1)), None, "once");
        looks.add(look("ann", 1), b"line".to_vec(), at(1));
        assert_eq!(looks.take(&look("ann", 1), at(12)), None, "that is another look");
        for id in 0..200 {
            looks.add(look("ann", id), vec![], at(13));
        }
        assert_eq!(looks.0.len(), MOST_BEGUN);
        assert_eq!(looks.take(&look("ann", 0), at(13)), None);
    }
}
