//! One connection: whose it is, how much is under way in it, and when its time is over.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, Semaphore, SemaphorePermit};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

/// A stranger's connection on which nothing is being answered: while TLS is agreed on, while a request comes in, between two of them …
pub(super) const STRANGER_RESTS: Duration = Duration::from_secs(10);
/// … and whatever it does: long enough to fetch the app over a slow network at home.
pub(super) const STRANGER_STAYS: Duration = Duration::from_secs(60);
/// Of that, what is left when they are told to connect anew for the next request: it would be cut off in the middle.
const STRANGER_LEAVES: Duration = Duration::from_secs(15);
/// A connection of somebody who is signed in, on which nothing is being answered. What is being answered may take as long as it likes:
/// an event stream, a film.
pub(super) const MEMBER_RESTS: Duration = Duration::from_secs(120);
/// Bodies that are read at once from one connection of a stranger.
const BODIES: usize = 2;

/// An open connection.
pub(crate) struct Connection {
    pub(super) from: IpAddr,
    state: Mutex<State>,
    cut: CancellationToken,
    /// Its time may be over earlier than it was.
    changed: Notify,
    bodies: Semaphore,
    /// WebSockets that it became.
    sockets: TaskTracker,
}

struct State {
    /// The session that was shown last, where it was valid.
    session: Option<String>,
    under_way: usize,
    /// Since when nothing is being answered.
    resting: Instant,
    /// Since when nobody has shown a session.
    strange: Instant,
}

/// Why a connection ends.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// Somebody else needs the room.
    Cut,
    /// Its time is over.
    Over,
}

/// Something that is being answered, until its answer is sent.
pub(super) struct UnderWay(Arc<Connection>);

impl Connection {
    pub(super) fn from(from: IpAddr) -> Connection {
        let now = Instant::now();
        Connection {
            from,
            state: Mutex::new(State { session: None, under_way: 0, resting: now, strange: now }),
            cut: CancellationToken::new(),
            changed: Notify::new(),
            bodies: Semaphore::new(BODIES),
            sockets: TaskTracker::new(),
        }
    }

    /// Ends it now.
    pub(super) fn cut(&self) {
        self.cut.cancel();
    }

    #[cfg(test)]
    pub(super) fn is_cut(&self) -> bool {
        self.cut.is_cancelled()
    }

    /// It becomes a WebSocket, for as long as this is held; and what tells that somebody else needs its room.
    pub(super) fn becomes_socket(&self) -> (TaskTrackerToken, CancellationToken) {
        (self.sockets.token(), self.cut.clone())
    }

    /// Waits until no WebSocket is left of it.
    pub(super) async fn sockets_closed(&self) {
        self.sockets.close();
        self.sockets.wait().await;
    }

    /// Whose it is from now on; whether that is new.
    pub(super) fn set_session(&self, session: Option<&str>) -> bool {
        let mut state = self.state();
        let new = state.session.as_deref() != session;
        if new {
            state.session = session.map(str::to_owned);
            state.strange = Instant::now();
            self.changed.notify_one();
        }
        new
    }

    /// Waits for its end.
    pub(super) async fn ending(&self) -> Ending {
        loop {
            let over = self.over_at();
            let over = async {
                match over {
                    Some(at) => tokio::time::sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = self.cut.cancelled() => return Ending::Cut,
                () = self.changed.notified() => {}
                () = over => {
                    if self.over_at().is_some_and(|at| at <= Instant::now()) {
                        return Ending::Over;
                    }
                }
            }
        }
    }

    /// Whether the next request had better come by another one.
    pub(super) fn is_leaving(&self) -> bool {
        let state = self.state();
        state.session.is_none() && state.strange.elapsed() >= STRANGER_STAYS - STRANGER_LEAVES
    }

    /// When its time is over, should nothing change.
    fn over_at(&self) -> Option<Instant> {
        let state = self.state();
        let rests = |long| (state.under_way == 0).then(|| state.resting + long);
        match state.session {
            Some(_) => rests(MEMBER_RESTS),
            None => {
                let stays = state.strange + STRANGER_STAYS;
                Some(rests(STRANGER_RESTS).map_or(stays, |rests| rests.min(stays)))
            }
        }
    }

    /// The session that was shown last, where it was valid.
    pub(super) fn session(&self) -> Option<String> {
        self.state().session.clone()
    }

    /// Waits until one more body may be read from it while it is a stranger's.
    pub(super) async fn body(&self) -> Option<SemaphorePermit<'_>> {
        self.bodies.acquire().await.ok()
    }

    /// A request came in.
    pub(super) fn begin(self: &Arc<Connection>) -> UnderWay {
        self.state().under_way += 1;
        UnderWay(self.clone())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.under_way -= 1;
        if state.under_way == 0 {
            state.resting = Instant::now();
            self.0.changed.notify_one();
        }
    }
}
