//! The camera both sides record: the project's stand-in, 1080p at 15 frames a second, behind a password.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::process::Process;
use crate::setting::Setting;

/// A running camera.
pub(crate) struct Camera {
    /// Its address, with user and password.
    pub(crate) url: String,
    /// What it shows, in words.
    pub(crate) film: &'static str,
    _process: Process,
}

/// Starts the camera. Encoding its film takes a while.
pub(crate) fn start(setting: &Setting) -> Result<Camera> {
    let mut command = Command::new("/usr/bin/python3");
    command.arg(setting.root.join("tests/stand-in-camera/stand-in-camera.py"));
    let film = match setting.beside("video/one-by-one-person-detection.mp4") {
        Some(film) => {
            command.arg(film);
            "people walking through a hall, from a real camera, scaled up"
        }
        None => "a moving test picture",
    };
    command.args([
        "--size",
        "1920x1080",
        "--fps",
        "15",
        "--user",
        "porch",
        "--password",
        "lantern",
        "--minutes",
        "20",
    ]);
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut process = Process::start("the stand-in camera", &mut command)?;
    let out = process.child().stdout.take().context("the camera has no output")?;
    let mut line = String::new();
    BufReader::new(out).read_line(&mut line)?;
    let Some(address) = line.trim().strip_prefix("rtsp://") else {
        bail!("the stand-in camera did not start; scripts/install camera, then try again");
    };
    Ok(Camera { url: format!("rtsp://porch:lantern@{address}"), film, _process: process })
}
