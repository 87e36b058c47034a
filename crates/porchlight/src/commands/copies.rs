//! Copies of the data folder that are newer than one that was put back.

use anyhow::{Result, bail};
use porchlight_client::Member;
use porchlight_protocol::RestoredCopy;

use crate::args::CopiesCommand;
use crate::output::{Output, confirm, say, time};

pub(super) fn run(member: &Member, command: CopiesCommand, out: Output) -> Result<()> {
    let restored = member.restored_copy()?;
    match command {
        CopiesCommand::Show => out.answer(&restored, words),
        CopiesCommand::EndNewer { yes } => {
            let Some(made) = restored.made else { bail!(words(&restored)) };
            member.must_be_adult()?;
            let left = match restored.lost {
                Some(_) => "What the catalog has lost is cleared away, and copies",
                None => "Copies",
            };
            let question = format!(
                "{left} that were made after {} will open nothing of their own any more, for good.",
                time(made)
            );
            if !yes && !confirm(&question)? {
                say("Nothing was changed.");
                return Ok(());
            }
            out.answer(&member.end_newer_copies(made)?, |_| {
                "Newer copies open nothing of their own any more.".into()
            })
        }
    }
}

fn words(restored: &RestoredCopy) -> String {
    match &restored.said {
        Some(said) => said.text.clone(),
        None => "No older copy was put back, or it was said already what becomes of newer ones.".into(),
    }
}
