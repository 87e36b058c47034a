//! Listing and opening what is kept.

use std::fs;
use std::io::{self, Read, Write};
use std::path::Path;

use anyhow::{Context, Result, bail};
use porchlight_client::{Member, open_age_file};
use porchlight_protocol::{FILM, Filter, LookKind, PersonView, RecordingView, Selection};
use serde_json::json;
use zeroize::Zeroizing;

use super::film;
use crate::args::{Filters, List, Open};
use crate::files;
use crate::output::{Output, length, say, time};

pub(super) fn list(member: &Member, list: List, out: Output) -> Result<()> {
    say_what_is_left_out(member, &list.filters)?;
    let kept = member.list(&filter(member, &list.filters)?)?;
    match list.each || out.json || kept.is_empty() {
        true => out.answers(&kept, "Nothing is kept that fits.", line)?,
        false => {
            let lines = film::told(&kept, line, |camera| {
                // What was missed is a help, and no reason to show nothing.
                let devices = member.devices().unwrap_or_default();
                devices
                    .into_iter()
                    .find(|device| device.name == camera)
                    .map(|device| device.missed)
                    .unwrap_or_default()
            });
            lines.iter().try_for_each(|line| out.answer(line, Clone::clone))?;
        }
    }
    // A list that is too short for a damaged catalog is no list of all that was kept.
    let restored = member.restored_copy()?;
    if let Some(said) = restored.said.filter(|_| restored.lost.is_some()) {
        say(said.text);
    }
    Ok(())
}

pub(super) fn open(member: &Member, open: Open, id: u64, out: Output) -> Result<()> {
    let to_output = open.out == Path::new("-");
    if !to_output {
        files::must_be_writable(&open.out)?;
    }
    let look = member.look(&Selection { ids: vec![id], ..Selection::default() }, LookKind::Open)?;
    let Some(recording) = look.recordings.iter().find(|recording| recording.id == id) else {
        bail!("{id} is sealed to somebody else: only they can open it. You could ask them.");
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
    if to_output {
        io::stdout().write_all(&plain)?;
        return Ok(());
    }
    files::write(&open.out, &plain[..]).with_context(|| format!("cannot write {}", open.out.display()))?;
    let answer = json!({ "id": id, "kind": recording.kind, "media_type": recording.media_type, "bytes": plain.len(), "out": open.out });
    out.answer(&answer, |_| format!("Opened into {} ({}).", open.out.display(), recording.media_type))
}

/// One recording as a line for people.
pub(super) fn line(recording: &RecordingView) -> String {
    let mut line = format!(
        "{}  {}  {:<10} {:>7}",
        recording.id,
        time(recording.start),
        if recording.kind == FILM { "film" } else { recording.kind.as_str() },
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
pub(super) fn selection(member: &Member, ids: Vec<u64>, filters: &Filters, all: bool) -> Result<Selection> {
    Ok(Selection { ids, filter: filter(member, filters)?, all })
}

/// Whether neither an id nor a filter was given.
pub(super) fn is_empty(selection: &Selection) -> bool {
    selection.ids.is_empty() && selection.filter.is_empty() && !selection.all
}

fn filter(member: &Member, filters: &Filters) -> Result<Filter> {
    if let Some(at) = &filters.at {
        return film::stretch_at(member, filters.device.as_deref(), at);
    }
    Ok(Filter {
        device: filters.device.clone(),
        person: filters.person.clone(),
        kind: if filters.kind.is_empty() {
            None
        } else {
            Some(filters.kind.iter().map(|kind| kind_named(kind)).collect::<Vec<_>>().join(","))
        },
        from: filters.from.clone(),
        to: filters.to.clone(),
    })
}

/// People say film, and the hub video.
fn kind_named(kind: &str) -> &str {
    match kind.trim() {
        "film" => FILM,
        kind => kind,
    }
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
