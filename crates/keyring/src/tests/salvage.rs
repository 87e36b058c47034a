//! What is found in bytes of every age, and what is not.

use super::disk::Disk;
use super::model::Model;
use super::{create, open};
use crate::{Change, Keyring, Opened, Salvage, Secret};

/// Everything on a disk, as if all of it were packs and all of it might hold a root.
fn salvage(disks: &[&Disk]) -> (Salvage, Opened) {
    let mut salvage = Salvage::new();
    for (name, bytes) in disks.iter().flat_map(|disk| disk.files()) {
        assert_eq!(salvage.add_pack(bytes.clone()), name.starts_with("pack-"), "{name}");
        if name.starts_with("slot-") {
            salvage.add_keys(&bytes);
        }
    }
    let opened = salvage.open();
    (salvage, opened)
}

fn keyring_on(disk: &Disk) -> (Keyring, Model) {
    let mut keyring = create(disk).unwrap();
    let mut model = Model::default();
    for class in [1, 1, 1, 2, 2] {
        model.allocate(&mut keyring, class).unwrap();
    }
    model.apply(&mut keyring, Change::default().puncture(0).put("password", b"hunter2"));
    (keyring, model)
}

#[test]
fn finds_what_is_kept_and_nothing_that_is_gone() {
    let disk = Disk::default();
    let (keyring, model) = keyring_on(&disk);
    let (mut salvage, opened) = salvage(&[&disk]);
    assert_eq!(opened.generations, [keyring.generation()]);
    for (id, leaf) in &model.retained {
        assert_eq!(salvage.leaves(*id), std::slice::from_ref(leaf));
    }
    for id in [0, 7 << 16, u64::MAX] {
        assert!(salvage.leaves(id).is_empty());
    }
}

#[test]
fn tells_every_secret_on_the_way_once() {
    let disk = Disk::default();
    let (mut keyring, _) = keyring_on(&disk);
    let image = disk.copy();
    keyring.apply(Change::default().puncture(1).put("password", b"hunter3")).unwrap();
    let (salvage, opened) = salvage(&[&image, &disk]);
    assert_eq!(opened.generations, [4, 5]);
    let found: Vec<Secret> = salvage.keys().map(|(found, _)| found).collect();
    let segment = |first: u64, generation| Secret::Segment { first: first << 16, generation };
    assert_eq!(
        found,
        [
            Secret::Root { generation: 4 },
            Secret::Root { generation: 5 },
            segment(0, 4),
            segment(0, 5),
            segment(1, 3),
            Secret::Named("password"),
            Secret::Named("password"),
        ]
    );
    assert!(salvage.keys().all(|(found, bytes)| matches!(found, Secret::Named(_)) || bytes.len() == 32));
    assert!(salvage.keys().any(|(_, bytes)| bytes == b"hunter3"));
    let shown = format!("{salvage:?}");
    assert!(!shown.contains("hunter") && shown.starts_with("Salvage { packs: "), "{shown}");
}

#[test]
fn an_older_root_gives_back_what_was_forgotten_since_under_whatever_name() {
    let disk = Disk::default();
    let (mut keyring, model) = keyring_on(&disk);
    let image = disk.copy();
    keyring.apply(Change::default().puncture(1)).unwrap();
    // The old slot lies somewhere in a core dump, the pack among other files, in an order of their own.
    let mut dump = vec![0xa5; 40_000];
    dump.extend_from_slice(&image.files()["slot-1"]);
    dump.extend_from_slice(&[7; 1000]);
    let mut salvage = Salvage::new();
    for (_, bytes) in image.files().into_iter().rev() {
        salvage.add_pack(bytes);
    }
    salvage.add_keys(&dump[3..]);
    assert_eq!(salvage.open().generations, [4]);
    assert_eq!(salvage.leaves(1), [model.retained[&1].clone()]);
    // What came later is not lost on the way.
    for bytes in disk.files().into_values() {
        salvage.add_keys(&bytes);
        salvage.add_pack(bytes);
    }
    assert_eq!(salvage.open().generations, [4, 5]);
    assert_eq!(salvage.leaves(1), [model.retained[&1].clone()]);
    assert_eq!(salvage.leaves(2), [model.retained[&2].clone()], "once, though two generations yield it");
}

#[test]
fn two_pasts_of_one_generation_are_both_told() {
    let disk = Disk::default();
    let (mut keyring, _) = keyring_on(&disk);
    let image = disk.copy();
    let mut returned = open(&image).unwrap();
    // Both lease the segment of the same number.
    let (here, there) = (keyring.allocate(9).unwrap(), returned.allocate(9).unwrap());
    assert_eq!(here, there);
    let (mut salvage, opened) = salvage(&[&disk, &image]);
    assert_eq!(opened.generations, [5, 5]);
    let leaves = salvage.leaves(here);
    assert_eq!(leaves.len(), 2);
    assert!(leaves.contains(&keyring.leaf(here).unwrap()) && leaves.contains(&returned.leaf(there).unwrap()));
}

#[test]
fn a_pack_that_was_cut_short_gives_the_segments_that_are_whole_in_it() {
    let disk = Disk::default();
    let (keyring, model) = keyring_on(&disk);
    let of_class_two = *model.retained.keys().next_back().unwrap();
    let files = disk.files();
    let newest = format!("pack-{}", keyring.generation());
    let mut salvage = Salvage::new();
    // pack-3 holds the segment of class 2 first and its root object after it.
    assert!(salvage.add_pack(files["pack-3"][..200].to_vec()));
    assert!(salvage.add_pack(files[&newest].clone()));
    assert!(!salvage.add_pack(files[&newest][1..].to_vec()));
    assert!(!salvage.add_pack(Vec::new()));
    salvage.add_keys(&files["slot-2"]);
    assert_eq!(
        salvage.open(),
        Opened { candidates: salvage.open().candidates, packs: 2, generations: vec![4] }
    );
    assert_eq!(salvage.leaves(of_class_two), [model.retained[&of_class_two].clone()]);
}

#[test]
fn a_damaged_pack_opens_nothing_and_hides_nothing_else() {
    let disk = Disk::default();
    let (_, model) = keyring_on(&disk);
    let files = disk.files();
    for at in 0..files["pack-4"].len() {
        let mut damaged = files["pack-4"].clone();
        damaged[at] ^= 1;
        let mut salvage = Salvage::new();
        let _ = salvage.add_pack(damaged);
        salvage.add_pack(files["pack-4"].clone());
        salvage.add_pack(files["pack-3"].clone());
        salvage.add_keys(&files["slot-1"]);
        // Where only a segment is damaged, the root object opens in both packs.
        assert!(salvage.open().generations.iter().all(|generation| *generation == 4), "byte {at}");
        for (id, leaf) in &model.retained {
            assert_eq!(salvage.leaves(*id), std::slice::from_ref(leaf), "byte {at}");
        }
    }
}
