//! Strangers who hold a hub's connections open and say as little as they can.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use socket2::{Domain, Socket, Type};

/// How long somebody waits for a hub to let them in.
const LET_IN: Duration = Duration::from_secs(30);

/// Connections that are held open until this is dropped.
pub struct Flood(Vec<TcpStream>);

/// What a stranger begins with, and never ends.
#[derive(Clone, Copy)]
pub enum Beginning {
    /// Nothing at all: TLS that is never agreed on, or a request that never comes.
    Silence,
    /// Half a request's head.
    Head,
    /// HTTP/2, and then nothing more.
    Http2,
    /// A request to sign in with a body of so many bytes, of which half a megabyte comes.
    Body(usize),
}

impl Beginning {
    fn bytes(self) -> Vec<u8> {
        match self {
            Beginning::Silence => Vec::new(),
            Beginning::Head => b"GET /api/health HTTP/1.1\r\nHost: localhost\r\nX-Padding: a".to_vec(),
            // The preface, and settings of which there are none.
            Beginning::Http2 => b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".to_vec(),
            Beginning::Body(length) => {
                let head = format!(
                    "POST /api/sign-in/start HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{{\"name\":\""
                );
                let mut bytes = head.into_bytes();
                bytes.resize(bytes.len() + (length / 2).min(512 << 10), b'a');
                bytes
            }
        }
    }
}

impl Flood {
    /// Nobody yet.
    pub fn new() -> Flood {
        Flood(Vec::new())
    }

    /// Connects so many times to a hub at a loopback address, from as many addresses of this computer as are named, in turn.
    pub fn hold(&mut self, hub: &str, addresses: u8, connections: usize, beginning: Beginning) {
        let hub = hub.split("://").nth(1).and_then(|hub| hub.parse().ok()).expect("the address of a hub");
        self.make_room(connections);
        let bytes = beginning.bytes();
        for from in (0..addresses).cycle().take(connections) {
            let mut stream = connect(Ipv4Addr::new(127, 7, 7, 10 + from), hub);
            // A hub that cuts somebody while they speak does what is asked of it.
            let _ = stream.write_all(&bytes);
            self.0.push(stream);
        }
    }

    /// How many of them the hub has not cut by now.
    pub fn held(&self) -> usize {
        self.0.iter().filter(|stream| is_open(stream)).count()
    }

    /// Each connection takes an open file of this program too.
    fn make_room(&self, connections: usize) {
        let limit = getrlimit(Resource::Nofile);
        let needed = (self.0.len() + connections + 512) as u64;
        if limit.current.is_some_and(|current| current < needed) {
            let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
            setrlimit(Resource::Nofile, raised).expect("as many open files as are allowed");
        }
    }
}

impl Default for Flood {
    fn default() -> Flood {
        Flood::new()
    }
}

fn connect(from: Ipv4Addr, hub: SocketAddr) -> TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    socket.bind(&SocketAddr::new(IpAddr::V4(from), 0).into()).expect("an address of this computer");
    socket.connect_timeout(&hub.into(), LET_IN).expect("a hub that lets somebody in");
    let stream = TcpStream::from(socket);
    stream.set_write_timeout(Some(LET_IN)).expect("a connection");
    stream
}

/// Whether the other end has neither closed nor reset a connection. What it says meanwhile is read past.
fn is_open(mut stream: &TcpStream) -> bool {
    stream.set_nonblocking(true).expect("a connection");
    let mut said = [0; 1024];
    loop {
        match stream.read(&mut said) {
            Ok(0) => return false,
            Ok(_) => {}
            Err(error) => return error.kind() == std::io::ErrorKind::WouldBlock,
        }
    }
}
