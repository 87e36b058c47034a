//! What the people of a household do: every command they type, and what it answers.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::answer::{Answer, text};
use crate::events::Events;
use crate::home::Home;
use crate::program::porchlight;
use crate::speech::speech;

/// Longer than any command takes, in seconds; one that hangs is killed then, and the test fails.
const HANGS: &str = "90";

impl Home {
    /// Signs somebody in, with their own passphrase and second factor, on a computer of their own.
    pub fn sign_in(&self, name: &str) -> Answer {
        self.sign_in_with(name, &self.passphrase(name), &self.totp(name))
    }

    /// Signs somebody in to an https hub, whose certificate has to be of this authority.
    pub fn sign_in_trusting(&self, name: &str, authority: &Path) -> Answer {
        self.sign_in_as(self.address(), name, &self.passphrase(name), &self.totp(name), Some(authority))
    }

    /// Tries to sign somebody in with these.
    pub fn sign_in_with(&self, name: &str, passphrase: &Path, totp: &Path) -> Answer {
        let authority = self.authority();
        let https = self.address().starts_with("https:");
        self.sign_in_as(self.address(), name, passphrase, totp, https.then_some(authority.as_path()))
    }

    /// Signs somebody in at another address of the hub's, by https.
    pub fn sign_in_at(&self, address: &str, name: &str) -> Answer {
        self.sign_in_as(address, name, &self.passphrase(name), &self.totp(name), Some(&self.authority()))
    }

    fn sign_in_as(
        &self,
        address: &str,
        name: &str,
        passphrase: &Path,
        totp: &Path,
        authority: Option<&Path>,
    ) -> Answer {
        self.forget_used_codes();
        let mut command = self.command(name);
        command.args(["sign-in", "--hub", address, "--name", name, "--passphrase-file"]).arg(passphrase);
        command.arg("--totp-secret-file").arg(totp);
        if let Some(authority) = authority {
            command.arg("--authority").arg(authority);
        }
        run(command)
    }

    /// Proves again who somebody is, at their own computer.
    pub fn prove(&self, name: &str) -> Answer {
        self.forget_used_codes();
        let mut command = self.command(name);
        command.args(["session", "prove", "--my-passphrase-file"]).arg(self.passphrase(name));
        command.arg("--my-totp-secret-file").arg(self.totp(name));
        run(command)
    }

    /// Makes somebody a new kit, in this file.
    pub fn new_kit(&self, name: &str, file: &Path) -> Answer {
        self.forget_used_codes();
        let mut command = self.command(name);
        command.args(["account", "new-kit", "--recovery-kit"]).arg(file);
        command.arg("--passphrase-file").arg(self.passphrase(name));
        command.arg("--totp-secret-file").arg(self.totp(name));
        run(command)
    }

    /// Adds an adult and lets them in: they are signed in then, with a passphrase and a kit of their own.
    pub fn add_adult(&self, name: &str) {
        self.anna(&["person", "add", name, "--born", "1984-03"]).one();
        self.let_in(name);
    }

    /// Adds somebody of sixteen, whom Anna guards, and lets them in.
    pub fn add_teen(&self, name: &str) {
        let year: i32 = jiff::Timestamp::now().to_string()[..4].parse().expect("a year");
        let born = format!("{}-01", year - 16);
        self.anna(&["person", "add", name, "--born", &born, "--guardian", "Anna"]).one();
        self.let_in(name);
    }

    /// A command of Anna's.
    pub fn anna(&self, arguments: &[&str]) -> Answer {
        self.run_as("Anna", arguments)
    }

    /// A command of somebody's, on their own computer.
    pub fn run_as(&self, name: &str, arguments: &[&str]) -> Answer {
        let mut command = self.command(name);
        command.args(arguments);
        run(command)
    }

    /// A command of whoever has somebody's session, and does not know their passphrase.
    pub fn run_by_session(&self, name: &str, arguments: &[&str]) -> Answer {
        let mut command = self.command_of_session(name);
        command.args(arguments);
        run(command)
    }

    /// The same, as words for people and not as JSON.
    pub fn words(&self, arguments: &[&str]) -> String {
        let mut command = patient();
        self.surroundings(&mut command, "Anna").args(arguments);
        command.env("PORCHLIGHT_PASSPHRASE_FILE", self.passphrase("Anna"));
        run(command).words()
    }

    /// Starts a command of Anna's and does not wait for it.
    pub fn begin(&self, arguments: &[&str]) -> Child {
        self.command("Anna")
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .expect("porchlight can be started")
    }

    /// Everything that is listed, by these filters.
    pub fn list(&self, filters: &[&str]) -> Vec<Value> {
        self.anna(&[&["list"], filters].concat()).lines()
    }

    /// Opens a recording with Anna's key, and gives what is in it.
    pub fn open(&self, id: u64) -> Vec<u8> {
        let out = self.file("opened");
        self.anna(&["open", &id.to_string(), "--out", out.to_str().expect("a path of letters")]).one();
        fs::read(out).expect("what was opened")
    }

    /// Follows what happens from the hub's start on, with these arguments beside.
    pub fn events(&self, more: &[&str]) -> Events {
        let mut command = Command::new(porchlight());
        self.surroundings(&mut command, "Anna").args(["--json", "events", "--after", "0"]).args(more);
        Events::follow(command)
    }

    /// A sentence in Porchlight's own voice, as a file that `say` takes and understands.
    pub fn speech(&self, sentence: &str) -> PathBuf {
        let name: String = sentence.chars().filter(|letter| letter.is_alphanumeric()).collect();
        let file = self.file(&format!("{name}.wav"));
        fs::write(&file, speech(sentence)).expect("room for speech");
        file
    }

    /// Says a sentence into a microphone, in Anna's session.
    pub fn say(&self, sentence: &str, device: &str) -> Value {
        let file = self.speech(sentence);
        self.anna(&["say", file.to_str().expect("a path of letters"), "--device", device]).one()
    }

    /// Adds a microphone, in a room of the same name.
    pub fn add_microphone(&self, name: &str) {
        self.anna(&["device", "add", name, "--kind", "microphone", "--room", name]).one();
    }

    /// Adds a microphone where nobody but Anna speaks, and lets what she says there be kept.
    pub fn add_annas_microphone(&self, name: &str) {
        self.anna(&["device", "add", name, "--kind", "microphone", "--person", "Anna"]).one();
        self.anna(&["consent", "grant", "Anna", "history"]).one();
    }

    /// Makes the credential of a microphone, by whoever may.
    pub fn credential(&self, by: &str, device: &str) -> String {
        let made = self.run_as(by, &["device", "credential", device]).one();
        text(&made, "credential").to_owned()
    }

    /// Adds a camera. Its address goes in by standard input, so that no list of processes shows its password.
    pub fn add_camera(&self, name: &str, url: &str) {
        self.with_address("Anna", &["device", "add", name, "--kind", "camera", "--url", "-"], url).one();
    }

    /// What becomes of a command that reads a camera's address from standard input.
    pub fn with_address(&self, who: &str, arguments: &[&str], url: &str) -> Answer {
        let mut command = self.command(who);
        command.args(arguments);
        let address = self.file("address");
        fs::write(&address, url).expect("room for an address");
        command.stdin(File::open(&address).expect("the address"));
        let outcome = run(command);
        fs::remove_file(address).expect("the address");
        outcome
    }

    /// How a device is, as `device list` says it.
    pub fn device(&self, name: &str) -> Value {
        let devices = self.anna(&["device", "list"]).lines();
        devices.into_iter().find(|device| text(device, "name") == name).expect("the device is listed")
    }

    /// A command with `--json`, of somebody who has a computer of their own, and gives their passphrase where it is asked for.
    pub(crate) fn command(&self, name: &str) -> Command {
        let mut command = self.command_of_session(name);
        command.env("PORCHLIGHT_PASSPHRASE_FILE", self.passphrase(name));
        command
    }

    /// The same, of whoever has that computer's session and no passphrase.
    pub(crate) fn command_of_session(&self, name: &str) -> Command {
        let mut command = patient();
        self.surroundings(&mut command, name).arg("--json");
        command
    }
}

/// The program, which is killed if it hangs.
fn patient() -> Command {
    let mut command = Command::new("timeout");
    command.args(["--signal=KILL", HANGS]).arg(porchlight());
    command
}

/// Runs a command to its end.
pub(crate) fn run(mut command: Command) -> Answer {
    let words: Vec<_> = command.get_args().skip(3).map(|word| word.to_string_lossy()).collect();
    let words = words.join(" ");
    let done = command.output().expect("porchlight can be started");
    let messages = String::from_utf8_lossy(&done.stderr).into_owned();
    Answer { command: words, status: done.status.code(), out: done.stdout, messages }
}
