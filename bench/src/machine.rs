//! What the figures were taken on, and when.

use std::fmt;
use std::fs;
use std::process::Command;

use serde::{Deserialize, Serialize};

use crate::setting::Setting;

/// A machine and the programs on it, by what is asked of it and what it answers.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Machine(pub(crate) Vec<(String, String)>);

/// When a benchmark began.
#[derive(Serialize, Deserialize)]
pub(crate) struct Moment {
    pub(crate) date: String,
    /// The version that was measured, and the commit it was built from.
    pub(crate) porchlight: String,
    pub(crate) load: String,
}

impl Machine {
    /// This one.
    pub(crate) fn here(setting: &Setting) -> Machine {
        let rows = [
            ("processor", format!("{}, {} cores", field("/proc/cpuinfo", "model name"), cores())),
            ("memory", memory()),
            ("kernel", output("uname", &["-sr"])),
            ("filesystem", filesystem(&setting.scratch.display().to_string())),
            ("compiler", output("rustc", &["--version"])),
            ("ffmpeg", output("ffmpeg", &["-version"])),
            ("sqlite3 (command)", output("sqlite3", &["--version"])),
        ];
        Machine(rows.map(|(what, is)| (what.to_owned(), is)).into())
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("| | |\n| --- | --- |")?;
        self.0.iter().try_for_each(|(what, is)| write!(f, "\n| {what} | {is} |"))
    }
}

impl Moment {
    /// Now.
    pub(crate) fn now(setting: &Setting) -> Moment {
        let root = setting.root.display().to_string();
        let version = output(&setting.porchlight.display().to_string(), &["--version"]);
        let commit = output("git", &["-C", &root, "describe", "--always", "--dirty", "--exclude=*"]);
        let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
        Moment {
            date: jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M UTC").to_string(),
            porchlight: format!("{version}, commit {commit}"),
            load: load.split_whitespace().take(3).collect::<Vec<_>>().join(" "),
        }
    }
}

/// The filesystem that is written to, and whether it has a journal: without one an fsync costs less.
fn filesystem(path: &str) -> String {
    let told = output("findmnt", &["--noheadings", "--output", "FSTYPE,SOURCE", "--target", path]);
    let Some(device) =
        told.strip_prefix("ext4").map(|source| source.trim().trim_start_matches("/dev/").to_owned())
    else {
        return told;
    };
    // The kernel shows every journal as DEVICE-INODE.
    let journals = fs::read_dir("/proc/fs/jbd2").into_iter().flatten().flatten();
    let has_one = journals
        .map(|entry| entry.file_name())
        .any(|name| name.to_string_lossy().starts_with(&format!("{device}-")));
    format!("ext4 on {device}, {} a journal", if has_one { "with" } else { "without" })
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(0, usize::from)
}

fn memory() -> String {
    let total = field("/proc/meminfo", "MemTotal");
    let kibibytes: f64 = total.trim_end_matches(" kB").parse().unwrap_or(f64::NAN);
    format!("{:.1} GiB", kibibytes / 1024.0 / 1024.0)
}

/// The first `name : value` of a file in /proc.
fn field(file: &str, name: &str) -> String {
    let text = fs::read_to_string(file).unwrap_or_default();
    let mut fields = text.lines().filter_map(|line| line.split_once(':'));
    fields
        .find(|(key, _)| key.trim() == name)
        .map_or("unknown".to_owned(), |(_, value)| value.trim().to_owned())
}

/// The first line that a command prints.
fn output(program: &str, arguments: &[&str]) -> String {
    let told = Command::new(program).args(arguments).output().ok().filter(|output| output.status.success());
    let text = told.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    match text.lines().next().map(str::trim) {
        Some(line) if !line.is_empty() => line.to_owned(),
        _ => "unknown".to_owned(),
    }
}
