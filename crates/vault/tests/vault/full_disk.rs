//! A disk that is really full: nothing is lost, and forgetting makes room.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use age::x25519::Identity;
use porchlight_vault::{Error, Kind, LedgerEntry};

use crate::house::{House, close, ids};

/// A small disk in memory, there as long as this is.
struct Disk(PathBuf, Option<tempfile::TempDir>);

impl Disk {
    /// None where nothing can be mounted: as another user than root, or in a container that lets nobody.
    fn of(megabytes: u32) -> Option<Disk> {
        let folder = tempfile::tempdir().unwrap();
        let options = format!("size={megabytes}m,mode=700");
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", &options, "none"]).arg(folder.path()).output();
        if mounted.is_ok_and(|done| done.status.success()) {
            return Some(Disk(folder.path().to_owned(), Some(folder)));
        }
        eprintln!("left out, because no file system can be mounted here; run it as root");
        None
    }

    /// Takes up all the room that is left.
    fn fill(&self) -> PathBuf {
        let path = self.0.join("other people's files");
        let mut file = File::options().append(true).create(true).open(&path).unwrap();
        for size in [1 << 16, 1 << 12, 1] {
            let bytes = vec![b'x'; size];
            let why = loop {
                if let Err(why) = file.write_all(&bytes) {
                    break why;
                }
            };
            assert_eq!(why.kind(), ErrorKind::StorageFull);
        }
        path
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg(&self.0).status();
        if !unmounted.is_ok_and(|status| status.success()) {
            // What is still mounted must not be cleared away file by file.
            std::mem::forget(self.1.take());
        }
    }
}

fn house_on(disk: &Path) -> House {
    House::at(disk.to_owned(), Identity::generate(), "2026-11-01T08:00:00Z".parse().unwrap())
}

#[tokio::test]
async fn forgetting_works_on_a_full_disk_and_makes_room() {
    let Some(disk) = Disk::of(24) else { return };
    let house = house_on(&disk.0);
    let vault = house.create().await;
    let mut kept = Vec::new();
    for n in 0..10 {
        kept.push(house.say(&vault, &format!("number {n}")).await);
    }
    let others = disk.fill();
    let refused = vault.keep(house.moment(vec![house.recording(Kind::Voice, 9, &"x".repeat(99_999))]));
    let refused = refused.await.unwrap_err();
    assert!(matches!(refused, Error::Full(_)), "{refused}");
    let before = ids(&vault).await;

    let done = house.forget(&vault, &[kept[0].moment, kept[1].moment]).await;
    assert_eq!((done.recordings.len(), done.unswept), (4, None));
    assert!(done.receipt.is_some());
    assert_eq!(ids(&vault).await, before[4..], "nothing else went");
    assert!(vault.check().await.unwrap().is_empty());
    // Again and again, and over a restart, on a disk that others fill whenever something is freed.
    disk.fill();
    house.forget(&vault, &[kept[2].moment]).await;
    close(vault).await;
    disk.fill();
    let vault = house.open().await;
    house.forget(&vault, &[kept[3].moment]).await;
    let lines = vault.ledger_entries(0..99).await.unwrap();
    let deletions =
        lines.iter().filter(|line| matches!(line, LedgerEntry::Event { kind, .. } if kind == "deletion"));
    assert_eq!(deletions.count(), 3);

    // With room again, all is as before.
    fs::remove_file(others).unwrap();
    let new = house.say(&vault, "there is room again").await;
    assert_eq!(house.read(&vault, new.recordings[1]).await, "there is room again");
    assert_eq!(house.read(&vault, kept[9].recordings[1]).await, "number 9");
    for folder in ["home", "home.strongbox"] {
        assert!(house.path(folder).join("reserve").exists(), "room is set aside in {folder} again");
    }
    close(vault).await;
}

#[tokio::test]
async fn while_no_room_is_set_aside_nothing_new_is_kept() {
    let Some(disk) = Disk::of(24) else { return };
    let house = house_on(&disk.0);
    let vault = house.create().await;
    let kept = house.say(&vault, "words").await;
    close(vault).await;
    for folder in ["home", "home.strongbox"] {
        fs::remove_file(house.path(folder).join("reserve")).unwrap();
    }
    let others = disk.fill();
    let full = fs::metadata(&others).unwrap().len();
    File::options().write(true).open(&others).unwrap().set_len(full - (1 << 20)).unwrap();

    let vault = house.open().await;
    let refused = vault.keep(house.moment(vec![house.recording(Kind::Note, 9, "new")])).await.unwrap_err();
    assert!(matches!(refused, Error::Full(_)), "the room is for forgetting: {refused}");
    house.forget(&vault, &[kept.moment]).await;
    fs::remove_file(others).unwrap();
    house.say(&vault, "there is room again").await;
    close(vault).await;
}

#[tokio::test]
async fn what_ends_on_a_full_disk_ends() {
    let Some(disk) = Disk::of(24) else { return };
    let house = house_on(&disk.0);
    let vault = house.create().await;
    for _ in 0..10 {
        house.say(&vault, "for thirty days").await;
    }
    close(vault).await;
    disk.fill();
    house.clock.advance(31 * crate::house::DAY);
    let vault = house.open().await;
    vault.confirm_clock(house.line("clock")).await.unwrap();
    let expired = vault.expire(&house.readers()).await.unwrap().forgotten.unwrap();
    assert_eq!((expired.recordings.len(), expired.unswept), (20, None));
    assert!(ids(&vault).await.is_empty());
    close(vault).await;
}
