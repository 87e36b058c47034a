//! Someone who has every pack ever written, and the slot as it is now.

use std::collections::BTreeSet;

use super::disk::{Disk, Fault, Unsynced};
use super::model::Model;
use super::{create, open, slot_on, store_on};
use crate::slot::{Root, Slot};
use crate::{Change, Keyring, Leaf, Salvage, Secret};

/// What an attacker finds out.
#[derive(Default)]
struct Loot {
    leaves: BTreeSet<[u8; 32]>,
    secrets: BTreeSet<Vec<u8>>,
}

impl Loot {
    fn has(&self, leaf: &Leaf) -> bool {
        self.leaves.contains(leaf.as_bytes())
    }
}

/// Tries every 32 bytes of the slot's files as the root key of every pack, and follows what opens down to the leaves of `ids`.
fn attack(slot: &Disk, packs: &[(String, Vec<u8>)], ids: &[u64]) -> Loot {
    let mut salvage = Salvage::new();
    for (name, bytes) in packs.iter().filter(|(name, _)| name.starts_with("pack-")) {
        assert!(salvage.add_pack(bytes.clone()), "{name}");
    }
    for (_, bytes) in slot.files().iter().filter(|(name, _)| name.starts_with("slot-")) {
        salvage.add_keys(bytes);
    }
    salvage.open();
    let leaves = ids.iter().flat_map(|id| salvage.leaves(*id)).map(|leaf| *leaf.as_bytes()).collect();
    let named = salvage.keys().filter(|(found, _)| matches!(found, Secret::Named(_)));
    let secrets = named.map(|(_, value)| value.to_vec()).collect();
    Loot { leaves, secrets }
}

/// A keyring with a past: ids of two classes, some forgotten, a secret removed.
fn keyring_with_a_past(disk: &Disk) -> (Keyring, Model, Vec<u64>) {
    let mut keyring = create(disk).unwrap();
    let mut model = Model::default();
    let ids: Vec<u64> = (0..12).map(|index| model.allocate(&mut keyring, index % 2).unwrap()).collect();
    model.apply(&mut keyring, Change::default().put("password", b"hunter2").puncture(ids[0]));
    (keyring, model, ids)
}

#[test]
fn every_pack_and_the_present_slot_open_nothing_that_was_forgotten() {
    let disk = Disk::default();
    let (mut keyring, mut model, ids) = keyring_with_a_past(&disk);
    let forgotten: Vec<Leaf> = [3, 4, 6].iter().map(|index| model.retained[&ids[*index]].clone()).collect();
    let old_slot = disk.copy();

    model.apply(
        &mut keyring,
        Change::default().puncture(ids[3]).puncture_range(ids[4]..=ids[6]).remove("password"),
    );
    let loot = attack(&disk, &disk.history(), &ids);
    assert!(forgotten.iter().all(|leaf| !loot.has(leaf)));
    assert!(loot.secrets.is_empty());
    assert!(
        model.retained.values().all(|leaf| loot.has(leaf)),
        "the attack reaches what is kept, or it would prove nothing"
    );

    // The slot is the whole claim: with the slot of before, all of it opens.
    let loot = attack(&old_slot, &disk.history(), &ids);
    assert!(forgotten.iter().all(|leaf| loot.has(leaf)));
    assert!(loot.secrets.contains(b"hunter2".as_slice()));
}

#[test]
fn nor_do_they_after_a_start_that_finished_the_destruction() {
    let disk = Disk::default();
    let (mut keyring, model, ids) = keyring_with_a_past(&disk);
    let forgotten = model.retained[&ids[3]].clone();
    let before = disk.steps();
    keyring.apply(Change::default().puncture(ids[3])).unwrap();
    let after = disk.steps();
    // The same again, the power going at each step: once the keyring is open without the key, nobody has it.
    for step in 0..after - before {
        let disk = Disk::default();
        let (mut keyring, model, ids) = keyring_with_a_past(&disk);
        let leaf = model.retained[&ids[3]].clone();
        disk.fault_at(disk.steps() + step, Fault::PowerCut);
        let _ = keyring.apply(Change::default().puncture(ids[3]));
        drop(keyring);
        let disk = disk.after_power_cut(Unsynced::Kept);
        let mut keyring = open(&disk).unwrap();
        let kept = keyring.contains(ids[3]).unwrap();
        let loot = attack(&disk, &disk.history(), &ids);
        assert_eq!(loot.has(&leaf), kept, "step {step}");
    }
    assert!(!attack(&disk, &disk.history(), &ids).has(&forgotten));
}

#[test]
fn nor_does_a_mirror_that_was_reached() {
    let (disk, mirror) = (Disk::default(), Disk::default());
    let (mut keyring, model, ids) = keyring_with_a_past(&disk);
    keyring.mirror(&*store_on(&mirror), &*slot_on(&mirror)).unwrap();
    let forgotten = model.retained[&ids[3]].clone();
    keyring.apply(Change::default().puncture(ids[3])).unwrap();
    let all_packs = [disk.history(), mirror.history()].concat();
    assert!(attack(&mirror, &all_packs, &ids).has(&forgotten), "not reached yet, and so it says");
    keyring.mirror(&*store_on(&mirror), &*slot_on(&mirror)).unwrap();
    let all_packs = [disk.history(), mirror.history()].concat();
    assert!(!attack(&mirror, &all_packs, &ids).has(&forgotten));
}

#[test]
fn the_slot_holds_one_root_after_every_commit() {
    let disk = Disk::default();
    let (mut keyring, _, ids) = keyring_with_a_past(&disk);
    for id in &ids[1..] {
        keyring.apply(Change::default().puncture(*id)).unwrap();
        let roots = slot_on(&disk).load().unwrap();
        assert_eq!(roots.iter().map(Root::generation).collect::<Vec<_>>(), [keyring.generation()]);
        for name in ["slot-1", "slot-2"] {
            let bytes = &disk.files()[name];
            let sectors = bytes.chunks(4096).filter(|sector| sector.iter().any(|byte| *byte != 0));
            assert_eq!(sectors.count(), 1, "{name}");
        }
    }
}
