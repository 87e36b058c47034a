//! What is said in tests, in Porchlight's own voice.
//!
//! That voice never says a sentence twice the same way, and now and then even Porchlight mishears itself. How often is measured elsewhere;
//! here every sentence is spoken until it is heard as it is written, once for all tests.

use std::collections::BTreeMap;
use std::fs;
use std::sync::OnceLock;

use crate::answer::text;
use crate::home::Home;

const SENTENCES: [&str; 16] = [
    "Cancel the timer.",
    "Forget everything I said today.",
    "Forget what I just said.",
    "How much time is left on my timer?",
    "Put bananas on the shopping list.",
    "Remove bananas from the shopping list.",
    "Set a timer for 10 minutes.",
    "Set a timer for one second.",
    "Set a timer for five seconds.",
    "The elephant plays the trombone on Thursday.",
    "What day is it?",
    "What did you hear?",
    "What is on my shopping list?",
    "What time is it?",
    "Which cameras are there?",
    "Yes, please.",
];

/// How often a sentence is tried; the least clear of them comes right one time in three.
const TRIES: usize = 40;

/// A sentence as a WAV file that `say` takes and understands.
pub(crate) fn speech(sentence: &str) -> &'static [u8] {
    static SPOKEN: OnceLock<BTreeMap<&str, Vec<u8>>> = OnceLock::new();
    let spoken = SPOKEN.get_or_init(|| {
        let studio = Home::that_speaks().expect("only homes that speak are spoken to");
        SENTENCES.into_iter().map(|sentence| (sentence, speak(&studio, sentence))).collect()
    });
    spoken.get(sentence).unwrap_or_else(|| panic!("`{sentence}` is not among the SENTENCES of speech.rs"))
}

fn speak(studio: &Home, sentence: &str) -> Vec<u8> {
    let file = studio.file("spoken.wav");
    let path = file.to_str().expect("a path of letters");
    for _ in 0..TRIES {
        studio.anna(&["speak", sentence, "--rate", "16000", "--out", path]).one();
        if text(&studio.anna(&["say", path]).one(), "transcript") == sentence {
            return fs::read(&file).expect("what was spoken");
        }
    }
    panic!("Porchlight does not understand itself saying `{sentence}`, {TRIES} times over");
}
