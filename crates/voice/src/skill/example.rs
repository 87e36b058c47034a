//! A home to try skills in: from a sentence to an answer, with our own templates only.

use crate::intent::{Matcher, Names};
use crate::skill::{Answer, Camera, Heard, ListItem, Reminder, Situation, Speaker, Timer, respond};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::error::Error;

pub(super) type Outcome = Result<(), Box<dyn Error>>;

/// A home in Berlin at twenty past six in the evening of Monday, the 23rd of November 2026.
pub(super) struct Home {
    pub(super) matcher: Matcher,
    pub(super) names: Names,
    pub(super) now: Timestamp,
    pub(super) zone: TimeZone,
    pub(super) timers: Vec<Timer>,
    pub(super) items: Vec<ListItem>,
    pub(super) reminders: Vec<Reminder>,
    pub(super) cameras: Vec<Camera>,
    pub(super) heard: Vec<Heard>,
}

impl Home {
    pub(super) fn new() -> Result<Self, Box<dyn Error>> {
        let names = Names::new().area("Kitchen").area("Living room").camera("porch").camera("garden camera");
        Ok(Self {
            matcher: Matcher::english()?,
            names: names.list("party").here("Kitchen"),
            now: "2026-11-23T17:20:00Z".parse()?,
            zone: TimeZone::get("Europe/Berlin")?,
            timers: Vec::new(),
            items: Vec::new(),
            reminders: Vec::new(),
            cameras: Vec::new(),
            heard: Vec::new(),
        })
    }

    /// With a pizza timer here and a ten minute timer in the living room.
    pub(super) fn with_timers() -> Result<Self, Box<dyn Error>> {
        let mut home = Self::new()?;
        home.timers.push(home.timer(1, Some("pizza"), 600, 190, "Kitchen")?);
        home.timers.push(home.timer(2, None, 600, 40, "Living room")?);
        Ok(home)
    }

    pub(super) fn timer(
        &self,
        id: u64,
        name: Option<&str>,
        seconds: u64,
        left: i64,
        room: &str,
    ) -> Result<Timer, jiff::Error> {
        Ok(Timer {
            id,
            name: name.map(str::to_owned),
            seconds,
            ends: self.now.checked_add(jiff::SignedDuration::from_secs(left))?,
            device: format!("{room} microphone"),
            room: Some(room.to_owned()),
            paused: None,
        })
    }

    pub(super) fn with_items(items: &[&str]) -> Result<Self, Box<dyn Error>> {
        let mut home = Self::new()?;
        let item =
            |(id, text): (u64, &&str)| ListItem { id, list: "shopping".into(), text: (*text).to_owned() };
        home.items = (1..).zip(items).map(item).collect();
        Ok(home)
    }

    pub(super) fn situation(&self) -> Situation<'_> {
        Situation {
            device: "Hall microphone",
            room: Some("Hall"),
            speaker: Speaker::Known("Tom"),
            timers: &self.timers,
            items: &self.items,
            reminders: &self.reminders,
            cameras: &self.cameras,
            heard: &self.heard,
            ..Situation::new(self.now, self.zone.clone())
        }
    }

    pub(super) fn ask(&self, text: &str) -> Answer {
        respond(&self.matcher, &self.names, text, &self.situation())
    }

    /// Each sentence leads to this intent and this reply.
    pub(super) fn expect(&self, sentences: &[&str], intent: &str, reply: &str) {
        for sentence in sentences {
            let answer = self.ask(sentence);
            assert_eq!((answer.intent.as_str(), answer.reply.as_str()), (intent, reply), "\"{sentence}\"");
        }
    }
}
