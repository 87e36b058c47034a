//! Following what happens.

use std::fs;

use anyhow::{Context, Result};
use porchlight_protocol::events::{AccountChange, EndedBy, Event, Happening};
use porchlight_protocol::{LookKind, RingWords, length};
use serde::Serialize;

use super::failed_sign_ins;
use super::speaker::Speaker;
use crate::args::Events;
use crate::files;
use crate::output::{Output, quoted, say, time};

/// An event, and the words of what rings, which no event carries.
#[derive(Serialize)]
struct Happened {
    #[serde(flatten)]
    event: Event,
    #[serde(flatten)]
    words: Option<RingWords>,
}

pub(super) fn follow(speaker: &Speaker, events: Events, out: Output) -> Result<()> {
    if let Some(folder) = &events.out {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    say("Following what happens; stop with Ctrl-C.");
    let mut left = events.count.unwrap_or(usize::MAX);
    for event in speaker.events(events.after)? {
        let event = event?;
        if events.device.is_some() && !spoken_at(&event, events.device.as_deref()) {
            continue;
        }
        let rings = matches!(event.what, Happening::TimerEnded { .. } | Happening::Reminder { .. });
        let words = if rings { speaker.event_words(event.number)? } else { None };
        if let (Some(folder), Some(_)) = (&events.out, &words) {
            let file = folder.join(format!("{}.wav", event.number));
            files::write(&file, speaker.event_speech(event.number)?)
                .with_context(|| format!("cannot write {}", file.display()))?;
        }
        out.answer(&Happened { event, words }, in_words)?;
        left -= 1;
        if left == 0 {
            break;
        }
    }
    Ok(())
}

fn spoken_at(event: &Event, here: Option<&str>) -> bool {
    match &event.what {
        Happening::TimerEnded { device, .. } | Happening::Reminder { device, .. } => {
            match (device.as_deref(), here) {
                (Some(device), Some(here)) => device.eq_ignore_ascii_case(here),
                _ => false,
            }
        }
        _ => false,
    }
}

fn in_words(Happened { event, words }: &Happened) -> String {
    let say = words.as_ref().map(|words| quoted(&words.say));
    let what = match &event.what {
        Happening::TimerEnded { device, .. } => {
            rung(device.as_deref(), say.as_deref().unwrap_or("A timer ended."))
        }
        Happening::Reminder { device, .. } => {
            rung(device.as_deref(), say.as_deref().unwrap_or("A reminder was due."))
        }
        Happening::Camera { device, state, .. } => format!("{device}: {state}"),
        Happening::Looked { person, client, devices, why } => match why {
            LookKind::Open => format!("{person} looked at {}, from {client}.", devices.join(", ")),
            LookKind::Export => {
                format!("{person} took film of {} away as files, to {client}.", devices.join(", "))
            }
        },
        Happening::Watching { watching, device } => {
            format!("{} watches {device} live, from {}.", watching.person, watching.client)
        }
        Happening::WatchingEnded { watching, device } => {
            format!("{} watches {device} live no more.", watching.person)
        }
        Happening::Kept { moment } => format!("Moment {moment} was kept."),
        Happening::Forgotten { .. } => "Something was forgotten for good.".to_owned(),
        Happening::FilmForgotten { person, seconds, devices, .. } => {
            format!("{person} had {} of {} forgotten.", length(*seconds), devices.join(", "))
        }
        Happening::SignedIn { person, client, .. } => format!("{person} signed in from {client}."),
        Happening::SignInFailed { person, failed } => failed_sign_ins::words(person, failed),
        Happening::Recovered { person, client } => {
            format!(
                "{person} got back in with the recovery kit, from {client}; all their other sessions are over."
            )
        }
        Happening::AccountChanged { person, change, client, .. } => match change {
            AccountChange::Passphrase => format!("{person} has a new passphrase, changed from {client}."),
            AccountChange::PasskeyAdded => {
                format!("{person} can sign in with another passkey, added from {client}.")
            }
            AccountChange::PasskeyRemoved => format!("{person} has removed a passkey, from {client}."),
            AccountChange::RecoveryKit => {
                format!("{person} has a new recovery kit, made from {client}; the one before lets nobody in.")
            }
        },
        Happening::SessionEnded { by, client, .. } => {
            let from = client.as_ref().map(|client| format!(" from {client}")).unwrap_or_default();
            match by {
                EndedBy::Itself => "This session is over; sign in again.".to_owned(),
                EndedBy::Removal => {
                    "This session is over: you are no longer part of this household.".to_owned()
                }
                EndedBy::Passphrase => {
                    format!("This session is over: your passphrase was changed{from}. Sign in again.")
                }
                EndedBy::Recovery => {
                    format!("This session is over: your recovery kit was used{from}. Sign in again.")
                }
            }
        }
        Happening::Invitation { .. } => "An invitation of yours went on, or is over.".to_owned(),
        Happening::HouseholdChanged { version } => format!("The household changed (version {version})."),
        Happening::EffectsChanged => "Timers, lists or reminders changed.".to_owned(),
        Happening::Answered { device: Some(device), .. } => {
            format!("at {device}: something was said, answered and forgotten.")
        }
        Happening::Answered { device: None, .. } => "Something was said, answered and forgotten.".to_owned(),
        Happening::Trouble { sentence, .. } => sentence.clone(),
    };
    format!("{}  {what}", time(event.at))
}

fn rung(device: Option<&str>, say: &str) -> String {
    match device {
        Some(device) => format!("at {device}: {say}"),
        None => say.to_owned(),
    }
}
