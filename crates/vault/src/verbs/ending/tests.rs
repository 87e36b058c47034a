use std::sync::Arc;

use jiff::Timestamp;

use super::*;
use crate::clock::SetClock;
use crate::faults::{Fault, Faults};
use crate::file_names::{SLOTS, STRONGBOX_MARK};
use crate::strongbox::ListedUnderRoot;
use crate::{Config, Vault};

fn config(folder: &Path) -> Config {
    let strongboxes = ["box", "stick"].map(|name| folder.join(name)).to_vec();
    Config { data: folder.join("home"), strongboxes, clock: Arc::new(SetClock::at(Timestamp::UNIX_EPOCH)) }
}

async fn made(folder: &Path) -> Config {
    let config = config(folder);
    Vault::create(config.clone(), "home").await.unwrap().close().await.unwrap();
    fs::write(config.data.join("hub.sqlite"), "sessions").unwrap();
    fs::write(config.data.join("a picture.jpg"), "somebody's").unwrap();
    config
}

fn named(places: &[PathBuf]) -> KnownPlaces<'_> {
    KnownPlaces { named: places, ..KnownPlaces::default() }
}

fn end(config: &Config) -> Result<Ended, Error> {
    Ending::of(&config.data, &named(&config.strongboxes))?.carry_out(&["hub.sqlite"], &["settings"])
}

/// Whether a key can be read in a folder.
fn has_key(strongbox: &Path) -> bool {
    SLOTS.iter().any(|slot| strongbox.join(slot).exists())
}

/// What somebody who can write to the data folder says there.
fn plant(config: &Config, to_do: &[&Path], done: &[&Path]) {
    let of = |paths: &[&Path]| paths.iter().map(|path| path.to_path_buf()).collect();
    let mut mark = EndingMark::new("home");
    (mark.strongboxes, mark.destroyed) = (of(to_do), of(done));
    mark.write(&config.data).unwrap();
}

fn paths(config: &Config) -> Vec<&Path> {
    config.strongboxes.iter().map(PathBuf::as_path).collect()
}

#[tokio::test]
async fn nothing_of_a_vault_is_left_and_what_is_somebodys_stays() {
    let folder = tempfile::tempdir().unwrap();
    let config = made(folder.path()).await;
    // The mirror is known without being named.
    let ending = Ending::of(&config.data, &named(&config.strongboxes[..1])).unwrap();
    assert_eq!((ending.with_keys().collect::<Vec<_>>(), ending.household()), (paths(&config), "home"));
    let ended = ending.carry_out(&["hub.sqlite"], &[]).unwrap();
    assert_eq!(ended.destroyed, config.strongboxes);
    assert_eq!((ended.unreached, ended.left), (vec![], vec![config.data.join("a picture.jpg")]));
    assert!(config.strongboxes.iter().all(|strongbox| !strongbox.exists()));
    assert_eq!(fs::read_dir(&config.data).unwrap().count(), 1);
    assert!(matches!(end(&config).unwrap_err(), Error::NoVault(_)));
}

#[tokio::test]
async fn wherever_it_is_stopped_it_goes_on_and_the_vault_opens_no_more() {
    for writes in 0.. {
        let folder = tempfile::tempdir().unwrap();
        let config = made(folder.path()).await;
        let faults = Faults::below(folder.path());
        faults.after(writes, Fault::Killed);
        let stopped = end(&config);
        let (all, reached) =
            (faults.writes() <= writes, stopped.is_ok_and(|ended| ended.unreached.is_empty()));
        drop(faults);
        if config.data.join(ENDING).exists() {
            let refused = Vault::open(config.clone()).await.err().unwrap();
            let Error::BeingEnded { keys, .. } = &refused else { panic!("{writes}: {refused}") };
            let there = config.strongboxes.iter().filter(|strongbox| has_key(strongbox));
            assert_eq!(keys.iter().collect::<Vec<_>>(), there.collect::<Vec<_>>(), "{writes}: {refused}");
        } else if !all {
            assert_eq!(writes, 0, "the first write is what says so");
            assert!(config.strongboxes.iter().all(|strongbox| has_key(strongbox)));
        }
        if !all || !reached {
            let ended = end(&config).unwrap();
            assert_eq!(ended.unreached, [], "{writes}");
            assert_eq!(ended.destroyed.len() + ended.noted.len(), 2, "{writes}");
        }
        assert!(config.strongboxes.iter().all(|strongbox| !strongbox.exists()), "{writes}");
        assert_eq!(fs::read_dir(&config.data).unwrap().count(), 1, "{writes}");
        if all {
            assert!(writes > 4, "{writes}");
            return;
        }
    }
}

#[tokio::test]
async fn a_mirror_that_is_away_is_named_until_it_is_reached_and_another_household_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let config = made(folder.path()).await;
    let [stick, drawer] = ["stick", "drawer"].map(|name| folder.path().join(name));
    fs::rename(&stick, &drawer).unwrap();
    let ended = end(&config).unwrap();
    assert_eq!(ended.unreached.len(), 1);
    assert_eq!(ended.unreached[0].strongbox, stick);
    assert!(has_key(&drawer) && !config.strongboxes[0].exists() && !config.data.join(CATALOG).exists());

    // Another household's in its place.
    let other =
        Config { data: folder.path().join("other"), strongboxes: vec![stick.clone()], ..config.clone() };
    Vault::create(other.clone(), "other").await.unwrap().close().await.unwrap();
    let ended = end(&config).unwrap();
    assert!(ended.unreached[0].why.contains("other"), "{ended:?}");
    Vault::open(other.clone()).await.unwrap().close().await.unwrap();
    end(&other).unwrap();

    fs::rename(&drawer, &stick).unwrap();
    let ending = Ending::of(&config.data, &KnownPlaces::default()).unwrap();
    assert!(ending.destroys_something() && ending.with_keys().eq([&*stick]));
    let ended = ending.carry_out(&[], &[]).unwrap();
    assert_eq!((ended.unreached, ended.noted), (vec![], vec![config.strongboxes[0].clone()]));
    assert!(!stick.exists());
}

#[tokio::test]
async fn a_vault_that_is_served_is_not_ended() {
    let folder = tempfile::tempdir().unwrap();
    let config = made(folder.path()).await;
    let vault = Vault::open(config.clone()).await.unwrap();
    assert!(matches!(end(&config).unwrap_err(), Error::Locked { .. }));
    vault.close().await.unwrap();
    drop(vault);
    end(&config).unwrap();
}

#[tokio::test]
async fn a_mirror_is_found_by_what_any_strongbox_lists_beside_its_keys_or_under_them() {
    let read = |bytes: &[u8]| vec![String::from_utf8(bytes.to_vec()).unwrap().into()];
    for under_root in [None, Some("made with"), Some("named")] {
        let folder = tempfile::tempdir().unwrap();
        let config = made(folder.path()).await;
        let [strongbox, stick] = [&config.strongboxes[0], &config.strongboxes[1]];
        if let Some(name) = under_root {
            let vault = Vault::open(config.clone()).await.unwrap();
            vault.put_secret(name, stick.to_str().unwrap().as_bytes()).await.unwrap();
            vault.close().await.unwrap();
            fs::remove_file(strongbox.join("mirrors.json")).unwrap();
        }
        // The strongbox is away at first, and nothing else knows of its mirror.
        let drawer = folder.path().join("drawer");
        fs::rename(strongbox, &drawer).unwrap();
        let known = KnownPlaces {
            remembered: &config.strongboxes[..1],
            listed: Some(ListedUnderRoot { made_with: "made with", named: "named", read }),
            ..KnownPlaces::default()
        };
        let ended = Ending::of(&config.data, &known).unwrap().carry_out(&[], &[]).unwrap();
        assert_eq!((ended.destroyed, ended.unreached.len()), (vec![], 1));
        fs::rename(&drawer, strongbox).unwrap();
        let ended = Ending::of(&config.data, &known).unwrap().carry_out(&[], &[]).unwrap();
        assert_eq!(
            (ended.destroyed, ended.unreached),
            (config.strongboxes.clone(), vec![]),
            "{under_root:?}"
        );
        assert!(!strongbox.exists() && !stick.exists());
    }
}

#[tokio::test]
async fn a_place_is_looked_for_once_however_it_is_written_and_a_mistyped_one_is_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let config = made(folder.path()).await;
    let [drawer, nowhere] = ["drawer", "nowhere"].map(|name| folder.path().join(name));
    fs::rename(&config.strongboxes[1], &drawer).unwrap();
    let mistyped = [config.strongboxes[0].clone(), nowhere];
    let refused = Ending::of(&config.data, &named(&mistyped)).unwrap_err();
    assert!(matches!(refused, Error::NoStrongbox(_)), "{refused}");
    assert!(!config.data.join(ENDING).exists());

    let link = folder.path().join("link");
    std::os::unix::fs::symlink("box", &link).unwrap();
    let written = [link, folder.path().join("home/../box/.")];
    let ended = Ending::of(&config.data, &named(&written)).unwrap().carry_out(&[], &[]).unwrap();
    assert_eq!((ended.destroyed.len(), ended.unreached.len()), (1, 1), "{:?}", ended.unreached);
    fs::rename(&drawer, &config.strongboxes[1]).unwrap();
    // Nothing ever lay beside the data folder, and nobody misses it there.
    let ended =
        Ending::of(&config.data.join("."), &KnownPlaces::default()).unwrap().carry_out(&[], &[]).unwrap();
    assert_eq!(ended.unreached, []);
}

#[tokio::test]
async fn what_somebody_says_in_the_data_folder_is_no_agreement_and_no_proof() {
    let folder = tempfile::tempdir().unwrap();
    let config = made(folder.path()).await;
    let [strongbox, stick] = [&config.strongboxes[0], &config.strongboxes[1]];
    let kept = folder.path().join("kept");
    fs::hard_link(strongbox.join("slot-1"), &kept).unwrap();
    plant(&config, &[stick], &[strongbox]);
    let refused = Vault::open(config.clone()).await.err().unwrap().to_string();
    assert!(refused.contains("Keys of it are still in") && refused.contains("remove"), "{refused}");
    let ending = Ending::of(&config.data, &KnownPlaces::default()).unwrap();
    assert!(ending.destroys_something() && ending.with_keys().count() == 2);
    let ended = ending.carry_out(&["hub.sqlite"], &[]).unwrap();
    assert_eq!((ended.destroyed.len(), ended.noted.len()), (2, 0));
    assert!(fs::read(&kept).unwrap().iter().all(|byte| *byte == 0), "under another name there is no key");

    // Nor does it lead to another household's, or through a link to what is somebody's.
    let folder = tempfile::tempdir().unwrap();
    let config = made(folder.path()).await;
    let slot = config.strongboxes[1].join("slot-1");
    fs::remove_file(&slot).unwrap();
    fs::write(folder.path().join("precious"), "somebody's").unwrap();
    std::os::unix::fs::symlink(folder.path().join("precious"), &slot).unwrap();
    let other = Config {
        data: folder.path().join("other"),
        strongboxes: vec![folder.path().join("other.strongbox")],
        ..config.clone()
    };
    Vault::create(other.clone(), "other").await.unwrap().close().await.unwrap();
    plant(&config, &[&other.strongboxes[0]], &[]);
    let ended = end(&config).unwrap();
    assert_eq!((ended.destroyed, ended.unreached.len()), (vec![config.strongboxes[0].clone()], 2));
    assert_eq!(fs::read_to_string(folder.path().join("precious")).unwrap(), "somebody's");
    Vault::open(other.clone()).await.unwrap().close().await.unwrap();
    EndingMark::new("home").write(&other.data).unwrap();
    assert!(
        matches!(end(&other).unwrap_err(), Error::BadFile { .. }),
        "of another household than its folder"
    );
    assert!(has_key(&other.strongboxes[0]) && other.strongboxes[0].join(STRONGBOX_MARK).exists());
}

#[tokio::test]
async fn what_knows_of_strongboxes_stays_until_none_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let config = made(folder.path()).await;
    let [settings, drawer] = [config.data.join("settings"), folder.path().join("drawer")];
    fs::write(&settings, "where they are").unwrap();
    fs::rename(&config.strongboxes[1], &drawer).unwrap();
    assert_eq!(end(&config).unwrap().unreached.len(), 1);
    assert!(settings.exists() && !config.data.join("hub.sqlite").exists());
    fs::rename(&drawer, &config.strongboxes[1]).unwrap();
    assert_eq!(end(&config).unwrap().unreached, []);
    assert!(!settings.exists());
}
