//! Listing, exporting and opening what is kept.

use std::fs;
use std::io::{self, Read, Write};
use std::path::Path;

use anyhow::{Context, Result, bail};
use porchlight_client::{ClientError, Member, Opener, open_age_file};
use porchlight_hub::in_shell;
use porchlight_protocol::{Filter, LookKind, LookPass, PersonView, RecordingView, Selection};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::args::{Export, Filters, List, Open};
use crate::clip::Clip;
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
    let (film, others): (Vec<&RecordingView>, Vec<&RecordingView>) =
        look.recordings.iter().partition(|recording| recording.kind == FILM);
    let mut taking = Taking {
        member,
        look: &look,
        out: &export.out,
        done: 0,
        manifest: Vec::new(),
        not_taken: Vec::new(),
    };
    let stopped = taking.files(&others).and_then(|()| taking.clips(&film)).err();
    let Taking { manifest, not_taken, .. } = taking;
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
            "{} in {}. To open one: age -d -i recovery-kit.txt {}/FILE.age",
            told(look.recordings.iter().filter(|recording| recording.kind == FILM), taken),
            export.out.display(),
            in_shell(&export.out)
        ),
    })?;
    if left > 0 {
        bail!("{so_far}: each that could not be taken is named above");
    }
    Ok(())
}

/// The kind of film, as the hub calls it.
const FILM: &str = "video";
/// Pieces of film that are no further apart are one stretch, in seconds.
const GAP: f64 = 60.0;

/// `12 min 04 s of film and 6 other recordings`, or `6 recordings`.
fn told<'r>(film: impl Iterator<Item = &'r RecordingView>, taken: usize) -> String {
    let (pieces, seconds) =
        film.fold((0, 0.0), |(pieces, seconds), piece| (pieces + 1, seconds + piece.seconds));
    match (pieces, taken.saturating_sub(pieces)) {
        (0, others) => count(others, "recording"),
        (_, 0) => format!("{} of film", length(seconds)),
        (_, others) => format!("{} of film and {}", length(seconds), count(others, "other recording")),
    }
}

/// Taking away what a look lets one have.
struct Taking<'a> {
    member: &'a Member,
    look: &'a LookPass,
    out: &'a Path,
    done: usize,
    manifest: Vec<Value>,
    not_taken: Vec<Value>,
}

impl Taking<'_> {
    /// Each as it was sealed, in a file of its own.
    fn files(&mut self, recordings: &[&RecordingView]) -> Result<()> {
        for recording in recordings {
            let name = format!("{}.age", recording.id);
            let taken = take(self.member, self.look, recording.id, &self.out.join(&name));
            self.note(recording, &name, taken)?;
        }
        Ok(())
    }

    /// Film as one clip for each stretch, sealed to whoever takes it.
    fn clips(&mut self, film: &[&RecordingView]) -> Result<()> {
        if film.is_empty() {
            return Ok(());
        }
        let opener = Opener::of(self.member)?;
        for stretch in stretches(film) {
            let mut left = stretch.as_slice();
            while !left.is_empty() {
                let (_, rest) = left.split_at(self.clip(&opener, left)?);
                left = rest;
            }
        }
        Ok(())
    }

    /// One clip of the first pieces that make one; how many these are, those included that could not be taken.
    fn clip(&mut self, opener: &Opener<'_>, pieces: &[&RecordingView]) -> Result<usize> {
        let Some(first) = pieces.first() else { return Ok(0) };
        let seconds: f64 = pieces.iter().map(|piece| piece.seconds).sum();
        let name = format!("{}, {}.mp4.age", begins(first), length(seconds));
        let (to, before) = (self.out.join(&name), self.manifest.len());
        let went = self.write_clip(opener, pieces, &name, seconds);
        if went.is_err() {
            self.manifest.truncate(before);
        }
        if self.manifest.len() == before {
            // Where it stays all the same, no manifest names it.
            let _ = fs::remove_file(&to);
        }
        went
    }

    fn write_clip(
        &mut self,
        opener: &Opener<'_>,
        pieces: &[&RecordingView],
        name: &str,
        seconds: f64,
    ) -> Result<usize> {
        let to = self.out.join(name);
        let cannot = || format!("cannot write {}", to.display());
        let mut file = opener.seal(files::create(&to).with_context(cannot)?)?;
        let (mut clip, mut went, before) = (Clip::default(), 0, self.manifest.len());
        for piece in pieces {
            let taken: Result<()> = match opener.open(self.look, piece.id) {
                Ok(mut film) => match clip.add(&mut film, seconds) {
                    Some(bytes) => {
                        file.write_all(bytes).with_context(cannot)?;
                        Ok(())
                    }
                    // Another clip begins with it.
                    None if self.manifest.len() > before => break,
                    None => Err(ClientError::CannotOpen("it is no film".into()).into()),
                },
                Err(why) => Err(why.into()),
            };
            went += 1;
            self.note(piece, name, taken)?;
        }
        file.finish().and_then(|file| file.sync_all()).with_context(cannot)?;
        Ok(went)
    }

    /// Notes what became of one. What could not be taken and is no trouble of this one alone ends it all.
    fn note(&mut self, recording: &RecordingView, file: &str, taken: Result<()>) -> Result<()> {
        if self.done > 0 && self.done.is_multiple_of(100) {
            say(format!("{} of {} …", self.done, self.look.recordings.len()));
        }
        self.done += 1;
        match taken {
            Ok(()) => self.manifest.push(json!({ "file": file, "recording": recording })),
            Err(why) if is_of_one(&why) => {
                say(format!("Recording {} is not taken: {why}", recording.id));
                self.not_taken.push(json!({ "id": recording.id, "why": why.to_string() }));
            }
            Err(why) => return Err(why),
        }
        Ok(())
    }
}

/// The stretches of film, each in the order of time: what one camera saw on a day without a gap.
fn stretches<'r>(film: &[&'r RecordingView]) -> Vec<Vec<&'r RecordingView>> {
    let mut pieces = film.to_vec();
    pieces.sort_by(|one, other| (&one.device, one.start).cmp(&(&other.device, other.start)));
    let mut stretches: Vec<Vec<&RecordingView>> = Vec::new();
    for piece in pieces {
        match stretches.last_mut() {
            Some(stretch) if stretch.last().is_some_and(|last| goes_on(last, piece)) => stretch.push(piece),
            _ => stretches.push(vec![piece]),
        }
    }
    stretches
}

fn goes_on(last: &RecordingView, next: &RecordingView) -> bool {
    let gap = next.start.duration_since(last.start).as_secs_f64() - last.seconds;
    let day = |at| time(at).chars().take(10).collect::<String>();
    gap < GAP
        && last.device == next.device
        && last.media_type == next.media_type
        && day(last.start) == day(next.start)
}

/// `2026-11-18 18.31.04 Porch`, which every file system takes.
fn begins(recording: &RecordingView) -> String {
    let device: String = recording
        .device
        .iter()
        .flat_map(|name| name.chars())
        .filter(|letter| letter.is_alphanumeric() || *letter == ' ')
        .collect();
    format!("{} {device}", time(recording.start).replace(':', ".")).trim_end().to_owned()
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
        kind: if filters.kind.is_empty() {
            None
        } else {
            Some(filters.kind.iter().map(|kind| kind_named(kind)).collect::<Vec<_>>().join(","))
        },
        from: filters.from.clone(),
        to: filters.to.clone(),
    }
}

/// People say film, and the hub video.
fn kind_named(kind: &str) -> &str {
    match kind.trim() {
        "film" => FILM,
        kind => kind,
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
