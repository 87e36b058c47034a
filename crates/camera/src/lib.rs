//! From a lens to sealed-ready segments; knows no disk.
//!
//! [`CameraThread::watch`] keeps one camera recording for as long as its [`Camera`] lives: it reads RTSP, cuts the stream at
//! key frames into [`Segment`]s that each play alone, reconnects when the camera goes away, and says what was [`Missed`]
//! meanwhile.
//! Nothing is transcoded and nothing touches a disk; the plaintext of a segment is wiped when it is dropped.
//!
//! ```text
//! session (rtsp, rtp, codec) ─► cutter (media time, key frames, bounds) ─► gop ─► mp4 ─► queue ─► Segments
//!        ▲                                                                                ▲
//!        └────────────── recorder: connects, waits, reconnects, keeps count of gaps ──────┘
//!                                        └─► live: the newest group of pictures, for whoever watches
//! ```
//!
//! Invariants:
//!
//! 1. Sound that nobody consented to is never asked for: without consent the audio stream is not set up.
//! 2. The reader of the network never waits for the taker of the segments nor for whoever watches live, and memory is bounded whatever a camera sends.
//! 3. Between the first segment and the last, every instant lies in a segment or in something [`Missed`], but for those that the hub's
//!    clock passed over when it was set.
//! 4. No error, state or log line holds a password or a word that the camera sent; and no camera is sent its password in the clear that
//!    did not ask for it so, or ever offered a digest while it is watched.
//! 5. No camera keeps another waiting, whatever it sends.
//!
//! The crate logs through `tracing` only when a camera's state changes.

mod address;
mod audio;
mod backoff;
mod batching;
mod camera;
mod clip;
mod clock;
mod codec;
mod cutter;
mod error;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod gop;
mod live;
mod mp4;
pub mod onvif;
mod pace;
mod queue;
mod recorder;
mod rtp;
mod rtsp;
mod segment;
mod session;
mod state;
mod thread;
mod timing;
mod track;
mod trial;
mod wall_clock;

pub use address::{AddressError, Credentials, Source, parse_address};
pub use camera::Camera;
pub use clip::{Clip, NoFit};
pub use error::Error;
pub use live::{Live, LiveKind, LiveSound, LiveTrack, LiveUnit, Viewer};
pub use queue::Segments;
pub use segment::{Captured, Missed, Segment, holds_sound};
pub use state::{NoSound, State};
pub use thread::CameraThread;
pub use trial::try_out;
