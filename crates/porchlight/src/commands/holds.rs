//! Holding recordings, and releasing them.

use anyhow::{Result, bail};
use porchlight_client::Member;
use porchlight_protocol::HoldView;
use serde_json::json;

use super::recordings::{is_empty, say_what_is_left_out, selection};
use crate::args::HoldCommand;
use crate::output::{Output, count, time};

pub(super) fn run(member: &Member, command: HoldCommand, out: Output) -> Result<()> {
    match command {
        HoldCommand::Add(add) => {
            say_what_is_left_out(member, &add.filters)?;
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
    let held = format!("Hold {}: {moments}, by {}, until {}", hold.id, hold.by, time(hold.until));
    match &hold.lost[..] {
        [] => held,
        lost => {
            let ids: Vec<String> = lost.iter().map(u64::to_string).collect();
            format!(
                "{held}. Of {} the sealed bytes are missing: held, and not to be had unless a copy of the data folder has them ({}).",
                count(lost.len(), "recording"),
                ids.join(", ")
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn what_is_held_and_cannot_be_had_is_said() {
        let (since, until) = (Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH);
        let mut hold = HoldView {
            id: 7,
            by: "Anna".into(),
            since,
            until,
            moments: vec![3],
            lost: vec![],
            already: false,
        };
        assert!(!words(&hold).contains("missing"));
        hold.lost = vec![4, 5];
        assert!(words(&hold).contains("Of 2 recordings the sealed bytes are missing"), "{}", words(&hold));
        assert!(words(&hold).ends_with("(4, 5)."));
    }
}
