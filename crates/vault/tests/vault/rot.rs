//! What rots is called damaged and never an older copy, is healed where something knows it, and is told of.

use std::path::PathBuf;

use porchlight_vault::{Config, Error, Selection, Vault, Warning};

use crate::house::{House, close, copy, files};

/// What was healed at the start of a vault that is open.
async fn healed(vault: &Vault) -> Vec<PathBuf> {
    let warnings = vault.warnings().await.unwrap();
    let files = warnings.into_iter().filter_map(|warning| match warning {
        Warning::Healed { files } => Some(files),
        _ => None,
    });
    files.flatten().collect()
}

#[tokio::test]
async fn a_data_folder_whose_mark_rotted_is_known_by_its_ledger_and_its_strongbox() {
    let house = House::new();
    let vault = Vault::create(house.config_with(&["box", "stick"]), "home").await.unwrap();
    let said = house.say(&vault, "hello").await;
    close(vault).await;
    let marks = [house.data().join("porchlight.json"), house.path("box/porchlight-strongbox.json")];
    let whole = std::fs::read(&marks[0]).unwrap();
    let folders = ["home", "box", "stick"];
    folders.iter().for_each(|folder| copy(&house.path(folder), &house.path(&format!("good {folder}"))));
    let spoiled: [Option<&[u8]>; 4] =
        [None, Some(b""), Some(&[0xa5; 60]), Some(br#"{"format": 1, "household": "hame"}"#)];
    for spoiled in spoiled {
        // The strongbox's own mark may be spoiled as well: then the mirror's says the same.
        for both in [false, true] {
            // Other folders than before: whoever has just let go of a mirror may hold its lock for a moment more.
            for folder in folders {
                std::fs::remove_dir_all(house.path(folder)).unwrap();
                copy(&house.path(&format!("good {folder}")), &house.path(folder));
            }
            match spoiled {
                None => std::fs::remove_file(&marks[0]).unwrap(),
                Some(bytes) => std::fs::write(&marks[0], bytes).unwrap(),
            }
            if both {
                std::fs::write(&marks[1], b"").unwrap();
            }
            let vault = Vault::open(house.config_with(&["box", "stick"])).await.unwrap();
            let mut healed = healed(&vault).await;
            healed.sort();
            let mut expected = marks[..=usize::from(both)].to_vec();
            expected.sort();
            assert_eq!(healed, expected, "{spoiled:?}");
            assert!(!vault.opening().restored());
            assert_eq!(house.read(&vault, said.recordings[1]).await, "hello");
            close(vault).await;
            assert_eq!(std::fs::read(&marks[0]).unwrap(), whole);
        }
    }

    // A strongbox of another household knows nothing of it, whatever its mark says.
    let neighbour = House::new();
    close(Vault::create(neighbour.config(), "next-door").await.unwrap()).await;
    std::fs::remove_file(&marks[0]).unwrap();
    let config =
        Config { strongboxes: vec![neighbour.path("home.strongbox")], ..house.config_with(&["box"]) };
    let refused = Vault::open(config).await.err().unwrap();
    assert!(matches!(refused, Error::Unfinished(_)), "{refused}");
    assert!(!marks[0].exists());
}

#[tokio::test]
async fn a_version_that_rotted_is_healed_from_a_copy_that_is_whole_and_else_both_are_said() {
    let house = House::new();
    let vault = Vault::create(house.config_with(&["box", "stick"]), "home").await.unwrap();
    house.say(&vault, "hello").await;
    close(vault).await;
    // The newest pack: the root object lies in it.
    let newest = |house: &House| {
        let packs = files(&house.path("box")).into_iter();
        packs.filter(|file| file.to_string_lossy().contains("pack-")).max().unwrap()
    };
    let mark = house.path("box/porchlight-strongbox.json");
    let rot = |house: &House| {
        let text = std::fs::read_to_string(&mark).unwrap().replace(": 1", ": 9");
        std::fs::write(&mark, text).unwrap();
        let pack = newest(house);
        let mut bytes = std::fs::read(&pack).unwrap();
        bytes[8] = 9;
        std::fs::write(&pack, bytes).unwrap();
        pack
    };
    let pack = rot(&house);
    let vault = Vault::open(house.config_with(&["box", "stick"])).await.unwrap();
    assert_eq!(healed(&vault).await, [mark.clone(), pack]);
    close(vault).await;

    // Without a mirror nobody can tell.
    std::fs::rename(house.path("stick"), house.path("pocket")).unwrap();
    let whole = std::fs::read(&mark).unwrap();
    rot(&house);
    for _ in 0..2 {
        let refused = Vault::open(house.config_with(&["box"])).await.err().unwrap().to_string();
        assert!(refused.contains("newer") && refused.contains("has rotted"), "{refused}");
        std::fs::write(&mark, &whole).unwrap();
    }
    // One that was used by a newer release, and has gone on from where the mirror is, is not touched.
    let house = House::new();
    let vault = Vault::create(house.config_with(&["box", "stick"]), "home").await.unwrap();
    close(vault).await;
    std::fs::rename(house.path("stick"), house.path("pocket")).unwrap();
    let vault = Vault::open(house.config_with(&["box"])).await.unwrap();
    vault.put_secret("camera", b"hunter2").await.unwrap();
    close(vault).await;
    std::fs::rename(house.path("pocket"), house.path("stick")).unwrap();
    let mark = house.path("box/porchlight-strongbox.json");
    let newer = std::fs::read_to_string(&mark).unwrap().replace(": 1", ": 3");
    std::fs::write(&mark, &newer).unwrap();
    let refused = Vault::open(house.config_with(&["box", "stick"])).await.err().unwrap();
    assert!(matches!(refused, Error::Newer { found: 3, .. }), "{refused}");
    assert_eq!(std::fs::read_to_string(&mark).unwrap(), newer);
}

#[tokio::test]
async fn a_ledger_file_that_is_empty_or_gone_is_damage_and_no_older_copy() {
    let house = House::new();
    let vault = house.create().await;
    let said = house.say(&vault, "hello").await;
    house.read(&vault, said.recordings[1]).await;
    house.read(&vault, said.recordings[0]).await;
    close(vault).await;
    house.copy_data("good");
    copy(&house.path("home.strongbox"), &house.path("good box"));
    let [entries, hashes] = ["entries-1", "hashes-1"].map(|name| house.data().join("ledger").join(name));
    let empty = |file: &PathBuf| std::fs::write(file, b"").unwrap();
    let remove = |file: &PathBuf| std::fs::remove_file(file).unwrap();
    for hashes_too in [false, true] {
        for spoil in [empty as fn(&PathBuf), remove] {
            for folder in [house.data(), house.path("home.strongbox")] {
                std::fs::remove_dir_all(folder).unwrap();
            }
            copy(&house.path("good"), &house.data());
            copy(&house.path("good box"), &house.path("home.strongbox"));
            spoil(&entries);
            if hashes_too {
                spoil(&hashes);
            }
            let vault = house.open().await;
            assert!(!vault.opening().restored(), "{hashes_too}");
            assert_eq!(vault.restored_copy(), None);
            let told: Vec<_> = vault.warnings().await.unwrap().into_iter().filter(Warning::is_rot).collect();
            match hashes_too {
                // The same tree goes on, and each line that is lost is named.
                false => {
                    let lines = vec![0, 1];
                    let healed = Warning::Healed { files: vec![entries.clone()] };
                    assert_eq!(told, [healed, Warning::LinesDamaged { lines }]);
                }
                true => assert_eq!(told, [Warning::LedgerBrokenOff]),
            }
            house.read(&vault, said.recordings[1]).await;
            close(vault).await;
            let vault = house.open().await;
            assert_eq!(vault.opening().continued, None, "once is enough");
            close(vault).await;
        }
    }
}

#[tokio::test]
async fn a_catalog_that_was_emptied_is_called_damaged_and_nothing_is_cleared_away() {
    let house = House::new();
    let vault = house.create().await;
    let said = house.say(&vault, "hello").await;
    close(vault).await;
    let catalog = house.data().join("catalog.sqlite");
    let whole = std::fs::read(&catalog).unwrap();
    let payloads = files(&house.data().join("blobs"));
    assert!(!payloads.is_empty(), "it lies in a file of its own");
    std::fs::write(&catalog, b"").unwrap();
    // Nor by the second start, for which the first may have written something.
    for _ in 0..2 {
        let refused = Vault::open(house.config()).await.err().unwrap();
        assert!(refused.to_string().contains("catalog.sqlite"), "{refused}");
        assert_eq!(files(&house.data().join("blobs")), payloads);
    }
    std::fs::write(&catalog, whole).unwrap();
    let vault = house.open().await;
    assert_eq!(house.read(&vault, said.recordings[1]).await, "hello");
    close(vault).await;
}

#[tokio::test]
async fn a_deletion_whose_keys_cannot_be_read_is_owed_and_keeps_nobody_out() {
    let house = House::new();
    let vault = house.create().await;
    let said = house.say(&vault, "hello").await;
    close(vault).await;
    let packs = files(&house.path("home.strongbox")).into_iter();
    let packs: Vec<PathBuf> = packs.filter(|file| file.to_string_lossy().contains("pack-")).collect();
    let mut owed = 0;
    for (pack, at) in packs.iter().flat_map(|pack| [40, 80, 160].map(|at| (pack, at))) {
        let whole = std::fs::read(pack).unwrap();
        let mut spoiled = whole.clone();
        let Some(byte) = spoiled.get_mut(at) else { continue };
        *byte ^= 1;
        std::fs::write(pack, spoiled).unwrap();
        let Ok(vault) = Vault::open(house.config()).await else {
            std::fs::write(pack, whole).unwrap();
            continue;
        };
        let plan = vault.plan(&Selection::Ids(vec![said.moment])).await.unwrap();
        let failed = vault.forget(&plan.token, &[], house.why()).await.is_err();
        close(vault).await;
        // It starts, and says what it owes; with the file back it is paid.
        let vault = house.open().await;
        let told = vault.warnings().await.unwrap();
        let told = told.iter().any(|warning| matches!(warning, Warning::NotForgotten { .. }));
        assert_eq!(told, failed);
        close(vault).await;
        std::fs::write(pack, whole).unwrap();
        if failed {
            owed += 1;
            close(house.open().await).await;
            let vault = house.open().await;
            let gone = vault.plan(&Selection::Ids(vec![said.moment])).await;
            assert!(gone.is_err(), "it is gone");
            close(vault).await;
            break;
        }
    }
    assert_eq!(owed, 1, "a spoiled pack holds up a deletion");
}
