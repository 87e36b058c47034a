//! What a command answered.

use serde_json::Value;

/// What a command printed, and whether it succeeded.
#[derive(Debug)]
pub struct Answer {
    pub(crate) command: String,
    pub(crate) status: Option<i32>,
    /// Standard output.
    pub out: Vec<u8>,
    /// Standard error.
    pub messages: String,
}

impl Answer {
    /// What the command exited with; none where something ended it.
    pub fn status(&self) -> Option<i32> {
        self.status
    }

    /// Every line of standard output. The command must have succeeded, and printed nothing there but JSON objects.
    pub fn lines(self) -> Vec<Value> {
        assert!(self.succeeded(), "`{}` failed: {}", self.command, self.messages);
        self.json_lines()
    }

    /// The one line of standard output.
    pub fn one(self) -> Value {
        let command = self.command.clone();
        let mut lines = self.lines();
        assert_eq!(lines.len(), 1, "`{command}` answers with one object");
        lines.remove(0)
    }

    /// Why the command was refused, in its own words. It must have failed with a sentence and without a stack trace, and printed
    /// nothing as an answer.
    pub fn refused(self) -> String {
        assert!(!self.succeeded(), "`{}` was not refused: {}", self.command, text_of(&self.out));
        let panicked = self.messages.contains("panicked at");
        assert!(!panicked && self.status.is_some(), "`{}` broke down: {}", self.command, self.messages);
        assert!(!self.messages.trim().is_empty(), "`{}` failed without a word", self.command);
        let answered = text_of(&self.out);
        assert!(answered.is_empty(), "`{}` was refused and answered: {answered}", self.command);
        self.explained()
    }

    /// The word for programs by which it was refused.
    pub fn refused_as(self) -> String {
        let last = self.messages.lines().last().unwrap_or_default();
        let problem: Value = serde_json::from_str(last).expect("an error is JSON");
        text(&problem, "error").to_owned()
    }

    /// What was said beside the answer. With `--json` a failure ends with one JSON object on a line, and its sentence stands here for it.
    fn explained(&self) -> String {
        if !self.command.starts_with("--json") {
            return self.messages.clone();
        }
        let (before, last) = match self.messages.trim_end().rsplit_once('\n') {
            Some((before, last)) => (format!("{before}\n"), last),
            None => (String::new(), self.messages.trim_end()),
        };
        let Ok(Value::Object(problem)) = serde_json::from_str(last) else {
            panic!("`{}` failed without JSON: {}", self.command, self.messages);
        };
        let words =
            ["error", "message"].map(|name| problem.get(name).and_then(Value::as_str).unwrap_or_default());
        assert!(
            problem.len() == 2 && words.iter().all(|word| !word.is_empty()),
            "`{}`: {last}",
            self.command
        );
        assert!(!words[0].contains(' '), "a word for programs: {last}");
        before + words[1]
    }

    /// Why the command took another proof of who it is, in its own words, and how to give one.
    pub fn unproven(self) -> String {
        assert_eq!(self.status, Some(3), "`{}` took no proof: {}", self.command, self.messages);
        let why = self.refused();
        assert!(why.contains("porchlight session prove"), "{why}");
        why
    }

    /// What it found, of a command that looks for something wrong and found it; and its messages.
    pub fn alarm(self) -> (Value, String) {
        assert!(!self.succeeded(), "`{}` found nothing wrong: {}", self.command, text_of(&self.out));
        let found = serde_json::from_slice(&self.out);
        let found = found.unwrap_or_else(|_| panic!("`{}` broke down: {}", self.command, self.messages));
        let explained = self.explained();
        (found, explained)
    }

    /// The words for people, on standard output. The command must have succeeded.
    pub fn words(self) -> String {
        assert!(self.succeeded(), "`{}` failed: {}", self.command, self.messages);
        text_of(&self.out)
    }

    /// Every line of standard output as JSON, whether or not the command succeeded.
    pub fn json_lines(&self) -> Vec<Value> {
        let read = |line: &str| match serde_json::from_str(line) {
            Ok(Value::Object(object)) => Value::Object(object),
            _ => panic!("`{}` printed a line that is no JSON object: {line}", self.command),
        };
        text_of(&self.out).lines().map(read).collect()
    }

    /// Whether the exit status says so.
    pub fn succeeded(&self) -> bool {
        self.status == Some(0)
    }
}

fn text_of(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("what is printed is text")
}

/// A field that holds words.
pub fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_else(|| panic!("`{field}` is words in {value}"))
}

/// A field that holds a number.
pub fn number(value: &Value, field: &str) -> u64 {
    value[field].as_u64().unwrap_or_else(|| panic!("`{field}` is a number in {value}"))
}

/// The ids of recordings: of a list of numbers, or of a list of objects with an `id`. In order, so that lists compare.
pub fn ids<'a>(recordings: impl IntoIterator<Item = &'a Value>) -> Vec<u64> {
    let id = |recording: &Value| recording.as_u64().unwrap_or_else(|| number(recording, "id"));
    let mut ids: Vec<u64> = recordings.into_iter().map(id).collect();
    ids.sort_unstable();
    ids
}
