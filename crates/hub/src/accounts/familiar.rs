//! From where the household is known to come: the browsers and addresses at which somebody got in before. It opens nothing. It says
//! whose tries are counted together, so that strangers elsewhere hold nobody up; and it outlives a restart.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::{PoisonError, RwLock};

use jiff::Timestamp;
use porchlight_household::PersonId;

use crate::accounts::rate_limits::{AddressBlock, BROWSER, Origin, Standing};
use crate::store::{ADDRESS, HubStore, Session};

/// The addresses of each member, by their hashes.
pub struct Familiar(RwLock<BTreeMap<PersonId, BTreeSet<[u8; ADDRESS]>>>);

impl Familiar {
    /// As they were noted.
    pub async fn load(store: &HubStore, now: Timestamp) -> Result<Familiar, sqlx::Error> {
        let familiar = Familiar(RwLock::default());
        familiar.read(store, now).await?;
        Ok(familiar)
    }

    /// Notes that somebody got in from there.
    pub async fn add(
        &self,
        store: &HubStore,
        person: &PersonId,
        block: AddressBlock,
        now: Timestamp,
    ) -> Result<(), sqlx::Error> {
        store.add_address(person, block, now).await?;
        self.read(store, now).await
    }

    /// Forgets all that is remembered of somebody who left, against guessing.
    pub async fn forget(&self, store: &HubStore, person: &PersonId) -> Result<(), sqlx::Error> {
        store.forget_guesses(person).await?;
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(person);
        Ok(())
    }

    /// Whether this person got in from there before.
    pub fn knows(&self, store: &HubStore, person: &PersonId, block: AddressBlock) -> bool {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.get(person).is_some_and(|own| own.contains(&store.address_hash(person, block)))
    }

    /// Whether anybody of the household did.
    pub(super) fn knows_anybody(&self, store: &HubStore, block: AddressBlock) -> bool {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.iter().any(|(person, own)| own.contains(&store.address_hash(person, block)))
    }

    async fn read(&self, store: &HubStore, now: Timestamp) -> Result<(), sqlx::Error> {
        let mut known: BTreeMap<PersonId, BTreeSet<_>> = BTreeMap::new();
        for (person, address) in store.addresses(now).await? {
            known.entry(person).or_default().insert(address);
        }
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = known;
        Ok(())
    }
}

/// Where somebody comes from who is signed in: their session is as good as a browser of theirs.
pub(crate) fn origin_of(session: &Session, from: IpAddr) -> Origin {
    let mut browser = [0; BROWSER];
    for (to, from) in browser.iter_mut().zip(session.id.bytes()) {
        *to = from;
    }
    Origin { block: AddressBlock::of(from), standing: Standing::Browser(browser) }
}
