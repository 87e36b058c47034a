//! What every part of a running hub shares.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use jiff::Timestamp;
use porchlight_household::{Household, Lineage};
use porchlight_protocol::Message;
use porchlight_protocol::events::Happening;
use porchlight_vault::{Clock, ClockState, Pause, Vault};
use tokio_util::sync::CancellationToken;
use tracing::error;

use crate::accounts::familiar::Familiar;
use crate::accounts::invitations::Invitations;
use crate::accounts::proofs::Proofs;
use crate::accounts::sign_in::SignIns;
use crate::assistant::admission::Admission;
use crate::assistant::effects::Effects;
use crate::assistant::engines::{Mind, Voice};
use crate::assistant::pending_questions::PendingQuestions;
use crate::assistant::recent_utterances::RecentUtterances;
use crate::assistant::unrecorded::Unrecorded;
use crate::deletion::previews::Previews;
use crate::deletion::unproven::UnprovenDeeds;
use crate::events::Events;
use crate::messages::CATALOG_DAMAGED;
use crate::passes::Passes;
use crate::recording::{Cameras, LiveLooks};
use crate::store::HubStore;

/// What every part of a running hub shares.
pub struct Hub {
    /// What is kept.
    pub vault: Vault,
    /// The hub's own database.
    pub store: HubStore,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// What hears and speaks, or why nothing does.
    pub voice: Result<Voice, String>,
    /// What understands words, or why nothing does.
    pub(crate) mind: Result<Mind, String>,
    /// What happens.
    pub events: Events,
    /// What was heard lately.
    pub(crate) recent_utterances: RecentUtterances,
    /// What was answered and not kept.
    pub unrecorded: Unrecorded,
    /// Questions that wait for an answer.
    pub(crate) pending_questions: PendingQuestions,
    /// Timers, lists and reminders.
    pub effects: Effects,
    /// The cameras that are watched.
    pub cameras: Cameras,
    /// Who watches cameras live.
    pub live: LiveLooks,
    /// Sign-ins that are under way.
    pub sign_ins: SignIns,
    /// Who is asked in, and how far that is.
    pub invitations: Invitations,
    /// From where the household is known to come.
    pub familiar: Familiar,
    /// Proofs whose word is still good.
    pub proofs: Proofs,
    /// What was done without a proof.
    pub unproven: UnprovenDeeds,
    /// Looks that are open.
    pub passes: Passes,
    /// Plans of forgetting that were shown.
    pub(crate) previews: Previews,
    /// Whose turn it is at the ear and at the mouth.
    pub admission: Admission,
    /// The data folder.
    pub data: PathBuf,
    /// The strongbox mirrors, beside the one in use.
    pub mirrors: Vec<PathBuf>,
    /// That the hub stops.
    pub stop: CancellationToken,
    /// One change of the household at a time, from reading the version to acting on the change.
    pub changing: tokio::sync::Mutex<()>,
    /// That the catalog is damaged, once that was met: it is not whole again before another start.
    pub(crate) damage: OnceLock<Message>,
    /// The time has become certain: what waits for that need not wait for its turn.
    pub clock_is_certain: tokio::sync::Notify,
    pub(crate) home: RwLock<Arc<Home>>,
}

/// Held by whoever changes the household or an account.
pub type Changing<'a> = tokio::sync::MutexGuard<'a, ()>;

/// The time, in two senses.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// What the clock shows: by this things are dated.
    pub now: Timestamp,
    /// What is certain: by this it is judged how old people are.
    pub certain: Timestamp,
}

impl Times {
    /// What the clock shows, and not before what is certain: by a clock that is behind nothing is valid.
    pub fn latest(self) -> Timestamp {
        self.now.max(self.certain)
    }
}

/// The household as it is now: the checked document, the signed text it came from and the steps that led to it.
pub struct Home {
    /// The document, checked.
    pub household: Household,
    /// The signed text that it came from, and the steps that led to it.
    pub lineage: Lineage,
}

impl Hub {
    /// The household as it is now. What holds it keeps seeing this version.
    pub fn home(&self) -> Arc<Home> {
        self.home.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// From now on the household is this one.
    pub fn set_home(&self, home: Home) {
        *self.home.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(home);
        self.live.household_changed();
    }

    /// Remembers what a failure says, where it is that the catalog is damaged: whoever opens a page is told.
    pub fn note_damage(&self, said: &Message) {
        if said.code == CATALOG_DAMAGED && self.damage.set(said.clone()).is_ok() {
            error!(target: "porchlight", "{}", said.text);
            self.events.tell(self.now(), Happening::trouble(said.clone()));
        }
    }

    /// The time by which it is judged how old somebody is, and so what they may do: what the clock shows where that is certain, else the last
    /// time that was. A clock that was set forward makes nobody an adult, and one that was set back makes nobody a child.
    pub fn certain_now(&self) -> Timestamp {
        match self.vault.clock_state() {
            ClockState {
                paused:
                    Some(
                        Pause::ClockBehind { latest, .. }
                        | Pause::ClockJumped { latest, .. }
                        | Pause::ClockAhead { latest, .. },
                    ),
                ..
            } => latest,
            ClockState { now, .. } => now,
        }
    }

    /// What the clock shows, and what is certain.
    pub fn times(&self) -> Times {
        Times { now: self.now(), certain: self.certain_now() }
    }

    /// The time, by the clock that the hub was given.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Everything in memory lets go of what was forgotten, and every open page is told to.
    pub fn let_go(&self, moments: &BTreeSet<u64>, recordings: impl IntoIterator<Item = u64>) {
        let moments: Vec<u64> = moments.iter().copied().collect();
        self.recent_utterances.forget(&moments);
        self.drop_effects(recordings);
        self.events.tell(self.now(), Happening::Forgotten { moments });
    }

    /// Lets go of those of these recordings that are effects.
    pub fn drop_effects(&self, recordings: impl IntoIterator<Item = u64>) {
        if self.effects.drop_all(recordings) {
            self.effects_changed();
        }
    }

    /// Tells every open page that timers, lists or reminders are not what they were.
    pub fn effects_changed(&self) {
        self.events.tell(self.now(), Happening::EffectsChanged);
    }
}
