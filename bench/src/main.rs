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
mod results;
mod section;
mod setting;
mod strace;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};

use crate::benchmarks::Benchmark;
use crate::machine::{Machine, Moment};
use crate::progress::say;
use crate::results::{Results, Run};
use crate::setting::Setting;

/// Measures Porchlight beside what you would use instead.
#[derive(Parser)]
#[command(name = "porchlight-bench", version)]
struct Arguments {
    /// Only this benchmark; again for several. The results of the others stay as they are
    #[arg(long, value_name = "NAME")]
    only: Vec<Benchmark>,
    /// Shorter and fewer legs, to see that it works. Results then go to the build folder and not to bench/RESULTS.md
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
    let wanted = |one: &&Benchmark| arguments.only.is_empty() || arguments.only.contains(one);
    let setting = Setting::find(arguments.quick)?;
    let folder = if arguments.quick { setting.scratch.clone() } else { setting.root.join("bench") };
    let (mut results, machine) = (Results::read(&folder)?, Machine::here(&setting));
    for benchmark in Benchmark::ALL.iter().filter(wanted).copied() {
        say(format!("== {benchmark}"));
        let moment = Moment::now(&setting);
        let sections =
            benchmark.run(&setting).with_context(|| format!("the benchmark {benchmark} failed"))?;
        sections.iter().for_each(say);
        // Each is written as it comes: what ends a long run takes nothing that was measured.
        results.put(Run { benchmark, moment, machine: machine.clone(), sections });
        results.write(&folder)?;
    }
    say(format!("Written to {}", folder.join("RESULTS.md").display()));
    Ok(())
}
