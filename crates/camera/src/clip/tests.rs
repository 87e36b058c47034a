use serde_json::{Value, json};

use super::*;
use crate::mp4::tests::{boxes, find, numbers};
use crate::mp4::{self, Kind, Sample, Track};

const PICTURES: Kind = Kind::Video { width: 640, height: 360 };
const AVC: &[u8] = b"\0\0\0\x0cavc1oldy";
const HEVC: &[u8] = b"\0\0\0\x0chvc1oldy";
const AAC: &[u8] = b"\0\0\0\x0cmp4aoldy";
const OPUS: &[u8] = b"\0\0\0\x0cOpusoldy";
const FLAC: &[u8] = b"\0\0\0\x0cfLaColdy";

/// The samples of a track: the bytes, duration and composition of each.
type Samples<'a> = &'a [(&'a [u8], u32, u32)];

fn track<'a>(kind: Kind, entry: &'a [u8], rate: u32, start: u64, samples: Samples<'a>) -> Track<'a> {
    let is_key = |at: usize| kind == Kind::Sound || at == 0;
    let samples = samples.iter().enumerate().map(|(at, &(data, duration, composition))| Sample {
        data,
        duration,
        key: is_key(at),
        composition,
    });
    Track { kind, sample_entry: entry, rate, start, samples: samples.collect() }
}

fn silent(entry: &[u8], samples: Samples<'_>) -> Vec<u8> {
    mp4::write(&[track(PICTURES, entry, 90_000, 0, samples)]).to_vec()
}

/// Joins pieces into a file whose media lies behind its table, and says what each was good for.
fn join(pieces: &[Vec<u8>]) -> (Vec<u8>, Vec<Result<(), NoFit>>) {
    let (mut clip, mut media, mut went) = (Clip::default(), Vec::new(), Vec::new());
    for piece in pieces {
        went.push(clip.add(piece).map(|part| media.extend_from_slice(&piece[part])));
    }
    let mut file = clip.head(Some(Timestamp::from_second(1_800_000_000).unwrap()));
    file.extend_from_slice(&media);
    (file, went)
}

/// What a table of pairs says of each sample.
fn each(table: &[u8]) -> Vec<u32> {
    let table = numbers(table);
    table[2..].chunks(2).flat_map(|run| vec![run[1]; run[0] as usize]).collect()
}

/// The bytes of every sample of a track, as its tables say where they lie.
fn samples(file: &[u8], track: &str) -> Vec<Vec<u8>> {
    let table = |name: &str| find(file, &format!("moov/{track}/mdia/minf/stbl/{name}"));
    let sizes = numbers(table("stsz"))[3..].to_vec();
    let chunks = numbers(table("stco"))[2..].to_vec();
    let runs = numbers(table("stsc"))[2..].to_vec();
    let runs: Vec<&[u32]> = runs.chunks(3).collect();
    let (mut found, mut sizes) = (Vec::new(), sizes.into_iter());
    for (number, chunk) in chunks.iter().enumerate() {
        let many = runs.iter().rfind(|run| run[0] as usize <= number + 1).unwrap()[1];
        let mut at = *chunk as usize;
        for _ in 0..many {
            let size = sizes.next().unwrap() as usize;
            found.push(file[at..at + size].to_vec());
            at += size;
        }
    }
    assert_eq!(sizes.next(), None);
    found
}

fn kinds(bytes: &[u8]) -> Vec<String> {
    boxes(bytes).into_iter().map(|(kind, _)| kind).collect()
}

#[test]
fn pieces_become_one_ordinary_film_to_the_tick() {
    let pieces = [
        silent(AVC, &[(b"one", 6_001, 0), (b"two", 5_999, 0)]),
        silent(AVC, &[(b"three", 6_000, 0)]),
        silent(AVC, &[(b"four", 6_000, 0), (b"five", 7_000, 0)]),
    ];
    let (file, went) = join(&pieces);
    assert_eq!(went, [Ok(()); 3]);
    assert_eq!(kinds(&file), ["ftyp", "moov", "mdat", "mdat", "mdat"], "the table stands before the media");
    assert_eq!(kinds(find(&file, "moov")), ["mvhd", "trak"], "and there are no fragments");
    assert_eq!(samples(&file, "trak"), [&b"one"[..], b"two", b"three", b"four", b"five"]);
    assert_eq!(each(find(&file, "moov/trak/mdia/minf/stbl/stts")), [6_001, 5_999, 6_000, 6_000, 7_000]);
    assert_eq!(numbers(find(&file, "moov/trak/mdia/minf/stbl/stss")), [0, 3, 1, 3, 4], "the key frames");
    assert_eq!(numbers(find(&file, "moov/trak/mdia/minf/stbl/stsc")), [0, 3, 1, 2, 1, 2, 1, 1, 3, 2, 1]);
    assert_eq!(numbers(find(&file, "moov/mvhd"))[4], 31_000, "the whole of it");
    assert_eq!(numbers(find(&file, "moov/trak/tkhd"))[5], 31_000);
    assert_eq!(numbers(find(&file, "moov/trak/mdia/mdhd"))[4], 31_000);
    assert_eq!(numbers(find(&file, "moov/mvhd"))[1], (1_800_000_000 + SINCE_1904) as u32, "when it was");
    assert_eq!(find(&file, "moov/trak/mdia/minf/stbl/stsd")[8..], *AVC);
}

#[test]
fn pictures_that_are_presented_in_another_order_begin_when_they_did_whatever_their_piece_said() {
    // The first piece presents everything by 6,000 ticks later, the second by 12,000, the third in the order of decoding.
    let pieces = [
        silent(HEVC, &[(b"a", 6_000, 6_000), (b"b", 6_000, 12_000), (b"c", 6_000, 0)]),
        silent(HEVC, &[(b"d", 6_000, 12_000), (b"e", 6_000, 18_000), (b"f", 6_000, 6_000)]),
        silent(HEVC, &[(b"g", 6_000, 0), (b"h", 6_000, 0)]),
    ];
    let (file, _) = join(&pieces);
    let late = each(find(&file, "moov/trak/mdia/minf/stbl/ctts"));
    assert_eq!(late, [12_000, 18_000, 6_000, 12_000, 18_000, 6_000, 12_000, 12_000]);
    let shown: Vec<u32> = late.iter().zip(0..).map(|(late, at)| at * 6_000 + late).collect();
    let mut in_order = shown.clone();
    in_order.sort_unstable();
    in_order.dedup();
    assert_eq!(in_order.len(), shown.len(), "no two at once");
    // All of it is shown from the first picture on.
    assert_eq!(numbers(find(&file, "moov/trak/edts/elst")), [0, 1, 48_000, 12_000, 0x1_0000]);
}

#[test]
fn sound_stays_in_step_with_the_pictures_however_it_was_cut() {
    let la: &[u8] = b"la";
    for (entry, rate, length) in [(AAC, 16_000, 1_024), (OPUS, 48_000, 960), (FLAC, 8_000, 4_000)] {
        // Two seconds of pictures, and sound that begins a tenth of a second later and goes on into the next piece.
        let count = 2 * rate / length;
        let sound = vec![(la, length, 0); count as usize];
        let piece = |start: u64| {
            mp4::write(&[
                track(PICTURES, AVC, 90_000, 0, &[(b"key", 90_000, 0), (b"later", 90_000, 0)]),
                track(Kind::Sound, entry, rate, start, &sound),
            ])
            .to_vec()
        };
        let start = u64::from(rate / 10);
        let over = start + u64::from(count * length);
        let (file, went) = join(&[piece(start), piece(over - u64::from(2 * rate)), piece(start)]);
        assert_eq!(went, [Ok(()); 3]);
        let times = each(find(&file, "moov/trak.1/mdia/minf/stbl/stts"));
        let begins = |nth: u32| times[..(nth * count) as usize].iter().sum::<u32>();
        assert_eq!(begins(1), count * length, "what goes on goes on");
        // The last piece's begins where its own pictures say, wherever the one before ended.
        assert_eq!(begins(2) + start as u32, 4 * rate + start as u32, "{rate}");
        // Nothing is to be heard before the first of it.
        let edits = numbers(find(&file, "moov/trak.1/edts/elst"));
        assert_eq!(edits[..5], [0, 2, 9_000, u32::MAX, 0x1_0000]);
        assert_eq!(edits[6], 0);
        assert_eq!(samples(&file, "trak.1").len(), 3 * count as usize);
        assert_eq!(samples(&file, "trak"), [&b"key"[..], b"later", b"key", b"later", b"key", b"later"]);
    }
}

#[test]
fn another_form_and_what_is_no_film_are_left_for_another_clip_and_change_nothing() {
    let sound = |entry| {
        mp4::write(&[
            track(PICTURES, AVC, 90_000, 0, &[(b"key", 90_000, 0)]),
            track(Kind::Sound, entry, 16_000, 0, &[(b"la", 1_024, 0)]),
        ])
        .to_vec()
    };
    let first = silent(AVC, &[(b"one", 6_000, 0)]);
    let larger = {
        let kind = Kind::Video { width: 1_920, height: 1_080 };
        mp4::write(&[track(kind, AVC, 90_000, 0, &[(b"big", 6_000, 0)])]).to_vec()
    };
    let others = [silent(HEVC, &[(b"two", 6_000, 0)]), larger, sound(AAC)];
    let (alone, _) = join(std::slice::from_ref(&first));
    for other in others {
        let (file, went) = join(&[first.clone(), other.clone()]);
        assert_eq!((went[1], &file), (Err(NoFit::Another), &alone));
        assert!(Clip::default().add(&other).is_ok(), "another begins with it");
    }
    assert_eq!(join(&[sound(AAC), sound(OPUS)]).1[1], Err(NoFit::Another));

    // Whatever is cut off or changed, it is read or refused.
    let whole = sound(AAC);
    for cut in 0..whole.len() {
        assert_eq!(Clip::default().add(&whole[..cut]), Err(NoFit::NoFilm), "{cut}");
    }
    for at in 0..whole.len() {
        for bit in 0..8 {
            let mut changed = whole.clone();
            changed[at] ^= 1 << bit;
            let mut clip = Clip::default();
            if let Ok(part) = clip.add(&changed) {
                assert!(part.end <= changed.len());
                let _ = clip.add(&changed);
                assert!(clip.head(None).len() < 4_096, "{at}");
            }
        }
    }
    assert_eq!(Clip::default().add(b"no film at all"), Err(NoFit::NoFilm));
}

#[test]
fn a_day_of_film_is_told_in_numbers_that_are_wide_enough() {
    // Two hours a picture: 14 hours are more ticks than 32 bits count.
    let piece = silent(AVC, &[(b"slow", 2 * 3_600 * 90_000, 0)]);
    let mut clip = Clip::default();
    for _ in 0..7 {
        clip.add(&piece).unwrap();
    }
    let ticks: u64 = 14 * 3_600 * 90_000;
    assert!(ticks > u64::from(u32::MAX) && clip.seconds() == 14.0 * 3_600.0);
    let movie = clip.movie(0, None);
    let wide = |numbers: &[u32], at: usize| u64::from(numbers[at]) << 32 | u64::from(numbers[at + 1]);
    assert_eq!(wide(&numbers(find(&movie, "moov/mvhd")), 6), ticks);
    assert_eq!(wide(&numbers(find(&movie, "moov/trak/tkhd")), 7), ticks);
    assert_eq!(wide(&numbers(find(&movie, "moov/trak/mdia/mdhd")), 6), ticks);
    // And of more bytes than 32 bits count.
    clip.media = u64::from(u32::MAX);
    clip.add(&piece).unwrap();
    let places = numbers(find(&clip.movie(1_000, None), "moov/trak/mdia/minf/stbl/co64"));
    assert_eq!(wide(&places, places.len() - 2), u64::from(u32::MAX) + 1_000 + 8);
}

/// What both ends are held to.
#[test]
fn clips_are_those_of_the_shared_cases() {
    let la: &[u8] = b"la";
    let with_sound = |entry: &[u8], start: u64, count: usize| {
        mp4::write(&[
            track(
                PICTURES,
                AVC,
                90_000,
                0,
                &[(b"key", 6_000, 6_000), (b"b", 6_000, 12_000), (b"c", 6_000, 0)],
            ),
            track(Kind::Sound, entry, 16_000, start, &vec![(la, 1_024, 0); count]),
        ])
        .to_vec()
    };
    let plain = || silent(AVC, &[(b"one", 6_001, 0), (b"two", 5_999, 0)]);
    let cases = [
        ("pictures alone", vec![plain(), silent(AVC, &[(b"three", 6_000, 0)]), plain()]),
        (
            "with sound that is cut elsewhere",
            vec![with_sound(AAC, 1_167, 3), with_sound(AAC, 1_039, 4), with_sound(AAC, 2_067, 2)],
        ),
        (
            "an hour and more in a picture",
            vec![silent(HEVC, &[(b"slow", u32::MAX, 0)]), silent(HEVC, &[(b"slow", u32::MAX, 0)])],
        ),
        (
            "another form, and what is no film",
            vec![plain(), silent(HEVC, &[(b"h", 6_000, 0)]), b"no film".to_vec(), plain()],
        ),
    ];
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let cases = cases.map(|(what, pieces)| {
        let (mut clip, mut joined) = (Clip::default(), Vec::new());
        for piece in &pieces {
            joined.push(match clip.add(piece) {
                Ok(part) => json!([part.start, part.end]),
                Err(NoFit::Another) => json!("another"),
                Err(NoFit::NoFilm) => json!("no film"),
            });
        }
        let made = Timestamp::from_second(1_800_000_000).unwrap();
        let pieces: Vec<String> = pieces.iter().map(|piece| hex(piece)).collect();
        json!({ "what": what, "made": 1_800_000_000, "pieces": pieces, "joined": joined, "head": hex(&clip.head(Some(made))) })
    });
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/clip.json");
    let kept: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    assert_eq!(kept, json!(cases));
}
