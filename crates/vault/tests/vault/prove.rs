//! Proving that something is gone, and noticing when it is not.

use std::fs;
use std::path::PathBuf;

use age::secrecy::ExposeSecret;
use porchlight_vault::prove::{Findings, OpenedBy, prove_gone};
use porchlight_vault::receipt::{Deletion, DeletionReceipt};
use porchlight_vault::{Kept, Vault};

use crate::house::{House, close, copy};

/// Something forgotten: what it was, and its receipt's deletion. Copies of the folders from before lie in `data.before` and
/// `box.before`, and an export in `export`.
async fn forgotten(house: &House) -> (Vault, Kept, Deletion) {
    let vault = house.create().await;
    house.say(&vault, "keep this").await;
    let gone = house.say(&vault, "forget this").await;
    let looked = house.release(&vault, &gone.recordings).await;
    fs::create_dir(house.path("export")).unwrap();
    for released in &looked.released {
        let file = house.path("export").join(format!("{}.age", released.entry.id));
        fs::write(file, released.age_file()).unwrap();
    }
    house.copy_data("data.before");
    copy(&house.path("home.strongbox"), &house.path("box.before"));
    let done = house.forget(&vault, &[gone.moment]).await;
    let receipt = done.receipt.unwrap().to_json();
    let deletion = DeletionReceipt::read(receipt.as_bytes(), None).unwrap().deletion;
    (vault, gone, deletion)
}

async fn search(house: &House, deletion: &Deletion, folders: &[&str]) -> Findings {
    let folders: Vec<PathBuf> = folders.iter().map(|name| house.path(name)).collect();
    prove_gone(deletion, &folders).await.unwrap()
}

#[tokio::test]
async fn nothing_is_left_beside_a_running_vault() {
    let house = House::new();
    let (vault, _, deletion) = forgotten(&house).await;
    let found = search(&house, &deletion, &["home", "home.strongbox"]).await;
    assert!(found.is_gone(), "{found:?}");
    assert!(found.remains.is_empty() && found.listed.is_empty() && found.exports.is_empty(), "{found:?}");
    assert_eq!((found.marks, found.tried.generations.len()), (2, 1), "{found:?}");
    assert!(found.tried.packs > 0 && found.tried.keys > 1 && found.tried.identities == 1, "{found:?}");
    assert!(found.files > 5 && found.bytes > 50_000);
    close(vault).await;
}

#[tokio::test]
async fn a_copy_of_before_lists_it_and_does_not_open_it() {
    let house = House::new();
    let (vault, _, deletion) = forgotten(&house).await;
    let found = search(&house, &deletion, &["home", "home.strongbox", "data.before"]).await;
    assert!(found.is_gone(), "{found:?}");
    assert_eq!(found.listed.len(), 1);
    assert_eq!(
        (found.listed[0].recordings, &found.listed[0].path),
        (2, &house.path("data.before/catalog.sqlite"))
    );
    // The sound lies in a blob, the words in the catalog or its log.
    assert!(found.remains.len() >= 2, "{found:?}");
    assert!(found.remains.iter().all(|remains| remains.path.starts_with(house.path("data.before"))));
    close(vault).await;
}

#[tokio::test]
async fn an_old_strongbox_beside_an_old_copy_opens_it_and_is_named() {
    let house = House::new();
    let (vault, gone, deletion) = forgotten(&house).await;
    for folders in [&["home", "home.strongbox", "data.before", "box.before"][..], &["."]] {
        let found = search(&house, &deletion, folders).await;
        assert!(!found.is_gone());
        let mut opened: Vec<_> = found.opened.iter().filter_map(|opened| opened.recording).collect();
        opened.sort_unstable();
        assert_eq!(opened, gone.recordings);
        let OpenedBy::Strongbox { slots } = &found.opened[0].by else { panic!("{found:?}") };
        let old = |slot: &PathBuf| slot.components().any(|part| part.as_os_str() == "box.before");
        assert!(
            !slots.is_empty() && slots.iter().all(old),
            "only the one that opened it is named: {slots:?}"
        );
    }
    close(vault).await;
}

#[tokio::test]
async fn an_export_is_named_and_opens_with_a_key_that_lies_about() {
    let house = House::new();
    let (vault, _, deletion) = forgotten(&house).await;
    let found = search(&house, &deletion, &["home", "home.strongbox", "export"]).await;
    assert_eq!((found.exports.len(), found.is_gone()), (2, true), "{found:?}");
    // A recovery kit in the same place.
    let kit = format!("# my kit\n{}\n", house.ann.to_string().expose_secret());
    fs::write(house.path("export").join("kit.txt"), kit).unwrap();
    let found = search(&house, &deletion, &["home", "home.strongbox", "export"]).await;
    assert_eq!((found.opened.len(), found.tried.identities), (2, 2), "{found:?}");
    assert!(found.opened.iter().all(|opened| opened.by == OpenedBy::Identity));
    close(vault).await;
}

#[tokio::test]
async fn a_mirror_that_has_not_followed_is_found_out() {
    let house = House::new();
    let vault = Vault::create(house.config_with(&["box", "stick"]), "home").await.unwrap();
    let gone = house.say(&vault, "forget this").await;
    house.copy_data("data.before");
    fs::rename(house.path("stick"), house.path("drawer")).unwrap();
    let done = house.forget(&vault, &[gone.moment]).await;
    let receipt = done.receipt.unwrap().to_json();
    let deletion = DeletionReceipt::read(receipt.as_bytes(), None).unwrap().deletion;
    assert!(search(&house, &deletion, &["home", "box", "data.before"]).await.is_gone());
    let found = search(&house, &deletion, &["home", "box", "data.before", "drawer"]).await;
    assert_eq!(found.opened.len(), 2, "{found:?}");
    close(vault).await;
}

#[tokio::test]
async fn what_cannot_be_read_is_no_proof() {
    let house = House::new();
    let (vault, _, deletion) = forgotten(&house).await;
    let found = search(&house, &deletion, &["home", "nowhere"]).await;
    assert!(!found.is_gone());
    assert_eq!(found.unread[0].0, house.path("nowhere"));
    close(vault).await;
}
