//! The command line as it is typed: every command, argument and help text.

mod devices;
mod documents;
mod hub;
mod ledger;
mod people;
mod recordings;
mod talk;

use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand};

pub(crate) use devices::*;
pub(crate) use documents::*;
pub(crate) use hub::*;
pub(crate) use ledger::*;
pub(crate) use people::*;
pub(crate) use recordings::*;
pub(crate) use talk::*;

/// A home hub that can truly forget: a voice assistant and security cameras, sealed to your household.
#[derive(Debug, Parser)]
#[command(name = "porchlight", version, propagate_version = true, arg_required_else_help = true, after_help = START)]
pub(crate) struct Arguments {
    /// The hub's address; without it, the hub you signed in to last
    #[arg(long, global = true, env = "PORCHLIGHT_HUB", value_name = "URL")]
    pub hub: Option<String>,
    /// Print one JSON object a line on standard output, for scripts; and errors on standard error, as {"error": CODE, "message": SENTENCE}
    #[arg(long, global = true)]
    pub json: bool,
    /// By what whoever is signed in proves who they are
    #[command(flatten)]
    pub proof: MyProof,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

const START: &str = "\
Start here:
  porchlight init --data ~/porchlight --owner Anna --born YYYY-MM --passphrase-file pass.txt \\
      --recovery-kit kit.txt --totp-secret-file totp.txt
  porchlight serve --data ~/porchlight
  porchlight sign-in --hub http://127.0.0.1:8420 --name Anna \\
      --passphrase-file pass.txt --totp-secret-file totp.txt
  porchlight device add Porch --kind camera --url -
  porchlight list

Every command explains itself: porchlight help COMMAND";

const COMPLETIONS: &str = "\
For this shell and all that come:
  porchlight completions bash > ~/.local/share/bash-completion/completions/porchlight
  porchlight completions zsh  > ~/.zfunc/_porchlight      (with `fpath+=~/.zfunc` before `compinit` in ~/.zshrc)
  porchlight completions fish > ~/.config/fish/completions/porchlight.fish";

/// What Porchlight can be told to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a new household: its data folder, its strongbox, and the owner's keys
    #[command(after_help = hub::INIT)]
    Init(Init),
    /// End a household: destroy its keys wherever they lie, and clear it away
    #[command(after_help = hub::END)]
    End(End),
    /// Run the hub
    #[command(after_help = hub::SERVE)]
    Serve(Serve),
    /// Choose between strongboxes that were both used
    #[command(subcommand)]
    Strongbox(StrongboxCommand),
    /// Sign in to a hub; the session stays on this computer until you sign out
    SignIn(SignIn),
    /// Come into a household with the code that an owner gave you, with keys and a passphrase of your own
    Join(Join),
    /// End this computer's session
    SignOut,
    /// Who is signed in as you, and where
    #[command(subcommand)]
    Session(SessionCommand),
    /// Your own account: a new recovery kit
    #[command(subcommand)]
    Account(AccountCommand),
    /// The people of the household
    #[command(subcommand)]
    Person(PersonCommand),
    /// What people agreed to have kept, and for what
    #[command(subcommand)]
    Consent(ConsentCommand),
    /// Microphones, cameras and phones
    #[command(subcommand)]
    Device(DeviceCommand),
    /// Switch cameras off for now, and on again: nothing of them is seen, heard or recorded
    #[command(subcommand)]
    Privacy(PrivacyCommand),
    /// Say something to Porchlight: a WAV file goes in, an answer comes out
    #[command(after_help = talk::SAY)]
    Say(Say),
    /// Ask Porchlight something in writing
    #[command(after_help = talk::ASK)]
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
    #[command(after_help = recordings::LIST)]
    List(List),
    /// Take recordings away: film as clips, sealed to you or ready to play, and everything else as age files that your recovery kit opens
    #[command(after_help = recordings::EXPORT)]
    Export(Export),
    /// Open one recording, or the film of a time, with your own key; the hub only hands out what is sealed
    #[command(after_help = recordings::OPEN)]
    Open(Open),
    /// Forget recordings for good, after showing exactly what goes
    #[command(after_help = recordings::FORGET)]
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
    #[command(after_help = ledger::PROVE_GONE)]
    ProveGone(ProveGone),
    /// The hub's clock, by which things reach their end, and whether it is certain
    #[command(subcommand)]
    Clock(ClockCommand),
    /// Copies of the data folder that are newer than one that was put back
    #[command(subcommand)]
    Copies(CopiesCommand),
    /// The retention policy in plain words, made from the rules that run
    Policy,
    /// Look over the hub, its folders and its cameras, and say what to mend
    Doctor(Doctor),
    /// Print the OpenAPI document of the hub's HTTP API
    Openapi,
    /// Print what lets a shell complete these commands
    #[command(after_help = COMPLETIONS)]
    Completions(Completions),
    /// Print the manual page, of all or of one command
    Man(Man),
}

impl Command {
    /// The files that a command writes what it got from a household to; of a folder, what would lie in it. Secrets are looked after where
    /// they are made.
    pub(crate) fn outputs(&self) -> Vec<PathBuf> {
        let file = match self {
            Command::Say(Say { out, .. }) | Command::Ask(Ask { out, .. }) => out.clone(),
            Command::Speak(Speak { out, .. }) => Some(out.clone()),
            Command::Open(Open { out, .. }) => Some(out.clone()).filter(|out| out != Path::new("-")),
            Command::Forget(Forget { receipt, .. }) => receipt.clone(),
            Command::Receipt(ReceiptCommand::Get(get)) => get.out.clone(),
            Command::Export(Export { out, .. }) => Some(out.join("manifest.json")),
            Command::Ledger(LedgerCommand::Export(export)) => Some(export.out.join("checkpoint")),
            Command::Events(Events { out, .. }) => out.as_ref().map(|folder| folder.join("1.wav")),
            Command::Man(Man { into, .. }) => into.as_ref().map(|folder| folder.join("porchlight.1")),
            _ => None,
        };
        file.into_iter().collect()
    }

    /// Whether film is taken away or chosen by a time, which means days of the household.
    pub(crate) fn is_of_film(&self) -> bool {
        let at = match self {
            Command::Export(_) => return true,
            Command::Open(open) => return open.id.is_none(),
            Command::List(list) => &list.filters.at,
            Command::Forget(forget) => &forget.filters.at,
            Command::Hold(HoldCommand::Add(add)) => &add.filters.at,
            _ => return false,
        };
        at.is_some()
    }
}
