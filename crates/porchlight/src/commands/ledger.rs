//! The ledger: who looked, what was forgotten, and whether it adds up.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use porchlight_hub::client::{LedgerCheck, LedgerLine, Member};
use serde_json::{Value, json};

use super::failed_sign_ins;
use crate::args::{LedgerCommand, LedgerExport, LedgerList};
use crate::files;
use crate::output::{Output, count, quoted, time};

pub(super) fn run(member: &Member, command: LedgerCommand, out: Output) -> Result<()> {
    match command {
        LedgerCommand::List(list) => lines(member, &list, out),
        LedgerCommand::Verify { against } => verify(member, &against, out),
        LedgerCommand::Export(LedgerExport { out: folder }) => export(member, &folder, out),
        LedgerCommand::Key => {
            let key = member.ledger_key()?;
            out.answer(&json!({ "key": key }), |_| key.clone())
        }
        LedgerCommand::RenewKey => {
            let head = member.succeed_ledger_key()?;
            out.answer(&json!({ "key": head.key }), |_| {
                format!(
                    "The ledger signs with another key from now on; the one before is destroyed, and both have signed that it is so.\n{}",
                    head.key
                )
            })
        }
    }
}

fn lines(member: &Member, list: &LedgerList, out: Output) -> Result<()> {
    let mut lines = member.ledger_lines(list.from_line)?;
    lines.retain(|line| list.kind.is_empty() || list.kind.contains(&line.kind));
    out.answers(&lines, "The ledger has no such line.", words)
}

fn verify(member: &Member, against: &[std::path::PathBuf], out: Output) -> Result<()> {
    let against = against
        .iter()
        .map(|file| {
            let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
            Ok((file.display().to_string(), text))
        })
        .collect::<Result<Vec<_>>>()?;
    out.answer(&member.verify_ledger(&against)?, check_in_words)
}

fn check_in_words(check: &LedgerCheck) -> String {
    let lines = |number: u64| count(number as usize, "line");
    let mut words = vec![format!(
        "The ledger adds up: {}, all of them those that its checkpoint is signed for.",
        lines(check.lines)
    )];
    words.push(match check.seen_before {
        Some(before) => format!("What this computer had seen of it before, {}, is as it was.", lines(before)),
        None => format!(
            "This computer sees it for the first time and will hold the hub to it. Its key:\n{}",
            check.key
        ),
    });
    for (name, size) in &check.against {
        words.push(format!("{name} speaks of its first {}, and they are as it says.", lines(*size)));
    }
    for lost in &check.lost {
        words.push(match lost.had {
            Some(had) => format!(
                "An older copy of the data folder was put back when the ledger had {}: {} {} lost with what came after that copy, and the ledger says so.",
                lines(had),
                lines(had - lost.held),
                if had - lost.held == 1 { "was" } else { "were" }
            ),
            None => format!(
                "An older copy of the data folder was put back. Of tree {} {} left; the line that said how many there were is lost or damaged too.",
                lost.tree,
                if lost.held == 1 { "1 line is".to_owned() } else { format!("{} are", lines(lost.held)) }
            ),
        });
    }
    words.join("\n")
}

fn export(member: &Member, folder: &Path, out: Output) -> Result<()> {
    if folder.read_dir().is_ok_and(|mut files| files.next().is_some()) {
        bail!("{} is not empty; give an empty or a new folder", folder.display());
    }
    let files = member.ledger_files()?;
    for (path, bytes) in &files {
        let path = folder.join(path);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
        files::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
    }
    out.answer(&json!({ "out": folder, "files": files.len() }), |_| {
        format!(
            "The ledger is in {} as a tiled log (C2SP tlog-tiles), with its key in {}.",
            folder.display(),
            folder.join("key").display()
        )
    })
}

/// One line for people: its number, when, and what is known of it.
fn words(line: &LedgerLine) -> String {
    let at = line.detail.as_ref().and_then(|detail| detail["at"].as_str()).and_then(|at| at.parse().ok());
    let when = at.or(line.hour).map(time).unwrap_or_else(|| " ".repeat(19));
    let said = match (&line.detail, &line.note) {
        (Some(detail), _) => failed_sign_in(line, detail).unwrap_or_else(|| facts(detail)),
        (None, Some(note)) => note.clone(),
        (None, None) => "(its detail has ended, or is sealed to others)".to_owned(),
    };
    format!("{:>6}  {when}  {:<12}  {said}", line.line, line.kind)
}

/// What a line about tries to sign in says.
fn failed_sign_in(line: &LedgerLine, detail: &Value) -> Option<String> {
    let failed = serde_json::from_value(detail.clone()).ok().filter(|_| line.kind == "failed-sign-in")?;
    Some(failed_sign_ins::words(detail["who"].as_str()?, &failed))
}

/// What a detail says, without what the line says already.
fn facts(detail: &Value) -> String {
    let Some(facts) = detail.as_object() else { return detail.to_string() };
    if facts.get("kind").and_then(Value::as_str) == Some("deletion") {
        let destroyed = facts
            .get("recordings")
            .and_then(Value::as_array)
            .map_or(0, |kinds| kinds.iter().filter_map(|kind| kind["count"].as_u64()).sum::<u64>());
        let reason = facts.get("reason").and_then(Value::as_str).unwrap_or_default();
        return format!("{} destroyed ({reason})", count(destroyed as usize, "recording"));
    }
    let shown = facts.iter().filter(|(name, _)| !["v", "kind", "at"].contains(&name.as_str()));
    let shown: Vec<String> = shown.map(|(name, value)| format!("{name} {}", brief(value))).collect();
    shown.join(", ")
}

fn brief(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text).into_owned(),
        Value::Array(many) if many.len() > 3 => format!("({} of them)", many.len()),
        Value::Array(few) => few.iter().map(brief).collect::<Vec<_>>().join(" "),
        Value::Object(facts) => facts
            .iter()
            .map(|(name, value)| format!("{name} {}", brief(value)))
            .collect::<Vec<_>>()
            .join(", "),
        other => other.to_string(),
    }
}
