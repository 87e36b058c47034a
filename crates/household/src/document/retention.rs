//! What kinds of recordings there are, and the rules for how long each is kept, as the document has them.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::lookup::{find, find_device};
use super::{Age, Document, Person};
use crate::{DeviceId, Error, PersonId};

/// The most days that something of a child or teen is kept. The shortest 18 months there are (September to March) have
/// 546 days, so that this is never over 18 months, whenever it begins.
pub const MOST_DAYS_OF_A_CHILD: u32 = 546;

/// The most days a rule can ask for, short of forever: a hundred years.
pub const MOST_DAYS: u32 = 36_500;

/// What kind of recording. The words are those of the catalog and of every command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The sound of what somebody said.
    Voice,
    /// Its words.
    Transcript,
    /// What was answered.
    Reply,
    /// A segment of a camera's video.
    Video,
    /// One picture of a camera.
    Snapshot,
    /// Where something was.
    Location,
    /// What a voice is known by.
    Voiceprint,
    /// An item of a list.
    Note,
    /// A timer.
    Timer,
    /// A reminder or an alarm.
    Reminder,
    /// The detail of a look, in the ledger.
    Look,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 11] = [
        Self::Voice,
        Self::Transcript,
        Self::Reply,
        Self::Video,
        Self::Snapshot,
        Self::Location,
        Self::Voiceprint,
        Self::Note,
        Self::Timer,
        Self::Reminder,
        Self::Look,
    ];

    /// The stable lowercase word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Voice => "voice",
            Self::Transcript => "transcript",
            Self::Reply => "reply",
            Self::Video => "video",
            Self::Snapshot => "snapshot",
            Self::Location => "location",
            Self::Voiceprint => "voiceprint",
            Self::Note => "note",
            Self::Timer => "timer",
            Self::Reminder => "reminder",
            Self::Look => "look",
        }
    }

    /// Whether it is an effect: what a request left behind, sealed to the hub, which must use it.
    pub fn is_effect(self) -> bool {
        matches!(self, Self::Note | Self::Timer | Self::Reminder)
    }

    /// Whether it is one person's own, and not everybody's.
    pub(crate) fn is_ones_own(self) -> bool {
        matches!(self, Self::Voice | Self::Transcript | Self::Reply | Self::Location | Self::Voiceprint)
    }

    /// How many days it is kept when no rule says otherwise.
    pub(crate) fn default_days(self) -> u32 {
        match self {
            Self::Voice | Self::Transcript | Self::Reply | Self::Location => 30,
            Self::Video | Self::Snapshot => 7,
            Self::Voiceprint => 365,
            Self::Note => 90,
            Self::Timer | Self::Reminder => 1,
            Self::Look => 400,
        }
    }

    /// The most days that a rule may give it, where that is not [`MOST_DAYS`], and the same in words.
    fn most(self) -> Option<(u32, &'static str)> {
        match self {
            Self::Note => Some((90, "90 days")),
            Self::Timer => Some((1, "a day after it rang")),
            Self::Reminder => Some((1, "a day after it was due")),
            _ => None,
        }
    }

    /// Whether rules apply to it. The details of looks end by a fixed date, so that nobody shortens the memory of them.
    pub(crate) fn heeds_rules(self) -> bool {
        self != Self::Look
    }
}

/// The household's rules. Where none fits, the defaults hold: 30 days for what was said, 7 for what a camera saw.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// In no order: of those that fit, the shortest wins.
    #[serde(default)]
    pub rules: Vec<Rule>,
}

impl Retention {
    /// The shortest rule that fits, or the default; within what the kind allows.
    pub(crate) fn keep(&self, kind: Kind, device: Option<&DeviceId>, person: Option<&PersonId>) -> Keep {
        let fitting = self.rules.iter().filter(|rule| rule.fits(kind, device, person));
        let chosen = fitting.map(|rule| rule.keep).min().unwrap_or(Keep::Days(kind.default_days()));
        kind.most().map(|(days, _)| Keep::Days(days)).into_iter().fold(chosen, Keep::min)
    }

    /// How long these rules keep what a rule is about: by their own about the same, or by what holds of its kind. `None` of a rule about
    /// every kind where there was none: no one time held of them all.
    pub(crate) fn until_now(&self, rule: &Rule) -> Option<Keep> {
        let same = self.rules.iter().filter(|one| one.is_about_the_same(rule)).map(|one| one.keep).min();
        same.or_else(|| Some(self.keep(rule.kind?, rule.device.as_ref(), rule.person.as_ref())))
    }
}

/// How long to keep what is of this kind, from this device and about this person. What is not named fits everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Only this kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// Only what this device captured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceId>,
    /// Only what is this person's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// How long.
    pub keep: Keep,
}

impl Rule {
    /// A rule for everything of one kind.
    pub fn for_kind(kind: Kind, keep: Keep) -> Self {
        Self { kind: Some(kind), device: None, person: None, keep }
    }

    /// Whether both name the same kind, device and person.
    pub fn is_about_the_same(&self, other: &Self) -> bool {
        (self.kind, &self.device, &self.person) == (other.kind, &other.device, &other.person)
    }

    fn fits(&self, kind: Kind, device: Option<&DeviceId>, person: Option<&PersonId>) -> bool {
        self.kind.is_none_or(|k| k == kind)
            && (self.device.is_none() || self.device.as_ref() == device)
            && (self.person.is_none() || self.person.as_ref() == person)
    }
}

/// A length of time to keep something. Shorter sorts before longer. Written `30 days` or `forever`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Keep {
    /// Days of the household, which may have 23 or 25 hours.
    Days(u32),
    /// Without an end: an adult's choice, for their own.
    Forever,
}

/// What must be true of the rules of every document, whatever the day.
pub(super) fn check(document: &Document) -> Result<(), Error> {
    for rule in &document.retention.rules {
        if let Some(person) = &rule.person {
            find(document, person).ok_or_else(|| Error::NoSuchPerson(person.to_string()))?;
        }
        if let Some(device) = &rule.device {
            find_device(document, device).ok_or_else(|| Error::NoSuchDevice(device.to_string()))?;
        }
        match (rule.keep, rule.kind) {
            (Keep::Days(days), _) if !(1..=MOST_DAYS).contains(&days) => {
                return Err(Error::BadKeep(format!("{days} days")));
            }
            (_, Some(Kind::Look)) => {
                return Err(Error::TooLongForKind { kind: "look", most: "400 days, always," });
            }
            (keep, Some(kind)) => match kind.most() {
                Some((days, most)) if keep > Keep::Days(days) => {
                    return Err(Error::TooLongForKind { kind: kind.word(), most });
                }
                _ => {}
            },
            _ => {}
        }
        // Forever is for one's own: it names a person, and never what a camera saw, which is everybody's.
        let shared = matches!(rule.kind, Some(Kind::Video | Kind::Snapshot));
        if rule.keep == Keep::Forever && (rule.person.is_none() || shared) {
            return Err(Error::NotForever);
        }
    }
    Ok(())
}

/// What must be true of the rules on a day: nothing over the bound, and nothing forever, for who is not an adult.
pub(super) fn check_on(document: &Document, day: Date) -> Result<(), Error> {
    let minor = |person: &&Person| person.born.age_on(day) != Age::Adult;
    for rule in &document.retention.rules {
        let person = rule.person.as_ref().and_then(|id| find(document, id)).filter(minor);
        if let Some(person) = person.filter(|_| rule.keep > Keep::Days(MOST_DAYS_OF_A_CHILD)) {
            return Err(match rule.keep {
                Keep::Forever => Error::NotForever,
                Keep::Days(_) => {
                    Error::TooLongForChild { person: person.name.clone(), most: MOST_DAYS_OF_A_CHILD }
                }
            });
        }
    }
    Ok(())
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

impl std::fmt::Display for Keep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Days(1) => f.write_str("1 day"),
            Self::Days(days) => write!(f, "{days} days"),
            Self::Forever => f.write_str("forever"),
        }
    }
}

impl From<Keep> for String {
    fn from(keep: Keep) -> String {
        keep.to_string()
    }
}

impl TryFrom<String> for Keep {
    type Error = Error;
    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl std::str::FromStr for Keep {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || Error::BadKeep(text.chars().take(32).collect());
        if text == "forever" {
            return Ok(Self::Forever);
        }
        let number = text.strip_suffix(" days").or_else(|| text.strip_suffix(" day")).ok_or_else(wrong)?;
        let days = number.parse().map_err(|_| wrong())?;
        if (1..=MOST_DAYS).contains(&days) { Ok(Self::Days(days)) } else { Err(wrong()) }
    }
}
