//! Bits that flip: named one by one, while the rest goes on.

use porchlight_vault::{Error, Filter};

use crate::house::{House, close, files, ids};

#[tokio::test]
async fn each_flipped_bit_is_named_and_the_rest_opens() {
    let house = House::new();
    let vault = house.create().await;
    let mut kept = Vec::new();
    for word in ["header", "person", "source", "digest", "inline", "whole"] {
        kept.push(house.say(&vault, word).await);
    }
    close(vault).await;
    let id = |n: usize| i64::try_from(kept[n].recordings[1].get()).unwrap();
    let catalog = house.catalog().await;
    for (statement, id) in [
        (
            "UPDATE recordings SET header = substr(header, 1, 40) || x'00' || substr(header, 42) WHERE id = $1",
            id(0),
        ),
        ("UPDATE moments SET person = 'bob' WHERE id = (SELECT moment FROM recordings WHERE id = $1)", id(1)),
        ("UPDATE sources SET moment = (SELECT MIN(id) FROM moments) WHERE recording = $1", id(2)),
        ("UPDATE recordings SET digest = x'00' WHERE id = $1", id(3)),
        ("UPDATE recordings SET payload = payload || x'00' WHERE id = $1", id(4)),
    ] {
        assert_eq!(sqlx::query(statement).bind(id).execute(&catalog).await.unwrap().rows_affected(), 1);
    }
    catalog.close().await;

    let vault = house.open().await;
    let transcripts: Vec<_> = kept.iter().map(|kept| kept.recordings[1]).collect();
    let looked = house.release(&vault, &transcripts).await;
    assert_eq!(looked.released.len(), 1);
    assert_eq!(house.decrypt(&looked.released[0]), "whole");
    assert_eq!(looked.failed.len(), 5);
    for (id, why) in &looked.failed {
        assert!(matches!(why, Error::Damaged { id: named, .. } if named == id), "{why}");
        assert!(why.to_string().contains(&id.to_string()), "{why}");
    }
    let damaged = vault.check().await.unwrap();
    assert_eq!(damaged.len(), 6, "the sound of the moment whose person was altered too: {damaged:?}");
    close(vault).await;
}

#[tokio::test]
async fn a_flipped_or_missing_payload_is_named() {
    let house = House::new();
    let vault = house.create().await;
    let (flipped, missing) = (house.say(&vault, "one").await, house.say(&vault, "two").await);
    let mut blobs = Vec::new();
    for path in files(&house.data().join("blobs")) {
        blobs.push(path);
    }
    let catalog = house.catalog().await;
    let name: String = sqlx::query_scalar("SELECT blob FROM recordings WHERE id = $1")
        .bind(i64::try_from(flipped.recordings[0].get()).unwrap())
        .fetch_one(&catalog)
        .await
        .unwrap();
    catalog.close().await;
    for path in blobs {
        if path.ends_with(&name) {
            let mut bytes = std::fs::read(&path).unwrap();
            bytes[1000] ^= 1;
            std::fs::write(&path, bytes).unwrap();
        } else {
            std::fs::remove_file(&path).unwrap();
        }
    }
    let looked = house.release(&vault, &[flipped.moment, missing.moment]).await;
    assert_eq!(looked.released.len(), 2, "the words of both");
    assert!(looked.failed[0].1.to_string().contains("not what was written"), "{:?}", looked.failed);
    assert!(looked.failed[1].1.to_string().contains("is missing"), "{:?}", looked.failed);
    // What is damaged can still be forgotten.
    house.forget(&vault, &[flipped.moment, missing.moment]).await;
    assert_eq!(ids(&vault).await, []);
    close(vault).await;
}

#[tokio::test]
async fn a_row_that_makes_no_sense_is_left_out_and_named_and_can_be_forgotten() {
    let house = House::new();
    let vault = house.create().await;
    let (bad, good) = (house.say(&vault, "bad").await, house.say(&vault, "good").await);
    let catalog = house.catalog().await;
    sqlx::query("UPDATE recordings SET kind = 'vioce' WHERE id = $1")
        .bind(i64::try_from(bad.recordings[0].get()).unwrap())
        .execute(&catalog)
        .await
        .unwrap();
    catalog.close().await;
    let listed = vault.list(&Filter::default()).await.unwrap();
    assert_eq!(listed.len(), 3);
    let named = vault.check().await.unwrap();
    assert!(named[0].to_string().contains("the catalog's kind cannot be read"), "{named:?}");
    house.forget(&vault, &[bad.moment]).await;
    assert_eq!(ids(&vault).await, good.recordings);
    assert_eq!(vault.check().await.unwrap().len(), 0);
    close(vault).await;
}
