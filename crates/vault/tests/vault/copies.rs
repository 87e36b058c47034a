//! Copies of the data folder, of any age, beside today's strongbox.

use porchlight_vault::{Told, Vault};

use crate::house::{DAY, House, close, ids};

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
        assert!(opening.restored, "{copy}: its ledger lacks the deletion");
        assert_eq!(opening.swept, 3, "{copy}");
        assert_eq!(ids(&vault).await, kept.recordings, "{copy}");
        assert_eq!(house.read(&vault, kept.recordings[1]).await, "keep this");
        for lost in [gone.recordings[0], derived.recordings[0], newer.recordings[0]] {
            assert!(vault.release(&[lost], house.look()).await.is_err());
        }
        let told = vault.ledger_entries(0..u64::MAX).await.unwrap();
        assert!(
            matches!(&told[0], Told::Continuation { checkpoint, .. } if checkpoint.contains("porchlight.local"))
        );
        assert_eq!(vault.check().await.unwrap().len(), 0);
        close(vault).await;

        let vault = house.open().await;
        assert!(!vault.opening().restored, "once is enough");
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
    assert!(vault.opening().paused.is_some(), "to the copy, a month has passed in no time");
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
    assert!(!found.restored && found.finished.is_empty() && found.paused.is_none());
    assert_eq!((found.swept, found.orphans), (0, 0));
    close(vault).await;
}
