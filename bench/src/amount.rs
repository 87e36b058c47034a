//! How much is forgotten out of how many, the same for everything that is compared.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

/// What forgets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Scheme {
    /// Porchlight's keyring
    Keyring,
    /// A tree of pages with a key for each recording
    KeyTree,
    /// Rows of SQLite, and files
    Rows,
}

/// How much of what there is goes at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Amount {
    /// A single one
    One,
    /// One after the other, one in a hundred of all
    Range,
    /// One in each thousand, anywhere in it
    Scattered,
    /// Of the oldest eight in ten all but one in a hundred
    Old,
    /// Each second one, by chance
    Half,
}

impl Amount {
    pub(crate) const ALL: &[Amount] =
        &[Amount::One, Amount::Range, Amount::Scattered, Amount::Old, Amount::Half];

    /// What it is of so many recordings, for a table.
    pub(crate) fn of(self, recordings: u64) -> String {
        match self {
            Amount::One => "one".into(),
            Amount::Range => format!("{} in a row", many(recordings / 100)),
            Amount::Scattered => format!("{} scattered", many(recordings / 1000)),
            Amount::Old => format!("the oldest {} but 1 %", many(recordings / 10 * 8)),
            Amount::Half => "a random half".into(),
        }
    }

    /// Whether it is so little that each of its recordings can have a file to be unlinked: a hundred thousand at most.
    pub(crate) fn is_small(self) -> bool {
        matches!(self, Amount::One | Amount::Range | Amount::Scattered)
    }

    /// Which ones of `0..recordings`, in order, the `turn`th of so many times: no two turns take the same.
    pub(crate) fn choose(self, recordings: u64, turn: u64, turns: u64) -> Vec<RangeInclusive<u64>> {
        let stretch = recordings / turns;
        let one_of = |from: u64, length: u64| from + mixed(from + turn) % length;
        match self {
            Amount::One => {
                let one = one_of(turn * stretch, stretch);
                vec![one..=one]
            }
            Amount::Range => {
                let length = recordings / 100;
                let first = one_of(turn * stretch, stretch - length);
                vec![first..=first + length - 1]
            }
            Amount::Scattered => {
                let chosen = (0..recordings / 1000).map(|thousand| one_of(thousand * 1000, 1000));
                chosen.map(|one| one..=one).collect()
            }
            Amount::Old => joined((0..recordings / 10 * 8).filter(|one| !mixed(*one).is_multiple_of(100))),
            Amount::Half => joined((0..recordings).filter(|one| mixed(*one).is_multiple_of(2))),
        }
    }
}

/// A number with its thousands told apart.
pub(crate) fn many(number: u64) -> String {
    let digits = number.to_string();
    let head = digits.len() % 3;
    let groups = digits.as_bytes()[head..].chunks(3).map(|group| String::from_utf8_lossy(group).into_owned());
    let head = (head > 0).then(|| digits[..head].to_owned());
    head.into_iter().chain(groups).collect::<Vec<_>>().join(",")
}

/// Ascending numbers as ranges that do not touch.
fn joined(numbers: impl Iterator<Item = u64>) -> Vec<RangeInclusive<u64>> {
    let mut ranges: Vec<RangeInclusive<u64>> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some(last) if *last.end() + 1 == number => *last = *last.start()..=number,
            _ => ranges.push(number..=number),
        }
    }
    ranges
}

/// The same number for the same number, and no pattern in them: [SplitMix64](https://doi.org/10.1145/2714064.2660195).
pub(crate) fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(ranges: &[RangeInclusive<u64>]) -> u64 {
        ranges.iter().map(|range| range.end() - range.start() + 1).sum()
    }

    #[test]
    fn every_amount_is_in_order_and_of_the_size_it_says() {
        const ALL: u64 = 100_000;
        for (amount, least, most) in [
            (Amount::One, 1, 1),
            (Amount::Range, 1000, 1000),
            (Amount::Scattered, 100, 100),
            (Amount::Old, 78_900, 79_500),
            (Amount::Half, 49_000, 51_000),
        ] {
            let chosen = amount.choose(ALL, 0, 1);
            assert!((least..=most).contains(&count(&chosen)), "{amount:?}: {}", count(&chosen));
            assert!(chosen.is_sorted_by(|one, next| one.end() < next.start()), "{amount:?}");
            assert!(chosen.iter().all(|range| *range.end() < ALL), "{amount:?}");
        }
    }

    #[test]
    fn no_two_turns_take_the_same() {
        for amount in [Amount::One, Amount::Range] {
            let mut taken: Vec<_> =
                (0..20).flat_map(|turn| amount.choose(10_000, turn, 20)).flatten().collect();
            let all = taken.len();
            taken.sort_unstable();
            taken.dedup();
            assert_eq!(taken.len(), all, "{amount:?}");
        }
    }

    #[test]
    fn thousands_are_told_apart() {
        assert_eq!([0, 999, 1000, 10_000_000].map(many), ["0", "999", "1,000", "10,000,000"]);
    }
}
