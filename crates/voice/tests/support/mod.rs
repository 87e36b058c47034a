//! What the speech tests stand on: the models, made-up sounds and the count of wrong words.

use std::path::{Path, PathBuf};
use std::{env, fs, os::unix};

use porchlight_voice::models::{self, Models};
use porchlight_voice::pcm::Pcm;
use porchlight_voice::wav;

/// The models, or `None` after a line that says why not; a panic when they are required.
pub(crate) fn models() -> Option<Models> {
    let folder =
        env::var_os(models::VARIABLE).map_or_else(|| repository().join("models/weights"), PathBuf::from);
    match Models::at(&folder) {
        Ok(models) => Some(models),
        Err(error) if env::var_os("PORCHLIGHT_REQUIRE_MODELS").is_some_and(|value| value == "1") => {
            panic!("{error}")
        }
        Err(error) => {
            eprintln!("skipped: {error}");
            None
        }
    }
}

pub(crate) fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The words of a text, to compare: small letters, no punctuation, numbers spelled out.
pub(crate) fn words(text: &str) -> Vec<String> {
    let text = text.to_lowercase().replace(['-', ','], " ");
    let word = |word: &str| word.chars().filter(|letter| letter.is_alphanumeric()).collect::<String>();
    let spelled = |word: String| match word.as_str() {
        "2" => "two".into(),
        "5" => "five".into(),
        "6" => "six".into(),
        "8" => "eight".into(),
        "12" => "twelve".into(),
        "16" => "sixteen".into(),
        "20" => "twenty".into(),
        _ => word,
    };
    text.split_whitespace().map(word).filter(|word| !word.is_empty()).map(spelled).collect()
}

/// The fewest words to add, drop or change (Levenshtein).
pub(crate) fn edits(said: &[String], heard: &[String]) -> usize {
    let mut row: Vec<usize> = (0..=heard.len()).collect();
    for (i, said) in said.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, heard) in heard.iter().enumerate() {
            let change = diagonal + usize::from(said != heard);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[heard.len()]
}

/// Processor time of this thread, which the models run on, in seconds.
pub(crate) fn thread_cpu_seconds() -> f64 {
    let schedstat = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    schedstat.split_whitespace().next().unwrap().parse::<f64>().unwrap() / 1e9
}

/// White noise up to this loudness, the same each time.
pub(crate) fn noise(loudness: i32, seconds: usize) -> Pcm {
    let mut state = 1u32;
    let step = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((state >> 16) as i32 % (2 * loudness) - loudness) as i16
    };
    Pcm::new(wav::RATE, (0..seconds * 16_000).map(step).collect())
}

/// Steady tones, each with four overtones.
pub(crate) fn chord(hertz: &[f64], seconds: usize) -> Pcm {
    sound(seconds, |time| hertz.iter().map(|&hertz| tone(hertz, time)).sum::<f64>() / hertz.len() as f64)
}

/// Plucked notes, so many a second.
pub(crate) fn arpeggio(notes: f64, seconds: usize) -> Pcm {
    sound(seconds, |time| {
        let note = [220.0, 277.2, 329.6][(time * notes) as usize % 3];
        tone(note, time) * (-(time * notes).fract() * 3.0).exp()
    })
}

/// A folder with links to all files of another.
pub(crate) fn link_tree(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir(&target).unwrap();
            link_tree(&entry.path(), &target);
        } else {
            unix::fs::symlink(fs::canonicalize(entry.path()).unwrap(), target).unwrap();
        }
    }
}

fn sound(seconds: usize, wave: impl Fn(f64) -> f64) -> Pcm {
    let sample = |i: usize| (wave(i as f64 / 16_000.0) * 6_000.0) as i16;
    Pcm::new(wav::RATE, (0..seconds * 16_000).map(sample).collect())
}

fn tone(hertz: f64, time: f64) -> f64 {
    let overtone = |n: i32| (time * hertz * f64::from(n) * std::f64::consts::TAU).sin() / f64::from(n);
    (1..6).map(overtone).sum()
}
