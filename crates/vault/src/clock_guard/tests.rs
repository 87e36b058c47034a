//! The rule of the clock, case by case.

use super::*;

fn at(hours: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + hours * 3600).unwrap()
}

/// What the clock shows, in hours, when the machine has counted so many.
fn shows(now: i64, counted: u64) -> Reading {
    Reading { now: at(now), monotonic: Duration::from_secs(counted * 3600), synchronised: false }
}

fn by_network(now: i64, counted: u64) -> Reading {
    Reading { synchronised: true, ..shows(now, counted) }
}

/// A clock that was right at hour 0, on a machine that has been on since.
fn right() -> ClockGuard {
    let mut guard = after_power_cut();
    guard.confirm(shows(0, 0));
    guard.confirmed = false;
    guard
}

/// The latest time that was trusted is hour 0; then the power was gone.
fn after_power_cut() -> ClockGuard {
    ClockGuard::since(at(0), None, "this start".into(), Duration::ZERO)
}

fn until(guard: &mut ClockGuard, reading: Reading) -> Option<Timestamp> {
    guard.judge(reading).until
}

fn is_trusted(guard: &mut ClockGuard, reading: Reading) -> bool {
    let judged = guard.judge(reading);
    judged.pause.is_none() && judged.until == Some(reading.now)
}

const DAY: i64 = 24;

#[test]
fn time_that_passes_is_trusted() {
    let mut guard = right();
    for passed in 0..1000 {
        assert!(is_trusted(&mut guard, shows(passed, passed.unsigned_abs())));
    }
}

#[test]
fn a_jump_ahead_ends_nothing_that_was_not_counted_until_it_is_taken_back_or_confirmed() {
    let mut guard = right();
    let jumped = guard.judge(shows(400, 2));
    assert_eq!(jumped.until, Some(at(2)), "what has ended by the time counted goes");
    assert_eq!(jumped.pause, Some(Pause::ClockJumped { now: at(400), latest: at(2) }));
    assert!(is_trusted(&mut guard, shows(3, 3)), "taken back");
    guard.judge(shows(400, 4));
    guard.confirm(shows(400, 4));
    assert!(is_trusted(&mut guard, shows(401, 5)));
}

#[test]
fn a_clock_that_is_behind_ends_nothing() {
    for mut guard in [right(), after_power_cut()] {
        let behind = guard.judge(shows(-500_000, 3));
        assert_eq!(behind.until, None);
        assert_eq!(behind.pause, Some(Pause::ClockBehind { now: at(-500_000), latest: at(3) }));
        assert_eq!(behind.behind, Some(SignedDuration::from_hours(500_003)));
        assert_eq!(until(&mut guard, by_network(-2, 3)), None, "nor where the network says so");
    }
}

#[test]
fn after_hours_without_power_only_what_is_certain_ends() {
    let mut guard = after_power_cut();
    for ahead in [2, 30, 7 * DAY, 400 * DAY] {
        let judged = guard.judge(shows(ahead, 0));
        assert_eq!(judged.until, Some(at(0)), "what had ended before the power went");
        assert_eq!(judged.pause, Some(Pause::ClockAhead { now: at(ahead), latest: at(0) }));
    }
    assert_eq!(
        until(&mut guard, shows(2 * DAY, 30)),
        Some(at(30)),
        "and what has ended by the time counted since"
    );
    let short = guard.judge(shows(31, 31));
    assert_eq!((short.until, short.pause), (Some(at(31)), None), "a short while is not worth a word");
}

#[test]
fn a_machine_that_stayed_on_has_counted_while_the_hub_was_off() {
    let guard = right();
    let anchor = guard.anchor.clone();
    let mut again =
        ClockGuard::since(at(0), Some(anchor.clone()), "this start".into(), Duration::from_secs(200 * 3600));
    assert!(is_trusted(&mut again, shows(200, 200)));
    assert!(again.take_news().is_none());
    for (boot, counted) in [("another start", 200), ("another start", 0)] {
        let counted = Duration::from_secs(counted * 3600);
        let mut other = ClockGuard::since(at(0), Some(anchor.clone()), boot.into(), counted);
        assert_eq!(other.judge(shows(200, counted.as_secs() / 3600)).until, Some(at(0)), "{boot}");
    }
}

#[test]
fn a_weekend_without_power_needs_nobody_where_the_network_sets_the_clock() {
    let mut guard = after_power_cut();
    assert!(!is_trusted(&mut guard, shows(3 * DAY, 0)));
    assert!(is_trusted(&mut guard, by_network(3 * DAY, 0)));
}

#[test]
fn eight_days_without_power_are_over_by_a_day_of_the_network_or_an_adults_phone_at_once() {
    let mut guard = after_power_cut();
    for hour in 0..24 {
        let judged = guard.judge(by_network(8 * DAY + hour, hour.unsigned_abs()));
        assert_eq!(judged.until, Some(at(hour)), "hour {hour}");
    }
    assert!(is_trusted(&mut guard, by_network(9 * DAY, 24)));

    let mut guard = after_power_cut();
    guard.judge(shows(8 * DAY, 0));
    assert!(
        !guard.hear_member(at(8 * DAY + 1), shows(8 * DAY, 0)),
        "a phone that shows another time says nothing"
    );
    assert!(!is_trusted(&mut guard, shows(8 * DAY, 0)));
    assert!(guard.hear_member(at(8 * DAY), shows(8 * DAY, 0)));
    assert!(is_trusted(&mut guard, shows(8 * DAY, 0)));
}

#[test]
fn a_day_of_the_network_is_one_on_end_and_of_the_same_time() {
    let mut guard = after_power_cut();
    let ahead = 8 * DAY;
    guard.judge(by_network(ahead, 0));
    guard.judge(shows(ahead + 20, 20));
    guard.judge(by_network(ahead + 23, 23));
    assert!(!is_trusted(&mut guard, by_network(ahead + 25, 25)), "it was away in between");
    guard.judge(by_network(2 * ahead + 40, 40));
    assert!(!is_trusted(&mut guard, by_network(2 * ahead + 50, 50)), "it said something else");
    assert!(is_trusted(&mut guard, by_network(2 * ahead + 64, 64)));
}

#[test]
fn a_network_that_lies_carries_the_time_no_further_than_a_month_and_a_counted_clock_not_at_once() {
    let year = 365 * DAY;
    let mut guard = after_power_cut();
    for hour in 0..1000 {
        assert_eq!(until(&mut guard, by_network(4 * year + hour, hour.unsigned_abs())), Some(at(hour)));
    }
    assert!(!guard.hear_member(at(4 * year + 1000), shows(4 * year + 1000, 1000)), "nor with a phone");
    guard.confirm(shows(4 * year + 1000, 1000));
    assert!(is_trusted(&mut guard, shows(4 * year + 1001, 1001)), "only an adult's word does");

    // Two days, on a clock that was certain: no power was away, so there is no reason to believe it.
    let mut guard = right();
    assert_eq!(until(&mut guard, by_network(10, 10)), Some(at(10)));
    for hour in 11..35 {
        assert_eq!(until(&mut guard, by_network(2 * DAY + hour, hour.unsigned_abs())), Some(at(hour)));
    }
}

#[test]
fn many_small_steps_of_the_network_are_no_way_around() {
    let mut latest = 0;
    let mut known = None;
    // The power is cut again and again, and each time the clock is an hour further than it should be.
    for start in 0..500 {
        let mut guard = ClockGuard::since(at(latest), known, format!("start {start}"), Duration::ZERO);
        let judged = guard.judge(by_network(latest + 1, 0));
        latest = judged.until.unwrap().duration_since(at(0)).as_secs() / 3600;
        known = guard.take_news().map(|(anchor, _)| anchor);
    }
    assert_eq!(latest, 3 * DAY);
    let mut guard = ClockGuard::since(at(latest), known, "the last".into(), Duration::ZERO);
    assert!(guard.hear_member(at(latest + 1), by_network(latest + 1, 0)), "a person was there");
    assert!(is_trusted(&mut guard, by_network(latest + 1, 0)));
    // And while it is on, minute by minute.
    let mut guard = right();
    let mut shown = at(0);
    for minute in 0..200 * 60_u64 {
        shown += SignedDuration::from_mins(5);
        let monotonic = Duration::from_secs(60 * minute);
        guard.judge(Reading { now: shown, monotonic, synchronised: true });
    }
    let certain = guard.counted(Duration::from_secs(200 * 3600));
    assert!(certain <= at(200 + 3 * DAY + 1), "{certain}");
}

#[test]
fn a_clock_that_drifts_is_set_right_by_the_network_for_years() {
    let mut guard = right();
    for day in 0..5 * 365_i64 {
        // A second and a half a day, which is much.
        let now = at(day * DAY) + SignedDuration::from_millis(1500 * day);
        let monotonic = Duration::from_secs(day.unsigned_abs() * 24 * 3600);
        assert!(is_trusted(&mut guard, Reading { now, monotonic, synchronised: true }), "day {day}");
    }
}

#[test]
fn what_was_corrected_is_told_once_and_again_where_it_could_not_be_written() {
    let mut guard = after_power_cut();
    assert_eq!(
        guard.take_news().map(|(anchor, moved)| (anchor.proven, moved)),
        Some((false, SignedDuration::ZERO))
    );
    guard.judge(by_network(30, 0));
    let (anchor, moved) = guard.take_news().unwrap();
    assert_eq!((anchor.time, anchor.proven, moved), (at(30), true, SignedDuration::from_hours(30)));
    assert_eq!(anchor.carried, SignedDuration::from_hours(30));
    assert!(guard.take_news().is_none());
    guard.put_back(moved);
    assert_eq!(guard.take_news().unwrap().1, moved);
}

#[test]
fn far_more_than_planned_waits_for_one_confirmation() {
    let state = State {
        generation: 0,
        latest: at(0),
        serving: true,
        planned_at: at(0),
        planned_day: 100,
        planned_week: 5000,
        kept_since: 10,
        written: Default::default(),
        anchor: None,
    };
    let mut guard = right();
    assert!(guard.check_amount(1210, &state, at(24)).is_ok());
    let pause = guard.check_amount(1211, &state, at(24)).unwrap_err();
    assert_eq!(pause, Pause::MoreThanPlanned { due: 1211, planned: 100, since: at(0) });
    assert!(guard.check_amount(9000, &state, at(25)).is_ok(), "the hub was off over the weekend");
    guard.confirm(shows(24, 0));
    assert!(guard.check_amount(1_000_000, &state, at(24)).is_ok());
    assert!(guard.check_amount(1_000_000, &state, at(24)).is_err());
    assert!(guard.check_amount(1_000_000, &state, at(8 * DAY)).is_ok(), "nobody has looked so far ahead");
    assert!(
        after_power_cut().check_amount(1_000_000, &state, at(8 * DAY)).is_err(),
        "if the time is certain"
    );
}
