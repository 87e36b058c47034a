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

pub(crate) struct Pace {
    rate: f64,
    /// How much longer than the sender's tick one of ours is.
    factor: f64,
    marks: Option<Marks>,
    /// What the comparison before gave, if that was off.
    before: Option<f64>,
    /// How many of the latest comparisons in a hurry were too fast, up to two: one alone is what a camera held back.
    fast: u8,
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
    /// When the comparison under way began, and what came earliest for its time within it and within the one before: what a network
    /// held up tells nothing of the sender's clock.
    begun: i64,
    earliest: Mark,
    earliest_before: Mark,
    /// What the latest two comparisons in a hurry began with.
    glanced: [Mark; 2],
}

impl Pace {
    /// `rate` is in ticks a second.
    pub(crate) fn new(rate: i64) -> Self {
        Self { rate: rate as f64, factor: 1.0, marks: None, before: None, fast: 0, rough: false }
    }

    /// The sender's ticks in ours.
    pub(crate) fn at(&self, ticks: i64) -> i64 {
        if self.factor == 1.0 { ticks } else { (ticks as f64 * self.factor) as i64 }
    }

    /// Whether the sender's time runs away from ours, as far as is known so soon.
    pub(crate) fn is_fast(&self) -> bool {
        self.fast >= 2
    }

    /// Compares anew from this frame on.
    pub(crate) fn begin(&mut self, media: i64, steady: i64) {
        let mark = Mark { media, steady };
        self.marks = Some(Marks {
            first: mark,
            begun: steady,
            earliest: mark,
            earliest_before: mark,
            glanced: [mark; 2],
        });
        (self.before, self.fast) = (None, 0);
    }

    /// Learns from a frame that was placed; where the pace is corrected, by how much what was placed since it began is to be stretched.
    pub(crate) fn learn(&mut self, media: i64, steady: i64) -> Option<f64> {
        let Some(marks) = self.marks else {
            self.begin(media, steady);
            return None;
        };
        let now = Mark { media, steady };
        let pace = self.glance(marks, now).or_else(|| self.compare(now))?;
        let factor = (self.factor / pace).clamp(0.01, 100.0);
        let ratio = factor / self.factor;
        self.factor = factor;
        self.begin(media, steady);
        Some(ratio)
    }

    /// What runs ahead of its arrival by more than any camera holds back is too fast, and is so at once.
    fn glance(&mut self, marks: Marks, now: Mark) -> Option<f64> {
        let [earlier, glanced] = marks.glanced;
        if now.steady.saturating_sub(glanced.steady) < GLANCE {
            return None;
        }
        let is_fast = self.between(glanced, now).is_some_and(|pace| pace >= ANY_PACE.end);
        self.fast = if is_fast { (self.fast + 1).min(2) } else { 0 };
        self.marks = Some(Marks { glanced: [glanced, now], ..marks });
        let media = now.media.saturating_sub(marks.first.media) as f64 * 1e6 / self.rate;
        let passed = now.steady.saturating_sub(marks.first.steady);
        // Later there is time to compare for longer.
        if !self.is_fast() || passed > MOST_BUFFERED || media - passed as f64 <= MOST_BUFFERED as f64 {
            return None;
        }
        self.rough = true;
        self.between(earlier, now)
    }

    fn compare(&mut self, now: Mark) -> Option<f64> {
        let rate = self.rate;
        let marks = self.marks.as_mut()?;
        let lead = |mark: Mark| mark.media as f64 * 1e6 / rate - mark.steady as f64;
        if lead(now) >= lead(marks.earliest) {
            marks.earliest = now;
        }
        if now.steady.saturating_sub(marks.begun) < COMPARED.start {
            return None;
        }
        let (from, to) = (marks.earliest_before, marks.earliest);
        (marks.begun, marks.earliest, marks.earliest_before) = (now.steady, now, to);
        let before = self.before.take();
        let passed = to.steady.saturating_sub(from.steady);
        if !(COMPARED.start / 2..COMPARED.end).contains(&passed) {
            return None;
        }
        let pace = self.between(from, to)?;
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
