//! What one deletion costs.

use std::time::Instant;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::process::{own_cpu, own_written};

/// What one deletion cost.
#[derive(Serialize, Deserialize)]
pub(crate) struct Deleted {
    /// From asking to done.
    pub(crate) milliseconds: f64,
    /// CPU milliseconds of the process meanwhile.
    pub(crate) cpu: f64,
    /// Bytes that it meanwhile gave to be written.
    pub(crate) written: f64,
}

/// Where [`Stopwatch`] says that a deletion begins and ends, in the trace of system calls: asking for files that are not there.
pub(crate) const BEGIN: &str = "/porchlight-bench/begin";

pub(crate) const END: &str = "/porchlight-bench/end";

/// Measures one deletion.
pub(super) struct Stopwatch {
    written: f64,
    began: Instant,
    cpu: std::time::Duration,
}

impl Stopwatch {
    pub(super) fn start() -> Result<Stopwatch> {
        let written = own_written()?;
        mark(BEGIN);
        Ok(Stopwatch { written, began: Instant::now(), cpu: own_cpu()? })
    }

    pub(super) fn stop(self) -> Result<Deleted> {
        let milliseconds = self.began.elapsed().as_secs_f64() * 1e3;
        let cpu = (own_cpu()? - self.cpu).as_secs_f64() * 1e3;
        mark(END);
        Ok(Deleted { milliseconds, cpu, written: own_written()? - self.written })
    }
}

fn mark(path: &str) {
    // That it is not there is the point: only the question matters, which a tracer sees.
    let _ = std::fs::symlink_metadata(path);
}
