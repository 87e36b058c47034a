//! Numbers in what was said, and which reading of it comes first.

use crate::intent::number;

/// The whole numbers at the start of these words, `a` and `an` being one.
pub(super) fn counts(words: &[&str]) -> Vec<(usize, u32)> {
    let whole = |(length, value): (usize, f64)| {
        let fits = value.fract() == 0.0 && (0.0..=9999.0).contains(&value);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked just before")]
        fits.then_some((length, value as u32))
    };
    let mut found: Vec<(usize, u32)> = number::at(words).into_iter().filter_map(whole).collect();
    match words {
        ["a", "couple", "of", ..] => found.push((3, 2)),
        ["a" | "an", ..] => found.push((1, 1)),
        _ => {}
    }
    found
}

pub(super) fn longest_first<T>(found: &mut [(usize, T)]) {
    found.sort_by_key(|(length, _)| std::cmp::Reverse(*length));
}
