//! Work that reads keys. Where a pack has rotted since the start, it is put right from a mirror, and the work done again.

use std::sync::Mutex;

use super::{Core, Vault, blocking, lock};
use crate::error::Error;
use crate::id::Id;
use crate::strongbox::{Strongbox, Warning};

impl Vault {
    /// Reads every key once, to know by now of those that have rotted, and puts right from mirrors what it can.
    ///
    /// # Errors
    /// [`Error::Stopped`] when the strongbox is in an unknown state.
    pub async fn look_over_keys(&self) -> Result<(), Error> {
        self.core.look_over_keys().await
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
            Err(why) if why.is_rot_of_keys() && self.heal_keys().await.unwrap_or(false) => {
                self.on_strongbox(move |strongbox| lock(&again)?(strongbox)).await
            }
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
        let found = self.on_strongbox(|strongbox| Ok(strongbox.unreadable().to_vec())).await?;
        let (mut files, ids): (Vec<_>, Vec<_>) = found.into_iter().unzip();
        files.dedup();
        if files.is_empty() {
            return Ok(None);
        }
        let recordings = self.catalog.count_on(&ids).await?;
        Ok(Some(Warning::KeysDamaged { files, recordings }))
    }
}
