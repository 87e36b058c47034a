//! How a member signs in: a passphrase that never leaves their client, and six digits from their authenticator.
//!
//! [`opaque`] proves the passphrase without showing it, and gives the client a key that unwraps its identity; [`totp`] is
//! the second factor; [`account`] is what the hub keeps of both; [`passphrase`] refuses the ones that are easily guessed.

pub mod account;
pub mod opaque;
pub mod passphrase;
pub mod totp;

pub use account::{Account, AccountKeys};
pub use totp::TotpSecret;

/// Why a sign-in, or a registration for one, did not go through.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// Somebody's name, passphrase or code was wrong; which one is not said.
    #[error("The name, the passphrase or the code is not right. Try again.")]
    NotRight,
    /// The code has been used. Only said to whom the passphrase was right for.
    #[error("This code was used already. Wait for the next one, at most 30 seconds.")]
    CodeUsed,
    /// The kit is of somebody else, or there is nobody of that name; which one is not said.
    #[error("The name or the recovery kit is not right. Try again.")]
    NotThisKit,
    /// The passkey is not known, or of somebody else; which one is not said.
    #[error("The name or the passkey is not right. Try again.")]
    NotThisPasskey,
    /// A change of an account that its member did not sign.
    #[error("This was not signed with the member's own key, so nothing was changed. Begin again.")]
    NotTheirOwn,
    /// A message that does not belong to this protocol.
    #[error("The {0} cannot be read. Use a client that belongs to this version of Porchlight.")]
    Unreadable(&'static str),
    /// A passphrase that is too easily guessed, with what would be better.
    #[error("This passphrase is too easy to guess. {0}")]
    WeakPassphrase(String),
    /// Key stretching or key derivation failed: hardly anything but memory that ran out.
    #[error(
        "The passphrase could not be stretched on this computer: it needs 64 MiB of free memory. Try again."
    )]
    CannotStretch,
    /// The operating system gave no randomness.
    #[error("This computer gave no random numbers, so no key can be made. Try again.")]
    NoRandomness,
}
