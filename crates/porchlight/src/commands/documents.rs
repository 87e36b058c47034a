//! What documents the command line itself: completions for shells, manual pages, and the API.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use clap::CommandFactory;
use clap_complete::{Shell, generate};
use clap_mangen::Man;
use serde_json::json;

use crate::args::{Arguments, Completions, Man as Wanted, Shell as Named};
use crate::output::{Output, print};

/// What the program is called.
const PROGRAM: &str = "porchlight";

pub(super) fn completions(wanted: &Completions, out: Output) -> Result<()> {
    let (shell, name) = match wanted.shell {
        Named::Bash => (Shell::Bash, "bash"),
        Named::Zsh => (Shell::Zsh, "zsh"),
        Named::Fish => (Shell::Fish, "fish"),
    };
    let mut script = Vec::new();
    generate(shell, &mut Arguments::command(), PROGRAM, &mut script);
    let script = String::from_utf8(script)?;
    out.answer(&json!({ "shell": name, "script": script }), |_| script.trim_end().to_owned())
}

pub(super) fn man(wanted: &Wanted, out: Output) -> Result<()> {
    let mut program = Arguments::command().disable_help_subcommand(true);
    // A page of a command names the whole of what is typed.
    program.build();
    if let Some(folder) = &wanted.into {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let count = write_all(&program, folder)?;
        return out.answer(&json!({ "folder": folder, "pages": count }), |_| {
            format!("{count} pages are in {}.", folder.display())
        });
    }
    let mut command = &program;
    for word in &wanted.of {
        command = command.find_subcommand(word).ok_or_else(|| {
            anyhow!("there is no command `{word}`, and so no page of it; `{PROGRAM} help` shows all")
        })?;
    }
    let page = page(command)?;
    out.answer(&json!({ "name": file_name(command), "page": page }), |_| page.trim_end().to_owned())
}

pub(super) fn openapi() -> Result<()> {
    print(&porchlight_server::api::openapi().to_pretty_json().context("the document cannot be written")?)
}

fn page(command: &clap::Command) -> Result<String> {
    let mut page = Vec::new();
    let source = format!("{PROGRAM} {}", env!("CARGO_PKG_VERSION"));
    Man::new(command.clone()).source(source).manual("Porchlight").render(&mut page)?;
    Ok(String::from_utf8(page)?)
}

/// `porchlight-device-add.1`.
fn file_name(command: &clap::Command) -> String {
    format!("{}.1", command.get_display_name().unwrap_or(PROGRAM))
}

/// The pages of a command and of all below it; how many.
fn write_all(command: &clap::Command, folder: &Path) -> Result<usize> {
    let path = folder.join(file_name(command));
    fs::write(&path, page(command)?).with_context(|| format!("cannot write {}", path.display()))?;
    let below = command.get_subcommands();
    below.map(|below| write_all(below, folder)).try_fold(1, |all, one| Ok(all + one?))
}
