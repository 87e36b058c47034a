//! Speech with the real models: what is spoken is heard again, real people are understood, noise is not.
//!
//! Without models (`make models`) these tests say so and pass; with `PORCHLIGHT_REQUIRE_MODELS=1` they fail instead.

#![allow(clippy::unwrap_used, reason = "a test stops where something is not as it should be")]

use std::fs;
use std::sync::LazyLock;

use porchlight_voice::error::SpeechError;
use porchlight_voice::hear::SpeechToText;
use porchlight_voice::models::Models;
use porchlight_voice::pcm::Pcm;
use porchlight_voice::speak::{MAX_CHARACTERS, TextToSpeech};
use porchlight_voice::wav;

mod support;
use support::{edits, models, repository, thread_cpu_seconds, words};

#[test]
fn what_is_spoken_is_heard_again() {
    let Some((ears, mouth)) = ears_and_mouth() else { return };
    let (mut wrong, mut all) = (0, 0);
    for sentence in SENTENCES {
        let heard = ears.transcribe(&spoken(mouth, sentence)).unwrap();
        let (said, heard) = (words(sentence), words(heard.text()));
        wrong += edits(&said, &heard);
        all += said.len();
    }
    let rate = 100.0 * wrong as f64 / all as f64;
    println!("word error rate of {} sentences: {rate:.1} % ({wrong} of {all})", SENTENCES.len());
    assert!(rate < 12.0, "{rate:.1} % of the words were heard wrong");
}

#[test]
fn real_people_are_understood() {
    let folder = repository().join("../shared/data/speech");
    let Ok(labels) = fs::read_to_string(folder.join("labels.json")) else {
        eprintln!("skipped: no recordings in {}", folder.display());
        return;
    };
    let Some((ears, _)) = ears_and_mouth() else { return };
    let labels: serde_json::Value = serde_json::from_str(&labels).unwrap();
    let labels = labels.as_object().unwrap();
    let (mut right, mut slots, mut clips, mut seconds) = (0, 0, 0, 0.0);
    let begin = thread_cpu_seconds();
    for (file, label) in labels {
        let sound = wav::read(&fs::read(folder.join(file)).unwrap()).unwrap();
        let heard = format!(" {} ", words(ears.transcribe(&sound).unwrap().text()).join(" "));
        let expected = label["slots"].as_object().unwrap().values();
        let found =
            expected.map(|slot| heard.contains(&format!(" {} ", words(slot.as_str().unwrap()).join(" "))));
        let found: Vec<_> = found.collect();
        right += found.iter().filter(|&&found| found).count();
        slots += found.len();
        clips += usize::from(found.iter().all(|&found| found));
        seconds += sound.seconds();
    }
    let cpu = (thread_cpu_seconds() - begin) / labels.len() as f64;
    let share = 100.0 * right as f64 / slots as f64;
    println!(
        "{share:.1} % of {slots} slots, every slot in {clips} of {} clips; {cpu:.2} CPU-s for {:.1} s of sound",
        labels.len(),
        seconds / labels.len() as f64
    );
    assert!(share > 72.0, "{share:.1} % of the slots were heard");
    assert!(cpu < 2.0, "{cpu:.2} CPU-s a clip");
}

#[test]
fn noise_and_music_are_not_words() {
    let Some((ears, _)) = ears_and_mouth() else { return };
    let sounds = [
        ("silence", Pcm::new(wav::RATE, vec![0; 5 * 16_000])),
        ("nothing", Pcm::new(wav::RATE, vec![])),
        ("soft noise", support::noise(100, 5)),
        ("noise", support::noise(3_000, 5)),
        ("loud noise", support::noise(30_000, 5)),
        ("a hum", support::chord(&[100.0], 5)),
        ("a chord", support::chord(&[220.0, 277.2, 329.6], 5)),
        ("another chord", support::chord(&[261.6, 329.6, 392.0], 2)),
        ("a short chord", support::chord(&[220.0, 277.2, 329.6], 2)),
        ("a low chord", support::chord(&[110.0, 138.6, 164.8], 2)),
        ("one held tone", support::chord(&[150.0], 2)),
        ("an arpeggio", support::arpeggio(2.0, 6)),
        ("a fast arpeggio", support::arpeggio(6.0, 3)),
        ("a slow arpeggio", support::arpeggio(1.0, 3)),
    ];
    for (name, sound) in sounds {
        let heard = ears.transcribe(&sound).unwrap();
        assert!(heard.is_empty(), "{name} was heard as \"{}\"", heard.text());
    }
}

#[test]
fn one_short_word_is_heard() {
    let Some((ears, mouth)) = ears_and_mouth() else { return };
    for word in ["Stop.", "Cancel.", "Yes."] {
        let heard = words(ears.transcribe(&spoken(mouth, word)).unwrap().text());
        assert_eq!(heard, words(word));
    }
}

#[test]
fn a_soft_voice_is_heard() {
    let Some((ears, mouth)) = ears_and_mouth() else { return };
    let loud = spoken(mouth, "Set a timer for five minutes.");
    let soft = Pcm::new(wav::RATE, loud.samples().iter().map(|sample| sample / 50).collect());
    assert_eq!(words(ears.transcribe(&soft).unwrap().text()), words("Set a timer for five minutes."));
}

#[test]
fn a_minute_is_heard_to_its_end_with_pauses_and_without() {
    let Some((ears, mouth)) = ears_and_mouth() else { return };
    let mut samples = Vec::new();
    let sentences = &SENTENCES[..12];
    for (number, sentence) in sentences.iter().enumerate() {
        samples.extend_from_slice(spoken(mouth, sentence).samples());
        samples.resize(samples.len() + if number % 3 == 2 { 5 * 16_000 } else { 4_000 }, 0);
    }
    let sound = Pcm::new(wav::RATE, samples);
    assert!(sound.seconds() > 40.0, "{}", sound.seconds());
    let heard = words(ears.transcribe(&sound).unwrap().text());
    let said = words(&sentences.join(" "));
    let wrong = edits(&said, &heard);
    println!("{:.0} s of sound: {wrong} of {} words wrong", sound.seconds(), said.len());
    assert!(wrong * 5 < said.len(), "{wrong} of {}: {heard:?}", said.len());
}

#[test]
fn clock_times_sound_like_clock_times() {
    let Some((ears, mouth)) = ears_and_mouth() else { return };
    let heard = words(ears.transcribe(&spoken(mouth, "It is 6:20 PM.")).unwrap().text());
    assert!(heard.contains(&"six".into()) || heard.contains(&"620".into()), "{heard:?}");
    let oh = |text| spoken(mouth, text).seconds();
    // "twelve oh five", not "twelve zero zero five".
    assert!((oh("It is 12:05.") - oh("It is twelve oh five.")).abs() < 0.6);
}

#[test]
fn a_long_text_is_spoken_and_an_empty_one_is_silent() {
    let Some((_, mouth)) = ears_and_mouth() else { return };
    let one = mouth.speak(SENTENCES[0]).unwrap().seconds();
    let many = mouth.speak(&[SENTENCES[0]; 8].join(" ")).unwrap();
    assert!(many.seconds() > 6.0 * one, "{} and {one}", many.seconds());
    assert!(many.samples().iter().any(|sample| sample.unsigned_abs() > 20_000));
    assert!(mouth.speak(" … ?! ").unwrap().samples().is_empty());
    let error = mouth.speak(&"a".repeat(MAX_CHARACTERS + 1)).unwrap_err();
    assert!(matches!(error, SpeechError::TooMuchText { .. }));
}

#[test]
fn hostile_text_is_only_text() {
    let Some((_, mouth)) = ears_and_mouth() else { return };
    for text in [
        "-w /tmp/x",
        "[[hello]] <speak>&amp;</speak>",
        "\0\u{1}\u{202e}abc",
        "日本語 привет",
        "$(reboot) `x`",
    ] {
        mouth.speak(text).unwrap();
    }
}

#[test]
fn several_threads_share_one_pair_of_ears() {
    let Some((ears, mouth)) = ears_and_mouth() else { return };
    let sound = spoken(mouth, "Turn on the kitchen lights.");
    let heard = std::thread::scope(|scope| {
        let threads = [(); 3].map(|()| scope.spawn(|| ears.transcribe(&sound).unwrap()));
        threads.map(|thread| thread.join().unwrap())
    });
    assert!(!heard[0].is_empty());
    assert!(heard.iter().all(|transcript| transcript == &heard[0]));
}

#[test]
fn damaged_models_are_named() {
    let Some(models) = models() else { return };
    for (file, load) in [
        ("moonshine/encoder_model.ort", ears as fn(&Models) -> Option<SpeechError>),
        ("moonshine/tokenizer.bin", ears),
        ("piper/voice.onnx", voice),
        ("piper/voice.onnx.json", voice),
    ] {
        let folder = tempfile::tempdir().unwrap();
        support::link_tree(models.folder(), folder.path());
        fs::remove_file(folder.path().join(file)).unwrap();
        fs::write(folder.path().join(file), b"\x90 not a model").unwrap();
        let error = load(&Models::at(folder.path()).unwrap()).unwrap();
        assert!(matches!(error, SpeechError::Model { .. }), "{error}");
        assert!(error.to_string().contains(file), "{error}");
    }

    fn ears(models: &Models) -> Option<SpeechError> {
        SpeechToText::load(models).err()
    }

    fn voice(models: &Models) -> Option<SpeechError> {
        TextToSpeech::load(models).err()
    }
}

const SENTENCES: [&str; 24] = [
    "What time is it?",
    "Set a timer for five minutes.",
    "Set a timer for an hour and a half called pasta.",
    "Add milk, eggs and bread to the shopping list.",
    "What is on my shopping list?",
    "Turn off the lamp in the living room.",
    "What did you hear today?",
    "Cancel all timers.",
    "How much time is left on the pizza timer?",
    "Remove butter from the shopping list.",
    "Who was at the front door this morning?",
    "Remind me to call my sister at noon.",
    "Glue the sheet to the dark blue background.",
    "It is easy to tell the depth of a well.",
    "The box was thrown beside the parked truck.",
    "Four hours of steady work faced us.",
    "The boy was there when the sun rose.",
    "Kick the ball straight and follow through.",
    "Help the woman get back to her feet.",
    "A pot of tea helps to pass the evening.",
    "The small pup gnawed a hole in the sock.",
    "The fish twisted and turned on the bent hook.",
    "Press the pants and sew a button on the vest.",
    "The beauty of the view stunned the young boy.",
];

/// Speech of 16 kHz.
fn spoken(mouth: &TextToSpeech, text: &str) -> Pcm {
    mouth.speak(text).unwrap().resample(wav::RATE).unwrap()
}

/// One pair for all tests: loading takes longer than hearing.
fn ears_and_mouth() -> Option<&'static (SpeechToText, TextToSpeech)> {
    static BOTH: LazyLock<Option<(SpeechToText, TextToSpeech)>> = LazyLock::new(|| {
        let models = models()?;
        Some((SpeechToText::load(&models).unwrap(), TextToSpeech::load(&models).unwrap()))
    });
    BOTH.as_ref()
}
