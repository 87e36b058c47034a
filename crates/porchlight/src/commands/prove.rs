//! Proving that something is gone, on the machine where it lay.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use porchlight_hub::prove::{Findings, OpenedBy, prove_gone};
use porchlight_hub::{Found, NamedFolder};
use serde_json::json;

use super::receipts::{KeyUnknown, amount_of, read_for};
use crate::args::ProveGone;
use crate::output::{Output, count, say};

/// What no search of this machine's folders can know.
const CANNOT_KNOW: [&str; 4] = [
    "copies of an old strongbox, or images of the whole machine, that are somewhere else",
    "what somebody had opened or exported before and took away: the receipt names those looks",
    "old blocks of a flash disk that no file shows any more, swap, and the memory of running programs",
    "folders that were not named: add those of your backups with --in",
];

/// What cannot be searched. A file can be, like one in a folder …
const NOWHERE: [Found; 3] = [Found::Nothing, Found::BelowFile, Found::Closed];

/// … but is no data folder and no strongbox.
const NO_FOLDER: [Found; 4] = [Found::Nothing, Found::BelowFile, Found::Closed, Found::File];

pub(super) fn run(prove: &ProveGone, out: Output) -> Result<()> {
    let (receipt, known) = read_for(&prove.receipt, prove.ledger_key.as_deref())?;
    let folders = folders(prove)?;
    let names: Vec<String> = folders.iter().map(|folder| folder.display().to_string()).collect();
    say(format!(
        "{} Searching every byte of {} for what was left of {} …",
        if known {
            "The receipt holds."
        } else {
            "The receipt fits together, under a key that nobody here knows."
        },
        names.join(", "),
        amount_of(&receipt.deletion)
    ));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let found = runtime.block_on(prove_gone(&receipt.deletion, &folders))?;
    let answer = json!({
        "gone": found.is_gone(), "key_known": known, "searched": folders, "found": found, "cannot_know": CANNOT_KNOW,
    });
    out.answer(&answer, |_| in_words(&found, &amount_of(&receipt.deletion)))?;
    if !found.opened.is_empty() {
        bail!("it is NOT gone: what is named above still opens it");
    }
    if !found.unread.is_empty() {
        bail!(
            "nothing is proved: what is named above could not be read. Run it as the user whose hub it is; where the strongbox does not lie \
             beside the data folder, name it with --strongbox"
        );
    }
    if found.files == 0 {
        bail!(
            "nothing is proved: there is not one file in {}. Name the folders where it lay",
            names.join(", ")
        );
    }
    // Of what it speaks of nothing is left here; whether that was ever kept, such a receipt does not prove.
    if known { Ok(()) } else { Err(KeyUnknown::of(&receipt).into()) }
}

fn folders(prove: &ProveGone) -> Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    if let Some(data) = &prove.data {
        must_be_there(data, &NO_FOLDER, "name the hub's data folder with --data")?;
        folders.push(data.clone());
        match prove.strongbox.as_slice() {
            [] => {
                let beside = porchlight_hub::strongbox_beside(data);
                must_be_there(
                    &beside,
                    &NO_FOLDER,
                    "where the strongbox does not lie beside the data folder, name it with --strongbox",
                )?;
                folders.push(beside);
            }
            given => {
                for folder in given {
                    must_be_there(
                        folder,
                        &NO_FOLDER,
                        "name the strongbox, or a mirror of it, with --strongbox",
                    )?;
                    folders.push(folder.clone());
                }
            }
        }
    }
    for folder in &prove.folders {
        must_be_there(folder, &NOWHERE, "name a folder where it lay with --in")?;
        folders.push(folder.clone());
    }
    if folders.is_empty() {
        bail!(
            "say where to search: --data DIR, the hub's data folder (or set PORCHLIGHT_DATA), or --in FOLDER"
        );
    }
    Ok(folders)
}

/// Refuses a name that was mistyped before anything is searched: what was not looked at proves nothing.
fn must_be_there(folder: &Path, refused: &[Found], instead: &str) -> Result<()> {
    let named = NamedFolder::at(folder);
    match refused.contains(&named.found) {
        true => bail!("nothing is proved: {named}; {instead}"),
        false => Ok(()),
    }
}

fn in_words(found: &Findings, destroyed: &str) -> String {
    let megabytes = found.bytes as f64 / 1e6;
    let mut words = vec![
        format!("Searched: {}, {megabytes:.1} MB, to the last byte.", count(found.files as usize, "file")),
        format!(
            "Looked for: {destroyed}, by the marks of {} and in every catalog by their ids.",
            count(found.marks as usize, "sealed payload")
        ),
        format!(
            "Tried: {} from slots on {} of keys, of which {} opened ({}); then {} and {} found on the way on every sealed header and every export.",
            count(found.tried.roots as usize, "root key"),
            count(found.tried.packs as usize, "pack"),
            count(found.tried.generations.len(), "generation"),
            found.tried.generations.iter().map(u64::to_string).collect::<Vec<_>>().join(", "),
            count(found.tried.keys as usize, "key"),
            count(found.tried.identities as usize, "age identity").replace("identitys", "identities"),
        ),
    ];
    for listed in &found.listed {
        words.push(format!(
            "Found: {} still lists {} of them, as a copy from before does.",
            listed.path.display(),
            listed.recordings
        ));
    }
    for remains in &found.remains {
        words.push(format!(
            "Found: sealed remains of {} in {}.",
            count(remains.recordings as usize, "recording"),
            remains.path.display()
        ));
    }
    for export in &found.exports {
        words.push(format!(
            "Found: an export that was made before, {}. Whoever has a recovery kit it was made for opens it.",
            export.display()
        ));
    }
    for opened in &found.opened {
        let what = opened.recording.map_or("an export".to_owned(), |id| format!("recording {id}"));
        let by = match &opened.by {
            OpenedBy::Strongbox { slots } => {
                let slots: Vec<String> = slots.iter().map(|slot| slot.display().to_string()).collect();
                format!("an old slot, {}: destroy that copy of the strongbox", slots.join(" and "))
            }
            OpenedBy::Key => "a key that lies in one of these folders".to_owned(),
            OpenedBy::Identity => "an age identity that lies in one of these folders".to_owned(),
        };
        words.push(format!("OPENED: {what} of {} with {by}.", opened.path.display()));
    }
    for (path, why) in &found.unread {
        words.push(format!("NOT READ: {}: {why}", path.display()));
    }
    if found.is_gone() {
        words.push(match found.listed.is_empty() && found.remains.is_empty() {
            true => "Nothing of it is here any more.".to_owned(),
            false => "None of it opens, with any key that lies here.".to_owned(),
        });
    }
    words.push("What this cannot know:".to_owned());
    words.extend(CANNOT_KNOW.iter().map(|cannot| format!("  {cannot}")));
    words.join("\n")
}
