//! What goes over the wire about the household: its people, its devices, and a change to it.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ForgottenView, LookKind, Message, WatchingView};

/// A change to the household: the next version of its document, signed in the client, and the secrets that go with it.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct HouseholdChange {
    /// The signed household document: the exact text, its signer and its signature.
    #[schema(value_type = Object)]
    pub signed: porchlight_household::SignedDocument,
    /// The signed step from the version before to this one: what the hub keeps of it once a newer one is in force.
    #[schema(value_type = Object)]
    pub step: porchlight_household::SignedStep,
    /// For each new camera, by device id, its address with user and password. Sealed under the strongbox's root, never in the document.
    #[serde(default)]
    pub addresses: BTreeMap<String, String>,
    /// For each person who is let in, by person id, the binding of their answer to an invitation: their account is the one that they
    /// answered with, and their keys are the answer's in this document.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub let_in: BTreeMap<String, String>,
    /// The hub's word for a proof that was just made in this session for `household`, where the change gives or takes authority or
    /// access, or has more kept, or kept for longer. The hub says `proof` where it is missing; it is good for one change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<String>,
}

/// What a change of the household brought about.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ChangeDone {
    /// The household document's new version.
    pub version: u64,
    /// The recordings that lost their reason to be kept, and are forgotten.
    pub forgotten: Vec<u64>,
    /// The same in words; empty when nothing follows.
    pub sentence: String,
    /// The deletions by which they went, each with its line in the ledger and its receipt; none where nothing went.
    #[serde(default)]
    pub deletions: Vec<ForgottenView>,
}

/// A person, as lists show them.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PersonView {
    /// The name.
    pub name: String,
    /// `adult`, `teen` or `child`, today.
    pub age: String,
    /// The names of the guardians.
    pub guardians: Vec<String>,
    /// Whether they can change the household.
    pub owner: bool,
    /// Whether they can sign in, and so have recordings sealed to them.
    pub can_sign_in: bool,
    /// What they have consented to, in words with dates.
    pub consents: Vec<String>,
}

/// A device and how it is.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DeviceView {
    /// The name.
    pub name: String,
    /// `microphone`, `camera` or `phone`.
    pub kind: String,
    /// The room.
    pub room: Option<String>,
    /// The adult it is personal to.
    pub person: Option<String>,
    /// The address, without user and password.
    pub address: Option<String>,
    /// Its state as one sentence.
    pub state: String,
    /// The same.
    #[serde(default)]
    pub said: Message,
    /// Since when it has a credential by which it speaks for itself; told to whoever may make one.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub credential: Option<Timestamp>,
    /// Whether a camera is being recorded now.
    pub recording: bool,
    /// Whether sound comes from a camera now, and is kept with its pictures.
    pub sound: bool,
    /// What a camera did not record in the last week.
    pub missed: Vec<MissedView>,
    /// The newest film that is kept of a camera.
    #[serde(default)]
    pub last: Option<LastView>,
    /// Who looked at what a camera saw in the last ten minutes, oldest first; as far as the hub has it in memory.
    #[serde(default)]
    pub looks: Vec<LookedView>,
    /// Who watches a camera live now, whoever came first first.
    #[serde(default)]
    pub watching: Vec<WatchingView>,
    /// Whether a camera has privacy: then nothing of it is seen, heard or recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub privacy: Option<PrivacyView>,
    /// Its id in the household's document.
    #[serde(default)]
    pub id: String,
}

/// That a camera has privacy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PrivacyView {
    /// Since when.
    #[schema(value_type = String)]
    pub since: Timestamp,
    /// Who switched it on, by name; none where they are not of the household any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// Asks for privacy to be switched on or off.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SwitchPrivacy {
    /// On: nothing is seen, heard or recorded. Off: as it was before.
    pub on: bool,
    /// The cameras, by their ids in the household's document; every one where none is named.
    #[serde(default)]
    pub cameras: Vec<String>,
}

/// What became of it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PrivacySwitched {
    /// The cameras that were switched, by name; what was that way already is not among them.
    pub cameras: Vec<String>,
}

/// Asks for the credential of a device.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct NewDeviceCredential {
    /// The device's name.
    pub device: String,
    /// The hub's word for a proof that was just made in this session for `device-credential`.
    #[serde(default)]
    pub proof: Option<String>,
}

/// The credential of a device, which is shown once.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct DeviceCredential {
    /// The device's name.
    pub device: String,
    /// What it sends as `Authorization: Bearer …`.
    pub credential: String,
}

impl fmt::Debug for DeviceCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceCredential").field("device", &self.device).finish_non_exhaustive()
    }
}

/// That somebody looked at what a camera saw, or took it away.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LookedView {
    /// The person's name.
    pub person: String,
    /// The browser or command line they used.
    pub client: String,
    /// When.
    #[schema(value_type = String)]
    pub at: Timestamp,
    /// Whether they saw it there (`open`), or took it away as files (`export`).
    #[serde(default)]
    pub why: LookKind,
}

/// The newest film that is kept of a camera.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LastView {
    /// The recording.
    pub recording: u64,
    /// Its moment.
    pub moment: u64,
    /// When it starts.
    #[schema(value_type = String)]
    pub start: Timestamp,
    /// How long it is.
    pub seconds: f64,
}

/// One stretch that a camera did not record.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MissedView {
    /// The first instant that is missing.
    #[schema(value_type = String)]
    pub from: Timestamp,
    /// When recording went on; absent while it has not.
    #[schema(value_type = Option<String>)]
    pub to: Option<Timestamp>,
    /// Why.
    pub why: String,
    /// The same.
    #[serde(default)]
    pub said: Message,
}
