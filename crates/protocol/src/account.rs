//! What goes over the wire about a member's own account and sessions.

use jiff::{SignedDuration, Timestamp};
use porchlight_household::member::{AccountKey, RecoveryKey};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{FailedTries, RenewedAccount};

/// For how long a proof of who it is counts: a sign-in, or a step-up.
pub const FRESH: SignedDuration = SignedDuration::from_mins(15);

/// Who asks, and of which household they are.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Me {
    /// The person's id in the household document.
    pub person: String,
    /// Their name.
    pub name: String,
    /// `adult`, `teen` or `child`, today.
    pub age: String,
    /// Whether they can change the household.
    pub owner: bool,
    /// The household.
    pub household: MyHousehold,
    /// The session that asks.
    pub session: SessionView,
    /// Whether their recovery kit is of an earlier release, which lets nobody back in: they have to make a new one.
    #[serde(default)]
    pub old_kit: bool,
    /// What they were told in the last thirty days of tries to sign in as them that failed, the newest first.
    #[serde(default)]
    pub failed: Vec<FailedTries>,
}

/// The household in short.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MyHousehold {
    /// Its id; never changes.
    pub id: String,
    /// What it calls itself.
    pub name: Option<String>,
    /// Its IANA time zone. Its days begin and end by it.
    pub time_zone: String,
    /// Its language, a BCP 47 tag.
    pub language: String,
    /// `metric` or `imperial`.
    pub units: String,
    /// The version of its document.
    pub version: u64,
}

/// One session in a list.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SessionView {
    /// Its id, for naming and ending it.
    pub id: String,
    /// What it was signed in with.
    pub client: String,
    /// What its owner calls it.
    pub name: Option<String>,
    /// When it was signed in.
    #[schema(value_type = String)]
    pub started: Timestamp,
    /// When it was last used.
    #[schema(value_type = String)]
    pub seen: Timestamp,
    /// Until when the last proof of who it is counts for what asks for a step-up; absent when that is over.
    #[schema(value_type = Option<String>)]
    pub fresh_until: Option<Timestamp>,
    /// Whether it is the one that asks.
    pub this: bool,
}

/// What a session is to be called.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct SessionName {
    /// The name; none, or an empty one, takes it away.
    #[serde(default)]
    pub name: Option<String>,
}

/// Begins to prove again who one is.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct StepUpStart {
    /// The OPAQUE credential request, base64url without padding; none where a passkey is to prove it.
    #[serde(default)]
    pub request: Option<String>,
}

/// The hub's answer to [`StepUpStart`].
#[derive(Serialize, Deserialize, ToSchema)]
pub struct StepUpChallenge {
    /// Names this attempt in [`StepUpFinish`]; valid for two minutes, with a passkey alone for five, once, in this session.
    pub attempt: String,
    /// The OPAQUE credential response, base64url without padding.
    pub response: Option<String>,
    /// A question for a passkey, PublicKeyCredentialRequestOptionsJSON; none where the hub was asked by its address.
    #[schema(value_type = Option<Object>)]
    pub passkey: Option<Value>,
}

/// What a proof is made for. The hub's word for it is good for one deed of that kind, in the session in which it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProofFor {
    /// A change of how its owner signs in. It takes the passphrase and a second factor, or a passkey.
    #[default]
    Account,
    /// A change of who belongs to the household, who decides and who can open. In a fresh session the passphrase alone proves it.
    Household,
    /// The credential of a microphone or phone. In a fresh session the passphrase alone proves it.
    DeviceCredential,
    /// A hold, which keeps for longer what is held. In a fresh session the passphrase alone proves it.
    Hold,
}

impl ProofFor {
    /// Whether the passphrase alone proves it in a session in which a second factor was proved lately.
    pub fn takes_passphrase_alone(self) -> bool {
        match self {
            ProofFor::Account => false,
            ProofFor::Household | ProofFor::DeviceCredential | ProofFor::Hold => true,
        }
    }

    /// For how long the hub's word for it is good.
    pub fn lasts(self) -> SignedDuration {
        match self {
            // A kit is printed before it counts, and a passkey has to be found.
            ProofFor::Account => FRESH,
            // Whoever proves it has the change at hand.
            ProofFor::Household | ProofFor::DeviceCredential | ProofFor::Hold => SignedDuration::from_mins(2),
        }
    }
}

/// Proves again who one is: by the passphrase with a code or a passkey, or by a passkey alone; or, for what says so of itself, by the
/// passphrase alone in a session that is fresh.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct StepUpFinish {
    /// The attempt from [`StepUpChallenge`].
    pub attempt: String,
    /// The OPAQUE credential finalization, base64url without padding.
    #[serde(default)]
    pub finalization: Option<String>,
    /// The six digits that the authenticator shows now.
    #[serde(default)]
    pub code: String,
    /// A passkey's answer, AuthenticationResponseJSON, without any result of the PRF.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub passkey: Option<Value>,
    /// What it is proved for.
    #[serde(default, rename = "for")]
    pub what_for: ProofFor,
}

/// That it was proved.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct StepUpDone {
    /// Until when this session is fresh. The passphrase alone does not make it so for longer.
    #[schema(value_type = String)]
    pub until: Timestamp,
    /// The hub's word for this proof: good for one deed of the kind that it was made for, in this session, at once. Not to be kept.
    pub proof: String,
}

/// Begins to change one's own passphrase.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct PassphraseStart {
    /// The OPAQUE registration request, base64url without padding.
    pub request: String,
}

/// A new passphrase, as far as the hub may know it.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct NewPassphrase {
    /// The hub's word for a proof that was just made in this session.
    pub proof: String,
    /// The OPAQUE registration record, base64url without padding.
    pub record: String,
    /// The identity, wrapped under what the new passphrase yields, base64url without padding.
    pub wrapped: String,
    /// Ed25519 by the account key over the statement `passphrase` of `proof`, `record` and `wrapped`; base64url without padding.
    pub signature: String,
}

/// A new recovery kit, as far as the hub may know it.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct NewKit {
    /// The hub's word for a proof that was just made in this session.
    pub proof: String,
    /// The public half of the recovery secret on the kit: an Ed25519 key, base64.
    #[schema(value_type = String)]
    pub recovery_key: RecoveryKey,
    /// The public half of the account key, which is derived from the identity: an Ed25519 key, base64.
    #[schema(value_type = String)]
    pub account_key: AccountKey,
    /// Ed25519 by the key that the household document names, over `"porchlight account key v1\0" ‖ account_key`; base64url without
    /// padding.
    pub vouched: String,
    /// Ed25519 by the account key over the statement `kit` of `proof` and `recovery_key`; base64url without padding.
    pub signature: String,
}

/// Begins to get back in with the recovery kit.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct RecoveryStart {
    /// The person's name.
    pub name: String,
    /// The OPAQUE registration request for a new passphrase, base64url without padding.
    pub request: String,
}

/// The hub's answer to [`RecoveryStart`]; for a name it does not know, one that cannot be told from a real one.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct RecoveryChallenge {
    /// Names this attempt in [`RecoveryFinish`]; valid for two minutes, once.
    pub attempt: String,
    /// 32 bytes that the answer is about, base64url without padding.
    pub challenge: String,
    /// The OPAQUE registration response, base64url without padding.
    pub response: String,
}

/// Gets back in.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct RecoveryFinish {
    /// The attempt from [`RecoveryChallenge`].
    pub attempt: String,
    /// Ed25519 by the key that is derived from the recovery secret on the kit, over `"porchlight recovery v2\0"` and the challenge, the
    /// record, the authenticator's secret and the wrapped identity, each with its length before it; base64url without padding.
    pub signature: String,
    /// What takes the place of the old account.
    pub account: RenewedAccount,
    /// What they sign in with, in words, for the list of sessions.
    pub client: String,
    /// Whether the session is to be a cookie.
    #[serde(default)]
    pub cookie: bool,
}
