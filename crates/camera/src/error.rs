//! Why a camera does not record, in words for the household.

use serde::{Deserialize, Serialize};

/// Why there is no film. Each is a sentence that says what to do, and none repeats a password or the camera's own words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "kind", content = "detail", rename_all = "snake_case")]
pub enum Error {
    /// Something is there, and nothing listens on that port.
    #[error(
        "The camera refused the connection; check that RTSP is switched on in its settings and that the port is right."
    )]
    Refused,
    /// Nothing answers, or what answered fell silent.
    #[error("The camera does not answer; check its power, its network and its address.")]
    NoAnswer,
    /// Its name leads nowhere.
    #[error("The camera's name is not known on this network; check its spelling, or use its IP address.")]
    UnknownName,
    /// It asks for a password and none was given.
    #[error("The camera asks for a user name and a password; give it both: change its address and password.")]
    PasswordNeeded,
    /// It refuses the password.
    #[error(
        "The camera refuses the user name or the password; change its address and password to the right ones."
    )]
    WrongPassword,
    /// It names no way to sign in that is known, or asks for the password in the clear after it had asked for a digest.
    #[error(
        "The camera asks for a sign-in that is not known, or for the password in the clear after it asked for a digest, so it was not sent; choose digest sign-in in the camera's settings."
    )]
    NoSignIn,
    /// It knows the user and does not let them watch.
    #[error(
        "The camera does not let this user watch; give the user the right to see the video in the camera's settings."
    )]
    Forbidden,
    /// The path of the address leads nowhere.
    #[error("The camera has no stream at this address; look up the path of its RTSP address in its manual.")]
    NotFound,
    /// It serves all the viewers that it can.
    #[error("The camera serves as many viewers as it can; close another viewer of it.")]
    Busy,
    /// What came is not what a camera sends; the detail says what was wrong.
    #[error(
        "What answers does not stream as a camera does ({0}); check the address, and restart the camera if it is right."
    )]
    Garbage(String),
    /// Video that is not recorded; the detail names it.
    #[error(
        "The camera sends {0}, which cannot be recorded; choose H.264 in the camera's video settings, or H.265."
    )]
    UnsupportedCodec(String),
    /// Sound, perhaps, and no picture.
    #[error(
        "The camera offers no video at this address; look up the path of its RTSP address in its manual."
    )]
    NoVideo,
    /// Pictures that cannot be shown without an earlier one that never came.
    #[error(
        "The camera sends no key frames, or too rarely; set the key frame (I-frame) interval in its video settings to 10 seconds or less."
    )]
    NoKeyFrames,
    /// It would send its stream beside the connection, where it can be lost and looked at from elsewhere.
    #[error(
        "The camera sends its stream by UDP alone; choose RTSP over TCP (interleaved) in the camera's network settings."
    )]
    UdpOnly,
    /// It names another host for its stream. Addresses that a camera gives are not followed there.
    #[error(
        "The camera sends the hub to another host, which is not followed; add it by the address of the stream itself."
    )]
    SentElsewhere,
    /// It hung up.
    #[error("The camera ended the stream, as it does when it restarts; recording goes on once it is back.")]
    StreamEnded,
    /// The household switched the sound on or off, and the camera was asked anew.
    #[error("Recording was begun anew because the sound was switched on or off.")]
    SoundSwitched,
    /// The recordings were not taken from memory in time.
    #[error("The hub could not keep up and let go of the oldest film; check its disk and its load.")]
    NotTaken,
}

impl Error {
    /// Whether waiting does not help until somebody changes a setting.
    pub(crate) fn needs_a_change(&self) -> bool {
        matches!(
            self,
            Self::PasswordNeeded
                | Self::WrongPassword
                | Self::NoSignIn
                | Self::Forbidden
                | Self::NotFound
                | Self::UnsupportedCodec(_)
                | Self::NoVideo
                | Self::UdpOnly
                | Self::SentElsewhere
        )
    }

    /// Whether it is the sign-in that is wrong.
    pub(crate) fn is_about_signing_in(&self) -> bool {
        matches!(self, Self::PasswordNeeded | Self::WrongPassword | Self::NoSignIn)
    }

    /// What a status means that is none of success (RFC 2326, section 7.1.1).
    pub(crate) fn of_status(status: u16) -> Self {
        match status {
            403 => Self::Forbidden,
            404 | 410 => Self::NotFound,
            453 | 503 => Self::Busy,
            461 => Self::UdpOnly,
            status => Self::Garbage(format!("it answered with the RTSP status {status}")),
        }
    }
}
