//! A real household, and its hub as a process of its own: the release build, spoken to through its command line.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tempfile::TempDir;

use crate::process::Process;
use crate::setting::Setting;

/// The owner of every household here.
pub(crate) const OWNER: &str = "Anna";

/// A household whose owner is signed in. Its hub runs while [`Hub`] lives.
pub(crate) struct Household {
    folder: TempDir,
    porchlight: PathBuf,
    /// The address of its hub: the same at every start, so that the session goes on.
    address: Option<String>,
}

/// A running hub.
pub(crate) struct Hub {
    pub(crate) process: Process,
}

impl Household {
    /// Makes a household and signs its owner in.
    pub(crate) fn make(setting: &Setting) -> Result<Household> {
        let folder = setting.folder("household")?;
        fs::write(folder.path().join("passphrase"), "lantern crocus fathom ninety-two\n")?;
        let mut household = Household { folder, porchlight: setting.porchlight.clone(), address: None };
        household.run([
            "init",
            "--data",
            "home",
            "--owner",
            OWNER,
            "--passphrase-file",
            "passphrase",
            "--recovery-kit",
            "kit",
            "--totp-secret-file",
            "totp",
            "--time-zone",
            "Europe/Berlin",
        ])?;
        let _hub = household.serve(None)?;
        household.sign_in()?;
        Ok(household)
    }

    /// Signs the owner in, with the code of now.
    pub(crate) fn sign_in(&self) -> Result<()> {
        let files = ["--passphrase-file", "passphrase", "--totp-secret-file", "totp"];
        self.run(["sign-in", "--name", OWNER].into_iter().chain(files)).map(drop)
    }

    /// Where its hub listens.
    pub(crate) fn listens_at(&self) -> Option<SocketAddr> {
        self.address.as_deref()?.strip_prefix("http://")?.parse().ok()
    }

    /// Starts the hub, with the speech models of the checkout or those of another folder.
    pub(crate) fn serve(&mut self, models: Option<&Path>) -> Result<Hub> {
        let listen =
            self.address.as_deref().and_then(|url| url.strip_prefix("http://")).unwrap_or("127.0.0.1:0");
        let mut command = self.command(["serve", "--data", "home", "--listen", listen]);
        if let Some(models) = models {
            command.arg("--models").arg(models);
        }
        let log = fs::File::create(self.path("hub.log"))?;
        let mut process = Process::start("the hub", command.stdout(Stdio::piped()).stderr(log))?;
        let out = process.child().stdout.take().context("the hub has no output")?;
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line)?;
        let told: Value = serde_json::from_str(&line).with_context(|| self.log())?;
        self.address = told["listening"].as_str().map(str::to_owned);
        Ok(Hub { process })
    }

    /// Runs a command; the objects it prints.
    pub(crate) fn run<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Result<Vec<Value>> {
        let output = self.command(arguments).output().context("porchlight does not start")?;
        if !output.status.success() {
            bail!("porchlight refused: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        let lines = String::from_utf8(output.stdout)?;
        Ok(lines.lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
    }

    /// A path in the household's folder, where its commands run.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(&self.porchlight);
        command.arg("--json").args(arguments).current_dir(self.folder.path()).stdin(Stdio::null());
        command
            .env("XDG_STATE_HOME", self.path("state"))
            // The owner's own, for what a session alone must not do.
            .env("PORCHLIGHT_PASSPHRASE_FILE", "passphrase")
            .env_remove("PORCHLIGHT_DATA")
            .env_remove("PORCHLIGHT_LOG");
        match &self.address {
            Some(address) => command.env("PORCHLIGHT_HUB", address),
            None => command.env_remove("PORCHLIGHT_HUB"),
        };
        command
    }

    /// What the hub said last, for an error.
    fn log(&self) -> String {
        let log = fs::read_to_string(self.path("hub.log")).unwrap_or_default();
        format!("the hub did not start: {}", log.trim())
    }
}
