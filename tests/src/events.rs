//! Following `porchlight events`.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// What happens, as it is told, from the hub's start on.
pub struct Events {
    follower: Child,
    told: Receiver<String>,
}

impl Events {
    pub(crate) fn follow(mut command: Command) -> Events {
        let mut follower = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("porchlight can be started");
        let out = BufReader::new(follower.stdout.take().expect("it was asked for"));
        let (tell, told) = channel();
        thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|line| tell.send(line)));
        Events { follower, told }
    }

    /// The next event that is meant; the test fails when it does not come within `seconds`.
    pub fn wait_for(&self, what: &str, seconds: u64, meant: impl Fn(&Value) -> bool) -> Value {
        let last = Instant::now() + Duration::from_secs(seconds);
        loop {
            let left = last.saturating_duration_since(Instant::now());
            let Ok(line) = self.told.recv_timeout(left) else {
                panic!("{what}: no such event within {seconds} seconds");
            };
            let event = serde_json::from_str(&line).expect("an event is a JSON object");
            if meant(&event) {
                return event;
            }
        }
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        let _ = self.follower.kill();
        let _ = self.follower.wait();
    }
}
