//! Watching a camera live: who may and does, from the line in the ledger that comes before the first byte to the one of its end.
//!
//! Whoever may open a camera's film may watch it, and it is watched only while an adult agrees to its pictures. Nothing of it touches a
//! disk: pictures go from the camera's memory to the socket, sealed to the member who watches.

mod look;
mod sealing;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use porchlight_camera::{LiveKind, LiveUnit, Viewer};
use porchlight_household::{self as household, DeviceId, DeviceKind, PersonId, Whose};
use porchlight_protocol::events::Happening;
use porchlight_protocol::{LiveEnd, LiveOpening, Message, WatchingView};
use tokio::sync::{oneshot, watch};
use tokio_util::task::TaskTracker;

use self::sealing::Sealing;
use super::keeper::permit;
use super::report::CameraReport;
use crate::accounts::auth::SignedIn;
use crate::error::{Error, ErrorKind};
use crate::state::Hub;
use crate::store::Session;

pub(crate) use look::finish_left;

/// Live pictures at once of one session, of one person, and of all.
const OF_A_SESSION: usize = 8;
const OF_A_PERSON: usize = 16;
const OF_ALL: usize = 48;

/// Who watches what live.
pub struct LiveLooks {
    looks: Mutex<BTreeMap<String, Open>>,
    /// Changes with the household: whoever watches looks then whether they still may.
    household: watch::Sender<u64>,
    /// What begins and ends looks: a hub that stops waits for it.
    tasks: TaskTracker,
    /// One writes ends down at a time.
    ending: tokio::sync::Mutex<()>,
}

/// A live picture that was asked for and whose end is not told yet.
#[derive(Clone)]
struct Open {
    look: String,
    person: PersonId,
    session: String,
    client: String,
    camera: DeviceId,
    since: Timestamp,
    /// When and why it ended, where it did and that is not written down yet.
    over: Option<(Timestamp, LiveEnd)>,
}

/// A live picture: what is sent, and when it is over.
pub struct Watching {
    /// What the first message says.
    pub opening: LiveOpening,
    /// What comes after it.
    pub units: Units,
    /// How long it may go on.
    pub guard: Guard,
}

/// What a camera sends, sealed to whoever watches.
pub struct Units {
    hub: Arc<Hub>,
    camera: DeviceId,
    viewer: Viewer,
    sealing: Sealing,
    /// What comes behind the description of it.
    waiting: Option<(Arc<LiveUnit>, bool)>,
}

/// Watches over a live picture. However this goes, the look ends with it.
pub struct Guard {
    hub: Arc<Hub>,
    session: String,
    person: PersonId,
    camera: DeviceId,
    sessions: watch::Receiver<u64>,
    household: watch::Receiver<u64>,
    look_again: bool,
    ended: Option<oneshot::Sender<LiveEnd>>,
}

/// Begins to watch a camera live: its line is in the ledger when this returns, and the household is told.
///
/// # Errors
/// Where whoever asks may not, nobody agrees to its pictures, it is not there, or too many watch at once.
pub async fn watch(hub: &Arc<Hub>, who: &SignedIn, camera: &str) -> Result<Watching, Error> {
    // Whatever changes from here on ends it.
    let (mut sessions, mut household) = (hub.store.sessions_ended(), hub.live.household.subscribe());
    sessions.mark_unchanged();
    household.mark_unchanged();
    let camera = may_watch(hub, who, camera)?;
    let live = hub.cameras.live(&camera).await;
    let live = live.ok_or_else(|| Error::unavailable(CameraReport::unwatched().state))?;
    let home = hub.home();
    let keys = home.household.person(who.person())?.keys.as_ref();
    let recipient = keys.ok_or_else(|| Error::not_yours("you have no keys to seal a live picture to"))?;
    let (sealing, key) = Sealing::to(&recipient.recipient)?;
    let Session { id, client, .. } = &who.session;
    let open = hub.live.open(who.person(), id, client, camera, hub.now())?;
    let begun = Begun { hub: hub.clone(), look: Some(open.look.clone()) };
    let beginning = begin(begun, open, sessions, household);
    // Whoever goes away meanwhile leaves nothing half done.
    let guard = hub.live.tasks.spawn(beginning).await.map_err(Error::broken)??;
    let opening = LiveOpening { look: guard.1, key };
    let units = Units {
        hub: hub.clone(),
        camera: guard.0.camera.clone(),
        viewer: live.watch(),
        sealing,
        waiting: None,
    };
    Ok(Watching { opening, units, guard: guard.0 })
}

/// The camera, where whoever asks may watch it now.
///
/// # Errors
/// Why not.
pub fn may_watch(hub: &Hub, who: &SignedIn, camera: &str) -> Result<DeviceId, Error> {
    let home = hub.home();
    if !who.viewer.may_look(&Whose::Household, household::Kind::Video) {
        let text = "only those it is sealed to can open this; you could ask them";
        return Err(Error::not_yours(Message::new("sealed-to-others", text)));
    }
    let is = |device: &&household::Device| device.kind == DeviceKind::Camera && device.id.as_str() == camera;
    let Some(device) = home.household.devices.iter().find(is) else {
        return Err(Error::not_found(Message::new(
            "no-such-camera",
            "there is no such camera in this household",
        )));
    };
    if permit(&home.household, &device.id, hub.now()).is_none() {
        let why = CameraReport::not_agreed().state;
        return Err(Error::new(ErrorKind::Conflict, "not-agreed", why));
    }
    Ok(device.id.clone())
}

/// A place among those who watch, given back unless the look begins.
struct Begun {
    hub: Arc<Hub>,
    look: Option<String>,
}

impl Drop for Begun {
    fn drop(&mut self) {
        if let Some(look) = &self.look {
            self.hub.live.lock().remove(look);
        }
    }
}

async fn begin(
    mut begun: Begun,
    open: Open,
    sessions: watch::Receiver<u64>,
    household: watch::Receiver<u64>,
) -> Result<(Guard, String), Error> {
    let hub = begun.hub.clone();
    look::begin(&hub, &open).await?;
    begun.look = None;
    let view = open.view(&hub);
    let Open { look, person, session, camera, .. } = open;
    let told = Happening::Watching { watching: view, device: camera_name(&hub, &camera) };
    hub.events.tell(hub.now(), told);
    let (ended, ending) = oneshot::channel();
    hub.live.tasks.spawn({
        let (hub, look) = (hub.clone(), look.clone());
        async move { look::end(&hub, &look, ending.await.unwrap_or(LiveEnd::Closed)).await }
    });
    let guard =
        Guard { hub, session, person, camera, sessions, household, look_again: true, ended: Some(ended) };
    Ok((guard, look))
}

fn camera_name(hub: &Hub, camera: &DeviceId) -> String {
    hub.home().household.device(camera).map(|device| device.name.clone()).unwrap_or_default()
}

impl Units {
    /// What is sent next; none once the camera is watched by the hub no more.
    pub async fn next(&mut self) -> Option<Vec<u8>> {
        loop {
            let (unit, past) = match self.waiting.take() {
                Some(waiting) => waiting,
                None => {
                    let (unit, past) = self.viewer.next().await?;
                    if unit.kind == LiveKind::Sound && !self.is_heard() {
                        continue;
                    }
                    if let Some(track) = self.sealing.new_track(&unit, past) {
                        self.waiting = Some((unit, past));
                        return Some(track);
                    }
                    (unit, past)
                }
            };
            return Some(self.sealing.unit(&unit, past));
        }
    }

    /// Whether an adult agrees to its sound now.
    fn is_heard(&self) -> bool {
        self.hub.home().household.hears(&self.camera, self.hub.now())
    }
}

impl Guard {
    /// Waits until the look may not go on; why.
    ///
    /// Cancel safe.
    pub async fn over(&mut self) -> LiveEnd {
        loop {
            if self.look_again {
                if let Err(why) = self.still_may().await {
                    return why;
                }
                self.look_again = false;
            }
            tokio::select! {
                biased;
                () = self.hub.stop.cancelled() => return LiveEnd::HubStopped,
                _ = self.sessions.changed() => self.look_again = true,
                _ = self.household.changed() => self.look_again = true,
            }
        }
    }

    async fn still_may(&self) -> Result<(), LiveEnd> {
        let home = self.hub.home();
        let viewer = home.household.viewer(&self.person, self.hub.now());
        if !viewer.is_ok_and(|viewer| viewer.may_look(&Whose::Household, household::Kind::Video)) {
            return Err(LiveEnd::NotAllowed);
        }
        if home.household.device(&self.camera).is_err() {
            return Err(LiveEnd::CameraGone);
        }
        if permit(&home.household, &self.camera, self.hub.now()).is_none() {
            return Err(LiveEnd::NotAgreed);
        }
        // What cannot be read lets nobody watch.
        let lives = self.hub.store.session_lives(&self.session).await.unwrap_or(false);
        if lives { Ok(()) } else { Err(LiveEnd::SessionEnded) }
    }

    /// The look is over, for this reason.
    pub fn end(mut self, why: LiveEnd) {
        if let Some(ended) = self.ended.take() {
            let _ = ended.send(why);
        }
    }
}

impl Open {
    fn view(&self, hub: &Hub) -> WatchingView {
        let home = hub.home();
        WatchingView {
            look: self.look.clone(),
            person: home.household.person(&self.person).map(|one| one.name.clone()).unwrap_or_default(),
            client: self.client.clone(),
            since: self.since,
        }
    }
}

impl LiveLooks {
    pub(crate) fn none() -> LiveLooks {
        LiveLooks {
            looks: Mutex::default(),
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
    pub fn of(&self, hub: &Hub, camera: &DeviceId) -> Vec<WatchingView> {
        let looks = self.lock();
        let mut now: Vec<&Open> =
            looks.values().filter(|open| open.over.is_none() && open.camera == *camera).collect();
        now.sort_by_key(|open| open.since);
        now.into_iter().map(|open| open.view(hub)).collect()
    }

    /// Waits until every look has its end, when none begins any more.
    pub(crate) async fn close(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Takes a place among those who watch.
    fn open(
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
        looks.insert(open.look.clone(), open.clone());
        Ok(open)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Open>> {
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
}
