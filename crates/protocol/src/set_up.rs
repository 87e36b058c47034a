//! What goes over the wire while a household is being made in a browser.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Message, NewAccount};

/// Begins to make a household.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct SetUpStart {
    /// The code that the hub shows on its own screen.
    pub code: String,
    /// The owner's id in the document that is about to be sent.
    pub person: String,
    /// The OPAQUE registration request, base64url without padding.
    pub request: String,
    /// Folders that are to be mirrors of the strongbox, to be told now why one cannot be.
    #[serde(default)]
    pub mirrors: Vec<String>,
}

/// The hub's half of the owner's account, and what there is to know about the places.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct SetUpStarted {
    /// The OPAQUE registration response, base64url without padding.
    pub response: String,
    /// Where recordings will lie.
    pub data: String,
    /// Where the keys will lie that forgetting destroys.
    pub strongbox: String,
    /// What weakens the promise of the strongbox there, one sentence each.
    pub warnings: Vec<String>,
    /// The same.
    #[serde(default)]
    pub warnings_said: Vec<Message>,
}

/// Makes the household.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct SetUpFinish {
    /// The code that the hub shows on its own screen.
    pub code: String,
    /// The first household document, signed by its owner.
    #[schema(value_type = Object)]
    pub signed: porchlight_household::SignedDocument,
    /// The owner's account.
    pub account: NewAccount,
    /// Folders for mirrors of the strongbox, as whole paths, each on another disk and not there yet.
    #[serde(default)]
    pub mirrors: Vec<String>,
    /// Whether phones at home may come in from now on.
    #[serde(default)]
    pub phones: bool,
}

/// A household that was made.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct SetUpDone {
    /// Its id.
    pub household: String,
    /// Whether phones at home can come in.
    #[serde(default)]
    pub phones: bool,
}
