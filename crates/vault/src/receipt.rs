//! What the receipt of a deletion says: the detail of its ledger line, and what became of it since.
//!
//! The detail is written, and committed to, before anything is destroyed; it names what goes. The line itself is appended to
//! the ledger only once the keys are gone, so that its being there says that they are. Which copies of the strongbox have
//! followed is known later and changes: the hub signs it as the line's outcome, anew for every receipt it gives out.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use porchlight_ledger::note::Verifier;
use porchlight_ledger::{Receipt, Verified};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::id::Id;
use crate::mirror_state::MirrorState;
use crate::moment::Kind;
use crate::reason::Reason;
use crate::slot_kind::SlotKind;

/// The kind of a deletion's line.
pub(crate) const DELETION: &str = "deletion";
const VERSION: u32 = 2;

/// The first bytes of an encrypted payload, by which its remains can be recognised wherever they lie. They are random (the
/// nonce of the age format's STREAM), so nothing else begins so, and they say nothing of what was in it.
pub const MARK_BYTES: usize = 12;

/// What was destroyed, and what is to be known about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Deletion {
    pub(crate) v: u32,
    pub(crate) kind: String,
    /// When it was asked for.
    pub at: Timestamp,
    /// Why.
    pub reason: Reason,
    /// Who asked: a person's id, or the hub's own word.
    pub by: String,
    /// The moments whose keys were destroyed.
    pub moments: Ids,
    /// The recordings whose keys were destroyed, what was made from others included, by kind.
    pub recordings: Vec<Destroyed>,
    /// What was chosen and stays, and why.
    pub stays: Vec<Stays>,
    /// What the moments left behind and somebody chose to keep.
    pub effects_kept: Ids,
    /// The looks that came before: what they took away is out of reach.
    pub looks: Vec<LookBefore>,
    /// The mirrors of the strongbox that were to follow.
    pub mirrors: Vec<PathBuf>,
    /// Where the root key lay that was destroyed.
    pub slot: SlotClaim,
}

/// What was destroyed of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destroyed {
    /// The kind.
    pub kind: Kind,
    /// How many.
    pub count: u64,
    /// How long film was in all, in whole seconds; none of other kinds, and where an earlier release wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u64>,
    /// Their ids.
    pub ids: Ids,
    /// Their [marks](MARK_BYTES), one after the other, in base64. One that is not known is left out.
    pub marks: String,
}

/// Something that a deletion did not reach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stays {
    /// Why, in a sentence.
    pub why: String,
    /// Which recordings.
    pub ids: Ids,
}

/// A look at something that was destroyed later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookBefore {
    /// The recording that holds the detail of the look's line: who it was.
    pub look: Id,
    /// When.
    pub at: Timestamp,
    /// How: `open`, `export` …
    pub how: String,
    /// How many of the destroyed recordings it was at.
    pub recordings: u64,
}

/// What kind of place the destroyed root key lay in, and what its destruction there cannot claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotClaim {
    /// `file`: two files of the strongbox. `tpm`: the memory of a TPM 2.0.
    pub kind: String,
    /// Whoever has one of these may have the key still.
    pub cannot: Vec<String>,
}

impl SlotClaim {
    /// Of a slot of this kind, whose strongbox has mirrors or none.
    pub(crate) fn of(slot: &SlotKind, mirrors: bool) -> SlotClaim {
        const FILE: [&str; 2] = [
            "an image or a snapshot of the whole machine, strongbox included, that was made before",
            "old blocks of a flash disk, read from its chips",
        ];
        const ANY: [&str; 2] = [
            "swap, a core dump or a debugger that held the hub's memory before",
            "what had been looked at or exported before: see the looks",
        ];
        let (kind, own): (_, &[&str]) = match slot {
            SlotKind::File => ("file", &FILE),
            SlotKind::Tpm(_) if mirrors => (
                "tpm",
                &["an image or old blocks of a disk with a mirror, which keeps its root key in files"],
            ),
            SlotKind::Tpm(_) => ("tpm", &[]),
        };
        SlotClaim {
            kind: kind.into(),
            cannot: own.iter().chain(&ANY).map(|cannot| (*cannot).to_owned()).collect(),
        }
    }
}

/// What has become of a deletion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The version of this form.
    pub v: u32,
    /// When this was signed.
    pub at: Timestamp,
    /// The keyring's generation in which the keys are gone; none while the deletion is being carried out.
    pub generation: Option<u64>,
    /// Each mirror of the strongbox: one that is pending can still open what was forgotten, in a copy of the data folder.
    pub mirrors: Vec<MirrorState>,
    /// Whether the sealed remains, which nobody can open, have been removed as well.
    pub swept: bool,
}

impl Outcome {
    /// Whether nothing is left to be done.
    pub fn is_complete(&self) -> bool {
        self.swept && self.mirrors.iter().all(|state| state.mirror.is_acknowledged())
    }
}

/// The receipt of a deletion that has been checked.
#[derive(Clone, Debug, PartialEq)]
pub struct DeletionReceipt {
    /// Where the line is in the ledger, and under which checkpoint.
    pub line: Verified,
    /// What was destroyed.
    pub deletion: Deletion,
    /// What has become of it, as of when the receipt was given out.
    pub outcome: Option<Outcome>,
}

impl DeletionReceipt {
    /// Reads a receipt's file and checks all of it; see [`Receipt::verify`] for what `trusted` is.
    ///
    /// # Errors
    /// [`Error::Ledger`] says what is wrong with it; [`Error::BadReceipt`] when it is in order, and not of a deletion.
    pub fn read(file: &[u8], trusted: Option<&Verifier>) -> Result<DeletionReceipt, Error> {
        let receipt = Receipt::from_json(file)?;
        let line = receipt.verify(trusted)?;
        if line.entry.kind() != DELETION {
            return Err(Error::BadReceipt(format!("it is of a line of the kind {:?}", line.entry.kind())));
        }
        // The parser's own words may quote the detail, so they are not passed on.
        let bad = |what: &str| {
            Error::BadReceipt(format!("its {what} is of a form that this release does not know"))
        };
        let deletion: Deletion = serde_json::from_str(&line.detail).map_err(|_| bad("detail"))?;
        if deletion.v > VERSION {
            return Err(bad("detail"));
        }
        let outcome = line.outcome.as_deref().map(serde_json::from_str).transpose();
        Ok(DeletionReceipt { outcome: outcome.map_err(|_| bad("outcome"))?, deletion, line })
    }
}

impl Deletion {
    /// The detail of a new deletion; the lists are filled in by whoever knows them.
    pub(crate) fn new(at: Timestamp, reason: Reason, by: &str) -> Deletion {
        Deletion {
            v: VERSION,
            kind: DELETION.into(),
            at,
            reason,
            by: by.into(),
            moments: Ids::default(),
            recordings: Vec::new(),
            stays: Vec::new(),
            effects_kept: Ids::default(),
            looks: Vec::new(),
            mirrors: Vec::new(),
            slot: SlotClaim::of(&SlotKind::File, false),
        }
    }

    /// Every id whose key was destroyed: moments and recordings.
    pub fn ids(&self) -> impl Iterator<Item = Id> {
        self.recordings.iter().map(|destroyed| &destroyed.ids).chain([&self.moments]).flat_map(Ids::iter)
    }

    /// How many recordings were destroyed.
    pub fn count(&self) -> u64 {
        self.recordings.iter().map(|destroyed| destroyed.count).sum()
    }

    /// The marks of the destroyed payloads.
    ///
    /// # Errors
    /// [`Error::BadReceipt`] when they are not written as they should be.
    pub fn marks(&self) -> Result<Vec<[u8; MARK_BYTES]>, Error> {
        let mut marks = Vec::new();
        for destroyed in &self.recordings {
            let bytes = STANDARD.decode(&destroyed.marks).ok().filter(|bytes| bytes.len() % MARK_BYTES == 0);
            let bytes = bytes.ok_or_else(|| Error::BadReceipt("its marks cannot be read".into()))?;
            marks.extend(bytes.as_chunks::<MARK_BYTES>().0);
        }
        Ok(marks)
    }
}

/// Marks as a receipt has them.
pub(crate) fn encode_marks(marks: &[[u8; MARK_BYTES]]) -> String {
    STANDARD.encode(marks.as_flattened())
}

/// A set of ids, written as ranges: `"4-7 9 12-40"`, ascending.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Ids(Vec<(Id, Id)>);

impl Ids {
    /// Every id, ascending.
    pub fn iter(&self) -> impl Iterator<Item = Id> {
        self.0.iter().flat_map(|(first, last)| (first.get()..=last.get()).map(Id))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> u64 {
        let lengths = self.0.iter().map(|(first, last)| (last.get() - first.get()).saturating_add(1));
        lengths.fold(0, u64::saturating_add)
    }
}

impl FromIterator<Id> for Ids {
    fn from_iter<T: IntoIterator<Item = Id>>(ids: T) -> Ids {
        let mut ids: Vec<Id> = ids.into_iter().collect();
        ids.sort_unstable();
        ids.dedup();
        let mut ranges: Vec<(Id, Id)> = Vec::new();
        for id in ids {
            match ranges.last_mut() {
                Some((_, last)) if last.get() + 1 == id.get() => *last = id,
                _ => ranges.push((id, id)),
            }
        }
        Ids(ranges)
    }
}

impl fmt::Display for Ids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (first, last)) in self.0.iter().enumerate() {
            let space = if at == 0 { "" } else { " " };
            match first == last {
                true => write!(f, "{space}{first}")?,
                false => write!(f, "{space}{first}-{last}")?,
            }
        }
        Ok(())
    }
}

impl FromStr for Ids {
    type Err = String;

    fn from_str(text: &str) -> Result<Ids, String> {
        let mut ranges: Vec<(Id, Id)> = Vec::new();
        for part in text.split(' ').filter(|_| !text.is_empty()) {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let id = |text: &str| text.parse::<u64>().map_err(|_| format!("{part:?} is no range of ids"));
            let (first, last) = (id(first)?, id(last)?);
            let after = ranges.last().is_none_or(|(_, before)| before.get().saturating_add(1) < first);
            if last < first || !after {
                return Err(format!("{part:?} is not in order"));
            }
            ranges.push((Id(first), Id(last)));
        }
        Ok(Ids(ranges))
    }
}

impl TryFrom<String> for Ids {
    type Error = String;

    fn try_from(text: String) -> Result<Ids, String> {
        text.parse()
    }
}

impl From<Ids> for String {
    fn from(ids: Ids) -> String {
        ids.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(ids: &[u64]) -> Ids {
        ids.iter().copied().map(Id).collect()
    }

    #[test]
    fn ids_are_written_as_ranges() {
        for (given, text) in [
            (&[][..], ""),
            (&[7], "7"),
            (&[9, 4, 5, 6, 6, 11], "4-6 9 11"),
            (&[0, 1, u64::MAX - 1, u64::MAX], "0-1 18446744073709551614-18446744073709551615"),
        ] {
            assert_eq!(ids(given).to_string(), text);
            assert_eq!(text.parse::<Ids>().unwrap(), ids(given));
        }
        assert_eq!(ids(&[4, 5, 6, 9]).iter().map(Id::get).collect::<Vec<_>>(), [4, 5, 6, 9]);
        assert_eq!((ids(&[4, 5, 6, 9]).len(), ids(&[]).is_empty()), (4, true));
        for bad in ["x", "5-4", "4 4", "4-6 6", "4-5 6", "4  5", " 4", "4-", "9 4"] {
            assert!(bad.parse::<Ids>().is_err(), "{bad}");
        }
    }

    #[test]
    fn marks_are_written_and_read() {
        let mut deletion = Deletion::new(Timestamp::UNIX_EPOCH, Reason::Asked, "ann");
        let marks = [[1; MARK_BYTES], [2; MARK_BYTES]];
        deletion.recordings.push(Destroyed {
            kind: Kind::Voice,
            count: 2,
            seconds: None,
            ids: ids(&[1, 2]),
            marks: encode_marks(&marks),
        });
        assert_eq!(deletion.marks().unwrap(), marks);
        deletion.recordings[0].marks = "AAAA".into();
        assert!(deletion.marks().is_err());
    }
}
