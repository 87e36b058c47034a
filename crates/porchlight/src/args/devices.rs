//! Arguments for devices.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub(crate) enum DeviceCommand {
    /// Add a microphone, camera or phone
    #[command(after_help = DEVICE)]
    Add(DeviceAdd),
    /// Look for cameras on the home's network, by ONVIF
    Find {
        /// Ask at this address and port alone, where it is not reached by a question to everybody
        #[arg(long, value_name = "IP:PORT")]
        at: Option<String>,
    },
    /// Try a camera before it is added: its streams, and whether its picture comes
    #[command(after_help = TRY)]
    Try {
        /// Its address, as for `add`; `-` reads it from standard input
        #[arg(long)]
        url: String,
        /// Write the picture there, as film of that length
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
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
    /// Tell the hub another address of a camera, or another user or password; its film stays
    #[command(after_help = ADDRESS)]
    Address {
        /// The camera's name
        name: String,
        /// Its whole RTSP address, with user and password if it wants them; `-` reads it from standard input
        #[arg(long)]
        url: String,
    },
    /// Give a microphone a credential of its own, by which it speaks for itself; the one it had ends
    #[command(after_help = CREDENTIAL)]
    Credential {
        /// The device's name
        name: String,
        /// Where to write it: a new file that you alone can read; without it, it is printed, this once
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
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

#[derive(Debug, Subcommand)]
pub(crate) enum PrivacyCommand {
    /// Connect to them no more, until it is switched off: nothing is seen, heard or recorded
    #[command(after_help = PRIVACY)]
    On(ThoseCameras),
    /// Go on as before
    Off(ThoseCameras),
}

#[derive(Debug, Args)]
pub(crate) struct ThoseCameras {
    /// The names of the cameras; every one where none is named
    pub cameras: Vec<String>,
}

const PRIVACY: &str = "\
Examples:
  porchlight privacy on              every camera
  porchlight privacy on Hallway
  porchlight privacy off

Any adult may, and everybody is told. Of what a camera keeps on a card of its own, or sends to its maker, nothing is promised.";

const TRY: &str = "\
Examples:
  porchlight device try --url 192.168.1.20
  porchlight device try --url -

It is for an owner. Nothing is kept of it; that you saw a picture is in the ledger.";

const DEVICE: &str = "\
Examples:
  porchlight device add Kitchen --kind microphone --room Kitchen
  porchlight device add \"Anna's phone\" --kind microphone --person Anna
  porchlight device add Porch --kind camera --url rtsp://user:password@192.168.1.20/stream --room Porch
  porchlight device add Drive --kind camera --url user:password@192.168.1.21

Of a camera that speaks ONVIF its name or IP address is enough: it is asked for its streams, and the largest is recorded.

--person says that nobody else ever speaks there. That takes a proof of who you are, and so does a camera: your passphrase is asked for,
or read from the file that you name with --my-passphrase-file. A camera's user and password are sealed under the strongbox and shown nowhere.
So that they do not end up in your shell's history, give --url - and type the address on standard input.";

const ADDRESS: &str = "\
Examples:
  porchlight device address Porch --url -
  porchlight device address Porch --url rtsp://user:password@192.168.1.20/stream

It is for an owner, and takes a proof of who you are: your passphrase is asked for, or read from the file that you name with
--my-passphrase-file. With --url - the address is read from standard input, so that it does not end up in your shell's history.";

const CREDENTIAL: &str = "\
The microphone sends it as `Authorization: Bearer CREDENTIAL`. It may say and ask what is said there, and is told what is to be spoken
there, and nothing else. At one that is personal to you, what is said by it is yours: nobody but you can make its credential.
It takes a proof of who you are: you are asked for your passphrase, or name its file with --my-passphrase-file.
  porchlight device credential Study --out study.credential
  porchlight say --credential study.credential question.wav";

#[derive(Debug, Args)]
pub(crate) struct DeviceAdd {
    /// Its name
    pub name: String,
    /// What it is
    #[arg(long)]
    pub kind: DeviceKind,
    /// A camera's name or IP address where it speaks ONVIF, or its RTSP address, with user and password if it wants them; `-` reads it from standard input
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
