//! What rots is called damaged and never an older copy, is healed where something knows it, and is told of.

use std::path::PathBuf;

use porchlight_vault::{Clock, Config, Error, Selection, Vault, Warning};

use crate::house::{House, close, copy, files, ids};

/// What was healed at the start of a vault that is open.
pub(super) async fn healed(vault: &Vault) -> Vec<PathBuf> {
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
                    assert_eq!(
                        told,
                        [Warning::LinesDamaged { lines }],
                        "one of them, and nothing is whole again"
                    );
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

/// What a kill leaves on the disk: a WAL that was never written back.
pub(super) fn killed(house: &House, name: &str) {
    house.copy_data(name);
    copy(&house.path("home.strongbox"), &house.path(&format!("{name} box")));
}

pub(super) fn put_back_killed(house: &House, name: &str) {
    house.put_back(name);
    std::fs::remove_dir_all(house.path("home.strongbox")).unwrap();
    copy(&house.path(&format!("{name} box")), &house.path("home.strongbox"));
}

#[tokio::test]
async fn a_catalog_that_lost_what_was_written_last_says_so_and_nothing_is_cleared_away_before_somebody_agrees()
 {
    let house = House::new();
    close(house.create().await).await;
    let vault = house.open().await;
    let first = house.say(&vault, "said first").await;
    let gone = house.say(&vault, "and forgotten").await;
    house.forget(&vault, &[gone.moment]).await;
    let mut later = Vec::new();
    for words in ["said second", "said third", "said last"] {
        later.push(house.say(&vault, words).await);
    }
    killed(&house, "killed");
    close(vault).await;
    house.copy_data("newest");

    // An honest kill has lost nothing, and nobody is told that it has.
    put_back_killed(&house, "killed");
    let vault = house.open().await;
    assert_eq!((vault.opening().lost, vault.restored_copy(), vault.opening().orphans), (None, None, 0));
    assert_eq!(ids(&vault).await.len(), 8);
    close(vault).await;

    let wal = "catalog.sqlite-wal";
    let whole = std::fs::read(house.path("killed").join(wal)).unwrap();
    let flip = |at: usize| {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        bytes
    };
    // The first frame, one in the middle, the very last, a WAL that is cut short and one that is empty.
    let spoiled = [
        flip(100),
        flip(whole.len() / 2),
        flip(whole.len() - 100),
        whole[..whole.len() * 3 / 4].to_vec(),
        vec![],
    ];
    for (at, spoiled) in spoiled.into_iter().enumerate() {
        put_back_killed(&house, "killed");
        std::fs::write(house.data().join(wal), spoiled).unwrap();
        let payloads = files(&house.data().join("blobs"));
        let vault = house.open().await;
        let lost = vault.lost_recordings().unwrap();
        assert_eq!(vault.opening().lost, Some(lost), "{at}");
        assert_eq!(ids(&vault).await.len() as u64 + lost, 8, "{at}: as many as are missing");
        assert!(lost > 0, "{at}");
        assert!(!vault.opening().restored(), "{at}: nobody is signed out for it");
        assert_eq!(files(&house.data().join("blobs")), payloads, "{at}");
        close(vault).await;

        // It is asked until it is answered, and what is kept meanwhile is no part of it.
        let vault = house.open().await;
        assert_eq!((vault.opening().lost, vault.lost_recordings()), (None, Some(lost)), "{at}");
        let since = house.say(&vault, "said since").await;
        assert_eq!(files(&house.data().join("blobs")).len(), payloads.len() + 1, "{at}");
        if at == 1 {
            // The newest copy, put back, has what was lost.
            close(vault).await;
            house.put_back("newest");
            let vault = house.open().await;
            assert_eq!(house.read(&vault, later[2].recordings[1]).await, "said last");
            close(vault).await;
            continue;
        }
        vault.end_newer_copies(house.line("copies")).await.unwrap();
        assert_eq!((vault.lost_recordings(), vault.restored_copy()), (None, None));
        assert_eq!(house.read(&vault, since.recordings[1]).await, "said since");
        let left = ids(&vault).await;
        let is_there = |kept: &&porchlight_vault::Kept| left.contains(&kept.recordings[0]);
        let owned = later.iter().chain([&first]).filter(is_there).count();
        assert_eq!(files(&house.data().join("blobs")).len(), owned + 1, "{at}: what no row owns is gone");
        close(vault).await;

        // Agreed is agreed: the newest copy opens nothing of it, nor of what was forgotten before.
        house.put_back("newest");
        let vault = house.open().await;
        let opens = ids(&vault).await;
        assert!(!opens.contains(&later[2].recordings[1]), "{at}");
        assert!(!opens.contains(&gone.recordings[1]), "{at}");
        close(vault).await;
    }
}

#[tokio::test]
async fn of_a_catalog_that_alone_was_put_back_the_payloads_stay_until_a_newer_one_is_found() {
    let house = House::new();
    let vault = house.create().await;
    let first = house.say(&vault, "said first").await;
    close(vault).await;
    let catalog = house.data().join("catalog.sqlite");
    let older = std::fs::read(&catalog).unwrap();
    let vault = house.open().await;
    let later = house.say(&vault, "said later").await;
    close(vault).await;
    let newer = std::fs::read(&catalog).unwrap();
    let later_sound = 40_010;

    std::fs::write(&catalog, &older).unwrap();
    let vault = house.open().await;
    assert_eq!((ids(&vault).await, vault.lost_recordings()), (first.recordings.clone(), Some(2)));
    // Neither a crash meanwhile nor a second start takes them.
    drop(vault);
    close(house.open().await).await;
    std::fs::write(&catalog, newer).unwrap();
    let vault = house.open().await;
    assert_eq!(house.read(&vault, later.recordings[0]).await.len(), later_sound);
    close(vault).await;
}

#[tokio::test]
async fn a_catalog_that_lost_the_row_about_itself_is_called_that_and_no_disk_is_blamed() {
    let house = House::new();
    close(house.create().await).await;
    let catalog = house.catalog().await;
    sqlx::query("DELETE FROM state").execute(&catalog).await.unwrap();
    catalog.close().await;
    let refused = Vault::open(house.config()).await.map(drop).unwrap_err();
    assert!(refused.is_catalog_damage());
    let why = refused.to_string();
    assert!(why.contains("has lost the row that says how far it has come"), "{why}");
    assert!(why.contains("newest copy of the data folder") && !why.contains("disk"), "{why}");
}

#[tokio::test]
async fn a_watermark_that_rotted_is_told_and_begun_anew() {
    let house = House::new();
    let vault = house.create().await;
    house.say(&vault, "hello").await;
    close(vault).await;
    let mark = house.path("home.strongbox/watermark");
    std::fs::write(&mark, [0; 60]).unwrap();
    let vault = house.open().await;
    let told = Warning::WatermarkDamaged { files: vec![mark], at: house.clock.now() };
    assert!(vault.warnings().await.unwrap().contains(&told) && told.is_rot());
    assert!(told.to_string().contains("could not be told at the start of"));
    house.say(&vault, "and more").await;
    close(vault).await;
    // Whoever looks after the next start is told of it too, as of that one.
    house.clock.advance(std::time::Duration::from_secs(60));
    let vault = house.open().await;
    assert!(vault.warnings().await.unwrap().contains(&told));
    assert_eq!(vault.lost_recordings(), None);
    close(vault).await;
}

/// The packs of a strongbox, and what spoils each.
pub(super) fn packs(folder: &std::path::Path) -> Vec<PathBuf> {
    let all = files(folder).into_iter();
    all.filter(|file| file.file_name().unwrap().to_string_lossy().starts_with("pack-")).collect()
}

#[tokio::test]
async fn keys_that_cannot_be_read_are_told_of_with_what_they_open_and_without_being_asked_for() {
    let house = House::new();
    let vault = house.create().await;
    let said = house.say(&vault, "hello").await;
    house.derive(&vault, &[said.moment]).await;
    close(vault).await;
    let vault = house.open().await;
    house.say(&vault, "of another run, with keys of its own").await;
    let told = async |vault: &Vault| {
        let warnings = vault.warnings().await.unwrap().into_iter();
        warnings.filter(Warning::is_rot).collect::<Vec<_>>()
    };
    assert_eq!(told(&vault).await, []);
    // The oldest pack that is needed holds the keys of the first run.
    let pack = packs(&house.path("home.strongbox")).into_iter().min().unwrap();
    let whole = std::fs::read(&pack).unwrap();
    std::fs::write(&pack, &whole[..10]).unwrap();
    vault.look_over().await.unwrap();
    let expected = [Warning::KeysDamaged { files: vec![pack.clone()], recordings: 3, keep_running: false }];
    assert_eq!(told(&vault).await, expected, "both that were said, and what was made of them");
    close(vault).await;
    // A start says it too.
    let vault = house.open().await;
    assert_eq!(told(&vault).await, expected);
    let why = expected[0].to_string();
    assert!(why.contains("3 recordings do not open any more") && why.contains("--strongbox"), "{why}");
    close(vault).await;
    std::fs::write(&pack, whole).unwrap();
    let vault = house.open().await;
    assert_eq!(told(&vault).await, []);
    close(vault).await;
}

#[tokio::test]
async fn the_mark_of_a_strongbox_without_a_mirror_is_known_by_its_checkpoint_and_else_what_to_do_is_said() {
    let house = House::new();
    let vault = house.create().await;
    let said = house.say(&vault, "hello").await;
    house.read(&vault, said.recordings[1]).await;
    close(vault).await;
    let mark = house.path("home.strongbox/porchlight-strongbox.json");
    let whole = std::fs::read(&mark).unwrap();
    let spoiled: [Option<&[u8]>; 4] =
        [None, Some(b""), Some(&[0xa5; 60]), Some(br#"{"format": 1, "household": "hame"}"#)];
    for data_too in [false, true] {
        for spoiled in spoiled {
            match spoiled {
                None => std::fs::remove_file(&mark).unwrap(),
                Some(bytes) => std::fs::write(&mark, bytes).unwrap(),
            }
            let of_data = house.data().join("porchlight.json");
            if data_too {
                std::fs::write(&of_data, b"").unwrap();
            }
            let vault = house.open().await;
            let mut expected = vec![mark.clone()];
            expected.extend(data_too.then_some(of_data));
            assert_eq!(healed(&vault).await, expected, "{spoiled:?}");
            assert_eq!(house.read(&vault, said.recordings[1]).await, "hello");
            close(vault).await;
            assert_eq!(std::fs::read(&mark).unwrap(), whole);
        }
    }
    // Where its checkpoint is lost too nothing says whose it is, and nobody is shown a parser's words.
    std::fs::write(&mark, b"{").unwrap();
    let checkpoint = house.path("home.strongbox/checkpoint");
    let signed = std::fs::read(&checkpoint).unwrap();
    std::fs::remove_file(&checkpoint).unwrap();
    let refused = Vault::open(house.config()).await.err().unwrap().to_string();
    assert!(
        refused.contains(r#"{"format": 1, "household": "home"}"#) && refused.contains("mirror"),
        "{refused}"
    );
    assert!(!refused.contains("column"), "{refused}");
    assert_eq!(std::fs::read(&mark).unwrap(), b"{", "nothing was written");
    // And it is as it says.
    std::fs::write(&checkpoint, signed).unwrap();
    std::fs::write(&mark, br#"{"format": 1, "household": "home"}"#).unwrap();
    close(house.open().await).await;
}

/// Spoils a file, or removes it.
pub(super) fn spoil(file: &std::path::Path, remove: bool) {
    match remove {
        true => std::fs::remove_file(file).unwrap(),
        false => {
            let mut bytes = std::fs::read(file).unwrap();
            bytes.iter_mut().for_each(|byte| *byte ^= 0x5a);
            std::fs::write(file, bytes).unwrap();
        }
    }
}

#[tokio::test]
async fn a_watermark_that_is_gone_is_told_and_neither_a_kill_nor_a_mirror_nor_an_earlier_release_raises_that()
{
    let house = House::new();
    let open = async |folders: &[&str]| Vault::open(house.config_with(folders)).await.unwrap();
    let told = async |vault: &Vault| {
        let warnings = vault.warnings().await.unwrap().into_iter();
        warnings.filter(|told| matches!(told, Warning::WatermarkDamaged { .. })).collect::<Vec<_>>()
    };
    let vault = Vault::create(house.config_with(&["box", "stick"]), "home").await.unwrap();
    assert!(!vault.watermark(0).await.unwrap().was_lost());
    house.say(&vault, "hello").await;
    vault.look_over().await.unwrap();
    assert_eq!(told(&vault).await, []);
    drop(vault);
    // Both were made with the strongbox, and follow it to its mirror.
    let vault = open(&["stick"]).await;
    assert!(!vault.watermark(3).await.unwrap().was_lost());
    assert_eq!((told(&vault).await, vault.lost_recordings()), (Vec::new(), None));
    close(vault).await;
    let marks = ["watermark", "watermark-beside"].map(|name| house.path("stick").join(name));
    marks.iter().for_each(|mark| std::fs::remove_file(mark).unwrap());
    let vault = open(&["stick"]).await;
    assert!(vault.watermark(3).await.unwrap().was_lost());
    let lost = Warning::WatermarkDamaged { files: marks.to_vec(), at: house.clock.now() };
    assert_eq!(told(&vault).await, std::slice::from_ref(&lost));
    close(vault).await;
    // An earlier release counted nothing. What was lost is told beyond the next start.
    std::fs::remove_file(&marks[1]).unwrap();
    house.clock.advance(std::time::Duration::from_secs(86_400));
    let vault = open(&["stick"]).await;
    assert!(!vault.watermark(0).await.unwrap().was_lost());
    assert_eq!(told(&vault).await, [lost]);
    house.clock.advance(std::time::Duration::from_secs(14 * 86_400));
    assert_eq!(told(&vault).await, []);
    close(vault).await;
}

#[tokio::test]
async fn a_strongbox_of_which_mark_and_root_rotted_is_healed_from_its_mirror() {
    let house = House::new();
    let open = async || Vault::open(house.config_with(&["box", "stick"])).await;
    let vault = Vault::create(house.config_with(&["box", "stick"]), "home").await.unwrap();
    let said = house.say(&vault, "hello").await;
    close(vault).await;
    let files = ["porchlight-strongbox.json", "slot-1", "slot-2"].map(|name| house.path("box").join(name));
    for remove_mark in [false, true] {
        spoil(&files[0], remove_mark);
        files[1..].iter().for_each(|slot| spoil(slot, false));
        let vault = open().await.unwrap();
        assert!(healed(&vault).await.contains(&files[0]));
        assert_eq!(house.read(&vault, said.recordings[1]).await, "hello");
        close(vault).await;
    }
    // Without the checkpoint nothing says whose it is.
    files.iter().for_each(|file| spoil(file, false));
    std::fs::remove_file(house.path("box/checkpoint")).unwrap();
    assert!(open().await.is_err());
}
