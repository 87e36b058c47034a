//! What a member signs about how they sign in: one key for each purpose, and no signature that could mean two things.
//!
//! The *account key* follows from the identity, and is made anew from it each time: a session keeps none. With it a member binds
//! every change of what the hub keeps of them, so that the hub, which can open none of it, takes no wrapped identity that the member
//! did not make. The *recovery key* answers a hub's challenge. What both sign begins with a context of its own, then names what it is
//! about, each part with its length.

use ed25519_dalek::{Signer, SigningKey};
use serde::{Deserialize, Serialize};

use super::signing::{parts, signature_text, verifies};
use super::{MemberKeys, Recovered, RecoveryKey};
use crate::SignerKey;

/// Before what an account key signs.
const ACCOUNT: &[u8] = b"porchlight account statement v1\0";
/// Before the account key, where the signing key vouches for it.
const VOUCHED: &[u8] = b"porchlight account key v1\0";

/// The public half of a member's account key. It checks [`AccountStatement`]s, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountKey(SignerKey);

/// A change of what the hub keeps of how a member signs in. Texts are as the API has them. A `proof` is the hub's own random word for
/// one proof of who it is, so that a statement is good once.
#[derive(Debug, Clone, Copy)]
pub enum AccountStatement<'a> {
    /// The account of somebody who comes into the household.
    Enrolled {
        /// The person's id.
        person: &'a str,
        /// The OPAQUE record.
        record: &'a str,
        /// The wrapped identity.
        wrapped: &'a str,
        /// The public half of the recovery secret on their kit.
        recovery: &'a RecoveryKey,
    },
    /// Another passphrase.
    Passphrase {
        /// The proof.
        proof: &'a str,
        /// The OPAQUE record.
        record: &'a str,
        /// The wrapped identity.
        wrapped: &'a str,
    },
    /// Another passkey.
    Passkey {
        /// The proof.
        proof: &'a str,
        /// The credential's id.
        credential: &'a str,
        /// The identity, wrapped under what it yields; empty where it yields nothing.
        wrapped: &'a str,
    },
    /// Another recovery kit.
    Kit {
        /// The proof.
        proof: &'a str,
        /// The public half of the recovery secret on it.
        recovery: &'a RecoveryKey,
    },
    /// An account that somebody came back to with their kit.
    Recovered(Recovered<'a>),
}

impl MemberKeys {
    /// The public half of the account key.
    pub fn account_key(&self) -> AccountKey {
        AccountKey(SignerKey::from(self.account.verifying_key()))
    }

    /// Signs a change of how this member signs in: base64url.
    pub fn state(&self, statement: &AccountStatement<'_>) -> String {
        signature_text(&self.account.sign(&statement.bytes()))
    }

    /// Vouches for the account key with the key that the household document names: base64url.
    pub fn vouch(&self) -> String {
        signature_text(&self.sign(&vouched_bytes(&self.account_key())))
    }
}

impl AccountKey {
    #[cfg(test)]
    pub(super) fn is(&self, key: &SignerKey) -> bool {
        self.0 == *key
    }

    /// Whether the member whose document key this is says that the account key is theirs.
    pub fn is_vouched_for(&self, signer: &SignerKey, vouched: &str) -> bool {
        verifies(signer, &vouched_bytes(self), vouched)
    }

    /// Whether this member made a statement.
    pub fn states(&self, statement: &AccountStatement<'_>, signature: &str) -> bool {
        verifies(&self.0, &statement.bytes(), signature)
    }
}

impl AccountStatement<'_> {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Enrolled { person, record, wrapped, recovery } => parts(
                ACCOUNT,
                &[b"enrolled", person.as_bytes(), record.as_bytes(), wrapped.as_bytes(), recovery.as_bytes()],
            ),
            Self::Passphrase { proof, record, wrapped } => {
                parts(ACCOUNT, &[b"passphrase", proof.as_bytes(), record.as_bytes(), wrapped.as_bytes()])
            }
            Self::Passkey { proof, credential, wrapped } => {
                parts(ACCOUNT, &[b"passkey", proof.as_bytes(), credential.as_bytes(), wrapped.as_bytes()])
            }
            Self::Kit { proof, recovery } => parts(ACCOUNT, &[b"kit", proof.as_bytes(), recovery.as_bytes()]),
            Self::Recovered(recovered) => {
                parts(ACCOUNT, &[&[b"recovered".as_slice()], &recovered.parts()[..]].concat())
            }
        }
    }
}

/// Whether an answer to a challenge is of the kit that this key belongs to. It takes as long for nobody's.
pub fn is_recovered_by(key: Option<&RecoveryKey>, recovered: &Recovered<'_>, answer: &str) -> bool {
    let nobody = SignerKey::from(SigningKey::from_bytes(&[0; 32]).verifying_key());
    verifies(key.map_or(&nobody, RecoveryKey::signer_key), &recovered.bytes(), answer) && key.is_some()
}

fn vouched_bytes(key: &AccountKey) -> Vec<u8> {
    [VOUCHED, key.0.verifying_key().as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::member::RecoverySecret;

    const RECOVERED_BY: Recovered<'_> =
        Recovered { challenge: "challenge", record: "record", totp_secret: "totp", wrapped: "wrapped" };

    #[test]
    fn only_the_kit_answers_a_challenge_and_no_other_one() {
        let (anna, tom) = (RecoverySecret::generate().unwrap(), RecoverySecret::generate().unwrap());
        let (key, toms) = (anna.public().unwrap(), tom.public().unwrap());
        let answer = anna.answer(&RECOVERED_BY).unwrap();
        assert!(is_recovered_by(Some(&key), &RECOVERED_BY, &answer));
        assert!(!is_recovered_by(Some(&toms), &RECOVERED_BY, &answer));
        for other in [
            Recovered { challenge: "another", ..RECOVERED_BY },
            Recovered { record: "another", ..RECOVERED_BY },
            Recovered { totp_secret: "another", ..RECOVERED_BY },
            Recovered { wrapped: "another", ..RECOVERED_BY },
            // The same letters, cut elsewhere.
            Recovered { challenge: "challenger", record: "ecord", ..RECOVERED_BY },
        ] {
            assert!(!is_recovered_by(Some(&key), &other, &answer), "{other:?}");
        }
        // What anybody could sign as nobody, and what is no signature.
        let nobody = SigningKey::from_bytes(&[0; 32]).sign(&RECOVERED_BY.bytes());
        assert!(!is_recovered_by(None, &RECOVERED_BY, &signature_text(&nobody)));
        for wrong in ["", "AAAA", "?"] {
            assert!(!is_recovered_by(Some(&key), &RECOVERED_BY, wrong), "{wrong}");
        }
    }

    #[test]
    fn nothing_that_a_session_can_sign_answers_a_challenge() {
        let (keys, recovery) = (MemberKeys::generate().unwrap(), RecoverySecret::generate().unwrap());
        let key = recovery.public().unwrap();
        // The document's key and the account's, over the very bytes, with the contexts of now and of before.
        let before = [b"porchlight recovery v1\0".as_slice(), b"challenge"].concat();
        for bytes in [RECOVERED_BY.bytes(), before] {
            for signature in [keys.sign(&bytes), keys.account.sign(&bytes)] {
                assert!(!is_recovered_by(Some(&key), &RECOVERED_BY, &signature_text(&signature)));
            }
        }
        let stated = keys.state(&AccountStatement::Recovered(RECOVERED_BY));
        assert!(!is_recovered_by(Some(&key), &RECOVERED_BY, &stated));
    }

    #[test]
    fn a_statement_means_one_thing_and_is_made_by_the_account_key_alone() {
        let (keys, other) = (MemberKeys::generate().unwrap(), MemberKeys::generate().unwrap());
        let [recovery, another] = [(), ()].map(|()| RecoverySecret::generate().unwrap().public().unwrap());
        // The same parts in every place, so that only what is meant tells them apart.
        let (a, b, c) = ("a", "b", "c");
        let statements = [
            AccountStatement::Enrolled { person: a, record: b, wrapped: c, recovery: &recovery },
            AccountStatement::Enrolled { person: a, record: b, wrapped: c, recovery: &another },
            AccountStatement::Passphrase { proof: a, record: b, wrapped: c },
            AccountStatement::Passphrase { proof: b, record: a, wrapped: c },
            AccountStatement::Passphrase { proof: "ab", record: "", wrapped: c },
            AccountStatement::Passkey { proof: a, credential: b, wrapped: c },
            AccountStatement::Passkey { proof: a, credential: b, wrapped: "" },
            AccountStatement::Kit { proof: a, recovery: &recovery },
            AccountStatement::Kit { proof: b, recovery: &recovery },
            AccountStatement::Recovered(RECOVERED_BY),
        ];
        let key = keys.account_key();
        for (one, stated) in statements.iter().enumerate() {
            let signature = keys.state(stated);
            for (two, read) in statements.iter().enumerate() {
                assert_eq!(key.states(read, &signature), one == two, "{stated:?} as {read:?}");
                // Nor is it a vouching, an answer to a challenge, or anybody else's.
                assert!(!other.account_key().states(read, &signature));
            }
            assert!(!key.is_vouched_for(&keys.public().signer, &signature));
            let signed = signature_text(&keys.sign(&stated.bytes()));
            assert!(!key.states(stated, &signed), "the document's key states nothing");
            assert!(!other.account_key().is_vouched_for(&keys.public().signer, &keys.vouch()));
        }
        assert!(key.is_vouched_for(&keys.public().signer, &keys.vouch()));
        assert!(!key.is_vouched_for(&other.public().signer, &keys.vouch()));
    }

    #[test]
    fn each_purpose_has_a_key_of_its_own() {
        let keys = MemberKeys::generate().unwrap();
        assert_ne!(keys.account_key().0, keys.public().signer);
        assert_ne!(keys.account_key(), MemberKeys::generate().unwrap().account_key());
    }
}
