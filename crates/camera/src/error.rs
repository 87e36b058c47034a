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
    /// Video that browsers do not play; the detail names it.
    #[error("The camera sends {0}, which browsers do not play; choose H.264 in the camera's video settings.")]
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
                | Self::Forbidden
                | Self::NotFound
                | Self::UnsupportedCodec(_)
                | Self::NoVideo
        )
    }

    /// What an error of the RTSP client means.
    ///
    /// Its kinds are private, so its status code and the beginning of its text have to tell; a text that is not known counts
    /// as garbage. Its text is never passed on, for it can quote what the camera sent.
    pub(crate) fn of(error: &retina::Error, signed_in: bool) -> Self {
        match error.status_code() {
            Some(401) if signed_in => Self::WrongPassword,
            Some(401) => Self::PasswordNeeded,
            Some(403) => Self::Forbidden,
            Some(404) => Self::NotFound,
            Some(453 | 503) => Self::Busy,
            Some(200..300) => Self::Garbage("its description of the video cannot be read".into()),
            Some(status) => Self::Garbage(format!("it answered with the RTSP status {status}")),
            None => Self::of_text(&error.to_string()),
        }
    }

    fn of_text(text: &str) -> Self {
        if let Some(cause) = text.strip_prefix("Unable to connect to RTSP server: ") {
            Self::of_connecting(cause)
        } else if text.starts_with("Error reading from RTSP peer")
            || text.starts_with("Error writing to RTSP peer")
        {
            Self::StreamEnded
        } else if text.starts_with("RTSP framing error") {
            Self::Garbage("its answer is not RTSP".into())
        } else {
            Self::Garbage("its video cannot be taken apart".into())
        }
    }

    /// The text of an I/O error ends with the number of the system's error; without one, looking up the name failed.
    fn of_connecting(cause: &str) -> Self {
        let number = cause
            .rsplit_once("(os error ")
            .and_then(|(_, rest)| rest.trim_end().strip_suffix(')')?.parse().ok());
        match number.map(|number| std::io::Error::from_raw_os_error(number).kind()) {
            Some(std::io::ErrorKind::ConnectionRefused) => Self::Refused,
            Some(_) => Self::NoAnswer,
            None => Self::UnknownName,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rtsp_clients_words_are_understood_and_not_repeated() {
        for (text, trouble) in [
            ("Unable to connect to RTSP server: Connection refused (os error 111)", Error::Refused),
            ("Unable to connect to RTSP server: No route to host (os error 113)", Error::NoAnswer),
            (
                "Unable to connect to RTSP server: failed to lookup address information: Name or service not known",
                Error::UnknownName,
            ),
            ("Error reading from RTSP peer: hunter2", Error::StreamEnded),
            ("hunter2", Error::Garbage("its video cannot be taken apart".into())),
        ] {
            let understood = Error::of_text(text);
            assert_eq!(understood, trouble);
            assert!(!understood.to_string().contains("hunter2"));
        }
    }
}
