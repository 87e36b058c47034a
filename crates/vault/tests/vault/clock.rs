//! Retention, and the clock it trusts.

use jiff::SignedDuration;
use porchlight_vault::{Clock, Filter, Forgotten, Kind, Pause, Reason, Selection, Told, Vault};

use crate::house::{DAY, House, close, ids};

async fn expire(house: &House, vault: &Vault) -> Option<Forgotten> {
    let expiry = vault.expire(&house.readers()).await.unwrap();
    assert_eq!(expiry.paused, None);
    expiry.forgotten
}

async fn pause(house: &House, vault: &Vault) -> Pause {
    let expiry = vault.expire(&house.readers()).await.unwrap();
    assert_eq!(expiry.forgotten, None);
    expiry.paused.expect("expiry should wait")
}

#[tokio::test]
async fn an_earlier_end_takes_its_own_recording_and_the_last_takes_the_moment() {
    let house = House::new();
    let vault = house.create().await;
    let (voice, transcript) =
        (house.recording(Kind::Voice, 7, "sound"), house.recording(Kind::Transcript, 30, "words"));
    let said = vault.keep(house.moment(vec![voice, transcript])).await.unwrap();
    assert_eq!(expire(&house, &vault).await, None);

    house.clock.advance(7 * DAY);
    let first = expire(&house, &vault).await.unwrap();
    assert_eq!((first.recordings, first.moments), (vec![said.recordings[0]], vec![]));
    assert_eq!(house.read(&vault, said.recordings[1]).await, "words");

    house.clock.advance(23 * DAY);
    let last = expire(&house, &vault).await.unwrap();
    assert_eq!((last.recordings, last.moments), (vec![said.recordings[1]], vec![said.moment]));
    assert_eq!(ids(&vault).await, []);
    let told = vault.ledger_entries(0..u64::MAX).await.unwrap();
    let Told::Event { detail: Some(detail), kind, .. } = &told[2] else { panic!("{told:?}") };
    assert_eq!(kind, "deletion");
    let text = house.decrypt(&vault.details(&[*detail]).await.unwrap().released[0]);
    assert!(text.contains(Reason::Expired.as_str()), "{text}");
    close(vault).await;
}

#[tokio::test]
async fn a_moment_lives_as_long_as_what_was_made_from_it_and_can_be_forgotten_until_then() {
    let house = House::new();
    let vault = house.create().await;
    let said = vault.keep(house.moment(vec![house.recording(Kind::Voice, 7, "sound")])).await.unwrap();
    let derived = house.derive(&vault, &[said.moment]).await;
    house.clock.advance(8 * DAY);
    let ended = expire(&house, &vault).await.unwrap();
    assert_eq!((ended.recordings, ended.moments), (said.recordings, vec![]));
    assert_eq!(house.read(&vault, derived.recordings[0]).await, "made from others");
    // Its own recordings have ended, but what was learned from it is still reached by its time and place.
    let day = Filter { to: Some(house.after(-7)), rooms: vec!["kitchen".into()], ..Filter::default() };
    let plan = vault.plan(&Selection::Filter(day)).await.unwrap();
    assert_eq!(plan.recordings[0].id, derived.recordings[0]);
    vault.forget(&plan.token, &[], house.why()).await.unwrap();
    assert_eq!(ids(&vault).await, []);
    close(vault).await;
}

#[tokio::test]
async fn the_end_of_a_detail_is_no_news() {
    let house = House::new();
    let vault = house.create().await;
    let said = house.say(&vault, "hello").await;
    house.release(&vault, &said.recordings).await;
    for _ in 0..70 {
        house.clock.advance(7 * DAY);
        expire(&house, &vault).await;
    }
    let told = vault.ledger_entries(0..u64::MAX).await.unwrap();
    assert_eq!(told.len(), 2, "the look, and the end of what was looked at");
    assert!(told.iter().all(|told| matches!(told, Told::Event { detail: None, .. })), "{told:?}");
    close(vault).await;
}

#[tokio::test]
async fn a_jump_forgets_nothing_until_it_is_taken_back_or_confirmed() {
    let house = House::new();
    let vault = house.create().await;
    let said = house.say(&vault, "hello").await;
    let now = house.clock.now();
    expire(&house, &vault).await;
    house.clock.jump_to(now + SignedDuration::from_hours(24 * 365));
    assert!(matches!(pause(&house, &vault).await, Pause::ClockJumped { .. }));
    // What is kept under a wrong clock does not make it right.
    house.say(&vault, "in a year").await;
    assert!(matches!(pause(&house, &vault).await, Pause::ClockJumped { .. }));
    house.clock.jump_to(now - SignedDuration::from_hours(1));
    assert!(matches!(pause(&house, &vault).await, Pause::ClockBehind { .. }));
    house.clock.jump_to(now);
    assert_eq!(expire(&house, &vault).await, None);
    assert_eq!(house.read(&vault, said.recordings[1]).await, "hello");

    house.clock.jump_to(now + SignedDuration::from_hours(24 * 40));
    pause(&house, &vault).await;
    vault.confirm_clock().await.unwrap();
    assert_eq!(expire(&house, &vault).await.unwrap().recordings, said.recordings);
    close(vault).await;
}

#[tokio::test]
async fn a_start_far_ahead_waits_across_restarts() {
    let house = House::new();
    let vault = house.create().await;
    house.say(&vault, "hello").await;
    close(vault).await;
    house.clock.advance(40 * DAY);
    for _ in 0..2 {
        let vault = house.open().await;
        assert!(matches!(vault.opening().paused, Some(Pause::ClockAhead { .. })));
        house.say(&vault, "meanwhile").await;
        let why = pause(&house, &vault).await;
        assert!(why.to_string().contains("an adult confirms"), "{why}");
        close(vault).await;
    }
    let vault = house.open().await;
    vault.confirm_clock().await.unwrap();
    assert_eq!(expire(&house, &vault).await.unwrap().recordings.len(), 2);
    close(vault).await;
    // Off for the weekend: that is no reason to wait.
    house.clock.advance(3 * DAY);
    let vault = house.open().await;
    assert_eq!(vault.opening().paused, None);
    close(vault).await;
}

#[tokio::test]
async fn far_more_than_was_planned_waits() {
    let house = House::new();
    let vault = house.create().await;
    for _ in 0..3 {
        house.say(&vault, "hello").await;
    }
    expire(&house, &vault).await;
    close(vault).await;
    // Somebody rewrote the ends of very many rows; nobody had planned for that.
    let catalog = house.catalog().await;
    let (moment,): (i64,) = sqlx::query_as("SELECT MAX(id) FROM moments").fetch_one(&catalog).await.unwrap();
    for n in 0..1200 {
        sqlx::query(
            "INSERT INTO recordings (id, moment, kind, purpose, ends, media_type, size, digest, header, payload) \
             VALUES ($1, $2, 'video', 'security', 0, 'x', 0, x'', x'', x'')",
        )
        .bind(9_000_000 + n)
        .bind(moment)
        .execute(&catalog)
        .await
        .unwrap();
    }
    catalog.close().await;
    let vault = house.open().await;
    assert!(matches!(pause(&house, &vault).await, Pause::MoreThanPlanned { due: 1200, planned: 0 }));
    vault.confirm_clock().await.unwrap();
    assert_eq!(expire(&house, &vault).await.unwrap().recordings.len(), 1200);
    assert_eq!(ids(&vault).await.len(), 6);
    close(vault).await;
}
