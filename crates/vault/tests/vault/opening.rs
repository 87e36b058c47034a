//! What a vault refuses to open, or to make.

use porchlight_vault::{Error, Vault};

use crate::house::{House, close, copy};

async fn refusal(house: &House) -> Error {
    Vault::open(house.config()).await.err().expect("it should not open")
}

#[tokio::test]
async fn a_second_hub_is_refused_and_the_first_is_named() {
    let house = House::new();
    let vault = house.create().await;
    let refused = refusal(&house).await.to_string();
    assert!(refused.contains(&format!("process {}", std::process::id())), "{refused}");
    // A copy of the data folder beside the same strongbox is refused too.
    house.copy_data("copy");
    let mut config = house.config_with(&["home.strongbox"]);
    config.data = house.path("copy");
    assert!(matches!(Vault::open(config).await.err().unwrap(), Error::Locked { pid: Some(_), .. }));
    close(vault).await;
    house.open().await;
}

#[tokio::test]
async fn nothing_is_made_over_something_that_is_there() {
    let house = House::new();
    close(house.create().await).await;
    let refused = Vault::create(house.config(), "home").await.err().unwrap();
    assert!(matches!(refused, Error::AlreadyExists(_)), "{refused}");
    for bad in ["", "My Home", "a/b"] {
        assert!(matches!(Vault::create(house.config(), bad).await.err().unwrap(), Error::BadInput(_)));
    }
    let empty = House::new();
    assert!(matches!(refusal(&empty).await, Error::NoVault(_)));
}

#[tokio::test]
async fn a_strongbox_that_is_missing_or_anothers_is_refused_and_never_made() {
    let house = House::new();
    close(house.create().await).await;
    let strongbox = house.path("home.strongbox");
    std::fs::rename(&strongbox, house.path("away")).unwrap();
    assert!(matches!(refusal(&house).await, Error::NoStrongbox(_)));
    assert!(!strongbox.exists());

    let neighbour = House::new();
    close(Vault::create(neighbour.config(), "next-door").await.unwrap()).await;
    copy(&neighbour.path("home.strongbox"), &strongbox);
    let refused = refusal(&house).await;
    assert!(matches!(&refused, Error::OtherHousehold { found, .. } if found == "next-door"), "{refused}");

    std::fs::remove_dir_all(&strongbox).unwrap();
    std::fs::rename(house.path("away"), &strongbox).unwrap();
    close(house.open().await).await;
}

#[tokio::test]
async fn newer_formats_are_refused_with_what_to_do() {
    let house = House::new();
    close(house.create().await).await;
    for file in [house.data().join("porchlight.json"), house.path("home.strongbox/porchlight-strongbox.json")]
    {
        let before = std::fs::read(&file).unwrap();
        std::fs::write(&file, r#"{"format": 2}"#).unwrap();
        let refused = refusal(&house).await;
        assert!(matches!(refused, Error::Newer { found: 2, .. }), "{refused}");
        assert!(refused.to_string().contains("start a newer release"), "{refused}");
        std::fs::write(&file, before).unwrap();
    }
    close(house.open().await).await;
}

#[tokio::test]
async fn a_ledger_that_was_rewritten_is_refused() {
    let house = House::new();
    let vault = house.create().await;
    let said = house.say(&vault, "hello").await;
    house.release(&vault, &said.recordings).await;
    close(vault).await;
    let entries = house.data().join("ledger/entries-1");
    let mut bytes = std::fs::read(&entries).unwrap();
    let at = bytes.len() - 10;
    bytes[at] ^= 1;
    std::fs::write(&entries, bytes).unwrap();
    let opened = Vault::open(house.config()).await;
    // A torn last entry that the pinned checkpoint covers reads as a ledger that lacks it.
    match opened {
        Ok(vault) => assert!(vault.opening().restored),
        Err(why) => assert!(matches!(why, Error::Ledger(_)), "{why}"),
    }
}

#[tokio::test]
async fn folders_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let house = House::new();
    close(house.create().await).await;
    for folder in ["home", "home/blobs", "home/ledger", "home.strongbox"] {
        let mode = std::fs::metadata(house.path(folder)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "{folder}");
    }
}
