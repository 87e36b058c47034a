//! Retention, and the clock it trusts.

use jiff::SignedDuration;
use porchlight_vault::{Clock, Filter, Forgotten, Id, Kind, LedgerEntry, Pause, Reason, Selection, Vault};

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
    let LedgerEntry::Event { detail: Some(detail), kind, .. } = &told[2] else { panic!("{told:?}") };
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
    assert!(told.iter().all(|told| matches!(told, LedgerEntry::Event { detail: None, .. })), "{told:?}");
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
    house.clock.jump_to(now - SignedDuration::from_hours(2));
    assert!(matches!(pause(&house, &vault).await, Pause::ClockBehind { .. }));
    house.clock.jump_to(now);
    assert_eq!(expire(&house, &vault).await, None);
    assert_eq!(house.read(&vault, said.recordings[1]).await, "hello");

    house.clock.jump_to(now + SignedDuration::from_hours(24 * 40));
    pause(&house, &vault).await;
    vault.confirm_clock(house.line("clock")).await.unwrap();
    assert_eq!(expire(&house, &vault).await.unwrap().recordings, said.recordings);
    close(vault).await;
}

#[tokio::test]
async fn a_start_far_ahead_waits_across_restarts() {
    let house = House::new();
    let vault = house.create().await;
    house.say(&vault, "hello").await;
    close(vault).await;
    house.clock.cut_power(40 * DAY);
    for _ in 0..2 {
        let vault = house.open().await;
        assert!(matches!(vault.opening().paused, Some(Pause::ClockAhead { .. })));
        house.say(&vault, "meanwhile").await;
        let why = pause(&house, &vault).await;
        assert!(why.to_string().contains("when an adult confirms it"), "{why}");
        assert_eq!(vault.clock_state().paused, Some(why));
        close(vault).await;
    }
    let vault = house.open().await;
    vault.confirm_clock(house.line("clock")).await.unwrap();
    assert_eq!(vault.clock_state().paused, None);
    assert_eq!(expire(&house, &vault).await.unwrap().recordings.len(), 2);
    close(vault).await;
    // Off for the weekend: that is no reason to wait where the network sets the clock.
    house.clock.cut_power(3 * DAY);
    house.clock.synchronise(true);
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
    assert!(matches!(pause(&house, &vault).await, Pause::MoreThanPlanned { due: 1200, planned: 0, .. }));
    vault.confirm_clock(house.line("clock")).await.unwrap();
    assert_eq!(expire(&house, &vault).await.unwrap().recordings.len(), 1200);
    assert_eq!(ids(&vault).await.len(), 6);
    close(vault).await;
}

/// Things said, of which one ends each day.
async fn one_for_each_day(house: &House, vault: &Vault, days: i64) -> Vec<Id> {
    let mut said = Vec::new();
    for day in 1..=days {
        let words = house.recording(Kind::Transcript, day, &format!("for {day} days"));
        said.extend(vault.keep(house.moment(vec![words])).await.unwrap().recordings);
    }
    said
}

#[tokio::test]
async fn a_start_up_to_a_week_ahead_takes_no_evidence_before_its_time() {
    for ahead in 1..=7 {
        let house = House::quick();
        let vault = house.create().await;
        let pieces = one_for_each_day(&house, &vault, 19).await;
        house.clock.advance(DAY);
        assert_eq!(expire(&house, &vault).await.unwrap().recordings, pieces[..1]);
        close(vault).await;

        let really = house.clock.now();
        house.clock.cut_power(DAY / 24);
        house.clock.jump_to(really + SignedDuration::from_hours(24 * ahead));
        for _ in 0..3 {
            let vault = house.open().await;
            let why = pause(&house, &vault).await;
            assert!(matches!(why, Pause::ClockAhead { latest, .. } if latest == really), "{why}");
            // What is kept by the wrong clock does not make it right.
            house.say(&vault, "meanwhile").await;
            pause(&house, &vault).await;
            close(vault).await;
        }
        // The clock is set right, and what ends then ends.
        house.clock.jump_to(really + SignedDuration::from_hours(1));
        let vault = house.open().await;
        assert_eq!(expire(&house, &vault).await, None, "{ahead} days ahead");
        house.clock.advance(DAY);
        assert_eq!(expire(&house, &vault).await.unwrap().recordings, pieces[1..2]);
        close(vault).await;
    }
}

#[tokio::test]
async fn after_eight_days_without_power_retention_goes_on_by_itself() {
    enum By {
        ADayOfTheNetwork,
        AnAdultsPhone,
        AnAdultsWord,
    }
    for by in [By::ADayOfTheNetwork, By::AnAdultsPhone, By::AnAdultsWord] {
        let house = House::quick();
        let vault = house.create().await;
        let pieces = one_for_each_day(&house, &vault, 12).await;
        // It had ended before the power went, and nobody had come to it.
        house.clock.advance(2 * DAY);
        vault.hear_clock(house.clock.now()).await.unwrap();
        house.say(&vault, "the last word").await;
        close(vault).await;
        house.clock.cut_power(8 * DAY);

        let vault = house.open().await;
        let expiry = vault.expire(&house.readers()).await.unwrap();
        assert!(matches!(expiry.paused, Some(Pause::ClockAhead { .. })), "{:?}", expiry.paused);
        assert_eq!(expiry.forgotten.unwrap().recordings, pieces[..2], "that needs no evidence");
        match by {
            By::ADayOfTheNetwork => {
                house.clock.synchronise(true);
                for _ in 0..24 {
                    pause(&house, &vault).await;
                    house.clock.advance(DAY / 24);
                }
            }
            By::AnAdultsPhone => {
                let other = house.clock.now() - SignedDuration::from_mins(6);
                assert!(!vault.hear_clock(other).await.unwrap());
                pause(&house, &vault).await;
                assert!(vault.hear_clock(house.clock.now()).await.unwrap());
                assert!(!vault.hear_clock(house.clock.now()).await.unwrap(), "that is no news any more");
            }
            By::AnAdultsWord => vault.confirm_clock(house.line("clock")).await.unwrap(),
        }
        let days = if matches!(by, By::ADayOfTheNetwork) { 11 } else { 10 };
        assert_eq!(expire(&house, &vault).await.unwrap().recordings, pieces[2..days]);
        close(vault).await;
        // And after the next start.
        let vault = house.open().await;
        assert_eq!(vault.opening().paused, None);
        house.clock.advance(DAY);
        assert_eq!(expire(&house, &vault).await.unwrap().recordings.len(), 1);
        close(vault).await;
    }
}

#[tokio::test]
async fn what_is_kept_by_a_clock_that_begins_in_1970_lives_as_long_as_it_should() {
    for minutes_by_network in [false, true] {
        let house = House::quick();
        let vault = house.create().await;
        close(vault).await;
        let really = house.clock.now() + SignedDuration::from_hours(2);
        house.clock.cut_power(DAY);
        house.clock.jump_to("1970-01-01T00:00:09Z".parse().unwrap());
        let vault = house.open().await;
        let pieces = one_for_each_day(&house, &vault, 19).await;
        assert!(matches!(pause(&house, &vault).await, Pause::ClockBehind { .. }));
        close(vault).await;
        house.clock.jump_to(really);
        house.clock.synchronise(minutes_by_network);
        let vault = house.open().await;
        if !minutes_by_network {
            // Nobody has said yet that it is right, and nothing of it has an end.
            assert!(matches!(pause(&house, &vault).await, Pause::ClockAhead { .. }));
            vault.hear_clock(really).await.unwrap();
        }
        for piece in pieces {
            assert_eq!(expire(&house, &vault).await, None);
            house.clock.advance(DAY);
            assert_eq!(expire(&house, &vault).await.unwrap().recordings, [piece], "{}", house.clock.now());
        }
        close(vault).await;
    }
}

#[tokio::test]
async fn a_catalog_of_an_earlier_release_knows_its_latest_time_and_no_more() {
    let house = House::new();
    let vault = house.create().await;
    let said = house.say(&vault, "hello").await;
    close(vault).await;
    let catalog = house.catalog().await;
    sqlx::query("UPDATE state SET anchor_boot = NULL, anchor_time = 0, anchor_proven = 0")
        .execute(&catalog)
        .await
        .unwrap();
    catalog.close().await;
    house.clock.advance(31 * DAY);
    let vault = house.open().await;
    assert!(matches!(pause(&house, &vault).await, Pause::ClockAhead { .. }));
    vault.hear_clock(house.clock.now()).await.unwrap();
    assert_eq!(expire(&house, &vault).await.unwrap().recordings, said.recordings);
    close(vault).await;
}
