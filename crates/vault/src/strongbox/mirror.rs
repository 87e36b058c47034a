//! Mirrors: strongboxes on another disk or stick that follow the one in use, each by a thread of its own.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;
use porchlight_keyring::Spare;

use super::follower::{Follower, Found, Wanted};
use super::known::Seen;
use crate::clock::Clock;
use crate::error::Error;
use crate::file_names::STRONGBOX_MARK;
use crate::folder::{self, Mark};
use crate::mirror_state::Mirror;
use crate::slot_kind::SlotKind;
use crate::warning::Warning;

/// The mirrors of one strongbox.
pub(super) struct Mirrors {
    household: String,
    clock: Arc<dyn Clock>,
    all: Vec<Arc<Follower>>,
    /// Those that were read to heal from, and do not follow: nobody named them this time.
    resting: Vec<Arc<Follower>>,
}

/// Mirrors that have been told to follow and may not have done so yet.
#[derive(Default)]
#[must_use = "whoever changed something waits, a while, until it is so everywhere"]
pub(crate) struct Settling(Vec<(Arc<Follower>, u64)>);

/// Mirrors that are being read once more.
pub(crate) struct Reading(Vec<(Arc<Follower>, u64)>);

impl Reading {
    /// What those held that could be read in time.
    pub(crate) fn spares(self) -> Vec<Spare> {
        let begun = Instant::now();
        let read = |(follower, number): (Arc<Follower>, u64)| {
            follower.wait_for(number, begun);
            follower.take_found().map(|found| found.split().0)
        };
        self.0.into_iter().filter_map(read).collect()
    }
}

impl Mirrors {
    /// What the clock shows by which it is known since when one is behind.
    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(super) fn none(household: &str, clock: Arc<dyn Clock>) -> Mirrors {
        Mirrors { household: household.to_owned(), clock, all: Vec::new(), resting: Vec::new() }
    }

    /// Makes the folder of a new mirror.
    pub(super) fn make(path: &Path, household: &str) -> Result<(), Error> {
        folder::make_private(path)?;
        Mark::new(household).write(&path.join(STRONGBOX_MARK))
    }

    /// Takes in a mirror that was made before, and begins to read it. False where it is known already.
    pub(super) fn add(&mut self, path: &Path, seen: Seen) -> bool {
        let path = whole(path);
        if let Some(known) = self.all.iter().find(|known| known.path() == path) {
            known.has_been(seen);
            return false;
        }
        let rested = self.resting.iter().position(|known| known.path() == path);
        let follower = match rested {
            Some(at) => self.resting.swap_remove(at),
            None => Follower::start(path, &self.household, self.clock.clone(), seen),
        };
        self.all.push(follower);
        true
    }

    /// Lets those rest that were only known, and are not named.
    pub(super) fn rest_unless(&mut self, named: &[PathBuf]) {
        let named: Vec<PathBuf> = named.iter().map(|path| whole(path)).collect();
        let is_named = |follower: &Arc<Follower>| named.iter().any(|path| follower.path() == path);
        let (follow, rest) = self.all.drain(..).partition(is_named);
        (self.all, self.resting) = (follow, rest);
    }

    /// What was found at each mirror that could be read in time, once. One that is the strongbox in use, or another mirror,
    /// under a second name is let go of.
    pub(super) fn found(&mut self, in_use: &Path) -> Vec<(PathBuf, Found)> {
        let begun = Instant::now();
        for follower in &self.all {
            follower.wait_for(Follower::FIRST_ASKED, begun);
        }
        let mut places: Vec<PathBuf> = in_use.canonicalize().into_iter().collect();
        let mut found = Vec::new();
        self.all.retain(|follower| {
            if let Some(real) = follower.real() {
                if places.contains(&real) {
                    follower.stop();
                    return false;
                }
                places.push(real);
            }
            found.extend(follower.take_found().map(|here| (follower.path().to_owned(), here)));
            true
        });
        found
    }

    /// Has all of them read once more, those that rest too, without waiting for any.
    pub(super) fn read_again(&self) -> Reading {
        let all = self.all.iter().chain(&self.resting);
        Reading(all.map(|follower| (follower.clone(), follower.ask_to_read())).collect())
    }

    /// Lets every mirror follow to this, without waiting for any.
    pub(super) fn follow(&self, wanted: &Arc<Wanted>) -> Settling {
        Settling(self.all.iter().map(|follower| (follower.clone(), follower.ask(wanted.clone()))).collect())
    }

    /// Every mirror, and whether it has followed to this generation.
    pub(super) fn states(&self, generation: u64) -> impl Iterator<Item = (PathBuf, Mirror)> {
        self.all.iter().map(move |follower| (follower.path().to_owned(), follower.state(generation)))
    }

    /// Those that follow, and those that rest, each with what is known of it.
    pub(super) fn known(&self) -> Vec<(PathBuf, Seen)> {
        let all = self.all.iter().chain(&self.resting);
        all.map(|follower| (follower.path().to_owned(), follower.seen())).collect()
    }

    /// Whether a copy was ever seen in a folder, as far as anybody knows.
    pub(super) fn was_seen(&self, path: &Path) -> bool {
        let of = self.all.iter().find(|follower| follower.path() == path);
        of.is_some_and(|follower| follower.seen() == Seen::Copy)
    }

    pub(super) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.all.iter().map(|follower| follower.path())
    }

    /// Those that do not keep anybody waiting just now.
    pub(super) fn answering(&self) -> impl Iterator<Item = &Path> {
        self.all.iter().filter(|follower| follower.answers()).map(|follower| follower.path())
    }

    /// What had rotted at each, and is whole again.
    pub(super) fn healed(&self) -> impl Iterator<Item = Vec<PathBuf>> {
        self.all.iter().map(|follower| follower.healed())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Where the root key of each lies, and what its file system means for it, as of when it answered last.
    pub(super) fn places(&self) -> impl Iterator<Item = (PathBuf, SlotKind, Option<Warning>)> {
        self.all.iter().map(|follower| {
            let (slot, warning) = follower.place();
            (follower.path().to_owned(), slot, warning)
        })
    }
}

/// A path from the root on, as it was given: where it leads is asked on the mirror's own thread.
fn whole(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// The threads end, but for one that is stuck; one that is just copying is let finish, so that whoever opens the mirror next
/// finds it as this one left it.
impl Drop for Mirrors {
    fn drop(&mut self) {
        let begun = Instant::now();
        for follower in self.all.iter().chain(&self.resting) {
            follower.stop();
            follower.wait_until_idle(begun);
        }
    }
}

impl Settling {
    /// Waits until every mirror has followed or failed; for one that does not answer no longer than
    /// [`PATIENCE`](super::follower::PATIENCE), and not at all where it has kept others waiting as long before.
    pub(crate) fn settle(self) {
        let begun = Instant::now();
        for (follower, number) in self.0 {
            follower.wait_for(number, begun);
        }
    }
}
