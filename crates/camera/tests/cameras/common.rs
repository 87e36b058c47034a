//! The stand-in camera, a wire to cut, and ffprobe.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use porchlight_camera::{
    Camera, CameraThread, Captured, Clip, Missed, Segment, Segments, Source, State, parse_address,
};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/stand-in-camera/stand-in-camera.py");

/// Longer than anything here takes; only a test that fails waits for it.
const PATIENCE: Duration = Duration::from_secs(25);

/// A camera made of software. It goes when this is dropped.
pub(crate) struct StandIn {
    child: Child,
    pub(crate) address: String,
}

impl StandIn {
    /// `None`, with a line that says so, where GStreamer or ffmpeg is absent.
    pub(crate) fn start(wish: &[&str]) -> Option<Self> {
        if let Err(absent) = usable() {
            assert!(
                std::env::var("PORCHLIGHT_REQUIRE_CAMERA").as_deref() != Ok("1"),
                "the stand-in camera is required and does not run: {absent}"
            );
            eprintln!("skipped: the stand-in camera does not run here: {absent}");
            return None;
        }
        Some(tokio::task::block_in_place(|| Self::begin(wish)))
    }

    fn begin(wish: &[&str]) -> Self {
        let mut child = Command::new("/usr/bin/python3")
            .args([SCRIPT, "--attached", "--size", "320x180", "--minutes", "1"])
            .args(wish)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut address = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut address).unwrap();
        assert!(address.starts_with("rtsp://"), "the stand-in camera did not start");
        Self { child, address: address.trim().to_owned() }
    }

    pub(crate) fn port(&self) -> u16 {
        parse_address(&self.address).unwrap().0.port().unwrap()
    }
}

impl Drop for StandIn {
    /// Its standard input closes, whereupon it removes its film and ends.
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        tokio::task::block_in_place(|| self.child.wait()).unwrap();
    }
}

fn usable() -> Result<(), String> {
    for (program, arguments) in
        [("/usr/bin/python3", [SCRIPT, "--help"]), ("ffprobe", ["-hide_banner", "-version"])]
    {
        match Command::new(program).args(arguments).stdin(Stdio::null()).output() {
            Ok(output) if output.status.success() => {}
            Ok(output) => return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
            Err(error) => return Err(format!("{program}: {error}")),
        }
    }
    Ok(())
}

pub(crate) fn source(address: &str) -> Source {
    let (url, credentials) = parse_address(address).unwrap();
    Source { url, credentials, sound: false }
}

pub(crate) fn watch_camera(source: Source) -> (Camera, Segments) {
    static THREAD: LazyLock<CameraThread> = LazyLock::new(|| CameraThread::start().unwrap());
    THREAD.watch(source, Timestamp::now)
}

pub(crate) async fn state_where(camera: &Camera, wanted: impl FnMut(&State) -> bool) -> State {
    let mut state = camera.state();
    match tokio::time::timeout(PATIENCE, state.wait_for(wanted)).await {
        Ok(state) => state.unwrap().clone(),
        Err(_) => panic!("the camera stayed as it is: {camera:?}"),
    }
}

pub(crate) async fn recording(camera: &Camera) -> State {
    state_where(camera, |state| matches!(state, State::Recording { .. })).await
}

pub(crate) async fn next(segments: &mut Segments) -> Option<Captured> {
    tokio::time::timeout(PATIENCE, segments.next()).await.expect("nothing was captured for long")
}

pub(crate) async fn next_segment(segments: &mut Segments) -> Segment {
    match next(segments).await {
        Some(Captured::Segment(segment)) => segment,
        other => panic!("a segment was due, not {other:?}"),
    }
}

pub(crate) async fn next_missed(segments: &mut Segments) -> Missed {
    match next(segments).await {
        Some(Captured::Missed(missed)) => missed,
        other => panic!("a gap was due, not {other:?}"),
    }
}

/// What ffprobe reads from a segment alone, given to it by pipe.
pub(crate) struct Probed(Value);

impl Probed {
    pub(crate) fn of(segment: &Segment) -> Self {
        Self::of_film(&segment.bytes)
    }

    pub(crate) fn of_film(film: &[u8]) -> Self {
        let shown = ["-show_format", "-show_streams", "-show_packets", "-of", "json"];
        let output = piped("ffprobe", &[&["-v", "error"], &shown[..], &["pipe:0"]].concat(), film);
        Self(serde_json::from_slice(&output).unwrap())
    }

    pub(crate) fn seconds(&self) -> f64 {
        number(&self.0["format"]["duration"])
    }

    pub(crate) fn codecs(&self) -> Vec<&str> {
        self.0["streams"]
            .as_array()
            .unwrap()
            .iter()
            .map(|stream| stream["codec_name"].as_str().unwrap())
            .collect()
    }

    pub(crate) fn stream(&self, codec: &str) -> &Value {
        self.0["streams"].as_array().unwrap().iter().find(|stream| stream["codec_name"] == codec).unwrap()
    }

    /// Of each packet of a codec: when it is presented and decoded, in seconds, and whether it is a key frame.
    pub(crate) fn packets(&self, codec: &str) -> Vec<(f64, f64, bool)> {
        let index = &self.stream(codec)["index"];
        let packets =
            self.0["packets"].as_array().unwrap().iter().filter(|packet| packet["stream_index"] == *index);
        packets
            .map(|packet| {
                let key = packet["flags"].as_str().unwrap().starts_with('K');
                (number(&packet["pts_time"]), number(&packet["dts_time"]), key)
            })
            .collect()
    }
}

/// Decodes all of a segment; fails on the least complaint.
pub(crate) fn decode(segment: &Segment) {
    decode_film(&segment.bytes);
}

pub(crate) fn decode_film(film: &[u8]) {
    piped("ffmpeg", &["-v", "warning", "-xerror", "-i", "pipe:0", "-f", "null", "-"], film);
}

/// One clip of segments that follow each other.
pub(crate) fn clip_of(segments: &[&Segment]) -> Vec<u8> {
    let (mut clip, mut media) = (Clip::default(), Vec::new());
    for segment in segments {
        let part = clip.add(&segment.bytes).unwrap();
        media.extend_from_slice(&segment.bytes[part]);
    }
    let mut film = clip.head(segments.first().map(|first| first.start));
    film.extend_from_slice(&media);
    film
}

/// The same, which plays as it comes, and decodes whole.
pub(crate) fn joined(segments: &[&Segment]) -> Probed {
    let film = clip_of(segments);
    decode_film(&film);
    let probed = Probed::of_film(&film);
    let frames: u32 = segments.iter().map(|segment| segment.frames).sum();
    let pictures = probed.packets(probed.codecs()[0]);
    assert_eq!(pictures.len(), frames as usize, "no picture is lost");
    assert!(pictures.is_sorted_by(|before, after| before.1 < after.1), "decoding goes forward");
    let mut presented: Vec<f64> = pictures.iter().map(|(presented, _, _)| *presented).collect();
    presented.sort_by(f64::total_cmp);
    assert!(presented[0].abs() < 1e-6, "it begins with a picture, not at {}", presented[0]);
    let even = presented.windows(2).all(|pair| (pair[1] - pair[0] - 1.0 / 15.0).abs() < 0.002);
    assert!(even, "without a gap: {presented:?}");
    probed
}

fn number(value: &Value) -> f64 {
    value.as_str().unwrap().parse().unwrap()
}

fn piped(program: &str, arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let output = tokio::task::block_in_place(|| {
        std::thread::scope(|scope| {
            scope.spawn(move || stdin.write_all(input).unwrap());
            child.wait_with_output().unwrap()
        })
    });
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && complaints.trim().is_empty(), "{program}: {complaints}");
    output.stdout
}

/// A wire between the hub and a camera: tells what the hub asked for, and can be cut or spoiled.
pub(crate) struct Wire {
    pub(crate) port: u16,
    asked: Arc<Mutex<Vec<u8>>>,
    condition: watch::Sender<Condition>,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Condition {
    Whole,
    /// Nothing comes through any more, and nobody hangs up.
    Cut,
    /// Noise comes through.
    Spoiled,
}

impl Wire {
    pub(crate) async fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let wire = Self {
            port: listener.local_addr().unwrap().port(),
            asked: Arc::default(),
            condition: watch::Sender::new(Condition::Whole),
        };
        let (asked, condition) = (wire.asked.clone(), wire.condition.subscribe());
        tokio::spawn(async move {
            while let Ok((hub, _)) = listener.accept().await {
                let Ok(camera) = TcpStream::connect(("127.0.0.1", port)).await else { continue };
                let (from_hub, to_hub) = hub.into_split();
                let (from_camera, to_camera) = camera.into_split();
                let asked = asked.clone();
                tokio::spawn(carry(
                    from_hub,
                    to_camera,
                    watch::Sender::new(Condition::Whole).subscribe(),
                    move |bytes| {
                        asked.lock().unwrap().extend_from_slice(bytes);
                    },
                ));
                tokio::spawn(carry(from_camera, to_hub, condition.clone(), |_| {}));
            }
        });
        wire
    }

    pub(crate) fn set(&self, condition: Condition) {
        self.condition.send_replace(condition);
    }

    /// What the hub sent to the camera.
    pub(crate) fn asked(&self) -> String {
        String::from_utf8_lossy(&self.asked.lock().unwrap()).into_owned()
    }
}

async fn carry(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    mut condition: watch::Receiver<Condition>,
    see: impl Fn(&[u8]),
) {
    let mut buffer = vec![0; 16 << 10];
    loop {
        let Ok(count @ 1..) = from.read(&mut buffer).await else { return };
        see(&buffer[..count]);
        let now = *condition.borrow_and_update();
        match now {
            Condition::Whole => {}
            Condition::Cut => {
                let _ = condition.wait_for(|now| *now != Condition::Cut).await;
                return;
            }
            Condition::Spoiled => buffer[..count].fill(0xa5),
        }
        if to.write_all(&buffer[..count]).await.is_err() {
            return;
        }
    }
}
