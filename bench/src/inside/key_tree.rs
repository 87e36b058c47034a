//! A tree of pages with a key for each recording, after Reardon, Ritzdorf, Basin and Čapkun, *Secure Data Deletion from
//! Persistent Media* (CCS 2013): every page is sealed under a key that lies in the page above it, and the key of the topmost
//! lies in an erasable slot. To forget is to write the pages from the leaf to the top anew, under new keys.
//!
//! It is what their design comes to for this work, and no more: keys of 32 bytes in 4 KiB pages, numbers without gaps, so that
//! no search key is stored and no page ever splits, which is kinder to it than a B-tree of arbitrary keys. A page is never
//! overwritten before the commit after it, so that a power cut leaves the old tree or the new one. One page cache is there, the
//! kernel's; theirs keeps pages in memory and writes back in batches, which a batch here does in its own single commit. Pages
//! of a subtree that goes as a whole are not reused. The cipher, the slot and its three fsyncs are those of the keyring.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::ops::{Range, RangeInclusive};
use std::os::unix::fs::FileExt;
use std::path::Path;

use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce};
use anyhow::{Context, Result, anyhow, ensure};
use porchlight_keyring::{FileSlot, Root, Slot};

use super::forgets::Forgets;

const KEY: usize = 32;
const PAGE: usize = 4096;
const TAG: usize = 16;
const PLAIN: usize = PAGE - TAG;
/// A leaf holds keys of recordings, all zeros for one that is gone.
const LEAF_KEYS: u64 = (PLAIN / KEY) as u64;
/// A page above holds, for each page below, its number and its key; all zeros for one that is gone.
const ENTRY: usize = 8 + KEY;
const ENTRIES: usize = PLAIN / ENTRY;
/// The topmost page lies in page 0 or 1, by turns; the others lie behind them.
const FIRST_PAGE: u64 = 2;

type Key = [u8; KEY];

/// Where a page lies, and what opens it.
#[derive(Clone, Copy)]
struct Place {
    page: u64,
    key: Key,
}

/// The plaintext of a page.
type Plain = Box<[u8; PLAIN]>;

/// The tree.
pub(super) struct KeyTree {
    file: File,
    slot: FileSlot,
    top: Place,
    generation: u64,
    /// Levels above the leaves.
    height: u32,
    recordings: u64,
    /// Pages in the file, free ones included.
    pages: u64,
    /// Pages of versions before the last commit.
    free: Vec<u64>,
    /// Pages that are free once the next commit is made.
    replaced: Vec<u64>,
}

impl Forgets for KeyTree {
    async fn fill(folder: &Path, recordings: u64) -> Result<()> {
        let file = OpenOptions::new().create_new(true).read(true).write(true).open(folder.join("pages"))?;
        let mut writer = BufWriter::with_capacity(1 << 20, &file);
        writer.write_all(&[0; FIRST_PAGE as usize * PAGE])?;
        let mut next = FIRST_PAGE;
        let mut append = |plain: Plain| -> Result<Place> {
            let place = Place { page: next, key: random()? };
            writer.write_all(&sealed(&place, plain)?)?;
            next += 1;
            Ok(place)
        };
        let mut level = Vec::new();
        for leaf in 0..recordings.div_ceil(LEAF_KEYS) {
            let keys = (recordings - leaf * LEAF_KEYS).min(LEAF_KEYS) as usize;
            let mut plain: Plain = Box::new([0; PLAIN]);
            fill_random(&mut plain[..keys * KEY])?;
            level.push(append(plain)?);
        }
        while level.len() > ENTRIES {
            level = level.chunks(ENTRIES).map(|below| append(page_of(below))).collect::<Result<_>>()?;
        }
        writer.flush()?;
        drop(writer);
        let top = Place { page: 0, key: random()? };
        file.write_all_at(&sealed(&top, page_of(&level))?, 0)?;
        file.sync_all()?;
        Ok(FileSlot::open(folder)?.replace(&root(2, &top.key)?)?)
    }

    async fn open(folder: &Path, recordings: u64) -> Result<KeyTree> {
        let file = OpenOptions::new().read(true).write(true).open(folder.join("pages"))?;
        let slot = FileSlot::open(folder)?;
        let newest = slot.load()?.into_iter().max_by_key(Root::generation).context("the slot is empty")?;
        let generation = newest.generation();
        let mut top = Place { page: generation % 2, key: [0; KEY] };
        top.key.copy_from_slice(&newest.to_bytes()[24..]);
        let (mut height, mut below) = (1, LEAF_KEYS * ENTRIES as u64);
        while below < recordings {
            (height, below) = (height + 1, below * ENTRIES as u64);
        }
        let pages = file.metadata()?.len() / PAGE as u64;
        let (free, replaced) = (Vec::new(), Vec::new());
        let tree = KeyTree { file, slot, top, generation, height, recordings, pages, free, replaced };
        tree.read(&tree.top)?;
        Ok(tree)
    }

    async fn forget(&mut self, gone: &[RangeInclusive<u64>]) -> Result<()> {
        let mut plain = self.read(&self.top)?;
        self.rewrite(&mut plain, self.height, 0, gone)?;
        let generation = self.generation + 1;
        let top = Place { page: generation % 2, key: random()? };
        self.file.write_all_at(&sealed(&top, plain)?, top.page * PAGE as u64)?;
        self.file.sync_data()?;
        self.slot.replace(&root(generation, &top.key)?)?;
        (self.top, self.generation) = (top, generation);
        self.free.append(&mut self.replaced);
        Ok(())
    }

    /// The pages that belong to the tree, wherever in the file they lie.
    fn state(&self) -> Result<f64> {
        Ok(self.count(&self.top, self.height)? as f64 * PAGE as f64)
    }

    async fn close(self) -> Result<()> {
        let last = self.recordings - 1;
        self.key(last)?;
        Ok(())
    }
}

impl KeyTree {
    /// The key of a recording; `None` when it is gone.
    fn key(&self, recording: u64) -> Result<Option<Key>> {
        let mut place = self.top;
        for height in (1..=self.height).rev() {
            let at = recording / width(height - 1) % ENTRIES as u64;
            let Some(below) = entry(&self.read(&place)?, at as usize) else { return Ok(None) };
            place = below;
        }
        let at = (recording % LEAF_KEYS) as usize * KEY;
        let key: Key = self.read(&place)?[at..at + KEY].try_into()?;
        Ok((key != [0; KEY]).then_some(key))
    }

    /// Takes what is gone out of a page of this height, whose first recording is `first`, and writes the pages below it anew.
    fn rewrite(
        &mut self,
        plain: &mut Plain,
        height: u32,
        first: u64,
        gone: &[RangeInclusive<u64>],
    ) -> Result<()> {
        if height == 0 {
            let end = first + LEAF_KEYS;
            for ids in overlapping(gone, first..end) {
                let from = (*ids.start()).max(first) - first;
                let to = (*ids.end() + 1).min(end) - first;
                plain[from as usize * KEY..to as usize * KEY].fill(0);
            }
            return Ok(());
        }
        for at in 0..ENTRIES {
            let Some(below) = entry(plain, at) else { continue };
            let start = first + at as u64 * width(height - 1);
            let ids = start..(start + width(height - 1)).min(self.recordings);
            let gone = overlapping(gone, ids.clone());
            let Some(range) = gone.first() else { continue };
            let new = if *range.start() <= ids.start && ids.end <= *range.end() + 1 {
                [0; ENTRY]
            } else {
                let mut page = self.read(&below)?;
                self.rewrite(&mut page, height - 1, start, gone)?;
                as_entry(&self.write(page)?)
            };
            self.replaced.push(below.page);
            plain[at * ENTRY..(at + 1) * ENTRY].copy_from_slice(&new);
        }
        Ok(())
    }

    /// The pages of a subtree.
    fn count(&self, place: &Place, height: u32) -> Result<u64> {
        let plain = self.read(place)?;
        let mut pages = 1;
        for below in (0..ENTRIES).filter_map(|at| entry(&plain, at)) {
            pages += if height == 1 { 1 } else { self.count(&below, height - 1)? };
        }
        Ok(pages)
    }

    fn read(&self, place: &Place) -> Result<Plain> {
        let mut page = vec![0; PAGE];
        self.file.read_exact_at(&mut page, place.page * PAGE as u64)?;
        cipher(place)
            .decrypt_in_place(&Nonce::default(), &[], &mut page)
            .map_err(|_| anyhow!("page {} does not open", place.page))?;
        page.into_boxed_slice().try_into().map_err(|_| anyhow!("a page has another length"))
    }

    fn write(&mut self, plain: Plain) -> Result<Place> {
        let page = self.free.pop().unwrap_or(self.pages);
        self.pages = self.pages.max(page + 1);
        let place = Place { page, key: random()? };
        self.file.write_all_at(&sealed(&place, plain)?, page * PAGE as u64)?;
        Ok(place)
    }
}

/// How many recordings a page of this height stands for.
fn width(height: u32) -> u64 {
    LEAF_KEYS * (ENTRIES as u64).pow(height)
}

fn overlapping(gone: &[RangeInclusive<u64>], ids: Range<u64>) -> &[RangeInclusive<u64>] {
    let from = gone.partition_point(|range| *range.end() < ids.start);
    let to = gone.partition_point(|range| *range.start() < ids.end);
    &gone[from..to]
}

fn page_of(below: &[Place]) -> Plain {
    let mut plain: Plain = Box::new([0; PLAIN]);
    for (slot, place) in plain.chunks_exact_mut(ENTRY).zip(below) {
        slot.copy_from_slice(&as_entry(place));
    }
    plain
}

fn as_entry(place: &Place) -> [u8; ENTRY] {
    let mut entry = [0; ENTRY];
    entry[..8].copy_from_slice(&place.page.to_le_bytes());
    entry[8..].copy_from_slice(&place.key);
    entry
}

fn entry(plain: &Plain, at: usize) -> Option<Place> {
    let (page, key) = plain[at * ENTRY..(at + 1) * ENTRY].split_first_chunk()?;
    let page = u64::from_le_bytes(*page);
    Some(Place { page, key: key.try_into().ok()? }).filter(|place| place.page >= FIRST_PAGE)
}

/// A page's key is used once, so its nonce may be zeros.
fn sealed(place: &Place, plain: Plain) -> Result<Vec<u8>> {
    let mut page = Vec::with_capacity(PAGE);
    page.extend_from_slice(plain.as_slice());
    cipher(place)
        .encrypt_in_place(&Nonce::default(), &[], &mut page)
        .map_err(|_| anyhow!("a page does not seal"))?;
    ensure!(page.len() == PAGE, "a sealed page has another length");
    Ok(page)
}

fn cipher(place: &Place) -> Aes256Gcm {
    Aes256Gcm::new((&place.key).into())
}

fn root(generation: u64, key: &Key) -> Result<Root> {
    let bytes = [&[0; 16], &generation.to_le_bytes()[..], key].concat();
    Root::from_bytes(&bytes).context("a root has another length")
}

fn random() -> Result<Key> {
    let mut key = [0; KEY];
    fill_random(&mut key)?;
    Ok(key)
}

fn fill_random(bytes: &mut [u8]) -> Result<()> {
    getrandom::fill(bytes).map_err(|why| anyhow!("no random bytes: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_forgotten_is_gone_and_all_else_is_as_it_was() {
        const ALL: u64 = 20_000;
        let folder = tempfile::tempdir().unwrap();
        KeyTree::fill(folder.path(), ALL).await.unwrap();
        let mut tree = KeyTree::open(folder.path(), ALL).await.unwrap();
        let some: Vec<u64> =
            (0..ALL).step_by(29).chain([3, 4, 5, 6, 999, 1000, 15_000, 15_001, ALL - 1]).collect();
        let before: Vec<_> = some.iter().map(|id| tree.key(*id).unwrap().unwrap()).collect();
        let pages = tree.state().unwrap();

        let gone = [3..=3, 1000..=15_000, ALL - 1..=ALL - 1];
        tree.forget(&gone).await.unwrap();
        tree.forget(&[5..=5]).await.unwrap();
        assert!(tree.state().unwrap() < pages);
        drop(tree);
        let tree = KeyTree::open(folder.path(), ALL).await.unwrap();
        for (id, key) in some.into_iter().zip(before) {
            let is_gone = id == 5 || gone.iter().any(|range| range.contains(&id));
            let expected = (!is_gone).then_some(key);
            assert_eq!(tree.key(id).unwrap(), expected, "recording {id}");
        }
    }
}
