//! What can go wrong between sound and words.

use std::path::{Path, PathBuf};

/// Why sound could not be heard or words not be spoken. No message holds what was said.
#[derive(Debug, thiserror::Error)]
pub enum SpeechError {
    /// No folder of models where they are looked for.
    #[error("the models were not found; looked in: {}. Run `{}`, or name their folder", list(.looked), fetched_by())]
    NoModels {
        /// Where they were looked for, in order.
        looked: Vec<PathBuf>,
    },
    /// A folder of models that lacks some of them.
    #[error("the folder of models {} lacks {}; run `{}` again, or name another folder", .folder.display(), .missing.join(", "), fetched_by())]
    Incomplete {
        /// The folder.
        folder: PathBuf,
        /// The files that are not there, relative to it.
        missing: Vec<&'static str>,
    },
    /// The library that runs the models does not load.
    #[error("the model runtime {} does not load: {reason}; run `{}` again on this machine", .library.display(), fetched_by())]
    Runtime {
        /// The shared library.
        library: PathBuf,
        /// What the loader says.
        reason: String,
    },
    /// A model or its companion file is not what it should be.
    #[error("{} cannot be used: {reason}; run `{}` again", .file.display(), fetched_by())]
    Model {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Nobody waits for it any more.
    #[error("it was stopped, because nobody waits for it any more")]
    Unwanted,
    /// A model failed while it ran.
    #[error("the {model} model failed: {reason}; try again, and if it stays so run `{}` again", fetched_by())]
    Run {
        /// Which model.
        model: &'static str,
        /// What the runtime says.
        reason: String,
    },
    /// Sound cannot be brought to another rate.
    #[error("sound of {from} samples a second cannot be brought to {to}: {reason}; use rates above zero")]
    Resample {
        /// Samples a second that it has.
        from: u32,
        /// Samples a second that were asked for.
        to: u32,
        /// What the resampler says.
        reason: String,
    },
    /// The program that turns words into phonemes is not installed.
    #[error(
        "espeak-ng is not installed, and the voice needs it to pronounce words; install it, for example with: apt install espeak-ng"
    )]
    NoEspeak,
    /// The program that turns words into phonemes failed.
    #[error("espeak-ng failed: {reason}; check that `espeak-ng -q --ipa hello` works")]
    Espeak {
        /// How it ended; never the words.
        reason: String,
    },
    /// More text than is spoken at once.
    #[error(
        "the text to speak has {characters} characters, and at most {limit} are spoken at once; shorten it"
    )]
    TooMuchText {
        /// Characters in the text.
        characters: usize,
        /// Characters that are taken.
        limit: usize,
    },
}

/// What brings the models: the package's own command where it is installed, and else the one of the checkout.
fn fetched_by() -> &'static str {
    let command = Path::new("/usr/bin/porchlight-models");
    if command.exists() { "sudo porchlight-models" } else { "make models" }
}

fn list(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}
