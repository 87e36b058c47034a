//! Arguments for signing in, people, and what they agree to.

use std::path::PathBuf;

use clap::{Args, Subcommand};

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
    /// Prove again that it is you, for what a session alone must not do: it counts for 15 minutes
    #[command(after_help = PROVE)]
    Prove(Proof),
    /// End one of your sessions
    End {
        /// The session's id, from `session list`
        id: String,
    },
}

const PROVE: &str = "\
You are asked for your passphrase and the six digits, unless --my-passphrase-file and --my-totp-secret-file say where they are.";

/// By what whoever is signed in proves who they are, as commands took it by themselves before every command did: see [`MyProof`].
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Proof {
    /// What is --my-passphrase-file now
    #[arg(long, hide = true, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
    /// What is --my-totp-secret-file now
    #[arg(long, hide = true, value_name = "FILE")]
    pub totp_secret_file: Option<PathBuf>,
}

impl Proof {
    /// These files, and where one is not named, that of another.
    pub(crate) fn or(self, other: Proof) -> Proof {
        Proof {
            passphrase_file: self.passphrase_file.or(other.passphrase_file),
            totp_secret_file: self.totp_secret_file.or(other.totp_secret_file),
        }
    }
}

/// By what whoever is signed in proves who they are, for every command that takes it.
#[derive(Debug, Args)]
pub(crate) struct MyProof {
    /// The file with your own passphrase, for what a session alone must not do; without it you are asked for it
    #[arg(long, global = true, env = "PORCHLIGHT_PASSPHRASE_FILE", value_name = "FILE")]
    pub my_passphrase_file: Option<PathBuf>,
    /// The file with your own authenticator's secret, where the passphrase is not enough; without it you are asked for the six digits
    #[arg(long, global = true, env = "PORCHLIGHT_TOTP_SECRET_FILE", value_name = "FILE")]
    pub my_totp_secret_file: Option<PathBuf>,
}

impl From<MyProof> for Proof {
    fn from(mine: MyProof) -> Proof {
        Proof { passphrase_file: mine.my_passphrase_file, totp_secret_file: mine.my_totp_secret_file }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum AccountCommand {
    /// Make a new recovery kit: the one before lets nobody in any more, and opens your exports still
    #[command(after_help = NEW_KIT)]
    NewKit {
        /// Where to write the kit (mode 0600); print it, then put it away
        #[arg(long, value_name = "FILE")]
        recovery_kit: PathBuf,
        #[command(flatten)]
        proof: Proof,
    },
}

const NEW_KIT: &str = "\
Whoever has your kit can open your exports and get in as you. Make a new one when it is lost, or when somebody may have seen it.
A kit of an earlier release lets nobody in any more, you included: make a new one.";

#[derive(Debug, Subcommand)]
pub(crate) enum PersonCommand {
    /// Add a person; a child needs a guardian
    #[command(after_help = PERSON)]
    Add(PersonAdd),
    /// List the people
    List,
    /// Let a person in who was added, an adult or a teen: they make their keys and passphrase on their own phone or computer
    #[command(after_help = INVITE)]
    Invite {
        /// The person's name
        name: String,
    },
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
It takes a proof of who you are: you are asked for your own passphrase, or name its file with --my-passphrase-file.
An adult or teen signs in, and has recordings of their own, once you let them in. To do that, when they are there:
  porchlight person invite NAME";

const INVITE: &str = "\
It shows a code that works for 15 minutes, once. They open it on their own phone, or type it on their own computer, which asks for it:
  porchlight join --hub URL --passphrase-file FILE --recovery-kit FILE
Both screens then show the same four numbers. You let them in only when they are the same: until then nothing is open to them.
Their passphrase, the secret of their authenticator and their recovery kit are on their own device alone.";

const JOIN: &str = "\
An owner of the household gives you the code: porchlight person invite NAME
You are asked for it. Written on the line it stands where others who use this computer see it, and in your shell's history.
Both screens show the same four numbers, and the owner lets you in only when they are the same.";

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
}

#[derive(Debug, Args)]
#[command(after_help = JOIN)]
pub(crate) struct Join {
    /// The code that an owner gave you; without it you are asked, and - reads it from standard input
    #[arg(value_name = "CODE")]
    pub code: Vec<String>,
    /// The file with your new passphrase
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: PathBuf,
    /// Where to write your recovery kit (mode 0600)
    #[arg(long, value_name = "FILE")]
    pub recovery_kit: PathBuf,
    /// Where to write the secret for your authenticator app (mode 0600); without it, it is shown once
    #[arg(long, value_name = "FILE")]
    pub totp_secret_file: Option<PathBuf>,
    /// The certificate of the household's authority (authority.pem in the hub's data folder), for an https hub; remembered
    #[arg(long, value_name = "FILE")]
    pub authority: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConsentCommand {
    /// Agree to a purpose
    #[command(after_help = CONSENT)]
    Grant(ConsentChange),
    /// Take an agreement back: what was kept for it is forgotten, after showing how much that is
    Withdraw(ConsentWithdraw),
    /// List who agreed to what
    List,
}

const CONSENT: &str = "\
Purposes:
  history         keep what I say and the answers, to look back on
  security:CAMERA keep this camera's pictures (agreed to when a camera is added)
  sound:CAMERA    keep this camera's sound as well
  recognition     know me by my voice (not built yet: no voiceprint is made)
  reminder        reminders (they work without; a yes changes nothing yet)
  sharing         let recordings leave the hub (not built yet: none leaves)
  training        let recordings improve models (not built yet: nothing is learned)
Nothing is agreed to until you say so, and refusing one loses nothing else. To agree takes a proof of who you are: you are asked for your
passphrase, or name its file with --my-passphrase-file.";

#[derive(Debug, Args)]
pub(crate) struct ConsentWithdraw {
    #[command(flatten)]
    pub change: ConsentChange,
    /// Do it without asking, also where it is another adult's for a camera: an owner may, and they are told
    #[arg(long)]
    pub yes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ConsentChange {
    /// Whose recordings it is about
    pub name: String,
    /// The purposes
    #[arg(required = true)]
    pub purpose: Vec<String>,
}
