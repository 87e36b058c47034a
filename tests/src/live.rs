//! A camera that is watched live, as the app does it: a WebSocket whose messages are opened with the member's own key.

use std::io::ErrorKind;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use tungstenite::client::IntoClientRequest;
use tungstenite::error::Error;
use tungstenite::http::StatusCode;
use tungstenite::{HandshakeError, Message, WebSocket, client};

use crate::answer::text;
use crate::member::Member;
use crate::page::Page;

/// What a message begins with, inside: its kind, whether it is of the past, when it arrived, and the camera's own time.
const HEAD: usize = 18;
const CONTEXT: &str = "porchlight live 1";

/// A camera that is watched live.
pub struct Live {
    socket: WebSocket<TcpStream>,
    /// All that came so far, as it was on its way.
    pub on_the_wire: Vec<Vec<u8>>,
    /// The look, as the ledger names it.
    pub look: String,
    sealed_key: Vec<u8>,
    next: u64,
    camera: String,
}

/// What came, opened.
#[derive(Debug)]
pub struct LiveUnit {
    /// 0 for how it is made, 1 for a key frame, 2 for another picture, 3 for sound.
    pub kind: u8,
    /// Whether it was there before.
    pub past: bool,
    /// When it arrived, in milliseconds since 1970.
    pub arrived: i64,
    /// The unit itself.
    pub data: Vec<u8>,
}

impl Page {
    /// Watches a camera live, from the app's own page; where it is refused, the status.
    pub fn watch(&self, camera: &str) -> Result<Live, u16> {
        let own = self.base().to_owned();
        self.watch_from(camera, Some(&own))
    }

    /// The same from a page of another origin, or from no page.
    pub fn watch_from(&self, camera: &str, origin: Option<&str>) -> Result<Live, u16> {
        let host = self.base().strip_prefix("http://").expect("a hub that is served plain");
        let stream = TcpStream::connect(host).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a patient connection");
        let mut request =
            format!("ws://{host}/api/cameras/{camera}/live").into_client_request().expect("an address");
        let headers = request.headers_mut();
        headers.insert("cookie", self.cookie().parse().expect("cookies"));
        if let Some(origin) = origin {
            headers.insert("origin", origin.parse().expect("an origin"));
        }
        let socket = match client(request, stream) {
            Ok((socket, _)) => socket,
            Err(HandshakeError::Failure(Error::Http(answer))) => return Err(answer.status().as_u16()),
            Err(why) => panic!("{why}"),
        };
        let mut live = Live {
            socket,
            on_the_wire: Vec::new(),
            look: String::new(),
            sealed_key: Vec::new(),
            next: 0,
            camera: camera.to_owned(),
        };
        let Ok(Message::Text(opening)) = live.socket.read() else { panic!("no opening") };
        let opening: Value = serde_json::from_str(&opening).expect("JSON");
        live.look = text(&opening, "look").to_owned();
        live.sealed_key = BASE64_STANDARD.decode(text(&opening, "key")).expect("base64");
        Ok(live)
    }

    /// With which status a socket is refused.
    pub fn watch_refused(&self, camera: &str, origin: Option<&str>) -> StatusCode {
        let status = self.watch_from(camera, origin).err().expect("a refusal");
        StatusCode::from_u16(status).expect("a status")
    }
}

impl Live {
    /// The next message as it is on its way; why it is over, where it is.
    pub fn message(&mut self) -> Result<Vec<u8>, String> {
        loop {
            match self.socket.read() {
                Ok(Message::Binary(sealed)) => {
                    self.on_the_wire.push(sealed.to_vec());
                    return Ok(sealed.to_vec());
                }
                Ok(Message::Close(frame)) => {
                    return Err(frame.map(|frame| frame.reason.to_string()).unwrap_or_default());
                }
                Ok(_) => {}
                Err(Error::Io(why)) if why.kind() == ErrorKind::WouldBlock => panic!("nothing came"),
                Err(why) => return Err(format!("broken off: {why}")),
            }
        }
    }

    /// The next message, opened with a member's keys; why it is over, where it is.
    pub fn unit(&mut self, member: &Member) -> Result<LiveUnit, String> {
        let sealed = self.message()?;
        let identity = member.keys.identity();
        let key = age::decrypt(identity, &self.sealed_key).expect("sealed to this member");
        let opened = open(&key, &self.camera, self.next, sealed).expect("whole, and in its place");
        self.next += 1;
        let number = |from: usize| i64::from_be_bytes(opened[from..from + 8].try_into().expect("eight"));
        Ok(LiveUnit {
            kind: opened[0],
            past: opened[1] & 1 != 0,
            arrived: number(2),
            data: opened[HEAD..].to_vec(),
        })
    }

    /// Whether the key opens for a member.
    pub fn opens_for(&self, member: &Member) -> bool {
        age::decrypt(member.keys.identity(), &self.sealed_key).is_ok()
    }

    /// Reads until it is over; why, and how long that took.
    pub fn ends(&mut self) -> (String, Duration) {
        let began = Instant::now();
        loop {
            if let Err(why) = self.message() {
                return (why, began.elapsed());
            }
            assert!(began.elapsed() < Duration::from_secs(30), "it goes on");
        }
    }

    /// Closes it, as a page does.
    pub fn close(mut self) {
        let _ = self.socket.close(None);
        let _ = self.socket.flush();
    }
}

/// Opens a message with another library than the hub's.
fn open(key: &[u8], camera: &str, number: u64, mut sealed: Vec<u8>) -> Option<Vec<u8>> {
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).ok()?);
    let mut nonce = [0; 12];
    nonce[4..].copy_from_slice(&number.to_be_bytes());
    let nonce = Nonce::assume_unique_for_key(nonce);
    Some(key.open_in_place(nonce, Aad::from(format!("{CONTEXT} {camera}")), &mut sealed).ok()?.to_vec())
}
