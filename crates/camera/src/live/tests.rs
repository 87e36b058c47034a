use std::time::Duration;

use tokio::time::timeout;

use super::*;
use crate::clock::Arrival;

fn at(millisecond: i64) -> Timestamp {
    Timestamp::from_millisecond(1_700_000_000_000 + millisecond).unwrap()
}

fn video() -> Arc<VideoTrack> {
    let mut sample_entry = vec![0; 86];
    sample_entry.extend_from_slice(b"\0\0\0\x0bavcC\x01\x64\x28");
    Arc::new(VideoTrack {
        sample_entry,
        codec: "avc1.640028".into(),
        width: 640,
        height: 360,
        picture_ticks: None,
    })
}

/// A camera that sends a picture every 66 milliseconds; what it sent is told by its first byte.
struct Sending {
    tap: Tap,
    track: Arc<VideoTrack>,
    sent: u8,
}

impl Sending {
    fn new() -> (Sending, Live) {
        let (mut tap, live) = live(Batching::default());
        tap.begin(None);
        (Sending { tap, track: video(), sent: 0 }, live)
    }

    fn picture(&mut self, key: bool, bytes: usize) {
        let mut data = Zeroizing::new(vec![0; bytes]);
        data[0] = self.sent;
        let n = i64::from(self.sent);
        self.sent += 1;
        self.tap
            .picture(&Picture { data, ticks: n * 6_000, key, arrived: Arrival::at(at(n * 66)) }, &self.track);
    }

    fn group(&mut self, pictures: usize) {
        for n in 0..pictures {
            self.picture(n == 0, 1_000);
        }
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        self.tap.shared.lock()
    }
}

/// All that a viewer gets without waiting: which it is, and whether it was there before.
async fn all(viewer: &mut Viewer) -> Vec<(u8, bool)> {
    let mut got = Vec::new();
    while let Ok(Some((unit, past))) = timeout(Duration::ZERO, viewer.next()).await {
        got.push((unit.data[0], past));
    }
    got
}

#[tokio::test(start_paused = true)]
async fn whoever_comes_has_the_newest_group_at_once_and_then_each_picture_as_it_comes() {
    let (mut camera, live) = Sending::new();
    camera.group(3);
    camera.group(4);
    let mut viewer = live.watch();
    assert_eq!(all(&mut viewer).await, [(3, true), (4, true), (5, true), (6, true)]);
    camera.picture(false, 1_000);
    let (unit, past) = viewer.next().await.unwrap();
    assert_eq!((unit.data[0], past, unit.kind), (7, false, LiveKind::Picture));
    assert_eq!((unit.time, unit.arrived), (7 * 66_666 + 4, at(7 * 66)));
    assert_eq!((&unit.track.codec[..], &unit.track.description[..]), ("avc1.640028", &[1, 0x64, 0x28][..]));
    assert_eq!((unit.track.width, unit.track.height), (640, 360));
    // The end of a group is not lost to somebody who reads it when the next has begun.
    camera.picture(false, 1_000);
    camera.picture(true, 1_000);
    assert_eq!(all(&mut viewer).await, [(8, false), (9, false)]);
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_is_woken_by_the_next_picture() {
    let (mut camera, live) = Sending::new();
    let mut viewer = live.watch();
    let waiting = tokio::spawn(async move { viewer.next().await.unwrap().0.data[0] });
    tokio::task::yield_now().await;
    camera.group(1);
    assert_eq!(waiting.await.unwrap(), 0);
}

#[tokio::test(start_paused = true)]
async fn whoever_is_too_slow_goes_on_at_the_newest_key_frame_and_costs_nothing() {
    let (mut camera, live) = Sending::new();
    let (mut slow, mut fast) = (live.watch(), live.watch());
    camera.group(40);
    assert_eq!(slow.next().await.unwrap().0.data[0], 0);
    assert_eq!(all(&mut fast).await.len(), 40);
    // Two seconds and more later, with a key frame in between.
    camera.group(40);
    assert_eq!(slow.next().await.unwrap().0.data[0], 40, "what lies between is left out");
    assert_eq!(all(&mut fast).await.len(), 40);
    // The group that it was at is gone altogether.
    camera.group(3);
    camera.group(3);
    assert_eq!(all(&mut slow).await, [(83, false), (84, false), (85, false)]);
    assert!(camera.ring().units.len() <= 6, "two groups, however slow somebody is");
}

#[tokio::test(start_paused = true)]
async fn a_viewer_within_two_seconds_misses_nothing() {
    let (mut camera, live) = Sending::new();
    let mut viewer = live.watch();
    camera.group(10);
    camera.group(10);
    assert_eq!(all(&mut viewer).await.len(), 20);
}

#[tokio::test(start_paused = true)]
async fn without_anybody_watching_one_group_is_held_and_it_is_bounded() {
    let (mut camera, live) = Sending::new();
    camera.group(5);
    camera.group(5);
    assert_eq!(camera.ring().units.len(), 5);
    // A camera that sends no key frame for too long.
    camera.picture(true, MOST_BYTES / 4);
    for _ in 0..5 {
        camera.picture(false, MOST_BYTES / 4);
    }
    let held = camera.ring().bytes;
    assert_eq!((camera.ring().units.len(), held), (0, 0), "of no use to anybody who comes");
    let mut viewer = live.watch();
    for _ in 0..6 {
        camera.picture(false, MOST_BYTES / 4);
    }
    assert!(camera.ring().bytes <= MOST_BYTES);
    assert!(all(&mut viewer).await.is_empty(), "nothing can be shown yet");
    camera.picture(true, 10);
    camera.picture(false, 10);
    assert_eq!(all(&mut viewer).await, [(22, false), (23, false)]);
    // Nor is there a limit to how small its pictures may be.
    drop(viewer);
    for _ in 0..MOST_UNITS + 10 {
        camera.sent = 0;
        camera.picture(false, 1);
    }
    assert!(camera.ring().units.len() <= MOST_UNITS);
}

#[tokio::test(start_paused = true)]
async fn what_an_ended_connection_brought_is_live_no_more() {
    let (mut camera, live) = Sending::new();
    let mut watching = live.watch();
    camera.group(3);
    let first = watching.next().await.unwrap().0;
    let held = Arc::downgrade(&first);
    drop(first);
    camera.tap.interrupt();
    assert!(held.upgrade().is_none(), "wiped");
    assert!(all(&mut watching).await.is_empty());
    assert!(all(&mut live.watch()).await.is_empty(), "an old picture is never shown as live");
    camera.tap.begin(None);
    camera.picture(false, 10);
    assert!(all(&mut watching).await.is_empty(), "nothing before its key frame");
    camera.group(2);
    assert_eq!(all(&mut watching).await, [(4, false), (5, false)]);
    drop(camera);
    assert!(watching.next().await.is_none());
    assert!(live.watch().next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn sound_goes_with_the_pictures_and_says_how_it_is_made() {
    let (mut camera, live) = Sending::new();
    let mut sample_entry = vec![0; 36];
    sample_entry[25] = 1;
    camera.tap.begin(Some(SoundTrack { sample_entry, codec: "opus".into(), rate: 48_000 }));
    let frame = |n: u8| Sound {
        data: Zeroizing::new(vec![n]),
        ticks: 48_000,
        length: 960,
        arrived: Arrival::at(at(0)),
    };
    camera.tap.sound(&frame(90));
    camera.group(1);
    camera.tap.sound(&frame(91));
    let mut viewer = live.watch();
    let picture = viewer.next().await.unwrap().0;
    let sound = picture.track.sound.as_ref().unwrap();
    assert_eq!((&sound.codec[..], sound.rate, sound.channels), ("opus", 48_000, 1));
    let heard = viewer.next().await.unwrap().0;
    assert_eq!((heard.kind, heard.data[0], heard.time), (LiveKind::Sound, 91, 1_000_000));
    assert!(Arc::ptr_eq(&heard.track, &picture.track));
}

#[test]
fn while_somebody_watches_nobody_rests() {
    let batching = Batching::default();
    let (_tap, live) = live(batching.clone());
    assert_eq!(format!("{live:?}"), "Live");
    let viewer = live.watch();
    assert!(!batching.is_at_rest());
    drop(viewer);
    assert!(batching.is_at_rest());
}
