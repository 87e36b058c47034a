//! What goes over the wire about a sign-in: OPAQUE (RFC 9807), the second factor, and what comes back.

use jiff::Timestamp;
use porchlight_household::member::{AccountKey, RecoveryKey};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The first message of a sign-in. The passphrase never leaves the client: this is OPAQUE (RFC 9807).
#[derive(Serialize, Deserialize, ToSchema)]
pub struct SignInStart {
    /// The person's name.
    pub name: String,
    /// The OPAQUE credential request, base64url without padding.
    pub request: String,
}

/// The hub's answer to [`SignInStart`]; for a name it does not know, one that cannot be told from a real one.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct SignInChallenge {
    /// Names this attempt in [`SignInFinish`]; valid for two minutes, once.
    pub attempt: String,
    /// The OPAQUE credential response, base64url without padding.
    pub response: String,
    /// A question for a passkey as the second factor, PublicKeyCredentialRequestOptionsJSON: the same for everybody. None where the
    /// hub was asked by its address, for which there are no passkeys.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub passkey: Option<serde_json::Value>,
}

/// The second message of a sign-in.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct SignInFinish {
    /// The attempt from [`SignInChallenge`].
    pub attempt: String,
    /// The OPAQUE credential finalization, base64url without padding.
    pub finalization: String,
    /// The six digits that the person's authenticator shows now; or else a passkey answers.
    #[serde(default)]
    pub code: String,
    /// A passkey's answer, AuthenticationResponseJSON, without any result of the PRF.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub passkey: Option<serde_json::Value>,
    /// What they sign in with, in words, for the list of sessions.
    pub client: String,
    /// Whether the session is to be a cookie, which a browser keeps where no script can read it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cookie: bool,
}

/// A new session. It is shown once; the hub keeps only the token's hash.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct SignedIn {
    /// The bearer token; none where the session is a cookie.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// The session's id.
    pub session: String,
    /// The person's name, as the household document writes it.
    pub person: String,
    /// The person's id, which stays theirs whatever they are called.
    #[serde(default)]
    pub id: String,
    /// The hub's word for this proof of who it is: good for one change of how its owner signs in, in this session and for as long as it
    /// is fresh. Not to be kept.
    pub proof: String,
    /// Whether their recovery kit is of an earlier release, which lets nobody back in: they have to make a new one.
    #[serde(default)]
    pub old_kit: bool,
}

/// The member's own age identity, wrapped under a key that only their passphrase yields.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct WrappedIdentity {
    /// AES-256-GCM nonce and ciphertext, base64url without padding.
    pub wrapped: String,
}

/// What the hub must know to let a person sign in. All of it was made in the client.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct NewAccount {
    /// The OPAQUE registration record, base64url without padding.
    pub record: String,
    /// The shared secret of their authenticator, base32.
    pub totp_secret: String,
    /// The wrapped identity, base64url without padding.
    pub wrapped: String,
    /// The public half of the account key, which is derived from the identity: an Ed25519 key, base64.
    #[schema(value_type = String)]
    pub account_key: AccountKey,
    /// Ed25519 by the key that the household document names, over `"porchlight account key v1\0" ‖ account_key`; base64url without
    /// padding.
    pub vouched: String,
    /// The public half of the recovery secret on their kit: an Ed25519 key, base64.
    #[schema(value_type = String)]
    pub recovery_key: RecoveryKey,
    /// Ed25519 by the account key over the statement `enrolled` of the person's id, `record`, `wrapped` and `recovery_key`: over
    /// `"porchlight account statement v1\0"` and these, each with its length before it; base64url without padding.
    pub signature: String,
}

/// What takes the place of an account that somebody comes back to with their kit. All of it was made in the client.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct RenewedAccount {
    /// The OPAQUE registration record, base64url without padding.
    pub record: String,
    /// The shared secret of their authenticator, base32.
    pub totp_secret: String,
    /// The wrapped identity, base64url without padding.
    pub wrapped: String,
    /// Ed25519 by the account key over the statement `recovered` of the challenge and of these; base64url without padding.
    pub signature: String,
}

/// The hub's half of an OPAQUE registration.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct RegistrationAnswer {
    /// The OPAQUE registration response, base64url without padding.
    pub response: String,
}

/// Tries to sign in as somebody that failed: nobody got in by them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FailedTries {
    /// At what they failed.
    #[serde(rename = "tried")]
    pub at: TriedAt,
    /// How many came from a network at home.
    pub home: u32,
    /// How many came from elsewhere.
    pub elsewhere: u32,
    /// When the first of them was made (UTC) …
    #[schema(value_type = String)]
    pub from: Timestamp,
    /// … and the last.
    #[schema(value_type = String)]
    pub until: Timestamp,
}

/// At what a try to sign in failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TriedAt {
    /// At the passphrase, or at the recovery kit.
    Passphrase,
    /// At the second factor: the passphrase was right.
    SecondFactor,
}

impl TriedAt {
    /// The word that stands for it.
    pub fn word(self) -> &'static str {
        match self {
            TriedAt::Passphrase => "passphrase",
            TriedAt::SecondFactor => "second-factor",
        }
    }

    /// For what a word stands.
    pub fn of(word: &str) -> Option<TriedAt> {
        [TriedAt::Passphrase, TriedAt::SecondFactor].into_iter().find(|at| at.word() == word)
    }
}
