//! Film at the command line: told in stretches, and chosen by a camera and a time.

use anyhow::{Result, bail};
use jiff::civil::{DateTime, Time};
use jiff::{SignedDuration, Timestamp, ToSpan, ZonedDateTime};
use porchlight_client::Member;
use porchlight_protocol::{FILM, Filter, Gap, MissedView, RecordingView, Stretch, length, stretches};

use crate::output::{count, day, from_to, quoted, time, zone};

/// The filter for the stretch of film that a camera took at a time: what of it is kept now.
pub(super) fn stretch_at(member: &Member, device: Option<&str>, at: &str) -> Result<Filter> {
    let at = instant(at, &ZonedDateTime::now().with_time_zone(zone()))?;
    let midnight = at.to_zoned_datetime(zone()).start_of_day()?;
    let film = member.list(&Filter {
        device: device.map(str::to_owned),
        kind: Some(FILM.to_owned()),
        from: Some(midnight.timestamp().to_string()),
        to: Some(midnight.checked_add(1.day())?.timestamp().to_string()),
        ..Filter::default()
    })?;
    let found = stretches(&film, &zone());
    // A time is told by the minute.
    let within = at.saturating_add(SignedDuration::from_secs(60))?;
    let running: Vec<&Stretch<'_>> =
        found.iter().filter(|one| one.from() < within && at < one.to()).collect();
    let Some(stretch) = running.first() else {
        bail!(nothing_at(at, &found));
    };
    let cameras: Vec<_> = running.iter().filter_map(|one| one.camera()).collect();
    if let Some(other) = cameras.iter().find(|camera| Some(**camera) != stretch.camera()) {
        bail!("{} and {} both have film of then: say which with --device", quoted(cameras[0]), quoted(other));
    }
    Ok(Filter {
        device: stretch.camera().map(str::to_owned),
        kind: Some(FILM.to_owned()),
        // What ends where it begins, and what begins where it ends, is another's.
        from: Some((stretch.from() + SignedDuration::from_micros(1)).to_string()),
        to: Some(
            stretch
                .pieces
                .last()
                .map_or(stretch.to(), |last| last.start + SignedDuration::from_micros(1))
                .to_string(),
        ),
        ..Filter::default()
    })
}

fn nothing_at(at: Timestamp, found: &[Stretch<'_>]) -> String {
    let near = |one: &&Stretch<'_>| one.from().duration_since(at).abs();
    match found.iter().min_by_key(near) {
        Some(near) => format!(
            "no film is kept of {}; the nearest of that day is of {}, {}",
            time(at),
            quoted(near.camera().unwrap_or("a camera")),
            from_to(near.from(), near.to())
        ),
        None => format!("no film is kept of {}", day(at)),
    }
}

/// A time as people write it, by the household's clock: of today where no day is given.
fn instant(text: &str, now: &ZonedDateTime) -> Result<Timestamp> {
    let text = text.trim();
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    let shown = match (text.parse::<DateTime>(), text.parse::<Time>()) {
        (Ok(shown), _) if text.contains(':') => shown,
        (_, Ok(time)) if text.contains(':') => now.date().to_datetime(time),
        _ => bail!("`{}` is no time; write 08:40, 2026-11-23T08:40 or 2026-11-23T08:40:00Z", quoted(text)),
    };
    Ok(shown.to_zoned_datetime(now.time_zone().clone())?.timestamp())
}

/// What is kept as lines for people, in the order of time: each stretch of film is one, and what is missing around it and in it another.
/// `missed` says why, for a camera.
pub(super) fn told(
    recordings: &[RecordingView],
    line: impl Fn(&RecordingView) -> String,
    missed: impl Fn(&str) -> Vec<MissedView>,
) -> Vec<String> {
    let film = stretches(recordings, &zone());
    let mut lines: Vec<(Timestamp, Vec<String>)> = Vec::new();
    for (number, stretch) in film.iter().enumerate() {
        let before = film[..number].iter().rfind(|other| other.camera() == stretch.camera());
        let before = before.filter(|before| day(before.from()) == day(stretch.from()));
        lines.push((stretch.from(), with_gaps(stretch, before, &missed)));
    }
    let others = recordings.iter().filter(|recording| recording.kind != FILM);
    lines.extend(others.map(|recording| (recording.start, vec![line(recording)])));
    lines.sort_by_key(|(start, _)| *start);
    lines.into_iter().flat_map(|(_, lines)| lines).collect()
}

fn with_gaps(
    stretch: &Stretch<'_>,
    before: Option<&Stretch<'_>>,
    missed: &impl Fn(&str) -> Vec<MissedView>,
) -> Vec<String> {
    let between = before.map(|before| Gap { from: before.to(), to: stretch.from() });
    let between = between.filter(|gap| seconds(gap) >= 1.0);
    let inside = stretch.gaps();
    let missed = match (&between, inside.is_empty()) {
        (None, true) => Vec::new(),
        _ => missed(stretch.camera().unwrap_or_default()),
    };
    let mut lines = Vec::new();
    lines.extend(between.map(|gap| {
        let times = from_to(gap.from, gap.to);
        format!("            no film {times}, {}{}", length(seconds(&gap)), why(&gap, &missed))
    }));
    lines.push(in_words(stretch));
    lines.extend(match inside.as_slice() {
        [] => None,
        [one] => Some(format!(
            "            {} missing in it, at {}{}",
            length(seconds(one)),
            from_to(one.from, one.from),
            why(one, &missed)
        )),
        many => Some(format!(
            "            {} missing in it, in {}",
            length(many.iter().map(seconds).sum()),
            count(many.len(), "place")
        )),
    });
    lines
}

fn seconds(gap: &Gap) -> f64 {
    gap.to.duration_since(gap.from).as_secs_f64()
}

/// Why there is no film of most of a time; nothing where that is not known, as of film that was forgotten.
fn why(gap: &Gap, missed: &[MissedView]) -> String {
    let overlap = |missed: &&MissedView| {
        let (from, to) = (missed.from.max(gap.from), missed.to.unwrap_or(Timestamp::MAX).min(gap.to));
        to.duration_since(from)
    };
    let most = missed.iter().filter(|missed| overlap(missed).is_positive()).max_by_key(overlap);
    most.map(|missed| format!(": {}", quoted(&missed.why))).unwrap_or_default()
}

/// `2026-11-23  Porch, 08:31 to 08:50, 19 minutes`, and for what and until when it is kept.
fn in_words(stretch: &Stretch<'_>) -> String {
    let camera = quoted(stretch.camera().unwrap_or("film"));
    let times = from_to(stretch.from(), stretch.to());
    let mut line = format!("{}  {camera}, {times}, {}", day(stretch.from()), length(stretch.seconds()));
    let purpose = stretch.pieces.first().map(|piece| piece.purpose.as_str()).unwrap_or_default();
    line += &format!("  for {}, ", quoted(purpose));
    let ends: Vec<Timestamp> = stretch.pieces.iter().filter_map(|piece| piece.ends).collect();
    line += &match (ends.iter().min(), ends.iter().max()) {
        (Some(first), Some(last)) if day(*first) == day(*last) => format!("kept until {}", day(*first)),
        (Some(first), Some(last)) => format!("kept until {} to {}", day(*first), day(*last)),
        _ => "kept by choice for ever".to_owned(),
    };
    let held: Vec<Timestamp> = stretch.pieces.iter().filter_map(|piece| piece.held_until).collect();
    if let Some(until) = held.iter().max() {
        let some = if held.len() < stretch.pieces.len() { "some of it " } else { "" };
        line += &format!(", {some}held until {}", time(*until));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_todays_where_no_day_is_given() {
        let now: ZonedDateTime = "2026-11-23T12:00:00[Europe/Berlin]".parse().unwrap();
        for (text, at) in [
            ("08:40", "2026-11-23T07:40:00Z"),
            (" 08:40:30 ", "2026-11-23T07:40:30Z"),
            ("2026-11-20T08:40", "2026-11-20T07:40:00Z"),
            ("2026-11-20 08:40", "2026-11-20T07:40:00Z"),
            ("2026-11-20T08:40:00Z", "2026-11-20T08:40:00Z"),
        ] {
            assert_eq!(instant(text, &now).unwrap().to_string(), at, "{text}");
        }
        for wrong in ["", "8", "2026-11-20", "yesterday", "25:00"] {
            assert!(instant(wrong, &now).is_err(), "{wrong}");
        }
    }
}
