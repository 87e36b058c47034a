//! How words are pronounced: espeak-ng, as a process of its own.
//!
//! The words go through a pipe. An argument would show in the list of processes, and a file would be on a disk.

use std::io::{ErrorKind, Write};
use std::process::{Command, Stdio};

use zeroize::Zeroizing;

use crate::error::SpeechError;

/// The pronunciation of one clause, in the phonetic alphabet and on one line.
pub(crate) fn of(words: &str, language: &str) -> Result<Zeroizing<String>, SpeechError> {
    run("espeak-ng", words, language)
}

fn run(program: &str, words: &str, language: &str) -> Result<Zeroizing<String>, SpeechError> {
    let failed = |reason: String| SpeechError::Espeak { reason };
    let mut child = Command::new(program)
        .args(["-q", "--ipa", "-b", "1", "-v", language, "--stdin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        // It could repeat the words there.
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| match error.kind() {
            ErrorKind::NotFound => SpeechError::NoEspeak,
            _ => failed(format!("it does not start: {error}")),
        })?;
    // A clause fits into the pipe, so it is written whole before anything is read; dropping the end closes it.
    let written = match child.stdin.take() {
        Some(mut stdin) => stdin.write_all(without_brackets(words).as_bytes()),
        None => Ok(()),
    };
    let output = child.wait_with_output().map_err(|error| failed(error.to_string()))?;
    let lines = Zeroizing::new(output.stdout);
    if !output.status.success() {
        return Err(failed(format!("it ended with {}", output.status)));
    }
    written.map_err(|error| failed(format!("it did not take the words: {error}")))?;
    Ok(one_line(&String::from_utf8_lossy(&lines)))
}

/// Double square brackets would make espeak-ng read what is in them as phonemes.
pub(crate) fn without_brackets(words: &str) -> Zeroizing<String> {
    Zeroizing::new(words.replace(['[', ']'], " "))
}

/// espeak-ng breaks lines where it hears a clause end, and marks words of another language with `(fr)` and `(en)`.
pub(crate) fn one_line(lines: &str) -> Zeroizing<String> {
    let mut line = Zeroizing::new(String::with_capacity(lines.len()));
    let mut in_mark = false;
    for character in lines.trim().chars() {
        match character {
            '(' => in_mark = true,
            ')' => in_mark = false,
            _ if in_mark => {}
            '\n' => line.push(' '),
            other => line.push(other),
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_not_there_is_said_to_be_missing() {
        let error = run("espeak-ng-that-nobody-has", "hello", "en-us").unwrap_err();
        assert!(matches!(error, SpeechError::NoEspeak));
        assert!(error.to_string().contains("apt install espeak-ng"));
    }

    #[test]
    fn a_program_that_fails_does_not_repeat_the_words() {
        let error = run("false", "secret words", "en-us").unwrap_err();
        assert!(matches!(error, SpeechError::Espeak { .. }));
        assert!(!error.to_string().contains("secret"), "{error}");
    }

    #[test]
    fn lines_are_joined_and_language_marks_dropped() {
        assert_eq!(&*one_line("mˈɪstɚ\ndʒˈoʊnz (fr)la vˈi(en)\n"), "mˈɪstɚ dʒˈoʊnz la vˈi");
    }

    #[test]
    fn brackets_cannot_smuggle_phonemes() {
        assert_eq!(&*without_brackets("say [[hello]] now"), "say   hello   now");
    }
}
