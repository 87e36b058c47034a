//! Somebody between a newcomer and their hub, who knows whatever the hub knows and says something else.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use serde_json::Value;

use crate::home::Home;
use crate::page::Page;

/// What becomes of the answer to what was sent to a path.
type Lie = fn(path: &str, answer: &mut Value);

/// Where whoever is lied to takes the hub to be. It hands on what strangers send, one request after another.
pub struct LyingHub(String);

impl LyingHub {
    /// Begins to stand there, for as long as the test goes on.
    pub fn before(home: &Home, lie: Lie) -> LyingHub {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("a bound port"));
        let mut hub = Page::open(home);
        thread::spawn(move || {
            for asked in listener.incoming() {
                hand_on(&asked.expect("a connection"), &mut hub, lie);
            }
        });
        LyingHub(address)
    }

    /// Its address.
    pub fn address(&self) -> &str {
        &self.0
    }
}

fn hand_on(mut asked: &TcpStream, hub: &mut Page, lie: Lie) {
    let mut lines = BufReader::new(asked);
    let (mut path, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        lines.read_line(&mut line).expect("text");
        match line.trim_end().split_once(' ') {
            Some(("POST", rest)) => path.extend(rest.split(' ').next()),
            Some((name, value)) if name.eq_ignore_ascii_case("content-length:") => {
                length = value.parse().expect("a length");
            }
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    lines.read_exact(&mut body).expect("all of it");
    let (status, mut said) = hub.post(&path, &serde_json::from_slice(&body).expect("JSON"));
    lie(&path, &mut said);
    let said = if said.is_null() { String::new() } else { said.to_string() };
    let head = format!("HTTP/1.1 {status} OK\r\ncontent-type: application/json\r\nconnection: close");
    // Nothing has a length that has no body.
    let length = if status == 204 { String::new() } else { format!("\r\ncontent-length: {}", said.len()) };
    // Whoever asked may have gone away.
    let _ = write!(asked, "{head}{length}\r\n\r\n{said}");
}
