//! Where the models lie. `models/fetch` brings them; this finds them.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::error::SpeechError;

/// The environment variable that names the folder of models.
pub const VARIABLE: &str = "PORCHLIGHT_MODELS";

/// A folder that holds every model that speech needs.
///
/// It is read when [`SpeechToText`](crate::hear::SpeechToText) and [`TextToSpeech`](crate::speak::TextToSpeech) load,
/// and never after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Models {
    folder: PathBuf,
}

impl Models {
    /// Finds the folder of models. The first of these that is given or there is taken:
    /// `explicit`, [`VARIABLE`], `models/weights` of the checkout that the running program lies in,
    /// `$XDG_DATA_HOME/porchlight/models`, `/usr/local/share/porchlight/models`, `/usr/share/porchlight/models`.
    ///
    /// A folder that somebody named is the one that is used: when it lacks a model, that is an error and not a reason
    /// to look elsewhere.
    ///
    /// # Errors
    /// [`SpeechError::NoModels`] with every place, or [`SpeechError::Incomplete`] with what a folder lacks.
    pub fn find(explicit: Option<&Path>) -> Result<Self, SpeechError> {
        let named = explicit.map(Path::to_path_buf).or_else(|| variable(VARIABLE));
        match named {
            Some(folder) => Self::at(&folder),
            None => Self::first_of(usual_places()),
        }
    }

    /// Takes this folder of models.
    ///
    /// # Errors
    /// [`SpeechError::NoModels`] when there is no such folder, [`SpeechError::Incomplete`] when it lacks a model.
    pub fn at(folder: &Path) -> Result<Self, SpeechError> {
        if !folder.is_dir() {
            return Err(SpeechError::NoModels { looked: vec![folder.to_path_buf()] });
        }
        let missing: Vec<_> = FILES.into_iter().filter(|file| !folder.join(file).is_file()).collect();
        if !missing.is_empty() {
            return Err(SpeechError::Incomplete { folder: folder.to_path_buf(), missing });
        }
        Ok(Self { folder: folder.to_path_buf() })
    }

    /// The folder itself.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Home Assistant's English sentence templates, when they were fetched too.
    #[must_use]
    pub fn sentences(&self) -> Option<PathBuf> {
        Some(self.folder.join("intents/en.json")).filter(|file| file.is_file())
    }

    pub(crate) fn file(&self, name: &'static str) -> PathBuf {
        self.folder.join(name)
    }

    fn first_of(places: Vec<PathBuf>) -> Result<Self, SpeechError> {
        match places.iter().find(|place| place.is_dir()) {
            Some(folder) => Self::at(folder),
            None => Err(SpeechError::NoModels { looked: places }),
        }
    }
}

pub(crate) const RUNTIME: &str = "onnxruntime/libonnxruntime.so";
pub(crate) const ENCODER: &str = "moonshine/encoder_model.ort";
pub(crate) const DECODER: &str = "moonshine/decoder_model_merged.ort";
pub(crate) const TOKENS: &str = "moonshine/tokenizer.bin";
pub(crate) const VOICE: &str = "piper/voice.onnx";
pub(crate) const VOICE_CONFIG: &str = "piper/voice.onnx.json";

const FILES: [&str; 6] = [RUNTIME, ENCODER, DECODER, TOKENS, VOICE, VOICE_CONFIG];

fn usual_places() -> Vec<PathBuf> {
    let program = env::current_exe().unwrap_or_default();
    let data = variable("XDG_DATA_HOME").or_else(|| Some(variable("HOME")?.join(".local/share")));
    places(&program, data.as_deref())
}

/// The places in order, for a program that lies here and a person's data folder.
///
/// A program that was built lies in the `target` folder of its checkout; one that is installed has none above it.
fn places(program: &Path, data: Option<&Path>) -> Vec<PathBuf> {
    let checkouts = program.ancestors().skip(1).filter(|folder| folder.join("models/models.toml").is_file());
    let mut places: Vec<_> = checkouts.map(|checkout| checkout.join("models/weights")).collect();
    places.extend(data.map(|data| data.join("porchlight/models")));
    places.extend(["/usr/local/share/porchlight/models", "/usr/share/porchlight/models"].map(PathBuf::from));
    places
}

fn variable(name: &str) -> Option<PathBuf> {
    env::var_os(name).filter(|value| *value != OsString::new()).map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_whole_folder_is_taken_and_its_sentences_are_optional() {
        let folder = tempfile::tempdir().unwrap();
        fill(folder.path());
        let models = Models::find(Some(folder.path())).unwrap();
        assert_eq!(models.folder(), folder.path());
        assert_eq!(models.sentences(), None);
        fs::create_dir(folder.path().join("intents")).unwrap();
        fs::write(folder.path().join("intents/en.json"), "{}").unwrap();
        assert!(models.sentences().is_some());
    }

    #[test]
    fn a_folder_without_one_model_is_refused_by_that_name() {
        let folder = tempfile::tempdir().unwrap();
        fill(folder.path());
        fs::remove_file(folder.path().join(VOICE)).unwrap();
        let error = Models::find(Some(folder.path())).unwrap_err();
        assert!(matches!(&error, SpeechError::Incomplete { missing, .. } if missing == &[VOICE]));
        assert!(error.to_string().contains("make models"), "{error}");
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let error = Models::find(Some(Path::new("/nowhere/at/all"))).unwrap_err().to_string();
        assert!(error.contains("/nowhere/at/all") && error.contains("make models"), "{error}");
    }

    #[test]
    fn the_checkout_comes_before_the_installed_places() {
        let checkout = tempfile::tempdir().unwrap();
        fs::create_dir(checkout.path().join("models")).unwrap();
        fs::write(checkout.path().join("models/models.toml"), "").unwrap();
        let program = checkout.path().join("target/debug/deps/porchlight");
        assert_eq!(
            places(&program, Some(Path::new("/home/ann/.local/share"))),
            [
                checkout.path().join("models/weights"),
                "/home/ann/.local/share/porchlight/models".into(),
                "/usr/local/share/porchlight/models".into(),
                "/usr/share/porchlight/models".into(),
            ]
        );
        assert_eq!(
            places(Path::new("/usr/bin/porchlight"), None),
            ["/usr/local/share/porchlight/models", "/usr/share/porchlight/models"].map(PathBuf::from)
        );
    }

    #[test]
    fn the_first_place_that_is_there_is_taken_and_otherwise_all_are_named() {
        let whole = tempfile::tempdir().unwrap();
        fill(whole.path());
        let absent = PathBuf::from("/nowhere");
        let models = Models::first_of(vec![absent.clone(), whole.path().into()]).unwrap();
        assert_eq!(models.folder(), whole.path());
        let error = Models::first_of(vec![absent.clone(), "/nor/here".into()]).unwrap_err().to_string();
        assert!(error.contains("/nowhere, /nor/here"), "{error}");
    }

    fn fill(folder: &Path) {
        for file in FILES {
            fs::create_dir_all(folder.join(file).parent().unwrap()).unwrap();
            fs::write(folder.join(file), "").unwrap();
        }
    }
}
