//! Looking over a hub, or a folder with no hub running.

use anyhow::{Result, bail};
use porchlight_client::ClientError;
use porchlight_protocol::{CheckState, Depth};
use porchlight_server::doctor::look_over_folders;

use super::member;
use crate::args::Doctor;
use crate::output::Output;

pub(super) fn run(hub: Option<&str>, doctor: Doctor, out: Output) -> Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    let depth = if doctor.thorough { Depth::Opened } else { Depth::Counted };
    // A hub that runs is asked; only where none answers is its folder opened.
    let checks = match (member(hub).and_then(|member| Ok(member.doctor(depth)?)), &doctor.data) {
        (Ok(checks), _) => checks,
        (Err(error), _) if is_refusal(&error, |refused| refused.is_not_yours()) => return Err(error),
        (Err(_), Some(data)) => runtime.block_on(look_over_folders(data, &doctor.strongbox, depth)),
        (Err(error), None) if is_refusal(&error, |refused| refused.word().is_some()) => return Err(error),
        (Err(error), None) => {
            return Err(error.context(
                "no hub could be asked; to look over a folder with no hub running, add --data DIR",
            ));
        }
    };
    out.answers(&checks, "There was nothing to look at.", |check| {
        let mark = match check.state {
            CheckState::Good => "good   ",
            CheckState::Warning => "careful",
            CheckState::Bad => "mend   ",
        };
        format!("{mark}  {}: {}", check.name, check.sentence)
    })?;
    if checks.iter().any(|check| check.state == CheckState::Bad) {
        bail!("something has to be mended; see above");
    }
    Ok(())
}

/// Whether a hub was asked, and refused for this reason.
fn is_refusal(error: &anyhow::Error, reason: impl Fn(&ClientError) -> bool) -> bool {
    error.downcast_ref().is_some_and(reason)
}
