//! A sweep over every page of every file: a damaged one is named or changes nothing, and takes nothing else with it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use porchlight_vault::{Entry, Error, Filter, Id, LedgerEntry, Vault, Warning};

use crate::house::{House, close, copy, files, release};

/// What is written over in one go. Pages of SQLite, of the keyring's segments and slots, and tiles are no smaller.
const PAGE: usize = 4096;
/// Where in a page bytes are spoiled: its head, and places in it that are no multiple of anything.
const PLACES: [usize; 4] = [0, 101, 1709, 4001];

/// Everything that a household could notice of a vault.
#[derive(Debug, PartialEq)]
struct Seen {
    list: Vec<Entry>,
    words: BTreeMap<Id, String>,
    ledger: Vec<LedgerEntry>,
}

/// What is seen, or what is said of the damage: at least one sentence.
async fn see(house: &House) -> Result<Seen, Vec<Error>> {
    Ok(see_and_hear(house, &["home.strongbox"]).await?.0)
}

/// The same, and what is told of damage that was healed, or can be lived with.
async fn see_and_hear(house: &House, strongboxes: &[&str]) -> Result<(Seen, Vec<Warning>), Vec<Error>> {
    let vault = Vault::open(house.config_with(strongboxes)).await.map_err(|why| vec![why])?;
    let seen = see_open(house, &vault).await;
    let told = vault.warnings().await.unwrap().into_iter().filter(Warning::is_rot);
    let told = told.collect();
    // A damaged catalog may not close in order; the next start knows what to do.
    vault.close().await.ok();
    Ok((seen?, told))
}

async fn see_open(house: &House, vault: &Vault) -> Result<Seen, Vec<Error>> {
    let mut named = vault.check().await.unwrap_or_else(|why| vec![why]);
    let list = vault.list(&Filter::default()).await.map_err(|why| vec![why])?;
    let ids: Vec<Id> = list.iter().map(|entry| entry.id).collect();
    let mut words = BTreeMap::new();
    if !ids.is_empty() {
        let looked = release(vault, &ids, house.look()).await.map_err(|why| vec![why])?;
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
    furnish(house, vault, &["home.strongbox"]).await
}

async fn furnish(house: &House, vault: Vault, strongboxes: &[&str]) -> Seen {
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
    for mirror in &strongboxes[1..] {
        copy(&house.path(mirror), &house.path(&format!("good-{mirror}")));
    }
    see_and_hear(house, strongboxes).await.unwrap().0
}

fn box_of(house: &House) -> PathBuf {
    porchlight_vault::strongbox_beside(&house.data())
}

fn put_back(house: &House, from: &str, to: &Path) {
    // One that is gone is put back as well.
    std::fs::remove_dir_all(to).ok();
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
        let of_ledger = file.starts_with("ledger");
        match see_and_hear(&house, &["home.strongbox"]).await {
            Ok((seen, told)) => {
                assert!(!told.is_empty() || !file.ends_with("entries-1"), "{}: {told:?}", file.display());
                if told.is_empty() {
                    let changed = format!("page {page} of {} was changed unnoticed", file.display());
                    assert!(seen.list == good.list && seen.words == good.words, "{changed}");
                    assert_eq!(seen.ledger, good.ledger, "{changed}");
                }
                // What is kept is as it was, whatever became of the ledger.
                assert!(seen.list == good.list && seen.words == good.words, "{}", file.display());
                harmless += 1;
            }
            Err(why) => {
                assert!(!of_ledger, "a damaged ledger keeps the home down: {why:?}");
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
        if let Ok((seen, told)) = see_and_hear(&house, &["home.strongbox"]).await {
            let same = seen.list == good.list && seen.words == good.words;
            assert!(
                same && (seen.ledger == good.ledger || !told.is_empty()),
                "page {page} of {} was changed unnoticed",
                file.display()
            );
        }
    }
}

#[tokio::test]
async fn each_damaged_page_and_each_lost_file_of_the_strongbox_is_healed_from_its_mirror_and_named() {
    let house = House::quick();
    let vault = Vault::create(house.config_with(&["home.strongbox", "stick"]), "home").await.unwrap();
    vault.replace_household(1, b"{\"people\": 1}").await.unwrap();
    let good = furnish(&house, vault, &["home.strongbox", "stick"]).await;
    let whole = pages(&house.path("good-box")).into_iter().map(|(file, page)| (file, Some(page)));
    let lost: Vec<_> = files(&house.path("good-box")).into_iter().map(|file| (file, None)).collect();
    let mut tried = 0;
    for (file, page) in whole.chain(lost) {
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        // None of these is missed: each is written anew.
        if ["lock", "reserve", "mirrors.json", "watermark", "watermark-beside"].contains(&name.as_str()) {
            continue;
        }
        put_back(&house, "good-data", &house.data());
        put_back(&house, "good-box", &box_of(&house));
        put_back(&house, "good-stick", &house.path("stick"));
        let spoiled = box_of(&house).join(&name);
        match page {
            Some(page) => spoil(&spoiled, page),
            None => std::fs::remove_file(&spoiled).unwrap(),
        }
        // The mirror is known though it is not named.
        let (seen, told) = see_and_hear(&house, &["home.strongbox"])
            .await
            .unwrap_or_else(|why| panic!("page {page:?} of {name} is not healed: {why:?}"));
        assert!(seen == good, "page {page:?} of {name} was changed unnoticed");
        // An empty sector of the slot is put right in silence: what lies there stands for nothing.
        assert!(
            matches!(&told[..], [Warning::Healed { files }] if files[..] == [spoiled.clone()]),
            "page {page:?} of {name}: {told:?}"
        );
        // It is whole again by itself, and there is nothing more to tell.
        std::fs::remove_dir_all(house.path("stick")).unwrap();
        let (seen, told) = see_and_hear(&house, &["home.strongbox"]).await.unwrap();
        assert!(seen.list == good.list && seen.words == good.words && told.is_empty(), "{name}: {told:?}");
        tried += 1;
    }
    assert!(tried > 12, "{tried}");
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
