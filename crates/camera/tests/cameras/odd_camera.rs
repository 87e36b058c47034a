//! A camera that is odd in a way that is asked for: it sends a real film at once, and waits.

use std::process::{Command, Stdio};
use std::sync::LazyLock;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Pictures a second of its film, and from one key frame to the next.
const FPS: u32 = 10;
pub(crate) const GROUP: usize = 20;

/// What is odd about it. Without anything it does all as the RFCs have it.
#[derive(Clone, Copy)]
pub(crate) struct Odd {
    /// Another answer than the usual, by method, address and the request's number.
    pub(crate) answer: fn(&str, &str, &str) -> Option<String>,
    pub(crate) description: fn(String) -> String,
    /// The packets of a picture, given its place in the film.
    pub(crate) packets: fn(usize, Vec<Packet>) -> Vec<Packet>,
    /// What is sent after a picture.
    pub(crate) between: fn(usize) -> Vec<u8>,
    /// The pictures have two slices each.
    pub(crate) sliced: bool,
}

impl Odd {
    pub(crate) const NOT: Self = Self {
        answer: |_, _, _| None,
        description: |description| description,
        packets: |_, packets| packets,
        between: |_| Vec::new(),
        sliced: false,
    };
}

/// A packet of the film.
#[derive(Clone, Debug)]
pub(crate) struct Packet {
    pub(crate) channel: u8,
    pub(crate) payload_type: u8,
    pub(crate) marker: bool,
    /// What is added to the usual number.
    pub(crate) ahead: u16,
    pub(crate) timestamp: u32,
    pub(crate) source: u32,
    pub(crate) payload: Vec<u8>,
}

impl Packet {
    pub(crate) fn with(timestamp: u32, payload: &[u8]) -> Self {
        let payload = payload.to_vec();
        Self { channel: 0, payload_type: 96, marker: false, ahead: 0, timestamp, source: 7, payload }
    }

    fn bytes(&self, number: u16) -> Vec<u8> {
        let mut packet = vec![0x80, u8::from(self.marker) << 7 | self.payload_type];
        packet.extend_from_slice(&number.wrapping_add(self.ahead).to_be_bytes());
        packet.extend_from_slice(&self.timestamp.to_be_bytes());
        packet.extend_from_slice(&self.source.to_be_bytes());
        packet.extend_from_slice(&self.payload);
        framed(self.channel, &packet)
    }
}

pub(crate) fn framed(channel: u8, packet: &[u8]) -> Vec<u8> {
    [&[b'$', channel][..], &(packet.len() as u16).to_be_bytes(), packet].concat()
}

pub(crate) fn answer(status: &str, number: &str, headers: &str) -> String {
    format!("RTSP/1.0 {status}\r\nCSeq: {number}\r\n{headers}\r\n")
}

/// The units of each picture. `None` where ffmpeg is absent.
fn film(sliced: bool) -> Option<&'static Vec<Vec<Vec<u8>>>> {
    static WHOLE: LazyLock<Option<Vec<Vec<Vec<u8>>>>> = LazyLock::new(|| make_film(1));
    static SLICED: LazyLock<Option<Vec<Vec<Vec<u8>>>>> = LazyLock::new(|| make_film(2));
    if sliced { SLICED.as_ref() } else { WHOLE.as_ref() }
}

fn make_film(slices: u32) -> Option<Vec<Vec<Vec<u8>>>> {
    let made = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=10:duration=5.5"])
        .args([
            "-pix_fmt",
            "yuv420p",
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-g",
            "20",
            "-sc_threshold",
            "0",
        ])
        .args(["-x264-params", &format!("repeat-headers=1:bframes=0:slices={slices}")])
        .args(["-bsf:v", "h264_metadata=aud=insert", "-f", "h264", "pipe:1"])
        .stdin(Stdio::null())
        .output();
    let made = match made {
        Ok(made) if made.status.success() => made.stdout,
        _ => {
            let required = std::env::var("PORCHLIGHT_REQUIRE_CAMERA").as_deref() == Ok("1");
            assert!(!required, "ffmpeg is required, to make an odd camera's film");
            return None;
        }
    };
    let mut pictures: Vec<Vec<Vec<u8>>> = Vec::new();
    for unit in made.split_inclusive_start_codes() {
        if unit[0] & 31 == 9 {
            pictures.push(Vec::new());
        } else if let Some(picture) = pictures.last_mut() {
            picture.push(unit);
        }
    }
    Some(pictures)
}

trait StartCodes {
    fn split_inclusive_start_codes(&self) -> Vec<Vec<u8>>;
}

impl StartCodes for Vec<u8> {
    fn split_inclusive_start_codes(&self) -> Vec<Vec<u8>> {
        let mut starts: Vec<usize> =
            (0..self.len().saturating_sub(3)).filter(|at| self[*at..at + 3] == [0, 0, 1]).collect();
        starts.push(self.len());
        let between = starts.windows(2).map(|pair| &self[pair[0] + 3..pair[1].min(self.len())]);
        between
            .map(|unit| {
                unit[..unit.len() - unit.iter().rev().take_while(|byte| **byte == 0).count()].to_vec()
            })
            .collect()
    }
}

pub(crate) fn fragments(unit: &[u8]) -> Vec<Vec<u8>> {
    if unit.len() <= 1_000 {
        return vec![unit.to_vec()];
    }
    let parts: Vec<_> = unit[1..].chunks(1_000).collect();
    let last = parts.len() - 1;
    let flags = |place| u8::from(place == 0) << 7 | u8::from(place == last) << 6 | unit[0] & 31;
    let head = |place| [unit[0] & 0xe0 | 28, flags(place)];
    parts.iter().enumerate().map(|(place, part)| [&head(place)[..], part].concat()).collect()
}

/// Begins to serve; gives the port. `None` where the film cannot be made.
pub(crate) async fn serve(odd: Odd) -> Option<u16> {
    let film = tokio::task::spawn_blocking(move || film(odd.sliced)).await.unwrap()?;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((hub, _)) = listener.accept().await {
            tokio::spawn(talk(hub, odd, film));
        }
    });
    Some(port)
}

/// Answers until the other end goes, or until it is told to hang up by an answer that is empty.
async fn talk(mut hub: TcpStream, odd: Odd, film: &[Vec<Vec<u8>>]) -> Option<()> {
    let mut heard = Vec::new();
    loop {
        let end = loop {
            if let Some(at) = heard.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            let mut some = [0; 4_096];
            let count = hub.read(&mut some).await.ok().filter(|count| *count > 0)?;
            heard.extend_from_slice(&some[..count]);
        };
        let request = String::from_utf8(heard.drain(..end).collect()).ok()?;
        let mut first = request.split(' ');
        let (method, url) = (first.next()?, first.next()?);
        if method.starts_with("RTSP/") {
            continue; // It answers what it was asked.
        }
        let number = request.split("CSeq: ").nth(1)?.split('\r').next()?;
        let special = (odd.answer)(method, url, number);
        let refused = special.is_some();
        let said = special.unwrap_or_else(|| usual(&odd, method, url, number, &request, film));
        if said.is_empty() {
            return None;
        }
        hub.write_all(said.as_bytes()).await.ok()?;
        if method == "PLAY" && (!refused || said.contains(" 200 ")) {
            play(&mut hub, odd, film).await?;
        }
    }
}

fn usual(odd: &Odd, method: &str, url: &str, number: &str, request: &str, film: &[Vec<Vec<u8>>]) -> String {
    match method {
        "OPTIONS" => answer("200 OK", number, "Public: OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER\r\n"),
        "DESCRIBE" => {
            use base64::Engine;
            let coded = |kind| {
                let set = film[0].iter().find(|unit| unit[0] & 31 == kind).unwrap();
                base64::engine::general_purpose::STANDARD.encode(set)
            };
            let sets = format!("sprop-parameter-sets={},{}", coded(7), coded(8));
            let body = (odd.description)(format!(
                "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=cam\r\nt=0 0\r\na=control:*\r\nm=video 0 RTP/AVP 96\r\n\
                 a=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1;{sets}\r\na=control:track1\r\n"
            ));
            let headers = format!(
                "Content-Type: application/sdp\r\nContent-Base: {url}/\r\nContent-Length: {}\r\n",
                body.len()
            );
            answer("200 OK", number, &headers) + &body
        }
        "SETUP" => {
            let transport = request.split("Transport: ").nth(1).and_then(|rest| rest.split('\r').next());
            let transport = transport.unwrap_or_default();
            answer("200 OK", number, &format!("Session: 12345678;timeout=60\r\nTransport: {transport}\r\n"))
        }
        _ => answer("200 OK", number, "Session: 12345678\r\n"),
    }
}

async fn play(hub: &mut TcpStream, odd: Odd, film: &[Vec<Vec<u8>>]) -> Option<()> {
    let mut numbers = [0u16; 256];
    for (place, units) in film.iter().enumerate() {
        let timestamp = 5_000 + place as u32 * 90_000 / FPS;
        let parts = units.iter().flat_map(|unit| fragments(unit));
        let mut packets: Vec<_> = parts.map(|part| Packet::with(timestamp, &part)).collect();
        if let Some(last) = packets.last_mut() {
            last.marker = true;
        }
        for packet in (odd.packets)(place, packets) {
            let number = &mut numbers[usize::from(packet.channel)];
            hub.write_all(&packet.bytes(*number)).await.ok()?;
            *number = number.wrapping_add(1);
        }
        hub.write_all(&(odd.between)(place)).await.ok()?;
    }
    Some(())
}
