//! What can go wrong, in sentences that say what to do next.

use std::io;

/// Why a ledger could not do what it was asked.
///
/// No message holds the bytes of an entry.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store failed to read or write.
    #[error("could not {doing}: {source}; check the disk and the folder's permissions, then start again")]
    Store {
        /// What was being done, as words that follow "could not".
        doing: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// [`crate::Ledger::create`] found a ledger in the store.
    #[error("there is a ledger here already; open it instead of creating a new one")]
    Exists,
    /// [`crate::Ledger::open`] found no ledger, and no checkpoint was pinned that would say there was one.
    #[error("there is no ledger here; create one, or check that this is the right folder")]
    Missing,
    /// An origin or key name that a signed note cannot carry.
    #[error("{name:?} cannot be the name of a ledger: {why}")]
    BadName {
        /// The name that was refused.
        name: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// What was found belongs to another signing key.
    #[error(
        "{what} was made with another key than the one given; use the key that this ledger was created with"
    )]
    OtherKey {
        /// What was found.
        what: &'static str,
    },
    /// What was found belongs to another ledger.
    #[error(
        "{what} belongs to the ledger {found:?}, not to {expected:?}; check that the right folder was opened"
    )]
    OtherOrigin {
        /// What was found.
        what: &'static str,
        /// The origin that it names.
        found: String,
        /// The origin that was asked for.
        expected: String,
    },
    /// Written by a newer release, or a digit that rotted: which of them, the bytes alone do not say.
    #[error(
        "{what} has format version {found}, and this release reads up to version {known}; use a newer release, or, if none was ever \
         used here, put a copy of the file back, for then the digit that says the version has rotted"
    )]
    Newer {
        /// What was found.
        what: &'static str,
        /// Its version.
        found: u64,
        /// The newest version known here.
        known: u64,
    },
    /// A file that is not a ledger's.
    #[error("tree {tree} does not begin like a ledger; put back the file that belongs there")]
    NotALedger {
        /// The number of the tree.
        tree: u32,
    },
    /// Bytes in the middle of the log are not what was written.
    #[error(
        "tree {tree} of the ledger is damaged at byte {at}; \
         put back a whole copy of its file, or move the file away and a new tree will say that it is missing"
    )]
    Damaged {
        /// The number of the tree.
        tree: u32,
        /// Where the damage was noticed, in bytes from the beginning of the tree's file.
        at: u64,
    },
    /// The store and the pinned checkpoint cannot both be true.
    #[error(
        "the ledger contradicts its pinned checkpoint of {size} entries: \
         entries were rewritten or the checkpoint is not its newest; put back a copy of the ledger that was not altered"
    )]
    Forked {
        /// The number of entries that the pinned checkpoint covers.
        size: u64,
    },
    /// An entry longer than an entry bundle can hold.
    #[error(
        "an entry of {length} bytes is too long; a ledger's entry has at most {} bytes",
        crate::limits::MAX_ENTRY
    )]
    EntryTooLong {
        /// The length of the entry in bytes.
        length: usize,
    },
    /// More bytes in one append than a ledger takes.
    #[error(
        "one append of {length} bytes is too large; append at most {} bytes at a time",
        crate::limits::MAX_BODY
    )]
    AppendTooLarge {
        /// The length of all its entries in bytes.
        length: usize,
    },
    /// A proof was asked for about entries that the ledger does not have.
    #[error("the ledger has {size} entries, so nothing can be proven about {asked}; ask for a smaller tree")]
    OutOfRange {
        /// What was asked for: an index or a size.
        asked: u64,
        /// The number of entries that are there.
        size: u64,
    },
    /// Text that is not a signed note.
    #[error("this is not a signed note: {0}")]
    Note(&'static str),
    /// A signed note with a bad signature by the key that was asked for.
    #[error("the note bears a bad signature by {name:?}: {why}; do not trust its text")]
    Signature {
        /// The name of the key.
        name: String,
        /// What is wrong.
        why: &'static str,
    },
    /// A signed note without any signature by the key that was asked for.
    #[error("the note is not signed by {name:?}; do not trust its text")]
    NotSigned {
        /// The name of the key.
        name: String,
    },
    /// Text that is not a verifier key.
    #[error("this is not a verifier key of the form NAME+ID+KEY: {0}")]
    VerifierKey(&'static str),
    /// A note that is not a checkpoint.
    #[error("this is not a checkpoint: {0}")]
    Checkpoint(&'static str),
    /// Text that is not a proof of the form tlog-proof.
    #[error("this is not a proof of being in a log: {0}")]
    LogProof(&'static str),
    /// A note that is not a succession of keys.
    #[error("this is not a succession of signing keys: {0}; do not trust the newer key")]
    Succession(&'static str),
    /// A note that is not an addendum to the entry that was asked about.
    #[error("this is not an addendum to that entry: {0}")]
    Addendum(&'static str),
    /// Bytes that are not a receipt.
    #[error("this is not a receipt, or not as it was given out: {0}")]
    Receipt(&'static str),
    /// A receipt of another ledger than the one that is trusted.
    #[error(
        "this receipt is signed with the key {found}, and the ledger you trust has the key {expected}: it is of another ledger, or forged"
    )]
    OtherLedger {
        /// The key that signed the receipt.
        found: String,
        /// The key that the trusted one has become.
        expected: String,
    },
    /// A proof that does not lead to the root that it should.
    #[error("the proof does not hold: {0}")]
    Proof(&'static str),
    /// Text that is not a hash in base64.
    #[error("this is not a hash: {0}")]
    Hash(&'static str),
    /// Bytes that are not an entry of the kind expected.
    #[error("this is not such an entry: {0}")]
    Entry(&'static str),
    /// Text that is not the path of a tile.
    #[error("this is not the path of a tile or entry bundle: {0}")]
    TilePath(&'static str),
    /// The system gave no random bytes for a salt.
    #[error("the system gave no random bytes ({0}); nothing was committed to")]
    Random(getrandom::Error),
}

impl Error {
    /// For `map_err`: the store failed while `doing` something.
    pub(crate) fn store(doing: &'static str) -> impl FnOnce(io::Error) -> Error {
        move |source| Error::Store { doing, source }
    }
}
