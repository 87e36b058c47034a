//! The names of a ledger and of its trees.

use crate::Error;

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

/// Whether a signed note can carry `name` as the name of a key.
pub(crate) fn check_name(name: &str) -> Result<(), &'static str> {
    if name.is_empty() {
        return Err("it is empty");
    }
    if name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+') {
        return Err("it contains a space, a control character or a plus sign");
    }
    Ok(())
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
