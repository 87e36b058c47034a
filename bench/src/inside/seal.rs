//! Sealing, keeping, and writing plainly, of the same bytes in turn.

use std::path::Path;

use age::x25519::Identity;
use anyhow::Result;
use porchlight_vault::{Id, Kind};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::bytes::random;
use super::delete::write_plainly;
use super::forget::{audience, moment, open};
use crate::process::own_cpu;

/// How many keys a camera's segment is sealed to: the circle of the adults, and the one adult in it.
pub(crate) const RECIPIENTS: usize = 2;

/// CPU milliseconds that one segment took.
#[derive(Serialize, Deserialize)]
pub(crate) struct Sealed {
    /// Its age file and the hash of that.
    pub(crate) seal: f64,
    /// The same as a part of everything that the vault does.
    pub(crate) keep: f64,
    /// A plain file, durable.
    pub(crate) plain: f64,
}

pub(super) async fn seal(folder: &Path, times: usize, bytes: usize) -> Result<Vec<Sealed>> {
    let vault = open(folder).await?;
    let audience = audience(RECIPIENTS)?;
    let hub = Identity::generate().to_public();
    let mut all = Vec::new();
    for number in 0..times {
        let segment = random(bytes)?;
        let new = moment(Kind::Video, with_room(&segment), &audience)?;

        let plaintext = with_room(&segment);

        let began = own_cpu()?;
        std::hint::black_box(porchlight_vault::seal(Id::from(1), plaintext, &audience, &hub)?);
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

/// A copy with room behind it to be sealed where it lies, as a camera's segment has.
pub(super) fn with_room(segment: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut copy = Zeroizing::new(Vec::with_capacity(segment.len() + segment.len() / 1024 + 64));
    copy.extend_from_slice(segment);
    copy
}
