//! The ledger: who looked, what was forgotten, and whether it adds up.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use porchlight_client::{Because, LedgerCheck, LedgerLine, Lost, Member};
use porchlight_protocol::{Amount, LineKind, LiveEnd, LookKind, length};
use serde_json::{Value, json};

use super::names::{Names, person};
use super::{changes, failed_sign_ins};
use crate::args::{LedgerCommand, LedgerExport, LedgerList};
use crate::files;
use crate::output::{Output, count, listed, quoted, time};

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
    let names = if out.json { Names::new() } else { member.names()? };
    out.answers(&lines, "The ledger has no such line.", |line| words(line, &names))
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
    words.extend(check.lost.iter().map(lost_in_words));
    words.join("\n")
}

fn lost_in_words(lost: &Lost) -> String {
    let lines = |number: u64| count(number as usize, "line");
    let (is, are) = match lost.held {
        1 => ("1 line".to_owned(), "is"),
        held => (lines(held), "are"),
    };
    let Some(had) = lost.had else {
        return format!(
            "Tree {} of the ledger did not go on: an older copy of the data folder was put back, or it was damaged. Of its lines {is} {are} \
             left; the line that said how many there were is lost or damaged too.",
            lost.tree
        );
    };
    let gone = format!("{} {}", lines(had - lost.held), if had - lost.held == 1 { "was" } else { "were" });
    match lost.because {
        Some(Because::OlderCopy) => format!(
            "An older copy of the data folder was put back when the ledger had {}: {gone} lost with what came after that copy, and the ledger says so.",
            lines(had)
        ),
        Some(Because::Damage) => format!(
            "Lines of the ledger were damaged on the hub's disk when it had {}, beyond what their hashes could tell. The first {is} {are} \
             still here, the ledger goes on in a new tree, and it says so.",
            lines(had)
        ),
        Some(Because::CheckpointLost) => format!(
            "The ledger's newest checkpoint was damaged or gone from the strongbox, so it goes on in a new tree, which vouches for the first \
             {} of the one before. {is} of those {are} still here.",
            lines(had)
        ),
        None => format!(
            "An older copy of the data folder was put back, or the ledger was damaged, when it had {}: {gone} lost, and the ledger says so.",
            lines(had)
        ),
    }
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
fn words(line: &LedgerLine, names: &Names) -> String {
    let at = line.detail.as_ref().and_then(|detail| detail["at"].as_str()).and_then(|at| at.parse().ok());
    let when = at.or(line.hour).map(time).unwrap_or_else(|| " ".repeat(19));
    let said = match (&line.detail, &line.note) {
        (Some(detail), _) => told(&line.kind, detail, names).unwrap_or_else(|| facts(detail)),
        (None, Some(note)) => note.clone(),
        (None, None) => "(its detail has ended, or is sealed to others)".to_owned(),
    };
    format!("{:>6}  {when}  {:<12}  {said}", line.line, shown_kind(line))
}

/// What kind a line is called for people: one look is an opening, and another takes files away.
fn shown_kind(line: &LedgerLine) -> &str {
    match &line.detail {
        Some(detail) if is_export(detail) => LookKind::Export.word(),
        _ => &line.kind,
    }
}

fn is_export(detail: &Value) -> bool {
    detail["said"]["how"] == LookKind::Export.word()
}

/// What a line says, as a sentence; none of a kind that only a newer hub writes.
fn told(kind: &str, detail: &Value, names: &Names) -> Option<String> {
    let kind = LineKind::of(kind)?;
    let text = |name: &str| quoted(detail[name].as_str().unwrap_or_default());
    let time_of =
        |name: &str| detail[name].as_str().and_then(|at| at.parse().ok()).map(time).unwrap_or_default();
    let many = |name: &str, noun: &str| count(detail[name].as_array().map_or(0, Vec::len), noun);
    let by = match kind {
        LineKind::Look => &detail["said"]["who"],
        LineKind::Deletion | LineKind::Hold | LineKind::Release => &detail["by"],
        _ => &detail["who"],
    };
    let who = person(by.as_str().unwrap_or_default(), names);
    let client = |client: &Value| match quoted(client.as_str().unwrap_or_default()) {
        client if client.is_empty() => String::new(),
        client => format!(", by {client}"),
    };
    Some(match kind {
        LineKind::Look => {
            // The line is there before the first byte leaves: what then came of it is not in it.
            let asked = if is_export(detail) { "asked to take away as files" } else { "asked to open" };
            format!("{who} {asked} {}{}.", seen(detail), client(&detail["said"]["client"]))
        }
        LineKind::Live => {
            format!("{who} began to watch {} live{}.", text("device"), client(&detail["client"]))
        }
        LineKind::LiveEnd => live_ended(&who, &text("device"), detail),
        LineKind::Deletion => format!("{who}: {}", destroyed(detail)),
        // It may have ended since, or been released.
        LineKind::Hold => format!(
            "{who} held {} back from being forgotten, until {} at most: {}.",
            amount(detail).unwrap_or_else(|| many("moments", "moment")),
            time_of("until"),
            text("why").trim_end_matches('.')
        ),
        LineKind::Release => format!(
            "{who} let go of what was held: {}.",
            amount(detail).unwrap_or_else(|| many("moments", "moment"))
        ),
        LineKind::SignIn => format!("{who} signed in{}.", client(&detail["client"])),
        LineKind::FailedSignIn => failed_sign_ins::words(&who, &serde_json::from_value(detail.clone()).ok()?),
        LineKind::SignOut => format!("{who} ended a session."),
        LineKind::Passphrase => format!("{who} changed their passphrase."),
        LineKind::PasskeyAdded => format!("{who} added a passkey: {}.", text("name")),
        LineKind::PasskeyRemoved => format!("{who} removed a passkey: {}.", text("name")),
        LineKind::RecoveryKit => {
            format!("{who} made a new recovery kit; the one before lets them back in no longer.")
        }
        LineKind::Recovery => {
            format!(
                "{who} came back with the recovery kit{}; every session of before has ended.",
                client(&detail["client"])
            )
        }
        LineKind::Household => format!("{who} {}.", changes::in_words(detail, names)),
        LineKind::DeviceCredential => format!("{who} gave a microphone a credential of its own."),
        LineKind::LedgerKey => format!("{who} gave the ledger another signing key."),
        LineKind::Clock => format!("{who} said that the hub's clock is right, and that what is due may go."),
        LineKind::Phones => format!("{who} asked the hub to let the phones of the home in."),
        LineKind::Privacy => privacy(&who, detail),
        LineKind::CameraTried => {
            format!("{who} tried the camera at {}, and saw a picture of it.", text("host"))
        }
        LineKind::Copies => {
            format!(
                "{who} let every copy of the data folder end that is newer than the one of {}.",
                time_of("newer_than")
            )
        }
    })
}

/// How long somebody watched live. Where the hub was killed meanwhile nobody knows when it ended, only by when it was over.
fn live_ended(who: &str, camera: &str, detail: &Value) -> String {
    let instant = |name: &str| detail[name].as_str()?.parse::<jiff::Timestamp>().ok();
    let since = instant("since").map(time).unwrap_or_default();
    let until = instant("at").map(time).unwrap_or_default();
    if detail["why"].as_str() == Some(LiveEnd::Refused.word()) {
        return format!(
            "{who} asked for {camera} live, {since}; it could not be written down at once, so nothing of it was sent."
        );
    }
    match detail["why"].as_str() == Some(LiveEnd::CutShort.word()) {
        true => format!(
            "{who} watched {camera} live from {since} on; it ended when the hub stopped, and was over by {until} at the latest."
        ),
        false => {
            // The day stands there once where it is the same.
            let same_day = since.get(..10).is_some() && since.get(..10) == until.get(..10);
            let until = until.get(11..).filter(|_| same_day).unwrap_or(&until);
            format!("{who} watched {camera} live, {since} to {until}.")
        }
    }
}

/// That privacy was switched, and of which cameras.
fn privacy(who: &str, detail: &Value) -> String {
    let cameras: Vec<String> = detail["devices"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(|name| quoted(name).into_owned())
        .collect();
    let state = if detail["on"].as_bool() == Some(true) { "on" } else { "off" };
    format!("{who} switched privacy {state} for {}.", listed(&cameras))
}

/// What a look was at; of a line of a release that did not say, how many recordings that were.
fn seen(detail: &Value) -> String {
    let all = detail["said"]["seen"].as_array().into_iter().flatten();
    let told: Vec<String> = all.filter_map(one_seen).collect();
    match told.as_slice() {
        [] => count(detail["recordings"].as_array().map_or(0, Vec::len), "recording"),
        told => listed(told),
    }
}

fn one_seen(seen: &Value) -> Option<String> {
    let text = |name: &str| seen[name].as_str().map(quoted);
    let moments = || seen["moments"].as_u64().map(|many| many as usize);
    match seen["of"].as_str()? {
        "film" => {
            let instant = |name: &str| seen[name].as_str()?.parse().ok().map(time);
            let (from, to) = (instant("from")?, instant("to")?);
            // The day stands there once where it is the same.
            let to = if from[..10] == to[..10] { to.get(11..)? } else { &to };
            Some(format!("{} of {}, {from} to {to}", length(seen["seconds"].as_f64()?), text("device")?))
        }
        "said" if seen["heard"] == true => {
            Some(format!("{} that {} said, with its sound", count(moments()?, "thing"), was(moments()?)))
        }
        "said" => Some(format!("the words of {} that {} said", count(moments()?, "thing"), was(moments()?))),
        _ => Some(format!("{} ({})", count(moments()?, "moment"), text("kind")?)),
    }
}

fn was(many: usize) -> &'static str {
    if many == 1 { "was" } else { "were" }
}

/// How much a line is about, as people count it; none where it is of a release that did not say.
fn amount(detail: &Value) -> Option<String> {
    let kinds = detail["recordings"].as_array()?.iter();
    let kinds: Vec<_> = kinds
        .map(|of| Some((of["kind"].as_str()?, of["count"].as_u64()?, of["seconds"].as_u64())))
        .collect::<Option<_>>()?;
    Amount::of_kinds(kinds).filter(|amount| !amount.is_nothing()).map(|amount| amount.in_short())
}

/// How much a deletion destroyed, and why.
fn destroyed(detail: &Value) -> String {
    let kinds = detail["recordings"].as_array();
    let destroyed =
        kinds.map_or(0, |kinds| kinds.iter().filter_map(|kind| kind["count"].as_u64()).sum::<u64>());
    let why = match detail["reason"].as_str().unwrap_or_default() {
        "asked" => "it was asked for",
        "expired" => "its time was up",
        "done" => "it was done with",
        "consent-withdrawn" => "the consent was withdrawn",
        "consent-lapsed" => "the consent ended when a child had grown up",
        "person-removed" => "somebody left",
        "device-removed" => "a device was removed",
        "old-copy" => "an older copy had brought it back",
        other => other,
    };
    match destroyed {
        // Of releases that told of a deletion for which nothing was left.
        0 => format!("Nothing was left to destroy: {why}."),
        _ => {
            let what = amount(detail).unwrap_or_else(|| count(destroyed as usize, "recording"));
            format!("{what} destroyed: {why}.")
        }
    }
}

/// What a detail says, without what the line says already.
fn facts(detail: &Value) -> String {
    let Some(facts) = detail.as_object() else { return detail.to_string() };
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_line_is_told_without_ids_and_inner_words() {
        let names = Names::from([("p1".to_owned(), "Anna".to_owned())]);
        let detail = json!({
            "v": 1, "who": "p1", "by": "p1", "session": "s1", "name": "ring", "version": 7, "client": "Firefox",
            "at": "2026-11-23T12:00:00Z", "since": "2026-11-23T11:57:00Z", "device": "Porch", "until": "2026-12-23T12:00:00Z", "newer_than": "2026-11-01T12:00:00Z",
            "why": "a court asks", "moments": [1, 2], "recordings": [{ "kind": "voice", "count": 2 }], "reason": "asked",
            "said": { "who": "p1", "how": "open", "client": "Firefox", "seen": [
                { "of": "film", "device": "Porch", "from": "2026-11-23T12:00:00Z", "to": "2026-11-23T12:12:00Z", "seconds": 720.0 },
                { "of": "said", "moments": 2, "heard": false }, { "of": "other", "kind": "snapshot", "moments": 1 },
            ] },
            "tried": "passphrase", "home": 3, "elsewhere": 0, "from": "2026-11-23T12:00:00Z"
        });
        for kind in LineKind::ALL {
            let said = told(kind.word(), &detail, &names).unwrap();
            assert!(said.contains("Anna") && said.ends_with('.'), "{kind:?}: {said}");
            assert!(!["p1", "s1", "{", "null"].iter().any(|inner| said.contains(inner)), "{kind:?}: {said}");
        }
        let look = told("look", &detail, &names).unwrap();
        assert!(
            look.contains("12 minutes of Porch, 2026-11-23")
                && look.contains("the words of 2 things that were said and 1 moment (snapshot), by Firefox."),
            "{look}"
        );
        assert_eq!(
            told("look", &json!({ "said": { "who": "p1" }, "recordings": [1, 2] }), &names).unwrap(),
            "Anna asked to open 2 recordings."
        );
        assert_eq!(told("of a newer hub", &detail, &names), None);
        assert_eq!(person("retention", &names), "Porchlight");
    }
}
