//! What rots under an open keyring, or in a mirror of it, is found, written anew and named.

use super::disk::{Disk, Fault};
use super::model::Model;
use super::{create, open, slot_on, store_on};
use crate::{Brought, Change, Error, Keyring, Renewed, Unreadable};

/// An open keyring with a segment in each of two packs, all of it in memory.
fn open_keyring() -> (Disk, Keyring, Model) {
    let disk = Disk::default();
    let mut keyring = create(&disk).unwrap();
    let mut model = Model::default();
    for class in [1, 2] {
        model.allocate(&mut keyring, class).unwrap();
    }
    model.check(&mut keyring);
    assert_eq!(disk.files().keys().collect::<Vec<_>>(), ["pack-2", "pack-3", "slot-1", "slot-2"]);
    (disk, keyring, model)
}

#[test]
fn whatever_rots_under_an_open_keyring_is_written_anew_from_memory_and_named() {
    for (rotten, named) in [
        (&["pack-3"][..], &["pack-3"][..]),
        (&["pack-2"], &["pack-2"]),
        (&["slot-1"], &["slot-1"]),
        (&["slot-1", "slot-2"], &["the whole slot"]),
        (&["pack-2", "pack-3", "slot-1", "slot-2"], &["pack-2", "pack-3", "the whole slot"]),
    ] {
        for missing in [false, true] {
            let (disk, mut keyring, model) = open_keyring();
            for name in rotten {
                if missing { disk.delete(name) } else { disk.spoil(name) }
            }
            let found = keyring.unreadable();
            assert_eq!(
                found,
                Unreadable {
                    lost: Vec::new(),
                    remembered: named.iter().map(|name| name.to_string()).collect()
                }
            );
            let renewed = keyring.renew().unwrap();
            let mut all = [renewed.packs.clone(), renewed.slots].concat();
            all.sort();
            assert_eq!(all, found.remembered, "missing: {missing}");
            assert!(renewed.packs.iter().all(|name| name.starts_with("pack-")), "{:?}", renewed.packs);
            assert_eq!(keyring.unreadable(), Unreadable::default(), "{rotten:?}");
            assert_eq!(keyring.renew().unwrap(), Renewed::default(), "once is enough");
            model.check(&mut keyring);
            drop(keyring);
            model.check(&mut open(&disk).unwrap());
        }
    }
}

#[test]
fn what_cannot_be_written_anew_stays_in_memory_until_it_can() {
    for rotten in [&["pack-3"][..], &["slot-1", "slot-2"]] {
        let (disk, mut keyring, model) = open_keyring();
        rotten.iter().for_each(|name| disk.spoil(name));
        disk.fault_at(disk.steps(), Fault::Fails(std::io::ErrorKind::Other));
        keyring.renew().unwrap_err();
        assert!(!keyring.is_poisoned() && !keyring.unreadable().remembered.is_empty(), "{rotten:?}");
        model.check(&mut keyring);
        keyring.renew().unwrap();
        drop(keyring);
        model.check(&mut open(&disk).unwrap());
    }
}

#[test]
fn what_is_in_memory_no_more_is_lost_and_called_so() {
    let (disk, keyring, _) = open_keyring();
    drop(keyring);
    let mut keyring = open(&disk).unwrap();
    disk.spoil("pack-2");
    let found = keyring.unreadable();
    assert_eq!(found.remembered, [""; 0]);
    assert_eq!(found.lost[0].0, "pack-2");
    assert_eq!(keyring.renew().unwrap(), Renewed::default());
    assert!(matches!(keyring.leaf(0), Err(Error::SegmentDamaged { .. })));
}

#[test]
fn what_rotted_in_a_mirror_is_put_right_and_named_and_what_is_new_there_is_not() {
    let (disk, mut keyring, mut model) = open_keyring();
    let mirror = Disk::default();
    let bring = |keyring: &Keyring, mirror: &Disk| -> Brought {
        keyring.snapshot().unwrap().bring(&*store_on(mirror), &*slot_on(mirror)).unwrap()
    };
    assert_eq!(bring(&keyring, &mirror).healed, [""; 0], "all of it is new");
    assert_eq!(bring(&keyring, &mirror).healed, [""; 0]);
    for name in mirror.files().into_keys() {
        for missing in [false, true] {
            let mirror = mirror.copy();
            if missing {
                mirror.delete(&name)
            } else {
                mirror.spoil(&name)
            }
            assert_eq!(bring(&keyring, &mirror).healed, [name.as_str()], "missing: {missing}");
            assert_eq!(bring(&keyring, &mirror).healed, [""; 0]);
            model.check(&mut open(&mirror.copy()).unwrap());
        }
    }
    let rotten = mirror.copy();
    rotten.files().into_keys().for_each(|name| rotten.spoil(&name));
    assert_eq!(bring(&keyring, &rotten).healed[0], "the whole slot");
    model.check(&mut open(&rotten).unwrap());

    // One that is behind has new packs to come, and what is cut short of those is no rot.
    model.apply(&mut keyring, Change::default().puncture(0).put("a", b"b"));
    let cut_short = disk.files()["pack-4"][..9].to_vec();
    mirror.put("pack-4", cut_short);
    assert_eq!(bring(&keyring, &mirror).healed, [""; 0]);
    // One whose root is lost, and that has a pack of a later generation, is no copy of this.
    mirror.spoil("slot-1");
    mirror.spoil("slot-2");
    mirror.put("pack-9", vec![0]);
    let snapshot = keyring.snapshot().unwrap();
    assert!(matches!(snapshot.bring(&*store_on(&mirror), &*slot_on(&mirror)), Err(Error::Slot { .. })));
}
