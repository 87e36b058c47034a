//! Sealing and opening of the same bytes, nothing else.

use std::path::Path;
use std::time::Instant;

use age::x25519::Identity;
use anyhow::{Result, ensure};
use porchlight_vault::{Audience, Id, Kind};
use serde::{Deserialize, Serialize};

use super::bytes::random;
use super::forget::{audience, moment, open};
use super::seal::with_room;
use crate::process::own_cpu;

/// Seconds that one recording took, by the clock and of CPU.
#[derive(Serialize, Deserialize)]
pub(crate) struct Ciphered {
    /// Sealing in memory: the age file and its hash.
    pub(crate) seal: f64,
    pub(crate) seal_cpu: f64,
    /// Opening by the vault: the file read and hashed, its header under the leaves, and the age file in it.
    pub(crate) open: f64,
    pub(crate) open_cpu: f64,
}

pub(super) async fn cipher(folder: &Path, times: usize, bytes: usize) -> Result<Vec<Ciphered>> {
    let vault = open(folder).await?;
    let (people, hub) = (audience(1)?, Identity::generate().to_public());
    let plaintext = random(bytes)?;
    // What the hub may open itself is opened by the vault, and by the same steps as for everybody else.
    let kept = vault.keep(moment(Kind::Voice, with_room(&plaintext), &Audience::hub())?).await?.recordings[0];
    let mut all = Vec::with_capacity(times);
    for _ in 0..times {
        let copy = with_room(&plaintext);
        let (began, cpu) = (Instant::now(), own_cpu()?);
        let file = porchlight_vault::seal(Id::from(1), copy, &people, &hub)?;
        let (seal, seal_cpu) = (began.elapsed().as_secs_f64(), (own_cpu()? - cpu).as_secs_f64());
        drop(file);

        let (began, cpu) = (Instant::now(), own_cpu()?);
        let opened = vault.read_own(kept).await?;
        let (open, open_cpu) = (began.elapsed().as_secs_f64(), (own_cpu()? - cpu).as_secs_f64());
        ensure!(*opened == plaintext, "what was opened is not what was sealed");
        all.push(Ciphered { seal, seal_cpu, open, open_cpu });
    }
    vault.close().await?;
    Ok(all)
}
