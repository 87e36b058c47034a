//! What goes into the vault, and what it says of what it holds.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::audience::Audience;
use crate::error::Error;
use crate::id::Id;
use crate::terms::{Owner, Purpose, Terms, check_name};

/// One thing that happened and was captured, with the recordings made of it.
///
/// Times are kept to the microsecond.
#[derive(Debug)]
pub struct NewMoment {
    /// The device that captured it, by id.
    pub device: Option<String>,
    /// The room it was captured in, by name: a device that moves later leaves its moments where they were.
    pub room: Option<String>,
    /// The person it came from, where that is known.
    pub person: Option<String>,
    /// When it began.
    pub start: Timestamp,
    /// When it was over; not before `start`.
    pub end: Timestamp,
    /// For an effect: the utterance that asked for it. A link and not a source, so the effect outlives it
    /// unless the person chooses otherwise.
    pub caused_by: Option<Id>,
    /// What was made of it; at least one.
    pub recordings: Vec<NewRecording>,
}

impl NewMoment {
    /// Refuses what cannot be kept, whatever the vault holds.
    pub(crate) fn check(&self, now: Timestamp) -> Result<(), Error> {
        for (what, name) in [("a device", &self.device), ("a room", &self.room), ("a person", &self.person)] {
            name.as_deref().map_or(Ok(()), |name| check_name(what, name))?;
        }
        if self.end < self.start {
            return Err(Error::BadInput(format!(
                "a moment cannot end ({}) before it starts ({})",
                self.end, self.start
            )));
        }
        if self.recordings.is_empty() {
            return Err(Error::BadInput("a moment needs at least one recording".into()));
        }
        self.recordings.iter().try_for_each(|recording| recording.check(now))
    }
}

/// One recording to keep.
pub struct NewRecording {
    /// What it is.
    pub kind: Kind,
    /// Whose it is, what for, and until when.
    pub terms: Terms,
    /// Who will be able to open it.
    pub audience: Audience,
    /// Its media type, such as `audio/wav`.
    pub media_type: String,
    /// The plaintext. It is sealed before anything is written, and wiped.
    pub bytes: Zeroizing<Vec<u8>>,
    /// The moments it was made from besides its own. Forgetting any of them destroys it.
    pub sources: Vec<Id>,
}

impl NewRecording {
    fn check(&self, now: Timestamp) -> Result<(), Error> {
        check_name("a media type", &self.media_type)?;
        match self.terms.ends().at() {
            Some(end) if end <= now => Err(Error::BadInput(format!(
                "the {} would end at {end}, which is not in the future",
                self.kind
            ))),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for NewRecording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewRecording({}, {} bytes for {:?})", self.kind, self.bytes.len(), self.audience)
    }
}

/// What [`Vault::keep`](crate::Vault::keep) made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// The moment.
    pub moment: Id,
    /// Its recordings, in the order they were given.
    pub recordings: Vec<Id>,
}

/// What the catalog says of one recording: everything but its words.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    /// The recording.
    pub id: Id,
    /// The moment it belongs to.
    pub moment: Id,
    /// What it is.
    pub kind: Kind,
    /// The device that captured it.
    pub device: Option<String>,
    /// The room it was captured in.
    pub room: Option<String>,
    /// The person it came from.
    pub person: Option<String>,
    /// When the moment began.
    pub start: Timestamp,
    /// When the moment was over.
    pub end: Timestamp,
    /// How long the moment took, in seconds.
    pub seconds: f64,
    /// Whose it is.
    pub owner: Owner,
    /// What it is kept for.
    pub purpose: Purpose,
    /// When it is forgotten; `None` where an adult has chosen never.
    pub ends: Option<Timestamp>,
    /// Every moment it was made from, its own included, ascending. Forgetting any of them destroys it.
    pub sources: Vec<Id>,
    /// For an effect: the utterance that asked for it, while that is kept.
    pub caused_by: Option<Id>,
    /// Bytes of the age file's payload: some 16 bytes in 64 KiB more than the plaintext.
    pub size: u64,
    /// Its media type.
    pub media_type: String,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal,)*) => {
        /// What a recording is. The names are stable: they are written in the catalog and spoken by the API.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum Kind {
            $($(#[$doc])* #[serde(rename = $name)] $kind,)*
        }

        impl Kind {
            /// Every kind there is.
            pub const ALL: &[Kind] = &[$(Kind::$kind),*];

            /// Its stable name.
            pub fn as_str(self) -> &'static str {
                match self { $(Kind::$kind => $name,)* }
            }
        }
    };
}

kinds! {
    /// The sound of somebody speaking.
    Voice = "voice",
    /// What was said, as text.
    Transcript = "transcript",
    /// What the hub answered.
    Reply = "reply",
    /// A segment of a camera's film.
    Video = "video",
    /// A still picture.
    Snapshot = "snapshot",
    /// Where somebody was.
    Location = "location",
    /// What a voice is known by, learned from one utterance.
    Voiceprint = "voiceprint",
    /// A list item.
    Note = "note",
    /// A timer.
    Timer = "timer",
    /// A reminder or an alarm.
    Reminder = "reminder",
    /// The detail of a look in the ledger.
    Look = "look",
    /// The detail of any other line of the ledger.
    Line = "line",
}

impl Kind {
    /// Whether it is the detail of a line of the ledger: those end by their own retention alone,
    /// and are listed only when asked for.
    pub fn is_detail(self) -> bool {
        matches!(self, Kind::Look | Kind::Line)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Kind {
    type Err = Error;

    fn from_str(name: &str) -> Result<Kind, Error> {
        Kind::ALL.iter().copied().find(|kind| kind.as_str() == name).ok_or_else(|| {
            let name: String = name.chars().take(40).collect();
            let known: Vec<_> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
            Error::BadInput(format!("there is no kind of recording {name:?}; there are {}", known.join(", ")))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terms::Ends;

    fn recording(ends: Timestamp) -> NewRecording {
        let terms = Terms::new(Owner::Household, Purpose::new("history").unwrap(), Ends::At(ends)).unwrap();
        NewRecording {
            kind: Kind::Voice,
            terms,
            audience: Audience::hub(),
            media_type: "audio/wav".into(),
            bytes: Zeroizing::new(b"open the pod bay doors".to_vec()),
            sources: vec![],
        }
    }

    fn moment(recordings: Vec<NewRecording>) -> NewMoment {
        let now = Timestamp::UNIX_EPOCH;
        NewMoment {
            device: None,
            room: None,
            person: None,
            start: now,
            end: now,
            caused_by: None,
            recordings,
        }
    }

    #[test]
    fn kinds_go_by_one_name_everywhere() {
        for kind in Kind::ALL {
            assert_eq!(kind.as_str().parse::<Kind>().unwrap(), *kind);
            assert_eq!(serde_json::to_string(kind).unwrap(), format!("\"{kind}\""));
        }
        assert!("VOICE".parse::<Kind>().unwrap_err().to_string().contains("voice, transcript"));
    }

    #[test]
    fn what_cannot_be_kept_is_refused_with_the_reason() {
        let (now, later) = (Timestamp::UNIX_EPOCH, Timestamp::from_second(60).unwrap());
        assert!(moment(vec![recording(later)]).check(now).is_ok());
        assert!(moment(vec![]).check(now).unwrap_err().to_string().contains("at least one"));
        assert!(
            moment(vec![recording(now)]).check(now).unwrap_err().to_string().contains("not in the future")
        );
        let backwards = NewMoment { start: later, ..moment(vec![recording(later)]) };
        assert!(backwards.check(now).unwrap_err().to_string().contains("before it starts"));
        let nameless = NewMoment { device: Some(String::new()), ..moment(vec![recording(later)]) };
        assert!(nameless.check(now).unwrap_err().to_string().contains("a device"));
    }

    #[test]
    fn debug_shows_no_words() {
        let shown = format!("{:?}", moment(vec![recording(Timestamp::UNIX_EPOCH)]));
        assert!(shown.contains("22 bytes") && !shown.contains("pod"), "{shown}");
    }
}
