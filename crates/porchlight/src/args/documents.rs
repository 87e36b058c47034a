//! Arguments for what documents the command line itself.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}

/// The shells that completions are made for.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Shell {
    Bash,
    Zsh,
    Fish,
}

#[derive(Debug, Args)]
pub(crate) struct Man {
    /// The command, such as `serve` or `device add`
    #[arg(value_name = "COMMAND", conflicts_with = "into")]
    pub of: Vec<String>,
    /// Write the page of every command into this folder instead
    #[arg(long, value_name = "DIR")]
    pub into: Option<PathBuf>,
}
