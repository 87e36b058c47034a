//! Arguments for devices.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

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

const DEVICE: &str = "\
Examples:
  porchlight device add Kitchen --kind microphone --room Kitchen
  porchlight device add \"Anna's phone\" --kind microphone --person Anna
  porchlight device add Porch --kind camera --url rtsp://user:password@192.168.1.20/stream --room Porch

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
