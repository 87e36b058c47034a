//! The benchmarks, in the order in which they run.

mod app;
mod cipher;
mod flood;
mod forget;
mod foundation;
mod record;
mod say;
mod seal;
mod soak;
mod start;
mod timeline;

use std::fmt;

use anyhow::Result;
use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use crate::camera::Scene;
use crate::section::Section;
use crate::setting::Setting;

/// A benchmark, by its name on the command line. They run in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Benchmark {
    /// From nothing to the first picture that is kept, and what there is to install
    Start,
    /// One camera sealed to disk, and what of its CPU sealing is
    Record,
    /// Four cameras for a long while, and memory that stays flat
    Soak,
    /// From the end of a sentence to its answer
    Say,
    /// Forgetting one recording
    Forget,
    /// Forgetting among ten million
    Foundation,
    /// A day out of ten million recordings
    Timeline,
    /// Sealing and opening
    Cipher,
    /// What a household waits for in the app
    App,
    /// Recording and signing in while strangers hold connections
    Flood,
}

impl Benchmark {
    pub(crate) const ALL: &[Benchmark] = &[
        Benchmark::Start,
        Benchmark::Record,
        Benchmark::Soak,
        Benchmark::Say,
        Benchmark::Forget,
        Benchmark::Foundation,
        Benchmark::Timeline,
        Benchmark::Cipher,
        Benchmark::App,
        Benchmark::Flood,
    ];

    /// Runs it; each benchmark gives one section or more.
    pub(crate) fn run(self, setting: &Setting) -> Result<Vec<Section>> {
        match self {
            Benchmark::Start => start::run(setting),
            Benchmark::Record => {
                let mut sections = Vec::new();
                for scene in Scene::all(setting) {
                    let (recording, section) = record::run(setting, &scene)?;
                    sections.extend([section, seal::run(setting, &scene, &recording)?]);
                }
                Ok(sections)
            }
            Benchmark::Soak => Ok(vec![soak::run(setting)?]),
            Benchmark::Say => Ok(vec![say::run(setting)?]),
            Benchmark::Forget => Ok(vec![forget::run(setting)?]),
            Benchmark::Foundation => foundation::run(setting),
            Benchmark::Timeline => timeline::run(setting),
            Benchmark::Cipher => Ok(vec![cipher::run(setting)?]),
            Benchmark::App => app::run(setting),
            Benchmark::Flood => Ok(vec![flood::run(setting)?]),
        }
    }
}

impl fmt::Display for Benchmark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Benchmark::Start => "start",
            Benchmark::Record => "record",
            Benchmark::Soak => "soak",
            Benchmark::Say => "say",
            Benchmark::Forget => "forget",
            Benchmark::Foundation => "foundation",
            Benchmark::Timeline => "timeline",
            Benchmark::Cipher => "cipher",
            Benchmark::App => "app",
            Benchmark::Flood => "flood",
        })
    }
}
