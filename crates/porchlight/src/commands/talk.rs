//! Talking to Porchlight.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use anyhow::{Context, Result};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use porchlight_client::Member;
use porchlight_hub::MAX_WAV;
use porchlight_protocol::{AskRequest, SayAnswer};
use serde_json::json;
use zeroize::Zeroizing;

use super::speaker::Speaker;
use crate::args::{Ask, Hear, Say, Speak};
use crate::files;
use crate::output::{Output, count, quoted};

pub(super) fn say(speaker: &Speaker, say: &Say, out: Output) -> Result<()> {
    let wav = read_sound(&say.file).with_context(|| format!("cannot read {}", say.file.display()))?;
    let aloud = say.out.is_some();
    let answer = match speaker {
        Speaker::Member(member) => member.say(&wav, say.device.as_deref(), aloud),
        Speaker::Microphone(microphone) => microphone.say(&wav, aloud),
    };
    let answer = answer.with_context(|| say.file.display().to_string())?;
    tell(answer, say.out.as_deref(), out)
}

pub(super) fn ask(speaker: &Speaker, ask: Ask, out: Output) -> Result<()> {
    let Ask { text, device, credential: _, out: file } = ask;
    let request = AskRequest { text, device, aloud: file.is_some(), conversation: None };
    let answer = match speaker {
        Speaker::Member(member) => member.ask(&request)?,
        Speaker::Microphone(microphone) => microphone.ask(&request)?,
    };
    tell(answer, file.as_deref(), out)
}

pub(super) fn hear(member: &Member, hear: &Hear, out: Output) -> Result<()> {
    let wav = read_sound(&hear.file).with_context(|| format!("cannot read {}", hear.file.display()))?;
    let heard = member.hear(&wav).with_context(|| hear.file.display().to_string())?;
    out.answer(&heard, |heard| match heard.transcript.as_str() {
        "" => "(no words)".to_owned(),
        words => format!("“{}”", quoted(words)),
    })
}

/// Prints an answer; its speech goes into the file.
fn tell(mut answer: SayAnswer, file: Option<&Path>, out: Output) -> Result<()> {
    if let (Some(file), Some(speech)) = (file, answer.speech.take()) {
        let speech = BASE64_STANDARD.decode(speech).context("the hub sent speech that cannot be read")?;
        files::write(file, speech).with_context(|| format!("cannot write {}", file.display()))?;
    }
    out.answer(&answer, words)
}

pub(super) fn speak(member: &Member, speak: Speak, out: Output) -> Result<()> {
    let wav = member.speak(&speak.text, speak.rate)?;
    files::write(&speak.out, &wav).with_context(|| format!("cannot write {}", speak.out.display()))?;
    out.answer(&json!({ "out": speak.out, "bytes": wav.len() }), |_| {
        format!("Spoken into {}.", speak.out.display())
    })
}

/// The file, or of one that is far too long its beginning, by which the hub refuses it.
fn read_sound(file: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut wav = Zeroizing::new(Vec::new());
    fs::File::open(file)?.take(MAX_WAV as u64).read_to_end(&mut wav)?;
    Ok(wav)
}

fn words(answer: &SayAnswer) -> String {
    let mut lines = vec![
        if answer.transcript.is_empty() {
            "(no words)".to_owned()
        } else {
            format!("“{}”", quoted(&answer.transcript))
        },
        quoted(&answer.reply).into_owned(),
    ];
    for effect in &answer.left {
        lines.push(format!("  {} {}: {}", effect.change, effect.id, quoted(&effect.what)));
    }
    if let Some(line) = answer.forgotten.as_ref().and_then(|forgotten| forgotten.ledger_line) {
        lines.push(format!("  The receipt: porchlight receipt get {line}"));
    }
    lines.push(match (answer.kept.len(), answer.not_kept.as_str()) {
        (0, "") => "  Nothing was kept.".to_owned(),
        (0, why) => format!("  Nothing was kept: {why}"),
        (kept, _) => format!(
            "  Kept {}: {}",
            count(kept, "recording"),
            answer.kept.iter().map(u64::to_string).collect::<Vec<_>>().join(", ")
        ),
    });
    lines.join("\n")
}
