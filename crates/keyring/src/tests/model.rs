//! What a keyring must be: a plain list of keys.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Change, Error, Keyring, Leaf};

/// Every id that was handed out, and what it must give.
#[derive(Clone, Default)]
pub(super) struct Model {
    pub(super) retained: BTreeMap<u64, Leaf>,
    pub(super) gone: BTreeSet<u64>,
    pub(super) secrets: BTreeMap<String, Vec<u8>>,
}

impl Model {
    /// Allocates an id and notes its key.
    pub(super) fn allocate(&mut self, keyring: &mut Keyring, class: u32) -> Result<u64, Error> {
        let id = keyring.allocate(class)?;
        assert!(!self.retained.contains_key(&id) && !self.gone.contains(&id), "id {id} was handed out twice");
        self.retained.insert(id, keyring.leaf(id)?);
        Ok(id)
    }

    /// What must hold after `change`.
    pub(super) fn after(&self, change: &Change) -> Model {
        let mut after = self.clone();
        let punctured =
            |id: &u64| change.ids.contains(id) || change.ranges.iter().any(|range| range.contains(id));
        let gone: Vec<u64> = after.retained.keys().copied().filter(punctured).collect();
        for id in gone {
            after.retained.remove(&id);
            after.gone.insert(id);
        }
        after.secrets.retain(|name, _| !change.remove.contains(name));
        after.secrets.extend(change.put.iter().map(|(name, value)| (name.clone(), value.to_vec())));
        after
    }

    /// Applies a change that must succeed.
    pub(super) fn apply(&mut self, keyring: &mut Keyring, change: Change) {
        let after = self.after(&change);
        keyring.apply(change).unwrap();
        *self = after;
    }

    /// Says how the keyring differs from this, if it does.
    pub(super) fn compare(&self, keyring: &mut Keyring) -> Result<(), String> {
        for (id, leaf) in &self.retained {
            match keyring.leaf(*id) {
                Ok(other) if other == *leaf => {}
                Ok(_) => return Err(format!("the key of {id} has changed")),
                Err(error) => return Err(format!("the key of {id} is lost: {error}")),
            }
            if !keyring.contains(*id).unwrap() {
                return Err(format!("{id} has a key but is not contained"));
            }
        }
        for id in &self.gone {
            match keyring.leaf(*id) {
                Err(Error::Gone { id: named }) if named == *id => {}
                other => return Err(format!("{id} should be gone: {other:?}")),
            }
            if keyring.contains(*id).unwrap() {
                return Err(format!("{id} is gone but contained"));
            }
        }
        let secrets: BTreeMap<String, Vec<u8>> = keyring
            .secret_names()
            .map(|name| (name.to_owned(), keyring.secret(name).unwrap().to_vec()))
            .collect();
        if secrets == self.secrets { Ok(()) } else { Err("the secrets differ".to_owned()) }
    }

    /// Panics if the keyring differs from this.
    pub(super) fn check(&self, keyring: &mut Keyring) {
        self.compare(keyring).unwrap();
    }
}
