//! Speaks what comes in, as a WAV file: `echo Hello. | cargo run -p porchlight-voice --example speak > hello.wav`

use std::error::Error;
use std::io::{self, Read, Write};

use porchlight_voice::models::Models;
use porchlight_voice::speak::TextToSpeech;
use porchlight_voice::wav;

fn main() -> Result<(), Box<dyn Error>> {
    let mut text = String::new();
    io::stdin().read_to_string(&mut text)?;
    let sound = TextToSpeech::load(&Models::find(None)?)?.speak(&text)?;
    io::stdout().write_all(&wav::write(&sound))?;
    Ok(())
}
