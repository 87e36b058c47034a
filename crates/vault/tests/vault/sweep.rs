//! A sweep over every page of every file: a damaged one is named or changes nothing, and takes nothing else with it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use porchlight_vault::{Entry, Error, Filter, Id, Told, Vault};

use crate::house::{House, close, copy, files};

/// What is written over in one go. Pages of SQLite, of the keyring's segments and slots, and tiles are no smaller.
const PAGE: usize = 4096;
/// Where in a page bytes are spoiled: its head, and places in it that are no multiple of anything.
const PLACES: [usize; 4] = [0, 101, 1709, 4001];

/// Everything that a household could notice of a vault.
#[derive(Debug, PartialEq)]
struct Seen {
    list: Vec<Entry>,
    words: BTreeMap<Id, String>,
    ledger: Vec<Told>,
}

/// What is seen, or what is said of the damage: at least one sentence.
async fn see(house: &House) -> Result<Seen, Vec<Error>> {
    let vault = Vault::open(house.config()).await.map_err(|why| vec![why])?;
    let seen = see_open(house, &vault).await;
    // A damaged catalog may not close in order; the next start knows what to do.
    vault.close().await.ok();
    seen
}

async fn see_open(house: &House, vault: &Vault) -> Result<Seen, Vec<Error>> {
    let mut named = vault.check().await.unwrap_or_else(|why| vec![why]);
    let list = vault.list(&Filter::default()).await.map_err(|why| vec![why])?;
    let ids: Vec<Id> = list.iter().map(|entry| entry.id).collect();
    let mut words = BTreeMap::new();
    if !ids.is_empty() {
        let looked = vault.release(&ids, house.look()).await.map_err(|why| vec![why])?;
        words.extend(looked.released.iter().map(|released| (released.entry.id, house.decrypt(released))));
        named.extend(looked.failed.into_iter().map(|(_, why)| why));
    }
    let ledger = vault.ledger_entries(0..LINES).await.map_err(|why| vec![why])?;
    if named.is_empty() { Ok(Seen { list, words, ledger }) } else { Err(named) }
}

/// The lines before any look at a damaged vault.
const LINES: u64 = 4;

async fn build(house: &House) -> Seen {
    let vault = house.create().await;
    let mut kept = Vec::new();
    for word in ["one", "two", "three", "four", "five", "six"] {
        kept.push(house.say(&vault, word).await);
    }
    house.derive(&vault, &[kept[0].moment, kept[1].moment]).await;
    house.read(&vault, kept[2].recordings[1]).await;
    house.forget(&vault, &[kept[5].moment]).await;
    house.forget(&vault, &[kept[4].moment]).await;
    house.read(&vault, kept[3].recordings[1]).await;
    close(vault).await;
    house.copy_data("good-data");
    copy(&box_of(house), &house.path("good-box"));
    see(house).await.unwrap()
}

fn box_of(house: &House) -> PathBuf {
    porchlight_vault::strongbox_beside(&house.data())
}

fn put_back(house: &House, from: &str, to: &Path) {
    std::fs::remove_dir_all(to).unwrap();
    copy(&house.path(from), to);
}

/// Every page of every file in a folder, as paths relative to it.
fn pages(folder: &Path) -> Vec<(PathBuf, usize)> {
    let mut pages = Vec::new();
    // What is set aside for a full disk holds nothing.
    for file in files(folder).into_iter().filter(|file| !file.ends_with("reserve")) {
        let length = usize::try_from(std::fs::metadata(&file).unwrap().len()).unwrap();
        let name = file.strip_prefix(folder).unwrap().to_owned();
        pages.extend((0..length.div_ceil(PAGE)).map(|page| (name.clone(), page)));
    }
    pages
}

/// Spoils what lies in a page at each of the places that it has.
fn spoil(file: &Path, page: usize) {
    let mut bytes = std::fs::read(file).unwrap();
    for place in PLACES {
        if let Some(byte) = bytes.get_mut(page * PAGE + place) {
            *byte ^= 0x5a;
        }
    }
    std::fs::write(file, bytes).unwrap();
}

#[tokio::test]
async fn a_damaged_page_of_the_data_folder_is_named_or_changes_nothing() {
    let house = House::quick();
    let good = build(&house).await;
    let (mut named, mut harmless) = (0, 0);
    for (file, page) in pages(&house.path("good-data")) {
        put_back(&house, "good-data", &house.data());
        put_back(&house, "good-box", &box_of(&house));
        spoil(&house.data().join(&file), page);
        match see(&house).await {
            Ok(seen) => {
                assert_eq!(seen, good, "page {page} of {} was changed unnoticed", file.display());
                harmless += 1;
            }
            Err(why) => {
                assert!(why.iter().all(|why| !why.to_string().is_empty()));
                named += 1;
            }
        }
        // The strongbox has gone on, and would tell had the damage made it destroy a key.
        put_back(&house, "good-data", &house.data());
        let again = see(&house).await.unwrap();
        assert!(
            again.list == good.list && again.words == good.words,
            "after page {page} of {}",
            file.display()
        );
    }
    assert!(named > 20, "{named} named, {harmless} harmless");
}

#[tokio::test]
async fn a_damaged_page_of_the_strongbox_is_healed_or_named() {
    let house = House::quick();
    let good = build(&house).await;
    for (file, page) in pages(&house.path("good-box")) {
        put_back(&house, "good-data", &house.data());
        put_back(&house, "good-box", &box_of(&house));
        spoil(&box_of(&house).join(&file), page);
        if let Ok(seen) = see(&house).await {
            assert_eq!(seen, good, "page {page} of {} was changed unnoticed", file.display());
        }
    }
}

#[tokio::test]
async fn one_damaged_payload_takes_nothing_else_with_it() {
    let house = House::quick();
    let good = build(&house).await;
    let blobs = house.path("good-data").join("blobs");
    for (file, page) in pages(&blobs) {
        put_back(&house, "good-data", &house.data());
        spoil(&house.data().join("blobs").join(&file), page);
        let vault = house.open().await;
        let damaged = vault.check().await.unwrap();
        assert!(matches!(damaged[..], [Error::Damaged { .. }]), "{damaged:?}");
        let ids: Vec<Id> = good.list.iter().map(|entry| entry.id).collect();
        let looked = house.release(&vault, &ids).await;
        assert_eq!(looked.failed.len(), 1);
        for released in &looked.released {
            assert_eq!(house.decrypt(released), good.words[&released.entry.id]);
        }
        close(vault).await;
    }
}
