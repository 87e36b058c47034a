//! The way from the recorder to whoever takes the segments: bounded, and never holding up the recorder.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::{Captured, Error, Missed};

/// About half a minute of film.
const MOST_WAITING: usize = 8;
const MOST_BYTES: usize = 96 << 20;

/// What a camera captured, in the order of time.
///
/// Only about half a minute of film waits here. Whoever takes it too slowly loses the oldest, which is then reported as
/// [`Missed`] with [`Error::NotTaken`]. Dropping this ends the watching.
pub struct Segments(Arc<Shared>);

/// The recorder's end.
pub(crate) struct Feed(Arc<Shared>);

struct Shared {
    shelf: Mutex<Shelf>,
    changed: Notify,
}

#[derive(Default)]
struct Shelf {
    waiting: VecDeque<Captured>,
    bytes: usize,
    /// What fell off the shelf, older than all that waits.
    lost: Option<Missed>,
    /// The recorder or the taker is gone.
    closed: bool,
}

pub(crate) fn queue() -> (Feed, Segments) {
    let shared = Arc::new(Shared { shelf: Mutex::default(), changed: Notify::new() });
    (Feed(shared.clone()), Segments(shared))
}

impl Segments {
    /// The next segment or gap; `None` once watching has ended and everything was taken.
    ///
    /// Cancel safe: a call that is dropped before it is ready has taken nothing.
    pub async fn next(&mut self) -> Option<Captured> {
        loop {
            {
                let mut shelf = self.0.lock();
                if let Some(captured) = shelf.take() {
                    return Some(captured);
                }
                if shelf.closed {
                    return None;
                }
            }
            self.0.changed.notified().await;
        }
    }
}

impl Feed {
    /// Adds to the queue, letting go of the oldest where it is full; `false` when nobody takes anything any more.
    pub(crate) fn put(&self, captured: Captured) -> bool {
        let mut shelf = self.0.lock();
        if shelf.closed {
            return false;
        }
        shelf.put(captured);
        drop(shelf);
        self.0.changed.notify_one();
        true
    }

    /// Whether nobody takes anything any more.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.0.lock().closed
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Shelf> {
        // Nothing that holds the lock can leave the shelf half changed.
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_one();
    }
}

impl Shelf {
    fn put(&mut self, captured: Captured) {
        self.bytes += bytes_of(&captured);
        self.waiting.push_back(captured);
        while self.waiting.len() > MOST_WAITING || (self.bytes > MOST_BYTES && self.waiting.len() > 1) {
            self.lose_oldest();
        }
    }

    fn take(&mut self) -> Option<Captured> {
        if let Some(lost) = self.lost.take() {
            return Some(Captured::Missed(lost));
        }
        let captured = self.waiting.pop_front()?;
        self.bytes -= bytes_of(&captured);
        Some(captured)
    }

    /// A gap that falls off the shelf becomes part of the larger one.
    fn lose_oldest(&mut self) {
        let Some(captured) = self.waiting.pop_front() else { return };
        self.bytes -= bytes_of(&captured);
        let (from, to) = match &captured {
            Captured::Segment(segment) => (segment.start, segment.end),
            Captured::Missed(missed) => (missed.from, missed.to),
        };
        let lost = self.lost.get_or_insert(Missed { from, to, why: Error::NotTaken });
        lost.from = lost.from.min(from);
        lost.to = lost.to.max(to);
    }
}

fn bytes_of(captured: &Captured) -> usize {
    match captured {
        Captured::Segment(segment) => segment.bytes.len(),
        Captured::Missed(_) => 0,
    }
}

impl Drop for Segments {
    fn drop(&mut self) {
        let mut shelf = self.0.lock();
        shelf.closed = true;
        shelf.waiting.clear();
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl fmt::Debug for Segments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Segments({} waiting)", self.0.lock().waiting.len())
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::Segment;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn segment(second: i64, bytes: usize) -> Captured {
        Captured::Segment(Segment {
            start: at(second),
            end: at(second + 4),
            bytes: vec![0; bytes].into(),
            width: 0,
            height: 0,
            codecs: String::new(),
            sound: false,
            frames: 0,
        })
    }

    async fn starts(mut segments: Segments) -> Vec<(i64, bool)> {
        let mut starts = Vec::new();
        while let Some(captured) = segments.next().await {
            starts.push(match captured {
                Captured::Segment(segment) => (segment.start.as_second(), true),
                Captured::Missed(missed) => (missed.from.as_second(), false),
            });
        }
        starts
    }

    #[tokio::test]
    async fn a_taker_who_is_stuck_loses_the_oldest_and_is_told() {
        let (feed, mut segments) = queue();
        assert!(feed.put(Captured::Missed(Missed { from: at(-9), to: at(0), why: Error::Refused })));
        for second in (0..60).step_by(4) {
            assert!(feed.put(segment(second, 10)));
        }
        drop(feed);
        let Some(Captured::Missed(lost)) = segments.next().await else { panic!("the loss comes first") };
        assert_eq!(lost, Missed { from: at(-9), to: at(28), why: Error::NotTaken });
        let expected: Vec<_> = (28..60).step_by(4).map(|second| (second, true)).collect();
        assert_eq!(starts(segments).await, expected);
    }

    #[tokio::test]
    async fn bytes_are_bounded_too_but_the_newest_always_stays() {
        let (feed, segments) = queue();
        for second in [0, 4, 8] {
            assert!(feed.put(segment(second, MOST_BYTES)));
        }
        drop(feed);
        assert_eq!(starts(segments).await, [(0, false), (8, true)]);
    }

    #[tokio::test]
    async fn waits_for_what_comes_and_hears_of_the_end() {
        let (feed, segments) = queue();
        let taker = tokio::spawn(starts(segments));
        tokio::task::yield_now().await;
        assert!(feed.put(segment(0, 1)));
        tokio::task::yield_now().await;
        drop(feed);
        assert_eq!(taker.await.unwrap(), [(0, true)]);
    }

    #[test]
    fn a_taker_who_left_is_noticed() {
        let (feed, segments) = queue();
        drop(segments);
        assert!(!feed.put(segment(0, 1)));
    }
}
