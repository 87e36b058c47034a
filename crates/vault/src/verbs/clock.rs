//! What the vault knows of the time, and what it is told of it.

use std::sync::PoisonError;

use jiff::Timestamp;
use serde::Serialize;

use super::{Core, Line, Vault, sync_points};
use crate::clock_guard::{Judgement, Pause, Reading};
use crate::error::Error;

/// How it stands with the clock, and with what ends by it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClockState {
    /// What the clock shows.
    pub now: Timestamp,
    /// The time that is certain: what has ended by then is forgotten by itself. None while nothing is.
    pub certain: Option<Timestamp>,
    /// Why what has ended since is not.
    pub paused: Option<Pause>,
}

impl Vault {
    /// How it stands with the clock now.
    pub fn clock_state(&self) -> ClockState {
        let Judgement { until, pause, .. } = self.core.judge_clock();
        let too_much = self.core.too_much.lock().unwrap_or_else(PoisonError::into_inner).clone();
        ClockState { now: self.core.clock.now(), certain: until, paused: pause.or(too_much) }
    }

    /// Notes that the time is right, since an adult says so, together with the line that tells of it: both are durable when this
    /// returns, and after an error neither is. The next run of expiry, which appends the line first where that was not possible
    /// yet, may then forget what is due, however much it is.
    ///
    /// # Errors
    /// [`Error::Catalog`], and as for [`Vault::record`].
    pub async fn confirm_clock(&self, line: Line) -> Result<(), Error> {
        self.finish(async move |core| core.confirm_clock(line).await).await
    }

    /// Hears what an adult's own computer or phone shows. It is evidence where it shows what the clock here does, and sets no clock.
    /// Whether that was news.
    ///
    /// # Errors
    /// [`Error::Catalog`].
    pub async fn hear_clock(&self, theirs: Timestamp) -> Result<bool, Error> {
        let reading = self.core.reading();
        let news =
            self.core.clock_guard.lock().unwrap_or_else(PoisonError::into_inner).hear_member(theirs, reading);
        if news {
            self.core.note_clock().await?;
        }
        Ok(news)
    }
}

impl Core {
    async fn confirm_clock(&self, line: Line) -> Result<(), Error> {
        let line = self.seal_line(&line).await?;
        let _one_at_a_time = sync_points::alone(&self.owing).await;
        let reading = self.reading();
        let guard = || self.clock_guard.lock().unwrap_or_else(PoisonError::into_inner);
        // As it would be: nothing is trusted before that is written down.
        let (anchor, moved) = guard().clone().confirm(reading);
        let noted = self.catalog.set_anchor(&anchor, moved, Some(&line.owed(self))).await;
        if let Err(why) = noted {
            self.discard_payloads(&line.detail.rows).await;
            return Err(why);
        }
        guard().confirm(reading);
        *self.too_much.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.tell_new(line.detail_id()?, line.entry).await;
        Ok(())
    }

    fn reading(&self) -> Reading {
        let (now, monotonic) = (self.clock.now(), self.clock.monotonic());
        Reading { now, monotonic, synchronised: self.clock.is_synchronised() }
    }

    /// What may be done by the clock now.
    pub(super) fn judge_clock(&self) -> Judgement {
        let reading = self.reading();
        self.clock_guard.lock().unwrap_or_else(PoisonError::into_inner).judge(reading)
    }

    /// The time, if it is certain and the clock shows it.
    pub(super) fn trusted_now(&self) -> Result<Timestamp, Pause> {
        let Judgement { until, pause, .. } = self.judge_clock();
        match (until, pause) {
            (_, Some(pause)) => Err(pause),
            (until, None) => Ok(until.unwrap_or_else(|| self.clock.now())),
        }
    }

    /// Writes down what is new about the time, for the next start.
    pub(super) async fn note_clock(&self) -> Result<(), Error> {
        let news = self.clock_guard.lock().unwrap_or_else(PoisonError::into_inner).take_news();
        let Some((anchor, moved)) = news else { return Ok(()) };
        let noted = self.catalog.set_anchor(&anchor, moved, None).await;
        if noted.is_err() {
            self.clock_guard.lock().unwrap_or_else(PoisonError::into_inner).put_back(moved);
        }
        noted
    }
}
