//! Where the parts of a log lie for others to read (C2SP tlog-tiles).

use std::fmt;
use std::str::FromStr;

use crate::Error;

/// The number of hashes in a full tile, and of entries in a full bundle.
pub const TILE_WIDTH: usize = 256;

/// A part of a log, written as its path: `tile/0/x001/x234/067` or `tile/entries/000.p/7`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TilePath {
    /// Hashes of one level.
    Tile {
        /// The level, 0 to 63: each hash is the root of 256^level entries.
        level: u8,
        /// The number of the tile in its level.
        n: u64,
        /// How many hashes it has: 256 in a full tile, 1 to 255 in a partial one.
        width: u16,
    },
    /// Entries, each with its length.
    Entries {
        /// The number of the bundle.
        n: u64,
        /// How many entries it has: 256 in a full bundle, 1 to 255 in a partial one.
        width: u16,
    },
}

impl TilePath {
    /// All tiles and bundles of a log whose levels have so many hashes, level 0 first.
    pub(crate) fn all(levels: impl Iterator<Item = u64>) -> Vec<TilePath> {
        let mut paths = Vec::new();
        for (level, hashes) in (0..).zip(levels) {
            for (n, width) in widths(hashes) {
                paths.push(TilePath::Tile { level, n, width });
                if level == 0 {
                    paths.push(TilePath::Entries { n, width });
                }
            }
        }
        paths
    }
}

impl fmt::Display for TilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n, width) = match *self {
            TilePath::Tile { level, n, width } => {
                write!(f, "tile/{level}/")?;
                (n, width)
            }
            TilePath::Entries { n, width } => {
                f.write_str("tile/entries/")?;
                (n, width)
            }
        };
        write_number(f, n)?;
        if usize::from(width) < TILE_WIDTH { write!(f, ".p/{width}") } else { Ok(()) }
    }
}

impl FromStr for TilePath {
    type Err = Error;

    /// # Errors
    ///
    /// [`Error::TilePath`] when the text is not exactly such a path.
    fn from_str(path: &str) -> Result<TilePath, Error> {
        let bad = Error::TilePath;
        let rest = path.strip_prefix("tile/").ok_or(bad("it does not begin with 'tile/'"))?;
        let (level, rest) = rest.split_once('/').ok_or(bad("it has no level"))?;
        let (number, width) = match rest.split_once(".p/") {
            None => (rest, TILE_WIDTH as u16),
            Some((number, width)) => (number, width.parse().map_err(|_| bad("its width is not a number"))?),
        };
        let n = number
            .split('/')
            .try_fold(0u64, |n, part| {
                let digits = part.strip_prefix('x').unwrap_or(part);
                n.checked_mul(1000)?.checked_add(digits.parse().ok()?)
            })
            .ok_or(bad("its number is malformed"))?;
        let parsed = if level == "entries" {
            TilePath::Entries { n, width }
        } else {
            let level =
                level.parse().ok().filter(|level| *level < 64).ok_or(bad("its level is not 0 to 63"))?;
            TilePath::Tile { level, n, width }
        };
        // Every path has one spelling: compared again, the loose parsing above accepts no other.
        let narrow = (1..=TILE_WIDTH).contains(&usize::from(width));
        if narrow && parsed.to_string() == path { Ok(parsed) } else { Err(bad("it is not written plainly")) }
    }
}

/// The number and the width of every tile that holds `count` hashes.
fn widths(count: u64) -> impl Iterator<Item = (u64, u16)> {
    let width = TILE_WIDTH as u64;
    (0..count.div_ceil(width)).map(move |n| (n, (count - n * width).min(width) as u16))
}

/// Three digits to a path element, all but the last marked with an `x`.
fn write_number(f: &mut fmt::Formatter<'_>, n: u64) -> fmt::Result {
    let mut parts = vec![n % 1000];
    let mut rest = n / 1000;
    while rest > 0 {
        parts.push(rest % 1000);
        rest /= 1000;
    }
    for part in parts[1..].iter().rev() {
        write!(f, "x{part:03}/")?;
    }
    write!(f, "{:03}", parts[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_the_specification() {
        let tile = |level, n, width| TilePath::Tile { level, n, width };
        for (path, text) in [
            (tile(0, 1_234_067, 256), "tile/0/x001/x234/067"),
            (tile(1, 0, 17), "tile/1/000.p/17"),
            (tile(63, 1000, 1), "tile/63/x001/000.p/1"),
            (TilePath::Entries { n: 999, width: 255 }, "tile/entries/999.p/255"),
            (TilePath::Entries { n: u64::MAX, width: 256 }, "tile/entries/x018/x446/x744/x073/x709/x551/615"),
        ] {
            assert_eq!(path.to_string(), text);
            assert_eq!(text.parse::<TilePath>().unwrap(), path);
        }
    }

    #[test]
    fn other_spellings_are_refused() {
        for text in [
            "",
            "checkpoint",
            "tile",
            "tile/0",
            "tile/0/",
            "tile/0/0",
            "tile/0/0000",
            "tile/00/000",
            "tile/64/000",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/000.p/01",
            "tile/0/x000/000",
            "tile/0/001/000",
            "tile/0/x001/x000",
            "tile/0/../000",
            "tile/0/+01",
            "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
            "tile/x/000",
            "/tile/0/000",
            "tile/0/000.p/",
        ] {
            assert!(matches!(text.parse::<TilePath>(), Err(Error::TilePath(_))), "{text}");
        }
    }

    #[test]
    fn a_tree_of_70_000_has_the_tiles_of_the_specification() {
        let paths = TilePath::all([70_000, 273, 1].into_iter());
        let text: Vec<_> = paths.iter().map(TilePath::to_string).collect();
        assert_eq!(paths.len(), 2 * 274 + 2 + 1);
        for path in [
            "tile/0/272",
            "tile/0/273.p/112",
            "tile/entries/273.p/112",
            "tile/1/000",
            "tile/1/001.p/17",
            "tile/2/000.p/1",
        ] {
            assert!(text.iter().any(|known| known == path), "{path}");
        }
    }
}
