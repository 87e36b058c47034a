//! A coin, for what nobody wants to decide.

use crate::skill::contract::{Context, Reply, Skill};
use crate::skill::slots::Slots;

/// Heads or tails.
pub(crate) struct Coin;

impl Skill for Coin {
    fn sentences(&self) -> &'static [(&'static str, &'static str)] {
        &[("en", include_str!("en.yaml"))]
    }

    fn answers(&self, said: &Slots<'_>) -> bool {
        said.intent() == "PorchlightCoin"
    }

    fn answer(&self, context: &Context<'_>) -> Reply {
        Reply::say(if context.chance.is_multiple_of(2) { "It is heads." } else { "It is tails." })
    }
}

#[cfg(test)]
mod tests;
