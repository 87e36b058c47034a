//! What goes over the wire while somebody is let in: by the owner who asks them, and by the newcomer, who is not signed in yet.

use std::fmt;

use jiff::Timestamp;
use porchlight_household::invitation::account_hash;
use porchlight_household::{PublicKeys, SignerKey};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::NewAccount;

/// Asks somebody in who stands in the household's document and has no keys yet. What binds the two clients follows from a code that the
/// hub never sees.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct NewInvitation {
    /// The person's id.
    pub person: String,
    /// What the hub knows the invitation by: 16 bytes that follow from the code, base64url without padding.
    pub handle: String,
    /// By which the owner's client promises a nonce, on which the numbers will hang: 32 bytes, base64url without padding.
    pub commitment: String,
    /// The owner's word for who asks whom, and for the commitment, under a key that follows from the code: 32 bytes, base64url without
    /// padding.
    pub greeting: String,
}

/// An invitation as its owner sees it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct InvitationView {
    /// The person's id.
    pub person: String,
    /// By which its owner's client knows whether it is the one that it made: another screen of theirs may have made a newer one.
    pub handle: String,
    /// Until when the code works.
    #[schema(value_type = String)]
    pub until: Timestamp,
    /// How far it is.
    pub state: InvitationState,
    /// What the newcomer made, once they have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<AnswerView>,
}

/// How far an invitation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum InvitationState {
    /// Nobody has come with the code yet.
    Waiting,
    /// Somebody has.
    Opened,
    /// They have made keys and an account, and wait to be let in.
    Answered,
    /// The newcomer stopped it.
    Stopped,
    /// Its time is over.
    Ended,
}

/// What a newcomer made, as far as the owner's client needs it: of their account no more than its hash.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AnswerView {
    /// Their public keys, as they are to stand in the document.
    #[schema(value_type = Object)]
    pub keys: PublicKeys,
    /// The hash of their account as the hub was sent it.
    pub account: String,
    /// Their word for these, under a key that follows from the code.
    pub binding: String,
}

/// What the owner's client gives when it has taken an answer, and never before.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct InvitationNonce {
    /// What the commitment promised: 32 bytes, base64url without padding.
    pub nonce: String,
}

/// By what somebody who has a code names an invitation.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct InvitationHandle {
    /// What follows from the code.
    pub handle: String,
}

/// What somebody who has a code is shown. Names are as they were when the owner made it, so that the greeting fits.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct OpenedInvitation {
    /// The newcomer's id in the household.
    pub person: String,
    /// Their name.
    pub name: String,
    /// The household's id.
    pub household: String,
    /// What it is called, where it is.
    #[serde(default)]
    pub household_name: Option<String>,
    /// The name of the owner who asks.
    pub by: String,
    /// What that owner signs with: an Ed25519 key, base64.
    #[schema(value_type = String)]
    pub by_signer: SignerKey,
    /// By which the owner's client promises its nonce.
    pub commitment: String,
    /// The owner's word for all of this but what follows.
    pub greeting: String,
    /// Until when the code works.
    #[schema(value_type = String)]
    pub until: Timestamp,
    /// The household's language.
    pub language: String,
    /// The household's time zone.
    pub time_zone: String,
}

/// The OPAQUE registration request of a newcomer.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct InvitationRegistration {
    /// What follows from the code.
    pub handle: String,
    /// The OPAQUE registration request, base64url without padding.
    pub request: String,
}

/// What a newcomer made. The first answer counts.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct InvitationAnswer {
    /// What follows from the code.
    pub handle: String,
    /// Their public keys.
    #[schema(value_type = Object)]
    pub keys: PublicKeys,
    /// Their account.
    pub account: NewAccount,
    /// Their word for these, under a key that follows from the code: 32 bytes, base64url without padding.
    pub binding: String,
}

/// Waits for what becomes of an answer: for the nonce, and then for what is decided.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct InvitationWait {
    /// What follows from the code.
    pub handle: String,
    /// The answer's binding.
    pub binding: String,
    /// Whether the nonce has arrived, so that it is waited for what is decided.
    #[serde(default)]
    pub has_nonce: bool,
}

/// What has become of an answer.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct InvitationWaited {
    /// How far it is.
    pub state: AnswerState,
    /// What the owner's client gave when it had taken the answer. The newcomer's holds it against the commitment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
}

/// What has become of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AnswerState {
    /// Nothing is decided yet.
    Answered,
    /// The newcomer is let in, and can sign in.
    LetIn,
    /// One of the two stopped it.
    Stopped,
    /// Its time is over.
    Ended,
}

impl NewAccount {
    /// One hash for all of it, for whoever may not see it.
    pub fn hash(&self) -> String {
        let account = serde_json::json!([self.account_key, self.recovery_key]);
        let key = |at: usize| account[at].as_str().unwrap_or_default();
        account_hash([
            &self.record,
            &self.totp_secret,
            &self.wrapped,
            key(0),
            &self.vouched,
            key(1),
            &self.signature,
        ])
    }
}

impl fmt::Debug for InvitationHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InvitationHandle").finish_non_exhaustive()
    }
}
