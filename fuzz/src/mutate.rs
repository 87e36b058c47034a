//! Changes bytes at random, the same way each time from the same seed: what the short run has in the place of libFuzzer.

/// A small generator (xorshift, Marsaglia 2003); its state is never zero.
pub struct Chance(u64);

impl Chance {
    /// The same seed gives the same changes.
    pub fn new(seed: u64) -> Chance {
        Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number from 0 to below `end`, or 0 when there is none.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % end.max(1)
    }

    fn byte(&mut self) -> u8 {
        self.below(256) as u8
    }
}

/// The longest input that grows out of a mutation, in bytes.
const LONGEST_INPUT: usize = 8 << 10;

/// Numbers at which lengths and counts go wrong.
const EDGES: [u64; 12] =
    [0, 1, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0xffff_ffff, 1 << 47, 1 << 48, i64::MAX as u64, u64::MAX];

/// Text at which readers of text go wrong.
const MARKS: [&[u8]; 16] = [
    b"\n",
    b"\n\n",
    b"\0",
    b"\"",
    b"\\u0000",
    b"{",
    b"}",
    b"--- ",
    b"+",
    b"=",
    b"/",
    b"-1",
    b"99999999999999999999",
    "\u{2014} ".as_bytes(),
    "\u{130}".as_bytes(),
    b"\xff",
];

/// One to eight changes to `bytes`; some of them bring in a part of `other`.
pub fn mutate(bytes: &mut Vec<u8>, other: &[u8], chance: &mut Chance) {
    for _ in 0..1 << chance.below(4) {
        change(bytes, other, chance);
    }
    bytes.truncate(LONGEST_INPUT);
}

fn change(bytes: &mut Vec<u8>, other: &[u8], chance: &mut Chance) {
    let at = chance.below(bytes.len() + 1);
    let end = at + chance.below((bytes.len() - at).min(32) + 1);
    match chance.below(10) {
        0 | 1 if at < bytes.len() => bytes[at] ^= 1 << chance.below(8),
        2 if at < bytes.len() => bytes[at] = chance.byte(),
        3 => bytes.truncate(at),
        4 => drop(bytes.drain(at..end)),
        5 => {
            let again = bytes[at..end].to_vec();
            bytes.splice(at..at, again);
        }
        6 => {
            let number = EDGES[chance.below(EDGES.len())];
            let width = 1 << chance.below(4);
            let mut number = number.to_le_bytes()[..width].to_vec();
            if chance.below(2) == 0 {
                number.reverse();
            }
            let over = (at + if chance.below(2) == 0 { 0 } else { width }).min(bytes.len());
            bytes.splice(at..over, number);
        }
        7 => drop(bytes.splice(at..at, MARKS[chance.below(MARKS.len())].iter().copied())),
        8 if !other.is_empty() => {
            let from = chance.below(other.len());
            let to = from + chance.below((other.len() - from).min(256) + 1);
            bytes.splice(at..end, other[from..to].iter().copied());
        }
        _ => {
            let random: Vec<u8> = (0..chance.below(8) + 1).map(|_| chance.byte()).collect();
            bytes.splice(at..at, random);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_changes_and_another_gives_others() {
        let changed = |seed| {
            let mut chance = Chance::new(seed);
            let mut bytes = b"what was meant".to_vec();
            for _ in 0..100 {
                mutate(&mut bytes, b"something else", &mut chance);
            }
            bytes
        };
        assert_eq!(changed(1), changed(1));
        assert_ne!(changed(1), changed(2));
    }
}
