//! The policy in English.

use super::{Agreed, Fact, HeldOf, Kept, Opens};
use crate::{Age, GrowingUp, Keep, Kind};

const UNKNOWN_VOICE: &str = "What an unknown voice says is answered, then forgotten. Nothing of it is kept, \
     except a timer, a reminder or a list item that it asked for.";
const GONE: &str = "What you forget, what its end date reaches, and what was kept for a consent that is taken back is \
     gone for good: its key is destroyed.";

pub(super) fn text(fact: &Fact<'_>) -> String {
    match fact {
        Fact::UnknownVoice => UNKNOWN_VOICE.to_owned(),
        Fact::NothingSaid { name } => {
            format!("What {name} says is answered, then forgotten: nobody has agreed to keep it.")
        }
        Fact::Said { name, kept, opens, yet } => format!(
            "What {name} says, its words and the answers {} kept {}, {}. {}",
            if *yet { "are" } else { "would be" },
            time(kept.keep),
            why("to look back on", kept),
            open(name, *opens),
        ),
        Fact::Part { what, name, kept, yet } => format!(
            "{} of what {name} says: {} {}, {}.",
            part(*what),
            if *yet { "kept" } else { "would be kept" },
            time(kept.keep),
            why("to look back on", kept),
        ),
        Fact::NotToldApart { name } => format!(
            "None of what {name} says is kept yet: so far only an adult's own session or microphone tells who speaks."
        ),
        Fact::Opens { name, opens } => open(name, *opens),
        Fact::Unkept { name } => format!(
            "Nothing of what {name} says is kept, though it was agreed to: it would be sealed to {name} alone, who cannot sign in yet."
        ),
        Fact::GrowsUp { name, how: GrowingUp { into: Age::Adult, on, consent_ends, .. } } => {
            let ends = format!(
                " What a guardian agreed to for {name} ends then, and what was kept for it is forgotten."
            );
            format!("From {on} on {name} counts as an adult.{}", if *consent_ends { &ends } else { "" })
        }
        Fact::GrowsUp { name, how: GrowingUp { on, unkept, .. } } => {
            let nothing = format!(" {name} cannot sign in yet, so until then nothing would be kept.");
            format!(
                "From {on} on {name} counts as a teen: what is kept of {name} is sealed to {name} alone from then on.{}",
                if *unkept { &nothing } else { "" }
            )
        }
        Fact::Voiceprint { name, kept } => format!(
            "What {name}'s voice is known by would be kept {}, {}. Porchlight does not know voices yet, so there is none.",
            time(kept.keep),
            why("to know it again", kept),
        ),
        Fact::Shared { name } => format!(
            "{name}'s recordings may leave the hub: it was agreed to. Nothing sends them anywhere yet."
        ),
        Fact::Trains { name } => {
            format!(
                "{name}'s recordings may be used to improve models: it was agreed to. Nothing is improved with them yet."
            )
        }
        Fact::CameraOff { name } => {
            format!("What the camera {name} sees is not kept: no adult agrees to it.")
        }
        Fact::Video { name, kept, sound } => {
            let sound = match sound {
                Some(sound) => format!("with its sound where it sends any ({})", agreed(sound)),
                None => "without its sound, which is dropped at the door".to_owned(),
            };
            format!(
                "Video of the camera {name} is kept {}{}. The adults of the household can open it.",
                time(kept.keep),
                why(&format!(" for security, {sound}"), kept),
            )
        }
        Fact::Snapshots { name, keep } => {
            format!("Single pictures of the camera {name} would be kept {}. None are made yet.", time(*keep))
        }
        Fact::Left { what: Kind::Note, keep } => {
            format!("A list item is kept until it is done, and at most {keep}.")
        }
        Fact::Left { what: Kind::Timer, keep } => {
            format!("A timer is kept until it has rung, and then at most {keep}.")
        }
        Fact::Left { what: Kind::Reminder, keep } => {
            format!("A reminder is kept until it has been said, and then at most {keep}.")
        }
        Fact::Left { keep, .. } => {
            format!("That somebody looked at a recording is kept in the ledger; the details for {keep}.")
        }
        Fact::Gone => GONE.to_owned(),
        Fact::Held { whose, until } => {
            let some = match whose {
                Some(HeldOf::Person(name)) => format!("Some of what {name} said"),
                Some(HeldOf::Camera(name)) => format!("Some of what the camera {name} saw"),
                None => "Some of what is kept".to_owned(),
            };
            let until = until.strftime("%-d %B %Y");
            format!(
                "{some} is held until {until}, or until the hold is released: until then it is kept, whatever else stands here."
            )
        }
    }
}

fn part(what: Kind) -> &'static str {
    match what {
        Kind::Voice => "The sound",
        Kind::Transcript => "The words",
        _ => "The answers",
    }
}

fn open(name: &str, opens: Opens) -> String {
    match opens {
        Opens::Person => format!("Only {name} can open it."),
        Opens::Guardians => format!("{name}'s guardians can open it."),
    }
}

fn time(keep: Keep) -> String {
    match keep {
        Keep::Forever => "without an end".to_owned(),
        days => format!("for {days}"),
    }
}

fn why(purpose: &str, kept: &Kept<'_>) -> String {
    match &kept.agreed {
        Some(by) => format!("{purpose}: {}", agreed(by)),
        None => purpose.to_owned(),
    }
}

fn agreed(Agreed { by, on }: &Agreed<'_>) -> String {
    format!("{by} agreed on {}", on.strftime("%-d %B %Y"))
}
