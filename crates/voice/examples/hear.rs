//! Writes down what is said in WAV files: `cargo run -p porchlight-voice --example hear -- FILE.wav …`

use std::error::Error;
use std::{env, fs};

use porchlight_voice::hear::SpeechToText;
use porchlight_voice::models::Models;
use porchlight_voice::wav;

fn main() -> Result<(), Box<dyn Error>> {
    let ears = SpeechToText::load(&Models::find(None)?)?;
    for file in env::args().skip(1) {
        let sound = wav::read(&fs::read(&file)?)?;
        println!("{file}: {}", ears.transcribe(&sound)?.text());
    }
    Ok(())
}
