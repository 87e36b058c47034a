//! The connections that are open: how many there may be, whose they are, and which goes where there is no room.
//!
//! Nothing that a stranger can do keeps the household out. Connections by which somebody of the household has shown a valid session
//! have room of their own, with a share for each person and each session. So has this computer, and so has the network, with a share
//! for each address. Where a room is full, the oldest of whoever holds most there is cut, and whoever comes is let in: to hold
//! connections open gets a stranger nothing but that their own are cut. Who holds most is asked of blocks of addresses first, which
//! strangers far away choose from as they like, and within one of each address, as the devices of one home have them by IPv6.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use porchlight_hub::accounts::rate_limits::AddressBlock;
use porchlight_hub::shares::Shares;
use porchlight_protocol::{Check, CheckState};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::connection::Connection;
use super::descriptors::{RESERVED, limit};

/// The most connections at once.
const MOST: u64 = 768;
/// The most connections of one session: a browser's own limit for a host is six by HTTP/1, and one by HTTP/2.
const OF_A_SESSION: usize = 24;
/// Connections that were cut and are not yet gone.
const LEAVING: usize = 64;

/// How many connections of which kind there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Room {
    /// Of strangers on the network …
    network: usize,
    /// … and of each address.
    address: usize,
    /// Of programs on this computer that show no session.
    this_computer: usize,
    /// Of whoever showed a valid session.
    signed_in: usize,
}

/// The open connections.
pub(crate) struct Connections {
    open: Mutex<Open>,
    places: Arc<Semaphore>,
}

struct Open {
    network: Shares<AddressBlock, IpAddr, Arc<Connection>>,
    this_computer: Shares<AddressBlock, IpAddr, Arc<Connection>>,
    signed_in: Shares<String, String, Arc<Connection>>,
}

/// A place among the open files; given back when a connection is closed.
pub(super) struct Place(#[expect(dead_code, reason = "what is held is the permit")] OwnedSemaphorePermit);

impl Room {
    /// As much as a limit on open files leaves, the half of it for the network, a third for the household.
    pub(crate) fn within(limit: u64) -> Room {
        let most = limit.saturating_sub(RESERVED).max(limit / 4).min(MOST);
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let (network, signed_in) = (most / 2, most / 3);
        Room { network, address: network / 4, this_computer: most - network - signed_in, signed_in }
    }

    /// All together.
    pub(crate) fn all(self) -> usize {
        self.network + self.this_computer + self.signed_in
    }

    /// Whether a system allows so few open files that a household may be short of connections.
    pub(crate) fn is_small(self) -> bool {
        (self.all() as u64) < MOST / 2
    }
}

impl Connections {
    pub(crate) fn within(room: Room) -> Arc<Connections> {
        let Room { network, address, this_computer, signed_in } = room;
        Arc::new(Connections {
            open: Mutex::new(Open {
                network: Shares::new(address, network),
                this_computer: Shares::new(this_computer.div_ceil(2), this_computer),
                signed_in: Shares::new(OF_A_SESSION, signed_in),
            }),
            places: Arc::new(Semaphore::new(room.all() + LEAVING)),
        })
    }

    /// Waits until one more file may be open. What was cut goes at once, so that it is never waited for long.
    pub(super) async fn place(&self) -> Option<Place> {
        self.places.clone().acquire_owned().await.ok().map(Place)
    }

    /// Lets a stranger in; whoever has to make room for them is cut.
    pub(super) fn admit(&self, connection: &Arc<Connection>) {
        self.open().add_stranger(connection.clone());
    }

    /// A valid session was shown by this connection.
    pub(super) fn signed_in(&self, connection: &Arc<Connection>, person: &str, session: &str) {
        let mut open = self.open();
        if connection.set_session(Some(session)) {
            open.remove(connection);
            let gone = open.signed_in.add(person.to_owned(), session.to_owned(), connection.clone());
            gone.inspect(|gone| gone.cut());
        }
    }

    /// What was shown by this connection is no valid session, or none any more.
    pub(super) fn not_signed_in(&self, connection: &Arc<Connection>) {
        let mut open = self.open();
        if connection.set_session(None) {
            open.remove(connection);
            open.add_stranger(connection.clone());
        }
    }

    /// A connection is closed.
    pub(super) fn closed(&self, connection: &Arc<Connection>) {
        self.open().remove(connection);
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn add_stranger(&mut self, connection: Arc<Connection>) {
        let from = connection.from.to_canonical();
        let room = if from.is_loopback() { &mut self.this_computer } else { &mut self.network };
        room.add(AddressBlock::of(from), from, connection).inspect(|gone| gone.cut());
    }

    fn remove(&mut self, connection: &Arc<Connection>) {
        let is = |one: &Arc<Connection>| Arc::ptr_eq(one, connection);
        let strangers = self.network.take(is).or_else(|| self.this_computer.take(is));
        let _ = strangers.or_else(|| self.signed_in.take(is));
    }
}

/// Whether the system allows so many open files that strangers cannot use up what the household needs.
pub(crate) fn check() -> Check {
    let check = |state, sentence| Check { name: "connections".to_owned(), state, sentence };
    let limit = limit();
    let room = Room::within(limit);
    let (all, kept) = (room.all(), limit.saturating_sub(room.all() as u64));
    let sentence =
        format!("{all} connections at once, and {kept} open files are kept for recordings whatever comes.");
    match room.is_small() {
        false => check(CheckState::Good, sentence),
        true => check(
            CheckState::Warning,
            format!(
                "{sentence} The system allows {limit} open files; allow at least 1024 (`ulimit -n 1024`, or LimitNOFILE=1024)."
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection(connections: &Connections, from: &str) -> Arc<Connection> {
        let connection = Arc::new(Connection::from(from.parse().unwrap()));
        connections.admit(&connection);
        connection
    }

    fn open<'a>(all: impl IntoIterator<Item = &'a Arc<Connection>>) -> usize {
        all.into_iter().filter(|connection| !connection.is_cut()).count()
    }

    #[test]
    fn a_flood_is_bounded_and_cuts_nobody_but_itself() {
        let room = Room::within(20_000);
        let connections = Connections::within(room);
        let phone = connection(&connections, "192.168.1.20");
        let one: Vec<_> = (0..5000).map(|_| connection(&connections, "192.168.1.66")).collect();
        assert_eq!(open(&one), room.address);
        let fifty: Vec<_> =
            (0..5000).map(|n| connection(&connections, &format!("192.168.2.{}", n % 50))).collect();
        assert_eq!(open(one.iter().chain(&fifty)), room.network - 1);
        assert!(!phone.is_cut(), "who holds one of them keeps it");
        let others: Vec<_> = (0..200).map(|n| connection(&connections, &format!("10.0.0.{n}"))).collect();
        assert_eq!(open(&others), 200, "and whoever comes is let in");
        let here: Vec<_> = (0..5000).map(|_| connection(&connections, "127.0.0.1")).collect();
        assert!(open(&here) > 0 && open(&here) < room.this_computer);
        assert!(!phone.is_cut() && open(&others) == 200, "this computer has room of its own");
    }

    #[test]
    fn a_device_at_home_cuts_its_own_connections_and_not_its_neighbours() {
        let room = Room::within(20_000);
        let connections = Connections::within(room);
        let phone = connection(&connections, "2001:db8::20");
        let _lamp: Vec<_> = (0..5000).map(|_| connection(&connections, "2001:db8::66")).collect();
        assert!(!phone.is_cut(), "though a home is one block of addresses by IPv6");
        let far: Vec<_> =
            (0..1000).map(|n| connection(&connections, &format!("2001:db8:1::{n:x}"))).collect();
        assert!(!phone.is_cut(), "who makes addresses up is one all the same");
        assert!(open(&far) < room.network);
    }

    #[test]
    fn whoever_is_signed_in_is_cut_by_no_stranger_and_by_no_other_session() {
        let room = Room::within(20_000);
        let connections = Connections::within(room);
        let phone = connection(&connections, "192.168.1.20");
        connections.signed_in(&phone, "anna", "phone");
        for n in 0..5000 {
            let other = connection(&connections, "192.168.1.20");
            if n % 2 == 0 {
                connections.signed_in(&other, "tom", &format!("session {}", n / 100));
            }
        }
        assert!(!phone.is_cut());
        // Whose session is over is a stranger again, and the newest of them.
        connections.not_signed_in(&phone);
        assert!(!phone.is_cut());
        let _more: Vec<_> = (0..room.address).map(|_| connection(&connections, "192.168.1.20")).collect();
        assert!(phone.is_cut());
    }

    #[test]
    fn what_is_closed_makes_room() {
        let room = Room::within(20_000);
        let connections = Connections::within(room);
        for _ in 0..2 {
            let all: Vec<_> = (0..room.address).map(|_| connection(&connections, "2001:db8::1")).collect();
            assert_eq!(open(&all), room.address);
            all.iter().for_each(|one| connections.closed(one));
        }
    }

    #[test]
    fn there_is_room_for_recordings_whatever_the_limit() {
        for limit in [64, 256, 512, 1024, 4096, 1 << 20] {
            let room = Room::within(limit);
            assert!(room.all() as u64 + RESERVED.min(limit * 3 / 4) <= limit, "{limit}: {room:?}");
            assert!(room.network > 0 && room.this_computer > 0 && room.signed_in > 0, "{limit}: {room:?}");
        }
        assert!(Room::within(512).is_small() && !Room::within(1024).is_small());
    }
}
