//! Sealing and opening, beside the `age` command and beside OpenSSL's bare cipher.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use age::secrecy::ExposeSecret;
use age::x25519::Identity;
use anyhow::{Context, Result, ensure};

use crate::figures::{Figures, ratio};
use crate::inside::{Ciphered, Inside, Work};
use crate::process::ended_children_cpu;
use crate::progress::say;
use crate::section::Section;
use crate::setting::Setting;

/// A long film.
const LARGE: usize = 256 << 20;
/// A segment of it: four seconds at 4 Mbit/s.
const SEGMENT: usize = 2 << 20;

/// Figures of GB a second: by the clock, and of CPU.
#[derive(Default)]
struct Speed {
    clock: Figures,
    cpu: Figures,
}

impl Speed {
    fn push(&mut self, bytes: usize, clock: f64, cpu: f64) {
        self.clock.push(bytes as f64 / 1e9 / clock);
        self.cpu.push(bytes as f64 / 1e9 / cpu);
    }
}

pub(super) fn run(setting: &Setting) -> Result<Section> {
    let folder = setting.folder("cipher")?;
    let age = AgeCommand::prepare(folder.path())?;
    let (mut seal, mut open) = (Speed::default(), Speed::default());
    let (mut seal_segment, mut open_segment) = (Speed::default(), Speed::default());
    let (mut age_seal, mut age_open, mut bare) = (Speed::default(), Speed::default(), Figures::default());
    for round in 1..=setting.legs {
        say(format!("round {round} of {}", setting.legs));
        ours(LARGE, 3, &mut seal, &mut open, setting)?;
        for _ in 0..3 {
            let (clock, cpu) = timed(&mut age.seal())?;
            age_seal.push(LARGE, clock, cpu);
            let (clock, cpu) = timed(&mut age.open())?;
            age_open.push(LARGE, clock, cpu);
        }
        ours(SEGMENT, 100, &mut seal_segment, &mut open_segment, setting)?;
        bare.push(openssl()?);
    }
    let mut section = Section::new(
        "Sealing and opening",
        "GB (10^9 bytes) a second on one thread. Ours is the vault's `seal` in memory, to one reader, with the BLAKE3 by which the payload is \
         bound, and the vault's opening: the file read and hashed, its header opened under the leaves, the age file opened. Beside it \
         the `age` command on a file of 256 MiB in the kernel's cache, to /dev/null, and the cipher of both by itself: `openssl speed \
         -evp chacha20-poly1305` in pieces of 64 KiB."
            .to_owned(),
        &["", "by the clock", "a CPU second", "ours, a CPU second / this"],
    );
    let rows = [
        ("ours: sealing 256 MiB", &seal, &seal),
        ("`age`: sealing 256 MiB", &age_seal, &seal),
        ("ours: opening 256 MiB", &open, &open),
        ("`age`: opening 256 MiB", &age_open, &open),
        ("ours: sealing a segment of 2 MiB", &seal_segment, &seal_segment),
        ("ours: opening a segment of 2 MiB", &open_segment, &open_segment),
    ];
    for (name, speed, ours) in rows {
        section.row([
            name.to_owned(),
            speed.clock.show(2),
            speed.cpu.show(2),
            ratio(ours.cpu.median(), speed.cpu.median()),
        ]);
    }
    let bare_ratio = ratio(seal.cpu.median(), bare.median());
    section.row(["the cipher alone (OpenSSL)".to_owned(), bare.show(2), bare.show(2), bare_ratio]);
    section.note("Here a ratio above 1 means that Porchlight was faster.");
    section.note(
        "The `age` command reads a file and starts anew each time; the vault's opening reads a file too, its sealing does not write one. \
         The vault seals with AWS-LC and opens with the age crate's own cipher; opening for people is their own client's work.",
    );
    Ok(section)
}

fn ours(bytes: usize, times: usize, seal: &mut Speed, open: &mut Speed, setting: &Setting) -> Result<()> {
    let folder = setting.folder("cipher")?;
    let work = Inside { work: Work::Cipher, folder: folder.path().to_owned(), times, bytes };
    for ciphered in work.measure::<Vec<Ciphered>>(setting)? {
        seal.push(bytes, ciphered.seal, ciphered.seal_cpu);
        open.push(bytes, ciphered.open, ciphered.open_cpu);
    }
    Ok(())
}

/// The `age` command with a key, a plain file and a sealed one.
struct AgeCommand<'a> {
    folder: &'a Path,
    recipient: String,
}

impl AgeCommand<'_> {
    fn prepare(folder: &Path) -> Result<AgeCommand<'_>> {
        let key = Identity::generate();
        fs::write(folder.join("key"), key.to_string().expose_secret())?;
        let mut plain = vec![0; LARGE];
        getrandom::fill(&mut plain).map_err(|why| anyhow::anyhow!("no random bytes: {why}"))?;
        fs::write(folder.join("plain"), plain)?;
        let age = AgeCommand { folder, recipient: key.to_public().to_string() };
        let mut seal = Command::new("age");
        seal.args(["-r", &age.recipient, "-o", "sealed", "plain"]).current_dir(folder);
        timed(&mut seal).context("age is not installed: scripts/install bench")?;
        Ok(age)
    }

    fn seal(&self) -> Command {
        let mut command = Command::new("age");
        command.args(["-r", &self.recipient, "plain"]).current_dir(self.folder).stdout(Stdio::null());
        command
    }

    fn open(&self) -> Command {
        let mut command = Command::new("age");
        command.args(["-d", "-i", "key", "sealed"]).current_dir(self.folder).stdout(Stdio::null());
        command
    }
}

/// Seconds of a command: by the clock, and of CPU.
fn timed(command: &mut Command) -> Result<(f64, f64)> {
    let (began, cpu) = (Instant::now(), ended_children_cpu()?);
    let status = command.status()?;
    let clock = began.elapsed().as_secs_f64();
    ensure!(status.success(), "a command failed: {status}");
    Ok((clock, (ended_children_cpu()? - cpu).as_secs_f64()))
}

/// GB a second of the cipher, by OpenSSL's own measure.
fn openssl() -> Result<f64> {
    let speed = ["speed", "-seconds", "2", "-bytes", "65536", "-evp", "chacha20-poly1305"];
    let output = Command::new("openssl").args(speed).output().context("openssl is not installed")?;
    let told = String::from_utf8_lossy(&output.stdout);
    // The last word of the last line: thousands of bytes a second, as `2053127.85k`.
    let figure = told.split_whitespace().last().and_then(|word| word.strip_suffix('k'));
    Ok(figure.context("openssl told no speed")?.parse::<f64>()? * 1e3 / 1e9)
}
