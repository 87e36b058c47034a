//! Whatever is made from whatever: forgetting reaches exactly what depends on it.

use std::collections::{BTreeMap, BTreeSet};

use porchlight_vault::{Id, Kind};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::house::{House, close, ids};

/// For each moment, for each of its recordings, the earlier moments it was made from (by number, modulo).
type Made = Vec<Vec<Vec<usize>>>;

fn histories() -> impl Strategy<Value = (Made, Vec<usize>, bool)> {
    let recording = prop::collection::vec(0usize..12, 0..3);
    let moment = prop::collection::vec(recording, 1..3);
    (prop::collection::vec(moment, 1..10), prop::collection::vec(0usize..12, 1..3), any::<bool>())
}

#[test]
fn forgetting_takes_what_depends_on_it_and_nothing_else() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut runner = TestRunner::new(Config { cases: 16, failure_persistence: None, ..Config::default() });
    runner
        .run(&histories(), |(made, forgotten, restart)| {
            runtime.block_on(try_history(&made, &forgotten, restart));
            Ok(())
        })
        .unwrap();
}

async fn try_history(made: &Made, forgotten: &[usize], restart: bool) {
    let house = House::new();
    let mut vault = house.create().await;
    let mut moments: Vec<Id> = Vec::new();
    // The model: what each recording was made from, all the way down; a moment stands for all its recordings.
    let mut stands_on: BTreeMap<Id, BTreeSet<Id>> = BTreeMap::new();
    let mut moment_stands_on: BTreeMap<Id, BTreeSet<Id>> = BTreeMap::new();
    for recordings in made {
        let sources: Vec<Vec<Id>> = recordings
            .iter()
            .map(|from| {
                from.iter().filter(|_| !moments.is_empty()).map(|n| moments[n % moments.len()]).collect()
            })
            .collect();
        let new = sources
            .iter()
            .map(|sources| {
                let mut recording = house.recording(Kind::Snapshot, 30, "made");
                recording.sources = sources.clone();
                recording
            })
            .collect();
        let kept = vault.keep(house.moment(new)).await.unwrap();
        let mut all = BTreeSet::from([kept.moment]);
        for (id, sources) in kept.recordings.iter().zip(&sources) {
            let mut on = BTreeSet::from([kept.moment]);
            for source in sources {
                on.insert(*source);
                on.extend(&moment_stands_on[source]);
            }
            all.extend(&on);
            stands_on.insert(*id, on);
        }
        moment_stands_on.insert(kept.moment, all);
        moments.push(kept.moment);
    }
    let gone: BTreeSet<Id> = forgotten.iter().map(|n| moments[n % moments.len()]).collect();
    let survivors: Vec<Id> =
        stands_on.iter().filter(|(_, on)| on.is_disjoint(&gone)).map(|(id, _)| *id).collect();

    house.forget(&vault, &gone.iter().copied().collect::<Vec<_>>()).await;
    if restart {
        drop(vault);
        vault = house.open().await;
    }
    let mut left = ids(&vault).await;
    left.sort_unstable();
    assert_eq!(left, survivors);
    if !survivors.is_empty() {
        let looked = house.release(&vault, &survivors).await;
        assert_eq!(looked.released.len(), survivors.len());
        assert!(looked.released.iter().all(|released| house.decrypt(released) == "made"));
    }
    close(vault).await;
}
