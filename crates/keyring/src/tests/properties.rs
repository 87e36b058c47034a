//! Whatever is done to a keyring, and whenever the power goes, it agrees with the plain model of it.

use proptest::prelude::*;
use proptest::sample::Index;

use super::disk::{Disk, Fault, Unsynced};
use super::model::Model;
use super::{create, open, slot_on, store_on};
use crate::{Change, Keyring, Salvage};

#[derive(Clone, Debug)]
enum Step {
    Allocate {
        class: u32,
        count: usize,
    },
    Change(Wish),
    /// The power goes at a step of a change, and perhaps at a step of the start after it.
    PowerCut {
        during: Wish,
        at: usize,
        again: Option<usize>,
        chance: u64,
    },
    /// The power goes at a step of bringing a mirror up to date.
    MirrorPowerCut {
        at: usize,
        chance: u64,
    },
    Reopen,
    MoveToMirror,
}

/// A change of ids that are chosen once it is known which there are.
#[derive(Clone, Debug)]
struct Wish {
    ids: Vec<Index>,
    ranges: Vec<(Index, Index)>,
    secret: Option<(u8, Option<Vec<u8>>)>,
}

fn step() -> impl Strategy<Value = Step> {
    let cut = (wish(), 0..14usize, prop::option::of(0..8usize), any::<u64>());
    prop_oneof![
        4 => (0..3u32, 1..40usize).prop_map(|(class, count)| Step::Allocate { class, count }),
        4 => wish().prop_map(Step::Change),
        2 => cut.prop_map(|(during, at, again, chance)| Step::PowerCut { during, at, again, chance }),
        1 => (0..14usize, any::<u64>()).prop_map(|(at, chance)| Step::MirrorPowerCut { at, chance }),
        1 => Just(Step::Reopen),
        1 => Just(Step::MoveToMirror),
    ]
}

fn wish() -> impl Strategy<Value = Wish> {
    let ids = prop::collection::vec(any::<Index>(), 0..4);
    let ranges = prop::collection::vec(any::<(Index, Index)>(), 0..2);
    let secret = prop::option::of((0..3u8, prop::option::of(prop::collection::vec(any::<u8>(), 0..40))));
    (ids, ranges, secret).prop_map(|(ids, ranges, secret)| Wish { ids, ranges, secret })
}

/// Picks among all ids ever handed out, gone ones included.
fn change(model: &Model, wish: &Wish) -> Change {
    let mut change = Change::default();
    let all: Vec<u64> = model.retained.keys().chain(&model.gone).copied().collect();
    if !all.is_empty() {
        change.ids = wish.ids.iter().map(|index| *index.get(&all)).collect();
        let ordered = |a: u64, b: u64| a.min(b)..=a.max(b);
        change.ranges = wish.ranges.iter().map(|(a, b)| ordered(*a.get(&all), *b.get(&all))).collect();
    }
    match &wish.secret {
        Some((name, Some(value))) => change.put(format!("secret {name}"), value),
        Some((name, None)) => change.remove(format!("secret {name}")),
        None => change,
    }
}

/// The keyring that comes back after a power cut; the power may go once more while it starts.
fn come_back(disk: Disk, again: Option<usize>, chance: u64) -> (Disk, Keyring) {
    let mut disk = disk.after_power_cut(Unsynced::Torn(chance));
    if let Some(step) = again {
        disk.fault_at(step, Fault::PowerCut);
        let _ = open(&disk);
        disk = disk.after_power_cut(Unsynced::Torn(chance ^ 1));
    }
    let keyring = open(&disk).unwrap();
    (disk, keyring)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_keyring_agrees_with_the_model_whatever_it_lives_through(steps in prop::collection::vec(step(), 1..25)) {
        let mut disk = Disk::default();
        let mut keyring = create(&disk).unwrap();
        let mut model = Model::default();
        let mut packs = Salvage::new();
        for step in steps {
            match step {
                Step::Allocate { class, count } => {
                    for _ in 0..count {
                        model.allocate(&mut keyring, class).unwrap();
                    }
                }
                Step::Change(wish) => {
                    let change = change(&model, &wish);
                    model.apply(&mut keyring, change);
                }
                Step::PowerCut { during, at, again, chance } => {
                    let change = change(&model, &during);
                    let after = model.after(&change);
                    disk.fault_at(disk.steps() + at, Fault::PowerCut);
                    let result = keyring.apply(change.clone());
                    drop(keyring);
                    (disk, keyring) = come_back(disk, again, chance);
                    let (undone, done) = (model.compare(&mut keyring), after.compare(&mut keyring));
                    prop_assert!(done.is_ok() || result.is_err() && undone.is_ok(), "{:?}, {:?}", undone, done);
                    // Made again, it ends as it would have.
                    model.apply(&mut keyring, change);
                }
                Step::MirrorPowerCut { at, chance } => {
                    let mirror = Disk::default();
                    keyring.mirror(&*store_on(&mirror), &*slot_on(&mirror)).unwrap();
                    keyring.apply(Change::default().put("secret 0", &chance.to_be_bytes())).unwrap();
                    model.secrets.insert("secret 0".to_owned(), chance.to_be_bytes().to_vec());
                    mirror.fault_at(mirror.steps() + at, Fault::PowerCut);
                    let _ = keyring.mirror(&*store_on(&mirror), &*slot_on(&mirror));
                    let mirror = mirror.after_power_cut(Unsynced::Torn(chance));
                    keyring.mirror(&*store_on(&mirror), &*slot_on(&mirror)).unwrap();
                    prop_assert_eq!(model.compare(&mut open(&mirror).unwrap()), Ok(()));
                }
                Step::Reopen => {
                    drop(keyring);
                    keyring = open(&disk).unwrap();
                }
                Step::MoveToMirror => {
                    let mirror = Disk::default();
                    keyring.mirror(&*store_on(&mirror), &*slot_on(&mirror)).unwrap();
                    for (_, pack) in disk.history() {
                        packs.add_pack(pack);
                    }
                    disk = mirror;
                    keyring = open(&disk).unwrap();
                }
            }
            prop_assert_eq!(model.compare(&mut keyring), Ok(()));
        }
        drop(keyring);
        prop_assert_eq!(model.compare(&mut open(&disk).unwrap()), Ok(()));

        // Who has every pack that was ever written, and the slot as it is now, has what is kept and nothing that is gone.
        for (_, pack) in disk.history() {
            packs.add_pack(pack);
        }
        disk.files().values().for_each(|bytes| packs.add_keys(bytes));
        packs.open();
        for (id, leaf) in &model.retained {
            prop_assert_eq!(packs.leaves(*id), std::slice::from_ref(leaf));
        }
        for id in &model.gone {
            prop_assert!(packs.leaves(*id).is_empty(), "{}", id);
        }
    }
}
