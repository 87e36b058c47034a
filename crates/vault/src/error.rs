//! What can go wrong in a vault, in plain sentences.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::beside::strongbox_beside;
use crate::database_error::is_damaged;
use crate::holding::Holding;
use crate::id::Id;
use crate::misplaced::Misplaced;
use crate::named_folder::NamedFolder;

/// Why the vault did not do what it was asked. Each message says what is wrong and, where that helps, what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// What was asked makes no sense; the message says why.
    #[error("{0}.")]
    BadInput(String),

    /// A line that the ledger is owed is not as it was prepared: somebody or a disk has changed it where it waited.
    #[error(
        "a line that the ledger was owed is not as the hub wrote it down, so it is told to nobody: somebody has changed the database, or its disk"
    )]
    NotOurs,

    /// Something lies already where a vault should be made.
    #[error("something lies in {} already: open it if it is a household, or name a folder that is new or empty.", .0.display())]
    AlreadyExists(PathBuf),

    /// Folders in which no household is made, or opened: they are not apart from each other.
    #[error("{0}. Name another folder for it.")]
    Misplaced(Misplaced),

    /// There is no vault where one should be opened.
    #[error("{0}. A data folder was looked for there, which has a porchlight.json: {instead}.", instead = .0.instead_of_data())]
    NoVault(NamedFolder),

    /// There is something like a vault without the mark that is written last when one is made.
    #[error(
        "{} is no whole vault. If one was just being made there, that was interrupted and nothing is kept in it: make it again. \
         Otherwise its porchlight.json is lost: put that file back from a copy.", .0.display()
    )]
    Unfinished(PathBuf),

    /// A file in the data folder says that somebody has begun to end the vault.
    #[error("the household in {} is being ended, as {} says. {}", .data.display(), .mark.display(), being_ended(.keys, .mark))]
    BeingEnded {
        /// The data folder.
        data: PathBuf,
        /// The file.
        mark: PathBuf,
        /// The strongboxes in which there are keys all the same.
        keys: Vec<PathBuf>,
    },

    /// A file was written by a newer release, or the number that says so has rotted.
    #[error(
        "{} has format {found}, and this release knows up to {known}: start a newer release of Porchlight. If none was ever used here, \
         that number has rotted: put a copy of the file back.", path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format version.
        found: u64,
        /// The newest version this release reads.
        known: u64,
    },

    /// The mark of a strongbox is damaged, or is lost, and nothing beside it says whose it is.
    #[error(
        "{}, which says whose this strongbox is, is missing or damaged, and neither a mirror nor the checkpoint beside it says so: name a \
         mirror as the strongbox, or put that file back. If this is the strongbox of the data folder, and its root key lies in files, all \
         that the file says is {{\"format\": 1, \"household\": \"{household}\"}}.", path.display()
    )]
    BadMark {
        /// The file.
        path: PathBuf,
        /// The household of the data folder.
        household: String,
    },

    /// A file of the vault cannot be understood.
    #[error("{} is damaged: {why}.", path.display())]
    BadFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },

    /// The disk is full.
    #[error(
        "the disk of {} is full, so nothing new is kept: forget what nobody needs, or give it more room. Forgetting works.",
        .0.display()
    )]
    Full(PathBuf),

    /// Another hub serves this folder.
    #[error("another hub{} is using {}: stop it first.", pid.map(|pid| format!(" (process {pid})")).unwrap_or_default(), path.display())]
    Locked {
        /// The folder.
        path: PathBuf,
        /// The process that holds it, as far as it is known.
        pid: Option<u32>,
    },

    /// The strongbox is not where it should be. A new one is never made: it could open nothing.
    #[error(
        "the strongbox {} is missing, and nothing can be opened without it: {}. What makes it one is a porchlight-strongbox.json. To go on, \
         {}.", .0.path.display(), .0, .0.instead_of_strongbox()
    )]
    NoStrongbox(NamedFolder),

    /// What a hub has open is not where it was any more: what is written to it would be found by nobody.
    #[error(
        "{} is not where it was when the hub was started: it was moved or removed, or another was put in its place. Nothing new is kept, and \
         nothing is forgotten for good, until it is back: put it back before the hub is stopped.", .0.display()
    )]
    NotInPlace(PathBuf),

    /// A data folder was named where the strongbox belongs.
    #[error(
        "{} is a data folder, and no strongbox: name it with --data, and its strongbox, which is {} unless another folder was chosen \
         for it, with --strongbox.", .0.display(), strongbox_beside(.0).display()
    )]
    DataAsStrongbox(PathBuf),

    /// A strongbox was named where the data folder belongs.
    #[error(
        "{} is a strongbox, and no data folder: name the data folder it belongs to with --data. A strongbox that lies beside that, as \
         DATA.strongbox, is found without being named; any other is named with --strongbox.", .0.display()
    )]
    StrongboxAsData(PathBuf),

    /// The strongbox belongs to another household.
    #[error(
        "the strongbox {} belongs to household {found:?}, and the data folder to {expected:?}: \
         name the strongbox that belongs to this data folder.", path.display()
    )]
    OtherHousehold {
        /// The strongbox.
        path: PathBuf,
        /// The household of the data folder.
        expected: String,
        /// The household of the strongbox.
        found: String,
    },

    /// The strongbox is older than one that has been used with this data folder.
    #[error(
        "the strongbox {} is an old copy (generation {found}, and {newest} has been seen): what has been forgotten since \
         would come back. Name the newest strongbox or mirror.", path.display()
    )]
    OldStrongbox {
        /// The strongbox.
        path: PathBuf,
        /// Its generation.
        found: u64,
        /// The newest generation seen by the data folder or a mirror.
        newest: u64,
    },

    /// The strongbox and a mirror of it were both used since they were the same.
    #[error(
        "the strongbox {here} and its mirror {there} have both been used since they were the same: each has keys and lines that the \
         other lacks, so neither follows the other. Choose with `porchlight strongbox keep DIR`; what only the other one can open \
         is lost then."
    )]
    Apart {
        /// The strongbox in use.
        here: Box<Holding>,
        /// The mirror.
        there: Box<Holding>,
    },

    /// The newest checkpoint of the ledger is gone from the strongbox, and nothing else says what it was.
    #[error(
        "{} is missing or damaged, and no mirror has it: without it nobody could tell a ledger that was cut short. Put it back, or \
         name a mirror of this strongbox.", .0.display()
    )]
    NoCheckpoint(PathBuf),

    /// The strongbox keeps its root key in a TPM, and this build has no support for one.
    #[error(
        "the strongbox {} keeps its root key in the TPM, and this build of Porchlight cannot reach one: build it with \
         `--features tpm`, which needs libtss2-dev.", .0.display()
    )]
    NoTpm(PathBuf),

    /// The household document is not the one that was pinned.
    #[error("the household document {} is not the one that was pinned: {why}.", path.display())]
    Household {
        /// The document.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },

    /// A household document was offered out of turn.
    #[error(
        "household document {offered} cannot follow version {current}: read the newest and make your change again."
    )]
    HouseholdVersion {
        /// The version offered.
        offered: u64,
        /// The version in force; 0 where there is none yet.
        current: u64,
    },

    /// Nothing is known by these ids: they never were, or have been forgotten.
    #[error("there is nothing with the id {}: it never was, or has been forgotten.", join(.0))]
    Unknown(Vec<Id>),

    /// These moments are being forgotten, so nothing can be made from them.
    #[error("{} is gone or being forgotten, so nothing new can be made from it.", join(.0))]
    SourceGone(Vec<Id>),

    /// Details of ledger lines are not forgotten by request.
    #[error("{} is the detail of a line in the ledger: it ends by its own end date, not by request.", join(.0))]
    Detail(Vec<Id>),

    /// A deletion was begun and could not be finished.
    #[error(
        "this is hidden from everybody and not forgotten yet: the deletion was begun, and could not be finished ({why}). Ask for it again \
         to finish it; it is also tried again every ten minutes, and at every start."
    )]
    NotForgotten {
        /// How many recordings it takes.
        recordings: usize,
        /// Why.
        why: String,
    },

    /// A hold keeps all that was to be forgotten.
    #[error("{by} holds this until {until}: it can be forgotten once the hold is released, or has ended.")]
    Held {
        /// Who holds it.
        by: String,
        /// Until when.
        until: jiff::Timestamp,
    },

    /// A hold that would have ended already.
    #[error("a hold that ends at {0} would have ended already: name an end that is still to come.")]
    HoldPast(jiff::Timestamp),

    /// A hold that would last too long.
    #[error("a hold lasts a year at most, and {until} is further away: name an end before {longest}.")]
    HoldTooLong {
        /// The end that was named.
        until: jiff::Timestamp,
        /// The latest end.
        longest: jiff::Timestamp,
    },

    /// There is no such hold.
    #[error("there is no such hold: it has ended, was released, or never was.")]
    NoHold,

    /// The plan of a deletion is not known any more.
    #[error("this preview is not known any more: make a new one and confirm that.")]
    NoPlan,

    /// Something is no receipt of a deletion, or not the detail of a line.
    #[error("this receipt cannot be read: {0}. Ask the hub for it again.")]
    BadReceipt(String),

    /// One recording is damaged; the rest is not.
    #[error("recording {id} is damaged: {what}. That says nothing of the others.")]
    Damaged {
        /// The recording.
        id: Id,
        /// What is damaged.
        what: String,
    },

    /// The recording is not sealed to the hub.
    #[error("recording {0} is not sealed to the hub: only its audience can open it.")]
    NotForHub(Id),

    /// A secret the vault itself keeps was asked for, or is not there.
    #[error("the strongbox holds no secret {0:?}: it is not the strongbox of a vault, or it is damaged.")]
    NoSecret(&'static str),

    /// The blob store failed.
    #[error("the blob store failed: {0}. Nothing was acknowledged; check the disk and its free space.")]
    Blobs(#[from] object_store::Error),

    /// The catalog is missing, was emptied or is damaged.
    #[error("{}", catalog_is(.0))]
    BadCatalog(String),

    /// The catalog failed.
    #[error("{}", of_the_catalog(.0))]
    Catalog(#[from] sqlx::Error),

    /// The keyring failed.
    #[error("the keyring: {0}")]
    Keyring(#[from] porchlight_keyring::Error),

    /// The ledger failed.
    #[error("the ledger: {0}")]
    Ledger(#[from] porchlight_ledger::Error),

    /// The operating system refused.
    #[error("cannot {doing} {}: {source}.", path.display())]
    Io {
        /// What was tried, such as "read".
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },

    /// Part of the vault stopped in the middle of its work.
    #[error(
        "the vault stopped in the middle of its work ({0}): open it again, which finishes what was begun."
    )]
    Stopped(String),
}

/// The disk that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FailedDisk {
    /// That of the data folder.
    Data,
    /// That of the strongbox in use.
    Strongbox,
    /// That on which this lies.
    Of(PathBuf),
}

impl Error {
    /// Turns what the system said of a path into an error that names both: `.map_err(Error::io("read", path))`.
    pub(crate) fn io(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Error {
        let path = path.into();
        move |source| Error::Io { doing, path, source }
    }

    /// Whether the system says that this user may not.
    pub(crate) fn is_denied(&self) -> bool {
        matches!(self, Error::Io { source, .. } if source.kind() == std::io::ErrorKind::PermissionDenied)
    }

    /// Whether the catalog is damaged: neither a full disk nor one that is out of reach.
    pub fn is_catalog_damage(&self) -> bool {
        match self {
            Error::BadCatalog(_) => true,
            Error::Catalog(why) => is_damaged(why),
            _ => false,
        }
    }

    /// Whether keys cannot be read because what holds them has rotted: a mirror may have it whole.
    pub(crate) fn is_rot_of_keys(&self) -> bool {
        use porchlight_keyring::Error as KeyringError;

        match self {
            Error::Keyring(KeyringError::SegmentDamaged { .. }) => true,
            Error::Keyring(KeyringError::Store { doing, .. }) => doing.starts_with("read "),
            _ => false,
        }
    }

    /// Whose disk failed, where one did: the words for a household name it.
    pub fn failed_disk(&self) -> Option<FailedDisk> {
        use porchlight_keyring::Error as KeyringError;
        use porchlight_ledger::Error as LedgerError;

        match self {
            _ if self.is_catalog_damage() => None,
            Error::Catalog(_) | Error::Blobs(_) | Error::Ledger(LedgerError::Store { .. }) => {
                Some(FailedDisk::Data)
            }
            Error::Keyring(
                KeyringError::Store { .. } | KeyringError::Slot { .. } | KeyringError::Poisoned,
            ) => Some(FailedDisk::Strongbox),
            Error::Io { path, source, .. } => match source.kind() {
                ErrorKind::NotFound | ErrorKind::PermissionDenied | ErrorKind::AlreadyExists => None,
                _ => Some(FailedDisk::Of(path.clone())),
            },
            _ => None,
        }
    }

    pub(crate) fn damaged(id: Id, what: impl Into<String>) -> Error {
        Error::Damaged { id, what: what.into() }
    }
}

/// What a failure of the catalog comes to. No disk with more room on it mends a page that rotted.
fn of_the_catalog(why: &sqlx::Error) -> String {
    match is_damaged(why) {
        true => catalog_is(&format!("is damaged ({why})")),
        false => {
            format!("the catalog failed: {why}. Nothing was acknowledged; check the disk and its free space.")
        }
    }
}

/// What is to be done where a file says that a vault is being ended: whoever can write to the data folder can have put it there.
fn being_ended(keys: &[PathBuf], mark: &Path) -> String {
    let named: Vec<String> = keys.iter().map(|strongbox| strongbox.display().to_string()).collect();
    match named.is_empty() {
        true => "No key of it was found: end it to the end, with `porchlight end`.".into(),
        false => format!(
            "Keys of it are still in {}. If somebody here began to end it, end it to the end, with `porchlight end`; if nobody did, remove {}.",
            named.join(", "),
            mark.display()
        ),
    }
}

fn catalog_is(what: &str) -> String {
    format!(
        "the catalog, catalog.sqlite in the data folder, {what}: put the newest copy of the data folder back in its place. The strongbox \
         of today stays, and brings it up to date."
    )
}

fn join(ids: &[Id]) -> String {
    const SHOWN: usize = 20;
    let mut text = ids.iter().take(SHOWN).map(Id::to_string).collect::<Vec<_>>().join(", ");
    if ids.len() > SHOWN {
        text += &format!(" and {} more", ids.len() - SHOWN);
    }
    text
}
