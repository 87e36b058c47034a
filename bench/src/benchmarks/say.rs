//! From the end of a sentence to its answer.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::figures::{Figures, megabytes};
use crate::hub::{Household, Hub, OWNER};
use crate::process::ended_children_cpu;
use crate::progress::say;
use crate::section::Section;
use crate::setting::Setting;

/// What is asked, in Porchlight's own voice.
const SENTENCES: [&str; 10] = [
    "What time is it?",
    "What day is it today?",
    "Set a timer for ten minutes.",
    "How much time is left on my timer?",
    "Cancel the timer.",
    "Add milk to my shopping list.",
    "What is on my shopping list?",
    "Remove milk from my shopping list.",
    "Which cameras are there?",
    "What did you hear?",
];

/// One kind of utterances, and what answering them took. Milliseconds, but for the seconds of sound.
#[derive(Default)]
struct Answers {
    sound: Figures,
    hear: Figures,
    to_text: Figures,
    keep: Figures,
    /// In the hub, from the end of the audio to the answer as speech.
    total: Figures,
    command: Figures,
    hub_cpu: Figures,
    command_cpu: Figures,
}

pub(super) fn run(setting: &Setting) -> Result<Section> {
    let mut household = Household::make(setting)?;
    let hub = household.serve(None)?;
    household.run(["consent", "grant", OWNER, "history"])?;
    let loaded = hub.process.memory_now()?;
    let sentences = spoken(&household)?;
    let rounds = if setting.legs > 1 { 5 } else { 1 };

    // The first answer finds cold caches, which no household would notice twice.
    answer(&household, &hub, &sentences[0], false, &mut Answers::default())?;
    let (mut text, mut speech, mut real) = (Answers::default(), Answers::default(), Answers::default());
    for round in 1..=rounds {
        for sentence in &sentences {
            answer(&household, &hub, sentence, false, &mut text)?;
            answer(&household, &hub, sentence, true, &mut speech)?;
        }
        say(format!("round {round} of {rounds}: {:.0} ms to text so far", text.to_text.median()));
    }
    let clips = clips(setting)?;
    for clip in &clips {
        answer(&household, &hub, clip, false, &mut real)?;
    }
    let peak = hub.process.peak_memory()?;

    let mut section = Section::new(
        "From the end of a sentence to its answer",
        format!(
            "`porchlight say FILE.wav` against a running hub: {} sentences in Porchlight's own voice, {rounds} times each, with the \
             answer as text and, in turn, as text and speech; and {} clips of real people. The speaker agreed to history, so that sound, \
             words and answer are sealed and kept each time. Reply text is the hub's `timings.to_text`: it starts when the hub has the \
             last byte of the audio.",
            sentences.len(),
            clips.len(),
        ),
        &["", "own voice, text", "own voice, text and speech", "real clips, text"],
    );
    let all = [&text, &speech, &real];
    let mut row = |what: &str, show: &dyn Fn(&Answers) -> String| {
        section.row([vec![what.to_owned()], all.iter().map(|answers| show(answers)).collect()].concat());
    };
    row("seconds of sound", &|a| a.sound.show(1));
    row("end of audio to reply text, ms", &|a| a.to_text.show(0));
    row("the same, 95 % within", &|a| format!("{:.0}", a.to_text.quantile(0.95)));
    row("of it speech to text, ms", &|a| a.hear.show(0));
    row("sealing and keeping, after that, ms", &|a| a.keep.show(0));
    row("all that the hub does, ms", &|a| a.total.show(0));
    row("the whole command, ms", &|a| a.command.show(0));
    row("CPU of the hub, ms", &|a| a.hub_cpu.show(0));
    row("CPU of the command, ms", &|a| a.command_cpu.show(0));
    section.note(format!(
        "Memory: {} resident when the hub has loaded its models, {} at the most while it answered.",
        megabytes(loaded),
        megabytes(peak)
    ));
    section.note(
        "Not from this run, and so no ratio: `wyoming-faster-whisper` 3.8.1 with tiny.en, as Home Assistant Assist uses it, took 745 ms \
         at the median (1,230 ms for 95 %) from the end of audio to the text alone, on 20 real clips of about 8.7 s, on an idle \
         2-core machine.",
    );
    Ok(section)
}

/// The sentences as WAV files.
fn spoken(household: &Household) -> Result<Vec<PathBuf>> {
    let speak = |(number, sentence): (usize, &&str)| {
        let file = household.path(&format!("sentence-{number}.wav"));
        household.run(["speak", sentence, "--rate", "16000", "--out", &file.display().to_string()])?;
        Ok(file)
    };
    SENTENCES.iter().enumerate().map(speak).collect()
}

/// Clips of real people, where they lie beside the checkout.
fn clips(setting: &Setting) -> Result<Vec<PathBuf>> {
    let Some(folder) = setting.beside("speech") else {
        say("no real clips beside the checkout: that column stays empty");
        return Ok(Vec::new());
    };
    let mut clips = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    clips.retain(|path| path.extension().is_some_and(|extension| extension == "wav"));
    clips.sort();
    clips.truncate(if setting.legs > 1 { usize::MAX } else { 5 });
    Ok(clips)
}

/// Says one file, and adds what it took.
fn answer(household: &Household, hub: &Hub, file: &Path, aloud: bool, into: &mut Answers) -> Result<()> {
    let file_name = file.display().to_string();
    let reply = household.path("reply.wav").display().to_string();
    let mut words = vec!["say", &file_name];
    if aloud {
        words.extend(["--out", &reply]);
    }
    let (hub_before, own_before, began) = (hub.process.cpu()?, ended_children_cpu()?, Instant::now());
    let answer = household.run(words)?.pop().context("`say` printed nothing")?;
    let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
    into.command.push(milliseconds(began.elapsed()));
    into.command_cpu.push(milliseconds(ended_children_cpu()? - own_before));
    into.hub_cpu.push(milliseconds(hub.process.cpu()?.saturating_sub(hub_before)));
    let timing =
        |name: &str| answer["timings"][name].as_f64().with_context(|| format!("`say` tells no {name}"));
    into.hear.push(timing("hear")?);
    into.to_text.push(timing("to_text")?);
    into.keep.push(timing("keep")?);
    into.total.push(timing("total")?);
    into.sound.push(seconds(file)?);
    Ok(())
}

/// How long a WAV file of 16 kHz, 16 bits and one channel is.
fn seconds(file: &Path) -> Result<f64> {
    const HEADER: u64 = 44;
    Ok(fs::metadata(file)?.len().saturating_sub(HEADER) as f64 / 32_000.0)
}
