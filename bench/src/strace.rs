//! Counts the fsyncs of a deletion, by strace.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::figures::Figures;
use crate::inside::{BEGIN, END, Inside};
use crate::setting::Setting;

/// How many fsyncs each deletion made.
#[derive(Default)]
pub(crate) struct Syncs {
    /// Up to the last one of the erasable slot: by then the old root key is destroyed. `None` where there is no slot.
    pub(crate) until_irrecoverable: Option<Figures>,
    /// Up to the last one in the strongbox: by then the ledger's line is pinned there. `None` where there is no strongbox.
    pub(crate) until_receipt: Option<Figures>,
    pub(crate) until_done: Figures,
}

impl Syncs {
    /// For a table: until irrecoverable, until the line is pinned, until done.
    pub(crate) fn show(&self) -> [String; 3] {
        let or_never = |figures: &Option<Figures>| {
            figures.as_ref().map_or("never".to_owned(), |figures| figures.show(0))
        };
        [or_never(&self.until_irrecoverable), or_never(&self.until_receipt), self.until_done.show(0)]
    }

    /// The same where they could not be counted.
    pub(crate) fn uncounted() -> [String; 3] {
        ["not counted"; 3].map(str::to_owned)
    }
}

/// Does the work under strace.
///
/// # Errors
/// When strace is not there or may not trace.
pub(crate) fn count(work: &Inside, setting: &Setting) -> Result<Syncs> {
    let trace = setting.scratch.join("strace.log");
    let out = trace.display().to_string();
    let calls = "--trace=fsync,fdatasync,sync_file_range,syncfs,sync,msync,statx,newfstatat,lstat";
    let watcher =
        ["strace", "--follow-forks", "--decode-fds=path", "--string-limit=200", calls, "--output", &out];
    let output = work.watched_by(&watcher, setting)?.output().context("strace is not installed")?;
    if !output.status.success() {
        bail!("strace may not trace here: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    read(&fs::read_to_string(&trace)?)
}

fn read(trace: &str) -> Result<Syncs> {
    let mut syncs = Syncs::default();
    let (mut counting, mut count) = (false, 0);
    let (mut at_slot, mut in_strongbox) = (None, None);
    for line in trace.lines() {
        if line.contains(BEGIN) {
            (counting, count, at_slot, in_strongbox) = (true, 0, None, None);
        } else if counting && line.contains(END) {
            counting = false;
            syncs.until_done.push(f64::from(count));
            if let Some(count) = at_slot {
                syncs.until_irrecoverable.get_or_insert_default().push(f64::from(count));
            }
            if let Some(count) = in_strongbox {
                syncs.until_receipt.get_or_insert_default().push(f64::from(count));
            }
        } else if counting && is_sync(line) {
            count += 1;
            if line.contains("/slot-") {
                at_slot = Some(count);
            }
            if line.contains(".strongbox") {
                in_strongbox = Some(count);
            }
        }
    }
    if syncs.until_done.len() == 0 {
        bail!("strace saw no deletion");
    }
    Ok(syncs)
}

/// Whether a line is the call of one, not the later half of a call that was interrupted in the trace.
fn is_sync(line: &str) -> bool {
    let calls = ["fsync(", "fdatasync(", "sync_file_range(", "syncfs(", "sync(", "msync("];
    let call = line.split_whitespace().nth(1).unwrap_or_default();
    calls.iter().any(|name| call.starts_with(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = r#"
7 fsync(3</home/before>) = 0
7 statx(AT_FDCWD, "/porchlight-bench/begin", 0, 0, 0) = -1 ENOENT
7 fdatasync(3</home/catalog.sqlite-wal>) = 0
8 fsync(4</home.strongbox/slot-2> <unfinished ...>
7 statx(AT_FDCWD, "/home/blobs", 0, 0, 0) = 0
8 <... fsync resumed>) = 0
7 fsync(5</home/ledger/entries>) = 0
7 fsync(6</home.strongbox>) = 0
7 fsync(3</home/catalog.sqlite>) = 0
7 statx(AT_FDCWD, "/porchlight-bench/end", 0, 0, 0) = -1 ENOENT
7 fsync(3</home/after>) = 0
"#;

    #[test]
    fn only_what_lies_between_the_marks_counts_and_each_call_once() {
        let syncs = read(TRACE).unwrap();
        assert_eq!(syncs.until_irrecoverable.unwrap().median(), 2.0);
        assert_eq!(syncs.until_receipt.unwrap().median(), 4.0);
        assert_eq!(syncs.until_done.median(), 5.0);
    }

    #[test]
    fn a_trace_without_marks_is_refused() {
        assert!(read("7 fsync(3</home/before>) = 0").is_err());
    }
}
