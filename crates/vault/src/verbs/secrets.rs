//! What the strongbox keeps for the hub: secrets under the root, and the household document.

use porchlight_keyring::Change;
use zeroize::Zeroizing;

use super::{NextLedgerKey, Vault};
use crate::error::Error;
use crate::strongbox::{OWN_SECRETS, Strongbox};

/// A change of what the strongbox keeps for the hub. All of it is one commit: it is made whole, or not at all.
#[derive(Default)]
pub struct StrongboxChange {
    household: Option<(u64, Vec<u8>)>,
    put: Vec<(String, Zeroizing<Vec<u8>>)>,
    remove: Vec<String>,
    ledger_key: Option<NextLedgerKey>,
}

impl StrongboxChange {
    /// Puts a household document in force. The version must be one more than the newest (1 for the first); the version before is
    /// gone from every copy that follows.
    #[must_use]
    pub fn household(mut self, version: u64, bytes: Vec<u8>) -> StrongboxChange {
        self.household = Some((version, bytes));
        self
    }

    /// Keeps a secret under the root; one of the same name is destroyed.
    #[must_use]
    pub fn put(mut self, name: impl Into<String>, bytes: Zeroizing<Vec<u8>>) -> StrongboxChange {
        self.put.push((name.into(), bytes));
        self
    }

    /// Destroys a secret, in every copy. One that is not there is no error.
    #[must_use]
    pub fn remove(mut self, name: impl Into<String>) -> StrongboxChange {
        self.remove.push(name.into());
        self
    }

    /// Gives the ledger another key, signed by the one before and by itself, and destroys the one before. Whoever trusts the
    /// older key follows the note, which is a line of the ledger and lies in every later receipt.
    #[must_use]
    pub fn ledger_key(mut self, key: NextLedgerKey) -> StrongboxChange {
        self.ledger_key = Some(key);
        self
    }

    fn secrets(&self) -> Result<Change, Error> {
        let mut change = Change::default();
        for (name, bytes) in &self.put {
            check_name(name)?;
            change = change.put(name, bytes);
        }
        for name in &self.remove {
            check_name(name)?;
            change = change.remove(name);
        }
        Ok(change)
    }
}

impl Vault {
    /// Changes what the strongbox keeps. Durable, and in every copy that follows, when it returns.
    ///
    /// # Errors
    /// [`Error::BadInput`] for a name that begins with `vault/`; [`Error::HouseholdVersion`] for a document out of turn;
    /// [`Error::Keyring`]. Then nothing has changed, unless the slot has [failed](Vault::broken).
    pub async fn change(&self, change: StrongboxChange) -> Result<(), Error> {
        let secrets = change.secrets()?;
        self.finish(async move |core| {
            let StrongboxChange { household, ledger_key, .. } = change;
            let commit = move |strongbox: &mut Strongbox, secrets| match &household {
                Some((version, bytes)) => strongbox.replace_household(*version, bytes, secrets),
                None => strongbox.apply(secrets),
            };
            let generation = match ledger_key {
                Some(key) => core.change_with_ledger_key(key, secrets, commit).await?,
                None => core.on_strongbox(move |strongbox| commit(strongbox, secrets)).await?,
            };
            // The change is made, whatever becomes of this: a catalog that is behind the keyring is looked over by the next start.
            if let Err(why) = core.catalog.set_serving(true, generation).await {
                tracing::warn!(%why, "the catalog could not note the keyring's generation");
            }
            Ok(())
        })
        .await
    }

    /// A secret, by name.
    pub async fn secret(&self, name: &str) -> Option<Zeroizing<Vec<u8>>> {
        let name = name.to_owned();
        self.core.on_strongbox(move |strongbox| Ok(strongbox.secret(&name))).await.ok().flatten()
    }

    /// Keeps a secret under the root; one of the same name is destroyed. Durable, and in every copy, when it returns.
    ///
    /// # Errors
    /// As for [`Vault::change`].
    pub async fn put_secret(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        self.change(StrongboxChange::default().put(name, Zeroizing::new(bytes.to_vec()))).await
    }

    /// Destroys a secret, in every copy. One that is not there is no error.
    ///
    /// # Errors
    /// As for [`Vault::change`].
    pub async fn forget_secret(&self, name: &str) -> Result<(), Error> {
        self.change(StrongboxChange::default().remove(name)).await
    }

    /// The names of the secrets that begin with a prefix; the vault's own are left out.
    pub async fn secret_names(&self, prefix: &str) -> Vec<String> {
        let prefix = prefix.to_owned();
        let names = self.core.on_strongbox(move |strongbox| Ok(strongbox.secret_names(&prefix))).await;
        names.unwrap_or_default()
    }

    /// The newest household document, byte for byte as it was pinned; `None` before the first.
    ///
    /// # Errors
    /// [`Error::Household`] when it is not the one that was pinned.
    pub async fn household(&self) -> Result<Option<Vec<u8>>, Error> {
        self.core.on_strongbox(|strongbox| strongbox.household()).await
    }

    /// Puts the next household document in force. The version before is gone from every copy that follows.
    ///
    /// # Errors
    /// As for [`Vault::change`].
    pub async fn replace_household(&self, version: u64, bytes: &[u8]) -> Result<(), Error> {
        self.change(StrongboxChange::default().household(version, bytes.to_vec())).await
    }
}

fn check_name(name: &str) -> Result<(), Error> {
    if name.starts_with(OWN_SECRETS) {
        return Err(Error::BadInput(format!(
            "the names that begin with {OWN_SECRETS:?} are the vault's own"
        )));
    }
    Ok(())
}
