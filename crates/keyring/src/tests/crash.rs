//! A power cut, or a failing disk, at every write and every sync in turn.

use std::io;

use super::disk::{Disk, Fault, Unsynced};
use super::model::Model;
use super::{create, open, slot_on, store_on};
use crate::{Change, Error, Keyring};

/// How a life ended: what must hold if its last step did not happen, and if it did.
#[derive(Default)]
struct End {
    before: Model,
    after: Model,
    /// The change that was being made.
    change: Change,
}

impl End {
    fn allocate(&mut self, keyring: &mut Keyring, class: u32) -> Result<u64, Error> {
        let id = self.after.allocate(keyring, class)?;
        self.before = self.after.clone();
        Ok(id)
    }

    fn apply(&mut self, keyring: &mut Keyring, change: Change) -> Result<(), Error> {
        self.after = self.before.after(&change);
        self.change = change.clone();
        keyring.apply(change)?;
        self.before = self.after.clone();
        self.change = Change::default();
        Ok(())
    }
}

/// Everything a keyring does, until something fails.
fn live(disk: &Disk) -> (End, Result<(), Error>) {
    let mut end = End::default();
    let result = create(disk).and_then(|mut keyring| go_on(&mut keyring, &mut end));
    (end, result)
}

fn go_on(keyring: &mut Keyring, end: &mut End) -> Result<(), Error> {
    let mut ids = Vec::new();
    for class in [7, 7, 7, 7, 7, 30, 30, 30] {
        ids.push(end.allocate(keyring, class)?);
    }
    end.apply(keyring, Change::default().puncture(ids[1]).put("identity", b"first"))?;
    end.apply(keyring, Change::default().puncture_range(ids[3]..=ids[6]).put("password", b"hunter2"))?;
    ids.push(end.allocate(keyring, 90)?);
    end.apply(keyring, Change::default().puncture_range(0..=u64::MAX - 1).remove("password"))?;
    ids.push(end.allocate(keyring, 7)?);
    end.apply(keyring, Change::default().put("identity", b"second"))?;
    end.apply(keyring, Change::default().puncture(ids[9]).puncture(ids[0]))
}

/// Opens what a crash left and checks that the last step happened wholly or not at all.
fn check_reopened(disk: &Disk, end: &End, context: &str) {
    let mut keyring = match open(disk) {
        Ok(keyring) => keyring,
        Err(Error::Absent | Error::RootLost | Error::Slot { .. }) if end.before.retained.is_empty() => {
            // The creation did not happen, so it can be done again.
            create(disk).unwrap_or_else(|error| panic!("{context}: {error}"))
        }
        Err(error) => panic!("{context}: {error}"),
    };
    if let (Err(before), Err(after)) = (end.before.compare(&mut keyring), end.after.compare(&mut keyring)) {
        panic!("{context}: neither undone ({before}) nor done ({after})");
    }
    // An erasure resumes: the same change, made again, ends in the same way, whether it had happened or not.
    let mut model = end.after.clone();
    keyring.apply(end.change.clone()).unwrap_or_else(|error| panic!("{context}: {error}"));
    model.compare(&mut keyring).unwrap_or_else(|why| panic!("{context}: made again: {why}"));
    // It goes on: fresh ids, another puncture, another start.
    let id = model.allocate(&mut keyring, 7).unwrap();
    let other = model.allocate(&mut keyring, 30).unwrap();
    model.apply(&mut keyring, Change::default().puncture(id));
    assert!(model.retained.contains_key(&other));
    drop(keyring);
    let mut keyring = open(disk).unwrap();
    model.check(&mut keyring);
    let packs = disk.files().keys().filter(|name| name.starts_with("pack-")).count();
    assert!(packs <= keyring.segments().count() + 1, "{context}: a pack that nothing refers to stayed");
}

fn steps_of_a_whole_life() -> usize {
    let disk = Disk::default();
    live(&disk).1.unwrap();
    disk.steps()
}

#[test]
fn a_power_cut_at_any_step_leaves_each_change_done_or_undone_in_whatever_order_writes_reach_the_disk() {
    let mut states = 0;
    for step in 0..steps_of_a_whole_life() {
        let disk = Disk::default();
        disk.fault_at(step, Fault::PowerCut);
        let (end, _) = live(&disk);
        for (state, disk) in disk.after_every_power_cut(step as u64).iter().enumerate() {
            check_reopened(disk, &end, &format!("power cut at step {step}, state {state} of the disk"));
            states += 1;
        }
    }
    assert!(states > 400, "{states} states");
}

#[test]
fn so_does_a_second_power_cut_while_starting_again() {
    for step in 0..steps_of_a_whole_life() {
        let disk = Disk::default();
        disk.fault_at(step, Fault::PowerCut);
        let (end, _) = live(&disk);
        for fate in [Unsynced::Kept, Unsynced::Torn(5)] {
            for again in 0.. {
                let disk = disk.after_power_cut(fate);
                disk.fault_at(again, Fault::PowerCut);
                let opened = open(&disk).map(drop);
                let came_to_it = disk.steps() > again;
                for fate in [Unsynced::Lost, Unsynced::Torn(6)] {
                    let disk = disk.after_power_cut(fate);
                    check_reopened(
                        &disk,
                        &end,
                        &format!(
                            "power cuts at step {step} and at {again} of the next start ({opened:?}), {fate:?}"
                        ),
                    );
                }
                if !came_to_it {
                    break;
                }
            }
        }
    }
}

#[test]
fn a_failed_step_is_said_and_one_of_the_slot_stops_the_keyring_until_it_is_opened_again() {
    let created = {
        let disk = Disk::default();
        create(&disk).unwrap();
        disk.steps()
    };
    let (mut poisoned, mut went_on) = (0, 0);
    for step in created..steps_of_a_whole_life() {
        let disk = Disk::default();
        let mut keyring = create(&disk).unwrap();
        disk.fault_at(step, Fault::Fails(io::ErrorKind::Other));
        let mut end = End::default();
        // Only the removal of a pack that nothing refers to may fail unsaid: the next commit removes it.
        match go_on(&mut keyring, &mut end) {
            Err(Error::Slot { .. }) => {
                assert!(keyring.is_poisoned());
                assert!(matches!(keyring.allocate(7), Err(Error::Poisoned)));
                assert!(matches!(keyring.leaf(0), Err(Error::Poisoned)));
                assert!(matches!(keyring.contains(0), Err(Error::Poisoned)));
                assert!(matches!(keyring.apply(Change::default()), Err(Error::Poisoned)));
                let mirror = Disk::default();
                assert!(matches!(
                    keyring.mirror(&*store_on(&mirror), &*slot_on(&mirror)),
                    Err(Error::Poisoned)
                ));
                poisoned += 1;
            }
            // A pack that is not written is none: whatever there was is there, and the next commit is made.
            Err(Error::Store { .. }) => {
                assert!(!keyring.is_poisoned());
                end.before.check(&mut keyring);
                let mut after = end.before.clone();
                after.apply(&mut keyring, Change::default().put("a name", b"of a secret"));
                let id = after.allocate(&mut keyring, 90).unwrap();
                after.apply(&mut keyring, Change::default().puncture(id));
                after.check(&mut keyring);
                end = End { before: after.clone(), after, change: Change::default() };
                went_on += 1;
            }
            Err(error) => panic!("{error}"),
            Ok(()) => {}
        }
        drop(keyring);
        // Opened again as it is, or after a power cut on top: what a failed sync was to write may be lost even then.
        for disk in disk.after_every_power_cut(step as u64).into_iter().chain([disk.copy(), disk]) {
            check_reopened(&disk, &end, &format!("step {step} failed"));
        }
    }
    assert!(poisoned > 30 && went_on > 20, "{poisoned} and {went_on} steps");
}

#[test]
fn a_full_disk_stops_one_commit_and_nothing_else() {
    let disk = Disk::default();
    let mut keyring = create(&disk).unwrap();
    let mut model = Model::default();
    let id = model.allocate(&mut keyring, 7).unwrap();
    for kind in [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded] {
        disk.fault_at(disk.steps(), Fault::Fails(kind));
        let error = keyring.allocate(30).unwrap_err();
        assert!(matches!(&error, Error::Store { source, .. } if source.kind() == kind), "{error}");
        model.check(&mut keyring);
    }
    model.allocate(&mut keyring, 30).unwrap();
    model.apply(&mut keyring, Change::default().puncture(id));
    drop(keyring);
    model.check(&mut open(&disk).unwrap());
}
