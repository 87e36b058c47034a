//! One TCP connection to a camera: messages and packets, one after the other, as they come out of it (RFC 2326, section 10.12).

use std::net::SocketAddr;
use std::ops::Range;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::message::{Head, MOST_BODY, MOST_HEAD, Message, answer};
use crate::Error;

/// Each address of a name gets this long, where it has several.
const REACHED_WITHIN: Duration = Duration::from_secs(3);

/// A camera takes what is sent to it within this, or is gone.
const SENT_WITHIN: Duration = Duration::from_secs(3);

/// A body that is shorter than it was said to be ends when nothing of it came for so long.
const BODY_PAUSE: Duration = Duration::from_millis(700);

/// Room for the longest message and the longest packet.
const ROOM: usize = MOST_HEAD + MOST_BODY + (64 << 10);

/// So much is read and worked off, until whoever else is read on the same thread has a turn.
const SLICE: usize = 64 << 10;

/// So much that is neither message nor packet is passed over, until the connection is given up.
const MOST_NOISE: usize = 64 << 10;

pub(crate) struct Connection {
    stream: TcpStream,
    /// What came and is not yet taken is from `start` to `end`. Pictures pass through here: it is wiped when dropped.
    buffer: Zeroizing<Vec<u8>>,
    start: usize,
    end: usize,
    /// What was read since others had their turn.
    read: usize,
    /// A message whose body is still to come, and how long that is said to be.
    begun: Option<(Message, usize)>,
    /// Nothing more of that body comes.
    paused: bool,
    /// The next answer holds a description, whatever it says of its length.
    pub(crate) describing: bool,
    /// A message was understood: it is a camera, whatever it sends now.
    heard: bool,
    /// Bytes that were passed over since a packet or message made sense.
    noise: usize,
}

pub(crate) enum Incoming {
    Message(Message),
    /// A packet of a channel; where it is in the buffer, until the next is taken.
    Packet {
        channel: u8,
        place: Range<usize>,
    },
}

impl Connection {
    /// Connects to a host by its name or address.
    pub(crate) async fn to(host: &str, port: u16) -> Result<Self, Error> {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let found = lookup_host((host, port)).await.map_err(|_| Error::UnknownName)?;
        let addresses: Vec<SocketAddr> = found.take(4).collect();
        let each = if addresses.len() > 1 { REACHED_WITHIN } else { Duration::MAX };
        let mut trouble = Error::UnknownName;
        for address in addresses {
            match timeout(each, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => return Ok(Self::over(stream)),
                Ok(Err(error)) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
                    trouble = Error::Refused;
                }
                _ => trouble = Error::NoAnswer,
            }
        }
        Err(trouble)
    }

    fn over(stream: TcpStream) -> Self {
        // Requests are small, and without this they may be held back; where it cannot be set they are merely late.
        let _ = stream.set_nodelay(true);
        Self {
            stream,
            buffer: Zeroizing::new(vec![0; ROOM]),
            start: 0,
            end: 0,
            read: 0,
            begun: None,
            paused: false,
            describing: false,
            heard: false,
            noise: 0,
        }
    }

    /// Whom it leads to.
    pub(crate) fn peer(&self) -> Option<SocketAddr> {
        self.stream.peer_addr().ok()
    }

    pub(crate) async fn send(&mut self, text: &str) -> Result<(), Error> {
        match timeout(SENT_WITHIN, self.stream.write_all(text.as_bytes())).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(Error::StreamEnded),
        }
    }

    /// Answers a request of the camera's; an answer from it needs none.
    pub(crate) async fn reply(&mut self, message: &Message) -> Result<(), Error> {
        match answer(message) {
            Some(text) => self.send(&text).await,
            None => Ok(()),
        }
    }

    /// Waits for what comes next. Cancel safe.
    pub(crate) async fn receive(&mut self) -> Result<Incoming, Error> {
        loop {
            if let Some(incoming) = self.take()? {
                return Ok(incoming);
            }
            self.fill().await?;
        }
    }

    /// The bytes of a packet.
    pub(crate) fn packet(&self, place: Range<usize>) -> &[u8] {
        self.buffer.get(place).unwrap_or_default()
    }

    /// Waits for bytes. Cancel safe: what was read is in the buffer.
    pub(crate) async fn fill(&mut self) -> Result<(), Error> {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        } else if self.buffer.len() - self.end < (16 << 10) && self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        if self.read >= SLICE {
            self.read = 0;
            tokio::task::yield_now().await;
        }
        let room = self.buffer.len().min(self.end + SLICE);
        let room = &mut self.buffer[self.end..room];
        let read = self.stream.read(room);
        let count = if self.begun.is_some() {
            match timeout(BODY_PAUSE, read).await {
                Ok(count) => count,
                Err(_) => Ok(0),
            }
        } else {
            read.await
        };
        match count {
            Ok(count @ 1..) => {
                self.end += count;
                self.read += count;
            }
            // The rest of a body that does not come is done without; if it was the end, the next read tells.
            _ if self.begun.is_some() => self.paused = true,
            _ => return Err(Error::StreamEnded),
        }
        Ok(())
    }

    /// What is there already, if it is whole.
    pub(crate) fn take(&mut self) -> Result<Option<Incoming>, Error> {
        loop {
            if self.begun.is_some() {
                return Ok(self.take_body().map(Incoming::Message));
            }
            let bytes = &self.buffer[self.start..self.end];
            match bytes {
                [] => return Ok(None),
                [b'\r' | b'\n', ..] => self.start += 1,
                [b'$', ..] => match self.take_packet() {
                    Taken::Whole(incoming) => return Ok(Some(incoming)),
                    Taken::Begun => return Ok(None),
                    Taken::Noise => self.skip()?,
                },
                _ => match Head::read(bytes) {
                    Head::Whole(message, length) => {
                        self.start += length;
                        (self.heard, self.noise) = (true, 0);
                        let length = self.length_of_body(&message)?;
                        self.begun = Some((message, length));
                        self.paused = false;
                    }
                    Head::Begun => return Ok(None),
                    Head::Noise => self.skip()?,
                },
            }
        }
    }

    fn length_of_body(&self, message: &Message) -> Result<usize, Error> {
        let said = message.number("content-length").unwrap_or(0) as usize;
        if said > MOST_BODY {
            return Err(Error::Garbage("its description of the video is too long".into()));
        }
        let described =
            self.describing && message.status().is_some_and(|status| (200..300).contains(&status));
        Ok(if described && said == 0 { MOST_BODY } else { said })
    }

    /// The message that was begun, once its body is there, or none is coming.
    fn take_body(&mut self) -> Option<Message> {
        let (_, wanted) = self.begun.as_ref()?;
        let there = &self.buffer[self.start..self.end];
        // A length that is a lie: what is to be the body is the next message, or the next packet.
        let none = there.starts_with(b"$") || there.starts_with(b"RTSP/");
        let mut length = if none { 0 } else { (*wanted).min(there.len()) };
        if !none && there.len() < *wanted && !self.paused {
            return None;
        }
        if self.describing && !none {
            // A description that is longer than it says: a camera that was asked nothing more says nothing else.
            length = memchr::memchr(b'$', &there[length..])
                .map_or(there.len(), |packet| length + packet)
                .min(MOST_BODY)
                .max(length);
        }
        let (mut message, _) = self.begun.take()?;
        message.body = there[..length].to_vec();
        self.start += length;
        Some(message)
    }

    /// A `$`, a channel, a length, and a packet of that length.
    fn take_packet(&mut self) -> Taken {
        let bytes = &self.buffer[self.start..self.end];
        let [_, channel, high, low, packet @ ..] = bytes else { return Taken::Begun };
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        // In the midst of noise a mere `$` is not believed: version 2 stands at the head of every packet.
        if self.noise > 0 && packet.first().is_none_or(|first| first >> 6 != 2) {
            return if packet.is_empty() { Taken::Begun } else { Taken::Noise };
        }
        if packet.len() < length {
            return Taken::Begun;
        }
        let (channel, from) = (*channel, self.start + 4);
        self.start = from + length;
        self.noise = 0;
        Taken::Whole(Incoming::Packet { channel, place: from..from + length })
    }

    /// Passes over noise, up to where a packet or a message may begin.
    fn skip(&mut self) -> Result<(), Error> {
        if !self.heard {
            return Err(Error::Garbage("its answer is not RTSP".into()));
        }
        let rest = &self.buffer[self.start + 1..self.end];
        let next = memchr::memchr2_iter(b'$', b'R', rest).find(|place| {
            rest[*place] == b'$' || b"RTSP/".starts_with(&rest[*place..rest.len().min(place + 5)])
        });
        let count = 1 + next.unwrap_or(rest.len());
        self.start += count;
        self.noise += count;
        if self.noise > MOST_NOISE {
            return Err(Error::Garbage("its stream cannot be taken apart".into()));
        }
        Ok(())
    }
}

enum Taken {
    Whole(Incoming),
    Begun,
    Noise,
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    async fn sending(bytes: &[u8]) -> Connection {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let connection = Connection::to("127.0.0.1", listener.local_addr().unwrap().port()).await.unwrap();
        let (mut camera, _) = listener.accept().await.unwrap();
        camera.write_all(bytes).await.unwrap();
        connection
    }

    /// All that comes until the end, in words.
    async fn heard(bytes: &[u8], describing: bool) -> (Vec<String>, Error) {
        let mut connection = sending(bytes).await;
        connection.describing = describing;
        let mut all = Vec::new();
        loop {
            match connection.receive().await {
                Ok(Incoming::Message(message)) => {
                    all.push(format!("{:?} {}", message.status(), String::from_utf8_lossy(&message.body)));
                    connection.describing = false;
                }
                Ok(Incoming::Packet { channel, place }) => {
                    all.push(format!("{channel}: {}", connection.packet(place).escape_ascii()));
                }
                Err(error) => return (all, error),
            }
        }
    }

    #[tokio::test]
    async fn messages_and_packets_come_out_as_they_went_in() {
        let sent = b"$\x00\x00\x03\x80ab\r\nRTSP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nxyz$\x07\x00\x00$\x01\x00\x01c\r\n\r\nOPTIONS * RTSP/1.0\n\n";
        let (all, end) = heard(sent, false).await;
        assert_eq!(all, ["0: \\x80ab", "Some(200) xyz", "7: ", "1: c", "None "]);
        assert_eq!(end, Error::StreamEnded);
    }

    #[tokio::test]
    async fn a_length_that_lies_costs_nothing_but_a_moment() {
        let answer = |length: &str, rest: &str| format!("RTSP/1.0 200 OK\r\n{length}\r\n{rest}").into_bytes();
        for (sent, describing, expected) in [
            (answer("", "v=0\r\nm=video"), true, vec!["Some(200) v=0\r\nm=video"]),
            (answer("Content-Length: 3\r\n", "v=0\r\nm=video"), true, vec!["Some(200) v=0\r\nm=video"]),
            (answer("Content-Length: 99\r\n", "v=0\r\nm=video"), true, vec!["Some(200) v=0\r\nm=video"]),
            (answer("Content-Length: 99\r\n", "$\x01\0\x01x"), false, vec!["Some(200) ", "1: x"]),
            (
                answer("Content-Length: 9\r\n", "RTSP/1.0 404 No\r\n\r\n"),
                false,
                vec!["Some(200) ", "Some(404) "],
            ),
        ] {
            assert_eq!(heard(&sent, describing).await.0, expected, "{}", sent.escape_ascii());
        }
        let endless = answer("Content-Length: 999999\r\n", "v=0");
        assert!(matches!(heard(&endless, true).await.1, Error::Garbage(_)));
    }

    #[tokio::test]
    async fn who_sends_without_end_leaves_others_their_turn() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut connection =
            Connection::to("127.0.0.1", listener.local_addr().unwrap().port()).await.unwrap();
        let (camera, _) = listener.accept().await.unwrap();
        // All that the kernel takes lies there before anything of it is read.
        let packet = [&b"$\x00\x03\xe8\x80"[..], &[0; 999]].concat();
        let many = packet.repeat(1_000);
        let mut sent = 0;
        while let Ok(count) = camera.try_write(&many[sent % packet.len()..]) {
            sent += count;
        }
        assert!(sent > 8 * SLICE, "{sent} bytes");
        let turns = std::rc::Rc::new(std::cell::Cell::new(0u32));
        let other = turns.clone();
        let others = async move {
            loop {
                other.set(other.get() + 1);
                tokio::task::yield_now().await;
            }
        };
        let reading = async {
            let (mut most, mut now, mut of) = (0, 0, 0);
            for _ in 0..sent / packet.len() {
                let Ok(Incoming::Packet { place, .. }) = connection.receive().await else { panic!() };
                if turns.get() != of {
                    (now, of) = (0, turns.get());
                }
                now += place.len();
                most = most.max(now);
            }
            most
        };
        let set = tokio::task::LocalSet::new();
        set.spawn_local(others);
        let most = set.run_until(reading).await;
        assert!(most <= 4 * SLICE, "{most} bytes of {sent} at once");
    }

    #[tokio::test]
    async fn noise_is_passed_over_within_bounds() {
        let mut sent = b"RTSP/1.0 200 OK\r\n\r\nxx$yyR$\x00\x00\x02\x80b".to_vec();
        assert_eq!(heard(&sent, false).await.0, ["Some(200) ", "0: \\x80b"]);
        sent.extend_from_slice(&vec![0xa5; MOST_NOISE + 9]);
        assert!(matches!(heard(&sent, false).await.1, Error::Garbage(_)));
        for noise in [&b"220 smtp\r\n"[..], b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\0\x01"] {
            assert!(matches!(heard(noise, false).await.1, Error::Garbage(_)));
        }
    }
}
