//! Keeps one camera recording: connects, hands segments over, waits, connects again, and keeps count of what was missed.

use std::ops::ControlFlow;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::backoff::Backoff;
use crate::batching::{Batching, Hurry};
use crate::clock::Clock;
use crate::cutter::{Cut, Cutter};
use crate::live::Tap;
use crate::queue::Feed;
use crate::rtsp::authentication::DigestOffered;
use crate::session::{Frame, Session};
use crate::track::VideoTrack;
use crate::{Captured, Error, Missed, NoSound, Segment, Source, State};

/// From the first packet of the connection to the answer that the stream plays.
const HANDSHAKE: Duration = Duration::from_secs(8);

/// From one picture to the next.
const SILENCE: Duration = Duration::from_secs(8);

/// How far a new connection's first pictures may reach back before the end of the last segment: cameras send what they
/// have buffered. Beyond that the hub's clock was set.
const BUFFERED: SignedDuration = SignedDuration::from_secs(30);

/// Where what arrives goes, and how it is.
pub(crate) struct Outlets {
    pub(crate) feed: Feed,
    pub(crate) live: Tap,
    pub(crate) state: watch::Sender<State>,
}

pub(crate) struct Recorder {
    source: Source,
    clock: Clock,
    batching: Batching,
    feed: Feed,
    /// What arrives, for whoever watches it live.
    live: Tap,
    state: watch::Sender<State>,
    sound: watch::Receiver<bool>,
    stop: CancellationToken,
    backoff: Backoff,
    digest_offered: DigestOffered,
    /// Whether the connection brought film, and for how long, once it is over.
    brought_film: bool,
    filmed: Duration,
    /// Up to when there is film, or when watching began.
    recorded_until: Timestamp,
    /// What was the matter since then.
    trouble: Option<Error>,
}

/// What is known of the sound of a connection.
struct Listening {
    /// Some came since the last segment was cut.
    heard: bool,
    /// What is said of it.
    with: bool,
    without: Option<NoSound>,
}

/// Why a connection is over, other than by trouble.
enum Ended {
    /// The handle is gone, or nobody takes the segments any more.
    Stopped,
    SoundSwitched,
    InTrouble(Error),
}

impl Recorder {
    pub(crate) fn new(
        source: Source,
        clock: Clock,
        batching: Batching,
        outlets: Outlets,
        sound: watch::Receiver<bool>,
        stop: CancellationToken,
    ) -> Self {
        let Outlets { feed, live, state } = outlets;
        let recorded_until = clock.now();
        Self {
            source,
            clock,
            batching,
            feed,
            live,
            state,
            sound,
            stop,
            backoff: Backoff::new(),
            digest_offered: DigestOffered::default(),
            brought_film: false,
            filmed: Duration::ZERO,
            recorded_until,
            trouble: None,
        }
    }

    pub(crate) async fn run(mut self) {
        loop {
            match self.connect_and_record().await {
                Ended::Stopped => break,
                Ended::SoundSwitched => self.trouble = Some(Error::SoundSwitched),
                Ended::InTrouble(trouble) => {
                    if self.wait_out(trouble).await.is_break() {
                        break;
                    }
                }
            }
        }
        self.report_gap(|recorder| recorder.clock.now());
        self.state.send_replace(State::Stopped);
    }

    /// One connection, from the first packet to the last segment.
    async fn connect_and_record(&mut self) -> Ended {
        let hurry = self.batching.hurry();
        (self.brought_film, self.filmed) = (false, Duration::ZERO);
        let sound = *self.sound.borrow_and_update();
        let opening = caught(Session::open(&self.source, &self.digest_offered, sound, &self.clock));
        let opened = tokio::select! {
            biased;
            () = self.stop.cancelled() => return Ended::Stopped,
            opened = timeout(HANDSHAKE, opening) => opened.unwrap_or(Err(Error::NoAnswer)),
        };
        let mut session = match opened {
            Ok(session) => session,
            Err(trouble) => return Ended::InTrouble(trouble),
        };
        let mut cutter = Cutter::new(session.sound_track());
        let began = Instant::now();
        self.live.begin(session.sound_track());
        let ended = self.record(&mut session, &mut cutter, hurry).await;
        self.live.interrupt();

        if !*self.sound.borrow() {
            cutter.silence();
        }
        cutter.finish();
        let handed_over = self.hand_over(&mut cutter);
        if self.brought_film {
            self.filmed = began.elapsed();
            self.backoff.filmed(self.filmed);
        }
        // Whatever a camera takes to hear it, no film waits for that.
        session.leave().await;
        if handed_over.is_break() {
            return Ended::Stopped;
        }
        ended
    }

    /// Reads frames until there is trouble; in a hurry until the first segment is cut, by when the length of a round of
    /// reading is nothing to the camera or the clock any more.
    async fn record(&mut self, session: &mut Session, cutter: &mut Cutter, hurry: Hurry) -> Ended {
        let mut hurry = Some(hurry);
        let mut sound =
            Listening { heard: false, with: session.sound_track().is_some(), without: session.no_sound() };
        let mut deadline = Instant::now() + SILENCE;
        let mut announced = None;
        loop {
            let frame = tokio::select! {
                biased;
                () = self.stop.cancelled() => return Ended::Stopped,
                Ok(()) = self.sound.changed() => return Ended::SoundSwitched,
                frame = timeout_at(deadline, caught(session.next(&self.clock))) => frame,
            };
            let frame = frame.unwrap_or_else(|_| Err(session.silence()));
            let taken = frame.and_then(|frame| match frame {
                Frame::Picture(picture, track) => {
                    self.batching.count(picture.data.len());
                    deadline = Instant::now() + SILENCE;
                    self.live.picture(&picture, &track);
                    cutter.picture(picture, &track)
                }
                Frame::Sound(frame) => {
                    sound.heard = true;
                    self.live.sound(&frame);
                    cutter.sound(frame);
                    Ok(())
                }
            });
            if let Err(trouble) = taken {
                return Ended::InTrouble(trouble);
            }
            self.announce(cutter, &sound, &mut announced);
            match self.hand_over(cutter) {
                ControlFlow::Break(()) => return Ended::Stopped,
                ControlFlow::Continue(true) => {
                    drop(hurry.take());
                    self.announce_sound(&mut sound, session);
                }
                ControlFlow::Continue(false) => {}
            }
        }
    }

    /// Says that it records, once for each kind of picture that the camera sends.
    fn announce(
        &self,
        cutter: &Cutter,
        sound: &Listening,
        announced: &mut Option<(Arc<VideoTrack>, Timestamp)>,
    ) {
        let Some((track, since)) = cutter.recording() else { return };
        if announced.as_ref().is_some_and(|(announced, _)| Arc::ptr_eq(announced, track)) {
            return;
        }
        // Pictures of another size are of the same connection.
        let since = announced.as_ref().map_or(since, |(_, since)| *since);
        *announced = Some((track.clone(), since));
        let (width, height) = (track.width, track.height);
        let (no_sound, sound) = (sound.without.clone(), sound.with);
        tracing::info!(width, height, sound, "a camera is recording");
        let fps = track.picture_ticks.map_or(0.0, |ticks| to_one_decimal(90_000.0 / f64::from(ticks)));
        self.state.send_replace(State::Recording { since, width, height, fps, sound, no_sound });
    }

    /// Says, when a segment is cut, whether the sound that was agreed to comes with it.
    fn announce_sound(&self, sound: &mut Listening, session: &Session) {
        if session.sound_track().is_none() {
            return;
        }
        let heard = std::mem::take(&mut sound.heard) && !session.is_flooded();
        let without = (!heard).then(|| session.without_sound());
        if heard == sound.with && without == sound.without {
            return;
        }
        (sound.with, sound.without) = (heard, without);
        self.state.send_if_modified(|state| match state {
            State::Recording { sound: with, no_sound, .. } => {
                (*with, *no_sound) = (sound.with, sound.without.clone());
                true
            }
            _ => false,
        });
    }

    /// Hands over what is cut; tells whether there was anything, and breaks off when nobody takes it.
    fn hand_over(&mut self, cutter: &mut Cutter) -> ControlFlow<(), bool> {
        let mut any = false;
        while let Some(Cut { mut segment, hole }) = cutter.take() {
            any = true;
            self.brought_film = true;
            let reaches_back = self.recorded_until.duration_since(segment.start);
            let again = reaches_back.is_positive() && reaches_back < BUFFERED;
            // What lies before that as a whole keeps its own time: there is none that is not taken.
            if again && segment.end > self.recorded_until {
                segment.start = self.recorded_until;
            }
            self.trouble = self.trouble.take().or(hole);
            self.report_gap(|_| segment.start);
            self.recorded_until = if again { segment.end.max(self.recorded_until) } else { segment.end };
            self.measure_rate(&segment);
            if !self.feed.put(Captured::Segment(segment)) {
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(any)
    }

    /// Many cameras do not say how many pictures a second they send, or say it wrongly: the film tells.
    fn measure_rate(&self, segment: &Segment) {
        let seconds = segment.end.duration_since(segment.start).as_secs_f64();
        if seconds < 1.0 {
            return;
        }
        let measured = to_one_decimal(f64::from(segment.frames) / seconds);
        self.state.send_if_modified(|state| match state {
            State::Recording { fps, .. } if (*fps - measured).abs() > *fps * 0.1 => {
                *fps = measured;
                true
            }
            _ => false,
        });
    }

    /// Reports what was missed, if there was trouble, up to the instant when that ended. Where what a camera had held back makes up for
    /// all of it, that is no time.
    fn report_gap(&mut self, ended: impl FnOnce(&Self) -> Timestamp) {
        if let Some(why) = self.trouble.take() {
            let from = self.recorded_until;
            let to = ended(self).max(from);
            // Whether anybody takes it shows with the segment that follows.
            self.feed.put(Captured::Missed(Missed { from, to, why }));
        }
    }

    /// Says what is the matter and waits before the next try; breaks off when watching ends meanwhile.
    async fn wait_out(&mut self, trouble: Error) -> ControlFlow<()> {
        let wait = self.backoff.wait_after(&trouble, self.filmed);
        let next_try = self.clock.now().saturating_add(wait).unwrap_or(Timestamp::MAX);
        if self.trouble.as_ref() != Some(&trouble) {
            tracing::info!(%trouble, "a camera is not recording");
        }
        let since = self.recorded_until;
        self.state.send_replace(State::Unreachable { since, trouble: trouble.clone(), next_try });
        self.trouble = Some(trouble);
        tokio::select! {
            () = self.stop.cancelled() => ControlFlow::Break(()),
            () = tokio::time::sleep(wait) => {
                if self.feed.is_abandoned() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            }
        }
    }
}

/// A session reads what a stranger sends: should it panic on that, it costs the connection and nothing else. The
/// session is dropped after any trouble, so nobody sees what a panic left behind.
async fn caught<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    AssertUnwindSafe(work)
        .catch_unwind()
        .await
        .unwrap_or_else(|_| Err(Error::Garbage("it broke what reads it".into())))
}

fn to_one_decimal(number: f64) -> f32 {
    ((number * 10.0).round() / 10.0) as f32
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use url::Url;

    use super::*;
    use crate::clock::Arrival;
    use crate::track::Picture;
    use crate::{Segments, live, queue};

    fn at_ms(milliseconds: i64) -> Timestamp {
        Timestamp::from_millisecond(1_700_000_000_000 + milliseconds).unwrap()
    }

    fn recorder(begun_ms: i64) -> (Recorder, Segments) {
        let batching = Batching::default();
        let ((feed, segments), (live, _)) = (queue::queue(), live::live(batching.clone()));
        let outlets = Outlets { feed, live, state: watch::channel(State::Connecting).0 };
        let source = Source { url: Url::parse("rtsp://cam/").unwrap(), credentials: None, sound: false };
        let shown = AtomicI64::new(begun_ms);
        let clock = Clock::new(Box::new(move || at_ms(shown.load(Ordering::Relaxed))));
        let sound = watch::channel(false).1;
        (Recorder::new(source, clock, batching, outlets, sound, CancellationToken::new()), segments)
    }

    /// Fifteen pictures a second, a key frame each two seconds, with the instants at which they arrive.
    fn hand_over(recorder: &mut Recorder, pictures: impl Iterator<Item = (i64, i64)>) {
        let track = Arc::new(VideoTrack {
            sample_entry: b"\0\0\0\x08avc1".to_vec(),
            codec: "avc1.640028".into(),
            width: 640,
            height: 360,
            picture_ticks: None,
        });
        let mut cutter = Cutter::new(None);
        for (i, at) in pictures {
            let (data, arrived) = (vec![0x11; 10].into(), Arrival::at(at_ms(at)));
            cutter.picture(Picture { data, ticks: i * 6_000, key: i % 30 == 0, arrived }, &track).unwrap();
            assert!(recorder.hand_over(&mut cutter).is_continue());
        }
        cutter.finish();
        assert!(recorder.hand_over(&mut cutter).is_continue());
    }

    /// All that was captured: from when to when in milliseconds, and why not.
    async fn captured(recorder: Recorder, mut segments: Segments) -> Vec<(i128, i128, Option<Error>)> {
        drop(recorder);
        let mut all = Vec::new();
        let ms = |at: Timestamp| at.duration_since(at_ms(0)).as_millis();
        while let Some(captured) = segments.next().await {
            all.push(match captured {
                Captured::Segment(segment) => (ms(segment.start), ms(segment.end), None),
                Captured::Missed(missed) => (ms(missed.from), ms(missed.to), Some(missed.why)),
            });
        }
        all
    }

    #[tokio::test]
    async fn what_was_lost_while_the_hub_stood_still_is_told_and_nothing_lasts_no_time() {
        let (mut recorder, segments) = recorder(0);
        let lost = |i: &i64| !(150..360).contains(i);
        hand_over(&mut recorder, (0..420).filter(lost).map(|i| (i, i * 1_000 / 15)));
        let all = captured(recorder, segments).await;
        assert!(all.iter().all(|(from, to, _)| to - from > 1_000), "{all:?}");
        assert!(all.windows(2).all(|pair| pair[0].1 == pair[1].0), "every instant lies in one: {all:?}");
        let missed: Vec<_> = all.iter().filter(|(_, _, why)| why.is_some()).collect();
        assert!(matches!(missed[..], [(9_999, 23_999, Some(Error::NotTaken))]), "{missed:?}");
    }

    #[tokio::test]
    async fn what_a_camera_held_back_makes_up_for_what_was_missed() {
        for (until, first, second) in [(-1_500, (-1_500, 0), (0, 1_999)), (500, (-4_000, 0), (500, 1_999))] {
            let (mut recorder, segments) = recorder(-9_000);
            (recorder.recorded_until, recorder.trouble) = (at_ms(until), Some(Error::StreamEnded));
            // Six seconds at once: four are cut before it is known how much there is.
            hand_over(&mut recorder, (0..240).map(|i| (i, ((i - 90) * 1_000 / 15).max(0))));
            let all = captured(recorder, segments).await;
            assert_eq!(all[0], (until.into(), until.into(), Some(Error::StreamEnded)));
            assert_eq!(all[1..3], [(first.0, first.1, None), (second.0, second.1, None)]);
        }
    }
}
