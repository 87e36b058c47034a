//! What was measured last of each benchmark, and on what: kept as JSON, and written out of that as RESULTS.md for people.

use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::benchmarks::Benchmark;
use crate::machine::{Machine, Moment};
use crate::section::Section;

const KEPT: &str = "results.json";
const PAGE: &str = "RESULTS.md";

/// The last run of each benchmark, in the order in which they run.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Results(Vec<Run>);

/// One run of one benchmark. Both sides of each comparison in it were measured in it.
#[derive(Serialize, Deserialize)]
pub(crate) struct Run {
    pub(crate) benchmark: Benchmark,
    pub(crate) moment: Moment,
    pub(crate) machine: Machine,
    pub(crate) sections: Vec<Section>,
}

impl Results {
    /// Those that a folder keeps; none where there are none yet.
    pub(crate) fn read(folder: &Path) -> Result<Results> {
        let file = folder.join(KEPT);
        if !file.exists() {
            return Ok(Results::default());
        }
        let text = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        serde_json::from_slice(&text)
            .with_context(|| format!("{} is spoiled: remove it, and measure all again", file.display()))
    }

    /// A run takes the place of the one of before.
    pub(crate) fn put(&mut self, run: Run) {
        self.0.retain(|before| before.benchmark != run.benchmark);
        self.0.push(run);
        self.0.sort_by_key(|run| run.benchmark);
    }

    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        let write = |name: &str, text: String| {
            let file = folder.join(name);
            fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))
        };
        write(KEPT, serde_json::to_string_pretty(self)? + "\n")?;
        write(PAGE, self.to_string())
    }

    /// Each machine that something was measured on, once.
    fn machines(&self) -> Vec<&Machine> {
        let mut machines: Vec<&Machine> = Vec::new();
        for run in &self.0 {
            if !machines.contains(&&run.machine) {
                machines.push(&run.machine);
            }
        }
        machines
    }

    fn sections(&self) -> impl Iterator<Item = &Section> {
        self.0.iter().flat_map(|run| &run.sections)
    }
}

impl fmt::Display for Results {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "# Results\n")?;
        writeln!(
            f,
            "Written by `make bench`; bench/README.md says how each figure is taken. Figures are medians, with the least and \
             the greatest in brackets. A ratio below 1 means that Porchlight took less. What stands side by side was measured in one run.\n"
        )?;
        writeln!(f, "## Targets\n\n| benchmark | target | measured | met |\n| --- | --- | --- | --- |")?;
        for section in self.sections() {
            for target in &section.targets {
                writeln!(
                    f,
                    "| {} | {} | {} | {} |",
                    section.title,
                    target.words,
                    target.measured,
                    target.met()
                )?;
            }
        }
        self.sections().try_for_each(|section| write!(f, "\n{section}"))?;

        let machines = self.machines();
        writeln!(
            f,
            "\n## When and on what\n\n| benchmark | date | porchlight | machine | load at the start |\n| --- | --- | --- | --- | --- |"
        )?;
        for Run { benchmark, moment, machine, .. } in &self.0 {
            let number = machines.iter().position(|one| *one == machine).unwrap_or_default() + 1;
            let Moment { date, porchlight, load } = moment;
            writeln!(f, "| {benchmark} | {date} | {porchlight} | {number} | {load} |")?;
        }
        for (at, machine) in machines.iter().enumerate() {
            writeln!(f, "\n### Machine {}\n\n{machine}", at + 1)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(benchmark: Benchmark, title: &str, machine: &str) -> Run {
        let mut section = Section::new(title, "What was done.".to_owned(), &["", "porchlight"]);
        section.row(["seconds", "1"]);
        section.target("at most two", "1".to_owned(), Some(true));
        Run {
            benchmark,
            moment: Moment { date: "today".into(), porchlight: "0.1".into(), load: "0".into() },
            machine: Machine(vec![("processor".into(), machine.into())]),
            sections: vec![section],
        }
    }

    #[test]
    fn a_run_takes_the_place_of_its_own_last_one_and_leaves_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let mut results = Results::read(folder.path()).unwrap();
        results.put(run(Benchmark::Flood, "A flood of before", "slow"));
        results.put(run(Benchmark::Record, "One stream", "slow"));
        results.write(folder.path()).unwrap();

        let mut results = Results::read(folder.path()).unwrap();
        results.put(run(Benchmark::Flood, "A flood", "fast"));
        results.write(folder.path()).unwrap();
        let page = fs::read_to_string(folder.path().join(PAGE)).unwrap();
        assert!(!page.contains("A flood of before"), "{page}");
        assert!(page.find("## One stream").unwrap() < page.find("## A flood").unwrap(), "{page}");
        assert!(page.contains("| One stream | at most two | 1 | yes |"), "{page}");
        assert!(page.contains("| record | today | 0.1 | 1 | 0 |\n| flood | today | 0.1 | 2 | 0 |"), "{page}");

        fs::write(folder.path().join(KEPT), "{").unwrap();
        assert!(Results::read(folder.path()).is_err(), "what was measured is not thrown away unasked");
    }
}
