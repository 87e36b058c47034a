//! Watching a camera live: who may and does, from the line in the ledger that comes before the first byte to the one of its end.
//!
//! Whoever may open a camera's film may watch it, and it is watched only while an adult agrees to its pictures. Nothing of it touches a
//! disk: pictures go from the camera's memory to the socket, sealed to the member who watches.

mod look;
mod sealing;

use std::sync::Arc;

use porchlight_camera::{LiveKind, LiveUnit, Viewer};
use porchlight_household::{self as household, DeviceId, DeviceKind, PersonId, Whose};
use porchlight_protocol::events::Happening;
use porchlight_protocol::{LiveEnd, LiveOpening, Message};
use tokio::sync::{oneshot, watch};

use self::sealing::Sealing;
use super::chosen::{as_chosen, no_such_camera};
use super::keeper::permit;
use super::live_looks::Open;
use super::report::{CameraReport, PRIVACY};
use crate::accounts::auth::SignedIn;
use crate::error::{Error, ErrorKind};
use crate::secrets;
use crate::state::Hub;
use crate::store::Session;

pub(crate) use look::finish_left;

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
    let camera = may_watch(hub, who, camera).await?;
    let live = hub.cameras.live(&camera).await;
    let live = live.ok_or_else(|| Error::unavailable(CameraReport::unwatched().state))?;
    let home = hub.home();
    let keys = home.household.person(who.person())?.keys.as_ref();
    let recipient = keys.ok_or_else(|| Error::not_yours("you have no keys to seal a live picture to"))?;
    let (sealing, key) = Sealing::to(&recipient.recipient, camera.as_str())?;
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
pub async fn may_watch(hub: &Hub, who: &SignedIn, camera: &str) -> Result<DeviceId, Error> {
    let home = hub.home();
    if !who.viewer.may_look(&Whose::Household, household::Kind::Video) {
        let text = "only those it is sealed to can open this; you could ask them";
        return Err(Error::not_yours(Message::new("sealed-to-others", text)));
    }
    let is = |device: &&household::Device| device.kind == DeviceKind::Camera && device.id.as_str() == camera;
    let Some(device) = home.household.devices.iter().find(is) else {
        return Err(no_such_camera());
    };
    match as_chosen(hub, &device.id).await {
        Some(chosen) => {
            let word = if chosen.state.code == PRIVACY { "privacy" } else { "not-agreed" };
            Err(Error::new(ErrorKind::Conflict, word, chosen.state))
        }
        None => Ok(device.id.clone()),
    }
}

/// A place among those who watch, given back unless the look begins.
struct Begun {
    hub: Arc<Hub>,
    look: Option<String>,
}

impl Drop for Begun {
    fn drop(&mut self) {
        if let Some(look) = &self.look {
            // One that was refused is owed its end.
            let mut looks = self.hub.live.lock();
            if looks.get(look).is_some_and(|open| open.over.is_none()) {
                looks.remove(look);
            }
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
    let view = open.view(&hub.home().household);
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
        self.hub.home().household.hears(&self.camera, self.hub.certain_now())
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
        let certain = self.hub.certain_now();
        let viewer = home.household.viewer(&self.person, certain);
        if !viewer.is_ok_and(|viewer| viewer.may_look(&Whose::Household, household::Kind::Video)) {
            return Err(LiveEnd::NotAllowed);
        }
        if home.household.device(&self.camera).is_err() {
            return Err(LiveEnd::CameraGone);
        }
        if permit(&home.household, &self.camera, certain, certain).is_none() {
            return Err(LiveEnd::NotAgreed);
        }
        if secrets::privacy(&self.hub.vault, &self.camera).await.is_some() {
            return Err(LiveEnd::Privacy);
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
