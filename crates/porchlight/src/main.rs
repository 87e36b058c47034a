//! The command line: words, arguments and exit codes. Everything it does, the hub's library does.

mod allocator;
mod args;
mod clip_file;
mod commands;
mod confinement;
mod failure;
mod files;
mod memory;
mod messages;
mod output;
mod service;
mod session;

use std::process::ExitCode;

fn main() -> ExitCode {
    allocator::use_one_heap();
    // Whatever is written from here on is its owner's alone: recordings, keys, receipts, what was taken out.
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    let arguments = match failure::arguments() {
        Ok(arguments) => arguments,
        Err(status) => return status,
    };
    let json = arguments.json;
    match commands::run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<output::SeenEnough>() => ExitCode::SUCCESS,
        Err(error) => failure::explain(&error, json),
    }
}
