//! The folders of a household are apart from each other: what is copied never holds the keys.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use porchlight_vault::{Config, Error, Misplaced, Vault, Warning};

use crate::house::{House, close, copy, files};

/// A configuration with the data folder, and strongboxes, named like this.
fn named(house: &House, data: &str, strongboxes: &[&str]) -> Config {
    let path = |name: &str| PathBuf::from(format!("{}/{name}", house.path("").display()));
    Config {
        data: path(data),
        strongboxes: strongboxes.iter().map(|name| path(name)).collect(),
        ..house.config()
    }
}

fn warned(warnings: Vec<Warning>) -> Option<(Misplaced, PathBuf, String)> {
    warnings.into_iter().find_map(|warning| match warning {
        Warning::Misplaced { found, out, options } => Some((found, out, options)),
        _ => None,
    })
}

#[tokio::test]
async fn however_the_data_folder_is_written_its_strongbox_lies_beside_it() {
    for name in ["home", "home/", "home/.", "./home//", "x/../home"] {
        let house = House::new();
        for folder in ["x", "home"] {
            fs::create_dir(house.path(folder)).unwrap();
        }
        let vault = Vault::create(named(&house, name, &[]), "home").await.unwrap();
        assert_eq!(warned(vault.warnings().await.unwrap()), None, "{name}");
        close(vault).await;
        assert!(house.path("home.strongbox").join("slot-1").exists(), "{name}");
        let slots = files(&house.data()).into_iter().filter(|file| file.ends_with("slot-1"));
        assert_eq!(slots.count(), 0, "{name}");
        close(house.open().await).await;
    }
}

#[tokio::test]
async fn no_household_is_made_in_folders_that_are_not_apart() {
    let house = House::new();
    symlink("home/box", house.path("link")).unwrap();
    symlink("box", house.path("other name")).unwrap();
    for boxes in [
        &["home"][..],
        &["home/box"],
        &["home/../home/box/"],
        &["link"],
        &["."],
        &["box", "home/mirror"],
        &["box", "box/."],
        &["box", "other name"],
        &["box", "box/mirror"],
        &["box/first", "box"],
    ] {
        let refused = Vault::create(named(&house, "home", boxes), "home").await.err().unwrap();
        assert!(matches!(refused, Error::Misplaced(_)), "{boxes:?}: {refused}");
        assert!(refused.to_string().ends_with("Name another folder for it."), "{refused}");
    }
    assert!(!house.data().exists() && !house.path("box").exists(), "nothing was made");
}

#[tokio::test]
async fn a_strongbox_in_the_data_folder_is_opened_told_of_and_moved_as_the_words_say() {
    for inside in [".strongbox", "..strongbox"] {
        let house = House::new();
        let vault = house.create().await;
        let kept = house.say(&vault, "keep this").await;
        close(vault).await;
        // As `--data home/` made it, before folders were compared as what they are.
        fs::rename(house.path("home.strongbox"), house.data().join(inside)).unwrap();

        let vault = house.open().await;
        let (found, out, options) = warned(vault.warnings().await.unwrap()).expect("it is told of");
        let strongbox = house.data().join(inside);
        assert_eq!(found, Misplaced::StrongboxInData { strongbox: strongbox.clone(), data: house.data() });
        assert_eq!(options, format!("--strongbox {}", out.display()));
        close(vault).await;

        fs::rename(strongbox, &out).unwrap();
        let vault = Vault::open(Config { strongboxes: vec![out], ..house.config() }).await.unwrap();
        assert_eq!(warned(vault.warnings().await.unwrap()), None);
        assert_eq!(house.read(&vault, kept.recordings[1]).await, "keep this");
        close(vault).await;
        // It went where it is looked for by itself.
        close(house.open().await).await;
    }
}

#[tokio::test]
async fn a_mirror_in_the_data_folder_is_told_of_with_a_place_of_its_own() {
    let house = House::new();
    let vault = Vault::create(house.config_with(&["home.strongbox", "stick"]), "home").await.unwrap();
    let refused = vault.add_mirror(&house.data().join("mirror")).await.unwrap_err();
    assert!(matches!(refused, Error::Misplaced(Misplaced::StrongboxInData { .. })), "{refused}");
    let refused = vault.add_mirror(&house.path("stick/again")).await.unwrap_err();
    assert!(matches!(refused, Error::Misplaced(Misplaced::Overlapping { .. })), "{refused}");
    close(vault).await;

    copy(&house.path("stick"), &house.data().join("mirror"));
    let vault = Vault::open(house.config_with(&["home.strongbox", "home/mirror"])).await.unwrap();
    let (_, out, options) = warned(vault.warnings().await.unwrap()).expect("it is told of");
    assert!(!out.exists() && !out.starts_with(house.data()), "{}", out.display());
    let first = house.path("home.strongbox");
    assert_eq!(options, format!("--strongbox {} --strongbox {}", first.display(), out.display()));
    close(vault).await;
}

#[tokio::test]
async fn a_mirror_that_is_the_first_strongbox_is_refused_and_named_once_it_is_followed_once() {
    let house = House::new();
    close(Vault::create(house.config_with(&["box", "stick"]), "home").await.unwrap()).await;
    symlink("box", house.path("link")).unwrap();
    for again in ["box", "box/.", "link"] {
        let refused = Vault::open(named(&house, "home", &["box", again])).await.err().unwrap();
        assert!(matches!(refused, Error::Misplaced(Misplaced::Overlapping { .. })), "{again}: {refused}");
    }
    let vault = Vault::open(named(&house, "home", &["box", "stick"])).await.unwrap();
    for known in ["link", "box/", "stick/."] {
        vault.follow_mirror(&house.path(known)).await.unwrap();
    }
    let forgotten = house.say(&vault, "forget this").await;
    assert_eq!(house.forget(&vault, &[forgotten.moment]).await.mirrors.len(), 1);
    close(vault).await;
}
