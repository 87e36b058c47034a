//! A keyring that has rotted is put right from a mirror, and never set back by one.

use super::disk::Disk;
use super::model::Model;
use super::{create, open, slot_on, store_on};
use crate::{Change, Error, Healed, Keyring, Spare};

const SLOTS: [&str; 2] = ["slot-1", "slot-2"];

/// A keyring with several packs, closed, and a mirror of it.
fn mirrored() -> (Disk, Disk, Model) {
    let (disk, mirror) = (Disk::default(), Disk::default());
    let mut keyring = create(&disk).unwrap();
    let mut model = Model::default();
    for class in [1, 2, 3] {
        model.allocate(&mut keyring, class).unwrap();
    }
    model.apply(&mut keyring, Change::default().puncture(0).put("a", b"b"));
    keyring.mirror(&*store_on(&mirror), &*slot_on(&mirror)).unwrap();
    (disk, mirror, model)
}

fn spare(mirror: &Disk) -> Spare {
    Spare::read(&*store_on(mirror), &*slot_on(mirror)).unwrap()
}

fn heal(disk: &Disk, mirrors: &[Spare]) -> Result<(Keyring, Healed), Error> {
    Keyring::open_healing(store_on(disk), slot_on(disk), mirrors)
}

#[test]
fn each_spoiled_or_missing_file_is_healed_from_a_mirror_and_named() {
    let (disk, mirror, model) = mirrored();
    for name in disk.files().into_keys() {
        for missing in [false, true] {
            let disk = disk.copy();
            if missing {
                disk.delete(&name)
            } else {
                disk.spoil(&name)
            }
            let (mut keyring, healed) = heal(&disk, &[spare(&mirror)]).unwrap();
            let named = [healed.slots, healed.packs].concat();
            assert_eq!(named, [name.as_str()], "missing: {missing}");
            model.check(&mut keyring);
            drop(keyring);
            // From here on it stands by itself, and there is nothing to tell.
            let (mut keyring, healed) = heal(&disk, &[]).unwrap();
            assert_eq!(healed, Healed::default(), "{name}");
            model.check(&mut keyring);
        }
    }
}

#[test]
fn everything_at_once_is_healed() {
    let (disk, mirror, model) = mirrored();
    for name in disk.files().into_keys() {
        disk.spoil(&name);
    }
    let (mut keyring, _) = heal(&disk, &[spare(&mirror)]).unwrap();
    model.check(&mut keyring);
    drop(keyring);
    model.check(&mut open(&disk).unwrap());
}

#[test]
fn a_root_that_was_destroyed_never_comes_back_by_healing() {
    let (disk, mirror, model) = mirrored();
    // The mirror is away while something is forgotten.
    let mut keyring = open(&disk).unwrap();
    keyring.apply(Change::default().puncture(65_536)).unwrap();
    let newest = keyring.generation();
    drop(keyring);
    let older = spare(&mirror);
    for damage in [&SLOTS[..], &["slot-1", "slot-2", "pack-2"]] {
        let disk = disk.copy();
        damage.iter().filter(|name| disk.files().contains_key(**name)).for_each(|name| disk.spoil(name));
        let refused = heal(&disk, std::slice::from_ref(&older)).map(drop).unwrap_err();
        assert!(
            matches!(refused, Error::MirrorsOlder { newest: named, .. } if named == newest),
            "{damage:?}: {refused}"
        );
        let held = older.newest().unwrap().1;
        assert!(refused.to_string().contains(&format!("generation {held} while")), "{refused}");
    }
    // Its packs heal what was there then, under the root of now alone.
    let pack = format!("pack-{}", older.newest().unwrap().1);
    if disk.files().contains_key(&pack) {
        disk.spoil(&pack);
    }
    let (mut keyring, _) = heal(&disk, &[older]).unwrap();
    let gone = keyring.leaf(65_536);
    assert!(matches!(gone, Err(Error::Gone { .. })), "{gone:?}");
    model.after(&Change::default().puncture(65_536)).check(&mut keyring);
}

#[test]
fn a_mirror_of_another_keyring_heals_nothing() {
    let (disk, ..) = mirrored();
    let (_, other, _) = mirrored();
    disk.spoil("pack-5");
    let refused = heal(&disk, &[spare(&other)]).map(drop).unwrap_err();
    assert!(matches!(refused, Error::Damaged { .. }), "{refused}");
}
