//! What a household waits for in the app.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::Value;

use crate::figures::Figures;
use crate::section::Section;
use crate::setting::Setting;

/// What `app/measure.mjs` prints. Times are in milliseconds, sizes in bytes as they travel.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Measured {
    moments: u64,
    first: First,
    /// All scripts, styles and WebAssembly of the app.
    all: f64,
    sign_in: SignIn,
    picture: Vec<f64>,
    tap: Vec<f64>,
    day: Day,
    /// Megabytes a second.
    decrypt: Vec<f64>,
    /// What Lighthouse says, by page.
    lighthouse: serde_json::Map<String, Value>,
}

#[derive(Deserialize)]
struct First {
    form: Vec<f64>,
    paint: Vec<f64>,
    before: f64,
}

#[derive(Deserialize)]
struct SignIn {
    milliseconds: Vec<f64>,
    bytes: f64,
}

#[derive(Deserialize)]
struct Day {
    first: Vec<f64>,
    frames: Vec<f64>,
}

pub(super) fn run(setting: &Setting) -> Result<Vec<Section>> {
    let folder = setting.root.join("bench/app");
    let mut install = Command::new("npm");
    install.args(["ci", "--silent", "--no-audit", "--no-fund"]).current_dir(&folder);
    let installed = install.status().context("npm does not start; install Node 20 or later")?;
    ensure!(installed.success(), "npm ci in {} failed", folder.display());
    let mut command = Command::new("node");
    command.arg(folder.join("measure.mjs")).arg(&setting.porchlight).arg(&setting.scratch);
    if setting.legs == 1 {
        command.arg("--quick");
    }
    let output = command.stderr(Stdio::inherit()).output().context("node does not start")?;
    ensure!(output.status.success(), "measuring in the browser failed; see above");
    let measured: Measured =
        serde_json::from_slice(&output.stdout).context("the measuring told something else")?;
    Ok(vec![waiting(&measured), judged(&measured)])
}

fn waiting(measured: &Measured) -> Section {
    let mut section = Section::new(
        "The app in a phone",
        format!(
            "Chromium as a phone of 390 by 844, its processor four times slower. *From afar* is slow 4G (150 ms there and back, 1.6 Mbit/s), \
             *at home* a Wi-Fi of 50 Mbit/s. Nothing is kept from one run to the next, and no service worker helps. The day has {} moments.",
            measured.moments
        ),
        &["", "measured"],
    );
    let kilobytes = |bytes: f64| format!("{:.0} kB", bytes / 1e3);
    section.row(["shipped until the sign-in shows, compressed".to_owned(), kilobytes(measured.first.before)]);
    section.row(["shipped until somebody is signed in".to_owned(), kilobytes(measured.sign_in.bytes)]);
    section.row(["all of the app, compressed".to_owned(), kilobytes(measured.all)]);
    let mut time = |what: &str, times: &[f64]| {
        let figures: Figures = times.iter().copied().collect();
        section.row([
            what.to_owned(),
            if times.is_empty() { "none".to_owned() } else { format!("{} ms", figures.show(0)) },
        ]);
    };
    time("from afar: the first paint", &measured.first.paint);
    time("from afar: the sign-in can be used", &measured.first.form);
    time("from afar: from \"Sign in\" to the first page", &measured.sign_in.milliseconds);
    time(
        "from afar: from opening the app to the first picture of a camera, asked for as soon as it can be",
        &measured.picture,
    );
    time("at home: from a tap on a film to its first frame", &measured.tap);
    time("at home: the first line of the day", &measured.day.first);
    let frames: Figures = measured.day.frames.iter().copied().collect();
    section.row([
        "at home: a frame while the day scrolls, ms".to_owned(),
        format!(
            "{:.0}; 95 % within {:.0}; the longest {:.0}",
            frames.median(),
            frames.quantile(0.95),
            frames.quantile(1.0)
        ),
    ]);
    let decrypt: Figures = measured.decrypt.iter().copied().collect();
    section.row([
        "opening a sealed file in the worker, not slowed".to_owned(),
        format!("{} MB/s", decrypt.show(0)),
    ]);
    section.target(
        "at most 120 kB of scripts, styles and WebAssembly until the sign-in can be used",
        kilobytes(measured.first.before),
        Some(measured.first.before <= 120e3),
    );
    let line: Figures = measured.day.first.iter().copied().collect();
    section.target(
        "the first line of a day of very many moments is there within a second",
        format!("{:.0} ms", line.median()),
        (!measured.day.first.is_empty()).then(|| line.median() < 1000.0),
    );
    section.target(
        "at most 150 kB of scripts, styles and WebAssembly before somebody is signed in",
        kilobytes(measured.sign_in.bytes),
        Some(measured.sign_in.bytes <= 150e3),
    );
    let tap: Figures = measured.tap.iter().copied().collect();
    section.target(
        "half of all films show their first frame within 300 ms of the tap",
        format!("{:.0} ms", tap.median()),
        (!measured.tap.is_empty()).then(|| tap.median() < 300.0),
    );
    section.note("Signing in stretches the passphrase with Argon2id in the browser, which is most of its time and meant to be.");
    section
}

fn judged(measured: &Measured) -> Section {
    let mut section = Section::new(
        "The app, as Lighthouse judges it",
        "Accessibility and best practices, of each page as a phone shows it, out of 100.".to_owned(),
        &["page", "accessibility", "best practices", "what it would have otherwise"],
    );
    let score = |page: &Value, what: &str| {
        page[what].as_f64().map_or("none".to_owned(), |score| format!("{:.0}", score * 100.0))
    };
    for (name, page) in &measured.lighthouse {
        let failed: Vec<&str> =
            page["failed"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        section.row([
            name.clone(),
            score(page, "accessibility"),
            score(page, "practices"),
            failed.join(", "),
        ]);
    }
    section
}
