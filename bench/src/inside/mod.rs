//! Work that is done in a process of its own, so that its CPU and its system calls are its alone.

mod delete;
mod forget;
mod seal;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub(crate) use seal::{RECIPIENTS, Sealed};

use crate::process::own_cpu;
use crate::setting::Setting;

/// What is to be done, and how often.
#[derive(Args, Clone)]
pub(crate) struct Inside {
    /// The work
    pub(crate) work: Work,
    /// An empty folder to do it in
    #[arg(long)]
    pub(crate) folder: PathBuf,
    /// How often it is done
    #[arg(long)]
    pub(crate) times: usize,
    /// Bytes of each recording
    #[arg(long)]
    pub(crate) bytes: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Work {
    /// Seal a recording, keep it in a vault, and write it plainly
    Seal,
    /// Forget a recording of a vault
    Forget,
    /// Delete a row (rollback journal) and a file
    DeleteRollback,
    /// Delete a row (write-ahead log) and a file
    DeleteWal,
}

/// What one deletion cost.
#[derive(Serialize, Deserialize)]
pub(crate) struct Deleted {
    /// From asking to done.
    pub(crate) milliseconds: f64,
    /// CPU milliseconds of the process meanwhile.
    pub(crate) cpu: f64,
}

/// Does the work, and prints what it cost as one line of JSON.
pub(crate) fn run(inside: Inside) -> Result<()> {
    let Inside { work, folder, times, bytes } = inside;
    let runtime = tokio::runtime::Runtime::new()?;
    let told = runtime.block_on(async {
        Ok::<_, anyhow::Error>(match work {
            Work::Seal => serde_json::to_string(&seal::seal(&folder, times, bytes).await?)?,
            Work::Forget => serde_json::to_string(&forget::forget(&folder, times, bytes).await?)?,
            Work::DeleteRollback => {
                serde_json::to_string(&delete::delete(&folder, times, bytes, false).await?)?
            }
            Work::DeleteWal => serde_json::to_string(&delete::delete(&folder, times, bytes, true).await?)?,
        })
    })?;
    println!("{told}");
    Ok(())
}

impl Inside {
    /// Has the work done in a process of its own; what it cost, each time.
    pub(crate) fn measure<T: DeserializeOwned>(&self, setting: &Setting) -> Result<Vec<T>> {
        let output = self.command(&setting.myself).output()?;
        if !output.status.success() {
            bail!("the inner process failed: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        serde_json::from_slice(&output.stdout).context("the inner process told something else")
    }

    /// The same, watched by another program that starts with these words.
    pub(crate) fn watched_by(&self, watcher: &[&str], setting: &Setting) -> Command {
        let inner = self.command(&setting.myself);
        let mut command = Command::new(watcher[0]);
        command.args(&watcher[1..]).arg(inner.get_program()).args(inner.get_args());
        command
    }

    fn command(&self, myself: &Path) -> Command {
        let mut command = Command::new(myself);
        let work = self.work.to_possible_value().map(|value| value.get_name().to_owned());
        command.arg("inside").args(work).arg("--folder").arg(&self.folder);
        command.args(["--times", &self.times.to_string(), "--bytes", &self.bytes.to_string()]);
        command
    }
}

/// Where [`Stopwatch`] says that a deletion begins and ends, in the trace of system calls: asking for files that are not there.
pub(crate) const BEGIN: &str = "/porchlight-bench/begin";
pub(crate) const END: &str = "/porchlight-bench/end";

/// Measures one deletion.
struct Stopwatch {
    began: Instant,
    cpu: std::time::Duration,
}

impl Stopwatch {
    fn start() -> Result<Stopwatch> {
        mark(BEGIN);
        Ok(Stopwatch { began: Instant::now(), cpu: own_cpu()? })
    }

    fn stop(self) -> Result<Deleted> {
        let milliseconds = self.began.elapsed().as_secs_f64() * 1e3;
        let cpu = (own_cpu()? - self.cpu).as_secs_f64() * 1e3;
        mark(END);
        Ok(Deleted { milliseconds, cpu })
    }
}

fn mark(path: &str) {
    // That it is not there is the point: only the question matters, which a tracer sees.
    let _ = std::fs::symlink_metadata(path);
}

/// Bytes that do not compress.
fn random(bytes: usize) -> Result<Vec<u8>> {
    let mut random = vec![0; bytes];
    getrandom::fill(&mut random).map_err(|why| anyhow::anyhow!("no random bytes: {why}"))?;
    Ok(random)
}
