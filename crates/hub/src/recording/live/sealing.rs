//! Sealing what is sent live to the member who watches: whoever stands between sees sizes and times.

use std::sync::Arc;

use aes_gcm::aead::{AeadInOut, KeyInit as _};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use porchlight_camera as camera;
use porchlight_protocol::{LiveHead, LiveKind, LiveSound, LiveTrack, live_context};
use porchlight_vault::Audience;
use zeroize::Zeroizing;

use crate::error::Error;

/// Bytes that AES-GCM adds.
const TAG: usize = 16;

/// Seals the messages of one socket, each with its number: none is taken for another, left out or sent twice unnoticed.
pub(super) struct Sealing {
    cipher: Aes256Gcm,
    context: Vec<u8>,
    next: u64,
    /// What was last said of how units are made.
    track: Option<Arc<camera::LiveTrack>>,
}

impl Sealing {
    /// Of a camera, with a key of its own, which comes sealed to whoever watches, in base64.
    pub(super) fn to(recipient: &str, camera: &str) -> Result<(Sealing, String), Error> {
        let mut key = Zeroizing::new([0; 32]);
        getrandom::fill(key.as_mut_slice())?;
        let sealed = Audience::people([recipient])?.seal(key.as_slice())?;
        let cipher = Aes256Gcm::new_from_slice(key.as_slice()).map_err(Error::broken)?;
        Ok((
            Sealing { cipher, context: live_context(camera), next: 0, track: None },
            BASE64_STANDARD.encode(sealed),
        ))
    }

    /// What a unit is made of, where that was not said yet.
    pub(super) fn new_track(&mut self, unit: &camera::LiveUnit, past: bool) -> Option<Vec<u8>> {
        if self.track.as_ref().is_some_and(|told| Arc::ptr_eq(told, &unit.track)) {
            return None;
        }
        self.track = Some(unit.track.clone());
        let camera::LiveTrack { codec, description, width, height, sound } = &*unit.track;
        let track = LiveTrack {
            codec: codec.clone(),
            description: BASE64_STANDARD.encode(description),
            width: *width,
            height: *height,
            sound: sound.as_ref().map(|sound| LiveSound {
                codec: sound.codec.clone(),
                description: BASE64_STANDARD.encode(&sound.description),
                rate: sound.rate,
                channels: sound.channels,
            }),
        };
        let track = serde_json::to_vec(&track).ok()?;
        Some(self.seal(LiveKind::Track, unit, past, &track))
    }

    /// A unit, as it is sent.
    pub(super) fn unit(&mut self, unit: &camera::LiveUnit, past: bool) -> Vec<u8> {
        let kind = match unit.kind {
            camera::LiveKind::Key => LiveKind::Key,
            camera::LiveKind::Picture => LiveKind::Picture,
            camera::LiveKind::Sound => LiveKind::Sound,
        };
        self.seal(kind, unit, past, &unit.data)
    }

    /// Sealed where it lies: nothing of it is left in the clear.
    fn seal(&mut self, kind: LiveKind, unit: &camera::LiveUnit, past: bool, data: &[u8]) -> Vec<u8> {
        let head = LiveHead { kind, past, arrived: unit.arrived.as_millisecond(), time: unit.time };
        let mut message = Vec::with_capacity(LiveHead::LENGTH + data.len() + TAG);
        message.extend_from_slice(&head.to_bytes());
        message.extend_from_slice(data);
        let mut nonce = [0; 12];
        nonce[4..].copy_from_slice(&self.next.to_be_bytes());
        self.next += 1;
        let sealed = self.cipher.encrypt_in_place(&Nonce::from(nonce), &self.context, &mut message);
        if sealed.is_err() {
            // Only a message of 64 GiB is refused, and none is longer than a picture.
            message.fill(0);
            message.clear();
        }
        message
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    const CAMERA: &str = "d-porch";

    #[test]
    fn each_message_opens_in_its_place_alone_and_nothing_stays_in_the_clear() {
        // An identity of nobody's, made for this test.
        let member = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
        let (mut sealing, key) = Sealing::to(member, CAMERA).unwrap();
        assert!(BASE64_STANDARD.decode(key).unwrap().starts_with(b"age-encryption.org/v1\n"));
        let track = camera::LiveTrack {
            codec: "avc1.640028".into(),
            description: vec![1, 2],
            width: 640,
            height: 360,
            sound: None,
        };
        let unit = camera::LiveUnit {
            kind: camera::LiveKind::Key,
            time: 5,
            arrived: Timestamp::from_millisecond(7).unwrap(),
            track: Arc::new(track),
            data: Zeroizing::new(b"a picture of the porch".to_vec()),
        };
        let cipher = sealing.cipher.clone();
        let sent =
            [sealing.new_track(&unit, true).unwrap(), sealing.unit(&unit, true), sealing.unit(&unit, false)];
        assert!(sealing.new_track(&unit, false).is_none(), "it is said once");
        assert_ne!(sent[1], sent[2]);
        let open = |number: u64, message: &[u8]| {
            let mut nonce = [0; 12];
            nonce[4..].copy_from_slice(&number.to_be_bytes());
            let mut message = message.to_vec();
            cipher.decrypt_in_place(&Nonce::from(nonce), &live_context(CAMERA), &mut message).ok()?;
            Some(message)
        };
        for (number, message) in (0..).zip(&sent) {
            assert!(!message.windows(7).any(|seven| seven == b"picture" || seven == b"avc1.64"));
            let opened = open(number, message).unwrap();
            let (head, data) = LiveHead::of(&opened).unwrap();
            assert_eq!((head.past, head.arrived, head.time), (number < 2, 7, 5));
            match number {
                0 => {
                    let told: LiveTrack = serde_json::from_slice(data).unwrap();
                    assert_eq!((told.codec.as_str(), told.description.as_str()), ("avc1.640028", "AQI="));
                }
                _ => assert_eq!((head.kind, data), (LiveKind::Key, &b"a picture of the porch"[..])),
            }
            assert!(open(number + 1, message).is_none(), "not in another place");
        }
    }
}
