//! Years of a household, in a moment: what was kept ends on its day and no earlier, whatever the clock does.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use porchlight_vault::{Clock, Id, Kind, Pause, Vault};

use crate::house::{DAY, House, close, ids};

/// What was kept, with its end.
#[derive(Default)]
struct Kept(BTreeMap<Id, Timestamp>);

impl Kept {
    /// One thing said today: its sound for a week, its words for a month.
    async fn say(&mut self, house: &House, vault: &Vault) {
        let recordings =
            vec![house.recording(Kind::Voice, 7, "sound"), house.recording(Kind::Transcript, 30, "words")];
        let ends: Vec<_> = recordings.iter().filter_map(|recording| recording.terms.ends().at()).collect();
        let kept = vault.keep(house.moment(recordings)).await.unwrap();
        self.0.extend(kept.recordings.into_iter().zip(ends));
    }

    /// What has not ended by now.
    fn living(&self, house: &House) -> Vec<Id> {
        let now = house.clock.now();
        self.0.iter().filter(|(_, ends)| **ends > now).map(|(id, _)| *id).collect()
    }
}

async fn listed(vault: &Vault) -> Vec<Id> {
    let mut ids = ids(vault).await;
    ids.sort_unstable();
    ids
}

fn start_at(house: &House, at: &str) {
    house.clock.jump_to(at.parse().unwrap());
}

#[tokio::test]
async fn for_five_years_everything_ends_on_its_day_and_nothing_earlier() {
    let house = House::quick();
    // Across 19 January 2038, when seconds no longer fit into 31 bits, and two leap days.
    start_at(&house, "2035-06-01T07:30:00Z");
    house.clock.synchronise(true);
    let mut vault = house.create().await;
    let mut kept = Kept::default();
    for day in 0..5 * 365 + 2 {
        kept.say(&house, &vault).await;
        house.clock.advance(DAY);
        let expiry = vault.expire(&house.readers()).await.unwrap();
        assert_eq!(expiry.paused, None, "day {day}, {}", house.clock.now());
        assert_eq!(listed(&vault).await, kept.living(&house), "day {day}, {}", house.clock.now());
        // The hub is restarted now and then, and one winter it is away for three weeks.
        if day % 200 == 150 {
            close(vault).await;
            house.clock.cut_power(if day == 350 { 21 * DAY } else { DAY / 24 });
            vault = house.open().await;
            if day == 350 {
                assert!(matches!(vault.opening().paused, Some(Pause::ClockAhead { .. })));
                assert!(vault.hear_clock(house.clock.now()).await.unwrap(), "Ann opens the app");
            }
            vault.expire(&house.readers()).await.unwrap();
            assert_eq!(listed(&vault).await, kept.living(&house), "after a restart on day {day}");
        }
        kept.0.retain(|_, ends| *ends > house.clock.now());
    }
    assert!(house.clock.now() > "2040-05-30T00:00:00Z".parse().unwrap());
    close(vault).await;
}

#[tokio::test]
async fn without_a_clock_chip_nothing_ends_until_the_network_sets_the_time() {
    let house = House::quick();
    let mut vault = house.create().await;
    let mut kept = Kept::default();
    let mut right = house.clock.now();
    for start in 0..40 {
        // Each start is at a time of the machine's own: 1970, or when its system was built.
        close(vault).await;
        let wrong = if start % 2 == 0 { "1970-01-01T00:00:07Z" } else { "2026-03-01T00:00:00Z" };
        house.clock.synchronise(false);
        house.clock.cut_power(DAY);
        start_at(&house, wrong);
        vault = house.open().await;
        let before = listed(&vault).await;
        for _ in 0..3 {
            let expiry = vault.expire(&house.readers()).await.unwrap();
            assert!(matches!(expiry.paused, Some(Pause::ClockBehind { .. })), "{:?}", expiry.paused);
            house.clock.advance(Duration::from_secs(600));
        }
        assert_eq!(listed(&vault).await, before, "nothing has ended by a wrong clock");
        // Then the network sets it, some hours after the last time it was right.
        right += SignedDuration::from_hours(30);
        house.clock.jump_to(right);
        house.clock.synchronise(true);
        if start % 2 == 1 {
            // The network alone is believed for three days in all; then somebody has to come by.
            assert!(vault.hear_clock(house.clock.now()).await.unwrap());
        }
        let expiry = vault.expire(&house.readers()).await.unwrap();
        assert_eq!(expiry.paused, None, "start {start}");
        assert_eq!(listed(&vault).await, kept.living(&house), "start {start}");
        kept.say(&house, &vault).await;
    }
    close(vault).await;
}

#[tokio::test]
async fn after_a_month_asleep_what_has_ended_ends_and_nothing_else() {
    let house = House::quick();
    let vault = house.create().await;
    let mut kept = Kept::default();
    for _ in 0..10 {
        kept.say(&house, &vault).await;
        house.clock.advance(DAY);
        vault.expire(&house.readers()).await.unwrap();
    }
    kept.0.retain(|_, ends| *ends > house.clock.now());
    // The monotonic clock counts sleep, so a month of it is no jump.
    house.clock.advance(24 * DAY);
    kept.say(&house, &vault).await;
    let expiry = vault.expire(&house.readers()).await.unwrap();
    assert_eq!(expiry.paused, None);
    assert_eq!(listed(&vault).await, kept.living(&house));
    close(vault).await;
}

#[tokio::test]
async fn a_clock_that_is_never_right_for_long_forgets_nothing_before_its_end() {
    let house = House::quick();
    let vault = house.create().await;
    let mut kept = Kept::default();
    let begun = house.clock.now();
    // What time it really is, and how wrong the clock is in each hour: hours, weeks, years, both ways.
    let mut wrong =
        [0i64, 0, 2, -3, 24 * 9, 0, -24 * 400, 24 * 4000, 0, 0, 24 * 365 * 60].into_iter().cycle();
    for hour in 0..24 * 45 {
        let really = begun + SignedDuration::from_hours(hour);
        house.clock.advance(Duration::from_secs(3600));
        house.clock.jump_to(really);
        if hour % 12 == 0 {
            kept.say(&house, &vault).await;
        }
        let off = wrong.next().unwrap_or_default();
        house.clock.jump_to(really + SignedDuration::from_hours(off));
        vault.expire(&house.readers()).await.unwrap();
        house.clock.jump_to(really);
        if off == 0 {
            let listed = listed(&vault).await;
            for id in kept.living(&house) {
                assert!(listed.contains(&id), "{id} ended before its time, in hour {hour}");
            }
        }
    }
    // Right at last: all that has ended is gone, at once.
    vault.expire(&house.readers()).await.unwrap();
    assert_eq!(listed(&vault).await, kept.living(&house));
    close(vault).await;
}
