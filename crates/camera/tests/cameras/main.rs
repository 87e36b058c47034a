//! Cameras that work and cameras that do not, over real RTSP on the loopback address.
//!
//! The scenarios spend their time waiting for film, so those of a file run side by side.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail by panicking")]

/// Runs scenarios side by side; names the first that fails.
macro_rules! together {
    ($($scenario:ident),+ $(,)?) => {
        let scenarios = [$((stringify!($scenario), tokio::spawn($scenario()))),+];
        for (name, scenario) in scenarios {
            assert!(scenario.await.is_ok(), "{name} failed");
        }
    };
}

mod common;
mod odd;
mod odd_camera;
mod recording;
mod trouble;
