//! An older copy of the data folder that was put back: whoever was signed in then is not signed in now, wherever a start is stopped.

use super::*;

#[tokio::test]
async fn after_an_older_copy_was_put_back_nobody_is_signed_in_wherever_the_start_is_stopped() {
    let house = House::make().await;
    let older = quick_folder();
    copy(house.made.path(), older.path());
    // A line that the copy does not have: one session ends.
    house
        .go_on(async |house, hub| {
            let session = signed_in(&hub, b"tom2").await.session.id;
            crate::api::sessions::end_one(&hub, &house.tom, &session).await.unwrap();
        })
        .await;
    std::fs::remove_dir_all(house.made.path().join("home")).unwrap();
    copy(&older.path().join("home"), &house.made.path().join("home"));

    let whole = house.again();
    whole.faults.none();
    stop(whole.start(false).await).await;
    let writes = whole.faults.writes();
    for at in 0..writes {
        for fault in FAULTS {
            let again = house.again();
            again.faults.after(at, fault);
            if let Ok(hub) = start(again.folder.path(), &house.clock, false).await {
                hub.cameras.stop_all().await;
            }
            again.faults.none();
            let hub = again.start(false).await;
            for token in [b"anna", b"toms", b"tom2"] {
                let session = hub.store.session(token, hub.now()).await.unwrap();
                assert!(session.is_none(), "{fault:?} at write {at} of {writes}: {session:?}");
            }
            stop(hub).await;
        }
    }
    eprintln!("a start with an older copy: stopped at each of {writes} writes, in three ways");
}
