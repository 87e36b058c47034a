//! Ending a household.

use std::io::{self, IsTerminal};
use std::path::Path;

use anyhow::{Result, bail};
use porchlight_server::ending::{Ended, HouseholdEnding};
use serde_json::json;

use crate::args::End;
use crate::output::{Output, ask, quoted, say};

pub(super) fn run(end: &End, out: Output) -> Result<()> {
    let ending = HouseholdEnding::of(&end.folders.data, &end.folders.strongbox)?;
    // That it was begun before is no agreement: whoever can write to the data folder can say so there.
    if ending.destroys_something() && !is_wanted(end, &ending)? {
        say("Nothing was changed.");
        return Ok(());
    }
    let ended = ending.carry_out()?;
    let complete = ended.unreached.is_empty();
    let answer = json!({
        "complete": complete, "destroyed": ended.destroyed, "noted": ended.noted, "unreached": ended.unreached, "left": ended.left,
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
            let listed = |paths: &mut dyn Iterator<Item = &Path>| {
                paths.map(|path| format!("\n  {}", path.display())).collect::<String>()
            };
            let (keys, away) = (listed(&mut ending.with_keys()), listed(&mut ending.out_of_reach()));
            let here = if keys.is_empty() { "\n  nothing that is in reach" } else { &keys };
            let away =
                if away.is_empty() { away } else { format!("\nOut of reach just now are those in{away}") };
            say(format!(
                "All that this household kept goes for good: nobody can open it again, from no copy and with no recovery kit, once every key \
                 is destroyed. Exports that somebody took stay theirs.\nIts keys are in{here}{away}\nand what they open is in\n  {}",
                end.folders.data.display()
            ));
            ask(&format!("Type its name, {}, to end it: ", quoted(name)))?
        }
    };
    if !ending.is_meant_by(&typed) {
        bail!("that is not its name, which is {}; nothing was changed", quoted(name));
    }
    Ok(true)
}

fn in_words(ended: &Ended, end: &End) -> String {
    let mut words = Vec::new();
    for strongbox in &ended.destroyed {
        words.push(format!("The keys in {} are destroyed.", strongbox.display()));
    }
    for strongbox in &ended.noted {
        words.push(format!(
            "There is no strongbox at {}; an earlier run of this noted that it destroyed the keys there.",
            strongbox.display()
        ));
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
            words.push(format!("Attach what was not reached, and do the same again: {}", same_again(end)));
        }
    }
    for left in &ended.left {
        words.push(format!("Not Porchlight's, and still there: {}", left.display()));
    }
    words.join("\n")
}

/// What was typed, for a shell.
fn same_again(end: &End) -> String {
    let path = |option: &str, path: &Path| format!(" {option} {}", porchlight_hub::in_shell(path));
    let strongboxes = end.folders.strongbox.iter().map(|strongbox| path("--strongbox", strongbox));
    let name = end.name.as_ref().map(|name| path("--name", Path::new(name)));
    let options = std::iter::once(path("--data", &end.folders.data)).chain(strongboxes).chain(name);
    format!("porchlight end{}", options.collect::<String>())
}
