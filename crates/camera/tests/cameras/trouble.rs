//! What happens with cameras that do not work.

use std::time::Instant;

use porchlight_camera::{Camera, Error, State};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::common::{
    Condition, StandIn, Wire, decode, next_missed, next_segment, recording, source, state_where, watch_camera,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn cameras_that_do_not_work_are_named_and_found_again() {
    together![
        the_password_is_right_wrong_or_missing,
        a_stream_that_is_not_there_is_named,
        nothing_listens,
        a_camera_that_accepts_and_says_nothing_is_noticed_in_time,
        whatever_else_answers_is_garbage,
        a_camera_that_restarts_is_found_again_and_the_gap_is_told,
        a_stream_that_falls_silent_or_turns_to_noise_is_begun_anew,
        the_end_of_the_film_is_noticed_at_once,
    ];
}

async fn trouble_of(camera: &Camera) -> Error {
    match state_where(camera, |state| matches!(state, State::Unreachable { .. })).await {
        State::Unreachable { trouble, .. } => trouble,
        other => panic!("{other}"),
    }
}

/// The trouble with an address, and that nothing about it tells the password.
async fn trouble_at(address: &str) -> Error {
    let (camera, mut segments) = watch_camera(source(address));
    let trouble = trouble_of(&camera).await;
    let state = camera.state().borrow().clone();
    let told = format!("{trouble} {trouble:?} {state} {camera:?} {}", serde_json::to_string(&state).unwrap());
    assert!(!told.contains("hunter2"), "{told}");
    camera.stop().await;
    let missed = next_missed(&mut segments).await;
    assert_eq!(missed.why, trouble);
    assert!(crate::common::next(&mut segments).await.is_none());
    trouble
}

async fn the_password_is_right_wrong_or_missing() {
    for way in [
        &["--user", "porch", "--password", "right"][..],
        &["--user", "porch", "--password", "right", "--basic"],
    ] {
        let Some(stand_in) = StandIn::start(way) else { return };
        let at = |sign_in: &str| format!("rtsp://{sign_in}127.0.0.1:{}/cam", stand_in.port());
        let (camera, _segments) = watch_camera(source(&at("porch:right@")));
        recording(&camera).await;
        assert_eq!(trouble_at(&at("porch:hunter2@")).await, Error::WrongPassword);
        assert_eq!(trouble_at(&at("")).await, Error::PasswordNeeded);
    }
}

async fn a_stream_that_is_not_there_is_named() {
    let Some(stand_in) = StandIn::start(&[]) else { return };
    let elsewhere = format!("rtsp://127.0.0.1:{}/garden", stand_in.port());
    assert_eq!(trouble_at(&elsewhere).await, Error::NotFound);
}

async fn nothing_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    assert_eq!(trouble_at(&format!("rtsp://porch:hunter2@127.0.0.1:{port}/cam")).await, Error::Refused);
}

async fn a_camera_that_accepts_and_says_nothing_is_noticed_in_time() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let begun = Instant::now();
    assert_eq!(trouble_at(&format!("rtsp://127.0.0.1:{port}/cam")).await, Error::NoAnswer);
    assert!(begun.elapsed().as_secs() < 10);
}

async fn whatever_else_answers_is_garbage() {
    for answer in [
        &b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"[..],
        b"220 hunter2 ESMTP\r\n",
        b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Type: application/sdp\r\nContent-Length: 7\r\n\r\nhunter2",
        b"RTSP/1.0 500 hunter2\r\nCSeq: 1\r\n\r\n",
        b"\0\x01\x02\xff\xfe",
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut hub, _)) = listener.accept().await {
                let mut request = [0; 1024];
                let _ = hub.read(&mut request).await;
                let _ = hub.write_all(answer).await;
            }
        });
        let trouble = trouble_at(&format!("rtsp://127.0.0.1:{port}/cam")).await;
        assert!(matches!(trouble, Error::Garbage(_)), "{trouble:?} after {}", answer.escape_ascii());
    }
}

async fn a_camera_that_restarts_is_found_again_and_the_gap_is_told() {
    let Some(stand_in) = StandIn::start(&[]) else { return };
    let (address, port) = (stand_in.address.clone(), stand_in.port().to_string());
    let (camera, mut segments) = watch_camera(source(&address));
    let before = next_segment(&mut segments).await;
    drop(stand_in);
    let State::Unreachable { since, .. } =
        state_where(&camera, |state| matches!(state, State::Unreachable { trouble: Error::Refused, .. }))
            .await
    else {
        panic!("it is gone")
    };

    let _stand_in = StandIn::start(&["--port", &port]).unwrap();
    let open = next_segment(&mut segments).await;
    assert_eq!((before.end, since), (open.start, open.end));
    decode(&open);
    let gap = next_missed(&mut segments).await;
    let after = next_segment(&mut segments).await;
    assert_eq!((gap.from, gap.to), (open.end, after.start));
    assert_eq!(gap.why, Error::Refused);
    assert!(gap.to > gap.from);
    decode(&after);
}

async fn a_stream_that_falls_silent_or_turns_to_noise_is_begun_anew() {
    let Some(stand_in) = StandIn::start(&[]) else { return };
    let wire = Wire::to(stand_in.port()).await;
    let (camera, mut segments) = watch_camera(source(&format!("rtsp://127.0.0.1:{}/cam", wire.port)));

    recording(&camera).await;
    wire.set(Condition::Spoiled);
    assert!(matches!(trouble_of(&camera).await, Error::Garbage(_)));
    wire.set(Condition::Whole);
    recording(&camera).await;
    let (open, gap) = (next_segment(&mut segments).await, next_missed(&mut segments).await);
    assert_eq!(gap.from, open.end);
    decode(&open);

    wire.set(Condition::Cut);
    let begun = Instant::now();
    assert_eq!(trouble_of(&camera).await, Error::NoAnswer);
    assert!(begun.elapsed().as_secs() < 10);
    wire.set(Condition::Whole);
    recording(&camera).await;
}

async fn the_end_of_the_film_is_noticed_at_once() {
    let Some(stand_in) = StandIn::start(&["--minutes", "0.1"]) else { return };
    let (camera, mut segments) = watch_camera(source(&stand_in.address));
    recording(&camera).await;
    assert_eq!(trouble_of(&camera).await, Error::StreamEnded);
    let (first, rest) = (next_segment(&mut segments).await, next_segment(&mut segments).await);
    assert_eq!(first.frames + rest.frames, 90, "nothing of the film is lost");
}
