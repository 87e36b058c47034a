//! What is said beside the answer, on standard error. Whoever does not read it, or cannot write it down, stops nobody: a hub goes on
//! with its log on a full disk, behind a pipe that was closed, and before a reader that fell asleep. As in an answer, each character that
//! nobody sees is written out.

use std::io::{self, Write};
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use porchlight_hub::text::{in_json, on_lines};

/// So many lines wait for a slow reader; what comes on top of them is dropped.
const WAITING: usize = 1000;
/// How long the last lines are waited for at the end.
const LAST_WORDS: Duration = Duration::from_millis(500);

enum Message {
    Line(Vec<u8>),
    /// Answered once all before it is written.
    Done(SyncSender<()>),
}

/// Whether what is said is a line of the log, for programs.
static AS_LOG: OnceLock<()> = OnceLock::new();

static LINES: OnceLock<SyncSender<Message>> = OnceLock::new();

/// Says a sentence. What cannot be written is lost, and that is no fault of whatever was to be said.
pub(crate) fn say(sentence: impl AsRef<str>) {
    if AS_LOG.get().is_some() {
        return tracing::info!(target: "porchlight", "{}", sentence.as_ref());
    }
    write(format!("{}\n", on_lines(sentence.as_ref())).into_bytes());
}

/// Says a line that is for programs already, and is no part of a log.
pub(crate) fn say_to_programs(line: &str) {
    write(format!("{}\n", in_json(line)).into_bytes());
}

/// Asks for something on the same line.
pub(crate) fn prompt(question: &str) {
    write(on_lines(question).into_owned().into_bytes());
}

/// From here on nothing waits until it is written.
pub(crate) fn wait_for_nobody() {
    let (lines, written) = sync_channel(WAITING);
    if thread::Builder::new().name("messages".into()).spawn(move || write_all(&written)).is_ok() {
        // Set once, by the one command that goes on for ever.
        let _ = LINES.set(lines);
    }
}

/// From here on what is said goes into the log, whose every line is read by a program.
pub(crate) fn say_as_log() {
    let _ = AS_LOG.set(());
}

/// Gives the last lines a moment.
pub(crate) fn finish() {
    let (done, written) = sync_channel(1);
    if LINES.get().is_some_and(|lines| lines.try_send(Message::Done(done)).is_ok()) {
        let _ = written.recv_timeout(LAST_WORDS);
    }
}

fn write(bytes: Vec<u8>) {
    match LINES.get() {
        Some(lines) => drop(lines.try_send(Message::Line(bytes))),
        None => drop(io::stderr().write_all(&bytes)),
    }
}

fn write_all(lines: &Receiver<Message>) {
    for message in lines {
        match message {
            Message::Line(bytes) => drop(io::stderr().write_all(&bytes)),
            Message::Done(done) => drop(done.try_send(())),
        }
    }
}

/// The log, line by line.
#[derive(Clone, Copy)]
pub(crate) struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let line = String::from_utf8_lossy(bytes);
        match AS_LOG.get() {
            Some(()) => say_to_programs(line.trim_end_matches('\n')),
            None => write(on_lines(&line).into_owned().into_bytes()),
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
