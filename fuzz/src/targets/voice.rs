//! WAV files, sentences that are said, templates of sentences, and text on its way to the voice.

use std::sync::LazyLock;

use porchlight_voice::fuzzing;
use porchlight_voice::intent::{Matcher, Names};
use porchlight_voice::wav;

use super::{text, texts};
use crate::Target;

pub(super) const TARGETS: &[Target] = &[
    Target { name: "wav", run: wav, seeds: wav_seeds },
    Target { name: "sentences", run: sentences, seeds: sentence_seeds },
    Target { name: "templates", run: templates, seeds: template_seeds },
    Target { name: "speech", run: speech, seeds: speech_seeds },
];

/// Sound that is read is not longer than what was sent, and is written and read again as the same.
fn wav(bytes: &[u8]) {
    let Ok(sound) = wav::read(bytes) else { return };
    assert!(sound.samples().len() * 2 <= bytes.len(), "more sound than there was");
    assert_eq!(sound.rate(), wav::RATE);
    assert_eq!(wav::read(&wav::write(&sound)).expect("what was written is read"), sound);
}

fn wav_seeds() -> Vec<Vec<u8>> {
    let plain = wav::write(&porchlight_voice::pcm::Pcm::new(wav::RATE, vec![0, 1, -1, i16::MAX, i16::MIN]));
    let mut listed = plain[..36].to_vec();
    listed.extend(b"LIST\x03\0\0\0abc\0");
    listed.extend(&plain[36..]);
    let mut extensible =
        b"RIFF\0\0\0\0WAVEfmt \x28\0\0\0\xfe\xff\x01\0\x80\x3e\0\0\0\x7d\0\0\x02\0\x10\0".to_vec();
    extensible.extend(b"\x16\0\x10\0\x04\0\0\0\x01\0\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71");
    extensible.extend(b"data\x04\0\0\0\x01\0\x02\0");
    vec![plain, listed, extensible]
}

static MATCHER: LazyLock<Matcher> =
    LazyLock::new(|| Matcher::english().expect("our templates are well formed"));

/// The last line is what was said; those before it name rooms and things of the home.
fn sentences(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    let (home, said) = text.rsplit_once('\n').unwrap_or(("kitchen", text));
    let mut names = Names::new().camera("porch").here("kitchen");
    for name in home.lines().take(16) {
        names = names.area(name).thing(name, "light").list(name);
    }
    let found = MATCHER.recognise(said, &names);
    assert!(found == MATCHER.recognise(said, &names), "the same words mean something else");
    if let Some(found) = found {
        assert!(!found.intent.is_empty());
        let shown = format!("{found:?}");
        let secret =
            |value: &serde_json::Value| value.as_str().is_some_and(|v| v.len() > 16 && shown.contains(v));
        assert!(!found.slots.values().any(secret), "words are shown");
    }
}

fn sentence_seeds() -> Vec<Vec<u8>> {
    texts([
        "set a timer for an hour and a half",
        "kitchen\nliving room\nturn off the lights in the living room in five minutes",
        "add half a pound of butter, eggs and 1,000 nails to the shopping list",
        "wake me at 6:45 p.m. for twenty-five minutes",
        "forget what I said in the last ten minutes",
        "what happened on the porch",
    ])
}

/// A file of templates in the form of Home Assistant's.
fn templates(bytes: &[u8]) {
    let Some(json) = text(bytes) else { return };
    let Ok(matcher) = Matcher::english().and_then(|matcher| matcher.with_home_assistant(json)) else {
        return;
    };
    let _ = matcher.recognise("turn on the lamp in the kitchen for 5 minutes", &Names::new().area("kitchen"));
}

fn template_seeds() -> Vec<Vec<u8>> {
    texts([
        r#"{"language":"en","settings":{},"intents":{"HassTurnOn":{"data":[{"sentences":["(turn|switch) on [<the>] {name} [in [<the>] {area}]","<timer> {minutes:minutes} minute[s]"],"slots":{"domain":"light"},"requires_context":{"domain":"light"},"excludes_context":{"domain":"lock"},"response":"on"}]}},"lists":{"minutes":{"range":{"from":0,"to":100,"step":5}},"colour":{"values":[{"in":"red","out":"r"},"blue"]},"any":{"wildcard":true}},"expansion_rules":{"the":"(the|my)","timer":"[set] [a] timer for"},"skip_words":["please"]}"#,
    ])
}

/// Every clause has something to say, in a mark's bounds, and short enough for a pipe.
fn speech(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    for sentence in fuzzing::sentences(text) {
        assert!(!sentence.is_empty());
        for (words, end) in sentence {
            assert!(words.chars().any(char::is_alphanumeric), "a clause without a word");
            assert!(matches!(end, ',' | ';' | ':' | '.' | '!' | '?'));
            assert!(words.len() <= 1024, "a clause of {} bytes", words.len());
        }
    }
    let (given, line) = fuzzing::phonemes(text, text);
    assert!(!given.contains(['[', ']']), "phonemes can be smuggled");
    assert!(!line.contains(['\n', '(', ')']), "it is not one line of phonemes");
}

fn speech_seeds() -> Vec<Vec<u8>> {
    texts([
        "It is 6:20 PM. Dr. Jones called at 7 a.m. and said: 3.5 apples, 1,000 nails!",
        "12:05, 24:00, 1:02:03; \u{2014} yes\u{2026} no?!\nm\u{2c8}\u{26a}st (fr)la(en) [[x]]",
        "walk walk walk walk walk walk walk walk walk walk walk walk walk walk walk walk walk walk walk walk walk \
         walk walk walk walk walk walk walk walk walk walk walk walk walk walk walk walk walk walk walk walk walk",
    ])
}
