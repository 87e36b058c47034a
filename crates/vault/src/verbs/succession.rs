//! Another key for the ledger.

use std::fmt;

use porchlight_keyring::Change;
use porchlight_ledger::note::Verifier;
use porchlight_ledger::{Ledger, SigningKey, Succession};
use zeroize::Zeroizing;

use super::create::{LEDGER_KEY, signing_key};
use super::tasks::{blocking, lock};
use super::{Core, Vault};
use crate::error::Error;
use crate::strongbox::Strongbox;

/// The secret that holds the notes by which one key took over from another, as a JSON list. They are no secret; they lie here
/// because the ledger's files may go back, and these must not.
const SUCCESSIONS: &str = "vault/ledger-successions";

/// A key that the ledger may go on with: see [`StrongboxChange::ledger_key`](super::StrongboxChange::ledger_key).
pub struct NextLedgerKey {
    seed: Zeroizing<Vec<u8>>,
    verifier: Verifier,
}

impl NextLedgerKey {
    /// What it is checked with.
    pub fn verifier(&self) -> &Verifier {
        &self.verifier
    }
}

impl fmt::Debug for NextLedgerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NextLedgerKey({})", self.verifier)
    }
}

impl Vault {
    /// A new key for the ledger. Nothing has changed yet.
    ///
    /// # Errors
    /// [`Error::Stopped`] when the ledger is in an unknown state.
    pub async fn next_ledger_key(&self) -> Result<NextLedgerKey, Error> {
        self.ledger(|ledger| {
            let mut seed = Zeroizing::new(vec![0; 32]);
            getrandom::fill(&mut seed).map_err(|why| Error::Stopped(format!("no random bytes: {why}")))?;
            let verifier = Verifier::new(ledger.key()?.name(), signing_key(&seed)?.verifying_key())?;
            Ok(NextLedgerKey { seed, verifier })
        })
        .await
    }
}

impl Core {
    /// Makes a change with which another key takes over, which the one before and it have signed. From its one commit on the new key
    /// signs, and the old one is gone.
    pub(super) async fn change_with_ledger_key(
        &self,
        key: NextLedgerKey,
        secrets: Change,
        commit: impl FnOnce(&mut Strongbox, Change) -> Result<u64, Error> + Send + 'static,
    ) -> Result<u64, Error> {
        let (ledger, strongbox) = (self.ledger.clone(), self.strongbox.clone());
        let done = blocking(move || {
            let (mut ledger, mut strongbox) = (lock(&ledger)?, lock(&strongbox)?);
            let new = signing_key(&key.seed)?;
            let (succession, notes) = sign_succession(&ledger, &strongbox, &new)?;
            let secrets = secrets.put(LEDGER_KEY, &key.seed).put(SUCCESSIONS, &notes);
            let generation = commit(&mut strongbox, secrets)?;
            // The change is made, whatever becomes of this: the ledger tells of what it was not told before anything else, and so does
            // the next start.
            if let Err(why) = tell(&mut ledger, &mut strongbox, new, &succession) {
                tracing::warn!(%why, "the ledger is not told of its new key yet");
            }
            Ok(generation)
        })
        .await;
        // The mirrors follow while nothing is held.
        self.on_strongbox(|_| Ok(())).await?;
        done
    }
}

/// The note by which a key takes over, and all such notes as they are kept from then on.
fn sign_succession(
    ledger: &Ledger,
    strongbox: &Strongbox,
    new: &SigningKey,
) -> Result<(Succession, Vec<u8>), Error> {
    let succession = Succession::sign(ledger.key()?.name(), &present_key(strongbox)?, new)?;
    let mut notes = successions(strongbox)?;
    notes.push(succession.note.clone());
    Ok((succession, serde_json::to_vec(&notes).map_err(|why| Error::Stopped(why.to_string()))?))
}

fn tell(
    ledger: &mut Ledger,
    strongbox: &mut Strongbox,
    new: SigningKey,
    succession: &Succession,
) -> Result<(), Error> {
    let appended = ledger.succeed(new, succession)?;
    strongbox.pin_checkpoint(&appended.checkpoint)
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
