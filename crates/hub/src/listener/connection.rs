//! One connection: whose it is, how much is under way in it, and when its time is over.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::Extensions;
use axum::http::request::Parts;
use tokio::sync::{Notify, Semaphore, SemaphorePermit};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::connections::Connections;

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

/// A connection as those see it who answer what comes by it. It is in every request's extensions.
#[derive(Clone)]
pub(crate) struct Visit {
    pub(super) connections: Arc<Connections>,
    pub(super) connection: Arc<Connection>,
    /// Whether what comes by it is encrypted on its way.
    pub(super) encrypted: bool,
}

/// Whether a request came encrypted. This computer may be served plain where phones are served by HTTPS, so it is a matter of each
/// connection.
#[derive(Clone, Copy)]
pub(crate) struct Encrypted(pub bool);

impl Encrypted {
    /// Of a request with these extensions.
    pub(crate) fn of(extensions: &Extensions) -> Encrypted {
        Encrypted(extensions.get::<Visit>().is_some_and(|visit| visit.encrypted))
    }
}

impl<S: Sync> FromRequestParts<S> for Encrypted {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Encrypted, Infallible> {
        Ok(Encrypted::of(&parts.extensions))
    }
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

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Visit {
    /// A valid session was shown.
    pub(crate) fn signed_in(&self, person: &str, session: &str) {
        self.connections.signed_in(&self.connection, person, session);
    }

    /// What was shown is no valid session, or none any more.
    pub(crate) fn not_signed_in(&self) {
        self.connections.not_signed_in(&self.connection);
    }

    /// The session that was shown last, where it was valid.
    pub(crate) fn session(&self) -> Option<String> {
        self.connection.state().session.clone()
    }

    /// Waits until one more body may be read from this connection of a stranger.
    pub(crate) async fn body(&self) -> Option<SemaphorePermit<'_>> {
        self.connection.bodies.acquire().await.ok()
    }

    /// A request came in.
    pub(super) fn begin(&self) -> UnderWay {
        self.connection.state().under_way += 1;
        UnderWay(self.connection.clone())
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

#[cfg(test)]
mod tests {
    use super::super::connections::Room;
    use super::*;

    fn visit() -> Visit {
        let connection = Arc::new(Connection::from("192.168.1.20".parse().unwrap()));
        let connections = Connections::within(Room::within(1024));
        connections.admit(&connection);
        Visit { connections, connection, encrypted: false }
    }

    /// How long a connection lasts that is left as it is, at most a day.
    async fn lasts(visit: &Visit) -> u64 {
        let began = Instant::now();
        let day = Duration::from_secs(24 * 60 * 60);
        let _ = tokio::time::timeout(day, visit.connection.ending()).await;
        began.elapsed().as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_comes_late_is_told_to_connect_anew_and_a_member_is_not() {
        let visit = visit();
        let _busy = visit.begin();
        tokio::time::advance(Duration::from_secs(44)).await;
        assert!(!visit.connection.is_leaving());
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(visit.connection.is_leaving());
        visit.signed_in("anna", "phone");
        assert!(!visit.connection.is_leaving());
    }

    #[tokio::test(start_paused = true)]
    async fn a_strangers_time_is_short_whatever_they_do() {
        let silent = visit();
        assert_eq!(lasts(&silent).await, STRANGER_RESTS.as_secs());
        let slow = visit();
        let _under_way = slow.begin();
        assert_eq!(lasts(&slow).await, STRANGER_STAYS.as_secs(), "one that sends or reads drop by drop");
        let busy = visit();
        let asks = async {
            loop {
                tokio::time::sleep(Duration::from_secs(5)).await;
                drop(busy.begin());
            }
        };
        tokio::select! {
            () = asks => {}
            lasts = lasts(&busy) => assert_eq!(lasts, STRANGER_STAYS.as_secs(), "one that asks again and again"),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_is_signed_in_listens_as_long_as_they_like() {
        let visit = visit();
        let listening = visit.begin();
        visit.signed_in("anna", "phone");
        assert_eq!(lasts(&visit).await, 24 * 60 * 60);
        drop(listening);
        assert_eq!(lasts(&visit).await, MEMBER_RESTS.as_secs());
        let listening = visit.begin();
        visit.not_signed_in();
        assert_eq!(lasts(&visit).await, STRANGER_STAYS.as_secs(), "whose session is over is a stranger");
        drop(listening);
    }

    #[tokio::test(start_paused = true)]
    async fn what_becomes_idle_earlier_than_its_end_is_noticed() {
        let visit = visit();
        let under_way = visit.begin();
        let ends = async {
            tokio::time::sleep(Duration::from_secs(20)).await;
            drop(under_way);
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = ends => {}
            lasts = lasts(&visit) => assert_eq!(lasts, 20 + STRANGER_RESTS.as_secs()),
        }
    }
}
