//! Rot, lost files, garbage, a newer format, and disks that cannot be read.

use sha2::{Digest, Sha256};

use super::disk::{Disk, Fault, Unsynced};
use super::model::Model;
use super::{create, open};
use crate::{Change, Error, Unreadable};

const SLOTS: [&str; 2] = ["slot-1", "slot-2"];

/// A keyring at rest with a segment of class 1 in one pack and one of class 2 in another.
fn kept() -> (Disk, Model, [u64; 2]) {
    let disk = Disk::default();
    let mut keyring = create(&disk).unwrap();
    let mut model = Model::default();
    let ids = [1, 2].map(|class| model.allocate(&mut keyring, class).unwrap());
    assert_eq!(disk.files().keys().collect::<Vec<_>>(), ["pack-2", "pack-3", "slot-1", "slot-2"]);
    (disk, model, ids)
}

fn alter(disk: &Disk, name: &str, alter: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = disk.files().remove(name).unwrap();
    alter(&mut bytes);
    disk.put(name, bytes);
}

#[test]
fn whatever_happens_to_one_slot_file_is_healed_from_the_other() {
    let (disk, model, _) = kept();
    for name in SLOTS {
        let whole = disk.files()[name].clone();
        let mut states: Vec<Option<Vec<u8>>> =
            vec![None, Some(Vec::new()), Some(vec![0; 8192]), Some(vec![0xa5; 8192]), Some(vec![1; 100])];
        for at in (0..whole.len()).step_by(61) {
            let mut flipped = whole.clone();
            flipped[at] ^= 0x10;
            states.extend([Some(flipped), Some(whole[..at].to_vec())]);
        }
        for state in states {
            let disk = disk.copy();
            match state {
                Some(bytes) => disk.put(name, bytes),
                None => disk.delete(name),
            }
            model.check(&mut open(&disk).unwrap());
            // Now the healed file alone is enough.
            let other = if name == SLOTS[0] { SLOTS[1] } else { SLOTS[0] };
            disk.put(other, vec![0xa5; 8192]);
            let mut keyring = open(&disk).unwrap();
            model.check(&mut keyring);
            keyring.apply(Change::default().put("a", b"b")).unwrap();
        }
    }
}

#[test]
fn a_power_cut_is_survived_even_while_one_slot_file_is_rotten() {
    let (disk, model, [first, _]) = kept();
    let after = model.after(&Change::default().puncture(first));
    for name in SLOTS {
        for step in 0.. {
            let disk = disk.copy();
            let mut keyring = open(&disk).unwrap();
            disk.put(name, vec![0xa5; 8192]);
            disk.fault_at(disk.steps() + step, Fault::PowerCut);
            let result = keyring.apply(Change::default().puncture(first));
            for fate in
                [Unsynced::Lost, Unsynced::Kept, Unsynced::Torn(1), Unsynced::Torn(2), Unsynced::Torn(3)]
            {
                let keyring = &mut open(&disk.after_power_cut(fate)).unwrap();
                let is_done = after.compare(keyring).is_ok();
                assert!(
                    is_done || result.is_err() && model.compare(keyring).is_ok(),
                    "{name}, step {step}, {fate:?}"
                );
            }
            if result.is_ok() {
                break;
            }
        }
    }
}

#[test]
fn two_damaged_slot_files_are_named() {
    let (disk, ..) = kept();
    for name in SLOTS {
        alter(&disk, name, |bytes| bytes[20] ^= 1);
    }
    let error = open(&disk).map(drop).unwrap_err().to_string();
    assert_eq!(error, "the slot could not be read: no whole root key is left: slot-1 and slot-2 damaged");
    assert!(matches!(create(&disk), Err(Error::AlreadyExists)));
}

#[test]
fn a_newer_slot_is_refused_by_name() {
    let (disk, ..) = kept();
    let mut sector = [0; 4096];
    sector[..8].copy_from_slice(b"PKEYSLOT");
    sector[8] = 2;
    let checksum = Sha256::digest(&sector[..4064]);
    sector[4064..].copy_from_slice(&checksum);
    alter(&disk, "slot-2", |bytes| bytes[..4096].copy_from_slice(&sector));
    let error = open(&disk).map(drop).unwrap_err().to_string();
    assert!(
        error.contains("slot-2 has format version 2, this program reads up to 1; use a newer program"),
        "{error}"
    );
}

#[test]
fn a_newer_pack_is_refused_by_name() {
    let (disk, ..) = kept();
    alter(&disk, "pack-3", |bytes| bytes[8] = 9);
    let error = open(&disk).map(drop).unwrap_err();
    assert!(matches!(&error, Error::TooNew { name, version: 9, newest: 1 } if name == "pack-3"), "{error}");
}

#[test]
fn a_damaged_root_object_is_refused_by_name() {
    let (disk, ..) = kept();
    let length = disk.files()["pack-3"].len();
    for damage in ["missing", "empty", "garbage", "short", "flipped"] {
        let disk = disk.copy();
        match damage {
            "missing" => disk.delete("pack-3"),
            "empty" => disk.put("pack-3", Vec::new()),
            "garbage" => disk.put("pack-3", vec![0xff; length]),
            "short" => alter(&disk, "pack-3", |bytes| bytes.truncate(length - 1)),
            _ => alter(&disk, "pack-3", |bytes| bytes[length - 20] ^= 1),
        }
        let error = open(&disk).map(drop).unwrap_err();
        assert!(matches!(&error, Error::Damaged { name, .. } if name == "pack-3"), "{damage}: {error}");
    }
}

#[test]
fn a_damaged_segment_is_named_and_the_rest_goes_on() {
    for damage in ["missing", "empty", "garbage", "flipped"] {
        let (disk, mut model, [lost, kept]) = kept();
        match damage {
            "missing" => disk.delete("pack-2"),
            "empty" => disk.put("pack-2", Vec::new()),
            "garbage" => disk.put("pack-2", vec![0xff; 500]),
            _ => alter(&disk, "pack-2", |bytes| bytes[40] ^= 1),
        }
        let mut keyring = open(&disk).unwrap();
        let named = |error: Error| {
            assert!(
                matches!(&error, Error::SegmentDamaged { pack, first: 0, .. } if pack == "pack-2"),
                "{damage}: {error}"
            );
        };
        named(keyring.leaf(lost).unwrap_err());
        named(keyring.contains(lost).unwrap_err());
        named(keyring.apply(Change::default().puncture(kept).puncture(lost)).unwrap_err());
        let found = keyring.unreadable().lost;
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].0.as_str(), *found[0].1.ids.start()), ("pack-2", 0), "{damage}");

        let of_the_lost = model.retained.remove(&lost).unwrap();
        model.check(&mut keyring);
        // Giving up the whole segment needs no reading.
        model.apply(&mut keyring, Change::default().puncture_range(0..=65_535).put("a", b"b"));
        model.retained.insert(lost, of_the_lost);
        let mut model = model.after(&Change::default().puncture(lost));
        assert_eq!(keyring.unreadable(), Unreadable::default());
        model.check(&mut keyring);
        model.apply(&mut keyring, Change::default().puncture(kept));
        drop(keyring);
        model.check(&mut open(&disk).unwrap());
    }
}

#[test]
fn an_io_error_is_never_taken_for_gone() {
    let (disk, model, [first, _]) = kept();
    let mut keyring = open(&disk).unwrap();
    disk.set_unreadable("pack-2", true);
    assert!(matches!(keyring.leaf(first), Err(Error::Store { .. })));
    assert!(matches!(keyring.contains(first), Err(Error::Store { .. })));
    assert!(matches!(keyring.apply(Change::default().puncture(first)), Err(Error::Store { .. })));
    disk.set_unreadable("pack-2", false);
    model.check(&mut keyring);
    drop(keyring);
    for (name, of_the_slot) in [("pack-3", false), ("slot-1", true), ("slot-2", true)] {
        disk.set_unreadable(name, true);
        let error = open(&disk).map(drop).unwrap_err();
        assert_eq!(matches!(error, Error::Slot { .. }), of_the_slot, "{error}");
        assert!(error.to_string().contains(name), "{error}");
        disk.set_unreadable(name, false);
    }
    model.check(&mut open(&disk).unwrap());
}

#[test]
fn an_unreadable_pack_never_lets_an_older_root_win() {
    let (disk, model, [first, _]) = kept();
    let mut keyring = open(&disk).unwrap();
    // Pack: write, sync, sync of the folder; slot-1: write, sync; then the power goes, so that both roots are there.
    disk.fault_at(disk.steps() + 5, Fault::PowerCut);
    keyring.apply(Change::default().puncture(first)).unwrap_err();
    drop(keyring);
    let disk = disk.after_power_cut(Unsynced::Lost);
    disk.set_unreadable("pack-4", true);
    assert!(matches!(open(&disk), Err(Error::Store { .. })));
    disk.set_unreadable("pack-4", false);
    let after = model.after(&Change::default().puncture(first));
    after.check(&mut open(&disk).unwrap());
}
