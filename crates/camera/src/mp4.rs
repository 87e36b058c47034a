//! Writes self-contained fragmented MP4 files: `ftyp`, `moov`, one `moof`, one `mdat`. Pieces of film are such files; `clip` makes ordinary
//! ones out of them, with the boxes here.
//!
//! Box and section numbers are those of ISO/IEC 14496-12; the sample entries come ready from the codecs.

use zeroize::Zeroizing;

/// One track of the file, with all of its samples.
pub(crate) struct Track<'a> {
    pub(crate) kind: Kind,
    /// The sample entry of the `stsd` box, whole.
    pub(crate) sample_entry: &'a [u8],
    /// Ticks a second.
    pub(crate) rate: u32,
    /// When the first sample is decoded, in ticks.
    pub(crate) start: u64,
    pub(crate) samples: Vec<Sample<'a>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Width and height in pixels.
    Video {
        width: u32,
        height: u32,
    },
    Sound,
}

/// A picture or a frame of sound.
pub(crate) struct Sample<'a> {
    pub(crate) data: &'a [u8],
    /// In ticks of its track.
    pub(crate) duration: u32,
    pub(crate) key: bool,
    /// How long after its decoding it is presented, in ticks of its track.
    pub(crate) composition: u32,
}

/// The file's own ticks a second, for its whole duration.
pub(crate) const MOVIE_RATE: u32 = 90_000;

/// Writes the file into a buffer that is allocated once and wiped when dropped; the media is copied once. Behind it there is
/// room to seal it where it lies: an age file is longer by 16 bytes for each 64 KiB begun, and 16.
///
/// The caller keeps the media below 4 GiB.
pub(crate) fn write(tracks: &[Track<'_>]) -> Zeroizing<Vec<u8>> {
    let mut head =
        Vec::with_capacity(2048 + 16 * tracks.iter().map(|track| track.samples.len()).sum::<usize>());
    file_type(&mut head);
    movie(&mut head, tracks);
    fragment(&mut head, tracks);

    let media: usize = tracks.iter().map(Track::bytes).sum();
    let length = head.len() + 8 + media;
    let mut file = Zeroizing::new(Vec::with_capacity(length + 16 + 16 * length.div_ceil(64 << 10)));
    file.extend_from_slice(&head);
    put_u32(&mut file, (8 + media) as u32);
    file.extend_from_slice(b"mdat");
    for sample in tracks.iter().flat_map(|track| &track.samples) {
        file.extend_from_slice(sample.data);
    }
    file
}

impl Track<'_> {
    fn bytes(&self) -> usize {
        self.samples.iter().map(|sample| sample.data.len()).sum()
    }

    /// Until when it lasts, in ticks of the movie.
    fn end(&self) -> u64 {
        let ticks = self.start + self.samples.iter().map(|sample| u64::from(sample.duration)).sum::<u64>();
        ticks * u64::from(MOVIE_RATE) / u64::from(self.rate.max(1))
    }
}

/// Section 4.3. `iso6` stands for fragments whose offsets count from their own `moof`.
fn file_type(out: &mut Vec<u8>) {
    boxed(out, b"ftyp", |out| {
        out.extend_from_slice(b"iso6\0\0\0\0iso6iso5avc1mp41");
    });
}

fn movie(out: &mut Vec<u8>, tracks: &[Track<'_>]) {
    boxed(out, b"moov", |out| {
        movie_header(out, tracks.len(), Lasting::UNTOLD, 0);
        for (track, id) in tracks.iter().zip(1..) {
            boxed(out, b"trak", |out| {
                track_header(out, id, track.kind, Lasting::UNTOLD);
                boxed(out, b"mdia", |out| {
                    media(out, track.kind, track.rate, Lasting::UNTOLD, |out| {
                        sample_entry(out, track.sample_entry);
                        // The tables are empty: the samples are described in the fragment.
                        full_box(out, b"stts", 0, 0, |out| put_u32(out, 0));
                        full_box(out, b"stsc", 0, 0, |out| put_u32(out, 0));
                        full_box(out, b"stsz", 0, 0, |out| put_all(out, &[0, 0]));
                        full_box(out, b"stco", 0, 0, |out| put_u32(out, 0));
                    });
                });
            });
        }
        boxed(out, b"mvex", |out| {
            full_box(out, b"mehd", 1, 0, |out| {
                put_u64(out, tracks.iter().map(Track::end).max().unwrap_or(0))
            });
            for (_, id) in tracks.iter().zip(1..) {
                // Section 8.8.3: sample description 1, and nothing else by default.
                full_box(out, b"trex", 0, 0, |out| put_all(out, &[id, 1, 0, 0, 0]));
            }
        });
    });
}

const UNITY_MATRIX: [u32; 9] = [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000];

/// How long something is, in ticks, as a header says it: in 32 bits where that is enough, in 64 where it is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lasting(pub(crate) u64);

impl Lasting {
    /// Of what says it elsewhere.
    pub(crate) const UNTOLD: Lasting = Lasting(0);

    /// Of these two, the version of a box.
    pub(crate) fn version(self) -> u8 {
        u8::from(self.0 > u64::from(u32::MAX))
    }

    /// A number as wide as the version has it.
    pub(crate) fn put(self, out: &mut Vec<u8>, number: u64) {
        match self.version() {
            0 => put_u32(out, number as u32),
            _ => put_u64(out, number),
        }
    }
}

/// Section 8.2.2. `made` is the second since the year 1904 in which it begins; none (0) of a piece, which says nothing that its recording
/// does not.
pub(crate) fn movie_header(out: &mut Vec<u8>, tracks: usize, lasting: Lasting, made: u64) {
    full_box(out, b"mvhd", lasting.version(), 0, |out| {
        lasting.put(out, made);
        lasting.put(out, made);
        put_u32(out, MOVIE_RATE);
        lasting.put(out, lasting.0);
        put_all(out, &[0x1_0000, 0x0100_0000, 0, 0]); // rate 1, volume 1
        put_all(out, &UNITY_MATRIX);
        put_all(out, &[0; 6]);
        put_u32(out, tracks as u32 + 1);
    });
}

/// Section 8.3.2. Flags: enabled, in the movie, in the preview.
pub(crate) fn track_header(out: &mut Vec<u8>, id: u32, kind: Kind, lasting: Lasting) {
    let (volume, width, height) = match kind {
        Kind::Video { width, height } => (0, width, height),
        Kind::Sound => (0x0100_0000, 0, 0),
    };
    full_box(out, b"tkhd", lasting.version(), 7, |out| {
        lasting.put(out, 0);
        lasting.put(out, 0);
        put_all(out, &[id, 0]);
        lasting.put(out, lasting.0);
        put_all(out, &[0, 0, 0, volume]);
        put_all(out, &UNITY_MATRIX);
        put_all(out, &[width << 16, height << 16]);
    });
}

/// What an `mdia` box holds; `tables` writes what its `stbl` holds.
pub(crate) fn media(
    out: &mut Vec<u8>,
    kind: Kind,
    rate: u32,
    lasting: Lasting,
    tables: impl FnOnce(&mut Vec<u8>),
) {
    const UNDETERMINED_LANGUAGE: u32 = 0x55c4_0000;
    full_box(out, b"mdhd", lasting.version(), 0, |out| {
        lasting.put(out, 0);
        lasting.put(out, 0);
        put_u32(out, rate);
        lasting.put(out, lasting.0);
        put_u32(out, UNDETERMINED_LANGUAGE);
    });
    full_box(out, b"hdlr", 0, 0, |out| {
        put_u32(out, 0);
        out.extend_from_slice(match kind {
            Kind::Video { .. } => b"vide",
            Kind::Sound => b"soun",
        });
        out.extend_from_slice(&[0; 13]); // reserved, and an empty name
    });
    boxed(out, b"minf", |out| {
        match kind {
            Kind::Video { .. } => full_box(out, b"vmhd", 0, 1, |out| put_all(out, &[0, 0])),
            Kind::Sound => full_box(out, b"smhd", 0, 0, |out| put_u32(out, 0)),
        }
        boxed(out, b"dinf", |out| {
            full_box(out, b"dref", 0, 0, |out| {
                put_u32(out, 1);
                full_box(out, b"url ", 0, 1, |_| {}); // the media lies in this very file
            });
        });
        boxed(out, b"stbl", tables);
    });
}

/// The one sample entry of a track.
pub(crate) fn sample_entry(out: &mut Vec<u8>, entry: &[u8]) {
    full_box(out, b"stsd", 0, 0, |out| {
        put_u32(out, 1);
        out.extend_from_slice(entry);
    });
}

/// Section 8.8.4 and following. The offsets of the media are known only once the box is complete.
fn fragment(out: &mut Vec<u8>, tracks: &[Track<'_>]) {
    let start = out.len();
    let mut offset_places = Vec::new();
    boxed(out, b"moof", |out| {
        full_box(out, b"mfhd", 0, 0, |out| put_u32(out, 1));
        for (track, id) in tracks.iter().zip(1..) {
            boxed(out, b"traf", |out| {
                const BASE_IS_MOOF: u32 = 0x2_0000;
                full_box(out, b"tfhd", 0, BASE_IS_MOOF, |out| put_u32(out, id));
                full_box(out, b"tfdt", 1, 0, |out| put_u64(out, track.start));
                offset_places.push(run(out, &track.samples));
            });
        }
    });
    let mut offset = out.len() - start + 8;
    for (track, place) in tracks.iter().zip(offset_places) {
        out[place..place + 4].copy_from_slice(&(offset as u32).to_be_bytes());
        offset += track.bytes();
    }
}

/// Section 8.8.8. Gives where the offset of the media is to be written.
fn run(out: &mut Vec<u8>, samples: &[Sample<'_>]) -> usize {
    const OFFSET: u32 = 0x001;
    const DURATION_SIZE_FLAGS: u32 = 0x700;
    const COMPOSITION: u32 = 0x800;
    // Section 8.8.3.1: a key frame depends on no other sample; the rest do, and are no sync samples.
    const KEY: u32 = 0x0200_0000;
    const DEPENDENT: u32 = 0x0101_0000;

    let reordered = samples.iter().any(|sample| sample.composition != 0);
    let flags = OFFSET | DURATION_SIZE_FLAGS | if reordered { COMPOSITION } else { 0 };
    let mut offset_place = 0;
    full_box(out, b"trun", 0, flags, |out| {
        put_u32(out, samples.len() as u32);
        offset_place = out.len();
        put_u32(out, 0);
        for sample in samples {
            put_all(
                out,
                &[sample.duration, sample.data.len() as u32, if sample.key { KEY } else { DEPENDENT }],
            );
            if reordered {
                put_u32(out, sample.composition);
            }
        }
    });
    offset_place
}

/// Section 4.2: size, type, content.
pub(crate) fn boxed(out: &mut Vec<u8>, kind: &[u8; 4], content: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    put_u32(out, 0);
    out.extend_from_slice(kind);
    content(out);
    let size = (out.len() - start) as u32;
    out[start..start + 4].copy_from_slice(&size.to_be_bytes());
}

pub(crate) fn full_box(
    out: &mut Vec<u8>,
    kind: &[u8; 4],
    version: u8,
    flags: u32,
    content: impl FnOnce(&mut Vec<u8>),
) {
    boxed(out, kind, |out| {
        put_u32(out, u32::from(version) << 24 | flags);
        content(out);
    });
}

pub(crate) fn put_u32(out: &mut Vec<u8>, number: u32) {
    out.extend_from_slice(&number.to_be_bytes());
}

pub(crate) fn put_u64(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(&number.to_be_bytes());
}

pub(crate) fn put_all(out: &mut Vec<u8>, numbers: &[u32]) {
    for number in numbers {
        put_u32(out, *number);
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Goes through the boxes of a file, or of a box that holds boxes, and checks that they fill it exactly.
    pub(crate) fn boxes(mut bytes: &[u8]) -> Vec<(String, &[u8])> {
        let mut found = Vec::new();
        while !bytes.is_empty() {
            let size = u32::from_be_bytes(bytes[..4].try_into().unwrap()) as usize;
            assert!(size >= 8 && size <= bytes.len(), "a box of {size} bytes in {}", bytes.len());
            found.push((String::from_utf8(bytes[4..8].to_vec()).unwrap(), &bytes[8..size]));
            bytes = &bytes[size..];
        }
        found
    }

    /// The content of a box by its path; `moof/traf.1` is the second `traf`.
    pub(crate) fn find<'a>(bytes: &'a [u8], path: &str) -> &'a [u8] {
        path.split('/').fold(bytes, |bytes, step| {
            let (kind, nth) = step.split_once('.').unwrap_or((step, "0"));
            let mut same = boxes(bytes).into_iter().filter(|(found, _)| found == kind);
            same.nth(nth.parse().unwrap()).unwrap_or_else(|| panic!("no {path}")).1
        })
    }

    pub(crate) fn numbers(bytes: &[u8]) -> Vec<u32> {
        bytes.chunks_exact(4).map(|four| u32::from_be_bytes(four.try_into().unwrap())).collect()
    }

    fn sample(data: &[u8], duration: u32, key: bool, composition: u32) -> Sample<'_> {
        Sample { data, duration, key, composition }
    }

    fn kinds(bytes: &[u8]) -> Vec<String> {
        boxes(bytes).into_iter().map(|(kind, _)| kind).collect()
    }

    fn two_tracks() -> Vec<u8> {
        let entry = b"\0\0\0\x08avc1";
        let video = vec![sample(b"key", 6_000, true, 6_000), sample(b"later", 6_000, false, 0)];
        let sound = vec![sample(b"la", 1_024, true, 0), sample(b"lala", 1_024, true, 0)];
        write(&[
            Track {
                kind: Kind::Video { width: 640, height: 360 },
                sample_entry: entry,
                rate: 90_000,
                start: 0,
                samples: video,
            },
            Track {
                kind: Kind::Sound,
                sample_entry: b"\0\0\0\x08mp4a",
                rate: 16_000,
                start: 100,
                samples: sound,
            },
        ])
        .to_vec()
    }

    #[test]
    fn the_boxes_nest_as_they_should() {
        let file = two_tracks();
        assert_eq!(kinds(&file), ["ftyp", "moov", "moof", "mdat"]);
        assert_eq!(kinds(find(&file, "moov")), ["mvhd", "trak", "trak", "mvex"]);
        assert_eq!(kinds(find(&file, "moov/trak")), ["tkhd", "mdia"]);
        assert_eq!(kinds(find(&file, "moov/trak.1/mdia")), ["mdhd", "hdlr", "minf"]);
        assert_eq!(kinds(find(&file, "moov/trak/mdia/minf")), ["vmhd", "dinf", "stbl"]);
        assert_eq!(kinds(find(&file, "moov/trak.1/mdia/minf")), ["smhd", "dinf", "stbl"]);
        assert_eq!(kinds(find(&file, "moov/trak/mdia/minf/stbl")), ["stsd", "stts", "stsc", "stsz", "stco"]);
        assert_eq!(kinds(find(&file, "moov/mvex")), ["mehd", "trex", "trex"]);
        assert_eq!(kinds(find(&file, "moof/traf.1")), ["tfhd", "tfdt", "trun"]);
        assert_eq!(find(&file, "moov/mvhd").len(), 100);
        assert_eq!(find(&file, "moov/trak/tkhd").len(), 84);
        assert_eq!(find(&file, "moov/trak/mdia/mdhd").len(), 24);
        assert_eq!(find(&file, "moov/trak/mdia/minf/stbl/stsd")[8..], *b"\0\0\0\x08avc1");
    }

    #[test]
    fn the_runs_say_where_and_when_each_sample_is() {
        let file = two_tracks();
        let moof = file.windows(4).position(|four| four == b"moof").unwrap() - 4;
        let video = numbers(find(&file, "moof/traf/trun"));
        assert_eq!(video[..2], [0xf01, 2]);
        assert_eq!(video[3..], [6_000, 3, 0x0200_0000, 6_000, 6_000, 5, 0x0101_0000, 0]);
        assert_eq!(file[moof + video[2] as usize..][..8], *b"keylater");
        let sound = numbers(find(&file, "moof/traf.1/trun"));
        assert_eq!(sound[..2], [0x701, 2], "no composition times where nothing is reordered");
        assert_eq!(file[moof + sound[2] as usize..], *b"lalala");
        assert_eq!(numbers(find(&file, "moof/traf.1/tfdt")), [0x0100_0000, 0, 100]);
        // 12,000 ticks of video, and (100 + 2,048) / 16,000 s of sound, which is longer.
        assert_eq!(numbers(find(&file, "moov/mvex/mehd")), [0x0100_0000, 0, 12_082]);
    }

    #[test]
    fn the_file_is_allocated_once() {
        let bytes = vec![7; 100_000];
        let samples = vec![sample(&bytes, 1, true, 0)];
        let file = write(&[Track { kind: Kind::Sound, sample_entry: &[], rate: 1, start: 0, samples }]);
        assert_eq!(file.capacity(), file.len() + 48);
    }
}
