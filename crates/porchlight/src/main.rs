//! The command line: words, arguments and exit codes. Everything it does, the hub's library does.

mod allocator;
mod args;
mod commands;
mod files;
mod memory;
mod messages;
mod output;
mod session;

use std::process::ExitCode;

use clap::Parser;
use porchlight_hub::client::ClientError;

/// How a script proves again who it acts for.
const PROVE: &str = "porchlight session prove --passphrase-file FILE --totp-secret-file FILE";
/// The same for what takes a proof of its own.
const PROVE_WITH_IT: &str =
    "--my-passphrase-file FILE, or the name of that file in PORCHLIGHT_PASSPHRASE_FILE";
/// The exit status of what only takes another proof of who it is, and can be done once there is one.
const UNPROVEN: u8 = 3;
/// That of a receipt which is signed rightly, with a key that nobody here knows: neither good nor bad.
const KEY_UNKNOWN: u8 = 4;

fn main() -> ExitCode {
    allocator::use_one_heap();
    // Whatever is written from here on is its owner's alone: recordings, keys, receipts, what was taken out.
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    let arguments = args::Arguments::parse();
    match commands::run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<output::SeenEnough>() => ExitCode::SUCCESS,
        Err(error) => {
            let (status, way_on) = match &error {
                error if is_unproven(error) => {
                    (ExitCode::from(UNPROVEN), format!(", with\n  {}", how(error)))
                }
                error if error.is::<commands::KeyUnknown>() => (ExitCode::from(KEY_UNKNOWN), String::new()),
                _ => (ExitCode::FAILURE, String::new()),
            };
            messages::say(format!("porchlight: {}{way_on}", sentence(&error)));
            messages::finish();
            status
        }
    }
}

/// Whether it takes no more than another proof of who it is.
fn is_unproven(error: &anyhow::Error) -> bool {
    error.downcast_ref().is_some_and(ClientError::is_unproven)
}

/// How it is proved.
fn how(unproven: &anyhow::Error) -> &'static str {
    match unproven.downcast_ref().is_some_and(ClientError::wants_proof) {
        true => PROVE_WITH_IT,
        false => PROVE,
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
