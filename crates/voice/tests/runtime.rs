//! A runtime that does not load is named, and a later try with a right one works. A process of its own, because the
//! runtime is loaded once in each.

#![allow(clippy::unwrap_used, reason = "a test stops where something is not as it should be")]

use std::fs;

use porchlight_voice::error::SpeechError;
use porchlight_voice::hear::SpeechToText;
use porchlight_voice::models::Models;

#[allow(dead_code, reason = "the other tests use the rest of it")]
mod support;

#[test]
fn a_damaged_runtime_is_named_and_can_be_mended() {
    let Some(models) = support::models() else { return };
    let folder = tempfile::tempdir().unwrap();
    support::link_tree(models.folder(), folder.path());
    let library = folder.path().join("onnxruntime/libonnxruntime.so");
    fs::remove_file(&library).unwrap();
    fs::write(&library, b"not a library").unwrap();

    let error = SpeechToText::load(&Models::at(folder.path()).unwrap()).unwrap_err();
    assert!(matches!(error, SpeechError::Runtime { .. }), "{error}");
    assert!(error.to_string().contains("libonnxruntime.so"), "{error}");
    SpeechToText::load(&models).unwrap();
}
