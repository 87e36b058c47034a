//! The camera both sides record: the project's stand-in, 1080p at 15 frames a second, behind a password.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::process::Process;
use crate::setting::Setting;

/// What a camera shows: how much changes in the picture decides how many bytes it sends.
pub(crate) struct Scene {
    /// In a word or two.
    pub(crate) name: &'static str,
    /// Its film; none for the stand-in's own.
    film: Option<PathBuf>,
}

impl Scene {
    /// A quiet one where its film lies beside the checkout, and a busy one.
    pub(crate) fn all(setting: &Setting) -> Vec<Scene> {
        let hall = setting.beside("video/one-by-one-person-detection.mp4");
        let quiet = hall.map(|film| Scene { name: "a quiet hall", film: Some(film) });
        quiet.into_iter().chain([Scene { name: "a busy test picture", film: None }]).collect()
    }
}

/// A running camera.
pub(crate) struct Camera {
    /// Its address, with user and password.
    pub(crate) url: String,
    _process: Process,
}

impl Camera {
    /// Starts a camera. Encoding its film takes a while.
    pub(crate) fn start(scene: &Scene, setting: &Setting) -> Result<Camera> {
        Camera::with(scene.film.as_deref(), "1920x1080", setting)
    }

    /// One with small pictures, where many are watched at once.
    pub(crate) fn small(setting: &Setting) -> Result<Camera> {
        Camera::with(None, "640x360", setting)
    }

    fn with(film: Option<&Path>, size: &str, setting: &Setting) -> Result<Camera> {
        let mut command = Command::new("/usr/bin/python3");
        command.arg(setting.root.join("tests/stand-in-camera/stand-in-camera.py")).args(film);
        command.args(["--size", size, "--fps", "15", "--minutes", "60"]);
        command.args(["--user", "porch", "--password", "lantern"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut process = Process::start("the stand-in camera", &mut command)?;
        let out = process.child().stdout.take().context("the camera has no output")?;
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line)?;
        let Some(address) = line.trim().strip_prefix("rtsp://") else {
            bail!("the stand-in camera did not start; scripts/install camera, then try again");
        };
        Ok(Camera { url: format!("rtsp://porch:lantern@{address}"), _process: process })
    }
}
