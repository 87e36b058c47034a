//! Listing, exporting and opening what is kept.

use std::fs;
use std::io::{self, Read, Write};
use std::path::Path;

use anyhow::{Context, Result, bail};
use porchlight_hub::api::types::{Filter, LookKind, LookPass, PersonView, RecordingView, Selection};
use porchlight_hub::client::{ClientError, Member, open_age_file};
use porchlight_hub::in_shell;
use serde_json::json;
use zeroize::Zeroizing;

use crate::args::{Export, Filters, List, Open};
use crate::files;
use crate::output::{Output, count, length, say, time};

pub(super) fn list(member: &Member, list: List, out: Output) -> Result<()> {
    say_what_is_left_out(member, &list.filters)?;
    out.answers(&member.list(&filter(&list.filters))?, "Nothing is kept that fits.", line)?;
    // A list that is too short for a damaged catalog is no list of all that was kept.
    let restored = member.restored_copy()?;
    if let Some(said) = restored.said.filter(|_| restored.lost.is_some()) {
        say(said.text);
    }
    Ok(())
}

pub(super) fn export(member: &Member, export: Export, out: Output) -> Result<()> {
    say_what_is_left_out(member, &export.filters)?;
    let selection = selection(export.ids, &export.filters, false);
    // No filter at all means everything: an export takes nothing away.
    let selection = if is_empty(&selection) { Selection { all: true, ..selection } } else { selection };
    fs::create_dir_all(&export.out).with_context(|| format!("cannot make {}", export.out.display()))?;
    let look = member.look(&selection, LookKind::Export)?;
    let (mut manifest, mut not_taken, mut stopped) = (Vec::new(), Vec::new(), None);
    for (done, recording) in look.recordings.iter().enumerate() {
        if done > 0 && done % 100 == 0 {
            say(format!("{done} of {} …", look.recordings.len()));
        }
        let name = format!("{}.age", recording.id);
        match take(member, &look, recording.id, &export.out.join(&name)) {
            Ok(()) => manifest.push(json!({ "file": name, "recording": recording })),
            Err(why) if is_of_one(&why) => {
                say(format!("Recording {} is not taken: {why}", recording.id));
                not_taken.push(json!({ "id": recording.id, "why": why.to_string() }));
            }
            Err(why) => {
                stopped = Some(why);
                break;
            }
        }
    }
    let taken = manifest.len();
    let left = look.recordings.len() - taken;
    let so_far = format!("{} taken, {left} not", count(taken, "recording"));
    let text = serde_json::to_string_pretty(
        &json!({ "format": 1, "ledger_line": look.look, "recordings": manifest }),
    )?;
    // Of nothing there is none: it would be taken for all that is kept.
    let written = match taken {
        0 => Ok(()),
        _ => files::write(&export.out.join("manifest.json"), text + "\n"),
    };
    // What went wrong first is what is told.
    if let Some(why) = stopped {
        return Err(why.context(so_far));
    }
    written.context("cannot write manifest.json")?;
    if look.sealed_to_others > 0 {
        say(format!(
            "{} sealed to others, and left out: only they can open them.",
            count(look.sealed_to_others as usize, "recording")
        ));
    }
    let answer = json!({
        "out": export.out, "exported": taken, "not_taken": not_taken, "sealed_to_others": look.sealed_to_others, "ledger_line": look.look,
    });
    out.answer(&answer, |_| match taken {
        0 => String::new(),
        _ => format!(
            "{} in {}. To open one: age -d -i recovery-kit.txt {}/ID.age",
            count(taken, "recording"),
            export.out.display(),
            in_shell(&export.out)
        ),
    })?;
    if left > 0 {
        bail!("{so_far}: each that could not be taken is named above");
    }
    Ok(())
}

/// Takes one recording away. Of one that cannot be taken whole nothing is left, and what an export of before took of it stays until the
/// hub has it.
fn take(member: &Member, look: &LookPass, id: u64, to: &Path) -> Result<()> {
    let mut sealed = member.file(look, id)?;
    let cannot = || format!("cannot write {}", to.display());
    let mut file = files::create(to).with_context(cannot)?;
    let copied = io::copy(&mut sealed, &mut file).and_then(|_| file.sync_all());
    if copied.is_err() {
        // Where it stays all the same, no manifest names it.
        let _ = fs::remove_file(to);
    }
    copied.with_context(cannot)
}

/// Whether the others can be taken all the same.
fn is_of_one(why: &anyhow::Error) -> bool {
    why.downcast_ref().is_some_and(ClientError::is_of_this_alone)
}

pub(super) fn open(member: &Member, open: Open, out: Output) -> Result<()> {
    if open.out != Path::new("-") {
        files::must_be_writable(&open.out)?;
    }
    let look = member.look(&selection(vec![open.id], &no_filters(), false), LookKind::Open)?;
    let Some(recording) = look.recordings.iter().find(|recording| recording.id == open.id) else {
        bail!("{} is sealed to somebody else: only they can open it. You could ask them.", open.id);
    };
    let plain = match &open.identity {
        Some(file) => {
            let identity = Zeroizing::new(
                fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?,
            );
            let mut sealed = Vec::new();
            member.file(&look, recording.id)?.read_to_end(&mut sealed)?;
            open_age_file(&sealed, &identity)?
        }
        None => member.open(&look, recording.id)?,
    };
    if open.out == Path::new("-") {
        io::stdout().write_all(&plain)?;
        return Ok(());
    }
    files::write(&open.out, &plain[..]).with_context(|| format!("cannot write {}", open.out.display()))?;
    let answer = json!({ "id": open.id, "kind": recording.kind, "media_type": recording.media_type, "bytes": plain.len(), "out": open.out });
    out.answer(&answer, |_| format!("Opened into {} ({}).", open.out.display(), recording.media_type))
}

/// One recording as a line for people.
pub(super) fn line(recording: &RecordingView) -> String {
    let mut line = format!(
        "{}  {}  {:<10} {:>7}",
        recording.id,
        time(recording.start),
        recording.kind,
        length(recording.seconds)
    );
    for place in [&recording.device, &recording.person].into_iter().flatten() {
        line += &format!("  {place}");
    }
    line += &format!("  for {}, ", recording.purpose);
    line += &match (recording.ends, recording.held_until) {
        (Some(ends), Some(held)) if ends <= held => format!("held until {}", time(held)),
        (Some(ends), None) => format!("kept until {}", time(ends)),
        (Some(ends), Some(held)) => format!("kept until {}, held until {}", time(ends), time(held)),
        (None, None) => "kept by choice for ever".to_owned(),
        (None, Some(held)) => format!("kept by choice for ever, held until {}", time(held)),
    };
    line
}

/// Says that a filter finds nothing of somebody's own, where it is not this member's to see: "nothing is kept" would be taken for it.
pub(super) fn say_what_is_left_out(member: &Member, filters: &Filters) -> Result<()> {
    let Some(name) = &filters.person else { return Ok(()) };
    left_out(&member.people()?, name, member.name()).into_iter().for_each(say);
    Ok(())
}

/// The same words whether or not there is any.
fn left_out(people: &[PersonView], whose: &str, me: &str) -> Option<String> {
    let is_called = |name: &str, given: &str| name.to_lowercase() == given.trim().to_lowercase();
    let of = people.iter().find(|person| is_called(&person.name, whose))?;
    let is_me = is_called(&of.name, me) && of.age != "child";
    let is_known = is_me || of.guardians.iter().any(|guardian| is_called(guardian, me));
    (!is_known).then(|| {
        format!("What is {}'s own is not yours to see or to forget, and is left out, whether there is any or not.", of.name)
    })
}

/// What was typed, as the hub takes it.
pub(super) fn selection(ids: Vec<u64>, filters: &Filters, all: bool) -> Selection {
    Selection { ids, filter: filter(filters), all }
}

/// Whether neither an id nor a filter was given.
pub(super) fn is_empty(selection: &Selection) -> bool {
    selection.ids.is_empty() && selection.filter.is_empty() && !selection.all
}

fn filter(filters: &Filters) -> Filter {
    Filter {
        device: filters.device.clone(),
        person: filters.person.clone(),
        kind: if filters.kind.is_empty() { None } else { Some(filters.kind.join(",")) },
        from: filters.from.clone(),
        to: filters.to.clone(),
    }
}

fn no_filters() -> Filters {
    Filters { device: None, person: None, kind: Vec::new(), from: None, to: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_theirs_to_see_is_said_to_be_left_out() {
        let person = |name: &str, age: &str, guardians: &[&str]| PersonView {
            name: name.into(),
            age: age.into(),
            guardians: guardians.iter().map(|name| (*name).to_owned()).collect(),
            owner: false,
            can_sign_in: true,
            consents: vec![],
        };
        let people =
            [person("Anna", "adult", &[]), person("Rosa", "adult", &[]), person("Mia", "child", &["Anna"])];
        let said = |whose, me| left_out(&people, whose, me);
        for (whose, me) in [("anna", "Anna"), ("Mia", "Anna"), ("Rosa", "Rosa"), ("Nobody", "Anna")] {
            assert_eq!(said(whose, me), None, "{whose} to {me}");
        }
        for (whose, me) in [(" rosa", "Anna"), ("Anna", "Rosa"), ("Mia", "Rosa"), ("Mia", "Mia")] {
            assert!(said(whose, me).unwrap().contains("whether there is any or not"), "{whose} to {me}");
        }
    }
}
