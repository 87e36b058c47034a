//! The slot in a TPM, tried on Debian's software TPM.

use std::fs;
use std::io;
use std::path::Path;

use super::disk::Disk;
use super::model::Model;
use super::swtpm::Swtpm;
use super::{slot_on, store_on};
use crate::{Change, Error, FolderStore, Keyring, Leaf, Root, Salvage, Slot, Store, TpmSlot};

fn create(folder: &Path, tpm: &Swtpm) -> Keyring {
    let slot = TpmSlot::create(folder, &tpm.name()).unwrap();
    Keyring::create(Box::new(FolderStore::open(folder).unwrap()), Box::new(slot)).unwrap()
}

fn open(folder: &Path, tpm: &Swtpm) -> Result<Keyring, Error> {
    let slot = TpmSlot::open(folder, &tpm.name()).unwrap();
    Keyring::open(Box::new(FolderStore::open(folder).unwrap()), Box::new(slot))
}

fn root(generation: u64) -> Root {
    Root::from_bytes(&[[7; 16].as_slice(), &generation.to_le_bytes(), &[generation as u8; 32]].concat())
        .unwrap()
}

fn generations(slot: &TpmSlot) -> Vec<u64> {
    let mut generations: Vec<u64> = slot.load().unwrap().iter().map(Root::generation).collect();
    generations.sort_unstable();
    generations
}

#[test]
fn a_keyring_lives_with_its_root_in_the_tpm_alone() {
    let Some(mut tpm) = Swtpm::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut model = Model::default();
    let mut keyring = create(folder.path(), &tpm);
    let ids: Vec<u64> = (0..6).map(|index| model.allocate(&mut keyring, index % 2).unwrap()).collect();
    model.apply(&mut keyring, Change::default().puncture(ids[0]).put("password", b"hunter2"));
    model.check(&mut keyring);
    drop(keyring);

    // The power goes and comes back: what was committed is there.
    tpm.power_off();
    tpm.power_on();
    let mut keyring = open(folder.path(), &tpm).unwrap();
    model.check(&mut keyring);
    model.apply(&mut keyring, Change::default().puncture(ids[2]));
    model.check(&mut keyring);
    drop(keyring);
    let names =
        || fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    assert!(
        names().all(|name| name == "slot-tpm" || name.starts_with("pack-")),
        "{:?}",
        names().collect::<Vec<_>>()
    );

    // Without the TPM nothing opens, and it is not taken for an empty slot.
    tpm.power_off();
    let error = open(folder.path(), &tpm).map(drop).unwrap_err();
    assert!(matches!(&error, Error::Slot { .. }) && error.to_string().contains("TPM"), "{error}");
    tpm.power_on();
    model.check(&mut open(folder.path(), &tpm).unwrap());
}

#[test]
fn a_copy_of_the_whole_disk_and_the_tpm_of_now_open_nothing_that_was_forgotten() {
    let Some(tpm) = Swtpm::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut model = Model::default();
    let mut keyring = create(folder.path(), &tpm);
    let ids: Vec<u64> = (0..6).map(|_| model.allocate(&mut keyring, 1).unwrap()).collect();
    let forgotten: Vec<Leaf> = ids[..3].iter().map(|id| model.retained[id].clone()).collect();
    let files = || -> Vec<Vec<u8>> {
        fs::read_dir(folder.path()).unwrap().map(|file| fs::read(file.unwrap().path()).unwrap()).collect()
    };
    let image = files();
    let image_folder = tempfile::tempdir().unwrap();
    for file in fs::read_dir(folder.path()).unwrap().map(Result::unwrap) {
        fs::copy(file.path(), image_folder.path().join(file.file_name())).unwrap();
    }
    // What the TPM holds now, to one who has the whole image and so the authorisation.
    let in_the_tpm = || {
        let roots = TpmSlot::open(image_folder.path(), &tpm.name()).unwrap().load().unwrap();
        roots.iter().flat_map(|root| root.to_bytes().to_vec()).collect::<Vec<u8>>()
    };
    let attack = || {
        let mut salvage = Salvage::new();
        for bytes in image.iter().cloned().chain(files()) {
            salvage.add_keys(&bytes);
            salvage.add_pack(bytes);
        }
        salvage.add_keys(&in_the_tpm());
        salvage.open();
        salvage
    };
    let mut before = attack();
    for (id, leaf) in ids.iter().zip(&forgotten) {
        assert_eq!(
            before.leaves(*id),
            std::slice::from_ref(leaf),
            "the attack works, or it would prove nothing"
        );
    }

    model.apply(&mut keyring, Change::default().puncture_range(ids[0]..=ids[2]));
    let mut after = attack();
    for id in &model.gone {
        assert!(after.leaves(*id).is_empty());
    }
    for (id, leaf) in &model.retained {
        assert_eq!(after.leaves(*id), std::slice::from_ref(leaf));
    }
    // Put back, the image does not open either: the TPM does not go back with it.
    let error = open(image_folder.path(), &tpm).map(drop).unwrap_err();
    assert!(matches!(error, Error::Damaged { .. }), "{error}");
}

#[test]
fn a_torn_replacement_is_finished_and_rot_is_healed() {
    let Some(tpm) = Swtpm::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let slot = TpmSlot::create(folder.path(), &tpm.name()).unwrap();
    assert!(slot.load().unwrap().is_empty());
    slot.replace(&root(1)).unwrap();
    let record = |generation| crate::record::encode(&root(generation), crate::record::RECORD_BYTES);
    for at in [0, 1] {
        // Torn while the first was written: the old root is there.
        slot.replace(&root(2)).unwrap();
        slot.damage(at, &[record(3)[..50].to_vec(), record(2)[50..].to_vec()].concat());
        assert_eq!(generations(&slot), [2]);
        slot.replace(&root(2)).unwrap();
        slot.damage(1 - at, &[0xa5; 100]);
        assert_eq!(generations(&slot), [2], "the index that was healed is enough");

        // Cut between the two writes: both are there, and putting the newer destroys the older.
        slot.damage(at, &record(4));
        slot.damage(1 - at, &record(2));
        assert_eq!(generations(&slot), [2, 4]);
        slot.replace(&root(4)).unwrap();
        assert_eq!(generations(&slot), [4]);
    }
    for at in [0, 1] {
        slot.damage(at, &[0xa5; 100]);
    }
    let error = slot.load().unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    assert!(error.to_string().contains("NV index 0x1"), "{error}");
}

#[test]
fn without_the_authorisation_or_in_another_tpm_there_is_nothing_to_read() {
    let Some(tpm) = Swtpm::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let slot = TpmSlot::create(folder.path(), &tpm.name()).unwrap();
    slot.replace(&root(1)).unwrap();
    // Again, it is the same slot.
    assert_eq!(generations(&TpmSlot::create(folder.path(), &tpm.name()).unwrap()), [1]);

    // Another program guesses, and as often as it likes: it reads nothing, and nobody is locked out.
    let note = fs::read(folder.path().join("slot-tpm")).unwrap();
    let guessing = tempfile::tempdir().unwrap();
    let mut guess = note.clone();
    guess[20] ^= 1;
    let checksum = <sha2::Sha256 as sha2::Digest>::digest(&guess[..52]);
    guess[52..].copy_from_slice(&checksum);
    fs::write(guessing.path().join("slot-tpm"), &guess).unwrap();
    for _ in 0..40 {
        assert!(TpmSlot::open(guessing.path(), &tpm.name()).unwrap().load().is_err());
    }
    assert_eq!(generations(&slot), [1]);

    for at in 0..note.len() {
        let mut damaged = note.clone();
        damaged[at] ^= 1;
        fs::write(guessing.path().join("slot-tpm"), damaged).unwrap();
        assert!(TpmSlot::open(guessing.path(), &tpm.name()).is_err(), "byte {at}");
    }
    let nothing = tempfile::tempdir().unwrap();
    let error = TpmSlot::open(nothing.path(), &tpm.name()).map(drop).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
    assert!(TpmSlot::open(folder.path(), "the one in the cellar").is_err());

    let Some(other) = Swtpm::start() else { return };
    let error = TpmSlot::open(folder.path(), &other.name()).unwrap().load().unwrap_err();
    assert!(error.to_string().contains("another TPM"), "{error}");

    slot.destroy().unwrap();
    let error = TpmSlot::open(folder.path(), &tpm.name()).unwrap().load().unwrap_err();
    assert!(error.to_string().contains("it was cleared"), "{error}");
}

#[test]
fn it_can_have_a_mirror_that_is_a_file() {
    let Some(tpm) = Swtpm::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (mut model, mirror) = (Model::default(), Disk::default());
    let mut keyring = create(folder.path(), &tpm);
    let id = model.allocate(&mut keyring, 1).unwrap();
    model.allocate(&mut keyring, 1).unwrap();
    keyring.mirror(&*store_on(&mirror), &*slot_on(&mirror)).unwrap();
    model.apply(&mut keyring, Change::default().puncture(id));
    keyring.mirror(&*store_on(&mirror), &*slot_on(&mirror)).unwrap();
    drop(keyring);
    model.check(&mut super::open(&mirror).unwrap());
    assert!(store_on(&mirror).list().unwrap().iter().all(|(name, _)| name != "slot-tpm"));
}
