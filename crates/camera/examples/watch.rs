//! Watches a camera for a while and tells what it captures, keeping nothing: to try a camera out, or to measure.
//!
//! The address is read from standard input, since arguments can be seen by everybody on the machine:
//! `echo rtsp://user:password@192.168.1.20/stream | cargo run --example watch -- 60`

use std::error::Error;
use std::time::Duration;

use jiff::Timestamp;
use porchlight_camera::{CameraThread, Captured, Source, parse_address};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let seconds = std::env::args().nth(1).map_or(Ok(30), |seconds| seconds.parse())?;
    let mut address = String::new();
    std::io::stdin().read_line(&mut address)?;
    let (url, credentials) = parse_address(&address)?;
    let sound = std::env::args().any(|argument| argument == "--sound");

    let thread = CameraThread::start()?;
    let (camera, mut segments) = thread.watch(Source { url, credentials, sound }, Timestamp::now);
    let mut state = camera.state();
    let end = tokio::time::sleep(Duration::from_secs(seconds));
    tokio::pin!(end);
    loop {
        tokio::select! {
            () = &mut end => break,
            Ok(()) = state.changed() => println!("{}", *state.borrow_and_update()),
            Some(captured) = segments.next() => tell(&captured),
        }
    }
    camera.stop().await;
    while let Some(captured) = segments.next().await {
        tell(&captured);
    }
    Ok(())
}

fn tell(captured: &Captured) {
    match captured {
        Captured::Segment(segment) => println!("{segment:?}"),
        Captured::Missed(missed) => println!("{missed}"),
    }
}
