//! How soon a hub records after it was started, beside ffmpeg, and how much there is to install.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use jiff::Timestamp;

use crate::camera::{Camera, Scene};
use crate::figures::{Figures, megabytes, ratio};
use crate::hub::{Household, Hub};
use crate::process::{Process, wait_for};
use crate::progress::say;
use crate::section::Section;
use crate::setting::Setting;

pub(super) fn run(setting: &Setting) -> Result<Vec<Section>> {
    Ok(vec![recording(setting)?, size(setting)?])
}

/// What one start came to, in seconds from the start of the process.
#[derive(Default)]
struct Side {
    /// Until the hub answers.
    answers: Figures,
    /// Until the first picture that is kept.
    records: Figures,
}

fn recording(setting: &Setting) -> Result<Section> {
    let Some(scene) = Scene::all(setting).pop() else { anyhow::bail!("there is no scene to record") };
    say(format!("a camera that shows {}; encoding its film", scene.name));
    let camera = Camera::start(&scene, setting)?;
    let mut household = Household::make(setting)?;
    {
        let _hub = household.serve(None)?;
        household.run(["device", "add", "Porch", "--kind", "camera", "--url", &camera.url])?;
    }
    let no_models = setting.folder("no-models")?;
    let (mut whole, mut mute, mut theirs) = (Side::default(), Side::default(), Side::default());
    let mut cold = true;
    for number in 1..=setting.legs {
        cold &= forget_what_was_read();
        hub_starts(&mut whole, &mut household, None)?;
        cold &= forget_what_was_read();
        hub_starts(&mut mute, &mut household, Some(no_models.path()))?;
        cold &= forget_what_was_read();
        ffmpeg_starts(&mut theirs, &camera, setting)?;
        say(format!(
            "start {number}: the hub records after {:.2} s, ffmpeg after {:.2} s",
            whole.records.median(),
            theirs.records.median()
        ));
    }

    let mut section = Section::new(
        "From the start to the first picture that is kept",
        format!(
            "A hub that knows one camera (1080p, 15 frames a second) is started, with its speech models and without; beside it, \
             `ffmpeg -i URL -c copy -f segment`. {} starts each, alternating{}.",
            setting.legs,
            if cold { ", each after the kernel let go of every file that it had read" } else { "" }
        ),
        &["", "porchlight", "porchlight, no speech models", "ffmpeg", "ratio"],
    );
    section.row([
        "seconds until the hub answers".to_owned(),
        whole.answers.show(2),
        mute.answers.show(2),
        String::new(),
        String::new(),
    ]);
    section.row([
        "seconds until the first picture that is kept".to_owned(),
        whole.records.show(2),
        mute.records.show(2),
        theirs.records.show(2),
        ratio(whole.records.median(), theirs.records.median()),
    ]);
    section.note(
        "The hub's first picture is the first of its first segment, by the time that the segment says of itself. ffmpeg's is there when its \
         first file is, which is looked for every 5 ms.",
    );
    section.note("Both wait for the camera's next whole picture, which comes once a second or so.");
    Ok(section)
}

fn hub_starts(side: &mut Side, household: &mut Household, models: Option<&Path>) -> Result<()> {
    let (began, from) = (Instant::now(), Timestamp::now());
    let Hub { mut process } = household.serve(models)?;
    side.answers.push(began.elapsed().as_secs_f64());
    let mut first = None;
    wait_for("the first segment", || {
        first = starts(household)?.into_iter().find(|start| *start >= from);
        Ok(first.is_some())
    })?;
    let first = first.context("no segment")?;
    side.records.push(first.duration_since(from).as_secs_f64());
    process.end()?;
    Ok(())
}

/// When each segment begins, in the order of time.
fn starts(household: &Household) -> Result<Vec<Timestamp>> {
    let listed = household.run(["list", "--kind", "video"])?;
    let mut starts: Vec<Timestamp> = listed
        .iter()
        .map(|video| video["start"].as_str().unwrap_or_default().parse())
        .collect::<Result<_, _>>()?;
    starts.sort();
    Ok(starts)
}

fn ffmpeg_starts(side: &mut Side, camera: &Camera, setting: &Setting) -> Result<()> {
    let folder = setting.folder("ffmpeg")?;
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-loglevel", "error", "-rtsp_transport", "tcp", "-i", &camera.url]);
    command.args(["-c", "copy", "-f", "segment", "-segment_time", "4", "out-%d.mp4"]);
    command.current_dir(folder.path()).stdin(Stdio::null());
    let began = Instant::now();
    let mut process = Process::start("ffmpeg", &mut command)?;
    let film = folder.path().join("out-0.mp4");
    while !film.exists() {
        anyhow::ensure!(began.elapsed() < Duration::from_secs(60), "ffmpeg wrote nothing for a minute");
        std::thread::sleep(Duration::from_millis(5));
    }
    side.records.push(began.elapsed().as_secs_f64());
    process.end()?;
    Ok(())
}

/// Has the kernel let go of what it keeps of files, so that the next start reads them from the disk. Whether it did: only root may.
fn forget_what_was_read() -> bool {
    nix::unistd::sync();
    fs::write("/proc/sys/vm/drop_caches", "3").is_ok()
}

fn size(setting: &Setting) -> Result<Section> {
    let mut section = Section::new(
        "What there is to install",
        "Bytes on disk of what a household gets.".to_owned(),
        &["", "size"],
    );
    let program = fs::metadata(&setting.porchlight)?.len();
    section.row(["the program, with the app in it".to_owned(), megabytes(program as f64)]);
    let package = newest_package(&setting.root.join("target/debian"));
    let package = package.map_or("not made: make package".to_owned(), |bytes| megabytes(bytes as f64));
    section.row(["the Debian package".to_owned(), package]);
    let models = bytes_below(&setting.root.join("models/weights"))?;
    section
        .row(["the speech models, which `porchlight-models` fetches".to_owned(), megabytes(models as f64)]);
    Ok(section)
}

/// The bytes of the newest Debian package in a folder.
fn newest_package(folder: &Path) -> Option<u64> {
    let found = fs::read_dir(folder).ok()?.flatten();
    let packages = found.filter(|entry| entry.path().extension() == Some(OsStr::new("deb")));
    let all = packages.filter_map(|entry| entry.metadata().ok());
    all.max_by_key(|package| package.modified().ok()).map(|package| package.len())
}

fn bytes_below(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let (entry, kind) = entry.and_then(|entry| entry.file_type().map(|kind| (entry, kind)))?;
        bytes += if kind.is_dir() { bytes_below(&entry.path())? } else { entry.metadata()?.len() };
    }
    Ok(bytes)
}
