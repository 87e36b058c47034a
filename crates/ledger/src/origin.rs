//! The names of a ledger and of its trees.

use ed25519_dalek::VerifyingKey;

use crate::note::{Verifier, check_name};
use crate::succession::Succession;
use crate::{Checkpoint, Error};

/// The longest origin in bytes, so that a checkpoint always fits into an entry ([`crate::Continuation`]).
const MAX_ORIGIN: usize = 255;

/// The origin of a ledger. Tree 1 bears it as it is; a later tree bears `ORIGIN/tree-N`, since a log must
/// never sign two checkpoints under one name that contradict each other (C2SP tlog-checkpoint).
#[derive(Clone)]
pub(crate) struct Origin(String);

impl Origin {
    pub(crate) fn new(origin: &str) -> Result<Origin, Error> {
        let bad = |why| Error::BadName { name: origin.to_owned(), why };
        check_name(origin).map_err(bad)?;
        if origin.len() > MAX_ORIGIN {
            return Err(bad("it is longer than 255 bytes"));
        }
        Ok(Origin(origin.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of tree number `tree`, counted from 1.
    pub(crate) fn of_tree(&self, tree: u32) -> String {
        if tree == 1 { self.0.clone() } else { format!("{}/tree-{tree}", self.0) }
    }

    /// The number of the tree that bears `name`, if it is one of this ledger.
    pub(crate) fn tree_of(&self, name: &str) -> Option<u32> {
        let rest = name.strip_prefix(&self.0)?;
        let tree = if rest.is_empty() { 1 } else { rest.strip_prefix("/tree-")?.parse().ok()? };
        // Compared again, so that there is only one way to write a number.
        (tree > 0 && self.of_tree(tree) == name).then_some(tree)
    }
}

/// A ledger's name and every key that has signed under it.
pub struct Signers {
    pub(crate) origin: Origin,
    /// The keys that others took over from, oldest first, and at the end the one that signs now.
    keys: Vec<VerifyingKey>,
}

impl Signers {
    /// Of the ledger that has this name and signs with this key now, to which the `successions` lead one by one.
    ///
    /// # Errors
    ///
    /// Those of [`Succession::verify`]; [`Error::OtherKey`] when the successions do not lead to the key one by one.
    pub fn new(ledger: &Verifier, successions: &[String]) -> Result<Signers, Error> {
        let origin = Origin::new(ledger.name())?;
        let mut keys = Vec::with_capacity(successions.len() + 1);
        let mut next = None;
        for note in successions {
            let Succession { old, new, .. } = Succession::verify(note)?;
            if old.name() != origin.as_str() || next.is_some_and(|next| next != *old.key()) {
                return Err(Error::OtherKey { what: "a succession of keys" });
            }
            keys.push(*old.key());
            next = Some(*new.key());
        }
        if next.is_some_and(|next| next != *ledger.key()) {
            return Err(Error::OtherKey { what: "the last succession of keys" });
        }
        keys.push(*ledger.key());
        Ok(Signers { origin, keys })
    }

    /// The name of tree number `tree`, with the key that signs now.
    pub(crate) fn verifier(&self, tree: u32) -> Result<Verifier, Error> {
        // There is always one: the key that signs now is the last.
        let key = self.keys.last().ok_or(Error::OtherKey { what: "the ledger" })?;
        Verifier::new(&self.origin.of_tree(tree), *key)
    }

    /// Checks that what was found in the file of tree number `tree` is this ledger's.
    pub(crate) fn check_owner(&self, found: &Verifier, tree: u32) -> Result<(), Error> {
        let what = "the ledger's file";
        let expected = self.origin.of_tree(tree);
        if found.name() != expected {
            return Err(Error::OtherOrigin { what, found: found.name().to_owned(), expected });
        }
        if self.keys.contains(found.key()) { Ok(()) } else { Err(Error::OtherKey { what }) }
    }

    /// Reads a checkpoint of any of the ledger's trees that any of its keys signed, and gives the tree's number too.
    ///
    /// # Errors
    ///
    /// Those of [`Checkpoint::verify`]; [`Error::OtherOrigin`] and [`Error::OtherKey`] when it is another ledger's.
    pub fn read(&self, note: &str) -> Result<(Checkpoint, u32), Error> {
        self.checkpoint(note, "the checkpoint").map(|(checkpoint, tree, _)| (checkpoint, tree))
    }

    /// The same, and whether the newest key signed it. `what` names it in errors.
    pub(crate) fn checkpoint(
        &self,
        note: &str,
        what: &'static str,
    ) -> Result<(Checkpoint, u32, bool), Error> {
        // The name is only a claim until the signature under it has been checked.
        let name = note.lines().next().unwrap_or_default();
        let tree = self.origin.tree_of(name).ok_or_else(|| Error::OtherOrigin {
            what,
            found: name.to_owned(),
            expected: self.origin.as_str().to_owned(),
        })?;
        for (at, key) in self.keys.iter().enumerate().rev() {
            match Checkpoint::verify(note, &Verifier::new(name, *key)?) {
                Err(Error::NotSigned { .. }) => {}
                checked => return Ok((checked?, tree, at + 1 == self.keys.len())),
            }
        }
        Err(Error::OtherKey { what })
    }
}

/// The verifier of the tree that a checkpoint claims to be of, where `ledger` is the name and key of its ledger.
pub(crate) fn tree_of(checkpoint: &str, ledger: &Verifier) -> Result<Verifier, Error> {
    let name = checkpoint.lines().next().unwrap_or_default();
    match Origin::new(ledger.name())?.tree_of(name) {
        Some(_) => Verifier::new(name, *ledger.key()),
        None => Err(Error::OtherOrigin {
            what: "the checkpoint",
            found: name.to_owned(),
            expected: ledger.name().to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trees_have_names_of_their_own() {
        let origin = Origin::new("example.org/log").unwrap();
        for tree in [1, 2, 3, 10, u32::MAX] {
            assert_eq!(origin.tree_of(&origin.of_tree(tree)), Some(tree));
        }
        for name in [
            "example.org/lo",
            "example.org/log/tree-1",
            "example.org/log/tree-02",
            "example.org/log/tree-+2",
            "x",
        ] {
            assert_eq!(origin.tree_of(name), None, "{name}");
        }
    }

    #[test]
    fn names_that_a_note_cannot_carry_are_refused() {
        for name in ["", "a b", "a\nb", "a+b", "a\u{a0}b", "a\u{7}b", &"x".repeat(256)] {
            assert!(matches!(Origin::new(name), Err(Error::BadName { .. })), "{name:?}");
        }
    }
}
