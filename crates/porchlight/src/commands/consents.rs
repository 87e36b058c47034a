//! Granting, withdrawing and listing consents.

use anyhow::Result;
use porchlight_hub::client::Member;
use serde_json::json;

use super::receipts::Kept;
use crate::args::ConsentCommand;
use crate::output::Output;

pub(super) fn run(member: &Member, command: ConsentCommand, out: Output) -> Result<()> {
    match command {
        ConsentCommand::Grant(change) => {
            member.grant(&change.name, &change.purpose)?;
            let answer = json!({ "name": change.name, "granted": change.purpose });
            out.answer(&answer, |_| format!("{} agreed to {}.", change.name, change.purpose.join(" and ")))
        }
        ConsentCommand::Withdraw(change) => {
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
