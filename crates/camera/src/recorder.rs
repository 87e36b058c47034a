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
use crate::cutter::Cutter;
use crate::live::Tap;
use crate::queue::Feed;
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

/// Tells the time of what arrives.
pub(crate) type Clock = Box<dyn Fn() -> Timestamp + Send + Sync>;

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
        let recorded_until = clock();
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
        self.report_gap(|recorder| (recorder.clock)());
        self.state.send_replace(State::Stopped);
    }

    /// One connection, from the first packet to the last segment.
    async fn connect_and_record(&mut self) -> Ended {
        let hurry = self.batching.hurry();
        let sound = *self.sound.borrow_and_update();
        let opening = caught(Session::open(&self.source, sound, &*self.clock));
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
        self.live.begin(session.sound_track());
        let ended = self.record(&mut session, &mut cutter, hurry).await;
        self.live.interrupt();

        if !*self.sound.borrow() {
            cutter.silence();
        }
        cutter.finish();
        let handed_over = self.hand_over(&mut cutter);
        // Whatever a camera takes to hear it, no film waits for that.
        session.leave().await;
        match handed_over {
            ControlFlow::Break(()) => return Ended::Stopped,
            // However short: waits grow only while nothing comes.
            ControlFlow::Continue(true) => self.backoff.reset(),
            ControlFlow::Continue(false) => {}
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
                frame = timeout_at(deadline, caught(session.next(&*self.clock))) => frame,
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
                    self.backoff.reset();
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
        let heard = std::mem::take(&mut sound.heard);
        if session.sound_track().is_none() || heard == sound.with {
            return;
        }
        (sound.with, sound.without) = (heard, (!heard).then(|| session.silent()));
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
        while let Some(mut segment) = cutter.take() {
            any = true;
            let reaches_back = self.recorded_until.duration_since(segment.start);
            if reaches_back.is_positive() && reaches_back < BUFFERED {
                segment.start = self.recorded_until;
                segment.end = segment.end.max(segment.start);
            }
            self.report_gap(|_| segment.start);
            self.recorded_until = segment.end;
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

    /// Reports what was missed, if there was trouble, up to the instant when that ended.
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
        let wait = self.backoff.wait_after(&trouble);
        let next_try = (self.clock)().saturating_add(wait).unwrap_or(Timestamp::MAX);
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
