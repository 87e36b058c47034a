//! A proof that something is in the log, as one text that can be checked offline (C2SP tlog-proof).
//!
//! ```text
//! c2sp.org/tlog-proof@v1
//! index 12
//! BASE64                      the inclusion proof, a hash a line
//!
//! ORIGIN                      the signed checkpoint, as it is
//! …
//! ```

use std::fmt;
use std::str::FromStr;

use crate::note::Verifier;
use crate::{Checkpoint, Error, Hash, proof};

const FORMAT: &str = "c2sp.org/tlog-proof@v1";

/// The most hashes that a proof can need: one for each level of a tree of 2^64 entries.
const MAX_HASHES: usize = 64;

/// Where an entry is, and what leads from it to a signed checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogProof {
    /// The index of the entry.
    pub index: u64,
    /// What [`proof::verify_inclusion`] needs.
    pub hashes: Vec<Hash>,
    /// The signed checkpoint that covers the entry.
    pub checkpoint: String,
}

impl LogProof {
    /// Checks that `entry` is in the log of `verifier`, and gives the checkpoint that says so.
    ///
    /// # Errors
    ///
    /// Those of [`Checkpoint::verify`]; [`Error::Proof`] when the proof does not lead from the entry to the checkpoint.
    pub fn verify(&self, entry: &[u8], verifier: &Verifier) -> Result<Checkpoint, Error> {
        let checkpoint = Checkpoint::verify(&self.checkpoint, verifier)?;
        let leaf = Hash::leaf(entry);
        proof::verify_inclusion(&leaf, self.index, checkpoint.size, &self.hashes, &checkpoint.root)?;
        Ok(checkpoint)
    }
}

impl fmt::Display for LogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FORMAT}\nindex {}", self.index)?;
        for hash in &self.hashes {
            writeln!(f, "{hash}")?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}

impl FromStr for LogProof {
    type Err = Error;

    /// Reads such a proof. One with extra data is refused, for nothing here would check it.
    ///
    /// # Errors
    ///
    /// [`Error::LogProof`] when the text is not exactly one; nothing is checked yet.
    fn from_str(text: &str) -> Result<LogProof, Error> {
        let bad = Error::LogProof;
        let rest = text.strip_prefix(FORMAT).and_then(|rest| rest.strip_prefix("\nindex "));
        let rest = rest.ok_or(bad("it does not begin with its format and an index"))?;
        let (head, checkpoint) = rest.split_once("\n\n").ok_or(bad("it has no checkpoint"))?;
        let mut lines = head.split('\n');
        let index =
            lines.next().and_then(|index| index.parse().ok()).ok_or(bad("its index is not a number"))?;
        let hashes: Vec<Hash> = lines.map(str::parse).collect::<Result<_, _>>()?;
        if hashes.len() > MAX_HASHES {
            return Err(bad("it has more hashes than any tree has levels"));
        }
        let parsed = LogProof { index, hashes, checkpoint: checkpoint.to_owned() };
        // Compared again, the loose reading above accepts one spelling only.
        if parsed.to_string() == text { Ok(parsed) } else { Err(bad("it is not written plainly")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_back() {
        for hashes in [vec![], vec![Hash::leaf(b"a"), Hash::leaf(b"b")]] {
            let proof = LogProof { index: 12, hashes, checkpoint: "log\n13\nroot\n\n— log AAAA\n".into() };
            assert_eq!(proof.to_string().parse::<LogProof>().unwrap(), proof);
        }
    }

    #[test]
    fn other_spellings_are_refused() {
        let good = LogProof { index: 7, hashes: vec![Hash::empty()], checkpoint: "x\n".into() }.to_string();
        let many = vec![Hash::empty().to_string(); 65].join("\n");
        for bad in [
            String::new(),
            good.replace("@v1", "@v2"),
            good.replace("index 7", "index +7"),
            good.replace("index 7", "index 07"),
            good.replace("index 7", "index 7 "),
            good.replace("index 7", "extra AAAA\nindex 7"),
            good.replace('=', ""),
            good.replace("\n\n", "\n"),
            good.replace("\nx", &format!("\n{many}\n\nx")).replacen("\n\n", "\n", 1),
        ] {
            assert!(bad.parse::<LogProof>().is_err(), "{bad}");
        }
    }
}
