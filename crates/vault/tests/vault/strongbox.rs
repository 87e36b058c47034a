//! The strongbox, its mirrors, its secrets and the household document.

use std::time::Duration;

#[cfg(feature = "tpm")]
use porchlight_vault::{Ending, KnownPlaces};
use porchlight_vault::{Error, Kind, Mirror, SlotKind, Vault, Warning};

use crate::house::{House, close, copy, ids};
#[cfg(feature = "tpm")]
use swtpm::Swtpm;

#[cfg(feature = "tpm")]
#[path = "../../../keyring/src/tests/swtpm.rs"]
mod swtpm;

#[tokio::test]
async fn a_mirror_follows_and_can_take_the_place_of_the_first() {
    let house = House::new();
    let vault = Vault::create(house.config_with(&["box", "stick"]), "home").await.unwrap();
    let (gone, kept) = (house.say(&vault, "forget this").await, house.say(&vault, "keep this").await);
    vault.replace_household(1, b"{\"people\": 1}").await.unwrap();
    let forgotten = house.forget(&vault, &[gone.moment]).await;
    let generation = forgotten.generation;
    assert_eq!(forgotten.mirrors[0].mirror, Mirror::Acknowledged { generation });
    let json = serde_json::to_value(&forgotten.mirrors[0]).unwrap();
    assert_eq!(json["state"], "acknowledged");
    close(vault).await;

    std::fs::remove_dir_all(house.path("box")).unwrap();
    assert!(matches!(
        Vault::open(house.config_with(&["box", "stick"])).await.err().unwrap(),
        Error::NoStrongbox(_)
    ));
    let vault = Vault::open(house.config_with(&["stick"])).await.unwrap();
    assert_eq!(house.read(&vault, kept.recordings[1]).await, "keep this");
    assert_eq!(ids(&vault).await, kept.recordings);
    assert_eq!(vault.household().await.unwrap().unwrap(), b"{\"people\": 1}");
    assert!(!vault.opening().restored());
    close(vault).await;
}

#[tokio::test]
async fn rot_in_one_slot_file_is_healed_from_the_other() {
    let house = House::new();
    let vault = house.create().await;
    let kept = house.say(&vault, "keep this").await;
    close(vault).await;
    let slot = |number: u8| house.path("home.strongbox").join(format!("slot-{number}"));
    for (rotten, whole) in [(1, 2), (2, 1)] {
        let rot = vec![0xa5; std::fs::metadata(slot(rotten)).unwrap().len() as usize];
        std::fs::write(slot(rotten), &rot).unwrap();
        let vault = house.open().await;
        assert_eq!(house.read(&vault, kept.recordings[1]).await, "keep this");
        close(vault).await;
        // Now the healed one alone is enough.
        std::fs::write(slot(whole), &rot).unwrap();
        let vault = house.open().await;
        assert_eq!(house.read(&vault, kept.recordings[1]).await, "keep this");
        close(vault).await;
        assert_ne!(std::fs::read(slot(whole)).unwrap(), rot);
    }
    for number in [1, 2] {
        std::fs::write(slot(number), [0xa5; 8192]).unwrap();
    }
    let refused = Vault::open(house.config()).await.err().unwrap().to_string();
    assert!(refused.contains("slot-1 and slot-2 damaged"), "{refused}");
}

#[cfg(not(feature = "tpm"))]
#[tokio::test]
async fn a_build_without_tpm_support_says_what_is_missing() {
    let house = House::new();
    let tpm = SlotKind::Tpm("device:/dev/tpmrm0".into());
    let refused = Vault::create_with(house.config(), "home", tpm).await.err().unwrap();
    assert!(matches!(refused, Error::NoTpm(_)), "{refused}");
    let house = House::new();
    close(house.create().await).await;
    let mark = house.path("home.strongbox").join("porchlight-strongbox.json");
    std::fs::write(mark, r#"{"format": 2, "household": "home", "slot": {"tpm": "device:/dev/tpmrm0"}}"#)
        .unwrap();
    let refused = Vault::open(house.config()).await.err().unwrap().to_string();
    assert!(refused.contains("--features tpm") && refused.contains("libtss2-dev"), "{refused}");
}

#[cfg(feature = "tpm")]
#[tokio::test]
async fn with_its_root_key_in_the_tpm_an_image_of_the_whole_disk_opens_nothing_that_was_forgotten() {
    let Some(mut tpm) = Swtpm::start() else { return };
    let house = House::new();
    let slot = SlotKind::Tpm(tpm.name());
    let vault = Vault::create_with(house.config(), "home", slot).await.unwrap();
    let (gone, kept) = (house.say(&vault, "forget this").await, house.say(&vault, "keep this").await);
    close(vault).await;
    let strongbox = house.path("home.strongbox");
    let mark = std::fs::read_to_string(strongbox.join("porchlight-strongbox.json")).unwrap();
    assert!(mark.contains("\"format\": 2") && mark.contains("swtpm:"), "{mark}");
    copy(&house.data(), &house.path("old data"));
    copy(&strongbox, &house.path("old box"));

    let vault = house.open().await;
    house.forget(&vault, &[gone.moment]).await;
    close(vault).await;
    assert!(!strongbox.join("slot-1").exists(), "no root key on the disk");
    tpm.power_off();
    tpm.power_on();
    let vault = house.open().await;
    assert_eq!(house.read(&vault, kept.recordings[1]).await, "keep this");
    close(vault).await;

    // The image of both folders comes back, beside the TPM of now.
    for (old, new) in [("old data", house.data()), ("old box", strongbox.clone())] {
        std::fs::rename(&new, house.path(&format!("newer than {old}"))).unwrap();
        std::fs::rename(house.path(old), new).unwrap();
    }
    let refused = Vault::open(house.config()).await.err().unwrap();
    assert!(matches!(refused, Error::Keyring(_)), "{refused}");
}

#[cfg(feature = "tpm")]
#[tokio::test]
async fn a_file_mirror_of_a_tpm_strongbox_is_warned_of_and_can_take_its_place() {
    let Some(tpm) = Swtpm::start() else { return };
    let house = House::new();
    let config = house.config_with(&["box", "stick"]);
    let vault = Vault::create_with(config, "home", SlotKind::Tpm(tpm.name())).await.unwrap();
    let (gone, kept) = (house.say(&vault, "forget this").await, house.say(&vault, "keep this").await);
    let forgotten = house.forget(&vault, &[gone.moment]).await;
    assert!(matches!(forgotten.mirrors[0].mirror, Mirror::Acknowledged { .. }));
    let warnings = vault.warnings().await.unwrap();
    let mixed: Vec<_> =
        warnings.iter().filter(|warning| matches!(warning, Warning::FileBesideTpm { .. })).collect();
    assert_eq!(mixed, [&Warning::FileBesideTpm { path: house.path("stick") }]);
    close(vault).await;
    // The TPM was cleared: the mirror is all there is.
    drop(tpm);
    let refused = Vault::open(house.config_with(&["box", "stick"])).await.err().unwrap();
    assert!(refused.to_string().contains("TPM"), "{refused}");
    let vault = Vault::open(house.config_with(&["stick"])).await.unwrap();
    assert_eq!(house.read(&vault, kept.recordings[1]).await, "keep this");
    assert_eq!(ids(&vault).await, kept.recordings);
    close(vault).await;
}

#[tokio::test]
async fn an_absent_mirror_is_named_and_caught_up_at_the_next_start() {
    let house = House::new();
    let config = || house.config_with(&["box", "stick"]);
    let vault = Vault::create(config(), "home").await.unwrap();
    let (gone, kept) = (house.say(&vault, "forget this").await, house.say(&vault, "keep this").await);
    std::fs::rename(house.path("stick"), house.path("pocket")).unwrap();
    house.copy_data("copy");
    let forgotten = house.forget(&vault, &[gone.moment]).await;
    let Mirror::Pending { why, .. } = &forgotten.mirrors[0].mirror else { panic!("{forgotten:?}") };
    assert!(why.contains("is missing"), "{why}");
    let warned = vault.warnings().await.unwrap();
    let named = warned.iter().find(|warning| matches!(warning, Warning::MirrorPending { .. })).unwrap();
    assert!(named.to_string().contains("stick"), "{named}");
    close(vault).await;

    // An absent mirror is not made anew, for its disk may only be unplugged.
    let vault = Vault::open(config()).await.unwrap();
    assert!(!house.path("stick").exists());
    close(vault).await;

    // Behind as it is, it cannot be used instead: what was forgotten would come back.
    std::fs::rename(house.path("pocket"), house.path("stick")).unwrap();
    let refused = Vault::open(house.config_with(&["stick"])).await.err().unwrap();
    assert!(matches!(refused, Error::OldStrongbox { .. }), "{refused}");
    let refused = Vault::open(house.config_with(&["stick", "box"])).await.err().unwrap();
    assert!(matches!(refused, Error::OldStrongbox { .. }), "{refused}");

    let vault = Vault::open(config()).await.unwrap();
    assert!(
        !vault
            .warnings()
            .await
            .unwrap()
            .iter()
            .any(|warning| matches!(warning, Warning::MirrorPending { .. }))
    );
    close(vault).await;
    house.put_back("copy");
    let vault = Vault::open(house.config_with(&["stick", "box"])).await.unwrap();
    assert_eq!(ids(&vault).await, kept.recordings, "it has followed");
    close(vault).await;
}

#[tokio::test]
async fn a_mirror_that_comes_back_is_caught_up_by_the_next_run_of_expiry() {
    let house = House::new();
    let vault = Vault::create(house.config_with(&["box", "stick"]), "home").await.unwrap();
    std::fs::rename(house.path("stick"), house.path("pocket")).unwrap();
    vault.put_secret("camera", b"hunter2").await.unwrap();
    let pending = async || {
        let warnings = vault.warnings().await.unwrap();
        warnings.iter().any(|warning| matches!(warning, Warning::MirrorPending { .. }))
    };
    assert!(pending().await);
    std::fs::rename(house.path("pocket"), house.path("stick")).unwrap();
    vault.expire(&house.readers()).await.unwrap();
    assert!(!pending().await);
    close(vault).await;
    let vault = Vault::open(house.config_with(&["stick"])).await.unwrap();
    assert_eq!(vault.secret("camera").await.unwrap().as_slice(), b"hunter2");
    close(vault).await;
}

#[tokio::test]
async fn a_mirror_can_be_added_later() {
    let house = House::new();
    let vault = house.create().await;
    let kept = house.say(&vault, "hello").await;
    vault.add_mirror(&house.path("stick")).await.unwrap();
    assert!(vault.add_mirror(&house.path("stick")).await.is_err());
    vault.put_secret("camera/door", b"hunter2").await.unwrap();
    close(vault).await;
    let vault = Vault::open(house.config_with(&["stick"])).await.unwrap();
    assert_eq!(house.read(&vault, kept.recordings[1]).await, "hello");
    assert_eq!(vault.secret("camera/door").await.unwrap().as_slice(), b"hunter2");
    close(vault).await;
}

#[tokio::test]
async fn secrets_are_kept_listed_and_destroyed() {
    let house = House::new();
    let vault = house.create().await;
    vault.put_secret("camera/door", b"hunter2").await.unwrap();
    vault.put_secret("camera/hall", b"hunter3").await.unwrap();
    vault.put_secret("opaque", b"setup").await.unwrap();
    assert_eq!(vault.secret_names("camera/").await, ["camera/door", "camera/hall"]);
    assert_eq!(vault.secret_names("").await.len(), 3, "the vault's own are not shown");
    vault.forget_secret("camera/door").await.unwrap();
    assert!(vault.secret("camera/door").await.is_none());
    assert!(vault.put_secret("vault/identity", b"mine").await.is_err());
    assert!(vault.forget_secret("vault/identity").await.is_err());
    close(vault).await;
    let vault = house.open().await;
    assert_eq!(vault.secret_names("").await, ["camera/hall", "opaque"]);
    close(vault).await;
}

#[tokio::test]
async fn the_household_document_only_goes_forward() {
    let house = House::new();
    let vault = house.create().await;
    assert_eq!(vault.household().await.unwrap(), None);
    vault.replace_household(1, b"one").await.unwrap();
    for version in [0, 1, 3] {
        let refused = vault.replace_household(version, b"other").await.unwrap_err();
        assert!(matches!(refused, Error::HouseholdVersion { current: 1, .. }), "{refused}");
    }
    let strongbox = house.path("home.strongbox");
    copy(&strongbox, &house.path("old box"));
    vault.replace_household(2, b"two").await.unwrap();
    assert_eq!(vault.household().await.unwrap().unwrap(), b"two");
    assert!(!strongbox.join("household-1.json").exists(), "it may name people who have left");

    // Bytes that were not pinned are not the household's, whoever wrote them.
    std::fs::write(strongbox.join("household-2.json"), b"TWO").unwrap();
    let refused = vault.household().await.unwrap_err();
    assert!(matches!(refused, Error::Household { .. }), "{refused}");
    std::fs::remove_file(strongbox.join("household-2.json")).unwrap();
    assert!(vault.household().await.unwrap_err().to_string().contains("missing"));
    // A crash between file and pin leaves a file that nothing points to; the change can be made again.
    std::fs::write(strongbox.join("household-2.json"), b"two").unwrap();
    std::fs::write(strongbox.join("household-3.json"), b"half").unwrap();
    assert_eq!(vault.household().await.unwrap().unwrap(), b"two");
    vault.replace_household(3, b"three").await.unwrap();
    assert_eq!(vault.household().await.unwrap().unwrap(), b"three");
    close(vault).await;
}

/// What is durable is not known then, so that nobody is to go on; and to keep something, or to change something, is as good as any other
/// way to find out.
#[tokio::test]
async fn a_slot_that_fails_is_told_of_at_once_whoever_meets_it() {
    for keeping in [true, false] {
        let house = House::new();
        house.create().await.close().await.unwrap();
        let vault = house.open().await;
        let strongbox = house.path("home.strongbox");
        for name in ["slot-1", "slot-2"] {
            std::fs::rename(strongbox.join(name), strongbox.join(format!("{name}.away"))).unwrap();
            std::fs::create_dir(strongbox.join(name)).unwrap();
        }
        let refused = match keeping {
            true => {
                let words = house.moment(vec![house.recording(Kind::Transcript, 5, "hello")]);
                vault.keep(words).await.map(drop)
            }
            false => vault.put_secret("a/secret", b"of the hub").await,
        };
        refused.unwrap_err();
        tokio::time::timeout(Duration::from_secs(5), vault.broken()).await.unwrap();
        vault.close().await.unwrap();
        drop(vault);

        for name in ["slot-1", "slot-2"] {
            std::fs::remove_dir(strongbox.join(name)).unwrap();
            std::fs::rename(strongbox.join(format!("{name}.away")), strongbox.join(name)).unwrap();
        }
        let vault = house.open().await;
        house.say(&vault, "and after another start it works again").await;
        close(vault).await;
    }
}

#[cfg(feature = "tpm")]
#[tokio::test]
async fn an_ended_vault_gives_the_tpm_its_memory_back() {
    let Some(mut tpm) = Swtpm::start() else { return };
    let house = House::new();
    let kind = SlotKind::Tpm(tpm.name());
    close(Vault::create_with(house.config(), "home", kind).await.unwrap()).await;
    let (data, strongbox) = (house.data(), house.path("home.strongbox"));
    copy(&data, &house.path("old data"));
    copy(&strongbox, &house.path("old box"));
    let end = || Ending::of(&data, &KnownPlaces::default()).unwrap().carry_out(&[], &[]).unwrap();

    // A TPM that does not answer is named, and what leads to it is kept until it does.
    tpm.power_off();
    let ended = end();
    assert!(ended.destroyed.is_empty() && ended.unreached.len() == 1, "{ended:?}");
    assert!(strongbox.join("slot-tpm").exists());
    tpm.power_on();
    assert_eq!(end().unreached, []);
    assert!(!data.exists() && !strongbox.exists());

    // Both folders of before open nothing beside the TPM of now.
    std::fs::rename(house.path("old data"), &data).unwrap();
    std::fs::rename(house.path("old box"), &strongbox).unwrap();
    let refused = Vault::open(house.config()).await.err().unwrap().to_string();
    assert!(refused.contains("does not have the root key"), "{refused}");
}
