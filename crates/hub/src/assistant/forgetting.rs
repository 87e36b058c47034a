//! Forgetting by voice: only what the speaker said themself, said in numbers before much goes, done by the vault's ordinary path.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use porchlight_household::rights::unproven::{Forgetting, asks_first};
use porchlight_household::{Age, Household, PersonId, Speaker};
use porchlight_protocol::{Confirm, ForgottenView, Selection};
use porchlight_vault::{Entry, Filter, Forgotten, Hold, Id, Kind, Mirror, Owner, Plan, Reason, Why, receipt};
use porchlight_voice::skill::{
    Change, Extent, Found, HeldBack, LeftBehind, Scope, Stays, Step, effects_taken, forgetting, forgotten,
    question, too_much_taken_away,
};

use crate::assistant::pending_questions::{Pending, Place};
use crate::deletion::previews::Preview;
use crate::deletion::{forget_effects, forget_plan, view};
use crate::error::Error;
use crate::ledger::readers_for;
use crate::origin::Origin;
use crate::query::{MOST_IDS, Names, is_known};
use crate::state::Hub;

/// How long somebody has just said something.
const JUST: SignedDuration = SignedDuration::from_mins(10);
/// More recordings than one thing that was said has.
const PARTS: u32 = 16;

/// What became of a request to forget.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) reply: String,
    pub(super) confirm: Option<Confirm>,
    /// What the app is to show: what would be forgotten.
    pub(super) selection: Option<Selection>,
    pub(super) forgotten: Option<ForgottenView>,
}

/// Somebody who wants something forgotten, or answers a question about it.
pub(super) struct Forgetter<'a> {
    pub(super) hub: &'a Arc<Hub>,
    pub(super) household: &'a Household,
    pub(super) speaker: &'a Speaker,
    pub(super) place: &'a Place,
    pub(super) now: Timestamp,
}

/// Whether a change is about forgetting: such a request leaves nothing behind, not even that it was made.
pub(super) fn is_forgetting(change: &Change) -> bool {
    matches!(
        change,
        Change::Forget(_)
            | Change::ForgetAsked { .. }
            | Change::KeepAsked
            | Change::TakeEffectsToo
            | Change::OpenVideos
    )
}

/// What was chosen: the speaker's own, and what lies in the same place and is not.
struct Chosen {
    mine: Vec<Entry>,
    others: Vec<Entry>,
}

impl Forgetter<'_> {
    /// Does what is asked; `reply` is what to say where nothing depends on what there is.
    pub(super) async fn act(&self, change: Change, reply: String) -> Result<Outcome, Error> {
        match change {
            Change::Forget(scope) => match self.speaker.person() {
                Some(person) => {
                    // Of what was not kept there is nothing but the words in memory.
                    self.hub.recent_utterances.forget_words_of(person.as_str());
                    self.forget(&scope, person).await
                }
                None => Ok(self.unknown(&scope)),
            },
            Change::ForgetAsked { effects } => self.forget_asked(effects).await,
            Change::KeepAsked => {
                if let Some(Pending::Forget { origin, token }) =
                    self.hub.pending_questions.take(self.place, self.now)
                {
                    self.hub.previews.take(&origin, &token, self.now);
                }
                Ok(Outcome { reply, ..Outcome::default() })
            }
            Change::TakeEffectsToo => self.take_effects_too().await,
            Change::OpenVideos => {
                let filter = porchlight_protocol::Filter {
                    kind: Some("video,snapshot".into()),
                    ..porchlight_protocol::Filter::default()
                };
                let selection = Selection { filter, ..Selection::default() };
                let known = self.speaker.person().is_some();
                Ok(Outcome { reply, selection: known.then_some(selection), ..Outcome::default() })
            }
            _ => Ok(Outcome { reply, ..Outcome::default() }),
        }
    }

    /// Of an unknown voice nothing was kept, so there is nothing to forget. What it asked for may still be there.
    fn unknown(&self, scope: &Scope) -> Outcome {
        // Nor is there anything more to be heard of what rang.
        self.hub.events.forget_words();
        let origin = self.place.origin.key();
        let ids = self.hub.recent_utterances.left_by_unknown(
            &origin,
            matches!(scope.extent, Extent::Last(_)),
            self.now,
        );
        let effects = self.left_behind(ids.iter().copied());
        let found =
            Found { effects: effects.iter().map(|(_, effect)| effect.clone()).collect(), ..Found::default() };
        self.leave_open(effects.into_iter().map(|(id, _)| id).collect());
        let minor =
            |person| self.household.age(person, self.hub.certain_now()).is_ok_and(|age| age != Age::Adult);
        let step = match &self.place.origin {
            Origin::Session { person, .. } if self.place.device.is_none() && minor(person) => Step::Minor,
            _ => Step::Unknown,
        };
        self.said(scope, &found, step)
    }

    async fn forget(&self, scope: &Scope, person: &PersonId) -> Result<Outcome, Error> {
        let Some(Chosen { mine, others }) = self.chosen(scope, person).await? else {
            return Ok(self.said(scope, &Found::default(), Step::NoSuchPlace));
        };
        let moments: BTreeSet<Id> = mine.iter().map(|entry| entry.moment).collect();
        let found = Found {
            recordings: mine.len(),
            newest: mine.iter().map(|entry| entry.start).max(),
            stays: self.stays(scope, &others),
            ..Found::default()
        };
        if moments.is_empty() {
            return Ok(self.said(scope, &found, Step::Nothing));
        }
        if scope.extent == Extent::Ever
            || !self.may_forget(person, Forgetting::of(mine.len()))
            || moments.len() > MOST_IDS
        {
            return Ok(self.in_the_app(scope, &found, person, &moments));
        }
        let plan =
            self.hub.vault.plan(&porchlight_vault::Selection::Ids(moments.iter().copied().collect())).await?;
        let effects = self.left_behind(plan.effects.iter().map(|entry| entry.id.get()));
        let found = Found {
            recordings: plan.recordings.len(),
            effects: effects.iter().map(|(_, effect)| effect.clone()).collect(),
            held: plan.held.iter().map(|hold| self.held(hold, &mine, person)).collect(),
            ..found
        };
        if plan.moments.is_empty() {
            return Ok(self.said(scope, &found, Step::Nothing));
        }
        let what = Forgetting::of(plan.recordings.len() + plan.effects.len());
        if !self.may_forget(person, what) {
            return Ok(self.in_the_app(scope, &found, person, &moments));
        }
        let stays = self.stays_on_the_receipt(&others);
        if asks_first(plan.moments.len()) {
            return Ok(self.ask(scope, &found, plan, stays, what));
        }
        let what = Forgetting::of(plan.recordings.len());
        let Some(done) = self.forget_counted(person, &what, &plan, &[], stays).await? else {
            return Ok(self.in_the_app(scope, &found, person, &moments));
        };
        self.leave_open(effects.into_iter().map(|(id, _)| id).collect());
        let outcome = self.said(scope, &found, Step::Gone { pending: pending(&done) });
        Ok(Outcome { forgotten: Some(view(&done)), ..outcome })
    }

    /// Says what would go, and asks. The question can be answered by the same speaker here, and in the app by its token.
    fn ask(
        &self,
        scope: &Scope,
        found: &Found,
        plan: Plan,
        stays: Vec<receipt::Stays>,
        what: Forgetting,
    ) -> Outcome {
        let token = plan.token.as_str().to_owned();
        let (holder, origin) = (self.place.origin.holder(), self.place.origin.key());
        self.hub.previews.add((&holder, &origin), Preview { plan, stays, what }, self.now);
        let pending = Pending::Forget { origin, token: token.clone() };
        self.hub.pending_questions.ask(self.place.clone(), pending, self.now);
        let confirm = Some(Confirm { question: question(found), token });
        Outcome { confirm, ..self.said(scope, found, Step::Ask) }
    }

    async fn forget_asked(&self, with_effects: bool) -> Result<Outcome, Error> {
        let asked = self.hub.pending_questions.take(self.place, self.now);
        let preview = match (&asked, self.speaker.person()) {
            (Some(Pending::Forget { origin, token }), Some(person)) => {
                let preview = self.hub.previews.take(origin, token, self.now);
                preview.map(|preview| (preview, person))
            }
            _ => None,
        };
        let Some((Preview { plan, stays, .. }, person)) = preview else {
            let reply = "That was settled already, so I did nothing.".to_owned();
            return Ok(Outcome { reply, ..Outcome::default() });
        };
        let effects: Vec<Id> = plan.effects.iter().map(|entry| entry.id).collect();
        let going = if with_effects { effects.as_slice() } else { &[] };
        let what = Forgetting::of(plan.recordings.len() + going.len());
        let Some(done) = self.forget_counted(person, &what, &plan, going, stays).await? else {
            // Others went meanwhile, so that this would be more than a voice may have forgotten in a day.
            let reply = "Much of yours went in the last day, so I forgot nothing now. You can have it forgotten in the app.";
            return Ok(Outcome { reply: reply.to_owned(), ..Outcome::default() });
        };
        if !with_effects {
            let left = self.left_behind(effects.iter().map(|id| id.get()));
            self.leave_open(left.into_iter().map(|(id, _)| id).collect());
        }
        let recordings = done.recordings.len().saturating_sub(going.len());
        let reply = forgotten(recordings, going.len(), pending(&done));
        Ok(Outcome { reply, forgotten: Some(view(&done)), ..Outcome::default() })
    }

    /// Whether a voice may have so much forgotten, after what it had today. It never proves whose it is.
    fn may_forget(&self, person: &PersonId, what: Forgetting) -> bool {
        self.hub.unproven.may_forget(person.as_str(), &what, self.now)
    }

    /// Forgets, and counts it. None where it takes a proof, which a voice cannot give.
    async fn forget_counted(
        &self,
        person: &PersonId,
        what: &Forgetting,
        plan: &Plan,
        effects: &[Id],
        stays: Vec<receipt::Stays>,
    ) -> Result<Option<Forgotten>, Error> {
        let why = self.why(person, stays)?;
        let deed = forget_plan(self.hub, plan, effects, why);
        self.hub.unproven.forget(person.as_str(), what, self.now, deed).await
    }

    /// What was left behind goes too.
    async fn take_effects_too(&self) -> Result<Outcome, Error> {
        let ids = match self.hub.pending_questions.take(self.place, self.now) {
            Some(Pending::Effects(ids)) => ids,
            _ => Vec::new(),
        };
        let there = self.left_behind(ids);
        if !there.is_empty() {
            let ids: Vec<Id> = there.iter().map(|(id, _)| Id::from(*id)).collect();
            let (what, holder) = (Forgetting::of(ids.len()), self.place.counts_for());
            let done =
                self.hub.unproven.forget(&holder, &what, self.now, forget_effects(self.hub, &ids)).await?;
            if done.is_none() {
                return Ok(Outcome { reply: too_much_taken_away(), ..Outcome::default() });
            }
        }
        let effects: Vec<LeftBehind> = there.into_iter().map(|(_, effect)| effect).collect();
        Ok(Outcome { reply: effects_taken(&effects), ..Outcome::default() })
    }

    /// More than a voice may have forgotten, by itself or with what went today: the app shows it, and asks there.
    fn in_the_app(&self, scope: &Scope, found: &Found, person: &PersonId, moments: &BTreeSet<Id>) -> Outcome {
        let name = Names::of(self.household).person(person.as_str());
        let filter = |from: Option<Timestamp>, to: Option<Timestamp>| Selection {
            filter: porchlight_protocol::Filter {
                person: Some(name.clone()),
                from: from.map(|at| at.to_string()),
                to: to.map(|at| at.to_string()),
                ..porchlight_protocol::Filter::default()
            },
            ..Selection::default()
        };
        let one_by_one =
            || Selection { ids: moments.iter().map(|id| id.get()).collect(), ..Selection::default() };
        let selection = match (&scope.place, scope.extent) {
            (None, Extent::Ever) => filter(None, None),
            (None, Extent::Span { from, to }) => filter(from, to),
            _ if moments.len() <= MOST_IDS => one_by_one(),
            (_, Extent::Span { from, to }) => filter(from, to),
            _ => filter(None, None),
        };
        let by_itself = Forgetting::of(found.recordings + found.effects.len());
        let much = scope.extent == Extent::Ever || by_itself.is_grave() || moments.len() > MOST_IDS;
        let step = if much { Step::InTheApp } else { Step::EnoughForToday };
        Outcome { selection: Some(selection), ..self.said(scope, found, step) }
    }

    /// What fits. None where there is no such place.
    async fn chosen(&self, scope: &Scope, person: &PersonId) -> Result<Option<Chosen>, Error> {
        let (from, to) = match scope.extent {
            Extent::Span { from, to } => (from, to),
            Extent::Last(1) => (self.now.checked_sub(JUST).ok(), None),
            Extent::Last(_) | Extent::Ever => (None, None),
        };
        let limit = match scope.extent {
            Extent::Last(count) => Some(count.saturating_mul(PARTS)),
            _ => None,
        };
        let base = Filter { from, to, limit, ..Filter::default() };
        let mut entries: BTreeMap<Id, Entry> = BTreeMap::new();
        for filter in match &scope.place {
            None => vec![Filter { persons: vec![person.to_string()], ..base }],
            Some(place) => match self.filters_of(place, &base) {
                filters if filters.is_empty() => return Ok(None),
                filters => filters,
            },
        } {
            entries.extend(self.hub.vault.list(&filter).await?.into_iter().map(|entry| (entry.id, entry)));
        }
        let own = |entry: &Entry| entry.owner == Owner::Person(person.to_string()) && is_said(entry.kind);
        let viewer = self.household.viewer(person, self.hub.certain_now())?;
        let known = |entry: &Entry| is_known(self.household, &viewer, entry);
        let (mut mine, others): (Vec<Entry>, Vec<Entry>) = entries.into_values().filter(known).partition(own);
        if let Extent::Last(count) = scope.extent {
            let mut newest: Vec<(Timestamp, Id)> =
                mine.iter().map(|entry| (entry.end, entry.moment)).collect();
            newest.sort_unstable();
            newest.dedup();
            let count = usize::try_from(count).unwrap_or(usize::MAX);
            let last: BTreeSet<Id> = newest.into_iter().rev().take(count).map(|(_, moment)| moment).collect();
            mine.retain(|entry| last.contains(&entry.moment));
        }
        Ok(Some(Chosen { mine, others }))
    }

    /// What was captured in a room, or by a device, of that name.
    fn filters_of(&self, place: &str, base: &Filter) -> Vec<Filter> {
        let same = |name: &str| name.trim().to_lowercase() == place.trim().to_lowercase();
        let devices = &self.household.devices;
        let rooms: BTreeSet<String> =
            devices.iter().filter_map(|device| device.room.clone()).filter(|room| same(room)).collect();
        let named: Vec<String> =
            devices.iter().filter(|device| same(&device.name)).map(|device| device.id.to_string()).collect();
        let mut filters = Vec::new();
        if !rooms.is_empty() {
            filters.push(Filter { rooms: rooms.into_iter().collect(), ..base.clone() });
        }
        if !named.is_empty() {
            filters.push(Filter { devices: named, ..base.clone() });
        }
        filters
    }

    /// What is not the speaker's to forget by voice: that there is film, and of what others said in a place that it is theirs, whether or
    /// not there is any. What requests left behind is not counted: it is no recording of anybody.
    fn stays(&self, scope: &Scope, others: &[Entry]) -> Vec<Stays> {
        let video = others.iter().any(|entry| !is_effect(entry.kind) && entry.owner == Owner::Household);
        let anybody = scope.place.is_some() && self.household.people.len() > 1;
        let others = anybody.then_some(Stays::Others);
        others.into_iter().chain(video.then_some(Stays::Video)).collect()
    }

    /// The same for the receipt to name.
    fn stays_on_the_receipt(&self, others: &[Entry]) -> Vec<receipt::Stays> {
        let mut by_reason: BTreeMap<&str, Vec<Id>> = BTreeMap::new();
        for entry in others.iter().filter(|entry| !is_effect(entry.kind)) {
            let why = match entry.owner {
                Owner::Household => "A voice alone forgets no security video.",
                Owner::Person(_) => "By voice people forget only what they said themselves.",
            };
            by_reason.entry(why).or_default().push(entry.id);
        }
        by_reason
            .into_iter()
            .map(|(why, ids)| receipt::Stays { why: why.to_owned(), ids: ids.into_iter().collect() })
            .collect()
    }

    fn held(&self, hold: &Hold, mine: &[Entry], person: &PersonId) -> HeldBack {
        let own = hold.by == person.as_str();
        HeldBack {
            by: (!own).then(|| Names::of(self.household).person(&hold.by)),
            until: hold.until,
            recordings: mine.iter().filter(|entry| hold.moments.contains(&entry.moment)).count(),
        }
    }

    /// Those of these recordings that are effects, with what they are.
    fn left_behind(&self, ids: impl IntoIterator<Item = u64>) -> Vec<(u64, LeftBehind)> {
        let effects = &self.hub.effects;
        let of = |id: u64| {
            let item = effects.item(id).map(|item| LeftBehind::Item { text: item.text, list: item.list });
            let timer = || {
                effects.timer(id).map(|timer| LeftBehind::Timer { name: timer.name, seconds: timer.seconds })
            };
            let reminder = || {
                effects
                    .reminder(id)
                    .map(|reminder| LeftBehind::Reminder { text: reminder.text, due: reminder.due })
            };
            item.or_else(timer).or_else(reminder).map(|effect| (id, effect))
        };
        ids.into_iter().filter_map(of).collect()
    }

    /// What was left behind stays, unless the speaker says within a minute that it is to go too.
    fn leave_open(&self, effects: Vec<u64>) {
        if !effects.is_empty() {
            self.hub.pending_questions.ask(self.place.clone(), Pending::Effects(effects), self.now);
        }
    }

    fn said(&self, scope: &Scope, found: &Found, step: Step) -> Outcome {
        let reply = forgetting(scope, found, step, self.now, self.household.zone());
        Outcome { reply, ..Outcome::default() }
    }

    fn why(&self, person: &PersonId, stays: Vec<receipt::Stays>) -> Result<Why, Error> {
        Ok(Why {
            reason: Reason::Asked,
            by: person.to_string(),
            readers: readers_for(self.hub, person)?,
            stays,
        })
    }
}

/// What is made of what somebody says.
fn is_said(kind: Kind) -> bool {
    matches!(kind, Kind::Voice | Kind::Transcript | Kind::Reply | Kind::Location | Kind::Voiceprint)
}

fn is_effect(kind: Kind) -> bool {
    matches!(kind, Kind::Note | Kind::Timer | Kind::Reminder)
}

/// How many strongboxes could not be reached.
fn pending(done: &Forgotten) -> usize {
    done.mirrors.iter().filter(|state| matches!(state.mirror, Mirror::Pending { .. })).count()
}
