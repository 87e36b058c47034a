//! What is recorded from a camera that works.

use porchlight_camera::{Captured, Error, State};

use crate::common::{
    Probed, StandIn, Wire, decode, joined, next, next_missed, next_segment, recording, source, watch_camera,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn cameras_that_work_are_recorded() {
    together![
        every_segment_plays_alone_and_the_next_begins_where_it_ends,
        sound_without_consent_is_not_even_asked_for,
        sound_with_consent_is_kept_until_it_is_withdrawn,
        pictures_sent_out_of_order_keep_their_times,
        h265_is_recorded_as_it_comes,
    ];
}

async fn every_segment_plays_alone_and_the_next_begins_where_it_ends() {
    let Some(stand_in) = StandIn::start(&[]) else { return };
    let (camera, mut segments) = watch_camera(source(&stand_in.address));
    let State::Recording { width: 320, height: 180, sound: false, .. } = recording(&camera).await else {
        panic!("another picture than the camera's")
    };
    let first = next_segment(&mut segments).await;
    let second = next_segment(&mut segments).await;
    let State::Recording { fps, .. } = *camera.state().borrow() else { panic!("it records") };
    assert!((fps - 15.0).abs() < 1.0, "{fps} pictures a second");
    let state = camera.state();
    camera.stop().await;
    assert_eq!(*state.borrow(), State::Stopped);

    assert_eq!(first.end, second.start);
    for segment in [&first, &second] {
        assert_eq!((segment.width, segment.height, segment.frames, segment.sound), (320, 180, 60, false));
        assert!(segment.codecs.starts_with("avc1.64") && segment.codecs.len() == 11, "{}", segment.codecs);
        let lasted = segment.end.duration_since(segment.start).as_secs_f64();
        assert!((lasted - 4.0).abs() < 0.3, "{lasted} s");
        let probed = Probed::of(segment);
        assert_eq!(probed.codecs(), ["h264"]);
        assert!((probed.seconds() - 4.0).abs() < 0.01, "{} s", probed.seconds());
        let packets = probed.packets("h264");
        assert_eq!(packets.len(), 60);
        assert_eq!(packets[0], (0.0, 0.0, true));
        assert_eq!(packets.iter().filter(|(_, _, key)| *key).count(), 2, "a key frame every two seconds");
        decode(segment);
    }

    let clip = joined(&[&first, &second]);
    assert!((clip.seconds() - 8.0).abs() < 0.01, "{} s", clip.seconds());

    // What was open when it was stopped is handed over, and then nothing more.
    if let Some(Captured::Segment(rest)) = next(&mut segments).await {
        assert_eq!(second.end, rest.start);
        assert!(rest.frames < 60);
        decode(&rest);
        assert!(next(&mut segments).await.is_none());
    }
}

async fn sound_without_consent_is_not_even_asked_for() {
    let Some(stand_in) = StandIn::start(&["--sound"]) else { return };
    let wire = Wire::to(stand_in.port()).await;
    let (camera, mut segments) = watch_camera(source(&format!("rtsp://127.0.0.1:{}/cam", wire.port)));
    let segment = next_segment(&mut segments).await;
    camera.stop().await;
    assert_eq!(Probed::of(&segment).codecs(), ["h264"]);
    assert!(!segment.sound && !segment.codecs.contains("mp4a"));
    assert_eq!(wire.asked().matches("SETUP ").count(), 1, "the audio stream was set up");
}

async fn sound_with_consent_is_kept_until_it_is_withdrawn() {
    let Some(stand_in) = StandIn::start(&["--sound"]) else { return };
    let mut listened_to = source(&stand_in.address);
    listened_to.sound = true;
    let (camera, mut segments) = watch_camera(listened_to);

    let mut heard = Vec::new();
    for _ in 0..2 {
        let segment = next_segment(&mut segments).await;
        assert!(segment.sound && segment.codecs.ends_with(",mp4a.40.2"), "{}", segment.codecs);
        let probed = Probed::of(&segment);
        assert_eq!(probed.codecs(), ["h264", "aac"]);
        let sound = probed.packets("aac");
        let (first, last) = (sound[0].0, sound[sound.len() - 1].0);
        assert!((0.0..0.2).contains(&first) && (3.8..4.1).contains(&last), "sound from {first} to {last} s");
        decode(&segment);
        heard.push(segment);
    }
    // Joined, it goes on where they were cut, and stays with the pictures.
    let clip = joined(&heard.iter().collect::<Vec<_>>());
    assert_eq!(clip.codecs(), ["h264", "aac"]);
    let sound = clip.packets("aac");
    let even = sound.windows(2).all(|pair| (pair[1].0 - pair[0].0 - 1024.0 / 16_000.0).abs() < 0.002);
    assert!(even, "sound without a gap: {sound:?}");
    assert!((sound.len() as f64 * 1024.0 / 16_000.0 - clip.seconds()).abs() < 0.2, "{} s", clip.seconds());

    camera.set_sound(false);
    let open = next_segment(&mut segments).await;
    assert!(!open.sound, "what was open when consent was withdrawn goes without its sound");
    let gap = next_missed(&mut segments).await;
    assert_eq!((gap.from, gap.why.clone()), (open.end, Error::SoundSwitched));
    let silent = next_segment(&mut segments).await;
    assert_eq!(gap.to, silent.start);
    assert!(gap.to.duration_since(gap.from).as_secs_f64() < 2.0, "{gap}");
    assert_eq!(Probed::of(&silent).codecs(), ["h264"]);
}

async fn pictures_sent_out_of_order_keep_their_times() {
    let Some(stand_in) = StandIn::start(&["--b-frames", "2"]) else { return };
    let (_camera, mut segments) = watch_camera(source(&stand_in.address));
    let segment = next_segment(&mut segments).await;
    decode(&segment);
    joined(&[&segment, &next_segment(&mut segments).await]);
    let packets = Probed::of(&segment).packets("h264");
    assert!(packets.iter().any(|(presented, decoded, _)| presented > decoded), "nothing was out of order");
    assert!(packets.is_sorted_by(|before, after| before.1 < after.1), "decoding goes forward");
    let mut presented: Vec<_> = packets.iter().map(|(presented, _, _)| *presented).collect();
    presented.sort_by(f64::total_cmp);
    assert!(presented[0] < 0.2, "presentation begins at {}", presented[0]);
    assert!(presented.windows(2).all(|pair| (pair[1] - pair[0] - 1.0 / 15.0).abs() < 0.002), "{presented:?}");
}

async fn h265_is_recorded_as_it_comes() {
    let Some(stand_in) = StandIn::start(&["--codec", "h265"]) else { return };
    let (_camera, mut segments) = watch_camera(source(&stand_in.address));
    let segment = next_segment(&mut segments).await;
    assert_eq!((segment.width, segment.height, segment.frames), (320, 180, 60));
    assert!(segment.codecs.starts_with("hvc1.1.6.L"), "{}", segment.codecs);
    decode(&segment);
    let clip = joined(&[&segment, &next_segment(&mut segments).await]);
    assert_eq!(
        (clip.codecs(), clip.stream("hevc")["codec_tag_string"].as_str()),
        (vec!["hevc"], Some("hvc1"))
    );
    let packets = Probed::of(&segment).packets("hevc");
    assert_eq!(packets.iter().filter(|(_, _, key)| *key).count(), 2, "a key frame every two seconds");
}
