//! What requests left behind, and what was answered and forgotten.

use anyhow::Result;
use porchlight_client::Member;
use porchlight_protocol::{AnsweredView, EffectsView, NewItem};
use serde_json::json;

use crate::args::EffectCommand;
use crate::output::{Output, length, quoted, time};

pub(super) fn run(member: &Member, command: EffectCommand, out: Output) -> Result<()> {
    match command {
        EffectCommand::List => out.answer(&member.effects()?, words),
        EffectCommand::Add { item, list } => {
            let added = member.put_on_list(&NewItem { list, item })?;
            out.answer(&added, |added| format!("{}  {}", added.id, added.what))
        }
        EffectCommand::Done { id } => {
            member.effect_done(id)?;
            out.answer(&json!({ "done": id }), |_| "Done, and forgotten.".to_owned())
        }
    }
}

pub(super) fn answered(member: &Member, out: Output) -> Result<()> {
    out.answers(&member.answered()?, "Nothing was answered and forgotten today.", line)
}

fn words(effects: &EffectsView) -> String {
    let mut lines = Vec::new();
    for timer in &effects.timers {
        let name = timer.name.as_ref().map(|name| format!(" {}", quoted(name))).unwrap_or_default();
        let when = match (timer.ends, timer.paused_left) {
            (Some(ends), _) => format!("rings at {}", time(ends)),
            (None, left) => format!("paused, {} left", length(left.unwrap_or_default() as f64)),
        };
        lines.push(format!("{}  timer{name}: {when}", timer.id));
    }
    for list in &effects.lists {
        for item in &list.items {
            lines.push(format!("{}  {} list: {}", item.id, quoted(&list.name), quoted(&item.text)));
        }
    }
    for reminder in &effects.reminders {
        let text = reminder.text.as_deref().map(|text| format!("reminder: {}", quoted(text)));
        lines.push(format!(
            "{}  {} at {}",
            reminder.id,
            text.as_deref().unwrap_or("alarm"),
            time(reminder.due)
        ));
    }
    // Of what cannot be read nobody says that it is not there.
    lines.extend(effects.unreadable.iter().map(|said| said.text.clone()));
    if lines.is_empty() {
        "No timers, no reminders, and nothing on any list.".to_owned()
    } else {
        lines.join("\n")
    }
}

fn line(answered: &AnsweredView) -> String {
    let place = answered.device.as_deref().unwrap_or("a signed-in session");
    format!("{}  {place}: answered and forgotten", time(answered.at))
}
