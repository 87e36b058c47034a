//! What a benchmark has to tell: a table, its targets and its notes.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One table of a benchmark.
#[derive(Serialize, Deserialize)]
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
#[derive(Serialize, Deserialize)]
pub(crate) struct Target {
    pub(crate) words: String,
    pub(crate) measured: String,
    /// `None` where it could not be measured.
    met: Option<bool>,
}

impl Target {
    pub(crate) fn met(&self) -> &'static str {
        match self.met {
            Some(true) => "yes",
            Some(false) => "no",
            None => "not measured",
        }
    }
}
