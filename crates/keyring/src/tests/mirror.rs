//! A second copy of the keyring, on a disk of its own.

use super::disk::{Disk, Fault};
use super::model::Model;
use super::{create, open, slot_on, store_on};
use crate::{Change, Error, Keyring, Spare, Standing};

fn bring(keyring: &Keyring, mirror: &Disk) -> Result<u64, Error> {
    keyring.mirror(&*store_on(mirror), &*slot_on(mirror))
}

fn keyring_on(disk: &Disk) -> (Keyring, Model) {
    let mut keyring = create(disk).unwrap();
    let mut model = Model::default();
    for class in [1, 1, 2, 3, 1] {
        model.allocate(&mut keyring, class).unwrap();
    }
    model.apply(&mut keyring, Change::default().puncture(0).put("a", b"b"));
    (keyring, model)
}

/// The slots need not be alike: a root may lie in either sector.
fn same_packs(one: &Disk, other: &Disk) -> bool {
    let packs = |disk: &Disk| {
        let files = disk.files().into_iter();
        files.filter(|(name, _)| name.starts_with("pack-")).collect::<Vec<_>>()
    };
    packs(one) == packs(other)
}

#[test]
fn a_mirror_becomes_the_same_keyring_and_follows() {
    let (disk, mirror) = (Disk::default(), Disk::default());
    let (mut keyring, mut model) = keyring_on(&disk);
    for round in 0..5 {
        assert_eq!(bring(&keyring, &mirror).unwrap(), keyring.generation());
        assert_eq!(bring(&keyring, &mirror).unwrap(), keyring.generation(), "twice is as good");
        assert!(same_packs(&mirror, &disk));
        let promoted = mirror.copy();
        model.check(&mut open(&promoted).unwrap());
        let id = model.allocate(&mut keyring, 10 + round).unwrap();
        let first = *model.retained.keys().next().unwrap();
        model.apply(&mut keyring, Change::default().puncture(first).puncture(id));
    }
}

/// A mirror at one generation, and a keyring that went two further.
fn mirror_that_is_behind() -> (Disk, Disk, Keyring, Model, Model) {
    let (disk, mirror) = (Disk::default(), Disk::default());
    let (mut keyring, old) = keyring_on(&disk);
    bring(&keyring, &mirror).unwrap();
    let mut new = old.clone();
    let id = new.allocate(&mut keyring, 9).unwrap();
    new.apply(&mut keyring, Change::default().puncture(id).puncture(1).put("a", b"c"));
    (disk, mirror, keyring, old, new)
}

#[test]
fn a_power_cut_at_any_step_leaves_the_mirror_at_the_old_or_the_new_generation() {
    let (disk, mirror, mut keyring, old, new) = mirror_that_is_behind();
    let mut states = 0;
    for step in 0.. {
        let cut = mirror.copy();
        cut.fault_at(step, Fault::PowerCut);
        let reached = bring(&keyring, &cut);
        if cut.steps() <= step {
            break;
        }
        for (state, left) in cut.after_every_power_cut(step as u64).iter().enumerate() {
            let promoted = &mut open(&left.copy()).unwrap();
            let is_new = new.compare(promoted).is_ok();
            assert!(
                is_new || (reached.is_err() && old.compare(promoted).is_ok()),
                "step {step}, state {state}"
            );
            // And the next time brings it all the way, whatever was cut short.
            bring(&keyring, left).unwrap();
            assert!(same_packs(left, &disk), "step {step}, state {state}");
            new.check(&mut open(left).unwrap());
            states += 1;
        }
    }
    assert!(states > 40, "{states} states");
    new.check(&mut keyring);
}

#[test]
fn so_does_one_that_takes_the_keyring_at_the_same_moment() {
    let change = || Change::default().puncture(2).remove("a");
    // The commit here and the copying there, as one row of steps on one machine.
    for step in 0.. {
        let (disk, mirror, mut keyring, old, new) = mirror_that_is_behind();
        let newest = new.after(&change());
        let begun = disk.steps();
        disk.fault_at(begun + step, Fault::PowerCut);
        let committed = keyring.apply(change());
        if committed.is_ok() {
            mirror.fault_at((mirror.steps() + step).saturating_sub(disk.steps() - begun), Fault::PowerCut);
            if bring(&keyring, &mirror).is_ok() {
                break;
            }
        }
        drop(keyring);
        let there = mirror.after_every_power_cut(step as u64);
        for (state, here) in disk.after_every_power_cut(step as u64).iter().enumerate() {
            let there = &there[state % there.len()].copy();
            let context = format!("step {step}, state {state}");
            let promoted = &mut open(&there.copy()).unwrap();
            let is_one_of_them = [&old, &new, &newest].iter().any(|model| model.compare(promoted).is_ok());
            assert!(is_one_of_them, "{context}");
            let mut keyring = open(here).unwrap();
            assert!(
                newest.compare(&mut keyring).is_ok()
                    || committed.is_err() && new.compare(&mut keyring).is_ok()
            );
            keyring.apply(change()).unwrap();
            bring(&keyring, there).unwrap();
            assert!(same_packs(there, here), "{context}");
            newest.check(&mut keyring);
            newest.check(&mut open(there).unwrap());
        }
    }
}

#[test]
fn a_failing_mirror_is_said_and_leaves_the_keyring_alone() {
    let (disk, mirror) = (Disk::default(), Disk::default());
    let (mut keyring, mut model) = keyring_on(&disk);
    mirror.fault_at(2, Fault::Fails(std::io::ErrorKind::StorageFull));
    let error = bring(&keyring, &mirror).unwrap_err().to_string();
    assert!(
        error.starts_with("the store could not write pack-") && error.contains("at the mirror"),
        "{error}"
    );
    model.apply(&mut keyring, Change::default().puncture(1));
    model.check(&mut keyring);
}

#[test]
fn a_mirror_that_is_newer_is_not_set_back() {
    let (disk, mirror) = (Disk::default(), Disk::default());
    let (mut keyring, _) = keyring_on(&disk);
    let image = disk.copy();
    keyring.apply(Change::default().puncture(1)).unwrap();
    bring(&keyring, &mirror).unwrap();
    // An old image of the disk comes back.
    let returned = open(&image).unwrap();
    assert!(matches!(bring(&returned, &mirror), Err(Error::MirrorAhead { .. })));
}

#[test]
fn two_copies_that_were_both_used_are_told_apart_and_neither_is_set_back() {
    let (disk, mirror) = (Disk::default(), Disk::default());
    let (mut keyring, _) = keyring_on(&disk);
    keyring.apply(Change::default().puncture(1)).unwrap();
    bring(&keyring, &mirror).unwrap();
    let image = disk.copy();
    drop(keyring);

    // The mirror is used by itself for a while, and the first, which knows nothing of it, goes further.
    let mut used = open(&mirror).unwrap();
    used.apply(Change::default().puncture(2)).unwrap();
    let theirs = used.generation();
    drop(used);
    for commits in [1, 2, 3] {
        let mut first = open(&image).unwrap();
        first.apply(Change::default().put("a", &[commits])).unwrap();
        let ours = first.generation();
        let before = mirror.files();
        let refused = bring(&first, &mirror).unwrap_err();
        let named = matches!(refused, Error::MirrorApart { ours: here, theirs: there } if (here, there) == (ours, theirs));
        assert!(named, "{refused}");
        assert_eq!(mirror.files(), before, "it is as it was");
        let spare = Spare::read(&*store_on(&mirror), &*slot_on(&mirror)).unwrap();
        assert_eq!(first.standing_of(&spare), Some(Standing::Apart));
    }

    // By a person's choice one of them follows the other.
    let first = open(&image).unwrap();
    let chosen = first.snapshot().unwrap();
    chosen.overwrite(&*store_on(&mirror), &*slot_on(&mirror)).unwrap();
    assert!(same_packs(&mirror, &image));
    assert_eq!(open(&mirror).unwrap().secret("a"), Some([3].as_slice()));
    assert_eq!(bring(&first, &mirror).unwrap(), first.generation());
}

#[test]
fn a_mirror_that_took_the_place_of_the_first_is_followed_by_it_only_where_nothing_is_lost() {
    let (disk, mirror) = (Disk::default(), Disk::default());
    let (keyring, _) = keyring_on(&disk);
    bring(&keyring, &mirror).unwrap();
    drop(keyring);
    let behind = disk.copy();
    let mut promoted = open(&mirror).unwrap();
    promoted.apply(Change::default().puncture(1)).unwrap();
    // The first was put away meanwhile: it is behind, and follows.
    bring(&promoted, &behind).unwrap();
    // Or it was used, if only once.
    open(&disk).unwrap().apply(Change::default().puncture(2)).unwrap();
    assert!(matches!(bring(&promoted, &disk), Err(Error::MirrorApart { .. })));
}

#[test]
fn a_generation_is_copied_while_the_keyring_goes_on() {
    let (disk, mirror) = (Disk::default(), Disk::default());
    let (mut keyring, mut model) = keyring_on(&disk);
    model.apply(&mut keyring, Change::default().put("a", b"c"));
    let older = keyring.snapshot().unwrap();
    let id = model.allocate(&mut keyring, 9).unwrap();
    model.apply(&mut keyring, Change::default().puncture(id));
    // Its pack is gone from the disk, so the mirror is left as it was, rather than without a pack.
    let refused = older.bring(&*store_on(&mirror), &*slot_on(&mirror));
    assert!(matches!(refused, Err(Error::Superseded(_))), "{refused:?}");
    let newer = keyring.snapshot().unwrap();
    newer.bring(&*store_on(&mirror), &*slot_on(&mirror)).unwrap();
    model.check(&mut open(&mirror).unwrap());
}

#[test]
fn what_rots_at_the_mirror_is_written_anew_and_what_rots_here_is_not_copied() {
    let (disk, mirror) = (Disk::default(), Disk::default());
    let (mut keyring, model) = keyring_on(&disk);
    bring(&keyring, &mirror).unwrap();
    for name in mirror.files().into_keys().filter(|name| name.starts_with("pack-")) {
        let rotten = |disk: &Disk| {
            let mut bytes = disk.files()[&name].clone();
            for at in (40..bytes.len()).step_by(20) {
                bytes[at] ^= 1;
            }
            disk.put(&name, bytes);
        };
        rotten(&mirror);
        bring(&keyring, &mirror).unwrap();
        assert!(same_packs(&mirror, &disk), "{name}");
        let (here, whole) = (disk.copy(), mirror.copy());
        rotten(&disk);
        bring(&keyring, &mirror).unwrap();
        assert!(same_packs(&mirror, &whole), "{name}");
        disk.put(&name, here.files()[&name].clone());
    }
    model.check(&mut keyring);
    model.check(&mut open(&mirror).unwrap());
}

#[test]
fn a_mirror_of_another_keyring_is_left_alone() {
    let (disk, other) = (Disk::default(), Disk::default());
    let (keyring, _) = keyring_on(&disk);
    let (theirs, model) = keyring_on(&other);
    drop(theirs);
    assert!(matches!(bring(&keyring, &other), Err(Error::OtherKeyring)));
    model.check(&mut open(&other).unwrap());
}

#[test]
fn a_pack_lost_here_is_not_lost_at_the_mirror() {
    let (disk, mirror) = (Disk::default(), Disk::default());
    let (mut keyring, model) = keyring_on(&disk);
    bring(&keyring, &mirror).unwrap();
    let lost = disk.files().into_keys().find(|name| name.starts_with("pack-")).unwrap();
    disk.delete(&lost);
    keyring.apply(Change::default().put("a", b"c")).unwrap();
    bring(&keyring, &mirror).unwrap();
    model.after(&Change::default().put("a", b"c")).check(&mut open(&mirror).unwrap());
}
