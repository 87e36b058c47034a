//! Copies of the data folder, of any age, beside today's strongbox.

use porchlight_vault::{Clock, LedgerEntry, Vault};

use crate::house::{DAY, House, close, ids, release};

#[tokio::test]
async fn an_old_copy_opens_everything_but_what_was_forgotten() {
    let house = House::new();
    let vault = house.create().await;
    let gone = house.say(&vault, "forget this").await;
    let kept = house.say(&vault, "keep this").await;
    let derived = house.derive(&vault, &[gone.moment]).await;
    house.copy_data("live copy");
    close(vault).await;
    house.copy_data("closed copy");
    let vault = house.open().await;
    house.forget(&vault, &[gone.moment]).await;
    let newer = house.say(&vault, "said since").await;
    close(vault).await;

    for copy in ["closed copy", "live copy", "closed copy"] {
        house.put_back(copy);
        let vault = house.open().await;
        let opening = vault.opening();
        assert!(opening.restored(), "{copy}: its ledger lacks the deletion");
        assert_eq!(opening.swept, 3, "{copy}");
        assert_eq!(ids(&vault).await, kept.recordings, "{copy}");
        assert_eq!(house.read(&vault, kept.recordings[1]).await, "keep this");
        for lost in [gone.recordings[0], derived.recordings[0], newer.recordings[0]] {
            assert!(release(&vault, &[lost], house.look()).await.is_err());
        }
        let told = vault.ledger_entries(0..u64::MAX).await.unwrap();
        assert!(
            matches!(&told[0], LedgerEntry::Continuation { checkpoint, .. } if checkpoint.contains("porchlight.local"))
        );
        assert_eq!(vault.check().await.unwrap().len(), 0);
        close(vault).await;

        let vault = house.open().await;
        assert!(!vault.opening().restored(), "once is enough");
        close(vault).await;
    }
}

#[tokio::test]
async fn what_has_expired_does_not_come_back_either() {
    let house = House::new();
    let vault = house.create().await;
    house.say(&vault, "for a month").await;
    close(vault).await;
    house.copy_data("copy");
    let vault = house.open().await;
    for _ in 0..31 {
        house.clock.advance(DAY);
        vault.expire(&house.readers()).await.unwrap();
    }
    assert_eq!(ids(&vault).await, []);
    close(vault).await;
    house.put_back("copy");
    let vault = house.open().await;
    assert_eq!((vault.opening().swept, ids(&vault).await), (2, vec![]));
    assert_eq!(vault.opening().paused, None, "the machine was on, and has counted the month");
    close(vault).await;
}

#[tokio::test]
async fn once_somebody_agrees_newer_copies_than_the_one_put_back_open_nothing_of_their_own() {
    let house = House::new();
    let vault = Vault::create(house.config_with(&["home.strongbox", "stick"]), "home").await.unwrap();
    let open = async || Vault::open(house.config_with(&["home.strongbox", "stick"])).await.unwrap();
    let kept = house.say(&vault, "keep this").await;
    let derived = house.derive(&vault, &[kept.moment]).await;
    house.clock.advance(DAY);
    vault.expire(&house.readers()).await.unwrap();
    let made = house.clock.now();
    house.copy_data("older");
    // In the same run, and in another, with segments of its own.
    let in_newer = house.say(&vault, "only in the newer copy").await;
    close(vault).await;
    let vault = open().await;
    let later = house.say(&vault, "there too").await;
    house.release(&vault, &later.recordings).await;
    close(vault).await;
    house.copy_data("newer");

    // As long as nobody has agreed, either copy opens.
    for copy in ["older", "newer", "older"] {
        house.put_back(copy);
        let vault = open().await;
        assert_eq!(vault.opening().swept, 0, "{copy}");
        let expected = if copy == "older" { made } else { house.clock.now() };
        assert_eq!(vault.restored_copy(), Some(expected), "{copy}");
        close(vault).await;
        let vault = open().await;
        assert_eq!(vault.restored_copy(), Some(expected), "it is asked until it is answered");
        close(vault).await;
    }
    let vault = open().await;
    let since = house.say(&vault, "said since").await;
    vault.end_newer_copies(house.line("copies")).await.unwrap();
    assert_eq!(vault.restored_copy(), None);
    let (first, again) = (house.say(&vault, "and after").await, house.derive(&vault, &[since.moment]).await);
    for (id, words) in [
        (kept.recordings[1], "keep this"),
        (derived.recordings[0], "made from others"),
        (since.recordings[1], "said since"),
        (first.recordings[1], "and after"),
        (again.recordings[0], "made from others"),
    ] {
        assert_eq!(house.read(&vault, id).await, words);
    }
    assert_eq!(vault.check().await.unwrap().len(), 0);
    close(vault).await;

    house.put_back("newer");
    let vault = open().await;
    assert_eq!(vault.opening().swept, 5, "both that were said, and the detail of the look");
    assert_eq!(ids(&vault).await, [kept.recordings.clone(), derived.recordings].concat());
    assert_eq!(house.read(&vault, kept.recordings[1]).await, "keep this");
    for lost in [in_newer.recordings[1], later.recordings[1]] {
        assert!(release(&vault, &[lost], house.look()).await.is_err());
    }
    close(vault).await;
}

#[tokio::test]
async fn an_agreement_that_a_crash_cut_off_is_carried_out_at_the_next_start() {
    let house = House::new();
    let vault = house.create().await;
    let kept = house.say(&vault, "keep this").await;
    house.copy_data("older");
    let lost = house.say(&vault, "only in the newer copy").await;
    house.release(&vault, &lost.recordings).await;
    close(vault).await;
    house.copy_data("newer");
    house.put_back("older");
    close(house.open().await).await;
    let catalog = house.catalog().await;
    sqlx::query("UPDATE state SET restored_agreed = 1").execute(&catalog).await.unwrap();
    catalog.close().await;
    let vault = house.open().await;
    assert_eq!(vault.restored_copy(), None);
    assert_eq!(house.read(&vault, kept.recordings[1]).await, "keep this");
    close(vault).await;
    house.put_back("newer");
    let vault = house.open().await;
    assert_eq!(ids(&vault).await, kept.recordings);
    close(vault).await;
}

#[tokio::test]
async fn a_start_in_order_finds_nothing_to_do() {
    let house = House::new();
    let vault = house.create().await;
    house.say(&vault, "hello").await;
    vault.put_secret("camera", b"hunter2").await.unwrap();
    close(vault).await;
    let vault = Vault::open(house.config()).await.unwrap();
    let found = vault.opening();
    assert!(!found.restored() && found.finished.is_empty() && found.paused.is_none());
    assert_eq!((found.swept, found.orphans), (0, 0));
    close(vault).await;
}
