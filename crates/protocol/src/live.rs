//! What goes over the wire while somebody watches a camera live.
//!
//! `GET /api/cameras/{camera}/live` is a WebSocket. Its first message is text, a [`LiveOpening`]: it has the key of this socket, sealed
//! to the member who watches. Every message after it is binary and AES-256-GCM under that key: the nonce is four zero bytes and the
//! message's number from 0, as eight bytes, the greatest first; what is authenticated beside it is [`live_context`]. What is inside
//! begins with [`LiveHead`], and then comes a [`LiveTrack`] as JSON, or one picture or frame of sound as the camera sent it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What each message of a camera's live picture is authenticated with: one camera's stands for no other's.
pub fn live_context(camera: &str) -> Vec<u8> {
    format!("porchlight live 1 {camera}").into_bytes()
}

/// The first message of a live picture.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct LiveOpening {
    /// The look, as the ledger names it.
    pub look: String,
    /// The key of all that follows: an age file, in base64, that the member's own key opens.
    pub key: String,
}

/// What the pictures and the sound from here on are made of.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct LiveTrack {
    /// The codec of the pictures (RFC 6381).
    pub codec: String,
    /// What the decoder is set up with (`avcC` or `hvcC`), in base64.
    pub description: String,
    /// Width of the picture, in pixels.
    pub width: u32,
    /// Height of the picture, in pixels.
    pub height: u32,
    /// The sound, where it was agreed to and there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sound: Option<LiveSound>,
}

/// What the sound is made of.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct LiveSound {
    /// Its codec (RFC 6381).
    pub codec: String,
    /// What the decoder is set up with, in base64; empty where it needs nothing.
    pub description: String,
    /// Samples a second.
    pub rate: u32,
    /// How many channels it has.
    pub channels: u16,
}

/// What a message of a live picture holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum LiveKind {
    /// What the units from here on are made of.
    Track = 0,
    /// A picture that needs no other.
    Key = 1,
    /// A picture that needs those before it.
    Picture = 2,
    /// A frame of sound.
    Sound = 3,
}

/// The head of a message, inside what is sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveHead {
    /// What follows.
    pub kind: LiveKind,
    /// Whether it was there before somebody watched: to be decoded, and not to be shown one by one.
    pub past: bool,
    /// When it arrived at the hub, in milliseconds since 1970.
    pub arrived: i64,
    /// The camera's own time, in microseconds from where it likes.
    pub time: i64,
}

impl LiveHead {
    /// Its length in bytes.
    pub const LENGTH: usize = 18;

    /// As it is sent.
    pub fn to_bytes(self) -> [u8; LiveHead::LENGTH] {
        let mut bytes = [0; LiveHead::LENGTH];
        bytes[0] = self.kind as u8;
        bytes[1] = u8::from(self.past);
        bytes[2..10].copy_from_slice(&self.arrived.to_be_bytes());
        bytes[10..].copy_from_slice(&self.time.to_be_bytes());
        bytes
    }

    /// The head of a message, and what follows it.
    pub fn of(message: &[u8]) -> Option<(LiveHead, &[u8])> {
        let (head, rest) = message.split_first_chunk::<{ LiveHead::LENGTH }>()?;
        let kind = match head[0] {
            0 => LiveKind::Track,
            1 => LiveKind::Key,
            2 => LiveKind::Picture,
            3 => LiveKind::Sound,
            _ => return None,
        };
        let number = |from: usize| Some(i64::from_be_bytes(head[from..from + 8].try_into().ok()?));
        Some((LiveHead { kind, past: head[1] & 1 != 0, arrived: number(2)?, time: number(10)? }, rest))
    }
}

/// That somebody watches a camera live now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WatchingView {
    /// The look, as the ledger names it.
    pub look: String,
    /// The person's name.
    pub person: String,
    /// The browser or command line they use.
    pub client: String,
    /// Since when.
    #[schema(value_type = String)]
    pub since: Timestamp,
}

/// Why somebody no longer watches a camera live, as the ledger has it and as the reason that ends the socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LiveEnd {
    /// They closed it, or their connection went away.
    Closed,
    /// Their connection took nothing for some seconds.
    TooSlow,
    /// Their session was ended.
    SessionEnded,
    /// They may not watch any more, or are no longer part of the household.
    NotAllowed,
    /// No adult agrees to the camera's pictures any more.
    NotAgreed,
    /// Privacy was switched on.
    Privacy,
    /// It could not be written down, so nothing of it was sent.
    Refused,
    /// The camera belongs to the household no more, or the hub connects it anew.
    CameraGone,
    /// The hub was stopped.
    HubStopped,
    /// The hub stopped without a word, or could not write it down: when it ended is known no better than when that was found.
    CutShort,
}

impl LiveEnd {
    /// As it stands in the ledger, and as the reason that a socket is closed with.
    pub fn word(self) -> &'static str {
        match self {
            LiveEnd::Closed => "closed",
            LiveEnd::TooSlow => "too-slow",
            LiveEnd::SessionEnded => "session-ended",
            LiveEnd::NotAllowed => "not-allowed",
            LiveEnd::NotAgreed => "not-agreed",
            LiveEnd::Privacy => "privacy",
            LiveEnd::Refused => "refused",
            LiveEnd::CameraGone => "camera-gone",
            LiveEnd::HubStopped => "hub-stopped",
            LiveEnd::CutShort => "cut-short",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_as_it_was_written() {
        for kind in [LiveKind::Track, LiveKind::Key, LiveKind::Picture, LiveKind::Sound] {
            let head = LiveHead { kind, past: kind == LiveKind::Key, arrived: 1_800_000_000_123, time: -5 };
            let mut message = head.to_bytes().to_vec();
            message.push(7);
            assert_eq!(LiveHead::of(&message), Some((head, &[7][..])));
        }
        assert_eq!(LiveHead::of(&[9; 30]), None);
        assert_eq!(LiveHead::of(&[0; 17]), None);
    }

    #[test]
    fn the_word_of_an_end_is_what_it_is_called_in_json() {
        use LiveEnd::*;
        for end in [
            Closed,
            TooSlow,
            SessionEnded,
            NotAllowed,
            NotAgreed,
            Privacy,
            Refused,
            CameraGone,
            HubStopped,
            CutShort,
        ] {
            assert_eq!(serde_json::to_value(end).unwrap(), end.word());
        }
    }
}
