//! Arguments for what is kept: listing, opening, forgetting and holding it.

use std::path::PathBuf;

use clap::{ArgAction, Args, Subcommand, ValueEnum};

pub(super) const LIST: &str = "\
Examples:
  porchlight list --kind film --device Porch --from 2026-11-20
  porchlight list --person Anna --from 2026-11-23T18:00 --to 2026-11-23T19:00 --json

Film is told in stretches, with what is missing between them; --each tells the pieces of some seconds in which it is kept, and so does --json.
A stretch is named by its camera and any time in it, wherever film is chosen: --device Porch --at 08:40. Listing shows when and where, never what. It opens nothing, so it is not a look.";

pub(super) const EXPORT: &str = "\
Examples:
  porchlight export --device Porch --at 08:40 --as clip --out DIR     the film that was running then, ready to play
  porchlight export --person Anna --out DIR                           what Anna said, sealed

Film becomes one MP4 file for each stretch, named by when it begins and its camera, without being encoded anew; where film is missing, or is of
another form, the next file begins. With --as clip these files are not sealed: whoever has them sees them. With --as age, and of everything
else, they are sealed to you, every other recording as DIR/ID.age. DIR/manifest.json says what each is. Open one with Debian's age:
  age -d -i recovery-kit.txt \"DIR/2026-11-23 18.00.04 Porch, 12 minutes.mp4.age\" > clip.mp4
An export is a look: the household sees it in the ledger. It takes a proof of the last 15 minutes that it is you (session prove).";

pub(super) const OPEN: &str = "\
Examples:
  porchlight open 4711 --out words.txt                                one recording
  porchlight open --device Porch --at 08:40 --out clip.mp4            the film that was running then";

pub(super) const FORGET: &str = "\
Examples:
  porchlight forget 4711                          this recording, and all of the moment it belongs to
  porchlight forget --device Kitchen --from 2026-11-23 --dry-run
  porchlight forget --device Porch --at 08:40     the stretch of film that was running then
  porchlight forget --all --yes

What goes is shown first. It is gone from every copy of the data folder at once, and nothing brings it back.";

/// The filters that `list`, `export`, `open`, `forget` and `hold` share.
#[derive(Debug, Default, Args)]
pub(crate) struct Filters {
    /// Only from this device
    #[arg(long, value_name = "NAME")]
    pub device: Option<String>,
    /// Only of this person
    #[arg(long, value_name = "NAME")]
    pub person: Option<String>,
    /// Only of this kind; again or with commas for several: voice, transcript, reply, film, note, timer, look
    #[arg(long, value_delimiter = ',', action = ArgAction::Append)]
    pub kind: Vec<String>,
    /// What was not over by then: 2026-11-23, 2026-11-23T18:00 (the household's time), or RFC 3339
    #[arg(long, value_name = "TIME")]
    pub from: Option<String>,
    /// What began before then; a bare date means to the end of that day
    #[arg(long, value_name = "TIME")]
    pub to: Option<String>,
    /// The stretch of film that was running then, whole: 08:40 (of today), 2026-11-23T08:40 (the household's time), or RFC 3339
    #[arg(long, value_name = "TIME", conflicts_with_all = ["from", "to", "person", "kind"])]
    pub at: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    pub filters: Filters,
    /// Each piece of film by itself, with its id
    #[arg(long)]
    pub each: bool,
}

/// What film is taken away as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum TakenAs {
    /// A clip for each stretch, sealed to whoever takes it
    #[default]
    Age,
    /// A clip for each stretch that any player plays, not sealed
    Clip,
}

#[derive(Debug, Args)]
pub(crate) struct Export {
    /// Recordings by id; without any, all that fit the filters
    #[arg(value_name = "ID")]
    pub ids: Vec<u64>,
    #[command(flatten)]
    pub filters: Filters,
    /// What film becomes; with `clip`, film is all that is taken unless ids or kinds are given
    #[arg(long = "as", value_name = "FORM", default_value = "age")]
    pub taken_as: TakenAs,
    /// The folder to write to; made if it is not there
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Open {
    /// The recording's id; without it, the film that fits the filters
    #[arg(value_name = "ID", required_unless_present_any = ["device", "from", "to", "at"], conflicts_with_all = ["device", "person", "kind", "from", "to", "at"])]
    pub id: Option<u64>,
    #[command(flatten)]
    pub filters: Filters,
    /// Your recovery kit, or any age identity file that may open it; without it, the key of your session
    #[arg(long, value_name = "FILE")]
    pub identity: Option<PathBuf>,
    /// Where to write it; `-` is standard output
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Forget {
    /// Recordings or moments by id
    #[arg(value_name = "ID")]
    pub ids: Vec<u64>,
    #[command(flatten)]
    pub filters: Filters,
    /// Everything that you may forget
    #[arg(long, conflicts_with_all = ["ids", "device", "person", "kind", "from", "to", "at"])]
    pub all: bool,
    /// Only show what would go
    #[arg(long)]
    pub dry_run: bool,
    /// Forget without asking
    #[arg(long)]
    pub yes: bool,
    /// Keep the timers and list items that the requests left behind
    #[arg(long)]
    pub keep_effects: bool,
    /// Where to write the receipt; without it, among this computer's receipts
    #[arg(long, value_name = "FILE")]
    pub receipt: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum HoldCommand {
    /// Hold the moments of recordings until a date
    #[command(after_help = HOLD)]
    Add(Box<HoldAdd>),
    /// List what is held
    List,
    /// Release a hold before its end
    Release {
        /// The hold, from `porchlight hold list`
        id: u64,
    },
}

const HOLD: &str = "\
What is held cannot be forgotten, by anybody or by its end date, until the hold ends or is released. Every hold and every release
is in the ledger; only the adults of the household can read why. Example:
  porchlight hold add --device Porch --from 2026-11-23T18:00 --to 2026-11-23T19:00 --until 2027-02-28 --why \"for the insurance\"";

#[derive(Debug, Args)]
pub(crate) struct HoldAdd {
    /// Recordings or moments by id
    #[arg(value_name = "ID")]
    pub ids: Vec<u64>,
    #[command(flatten)]
    pub filters: Filters,
    /// When the hold ends by itself, at most 366 days from now: a date means the end of that day
    #[arg(long, value_name = "TIME")]
    pub until: String,
    /// Why
    #[arg(long, value_name = "WORDS")]
    pub why: String,
}
