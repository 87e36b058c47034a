//! What rots, is removed or is moved away under a vault that runs is found out, written anew where something knows it, and told.

use std::path::PathBuf;

use porchlight_vault::{Kind, Selection, Vault, Warning};

use super::rot::{healed, killed, packs, put_back_killed, spoil};
use crate::house::{House, close, copy, ids};

fn number_of(pack: &std::path::Path) -> u64 {
    pack.to_string_lossy().rsplit('-').next().unwrap().parse().unwrap()
}

/// Its packs and its slot.
fn files_of_the_keyring(folder: &std::path::Path) -> Vec<PathBuf> {
    [packs(folder), ["slot-1", "slot-2"].map(|name| folder.join(name)).to_vec()].concat()
}

#[tokio::test]
async fn what_is_removed_from_the_data_folder_under_a_vault_is_written_anew_and_nothing_that_was_kept_is_lost()
 {
    let house = House::new();
    let vault = house.create().await;
    let mut kept = house.say(&vault, "before").await.recordings;
    let (catalog, ledger) = (house.data().join("catalog.sqlite"), house.data().join("ledger"));
    let entries = ledger.join("entries-1");
    let told = async |vault: &Vault| {
        vault.warnings().await.unwrap().into_iter().find_map(|warning| match warning {
            Warning::PutBack { files } => Some(files),
            _ => None,
        })
    };
    assert_eq!(told(&vault).await, None);
    // By whoever keeps next, and by a look-over.
    std::fs::remove_file(&catalog).unwrap();
    kept.extend(house.say(&vault, "after").await.recordings);
    assert!(catalog.exists());
    assert_eq!(told(&vault).await, Some(vec![catalog.clone()]));
    std::fs::remove_file(&catalog).unwrap();
    std::fs::remove_file(&entries).unwrap();
    vault.look_over().await.unwrap();
    let mut files = told(&vault).await.unwrap();
    files.sort();
    assert_eq!(files, [catalog.clone(), entries.clone()]);
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&catalog).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    // The folder too, by the next line.
    std::fs::remove_dir_all(&ledger).unwrap();
    house.read(&vault, kept[1]).await;
    assert!(entries.exists());
    assert_eq!(ids(&vault).await, kept);
    drop(vault);

    let vault = house.open().await;
    assert_eq!(
        (ids(&vault).await, vault.lost_recordings(), vault.opening().continued),
        (kept.clone(), None, None)
    );
    // Where another file was put there, or the folder is elsewhere, nothing is called kept.
    let elsewhere = house.path("elsewhere");
    for another_is_there in [true, false] {
        let moved = if another_is_there { &catalog } else { &house.data() };
        std::fs::rename(moved, &elsewhere).unwrap();
        match another_is_there {
            true => drop(std::fs::copy(&elsewhere, moved).unwrap()),
            false => std::fs::create_dir(moved).unwrap(),
        }
        let refused =
            vault.keep(house.moment(vec![house.recording(Kind::Transcript, 30, "lost?")])).await.unwrap_err();
        assert!(refused.to_string().contains("is not where it was"), "{refused}");
        vault.look_over().await.unwrap();
        let told = vault.warnings().await.unwrap();
        assert!(told.contains(&Warning::NotInPlace { path: catalog.clone() }), "{told:?}");
        match another_is_there {
            true => std::fs::remove_file(moved).unwrap(),
            false => std::fs::remove_dir_all(moved).unwrap(),
        }
        std::fs::rename(&elsewhere, moved).unwrap();
    }
    kept.extend(house.say(&vault, "it goes on").await.recordings);
    close(vault).await;
    let vault = house.open().await;
    assert_eq!(ids(&vault).await, kept);
    close(vault).await;
}

#[tokio::test]
async fn a_pack_that_rots_under_a_vault_that_runs_is_healed_by_the_first_who_needs_it() {
    let house = House::new();
    let open = async || Vault::open(house.config_with(&["box", "stick"])).await.unwrap();
    let vault = Vault::create(house.config_with(&["box", "stick"]), "home").await.unwrap();
    let said = house.say(&vault, "hello").await;
    let gone = house.say(&vault, "to be forgotten").await;
    close(vault).await;
    for (turn, lost) in [(0, false), (1, true), (2, false), (3, false)] {
        // No key is in memory after a start.
        let vault = open().await;
        let pack = packs(&house.path("box")).into_iter().min().unwrap();
        match lost {
            true => std::fs::remove_file(&pack).unwrap(),
            false => {
                let mut bytes = std::fs::read(&pack).unwrap();
                bytes.iter_mut().for_each(|byte| *byte ^= 0x5a);
                std::fs::write(&pack, bytes).unwrap();
            }
        }
        // By a look, by what is made of it, by a run of expiry, and by a deletion.
        match turn {
            0 => assert_eq!(house.read(&vault, said.recordings[1]).await, "hello"),
            1 => drop(house.derive(&vault, &[said.moment]).await),
            2 => drop(vault.expire(&house.readers()).await.unwrap()),
            _ => drop(house.forget(&vault, &[gone.moment]).await),
        }
        assert_eq!(healed(&vault).await, [pack], "{turn}");
        assert_eq!(house.read(&vault, said.recordings[1]).await, "hello");
        let mirrors = vault.warnings().await.unwrap().into_iter();
        let behind: Vec<_> = mirrors.filter(|told| matches!(told, Warning::MirrorPending { .. })).collect();
        assert_eq!(behind, [], "{turn}: it follows as before");
        close(vault).await;
    }
}

#[tokio::test]
async fn what_rots_under_a_vault_without_a_mirror_is_written_anew_from_memory_and_told() {
    let house = House::new();
    let vault = house.create().await;
    let said = house.say(&vault, "hello").await;
    let strongbox = house.path("home.strongbox");
    // The newest pack, without which no start opens anything, and then everything that the next start would need.
    for all in [false, true] {
        let newest = packs(&strongbox).into_iter().max_by_key(|pack| number_of(pack)).unwrap();
        let rotten = if all { files_of_the_keyring(&strongbox) } else { vec![newest] };
        for file in &rotten {
            let mut bytes = std::fs::read(file).unwrap();
            bytes.iter_mut().for_each(|byte| *byte ^= 0x5a);
            std::fs::write(file, bytes).unwrap();
        }
        vault.look_over().await.unwrap();
        let told = vault.warnings().await.unwrap();
        let damaged = |warning: &&Warning| {
            matches!(warning, Warning::KeysDamaged { .. } | Warning::OnlyInMemory { .. })
        };
        assert_eq!(told.iter().find(damaged), None);
        // No pack is whole again whose keys are in another.
        let renewed = told.iter().find_map(|warning| match warning {
            Warning::KeysRenewed { files } => Some(files),
            _ => None,
        });
        assert!(renewed.unwrap().contains(&rotten[0]), "{renewed:?} {rotten:?}");
        let healed = healed(&vault).await;
        assert!(!healed.iter().any(|file| file.to_string_lossy().contains("pack-")), "{healed:?}");
        assert!(vault.check().await.unwrap().is_empty());
    }
    // A line of the ledger is told of before the next start.
    house.read(&vault, said.recordings[1]).await;
    let entries = house.data().join("ledger/entries-1");
    let mut bytes = std::fs::read(&entries).unwrap();
    // The last byte of the newest entry, before a checksum of eight bytes.
    let at = bytes.len() - 9;
    bytes[at] ^= 1;
    std::fs::write(&entries, &bytes).unwrap();
    let newest = vault.ledger(|ledger| Ok(ledger.size())).await.unwrap() - 1;
    let damaged = Warning::LinesDamaged { lines: vec![newest] };
    assert!(!vault.warnings().await.unwrap().contains(&damaged));
    vault.look_over().await.unwrap();
    assert!(vault.warnings().await.unwrap().contains(&damaged));
    bytes[at] ^= 1;
    std::fs::write(&entries, &bytes).unwrap();
    close(vault).await;
    let vault = house.open().await;
    assert_eq!(house.read(&vault, said.recordings[1]).await, "hello");
    assert!(healed(&vault).await.is_empty());
    close(vault).await;
}

#[tokio::test]
async fn what_rots_in_a_mirror_is_found_though_nothing_changes_put_right_and_told() {
    let house = House::new();
    let folders = ["box", "stick"];
    let vault = Vault::create(house.config_with(&folders), "home").await.unwrap();
    vault.replace_household(1, b"a document").await.unwrap();
    house.say(&vault, "hello").await;
    vault.look_over().await.unwrap();
    assert!(healed(&vault).await.is_empty(), "a mirror that follows has not rotted");
    let stick = house.path("stick");
    let mut rotten = files_of_the_keyring(&stick);
    rotten
        .extend(["porchlight-strongbox.json", "checkpoint", "household-1.json"].map(|name| stick.join(name)));
    for file in &rotten {
        let mut bytes = std::fs::read(file).unwrap();
        bytes.iter_mut().for_each(|byte| *byte ^= 0x5a);
        std::fs::write(file, bytes).unwrap();
    }
    vault.look_over().await.unwrap();
    let told = healed(&vault).await;
    for file in rotten.iter().filter(|file| !file.ends_with("slot-1") && !file.ends_with("slot-2")) {
        // Of its packs those that nothing needs any more are taken away.
        assert!(told.contains(file) || !file.exists(), "{} {told:?}", file.display());
    }
    assert!(told.contains(&stick.join("the whole slot")), "{told:?}");
    let pending = |warning: &Warning| matches!(warning, Warning::MirrorPending { .. });
    assert!(!vault.warnings().await.unwrap().iter().any(pending));
    close(vault).await;
    // It stands by itself.
    let vault = Vault::open(house.config_with(&["stick"])).await.unwrap();
    assert_eq!(ids(&vault).await.len(), 2);
    close(vault).await;
}

#[tokio::test]
async fn a_strongbox_that_was_moved_away_is_said_to_be_elsewhere_and_nothing_of_it_to_be_damaged() {
    let house = House::new();
    let vault = house.create().await;
    let said = house.say(&vault, "hello").await;
    let (strongbox, elsewhere) = (house.path("home.strongbox"), house.path("elsewhere"));
    for another_is_there in [false, true] {
        std::fs::rename(&strongbox, &elsewhere).unwrap();
        if another_is_there {
            copy(&elsewhere, &strongbox);
        }
        vault.look_over().await.unwrap();
        let told = vault.warnings().await.unwrap();
        assert!(told.contains(&Warning::StrongboxMoved { path: strongbox.clone() }), "{told:?}");
        assert!(!told.iter().any(Warning::is_rot), "{told:?}");
        let plan = vault.plan(&Selection::Ids(said.recordings.clone())).await.unwrap();
        let refused = vault.forget(&plan.token, &[], house.why()).await.unwrap_err().to_string();
        assert!(refused.contains("is not where it was"), "{refused}");
        if another_is_there {
            std::fs::remove_dir_all(&strongbox).unwrap();
        }
        std::fs::rename(&elsewhere, &strongbox).unwrap();
    }
    vault.look_over().await.unwrap();
    assert!(
        !vault.warnings().await.unwrap().iter().any(|told| matches!(told, Warning::StrongboxMoved { .. }))
    );
    house.forget(&vault, &[said.moment]).await;
    close(vault).await;
}

#[tokio::test]
async fn every_file_beside_the_keys_that_rots_or_is_removed_under_a_vault_is_written_anew_from_memory_and_told()
 {
    let house = House::new();
    let vault = house.create().await;
    vault.replace_household(1, b"a document").await.unwrap();
    close(vault).await;
    let vault = house.open().await;
    vault.replace_household(2, b"the next").await.unwrap();
    let said = house.say(&vault, "hello").await;
    house.read(&vault, said.recordings[1]).await;
    let names = [
        "household-2.json",
        "porchlight-strongbox.json",
        "checkpoint",
        "watermark",
        "mirrors.json",
        "reserve",
    ];
    let mut files: Vec<_> = names.iter().map(|name| house.path("home.strongbox").join(name)).collect();
    files.extend(["porchlight.json", "reserve"].map(|name| house.data().join(name)));
    vault.look_over().await.unwrap();
    assert_eq!(healed(&vault).await, Vec::<PathBuf>::new());
    for remove in [false, true] {
        for file in &files {
            // What is set aside says nothing that could rot.
            if !remove && file.ends_with("reserve") {
                continue;
            }
            let whole = std::fs::read(file).unwrap();
            spoil(file, remove);
            vault.look_over().await.unwrap();
            assert!(healed(&vault).await.contains(file), "{}", file.display());
            assert!(std::fs::read(file).unwrap() == whole, "{}", file.display());
        }
    }
    assert_eq!(vault.household().await.unwrap().unwrap(), b"the next");
    // Nobody else is let in once the files are gone that keep them out.
    for folder in [house.path("home.strongbox"), house.data()] {
        let lock = folder.join("lock");
        std::fs::remove_file(&lock).unwrap();
        vault.look_over().await.unwrap();
        assert!(vault.warnings().await.unwrap().contains(&Warning::PutBack { files: vec![lock.clone()] }));
        assert!(lock.exists());
    }
    // A kill, and nothing is missed.
    killed(&house, "killed");
    close(vault).await;
    put_back_killed(&house, "killed");
    let vault = house.open().await;
    let told = vault.warnings().await.unwrap();
    assert!(!told.iter().any(Warning::is_rot), "{told:?}");
    assert_eq!((vault.opening().continued, vault.lost_recordings()), (None, None));
    close(vault).await;
    // At a start nobody knows what it said of mirrors.
    let mirrors = house.path("home.strongbox").join("mirrors.json");
    spoil(&mirrors, false);
    for told in [true, false] {
        let vault = house.open().await;
        let damaged = Warning::MirrorsDamaged { file: mirrors.clone() };
        assert_eq!(vault.warnings().await.unwrap().contains(&damaged), told);
        close(vault).await;
    }
}

#[tokio::test]
async fn a_wal_that_is_removed_under_a_vault_costs_nothing_that_was_kept() {
    let house = House::new();
    let vault = house.create().await;
    let mut kept = house.say(&vault, "hello").await.recordings;
    let wal = house.data().join("catalog.sqlite-wal");
    // Removed, moved away, and replaced by another.
    for turn in 0..3 {
        match turn {
            0 => std::fs::remove_file(&wal).unwrap(),
            1 => std::fs::rename(&wal, house.path("aside")).unwrap(),
            _ => {
                std::fs::remove_file(&wal).unwrap();
                std::fs::write(&wal, b"somebody's").unwrap();
            }
        }
        kept.extend(house.say(&vault, "and more").await.recordings);
        let told = vault.warnings().await.unwrap();
        assert!(told.contains(&Warning::PutBack { files: vec![wal.clone()] }), "{told:?}");
        // By a look-over too.
        std::fs::remove_file(&wal).unwrap();
        vault.look_over().await.unwrap();
        killed(&house, &format!("killed {turn}"));
        assert_eq!(ids(&vault).await, kept);
    }
    close(vault).await;
    put_back_killed(&house, "killed 2");
    let vault = house.open().await;
    assert_eq!((ids(&vault).await, vault.lost_recordings()), (kept, None));
    close(vault).await;
}

#[tokio::test]
async fn a_folder_of_payloads_that_is_gone_is_made_anew_and_told_and_nothing_is_made_where_the_data_folder_was()
 {
    let house = House::new();
    let vault = house.create().await;
    let large = || house.moment(vec![house.recording(Kind::Video, 30, &"video ".repeat(40_000))]);
    vault.keep(large()).await.unwrap();
    let blobs = house.data().join("blobs");
    let told = Warning::PayloadsLost { path: blobs.clone() };
    assert!(std::fs::read_dir(&blobs).unwrap().next().is_some());
    std::fs::remove_dir_all(&blobs).unwrap();
    vault.look_over().await.unwrap();
    assert!(vault.warnings().await.unwrap().contains(&told));
    assert!(told.to_string().contains("newest copy of the data folder"));
    vault.keep(large()).await.unwrap();
    // The data folder is elsewhere.
    let elsewhere = house.path("elsewhere");
    std::fs::rename(house.data(), &elsewhere).unwrap();
    vault.keep(large()).await.unwrap_err();
    vault.look_over().await.unwrap();
    assert!(!house.data().exists());
    std::fs::rename(&elsewhere, house.data()).unwrap();
    close(vault).await;
    // A start says it as well.
    std::fs::remove_dir_all(&blobs).unwrap();
    let vault = house.open().await;
    assert!(vault.warnings().await.unwrap().contains(&told));
    close(vault).await;
    let vault = house.open().await;
    assert!(!vault.warnings().await.unwrap().contains(&told));
    close(vault).await;
}
