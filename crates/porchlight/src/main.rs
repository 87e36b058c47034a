//! The command line: words, arguments and exit codes. Everything it does, the hub's library does.

mod args;
mod commands;
mod files;
mod memory;
mod output;
mod session;

use std::alloc::System;
use std::process::ExitCode;

use clap::Parser;
use zeroizing_alloc::ZeroAlloc;

/// Wipes all memory that is given back, whoever used it: sounds and words pass through libraries that do not, and a core file or a
/// swapped page would keep them long after they were forgotten.
#[global_allocator]
static WIPING: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> ExitCode {
    let arguments = args::Arguments::parse();
    match commands::run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("porchlight: {}", sentence(&error));
            ExitCode::FAILURE
        }
    }
}

/// An error with its causes, leaving out each cause that the message before it tells already.
fn sentence(error: &anyhow::Error) -> String {
    let mut whole = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if !whole.contains(&cause) {
            whole = if whole.is_empty() { cause } else { format!("{whole}: {cause}") };
        }
    }
    whole
}
