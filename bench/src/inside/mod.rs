//! Work that is done in a process of its own, so that its CPU and its system calls are its alone.

mod bytes;
mod cipher;
mod delete;
mod fill;
mod forget;
mod forgets;
mod key_tree;
mod keyring;
mod many;
mod rows;
mod seal;
mod stopwatch;
mod timeline;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub(crate) use cipher::Ciphered;
pub(crate) use keyring::Derived;
pub(crate) use many::Taken;
pub(crate) use seal::{RECIPIENTS, Sealed};
pub(crate) use stopwatch::{BEGIN, Deleted, END};
pub(crate) use timeline::{Day, Listed, PER_DAY};

use crate::amount::{Amount, Scheme};
use crate::setting::Setting;

/// What is to be done, and how often.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Inside {
    /// The work.
    pub(crate) work: Work,
    /// A folder to do it in: empty, or as [`Work::Fill`] and [`Work::FillVault`] have left it.
    pub(crate) folder: PathBuf,
    /// How often it is done.
    pub(crate) times: usize,
    /// Bytes of each recording, where it has any.
    pub(crate) bytes: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Work {
    /// Seal a recording, keep it in a vault, and write it plainly
    Seal,
    /// Forget a recording of a vault
    Forget,
    /// Delete a row (rollback journal) and a file
    DeleteRollback,
    /// Delete a row (write-ahead log) and a file
    DeleteWal,
    /// Make the keys or rows of so many recordings, for [`Work::Take`]
    Fill { scheme: Scheme, recordings: u64 },
    /// Forget an amount of them, in a copy of what was made
    Take { scheme: Scheme, recordings: u64, amount: Amount },
    /// Derive keys of a keyring with so many recordings
    Derive { recordings: u64 },
    /// Make a vault whose catalog has so many recordings
    FillVault { recordings: u64 },
    /// Read days of that vault's catalog
    List { recordings: u64 },
    /// Keep recordings in that vault
    KeepAmong,
    /// Forget recordings of that vault, from anywhere in it
    ForgetAmong { recordings: u64 },
    /// Forget whole days of that vault
    ForgetDays { recordings: u64 },
    /// Seal and open recordings
    Cipher,
}

/// Does the work that `inside` is the JSON of, and prints what it cost as one line of JSON.
pub(crate) fn run(inside: &str) -> Result<()> {
    let Inside { work, folder, times, bytes } = serde_json::from_str(inside)?;
    let runtime = tokio::runtime::Runtime::new()?;
    let told = runtime.block_on(async {
        Ok::<_, anyhow::Error>(match work {
            Work::Seal => serde_json::to_string(&seal::seal(&folder, times, bytes).await?)?,
            Work::Forget => serde_json::to_string(&forget::forget(&folder, times, bytes).await?)?,
            Work::DeleteRollback => {
                serde_json::to_string(&delete::delete(&folder, times, bytes, false).await?)?
            }
            Work::DeleteWal => serde_json::to_string(&delete::delete(&folder, times, bytes, true).await?)?,
            Work::Fill { scheme, recordings } => {
                serde_json::to_string(&many::fill(scheme, &folder, recordings).await?)?
            }
            Work::Take { scheme, recordings, amount } => {
                serde_json::to_string(&many::take(scheme, &folder, recordings, amount, times).await?)?
            }
            Work::Derive { recordings } => serde_json::to_string(&keyring::derive(&folder, recordings)?)?,
            Work::FillVault { recordings } => serde_json::to_string(&fill::fill(&folder, recordings).await?)?,
            Work::List { recordings } => {
                serde_json::to_string(&timeline::list(&folder, recordings, times).await?)?
            }
            Work::KeepAmong => serde_json::to_string(&timeline::keep(&folder, times, bytes).await?)?,
            Work::ForgetAmong { recordings } => {
                serde_json::to_string(&timeline::forget(&folder, recordings, times, bytes).await?)?
            }
            Work::ForgetDays { recordings } => {
                serde_json::to_string(&timeline::forget_days(&folder, recordings, times).await?)?
            }
            Work::Cipher => serde_json::to_string(&cipher::cipher(&folder, times, bytes).await?)?,
        })
    })?;
    println!("{told}");
    Ok(())
}

impl Inside {
    /// Has the work done in a process of its own; what it tells.
    pub(crate) fn measure<T: DeserializeOwned>(&self, setting: &Setting) -> Result<T> {
        let output = self.command(&setting.myself)?.output()?;
        if !output.status.success() {
            bail!("the inner process failed: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        serde_json::from_slice(&output.stdout).context("the inner process told something else")
    }

    /// The same, watched by another program that starts with these words.
    pub(crate) fn watched_by(&self, watcher: &[&str], setting: &Setting) -> Result<Command> {
        let inner = self.command(&setting.myself)?;
        let mut command = Command::new(watcher[0]);
        command.args(&watcher[1..]).arg(inner.get_program()).args(inner.get_args());
        Ok(command)
    }

    fn command(&self, myself: &Path) -> Result<Command> {
        let mut command = Command::new(myself);
        command.arg("inside").arg(serde_json::to_string(self)?);
        Ok(command)
    }
}
