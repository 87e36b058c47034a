//! What weakens what forgetting can promise, in sentences that say what to do.

use std::fmt;
use std::path::PathBuf;

use jiff::Timestamp;

use crate::misplaced::Misplaced;
use crate::shell::in_shell;

/// Something that weakens what forgetting can promise here. Its text says what, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// The file system keeps or may keep old versions of a file, so a destroyed root key can survive in it.
    KeepsOldVersions {
        /// The strongbox or mirror.
        path: PathBuf,
        /// The file system.
        file_system: String,
    },
    /// The file system is gone after a restart, and with it every recording.
    Volatile {
        /// The strongbox or mirror.
        path: PathBuf,
        /// The file system.
        file_system: String,
    },
    /// Beside a strongbox with its root key in a TPM there is one with its root key in files: what is claimed of the TPM does
    /// not hold for it.
    FileBesideTpm {
        /// The strongbox or mirror with files.
        path: PathBuf,
    },
    /// Folders of the household are not apart from each other.
    Misplaced {
        /// Which.
        found: Misplaced,
        /// Where what lies wrong could go.
        out: PathBuf,
        /// How the hub is started then, such as `--strongbox DIR`.
        options: String,
    },
    /// Memory may be written to a disk.
    Swap,
    /// A crash may write memory to a disk.
    CoreDumps,
    /// A mirror has not followed.
    MirrorPending {
        /// The mirror.
        path: PathBuf,
        /// Why.
        why: String,
        /// Since when, where that is known.
        since: Option<Timestamp>,
        /// Whether a copy was ever seen there: a name that was mistyped opens nothing.
        seen: bool,
    },
    /// Deletions were begun and could not be finished: nobody is shown any more what they take, and its keys may be there still.
    NotForgotten {
        /// How many recordings they take.
        recordings: usize,
        /// Why the last of them was not finished.
        why: String,
    },
    /// Files were damaged when the strongbox was opened, or since, and were put right.
    Healed {
        /// Which.
        files: Vec<PathBuf>,
    },
    /// Packs of keys were damaged, and what they held is written anew into another one.
    KeysRenewed {
        /// Which.
        files: Vec<PathBuf>,
    },
    /// Keys cannot be read, and no mirror that answered has them whole.
    KeysDamaged {
        /// The packs that hold them.
        files: Vec<PathBuf>,
        /// How many recordings do not open without them.
        recordings: u64,
        /// Whether others are in the memory of this process alone, so that it must not be stopped.
        keep_running: bool,
    },
    /// What opens the strongbox, or keys in it, has rotted where it lies and could not be written anew: this process still has it in memory,
    /// and the next start would not.
    OnlyInMemory {
        /// What has rotted.
        files: Vec<PathBuf>,
        /// Why it could not be written anew.
        why: String,
    },
    /// The strongbox in use is not where it was opened.
    StrongboxMoved {
        /// Where it was.
        path: PathBuf,
    },
    /// Something in the data folder is not where it was opened.
    NotInPlace {
        /// Where it was.
        path: PathBuf,
    },
    /// The file by which others are kept out of a folder was removed or replaced, and could not be taken once more.
    LockLost {
        /// The file.
        path: PathBuf,
    },
    /// Files in the data folder were removed while they were open, and written anew.
    PutBack {
        /// Which.
        files: Vec<PathBuf>,
    },
    /// The folder with the sealed bytes of large recordings was missing, and is made anew.
    PayloadsLost {
        /// The folder.
        path: PathBuf,
    },
    /// What says how much was written into a database was damaged or missing when it was opened, so what that had lost could not be told.
    WatermarkDamaged {
        /// The files.
        files: Vec<PathBuf>,
        /// When it was opened, the newest of them last.
        at: Timestamp,
    },
    /// What says which mirrors there are was damaged at this start, and is written anew with those that were named.
    MirrorsDamaged {
        /// The file.
        file: PathBuf,
    },
    /// Lines of the ledger were damaged when it was opened, or are since.
    LinesDamaged {
        /// Which, ascending.
        lines: Vec<u64>,
    },
    /// The ledger had to begin a new tree at this start, since lines are damaged and their hashes with them.
    LedgerBrokenOff,
    /// The ledger had to begin a new tree at this start, since its newest checkpoint was lost.
    CheckpointLost,
}

impl Warning {
    /// Whether it speaks of a disk that rots.
    pub fn is_rot(&self) -> bool {
        matches!(
            self,
            Warning::Healed { .. }
                | Warning::KeysRenewed { .. }
                | Warning::KeysDamaged { .. }
                | Warning::OnlyInMemory { .. }
                | Warning::WatermarkDamaged { .. }
                | Warning::MirrorsDamaged { .. }
                | Warning::LinesDamaged { .. }
                | Warning::LedgerBrokenOff
                | Warning::CheckpointLost
        )
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Warning::KeepsOldVersions { path, file_system } => write!(
                f,
                "the strongbox {} is on {file_system}, which can keep what was overwritten, snapshots included: \
                 place it on ext4 or xfs",
                path.display()
            ),
            Warning::Volatile { path, file_system } => write!(
                f,
                "the strongbox {} is on {file_system}, which may not survive a restart, and every recording is lost with it: \
                 place it on a disk",
                path.display()
            ),
            Warning::FileBesideTpm { path } => write!(
                f,
                "the root key is in the TPM, and in a file of {} as well: an old image of that disk can open what was \
                 forgotten since, so keep it locked away and out of backups",
                path.display()
            ),
            Warning::Misplaced { found, out, options } => {
                let (moved, copies) = match found {
                    Misplaced::StrongboxInData { strongbox, .. } => {
                        (strongbox, ", and destroy every copy that was made of the data folder")
                    }
                    Misplaced::DataInStrongbox { data, .. } => (data, ""),
                    Misplaced::Overlapping { strongbox, .. } => (strongbox, ""),
                };
                let (moved, out) = (in_shell(moved), in_shell(out));
                write!(
                    f,
                    "{found}. Stop the hub, move it out (`mv {moved} {out}`), start the hub with `{options}`{copies}"
                )
            }
            Warning::Swap => {
                f.write_str("swap is on, so keys in memory can reach a disk: turn it off, or encrypt it")
            }
            Warning::CoreDumps => f.write_str(
                "core dumps are possible, so keys in memory can reach a disk: start with `ulimit -c 0`",
            ),
            Warning::MirrorPending { path, why, since: _, seen: false } => write!(
                f,
                "the mirror {} has never been reached ({why}), so no copy of the strongbox is known to be there: attach its disk, or start \
                 the hub without it if it is none",
                path.display()
            ),
            Warning::MirrorPending { path, why, since, seen: true } => {
                write!(f, "the mirror {} has not followed", path.display())?;
                if let Some(since) = since {
                    write!(f, " since {}", since.strftime("%Y-%m-%d %H:%M UTC"))?;
                }
                write!(f, " ({why}), and can still open what was forgotten since")
            }
            Warning::Healed { files } => write!(
                f,
                "{} {} damaged, and {} whole again. Unless the power failed in the middle of writing, that disk is rotting: \
                 replace it soon",
                shown(files.iter().map(|file| file.display())),
                if files.len() == 1 { "was" } else { "were" },
                if files.len() == 1 { "is" } else { "are" }
            ),
            Warning::KeysRenewed { files } => write!(
                f,
                "{} {} damaged or removed, and the keys in {} are written anew into another file, from what the hub had in memory. Unless somebody \
                 removed {}, that disk is rotting: replace it soon",
                shown(files.iter().map(|file| file.display())),
                if files.len() == 1 { "was" } else { "were" },
                if files.len() == 1 { "it" } else { "them" },
                if files.len() == 1 { "it" } else { "them" },
            ),
            Warning::KeysDamaged { files, recordings, keep_running } => write!(
                f,
                "{} {} damaged, and no mirror of the strongbox that could be read has {} whole: {} not open any more, and cannot be forgotten \
                 for good. Attach a mirror that has {}{}. That disk is rotting: replace it soon",
                shown(files.iter().map(|file| file.display())),
                if files.len() == 1 { "is" } else { "are" },
                if files.len() == 1 { "it" } else { "them" },
                match recordings {
                    1 => "1 recording does".to_owned(),
                    many => format!("{many} recordings do"),
                },
                if files.len() == 1 { "it" } else { "them" },
                match keep_running {
                    true => ", and do not stop the hub, which has other keys in its memory alone",
                    false => ", and name it (`--strongbox DIR`)",
                },
            ),
            Warning::OnlyInMemory { files, why } => write!(
                f,
                "{} {} damaged and could not be written anew ({why}): what {} held is only in the memory of the hub. Do not stop the hub, and \
                 keep this computer running: without a mirror, the next start could open nothing that needs it. See to the disk of the \
                 strongbox; it is tried again every ten minutes, and whenever `porchlight doctor` is asked",
                shown(files.iter().map(|file| file.display())),
                if files.len() == 1 { "is" } else { "are" },
                if files.len() == 1 { "it" } else { "they" },
            ),
            Warning::StrongboxMoved { path } => write!(
                f,
                "the strongbox is not at {} any more, where the hub opened it: it was moved or removed, or another was put there. Nothing new \
                 is kept and nothing is forgotten for good until it is back; put it back there before the hub is stopped",
                path.display()
            ),
            Warning::NotInPlace { path } => {
                let words = crate::Error::NotInPlace(path.clone()).to_string();
                f.write_str(words.trim_end_matches('.'))
            }
            Warning::LockLost { path } => write!(
                f,
                "{}, by which others are kept out of its folder, was removed or replaced, and the hub does not have it any more: see to it that \
                 no other Porchlight uses that folder. Two that write there destroy each other's work",
                path.display()
            ),
            Warning::PutBack { files } => write!(
                f,
                "{} {} removed while the hub was running, and {} written anew from what it had open. Nothing of it is lost; see to it that nobody \
                 and no program removes files there",
                shown(files.iter().map(|file| file.display())),
                if files.len() == 1 { "was" } else { "were" },
                if files.len() == 1 { "is" } else { "are" },
            ),
            Warning::PayloadsLost { path } => write!(
                f,
                "{} was missing and is made anew: the sealed bytes that lay in it, of video and whatever else is large, are lost unless a copy \
                 has them, and what is kept from now on is not. Stop the hub, put that folder back in its place from the newest copy of the \
                 data folder, and start it again; `porchlight doctor --thorough` names the recordings that do not open",
                path.display()
            ),
            Warning::WatermarkDamaged { files, at } => write!(
                f,
                "{} {} damaged or missing and {} begun anew: the strongbox counts there what is written into a database of the data folder, and \
                 whether that had lost what was written last could not be told at the start of {}. Where it is that of hub.sqlite everybody \
                 signs in anew, and microphones need new credentials, so that nothing that had ended counts again. Unless somebody removed it, \
                 that disk is rotting: replace it soon",
                shown(files.iter().map(|file| file.display())),
                if files.len() == 1 { "was" } else { "were" },
                if files.len() == 1 { "is" } else { "are" },
                at.strftime("%Y-%m-%d %H:%M UTC"),
            ),
            Warning::MirrorsDamaged { file } => write!(
                f,
                "{} was damaged, and is written anew with the mirrors that were named at this start: of any other it is not known any more that \
                 it is there, and it can still open what was forgotten since. Name every mirror once (`--strongbox DIR`). That disk is rotting: \
                 replace it soon",
                file.display()
            ),
            Warning::LinesDamaged { lines } => write!(
                f,
                "{} of the ledger {} damaged on the disk: what {} said is lost, and that nothing was rewritten can still be checked. \
                 That disk is rotting: replace it soon",
                match lines[..] {
                    [line] => format!("line {line}"),
                    _ => format!("the lines {}", shown(lines.iter())),
                },
                if lines.len() == 1 { "is" } else { "are" },
                if lines.len() == 1 { "it" } else { "they" },
            ),
            Warning::NotForgotten { recordings, why } => write!(
                f,
                "{recordings} {} forgotten yet: the deletion was begun, nobody is shown {} any more, and it could not be finished ({why}). \
                 It is tried again every ten minutes, with whatever is forgotten next and at every start",
                if *recordings == 1 { "recording is not" } else { "recordings are not" },
                if *recordings == 1 { "it" } else { "them" },
            ),
            Warning::LedgerBrokenOff => f.write_str(
                "lines of the ledger are damaged or gone, and so are the hashes by which they could be told, so it goes on in a new \
                 tree that commits to its newest checkpoint; what can still be read of the older lines stays beside it. A disk is \
                 rotting: replace it soon",
            ),
            Warning::CheckpointLost => f.write_str(
                "the newest checkpoint of the ledger was damaged or gone from the strongbox, and no mirror has it, so the ledger goes \
                 on in a new tree that commits to the newest checkpoint that is known; the older lines stay beside it. A disk is \
                 rotting: replace it soon, and keep a mirror of the strongbox on another one",
            ),
        }
    }
}

/// The first few of a list, in words.
fn shown<T: fmt::Display>(all: impl ExactSizeIterator<Item = T>) -> String {
    const SHOWN: usize = 5;
    let more = all.len().saturating_sub(SHOWN);
    let mut text = all.take(SHOWN).map(|one| one.to_string()).collect::<Vec<_>>().join(", ");
    if more > 0 {
        text += &format!(" and {more} more");
    }
    text
}
