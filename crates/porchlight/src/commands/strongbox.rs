//! Choosing between strongboxes that were both used.

use anyhow::Result;
use porchlight_hub::{Holding, StrongboxChoice};
use serde_json::json;

use crate::args::Keep;
use crate::output::Output;

pub(super) fn keep(keep: &Keep, out: Output) -> Result<()> {
    let choice = StrongboxChoice::between(&keep.kept, &keep.strongbox)?;
    let others: Vec<Holding> = choice.others().cloned().collect();
    if keep.yes {
        choice.carry_out()?;
    }
    let view = |holding: &Holding| {
        let (lines, last) = holding.last.unzip();
        json!({ "strongbox": holding.path, "generation": holding.generation, "lines": lines, "last_used": last })
    };
    let answer = json!({
        "kept": view(choice.kept()), "others": others.iter().map(view).collect::<Vec<_>>(), "done": keep.yes,
    });
    out.answer(&answer, |_| in_words(choice.kept(), &others, keep.yes))
}

fn in_words(kept: &Holding, others: &[Holding], done: bool) -> String {
    if others.is_empty() {
        return format!(
            "Kept: {kept}. No other strongbox was named or is known, so nothing follows it; name one with --strongbox DIR."
        );
    }
    let mut words = vec![format!("Kept: {kept}.")];
    for other in others {
        words.push(match done {
            true => format!("{} follows it now.", other.path.display()),
            false => format!("To follow it: {other}. What only this one can open would be lost."),
        });
    }
    if !done {
        words.push("Nothing was changed. If that is your choice, say it again with --yes.".to_owned());
    }
    words.join("\n")
}
