//! Granting, withdrawing and listing consents.

use anyhow::{Result, bail};
use porchlight_hub::client::Member;
use serde_json::json;

use super::receipts::Kept;
use crate::args::{ConsentCommand, ConsentWithdraw};
use crate::output::{Output, confirm, count};

pub(super) fn run(member: &Member, command: ConsentCommand, out: Output) -> Result<()> {
    match command {
        ConsentCommand::Grant(change) => {
            member.grant(&change.name, &change.purpose)?;
            let answer = json!({ "name": change.name, "granted": change.purpose });
            out.answer(&answer, |_| format!("{} agreed to {}.", change.name, change.purpose.join(" and ")))
        }
        ConsentCommand::Withdraw(ConsentWithdraw { change, yes }) => {
            let goes = member.goes_with(&change.name, &change.purpose)?;
            if !goes.is_empty() && !yes && !confirm(&question(&change.name, &goes))? {
                bail!("nothing was changed");
            }
            let changed = member.withdraw(&change.name, &change.purpose)?;
            let kept = Kept::of(&changed)?;
            let answer = json!({
                "name": change.name, "withdrawn": change.purpose, "forgotten": changed.forgotten, "receipts": kept.receipts,
            });
            out.answer(&answer, |_| {
                format!("{} no longer agrees to {}. {kept}", change.name, change.purpose.join(" and "))
            })
        }
        ConsentCommand::List => {
            let people: Vec<_> = member
                .people()?
                .into_iter()
                .map(|person| json!({ "name": person.name, "consents": person.consents }))
                .collect();
            out.answers(&people, "There is nobody in this household.", |person| {
                let consents: Vec<&str> =
                    person["consents"].as_array().into_iter().flatten().filter_map(|c| c.as_str()).collect();
                let name = person["name"].as_str().unwrap_or_default();
                if consents.is_empty() {
                    format!("{name}: none")
                } else {
                    format!("{name}:\n  {}", consents.join("\n  "))
                }
            })
        }
    }
}

/// What is asked before somebody takes back what another adult agreed to.
fn question(name: &str, goes: &[(String, usize)]) -> String {
    let cameras: Vec<String> = goes
        .iter()
        .map(|(camera, number)| format!("{camera} ({} forgotten for good)", count(*number, "recording")))
        .collect();
    format!("Take back what {name} agreed to for {}? {name} is told.", cameras.join(" and "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_question_says_how_much_goes_of_which_camera() {
        let goes = [("Porch".to_owned(), 12), ("Yard".to_owned(), 1)];
        let said = "Take back what Tom agreed to for Porch (12 recordings forgotten for good) and Yard (1 recording forgotten for good)? \
                    Tom is told.";
        assert_eq!(question("Tom", &goes), said);
    }
}
