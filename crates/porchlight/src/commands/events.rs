//! Following what happens.

use std::fs;

use anyhow::{Context, Result};
use porchlight_hub::client::Member;
use porchlight_hub::events::{AccountChange, EndedBy, Event, Happening};

use super::failed_sign_ins;
use crate::args::Events;
use crate::output::{Output, say, time};

pub(super) fn follow(member: &Member, events: Events, out: Output) -> Result<()> {
    if let Some(folder) = &events.out {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    say("Following what happens; stop with Ctrl-C.");
    let mut left = events.count.unwrap_or(usize::MAX);
    for event in member.events(events.after)? {
        let event = event?;
        if events.device.is_some() && !spoken_at(&event, events.device.as_deref()) {
            continue;
        }
        if let (Some(folder), Happening::TimerEnded { .. } | Happening::Reminder { .. }) =
            (&events.out, &event.what)
        {
            let file = folder.join(format!("{}.wav", event.number));
            fs::write(&file, member.event_speech(event.number)?)
                .with_context(|| format!("cannot write {}", file.display()))?;
        }
        out.answer(&event, words)?;
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

fn words(event: &Event) -> String {
    let what = match &event.what {
        Happening::TimerEnded { device, say, .. } | Happening::Reminder { device, say, .. } => match device {
            Some(device) => format!("at {device}: {say}"),
            None => say.clone(),
        },
        Happening::Camera { device, state, .. } => format!("{device}: {state}"),
        Happening::Looked { person, client, devices } => {
            format!("{person} looked at {}, from {client}.", devices.join(", "))
        }
        Happening::Kept { moment } => format!("Moment {moment} was kept."),
        Happening::Forgotten { moments } => format!("Forgotten for good: {} moments.", moments.len()),
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
                EndedBy::Passphrase => {
                    format!("This session is over: your passphrase was changed{from}. Sign in again.")
                }
                EndedBy::Recovery => {
                    format!("This session is over: your recovery kit was used{from}. Sign in again.")
                }
            }
        }
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
