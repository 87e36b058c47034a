//! Whether something may be kept, for whom, why, and until when. This is the only place that says so.
//!
//! [`Household::permit`] is the one source of [`Permit`]s, and a permit has no other constructor, so whoever must show a
//! permit to keep something cannot keep it without an owner, a purpose and an end (law 1).

mod longer;

use jiff::{Span, Timestamp};

use crate::document::MOST_DAYS_OF_A_CHILD;
use crate::{Agreement, DeviceId, DeviceKind, Household, Keep, Kind, PersonId, Purpose, Speaker};

/// Whose a recording is: its owner in the sense of law 1.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Whose {
    /// One person's own.
    Person(PersonId),
    /// Everybody's: what a camera saw, a timer, a list.
    Household,
}

/// When a recording ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ends {
    /// At this instant.
    At(Timestamp),
    /// Never: an adult chose so for their own.
    Never,
}

/// What was captured, as far as it matters for whether it may be kept.
#[derive(Debug, Clone, Copy)]
pub struct Capture<'a> {
    /// What kind of recording would be kept.
    pub kind: Kind,
    /// Who spoke. For what a camera saw, [`Speaker::Unknown`]. For a look, who is concerned, if it is one person.
    pub speaker: &'a Speaker,
    /// What captured it; `None` for push-to-talk in a session.
    pub device: Option<&'a DeviceId>,
    /// When it was captured; for a timer or a reminder, when it rings.
    pub at: Timestamp,
    /// By which time it is judged how old people are: one that is certain, whatever a clock shows.
    pub as_of: Timestamp,
}

/// Leave to keep one recording: whose it is, why, and until when. Only [`Household::permit`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permit {
    whose: Whose,
    purpose: Purpose,
    keep: Keep,
    ends: Ends,
}

impl Permit {
    /// Whose it is.
    pub fn owner(&self) -> &Whose {
        &self.whose
    }

    /// Why it is kept.
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// How long it is kept, by the rule that won.
    pub fn keep(&self) -> Keep {
        self.keep
    }

    /// When it ends.
    pub fn ends(&self) -> Ends {
        self.ends
    }
}

impl Household {
    /// Whether this may be kept at all, for whom and how long. `None` means: use it to answer, then forget it.
    ///
    /// - What was said (voice, transcript, reply, location) needs a known speaker and their consent to `history`;
    ///   a voiceprint, their consent to `recognition`.
    /// - What a camera saw needs an adult's consent to that camera. (Its sound needs one more: [`Household::hears`].)
    /// - Effects need none: they are what was asked for. They are the household's, and end when done.
    /// - The details of looks need none either: that looks are seen protects everybody.
    pub fn permit(&self, capture: &Capture<'_>) -> Option<Permit> {
        let Capture { kind, speaker, device, at, as_of } = *capture;
        if device.is_some_and(|id| self.device(id).is_err()) {
            return None;
        }
        let (whose, purpose) = match kind {
            Kind::Voice | Kind::Transcript | Kind::Reply | Kind::Location => {
                self.own(speaker, Purpose::History, as_of)?
            }
            Kind::Voiceprint => self.own(speaker, Purpose::Recognition, as_of)?,
            Kind::Video | Kind::Snapshot => {
                let camera = self.device(device?).ok().filter(|d| d.kind == DeviceKind::Camera)?;
                self.camera_consent(&camera.id, Purpose::Security, as_of)?;
                (Whose::Household, Purpose::Security)
            }
            Kind::Note | Kind::Timer | Kind::Reminder => (Whose::Household, Purpose::Answer),
            Kind::Look => match speaker.person() {
                Some(person) => (Whose::Person(self.person(person).ok()?.id.clone()), Purpose::Security),
                None => (Whose::Household, Purpose::Security),
            },
        };
        let keep = self.keep(kind, device, &whose, as_of);
        let ends = match keep {
            Keep::Forever => Ends::Never,
            Keep::Days(days) => Ends::At(self.days_after(at, days)?),
        };
        Some(Permit { whose, purpose, keep, ends })
    }

    /// The speaker's own, if they are known and agree.
    fn own(&self, speaker: &Speaker, purpose: Purpose, at: Timestamp) -> Option<(Whose, Purpose)> {
        let person = speaker.person()?;
        let agrees = self.agrees(person, &Agreement::from(purpose), at);
        agrees.then(|| (Whose::Person(person.clone()), purpose))
    }

    /// How long something is kept by the rules, within what the person's age allows.
    fn keep(&self, kind: Kind, device: Option<&DeviceId>, whose: &Whose, at: Timestamp) -> Keep {
        let default = Keep::Days(kind.default_days());
        if !kind.heeds_rules() {
            return default;
        }
        let person = match whose {
            Whose::Person(person) => Some(person),
            Whose::Household => None,
        };
        let minor = person.is_some_and(|person| !self.is_adult(person, at));
        let by_age = minor.then_some(Keep::Days(MOST_DAYS_OF_A_CHILD));
        by_age.into_iter().fold(self.retention.keep(kind, device, person), Keep::min)
    }

    /// The same time of day, so many of the household's own days later. `None` at the end of all time.
    fn days_after(&self, at: Timestamp, days: u32) -> Option<Timestamp> {
        let span = Span::new().try_days(days).ok()?;
        Some(at.to_zoned_datetime(self.zone().clone()).checked_add(span).ok()?.timestamp())
    }
}

#[cfg(test)]
mod tests;
