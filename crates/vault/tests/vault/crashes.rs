//! What a crash leaves, built by hand, and what the next start makes of it.

use jiff::Timestamp;
use porchlight_ledger::commitment;
use porchlight_vault::{Clock, Id, Kept, LedgerEntry, Vault};

use crate::house::{House, close, files, ids, release};

/// Writes the erasure row of a moment and nothing else, as a crash before the puncture leaves it.
async fn erasure_row(house: &House, moment: Id, recordings: &[Id]) {
    let (line, _) = commitment::commit("deletion", Timestamp::now(), b"{}").unwrap();
    let line = marked(house, line.to_bytes()).await;
    let catalog = house.catalog().await;
    sqlx::query(
        "INSERT INTO erasures (id, reason, asked_by, asked_at, moments, recordings, line) \
         VALUES (1, 'asked', 'ann', 0, 1, 2, $1)",
    )
    .bind(line)
    .execute(&catalog)
    .await
    .unwrap();
    for (table, id) in recordings.iter().map(|id| ("recordings", id)).chain([("moments", &moment)]) {
        let statement = sqlx::AssertSqlSafe(format!("UPDATE {table} SET erasure = 1 WHERE id = $1"));
        sqlx::query(statement).bind(i64::try_from(id.get()).unwrap()).execute(&catalog).await.unwrap();
    }
    catalog.close().await;
}

/// A line as it waits in the catalog: its mark, and then itself.
async fn marked(house: &House, line: Vec<u8>) -> Vec<u8> {
    let vault = house.open().await;
    let text = vault.mark("owed line", std::str::from_utf8(&line).unwrap());
    close(vault).await;
    let (mark, line) = text.split_at(64);
    [hex::decode(mark).unwrap(), line.as_bytes().to_vec()].concat()
}

async fn deletions(vault: &Vault) -> usize {
    let told = vault.ledger_entries(0..u64::MAX).await.unwrap();
    told.iter().filter(|told| matches!(told, LedgerEntry::Event { kind, .. } if kind == "deletion")).count()
}

/// A house with something to forget, something made from it, and something to keep; closed.
async fn furnished() -> (House, Kept, Kept, Kept) {
    let house = House::new();
    let vault = house.create().await;
    let gone = house.say(&vault, "forget this").await;
    let derived = house.derive(&vault, &[gone.moment]).await;
    let kept = house.say(&vault, "keep this").await;
    close(vault).await;
    (house, gone, derived, kept)
}

#[tokio::test]
async fn after_the_erasure_row_the_next_start_forgets() {
    let (house, gone, derived, kept) = furnished().await;
    // Not even the derived recording is marked: the sweep computes the closure again.
    erasure_row(&house, gone.moment, &gone.recordings).await;
    let vault = house.open().await;
    assert_eq!(vault.opening().finished, [1]);
    assert_eq!(ids(&vault).await, kept.recordings);
    assert_eq!(deletions(&vault).await, 1);
    assert!(release(&vault, &derived.recordings, house.look()).await.is_err());
    assert_eq!(house.read(&vault, kept.recordings[1]).await, "keep this");
    close(vault).await;
    let vault = house.open().await;
    assert_eq!((vault.opening().finished.len(), deletions(&vault).await), (0, 1));
    close(vault).await;
}

#[tokio::test]
async fn after_the_puncture_the_next_start_tells_and_sweeps() {
    let (house, gone, derived, kept) = furnished().await;
    erasure_row(&house, gone.moment, &[&gone.recordings[..], &derived.recordings].concat()).await;
    house.copy_data("before");
    // The keys go; then the data folder is as it was before that, with its erasure row still open.
    close(house.open().await).await;
    house.put_back("before");
    let vault = house.open().await;
    assert_eq!(vault.opening().finished, [1]);
    assert_eq!(ids(&vault).await, kept.recordings);
    assert_eq!(files(&house.data().join("blobs")).len(), 1);
    close(vault).await;
}

#[tokio::test]
async fn what_cannot_be_swept_is_named_and_tried_again_and_told_of_once() {
    let house = House::new();
    let vault = house.create().await;
    let gone = house.say(&vault, "forget this").await;
    let kept = house.say(&vault, "keep this").await;
    let blob = {
        let catalog = house.catalog().await;
        let name: String = sqlx::query_scalar("SELECT blob FROM recordings WHERE id = $1")
            .bind(i64::try_from(gone.recordings[0].get()).unwrap())
            .fetch_one(&catalog)
            .await
            .unwrap();
        catalog.close().await;
        house.data().join("blobs").join(name)
    };
    // A folder that is not empty stands where the payload was: it cannot be deleted.
    std::fs::remove_file(&blob).unwrap();
    std::fs::create_dir(&blob).unwrap();
    std::fs::write(blob.join("stuck"), b"").unwrap();

    let forgotten = house.forget(&vault, &[gone.moment]).await;
    let why = forgotten.unswept.expect("the payload could not be deleted");
    assert!(!why.is_empty());
    assert_eq!(ids(&vault).await, kept.recordings, "forgotten it is all the same");
    assert!(release(&vault, &[gone.recordings[1]], house.look()).await.is_err());
    vault.expire(&house.readers()).await.unwrap();
    assert_eq!(deletions(&vault).await, 1);
    close(vault).await;

    std::fs::remove_dir_all(&blob).unwrap();
    let vault = house.open().await;
    assert_eq!(vault.opening().finished, [forgotten.erasure]);
    assert_eq!(deletions(&vault).await, 1, "told of once");
    close(vault).await;
    let vault = house.open().await;
    assert_eq!(vault.opening().finished, Vec::<u64>::new());
    close(vault).await;
}

#[tokio::test]
async fn a_payload_without_a_row_is_cleared_away() {
    let house = House::new();
    let vault = house.create().await;
    let kept = house.say(&vault, "hello").await;
    // Killed between payload and row: the vault is dropped, not closed.
    let shelf = house.data().join("blobs/00");
    std::fs::create_dir_all(&shelf).unwrap();
    std::fs::write(shelf.join("f".repeat(30)), b"noise").unwrap();
    std::fs::write(shelf.join(format!("{}#1", "e".repeat(30))), b"no").unwrap();
    drop(vault);
    let vault = house.open().await;
    assert_eq!(vault.opening().orphans, 2);
    assert_eq!(files(&house.data().join("blobs")).len(), 1);
    assert_eq!(house.read(&vault, kept.recordings[1]).await, "hello");
    close(vault).await;
}

#[tokio::test]
async fn a_kill_loses_nothing_that_was_acknowledged() {
    let house = House::new();
    let vault = house.create().await;
    let kept = house.say(&vault, "hello").await;
    let gone = house.say(&vault, "bye").await;
    house.forget(&vault, &[gone.moment]).await;
    // What a kill leaves on the disk is what lies there now.
    house.copy_data("killed");
    drop(vault);
    house.put_back("killed");
    let vault = house.open().await;
    assert_eq!(ids(&vault).await, kept.recordings);
    assert!(!vault.opening().restored());
    assert!(vault.opening().paused.is_none(), "{}", house.clock.now());
    close(vault).await;
}
