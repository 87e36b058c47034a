//! What a camera says and sends, and where it is said to be.

use jiff::Timestamp;
use porchlight_camera::fuzzing::{Frame, film, messages, stream};
use porchlight_camera::{Clip, parse_address};

use super::{text, texts};
use crate::Target;
use crate::input::Input;

pub(super) const TARGETS: &[Target] = &[
    Target { name: "camera-frames", run: frames, seeds: frame_seeds },
    Target { name: "camera-clips", run: clips, seeds: clip_seeds },
    Target { name: "camera-addresses", run: addresses, seeds: address_seeds },
    Target { name: "camera-messages", run: said, seeds: message_seeds },
    Target { name: "camera-packets", run: packets, seeds: packet_seeds },
];

/// Whatever a piece of film is, it is joined with itself or refused, and what is held of it is no more than it said.
fn clips(bytes: &[u8]) {
    let mut clip = Clip::default();
    let Ok(media) = clip.add(bytes) else { return };
    assert!(media.start < media.end && media.end <= bytes.len());
    assert_eq!(clip.add(bytes), Ok(media), "what began it goes on with it");
    assert!(clip.head(None).len() <= 4_096 + 16 * bytes.len());
}

fn clip_seeds() -> Vec<Vec<u8>> {
    let entry = [&[0, 0, 0, 8][..], b"avc1"].concat();
    let given = (0..90).map(|picture: i64| {
        let arrived =
            Timestamp::constant(1_700_000_000, 0) + jiff::SignedDuration::from_millis(100 * picture);
        let (data, ticks) = (vec![picture as u8; 9], 9_000 * picture);
        Frame::Picture { data, ticks, key: picture % 20 == 0, arrived, width: 640, picture_ticks: None }
    });
    let segments = film(given, &entry, None, MOST_BYTES, MOST_PICTURES);
    segments.into_iter().map(|segment| segment.bytes.to_vec()).collect()
}

const MOST_BYTES: usize = 600;
const MOST_PICTURES: usize = 40;

/// A script of frames: whatever comes, each segment is a whole file within its bounds that holds exactly its samples.
fn frames(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let rate = input.u32();
    let sound = (input.u8() & 1 == 1).then_some(rate);
    let entry = [&[0, 0, 0, 8][..], b"avc1"].concat();
    let mut arrived = Timestamp::constant(1_700_000_000, 0).as_millisecond();
    let mut given = Vec::new();
    while !input.is_done() && given.len() < 2_000 {
        let (kind, pause) = (input.u8(), input.u16().cast_signed());
        arrived += i64::from(pause);
        let steady = (arrived - 1_700_000_000_000) * 90;
        let ticks = if kind & 8 == 0 { steady } else { input.u64().cast_signed() };
        let at = if kind & 16 == 0 { arrived } else { input.u64().cast_signed() };
        let Ok(at) = Timestamp::from_millisecond(at) else { continue };
        let data = input.bytes(usize::from(kind >> 5) * 8).to_vec();
        given.push(match kind & 7 {
            0 => Frame::Silence,
            1 | 2 => Frame::Sound {
                data,
                ticks,
                length: if kind & 2 == 0 { 1024 } else { input.u32() },
                arrived: at,
            },
            3 => Frame::Picture {
                data,
                ticks,
                key: true,
                arrived: at,
                width: input.u32(),
                picture_ticks: Some(input.u32()),
            },
            key => {
                Frame::Picture { data, ticks, key: key == 4, arrived: at, width: 640, picture_ticks: None }
            }
        });
    }
    let pictures = given.iter().filter(|frame| matches!(frame, Frame::Picture { .. })).count();
    let segments = film(given, &entry, sound, MOST_BYTES, MOST_PICTURES);
    assert!(segments.iter().map(|segment| segment.frames as usize).sum::<usize>() <= pictures);
    for segment in &segments {
        assert!(segment.start <= segment.end);
        assert!((1..=MOST_PICTURES as u32).contains(&segment.frames));
        assert!(sound.is_some() || !segment.sound);
        is_whole(&segment.bytes, segment.frames);
    }
}

/// A file of `ftyp moov moof mdat` whose samples fill its media.
fn is_whole(file: &[u8], frames: u32) {
    let top = boxes(file);
    assert_eq!(top.iter().map(|(kind, _)| *kind).collect::<Vec<_>>(), [b"ftyp", b"moov", b"moof", b"mdat"]);
    let media = top[3].1.len() as u64;
    let mut samples = 0;
    let tracks = boxes(top[2].1).into_iter().filter(|(kind, _)| *kind == b"traf");
    for (place, (_, track)) in tracks.enumerate() {
        let (_, run) =
            boxes(track).into_iter().find(|(kind, _)| *kind == b"trun").expect("a track has a run");
        let number = |at: usize| u32::from_be_bytes(run[at..at + 4].try_into().expect("four bytes"));
        let width = if number(0) & 0x800 == 0 { 12 } else { 16 };
        let count = number(4);
        assert!(place > 0 || count == frames, "the pictures are counted");
        assert_eq!(run.len(), 12 + width * count as usize);
        samples += (0..count as usize).map(|nth| u64::from(number(12 + nth * width + 4))).sum::<u64>();
    }
    assert_eq!(samples, media, "the samples fill the media");
}

/// The boxes of a file, or of a box that holds boxes; they fill it.
fn boxes(mut bytes: &[u8]) -> Vec<(&[u8; 4], &[u8])> {
    let mut found = Vec::new();
    while let Some((size, rest)) = bytes.split_first_chunk::<4>() {
        let size = u32::from_be_bytes(*size) as usize;
        assert!((8..=bytes.len()).contains(&size), "a box of {size} bytes in {}", bytes.len());
        let kind = rest.first_chunk::<4>().expect("a box has a kind");
        found.push((kind, &bytes[8..size]));
        bytes = &bytes[size..];
    }
    assert!(bytes.is_empty(), "bytes after the last box");
    found
}

fn frame_seeds() -> Vec<Vec<u8>> {
    let begin = |sound: u8| [&16_000u32.to_le_bytes()[..], &[sound]].concat();
    let picture = |key: bool, pause: u16| {
        [&[if key { 0x24 } else { 0x25 }][..], &pause.to_le_bytes(), &[0x11; 8]].concat()
    };
    let heard = |pause: u16| [&[0x21][..], &pause.to_le_bytes(), &[0xaa; 8]].concat();
    let steady = (0..90).flat_map(|nth| picture(nth % 15 == 0, 66));
    let spoken = (0..60).flat_map(|nth| [picture(nth % 20 == 0, 66), heard(1)].concat());
    let wild =
        [&[0x2c, 5, 0][..], &u64::MAX.to_le_bytes(), &[1; 8], &[0x35, 9, 0], &[0xff; 8], &[2; 8]].concat();
    vec![
        begin(0).into_iter().chain(steady).collect(),
        begin(1).into_iter().chain(spoken).collect(),
        [begin(1), wild, picture(true, 60_000), heard(3), picture(false, 5_000), vec![0]].concat(),
    ]
}

/// No address that is taken apart keeps its user or password, and taken apart again it is the same.
fn addresses(bytes: &[u8]) {
    let Some(address) = text(bytes) else { return };
    let Ok((url, credentials)) = parse_address(address) else { return };
    assert!(url.scheme() == "rtsp" && url.username().is_empty() && url.password().is_none());
    assert!(url.host_str().is_some_and(|host| !host.is_empty()));
    assert_eq!(format!("{credentials:?}").contains("Credentials(…)"), credentials.is_some());
    let (again, none) = parse_address(url.as_str()).expect("what was taken apart is an address");
    assert!(again == url && none.is_none());
}

fn address_seeds() -> Vec<Vec<u8>> {
    texts([
        "rtsp://porch:s%40cr%2Fet@192.168.1.20:8554/cam?channel=1",
        "RTSP://[fd00::1]:554/",
        "rtsp://porch@cam.local/stream",
        "rtsp://u:12#34@cam/",
        " rtsp://m\u{fc}ller.example/\u{e9}?user=a&password=b ",
    ])
}

/// Messages: none is longer than what it is read from, and nothing of it goes back as more than a word in a line.
fn said(bytes: &[u8]) {
    let _ = messages(bytes);
}

fn message_seeds() -> Vec<Vec<u8>> {
    texts([
        "RTSP/1.0 200 OK\r\nCSeq: 1\r\nPublic: OPTIONS, DESCRIBE\r\n\r\nOPTIONS * RTSP/1.0\n\n",
        "RTSP/1.0 401 No\r\nWWW-Authenticate: Digest realm=\"the \"front\" door\", nonce=\"a\", qop=\"auth\"\r\nWWW-Authenticate: Basic\r\n\r\n",
        "RTSP/1.0 200 OK\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\nSession: 1;timeout=60\r\nContent-Base: rtsp://cam/\r\nControl: track1\r\n\r\n",
        "RTSP/1.0 200 OK\r\nRTP-Info: url=a;seq=1;rtptime=9,url=b;rtptime=8\r\n\r\n",
    ])
}

/// The formats that are received, each with packets that are one of its own.
const DESCRIPTIONS: [&str; 8] = [
    "m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\na=fmtp:96 sprop-parameter-sets=Z0LADdoFB+hAAAADAEAAAAUDxQqo,aM4PLIA=\n",
    "m=video 0 RTP/AVP 96\na=rtpmap:96 H265/90000\n",
    "m=video 0 RTP/AVP 96\na=rtpmap:96 H265/90000\na=fmtp:96 sprop-max-don-diff=2\n",
    "m=audio 0 RTP/AVP 97\na=rtpmap:97 mpeg4-generic/16000\na=fmtp:97 mode=AAC-hbr; config=1408; SizeLength=13\n",
    "m=audio 0 RTP/AVP 97\na=rtpmap:97 MP4A-LATM/16000\na=fmtp:97 cpresent=0;config=400028103fc0\n",
    "m=audio 0 RTP/AVP 97\na=rtpmap:97 opus/48000/2\n",
    "m=audio 0 RTP/AVP 0\n",
    "m=audio 0 RTP/AVP 97\na=rtpmap:97 L16/44100/2\n",
];

/// A script of packets: whatever comes, each picture is made of whole units. The first byte chooses the description; above the
/// known ones it is in the input.
fn packets(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let known = DESCRIPTIONS.get(usize::from(input.u8()));
    let told = usize::from(input.u16()) % 600;
    let told = input.bytes(if known.is_some() { 0 } else { told });
    let mut sent = Vec::new();
    while !input.is_done() && sent.len() < 400 {
        let (ahead, flags, timestamp, length) = (input.u8(), input.u8(), input.u8(), input.u8());
        let number = (sent.len() as u16).wrapping_add(u16::from(ahead & 3));
        let mut packet = vec![0x80 | ahead & 0x30, (flags & 1) << 7 | 96];
        packet.extend_from_slice(&number.to_be_bytes());
        packet.extend_from_slice(&(u32::from(timestamp) * 3_000).to_be_bytes());
        packet.extend_from_slice(&u32::from(flags >> 7).to_be_bytes());
        packet.extend_from_slice(input.bytes(usize::from(length)));
        sent.push(packet);
    }
    let description = known.map_or(told, |known| known.as_bytes());
    for picture in stream(description, sent.iter().map(Vec::as_slice)) {
        let mut rest = &picture[..];
        while let Some((length, units)) = rest.split_first_chunk::<4>() {
            let length = u32::from_be_bytes(*length) as usize;
            assert!((1..=units.len()).contains(&length), "a unit of {length} bytes in {}", units.len());
            rest = &units[length..];
        }
        assert!(rest.is_empty() && !picture.is_empty(), "bytes after the last unit");
    }
}

fn packet_seeds() -> Vec<Vec<u8>> {
    let packet = |marker: u8, timestamp: u8, payload: &[u8]| {
        [&[0, marker, timestamp, payload.len() as u8][..], payload].concat()
    };
    let of = |which: u8, sent: &[Vec<u8>]| [&[which, 0, 0][..], &sent.concat()].concat();
    let key = [0x65, 0x88, 1, 2, 3];
    vec![
        of(
            0,
            &[
                packet(0, 1, &[0x18, 0, 5, 0x65, 0x88, 1, 2, 3, 0, 3, 0x65, 0x40, 1]),
                packet(1, 2, &[0x41, 0x9a, 1]),
                packet(1, 3, &key),
            ],
        ),
        of(
            0,
            &[
                packet(0, 1, &[0x7c, 0x85, 0x88, 1]),
                packet(0, 1, &[0x7c, 0x05, 2]),
                packet(1, 1, &[0x7c, 0x45, 3]),
                packet(1, 2, &key),
            ],
        ),
        of(
            0,
            &[
                packet(1, 1, &[0, 0, 0, 1, 0x65, 0x88, 1, 0, 0, 1, 0x65, 0x40, 2]),
                packet(1, 2, &[0x3b, 0, 0, 0, 3, 0, 0, 9, 0x41, 0x9a, 1]),
            ],
        ),
        of(
            1,
            &[
                packet(1, 1, &[0x60, 1, 0, 4, 0x26, 1, 0x80, 1]),
                packet(0, 2, &[0x62, 1, 0x81, 0x80]),
                packet(1, 2, &[0x62, 1, 0x41, 5]),
            ],
        ),
        of(3, &[packet(1, 1, &[0, 16, 0, 24, 1, 2, 3]), packet(0, 2, &[0, 16, 0, 40, 1, 2])]),
        of(4, &[packet(1, 1, &[2, 1, 2, 1, 9])]),
        of(6, &[packet(1, 1, &[0xd5; 200]), packet(1, 2, &[0x2a; 200])]),
        [&[99, 45, 0][..], b"m=audio 0 RTP/AVP 8\nm=video 0 RTP/AVP 96\na=x:", &packet(1, 1, &key)].concat(),
    ]
}
