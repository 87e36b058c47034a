//! Somebody on the network who is not of the household, at an address of their own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;
use tokio::net::TcpSocket;
use tokio::runtime::Builder;

use crate::home::Home;

/// Longer than any answer takes, under a flood too.
const PATIENCE: Duration = Duration::from_secs(60);

/// A program at an address of its own, which asks one thing after another. By http alone.
pub struct Stranger {
    address: Ipv4Addr,
    hub: SocketAddr,
    connection: Option<BufReader<TcpStream>>,
}

impl Stranger {
    /// At one of the addresses that lead to this computer, `127.…`.
    pub fn at(home: &Home, address: [u8; 4]) -> Stranger {
        let hub = home.address().strip_prefix("http://").expect("a hub that is served plain");
        Stranger { address: address.into(), hub: hub.parse().expect("an address"), connection: None }
    }

    /// Sends something; the status, and the answer where it is JSON.
    pub fn post(&mut self, path: &str, body: &Value) -> (u16, Value) {
        let body = body.to_string();
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            self.hub,
            body.len()
        );
        // A connection may have been closed since the last answer; a new one is not.
        if let Some(answer) = self.ask(&request) {
            return answer;
        }
        self.connection = None;
        self.ask(&request).expect("an answer")
    }

    fn ask(&mut self, request: &str) -> Option<(u16, Value)> {
        if self.connection.is_none() {
            self.connection = Some(BufReader::new(self.connect()));
        }
        let connection = self.connection.as_mut()?;
        connection.get_mut().write_all(request.as_bytes()).ok()?;
        let (mut line, mut status, mut length) = (String::new(), None, 0);
        loop {
            line.clear();
            connection.read_line(&mut line).ok().filter(|read| *read > 0)?;
            match (line.trim_end().split_once(' '), status) {
                (Some((_, rest)), None) => status = rest.get(..3).and_then(|status| status.parse().ok()),
                (Some((name, value)), _) if name.eq_ignore_ascii_case("content-length:") => {
                    length = value.parse().ok()?;
                }
                (None, Some(_)) if line.trim_end().is_empty() => break,
                _ => {}
            }
        }
        let mut said = vec![0; length];
        connection.read_exact(&mut said).ok()?;
        Some((status?, serde_json::from_slice(&said).unwrap_or(Value::Null)))
    }

    fn connect(&self) -> TcpStream {
        let runtime = Builder::new_current_thread().enable_io().build().expect("a runtime");
        let stream = runtime.block_on(async {
            let socket = TcpSocket::new_v4()?;
            socket.bind((self.address, 0).into())?;
            socket.connect(self.hub).await?.into_std()
        });
        let stream = stream.expect("a connection");
        stream.set_nonblocking(false).expect("a connection that waits");
        stream.set_read_timeout(Some(PATIENCE)).expect("a patient connection");
        stream
    }
}
