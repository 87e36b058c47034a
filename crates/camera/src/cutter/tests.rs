//! Cameras that exist only as lists of frames.

use proptest::prelude::*;

use super::*;
use crate::mp4::tests::{boxes, find, numbers};

const FPS: i64 = 15;
const STEP: i64 = VIDEO_RATE as i64 / FPS;
const SOUND_RATE: u32 = 16_000;

fn at_ms(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(1_700_000_000_000 + milliseconds).unwrap()
}

fn track(width: u32) -> Arc<VideoTrack> {
    let sample_entry = b"\0\0\0\x08avc1".to_vec();
    Arc::new(VideoTrack {
        sample_entry,
        codec: "avc1.640028".into(),
        width,
        height: 360,
        picture_ticks: None,
    })
}

fn sound_track() -> SoundTrack {
    SoundTrack { sample_entry: b"\0\0\0\x08mp4a".to_vec(), codec: "mp4a.40.2".into(), rate: SOUND_RATE }
}

fn picture(ticks: i64, key: bool, arrived_ms: i64) -> Picture {
    Picture {
        data: vec![if key { 0xff } else { 0x11 }; 10].into(),
        ticks,
        key,
        arrived: Arrival::at(at_ms(arrived_ms)),
    }
}

/// An arrival by a clock that was set by so much, at an instant of the steady one.
fn set_by(milliseconds: i64, steady_ms: i64) -> Arrival {
    Arrival { wall: at_ms(steady_ms + milliseconds), ..Arrival::at(at_ms(steady_ms)) }
}

/// The `i`th picture of a camera that does everything right.
fn steady(i: i64, key: bool) -> Picture {
    picture(i * STEP, key, i * 1_000 / FPS)
}

fn frame_of_sound(ticks: i64, arrived_ms: i64) -> Sound {
    Sound { data: vec![0xaa; 4].into(), ticks, length: 1_024, arrived: Arrival::at(at_ms(arrived_ms)) }
}

fn all_of(cutter: &mut Cutter) -> Vec<Segment> {
    std::iter::from_fn(|| cutter.take()).map(|cut| cut.segment).collect()
}

/// Films until the end, or until there is trouble.
fn film(cutter: &mut Cutter, pictures: impl IntoIterator<Item = Picture>) -> (Vec<Segment>, Option<Error>) {
    let track = track(640);
    let trouble = pictures.into_iter().find_map(|picture| cutter.picture(picture, &track).err());
    cutter.finish();
    (all_of(cutter), trouble)
}

fn frames(segments: &[Segment]) -> Vec<u32> {
    segments.iter().map(|segment| segment.frames).collect()
}

/// Of each picture: how long it lasts, and whether it is a key frame.
fn run(segment: &Segment) -> Vec<(u32, bool)> {
    let numbers = numbers(find(&segment.bytes, "moof/traf/trun"));
    let reordered = numbers[0] & 0x800 != 0;
    numbers[3..].chunks(3 + usize::from(reordered)).map(|run| (run[0], run[2] == 0x0200_0000)).collect()
}

/// The pictures arrive at whole milliseconds, so that instants are right only to the millisecond.
fn is_about(instant: Timestamp, expected: Timestamp) -> bool {
    instant.duration_since(expected).as_millis().abs() <= 1
}

fn lasts_ms(segment: &Segment) -> i128 {
    segment.end.duration_since(segment.start).as_millis()
}

#[test]
fn cuts_at_the_first_key_frame_after_four_seconds() {
    let (segments, trouble) = film(&mut Cutter::new(None), (0..150).map(|i| steady(i, i % 30 == 0)));
    assert!(trouble.is_none());
    assert_eq!(frames(&segments), [60, 60, 30]);
    assert!(is_about(segments[0].start, at_ms(0)));
    for pair in segments.windows(2) {
        assert_eq!(pair[0].end, pair[1].start);
    }
    for segment in &segments {
        let run = run(segment);
        assert!(run.iter().all(|(duration, _)| i64::from(*duration) == STEP));
        assert!(run.iter().enumerate().all(|(i, (_, key))| *key == (i % 30 == 0)));
        assert_eq!(find(&segment.bytes, "mdat").len(), segment.frames as usize * 10);
        assert!((i128::from(segment.frames) * 1_000 / i128::from(FPS) - lasts_ms(segment)).abs() <= 2);
        assert_eq!((segment.codecs.as_str(), segment.sound), ("avc1.640028", false));
    }
}

#[test]
fn key_frames_ten_seconds_apart_make_segments_of_ten_seconds() {
    let (segments, trouble) = film(&mut Cutter::new(None), (0..301).map(|i| steady(i, i % 150 == 0)));
    assert!(trouble.is_none());
    assert_eq!(frames(&segments), [150, 150, 1]);
}

#[test]
fn what_comes_before_the_first_key_frame_is_not_kept() {
    let (segments, _) = film(&mut Cutter::new(None), (0..40).map(|i| steady(i, i == 20)));
    assert_eq!(frames(&segments), [20]);
    assert!(is_about(segments[0].start, at_ms(20 * 1_000 / FPS)));
}

#[test]
fn a_camera_without_key_frames_is_in_trouble_and_memory_is_bounded() {
    let (segments, trouble) = film(&mut Cutter::new(None), (0..10_000).map(|i| steady(i, false)));
    assert_eq!((segments.len(), trouble), (0, Some(Error::NoKeyFrames)));

    let (segments, trouble) = film(&mut Cutter::new(None), (0..10_000).map(|i| steady(i, i == 0)));
    assert_eq!((frames(&segments), trouble), (vec![451], Some(Error::NoKeyFrames)), "by time");

    let few = |bytes, pictures| Cutter::with_limits(None, Limits { bytes, pictures, ..Limits::default() });
    let (segments, trouble) = film(&mut few(99, 1_000), (0..100).map(|i| steady(i, i == 0)));
    assert_eq!((frames(&segments), trouble), (vec![9], Some(Error::NoKeyFrames)), "by bytes");

    let (segments, trouble) = film(&mut few(1 << 20, 40), (0..100).map(|i| steady(i, i == 0)));
    assert_eq!((frames(&segments), trouble), (vec![40], Some(Error::NoKeyFrames)), "by number");
}

#[test]
fn another_size_of_picture_begins_another_segment() {
    let mut cutter = Cutter::new(None);
    for i in 0..30 {
        cutter.picture(steady(i, i == 0 || i == 20), &track(if i < 20 { 640 } else { 1280 })).unwrap();
    }
    assert_eq!(cutter.picture(steady(30, false), &track(640)), Err(Error::NoKeyFrames));
    cutter.finish();
    let segments = all_of(&mut cutter);
    assert_eq!(frames(&segments), [20, 10]);
    assert_eq!((segments[0].width, segments[1].width), (640, 1280));
}

#[test]
fn misbehaving_timestamps_break_no_segment() {
    type TicksOf = fn(i64) -> i64;
    let misbehaving: [(&str, TicksOf); 5] = [
        ("the first two share a timestamp", |i| (i - 1).max(0) * STEP),
        ("all share one timestamp", |_| 0),
        ("it starts again", |i| i % 70 * STEP),
        ("it jumps ahead by a day", |i| i * STEP + i64::from(i >= 70) * 86_400 * 90_000),
        ("it runs backwards", |i| -i * 10 * STEP),
    ];
    for (name, ticks) in misbehaving {
        let pictures = (0..150).map(|i| picture(ticks(i), i % 30 == 0, i * 1_000 / FPS));
        let (segments, trouble) = film(&mut Cutter::new(None), pictures);
        assert!(trouble.is_none(), "{name}");
        assert_eq!(segments.iter().map(|segment| segment.frames).sum::<u32>(), 150, "{name}");
        for segment in &segments {
            let run = run(segment);
            let seconds =
                run.iter().map(|(duration, _)| f64::from(*duration)).sum::<f64>() / f64::from(VIDEO_RATE);
            assert!((seconds - f64::from(segment.frames) / FPS as f64).abs() < 0.1, "{name}: {seconds} s");
            assert!(run[0].1, "{name}");
            let off = lasts_ms(segment) - i128::from(segment.frames) * 1_000 / i128::from(FPS);
            assert!(off.abs() < 100, "{name}: off by {off} ms");
        }
    }
}

#[test]
fn the_hubs_clock_may_be_set_in_mid_stream() {
    let late = |i: i64| Picture {
        arrived: set_by(if i < 90 { 0 } else { 3_600_000 }, i * 1_000 / FPS),
        ..steady(i, i % 60 == 0)
    };
    let (segments, _) = film(&mut Cutter::new(None), (0..180).map(late));
    assert_eq!(frames(&segments), [60, 60, 60]);
    assert!(segments.iter().all(|segment| (lasts_ms(segment) - 4_000).abs() < 10), "{segments:?}");
    assert_eq!(segments[0].end, segments[1].start);
    assert!(is_about(segments[2].start, at_ms(3_600_000 + 8_000)));
}

#[test]
fn a_clock_that_is_set_back_a_little_leaves_no_segment_without_length_and_none_that_ends_in_the_future() {
    let set = |i: i64| if i < 90 { 0 } else { -5_000 };
    let back = |i: i64| Picture { arrived: set_by(set(i), i * 1_000 / FPS), ..steady(i, i % 60 == 0) };
    let (segments, _) = film(&mut Cutter::new(None), (0..240).map(back));
    assert_eq!(frames(&segments), [60, 60, 60, 60]);
    assert!(segments.iter().all(|segment| (lasts_ms(segment) - 4_000).abs() < 10), "{segments:?}");
    assert!(is_about(segments[1].start, at_ms(-1_000)), "{segments:?}");
    assert_eq!(segments[1].end, segments[2].start);
}

/// Films, and holds each segment as it is cut against what the clock shows then; with the holes before them.
fn film_on_time(pictures: impl IntoIterator<Item = Picture>) -> (Vec<Segment>, Vec<Option<Error>>) {
    let (mut cutter, track) = (Cutter::new(None), track(640));
    let (mut segments, mut holes) = (Vec::new(), Vec::new());
    let mut take = |cutter: &mut Cutter, now: Timestamp| {
        while let Some(Cut { segment, hole }) = cutter.take() {
            let ahead = segment.end.duration_since(now).as_millis();
            assert!(ahead <= 1_000, "it ends {ahead} ms from now");
            segments.push(segment);
            holes.push(hole);
        }
    };
    let mut now = at_ms(0);
    for picture in pictures {
        now = picture.arrived.wall;
        cutter.picture(picture, &track).unwrap();
        take(&mut cutter, now);
    }
    cutter.finish();
    take(&mut cutter, now);
    (segments, holes)
}

/// How long a segment is when it is played.
fn plays_ms(segment: &Segment) -> i128 {
    run(segment).iter().map(|(duration, _)| i128::from(*duration)).sum::<i128>() / 90
}

#[test]
fn what_was_filmed_while_the_hub_stood_still_keeps_its_place() {
    // It stands still from 10 s to 22 s, and then has all of it at once.
    let late = |ms: i64| if (10_000..22_000).contains(&ms) { 22_000 } else { ms };
    let pictures = (0..600).map(|i| picture(i * STEP, i % 30 == 0, late(i * 1_000 / FPS)));
    let (segments, holes) = film_on_time(pictures);
    assert_eq!(frames(&segments), [60; 10]);
    assert!(holes.iter().all(Option::is_none), "{holes:?}");
    for (place, segment) in segments.iter().enumerate() {
        let off = segment.start.duration_since(at_ms(place as i64 * 4_000)).as_millis();
        assert!(off.abs() < 300 && (lasts_ms(segment) - 4_000).abs() < 300, "{off} ms: {segment:?}");
    }
    assert!(segments.windows(2).all(|pair| pair[0].end == pair[1].start));
}

#[test]
fn what_was_lost_while_the_hub_stood_still_is_a_hole_with_its_reason() {
    // Of 10 s to 40 s the first four were kept for us; the camera went on meanwhile.
    let kept = |i: &i64| !(14 * FPS..40 * FPS).contains(i);
    let late = |ms: i64| if (10_000..40_000).contains(&ms) { 40_000 } else { ms };
    let pictures = (0..900).filter(kept).map(|i| picture(i * STEP, i % 60 == 0, late(i * 1_000 / FPS)));
    let (segments, holes) = film_on_time(pictures);
    let at: Vec<_> = holes.iter().enumerate().filter_map(|(at, why)| Some((at, why.clone()?))).collect();
    assert_eq!(at, [(4, Error::NotTaken)], "{holes:?}");
    let (before, after) = (segments[3].end, segments[4].start);
    assert!(before.duration_since(at_ms(14_000)).as_millis().abs() < 300, "{before}");
    assert!(after.duration_since(at_ms(40_000)).as_millis().abs() < 300, "{after}");
    assert!(
        segments.iter().all(|segment| (plays_ms(segment) - lasts_ms(segment)).abs() < 300),
        "{segments:?}"
    );
}

#[test]
fn what_a_sender_passed_over_while_the_hub_stood_still_is_a_hole_too() {
    // Its clock stood still as well: no time is missing by it.
    let pictures = (0..900).map(|i| {
        let stood_still = if i < 10 * FPS { 0 } else { 12_000 };
        picture(i * STEP, i % 60 == 0, i * 1_000 / FPS + stood_still)
    });
    let (segments, holes) = film_on_time(pictures);
    let at: Vec<_> = holes.iter().enumerate().filter_map(|(at, why)| Some((at, why.clone()?))).collect();
    assert_eq!(at, [(3, Error::NotTaken)], "{holes:?}");
    assert!(segments.iter().all(|segment| (lasts_ms(segment) - 4_000).abs() < 300), "{segments:?}");
    let missing = segments[3].start.duration_since(segments[2].end).as_millis();
    assert!((missing - 12_000).abs() < 300, "{missing} ms");
}

#[test]
fn sound_of_a_standstill_stays_with_its_pictures() {
    let (mut cutter, track) = (Cutter::new(Some(sound_track())), track(640));
    let late = |ms: i64| if (10_000..24_000).contains(&ms) { 24_000 } else { ms };
    let mut heard = 0;
    for i in 0..600 {
        while heard * 64 <= i * 1_000 / FPS {
            cutter.sound(frame_of_sound(heard * 1_024, late(heard * 64)));
            heard += 1;
        }
        cutter.picture(picture(i * STEP, i % 60 == 0, late(i * 1_000 / FPS)), &track).unwrap();
    }
    cutter.finish();
    for segment in all_of(&mut cutter) {
        let run = numbers(find(&segment.bytes, "moof/traf.1/trun"));
        assert!((61..=63).contains(&run[1]), "{} frames of sound", run[1]);
        assert!(numbers(find(&segment.bytes, "moof/traf.1/tfdt"))[2] < 2_048);
        assert!(run[3..].chunks(3).all(|run| (1_000..1_050).contains(&run[0])), "{run:?}");
    }
}

#[test]
fn what_a_camera_held_back_is_of_the_time_before() {
    let late = |i: i64| if i < 60 { 0 } else { (i - 60) * 1_000 / FPS };
    let (segments, _) = film_on_time((0..180).map(|i| picture(i * STEP, i % 60 == 0, late(i))));
    assert_eq!(frames(&segments), [60, 60, 60]);
    assert!(
        is_about(segments[0].start, at_ms(-4_000)) && is_about(segments[0].end, at_ms(0)),
        "{segments:?}"
    );
}

#[test]
fn a_clock_that_is_too_fast_is_corrected_at_once_however_far_apart_key_frames_are() {
    type TicksOf = fn(i64) -> i64;
    let fast: [(&str, TicksOf); 4] = [
        ("in microseconds", |i| i * 1_000_000 / 10),
        ("at double speed", |i| i * 18_000),
        ("five times as fast", |i| i * 45_000),
        ("so fast, and it jumps", |i| i * 171_000 + i / 19 * 777_777_777),
    ];
    for (name, ticks) in fast {
        for apart in [10, 20, 60, 100] {
            let pictures = (0..600).map(|i| picture(ticks(i), i % apart == 0, i * 100));
            let (segments, holes) = film_on_time(pictures);
            let name = format!("{name}, key frames {apart} pictures apart");
            assert!(holes.iter().all(Option::is_none), "{name}: {holes:?}");
            assert_eq!(segments.iter().map(|segment| segment.frames).sum::<u32>(), 600, "{name}");
            assert!(
                segments[0].start.duration_since(at_ms(0)).as_millis().abs() < 1_000,
                "{name}: {segments:?}"
            );
            let mut filmed = 0;
            for segment in &segments {
                let off = segment.start.duration_since(at_ms(filmed)).as_millis();
                assert!(off.abs() < 1_000, "{name}: {off} ms off at {filmed}: {segment:?}");
                filmed += i64::from(segment.frames) * 100;
                let off = lasts_ms(segment) - i128::from(segment.frames) * 100;
                assert!(off.abs() < 1_000, "{name}: {off} ms off: {segment:?}");
            }
            for segment in &segments[2..] {
                let off = plays_ms(segment) - i128::from(segment.frames) * 100;
                assert!(off.abs() < 600, "{name}: it plays {off} ms too long: {segment:?}");
            }
        }
    }
}

#[test]
fn a_clock_that_is_too_fast_and_a_hub_that_stands_still_are_told_apart() {
    let all = [20, 58].into_iter().flat_map(|apart| (0..24).map(move |from| (apart, 4_000 + from * 500)));
    for (apart, from, lasts) in
        all.flat_map(|(apart, from)| [3_000, 14_000, 30_000].map(|lasts| (apart, from, lasts)))
    {
        // The first pictures come late, so that the first guess is wrong; once it records steadily, what came is read in rounds.
        let read = |ms: i64| if ms < 6_000 { ms.max(180) } else { (ms + 399) / 400 * 400 };
        let late = |ms: i64| if (from..from + lasts).contains(&ms) { from + lasts } else { read(ms) };
        let mut last = 0;
        let pictures = (0..700).map(|i| {
            last = late(i * 100).max(last);
            picture(i * 100_000, i % apart == 0, last)
        });
        let (segments, holes) = film_on_time(pictures.collect::<Vec<_>>());
        let name = format!("key frames {apart} apart, still from {from} for {lasts}");
        assert!(holes.iter().all(Option::is_none), "{name}: {holes:?}");
        for segment in &segments {
            let off = lasts_ms(segment) - i128::from(segment.frames) * 100;
            assert!(off.abs() < 2_000, "{name}: {off} ms off: {segments:?}");
        }
    }
}

/// Four seconds and more of pictures with sound that comes `behind` milliseconds after them.
fn film_with_sound(cutter: &mut Cutter, behind: i64) -> Vec<Segment> {
    let track = track(640);
    let mut heard = 0;
    for i in 0..100 {
        cutter.picture(steady(i, i % 60 == 0), &track).unwrap();
        while heard * 64 + behind <= i * 1_000 / FPS {
            cutter.sound(frame_of_sound(heard * 1_024, heard * 64 + behind));
            heard += 1;
        }
    }
    cutter.finish();
    all_of(cutter)
}

#[test]
fn sound_goes_where_its_pictures_go_even_when_it_comes_late() {
    for behind in [0, 300] {
        let segments = film_with_sound(&mut Cutter::new(Some(sound_track())), behind);
        assert_eq!(frames(&segments), [60, 40]);
        assert!(segments.iter().all(|segment| segment.sound && segment.codecs == "avc1.640028,mp4a.40.2"));
        // 4 s of sound in frames of 64 ms: 62.5 of them.
        let first = numbers(find(&segments[0].bytes, "moof/traf.1/trun"));
        assert_eq!(first[1], 63, "{behind} ms behind");
        assert!(first[3..].chunks(3).all(|run| run[0] == 1_024));
        assert_eq!(numbers(find(&segments[0].bytes, "moof/traf.1/tfdt"))[2], 0);
        // The 64th begins 32 ms after the second segment's first picture.
        assert_eq!(numbers(find(&segments[1].bytes, "moof/traf.1/tfdt"))[2], 512);
    }
}

#[test]
fn sound_whose_timestamps_are_nonsense_is_placed_by_its_arrival() {
    let mut cutter = Cutter::new(Some(sound_track()));
    let track = track(640);
    for i in 0..30 {
        cutter.picture(steady(i, i == 0), &track).unwrap();
        cutter.sound(frame_of_sound(777_777_777 + i * 1_067, i * 1_000 / FPS));
    }
    cutter.finish();
    let segment = cutter.take().unwrap().segment;
    assert_eq!(numbers(find(&segment.bytes, "moof/traf.1/tfdt"))[2], 0);
    assert_eq!(numbers(find(&segment.bytes, "moof/traf.1/trun"))[1], 30);
}

#[test]
fn without_consent_there_is_no_sound_nor_after_it_is_withdrawn() {
    let segments = film_with_sound(&mut Cutter::new(None), 0);
    assert!(segments.iter().all(|segment| !segment.sound && boxes(find(&segment.bytes, "moof")).len() == 2));

    let mut cutter = Cutter::new(Some(sound_track()));
    let track = track(640);
    for i in 0..30 {
        cutter.picture(steady(i, i == 0), &track).unwrap();
        cutter.sound(frame_of_sound(i * 1_024, i * 64));
    }
    cutter.silence();
    cutter.finish();
    let segment = cutter.take().unwrap().segment;
    assert!(!segment.sound && !segment.bytes.contains(&0xaa));
}

/// Now and then an arrival thousands of years away, in milliseconds.
fn leap() -> impl Strategy<Value = Option<i64>> {
    const FAR: i64 = 180_000_000_000_000;
    prop::option::weighted(0.05, -FAR..FAR)
}

proptest! {
    #[test]
    fn whatever_comes_segments_are_whole_and_in_bounds(
        frames in prop::collection::vec((any::<i64>(), 0u8..4, -500i64..3_000, any::<bool>(), leap()), 1..200)
    ) {
        let mut cutter = Cutter::with_limits(Some(sound_track()), Limits { bytes: 400, pictures: 30, ..Limits::default() });
        let (track, mut arrived, mut given) = (track(640), 0, 0);
        for (ticks, kind, pause, wild, leap) in frames {
            arrived = leap.unwrap_or(arrived + pause);
            let ticks = if wild { ticks } else { arrived * 90 };
            if kind == 0 {
                cutter.sound(frame_of_sound(ticks, arrived));
            } else {
                given += 1;
                if cutter.picture(picture(ticks, kind == 1, arrived), &track).is_err() {
                    break;
                }
            }
        }
        cutter.finish();
        let segments = all_of(&mut cutter);
        prop_assert!(segments.iter().map(|segment| segment.frames).sum::<u32>() <= given);
        for segment in segments {
            prop_assert!(segment.start <= segment.end && (1..=30).contains(&segment.frames));
            let kinds: Vec<_> = boxes(&segment.bytes).into_iter().map(|(kind, _)| kind).collect();
            prop_assert_eq!(kinds, ["ftyp", "moov", "moof", "mdat"]);
            prop_assert_eq!(find(&segment.bytes, "mdat")[0], 0xff, "it begins with a key frame");
        }
    }

    #[test]
    fn whatever_the_network_and_the_sender_do_film_goes_forward_and_ends_by_now(
        fps in 4i64..31, apart in 1i64..11, pace in prop::sample::select(vec![1.0, 1.0, 0.5, 0.9, 1.2, 2.0, 5.0, 11.1]),
        delays in prop::collection::vec(0i64..300, 16), held_back in 0i64..3_500,
        (still_from, still_for, kept_for) in (3_000i64..40_000, 0i64..30_000, 0i64..30_000),
    ) {
        // Of a clock that is wrong as well nobody can tell what was held back.
        let held_back = if pace == 1.0 { held_back } else { 0 };
        let (mut last, mut pictures) = (0, Vec::new());
        for i in 0..60 * fps {
            let filmed = i * 1_000 / fps;
            let stands_still = (still_from..still_from + still_for).contains(&filmed);
            if stands_still && filmed > still_from + kept_for {
                continue;
            }
            let delay = delays[(i * i % 13) as usize % delays.len()];
            let arrives = if stands_still { still_from + still_for } else { filmed.max(held_back) } + delay;
            last = arrives.max(last);
            let ticks = (i as f64 * 90_000.0 / fps as f64 * pace) as i64;
            pictures.push(picture(ticks, i % (apart * fps) == 0, last));
        }
        let (segments, _) = film_on_time(pictures);
        prop_assert!(segments.iter().all(|segment| lasts_ms(segment) > 0), "{segments:?}");
        if pace == 1.0 {
            prop_assert!(segments.windows(2).all(|pair| pair[0].end <= pair[1].start), "{segments:?}");
        }
    }
}
