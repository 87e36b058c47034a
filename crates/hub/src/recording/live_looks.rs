//! The live pictures that are open: who watches what, and how many may.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use porchlight_household::{DeviceId, Household, PersonId};
use porchlight_protocol::{LiveEnd, Message, WatchingView};
use tokio::sync::watch;
use tokio_util::task::TaskTracker;

use crate::error::Error;

/// Live pictures at once of one session, of one person, and of all.
const OF_A_SESSION: usize = 8;
const OF_A_PERSON: usize = 16;
const OF_ALL: usize = 48;
/// A person begins so many in this time: each is two lines in the ledger, which has no end.
const BEGUN: usize = 120;
const BEGUN_IN: SignedDuration = SignedDuration::from_mins(10);
/// How long one that was refused is the same when it is asked for again.
const SAME: SignedDuration = SignedDuration::from_mins(10);

/// Who watches what live.
pub struct LiveLooks {
    looks: Mutex<BTreeMap<String, Open>>,
    /// When each person began their last ones, oldest first.
    begun: Mutex<BTreeMap<PersonId, VecDeque<Timestamp>>>,
    /// Changes with the household: whoever watches looks then whether they still may.
    pub(super) household: watch::Sender<u64>,
    /// What begins and ends looks: a hub that stops waits for it.
    pub(super) tasks: TaskTracker,
    /// One writes ends down at a time.
    pub(super) ending: tokio::sync::Mutex<()>,
}

/// A live picture that was asked for and whose end is not told yet.
#[derive(Clone)]
pub(super) struct Open {
    pub(super) look: String,
    pub(super) person: PersonId,
    pub(super) session: String,
    pub(super) client: String,
    pub(super) camera: DeviceId,
    pub(super) since: Timestamp,
    /// When and why it ended, where it did and that is not written down yet.
    pub(super) over: Option<(Timestamp, LiveEnd)>,
}

impl Open {
    /// As everybody is told of it.
    pub(super) fn view(&self, household: &Household) -> WatchingView {
        WatchingView {
            look: self.look.clone(),
            person: household.person(&self.person).map(|one| one.name.clone()).unwrap_or_default(),
            client: self.client.clone(),
            since: self.since,
        }
    }
}

impl LiveLooks {
    pub(crate) fn none() -> LiveLooks {
        LiveLooks {
            looks: Mutex::default(),
            begun: Mutex::default(),
            household: watch::Sender::new(0),
            tasks: TaskTracker::new(),
            ending: tokio::sync::Mutex::default(),
        }
    }

    /// The household is another: whoever watches looks whether they still may.
    pub(crate) fn household_changed(&self) {
        self.household.send_modify(|version| *version += 1);
    }

    /// Who watches a camera live now, whoever came first first.
    pub fn of(&self, household: &Household, camera: &DeviceId) -> Vec<WatchingView> {
        let looks = self.lock();
        let mut now: Vec<&Open> =
            looks.values().filter(|open| open.over.is_none() && open.camera == *camera).collect();
        now.sort_by_key(|open| open.since);
        now.into_iter().map(|open| open.view(household)).collect()
    }

    /// Waits until every look has its end, when none begins any more.
    pub async fn close(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// One could not be written down, so nothing of it was sent.
    pub(super) fn refuse(&self, look: &str, now: Timestamp) {
        if let Some(open) = self.lock().get_mut(look) {
            open.over = Some((now, LiveEnd::Refused));
        }
    }

    /// Takes a place among those who watch.
    pub(super) fn open(
        &self,
        person: &PersonId,
        session: &str,
        client: &str,
        camera: DeviceId,
        since: Timestamp,
    ) -> Result<Open, Error> {
        let mut number = [0; 8];
        getrandom::fill(&mut number)?;
        let open = Open {
            look: hex::encode(number),
            person: person.clone(),
            session: session.to_owned(),
            client: client.to_owned(),
            camera,
            since,
            over: None,
        };
        let mut looks = self.lock();
        // What could not be written down a moment ago is the same look when it is asked for again.
        let same = looks.values_mut().find(|one| {
            matches!(one.over, Some((at, LiveEnd::Refused)) if since.duration_since(at).abs() <= SAME)
                && (&one.session, &one.camera) == (&open.session, &open.camera)
        });
        if let Some(again) = same {
            again.over = None;
            return Ok(again.clone());
        }
        let count = |is: &dyn Fn(&Open) -> bool| {
            looks.values().filter(|open| open.over.is_none() && is(open)).count()
        };
        let bounds: [(usize, usize, &str); 2] = [
            (count(&|one| one.session == open.session), OF_A_SESSION, "live-many-here"),
            (count(&|one| one.person == open.person), OF_A_PERSON, "live-many-yours"),
        ];
        for (open, most, code) in bounds {
            if open >= most {
                let text = format!("you watch {most} cameras live already; close one of them first");
                return Err(Error::too_many(Message::new(code, text).with("most", most)));
            }
        }
        if count(&|_| true) >= OF_ALL {
            let text = format!(
                "{OF_ALL} live pictures are open in this home, which is all that there may be; close one first"
            );
            return Err(Error::too_many(Message::new("live-many", text).with("most", OF_ALL)));
        }
        self.note_begun(person, since)?;
        looks.insert(open.look.clone(), open.clone());
        Ok(open)
    }

    fn note_begun(&self, person: &PersonId, now: Timestamp) -> Result<(), Error> {
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        let own = begun.entry(person.clone()).or_default();
        own.retain(|at| now.duration_since(*at).abs() < BEGUN_IN);
        if own.len() >= BEGUN {
            let text = "you have begun to watch live very often in the last minutes; wait a little";
            return Err(Error::too_many(Message::new("live-too-often", text)));
        }
        own.push_back(now);
        Ok(())
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Open>> {
        // Nothing that holds the lock can leave the table half changed.
        self.looks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_session_each_person_and_all_have_so_many_live_pictures_and_no_more() {
        let live = LiveLooks::none();
        let camera = || DeviceId::random().unwrap();
        let open = |person: &PersonId, session: &str| {
            let opened = live.open(person, session, "a page", camera(), Timestamp::UNIX_EPOCH);
            opened.map_err(|why| why.into_message().code)
        };
        let anna = PersonId::random().unwrap();
        let first = open(&anna, "phone").unwrap();
        for _ in 1..OF_A_SESSION {
            open(&anna, "phone").unwrap();
        }
        assert_eq!(open(&anna, "phone").err().unwrap(), "live-many-here");
        for _ in 0..OF_A_PERSON - OF_A_SESSION {
            open(&anna, "laptop").unwrap();
        }
        assert_eq!(open(&anna, "television").err().unwrap(), "live-many-yours");
        // What is over makes room, be its end told or not.
        live.lock().get_mut(&first.look).unwrap().over = Some((Timestamp::UNIX_EPOCH, LiveEnd::Closed));
        open(&anna, "phone").unwrap();
        for n in 0..OF_ALL - OF_A_PERSON {
            open(&PersonId::random().unwrap(), &n.to_string()).unwrap();
        }
        assert_eq!(open(&PersonId::random().unwrap(), "one more").err().unwrap(), "live-many");
    }

    #[test]
    fn who_begins_very_often_is_asked_to_wait_and_one_that_was_refused_is_the_same_when_it_is_asked_for_again()
     {
        let live = LiveLooks::none();
        let (anna, camera) = (PersonId::random().unwrap(), DeviceId::random().unwrap());
        let at = |minute: i64| Timestamp::from_second(1_800_000_000 + 60 * minute).unwrap();
        let open = |minute| live.open(&anna, "phone", "a page", camera.clone(), at(minute));
        let refused = open(0).unwrap().look;
        live.refuse(&refused, at(0));
        assert_eq!(open(1).unwrap().look, refused);
        live.lock().clear();
        for _ in 1..BEGUN {
            open(1).unwrap();
            live.lock().clear();
        }
        assert_eq!(open(1).err().unwrap().into_message().code, "live-too-often");
        assert!(live.open(&PersonId::random().unwrap(), "tablet", "a page", camera.clone(), at(1)).is_ok());
        assert!(open(12).is_ok());
    }
}
