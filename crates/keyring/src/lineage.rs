//! Which past a keyring has, so that one that is behind is told from one that went its own way.
//!
//! A generation says how far a keyring is, and not which way it came. So each run, from an opening to the next, draws a random
//! mark and leaves it with the generation of its first commit. Of two copies that were both used each has a mark that the other
//! lacks; whoever only followed has none of its own.

use crate::codec::Reader;
use crate::slot::Root;

/// How many runs are remembered, 16 bytes each, the newest ones.
const MAX_RUNS: usize = 256;

const MARK_BYTES: usize = 8;

/// The random mark of a run.
pub(crate) type Mark = [u8; MARK_BYTES];

/// The runs that led to a generation, oldest first: their marks, and the generations of their first commits, which ascend.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lineage(Vec<(u64, Mark)>);

/// How another copy of a keyring stands to this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is the same.
    Same,
    /// It is what this one was.
    Behind,
    /// It is what this one would have become: this one is the older.
    Ahead,
    /// Both went on from what they had in common, each in its own way.
    Apart,
}

impl Lineage {
    /// Notes that a run commits this generation; its first commit alone leaves its mark.
    pub(crate) fn add(&mut self, generation: u64, mark: Mark) {
        if self.0.last().is_some_and(|(_, last)| *last == mark) {
            return;
        }
        if self.0.len() == MAX_RUNS {
            self.0.remove(0);
        }
        self.0.push((generation, mark));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What lies in a root object: for each run its first generation u64 ‖ its mark.
    pub(crate) fn encode(&self) -> Vec<u8> {
        self.0.iter().flat_map(|(first, mark)| [first.to_le_bytes(), *mark].concat()).collect()
    }

    /// Reads what [`encode`](Lineage::encode) wrote; `None` for anything else, an empty one included.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Lineage> {
        let mut reader = Reader::new(bytes);
        let mut runs: Vec<(u64, Mark)> = Vec::new();
        while !reader.is_done() {
            let run = (reader.u64()?, *reader.array()?);
            if runs.last().is_some_and(|(before, _)| *before >= run.0) {
                return None;
            }
            runs.push(run);
        }
        (1..=MAX_RUNS).contains(&runs.len()).then_some(Lineage(runs))
    }

    /// Whether a generation with that lineage lies in the past of this one. Where this one does not reach back as far, or the
    /// other comes from a release that left no marks, nothing speaks against it.
    fn leads_from(&self, generation: u64, other: &Lineage) -> bool {
        let (Some((_, mark)), Some((oldest, _))) = (other.0.last(), self.0.first()) else { return true };
        match self.0.iter().position(|(_, known)| known == mark) {
            Some(at) => self.0.get(at + 1).is_none_or(|(next, _)| generation < *next),
            None => self.0.len() == MAX_RUNS && generation < *oldest,
        }
    }
}

/// How a copy of this keyring stands to it, each by its root and its lineage.
pub(crate) fn standing(
    (ours, our_past): (&Root, &Lineage),
    (theirs, their_past): (&Root, &Lineage),
) -> Standing {
    if ours == theirs {
        return Standing::Same;
    }
    let (here, there) = (ours.generation(), theirs.generation());
    if there < here && our_past.leads_from(there, their_past) {
        Standing::Behind
    } else if there > here && their_past.leads_from(here, our_past) {
        Standing::Ahead
    } else {
        Standing::Apart
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::key::Key;

    fn lineage(runs: &[(u64, u8)]) -> Lineage {
        Lineage(runs.iter().map(|(first, mark)| (*first, [*mark; MARK_BYTES])).collect())
    }

    fn at(generation: u64) -> Root {
        Root::new([7; 16], generation, Key::copy_from(&[generation as u8; 32]))
    }

    #[test]
    fn copies_that_went_their_own_ways_are_told_from_one_that_is_behind() {
        for (here, ours, there, theirs, expected) in [
            (9, lineage(&[(2, 1), (6, 2)]), 9, lineage(&[(2, 1), (6, 2)]), Standing::Same),
            (9, lineage(&[(2, 1), (6, 2)]), 4, lineage(&[(2, 1)]), Standing::Behind),
            (9, lineage(&[(2, 1), (6, 2)]), 7, lineage(&[(2, 1), (6, 2)]), Standing::Behind),
            (4, lineage(&[(2, 1)]), 9, lineage(&[(2, 1), (6, 2)]), Standing::Ahead),
            // One went on in a run of its own, the other in the run that they had in common, or in another.
            (9, lineage(&[(2, 1), (6, 2)]), 8, lineage(&[(2, 1)]), Standing::Apart),
            (9, lineage(&[(2, 1), (6, 2)]), 8, lineage(&[(2, 1), (6, 3)]), Standing::Apart),
            (7, lineage(&[(2, 1), (6, 2)]), 8, lineage(&[(2, 1), (6, 3)]), Standing::Apart),
            // Releases of before left no marks.
            (9, lineage(&[(6, 2)]), 4, lineage(&[]), Standing::Behind),
            (9, lineage(&[]), 4, lineage(&[]), Standing::Behind),
            (4, lineage(&[]), 9, lineage(&[(6, 2)]), Standing::Ahead),
            (9, lineage(&[]), 4, lineage(&[(3, 2)]), Standing::Behind),
        ] {
            let found = standing((&at(here), &ours), (&at(there), &theirs));
            assert_eq!(found, expected, "{here} {ours:?} and {there} {theirs:?}");
        }
        let twin = Root::new([7; 16], 9, Key::copy_from(&[77; 32]));
        let past = lineage(&[(2, 1)]);
        assert_eq!(standing((&at(9), &past), (&twin, &past)), Standing::Apart, "one number, two keys");
    }

    #[test]
    fn a_bounded_number_of_runs_is_remembered_and_read_as_it_was_written() {
        let mut lineage = Lineage::default();
        for run in 0..1000_u64 {
            lineage.add(2 * run + 1, run.to_le_bytes());
            lineage.add(2 * run + 2, run.to_le_bytes());
        }
        assert_eq!(lineage.0.len(), MAX_RUNS);
        assert_eq!(Lineage::decode(&lineage.encode()), Some(lineage.clone()));
        for bad in [&[][..], &[1; 15], &[1; 17], &[[1; 16], [1; 16]].concat(), &[0; 16 * (MAX_RUNS + 1)]] {
            assert_eq!(Lineage::decode(bad), None);
        }
        // What is too old to be remembered may well have been on the way; what is newer was not.
        let old = Lineage(vec![(3, 1_u64.to_le_bytes())]);
        assert!(lineage.leads_from(4, &old) && !lineage.leads_from(1999, &old));
    }
}
