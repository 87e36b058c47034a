//! A live picture: its line before the first byte and that of its end, and what somebody else puts where they wait.

use porchlight_hub::recording::live::{self, Watching};

use super::*;

/// A camera at which nobody answers.
async fn yard(house: &House) -> String {
    let yard = Device::new("Yard", DeviceKind::Camera).unwrap();
    let id = yard.id.to_string();
    house
        .go_on(async |house, hub| {
            let mut asked =
                house.change(&hub, |home, now| home.add_device(yard.clone(), &house.anna, now).unwrap());
            asked.addresses.insert(yard.id.to_string(), "rtsp://127.0.0.1:1/".into());
            change(&hub, b"anna", asked).await.unwrap();
        })
        .await;
    id
}

/// Somebody begins to watch, and goes.
async fn watched(hub: &Arc<Hub>, camera: &str) -> Outcome {
    let Watching { guard, .. } = live::watch(hub, &signed_in(hub, b"toms").await, camera).await?;
    drop(guard);
    hub.live.close().await;
    Ok(())
}

#[tokio::test]
async fn a_live_look_has_its_beginning_and_its_end_wherever_it_is_stopped() {
    let house = House::make().await;
    let yard = yard(&house).await;
    // Of one that could not be written down, and of one that a hub was killed in, both lines are told all the same.
    let watching = house.tried("watching live").told_first(&["live", "live-end"]);
    watching.stopped_everywhere(async |_: &House, hub: Arc<Hub>| watched(&hub, &yard).await).await;
}

#[tokio::test]
async fn what_somebody_put_where_a_live_look_waits_is_told_to_nobody_and_keeps_nobody_out() {
    let house = House::make().await;
    let yard = yard(&house).await;
    let copied = house.again();
    let hub = copied.start(false).await;
    let Watching { guard, .. } = live::watch(&hub, &signed_in(&hub, b"toms").await, &yard).await.unwrap();
    let told = hub.vault.ledger_entries(0..999).await.unwrap().len();
    // The hub is killed while he watches, and its database is another when it starts again.
    copied.faults.after(0, Fault::Killed);
    drop(guard);
    hub.live.close().await;
    hub.cameras.stop_all().await;
    drop(hub);
    copied.faults.none();
    let database = copied.folder.path().join("home/hub.sqlite");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&database);
    let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
    let rows: Vec<(String, String, String)> =
        sqlx::query_as("SELECT id, begun, detail FROM live_look").fetch_all(&pool).await.unwrap();
    let [(id, begun, detail)] = &rows[..] else { panic!("{rows:?}") };
    let entry = r#"{"v":1,"kind":"recovery","hour":"2026-10-01T03:00:00Z","commitment":"00"}"#;
    let forged = serde_json::to_string(entry).unwrap();
    let other = detail.replace(house.tom.as_str(), house.anna.as_str());
    for (name, begun, detail) in [
        ("a", forged.as_str(), detail.as_str()),
        ("b", begun.as_str(), other.as_str()),
        ("c", begun.as_str(), "[1,2]"),
        ("d", "\"garbage \\n line\"", "{}"),
        ("e", begun.as_str(), detail.as_str()),
    ] {
        sqlx::query("INSERT INTO live_look (id, begun, detail) VALUES ($1, $2, $3)")
            .bind(name)
            .bind(begun)
            .bind(detail)
            .execute(&pool)
            .await
            .unwrap();
    }
    pool.close().await;
    let hub = copied.start(false).await;
    let lines = hub.vault.ledger_entries(0..999).await.unwrap();
    let new = &lines[told..];
    assert_eq!(new.len(), 1, "the end of the one that was: {new:?}");
    let vault::LedgerEntry::Event { kind, .. } = &new[0] else { panic!("{new:?}") };
    assert_eq!(kind, "live-end", "of {id}");
    watched(&hub, &yard).await.unwrap();
    stop(hub).await;
}
