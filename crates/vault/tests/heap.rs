//! A day flat: what comes, is looked for and goes again leaves nothing in memory, however much it was.
//!
//! What is allocated is counted, by Rust and by SQLite alike: the allocator of this process can tell.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

#[allow(dead_code, reason = "the household of the other tests, of which this needs a part")]
#[path = "vault/house.rs"]
mod house;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use porchlight_vault::{
    Clock, Ends, Filter, Id, Kind, NewMoment, NewRecording, Owner, Purpose, Terms, Vault,
};
use tikv_jemalloc_ctl::{epoch, stats};
use tikv_jemallocator::Jemalloc;
use zeroize::Zeroizing;

use house::{House, close};

#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

/// For how long film is kept that is to go while it is watched.
const MINUTES: SignedDuration = SignedDuration::from_mins(10);
/// And film that is to stay.
const A_WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How much more may be allocated after thousands of segments: what caches of a fixed size still take, and what a round leaves for the
/// next.
const MORE: usize = 1 << 20;

/// A household with cameras, of which one records a segment each second.
struct Film {
    house: House,
    vault: Vault,
    segments: usize,
    rounds: usize,
}

impl Film {
    async fn begin() -> Film {
        let house = House::quick();
        house.clock.synchronise(true);
        let vault = house.create().await;
        Film { house, vault, segments: 0, rounds: 0 }
    }

    async fn record(&mut self, kept_for: SignedDuration) -> Id {
        let now = self.house.clock.now();
        let (owner, ends) = (Owner::Household, Ends::At(now + kept_for));
        let film = NewRecording {
            kind: Kind::Video,
            terms: Terms::new(owner, Purpose::new("security").unwrap(), ends).unwrap(),
            audience: self.house.for_ann(),
            media_type: "video/mp4".into(),
            bytes: Zeroizing::new(vec![7; 20_000]),
            sources: vec![],
        };
        let device = Some(format!("camera-{}", self.segments % 4));
        let moment = NewMoment { device, person: None, ..self.house.moment(vec![film]) };
        let kept = self.vault.keep(moment).await.unwrap();
        self.house.clock.advance(Duration::from_secs(1));
        self.segments += 1;
        kept.moment
    }

    /// Time between two runs of retention, each longer than the one before: film comes, some is found, looked at and forgotten, and what
    /// has ended goes.
    async fn round(&mut self) {
        let mut some = Vec::new();
        for _ in 0..30 + self.rounds {
            some.push(self.record(MINUTES).await);
        }
        some.truncate(2 + self.rounds % 25);
        let since = self.house.clock.now() - SignedDuration::from_mins(3);
        for filter in [
            Filter { from: Some(since), ..Filter::default() },
            Filter { ids: some.clone(), ..Filter::default() },
        ] {
            assert!(!self.vault.list(&filter).await.unwrap().is_empty());
        }
        self.house.release(&self.vault, &some).await;
        self.house.forget(&self.vault, &some).await;
        let expiry = self.vault.expire(&self.house.readers()).await.unwrap();
        assert_eq!(expiry.paused, None);
        self.vault.bases(Timestamp::MIN).await.unwrap();
        self.vault.take_gone();
        self.rounds += 1;
    }

    /// So many rounds; the least that was allocated after one of the last, since it does not matter what a single one left lying about.
    async fn rounds(&mut self, count: usize) -> usize {
        let mut after = Vec::new();
        for _ in 0..count {
            self.round().await;
            after.push(allocated());
        }
        after.into_iter().rev().take(6).min().unwrap()
    }
}

/// Bytes that are allocated now.
fn allocated() -> usize {
    epoch::advance().unwrap();
    stats::allocated::read().unwrap()
}

#[tokio::test]
async fn film_that_comes_and_goes_leaves_nothing_in_memory() {
    let mut film = Film::begin().await;
    for _ in 0..1000 {
        film.record(A_WEEK).await;
    }
    let before = film.rounds(8).await;
    let segments = film.segments;
    let after = film.rounds(60).await;
    for _ in 0..1500 {
        film.record(A_WEEK).await;
    }
    let among_more = film.rounds(8).await;

    assert!(film.segments - segments > 4000);
    for (then, what) in [(after, "that came and went"), (among_more, "of which many stay")] {
        assert!(then < before + MORE, "{before} bytes before film {what}, and {then} after it");
    }
    close(film.vault).await;
}
