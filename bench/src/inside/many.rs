//! Forgetting some of a great many recordings, by each scheme in the same way: in a copy of what was made once, so that every
//! leg begins with the same.

use std::path::Path;
use std::time::Instant;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::forgets::{Forgets, copied};
use super::key_tree::KeyTree;
use super::keyring::Keys;
use super::rows::Rows;
use super::stopwatch::{Deleted, Stopwatch};
use crate::amount::{Amount, Scheme};

/// What a leg of forgetting found.
#[derive(Serialize, Deserialize)]
pub(crate) struct Taken {
    /// Each deletion.
    pub(crate) deleted: Vec<Deleted>,
    /// Bytes that there are to be kept afterwards.
    pub(crate) state: f64,
    /// Milliseconds that opening takes afterwards.
    pub(crate) open: f64,
}

/// Makes what [`take`] copies.
pub(super) async fn fill(scheme: Scheme, folder: &Path, recordings: u64) -> Result<()> {
    match scheme {
        Scheme::Keyring => Keys::fill(folder, recordings).await,
        Scheme::KeyTree => KeyTree::fill(folder, recordings).await,
        Scheme::Rows => Rows::fill(folder, recordings).await,
    }
}

/// Forgets so many times in a copy of what lies in `folder`, which is left as it was.
pub(super) async fn take(
    scheme: Scheme,
    folder: &Path,
    recordings: u64,
    amount: Amount,
    times: usize,
) -> Result<Taken> {
    let copy = copied(folder)?;
    match scheme {
        Scheme::Keyring => forget::<Keys>(copy.path(), recordings, amount, times).await,
        Scheme::KeyTree => forget::<KeyTree>(copy.path(), recordings, amount, times).await,
        Scheme::Rows => forget::<Rows>(copy.path(), recordings, amount, times).await,
    }
}

async fn forget<F: Forgets>(folder: &Path, recordings: u64, amount: Amount, times: usize) -> Result<Taken> {
    let mut all = F::open(folder, recordings).await?;
    let mut deleted = Vec::with_capacity(times);
    for turn in 0..times as u64 {
        let gone = amount.choose(recordings, turn, times as u64);
        all.expect(&gone, amount.is_small()).await?;
        let stopwatch = Stopwatch::start()?;
        all.forget(&gone).await?;
        deleted.push(stopwatch.stop()?);
    }
    let state = all.state()?;
    all.close().await?;
    let began = Instant::now();
    let all = F::open(folder, recordings).await?;
    let open = began.elapsed().as_secs_f64() * 1e3;
    all.close().await?;
    Ok(Taken { deleted, state, open })
}
