//! Forgetting for good: first exactly what goes, then the question, then the deed.

use std::path::Path;
use std::slice;

use anyhow::{Result, bail};
use porchlight_client::Member;
use porchlight_protocol::{ForgetConfirm, ForgetPreview, ForgottenView};
use serde_json::json;

use super::receipts::{Kept, must_be_writable};
use super::recordings::{is_empty, line, say_what_is_left_out, selection};
use crate::args::Forget;
use crate::output::{Output, confirm, count, say};

pub(super) fn forget(member: &Member, forget: Forget, out: Output) -> Result<()> {
    say_what_is_left_out(member, &forget.filters)?;
    let selection = selection(forget.ids, &forget.filters, forget.all);
    if is_empty(&selection) {
        bail!("say what to forget: ids from `porchlight list`, filters such as --device or --from, or --all");
    }
    if !forget.dry_run {
        must_be_writable(forget.receipt.as_deref())?;
    }
    let preview = member.preview_forget(&selection)?;
    let only_finished = preview.token.is_none() && !preview.finished.is_empty();
    // Where more is forgotten than that, the file that was named is for the receipt of it.
    let named = forget.receipt.as_deref().filter(|_| only_finished && preview.finished.len() == 1);
    preview.finished.iter().try_for_each(|done| is_finished(done, named, out))?;
    if forget.dry_run && !only_finished {
        let answer = json!({ "dry_run": true, "goes": preview.goes, "effects": preview.effects, "stays": preview.stays, "copies": preview.copies, "receipt": null });
        return out.answer(&answer, |_| words(&preview, forget.keep_effects));
    }
    let Some(token) = preview.token.clone() else {
        if only_finished && preview.stays.is_empty() {
            return Ok(());
        }
        let answer = json!({ "forgotten": [], "stays": preview.stays, "receipt": null });
        return out.answer(&answer, |_| words(&preview, forget.keep_effects));
    };
    if !forget.yes {
        say(words(&preview, forget.keep_effects));
        let going = count(going(&preview, forget.keep_effects), "recording");
        if !confirm(&format!("Forget {going} for good? There is no way back."))? {
            bail!("nothing was forgotten");
        }
    }
    let done =
        member.forget(&ForgetConfirm { token, keep_effects: forget.keep_effects, keep: Vec::new() })?;
    let kept = Kept::of_deletions(slice::from_ref(&done), forget.receipt.as_deref());
    let kept_effects: Vec<_> =
        if forget.keep_effects { preview.effects.iter().map(|e| e.id).collect() } else { Vec::new() };
    let answer = json!({
        "forgotten": done.recordings, "moments": done.moments, "goes": preview.goes, "effects": preview.effects, "effects_kept": kept_effects,
        "stays": preview.stays, "strongboxes": done.strongboxes, "complete": done.complete, "ledger_line": done.ledger_line,
        "receipt": kept.receipts.first(),
    });
    out.answer(&answer, |_| {
        let heading = if done.complete {
            "Gone from every copy Porchlight keeps."
        } else {
            "Gone from your home. One copy is still out of reach."
        };
        let mut lines = vec![format!("{heading} {} forgotten.", count(done.recordings.len(), "recording"))];
        lines.extend(done.strongboxes.iter().cloned());
        lines.extend(
            preview.stays.iter().map(|stays| {
                format!("Stays: {} ({})", count(stays.recordings.len(), "recording"), stays.why)
            }),
        );
        format!("{}{kept}", lines.join("\n"))
    })?;
    kept.must_be_whole()
}

/// Says that what was asked for before, and failed then, is forgotten now.
pub(super) fn is_finished(done: &ForgottenView, receipt: Option<&Path>, out: Output) -> Result<()> {
    let kept = Kept::of_deletions(slice::from_ref(done), receipt);
    let answer = json!({
        "forgotten": done.recordings, "moments": done.moments, "strongboxes": done.strongboxes, "complete": done.complete,
        "ledger_line": done.ledger_line, "receipt": kept.receipts.first(),
    });
    out.answer(&answer, |_| {
        let forgotten = count(done.recordings.len(), "recording");
        let mut lines =
            vec![format!("{forgotten} forgotten: the deletion that was begun before is finished now.")];
        lines.extend(done.strongboxes.iter().cloned());
        format!("{}{kept}", lines.join("\n"))
    })?;
    kept.must_be_whole()
}

/// How many recordings go: the same number before, afterwards, on the receipt and in the ledger.
fn going(preview: &ForgetPreview, keep_effects: bool) -> usize {
    preview.goes.len() + if keep_effects { 0 } else { preview.effects.len() }
}

fn words(preview: &ForgetPreview, keep_effects: bool) -> String {
    let mut lines = Vec::new();
    if preview.goes.is_empty() {
        lines.push("Nothing of this would be forgotten.".to_owned());
    } else {
        lines.push(format!("{} would go for good:", count(going(preview, keep_effects), "recording")));
        lines.extend(preview.goes.iter().map(|recording| format!("  {}", line(recording))));
    }
    if !preview.effects.is_empty() {
        lines.push(match keep_effects {
            true => "What these requests left behind stays:".to_owned(),
            false => "Among them what these requests left behind, unless you add --keep-effects:".to_owned(),
        });
        lines.extend(preview.effects.iter().map(|recording| format!("  {}", line(recording))));
    }
    for stays in &preview.stays {
        lines.push(format!("Stays: {}. {}", count(stays.recordings.len(), "recording"), stays.why));
    }
    lines.extend(preview.copies.iter().cloned());
    lines.join("\n")
}
