//! A camera that is tried before it belongs to a household: one picture, or the reason why there is none.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::timeout;

use crate::clock::Clock;
use crate::gop::{Gop, Span};
use crate::rtsp::authentication::DigestOffered;
use crate::session::{Frame, Session};
use crate::{Error, Segment, Source};

/// From the first packet of the connection to the first key frame. Cameras send one every ten seconds, if they are sparing.
const PATIENCE: Duration = Duration::from_secs(20);

/// Connects to a camera, takes the first picture that needs no other, and leaves. Nothing is kept, and its sound is not asked for.
///
/// # Errors
/// Why there is no picture, as of a camera that is watched.
pub async fn try_out(source: &Source) -> Result<Segment, Error> {
    timeout(PATIENCE, first_picture(source)).await.unwrap_or(Err(Error::NoAnswer))
}

async fn first_picture(source: &Source) -> Result<Segment, Error> {
    let clock = Clock::new(Box::new(Timestamp::now));
    let mut session = Session::open(source, &DigestOffered::default(), false, &clock).await?;
    let picture = loop {
        match session.next(&clock).await {
            Ok(Frame::Picture(picture, track)) if picture.key => break Ok((picture, track)),
            Ok(_) => {}
            Err(why) => break Err(why),
        }
    };
    session.leave().await;
    let (picture, track) = picture?;
    let start = picture.arrived.wall;
    let gop = Gop::begin(track, picture.data, picture.ticks, picture.arrived);
    let span = Span { start, end: start + SignedDuration::from_secs(1), end_media: gop.likely_end() };
    Ok(gop.develop(&span, None))
}
