//! An older copy of the data folder that was put back: whoever was signed in then is not signed in now, and newer copies end once.

use axum::Json;
use axum::extract::State;
use porchlight_protocol::EndNewerCopies;

use super::*;
use crate::api::copies;
use crate::extract::{Adult, Fresh};

/// A house whose data folder is older than its strongbox.
async fn older_copy_put_back() -> House {
    let house = House::make().await;
    let older = quick_folder();
    copy(house.made.path(), older.path());
    // A line that the copy does not have: one session ends.
    house
        .go_on(async |house, hub| {
            let session = signed_in(&hub, b"tom2").await.session.id;
            porchlight_hub::accounts::account_changes::end_session(&hub, &house.tom, &session).await.unwrap();
        })
        .await;
    std::fs::remove_dir_all(house.made.path().join("home")).unwrap();
    copy(&older.path().join("home"), &house.made.path().join("home"));
    house
}

#[tokio::test]
async fn after_an_older_copy_was_put_back_nobody_is_signed_in_wherever_the_start_is_stopped() {
    let house = older_copy_put_back().await;
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

#[tokio::test]
async fn newer_copies_end_with_one_line_or_not_at_all_wherever_that_is_stopped() {
    let house = older_copy_put_back().await;
    house
        .go_on(async |house, hub| {
            hub.store.start_session(b"anna", house.anna.as_str(), "a test", hub.now()).await.unwrap();
        })
        .await;
    let ending = house.tried("ending newer copies");
    ending
        .stopped_everywhere(async |_: &House, hub: Arc<Hub>| {
            let who = signed_in(&hub, b"anna").await;
            let adult = Adult(who.viewer.member().unwrap().clone());
            // Once they have ended nobody is asked any more.
            let Some(made) = hub.vault.restored_copy() else { return Ok(()) };
            copies::end_newer(State(hub), adult, Fresh(who), Json(EndNewerCopies { made })).await.map(drop)
        })
        .await;
}
