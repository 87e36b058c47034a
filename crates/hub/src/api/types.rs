//! What goes over the wire: the bodies of the HTTP API, shared by the hub, its client and the OpenAPI document.
//!
//! People and devices appear by their names, as a household speaks of them; recordings and moments by their ids.
//! Every instant is RFC 3339 in UTC.

mod account;
mod listing;
mod passkeys;
mod sentence;
mod set_up;

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

pub use account::*;
pub use listing::Listing;
pub use passkeys::*;
pub use sentence::{CODES, Sentence};
pub use set_up::*;

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
}

/// The member's own age identity, wrapped under a key that only their passphrase yields.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct WrappedIdentity {
    /// AES-256-GCM nonce and ciphertext, base64url without padding.
    pub wrapped: String,
}

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
    /// For each person who can now sign in, by person id, their account.
    #[serde(default)]
    pub accounts: BTreeMap<String, NewAccount>,
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

/// What the hub must know to let a person sign in. All of it was made in the client.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct NewAccount {
    /// The OPAQUE registration record, base64url without padding.
    pub record: String,
    /// The shared secret of their authenticator, base32.
    pub totp_secret: String,
    /// The wrapped identity, base64url without padding.
    pub wrapped: String,
}

/// The OPAQUE registration request for a person who is being added.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct RegistrationStart {
    /// The person's id in the document that is about to be sent.
    pub person: String,
    /// The OPAQUE registration request, base64url without padding.
    pub request: String,
}

/// The hub's half of an OPAQUE registration.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct RegistrationAnswer {
    /// The OPAQUE registration response, base64url without padding.
    pub response: String,
}

/// What became of one utterance.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct SayAnswer {
    /// The words that were understood.
    pub transcript: String,
    /// What was asked for, `none` when nothing was understood.
    pub intent: String,
    /// The details of what was asked for.
    #[schema(value_type = Object)]
    pub slots: serde_json::Map<String, serde_json::Value>,
    /// The answer.
    pub reply: String,
    /// The moment that was kept of what was said; absent where nothing was kept.
    #[serde(default)]
    pub moment: Option<u64>,
    /// The recordings that were kept of the utterance.
    pub kept: Vec<u64>,
    /// Why nothing, or not all, was kept, in words; empty when it was.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub not_kept: String,
    /// The same; none where all was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_kept_said: Option<Sentence>,
    /// What the request left behind.
    pub left: Vec<Effect>,
    /// What Porchlight asks before much is forgotten.
    #[serde(default)]
    pub confirm: Option<super::talk_types::Confirm>,
    /// What the app is to open: `forget` for what `selection` chooses, to be confirmed there.
    #[serde(default)]
    pub open: Option<String>,
    /// What would be forgotten: goes into `/api/forget/preview`.
    #[serde(default)]
    pub selection: Option<Selection>,
    /// What was forgotten just now, with its receipt.
    #[serde(default)]
    pub forgotten: Option<ForgottenView>,
    /// How long each part took.
    pub timings: Timings,
    /// The spoken answer as a WAV file, base64; absent when it was not asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speech: Option<String>,
}

impl fmt::Debug for SayAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SayAnswer")
            .field("intent", &self.intent)
            .field("kept", &self.kept)
            .finish_non_exhaustive()
    }
}

/// How long each part of an answer took, in milliseconds.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
pub struct Timings {
    /// Speech to text.
    pub hear: f64,
    /// Intent and answer.
    pub understand: f64,
    /// Sealing and keeping, with every fsync.
    pub keep: f64,
    /// Text to speech; 0 when no speech was asked for.
    pub speak: f64,
    /// From the last byte of audio to the reply as text.
    pub to_text: f64,
    /// Everything.
    pub total: f64,
}

/// Something that a request left behind, or took away.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct Effect {
    /// The recording's id: what `forget` takes. Of something taken away, the id it had.
    pub id: u64,
    /// `timer`, `note` or `reminder`.
    pub kind: String,
    /// `added`, `changed` or `removed`.
    pub change: String,
    /// In words: "a timer of 5 minutes".
    pub what: String,
    /// When it ends: when a timer rings, when a list item is let go at the latest.
    #[schema(value_type = Option<String>)]
    pub ends: Option<Timestamp>,
}

/// What to pick out of all that is kept. Every part that is given must fit; none given fits everything.
#[derive(Debug, Default, Clone, Serialize, Deserialize, ToSchema, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// The device's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// The person's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// The kinds, divided by commas: voice, transcript, reply, video, note, timer …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// From this instant on: RFC 3339, or a date or date and time in the household's own time zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Before this instant; a bare date means to the end of that day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

impl Filter {
    /// Whether nothing is picked out at all.
    pub fn is_empty(&self) -> bool {
        let Filter { device, person, kind, from, to } = self;
        [device, person, kind, from, to].iter().all(|part| part.is_none())
    }
}

/// Which recordings are meant: some by id, or all that fit a filter, or everything.
#[derive(Debug, Default, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    /// Recordings or moments by id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ids: Vec<u64>,
    /// All that fit.
    #[serde(default, skip_serializing_if = "Filter::is_empty")]
    pub filter: Filter,
    /// Everything, said in so many words, so that an empty filter is never taken for it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub all: bool,
}

/// One recording, as lists show it. Nothing in it was sealed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RecordingView {
    /// The recording's id.
    pub id: u64,
    /// The moment it belongs to: what is forgotten together.
    pub moment: u64,
    /// `voice`, `transcript`, `reply`, `video`, `note`, `timer` …
    pub kind: String,
    /// The name of the device it came from.
    pub device: Option<String>,
    /// The room it came from.
    pub room: Option<String>,
    /// The name of the person it is of.
    pub person: Option<String>,
    /// When it starts.
    #[schema(value_type = String)]
    pub start: Timestamp,
    /// How long it is.
    pub seconds: f64,
    /// Whose it is: a person's name, or `household`.
    pub owner: String,
    /// Why it is kept.
    pub purpose: String,
    /// When it ends by itself; absent only where an adult chose to keep their own for ever.
    #[schema(value_type = Option<String>)]
    pub ends: Option<Timestamp>,
    /// The moments it was made from, its own first.
    pub sources: Vec<u64>,
    /// For an effect, the moment that caused it, if that was kept.
    pub caused_by: Option<u64>,
    /// The size on disk in bytes.
    pub size: u64,
    /// The media type of what is sealed.
    pub media_type: String,
}

/// Asks to look at recordings.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct LookRequest {
    /// Which.
    pub selection: Selection,
    /// Why: `open` or `export`.
    pub why: LookKind,
}

/// Why recordings are looked at, as the ledger says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum LookKind {
    /// To see or hear them now.
    Open,
    /// To take them away as files.
    Export,
}

impl LookKind {
    /// `open` or `export`.
    pub fn word(self) -> &'static str {
        match self {
            LookKind::Open => "open",
            LookKind::Export => "export",
        }
    }
}

/// A look that is in the ledger. Its files can be fetched by this session for an hour at `/api/looks/{look}/{id}`.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct LookPass {
    /// The number of its line in the ledger.
    pub look: u64,
    /// What it opens: those of the selection that are sealed to the one who asks.
    pub recordings: Vec<RecordingView>,
    /// How many of the selection are sealed to others and so are left out.
    pub sealed_to_others: u64,
}

/// What exactly would be forgotten.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ForgetPreview {
    /// Confirms exactly this; valid for ten minutes, once. Absent when nothing would go.
    pub token: Option<String>,
    /// Every recording that goes, what was derived from it included.
    pub goes: Vec<RecordingView>,
    /// What the requests in it left behind: goes too, unless it is kept by choice.
    pub effects: Vec<RecordingView>,
    /// What stays and why.
    pub stays: Vec<Stays>,
    /// Where copies are, and what becomes of each, in words.
    pub copies: Vec<String>,
    /// The same.
    #[serde(default)]
    pub copies_said: Vec<Sentence>,
    /// Whether confirming it in this session takes a step-up first.
    #[serde(default)]
    pub step_up: bool,
}

/// Something that a forgetting does not reach.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Stays {
    /// The recordings.
    pub recordings: Vec<u64>,
    /// Why they stay and what could be done.
    pub why: String,
    /// The same.
    #[serde(default)]
    pub said: Sentence,
}

/// Confirms a preview.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ForgetConfirm {
    /// The preview's token.
    pub token: String,
    /// Keep what the requests left behind, all of it.
    #[serde(default)]
    pub keep_effects: bool,
    /// Keep these of what the requests left behind: recordings by id, each among the preview's effects.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keep: Vec<u64>,
}

/// What was forgotten.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ForgottenView {
    /// How many moments.
    pub moments: u64,
    /// The recordings that nothing can open any more.
    pub recordings: Vec<u64>,
    /// One sentence for each strongbox: acknowledged, or pending and why.
    pub strongboxes: Vec<String>,
    /// The same.
    #[serde(default)]
    pub strongboxes_said: Vec<Sentence>,
    /// Whether every strongbox acknowledged.
    pub complete: bool,
    /// The line of the ledger that says so.
    pub ledger_line: Option<u64>,
    /// The receipt: a file to keep, which anybody can check without the hub.
    pub receipt: Option<String>,
}

/// Keeps moments from being forgotten for a while.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct HoldRequest {
    /// Which recordings; their whole moments are held.
    pub selection: Selection,
    /// When the hold ends by itself: RFC 3339, or a date or date and time in the household's own time zone; a bare date means
    /// the end of that day. At most 366 days from now.
    pub until: String,
    /// Why. Only the adults of the household can read it, in the ledger.
    pub why: String,
}

/// A hold.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct HoldView {
    /// Names it when it is released.
    pub id: u64,
    /// The name of who holds.
    pub by: String,
    /// Since when.
    #[schema(value_type = String)]
    pub since: Timestamp,
    /// When it ends by itself.
    #[schema(value_type = String)]
    pub until: Timestamp,
    /// The moments that are held.
    pub moments: Vec<u64>,
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
    pub said: Sentence,
    /// Whether a camera is being recorded now.
    pub recording: bool,
    /// Whether a camera's sound is kept.
    pub sound: bool,
    /// What a camera did not record in the last week.
    pub missed: Vec<MissedView>,
    /// The newest film that is kept of a camera.
    #[serde(default)]
    pub last: Option<LastView>,
    /// Who looked at what a camera saw in the last ten minutes, oldest first; as far as the hub has it in memory.
    #[serde(default)]
    pub looks: Vec<LookedView>,
}

/// That somebody looked at what a camera saw.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LookedView {
    /// The person's name.
    pub person: String,
    /// The browser or command line they used.
    pub client: String,
    /// When.
    #[schema(value_type = String)]
    pub at: Timestamp,
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
    pub said: Sentence,
}

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

/// The ledger's newest state.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct LedgerHead {
    /// How many lines there are.
    pub size: u64,
    /// The number of the tree: 1, and one more for every time an older copy was put back.
    pub tree: u32,
    /// The ledger's name and key, `NAME+ID+KEY`: what receipts are checked with.
    pub key: String,
    /// The notes by which one key took over from another, oldest first.
    pub successions: Vec<String>,
    /// The signed checkpoint (C2SP tlog-checkpoint).
    pub checkpoint: String,
}

/// Asks for details of ledger lines.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct DetailsRequest {
    /// The recordings that hold them, as the lines name them; at most 1000.
    pub details: Vec<u64>,
}

/// The sealed detail of a ledger line.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct LedgerDetail {
    /// The recording that holds it.
    pub detail: u64,
    /// An age file, in base64.
    pub age: String,
}

/// That a line is in the ledger.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct LineProof {
    /// The ledger's name and key, `NAME+ID+KEY`.
    pub key: String,
    /// The notes by which one key took over from another, oldest first.
    pub successions: Vec<String>,
    /// The line as it is in the ledger.
    pub entry: String,
    /// The proof (C2SP tlog-proof).
    pub proof: String,
    /// For a deletion: what has become of it, as a signed note.
    pub outcome: Option<String>,
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
    pub said: Sentence,
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
