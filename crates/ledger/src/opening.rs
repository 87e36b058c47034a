//! Opening a ledger beside the checkpoint that was pinned.

use std::cmp::Ordering;

use ed25519_dalek::SigningKey;

use crate::frame::Frames;
use crate::ledger::{self, Ledger};
use crate::load::{Loaded, MAX_HEADER};
use crate::note::Verifier;
use crate::origin::{Origin, Signers};
use crate::succession::Succession;
use crate::{Because, Checkpoint, Continuation, Error, Store, frame};

/// What [`Ledger::open`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opening {
    /// Every entry that the pinned checkpoint covers is there, but for those that are [damaged](Ledger::damaged).
    Whole,
    /// A new tree was started whose first entry commits to the pinned checkpoint. Pin the new tree's checkpoint and tell those
    /// who read the log.
    Continued {
        /// The checkpoint that was pinned.
        pinned: Checkpoint,
        /// What could still be read of the newest tree in the store; nothing when the store was empty.
        held: Option<Checkpoint>,
        /// Why.
        because: Because,
    },
}

impl Ledger {
    /// Opens a ledger beside `pinned`, the newest signed checkpoint that the caller remembers, and `successions`, the notes of
    /// every [`Succession`] so far, which lead to `key`.
    ///
    /// A succession that was remembered and not told of (a crash came between) is told of now: pin the
    /// [`Ledger::checkpoint`] if it has changed.
    ///
    /// An append that a crash left unfinished is cut off, unless the pinned checkpoint covers it. Entries that are damaged are
    /// named ([`Ledger::damaged`]), and the tree goes on by their hashes, as far as those were noted and lead to the pinned root.
    /// When entries are missing that the pinned checkpoint covers, or are damaged beyond that, a new tree is started
    /// ([`Opening::Continued`]).
    ///
    /// # Errors
    ///
    /// - [`Error::Missing`]: there is no ledger, and no pinned checkpoint that says there was one;
    /// - [`Error::Forked`]: the entries are there, but they are not those that the pinned checkpoint covers;
    /// - [`Error::Damaged`]: an append in the middle is not as it was written, and no checkpoint was pinned;
    /// - [`Error::OtherKey`], [`Error::OtherOrigin`]: the store or the checkpoint is that of another ledger;
    /// - [`Error::Newer`], [`Error::NotALedger`]: the store's format is unknown;
    /// - [`Error::Note`], [`Error::Checkpoint`]: the pinned text is not a signed checkpoint;
    /// - [`Error::Succession`], [`Error::NotSigned`], [`Error::Signature`]: a succession of keys is not one;
    /// - [`Error::BadName`], [`Error::Store`].
    pub fn open(
        store: Box<dyn Store>,
        key: SigningKey,
        origin: &str,
        pinned: Option<&str>,
        successions: &[String],
    ) -> Result<(Ledger, Opening), Error> {
        open(store, key, origin, pinned, true, successions)
    }

    /// The same, where the newest checkpoint is lost and `floor` is one that came before it, or was it. What is missing since
    /// then could not be told, so this tree signs nothing any more: a new one is started that commits to `floor`.
    ///
    /// # Errors
    ///
    /// As for [`Ledger::open`].
    pub fn open_after_loss(
        store: Box<dyn Store>,
        key: SigningKey,
        origin: &str,
        floor: &str,
        successions: &[String],
    ) -> Result<(Ledger, Opening), Error> {
        open(store, key, origin, Some(floor), false, successions)
    }
}

/// See [`Ledger::open`]. `is_newest` says whether the pinned checkpoint is the newest, or one that was lost came after it.
fn open(
    mut store: Box<dyn Store>,
    key: SigningKey,
    origin: &str,
    pinned: Option<&str>,
    is_newest: bool,
    successions: &[String],
) -> Result<(Ledger, Opening), Error> {
    let signers = Signers::new(&Verifier::new(origin, key.verifying_key())?, successions)?;
    let pinned = pinned.map(|note| Pinned::read(note, &signers)).transpose()?;
    let announced = pinned.as_ref().is_none_or(|pinned| pinned.by_newest);
    let newest = store.trees().map_err(Error::store("list the ledger's files"))?.last().copied();
    let found = match newest {
        Some(number) => Some((number, Loaded::read(&*store, number, &signers)?)),
        None => None,
    };
    let (number, loaded, opening) = match (found, pinned) {
        (None, None) => return Err(Error::Missing),
        (Some((number, loaded)), None) => match loaded {
            Loaded { doubt: Some(doubt), .. } => return Err(doubt),
            Loaded { damage: Some(at), .. } => return Err(Error::Damaged { tree: number, at }),
            loaded => (number, loaded, Opening::Whole),
        },
        // A copy of any age has the file of its tree.
        (None, Some(pinned)) => continue_from(&mut *store, &signers, &key, pinned, None, Because::Damage)?,
        (Some((number, mut loaded)), Some(pinned)) => match number.cmp(&pinned.tree) {
            Ordering::Greater => resume(&*store, number, loaded, pinned)?,
            Ordering::Equal => match go_on(&mut *store, number, loaded, &pinned, is_newest, &signers)? {
                Ok(loaded) => (number, loaded, Opening::Whole),
                Err((held, because)) => {
                    continue_from(&mut *store, &signers, &key, pinned, Some(held), because)?
                }
            },
            Ordering::Less => {
                loaded.refuse_newer()?;
                let held = loaded.readable(&signers.origin.of_tree(number))?;
                continue_from(&mut *store, &signers, &key, pinned, Some(held), Because::OlderCopy)?
            }
        },
    };
    // Only now is it certain that nothing pinned lies beyond the end.
    let length = store.length(number).map_err(Error::store("read the ledger's length"))?;
    if length > loaded.end {
        store.truncate(number, loaded.end).map_err(Error::store("cut off an unfinished append"))?;
    }
    if let Some((at, hashes)) = loaded.to_note() {
        // They are a help where entries rot later; without them the ledger is as good.
        let _ = store.note_hashes(number, at, &hashes);
    }
    let mut ledger = Ledger::new(store, key, signers, number, loaded, successions.to_vec())?;
    if let Some(last) = successions.last().filter(|_| !announced) {
        ledger.announce(&Succession::verify(last)?)?;
    }
    Ok((ledger, opening))
}

/// The tree that was pinned, if it can go on: each entry that is damaged must be known by a hash that leads to the pinned root.
/// Otherwise what can be read of it, and why it cannot: what is there says how many entries there were, and an older copy says
/// of none that it lacks.
fn go_on(
    store: &mut dyn Store,
    number: u32,
    mut loaded: Loaded,
    pinned: &Pinned<'_>,
    is_newest: bool,
    signers: &Signers,
) -> Result<Result<Loaded, (Checkpoint, Because)>, Error> {
    let length = store.length(number).map_err(Error::store("read the ledger's length"))?;
    let covered = loaded.size() >= pinned.checkpoint.size && !loaded.cut;
    let holds = match covered {
        true => loaded.tree.root_at(pinned.checkpoint.size)? == pinned.checkpoint.root,
        false => loaded.complete(&pinned.checkpoint, length),
    };
    // A hash beyond what is pinned leads to no root that anybody signed.
    let certain = loaded.damaged().all(|index| index < pinned.checkpoint.size);
    let rotten = loaded.cut || loaded.damaged().next().is_some() || loaded.doubt.is_some();
    let were_there = loaded.known() >= pinned.checkpoint.size || loaded.cut || loaded.doubt.is_some();
    if !holds || loaded.damaged().next().is_some() {
        loaded.refuse_newer()?;
    }
    // Of a header that says a newer version too: every entry reads as this version has it, and leads to the root that was signed.
    if holds && loaded.doubt.take().is_some() {
        let header = frame::header(&signers.verifier(number)?);
        store.mend(number, &header).map_err(Error::store("put the ledger's header right"))?;
        loaded.mended = true;
    }
    if holds && certain && is_newest {
        return Ok(Ok(loaded));
    }
    if covered && !holds && !rotten {
        return Err(Error::Forked { size: pinned.checkpoint.size });
    }
    let because = match () {
        () if holds && certain => Because::CheckpointLost,
        () if were_there => Because::Damage,
        () => Because::OlderCopy,
    };
    Ok(Err((loaded.readable(&signers.origin.of_tree(number))?, because)))
}

/// Whether a file of a store names this ledger as the one that it is of: who has the key is another question.
///
/// # Errors
///
/// [`Error::BadName`] when no ledger can be called so; [`Error::Store`].
pub fn is_named(store: &dyn Store, origin: &str) -> Result<bool, Error> {
    let origin = Origin::new(origin)?;
    for tree in store.trees().map_err(Error::store("list the ledger's files"))? {
        let mut frames = Frames::new(store, tree)?;
        let found = frame::read_header(frames.bytes(0, MAX_HEADER)?, tree);
        if found.is_ok_and(|(verifier, _)| verifier.name() == origin.of_tree(tree)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The checkpoint that the caller pinned, once its signature is known to be good.
struct Pinned<'a> {
    note: &'a str,
    checkpoint: Checkpoint,
    /// The number of the tree that it speaks of.
    tree: u32,
    /// Whether the key that signs now has signed it. If not, a crash may have come before the log was told of that key.
    by_newest: bool,
}

impl<'a> Pinned<'a> {
    fn read(note: &'a str, signers: &Signers) -> Result<Pinned<'a>, Error> {
        let (checkpoint, tree, by_newest) = signers.checkpoint(note, "the pinned checkpoint")?;
        Ok(Pinned { note, checkpoint, tree, by_newest })
    }
}

/// Starts the tree after the pinned one.
fn continue_from(
    store: &mut dyn Store,
    signers: &Signers,
    key: &SigningKey,
    pinned: Pinned<'_>,
    held: Option<Checkpoint>,
    because: Because,
) -> Result<(u32, Loaded, Opening), Error> {
    let number =
        pinned.tree.checked_add(1).ok_or(Error::Checkpoint("its tree is the last that can be numbered"))?;
    let verifier = Verifier::new(&signers.origin.of_tree(number), key.verifying_key())?;
    let first =
        Continuation { checkpoint: pinned.note.to_owned(), held: held.clone(), because: Some(because) };
    let mut bytes = frame::header(&verifier);
    let frame = frame::encode(bytes.len() as u64, &[first.to_bytes()])?;
    bytes.extend_from_slice(&frame);
    // The whole file appears at once or not at all; until it does, the next start does the same again.
    store.begin(number, &bytes).map_err(Error::store("start a new tree"))?;
    let loaded = Loaded::read(store, number, signers)?;
    Ok((number, loaded, Opening::Continued { pinned: pinned.checkpoint, held, because }))
}

/// The store has a newer tree than the pinned one. That is right only if it continues from exactly the pinned
/// checkpoint: then it was started, and a crash came before its own checkpoint was pinned.
fn resume(
    store: &dyn Store,
    number: u32,
    loaded: Loaded,
    pinned: Pinned<'_>,
) -> Result<(u32, Loaded, Opening), Error> {
    if let Some(doubt) = loaded.doubt {
        return Err(doubt);
    }
    let forked = Error::Forked { size: pinned.checkpoint.size };
    let Some(first) = ledger::read_entries(store, number, &loaded, 0..1)?.pop() else {
        return Err(forked);
    };
    match Continuation::from_bytes(&first) {
        Ok(first) if first.checkpoint == pinned.note => {
            // An earlier release did not say why; an older copy asks for the most care.
            let because = first.because.unwrap_or(Because::OlderCopy);
            let opening = Opening::Continued { pinned: pinned.checkpoint, held: first.held, because };
            Ok((number, loaded, opening))
        }
        Err(newer @ Error::Newer { .. }) => Err(newer),
        _ => Err(forked),
    }
}
