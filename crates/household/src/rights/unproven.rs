//! What somebody may do whose last proof of who they are is too old, or who never gives one, as a voice does not; and how much of it.
//!
//! It is counted over a day and not for each request: much in small pieces is much.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

/// For how long what was done without a proof counts.
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// The most recordings that one person may have forgotten in a day without a proof, by whatever way; with what is taken off lists.
const FORGOTTEN: usize = 50;
/// The most recordings that may be handed out to one person in a day without a proof, sealed as they are: more is an export, whatever
/// it is called.
const RELEASED: usize = 1000;
/// So many things that were said a voice has forgotten at once; of more it is said first what would go.
const AT_ONCE: usize = 3;
/// So many things that others put on lists an unknown voice takes away at once: what is on a short list.
const OF_OTHERS: usize = 10;

/// What is to be forgotten, as far as it decides whether that takes a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forgetting {
    /// How many recordings.
    pub recordings: usize,
    /// Whether all that there is was asked for, however much that is.
    pub everything: bool,
    /// Whether there is film among them that all the adults share.
    pub shared_film: bool,
}

/// What one person, or one microphone that is everybody's, had forgotten or was given without a proof. It stays small: what happens at
/// the same time is one entry.
#[derive(Debug, Default)]
pub struct Unproven {
    forgotten: Count,
    released: Count,
}

#[derive(Debug, Default)]
struct Count(VecDeque<(Timestamp, usize)>);

impl Forgetting {
    /// So many recordings that nobody else shares, or effects.
    pub fn of(recordings: usize) -> Forgetting {
        Forgetting { recordings, everything: false, shared_film: false }
    }

    /// Whether it takes a proof by itself.
    pub fn is_grave(&self) -> bool {
        self.everything || self.shared_film || self.recordings > FORGOTTEN
    }
}

impl Unproven {
    /// Whether this much may be forgotten without a proof, after what was.
    pub fn may_forget(&self, what: &Forgetting, now: Timestamp) -> bool {
        !what.is_grave() && self.forgotten.within(now) + what.recordings <= FORGOTTEN
    }

    /// Counts what is about to be forgotten without a proof; false, and not counted, where it takes one.
    pub fn forget(&mut self, what: &Forgetting, now: Timestamp) -> bool {
        let may = self.may_forget(what, now);
        if may {
            self.forgotten.add(what.recordings, now);
        }
        may
    }

    /// Takes back what was counted and not done.
    pub fn not_forgotten(&mut self, what: &Forgetting) {
        self.forgotten.take_back(what.recordings);
    }

    /// Counts a recording that is about to be handed out without a proof; false, and not counted, where it takes one.
    pub fn release(&mut self, now: Timestamp) -> bool {
        let may = self.released.within(now) < RELEASED;
        if may {
            self.released.add(1, now);
        }
        may
    }
}

/// Whether a voice says first what would go, and asks.
pub fn asks_first(things: usize) -> bool {
    things > AT_ONCE
}

/// Whether an unknown voice may take away so much at once that others put there.
pub fn may_take_of_others(things: usize) -> bool {
    things <= OF_OTHERS
}

impl Count {
    /// What counts still. A clock that was set back makes nothing undone.
    fn within(&self, now: Timestamp) -> usize {
        let counts = |at: Timestamp| now.duration_since(at) < DAY;
        self.0.iter().filter(|(at, _)| counts(*at)).map(|(_, count)| count).sum()
    }

    fn add(&mut self, count: usize, now: Timestamp) {
        self.0.retain(|(at, _)| now.duration_since(*at) < DAY);
        // By the minute, so that a day of single recordings is no long list.
        match self.0.back_mut() {
            Some((at, before)) if at.as_second() / 60 == now.as_second() / 60 => *before += count,
            _ => self.0.push_back((now, count)),
        }
    }

    fn take_back(&mut self, mut count: usize) {
        for (_, counted) in self.0.iter_mut().rev() {
            let gone = count.min(*counted);
            *counted -= gone;
            count -= gone;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::constant(1_795_435_200, 0);

    fn of(recordings: usize) -> Forgetting {
        Forgetting::of(recordings)
    }

    fn hours(hours: i64) -> Timestamp {
        NOON + SignedDuration::from_hours(hours)
    }

    #[test]
    fn much_in_small_pieces_is_much() {
        let mut unproven = Unproven::default();
        assert!(unproven.forget(&of(42), NOON));
        assert!(!unproven.forget(&of(41), NOON), "eighty-three in two pieces");
        assert!(!unproven.forget(&of(9), hours(23)));
        assert!(unproven.forget(&of(8), hours(23)), "what was refused does not count");
        assert!(!unproven.forget(&of(1), hours(23)));
        // What was done first is a day ago.
        assert!(unproven.forget(&of(42), hours(24)));
        assert!(!unproven.forget(&of(1), hours(24)));
        assert!(unproven.forget(&of(8), hours(47)));
    }

    #[test]
    fn one_by_one_is_counted_as_all_at_once_is() {
        let mut unproven = Unproven::default();
        let went = (0..200).filter(|n| unproven.forget(&of(1), NOON + SignedDuration::from_mins(*n))).count();
        assert_eq!(went, FORGOTTEN);
        let released = (0..5000).filter(|n| unproven.release(NOON + SignedDuration::from_secs(*n))).count();
        assert_eq!(released, RELEASED);
        assert!(unproven.released.0.len() <= 24 * 60 + 1);
    }

    #[test]
    fn what_is_grave_takes_a_proof_however_little_it_is() {
        let unproven = Unproven::default();
        for grave in [
            Forgetting { everything: true, ..of(1) },
            Forgetting { shared_film: true, ..of(1) },
            of(FORGOTTEN + 1),
        ] {
            assert!(grave.is_grave() && !unproven.may_forget(&grave, NOON), "{grave:?}");
        }
        assert!(!of(FORGOTTEN).is_grave() && unproven.may_forget(&of(FORGOTTEN), NOON));
    }

    #[test]
    fn a_clock_that_is_set_back_makes_nothing_undone_and_what_failed_does_not_count() {
        let mut unproven = Unproven::default();
        assert!(unproven.forget(&of(50), NOON));
        assert!(!unproven.forget(&of(1), hours(-48)));
        unproven.not_forgotten(&of(50));
        assert!(unproven.forget(&of(50), NOON));
    }
}
