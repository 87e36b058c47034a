//! Letting somebody in, by the command line at both ends: the owner's, and the newcomer's on a computer of their own.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

use crate::answer::{Answer, text};
use crate::home::Home;

/// A command that says something before it is at its end.
pub struct Conversation {
    child: Child,
    out: BufReader<ChildStdout>,
    command: String,
}

impl Home {
    /// Lets somebody in who stands in the household, by Anna; they are signed in then, with a passphrase and a kit of their own.
    pub fn let_in(&self, name: &str) {
        let mut inviting = self.invite("Anna", name);
        let code = text(&inviting.line(), "code").to_owned();
        let mut joining = self.join(name, &code);
        assert_eq!(joining.line()["numbers"], inviting.line()["numbers"], "both screens show the same");
        inviting.says("y");
        inviting.finish().one();
        joining.finish().one();
    }

    /// Somebody begins to let somebody in: the first that it says is the code, the next the numbers.
    pub fn invite(&self, by: &str, name: &str) -> Conversation {
        let mut command = self.command(by);
        command.args(["person", "invite", name]);
        Conversation::begin(command)
    }

    /// The same by whoever has somebody's session and does not know their passphrase.
    pub fn invite_by_session(&self, by: &str, name: &str) -> Conversation {
        let mut command = self.command_of_session(by);
        command.args(["person", "invite", name]);
        Conversation::begin(command)
    }

    /// Somebody comes with a code, at a computer of their own: the first that it says are the numbers. The code goes in by standard input,
    /// where nobody else who uses that computer sees it.
    pub fn join(&self, name: &str, code: &str) -> Conversation {
        self.join_at(self.address(), name, code)
    }

    /// The same where somebody takes this for the hub.
    pub fn join_at(&self, hub: &str, name: &str, code: &str) -> Conversation {
        let mut joining = self.join_with(hub, name, &["-"]);
        joining.says(code);
        joining
    }

    /// The same with these words in the place of the code.
    pub fn join_with(&self, hub: &str, name: &str, words: &[&str]) -> Conversation {
        self.new_passphrase(name);
        let mut command = self.command(name);
        command.args(["--hub", hub, "join"]).args(words);
        command.arg("--passphrase-file").arg(self.passphrase(name));
        command.arg("--recovery-kit").arg(self.kit(name)).arg("--totp-secret-file").arg(self.totp(name));
        if hub.starts_with("https:") {
            command.arg("--authority").arg(self.authority());
        }
        Conversation::begin(command)
    }
}

impl Conversation {
    fn begin(mut command: Command) -> Conversation {
        let words: Vec<_> =
            command.get_args().skip(3).map(|word| word.to_string_lossy().into_owned()).collect();
        let mut child = command.stdin(Stdio::piped()).spawn().expect("porchlight can be started");
        let out = BufReader::new(child.stdout.take().expect("it was asked for"));
        Conversation { child, out, command: words.join(" ") }
    }

    /// What it says next.
    pub fn line(&mut self) -> Value {
        let mut line = String::new();
        self.out.read_line(&mut line).expect("text");
        serde_json::from_str(&line).unwrap_or_else(|_| {
            let mut why = String::new();
            let _ = self.child.stderr.take().expect("it was asked for").read_to_string(&mut why);
            panic!("`{}` says no more: {line}{why}", self.command)
        })
    }

    /// Somebody types a line.
    pub fn says(&mut self, answer: &str) {
        let typed = self.child.stdin.as_mut().expect("it was asked for");
        writeln!(typed, "{answer}").expect("somebody who reads");
    }

    /// The process, to stop it for a while, say.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// How it ends, where nobody types anything more.
    pub fn finish(mut self) -> Answer {
        drop(self.child.stdin.take());
        let mut out = Vec::new();
        self.out.read_to_end(&mut out).expect("an answer");
        let mut messages = String::new();
        let errors = self.child.stderr.as_mut().expect("it was asked for");
        errors.read_to_string(&mut messages).expect("text");
        let status = self.child.wait().expect("a started program ends").code();
        Answer { command: self.command, status, out, messages }
    }
}
