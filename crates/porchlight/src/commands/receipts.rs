//! Receipts: kept as files, and checked without the hub.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use porchlight_client::{Deletion, DeletionReceipt, Member, Receipt, Verifier};
use porchlight_hub::in_shell;
use porchlight_protocol::{Amount, ChangeDone, ForgottenView, LookKind};
use serde_json::json;

use crate::args::{ReceiptGet, ReceiptVerify};
use crate::files;
use crate::output::{Output, count, zoned};
use crate::session::{Sessions, state_folder};

/// Where a receipt's signature is known from.
enum Known {
    /// The file with the key that was given.
    Given,
    /// What this computer saw of the ledger before.
    Seen,
    /// Nowhere: the receipt brings its own key.
    No,
}

pub(super) fn verify(verify: &ReceiptVerify, out: Output) -> Result<()> {
    let (receipt, known) = read(&verify.file, verify.ledger_key.as_deref())?;
    let is_known = !matches!(known, Known::No);
    let answer = json!({
        "verified": is_known, "key_known": is_known, "line": receipt.line.index,
        "checkpoint": receipt.line.checkpoint.to_string(), "deletion": receipt.deletion, "outcome": receipt.outcome,
    });
    out.answer(&answer, |_| in_words(&receipt, &known))?;
    if is_known { Ok(()) } else { Err(KeyUnknown::of(&receipt).into()) }
}

/// A receipt that fits together, under a key that it brings itself: anybody can make one.
#[derive(Debug)]
pub(crate) struct KeyUnknown {
    /// The ledger that the receipt names.
    ledger: String,
}

impl KeyUnknown {
    pub(super) fn of(receipt: &DeletionReceipt) -> KeyUnknown {
        KeyUnknown { ledger: receipt.line.checkpoint.origin.clone() }
    }
}

impl fmt::Display for KeyUnknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the signature is right, but nobody here knows this key: give that of the ledger {} with --ledger-key FILE. It is one line that \
             begins with this name: `porchlight ledger key` prints it on a computer that is signed in to that household, the app saves it \
             (Ledger, \"Check without us\", \"Save the key\"), and `porchlight ledger export` puts it beside the ledger as `key`",
            self.ledger
        )
    }
}

impl std::error::Error for KeyUnknown {}

pub(super) fn get(member: &Member, get: &ReceiptGet, out: Output) -> Result<()> {
    let receipt = member.receipt(get.line)?;
    let path = save(&receipt, get.out.as_deref())?;
    out.answer(&json!({ "line": get.line, "receipt": path }), |_| {
        format!(
            "The receipt is in {}. Check it: porchlight receipt verify {}",
            path.display(),
            in_shell(&path)
        )
    })
}

/// Reads a receipt's file and checks all of it; and whether its key is known here, or only its own.
pub(super) fn read_for(file: &Path, ledger_key: Option<&Path>) -> Result<(DeletionReceipt, bool)> {
    let (receipt, known) = read(file, ledger_key)?;
    Ok((receipt, !matches!(known, Known::No)))
}

fn read(file: &Path, ledger_key: Option<&Path>) -> Result<(DeletionReceipt, Known)> {
    let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let (key, known) = match ledger_key {
        Some(path) => {
            let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
            (Some(text.trim().to_owned()), Known::Given)
        }
        // Of this computer's sessions, the one with the receipt's own ledger; a receipt of no ledger that is known stands alone.
        None => {
            let name =
                Receipt::from_json(&bytes).map(|receipt| receipt.key.name().to_owned()).unwrap_or_default();
            match Sessions::load().ok().and_then(|sessions| sessions.ledger_key(&name)) {
                Some(key) => (Some(key), Known::Seen),
                None => (None, Known::No),
            }
        }
    };
    let key =
        key.map(|key| key.parse::<Verifier>()).transpose().context("the key of the ledger cannot be read")?;
    let receipt = DeletionReceipt::read(&bytes, key.as_ref())
        .with_context(|| format!("{} is not to be believed", file.display()))?;
    Ok((receipt, known))
}

/// Keeps a receipt: in the file that was named, or among this computer's receipts under the name of its ledger and its line.
fn save(receipt: &Receipt, to: Option<&Path>) -> Result<PathBuf> {
    let path = match to {
        Some(path) => path.to_owned(),
        None => {
            let folder = own_folder()?;
            let origin = receipt.proof.checkpoint.lines().next().unwrap_or_default();
            let origin: String =
                origin.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' }).collect();
            folder.join(format!("{origin}-{}.receipt", receipt.proof.index))
        }
    };
    files::write(&path, receipt.to_json()).map_err(|error| files::cannot_write(&path, &error))?;
    Ok(path)
}

/// Checks that receipts can be put away, before there is anything that they are to tell of.
pub(super) fn must_be_writable(to: Option<&Path>) -> Result<()> {
    match to {
        Some(file) => files::must_be_writable(file),
        None => files::must_be_writable(&own_folder()?.join("receipt.new")),
    }
}

/// Where this computer's receipts lie.
fn own_folder() -> Result<PathBuf> {
    let folder = state_folder()?.join("receipts");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}

/// What was forgotten, with the receipts for it, put away on this computer. That one cannot be written undoes nothing: what was done is
/// told first, and then that ([`Kept::must_be_whole`]).
pub(super) struct Kept {
    sentence: String,
    /// The files.
    pub receipts: Vec<PathBuf>,
    /// Why others are not there, each with how to get it anew.
    missing: Vec<String>,
}

impl Kept {
    /// Puts the receipts of a change away; none where nothing was kept.
    pub(super) fn of(changed: &ChangeDone) -> Kept {
        Kept { sentence: changed.sentence.clone(), ..Kept::of_deletions(&changed.deletions, None) }
    }

    /// Puts the receipts of deletions away, in the file that was named or among this computer's.
    pub(super) fn of_deletions(done: &[ForgottenView], to: Option<&Path>) -> Kept {
        let mut kept = Kept { sentence: String::new(), receipts: Vec::new(), missing: Vec::new() };
        for done in done {
            let Some(text) = &done.receipt else { continue };
            match of_hub(text).and_then(|receipt| save(&receipt, to)) {
                Ok(path) => kept.receipts.push(path),
                Err(why) => kept.missing.push(match done.ledger_line {
                    Some(line) => {
                        format!("{why:#}. It is in the ledger: porchlight receipt get {line} --out FILE")
                    }
                    None => format!("{why:#}"),
                }),
            }
        }
        kept
    }

    /// Fails where a receipt is not there, once it was told what was done.
    pub(super) fn must_be_whole(self) -> Result<()> {
        if self.missing.is_empty() {
            return Ok(());
        }
        bail!("what is told above is done, but its receipt is not put away: {}", self.missing.join("; "))
    }
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)?;
        self.receipts.iter().try_for_each(|path| write!(f, "\nThe receipt is in {}.", path.display()))
    }
}

/// Reads a receipt as the hub gives it out, to be kept.
fn of_hub(text: &str) -> Result<Receipt> {
    match Receipt::from_json(text.as_bytes()) {
        Ok(receipt) => Ok(receipt),
        Err(why) => bail!("the hub gave out a receipt that cannot be read: {why}"),
    }
}

/// How much a deletion destroyed, as people count it.
pub(super) fn amount_of(deletion: &Deletion) -> String {
    let kinds = deletion.recordings.iter().map(|kind| (kind.kind.as_str(), kind.count, kind.seconds));
    match Amount::of_kinds(kinds) {
        Some(amount) => amount.in_short(),
        None => count(deletion.count() as usize, "recording"),
    }
}

/// The same of what was forgotten, by its receipt.
pub(super) fn what_went(done: &ForgottenView) -> String {
    let receipt = done.receipt.as_ref().and_then(|text| DeletionReceipt::read(text.as_bytes(), None).ok());
    match receipt {
        Some(receipt) => amount_of(&receipt.deletion),
        None => count(done.recordings.len(), "recording"),
    }
}

fn in_words(receipt: &DeletionReceipt, known: &Known) -> String {
    let DeletionReceipt { line, deletion, outcome } = receipt;
    let mut words = vec![match known {
        Known::Given => "This receipt holds: it is signed with the key that you gave.".to_owned(),
        Known::Seen => "This receipt holds: it is signed with the key by which this computer knows the ledger.".to_owned(),
        Known::No => "The signature is right, but nobody here knows this key: the receipt brings it itself, and so could one that \
             somebody made up."
            .to_owned(),
    }];
    words.push(format!(
        "{}: the keys of {} were destroyed. Reason: {}. It is line {} of the ledger, under a checkpoint of {}.",
        zoned(deletion.at),
        amount_of(deletion),
        deletion.reason.as_str(),
        line.index,
        count(line.checkpoint.size as usize, "line"),
    ));
    match deletion.looks.as_slice() {
        [] => words.push("Nobody had opened or exported any of it before.".to_owned()),
        looks => {
            let is_export = |how: &str| how == LookKind::Export.word();
            words.push("Before that it was looked at. Who it was is in the ledger, for those to whom its lines are sealed:".to_owned());
            words.extend(looks.iter().map(|look| {
                let how = if is_export(&look.how) { "taken away as files" } else { "opened" };
                format!("  {}  some of it was {how}, the detail is recording {}", zoned(look.at), look.look)
            }));
            if looks.iter().any(|look| is_export(&look.how)) {
                words.push("What was taken away as files is out of reach.".to_owned());
            }
        }
    }
    for stays in &deletion.stays {
        words.push(format!("Stays, of what was chosen: {}", stays.why));
    }
    if !deletion.effects_kept.is_empty() {
        let kept = count(deletion.effects_kept.len() as usize, "timer or list item");
        words.push(format!("Stays: {kept} that the requests left behind."));
    }
    match outcome {
        None => words.push("What has become of the mirrors is not in it.".to_owned()),
        Some(outcome) => {
            for state in &outcome.mirrors {
                words.push(match &state.mirror {
                    mirror if mirror.is_acknowledged() => {
                        format!("Gone: the strongbox mirror {} (as of {}).", state.path.display(), zoned(outcome.at))
                    }
                    _ => format!(
                        "Incomplete: the strongbox mirror {} had not followed at {}. Get the receipt anew later: porchlight receipt get {}",
                        state.path.display(),
                        zoned(outcome.at),
                        line.index
                    ),
                });
            }
            if !outcome.swept {
                words.push("Sealed remains that nobody can open were still to be removed.".to_owned());
            }
        }
    }
    words.push(format!(
        "The root key lay in a slot of the kind \"{}\". This receipt cannot speak for:",
        deletion.slot.kind
    ));
    words.extend(deletion.slot.cannot.iter().map(|cannot| format!("  {cannot}")));
    words.join("\n")
}
