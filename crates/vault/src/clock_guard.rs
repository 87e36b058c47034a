//! When the clock may be trusted with what cannot be undone.
//!
//! What an end date takes is gone for good, so it is not the time of day that is asked whether an end has come, but the time that
//! is *certain*: the latest that was trusted, and what the machine has counted since. A counter that nobody sets, and that sleep
//! does not stop, says how long that is for as long as the machine stays on. It says nothing of hours without power.
//!
//! - **Nothing ends later than is certain.** What had ended before the power went, and what has ended by the time counted since, goes
//!   at once and needs nobody.
//! - **The rest waits for evidence** that the clock is right, by which the time of day becomes the certain one:
//!   - the network has set it (the kernel says so). After hours without power that is enough for three days in all, since those who
//!     own the network between here and a time server can send what they like, and what a camera sees is to outlast that.
//!     Beyond, up to 31 days in all, it has to say the same for a day on end, in which the household can see it on every page. To move a clock
//!     that the machine itself has counted on from a certain time also takes that day;
//!   - the clock of an adult's own phone or computer shows the same within minutes, in their session. It moves nothing by
//!     itself: it only says that the hub's clock is right, and over no more than 31 days;
//!   - an adult says so, having proved who they are: however far it is.
//! - What the network alone has carried the time is counted from one evidence by a person to the next, so that many small steps
//!   are no way around.
//! - **A clock that is behind stops all of it.** Either it is wrong, or the certain time is, and then what is kept now has wrong ends.
//!   What is kept meanwhile gets its length back once the time is right.

use std::fmt;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::catalog::State;
use crate::clock_anchor::Anchor;

/// How far the time of day may be from what the machine has counted: no clock is exact.
const JUMP: SignedDuration = SignedDuration::from_hours(1);
/// From here on a clock is set anew by evidence; less is not worth a write.
const DRIFT: SignedDuration = SignedDuration::from_mins(1);
/// How far the network's word is taken at once after hours without power. Less than what a camera sees is kept by default, so
/// that nobody who forges it takes what was seen today.
const NEAR: SignedDuration = SignedDuration::from_hours(3 * 24);
/// How far any evidence is taken that is not an adult's own word.
const FAR: SignedDuration = SignedDuration::from_hours(31 * 24);
/// For how long the network has to say the same before it is taken further than [`NEAR`].
const STEADY: Duration = Duration::from_secs(24 * 3600);
/// How exactly a phone shows what the hub does.
const ALIKE: SignedDuration = SignedDuration::from_mins(5);
/// How much may end beyond twice what was planned: a household's worth of timers and replies.
const SLACK: u64 = 1000;

/// Why what has ended is not forgotten, or not all of it. It is over by itself when the time is certain again, and by a
/// [confirmation](crate::Vault::confirm_clock).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "why")]
#[non_exhaustive]
pub enum Pause {
    /// The clock is behind the time that is certain: nothing is forgotten by itself.
    ClockBehind {
        /// What it shows.
        now: Timestamp,
        /// The time that is certain.
        latest: Timestamp,
    },
    /// The clock has moved by more than an hour while the machine says otherwise: what has ended since waits.
    ClockJumped {
        /// What it shows.
        now: Timestamp,
        /// The time that is certain.
        latest: Timestamp,
    },
    /// After hours without power, the clock is ahead of the time that is certain: what has ended since waits.
    ClockAhead {
        /// What it shows.
        now: Timestamp,
        /// The time that is certain.
        latest: Timestamp,
    },
    /// Far more has ended than was to be expected the day before: nothing of it is forgotten.
    MoreThanPlanned {
        /// The recordings that would go.
        due: u64,
        /// The recordings that were expected to.
        planned: u64,
        /// When they were expected.
        since: Timestamp,
    },
}

impl Pause {
    /// It in a sentence, with times as they are shown where it is read.
    pub fn words(&self, shown: impl Fn(Timestamp) -> String) -> String {
        const UNTIL: &str = "It goes on by itself once the network or an adult's phone shows the same time, or when an adult confirms it.";
        match self {
            Pause::ClockBehind { now, latest } => format!(
                "What reached its end is not being forgotten: the clock shows {}, and it has been {} already. \
                 Set the clock right, or confirm that it is.",
                shown(*now),
                shown(*latest)
            ),
            Pause::ClockJumped { now, latest } => format!(
                "What reached its end since {} is not being forgotten: the clock was set to {}, while the hub counted otherwise. {UNTIL}",
                shown(*latest),
                shown(*now)
            ),
            Pause::ClockAhead { now, latest } => format!(
                "What reached its end since {} is not being forgotten: the hub was without power then, and nothing says yet that it is {}. {UNTIL}",
                shown(*latest),
                shown(*now)
            ),
            Pause::MoreThanPlanned { due, planned, since } => format!(
                "What reached its end since {} is not being forgotten: it is {due} recordings, and about {planned} were expected. \
                 An adult can confirm that they are to go.",
                shown(*since)
            ),
        }
    }
}

impl fmt::Display for Pause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words(|at| at.to_string()))
    }
}

/// What the clocks of this machine show at one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading {
    /// The time of day.
    pub(crate) now: Timestamp,
    /// The counter that nobody sets.
    pub(crate) monotonic: Duration,
    /// Whether the network has set the time of day.
    pub(crate) synchronised: bool,
}

/// What may be done by the clock now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Judgement {
    /// What has ended by then may go; none where nothing may.
    pub(crate) until: Option<Timestamp>,
    /// Why not all of it may that has ended by the time of day.
    pub(crate) pause: Option<Pause>,
    /// By how much the clock is behind the time that is certain.
    pub(crate) behind: Option<SignedDuration>,
}

/// What is known of the clock.
#[derive(Clone, Debug)]
pub(crate) struct ClockGuard {
    anchor: Anchor,
    /// Since when the network says the same, as a pair of readings.
    steady: Option<(Timestamp, Duration)>,
    /// Where the anchor was put since the catalog was told, and by how much that corrected what was counted.
    moved: Option<SignedDuration>,
    /// An adult has said that what is due may go, whatever the plan was.
    confirmed: bool,
}

impl ClockGuard {
    /// Goes on from the latest time that was trusted, or where the machine was on all the while, from what was known of it.
    pub(crate) fn since(
        latest: Timestamp,
        known: Option<Anchor>,
        boot: String,
        monotonic: Duration,
    ) -> ClockGuard {
        let carried = known.as_ref().map_or(SignedDuration::ZERO, |anchor| anchor.carried);
        let same = known.filter(|anchor| anchor.boot == boot && anchor.monotonic <= monotonic);
        let moved = same.is_none().then_some(SignedDuration::ZERO);
        let anchor = same.unwrap_or(Anchor { time: latest, monotonic, boot, proven: false, carried });
        ClockGuard { anchor, steady: None, moved, confirmed: false }
    }

    /// What may be done now.
    pub(crate) fn judge(&mut self, reading: Reading) -> Judgement {
        self.hear_network(reading);
        let (now, counted) = (reading.now, self.counted(reading.monotonic));
        let off = now.duration_since(counted);
        if off < -JUMP {
            let pause = Some(Pause::ClockBehind { now, latest: counted });
            return Judgement { until: None, pause, behind: Some(-off) };
        }
        let (until, pause) = match (self.anchor.proven, off > JUMP) {
            (true, false) => (now, None),
            (false, false) => (counted.min(now), None),
            (true, true) => (counted, Some(Pause::ClockJumped { now, latest: counted })),
            (false, true) => (counted, Some(Pause::ClockAhead { now, latest: counted })),
        };
        Judgement { until: Some(until), pause, behind: None }
    }

    /// Takes the network's word as far as it goes.
    fn hear_network(&mut self, reading: Reading) {
        let Reading { now, monotonic, synchronised } = reading;
        if !synchronised {
            self.steady = None;
            return;
        }
        let (said, since) = self.steady.unwrap_or((now, monotonic));
        let expected = later(said, monotonic.saturating_sub(since));
        let the_same = now.duration_since(expected).abs() <= JUMP;
        self.steady = Some(if the_same { (said, since) } else { (now, monotonic) });
        let is_steady = the_same && monotonic.saturating_sub(since) >= STEADY;

        let off = now.duration_since(self.counted(monotonic));
        if off < -JUMP || (self.anchor.proven && off.abs() < DRIFT) {
            return;
        }
        let allowed = match (is_steady, self.anchor.proven) {
            (true, _) => FAR,
            (false, false) => NEAR,
            (false, true) => JUMP,
        };
        let carried = self.anchor.carried.saturating_add(off.max(SignedDuration::ZERO));
        // A clock that drifts within the hour is set right at once for as long as that has not added up.
        let enough = if allowed == JUMP { off <= JUMP && carried <= NEAR } else { carried <= allowed };
        if enough {
            self.settle(reading, carried);
        }
    }

    /// Somebody's own clock shows `theirs`, in the session of an adult. Whether it says anything.
    pub(crate) fn hear_member(&mut self, theirs: Timestamp, reading: Reading) -> bool {
        let off = reading.now.duration_since(self.counted(reading.monotonic));
        let alike = theirs.duration_since(reading.now).abs() <= ALIKE;
        let news = !self.anchor.proven || off.abs() >= DRIFT || !self.anchor.carried.is_zero();
        let says = alike && news && off.abs() <= FAR;
        if says {
            self.settle(reading, SignedDuration::ZERO);
        }
        says
    }

    /// An adult says that the time is right and that what is due may go. Gives the news of it, as [`ClockGuard::take_news`] does.
    pub(crate) fn confirm(&mut self, reading: Reading) -> (Anchor, SignedDuration) {
        self.settle(reading, SignedDuration::ZERO);
        self.confirmed = true;
        (self.anchor.clone(), self.moved.take().unwrap_or_default())
    }

    /// The time of day is the certain one from here on.
    fn settle(&mut self, Reading { now, monotonic, .. }: Reading, carried: SignedDuration) {
        let off = now.duration_since(self.counted(monotonic));
        self.moved = Some(self.moved.unwrap_or_default().saturating_add(off));
        self.anchor = Anchor { time: now, monotonic, proven: true, carried, boot: self.anchor.boot.clone() };
    }

    /// What is new since this was asked last, for the catalog: the anchor, and by how much it corrected what was counted.
    pub(crate) fn take_news(&mut self) -> Option<(Anchor, SignedDuration)> {
        self.moved.take().map(|moved| (self.anchor.clone(), moved))
    }

    /// What was taken could not be written: it is still news.
    pub(crate) fn put_back(&mut self, moved: SignedDuration) {
        self.moved = Some(self.moved.unwrap_or_default().saturating_add(moved));
    }

    /// Whether a run may forget so many. A confirmation counts for one run.
    pub(crate) fn check_amount(&mut self, due: u64, state: &State, until: Timestamp) -> Result<(), Pause> {
        let age = until.duration_since(state.planned_at);
        let planned = match age {
            age if age <= SignedDuration::from_hours(24) => state.planned_day,
            age if age <= SignedDuration::from_hours(7 * 24) => state.planned_week,
            // Nobody has looked so far ahead. That the time is certain has to be enough then, and that there was a plan once.
            _ if self.anchor.proven && state.planned_at > Timestamp::UNIX_EPOCH => return Ok(()),
            _ => state.planned_week,
        };
        let confirmed = std::mem::take(&mut self.confirmed);
        if confirmed || due <= 2 * planned + state.kept_since + SLACK {
            return Ok(());
        }
        Err(Pause::MoreThanPlanned { due, planned, since: state.planned_at })
    }

    /// The time that is certain: no less can it be.
    fn counted(&self, monotonic: Duration) -> Timestamp {
        later(self.anchor.time, monotonic.saturating_sub(self.anchor.monotonic))
    }
}

fn later(time: Timestamp, by: Duration) -> Timestamp {
    time.saturating_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
#[path = "clock_guard/tests.rs"]
mod tests;
