//! Bytes to seal and to write.

use anyhow::Result;

/// Bytes that do not compress.
pub(super) fn random(bytes: usize) -> Result<Vec<u8>> {
    let mut random = vec![0; bytes];
    getrandom::fill(&mut random).map_err(|why| anyhow::anyhow!("no random bytes: {why}"))?;
    Ok(random)
}
