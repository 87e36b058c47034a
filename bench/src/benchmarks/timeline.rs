//! A day out of a catalog of ten years, and what keeping and forgetting cost in one of that size.

use anyhow::Result;

use crate::amount::many;
use crate::figures::{Figures, megabytes};
use crate::inside::{Day, Deleted, Inside, Listed, PER_DAY, Work};
use crate::progress::say;
use crate::section::Section;
use crate::setting::Setting;
use crate::strace::{self, Syncs};

/// Within so many milliseconds a day has to be there.
const TARGET: f64 = 20.0;

/// What one recording holds: three seconds of sound.
const BYTES: usize = 96_000;

/// What was asked for, at each size.
type Answers = fn(&Listed) -> &Vec<Day>;

pub(super) fn run(setting: &Setting) -> Result<Vec<Section>> {
    let mut listed = Vec::new();
    let mut largest = None;
    for &recordings in setting.sizes {
        drop(largest.take());
        say(format!("filling a vault with {} recordings", many(recordings)));
        let folder = setting.folder("timeline")?;
        let inside = |work, times, bytes| Inside { work, folder: folder.path().to_owned(), times, bytes };
        let _: u64 = inside(Work::FillVault { recordings }, 1, 0).measure(setting)?;
        let mut all = Listed::default();
        for _ in 0..setting.legs {
            all.extend(inside(Work::List { recordings }, setting.times, 0).measure(setting)?);
        }
        listed.push((recordings, all));
        largest = Some((recordings, folder));
    }
    let mut sections = vec![days(&listed, setting)];
    if let Some((recordings, folder)) = largest {
        let inside = |work, times, bytes| Inside { work, folder: folder.path().to_owned(), times, bytes };
        sections.push(changes(recordings, inside, setting)?);
    }
    Ok(sections)
}

fn days(listed: &[(u64, Listed)], setting: &Setting) -> Section {
    let asked: [(&str, Answers); 4] = [
        ("a whole day", |listed| &listed.days),
        ("the newest 100 of a day", |listed| &listed.newest),
        ("a day of one camera", |listed| &listed.camera),
        ("a day of one person", |listed| &listed.person),
    ];
    let sizes = listed.iter().map(|(recordings, _)| format!("{}, ms", many(*recordings)));
    let header: Vec<String> = ["", "recordings in it"]
        .map(str::to_owned)
        .into_iter()
        .chain(sizes)
        .chain(["99 % within, ms".to_owned(), "µs a recording".to_owned()])
        .collect();
    let largest = listed.last().map_or(0, |(recordings, _)| *recordings);
    let mut section = Section::new(
        format!("A day's timeline out of {} recordings", many(largest)),
        format!(
            "`Vault::list` for {} days by chance, in each of the ways by turns. A day has {} recordings whatever the size of the \
             catalog: seven segments of film to each utterance, which has its sound, its words and an answer; ten million are ten \
             years. The catalog is filled in bulk with the vault's own tables, indexes and ids, and lies in the kernel's cache. The \
             two last columns are of the largest.",
            setting.times * setting.legs,
            many(PER_DAY),
        ),
        &header.iter().map(String::as_str).collect::<Vec<_>>(),
    );
    for (name, answers) in asked {
        let figures = |listed| answers(listed).iter().map(|day| day.milliseconds).collect::<Figures>();
        let mut row = vec![name.to_owned()];
        let Some((_, last)) = listed.last() else { continue };
        let entries = answers(last).iter().map(|day| day.entries as f64).collect::<Figures>().median();
        row.push(format!("{entries:.0}"));
        row.extend(listed.iter().map(|(_, listed)| format!("{:.1}", figures(listed).median())));
        let (median, most) = (figures(last).median(), figures(last).quantile(0.99));
        row.extend([format!("{most:.1}"), format!("{:.1}", median * 1e3 / entries)]);
        section.row(row);
        section.target(
            &format!("99 of 100 times, {name} is there within {TARGET:.0} ms"),
            format!("{most:.1} ms"),
            Some(most <= TARGET),
        );
    }
    if let Some((_, last)) = listed.last() {
        section.note(format!("Opening the vault takes {:.0} ms.", last.open));
    }
    section.note(
        "What a day costs is in proportion to what is in it, and not to what is in the catalog. SQLite by itself (its command, the same \
         query) takes about a quarter of it; the rest is the driver's copying of every value of every row, and reading them.",
    );
    section
}

fn changes(
    recordings: u64,
    inside: impl Fn(Work, usize, usize) -> Inside,
    setting: &Setting,
) -> Result<Section> {
    let changes = [
        ("keeping one, of 96 kB", Work::KeepAmong, setting.times),
        ("forgetting one, from anywhere", Work::ForgetAmong { recordings }, setting.times),
        ("forgetting a day", Work::ForgetDays { recordings }, setting.legs),
    ];
    let mut section = Section::new(
        format!("Terms and forgetting in a vault of {} recordings", many(recordings)),
        "The whole path of the vault: a recording that is sealed and kept with its file; one that is forgotten with its file, from the \
         preview to the sweep; and all recordings of a day at once. Fsyncs are counted by strace, in runs of their own."
            .to_owned(),
        &[
            "",
            "ms",
            "95 % within, ms",
            "CPU ms",
            "written",
            "fsyncs until irrecoverable",
            "until its line is pinned",
            "until done",
        ],
    );
    for (name, work, times) in changes {
        say(name);
        let measured: Vec<Deleted> = inside(work, times, BYTES).measure(setting)?;
        let column = |of: fn(&Deleted) -> f64| measured.iter().map(of).collect::<Figures>();
        let (milliseconds, cpu, written) =
            (column(|d| d.milliseconds), column(|d| d.cpu), column(|d| d.written));
        let counted = strace::count(&inside(work, times.min(10), BYTES), setting);
        let fsyncs = match &counted {
            Ok(syncs) => syncs.show(),
            Err(_) => Syncs::uncounted(),
        };
        let row = [
            name.to_owned(),
            milliseconds.show(1),
            format!("{:.1}", milliseconds.quantile(0.95)),
            cpu.show(2),
            megabytes(written.median()),
        ];
        section.row(row.into_iter().chain(fsyncs));
        if let Work::ForgetAmong { .. } = work {
            aim_at_fsyncs(&mut section, counted);
        }
    }
    section.note(
        "The first of a run takes some fsyncs more: it leases a stretch of ids. A day's line names so many recordings that \
         its detail is a file of its own.",
    );
    section.note(
        "Headers, digests and payloads of what the catalog was filled with are random; a film that is forgotten one by one has its file, \
         a day that is forgotten has none.",
    );
    Ok(section)
}

/// The targets of forgetting one.
fn aim_at_fsyncs(section: &mut Section, counted: Result<Syncs>) {
    let syncs =
        counted.inspect_err(|why| section.note(format!("Fsyncs could not be counted: {why:#}."))).ok();
    let (irrecoverable, pinned) =
        syncs.map_or((None, None), |syncs| (syncs.until_irrecoverable, syncs.until_receipt));
    for (words, most, counted) in [
        ("at most 6 fsyncs until one is irrecoverable", 6.0, irrecoverable),
        ("at most 9 fsyncs until its line is pinned", 9.0, pinned),
    ] {
        let measured = counted.as_ref().map_or("not counted".to_owned(), |counted| counted.show(0));
        section.target(words, measured, counted.map(|counted| counted.median() <= most));
    }
}
