//! An utterance: what is kept of it, and on what terms.

use jiff::Timestamp;
use porchlight_household::{Capture, Device, Household, Kind, PersonId, Speaker};
use porchlight_protocol::Message;
use porchlight_vault::{Id, NewMoment, NewRecording};
use porchlight_voice::skill::Answer;
use zeroize::Zeroizing;

use crate::error::Error;
use crate::retention_terms::{terms, vault_kind};

/// An utterance as far as keeping goes.
pub(super) struct Utterance<'a> {
    pub(super) household: &'a Household,
    pub(super) speaker: &'a Speaker,
    pub(super) device: Option<&'a Device>,
    /// The device that was named, be it somebody else's own, where nothing is done by the name of it.
    pub(super) named: Option<&'a Device>,
    pub(super) start: Timestamp,
    pub(super) end: Timestamp,
    /// By which time it is judged how old people are.
    pub(super) as_of: Timestamp,
}

impl Utterance<'_> {
    /// Sound, words and answer as one moment, if the speaker is known and that person agreed; else why nothing is kept at all. Written
    /// words have no sound.
    pub(super) fn words(
        &self,
        wav: Option<Zeroizing<Vec<u8>>>,
        words: &str,
        answer: &Answer,
    ) -> Result<Result<NewMoment, Message>, Error> {
        let Some(person) = self.speaker.person() else {
            return Ok(Err(self.unknown()));
        };
        let mut recordings = Vec::new();
        let plain = "text/plain; charset=utf-8";
        let bytes = |text: &str| Zeroizing::new(text.as_bytes().to_vec());
        for (kind, media_type, bytes) in [
            (Kind::Voice, "audio/wav", wav.unwrap_or_default()),
            (Kind::Transcript, plain, bytes(words)),
            (Kind::Reply, plain, bytes(&answer.reply)),
        ] {
            // Without words there is nothing to look back on, and the sound may be anybody's.
            let empty = words.is_empty() || bytes.is_empty();
            if let (false, Some((keeping, audience))) = (empty, self.terms(kind, self.end)?) {
                recordings.push(NewRecording {
                    kind: vault_kind(kind)?,
                    terms: keeping,
                    audience,
                    media_type: media_type.to_owned(),
                    bytes,
                    // An answer that tells other words is forgotten with them.
                    sources: match kind {
                        Kind::Reply => answer.made_from.iter().copied().map(Id::from).collect(),
                        _ => Vec::new(),
                    },
                });
            }
        }
        if recordings.is_empty() {
            let name = self.household.person(person).map(|person| person.name.clone()).unwrap_or_default();
            let why = if words.is_empty() {
                Message::new("no-words", "no words were heard")
            } else {
                let text =
                    format!("{name} has not agreed to history (porchlight consent grant {name} history)");
                Message::new("no-history", text).with("person", name)
            };
            return Ok(Err(why));
        }
        Ok(Ok(self.moment(recordings, Some(person), self.start)))
    }

    pub(super) fn terms(
        &self,
        kind: Kind,
        at: Timestamp,
    ) -> Result<Option<(porchlight_vault::Terms, porchlight_vault::Audience)>, Error> {
        let device = self.device.map(|device| &device.id);
        let capture = Capture { kind, speaker: self.speaker, device, at, as_of: self.as_of };
        self.household
            .permit(&capture)
            .map(|permit| terms(self.household, kind, &permit, self.as_of))
            .transpose()
    }

    pub(super) fn moment(
        &self,
        recordings: Vec<NewRecording>,
        person: Option<&PersonId>,
        start: Timestamp,
    ) -> NewMoment {
        NewMoment {
            device: self.device.map(|device| device.id.to_string()),
            room: self.device.and_then(|device| device.room.clone()),
            person: person.map(PersonId::to_string),
            start,
            end: self.end,
            caused_by: None,
            recordings,
        }
    }

    /// Why a voice is unknown here.
    fn unknown(&self) -> Message {
        match self.named {
            Some(Device { name, person: None, .. }) => {
                Message::new("anybody-there", format!("anybody can speak at {name}, a child too"))
                    .with("device", name)
            }
            Some(Device { name, .. }) => {
                Message::new("anothers-device", format!("{name} is somebody else's own")).with("device", name)
            }
            None => Message::new("adults-session", "only an adult's own session makes a voice known"),
        }
    }
}
