//! What can go wrong, in sentences that say what to do next.

use std::io;

use crate::segment::SEGMENT_IDS;

/// Why a keyring refuses or fails.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// [`create`](crate::Keyring::create) found a keyring, or the packs of one.
    #[error("a keyring already exists here; open it, or choose an empty place for a new one")]
    AlreadyExists,

    /// [`open`](crate::Keyring::open) found nothing at all.
    #[error("there is no keyring here: neither a root key nor a pack; check that this is the right place")]
    Absent,

    /// The store holds packs, but the slot holds no root key for them.
    #[error(
        "the slot is empty although there are packs: the root key is lost; use a mirror of this keyring, nothing else can open it"
    )]
    RootLost,

    /// Every key of this id has been destroyed.
    #[error("the key of id {id} has been destroyed and cannot be derived by anyone")]
    Gone {
        /// The id asked for.
        id: u64,
    },

    /// The id was never handed out, so no key can be in use under it.
    #[error("id {id} was never allocated by this keyring; check where it comes from")]
    NeverAllocated {
        /// The id asked for.
        id: u64,
    },

    /// A range whose start lies after its end.
    #[error("the range of ids {start}..={end} is empty; its start must not be after its end")]
    EmptyRange {
        /// Its first id.
        start: u64,
        /// Its last id.
        end: u64,
    },

    /// A secret whose name or value has a length that is not allowed.
    #[error("a secret's {part} is {length} bytes long; it must be {least} to {most}")]
    SecretLength {
        /// `name` or `value`.
        part: &'static str,
        /// Its length in bytes.
        length: usize,
        /// The smallest length allowed, in bytes.
        least: usize,
        /// The largest length allowed, in bytes.
        most: usize,
    },

    /// A secret's name begins with a NUL, as the keyring's own do.
    #[error("a secret's name must not begin with a NUL character; choose another")]
    SecretName,

    /// A file is not what it was when it was written.
    #[error("{name} is damaged: {why}; use a mirror of this keyring")]
    Damaged {
        /// The file.
        name: String,
        /// What is wrong with it.
        why: String,
    },

    /// The keys of one segment cannot be read. All other segments work.
    #[error(
        "the keys of ids {first}..={} cannot be read from {pack}: {why}; use a mirror of this keyring, or put that file back from one; without it what they seal opens no more",
        first + (SEGMENT_IDS - 1)
    )]
    SegmentDamaged {
        /// The pack that should hold them.
        pack: String,
        /// The first id of the segment.
        first: u64,
        /// What is wrong.
        why: &'static str,
    },

    /// A file was written by a later version of this library, or the number that says so has rotted.
    #[error(
        "{name} has format version {version}, this program reads up to {newest}; use a newer program, or, if none was ever used here, \
         a mirror or a copy of the file, for then that number has rotted"
    )]
    TooNew {
        /// The file.
        name: String,
        /// Its format version.
        version: u32,
        /// The newest format version this program reads.
        newest: u32,
    },

    /// The store failed. Nothing is known to be gone because of it.
    #[error("the store could not {doing}: {source}")]
    Store {
        /// What was tried, with the pack's name.
        doing: String,
        /// Why it failed.
        source: io::Error,
    },

    /// The slot failed. Nothing is known to be gone because of it.
    #[error("the slot could not {doing}: {source}")]
    Slot {
        /// What was tried.
        doing: &'static str,
        /// Why it failed.
        source: io::Error,
    },

    /// An earlier commit failed half-way, so what is durable is not known.
    #[error(
        "an earlier change to this keyring failed half-way; see to the disk, then open the keyring again"
    )]
    Poisoned,

    /// The mirror is newer than this keyring.
    #[error(
        "the mirror is at generation {theirs} and this keyring at {ours}: this keyring is not the newest, and copying it would bring back what was forgotten; use the mirror instead"
    )]
    MirrorAhead {
        /// The generation of this keyring.
        ours: u64,
        /// The generation of the mirror.
        theirs: u64,
    },

    /// This keyring and its mirror were both used since they were the same.
    #[error(
        "this keyring (generation {ours}) and its mirror (generation {theirs}) have both been used since they were the same: each has keys that the other lacks, so neither may follow the other; choose one of them"
    )]
    MirrorApart {
        /// The generation of this keyring.
        ours: u64,
        /// The generation of the mirror.
        theirs: u64,
    },

    /// The root key is lost here, and every mirror is older than what was here.
    #[error(
        "the root key is lost, and the newest mirror is at generation {found} while generation {newest} was here: what was forgotten since would come back; use a mirror that has generation {newest}"
    )]
    MirrorsOlder {
        /// The newest generation that a mirror has.
        found: u64,
        /// The newest generation of which a pack is here.
        newest: u64,
    },

    /// The keyring went on while a generation of it was being copied, and a pack of that one is gone.
    #[error("the keyring went on while generation {0} was copied to a mirror; copy the newest one")]
    Superseded(u64),

    /// The mirror's slot belongs to another keyring.
    #[error("the mirror holds another keyring; choose an empty place for the mirror of this one")]
    OtherKeyring,

    /// All 2^47 segments have been leased.
    #[error("this keyring has handed out all its ids; start a new one")]
    Exhausted,

    /// More plaintext than one AES-GCM message may have.
    #[error("the keyring's state is too large to be sealed; puncture what is no longer needed")]
    TooLarge,

    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes: {0}")]
    Random(#[from] getrandom::Error),
}

impl Error {
    pub(crate) fn store(doing: impl Into<String>, source: io::Error) -> Error {
        Error::Store { doing: doing.into(), source }
    }

    pub(crate) fn slot(doing: &'static str, source: io::Error) -> Error {
        Error::Slot { doing, source }
    }

    pub(crate) fn damaged(name: impl Into<String>, why: impl Into<String>) -> Error {
        Error::Damaged { name: name.into(), why: why.into() }
    }
}
