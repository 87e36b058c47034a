//! What goes over the wire about passkeys. What a browser's WebAuthn takes and gives is passed on as it is.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

/// What a passkey is to be called.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PasskeyName {
    /// The name: one line.
    pub name: String,
}

/// A passkey in a list.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PasskeyView {
    /// The credential's id, base64url, as the browser names it too.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// When it was added.
    #[schema(value_type = String)]
    pub added: Timestamp,
    /// When it was last used; absent before that.
    #[schema(value_type = Option<String>)]
    pub seen: Option<Timestamp>,
    /// The name of the hub at which it works.
    pub host: String,
    /// Whether it can unwrap its owner's identity by itself.
    pub unwraps: bool,
}

/// A passkey that is to be made.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct PasskeyMaking {
    /// Names this attempt in [`NewPasskey`]; valid for five minutes, once, in this session.
    pub attempt: String,
    /// PublicKeyCredentialCreationOptionsJSON.
    #[schema(value_type = Object)]
    pub options: Value,
    /// What to ask its PRF for, base64url: the `first` of a `get` with this passkey once it is made.
    pub salt: String,
}

/// A passkey that was made.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct NewPasskey {
    /// The attempt from [`PasskeyMaking`].
    pub attempt: String,
    /// RegistrationResponseJSON, without any result of the PRF: that stays in the browser.
    #[schema(value_type = Object)]
    pub credential: Value,
    /// What to call it.
    pub name: String,
    /// The identity, wrapped under what its PRF yields, base64url; none where it has no PRF.
    #[serde(default)]
    pub wrapped: Option<String>,
    /// The hub's word for a proof that was just made in this session.
    pub proof: String,
    /// Ed25519 by the account key over the statement `passkey` of `proof`, the credential's id and `wrapped`, which is empty where there
    /// is none; base64url without padding.
    pub signature: String,
}

/// Begins to sign in with a passkey.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct PasskeySignInStart {
    /// The person's name, if it was typed; the passkey must be theirs then.
    #[serde(default)]
    pub name: Option<String>,
}

/// A question for a passkey, the same for everybody.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct PasskeyChallenge {
    /// Names this attempt in [`PasskeySignInFinish`]; valid for five minutes, once.
    pub attempt: String,
    /// PublicKeyCredentialRequestOptionsJSON.
    #[schema(value_type = Object)]
    pub options: Value,
}

/// Signs in with a passkey.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct PasskeySignInFinish {
    /// The attempt from [`PasskeyChallenge`].
    pub attempt: String,
    /// AuthenticationResponseJSON, without any result of the PRF: that stays in the browser.
    #[schema(value_type = Object)]
    pub credential: Value,
    /// What they sign in with, in words, for the list of sessions.
    pub client: String,
    /// Whether the session is to be a cookie.
    #[serde(default)]
    pub cookie: bool,
}

/// Which wrapped identity is wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct IdentityOf {
    /// The id of a passkey; without it, the one that the passphrase unwraps.
    pub passkey: Option<String>,
}
