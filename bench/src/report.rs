//! What is written: a section a benchmark, each with one table, its target and its notes.

use std::fmt;

/// The whole of RESULTS.md.
pub(crate) struct Report {
    machine: String,
    sections: Vec<Section>,
}

impl Report {
    pub(crate) fn new(machine: String) -> Report {
        Report { machine, sections: Vec::new() }
    }

    pub(crate) fn add(&mut self, section: Section) {
        self.sections.push(section);
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "# Results\n")?;
        writeln!(
            f,
            "Written by `make bench`; bench/README.md says how each figure is taken. Figures are medians, with the least and \
             the greatest in brackets. A ratio below 1 means that Porchlight took less.\n"
        )?;
        writeln!(f, "{}", self.machine)?;
        writeln!(f, "## Targets\n\n| benchmark | target | measured | met |\n| --- | --- | --- | --- |")?;
        for section in &self.sections {
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
        self.sections.iter().try_for_each(|section| write!(f, "\n{section}"))
    }
}

/// One benchmark.
pub(crate) struct Section {
    pub(crate) title: String,
    /// What was done, in a sentence or two.
    pub(crate) what: String,
    pub(crate) header: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
    pub(crate) targets: Vec<Target>,
    /// What a reader should know before leaning on the figures.
    pub(crate) notes: Vec<String>,
}

impl Section {
    pub(crate) fn new(title: impl Into<String>, what: String, header: &[&str]) -> Section {
        let header = header.iter().copied().map(str::to_owned).collect();
        Section {
            title: title.into(),
            what,
            header,
            rows: Vec::new(),
            targets: Vec::new(),
            notes: Vec::new(),
        }
    }

    pub(crate) fn row<S: Into<String>>(&mut self, cells: impl IntoIterator<Item = S>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// A target, met when what was measured is at most what was aimed at.
    pub(crate) fn target(&mut self, words: &str, measured: String, met: Option<bool>) {
        self.targets.push(Target { words: words.to_owned(), measured, met });
    }

    pub(crate) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "## {}\n\n{}\n", self.title, self.what)?;
        writeln!(f, "| {} |", self.header.join(" | "))?;
        writeln!(f, "|{}", " --- |".repeat(self.header.len()))?;
        for row in &self.rows {
            writeln!(f, "| {} |", row.join(" | "))?;
        }
        writeln!(f)?;
        for target in &self.targets {
            writeln!(
                f,
                "Target: {}. Measured: {}. Met: **{}**.\n",
                target.words,
                target.measured,
                target.met()
            )?;
        }
        self.notes.iter().try_for_each(|note| writeln!(f, "- {note}"))
    }
}

/// What was aimed at, and whether it was reached.
pub(crate) struct Target {
    words: String,
    measured: String,
    /// `None` where it could not be measured.
    met: Option<bool>,
}

impl Target {
    fn met(&self) -> &'static str {
        match self.met {
            Some(true) => "yes",
            Some(false) => "no",
            None => "not measured",
        }
    }
}
