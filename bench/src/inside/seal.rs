//! Sealing, keeping, and writing plainly, of the same bytes in turn.

use std::path::Path;

use age::Encryptor;
use age::x25519::{Identity, Recipient};
use anyhow::Result;
use porchlight_vault::Kind;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::io::Write;

use super::delete::write_plainly;
use super::forget::{audience, moment, open};
use super::random;
use crate::process::own_cpu;

/// How many keys a camera's segment is sealed to: the circle of the adults, and the one adult in it.
pub(crate) const RECIPIENTS: usize = 2;

/// CPU milliseconds that one segment took.
#[derive(Serialize, Deserialize)]
pub(crate) struct Sealed {
    /// Its age file and the SHA-256 of that.
    pub(crate) seal: f64,
    /// The same as a part of everything that the vault does.
    pub(crate) keep: f64,
    /// A plain file, durable.
    pub(crate) plain: f64,
}

pub(super) async fn seal(folder: &Path, times: usize, bytes: usize) -> Result<Vec<Sealed>> {
    let vault = open(folder).await?;
    let audience = audience(RECIPIENTS)?;
    let keys: Vec<Recipient> = (0..RECIPIENTS).map(|_| Identity::generate().to_public()).collect();
    let mut all = Vec::new();
    for number in 0..times {
        let segment = random(bytes)?;
        let new = moment(Kind::Video, segment.clone(), &audience)?;

        let began = own_cpu()?;
        seal_one(&segment, &keys)?;
        let sealed = own_cpu()?;
        vault.keep(new).await?;
        let kept = own_cpu()?;
        write_plainly(&folder.join(number.to_string()), &segment)?;
        let written = own_cpu()?;

        let milliseconds = |from, to: std::time::Duration| to.saturating_sub(from).as_secs_f64() * 1e3;
        all.push(Sealed {
            seal: milliseconds(began, sealed),
            keep: milliseconds(sealed, kept),
            plain: milliseconds(kept, written),
        });
    }
    vault.close().await?;
    Ok(all)
}

/// What the vault does to the bytes of a recording, by the same crates.
fn seal_one(segment: &[u8], keys: &[Recipient]) -> Result<()> {
    let keys = keys.iter().map(|key| key as &dyn age::Recipient);
    let mut writer =
        Encryptor::with_recipients(keys)?.wrap_output(Vec::with_capacity(segment.len() + 1024))?;
    writer.write_all(segment)?;
    std::hint::black_box(Sha256::digest(writer.finish()?));
    Ok(())
}
