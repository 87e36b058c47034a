//! Holding recordings, and releasing them.

use anyhow::{Result, bail};
use porchlight_client::Member;
use porchlight_protocol::HoldView;
use serde_json::json;

use super::recordings::{is_empty, say_what_is_left_out, selection};
use crate::args::HoldCommand;
use crate::output::{Output, time};

pub(super) fn run(member: &Member, command: HoldCommand, out: Output) -> Result<()> {
    match command {
        HoldCommand::Add(add) => {
            say_what_is_left_out(member, &add.filters)?;
            let selection = selection(member, add.ids, &add.filters, false)?;
            if is_empty(&selection) {
                bail!("say what to hold: ids from `porchlight list`, or filters such as --device or --from");
            }
            let hold = member.hold(&selection, &add.until, &add.why)?;
            out.answer(&hold, |hold| match hold.already {
                false => format!("Held. {}", words(hold, member.name())),
                true => format!(
                    "You hold this until then already, for the reason that you gave first. {}",
                    words(hold, member.name())
                ),
            })
        }
        HoldCommand::List => {
            out.answers(&member.holds()?, "Nothing is held.", |hold| words(hold, member.name()))
        }
        HoldCommand::Release { id } => {
            member.release_hold(id)?;
            out.answer(&json!({ "released": id }), |_| {
                "Released: what was held can be forgotten again, and what has ended meanwhile goes by itself."
                    .to_owned()
            })
        }
    }
}

fn words(hold: &HoldView, me: &str) -> String {
    let held =
        format!("Hold {}: {}, by {}, until {}", hold.id, hold.amount.in_full(me), hold.by, time(hold.until));
    if hold.lost.is_empty() {
        return held;
    }
    let ids: Vec<String> = hold.lost.iter().map(u64::to_string).collect();
    format!(
        "{held}. Of {} the sealed bytes are missing: held, and not to be had unless a copy of the data folder has them ({}).",
        hold.amount_lost.in_full(me),
        ids.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use porchlight_protocol::Amount;

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
            amount: Amount::of_film("Porch", 1140.0),
            lost: vec![],
            amount_lost: Amount::default(),
            already: false,
        };
        let words = |hold: &HoldView| words(hold, "Anna");
        assert!(words(&hold).starts_with("Hold 7: 19 minutes of Porch, by Anna, "), "{}", words(&hold));
        assert!(!words(&hold).contains("missing"));
        (hold.lost, hold.amount_lost) = (vec![4, 5], Amount::of_film("Porch", 8.0));
        assert!(
            words(&hold).contains("Of 8 seconds of Porch the sealed bytes are missing"),
            "{}",
            words(&hold)
        );
        assert!(words(&hold).ends_with("(4, 5)."));
    }
}
