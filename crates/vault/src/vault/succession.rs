//! Another key for the ledger.

use porchlight_keyring::Change;
use porchlight_ledger::note::Verifier;
use porchlight_ledger::{SigningKey, Succession};
use zeroize::Zeroizing;

use super::create::{LEDGER_KEY, signing_key};
use super::{Vault, blocking, lock};
use crate::error::Error;
use crate::strongbox::Strongbox;

/// The secret that holds the notes by which one key took over from another, as a JSON list. They are no secret; they lie here
/// because the ledger's files may go back, and these must not.
const SUCCESSIONS: &str = "vault/ledger-successions";

impl Vault {
    /// Gives the ledger another key, signed by the one before and by itself, and destroys the one before. Whoever trusts the
    /// older key follows the note, which is a line of the ledger and lies in every later receipt.
    ///
    /// # Errors
    /// [`Error::Keyring`], [`Error::Ledger`]: after either, the next start finishes it or nothing has changed.
    pub async fn succeed_ledger_key(&self) -> Result<Verifier, Error> {
        self.finish(async move |core| {
            let (ledger, strongbox) = (core.ledger.clone(), core.strongbox.clone());
            let key = blocking(move || {
                let mut ledger = lock(&ledger)?;
                let mut strongbox = lock(&strongbox)?;
                let mut seed = Zeroizing::new(vec![0; 32]);
                getrandom::fill(&mut seed)
                    .map_err(|why| Error::Stopped(format!("no random bytes: {why}")))?;
                let (old, new) = (present_key(&strongbox)?, signing_key(&seed)?);
                let succession = Succession::sign(ledger.key()?.name(), &old, &new)?;
                let mut notes = successions(&strongbox)?;
                notes.push(succession.note.clone());
                let notes = serde_json::to_vec(&notes).map_err(|why| Error::Stopped(why.to_string()))?;

                // One commit: from here on the new key signs, and the old one is gone. What a crash leaves untold, the next
                // start tells the ledger.
                strongbox.apply(Change::default().put(LEDGER_KEY, &seed).put(SUCCESSIONS, &notes))?;
                let appended = ledger.succeed(new, &succession)?;
                strongbox.pin_checkpoint(&appended.checkpoint)?;
                Ok(ledger.key()?)
            })
            .await?;
            // The mirrors follow while nothing is held.
            core.on_strongbox(|_| Ok(())).await?;
            Ok(key)
        })
        .await
    }
}

/// The notes by which one key took over from another, oldest first.
pub(super) fn successions(strongbox: &Strongbox) -> Result<Vec<String>, Error> {
    match strongbox.secret(SUCCESSIONS) {
        None => Ok(Vec::new()),
        Some(notes) => serde_json::from_slice(&notes).map_err(|_| Error::NoSecret(SUCCESSIONS)),
    }
}

/// The key that signs now.
pub(super) fn present_key(strongbox: &Strongbox) -> Result<SigningKey, Error> {
    signing_key(&strongbox.secret(LEDGER_KEY).ok_or(Error::NoSecret(LEDGER_KEY))?)
}
