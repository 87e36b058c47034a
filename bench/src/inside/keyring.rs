//! Porchlight's keyring by itself: an id for each recording, all of one class.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Result, ensure};
use porchlight_keyring::{Change, FileSlot, FolderStore, Keyring};
use serde::{Deserialize, Serialize};

use super::forgets::{Forgets, bytes_in, copied};
use crate::amount::{Amount, mixed};

/// The class of every id: it means nothing here.
const CLASS: u32 = 30;

/// A keyring whose ids count from 0, as those of a new one do.
pub(super) struct Keys {
    keyring: Keyring,
    folder: PathBuf,
}

impl Forgets for Keys {
    async fn fill(folder: &Path, recordings: u64) -> Result<()> {
        let (store, slot) = (FolderStore::open(folder)?, FileSlot::open(folder)?);
        let mut keyring = Keyring::create(Box::new(store), Box::new(slot))?;
        let first = allocate(&mut keyring, CLASS, recordings)?;
        ensure!(first == 0, "a new keyring's ids begin at {first}");
        Ok(())
    }

    async fn open(folder: &Path, _recordings: u64) -> Result<Keys> {
        Ok(Keys { keyring: open(folder)?, folder: folder.to_owned() })
    }

    async fn forget(&mut self, gone: &[RangeInclusive<u64>]) -> Result<()> {
        let (mut change, before) = (Change::default(), self.keyring.generation());
        for ids in gone {
            match ids.start() == ids.end() {
                true => change.ids.push(*ids.start()),
                false => change.ranges.push(ids.clone()),
            }
        }
        ensure!(self.keyring.apply(change)? == before + 1, "there was nothing to forget");
        Ok(())
    }

    fn state(&self) -> Result<f64> {
        bytes_in(&self.folder)
    }

    async fn close(self) -> Result<()> {
        Ok(())
    }
}

/// Opens the keyring of a folder.
pub(super) fn open(folder: &Path) -> Result<Keyring> {
    Ok(Keyring::open(Box::new(FolderStore::open(folder)?), Box::new(FileSlot::open(folder)?))?)
}

/// So many ids, one after the other; the first of them.
pub(super) fn allocate(keyring: &mut Keyring, class: u32, count: u64) -> Result<u64> {
    let first = keyring.allocate(class)?;
    for expected in first + 1..first + count {
        let id = keyring.allocate(class)?;
        ensure!(id == expected, "ids are not given out one after the other: {id} after {}", expected - 1);
    }
    Ok(first)
}

/// Microseconds that deriving a key took, at the median of a few thousand.
#[derive(Serialize, Deserialize)]
pub(crate) struct Derived {
    /// The first of a segment that has not been read yet, while nothing is punctured.
    pub(crate) cold: f64,
    /// One after the other in a segment that has been read.
    pub(crate) in_order: f64,
    /// In no order, out of segments that have been read.
    pub(crate) at_random: f64,
    /// The first of a segment, once a random half is punctured.
    pub(crate) cold_in_half: f64,
    /// One after the other, once a random half is punctured.
    pub(crate) in_order_in_half: f64,
}

/// Derives keys of a copy of what was made, before and after the worst that can happen to it.
pub(super) fn derive(folder: &Path, recordings: u64) -> Result<Derived> {
    let copy = copied(folder)?;
    let mut keyring = open(copy.path())?;
    let cold = first_of_segments(&mut keyring, |_| true, recordings)?;
    let in_order = microseconds(&mut keyring, (0..recordings).take(10_000))?;
    let at_random = microseconds(&mut keyring, (0..10_000).map(|turn| mixed(turn) % recordings))?;

    let half = Amount::Half.choose(recordings, 0, 1);
    let stays = |id: &u64| mixed(*id) % 2 == 1;
    let change = Change { ranges: half, ..Change::default() };
    keyring.apply(change)?;
    drop(keyring);
    let mut keyring = open(copy.path())?;
    let cold_in_half = first_of_segments(&mut keyring, stays, recordings)?;
    let in_order_in_half = microseconds(&mut keyring, (0..recordings).filter(stays).take(10_000))?;
    Ok(Derived { cold, in_order, at_random, cold_in_half, in_order_in_half })
}

/// One key out of each segment, none of which has been read.
fn first_of_segments(keyring: &mut Keyring, stays: impl Fn(&u64) -> bool, recordings: u64) -> Result<f64> {
    let segments: Vec<_> = keyring.segments().map(|segment| segment.ids).collect();
    let one_of = |ids: RangeInclusive<u64>| {
        let mut after_a_while = ids.skip(1000).take_while(|id| *id < recordings);
        after_a_while.find(|id| stays(id))
    };
    microseconds(keyring, segments.into_iter().filter_map(one_of))
}

fn microseconds(keyring: &mut Keyring, ids: impl Iterator<Item = u64>) -> Result<f64> {
    let mut took = crate::figures::Figures::default();
    for id in ids {
        let began = Instant::now();
        std::hint::black_box(keyring.leaf(id)?);
        took.push(began.elapsed().as_secs_f64() * 1e6);
    }
    Ok(took.median())
}
