//! A connection as those see it who answer what comes by it.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::Extensions;
use axum::http::request::Parts;
use tokio::sync::SemaphorePermit;
use tokio_util::sync::CancellationToken;
use tokio_util::task::task_tracker::TaskTrackerToken;

use super::connection::{Connection, UnderWay};
use super::connections::Connections;

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

/// A connection that became a WebSocket: it keeps its place among the open ones until this is dropped.
pub(crate) struct Socket {
    _place: TaskTrackerToken,
    cut: CancellationToken,
}

impl Socket {
    /// Waits until somebody else needs its room.
    pub(crate) async fn cut(&self) {
        self.cut.cancelled().await;
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
        self.connection.session()
    }

    /// Waits until one more body may be read from this connection of a stranger.
    pub(crate) async fn body(&self) -> Option<SemaphorePermit<'_>> {
        self.connection.body().await
    }

    /// It becomes a WebSocket, for as long as this is held.
    pub(crate) fn becomes_socket(&self) -> Socket {
        let (place, cut) = self.connection.becomes_socket();
        Socket { _place: place, cut }
    }

    /// A request came in.
    pub(super) fn begin(&self) -> UnderWay {
        self.connection.begin()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::super::connection::{MEMBER_RESTS, STRANGER_RESTS, STRANGER_STAYS};
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
