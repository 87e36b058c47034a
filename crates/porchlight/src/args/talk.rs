//! Arguments for talking with Porchlight, and what comes of it.

use std::path::PathBuf;

use clap::{Args, Subcommand};

pub(super) const SAY: &str = "\
The file is 16 kHz, mono, 16-bit PCM. To convert another one:
  ffmpeg -i IN -ac 1 -ar 16000 -c:a pcm_s16le OUT.wav

Without --device it is you who speaks, in your own session. With --device it is whoever stands at that microphone: only one that is
personal to you makes the voice known as yours. An unknown voice is answered, and nothing of it is kept. To name a device proves
nothing, so that nothing is told by it; with --credential the microphone itself speaks: porchlight help device credential
Your own words are kept only if you agreed: porchlight consent grant NAME history";

pub(super) const ASK: &str = "\
Examples:
  porchlight ask \"Put oat milk on the shopping list.\"
  porchlight ask \"Forget what I said yesterday.\" and then, if that is what you want: porchlight ask yes

It is answered as it would be if you had said it. Your own words are kept only if you agreed: porchlight consent grant NAME history";

#[derive(Debug, Args)]
pub(crate) struct Say {
    /// The WAV file: 16 kHz, mono, 16-bit PCM, two minutes at most
    pub file: PathBuf,
    /// The microphone it was spoken into
    #[arg(long, value_name = "NAME")]
    pub device: Option<String>,
    /// The microphone's own credential, in the place of your session
    #[arg(long, value_name = "FILE", conflicts_with = "device")]
    pub credential: Option<PathBuf>,
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
    /// The device's own credential, in the place of your session
    #[arg(long, value_name = "FILE", conflicts_with = "device")]
    pub credential: Option<PathBuf>,
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
    /// The device's own credential, in the place of your session
    #[arg(long, value_name = "FILE", conflicts_with = "device")]
    pub credential: Option<PathBuf>,
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
