//! Strangers who hold a hub's connections open: as many as are asked for, each opened anew within a second of being cut.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use socket2::{Domain, Socket, Type};

/// Half a request, whose other half never comes.
const HALF: &[u8] = b"GET /api/health HTTP/1.1\r\nHost: localhost\r\nX-Padding: a";
/// How often each of them is looked after.
const ROUND_EVERY: Duration = Duration::from_secs(1);
/// How long a hub may take to let one in.
const LET_IN: Duration = Duration::from_secs(5);
/// Open files of the harness itself.
const OWN: u64 = 256;

/// A flood, until it is dropped.
pub(crate) struct Flood {
    stop: Arc<AtomicBool>,
    opened: Arc<AtomicU64>,
    thread: Option<JoinHandle<()>>,
}

impl Flood {
    /// Begins it, and waits until each of them was let in once.
    pub(crate) fn begin(hub: SocketAddr, connections: usize, addresses: u8) -> Result<Flood> {
        let (_, most) = getrlimit(Resource::RLIMIT_NOFILE)?;
        if most < connections as u64 + OWN {
            bail!("this system allows {most} open files, too few for {connections} connections");
        }
        setrlimit(Resource::RLIMIT_NOFILE, most, most)?;
        let (stop, opened) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let thread = std::thread::spawn({
            let (stop, opened) = (stop.clone(), opened.clone());
            move || hold(hub, connections, addresses, &stop, &opened)
        });
        let flood = Flood { stop, opened, thread: Some(thread) };
        let began = Instant::now();
        while flood.opened() < connections as u64 {
            if began.elapsed() > Duration::from_secs(120) {
                bail!("only {} strangers were let in within two minutes", flood.opened());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(flood)
    }

    /// How many connections were opened so far.
    pub(crate) fn opened(&self) -> u64 {
        self.opened.load(Ordering::Relaxed)
    }
}

impl Drop for Flood {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn hold(hub: SocketAddr, connections: usize, addresses: u8, stop: &AtomicBool, opened: &AtomicU64) {
    let mut held: Vec<Option<TcpStream>> = (0..connections).map(|_| None).collect();
    while !stop.load(Ordering::Relaxed) {
        let round = Instant::now();
        for (number, place) in held.iter_mut().enumerate() {
            if stop.load(Ordering::Relaxed) {
                return;
            }
            if place.as_ref().is_none_or(|stream| !is_open(stream)) {
                let from = Ipv4Addr::new(127, 7, 7, 10 + (number % usize::from(addresses)) as u8);
                // One that is not let in is tried again in the next round.
                *place = connect(from, hub).ok();
                opened.fetch_add(u64::from(place.is_some()), Ordering::Relaxed);
            }
        }
        std::thread::sleep(ROUND_EVERY.saturating_sub(round.elapsed()));
    }
}

fn connect(from: Ipv4Addr, hub: SocketAddr) -> Result<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.bind(&SocketAddr::new(IpAddr::V4(from), 0).into())?;
    socket.connect_timeout(&hub.into(), LET_IN).context("the hub lets nobody in")?;
    let mut stream = TcpStream::from(socket);
    stream.set_nonblocking(true)?;
    stream.write_all(HALF)?;
    Ok(stream)
}

/// Whether the other end has neither closed nor reset a connection.
fn is_open(mut stream: &TcpStream) -> bool {
    let mut said = [0; 256];
    loop {
        match stream.read(&mut said) {
            Ok(0) => return false,
            Ok(_) => {}
            Err(error) => return error.kind() == std::io::ErrorKind::WouldBlock,
        }
    }
}
