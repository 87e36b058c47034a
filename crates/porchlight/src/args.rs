//! The command line as it is typed: every command, argument and help text.

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

/// A home hub that can truly forget: a voice assistant and security cameras, sealed to your household.
#[derive(Debug, Parser)]
#[command(name = "porchlight", version, propagate_version = true, arg_required_else_help = true, after_help = START)]
pub(crate) struct Arguments {
    /// The hub's address; without it, the hub you signed in to last
    #[arg(long, global = true, env = "PORCHLIGHT_HUB", value_name = "URL")]
    pub hub: Option<String>,
    /// Print one JSON object a line on standard output, for scripts
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

const START: &str = "\
Start here:
  porchlight init --data ~/porchlight --owner Anna --passphrase-file pass.txt \\
      --recovery-kit kit.txt --totp-secret-file totp.txt
  porchlight serve --data ~/porchlight
  porchlight sign-in --hub http://127.0.0.1:8420 --name Anna \\
      --passphrase-file pass.txt --totp-secret-file totp.txt
  porchlight device add Porch --kind camera --url rtsp://user:password@192.168.1.20/stream
  porchlight list

Every command explains itself: porchlight help COMMAND";

/// What Porchlight can be told to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a new household: its data folder, its strongbox, and the owner's keys
    #[command(after_help = INIT)]
    Init(Init),
    /// Run the hub
    #[command(after_help = SERVE)]
    Serve(Serve),
    /// Sign in to a hub; the session stays on this computer until you sign out
    SignIn(SignIn),
    /// End this computer's session
    SignOut,
    /// Who is signed in as you, and where
    #[command(subcommand)]
    Session(SessionCommand),
    /// The people of the household
    #[command(subcommand)]
    Person(PersonCommand),
    /// What people agreed to have kept, and for what
    #[command(subcommand)]
    Consent(ConsentCommand),
    /// Microphones, cameras and phones
    #[command(subcommand)]
    Device(DeviceCommand),
    /// Say something to Porchlight: a WAV file goes in, an answer comes out
    #[command(after_help = SAY)]
    Say(Say),
    /// Ask Porchlight something in writing
    #[command(after_help = ASK)]
    Ask(Ask),
    /// The words that Porchlight hears in a WAV file; nothing is answered or kept
    Hear(Hear),
    /// What requests left behind: timers, lists, reminders
    #[command(subcommand)]
    Effect(EffectCommand),
    /// What was answered and forgotten today: that it was, when and where
    Answered,
    /// Turn a sentence into speech, in Porchlight's voice
    Speak(Speak),
    /// Follow what happens: timers that end, cameras that come and go, what is forgotten
    Events(Events),
    /// List what is kept
    #[command(after_help = LIST)]
    List(List),
    /// Take recordings away as age files that your recovery kit opens
    #[command(after_help = EXPORT)]
    Export(Export),
    /// Open one recording with your own key; the hub only hands out the sealed file
    Open(Open),
    /// Forget recordings for good, after showing exactly what goes
    #[command(after_help = FORGET)]
    Forget(Forget),
    /// Keep recordings from being forgotten for a while: an accident on the camera
    #[command(subcommand)]
    Hold(HoldCommand),
    /// The ledger: every look, deletion, consent and sign-in, and whether it adds up
    #[command(subcommand)]
    Ledger(LedgerCommand),
    /// Receipts of deletions, which anybody can check without the hub
    #[command(subcommand)]
    Receipt(ReceiptCommand),
    /// Search this machine for what a receipt says is gone, with every key that lies here
    #[command(after_help = PROVE_GONE)]
    ProveGone(ProveGone),
    /// The retention policy in plain words, made from the rules that run
    Policy,
    /// Look over the hub, its folders and its cameras, and say what to mend
    Doctor(Doctor),
    /// Print the OpenAPI document of the hub's HTTP API
    Openapi,
}

const INIT: &str = "\
The recovery kit is your own key. Print it and put it away: with it, and only with it, your exports open without a hub.
The TOTP secret goes into any authenticator app; the hub asks for its six digits at every sign-in.
The strongbox (DIR.strongbox unless you say otherwise) holds the keys that forgetting destroys. Never copy it, never back it up;
give --strongbox twice to keep a live mirror on another disk. Whoever loses every strongbox loses the recordings.
With --slot tpm no image of the disk brings back what was forgotten; clearing the TPM loses the recordings, unless there is a mirror.";

const SERVE: &str = "\
With --set-up, and no household at --data yet, open the address in a browser and type the code that is printed here: the household is
made there, with the same result as `porchlight init`, and served from then on. The code is of no use afterwards.

The hub writes no log of what is said or seen. Stop it with Ctrl-C or SIGTERM; after a power cut it goes on where it was.
With --listen 0.0.0.0:8420 the whole home network is served, by HTTPS alone, as https://porchlight.local:8420. The certificate is
of the household's own authority, which can vouch for nothing outside the home; DIR/authority.pem is what phones and computers are to
trust: porchlight --hub https://porchlight.local:8420 sign-in --authority authority.pem …";

const SAY: &str = "\
The file is 16 kHz, mono, 16-bit PCM. To convert another one:
  ffmpeg -i IN -ac 1 -ar 16000 -c:a pcm_s16le OUT.wav

Without --device it is you who speaks, in your own session. With --device it is whoever stands at that microphone: only one that is
personal to you makes the voice known as yours. An unknown voice is answered, and nothing of it is kept.
Your own words are kept only if you agreed: porchlight consent grant NAME history";

const ASK: &str = "\
Examples:
  porchlight ask \"Put oat milk on the shopping list.\"
  porchlight ask \"Forget what I said yesterday.\" and then, if that is what you want: porchlight ask yes

It is answered as it would be if you had said it. Your own words are kept only if you agreed: porchlight consent grant NAME history";

const LIST: &str = "\
Examples:
  porchlight list --kind video --device Porch --from 2026-11-20
  porchlight list --person Anna --from 2026-11-23T18:00 --to 2026-11-23T19:00 --json

Listing shows when and where, never what. It opens nothing, so it is not a look.";

const EXPORT: &str = "\
Each recording becomes DIR/ID.age; DIR/manifest.json says what each is. Open one with Debian's age:
  age -d -i recovery-kit.txt DIR/ID.age > recording
An export is a look: the household sees it in the ledger.";

const FORGET: &str = "\
Examples:
  porchlight forget 4711                          this recording, and all of the moment it belongs to
  porchlight forget --device Kitchen --from 2026-11-23 --dry-run
  porchlight forget --all --yes

What goes is shown first. It is gone from every copy of the data folder at once, and nothing brings it back.";

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
    /// The owner's birth month; owners are adults
    #[arg(long, value_name = "YYYY-MM", default_value = "1980-01")]
    pub born: String,
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
    #[arg(long, default_value = "127.0.0.1:8420", value_name = "ADDRESS")]
    pub listen: std::net::SocketAddr,
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
}

#[derive(Debug, Args)]
pub(crate) struct SignIn {
    /// Your name in the household
    #[arg(long)]
    pub name: String,
    /// The file with your passphrase
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: PathBuf,
    /// The file with your authenticator's secret; without it you are asked for the six digits
    #[arg(long, value_name = "FILE")]
    pub totp_secret_file: Option<PathBuf>,
    /// The certificate of the household's authority (authority.pem in the hub's data folder), for an https hub; remembered
    #[arg(long, value_name = "FILE")]
    pub authority: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SessionCommand {
    /// List your sessions
    List,
    /// Call one of your sessions something
    Name {
        /// The session's id, from `session list`
        id: String,
        /// What to call it; without it, the name is taken away
        name: Option<String>,
    },
    /// End one of your sessions
    End {
        /// The session's id, from `session list`
        id: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum PersonCommand {
    /// Add a person; a child needs a guardian
    #[command(after_help = PERSON)]
    Add(PersonAdd),
    /// List the people
    List,
    /// Call a person something else: they sign in with the new name, and everything else stays
    Rename {
        /// The person's name
        name: String,
        /// The new name
        new_name: String,
    },
    /// Correct a person's birth month
    Born {
        /// The person's name
        name: String,
        /// The birth month, which says whether they are a child, a teen or an adult
        #[arg(value_name = "YYYY-MM")]
        born: String,
        /// Their guardian, where they are a child by it; again for each
        #[arg(long, value_name = "NAME")]
        guardian: Vec<String>,
    },
    /// Say who looks after a child or teen; what a guardian who is none any more agreed to ends
    Guardian {
        /// The name of the child or teen
        name: String,
        /// Everybody who looks after them; a teen may have nobody
        #[arg(value_name = "GUARDIAN")]
        guardians: Vec<String>,
        /// Do it without asking
        #[arg(long)]
        yes: bool,
    },
    /// Let an adult change the household
    Owner {
        /// The adult's name
        name: String,
        /// No longer
        #[arg(long)]
        not: bool,
    },
    /// Remove a person: their sessions end, and what was kept for them is forgotten
    Remove {
        /// The person's name
        name: String,
        /// Do it without asking
        #[arg(long)]
        yes: bool,
    },
}

const PERSON: &str = "\
An adult signs in, and has recordings of their own, once they have a passphrase. Let them type it here:
  porchlight person add Tom --born 1984-03 --passphrase-file tom.txt --recovery-kit tom-kit.txt --totp-secret-file tom-totp.txt";

#[derive(Debug, Args)]
pub(crate) struct PersonAdd {
    /// Their name
    pub name: String,
    /// Their birth month, which says whether they are a child, a teen or an adult
    #[arg(long, value_name = "YYYY-MM")]
    pub born: String,
    /// Their guardian; again for each
    #[arg(long, value_name = "NAME")]
    pub guardian: Vec<String>,
    /// The file with their passphrase, to let them sign in
    #[arg(long, value_name = "FILE", requires = "recovery_kit")]
    pub passphrase_file: Option<PathBuf>,
    /// Where to write their recovery kit (mode 0600)
    #[arg(long, value_name = "FILE", requires = "passphrase_file")]
    pub recovery_kit: Option<PathBuf>,
    /// Where to write the secret for their authenticator app (mode 0600); without it, it is shown once
    #[arg(long, value_name = "FILE", requires = "passphrase_file")]
    pub totp_secret_file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConsentCommand {
    /// Agree to a purpose
    #[command(after_help = CONSENT)]
    Grant(ConsentChange),
    /// Take an agreement back; what was kept for it is forgotten
    Withdraw(ConsentChange),
    /// List who agreed to what
    List,
}

const CONSENT: &str = "\
Purposes:
  history         keep what I say and the answers, to look back on
  security:CAMERA keep this camera's pictures (agreed to when a camera is added)
  sound:CAMERA    keep this camera's sound as well
  recognition     learn my voice, to know me at shared microphones
  reminder        keep what I ask to be reminded of
  sharing         let recordings leave the hub
  training        let recordings improve models
Nothing is agreed to until you say so, and refusing one loses nothing else.";

#[derive(Debug, Args)]
pub(crate) struct ConsentChange {
    /// Whose recordings it is about
    pub name: String,
    /// The purposes
    #[arg(required = true)]
    pub purpose: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DeviceCommand {
    /// Add a microphone, camera or phone
    #[command(after_help = DEVICE)]
    Add(DeviceAdd),
    /// List the devices, how each is, and what cameras missed
    List,
    /// Call a device something else
    Rename {
        /// The device's name
        name: String,
        /// The new name
        new_name: String,
    },
    /// Say that a device is in another room
    Move {
        /// The device's name
        name: String,
        /// The room; none for a device that is carried around
        room: Option<String>,
    },
    /// Remove a device: its recordings are forgotten, and its password destroyed
    Remove {
        /// The device's name
        name: String,
        /// Do it without asking
        #[arg(long)]
        yes: bool,
    },
}

const DEVICE: &str = "\
Examples:
  porchlight device add Kitchen --kind microphone --room Kitchen
  porchlight device add \"Anna's phone\" --kind microphone --person Anna
  porchlight device add Porch --kind camera --url rtsp://user:password@192.168.1.20/stream --room Porch

--person says that nobody else ever speaks there. A camera's user and password are sealed under the strongbox and shown nowhere.
So that they do not end up in your shell's history, give --url - and type the address on standard input.";

#[derive(Debug, Args)]
pub(crate) struct DeviceAdd {
    /// Its name
    pub name: String,
    /// What it is
    #[arg(long)]
    pub kind: DeviceKind,
    /// A camera's RTSP address, with user and password if it wants them; `-` reads it from standard input
    #[arg(long)]
    pub url: Option<String>,
    /// The room it is in
    #[arg(long)]
    pub room: Option<String>,
    /// The adult it is personal to: nobody else speaks there
    #[arg(long, value_name = "NAME")]
    pub person: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum DeviceKind {
    Microphone,
    Camera,
    Phone,
}

#[derive(Debug, Args)]
pub(crate) struct Say {
    /// The WAV file: 16 kHz, mono, 16-bit PCM, two minutes at most
    pub file: PathBuf,
    /// The microphone it was spoken into
    #[arg(long, value_name = "NAME")]
    pub device: Option<String>,
    /// Where to write the spoken answer
    #[arg(long, value_name = "REPLY.wav")]
    pub out: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct Ask {
    /// The words
    pub text: String,
    /// The device that stands in the room where they are written
    #[arg(long, value_name = "NAME")]
    pub device: Option<String>,
    /// Where to write the spoken answer
    #[arg(long, value_name = "REPLY.wav")]
    pub out: Option<PathBuf>,
}

impl std::fmt::Debug for Ask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ask").field("text", &self.text.len()).finish_non_exhaustive()
    }
}

#[derive(Debug, Args)]
pub(crate) struct Hear {
    /// The WAV file: 16 kHz, mono, 16-bit PCM, two minutes at most
    pub file: PathBuf,
}

#[derive(Debug, Subcommand)]
pub(crate) enum EffectCommand {
    /// List timers, what is on lists, and reminders
    List,
    /// Put something on a list, word for word
    Add {
        /// What
        item: String,
        /// Which list
        #[arg(long, default_value = "shopping")]
        list: String,
    },
    /// Tick a list item off, cancel a timer or a reminder: it is forgotten at once
    Done {
        /// Which, from `porchlight effect list`
        id: u64,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Speak {
    /// The sentence
    pub text: String,
    /// Where to write the WAV file
    #[arg(long, value_name = "FILE.wav")]
    pub out: PathBuf,
    /// Samples a second; 16000 makes a file that `say` takes
    #[arg(long, default_value_t = 22050, value_parser = clap::value_parser!(u32).range(8000..=48000))]
    pub rate: u32,
}

#[derive(Debug, Args)]
pub(crate) struct Events {
    /// Only what is to be spoken at this device
    #[arg(long, value_name = "NAME")]
    pub device: Option<String>,
    /// Write what is to be spoken as WAV files into this folder
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Begin with what came after this event
    #[arg(long, value_name = "NUMBER")]
    pub after: Option<u64>,
    /// Stop after so many events
    #[arg(long, value_name = "N")]
    pub count: Option<usize>,
}

/// The filters that `list`, `export` and `forget` share.
#[derive(Debug, Args)]
pub(crate) struct Filters {
    /// Only from this device
    #[arg(long, value_name = "NAME")]
    pub device: Option<String>,
    /// Only of this person
    #[arg(long, value_name = "NAME")]
    pub person: Option<String>,
    /// Only of this kind; again or with commas for several: voice, transcript, reply, video, note, timer, look
    #[arg(long, value_delimiter = ',', action = ArgAction::Append)]
    pub kind: Vec<String>,
    /// What was not over by then: 2026-11-23, 2026-11-23T18:00 (the household's time), or RFC 3339
    #[arg(long, value_name = "TIME")]
    pub from: Option<String>,
    /// What began before then; a bare date means to the end of that day
    #[arg(long, value_name = "TIME")]
    pub to: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    pub filters: Filters,
}

#[derive(Debug, Args)]
pub(crate) struct Export {
    /// Recordings by id; without any, all that fit the filters
    #[arg(value_name = "ID")]
    pub ids: Vec<u64>,
    #[command(flatten)]
    pub filters: Filters,
    /// The folder to write to; made if it is not there
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Open {
    /// The recording's id
    pub id: u64,
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
    #[arg(long, conflicts_with_all = ["ids", "device", "person", "kind", "from", "to"])]
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
    Add(HoldAdd),
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

const PROVE_GONE: &str = "\
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
once somebody has signed in here; elsewhere give it with --ledger-key.
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

#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Look over this data folder itself, with no hub running
    #[arg(long, env = "PORCHLIGHT_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Its strongbox, DATA.strongbox unless given; again for each mirror
    #[arg(long, value_name = "DIR")]
    pub strongbox: Vec<PathBuf>,
}
