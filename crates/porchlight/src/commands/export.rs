//! Taking what is kept away: film as clips, and everything else as it was sealed.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use porchlight_client::{ClientError, Clip, Member, NoFit, Opener};
use porchlight_hub::in_shell;
use porchlight_protocol::{
    Amount, FILM, LookKind, LookPass, RecordingView, Selection, follows, length, stretches,
};
use serde_json::{Value, json};

use super::recordings::{is_empty, say_what_is_left_out, selection};
use crate::args::{Export, Open, TakenAs};
use crate::clip_file::ClipFile;
use crate::files;
use crate::output::{Output, count, from_to, quoted, say, time, zone};

pub(super) fn export(member: &Member, export: Export, out: Output) -> Result<()> {
    say_what_is_left_out(member, &export.filters)?;
    let mut selection = selection(member, export.ids, &export.filters, false)?;
    if export.taken_as == TakenAs::Clip && selection.ids.is_empty() && selection.filter.kind.is_none() {
        selection.filter.kind = Some(FILM.to_owned());
    }
    // No filter at all means everything: an export takes nothing away.
    let selection = if is_empty(&selection) { Selection { all: true, ..selection } } else { selection };
    fs::create_dir_all(&export.out).with_context(|| format!("cannot make {}", export.out.display()))?;
    let look = member.look(&selection, LookKind::Export)?;
    let mut taking = Taking::of(member, &look, Names::In(export.out.clone()), export.taken_as);
    let stopped = taking.files(&export.out).and_then(|()| taking.clips()).err();
    let manifest = json!({ "format": 1, "ledger_line": look.look, "recordings": taking.manifest });
    // Of nothing there is none: it would be taken for all that is kept.
    let written = match taking.taken.is_empty() {
        true => Ok(()),
        false => {
            files::write(&export.out.join("manifest.json"), serde_json::to_string_pretty(&manifest)? + "\n")
        }
    };
    // What went wrong first is what is told.
    if let Some(why) = stopped {
        return Err(why.context(taking.so_far()));
    }
    written.context("cannot write manifest.json")?;
    if look.sealed_to_others > 0 {
        say("What is sealed to others is left out: only they can open it.");
    }
    let answer = json!({
        "out": export.out, "exported": taking.taken.len(), "clips": taking.clips, "not_taken": taking.not_taken,
        "sealed_to_others": look.sealed_to_others, "ledger_line": look.look,
    });
    let sealed = taking.sealed_files() > 0;
    out.answer(&answer, |_| match taking.taken.is_empty() {
        true => String::new(),
        false => {
            let mut told =
                format!("{} in {}.", taking.amount(true).in_full(member.name()), export.out.display());
            if export.taken_as == TakenAs::Clip && !taking.clips.is_empty() {
                told += &format!(
                    " {} to play, sealed no more: whoever has the files sees them.",
                    count(taking.clips.len(), "clip")
                );
            }
            if sealed {
                told +=
                    &format!(" To open one: age -d -i recovery-kit.txt {}/FILE.age", in_shell(&export.out));
            }
            told
        }
    })?;
    taking.must_be_whole()
}

/// Opens the film that fits into one file; where film is missing, or is of another form, another follows beside it.
pub(super) fn open_film(member: &Member, open: &Open, out: Output) -> Result<()> {
    let to = &open.out;
    if to == Path::new("-") || open.identity.is_some() {
        bail!(
            "film of a time is opened with the key of your session, into a file; give --out a file, and no --identity"
        );
    }
    files::must_be_writable(to)?;
    let mut selection = selection(member, Vec::new(), &open.filters, false)?;
    match selection.filter.kind.as_deref() {
        None => selection.filter.kind = Some(FILM.to_owned()),
        Some(FILM) => {}
        Some(_) => {
            bail!("a file holds the film of a time, and of everything else one recording: give its id")
        }
    }
    let look = member.look(&selection, LookKind::Open)?;
    let mut taking = Taking::of(member, &look, Names::After(to.clone()), TakenAs::Clip);
    if let Err(why) = taking.clips() {
        return Err(why.context(taking.so_far()));
    }
    let answer = json!({ "clips": taking.clips, "not_taken": taking.not_taken, "ledger_line": look.look });
    let names: Vec<&str> = taking.clips.iter().filter_map(|clip| clip["file"].as_str()).collect();
    out.answer(&answer, |_| match names.is_empty() {
        true => String::new(),
        false => {
            format!("{} opened into {}.", taking.amount(true).in_full(member.name()), names.join(" and "))
        }
    })?;
    taking.must_be_whole()
}

/// What clips are called.
enum Names {
    /// By what they are of, in this folder.
    In(PathBuf),
    /// This, and those after the first the same with a number.
    After(PathBuf),
}

/// Taking away what a look lets one have.
struct Taking<'a> {
    member: &'a Member,
    look: &'a LookPass,
    names: Names,
    taken_as: TakenAs,
    manifest: Vec<Value>,
    /// The ids of what was taken, and of what was tried.
    taken: BTreeSet<u64>,
    tried: usize,
    /// Each with its file, when it begins, and its seconds.
    clips: Vec<Value>,
    not_taken: Vec<Value>,
}

/// A clip that is being written.
struct Growing<'r> {
    clip: Clip,
    file: ClipFile,
    first: &'r RecordingView,
    last: &'r RecordingView,
    pieces: Vec<&'r RecordingView>,
}

impl<'a> Taking<'a> {
    fn of(member: &'a Member, look: &'a LookPass, names: Names, taken_as: TakenAs) -> Taking<'a> {
        Taking {
            member,
            look,
            names,
            taken_as,
            manifest: Vec::new(),
            taken: BTreeSet::new(),
            tried: 0,
            clips: Vec::new(),
            not_taken: Vec::new(),
        }
    }

    /// Everything but film: each as it was sealed, in a file of its own.
    fn files(&mut self, folder: &Path) -> Result<()> {
        let look = self.look;
        for recording in look.recordings.iter().filter(|recording| recording.kind != FILM) {
            let name = format!("{}.age", recording.id);
            let taken = take(self.member, look, recording.id, &folder.join(&name));
            self.tried(recording);
            match taken {
                Ok(()) => self.note(recording, &name),
                Err(why) => self.leave_out(recording, why)?,
            }
        }
        Ok(())
    }

    /// Film, as a clip for each stretch of it that is whole.
    fn clips(&mut self) -> Result<()> {
        let look = self.look;
        let stretches = stretches(&look.recordings, &zone());
        if stretches.is_empty() {
            return Ok(());
        }
        let opener = Opener::of(self.member)?;
        for stretch in &stretches {
            let mut growing: Option<Growing<'a>> = None;
            for (number, piece) in stretch.pieces.iter().copied().enumerate() {
                let ends = growing.as_ref().is_some_and(|growing| !follows(growing.last, piece));
                if ends && let Some(done) = growing.take() {
                    self.finish(done)?;
                }
                self.tried(piece);
                let added = self.add(&opener, &mut growing, &stretch.pieces[number..]);
                if let Err(why) = added
                    && let Err(why) = self.leave_out(piece, why)
                {
                    match growing.take() {
                        // What the hub gave before plays, and is given.
                        Some(done) if why.is::<ClientError>() => self.finish(done)?,
                        Some(broken) => broken.file.discard(),
                        None => {}
                    }
                    return Err(why);
                }
            }
            if let Some(done) = growing.take() {
                self.finish(done)?;
            }
        }
        Ok(())
    }

    /// Adds the first of these pieces to a clip, or begins another with it.
    fn add<'r>(
        &mut self,
        opener: &Opener<'_>,
        growing: &mut Option<Growing<'r>>,
        pieces: &[&'r RecordingView],
    ) -> Result<()> {
        let Some(piece) = pieces.first().copied() else { return Ok(()) };
        let film = opener.open(self.look, piece.id)?;
        let another = match growing {
            Some(clip) => match clip.clip.add(&film) {
                Ok(media) => {
                    clip.last = piece;
                    clip.pieces.push(piece);
                    return clip.file.write(&film[media]).context("cannot write the clip");
                }
                Err(NoFit::Another) => true,
                Err(NoFit::NoFilm) => false,
            },
            None => true,
        };
        if !another {
            return Err(ClientError::CannotOpen(NoFit::NoFilm.to_string()).into());
        }
        let mut clip = Clip::default();
        let media = clip.add(&film).map_err(|why| ClientError::CannotOpen(why.to_string()))?;
        if let Some(done) = growing.take() {
            self.finish(done)?;
        }
        let folder = match &self.names {
            Names::In(folder) => folder.as_path(),
            Names::After(first) => first.parent().unwrap_or(Path::new("")),
        };
        let mut file = match self.taken_as {
            TakenAs::Age => ClipFile::sealed(folder, opener),
            TakenAs::Clip => ClipFile::plain(folder, table_of(&clip, pieces)).map_err(Into::into),
        }
        .with_context(|| format!("cannot write a clip in {}", folder.display()))?;
        if let Err(why) = file.write(&film[media]) {
            file.discard();
            return Err(why).context("cannot write the clip");
        }
        *growing = Some(Growing { clip, file, first: piece, last: piece, pieces: vec![piece] });
        Ok(())
    }

    fn finish(&mut self, growing: Growing<'_>) -> Result<()> {
        let Growing { clip, file, first, pieces, .. } = growing;
        let to = self.name(first, clip.seconds());
        file.finish(&clip, first.start, &to).with_context(|| format!("cannot write {}", to.display()))?;
        let name = match &self.names {
            Names::In(_) => to.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            Names::After(_) => to.to_string_lossy().into_owned(),
        };
        self.clips.push(json!({
            "file": name, "device": first.device, "start": first.start, "seconds": clip.seconds(), "pieces": pieces.len(),
        }));
        for piece in pieces {
            self.note(piece, &name);
        }
        Ok(())
    }

    /// `2026-11-23 18.00.04 Porch, 12 minutes.mp4`, which every file system takes.
    fn name(&self, first: &RecordingView, seconds: f64) -> PathBuf {
        let number = |at: usize| if at == 1 { String::new() } else { format!(" {at}") };
        match &self.names {
            Names::In(folder) => {
                let ending = if self.taken_as == TakenAs::Age { "mp4.age" } else { "mp4" };
                let begins = format!("{}, {}", begins(first), length(seconds));
                // In one second two may begin, where a camera changes what it sends.
                let taken = |name: &String| self.clips.iter().any(|clip| clip["file"] == name.as_str());
                let names = (1..).map(|at| format!("{begins}{}.{ending}", number(at)));
                folder.join(names.into_iter().find(|name| !taken(name)).unwrap_or_default())
            }
            Names::After(to) => {
                let stem = to.file_stem().unwrap_or_default().to_string_lossy();
                let ending = to.extension().map(|ending| format!(".{}", ending.to_string_lossy()));
                match self.clips.len() {
                    0 => to.clone(),
                    before => to.with_file_name(format!(
                        "{stem}{}{}",
                        number(before + 1),
                        ending.unwrap_or_default()
                    )),
                }
            }
        }
    }

    fn tried(&mut self, next: &RecordingView) {
        if self.tried > 0 && self.tried.is_multiple_of(100) {
            let all = Amount::of(&self.look.recordings).in_short();
            let here = match next.kind.as_str() {
                FILM => format!(" of {}, {}", all, time(next.start)),
                _ => format!(" of {all}"),
            };
            say(format!("{}{here} …", self.amount(true).in_short()));
        }
        self.tried += 1;
    }

    fn note(&mut self, recording: &RecordingView, file: &str) {
        self.taken.insert(recording.id);
        self.manifest.push(json!({ "file": file, "recording": recording }));
    }

    /// Tells of one that cannot be taken. What is no trouble of this one alone ends it all.
    fn leave_out(&mut self, recording: &RecordingView, why: anyhow::Error) -> Result<()> {
        if !why.downcast_ref().is_some_and(ClientError::is_of_this_alone) {
            return Err(why);
        }
        let lasts = jiff::SignedDuration::try_from_secs_f64(recording.seconds).unwrap_or_default();
        let end = recording.start.saturating_add(lasts).unwrap_or(recording.start);
        say(match recording.kind.as_str() {
            FILM => format!(
                "{} of {} at {} are left out, and the next clip begins after them: {why}",
                length(recording.seconds),
                quoted(recording.device.as_deref().unwrap_or("film")),
                time(recording.start),
            ),
            _ => {
                format!("Recording {} ({}) is not taken: {why}", recording.id, from_to(recording.start, end))
            }
        });
        self.not_taken.push(json!({
            "id": recording.id, "device": recording.device, "start": recording.start, "seconds": recording.seconds, "why": why.to_string(),
        }));
        Ok(())
    }

    /// How much was taken, or was not.
    fn amount(&self, taken: bool) -> Amount {
        Amount::of(self.look.recordings.iter().filter(|one| self.taken.contains(&one.id) == taken))
    }

    fn sealed_files(&self) -> usize {
        self.manifest
            .iter()
            .filter(|one| one["file"].as_str().is_some_and(|file| file.ends_with(".age")))
            .count()
    }

    /// `12 minutes of Porch and 3 recordings taken, 8 seconds of Porch not`: of one thing that was said, a part may be missing.
    fn so_far(&self) -> String {
        let part = |taken: bool| {
            let all = self.look.recordings.iter().filter(|one| self.taken.contains(&one.id) == taken);
            let (film, others): (Vec<_>, Vec<_>) = all.partition(|one| one.kind == FILM);
            let film = (!film.is_empty()).then(|| Amount::of(film).in_full(self.member.name()));
            let others = (!others.is_empty()).then(|| count(others.len(), "recording"));
            let parts: Vec<String> = film.into_iter().chain(others).collect();
            if parts.is_empty() { "nothing".to_owned() } else { parts.join(" and ") }
        };
        format!("{} taken, {} not", part(true), part(false))
    }

    fn must_be_whole(&self) -> Result<()> {
        match self.not_taken.is_empty() {
            true => Ok(()),
            false => bail!("{}: each that could not be taken is named above", self.so_far()),
        }
    }
}

/// How large the table of a clip of these pieces will be, about: as large for each second as that of the first, and some more.
fn table_of(first: &Clip, pieces: &[&RecordingView]) -> u64 {
    const MORE: f64 = 1.25;
    const LEAST: f64 = 4096.0;
    const MOST: f64 = (64 << 20) as f64;
    let all: f64 = pieces.iter().map(|piece| piece.seconds).sum();
    let table = first.movie(0, None).len() as f64;
    (LEAST + table * MORE * (all / first.seconds().max(0.1))).min(MOST) as u64
}

/// `2026-11-18 18.31.04 Porch`.
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
