//! Receipts: what an entry says, and everything that is needed to check it, in one file.
//!
//! The entry itself only commits to its detail. A receipt brings the detail and the salt, the proof that the entry is in the
//! log, and what the log's keeper has signed about it since. Whoever knows the log's key checks all of it offline.
//!
//! As a file: JSON in exactly one spelling, that of `serde_json::to_string_pretty` (and of `JSON.stringify(…, null, 2)`, and of
//! Python's `json.dumps(…, indent=2, ensure_ascii=False)`) with a newline at the end, its fields in this order:
//!
//! ```text
//! receipt      1, the version of the form
//! key          ORIGIN+ID+KEY: who signed
//! successions  notes by which older keys led to this one, oldest first; left out when there are none
//! entry        the entry, as it is in the log
//! salt         64 hexadecimal digits
//! detail       what the entry commits to: SHA-256(salt ‖ detail)
//! proof        a C2SP tlog-proof
//! outcome      an addendum to the entry; left out when there is none
//! ```

use serde::{Deserialize, Serialize};

use crate::commitment::{self, Entry, Salt};
use crate::note::Verifier;
use crate::origin::tree_of;
use crate::{Checkpoint, Error, LogProof, Succession, addendum, follow};

const VERSION: u64 = 1;

/// A receipt that has not been checked yet: nothing of it is to be believed before [`Receipt::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The name of the ledger and the key that signed.
    pub key: Verifier,
    /// Notes by which older keys led to this one, oldest first.
    pub successions: Vec<String>,
    /// The entry, as it is in the log.
    pub entry: String,
    /// What keeps the entry from being guessed open.
    pub salt: Salt,
    /// What the entry commits to.
    pub detail: String,
    /// That the entry is in the log.
    pub proof: LogProof,
    /// What the log's keeper has said of it since.
    pub outcome: Option<String>,
}

/// What a receipt says, once it is known to be true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// What kind of event, and the hour.
    pub entry: Entry,
    /// What happened.
    pub detail: String,
    /// The text of the outcome.
    pub outcome: Option<String>,
    /// The index of the entry in its tree.
    pub index: u64,
    /// The checkpoint that covers it. Offline nobody can tell whether the log has kept to it since: compare it with the log.
    pub checkpoint: Checkpoint,
}

impl Receipt {
    /// Checks everything: the signatures, that the entry is in the log, and that it commits to the detail.
    ///
    /// With `trusted`, the key of the ledger as it was told some other way, the receipt must be of that ledger, by that key or
    /// one that took over from it. Without, it is only known to fit together, under the key that it brings itself.
    ///
    /// # Errors
    ///
    /// [`Error::OtherLedger`]; [`Error::Receipt`] when it is signed by others besides or the detail is another; the errors of
    /// its parts.
    pub fn verify(&self, trusted: Option<&Verifier>) -> Result<Verified, Error> {
        for note in &self.successions {
            Succession::verify(note)?;
        }
        if let Some(trusted) = trusted {
            let expected = follow(trusted, &self.successions)?;
            if expected != self.key {
                let (found, expected) = (self.key.to_string(), expected.to_string());
                return Err(Error::OtherLedger { found, expected });
            }
        }
        // Other signatures would be passed over, so that they could be altered unnoticed.
        if self.proof.checkpoint.lines().count() != 5 {
            return Err(Error::Receipt("its checkpoint is more than three lines and one signature"));
        }
        let tree = tree_of(&self.proof.checkpoint, &self.key)?;
        let checkpoint = self.proof.verify(self.entry.as_bytes(), &tree)?;
        let entry = Entry::from_bytes(self.entry.as_bytes())?;
        if !commitment::opens(&entry, &self.salt, self.detail.as_bytes()) {
            return Err(Error::Receipt("its detail is not the one that the ledger's entry commits to"));
        }
        let outcome = match &self.outcome {
            Some(note) => Some(addendum::verify(note, self.entry.as_bytes(), &tree)?.to_owned()),
            None => None,
        };
        Ok(Verified { entry, detail: self.detail.clone(), outcome, index: self.proof.index, checkpoint })
    }

    /// The file.
    pub fn to_json(&self) -> String {
        Form::from(self).to_json()
    }

    /// Reads a file; nothing is checked but its form.
    ///
    /// # Errors
    ///
    /// [`Error::Receipt`] when it is not one, or in another spelling; [`Error::Newer`] when a newer release wrote it.
    pub fn from_json(bytes: &[u8]) -> Result<Receipt, Error> {
        let bad = Error::Receipt;
        #[derive(Deserialize)]
        struct Version {
            receipt: u64,
        }
        let Version { receipt: found } =
            serde_json::from_slice(bytes).map_err(|_| bad("it is not JSON with a number \"receipt\""))?;
        if found > VERSION {
            return Err(Error::Newer { what: "the receipt", found, known: VERSION });
        }
        let form: Form =
            serde_json::from_slice(bytes).map_err(|_| bad("a field is missing, unknown or malformed"))?;
        if form.receipt != VERSION || form.to_json().as_bytes() != bytes {
            return Err(bad("it is not written in the one form that receipts have"));
        }
        let mut salt = [0; 32];
        if hex::decode_to_slice(&form.salt, &mut salt).is_err() || hex::encode(salt) != form.salt {
            return Err(bad("its salt is not 64 hexadecimal digits in small letters"));
        }
        Ok(Receipt {
            key: form.key.parse()?,
            successions: form.successions,
            entry: form.entry,
            salt: Salt::from(salt),
            detail: form.detail,
            proof: form.proof.parse()?,
            outcome: form.outcome,
        })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    receipt: u64,
    key: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    successions: Vec<String>,
    entry: String,
    salt: String,
    detail: String,
    proof: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    outcome: Option<String>,
}

impl Form {
    fn to_json(&self) -> String {
        // Strings, numbers and lists of strings: there is nothing here that JSON could not hold.
        let mut json = serde_json::to_string_pretty(self).unwrap_or_default();
        json.push('\n');
        json
    }
}

impl From<&Receipt> for Form {
    fn from(receipt: &Receipt) -> Form {
        Form {
            receipt: VERSION,
            key: receipt.key.to_string(),
            successions: receipt.successions.clone(),
            entry: receipt.entry.clone(),
            salt: hex::encode(receipt.salt.as_bytes()),
            detail: receipt.detail.clone(),
            proof: receipt.proof.to_string(),
            outcome: receipt.outcome.clone(),
        }
    }
}
