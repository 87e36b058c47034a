//! Races between keeping, deriving, looking, forgetting and expiring: every order of their steps.

pub(super) mod scheduler;

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tempfile::TempDir;
use zeroize::Zeroizing;

use super::{Config, LedgerEntry, Look, Released, Vault, Why};
use crate::forgotten::Forgotten;
use crate::hold::{Hold, NewHold};
use crate::reason::Reason;
use crate::{
    Audience, Clock, Ends, Error, Expiry, Filter, Id, Kept, Kind, NewMoment, NewRecording, Owner, Plan,
    Purpose, Readers, Selection, SetClock, Terms,
};
use scheduler::Orders;

/// What an actor did.
enum Did {
    Kept(Result<Kept, Error>),
    Forgot(Result<Forgotten, Error>),
    Expired(Result<Expiry, Error>),
    Looked(Result<Result<Released, Error>, Error>),
    Held(Result<Hold, Error>),
}

type Actor = Pin<Box<dyn Future<Output = Did> + Send>>;

#[tokio::test]
async fn what_is_made_from_a_moment_that_is_being_forgotten_goes_or_is_refused() {
    let house = House::new().await;
    let mut orders = Orders::all();
    while orders.more() {
        let (said, stays) = (house.say(1).await, house.say(1).await);
        let plan = house.plan(&said).await;
        let (did, order) = orders.run(vec![house.derive(vec![said.moment]), house.forget(plan)]).await;
        let [Did::Kept(derived), Did::Forgot(forgotten)] = &did[..] else { panic!() };
        house.went_with(&said, derived, forgotten, &order);
        house.holds_only(&[&stays], &order).await;
        house.empty(&stays).await;
    }
    eprintln!("{} orders of deriving and forgetting", orders.runs());
}

#[tokio::test]
async fn what_is_made_from_what_was_made_goes_too() {
    let house = House::new().await;
    let mut orders = Orders::with_interruptions(2);
    while orders.more() {
        let said = house.say(1).await;
        let first = house.derive(vec![said.moment]).await;
        let Did::Kept(Ok(first)) = first else { panic!() };
        let plan = house.plan(&said).await;
        let tasks = vec![
            house.derive(vec![first.moment]),
            house.forget(plan),
            // Two sources, of which one stays.
            house.derive(vec![first.recordings[0], said.recordings[0]]),
        ];
        let (did, order) = orders.run(tasks).await;
        let [Did::Kept(second), Did::Forgot(forgotten), Did::Kept(third)] = &did[..] else { panic!() };
        house.went_with(&said, second, forgotten, &order);
        house.went_with(&first, third, forgotten, &order);
        house.holds_only(&[], &order).await;
    }
    eprintln!("{} orders of deriving twice and forgetting", orders.runs());
}

#[tokio::test]
async fn a_look_releases_what_was_not_forgotten_yet_and_names_the_rest() {
    let house = House::new().await;
    let mut orders = Orders::all();
    while orders.more() {
        let said = house.say(1).await;
        let before = house.lines().await;
        let plan = house.plan(&said).await;
        let (did, order) = orders.run(vec![house.look(said.moment), house.forget(plan)]).await;
        let [Did::Looked(looked), Did::Forgot(Ok(_))] = &did[..] else { panic!("{order}") };
        match looked {
            Ok(fetched) => {
                assert!(matches!(fetched, Ok(_) | Err(Error::Unknown(_))), "{fetched:?} in {order}");
                assert_eq!(
                    house.lines().await,
                    before + 2,
                    "the look is told of, whatever it released: {order}"
                );
            }
            Err(why) => assert!(matches!(why, Error::Unknown(_)), "{why} in {order}"),
        }
        house.holds_only(&[], &order).await;
    }
    eprintln!("{} orders of looking and forgetting", orders.runs());
}

#[tokio::test]
async fn two_deletions_of_the_same_take_each_moment_once() {
    let house = House::new().await;
    let mut orders = Orders::with_interruptions(2);
    while orders.more() {
        let (one, both, two) = (house.say(1).await, house.say(1).await, house.say(1).await);
        let first = house.plan_all(&[&one, &both]).await;
        let second = house.plan_all(&[&both, &two]).await;
        let tasks = vec![house.forget(first), house.forget(second), house.derive(vec![both.moment])];
        let (did, order) = orders.run(tasks).await;
        let [Did::Forgot(Ok(first)), Did::Forgot(Ok(second)), Did::Kept(derived)] = &did[..] else {
            panic!("{order}")
        };
        let mut taken = [first.recordings.clone(), second.recordings.clone()].concat();
        if let Ok(derived) = derived {
            let at = taken.iter().position(|id| derived.recordings.contains(id));
            taken.remove(at.unwrap_or_else(|| panic!("{order}")));
        }
        taken.sort_unstable();
        let mut all = [one.recordings, both.recordings, two.recordings].concat();
        all.sort_unstable();
        assert_eq!(taken, all, "{order}");
        house.holds_only(&[], &order).await;
    }
    eprintln!("{} orders of two deletions and a derivation", orders.runs());
}

#[tokio::test]
async fn expiry_takes_what_ended_while_others_keep_and_forget() {
    let house = House::new().await;
    let mut orders = Orders::with_interruptions(2);
    while orders.more() {
        let (ended, other) = (house.say(1).await, house.say(30).await);
        house.clock.advance(Duration::from_secs(25 * 3600));
        let plan = house.plan(&other).await;
        let tasks = vec![
            house.expire(),
            // Of its sources one ends now, and one is forgotten.
            house.derive(vec![ended.moment, other.moment]),
            house.forget(plan),
        ];
        let (did, order) = orders.run(tasks).await;
        let [Did::Expired(Ok(expired)), Did::Kept(derived), Did::Forgot(forgotten)] = &did[..] else {
            panic!("{order}")
        };
        assert_eq!(expired.paused, None, "{order}");
        assert!(
            expired.forgotten.as_ref().is_some_and(|gone| gone.recordings == ended.recordings),
            "{order}"
        );
        house.went_with(&other, derived, forgotten, &order);
        house.holds_only(&[], &order).await;
    }
    eprintln!("{} orders of expiring, deriving and forgetting", orders.runs());
}

/// Two come for the same moment, and one of them is always told that it was late.
#[tokio::test]
async fn a_hold_keeps_all_of_it_or_comes_too_late() {
    let house = House::new().await;
    for expires in [false, true] {
        let mut orders = Orders::with_interruptions(3);
        while orders.more() {
            let said = house.say(1).await;
            let plan = house.plan(&said).await;
            house.clock.advance(Duration::from_secs(25 * 3600));
            let taker = if expires { house.expire() } else { house.forget(plan) };
            let (did, order) = orders.run(vec![house.hold(said.moment), taker]).await;
            match &did[..] {
                [Did::Held(Ok(hold)), Did::Forgot(Err(Error::Held { .. }))]
                | [Did::Held(Ok(hold)), Did::Expired(Ok(Expiry { forgotten: None, .. }))] => {
                    house.holds_only(&[&said], &order).await;
                    house.vault.release_hold(hold.id, "ann", house.readers()).await.unwrap();
                    house.empty(&said).await;
                }
                [Did::Held(Err(Error::Unknown(_))), Did::Forgot(Ok(gone))]
                | [
                    Did::Held(Err(Error::Unknown(_))),
                    Did::Expired(Ok(Expiry { forgotten: Some(gone), .. })),
                ] => {
                    assert_eq!(gone.recordings, said.recordings, "{order}");
                }
                _ => panic!("both had their way, or neither: {order}"),
            }
            house.holds_only(&[], &order).await;
            assert!(house.vault.holds().await.unwrap().is_empty(), "{order}");
        }
        eprintln!(
            "{} orders of holding and {}",
            orders.runs(),
            if expires { "expiring" } else { "forgetting" }
        );
    }
}

struct House {
    vault: Arc<Vault>,
    clock: Arc<SetClock>,
    data: PathBuf,
    _folder: TempDir,
}

impl House {
    async fn new() -> House {
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let clock = Arc::new(SetClock::at("2026-11-01T08:00:00Z".parse().unwrap()));
        let data = folder.path().join("home");
        let config = Config { data: data.clone(), strongboxes: vec![], clock: clock.clone() };
        let vault = Arc::new(Vault::create(config, "home").await.unwrap());
        House { vault, clock, data, _folder: folder }
    }

    fn after(&self, days: i64) -> Timestamp {
        self.clock.now() + SignedDuration::from_hours(24 * days)
    }

    fn readers(&self) -> Readers {
        Readers { audience: Audience::hub(), until: self.after(365_000) }
    }

    /// A moment of one recording, too large for its row.
    fn moment(&self, days: i64, sources: Vec<Id>) -> NewMoment {
        let terms =
            Terms::new(Owner::Household, Purpose::new("history").unwrap(), Ends::At(self.after(days)));
        let recording = NewRecording {
            kind: Kind::Voice,
            terms: terms.unwrap(),
            audience: Audience::hub(),
            media_type: "text/plain".into(),
            bytes: Zeroizing::new(vec![b'a'; 17_000]),
            sources,
        };
        let now = self.clock.now();
        let (device, room, person, caused_by) = (None, None, None, None);
        NewMoment { device, room, person, start: now, end: now, caused_by, recordings: vec![recording] }
    }

    async fn say(&self, days: i64) -> Kept {
        self.vault.keep(self.moment(days, vec![])).await.unwrap()
    }

    async fn plan(&self, kept: &Kept) -> Plan {
        self.plan_all(&[kept]).await
    }

    async fn plan_all(&self, kept: &[&Kept]) -> Plan {
        let ids = kept.iter().map(|kept| kept.moment).collect();
        self.vault.plan(&Selection::Ids(ids)).await.unwrap()
    }

    async fn empty(&self, kept: &Kept) {
        let plan = self.plan(kept).await;
        self.vault.forget(&plan.token, &[], self.why()).await.unwrap();
    }

    fn why(&self) -> Why {
        Why { reason: Reason::Asked, by: "ann".into(), readers: self.readers(), stays: vec![] }
    }

    fn derive(&self, sources: Vec<Id>) -> Actor {
        let (vault, moment) = (self.vault.clone(), self.moment(60, sources));
        Box::pin(async move { Did::Kept(vault.keep(moment).await) })
    }

    fn forget(&self, plan: Plan) -> Actor {
        let (vault, why) = (self.vault.clone(), self.why());
        Box::pin(async move { Did::Forgot(vault.forget(&plan.token, &[], why).await) })
    }

    fn expire(&self) -> Actor {
        let (vault, readers) = (self.vault.clone(), self.readers());
        Box::pin(async move { Did::Expired(vault.expire(&readers).await) })
    }

    fn hold(&self, moment: Id) -> Actor {
        let vault = self.vault.clone();
        let (by, why) = ("ann".into(), "for the insurance".into());
        let hold = NewHold { ids: vec![moment], by, until: self.after(9), why, readers: self.readers() };
        Box::pin(async move { Did::Held(vault.hold(hold).await) })
    }

    fn look(&self, id: Id) -> Actor {
        let vault = self.vault.clone();
        let look = Look { how: "view".into(), said: json!({ "by": "ann" }), readers: self.readers() };
        Box::pin(async move {
            Did::Looked(match vault.look(&[id], look).await {
                Ok(pass) => Ok(vault.fetch(&pass, pass.recordings().next().unwrap()).await),
                Err(why) => Err(why),
            })
        })
    }

    /// What was made from something that was forgotten was refused, or went with it and is named.
    fn went_with(
        &self,
        source: &Kept,
        derived: &Result<Kept, Error>,
        gone: &Result<Forgotten, Error>,
        order: &str,
    ) {
        let gone = gone.as_ref().unwrap_or_else(|why| panic!("{why} in {order}"));
        assert!(source.recordings.iter().all(|id| gone.recordings.contains(id)), "{order}");
        match derived {
            Ok(derived) => {
                assert!(derived.recordings.iter().all(|id| gone.recordings.contains(id)), "{order}");
                assert!(gone.moments.contains(&derived.moment), "{order}");
            }
            Err(why) => assert!(matches!(why, Error::SourceGone(_)), "{why} in {order}"),
        }
    }

    /// Exactly these are there and open; nothing is half there, no row, no payload, no key.
    async fn holds_only(&self, kept: &[&Kept], order: &str) {
        let listed = self.vault.list(&Filter::default()).await.unwrap();
        let wanted: Vec<Id> = kept.iter().flat_map(|kept| kept.recordings.clone()).collect();
        assert_eq!(listed.iter().map(|entry| entry.id).collect::<Vec<_>>(), wanted, "{order}");
        for id in &wanted {
            assert_eq!(self.vault.read_own(*id).await.unwrap().len(), 17_000, "{order}");
        }
        assert!(self.vault.core.catalog.unfinished().await.unwrap().is_empty(), "{order}");
        let payloads = std::fs::read_dir(self.data.join("blobs")).unwrap();
        let payloads =
            payloads.map(|shelf| std::fs::read_dir(shelf.unwrap().path()).unwrap().count()).sum::<usize>();
        assert_eq!(payloads, wanted.len(), "{order}");
    }

    async fn lines(&self) -> usize {
        let told = self.vault.ledger_entries(0..u64::MAX).await.unwrap();
        told.iter().filter(|told| matches!(told, LedgerEntry::Event { .. })).count()
    }
}
