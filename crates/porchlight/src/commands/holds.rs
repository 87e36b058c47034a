//! Holding recordings, and releasing them.

use anyhow::{Result, bail};
use porchlight_hub::api::types::HoldView;
use porchlight_hub::client::Member;
use serde_json::json;

use super::recordings::{is_empty, selection};
use crate::args::HoldCommand;
use crate::output::{Output, count, time};

pub(super) fn run(member: &Member, command: HoldCommand, out: Output) -> Result<()> {
    match command {
        HoldCommand::Add(add) => {
            let selection = selection(add.ids, &add.filters, false);
            if is_empty(&selection) {
                bail!("say what to hold: ids from `porchlight list`, or filters such as --device or --from");
            }
            let hold = member.hold(&selection, &add.until, &add.why)?;
            out.answer(&hold, |hold| match hold.already {
                false => format!("Held. {}", words(hold)),
                true => format!(
                    "You hold this until then already, for the reason that you gave first. {}",
                    words(hold)
                ),
            })
        }
        HoldCommand::List => out.answers(&member.holds()?, "Nothing is held.", words),
        HoldCommand::Release { id } => {
            member.release_hold(id)?;
            out.answer(&json!({ "released": id }), |_| {
                "Released: what was held can be forgotten again, and what has ended meanwhile goes by itself."
                    .to_owned()
            })
        }
    }
}

fn words(hold: &HoldView) -> String {
    let moments = count(hold.moments.len(), "moment");
    format!("Hold {}: {moments}, by {}, until {}", hold.id, hold.by, time(hold.until))
}
