//! What a vault refuses to open, or to make.

use std::path::Path;

use porchlight_vault::{Config, Error, StrongboxChoice, Vault};

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
async fn a_folder_that_is_named_as_what_it_is_not_is_told_as_what_it_is() {
    let house = House::new();
    close(house.create().await).await;
    let (data, strongbox) = (house.data().to_owned(), house.path("home.strongbox"));
    let refused = async |data: &Path, strongboxes: &[&Path]| {
        let strongboxes = strongboxes.iter().map(|folder| folder.to_path_buf()).collect();
        let config = Config { data: data.to_owned(), strongboxes, ..house.config() };
        Vault::open(config).await.err().unwrap()
    };
    let as_data = refused(&strongbox, &[]).await;
    assert!(matches!(&as_data, Error::StrongboxAsData(path) if *path == strongbox), "{as_data}");
    let swapped = refused(&strongbox, &[&data]).await;
    assert!(matches!(swapped, Error::StrongboxAsData(_)), "{swapped}");
    let as_strongbox = refused(&data, &[&data]).await;
    assert!(matches!(&as_strongbox, Error::DataAsStrongbox(path) if *path == data), "{as_strongbox}");
    assert!(
        as_strongbox.to_string().contains(&format!("which is {}", strongbox.display())),
        "{as_strongbox}"
    );
    let kept = StrongboxChoice::between(&data, &[]).err().unwrap();
    assert!(matches!(kept, Error::DataAsStrongbox(_)), "{kept}");

    // As a mirror it keeps nothing from opening, and is told as what it is.
    let neighbour = House::new();
    close(Vault::create(neighbour.config(), "next-door").await.unwrap()).await;
    let config = Config { strongboxes: vec![strongbox, neighbour.data().to_owned()], ..house.config() };
    let vault = Vault::open(config).await.unwrap();
    let told = vault.warnings().await.unwrap().iter().map(ToString::to_string).collect::<Vec<_>>();
    assert!(told.iter().any(|warning| warning.contains("is a data folder, and no strongbox")), "{told:?}");
    close(vault).await;
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
    house.copy_data("copy");
    house.release(&vault, &said.recordings).await;
    close(vault).await;
    // Another look, in the place of the one that was pinned.
    copy(&house.path("home.strongbox"), &house.path("box of now"));
    house.put_back("copy");
    std::fs::remove_dir_all(house.path("home.strongbox")).unwrap();
    copy(&house.path("box of now"), &house.path("home.strongbox"));
    let entries = house.data().join("ledger/entries-1");
    let forged = house.path("forged");
    std::fs::copy(&entries, &forged).unwrap();
    let key = {
        use porchlight_ledger::{FolderStore, Ledger, SigningKey, note::Verifier};
        let header = std::fs::read_to_string(&entries).unwrap();
        let verifier: Verifier = header.lines().nth(1).unwrap().parse().unwrap();
        let folder = house.path("forged-ledger");
        let key = SigningKey::from_bytes(&[7; 32]);
        let mut ledger =
            Ledger::create(Box::new(FolderStore::open(&folder).unwrap()), key, verifier.name()).unwrap();
        ledger.append(&[b"another look".to_vec()]).unwrap();
        let bytes = std::fs::read(folder.join("entries-1")).unwrap();
        let own = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(1).unwrap().0;
        let head = header.lines().take(2).map(|line| format!("{line}\n")).collect::<String>();
        assert_eq!(head.len(), own + 1, "the names are alike, so the appends lie where they would");
        std::fs::write(&entries, [head.as_bytes(), &bytes[own + 1..]].concat()).unwrap();
        verifier
    };
    let refused = refusal(&house).await;
    assert!(
        matches!(&refused, Error::Ledger(porchlight_ledger::Error::Forked { size: 1 })),
        "{key}: {refused}"
    );
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
