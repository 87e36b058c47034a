//! Porchlight side by side with what a household would use instead: the same work, on the same machine, in one run.
//!
//! `make bench` runs everything and writes `bench/RESULTS.md`. `README.md` says what each figure means.

mod amount;
mod benchmarks;
mod camera;
mod figures;
mod flood;
mod hub;
mod inside;
mod machine;
mod process;
mod progress;
mod report;
mod setting;
mod strace;

use std::path::Path;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};

use crate::benchmarks::Benchmark;
use crate::progress::say;
use crate::report::Report;
use crate::setting::Setting;

/// Measures Porchlight beside what you would use instead.
#[derive(Parser)]
#[command(name = "porchlight-bench", version)]
struct Arguments {
    /// Only this benchmark; again for several. Results then go to the build folder and not to bench/RESULTS.md
    #[arg(long, value_name = "NAME")]
    only: Vec<Benchmark>,
    /// Shorter and fewer legs, to see that it works. Results then go to the build folder too
    #[arg(long)]
    quick: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Does a benchmark's work in this process, for the harness to watch from outside; prints JSON
    #[command(hide = true)]
    Inside {
        /// The work, as JSON
        work: String,
    },
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if let Some(Command::Inside { work }) = arguments.command {
        return inside::run(&work);
    }
    let all = arguments.only.is_empty();
    let wanted: Vec<Benchmark> =
        Benchmark::ALL.iter().copied().filter(|one| all || arguments.only.contains(one)).collect();
    let setting = Setting::find(arguments.quick)?;
    let mut report = Report::new(machine::describe(&setting));
    for benchmark in wanted {
        say(format!("== {benchmark}"));
        let sections =
            benchmark.run(&setting).with_context(|| format!("the benchmark {benchmark} failed"))?;
        for section in sections {
            say(&section);
            report.add(section);
        }
    }
    let full = all && !arguments.quick;
    let file = if full { setting.root.join("bench/RESULTS.md") } else { setting.scratch.join("RESULTS.md") };
    write(&file, &report.to_string())?;
    say(format!("Written to {}", file.display()));
    Ok(())
}

fn write(file: &Path, text: &str) -> Result<()> {
    std::fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}
