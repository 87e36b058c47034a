//! Pictures of a few bytes, sent in all the ways that cameras have.

use proptest::prelude::*;

use super::*;
use crate::codec::{h264, h265};
use crate::rtp::packet::Packet;
use crate::rtp::{h264 as rtp264, h265 as rtp265};

/// A key frame's only slice, or its first; the first of another picture; one that is not the first.
const KEY: &[u8] = &[0x65, 0x88, 1, 2, 3, 4, 5, 6];
const KEY_REST: &[u8] = &[0x65, 0x40, 7, 8, 9];
const FIRST: &[u8] = &[0x41, 0x9a, 1, 2, 3, 4, 5, 6];
const REST: &[u8] = &[0x41, 0x40, 7, 8, 9];
const SEI: &[u8] = &[0x06, 0x05, 1, 0, 0x80];
const DELIMITER: &[u8] = &[0x09, 0xf0];
const FILLER: &[u8] = &[0x0c, 0xff, 0xff];

struct Camera {
    builder: PictureBuilder<h264::ParameterSets>,
    shown: Vec<(u32, bool, Vec<Vec<u8>>)>,
}

impl Camera {
    fn new() -> Self {
        Self { builder: PictureBuilder::new(h264::ParameterSets::default()), shown: Vec::new() }
    }

    fn packet(&mut self, timestamp: u32, payload: &[u8], marker: bool) {
        let packet = Packet { marker, payload_type: 96, sequence: 0, timestamp, source: 0, payload };
        rtp264::unpack(&packet, &mut self.builder);
        if marker {
            self.builder.mark();
        }
        let shown = self.builder.take().into_iter().map(|it| (it.timestamp, it.key, taken_apart(&it.data)));
        self.shown.extend(shown);
    }

    /// What is shown once the next key frame begins.
    fn end(mut self) -> Vec<(u32, bool, Vec<Vec<u8>>)> {
        self.packet(1 << 30, KEY, false);
        self.shown
    }

    fn counts(self) -> Vec<usize> {
        self.end().into_iter().map(|(_, _, units)| units.len()).collect()
    }
}

fn taken_apart(mut data: &[u8]) -> Vec<Vec<u8>> {
    let mut units = Vec::new();
    while let Some((length, rest)) = data.split_first_chunk::<4>() {
        let (unit, rest) = rest.split_at(u32::from_be_bytes(*length) as usize);
        units.push(unit.to_vec());
        data = rest;
    }
    assert!(data.is_empty(), "bytes after the last unit");
    units
}

/// Fragments of three bytes and more.
fn fragments(unit: &[u8]) -> Vec<Vec<u8>> {
    let parts: Vec<_> = unit[1..].chunks(3).collect();
    let flags = |place: usize| u8::from(place == 0) << 7 | u8::from(place + 1 == parts.len()) << 6;
    let head = |place| [unit[0] & 0xe0 | 28, flags(place) | unit[0] & 0x1f];
    parts.iter().enumerate().map(|(place, part)| [&head(place)[..], part].concat()).collect()
}

#[test]
fn a_picture_has_all_its_slices_whatever_the_markers_say() {
    type Marked = fn(&[u8], bool) -> bool;
    let markings: [(&str, Marked); 4] = [
        ("at the end", |_, last| last),
        ("none", |_, _| false),
        ("on each slice", |unit, _| matches!(unit[0] & 31, 1 | 5)),
        ("on everything", |_, _| true),
    ];
    for (name, marked) in markings {
        let mut camera = Camera::new();
        for picture in 0..9 {
            let units = if picture % 4 == 0 {
                [DELIMITER, SEI, KEY, KEY_REST]
            } else {
                [DELIMITER, FILLER, FIRST, REST]
            };
            for (place, unit) in units.iter().enumerate() {
                camera.packet(picture * 3_000, unit, marked(unit, place == 3));
            }
        }
        let shown = camera.end();
        assert_eq!(shown.len(), 9, "{name}");
        for (picture, (timestamp, key, units)) in shown.iter().enumerate() {
            assert_eq!((*timestamp, *key), (picture as u32 * 3_000, picture % 4 == 0), "{name}");
            let expected = if *key { vec![SEI, KEY, KEY_REST] } else { vec![FIRST, REST] };
            assert_eq!(*units, expected, "{name}");
        }
    }
}

#[test]
fn a_marker_that_is_trusted_ends_a_picture_at_once() {
    let mut camera = Camera::new();
    for picture in 0..u32::from(TRUSTED) + 3 {
        camera.packet(picture * 3_000, if picture == 0 { KEY } else { FIRST }, true);
    }
    assert_eq!(camera.shown.len(), usize::from(TRUSTED) + 3, "the last is there without the next");
    // And where it was wrong to trust it, one picture is the price, and the next key frame is awaited.
    camera.packet(60_000, FIRST, true);
    camera.packet(60_000, REST, true);
    camera.packet(63_000, FIRST, true);
    for (unit, timestamp) in [(KEY, 66_000), (KEY_REST, 66_000), (FIRST, 69_000), (REST, 69_000)] {
        camera.packet(timestamp, unit, true);
    }
    let counts = camera.counts();
    assert_eq!(counts[counts.len() - 3..], [1, 2, 2]);
}

#[test]
fn timestamps_may_be_the_same_or_differ_within_a_picture() {
    let mut same = Camera::new();
    let mut differing = Camera::new();
    for picture in 0..6 {
        let unit = if picture == 0 { KEY } else { FIRST };
        same.packet(0, unit, true);
        differing.packet(picture * 3_000, unit, false);
        differing.packet(picture * 3_000 + 1, REST, true);
    }
    assert_eq!(same.counts(), [1; 6]);
    assert_eq!(differing.counts(), [2; 6]);
}

#[test]
fn units_come_in_aggregates_in_fragments_and_between_start_codes() {
    let in_one = |head: &[u8], between: &[u8]| {
        let sized = |unit: &[u8]| [&(unit.len() as u16).to_be_bytes()[..], between, unit].concat();
        [head, &sized(KEY), &sized(KEY_REST)].concat()
    };
    let annexed = [&[0, 0, 0, 1][..], KEY, &[0, 0, 1], KEY_REST].concat();
    let hidden = [KEY, &[0, 0, 0, 1], KEY_REST].concat();
    for (name, payload) in [
        ("STAP-A", in_one(&[24], &[])),
        ("STAP-B", in_one(&[25, 0, 0], &[])),
        ("MTAP16", in_one(&[26, 0, 0], &[0, 0, 0])),
        ("MTAP24", in_one(&[27, 0, 0], &[0, 0, 0, 0])),
        ("start codes", annexed),
        ("a start code inside", hidden),
    ] {
        let mut camera = Camera::new();
        camera.packet(0, &payload, true);
        let shown = camera.end();
        assert_eq!(shown.len(), 1, "{name}");
        let units: Vec<_> = shown[0].2.iter().map(|unit| &unit[..unit.len().min(8)]).collect();
        assert_eq!((units[0], &units[1][..5]), (KEY, KEY_REST), "{name}");
    }
    let mut camera = Camera::new();
    for part in fragments(KEY) {
        camera.packet(0, &part, false);
    }
    assert_eq!(camera.end(), [(0, true, vec![KEY.to_vec()])]);
}

#[test]
fn fragments_may_lack_their_marks_but_not_their_bytes() {
    // No end: the next unit, the next timestamp or a marker is one.
    let without = |unit: &[u8], flag: u8| {
        let mut parts = fragments(unit);
        parts.iter_mut().for_each(|part| part[1] &= !flag);
        parts
    };
    let mut camera = Camera::new();
    for (picture, unit) in [KEY, FIRST, FIRST].into_iter().enumerate() {
        for part in without(unit, 0x40) {
            camera.packet(picture as u32 * 3_000, &part, false);
        }
    }
    assert_eq!(camera.end().iter().map(|(_, _, units)| units[0].len()).collect::<Vec<_>>(), [8, 8, 8]);
    // No beginning: after a unit that ended, the next begins.
    let mut camera = Camera::new();
    camera.packet(0, SEI, false);
    for (picture, unit) in [KEY, FIRST].into_iter().enumerate() {
        for part in without(unit, 0x80) {
            camera.packet(picture as u32 * 3_000, &part, false);
        }
    }
    assert_eq!(
        camera.end().iter().map(|(_, _, units)| units.last().unwrap().len()).collect::<Vec<_>>(),
        [8, 8]
    );
    // A unit whose beginning never came is none, and the key frame after it is one.
    let mut camera = Camera::new();
    for part in &fragments(FIRST)[1..] {
        camera.packet(0, part, false);
    }
    camera.packet(3_000, KEY, true);
    assert_eq!(camera.end(), [(3_000, true, vec![KEY.to_vec()])]);
}

/// Pictures three thousand ticks apart, the first a key frame; before `lost` a packet is missing.
fn with_loss(lost: impl Fn(u32, usize) -> bool, skip: bool) -> Vec<u32> {
    let mut camera = Camera::new();
    for picture in 0..12 {
        let parts = fragments(if picture % 6 == 0 { KEY } else { FIRST });
        let last = parts.len() - 1;
        for (place, part) in parts.iter().enumerate() {
            if lost(picture, place) {
                camera.builder.lose();
                if skip {
                    continue;
                }
            }
            camera.packet(picture * 3_000, part, place == last);
        }
    }
    camera.end().into_iter().map(|(timestamp, _, _)| timestamp / 3_000).collect()
}

#[test]
fn after_a_loss_nothing_is_shown_that_builds_on_it() {
    assert_eq!(with_loss(|picture, place| (picture, place) == (3, 1), true), [0, 1, 2, 6, 7, 8, 9, 10, 11]);
    assert_eq!(with_loss(|picture, place| (picture, place) == (3, 0), true), [0, 1, 2, 6, 7, 8, 9, 10, 11]);
    assert_eq!(with_loss(|picture, _| picture == 3, true), [0, 1, 2, 6, 7, 8, 9, 10, 11], "a whole picture");
    let between = |picture, place| picture == 3 && place == 0;
    assert_eq!(with_loss(between, false), (0..12).collect::<Vec<_>>(), "numbers that jump between pictures");
    let every_key = with_loss(|picture, place| picture % 6 == 0 && place == 2, true);
    assert_eq!(every_key, [] as [u32; 0], "two key frames");
}

#[test]
fn where_every_key_frame_has_a_loss_it_is_put_up_with() {
    let mut camera = Camera::new();
    for picture in 0..30 {
        for (place, part) in fragments(if picture % 6 == 0 { KEY } else { FIRST }).iter().enumerate() {
            if picture % 6 == 0 && place == 2 {
                camera.builder.lose();
                continue;
            }
            camera.packet(picture * 3_000, part, place == 2);
        }
    }
    let shown = camera.end();
    assert!(shown.len() > 15 && shown[0].1, "{} pictures", shown.len());
}

#[test]
fn parameters_are_kept_and_only_new_ones_stay_in_the_pictures() {
    // 320 by 240, of x264.
    let (sps, pps) = (
        &[
            0x67, 0x42, 0xc0, 0x0d, 0xda, 0x05, 0x07, 0xe8, 0x40, 0, 0, 3, 0, 0x40, 0, 0, 5, 3, 0xc5, 0x0a,
            0xa8, 0,
        ][..],
        &[0x68, 0xce, 0x0f, 0x2c, 0x80][..],
    );
    let mut camera = Camera::new();
    assert!(camera.builder.units.track().is_none());
    for picture in 0..2 {
        for unit in [sps, pps, KEY] {
            camera.packet(picture * 3_000, unit, true);
        }
    }
    let track = camera.builder.units.track().unwrap();
    assert_eq!((track.width, track.height, track.codec.as_str()), (320, 240, "avc1.42c00d"));
    assert_eq!(track.picture_ticks, Some(9_000));
    let shown = camera.end();
    assert_eq!((shown[0].2.len(), shown[1].2.len()), (3, 1));
    assert_eq!(shown[0].2[0], sps[..sps.len() - 1], "without what trails it");
}

#[test]
fn a_picture_of_intra_slices_that_says_so_is_a_key_frame() {
    let recovery = [0x06, 0x06, 0x01, 0xc4, 0x80];
    let intra = [0x41, 0b1011_0000, 1]; // first_mb 0, slice type 2
    let mut camera = Camera::new();
    camera.packet(0, &recovery, false);
    camera.packet(0, &intra, true);
    camera.packet(3_000, &intra, true);
    let keys: Vec<_> = camera.end().into_iter().map(|(_, key, _)| key).collect();
    assert_eq!(keys, [true, false]);
}

#[test]
fn h265_comes_in_the_same_ways() {
    let key = [0x26, 1, 0x80, 1, 2, 3];
    let first = [0x02, 1, 0x80, 4, 5, 6];
    let rest = [0x02, 1, 0x40, 7];
    let mut builder = PictureBuilder::new(h265::ParameterSets::default());
    let mut packet = |timestamp, payload: &[u8], marker| {
        let packet = Packet { marker, payload_type: 96, sequence: 0, timestamp, source: 0, payload };
        rtp265::unpack(&packet, false, &mut builder);
        if marker {
            builder.mark();
        }
    };
    let sized = |unit: &[u8]| [&(unit.len() as u16).to_be_bytes()[..], unit].concat();
    packet(0, &[&[0x60, 1][..], &sized(&[0x46, 1, 0x50]), &sized(&key)].concat(), true);
    packet(1, &[0x62, 1, 0x80 | 1, 0x80, 4], false);
    packet(1, &[0x62, 1, 0x40 | 1, 5, 6], false);
    packet(1, &rest, true);
    packet(2, &first, false);
    let shown: Vec<_> =
        builder.take().into_iter().map(|it| (it.timestamp, it.key, taken_apart(&it.data))).collect();
    assert_eq!(shown, [(0, true, vec![key.to_vec()]), (1, false, vec![first.to_vec(), rest.to_vec()])]);
    assert!(rtp265::begins(&key) && rtp265::begins(&[0x62, 1, 0x80 | 19]) && !rtp265::begins(&first));
}

proptest! {
    #[test]
    fn whatever_comes_pictures_are_whole(
        packets in prop::collection::vec((0u32..4, prop::collection::vec(any::<u8>(), 0..40), any::<bool>(), any::<bool>()), 1..60),
        is_h264 in any::<bool>()
    ) {
        let mut one = PictureBuilder::new(h264::ParameterSets::default());
        let mut other = PictureBuilder::new(h265::ParameterSets::default());
        for (timestamp, payload, marker, lost) in &packets {
            let packet = Packet { marker: *marker, payload_type: 96, sequence: 0, timestamp: *timestamp, source: 0, payload };
            let shown = if is_h264 {
                if *lost { one.lose() }
                rtp264::unpack(&packet, &mut one);
                if *marker { one.mark() }
                one.take()
            } else {
                if *lost { other.lose() }
                rtp265::unpack(&packet, lost ^ marker, &mut other);
                if *marker { other.mark() }
                other.take()
            };
            for picture in shown {
                prop_assert!(!taken_apart(&picture.data).is_empty());
            }
        }
        let _ = (one.units.track(), other.units.track());
    }
}
