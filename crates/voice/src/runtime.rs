//! ONNX Runtime, which runs the models: one environment for the whole process.
//!
//! What this crate holds is wiped when dropped. What the runtime holds in its own memory while a model runs is not: it is
//! used again for the next run, and never written anywhere.

use std::fmt::Display;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use ort::environment::Environment;
use ort::logging::LogLevel;
use ort::session::Session;

use crate::error::SpeechError;
use crate::models::{Models, RUNTIME};

/// Loads a model to run on so many threads.
pub(crate) fn load(models: &Models, file: &'static str, threads: usize) -> Result<Session, SpeechError> {
    let path = models.file(file);
    open(&environment(models)?, &path, threads)
        .map_err(|error| SpeechError::Model { file: path, reason: error.to_string() })
}

/// The name for a failure while a model runs. What the runtime says tells of shapes and operators, not of words.
pub(crate) fn failed<E: Display>(model: &'static str) -> impl Fn(E) -> SpeechError {
    move |error| SpeechError::Run { model, reason: error.to_string() }
}

fn open(environment: &Environment, path: &Path, threads: usize) -> ort::Result<Session> {
    // Waiting threads sleep instead of spinning: a home hub has other things to do between two sentences.
    Session::builder(environment)?
        .with_intra_threads(threads)?
        .with_intra_op_spinning(false)?
        .commit_from_file(path)
}

/// The library can be loaded once in a process, so the first folder of models decides which.
fn environment(models: &Models) -> Result<Environment, SpeechError> {
    static ENVIRONMENT: Mutex<Option<Environment>> = Mutex::new(None);

    let mut environment = ENVIRONMENT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(environment) = &*environment {
        return Ok(environment.clone());
    }
    let library = models.file(RUNTIME);
    let failed = |reason: String| SpeechError::Runtime { library: library.clone(), reason };
    let built = ort::init_from(&library)
        .map_err(|error| failed(error.to_string()))?
        .with_name("porchlight")
        .with_telemetry(false)
        .build()
        .map_err(|error| failed(error.to_string()))?;
    built.set_log_level(LogLevel::Error);
    Ok(environment.insert(built).clone())
}
