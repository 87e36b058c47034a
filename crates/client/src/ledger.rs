//! The ledger at a member's end: read, checked against what this computer has seen of it, and never taken at its word.

use std::io::Read;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use porchlight_protocol::{DetailsRequest, LedgerDetail, LedgerHead, LineProof};
use porchlight_vault::ledger::commitment::{self, Entry};
use porchlight_vault::ledger::note::Verifier;
use porchlight_vault::ledger::{
    Audit, Because, Checkpoint, Continuation, Hash, Receipt, Signers, TILE_WIDTH, TilePath,
    entries_of_bundle, follow, proof,
};
use porchlight_vault::{LedgerEntry, read_detail};
use serde::Serialize;
use serde_json::Value;

use crate::open::open_recording;
use crate::seen::SeenLedger;
use crate::{ClientError, Member};

/// What checking the whole ledger found. All of it holds, or there would be an error.
#[derive(Clone, Debug, Serialize)]
pub struct LedgerCheck {
    /// How many lines there are.
    pub lines: u64,
    /// The ledger's name and key.
    pub key: String,
    /// The signed checkpoint that covers them.
    pub checkpoint: String,
    /// How many lines this computer had seen before, which are the same now; none where it saw the ledger for the first time.
    pub seen_before: Option<u64>,
    /// What was lost with trees that could not go on, as the ledger itself says.
    pub lost: Vec<Lost>,
    /// Lines whose bytes are damaged on the hub's disk. That they are in the ledger, and where, is as certain as of the others.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub damaged: Vec<u64>,
    /// The name of each file that the ledger was held against, and how many lines that one speaks of.
    pub against: Vec<(String, u64)>,
}

/// The lines that a tree which could not go on has lost. The ledger names the checkpoint that covered them, so nobody can deny that
/// there were so many; unless that line went too, with a second copy that was put back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Lost {
    /// The number of the tree that was continued.
    pub tree: u32,
    /// How many lines it had, where the line that says so is still here …
    pub had: Option<u64>,
    /// … and how many of them are still here themselves.
    pub held: u64,
    /// Why it could not go on, where the line says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<Because>,
}

/// A line of the ledger, with its detail where this member can open it.
#[derive(Clone, Debug, Serialize)]
pub struct LedgerLine {
    /// Its number.
    pub line: u64,
    /// What kind of event: `look`, `deletion`, `consent` …
    pub kind: String,
    /// The hour in which it happened; the detail has the instant.
    pub hour: Option<Timestamp>,
    /// What happened; none where the detail has ended or is sealed to others.
    pub detail: Option<Value>,
    /// What is known without a detail, in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Member {
    /// The lines of the ledger from number `from` on, each held against the detail that it commits to.
    ///
    /// # Errors
    /// [`ClientError::Ledger`] names a line whose detail is another than it says.
    pub fn ledger_lines(&self, from: u64) -> Result<Vec<LedgerLine>, ClientError> {
        let keys = self.keys()?;
        let (mut lines, mut next) = (Vec::new(), from);
        loop {
            let told: Vec<LedgerEntry> = self.http.get(&format!("/api/ledger/lines?from={next}"))?;
            if told.is_empty() {
                return Ok(lines);
            }
            next += told.len() as u64;
            let details = told.iter().filter_map(|told| match told {
                LedgerEntry::Event { detail, .. } => detail.map(|id| id.get()),
                _ => None,
            });
            let request = DetailsRequest { details: details.collect() };
            let sealed: Vec<LedgerDetail> = self.http.post("/api/ledger/details", &request)?;
            let mut opened = std::collections::HashMap::new();
            for LedgerDetail { detail, age } in sealed {
                let age = BASE64_STANDARD.decode(age).map_err(|_| altered("a detail is not base64"))?;
                match open_recording(detail, &age, &keys) {
                    Ok(plain) => {
                        opened.insert(detail, plain);
                    }
                    Err(other @ ClientError::OtherRecording) => return Err(other),
                    // What is sealed to others stays closed.
                    Err(_) => {}
                }
            }
            for told in told {
                lines.push(match told {
                    LedgerEntry::Event { index, kind, hour, commitment, detail } => {
                        let plain = detail.and_then(|id| opened.get(&id.get()));
                        let detail = match plain {
                            Some(plain) => Some(said(index, &kind, hour, &commitment, plain)?),
                            None => None,
                        };
                        LedgerLine { line: index, kind, hour: Some(hour), detail, note: None }
                    }
                    LedgerEntry::Damaged { index } => {
                        let note = "This line is damaged on the hub's disk: what it said is lost. That it was there can still be proved.";
                        LedgerLine { line: index, kind: "damaged".into(), hour: None, detail: None, note: Some(note.into()) }
                    }
                    LedgerEntry::Continuation { index, checkpoint, because } => {
                        let had = checkpoint.lines().nth(1).unwrap_or_default().to_owned();
                        let note = match because {
                            Some(Because::OlderCopy) => format!("An older copy of the data folder was put back; the ledger had {had} lines before."),
                            Some(Because::Damage) => format!("Lines of the ledger were damaged on the hub's disk; it had {had} before, and goes on in a new tree."),
                            Some(Because::CheckpointLost) => format!("The ledger's newest checkpoint was damaged or gone from the strongbox; it had at least {had} lines before, and goes on in a new tree."),
                            None => format!("An older copy of the data folder was put back, or the ledger was damaged; it had {had} lines before."),
                        };
                        LedgerLine { line: index, kind: "continued".into(), hour: None, detail: None, note: Some(note) }
                    }
                    LedgerEntry::Succession { index, .. } => {
                        let note = "From here on another key signs; both keys have signed that it is so.";
                        LedgerLine { line: index, kind: "succession".into(), hour: None, detail: None, note: Some(note.into()) }
                    }
                });
            }
        }
    }

    /// Checks the whole ledger: its signature, that its lines are those of its checkpoint, and that it has the same past as this
    /// computer saw it have, and as each file of `against` says (a checkpoint or a receipt, with the name to call it by).
    ///
    /// # Errors
    /// [`ClientError::Ledger`] when it does not add up.
    pub fn verify_ledger(&self, against: &[(String, String)]) -> Result<LedgerCheck, ClientError> {
        let head: LedgerHead = self.http.get("/api/ledger")?;
        let key: Verifier = head.key.parse().map_err(altered)?;
        let seen = self.seen_ledger.borrow().clone();
        if let Some(seen) = &seen {
            let known: Verifier = seen.key.parse().map_err(altered)?;
            if follow(&known, &head.successions).map_err(altered)? != key {
                return Err(altered(format!(
                    "this computer knows it by the key {known}, and now it is signed with {key}, which nobody was told of"
                )));
            }
        }
        let signers = Signers::new(&key, &head.successions).map_err(altered)?;
        let (now, tree) = signers.read(&head.checkpoint).map_err(altered)?;
        let Fetched { audit, first, damaged } = self.fetch_tree(&now)?;
        audit.check(&now).map_err(altered)?;

        let past = Past { member: self, signers: &signers, now: &now, tree, audit: &audit, first };
        let lost = past.lost()?;
        let seen_before =
            seen.map(|seen| past.check("this computer's memory of it", &seen.checkpoint)).transpose()?;
        let mut held_against = Vec::new();
        for (name, text) in against {
            let checkpoint = match Receipt::from_json(text.as_bytes()) {
                Ok(receipt) => receipt.proof.checkpoint,
                Err(_) => text.clone(),
            };
            held_against.push((name.clone(), past.check(name, &checkpoint)?));
        }
        let (key, checkpoint) = (head.key, head.checkpoint);
        *self.seen_ledger.borrow_mut() =
            Some(SeenLedger { key: key.clone(), checkpoint: checkpoint.clone() });
        Ok(LedgerCheck {
            lines: now.size,
            key,
            checkpoint,
            seen_before,
            lost,
            damaged,
            against: held_against,
        })
    }

    /// Takes in a signed checkpoint that the hub showed on the way, in a receipt or beside a look: the ledger must have the past
    /// that this computer remembers *and* the one that this speaks of, and the longer of the two is remembered from now on.
    ///
    /// # Errors
    /// [`ClientError::Ledger`] when they do not lie on one tree.
    pub(crate) fn meet(&self, name: &str, note: &str) -> Result<(), ClientError> {
        // A computer that has seen nothing yet begins with what the hub shows now.
        self.ledger_key()?;
        let Some(seen) = self.seen_ledger.borrow().clone() else { return Ok(()) };
        if seen.checkpoint == note {
            return Ok(());
        }
        let key: Verifier = seen.key.parse().map_err(altered)?;
        let read = |note: &str| {
            let name = note.lines().next().unwrap_or_default();
            Verifier::new(name, *key.key()).and_then(|tree| Checkpoint::verify(note, &tree)).ok()
        };
        let proof = match (read(&seen.checkpoint), read(note)) {
            (Some(before), Some(met)) if before.origin == met.origin => self.prove_both(&before, &met),
            // Of another tree of this ledger: one could not go on, which `ledger verify` looks into and tells of.
            (Some(_), Some(_)) => return Ok(()),
            _ => None,
        };
        match proof {
            Some(true) => {}
            Some(false) => {
                return Err(altered(format!("{name} speaks of other lines than this computer has seen")));
            }
            // Another key, or no proof: all of it is looked at.
            None => return self.verify_ledger(&[(name.to_owned(), note.to_owned())]).map(drop),
        }
        let size = |note: &str| read(note).map(|checkpoint| checkpoint.size);
        if size(note) > size(&seen.checkpoint) {
            *self.seen_ledger.borrow_mut() = Some(SeenLedger { key: seen.key, checkpoint: note.to_owned() });
        }
        Ok(())
    }

    /// Whether the hub can prove that one of two checkpoints of a tree continues the other; nothing where it gives no proof.
    fn prove_both(&self, one: &Checkpoint, other: &Checkpoint) -> Option<bool> {
        let (old, new) = if one.size <= other.size { (one, other) } else { (other, one) };
        if old.size == new.size {
            return Some(old.root == new.root);
        }
        let path = format!("/api/ledger/consistency?from={}&to={}", old.size, new.size);
        let hashes: Vec<String> = self.http.get(&path).ok()?;
        let hashes = hashes.iter().map(|hash| hash.parse()).collect::<Result<Vec<Hash>, _>>().ok()?;
        Some(proof::verify_consistency(old.size, &old.root, new.size, &new.root, &hashes).is_ok())
    }

    /// The same for a receipt, of this household's ledger or not.
    pub(crate) fn meet_receipt(&self, receipt: &str) -> Result<(), ClientError> {
        let receipt = Receipt::from_json(receipt.as_bytes()).map_err(altered)?;
        self.meet("the receipt that the hub gave", &receipt.proof.checkpoint)
    }

    /// The ledger's name and key as this computer knows them: from before, or, the first time, as the hub says; from then on
    /// it is held to that.
    pub fn ledger_key(&self) -> Result<String, ClientError> {
        if let Some(seen) = &*self.seen_ledger.borrow() {
            return Ok(seen.key.clone());
        }
        let LedgerHead { key, successions, checkpoint, .. } = self.http.get("/api/ledger")?;
        let signers = Signers::new(&key.parse().map_err(altered)?, &successions).map_err(altered)?;
        signers.read(&checkpoint).map_err(altered)?;
        *self.seen_ledger.borrow_mut() = Some(SeenLedger { key: key.clone(), checkpoint });
        Ok(key)
    }

    /// Lays the ledger out in files as a tiled log that other programs can check: each with its path.
    pub fn ledger_files(&self) -> Result<Vec<(String, Vec<u8>)>, ClientError> {
        let head: LedgerHead = self.http.get("/api/ledger")?;
        let mut files = vec![("key".to_owned(), format!("{}\n", self.tree_key(&head)?).into_bytes())];
        let mut hashes = head.size;
        for level in 0..8u8 {
            for (n, width) in widths(hashes) {
                for path in [TilePath::Tile { level, n, width }, TilePath::Entries { n, width }] {
                    if level == 0 || matches!(path, TilePath::Tile { .. }) {
                        files.push((path.to_string(), self.ledger_file(&path.to_string())?));
                    }
                }
            }
            hashes /= TILE_WIDTH as u64;
        }
        // The checkpoint of the size that was laid out, which may have been passed since.
        files.push(("checkpoint".to_owned(), head.checkpoint.into_bytes()));
        Ok(files)
    }

    /// A receipt for a line, made anew: its detail as this member can open it, and what has become of a deletion by now.
    ///
    /// # Errors
    /// [`ClientError::Bad`] when the line has no detail that this member can open.
    pub fn receipt(&self, line: u64) -> Result<Receipt, ClientError> {
        let told: Vec<LedgerEntry> = self.http.get(&format!("/api/ledger/lines?from={line}"))?;
        let none = || {
            ClientError::Bad(format!(
                "line {line} of the ledger has no detail any more, or never had one, so there is no receipt for it"
            ))
        };
        let Some(LedgerEntry::Event { detail: Some(detail), .. }) = told.into_iter().next() else {
            return Err(none());
        };
        let request = DetailsRequest { details: vec![detail.get()] };
        let sealed: Vec<LedgerDetail> = self.http.post("/api/ledger/details", &request)?;
        let sealed = sealed.into_iter().next().ok_or_else(none)?;
        let age = BASE64_STANDARD.decode(sealed.age).map_err(|_| altered("a detail is not base64"))?;
        let plain = open_recording(detail.get(), &age, &self.keys()?)?;
        let proof: LineProof = self.http.get(&format!("/api/ledger/lines/{line}/proof"))?;
        let proof = porchlight_vault::LineProof {
            key: proof.key.parse().map_err(altered)?,
            successions: proof.successions,
            entry: proof.entry,
            proof: proof.proof.parse().map_err(altered)?,
            outcome: proof.outcome,
        };
        let receipt = proof.receipt(&plain).map_err(altered)?;
        self.meet("the receipt that the hub gave", &receipt.proof.checkpoint)?;
        Ok(receipt)
    }

    /// Gives the ledger another signing key.
    pub fn succeed_ledger_key(&self) -> Result<LedgerHead, ClientError> {
        self.http.post("/api/ledger/key", &Value::Null)
    }

    /// The name and key of the open tree.
    fn tree_key(&self, head: &LedgerHead) -> Result<Verifier, ClientError> {
        let key: Verifier = head.key.parse().map_err(altered)?;
        let name = head.checkpoint.lines().next().unwrap_or_default();
        Verifier::new(name, *key.key()).map_err(altered)
    }

    /// Every entry that a checkpoint speaks of, by the bundles of the tiled log. Of a bundle with a damaged line the hashes are
    /// taken, which must lead to the same root.
    fn fetch_tree(&self, checkpoint: &Checkpoint) -> Result<Fetched, ClientError> {
        let Fetched { mut audit, mut first, mut damaged } = Fetched::default();
        for (n, width) in widths(checkpoint.size) {
            match self.ledger_file(&TilePath::Entries { n, width }.to_string()) {
                Ok(bundle) => {
                    let entries = entries_of_bundle(&bundle).map_err(altered)?;
                    if n == 0 {
                        first = entries.first().map(|entry| entry.to_vec());
                    }
                    for entry in entries {
                        audit.push(entry);
                    }
                }
                Err(error) if error.word() == Some("line-damaged") => {
                    let tile = self.ledger_file(&TilePath::Tile { level: 0, n, width }.to_string())?;
                    for hash in tile.as_chunks::<32>().0 {
                        audit.push_hash(Hash::from(*hash));
                    }
                    let begins = n * TILE_WIDTH as u64;
                    let told: Vec<LedgerEntry> =
                        self.http.get(&format!("/api/ledger/lines?from={begins}"))?;
                    damaged.extend(told.iter().filter_map(|told| match told {
                        LedgerEntry::Damaged { index } if *index < begins + u64::from(width) => Some(*index),
                        _ => None,
                    }));
                    if n == 0 && !damaged.contains(&0) {
                        let LineProof { entry, .. } = self.http.get("/api/ledger/lines/0/proof")?;
                        if !tile.starts_with(Hash::leaf(entry.as_bytes()).as_bytes()) {
                            return Err(altered("line 0 is not the one that was signed for"));
                        }
                        first = Some(entry.into_bytes());
                    }
                }
                Err(other) => return Err(other),
            }
        }
        Ok(Fetched { audit, first, damaged })
    }

    fn ledger_file(&self, path: &str) -> Result<Vec<u8>, ClientError> {
        let mut bytes = Vec::new();
        self.http.get_bytes(&format!("/api/ledger/log/{path}"))?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

/// The open tree as the hub gives it out.
#[derive(Default)]
struct Fetched {
    audit: Audit,
    /// Its first entry, unless it is damaged.
    first: Option<Vec<u8>>,
    /// The numbers of those that are damaged.
    damaged: Vec<u64>,
}

/// The ledger as it is, to hold older checkpoints against.
struct Past<'a> {
    member: &'a Member,
    signers: &'a Signers,
    now: &'a Checkpoint,
    tree: u32,
    audit: &'a Audit,
    /// Its first entry, unless it is damaged.
    first: Option<Vec<u8>>,
}

/// From where a tree was continued, and why, as far as that is said.
struct Continued {
    from: Checkpoint,
    because: Option<Because>,
}

impl Past<'_> {
    /// Checks that the ledger has the past that a checkpoint speaks of, and gives how many lines that are.
    fn check(&self, name: &str, checkpoint: &str) -> Result<u64, ClientError> {
        let named = |why: &dyn std::fmt::Display| altered(format!("held against {name}: {why}"));
        let (before, tree) = self.signers.read(checkpoint).map_err(|why| named(&why))?;
        if tree == self.tree {
            if before.size > self.now.size {
                return Err(named(&format!("it had {} lines, and now has {}", before.size, self.now.size)));
            }
            self.audit
                .check(&before)
                .map_err(|_| named(&format!("its first {} lines are others than they were", before.size)))?;
            return Ok(before.size);
        }
        if tree > self.tree {
            return Err(named(&"it speaks of a newer tree than the ledger has"));
        }
        let (continued, held) = self.continued(tree)?;
        // What is left of the older tree must be what it was; what is lost, the ledger says itself.
        let held_whole = before.size <= held.size();
        if held_whole && held.check(&before).is_err() {
            return Err(named(&format!("its first {} lines are others than they were", before.size)));
        }
        let Some(Continued { from: continued, .. }) = continued else { return Ok(before.size) };
        if before.size > continued.size && !held_whole {
            return Err(named(&format!(
                "it had {} lines, and the ledger says that it had only {}",
                before.size, continued.size
            )));
        }
        if before.size == continued.size && before.root != continued.root {
            return Err(named(&"the ledger continued from another past"));
        }
        Ok(before.size)
    }

    /// What every tree before this one lost.
    fn lost(&self) -> Result<Vec<Lost>, ClientError> {
        (1..self.tree)
            .map(|tree| {
                let (continued, held) = self.continued(tree)?;
                let had = continued.as_ref().map(|continued| continued.from.size);
                let because = continued.and_then(|continued| continued.because);
                Ok(Lost { tree, had, held: held.size().min(had.unwrap_or(u64::MAX)), because })
            })
            .collect()
    }

    /// The checkpoint from which tree number `tree` was continued, and why, by the first line of the next, and what is left of it. Where that
    /// line is damaged, or gone with a second copy that was put back, nothing says any more from where it was continued.
    fn continued(&self, tree: u32) -> Result<(Option<Continued>, Audit), ClientError> {
        let mut held = Audit::default();
        for entry in self.older(tree)?.unwrap_or_default() {
            held.push(&entry);
        }
        let first = match tree + 1 == self.tree {
            true => self.first.clone(),
            false => self.older(tree + 1)?.and_then(|entries| entries.into_iter().next()),
        };
        let Some(first) = first else { return Ok((None, held)) };
        let first = Continuation::from_bytes(&first).map_err(altered)?;
        let (checkpoint, of) = self.signers.read(&first.checkpoint).map_err(altered)?;
        if of != tree {
            return Err(altered(format!("tree {} does not continue tree {tree}", tree + 1)));
        }
        Ok((Some(Continued { from: checkpoint, because: first.because }), held))
    }

    /// The lines that are left of an older tree; none where not one is.
    fn older(&self, tree: u32) -> Result<Option<Vec<Vec<u8>>>, ClientError> {
        let entries: Option<Vec<String>> = self.member.http.get(&format!("/api/ledger/trees/{tree}"))?;
        let decoded = |entry: &String| BASE64_STANDARD.decode(entry).map_err(altered);
        entries.map(|entries| entries.iter().map(decoded).collect()).transpose()
    }
}

/// What a detail says, once it is known to be the one that its line commits to.
fn said(
    index: u64,
    kind: &str,
    hour: Timestamp,
    committed: &str,
    plain: &[u8],
) -> Result<Value, ClientError> {
    let other = || altered(format!("the detail of line {index} is not the one that the line commits to"));
    let (salt, text) = read_detail(plain).map_err(altered)?;
    let digest =
        hex::decode(committed).ok().and_then(|digest| <[u8; 32]>::try_from(digest).ok()).ok_or_else(other)?;
    let entry = Entry::of(kind, hour, digest.into()).map_err(altered)?;
    if !commitment::opens(&entry, &salt, text.as_bytes()) {
        return Err(other());
    }
    serde_json::from_str(text).map_err(|_| altered(format!("the detail of line {index} is not JSON")))
}

fn altered(why: impl std::fmt::Display) -> ClientError {
    ClientError::Ledger(why.to_string())
}

/// The number and the width of every bundle of a log of so many entries.
fn widths(size: u64) -> impl Iterator<Item = (u64, u16)> {
    let width = TILE_WIDTH as u64;
    (0..size.div_ceil(width)).map(move |n| (n, (size - n * width).min(width) as u16))
}
