//! Ending a household.

use std::io::{self, IsTerminal};

use anyhow::{Result, bail};
use porchlight_server::ending::{Ended, HouseholdEnding};
use porchlight_server::settings::Remembered;
use serde_json::json;

use crate::args::End;
use crate::output::{Output, ask, quoted, say};

pub(super) fn run(end: &End, out: Output) -> Result<()> {
    let data = &end.folders.data;
    let mut strongboxes = end.folders.strongbox.clone();
    if strongboxes.is_empty() {
        let remembered = Remembered::read(data).settings();
        strongboxes = remembered.and_then(|settings| settings.strongbox).into_iter().collect();
    }
    let runtime = tokio::runtime::Runtime::new()?;
    let ending = runtime.block_on(HouseholdEnding::of(data, &strongboxes))?;
    // Whoever began it was asked, and nothing of it can be opened any more.
    if !ending.has_begun() && !is_wanted(end, &ending)? {
        say("Nothing was changed.");
        return Ok(());
    }
    let ended = ending.carry_out()?;
    let complete = ended.unreached.is_empty();
    let answer = json!({
        "complete": complete, "destroyed": ended.destroyed, "unreached": ended.unreached, "left": ended.left,
    });
    out.answer(&answer, |_| in_words(&ended, end))?;
    if !complete {
        bail!("the household is not ended to the end: keys of it are out of reach, see above");
    }
    Ok(())
}

/// Whether whoever sits here means it: they type the household's name.
fn is_wanted(end: &End, ending: &HouseholdEnding) -> Result<bool> {
    let name = &ending.name;
    let typed = match &end.name {
        Some(typed) => typed.clone(),
        None if !io::stdin().is_terminal() => bail!(
            "this cannot be undone, and there is nobody to ask; to go on, say whose household it is with --name {}",
            quoted(name)
        ),
        None => {
            let boxes = ending.strongboxes().iter().map(|path| format!("\n  {}", path.display()));
            say(format!(
                "All that this household kept goes for good: nobody can open it again, from no copy and with no recovery kit. Exports that \
                 somebody took stay theirs.\nIts keys are in{}\nand what they open is in\n  {}",
                boxes.collect::<String>(),
                end.folders.data.display()
            ));
            ask(&format!("Type its name, {}, to end it: ", quoted(name)))?
        }
    };
    if typed.trim() != name.trim() {
        bail!("that is not its name, which is {}; nothing was changed", quoted(name));
    }
    Ok(true)
}

fn in_words(ended: &Ended, end: &End) -> String {
    let mut words = Vec::new();
    for strongbox in &ended.destroyed {
        words.push(format!("The keys in {} are destroyed.", strongbox.display()));
    }
    match ended.unreached.is_empty() {
        true => words.push(
            "The household is ended. Copies of its data folder open nothing any more; what their lists say (when was something kept, and \
             where) can be read in them, so destroy those too."
                .to_owned(),
        ),
        false => {
            for unreached in &ended.unreached {
                words.push(format!(
                    "Not reached: {} ({}). Whoever has it and a copy of the data folder can open what was kept.",
                    unreached.strongbox.display(),
                    unreached.why.trim_end_matches('.')
                ));
            }
            words.push(format!(
                "Attach what was not reached, and do the same again: porchlight end --data {}",
                porchlight_hub::in_shell(&end.folders.data)
            ));
        }
    }
    for left in &ended.left {
        words.push(format!("Not Porchlight's, and still there: {}", left.display()));
    }
    words.join("\n")
}
