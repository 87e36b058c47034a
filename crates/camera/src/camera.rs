//! The handle of a camera that is being watched.

use std::fmt;

use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::batching::Batching;
use crate::clock::Clock;
use crate::recorder::{Outlets, Recorder};
use crate::{Live, Segments, Source, State, live, queue};

/// A camera that is being watched, until this is dropped or [`stop`](Self::stop)ped. What was open is handed over then.
pub struct Camera {
    state: watch::Receiver<State>,
    sound: watch::Sender<bool>,
    live: Live,
    stop: DropGuard,
    recorder: JoinHandle<()>,
    batching: Batching,
}

impl Camera {
    /// Begins to watch a camera, on a task of its own.
    pub(crate) fn watch(
        source: Source,
        clock: Clock,
        thread: &Handle,
        batching: Batching,
    ) -> (Self, Segments) {
        let (feed, segments) = queue::queue();
        let (state_sender, state) = watch::channel(State::Connecting);
        let (sound, sound_receiver) = watch::channel(source.sound);
        let stop = CancellationToken::new();
        let (tap, live) = live::live(batching.clone());
        let outlets = Outlets { feed, live: tap, state: state_sender };
        let recorder = Recorder::new(source, clock, batching.clone(), outlets, sound_receiver, stop.clone());
        let recorder = thread.spawn(recorder.run());
        (Self { state, sound, live, stop: stop.drop_guard(), recorder, batching }, segments)
    }

    /// How the camera is doing, now and whenever it changes.
    pub fn state(&self) -> watch::Receiver<State> {
        self.state.clone()
    }

    /// What it sends now, for whoever watches it live.
    pub fn live(&self) -> Live {
        self.live.clone()
    }

    /// Switches the sound on, with an adult's consent, or off.
    ///
    /// Either way the camera is connected anew, which costs a moment of film. When it is switched off, sound that has not
    /// been handed over as a [`Segment`](crate::Segment) by then is wiped.
    pub fn set_sound(&self, sound: bool) {
        self.sound.send_if_modified(|now| std::mem::replace(now, sound) != sound);
    }

    /// Ends the watching, and waits until what was open is in [`Segments`].
    pub async fn stop(self) {
        let _hurry = self.batching.hurry();
        drop(self.stop);
        if self.recorder.await.is_err() {
            tracing::warn!("a camera's recorder ended early because the runtime is shutting down");
        }
    }
}

impl fmt::Debug for Camera {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Camera").field("state", &*self.state.borrow()).finish_non_exhaustive()
    }
}
