//! Why something is forgotten.

use serde::{Deserialize, Serialize};

/// Why something is forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Reason {
    /// Somebody asked.
    Asked,
    /// Its end date came.
    Expired,
    /// The consent it was kept by was withdrawn.
    ConsentWithdrawn,
    /// Whoever gave the consent it was kept by may not give it any more: the child it was given for has grown up.
    ConsentLapsed,
    /// The person it came from left.
    PersonRemoved,
    /// The device that captured it was removed.
    DeviceRemoved,
    /// An effect has done what it was for: a timer rang, a list item was ticked off.
    Done,
    /// An older copy of the data folder brought it back after it had been forgotten.
    OldCopy,
}

impl Reason {
    /// Its stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::Asked => "asked",
            Reason::Expired => "expired",
            Reason::ConsentWithdrawn => "consent-withdrawn",
            Reason::ConsentLapsed => "consent-lapsed",
            Reason::PersonRemoved => "person-removed",
            Reason::DeviceRemoved => "device-removed",
            Reason::Done => "done",
            Reason::OldCopy => "old-copy",
        }
    }

    /// The reason of that name.
    pub(crate) fn from_word(word: &str) -> Option<Reason> {
        serde_json::from_value(serde_json::Value::from(word)).ok()
    }

    /// Whether somebody waits for its receipt.
    pub(crate) fn is_asked(self) -> bool {
        self == Reason::Asked || self.waits_for_holds()
    }

    /// Whether what a hold keeps now is to go when the hold does. Somebody who asked is told, and can ask again.
    pub(crate) fn waits_for_holds(self) -> bool {
        matches!(
            self,
            Reason::ConsentWithdrawn | Reason::ConsentLapsed | Reason::PersonRemoved | Reason::DeviceRemoved
        )
    }
}
