//! A household of its own for a test: folders, people who sign in, and the real hub.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use crate::answer::{Answer, text};
use crate::commands::run;
use crate::program::{porchlight, required, root};

/// Whether the hub is to hear and speak: loading the models takes a second, and not every machine has them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Voice {
    /// With the real models.
    Loaded,
    /// Deaf and mute, as a hub is whose models were never fetched.
    None,
}

/// A household, its owner Anna, and its hub while it serves. When it is dropped, the hub is killed and the folders go.
pub struct Home {
    folder: TempDir,
    voice: Voice,
    hub: Option<Child>,
    /// Where the hub listens; a hub that starts again listens there again.
    address: Option<String>,
    /// How else it is to serve.
    options: Vec<String>,
    /// The code that makes a household, where the hub waits for one.
    set_up_code: Option<String>,
    /// Where its standard error goes, the next time that it starts.
    errors_to: Option<File>,
    /// What of the environment it is started with.
    environment: Vec<(String, String)>,
}

impl Home {
    /// A household that is made and not yet served.
    pub fn made() -> Home {
        let home = Home::empty(Voice::None);
        home.init(&[]).one();
        home
    }

    /// A household whose hub serves without models, with Anna signed in.
    pub fn quiet() -> Home {
        Home::serving(Voice::None)
    }

    /// A household whose hub hears and speaks, with Anna signed in. `None` where the models are missing and may be missing: a line
    /// says so.
    pub fn that_speaks() -> Option<Home> {
        let weights = std::env::var_os("PORCHLIGHT_MODELS").map(PathBuf::from);
        let weights = weights.unwrap_or_else(|| root().join("models/weights"));
        if !weights.is_dir() {
            assert!(!required("PORCHLIGHT_REQUIRE_MODELS"), "there are no models in {}", weights.display());
            eprintln!("left out, because the models are not fetched; run `make models`");
            return None;
        }
        Some(Home::serving(Voice::Loaded))
    }

    /// Folders and Anna's passphrase, and nothing made of them yet.
    pub fn empty(voice: Voice) -> Home {
        let home = Home {
            folder: tempfile::tempdir().expect("a folder"),
            voice,
            hub: None,
            address: None,
            options: Vec::new(),
            set_up_code: None,
            errors_to: None,
            environment: Vec::new(),
        };
        fs::create_dir(home.file("no-models")).expect("a folder");
        home.new_passphrase("Anna");
        home
    }

    /// A household that an earlier release made, and that no release served since: Anna's, who has a kit of then.
    pub fn of_an_earlier_release() -> Home {
        let home = Home::empty(Voice::None);
        let made = root().join("tests/fixtures/earlier-release.tar.gz");
        let unpacked = Command::new("tar").arg("-xzf").arg(made).arg("-C").arg(home.folder.path()).status();
        assert!(unpacked.expect("tar").success(), "the household of an earlier release is unpacked");
        home
    }

    fn serving(voice: Voice) -> Home {
        let mut home = Home::empty(voice);
        home.init(&[]).one();
        home.serve();
        home.sign_in("Anna").one();
        home
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.file("data")
    }

    /// The strongbox beside it.
    pub fn strongbox(&self) -> PathBuf {
        self.file("data.strongbox")
    }

    /// A file or folder beside those.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A person's passphrase file.
    pub fn passphrase(&self, name: &str) -> PathBuf {
        self.file(&format!("{name}.passphrase"))
    }

    /// A person's recovery kit.
    pub fn kit(&self, name: &str) -> PathBuf {
        self.file(&format!("{name}.kit"))
    }

    /// A person's TOTP secret.
    pub fn totp(&self, name: &str) -> PathBuf {
        self.file(&format!("{name}.totp"))
    }

    /// What the hub wrote to standard error, over all its starts.
    pub fn log(&self) -> String {
        fs::read_to_string(self.file("log")).unwrap_or_default()
    }

    /// Writes a good passphrase for somebody.
    pub fn new_passphrase(&self, name: &str) {
        let phrase = format!("seven {name} lanterns drift over the harbour\n");
        fs::write(self.passphrase(name), phrase).expect("room for a passphrase");
    }

    /// `porchlight init`, with Anna as the owner.
    pub fn init(&self, more: &[&str]) -> Answer {
        let (kit, totp, passphrase) = (self.kit("Anna"), self.totp("Anna"), self.passphrase("Anna"));
        let mut command = self.command("Anna");
        command.args(["init", "--owner", "Anna", "--time-zone", "Europe/Berlin", "--data"]).arg(self.data());
        command.arg("--passphrase-file").arg(passphrase);
        command.arg("--recovery-kit").arg(kit).arg("--totp-secret-file").arg(totp).args(more);
        run(command)
    }

    /// A household whose hub serves as it would a network, with Anna signed in.
    pub fn by_https() -> Home {
        let mut home = Home::made();
        home.serve_with(&["--https"]);
        home.sign_in("Anna").one();
        home
    }

    /// Starts the hub and waits until it listens: at any free port the first time, and at the same one from then on.
    pub fn serve(&mut self) {
        self.start().unwrap_or_else(|answer| panic!("the hub does not start: {}", answer.messages));
    }

    /// Starts the hub with these options, now and from then on.
    pub fn serve_with(&mut self, options: &[&str]) {
        self.options = options.iter().map(|option| (*option).to_owned()).collect();
        self.serve();
    }

    /// Starts the hub with no more than its data folder: what it was told last is to be remembered.
    pub fn serve_as_remembered(&mut self) {
        let mut command = Command::new(porchlight());
        command.args(["--json", "serve", "--data"]).arg(self.data());
        self.started(command).unwrap_or_else(|answer| panic!("the hub does not start: {}", answer.messages));
    }

    /// Starts the hub with this in its environment, from now on.
    pub fn set(&mut self, name: &str, value: &str) {
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// Starts the hub, which must be refused; in its own words.
    pub fn serve_refused(&mut self) -> String {
        match self.start() {
            Ok(()) => panic!("the hub was not refused"),
            Err(answer) => answer.refused(),
        }
    }

    fn start(&mut self) -> Result<(), Answer> {
        let listen = self.address.as_deref().and_then(|address| address.split("://").nth(1));
        let mut command = Command::new(porchlight());
        // What a story does not say is as it is by itself.
        command.args(["--json", "serve", "--defaults", "--data"]).arg(self.data()).args(&self.options);
        if !self.options.iter().any(|option| option == "--listen") {
            command.args(["--listen", listen.unwrap_or("127.0.0.1:0")]);
        }
        if self.voice == Voice::None {
            command.arg("--models").arg(self.file("no-models"));
        }
        self.started(command)
    }

    fn started(&mut self, mut command: Command) -> Result<(), Answer> {
        assert!(self.hub.is_none(), "the hub serves already");
        let before = self.log().len();
        let log = File::options().create(true).append(true).open(self.file("log")).expect("a log");
        let log = self.errors_to.take().unwrap_or(log);
        let mut hub = self
            .surroundings(&mut command, "Anna")
            .envs(self.environment.clone())
            .stderr(log)
            .spawn()
            .expect("porchlight can be started");
        let mut line = String::new();
        // It prints its address once it listens; when it cannot start, this ends with it.
        BufReader::new(hub.stdout.as_mut().expect("it was asked for")).read_line(&mut line).expect("text");
        if line.is_empty() {
            let status = hub.wait().expect("a started program ends").code();
            let messages = self.log().split_off(before);
            return Err(Answer { command: "--json serve".into(), status, out: Vec::new(), messages });
        }
        let said: Value = serde_json::from_str(&line).expect("`serve --json` prints JSON");
        self.address = Some(text(&said, "listening").to_owned());
        self.set_up_code = said["set_up_code"].as_str().map(str::to_owned);
        self.hub = Some(hub);
        Ok(())
    }

    /// The hub's standard error goes there, the next time that it starts.
    pub fn errors_to(&mut self, file: File) {
        self.errors_to = Some(file);
    }

    /// Takes the hub's power away.
    pub fn kill(&mut self) {
        if let Some(mut hub) = self.hub.take() {
            hub.kill().expect("a hub can be killed");
            hub.wait().expect("a killed hub ends");
        }
    }

    /// Stops the hub as a service manager does.
    pub fn stop(&mut self) {
        let mut hub = self.hub.take().expect("the hub serves");
        let id = i32::try_from(hub.id()).ok().and_then(Pid::from_raw).expect("a process has an id");
        kill_process(id, Signal::TERM).expect("a hub can be told to stop");
        assert!(hub.wait().expect("a stopped hub ends").success(), "the hub ended badly: {}", self.log());
    }

    /// What the kernel says of the hub's process, such as `status` or `limits`.
    pub fn process(&self, file: &str) -> String {
        let id = self.hub.as_ref().expect("the hub serves").id();
        fs::read_to_string(format!("/proc/{id}/{file}")).unwrap_or_default()
    }

    /// How many files the hub has open.
    pub fn open_files(&self) -> usize {
        let id = self.hub.as_ref().expect("the hub serves").id();
        fs::read_dir(format!("/proc/{id}/fd")).map_or(0, Iterator::count)
    }

    /// What a core file of the hub would hold now: all its memory that can be written to. `None` where that may not be read.
    pub fn memory(&self) -> Option<Vec<u8>> {
        use std::os::unix::fs::FileExt;
        let id = self.hub.as_ref().expect("the hub serves").id();
        let maps = fs::read_to_string(format!("/proc/{id}/maps")).ok()?;
        let memory = File::open(format!("/proc/{id}/mem")).ok()?;
        let mut core = Vec::new();
        for map in
            maps.lines().filter(|map| map.split(' ').nth(1).is_some_and(|rights| rights.starts_with("rw")))
        {
            let (from, to) = map.split(' ').next()?.split_once('-')?;
            let (from, to) = (u64::from_str_radix(from, 16).ok()?, u64::from_str_radix(to, 16).ok()?);
            let mut region = vec![0; (to - from) as usize];
            // What the kernel keeps to itself is no part of a core file.
            if memory.read_exact_at(&mut region, from).is_ok() {
                core.extend_from_slice(&region);
            }
        }
        Some(core)
    }

    /// The certificate of the household's authority.
    pub fn authority(&self) -> PathBuf {
        self.data().join("authority.pem")
    }

    /// The code that the hub shows, where it waits for its household.
    pub fn set_up_code(&self) -> &str {
        self.set_up_code.as_deref().expect("the hub waits for its household")
    }

    /// Where the hub listens.
    pub fn address(&self) -> &str {
        self.address.as_deref().expect("the hub has served")
    }

    /// Nothing of whoever runs the tests, and a computer of somebody's own.
    pub(crate) fn surroundings<'a>(&self, command: &'a mut Command, name: &str) -> &'a mut Command {
        command
            .env_remove("PORCHLIGHT_HUB")
            .env_remove("PORCHLIGHT_DATA")
            .env_remove("PORCHLIGHT_LOG")
            .env_remove("PORCHLIGHT_PASSPHRASE_FILE")
            .env_remove("PORCHLIGHT_TOTP_SECRET_FILE")
            .env("XDG_STATE_HOME", self.file(&format!("{name}.state")))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
    }
}

impl Drop for Home {
    /// Whatever the story was about: a hub in which something broke down is a defect, though the rest of it went on, and where the
    /// story failed, what its hub had to say helps.
    fn drop(&mut self) {
        self.kill();
        let log = self.log();
        if thread::panicking() {
            eprintln!("what the hub of this story said:\n{log}");
        } else {
            assert!(!log.contains("panicked at"), "the hub broke down: {log}");
        }
    }
}
