//! Medians, and how figures are written.

/// Measurements of one thing, all in one unit.
#[derive(Clone, Debug, Default)]
pub(crate) struct Figures(Vec<f64>);

impl Figures {
    pub(crate) fn push(&mut self, figure: f64) {
        self.0.push(figure);
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn sum(&self) -> f64 {
        self.0.iter().sum()
    }

    /// The middle one, or the mean of the two in the middle. Of no figures: not a number.
    pub(crate) fn median(&self) -> f64 {
        let sorted = self.sorted();
        let middle = sorted.len() / 2;
        match sorted.len() {
            0 => f64::NAN,
            n if n % 2 == 1 => sorted[middle],
            _ => f64::midpoint(sorted[middle - 1], sorted[middle]),
        }
    }

    /// The smallest figure that at least this share (0 to 1) of all figures does not exceed.
    pub(crate) fn quantile(&self, share: f64) -> f64 {
        let sorted = self.sorted();
        let rank = (share * sorted.len() as f64).ceil() as usize;
        sorted.get(rank.clamp(1, sorted.len().max(1)) - 1).copied().unwrap_or(f64::NAN)
    }

    /// `median (least to greatest)`, with so many digits after the point.
    pub(crate) fn show(&self, digits: usize) -> String {
        let (least, greatest) = (self.quantile(0.0), self.quantile(1.0));
        match self.len() {
            0 | 1 => format!("{:.digits$}", self.median()),
            _ => format!("{:.digits$} ({least:.digits$} to {greatest:.digits$})", self.median()),
        }
    }

    fn sorted(&self) -> Vec<f64> {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        sorted
    }
}

impl FromIterator<f64> for Figures {
    fn from_iter<I: IntoIterator<Item = f64>>(figures: I) -> Figures {
        Figures(figures.into_iter().collect())
    }
}

/// Measurements of one thing over time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trend(Vec<(f64, f64)>);

impl Trend {
    /// What was measured at an instant, in seconds.
    pub(crate) fn push(&mut self, at: f64, figure: f64) {
        self.0.push((at, figure));
    }

    /// The slope of the least squares, a second; none of fewer than three measurements.
    pub(crate) fn slope(&self) -> Option<f64> {
        self.line().map(|line| line.slope)
    }

    /// Twice the standard error of the slope.
    pub(crate) fn uncertainty(&self) -> Option<f64> {
        let Line { slope, mean, spread } = self.line()?;
        let rest = |(at, figure): &(f64, f64)| (figure - mean.1 - slope * (at - mean.0)).powi(2);
        let error = self.0.iter().map(rest).sum::<f64>() / (self.0.len() as f64 - 2.0);
        Some(2.0 * (error / spread).sqrt())
    }

    fn line(&self) -> Option<Line> {
        let count = self.0.len() as f64;
        if self.0.len() < 3 {
            return None;
        }
        let mean = self.0.iter().fold((0.0, 0.0), |sum, one| (sum.0 + one.0 / count, sum.1 + one.1 / count));
        let spread: f64 = self.0.iter().map(|one| (one.0 - mean.0).powi(2)).sum();
        let together: f64 = self.0.iter().map(|one| (one.0 - mean.0) * (one.1 - mean.1)).sum();
        (spread > 0.0).then_some(Line { slope: together / spread, mean, spread })
    }
}

/// A line through measurements.
struct Line {
    slope: f64,
    mean: (f64, f64),
    spread: f64,
}

/// A ratio, as tables show it.
pub(crate) fn ratio(ours: f64, theirs: f64) -> String {
    format!("{:.2}", ours / theirs)
}

/// Bytes in MB (10^6).
pub(crate) fn megabytes(bytes: f64) -> String {
    format!("{:.1} MB", bytes / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_whatever_the_order() {
        let median = |figures: &[f64]| figures.iter().copied().collect::<Figures>().median();
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
        assert!(median(&[]).is_nan());
    }

    #[test]
    fn a_quantile_is_a_figure_that_was_measured() {
        let figures: Figures = (1..=20).map(f64::from).collect();
        assert_eq!(figures.quantile(0.95), 19.0);
        assert_eq!(figures.quantile(0.0), 1.0);
        assert_eq!(figures.quantile(1.0), 20.0);
    }

    #[test]
    fn a_trend_is_the_slope_that_lies_nearest_to_what_was_measured() {
        let mut trend = Trend::default();
        assert!(trend.slope().is_none());
        for at in 0..100 {
            trend.push(f64::from(at), 5.0 + 2.0 * f64::from(at) + if at % 2 == 0 { 0.5 } else { -0.5 });
        }
        assert!((trend.slope().unwrap() - 2.0).abs() < 1e-3);
        assert!(trend.uncertainty().unwrap() < 0.01);
    }

    #[test]
    fn a_single_figure_is_shown_without_a_range() {
        assert_eq!([1.25].into_iter().collect::<Figures>().show(1), "1.2");
        assert_eq!([1.0, 3.0].into_iter().collect::<Figures>().show(0), "2 (1 to 3)");
    }
}
