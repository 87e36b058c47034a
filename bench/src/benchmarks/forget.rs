//! Forgetting one recording, beside deleting its row and its file.

use anyhow::Result;

use crate::figures::{Figures, ratio};
use crate::inside::{Deleted, Inside, Work};
use crate::progress::say;
use crate::section::Section;
use crate::setting::Setting;
use crate::strace::{self, Syncs};

/// Rounds of the sides in turn, each with a fresh folder.
const ROUNDS: usize = 5;

/// What one recording holds: three seconds of sound.
const BYTES: usize = 96_000;

/// One side of the comparison.
struct Side {
    name: &'static str,
    work: Work,
    milliseconds: Figures,
    cpu: Figures,
}

pub(super) fn run(setting: &Setting) -> Result<Section> {
    let side = |name, work| Side { name, work, milliseconds: Figures::default(), cpu: Figures::default() };
    let mut sides = [
        side("porchlight", Work::Forget),
        side("SQLite, rollback journal (its default)", Work::DeleteRollback),
        side("SQLite, write-ahead log", Work::DeleteWal),
    ];
    let times = setting.times / ROUNDS;
    for round in 1..=ROUNDS {
        for side in &mut sides {
            let folder = setting.folder("forgetting")?;
            let work = Inside { work: side.work, folder: folder.path().to_owned(), times, bytes: BYTES };
            for Deleted { milliseconds, cpu, .. } in work.measure::<Vec<Deleted>>(setting)? {
                side.milliseconds.push(milliseconds);
                side.cpu.push(cpu);
            }
        }
        say(format!("round {round} of {ROUNDS}: {:.1} ms so far", sides[0].milliseconds.median()));
    }
    let mut section = Section::new(
        "Forgetting one recording",
        format!(
            "Recordings of {} KB, each in a file of its own, are forgotten one at a time, every second one: in a vault by the whole \
             path (preview, erasure row, puncture, ledger, sweep); beside it by what an application without a vault would do: a \
             `DELETE` with `synchronous=FULL`, unlink, fsync of the folder. {} each, in {ROUNDS} alternating rounds, each in fresh \
             folders with {} recordings. Fsyncs are counted by strace, in runs of their own.",
            BYTES / 1000,
            times * ROUNDS,
            2 * times,
        ),
        &[
            "",
            "ms",
            "95 % within, ms",
            "CPU ms",
            "fsyncs until irrecoverable",
            "until its line is pinned",
            "until done",
            "porchlight's ms / this",
        ],
    );
    let mut uncounted = None;
    let ours = sides[0].milliseconds.median();
    for side in &sides {
        let [irrecoverable, receipt, done] = match count(side.work, setting) {
            Ok(syncs) => syncs.show(),
            Err(why) => {
                uncounted = Some(why);
                Syncs::uncounted()
            }
        };
        section.row([
            side.name.to_owned(),
            side.milliseconds.show(1),
            format!("{:.1}", side.milliseconds.quantile(0.95)),
            side.cpu.show(2),
            irrecoverable,
            receipt,
            done,
            ratio(ours, side.milliseconds.median()),
        ]);
    }
    section.note(
        "The two do not give the same. The SQLite way reaches no copy or backup made before, and what stays in free pages of \
         the database and free blocks of the disk was not looked into here; after Porchlight's nothing opens them any more, in any copy of the data folder, and a signed line in \
         the ledger says so.",
    );
    section.note(
        "Irrecoverable is the last fsync of the erasable slot, which overwrites the old root key; the fsyncs before it are the erasure \
         row, the pack of keys and the slot. What follows is the ledger's line, the sweep of row and file, and emptying the \
         database's log.",
    );
    section.note(
        "How long an fsync takes is the disk's and the filesystem's: without a journal and on a disk that answers from its cache, as \
         here may be, it is a fraction of a millisecond; on a memory card, many. Then the ratio of the fsyncs is nearer the truth than \
         the ratio of the times.",
    );
    if let Some(why) = uncounted {
        section.note(format!("Fsyncs could not be counted: {why:#}."));
    }
    Ok(section)
}

fn count(work: Work, setting: &Setting) -> Result<Syncs> {
    let folder = setting.folder("counting")?;
    strace::count(&Inside { work, folder: folder.path().to_owned(), times: 20, bytes: BYTES }, setting)
}
