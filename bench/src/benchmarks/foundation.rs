//! Forgetting among many: the keyring beside a tree of keys in pages, and beside rows and files; and how each grows.

use std::path::Path;

use anyhow::Result;

use crate::amount::{Amount, Scheme, many};
use crate::figures::{Figures, megabytes};
use crate::inside::{Deleted, Derived, Inside, Taken, Work};
use crate::progress::say;
use crate::section::Section;
use crate::setting::Setting;
use crate::strace;

/// Each with what it is called in a table.
const SCHEMES: [(Scheme, &str); 3] = [
    (Scheme::Keyring, "the keyring"),
    (Scheme::KeyTree, "a key a page"),
    (Scheme::Rows, "SQLite and unlink"),
];

/// What one scheme took to forget one amount.
struct Leg {
    scheme: Scheme,
    name: &'static str,
    amount: Amount,
    milliseconds: Figures,
    written: Figures,
    state: f64,
    open: Figures,
}

/// Everything about one number of recordings.
struct Size {
    recordings: u64,
    legs: Vec<Leg>,
    derived: Derived,
    /// Fsyncs of forgetting one, by scheme, or why they could not be counted.
    fsyncs: Vec<Result<Figures>>,
}

pub(super) fn run(setting: &Setting) -> Result<Vec<Section>> {
    let mut sizes = Vec::new();
    for &recordings in setting.sizes {
        sizes.push(measure(recordings, setting)?);
    }
    let (largest, growth) = (sizes.last().map(among_many), growth(&sizes));
    Ok(largest.into_iter().chain([growth]).collect())
}

fn measure(recordings: u64, setting: &Setting) -> Result<Size> {
    let mut made = Vec::new();
    for (scheme, name) in SCHEMES {
        say(format!("{} recordings: making {name}", many(recordings)));
        let folder = setting.folder("foundation")?;
        work(Work::Fill { scheme, recordings }, folder.path(), 1).measure::<()>(setting)?;
        made.push((scheme, name, folder));
    }
    let mut legs = Vec::new();
    for &amount in Amount::ALL {
        let mut of_amount: Vec<Leg> = SCHEMES
            .map(|(scheme, name)| Leg {
                scheme,
                name,
                amount,
                milliseconds: Figures::default(),
                written: Figures::default(),
                state: f64::NAN,
                open: Figures::default(),
            })
            .into();
        for round in 0..setting.legs {
            for (leg, (_, _, folder)) in of_amount.iter_mut().zip(&made) {
                if round == 0 || !is_long(leg.scheme, amount) {
                    leg.run(recordings, folder.path(), setting)?;
                }
            }
        }
        for leg in &of_amount {
            say(format!(
                "{}: {} by {}: {} ms",
                many(recordings),
                amount.of(recordings),
                leg.name,
                leg.milliseconds.show(1)
            ));
        }
        legs.extend(of_amount);
    }
    let keyring = made[0].2.path();
    let derived = work(Work::Derive { recordings }, keyring, 1).measure(setting)?;
    let amount = Amount::One;
    let counted = made.iter().map(|(scheme, _, folder)| {
        let take = work(Work::Take { scheme: *scheme, recordings, amount }, folder.path(), 5);
        Ok(strace::count(&take, setting)?.until_done)
    });
    let fsyncs = counted.collect();
    Ok(Size { recordings, legs, derived, fsyncs })
}

impl Leg {
    fn run(&mut self, recordings: u64, folder: &Path, setting: &Setting) -> Result<()> {
        let times = times(self.scheme, self.amount);
        let take = Work::Take { scheme: self.scheme, recordings, amount: self.amount };
        let taken: Taken = work(take, folder, times).measure(setting)?;
        for Deleted { milliseconds, written, .. } in taken.deleted {
            self.milliseconds.push(milliseconds);
            self.written.push(written);
        }
        self.state = taken.state;
        self.open.push(taken.open);
        Ok(())
    }
}

fn work(work: Work, folder: &Path, times: usize) -> Inside {
    Inside { work, folder: folder.to_owned(), times, bytes: 0 }
}

/// How often it is done in one copy.
fn times(scheme: Scheme, amount: Amount) -> usize {
    match (amount, scheme) {
        (Amount::One, _) => 20,
        (Amount::Range, Scheme::Keyring | Scheme::KeyTree) => 20,
        // For each there are files to be made first.
        (Amount::Range, Scheme::Rows) => 1,
        (Amount::Scattered | Amount::Old | Amount::Half, _) => 1,
    }
}

/// What takes so long that once must do.
fn is_long(scheme: Scheme, amount: Amount) -> bool {
    scheme == Scheme::Rows && matches!(amount, Amount::Old | Amount::Half)
}

/// Everything, at the largest number.
fn among_many(size: &Size) -> Section {
    let Size { recordings, legs, derived, fsyncs } = size;
    let mut section = Section::new(
        format!("Forgetting among {} recordings", many(*recordings)),
        "The keyring by itself, with an id for each recording; beside it a tree of 4 KiB pages with a key for each recording, where \
         every page is sealed under a key in the page above and the topmost key lies in the same kind of slot (after Reardon, \
         Ritzdorf, Basin and Čapkun, CCS 2013), written for this comparison; and SQLite rows with an index (`DELETE` with \
         `synchronous=FULL` and `secure_delete=ON`, the write-ahead log written back and emptied) with a file of 4 KiB for each \
         recording, unlinked, and an fsync of their folder. The same recordings go in all three, each leg in a fresh copy, the \
         three in turn."
            .to_owned(),
        &["what goes", "by", "ms", "written", "kept afterwards", "opening afterwards, ms", "ms / the keyring's"],
    );
    for leg in legs {
        let ours = legs.iter().find(|other| other.scheme == Scheme::Keyring && other.amount == leg.amount);
        let ours = ours.map_or(f64::NAN, |ours| ours.milliseconds.median());
        section.row([
            leg.amount.of(*recordings),
            leg.name.to_owned(),
            leg.milliseconds.show(1),
            bytes(leg.written.median()),
            bytes(leg.state),
            leg.open.show(1),
            format!("{:.1}", leg.milliseconds.median() / ours),
        ]);
    }
    let of = |amount| legs.iter().find(|leg| leg.scheme == Scheme::Keyring && leg.amount == amount);
    if let (Some(one), Some(range)) = (of(Amount::One), of(Amount::Range)) {
        let in_time = range.milliseconds.median() / one.milliseconds.median();
        let in_bytes = range.written.median() / one.written.median();
        section.target(
            "the keyring forgets a hundredth of all in a row at no more than twice the price of one",
            format!("{in_time:.2} times the time, {in_bytes:.2} times the bytes"),
            Some(in_time <= 2.0 && in_bytes <= 2.0),
        );
    }
    match fsyncs.iter().map(|counted| counted.as_ref()).collect::<Result<Vec<_>, _>>() {
        Ok(counted) => {
            let each = SCHEMES.iter().zip(counted);
            let each: Vec<String> =
                each.map(|((_, name), count)| format!("{name} {}", count.show(0))).collect();
            section.note(format!("Fsyncs of forgetting one, by strace: {}.", each.join(", ")));
        }
        Err(why) => section.note(format!("Fsyncs could not be counted: {why:#}.")),
    }
    section.note(format!(
        "Deriving a key from the keyring: {:.1} µs for the first of a segment that must be read, {:.2} µs for the next ones in order, \
         {:.1} µs for any out of segments in memory. Once a random half is gone: {:.0} µs for the first of a segment (its {} seeds \
         or so are read and opened), {:.2} µs for the next.",
        derived.cold,
        derived.in_order,
        derived.at_random,
        derived.cold_in_half,
        many(1 << 14),
        derived.in_order_in_half,
    ));
    section.note(
        "Written is what is given to be written (`wchar`), journals and the slot's 16 KiB included. Kept afterwards is what has to stay \
         and, for the keyring and the tree, to be mirrored: packs and slot; pages in use; the database.",
    );
    section.note(
        "The three do not give the same. The tree forgets as finally as the keyring; it pays with a strongbox as large as all keys \
         together. SQLite's way reaches no copy or backup made before. The oldest and the half have no files here, in its favour.",
    );
    section.note(
        "A prototype of the keyring, on an idle machine of this kind at 10 million: one 2.3 ms, a range of 100,000 3.0 ms, 10,000 \
         scattered 180 ms and 3.2 MB, the oldest 8 million but 1 % 0.8 s and 2.8 MB, a random half 1.4 s and 126 MB, reopening \
         with 3 MB 8 ms, a key 11 µs cold and 0.9 µs warm.",
    );
    section
}

/// The same at every number of recordings.
fn growth(sizes: &[Size]) -> Section {
    let header: Vec<String> = ["what goes".into(), "by".into()]
        .into_iter()
        .chain(sizes.iter().map(|size| many(size.recordings)))
        .collect();
    let mut section = Section::new(
        "Forgetting as the recordings become many",
        "The benchmark above with fewer recordings: milliseconds, and in brackets what was written."
            .to_owned(),
        &header.iter().map(String::as_str).collect::<Vec<_>>(),
    );
    for &amount in Amount::ALL {
        for (scheme, name) in SCHEMES {
            let mut row = vec![in_words(amount).to_owned(), name.to_owned()];
            for size in sizes {
                let leg = size.legs.iter().find(|leg| leg.scheme == scheme && leg.amount == amount);
                row.push(leg.map_or_else(String::new, |leg| {
                    format!("{:.1} ({})", leg.milliseconds.median(), bytes(leg.written.median()))
                }));
            }
            section.row(row);
        }
    }
    section
}

fn in_words(amount: Amount) -> &'static str {
    match amount {
        Amount::One => "one",
        Amount::Range => "1 % in a row",
        Amount::Scattered => "0.1 %, scattered",
        Amount::Old => "the oldest 80 % but 1 %",
        Amount::Half => "a random half",
    }
}

/// Bytes as kB or MB.
fn bytes(bytes: f64) -> String {
    if bytes < 1e6 { format!("{:.1} kB", bytes / 1e3) } else { megabytes(bytes) }
}
