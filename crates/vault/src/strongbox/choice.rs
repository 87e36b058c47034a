//! A person's choice between strongboxes that were both used: one of them is kept, and the others follow it.

use std::path::{Path, PathBuf};

use porchlight_keyring::Keyring;

use super::documents::{self, Document, read_checkpoint};
use super::known;
use super::opening::{check_mark, missing, read_mark, store};
use crate::error::Error;
use crate::file_names::STRONGBOX_MARK;
use crate::folder::Lock;
use crate::holding::Holding;

/// A strongbox to keep, and those that are to follow it, each held until this is dropped. Nothing is changed before
/// [`StrongboxChoice::carry_out`].
pub struct StrongboxChoice {
    kept: Chosen,
    others: Vec<Chosen>,
}

struct Chosen {
    holding: Holding,
    household: String,
    _lock: Lock,
}

impl StrongboxChoice {
    /// Between `kept` and `others`, and every mirror that `kept` is known to have and that is there.
    ///
    /// # Errors
    /// [`Error::NoStrongbox`], [`Error::DataAsStrongbox`], [`Error::OtherHousehold`]; [`Error::Locked`] while a hub uses one of them.
    pub fn between(kept: &Path, others: &[PathBuf]) -> Result<StrongboxChoice, Error> {
        let mark = read_mark(kept)?.ok_or_else(|| missing(kept))?;
        let place = |path: &Path| path.canonicalize().map_err(Error::io("find", path));
        let mut places = vec![place(kept)?];
        let kept = Chosen::of(kept, &mark.household)?;
        let there = known::read(&kept.holding.path).into_iter().map(|(path, _)| path);
        let there = there.filter(|path| path.join(STRONGBOX_MARK).exists());
        let mut chosen = StrongboxChoice { kept, others: Vec::new() };
        for other in others.iter().cloned().chain(there) {
            let at = place(&other)?;
            if !places.contains(&at) {
                places.push(at);
                chosen.others.push(Chosen::of(&other, &mark.household)?);
            }
        }
        Ok(chosen)
    }

    /// What is kept.
    pub fn kept(&self) -> &Holding {
        &self.kept.holding
    }

    /// What is to follow it, as it is now.
    pub fn others(&self) -> impl Iterator<Item = &Holding> {
        self.others.iter().map(|other| &other.holding)
    }

    /// Lets the others follow: **what only they can open is lost**. Stopped in the middle, it can be done again.
    ///
    /// # Errors
    /// [`Error::Keyring`]; others when a strongbox cannot be read or written.
    pub fn carry_out(&self) -> Result<(), Error> {
        let from = &self.kept.holding.path;
        let slot = check_mark(from, &self.kept.household)?;
        let keyring = Keyring::open(Box::new(store(from)?), slot.open(from)?)?;
        let snapshot = keyring.snapshot()?;
        let document = Document::pinned_in(&keyring, from)?;
        let checkpoint = read_checkpoint(from)?;
        for Chosen { holding, household, .. } in &self.others {
            let to = &holding.path;
            let slot = check_mark(to, household)?;
            if let Some(document) = &document {
                document.put(to)?;
            }
            snapshot.overwrite(&store(to)?, &*slot.open(to)?)?;
            if let Some(document) = &document {
                document.remove_others(to);
            }
            if let Some(checkpoint) = &checkpoint {
                documents::put_checkpoint(to, &checkpoint.note)?;
            }
        }
        Ok(())
    }
}

impl Chosen {
    fn of(path: &Path, household: &str) -> Result<Chosen, Error> {
        let slot = check_mark(path, household)?;
        let lock = Lock::take(path)?;
        let roots = slot.open(path)?.load().unwrap_or_default();
        let generation = roots.iter().map(|root| root.generation()).max().unwrap_or_default();
        let last = read_checkpoint(path)?.and_then(|signed| signed.last);
        let holding = Holding { path: path.to_owned(), generation, last };
        Ok(Chosen { holding, household: household.to_owned(), _lock: lock })
    }
}
