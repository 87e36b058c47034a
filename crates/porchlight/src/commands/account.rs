//! One's own account.

use std::fs;

use anyhow::Result;
use porchlight_client::{ClientError, Member};
use serde_json::json;

use crate::args::AccountCommand;
use crate::files::{must_be_free, write_secret};
use crate::output::Output;

pub(super) fn run(member: &Member, command: AccountCommand, out: Output) -> Result<()> {
    let AccountCommand::NewKit { recovery_kit: file, .. } = command;
    must_be_free([&file], &[])?;
    let mut written = false;
    let put_away = |kit: &str| {
        write_secret(&file, kit).map_err(|error| ClientError::Bad(format!("{error:#}")))?;
        written = true;
        Ok(())
    };
    match member.new_kit(put_away) {
        Ok(()) => {}
        Err(error) if written => return Err(not_taken(error.into(), &file)),
        Err(error) => return Err(error.into()),
    }
    out.answer(&json!({ "recovery_kit": file }), |_| {
        format!(
            "The kit in {} is the one that counts: print it, then put it away. The one before lets nobody in any more; destroy it.",
            file.display()
        )
    })
}

/// What is wrong where a kit was written and does not count, or may not.
fn not_taken(error: anyhow::Error, file: &std::path::Path) -> anyhow::Error {
    let refused = matches!(error.downcast_ref(), Some(ClientError::Hub { .. }));
    if refused && fs::remove_file(file).is_ok() {
        return error.context("the kit before is still the one that counts");
    }
    error.context(format!(
        "it is not known whether the kit in {} counts or the one before: keep both, and make another one",
        file.display()
    ))
}
