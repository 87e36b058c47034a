//! How fast a sender's clock goes, beside ours: one at half or double the speed, or that counts in other units than it says,
//! is wrong, and is corrected.

/// How long a sender's clock is compared with ours at a time, in microseconds; and no longer, for then one of them stood still.
const COMPARED: std::ops::Range<i64> = 2_000_000..6_000_000;

/// Paces between these are put up with: a network's delays look the same.
const ANY_PACE: std::ops::Range<f64> = 0.7..1.45;

/// What is put up with after a correction that was made in a hurry.
const NEAR_PACE: std::ops::Range<f64> = 0.93..1.07;

/// Two comparisons that agree so far are no accident.
const SAME_PACE: std::ops::Range<f64> = 0.8..1.25;

/// No camera holds back more than this of what it filmed, in microseconds: whatever it sends when it is asked lies no further back.
pub(crate) const MOST_BUFFERED: i64 = 10_000_000;

/// How long a comparison in a hurry takes, in microseconds.
const GLANCE: i64 = 500_000;

/// How far two such comparisons may differ.
const SAME_GLANCE: std::ops::Range<f64> = 0.5..2.0;

pub(crate) struct Pace {
    rate: f64,
    /// How much longer than the sender's tick one of ours is.
    factor: f64,
    marks: Option<Marks>,
    /// What the comparison before gave, if that was off.
    before: Option<f64>,
    /// What the latest comparison in a hurry gave, if that was too fast.
    glance: Option<f64>,
    /// Two of those agreed, and none was in order since.
    fast: bool,
    /// The pace was told in a hurry.
    rough: bool,
}

/// A frame that others are compared with: where it was placed, in ticks, and when it arrived, in microseconds.
#[derive(Clone, Copy)]
struct Mark {
    media: i64,
    steady: i64,
}

#[derive(Clone, Copy)]
struct Marks {
    first: Mark,
    begun: Mark,
    glanced: Mark,
}

impl Pace {
    /// `rate` is in ticks a second.
    pub(crate) fn new(rate: i64) -> Self {
        Self {
            rate: rate as f64,
            factor: 1.0,
            marks: None,
            before: None,
            glance: None,
            fast: false,
            rough: false,
        }
    }

    /// The sender's ticks in ours.
    pub(crate) fn at(&self, ticks: i64) -> i64 {
        if self.factor == 1.0 { ticks } else { (ticks as f64 * self.factor) as i64 }
    }

    /// Whether the sender's time runs away from ours, as far as is known so soon.
    pub(crate) fn is_fast(&self) -> bool {
        self.fast
    }

    /// Compares anew from this frame on.
    pub(crate) fn begin(&mut self, media: i64, steady: i64) {
        let mark = Mark { media, steady };
        self.marks = Some(Marks { first: mark, begun: mark, glanced: mark });
        (self.before, self.glance, self.fast) = (None, None, false);
    }

    /// Learns from a frame that was placed; where the pace is corrected, by how much what was placed since it began is to be stretched.
    pub(crate) fn learn(&mut self, media: i64, steady: i64) -> Option<f64> {
        let Some(marks) = self.marks else {
            self.begin(media, steady);
            return None;
        };
        let now = Mark { media, steady };
        let pace = self.glance(marks, now).or_else(|| self.compare(marks, now))?;
        let factor = (self.factor / pace).clamp(0.01, 100.0);
        let ratio = factor / self.factor;
        self.factor = factor;
        self.begin(media, steady);
        Some(ratio)
    }

    /// What runs ahead of its arrival by more than any camera holds back is too fast, and is so at once.
    fn glance(&mut self, marks: Marks, now: Mark) -> Option<f64> {
        if now.steady.saturating_sub(marks.glanced.steady) < GLANCE {
            return None;
        }
        let pace = self.between(marks.glanced, now).filter(|pace| *pace >= ANY_PACE.end);
        self.marks = Some(Marks { glanced: now, ..marks });
        let before = std::mem::replace(&mut self.glance, pace);
        let agreed = pace.zip(before).filter(|(pace, before)| SAME_GLANCE.contains(&(pace / before)));
        self.fast = agreed.is_some();
        let lead = (now.media - marks.first.media) as f64 * 1e6 / self.rate
            - (now.steady - marks.first.steady) as f64;
        let (pace, before) = agreed.filter(|_| lead > MOST_BUFFERED as f64)?;
        self.rough = true;
        Some((pace + before) / 2.0)
    }

    fn compare(&mut self, marks: Marks, now: Mark) -> Option<f64> {
        let passed = now.steady.saturating_sub(marks.begun.steady);
        if passed < COMPARED.start {
            return None;
        }
        if let Some(marks) = &mut self.marks {
            marks.begun = now;
        }
        let before = self.before.take();
        if !COMPARED.contains(&passed) {
            return None;
        }
        let pace = self.between(marks.begun, now)?;
        let borne = if self.rough { NEAR_PACE } else { ANY_PACE };
        if borne.contains(&pace) {
            self.rough = false;
        } else if let Some(before) = before.filter(|before| SAME_PACE.contains(&(pace / before))) {
            self.rough = false;
            return Some((pace + before) / 2.0);
        } else {
            self.before = Some(pace);
        }
        None
    }

    /// How many seconds of the sender's one of ours is; `None` where none passed, or the sender's went back.
    fn between(&self, from: Mark, to: Mark) -> Option<f64> {
        let (media, passed) = (to.media.saturating_sub(from.media), to.steady.saturating_sub(from.steady));
        (media > 0 && passed > 0).then(|| media as f64 * 1e6 / self.rate / passed as f64)
    }
}
