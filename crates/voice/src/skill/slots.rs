//! The slots of what was recognised, as skills read them.

use crate::intent::Recognised;
use crate::intent::when::{Moment, Span};

/// What was recognised.
pub(crate) struct Slots<'a>(pub(crate) &'a Recognised);

impl<'a> Slots<'a> {
    pub(crate) fn intent(&self) -> &'a str {
        &self.0.intent
    }

    /// Which of several kinds of the intent.
    pub(crate) fn variant(&self) -> &'a str {
        self.0.variant.as_deref().unwrap_or_default()
    }

    /// The words of a slot, without space around them, if there are any.
    pub(crate) fn words(&self, slot: &str) -> Option<&'a str> {
        self.0.slots.get(slot)?.as_str().map(str::trim).filter(|words| !words.is_empty())
    }

    /// The number in a slot.
    pub(crate) fn count(&self, slot: &str) -> Option<u32> {
        self.0.slots.get(slot)?.as_u64()?.try_into().ok()
    }

    /// The stretch of time in a slot.
    pub(crate) fn span(&self, slot: &str) -> Option<Span> {
        serde_json::from_value(self.0.slots.get(slot)?.clone()).ok()
    }

    /// The day or time to come in a slot.
    pub(crate) fn moment(&self, slot: &str) -> Option<Moment> {
        serde_json::from_value(self.0.slots.get(slot)?.clone()).ok()
    }

    /// The length of time in the slots `hours`, `minutes` and `seconds` after a prefix (`start_`), in seconds.
    pub(crate) fn seconds(&self, prefix: &str) -> Option<u64> {
        let units = [("hours", 3600), ("minutes", 60), ("seconds", 1)];
        let mut parts = units
            .iter()
            .filter_map(|(unit, length)| {
                let count = self.0.slots.get(&format!("{prefix}{unit}"))?.as_u64()?;
                Some(count.saturating_mul(*length))
            })
            .peekable();
        parts.peek()?;
        Some(parts.fold(0, u64::saturating_add))
    }
}
