//! Privacy: cameras that are switched off for now, and on again.
//!
//! A voice alone stops no security video: only somebody who is known to speak is heard here, and whether they may is the hub's to say.

mod words;

pub use words::{PrivacyAnswer, privacy_answered};

use crate::skill::camera;
use crate::skill::contract::{Context, Reply, Skill};
use crate::skill::situation::{Change, Speaker};
use crate::skill::slots::Slots;

/// Switching cameras off for now, and on again.
pub(crate) struct Privacy;

impl Skill for Privacy {
    fn sentences(&self) -> &'static [(&'static str, &'static str)] {
        &[("en", include_str!("en.yaml"))]
    }

    fn answers(&self, said: &Slots<'_>) -> bool {
        said.intent() == "PorchlightPrivacy"
    }

    fn answer(&self, context: &Context<'_>) -> Reply {
        let Context { said, situation } = context;
        let cameras = match said.words("name") {
            Some(name) => match camera::named(name, situation.cameras) {
                Ok(found) => found.into_iter().map(|camera| camera.name.clone()).collect(),
                Err(there_is_none) => return Reply::say(there_is_none),
            },
            None => Vec::new(),
        };
        if situation.cameras.is_empty() {
            return Reply::say("There are no cameras in this home.");
        }
        match situation.speaker {
            Speaker::Unknown => Reply::say(privacy_answered(&PrivacyAnswer::Refused)),
            // What there is to say depends on how the cameras are: the hub says it when it is done.
            Speaker::Known(_) => {
                let on = said.variant() == "on";
                Reply::act(String::new(), vec![Change::SwitchPrivacy { on, cameras }])
            }
        }
    }
}

#[cfg(test)]
mod tests;
