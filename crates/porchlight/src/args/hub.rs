//! Arguments for making and serving a household, and looking after its hub.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

pub(super) const INIT: &str = "\
The recovery kit is your own key. Print it and put it away: with it, and only with it, your exports open without a hub.
The TOTP secret goes into any authenticator app; the hub asks for its six digits at every sign-in.
The strongbox (DIR.strongbox unless you say otherwise) holds the keys that forgetting destroys. Never copy it, never back it up;
give --strongbox twice to keep a live mirror on another disk. Whoever loses every strongbox loses the recordings.
With --slot tpm no image of the disk brings back what was forgotten; clearing the TPM loses the recordings, unless there is a mirror.";

pub(super) const SERVE: &str = "\
With --set-up, and no household at --data yet, open the address in a browser and type the code that is printed here: the household is
made there, with the same result as `porchlight init`, and served from then on. The code is of no use afterwards.

The hub writes no log of what is said or seen. Stop it with Ctrl-C or SIGTERM; after a power cut it goes on where it was.
What is given here is remembered in DIR/settings.toml, so that the next start needs nothing but --data; `porchlight doctor` shows it.
With --phones yes the home's network is served too, by HTTPS alone, as https://porchlight.local:8420, while this computer goes on as
before; with --listen 0.0.0.0:8420 this computer speaks HTTPS as well. The certificate is of the household's own authority, which can vouch for nothing outside the home; DIR/authority.pem is what phones and computers are to
trust: porchlight --hub https://porchlight.local:8420 sign-in --authority authority.pem …";

#[derive(Debug, Args)]
pub(crate) struct Init {
    #[command(flatten)]
    pub folders: Folders,
    /// Where the strongbox keeps its root key: `file`, or `tpm` for this computer's TPM 2.0
    #[arg(long, value_name = "SLOT", default_value = "file")]
    pub slot: SlotName,
    /// The TPM, named as the TPM2 tools name it
    #[arg(long, env = "PORCHLIGHT_TPM", value_name = "TPM", default_value = "device:/dev/tpmrm0")]
    pub tpm: String,
    /// The owner's name
    #[arg(long, value_name = "NAME")]
    pub owner: String,
    /// The owner's birth month; owners are adults, and without it one is put down that can be corrected: porchlight person born
    #[arg(long, value_name = "YYYY-MM")]
    pub born: Option<String>,
    /// The file with the owner's passphrase
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: PathBuf,
    /// Where to write the owner's recovery kit (mode 0600)
    #[arg(long, value_name = "FILE")]
    pub recovery_kit: PathBuf,
    /// Where to write the secret for the owner's authenticator app (mode 0600); without it, it is shown once
    #[arg(long, value_name = "FILE")]
    pub totp_secret_file: Option<PathBuf>,
    /// The household's time zone; without it, this computer's
    #[arg(long, value_name = "Area/City")]
    pub time_zone: Option<String>,
    /// The household's language
    #[arg(long, default_value = "en")]
    pub language: String,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum SlotName {
    File,
    Tpm,
}

#[derive(Debug, Args)]
pub(crate) struct Folders {
    /// The data folder
    #[arg(long, env = "PORCHLIGHT_DATA", value_name = "DIR")]
    pub data: PathBuf,
    /// The strongbox, DATA.strongbox unless given; again for each mirror on another disk
    #[arg(long, value_name = "DIR")]
    pub strongbox: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    pub folders: Folders,
    /// Where there is no household yet, let one be made in a browser by whoever reads the code that is printed here
    #[arg(long)]
    pub set_up: bool,
    /// The address and port to serve; port 0 takes any free one. Every address but a loopback one is served by HTTPS alone
    /// [default: 127.0.0.1:8420]
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<std::net::SocketAddr>,
    /// Let the home's phones in: the network is served at the same port by HTTPS, while this computer goes on as before
    #[arg(long, value_name = "yes|no")]
    pub phones: Option<YesNo>,
    /// Serve a loopback address by HTTPS too
    #[arg(long)]
    pub https: bool,
    /// A certificate in PEM, with those that lead to its authority, in the place of one of the household's own authority
    #[arg(long, value_name = "FILE", requires = "certificate_key")]
    pub certificate: Option<PathBuf>,
    /// The private key of that certificate, in PEM
    #[arg(long, value_name = "FILE", requires = "certificate")]
    pub certificate_key: Option<PathBuf>,
    /// Do not answer to porchlight.local
    #[arg(long)]
    pub no_announce: bool,
    /// The folder of speech models, where it is not the usual one
    #[arg(long, env = "PORCHLIGHT_MODELS", value_name = "DIR")]
    pub(crate) models: Option<PathBuf>,
    /// Serve numbers for a monitor at this address of this computer, at /metrics: how the hub is, and nothing of anybody
    #[arg(long, value_name = "ADDRESS")]
    pub metrics: Option<std::net::SocketAddr>,
    /// Leave out what was remembered of the last start; what is given here is remembered in its place
    #[arg(long)]
    pub defaults: bool,
    /// How the log is written: as text, or as one JSON object a line
    #[arg(long, value_name = "FORM", default_value = "text")]
    pub log: LogForm,
    /// Do not have the kernel keep the hub to its own folders
    #[arg(long)]
    pub unconfined: bool,
}

/// Whether something is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum YesNo {
    Yes,
    No,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum LogForm {
    Text,
    Json,
}

pub(super) const END: &str = "\
Stop the hub first. The root keys in the strongbox and in every mirror that is attached are destroyed, and a TPM's memory is given back;
then the folders are cleared away. What lies in them and is not Porchlight's stays, and is named. A mirror that is not attached is named
too: attach it, and do the same again. Recovery kits open exports that were taken, and nothing else any more.";

#[derive(Debug, Args)]
pub(crate) struct End {
    #[command(flatten)]
    pub folders: Folders,
    /// The household's name, or its owner's where it has none, in the place of typing it when asked
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Look over this data folder itself, with no hub running
    #[arg(long, env = "PORCHLIGHT_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Its strongbox, DATA.strongbox unless given; again for each mirror
    #[arg(long, value_name = "DIR")]
    pub strongbox: Vec<PathBuf>,
    /// Open every recording and read all its bytes, which takes as long as that takes; otherwise they are counted
    #[arg(long)]
    pub thorough: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ClockCommand {
    /// What it shows, and whether what reaches its end is being forgotten
    Show,
    /// Say that what it shows is right: what is due is then forgotten, for good. Needs a fresh sign-in
    Confirm {
        /// Do not ask first
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum CopiesCommand {
    /// Whether an older copy was put back, and of when it is
    Show,
    /// Let copies end that are newer than the one that was put back: what they alone hold is gone for good. Needs a fresh sign-in
    EndNewer {
        /// Do not ask first
        #[arg(long)]
        yes: bool,
    },
}

/// What can be done to strongboxes while no hub runs.
#[derive(Debug, Subcommand)]
pub(crate) enum StrongboxCommand {
    /// Keep this strongbox, and let the others follow it: what only they can open is lost
    #[command(after_help = KEEP)]
    Keep(Keep),
}

pub(super) const KEEP: &str = "\
A strongbox and its mirror that were both used by themselves have each keys and lines that the other lacks, so the hub lets neither
follow the other, and does not start. Without --yes this only shows what each holds: its generation, how many lines the ledger had,
and when it was used last. The data folder has to be the one that was used with the strongbox you keep.";

#[derive(Debug, Args)]
pub(crate) struct Keep {
    /// The strongbox to keep
    #[arg(value_name = "DIR")]
    pub kept: PathBuf,
    /// A strongbox that is to follow it; again for each. Those that it is known to have need not be named
    #[arg(long, value_name = "DIR")]
    pub strongbox: Vec<PathBuf>,
    /// Do it
    #[arg(long)]
    pub yes: bool,
}
