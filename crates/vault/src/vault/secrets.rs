//! What the strongbox keeps for the hub: secrets under the root, and the household document.

use porchlight_keyring::Change;
use zeroize::Zeroizing;

use super::Vault;
use crate::error::Error;
use crate::strongbox::OWN_SECRETS;

impl Vault {
    /// A secret, by name.
    pub async fn secret(&self, name: &str) -> Option<Zeroizing<Vec<u8>>> {
        let name = name.to_owned();
        self.core.on_strongbox(move |strongbox| Ok(strongbox.secret(&name))).await.ok().flatten()
    }

    /// Keeps a secret under the root; one of the same name is destroyed. Durable, and in every copy, when it returns.
    ///
    /// # Errors
    /// [`Error::BadInput`] for a name that begins with `vault/`; [`Error::Keyring`].
    pub async fn put_secret(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        check_name(name)?;
        self.apply(Change::default().put(name, bytes)).await
    }

    /// Destroys a secret, in every copy. One that is not there is no error.
    ///
    /// # Errors
    /// As for [`Vault::put_secret`].
    pub async fn forget_secret(&self, name: &str) -> Result<(), Error> {
        check_name(name)?;
        self.apply(Change::default().remove(name)).await
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
    /// [`Error::HouseholdVersion`] unless the version is one more than the newest (1 for the first).
    pub async fn replace_household(&self, version: u64, bytes: &[u8]) -> Result<(), Error> {
        let bytes = bytes.to_vec();
        self.finish(async move |core| {
            let generation = core
                .on_strongbox(move |strongbox| {
                    strongbox.replace_household(version, &bytes)?;
                    Ok(strongbox.generation())
                })
                .await?;
            core.catalog.set_serving(true, generation).await
        })
        .await
    }

    async fn apply(&self, change: Change) -> Result<(), Error> {
        self.finish(async move |core| {
            let generation = core.on_strongbox(move |strongbox| strongbox.apply(change)).await?;
            core.catalog.set_serving(true, generation).await
        })
        .await
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
