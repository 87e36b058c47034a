//! The command line: words, arguments and exit codes. Everything it does, the hub's library does.

mod args;
mod commands;
mod files;
mod output;
mod session;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let arguments = args::Arguments::parse();
    match commands::run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("porchlight: {error:#}");
            ExitCode::FAILURE
        }
    }
}
