//! Whatever is done to a keyring, it agrees with the plain model of it.

use proptest::prelude::*;
use proptest::sample::Index;

use super::disk::Disk;
use super::model::Model;
use super::{create, open, slot_on, store_on};
use crate::Change;

#[derive(Clone, Debug)]
enum Step {
    Allocate { class: u32, count: usize },
    Puncture { ids: Vec<Index>, ranges: Vec<(Index, Index)>, secret: Option<(u8, Option<Vec<u8>>)> },
    Reopen,
    MoveToMirror,
}

fn step() -> impl Strategy<Value = Step> {
    let ids = prop::collection::vec(any::<Index>(), 0..4);
    let ranges = prop::collection::vec(any::<(Index, Index)>(), 0..2);
    let secret = prop::option::of((0..3u8, prop::option::of(prop::collection::vec(any::<u8>(), 0..40))));
    prop_oneof![
        4 => (0..3u32, 1..40usize).prop_map(|(class, count)| Step::Allocate { class, count }),
        4 => (ids, ranges, secret).prop_map(|(ids, ranges, secret)| Step::Puncture { ids, ranges, secret }),
        1 => Just(Step::Reopen),
        1 => Just(Step::MoveToMirror),
    ]
}

/// Picks among all ids ever handed out, gone ones included.
fn change(
    model: &Model,
    ids: &[Index],
    ranges: &[(Index, Index)],
    secret: &Option<(u8, Option<Vec<u8>>)>,
) -> Change {
    let mut change = Change::default();
    let all: Vec<u64> = model.retained.keys().chain(&model.gone).copied().collect();
    if !all.is_empty() {
        change.ids = ids.iter().map(|index| *index.get(&all)).collect();
        let ordered = |a: u64, b: u64| a.min(b)..=a.max(b);
        change.ranges = ranges.iter().map(|(a, b)| ordered(*a.get(&all), *b.get(&all))).collect();
    }
    match secret {
        Some((name, Some(value))) => change.put(format!("secret {name}"), value),
        Some((name, None)) => change.remove(format!("secret {name}")),
        None => change,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_keyring_agrees_with_the_model(steps in prop::collection::vec(step(), 1..25)) {
        let mut disk = Disk::default();
        let mut keyring = create(&disk).unwrap();
        let mut model = Model::default();
        for step in steps {
            match step {
                Step::Allocate { class, count } => {
                    for _ in 0..count {
                        model.allocate(&mut keyring, class).unwrap();
                    }
                }
                Step::Puncture { ids, ranges, secret } => {
                    let change = change(&model, &ids, &ranges, &secret);
                    model.apply(&mut keyring, change);
                }
                Step::Reopen => {
                    drop(keyring);
                    keyring = open(&disk).unwrap();
                }
                Step::MoveToMirror => {
                    let mirror = Disk::default();
                    keyring.mirror(&*store_on(&mirror), &*slot_on(&mirror)).unwrap();
                    disk = mirror;
                    keyring = open(&disk).unwrap();
                }
            }
            prop_assert_eq!(model.compare(&mut keyring), Ok(()));
        }
        drop(keyring);
        prop_assert_eq!(model.compare(&mut open(&disk).unwrap()), Ok(()));
    }
}
