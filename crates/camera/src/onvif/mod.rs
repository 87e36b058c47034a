//! Finding a camera and its streams by ONVIF, the language that cameras of most makers speak besides RTSP.
//!
//! Of the standard this is what adding a camera takes: the probe (WS-Discovery 2005/04), and of the device and media services the calls
//! that name its time, its services, its profiles and their addresses (ONVIF Core Specification 2.6; Media 1 and 2). What a camera answers is
//! a stranger's word: it is bounded, and no address in it is followed to another host than the one that was asked.

mod device;
mod discovery;
mod error;
mod soap;

pub use device::{StreamFound, Streams, streams};
pub use discovery::{CameraFound, find_cameras};
pub use error::OnvifError;
