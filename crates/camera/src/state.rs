//! How a camera is doing.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Error;

/// How a camera is doing; `Display` says it in a plain sentence or two.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// The first attempt is under way.
    Connecting,
    /// Pictures arrive, and segments are made of them. What becomes of those is known to whoever takes them.
    Recording {
        /// When the first picture of this connection arrived.
        since: Timestamp,
        /// Width of the picture, in pixels.
        width: u32,
        /// Height of the picture, in pixels.
        height: u32,
        /// Pictures a second, to one decimal; 0 until it is known.
        fps: f32,
        /// Whether the segments hold sound too.
        sound: bool,
        /// Why they hold none, although it was asked for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        no_sound: Option<NoSound>,
    },
    /// Nothing is being recorded. It is tried again and again.
    Unreachable {
        /// Since when nothing is recorded: the end of the last segment.
        since: Timestamp,
        /// What was the matter when it was last tried.
        trouble: Error,
        /// When it is tried again.
        next_try: Timestamp,
    },
    /// Watching was ended.
    Stopped,
}

/// Why there is no sound with the pictures. The names of formats are our own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "kind", content = "format", rename_all = "snake_case")]
pub enum NoSound {
    /// Nobody consented to it.
    #[error("Nobody agreed to its sound.")]
    NotAsked,
    /// It has no microphone, or that is switched off.
    #[error("The camera offers no sound; switch its microphone on in its audio settings, if it has one.")]
    NotOffered,
    /// It offers sound that is not recorded.
    #[error(
        "The camera's sound is {0}, which cannot be recorded; choose AAC or G.711 in its audio settings."
    )]
    Unsupported(String),
    /// It offers sound and does not send it when asked.
    #[error(
        "The camera offers {0} sound and refuses to send it; choose another format in its audio settings, such as AAC or G.711."
    )]
    Refused(String),
    /// It sends far more sound than can be heard in that time.
    #[error(
        "The camera sends {0} sound much faster than it plays, so none of it is kept; restart the camera, or choose another format in its audio settings."
    )]
    TooFast(String),
    /// It agreed to send sound, and none comes.
    #[error("The camera offers {0} sound and sends none; check its microphone and its audio settings.")]
    Silent(String),
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connecting => f.write_str("Connecting to the camera."),
            Self::Recording { since, width, height, fps, sound, no_sound } => {
                write!(f, "Recording since {since}, {width} by {height} pixels")?;
                if *fps > 0.0 {
                    write!(f, ", {fps} pictures a second")?;
                }
                write!(f, ", {} sound.", if *sound { "with" } else { "without" })?;
                match no_sound {
                    None | Some(NoSound::NotAsked) => Ok(()),
                    Some(why) => write!(f, " {why}"),
                }
            }
            Self::Unreachable { since, trouble, next_try } => {
                write!(f, "Not recording since {since}. {trouble} The next try is at {next_try}.")
            }
            Self::Stopped => f.write_str("Not recording: the camera is no longer watched."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_how_it_is_and_goes_through_json() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let unreachable = State::Unreachable { since: at(0), trouble: Error::Refused, next_try: at(15) };
        assert!(
            unreachable
                .to_string()
                .starts_with("Not recording since 1970-01-01T00:00:00Z. The camera refused")
        );
        let recording = State::Recording {
            since: at(0),
            width: 1920,
            height: 1080,
            fps: 15.0,
            sound: false,
            no_sound: Some(NoSound::Refused("AAC".into())),
        };
        assert_eq!(
            recording.to_string(),
            "Recording since 1970-01-01T00:00:00Z, 1920 by 1080 pixels, 15 pictures a second, without sound. \
             The camera offers AAC sound and refuses to send it; choose another format in its audio settings, such as AAC or G.711."
        );
        for state in [State::Connecting, recording, unreachable, State::Stopped] {
            let json = serde_json::to_string(&state).unwrap();
            assert_eq!(serde_json::from_str::<State>(&json).unwrap(), state, "{json}");
        }
    }
}
