//! Arguments for the ledger, receipts, and proving that something is gone.

use std::path::PathBuf;

use clap::{ArgAction, Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum LedgerCommand {
    /// List its lines, with what each says to you
    List(LedgerList),
    /// Check all of it: that it is signed, and that it has the same past as this computer saw it have
    #[command(after_help = LEDGER_VERIFY)]
    Verify {
        /// A checkpoint or a receipt that it must agree with; again for each
        #[arg(long, value_name = "FILE")]
        against: Vec<PathBuf>,
    },
    /// Lay it out as a tiled log (C2SP tlog-tiles) that other programs can check
    Export(LedgerExport),
    /// Print its name and key, to put away: receipts are checked with it
    Key,
    /// Give it another signing key; the old key and the new one both sign that it is so
    RenewKey,
}

const LEDGER_VERIFY: &str = "\
This computer remembers the ledger as it saw it last. A ledger that lost or changed a line since, or is signed with a key that nobody
was told of, is refused loudly. Checkpoints and receipts that others kept can be held against it too:
  porchlight ledger verify --against anna.receipt --against checkpoint-of-tom.txt";

#[derive(Debug, Args)]
pub(crate) struct LedgerList {
    /// Begin with this line
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    pub from_line: u64,
    /// Only lines of this kind; again or with commas for several: look, deletion, consent, sign-in …
    #[arg(long, value_delimiter = ',', action = ArgAction::Append)]
    pub kind: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct LedgerExport {
    /// The folder to write to, new or empty
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

pub(super) const PROVE_GONE: &str = "\
Run it where the hub runs; the hub may run meanwhile. Every byte below the folders is searched for sealed remains, and every slot, pack
of keys, key and age identity found there is tried on them, as a thief would:
  porchlight prove-gone anna.receipt --data ~/porchlight --in /mnt/backup
It succeeds only if nothing opens, and says what it cannot know.";

#[derive(Debug, Args)]
pub(crate) struct ProveGone {
    /// The receipt of the deletion
    pub receipt: PathBuf,
    /// A file with the ledger's name and key, as `porchlight ledger key` prints it
    #[arg(long, value_name = "FILE")]
    pub ledger_key: Option<PathBuf>,
    /// The hub's data folder
    #[arg(long, env = "PORCHLIGHT_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Its strongbox, DATA.strongbox unless given; again for each mirror
    #[arg(long, value_name = "DIR")]
    pub strongbox: Vec<PathBuf>,
    /// Another folder to search, such as a backup; again for each
    #[arg(long = "in", value_name = "FOLDER")]
    pub folders: Vec<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ReceiptCommand {
    /// Check a receipt, with no hub and no network, and say in words what it proves
    #[command(after_help = RECEIPT_VERIFY)]
    Verify(ReceiptVerify),
    /// Get the receipt of a deletion anew, with what has become of it by now
    Get(ReceiptGet),
}

const RECEIPT_VERIFY: &str = "\
A receipt says which keys were destroyed, what stays, who had looked before, and which mirrors of the strongbox have followed. It is
refused if a single byte of it was changed. The key to check it with is the household's (`porchlight ledger key`): this computer knows it
once somebody has signed in here; elsewhere give it with --ledger-key. Under a key that nobody here knows it exits with 4: it fits together,
and so would one that somebody made up.
Whether the ledger has kept to it since, only the ledger can show: porchlight ledger verify --against FILE";

#[derive(Debug, Args)]
pub(crate) struct ReceiptVerify {
    /// The receipt
    pub file: PathBuf,
    /// A file with the ledger's name and key, as `porchlight ledger key` prints it
    #[arg(long, value_name = "FILE")]
    pub ledger_key: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ReceiptGet {
    /// The line of the ledger, from `porchlight ledger list --kind deletion`
    pub line: u64,
    /// Where to write it; without it, among this computer's receipts
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}
