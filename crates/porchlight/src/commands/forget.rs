//! Forgetting for good: first exactly what goes, then the question, then the deed.

use std::collections::BTreeSet;
use std::path::Path;
use std::slice;

use anyhow::{Result, bail};
use porchlight_client::Member;
use porchlight_protocol::{Amount, ForgetConfirm, ForgetPreview, ForgottenView};
use serde_json::json;

use super::film;
use super::receipts::{Kept, must_be_writable, what_went};
use super::recordings::{is_empty, line, say_what_is_left_out, selection};
use crate::args::Forget;
use crate::output::{Output, confirm, say};

pub(super) fn forget(member: &Member, forget: Forget, out: Output) -> Result<()> {
    say_what_is_left_out(member, &forget.filters)?;
    let selection = selection(member, forget.ids, &forget.filters, forget.all)?;
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
        return out.answer(&answer, |_| words(&preview, member.name(), forget.keep_effects));
    }
    let Some(token) = preview.token.clone() else {
        if only_finished && preview.stays.is_empty() {
            return Ok(());
        }
        let answer = json!({ "forgotten": [], "stays": preview.stays, "receipt": null });
        return out.answer(&answer, |_| words(&preview, member.name(), forget.keep_effects));
    };
    if !forget.yes {
        say(words(&preview, member.name(), forget.keep_effects));
        let going = going(&preview).in_full(member.name());
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
        let gone: BTreeSet<u64> = done.recordings.iter().copied().collect();
        let gone = Amount::of(preview.goes.iter().filter(|one| gone.contains(&one.id)));
        let mut lines = vec![format!("{heading} {} forgotten.", gone.in_full(member.name()))];
        lines.extend(done.strongboxes.iter().cloned());
        lines.extend(
            preview
                .stays
                .iter()
                .map(|stays| format!("Stays: {} ({})", stays.amount.in_full(member.name()), stays.why)),
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
        let mut lines = vec![format!(
            "{} forgotten: the deletion that was begun before is finished now.",
            what_went(done)
        )];
        lines.extend(done.strongboxes.iter().cloned());
        format!("{}{kept}", lines.join("\n"))
    })?;
    kept.must_be_whole()
}

/// How much goes: the same before, afterwards, on the receipt and in the ledger. What requests left behind belongs to them.
fn going(preview: &ForgetPreview) -> Amount {
    Amount::of(&preview.goes)
}

fn words(preview: &ForgetPreview, me: &str, keep_effects: bool) -> String {
    let told = |recordings| {
        let lines = film::told(recordings, line, |_| Vec::new());
        lines.into_iter().map(|line| format!("  {line}"))
    };
    let mut lines = Vec::new();
    if preview.goes.is_empty() {
        lines.push("Nothing of this would be forgotten.".to_owned());
    } else {
        lines.push(format!("{} would go for good:", going(preview).in_full(me)));
        lines.extend(told(&preview.goes));
    }
    if !preview.effects.is_empty() {
        lines.push(match keep_effects {
            true => "What these requests left behind stays:".to_owned(),
            false => "And with it what these requests left behind, unless you add --keep-effects:".to_owned(),
        });
        lines.extend(told(&preview.effects));
    }
    for stays in &preview.stays {
        lines.push(format!("Stays: {}. {}", stays.amount.in_full(me), stays.why));
    }
    lines.extend(preview.copies.iter().cloned());
    lines.join("\n")
}
