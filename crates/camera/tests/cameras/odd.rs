//! Cameras that are odd, as many are: what a receiver may pass over costs nothing, and what is missing costs no more than it must.

use porchlight_camera::{Error, NoSound, State};

use crate::common::{
    Probed, Wire, clip_of, decode, decode_film, next_segment, recording, source, state_where, watch_camera,
};
use crate::odd_camera::{GROUP, Odd, Packet, answer, framed, serve};

/// What the first segment holds, of all cameras that lose nothing: it is cut at the first key frame after four seconds.
const ALL: u32 = 2 * GROUP as u32;

type Oddity = (&'static str, Odd);

fn with_answer(answer: fn(&str, &str, &str) -> Option<String>) -> Odd {
    Odd { answer, ..Odd::NOT }
}

fn with_description(description: fn(String) -> String) -> Odd {
    Odd { description, ..Odd::NOT }
}

fn with_packets(packets: fn(usize, Vec<Packet>) -> Vec<Packet>) -> Odd {
    Odd { packets, ..Odd::NOT }
}

fn each(mut packets: Vec<Packet>, change: impl Fn(&mut Packet)) -> Vec<Packet> {
    packets.iter_mut().for_each(change);
    packets
}

fn kind(packet: &Packet) -> u8 {
    packet.payload[0] & 31
}

/// Odd ways to answer, none of which costs a picture.
const ANSWERS: &[Oddity] = &[
    ("nothing is odd", Odd::NOT),
    (
        "the options are refused",
        Odd {
            answer: |method, _, number| {
                (method == "OPTIONS").then(|| answer("405 Method Not Allowed", number, ""))
            },
            ..Odd::NOT
        },
    ),
    (
        "the options make it hang up",
        Odd { answer: |method, _, _| (method == "OPTIONS").then(String::new), ..Odd::NOT },
    ),
    (
        "lines end as on other systems",
        Odd {
            answer: |method, _, number| {
                (method == "OPTIONS").then(|| format!("RTSP/1.0 200 OK\nCSeq:{number}\nPublic: DESCRIBE\n\n"))
            },
            ..Odd::NOT
        },
    ),
    (
        "answers have no number",
        Odd {
            answer: |method, _, _| (method == "OPTIONS").then(|| "RTSP/1.0 200 OK\r\n\r\n".into()),
            ..Odd::NOT
        },
    ),
    (
        "answers have another's number",
        Odd { answer: |method, _, _| (method == "OPTIONS").then(|| answer("200 OK", "77", "")), ..Odd::NOT },
    ),
    (
        "no time for the session, and nothing on the transport",
        Odd {
            answer: |method, _, number| {
                (method == "SETUP").then(|| answer("200 OK", number, "Session: 1;timeout=0\r\n"))
            },
            ..Odd::NOT
        },
    ),
    (
        "a transport in other letters",
        Odd {
            answer: |method, _, number| {
                (method == "SETUP").then(|| {
                    answer(
                        "200 OK",
                        number,
                        "SESSION:1\r\ntransport: rtp/avp/tcp;Interleaved=0-1;mode=\"play\"\r\n",
                    )
                })
            },
            ..Odd::NOT
        },
    ),
    (
        "streams play one by one",
        Odd {
            answer: |method, url, number| {
                (method == "PLAY" && !url.contains("track1"))
                    .then(|| answer("459 Aggregate operation not allowed", number, ""))
            },
            ..Odd::NOT
        },
    ),
    (
        "it plays from where it is alone",
        Odd {
            answer: |method, _, number| {
                (method == "PLAY" && number == "4").then(|| answer("457 Invalid Range", number, ""))
            },
            ..Odd::NOT
        },
    ),
    (
        "it is elsewhere on the same host",
        Odd {
            answer: |method, url, number| {
                let moved = format!("Location: {}/moved?now\r\n", url.trim_end_matches('/'));
                (method == "DESCRIBE" && !url.contains("moved")).then(|| answer("302 Moved", number, &moved))
            },
            ..Odd::NOT
        },
    ),
];

/// Odd descriptions.
const DESCRIPTIONS: &[Oddity] = &[
    (
        "lines that are too short, unknown or twice",
        Odd {
            description: |text| {
                text.replace("o=- 1 1 IN IP4 127.0.0.1", "o=- 1\r\nc=IN\r\nx\r\n=\r\nb=")
                    .replace("s=cam", "s=\r\ns=\r\nz=?")
            },
            ..Odd::NOT
        },
    ),
    (
        "the stream's address in another order, on another host",
        Odd {
            description: |text| {
                text.replace("a=control:track1\r\n", "")
                    .replace("a=rtpmap", "a=control:rtsp://10.0.0.1/track1\r\na=rtpmap")
            },
            ..Odd::NOT
        },
    ),
    (
        "no addresses",
        Odd {
            description: |text| text.replace("a=control:*\r\n", "").replace("a=control:track1\r\n", ""),
            ..Odd::NOT
        },
    ),
    ("no parameters", Odd { description: |text| text.replace("sprop-", "x-"), ..Odd::NOT }),
    (
        "parameters that are none",
        Odd { description: |text| text.replace("sets=", "sets=%%%,AAAA,"), ..Odd::NOT },
    ),
    (
        "no name of the format",
        Odd { description: |text| text.replace("a=rtpmap:96 H264/90000\r\n", ""), ..Odd::NOT },
    ),
    (
        "sound first, and what is neither",
        Odd {
            description: |text| {
                let before = "m=audio 0 RTP/AVP 8\r\na=control:sound\r\nm=application 0 RTP/AVP 107\r\na=control:data\r\nm=video";
                text.replace("m=video", before).replace('\r', "")
            },
            ..Odd::NOT
        },
    ),
];

/// Odd packets, none of which costs a picture.
const PACKETS: &[Oddity] = &[
    (
        "another source for each group",
        Odd {
            packets: |place, packets| each(packets, |packet| packet.source = 7 + (place / GROUP) as u32),
            ..Odd::NOT
        },
    ),
    (
        "another source, and other numbers, for each group",
        Odd {
            packets: |place, packets| {
                each(packets, |packet| {
                    packet.source = 7 + (place / GROUP) as u32;
                    packet.ahead = 9_000 * (place / GROUP) as u16;
                })
            },
            ..Odd::NOT
        },
    ),
    (
        "a stray source",
        Odd {
            packets: |place, mut packets| {
                let stray = Packet {
                    source: 0xdead,
                    ahead: 9_000,
                    marker: true,
                    ..Packet::with(5, &[0x41, 0x9a, 0, 0])
                };
                if place % 3 == 1 {
                    packets.push(stray);
                }
                packets
            },
            ..Odd::NOT
        },
    ),
    (
        "formats that were not agreed to",
        Odd {
            packets: |place, mut packets| {
                packets.insert(
                    0,
                    Packet {
                        payload_type: 107,
                        channel: if place % 2 == 0 { 0 } else { 6 },
                        ..Packet::with(5, b"junk")
                    },
                );
                packets
            },
            between: |_| framed(200, b"nobody's"),
            ..Odd::NOT
        },
    ),
    (
        "numbers that jump between pictures",
        Odd {
            packets: |place, packets| each(packets, |packet| packet.ahead = 777 * (place / 5) as u16),
            ..Odd::NOT
        },
    ),
    ("no markers", Odd { packets: |_, packets| each(packets, |packet| packet.marker = false), ..Odd::NOT }),
    (
        "markers on everything",
        Odd { packets: |_, packets| each(packets, |packet| packet.marker = true), ..Odd::NOT },
    ),
    (
        "a marker on each of several slices",
        Odd {
            sliced: true,
            packets: |_, packets| {
                each(packets, |packet| {
                    packet.marker |= matches!(kind(packet), 1 | 5)
                        || packet.payload.get(1).is_some_and(|flags| kind(packet) == 28 && flags & 0x40 != 0)
                })
            },
            ..Odd::NOT
        },
    ),
    ("several slices", Odd { sliced: true, ..Odd::NOT }),
    (
        "fragments without an end",
        Odd {
            packets: |_, packets| {
                each(packets, |packet| {
                    if kind(packet) == 28 {
                        packet.payload[1] &= !0x40
                    }
                })
            },
            ..Odd::NOT
        },
    ),
    (
        "start codes in the packets",
        Odd {
            packets: |_, packets| {
                each(packets, |packet| {
                    if kind(packet) != 28 {
                        packet.payload.splice(..0, [0, 0, 0, 1]);
                    }
                })
            },
            ..Odd::NOT
        },
    ),
    (
        "parameters in the description alone",
        Odd {
            packets: |_, mut packets| {
                packets.retain(|packet| !matches!(kind(packet), 7 | 8));
                packets
            },
            ..Odd::NOT
        },
    ),
    (
        "reports that are too short, and noise",
        Odd {
            between: |place| match place % 4 {
                0 => framed(1, b"\x80\xc8\x00\x06\x11\x22"),
                1 => framed(1, b"\x81\xcb\x00\x01\x00\x00\x00\x07\xff"),
                2 => b"\r\n\r\nxyz".to_vec(),
                _ => b"$\x00\x00\x00OPTIONS * RTSP/1.0\r\nCSeq: 9\r\n\r\n".to_vec(),
            },
            ..Odd::NOT
        },
    ),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_a_receiver_may_pass_over_costs_no_picture() {
    let all = [ANSWERS, DESCRIPTIONS, PACKETS].concat();
    let tries =
        all.into_iter().map(|(name, odd)| (name, tokio::spawn(first_segment(odd)))).collect::<Vec<_>>();
    for (name, pictures) in tries {
        let pictures = pictures.await.unwrap_or_else(|_| panic!("{name}: nothing was recorded"));
        assert!(pictures.is_none_or(|pictures| pictures == ALL), "{name}: {pictures:?} pictures");
    }
}

/// How many pictures the first segment of a camera holds, which plays; `None` where no film can be made.
async fn first_segment(odd: Odd) -> Option<u32> {
    let port = serve(odd).await?;
    let (camera, mut segments) = watch_camera(source(&format!("rtsp://127.0.0.1:{port}/cam")));
    let segment = next_segment(&mut segments).await;
    camera.stop().await;
    assert_eq!((segment.width, segment.height), (320, 240));
    decode(&segment);
    Some(segment.frames)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_lost_costs_no_more_than_it_must() {
    // A fragment that never comes: the picture is dropped, and those that build on it.
    let lost = with_packets(|place, mut packets| {
        if place == 13 {
            packets.remove(packets.len() - 1);
            if let Some(last) = packets.last_mut() {
                last.marker = true;
            }
        }
        each(packets, |packet| packet.ahead = u16::from(place > 13))
    });
    let Some(pictures) = first_segment(lost).await else { return };
    assert!((33..=ALL).contains(&pictures), "{pictures} pictures");
    // The midst of a picture comes first.
    let begun = with_packets(|place, mut packets| {
        if place == 0 {
            packets.splice(..0, [Packet::with(1, &[0x7c, 0x05, 1, 2, 3]), Packet::with(1, &[0x7c, 0x45, 4])]);
        }
        packets
    });
    assert_eq!(first_segment(begun).await, Some(ALL));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_cannot_be_recorded_is_told_why() {
    async fn trouble(odd: Odd) -> Option<Error> {
        let port = serve(odd).await?;
        let (camera, _segments) = watch_camera(source(&format!("rtsp://porch:hunter2@127.0.0.1:{port}/cam")));
        match state_where(&camera, |state| matches!(state, State::Unreachable { .. })).await {
            State::Unreachable { trouble, .. } => Some(trouble),
            other => panic!("{other}"),
        }
    }
    let by_udp = with_answer(|method, _, number| {
        (method == "SETUP").then(|| answer("461 Unsupported transport", number, ""))
    });
    let elsewhere = with_answer(|method, _, number| {
        (method == "DESCRIBE").then(|| answer("301 Moved", number, "Location: rtsp://10.0.0.1/cam\r\n"))
    });
    let around = with_answer(|method, url, number| {
        let place = format!("Location: {url}/on\r\n");
        (method == "DESCRIBE").then(|| answer("302 Moved", number, &place))
    });
    let mjpeg = with_description(|text| text.replace("H264", "JPEG"));
    let without = with_description(|text| text.replace("m=video", "m=audio"));
    for (odd, expected) in [
        (by_udp, Error::UdpOnly),
        (elsewhere, Error::SentElsewhere),
        (around, Error::StreamEnded),
        (mjpeg, Error::UnsupportedCodec("Motion JPEG".into())),
        (without, Error::NoVideo),
    ] {
        let found = trouble(odd).await;
        assert!(found.as_ref().is_none_or(|found| *found == expected), "{found:?} instead of {expected:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_password_is_sent_in_the_clear_to_nobody_who_did_not_ask_or_offered_a_digest() {
    const DIGEST: &str = "WWW-Authenticate: Digest realm=\"cam\", nonce=\"abc\", qop=\"auth\"\r\n";
    const BASIC: &str = "WWW-Authenticate: Basic realm=\"cam\"\r\n";
    // The first request is for the options, then for the description: without and with a digest.
    let forbids = with_answer(|method, _, number| match (method, number) {
        ("DESCRIBE", "2") => Some(answer("401 Unauthorized", number, DIGEST)),
        ("DESCRIBE", _) => Some(answer("403 Forbidden", number, "")),
        _ => None,
    });
    let hangs_up = with_answer(|method, _, number| match (method, number) {
        ("DESCRIBE", "2") => Some(answer("401 Unauthorized", number, DIGEST)),
        ("DESCRIBE", _) => Some(String::new()),
        _ => None,
    });
    let hangs_up_at_once = with_answer(|_, _, _| Some(String::new()));
    let changes_its_mind = with_answer(|method, _, number| match (method, number) {
        ("DESCRIBE", "2") => Some(answer("401 Unauthorized", number, DIGEST)),
        ("SETUP", _) => Some(answer("401 Unauthorized", number, BASIC)),
        _ => None,
    });
    let makes_no_sense = with_answer(|method, _, number| {
        let header = "WWW-Authenticate: Digest realm=\"a\rX: 1\", nonce=\"b\"\r\n";
        (method == "DESCRIBE").then(|| answer("401 Unauthorized", number, header))
    });
    for (odd, expected) in [
        (forbids, Error::Forbidden),
        (hangs_up, Error::StreamEnded),
        (hangs_up_at_once, Error::StreamEnded),
        (changes_its_mind, Error::NoSignIn),
        (makes_no_sense, Error::NoSignIn),
    ] {
        let Some(port) = serve(odd).await else { return };
        let wire = Wire::to(port).await;
        let address = format!("rtsp://porch:hunter2@127.0.0.1:{}/cam", wire.port);
        let (camera, _segments) = watch_camera(source(&address));
        let state = state_where(&camera, |state| matches!(state, State::Unreachable { .. })).await;
        camera.stop().await;
        assert!(matches!(&state, State::Unreachable { trouble, .. } if *trouble == expected), "{state}");
        assert!(!wire.asked().contains("Basic"), "{}", wire.asked());
    }
}

fn offers_pcmu(text: String) -> String {
    text + "m=audio 0 RTP/AVP 0\r\na=control:track2\r\n"
}

/// The state of a camera whose sound was agreed to, once a segment is there, and that segment's codecs as ffprobe sees them.
async fn listened_to(odd: Odd, with_sound: bool) -> Option<(State, String, Vec<String>)> {
    let port = serve(odd).await?;
    let mut source = source(&format!("rtsp://127.0.0.1:{port}/cam"));
    source.sound = true;
    let (camera, mut segments) = watch_camera(source);
    recording(&camera).await;
    let segment = next_segment(&mut segments).await;
    decode(&segment);
    // Whether any comes is known once the segment is cut.
    let known = |state: &State| matches!(state, State::Recording { sound, .. } if *sound == with_sound);
    let state = state_where(&camera, known).await;
    if with_sound {
        // The next goes on with it, in one clip.
        decode_film(&clip_of(&[&segment, &next_segment(&mut segments).await]));
    }
    let codecs = Probed::of(&segment).codecs().into_iter().map(str::to_owned).collect();
    Some((state, segment.codecs.clone(), codecs))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sound_of_a_telephone_is_kept_as_browsers_play_it() {
    let odd = Odd {
        description: offers_pcmu,
        packets: |place, mut packets| {
            // A tenth of a second, in five packets.
            packets.extend((0..5).map(|part| Packet {
                channel: 2,
                payload_type: 0,
                ..Packet::with(place as u32 * 800 + part * 160, &[(place as u8).wrapping_mul(3) ^ 0xd5; 160])
            }));
            packets
        },
        ..Odd::NOT
    };
    let Some((state, codecs, probed)) = listened_to(odd, true).await else { return };
    assert!(matches!(state, State::Recording { sound: true, no_sound: None, .. }), "{state}");
    assert!(codecs.ends_with(",flac"), "{codecs}");
    assert_eq!(probed, ["h264", "flac"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn opus_is_kept_as_it_comes() {
    let odd = Odd {
        description: |text| text + "m=audio 0 RTP/AVP 97\r\na=rtpmap:97 opus/48000/2\r\na=control:track2\r\n",
        packets: |place, mut packets| {
            // A tenth of a second of silence, in five packets.
            packets.extend((0..5).map(|part| Packet {
                channel: 2,
                payload_type: 97,
                ..Packet::with(place as u32 * 4_800 + part * 960, &[0xf8, 0xff, 0xfe])
            }));
            packets
        },
        ..Odd::NOT
    };
    let Some((_, codecs, probed)) = listened_to(odd, true).await else { return };
    assert!(codecs.ends_with(",opus"), "{codecs}");
    assert_eq!(probed, ["h264", "opus"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sound_that_does_not_come_costs_no_picture_and_is_told() {
    let silent = with_description(offers_pcmu);
    let refused = Odd {
        answer: |method, url, number| {
            (method == "SETUP" && url.contains("track2")).then(|| answer("500 No", number, ""))
        },
        ..silent
    };
    let hangs_up = Odd {
        answer: |method, url, _| (method == "SETUP" && url.contains("track2")).then(String::new),
        ..silent
    };
    let unknown = with_description(|text| {
        text + "m=audio 0 RTP/AVP 97\r\na=rtpmap:97 G726-32/8000\r\na=control:track2\r\n"
    });
    let (g711, g726) = ("G.711".to_owned(), "G.726".to_owned());
    // Twenty seconds with each picture.
    let floods = Odd {
        packets: |place, mut packets| {
            packets.extend((0..20).map(|second| Packet {
                channel: 2,
                payload_type: 0,
                ..Packet::with((place as u32 * 20 + second) * 8_000, &[0x55; 8_000])
            }));
            packets
        },
        ..silent
    };
    for (odd, expected) in [
        (silent, NoSound::Silent(g711.clone())),
        (floods, NoSound::TooFast(g711.clone())),
        (refused, NoSound::Refused(g711.clone())),
        (hangs_up, NoSound::Refused(g711)),
        (unknown, NoSound::Unsupported(g726)),
        (Odd::NOT, NoSound::NotOffered),
    ] {
        let Some((state, codecs, _)) = listened_to(odd, false).await else { return };
        let State::Recording { sound: false, no_sound: Some(why), .. } = state else { panic!("{state}") };
        // Of a flood the beginning is kept, until it is known to be one.
        let kept = codecs.contains(',') && !matches!(why, NoSound::TooFast(_));
        assert!(why == expected && !kept, "{why} instead of {expected}");
    }
}
