//! Work that reads keys. Where a pack has rotted since the start, it is put right from a mirror, and the work done again.

use std::sync::{Mutex, PoisonError};

use super::tasks::{blocking, lock};
use super::{Core, Vault};
use crate::error::Error;
use crate::file_names::DATA_MARK;
use crate::folder::{Lock, Mark};
use crate::id::Id;
use crate::strongbox::Strongbox;
use crate::warning::Warning;

impl Vault {
    /// Reads the strongbox, its mirrors and the ledger once, to know by now of what has rotted there, and puts right what it can: the first
    /// from memory and from mirrors, and those from the first. Catalog and ledger are written anew where their files were removed.
    ///
    /// # Errors
    /// [`Error::Stopped`] when the strongbox is in an unknown state.
    pub async fn look_over(&self) -> Result<(), Error> {
        self.core.look_over_places().await;
        self.core.look_over_keys().await?;
        let look_over = |strongbox: &mut Strongbox| {
            strongbox.look_over_mirrors();
            Ok(())
        };
        self.core.on_strongbox(look_over).await
    }
}

impl Core {
    /// The same as [`on_strongbox`](Core::on_strongbox), of work that reads keys and can be done again.
    pub(super) async fn on_keys<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Strongbox) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let work = std::sync::Arc::new(Mutex::new(work));
        let again = work.clone();
        let done = self.on_strongbox(move |strongbox| lock(&work)?(strongbox)).await;
        match done {
            Err(why) if why.is_rot_of_keys() => match self.heal_keys().await {
                Ok(true) => self.on_strongbox(move |strongbox| lock(&again)?(strongbox)).await,
                Err(moved @ Error::NotInPlace(_)) => Err(moved),
                Ok(false) | Err(_) => Err(why),
            },
            done => done,
        }
    }

    /// Sees to it that the keys of these can be read, for who reads them next. Whether there are any is not asked.
    pub(super) async fn read_keys(&self, ids: Vec<Id>) -> Result<(), Error> {
        if ids.is_empty() {
            return Ok(());
        }
        self.on_keys(move |strongbox| strongbox.read_keys(&ids)).await
    }

    pub(super) async fn look_over_keys(&self) -> Result<(), Error> {
        let all_is_well = self.on_strongbox(|strongbox| Ok(strongbox.look_over())).await?;
        if !all_is_well {
            self.heal_keys().await?;
        }
        Ok(())
    }

    /// Writes anew what was removed from the data folder and is open. What cannot be is told of.
    pub(super) async fn look_over_places(&self) {
        let _ = self.catalog.stay().await;
        if let Err(why) = self.blobs.stay() {
            tracing::error!(%why, "the folder of the recordings' bytes is not where it was opened");
        }
        self.put_back_beside().await;
        let (ledger, place) = (self.ledger.clone(), self.ledger_place.clone());
        let stays = blocking(move || {
            // Nobody appends meanwhile.
            let mut ledger = lock(&ledger)?;
            place.stay().map_err(Error::io("write", "the ledger"))?;
            if let Err(why) = ledger.look_over() {
                tracing::error!(%why, "the ledger's file cannot be read, so what has rotted in it is not known");
            }
            Ok(())
        });
        if let Err(why) = stays.await {
            tracing::error!(%why, "the ledger's file is not where it was opened, and could not be written anew");
        }
    }

    /// Writes anew what the data folder has beside catalog, ledger and recordings, and the room that is set aside.
    async fn put_back_beside(&self) {
        if !self.catalog.place().is_there() {
            return;
        }
        let mut files = self.reserve.put_back();
        let (path, data) = (self.data.join(DATA_MARK), self.data.clone());
        let done = self.on_strongbox(move |strongbox| {
            let mark = Mark::new(strongbox.household_id());
            // Nothing is written into another folder in its place.
            if data.is_dir() && Mark::of_data(&data).ok().flatten().as_ref() != Some(&mark) {
                mark.write(&path)?;
                files.push(path);
            }
            files.into_iter().for_each(|file| strongbox.note_healed(file));
            Ok(())
        });
        if let Err(why) = done.await {
            tracing::error!(%why, "what lies in the data folder has rotted or was removed, and could not be written anew");
        }
        let held =
            self.held.lock().unwrap_or_else(PoisonError::into_inner).as_mut().map_or(Ok(()), Lock::stay);
        if let Err(why) = held {
            tracing::error!(%why, "the file that keeps others out of the data folder was removed, and could not be written anew");
        }
    }

    /// What was removed from the data folder while it was open, or is not where it was.
    pub(super) fn place_warnings(&self) -> Vec<Warning> {
        let catalog = self.catalog.place();
        let mut put_back = self.ledger_place.put_back();
        put_back.extend(catalog.put_back());
        let missing = (!catalog.is_there()).then(|| catalog.file().to_owned());
        let missing = missing.into_iter().chain(self.ledger_place.missing());
        let missing = missing.map(|path| Warning::NotInPlace { path });
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        // Of a folder that is elsewhere that alone is told.
        let held = held.as_ref().filter(|_| catalog.is_there()).and_then(Lock::warning);
        let lost = self.blobs.lost().map(|path| Warning::PayloadsLost { path: path.to_owned() });
        missing
            .chain(lost)
            .chain((!put_back.is_empty()).then_some(Warning::PutBack { files: put_back }))
            .chain(held)
            .collect()
    }

    /// Puts packs right from the mirrors that answer, and says whether there was any. The strongbox is not held while they are read.
    async fn heal_keys(&self) -> Result<bool, Error> {
        let strongbox = self.strongbox.clone();
        let spares = blocking(move || {
            let reading = lock(&strongbox)?.read_mirrors_again();
            Ok(reading.spares())
        })
        .await?;
        self.on_strongbox(move |strongbox| strongbox.heal_packs(&spares)).await
    }

    /// That keys cannot be read any more, with how many recordings they open.
    pub(super) async fn unreadable_keys_warning(&self) -> Result<Option<Warning>, Error> {
        let (found, keep_running) = self
            .on_strongbox(|strongbox| Ok((strongbox.unreadable().to_vec(), strongbox.is_only_in_memory())))
            .await?;
        let (mut files, ids): (Vec<_>, Vec<_>) = found.into_iter().unzip();
        files.dedup();
        if files.is_empty() {
            return Ok(None);
        }
        let recordings = self.catalog.count_on(&ids).await?;
        Ok(Some(Warning::KeysDamaged { files, recordings, keep_running }))
    }
}
