//! What goes over the wire about the hub itself: how it is, what it promises, and how it refuses.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Message;

/// One thing that was looked at by `doctor`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Check {
    /// What was looked at.
    pub name: String,
    /// `good`, `warning` or `bad`.
    pub state: CheckState,
    /// What was found, what it means and what to do.
    pub sentence: String,
}

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum CheckState {
    /// As it should be.
    Good,
    /// Works, and could be safer.
    Warning,
    /// Does not work.
    Bad,
}

/// The retention policy in plain words, made from the rules that run.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Policy {
    /// The sentences, in order.
    pub sentences: Vec<String>,
    /// Why what reached its end is not being forgotten now; absent when it is.
    #[serde(default)]
    pub paused: Option<Message>,
    /// The same with what each is about, for pages that show them in groups.
    #[serde(default)]
    pub parts: Vec<PolicyPart>,
}

/// One sentence of the policy, and what it is about.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PolicyPart {
    /// The words.
    pub text: String,
    /// The person, by id, if it is about one.
    pub person: Option<String>,
    /// The device, by id, if it is about one.
    pub device: Option<String>,
    /// The kind of recording, if it is about one.
    pub kind: Option<String>,
}

/// In which language something is to be said.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct InLanguage {
    /// A language tag, like `de`; English where there are no words in it.
    pub language: Option<String>,
}

/// What any answer that is not a success says.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// A short stable word for programs.
    pub error: String,
    /// What is wrong and what to do, for people.
    pub message: String,
    /// The same.
    #[serde(default)]
    pub said: Message,
}

/// How a phone comes to the hub.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PhoneView {
    /// Whether the home's network is served, and not this computer alone.
    pub network: bool,
    /// The addresses that a phone at home can open, the best first.
    pub addresses: Vec<String>,
    /// What a phone has to trust first; none where the hub shows a certificate that phones trust already, or serves no network.
    pub authority: Option<AuthorityView>,
    /// Whether the hub shows a certificate that was brought along.
    pub given: bool,
    /// Whether whoever asks may let phones in.
    #[serde(default)]
    pub yours: bool,
}

/// The household's certificate authority. Its certificate is at `/authority.crt`, and as a profile at `/porchlight.mobileconfig`.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct AuthorityView {
    /// What a phone calls it.
    pub name: String,
    /// SHA-256 of the certificate, hex.
    pub fingerprint: String,
}

/// Whether the hub is up. Says nothing that a stranger should not know.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Health {
    /// Always `porchlight`.
    pub service: String,
    /// The hub's version.
    pub version: String,
    /// Whether there is a household yet.
    pub state: HubState,
}

/// What a hub is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum HubState {
    /// It waits for a household to be made.
    SetUp,
    /// It is a household's.
    Home,
}

/// How closely what is kept is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// It is counted: that takes no longer the more there is.
    Counted,
    /// Every header is opened and every payload read, which takes as long as reading all of it.
    Opened,
}
