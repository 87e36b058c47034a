//! Puts pictures together from NAL units, which come whole or in fragments (H.264 and H.265 alike).
//!
//! Where a picture ends is told by its marker, by the next timestamp, and by what begins the next one. Cameras get each of
//! these wrong, so none is believed alone: a marker only once it was seen to end pictures and not slices.

use zeroize::Zeroizing;

/// No picture is longer than this; the segment that it would be in is not either.
const MOST_BYTES: usize = 16 << 20;

/// So many pictures must have ended with a marker before it is believed at once.
const TRUSTED: u8 = 4;

/// After so many key frames with something missing, what is missing is put up with.
const KEYS_MISSED: u8 = 2;

/// In a fragment's own head (RFC 6184, section 5.8; RFC 7798, section 4.4.3): it is the first of its unit, or the last.
pub(crate) const FIRST: u8 = 0x80;
const LAST: u8 = 0x40;

/// What a unit is to the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A part of the picture. `first`: its first. `key`: of a picture that can be shown without any other.
    Slice { first: bool, key: bool },
    /// It comes before the picture that it is about.
    Before,
    /// The same, and tells nothing that a file needs.
    Delimiter,
    /// Parameters of the pictures to come.
    Parameters,
    /// It comes after its picture.
    After,
    /// It is of no use.
    Filler,
}

/// A codec whose stream is made of NAL units.
pub(crate) trait Units {
    /// What a unit is, by its beginning.
    fn kind(&self, unit: &[u8]) -> Kind;
    /// Takes parameters; whether they are other than those known.
    fn learn(&mut self, unit: &[u8]) -> bool;
    /// Whether the picture of these units, of which none is marked as key, can be shown without any other all the same.
    fn is_key(&self, picture: &[u8]) -> bool;
}

/// A picture that is complete.
pub(crate) struct Complete {
    /// Length-prefixed NAL units.
    pub(crate) data: Zeroizing<Vec<u8>>,
    pub(crate) timestamp: u32,
    pub(crate) key: bool,
}

pub(crate) struct PictureBuilder<U> {
    pub(crate) units: U,
    data: Zeroizing<Vec<u8>>,
    /// Where in `data` the unit begins that is not complete.
    open: Option<usize>,
    timestamp: u32,
    slices: u32,
    key: bool,
    /// Something of the picture is missing.
    damaged: bool,
    /// A marker came after its last unit.
    marked: bool,
    /// How often a marker was followed by another picture.
    trust: u8,
    marks_each_slice: bool,
    /// Packets are missing before the next unit.
    gap: bool,
    /// Nothing can be shown until a key frame comes.
    waits_for_key: bool,
    keys_missed: u8,
    /// From one picture to the next, and the timestamp of the latest.
    step: Option<u32>,
    latest: Option<u32>,
    /// How long the last picture was, as a guess at the next.
    usual: usize,
    /// The unit before ended, and nothing is missing since: a fragment without a beginning is one.
    closed: bool,
    ready: Vec<Complete>,
}

impl<U: Units> PictureBuilder<U> {
    pub(crate) fn new(units: U) -> Self {
        Self {
            units,
            data: Zeroizing::default(),
            open: None,
            timestamp: 0,
            slices: 0,
            key: false,
            damaged: false,
            marked: false,
            trust: 0,
            marks_each_slice: false,
            gap: false,
            waits_for_key: false,
            keys_missed: 0,
            step: None,
            latest: None,
            usual: 0,
            closed: false,
            ready: Vec::new(),
        }
    }

    /// The pictures that are complete.
    pub(crate) fn take(&mut self) -> Vec<Complete> {
        std::mem::take(&mut self.ready)
    }

    pub(crate) fn waits_for_key(&self) -> bool {
        self.waits_for_key
    }

    /// Packets are missing before the one that comes next.
    pub(crate) fn lose(&mut self) {
        self.closed = false;
        self.gap = true;
        self.abandon();
    }

    /// A unit that is there as a whole, or several of them between start codes.
    pub(crate) fn unit(&mut self, timestamp: u32, unit: &[u8]) {
        self.end_unit();
        if first_start_code(unit) == Some(0) {
            self.units_between_start_codes(timestamp, unit);
            return;
        }
        self.begin_unit(timestamp, &[], unit);
        self.end_unit();
    }

    /// The first fragment of a unit, which begins with `head`.
    fn begin_unit(&mut self, timestamp: u32, head: &[u8], rest: &[u8]) {
        self.end_unit();
        let mut beginning = [0; 12];
        let mut length = 0;
        for (into, byte) in beginning.iter_mut().zip(head.iter().chain(rest)) {
            *into = *byte;
            length += 1;
        }
        self.place(timestamp, self.units.kind(&beginning[..length]));
        if self.data.is_empty() {
            // What lies here is copied no more: room for a picture like the last, and some more.
            self.data.reserve((self.usual + self.usual / 4).clamp(4 << 10, 1 << 20));
        }
        self.open = Some(self.data.len());
        self.data.extend_from_slice(&[0; 4]);
        self.data.extend_from_slice(head);
        self.more(rest);
    }

    /// Another fragment of the unit that was begun; `head` is how that begins, where its beginning did not come.
    fn go_on(&mut self, timestamp: u32, head: &[u8], rest: &[u8]) {
        if self.open.is_some() {
            self.more(rest);
        } else if let Kind::Slice { key, .. } = self.units.kind(head)
            && !self.puts_up_with_loss()
        {
            if timestamp != self.timestamp || (self.marked && !self.marks_each_slice) {
                self.finish();
            }
            if self.slices == 0 {
                self.timestamp = timestamp;
            }
            self.slices += u32::from(!self.damaged);
            self.key |= key;
            self.damaged = true;
        }
    }

    /// A fragment of a unit that begins with `head`; `flags` say whether it is the first of them, and whether the last. One that does not say
    /// that it is the first may be it: the unit before it is complete.
    pub(crate) fn fragment(&mut self, timestamp: u32, head: &[u8], flags: u8, data: &[u8]) {
        if flags & FIRST != 0 || (self.closed && self.open.is_none()) {
            self.begin_unit(timestamp, head, data);
        } else {
            self.go_on(timestamp, head, data);
        }
        if flags & LAST != 0 {
            self.end_unit();
        }
    }

    fn more(&mut self, rest: &[u8]) {
        if self.data.len() + rest.len() > MOST_BYTES {
            self.abandon();
        } else {
            self.data.extend_from_slice(rest);
        }
    }

    /// What is open stays incomplete.
    fn abandon(&mut self) {
        let Some(open) = self.open.take() else { return };
        if self.puts_up_with_loss() {
            self.open = Some(open);
            self.end_unit();
            return;
        }
        if let Kind::Slice { key, .. } = self.units.kind(&self.data[(open + 4).min(self.data.len())..]) {
            self.key |= key;
            self.slices += 1;
        }
        self.damaged = true;
        self.data.truncate(open);
    }

    /// The unit that was begun is complete.
    pub(crate) fn end_unit(&mut self) {
        let Some(open) = self.open.take() else { return };
        self.closed = true;
        let unit = &self.data[open + 4..];
        if unit.is_empty() {
            self.data.truncate(open);
            return;
        }
        // Start codes cannot be in a unit: some cameras send several units as one.
        if let Some(place) = first_start_code(unit).filter(|place| *place + 3 < unit.len()) {
            let rest = Zeroizing::new(unit[place..].to_vec());
            self.data.truncate(open + 4 + place);
            self.open = Some(open);
            self.end_unit();
            self.units_between_start_codes(self.timestamp, &rest);
            return;
        }
        match self.units.kind(unit) {
            Kind::Slice { key, .. } => {
                self.slices += 1;
                self.key |= key;
            }
            // Those that are known are in the file's head; others are needed here too, by what comes before a key frame.
            Kind::Parameters => {
                let trailing = unit.iter().rev().take_while(|byte| **byte == 0).count();
                let length = self.data.len() - trailing;
                self.data.truncate(length.max(open + 4));
                if !self.units.learn(&self.data[open + 4..]) {
                    self.data.truncate(open);
                    return;
                }
            }
            Kind::Before | Kind::After => {}
            Kind::Delimiter | Kind::Filler => {
                self.data.truncate(open);
                return;
            }
        }
        let length = (self.data.len() - open - 4) as u32;
        self.data[open..open + 4].copy_from_slice(&length.to_be_bytes());
    }

    fn units_between_start_codes(&mut self, timestamp: u32, bytes: &[u8]) {
        let mut starts = memchr::memmem::find_iter(bytes, &[0, 0, 1]).map(|place| place + 3).peekable();
        while let Some(start) = starts.next() {
            let end = starts.peek().map_or(bytes.len(), |next| next - 3);
            let unit = bytes.get(start..end).unwrap_or_default();
            let zeros = unit.iter().rev().take_while(|byte| **byte == 0).count();
            if zeros < unit.len() {
                self.begin_unit(timestamp, &[], &unit[..unit.len() - zeros]);
                self.end_unit();
            }
        }
    }

    /// Ends the picture where the next unit begins another one.
    fn place(&mut self, timestamp: u32, kind: Kind) {
        let later = timestamp != self.timestamp;
        let begins = match kind {
            Kind::Slice { first, .. } => first || (later && (self.marked || self.gap)),
            Kind::Before | Kind::Delimiter | Kind::Parameters => true,
            Kind::After | Kind::Filler => false,
        };
        if let Kind::Slice { first: false, .. } = kind
            && !begins
            && !self.gap
        {
            if self.marked {
                self.marks_each_slice = true;
            } else if self.slices == 0 && self.latest == Some(timestamp) {
                // The picture that was given away was not complete; from now on it is waited for.
                self.marks_each_slice = true;
                self.damaged = true;
            }
        }
        if begins && self.slices > 0 {
            if self.marked && !self.marks_each_slice {
                self.trust = self.trust.saturating_add(1);
            }
            self.finish();
        }
        if self.slices == 0 {
            self.timestamp = timestamp;
        }
        self.marked = false;
        self.judge_gap(kind);
    }

    /// Whether what is missing is missed. Between two pictures that follow each other nothing is.
    fn judge_gap(&mut self, kind: Kind) {
        if !matches!(kind, Kind::Slice { .. }) || !std::mem::take(&mut self.gap) || self.puts_up_with_loss() {
            return;
        }
        let step = self.latest.map(|latest| self.timestamp.wrapping_sub(latest));
        let follows = match (step, self.step) {
            (Some(step), Some(usual)) => step > 0 && u64::from(step) <= u64::from(usual) * 3 / 2,
            _ => true,
        };
        match kind {
            Kind::Slice { first: true, .. } if follows && self.slices == 0 && !self.damaged => {}
            Kind::Slice { first: true, key: true } if self.slices == 0 => self.damaged = false,
            Kind::Slice { first: true, .. } if self.slices == 0 => self.waits_for_key = true,
            _ => self.damaged = true,
        }
    }

    /// The packet ended with a marker, which should end its picture.
    pub(crate) fn mark(&mut self) {
        if self.slices == 0 && !self.damaged {
            return;
        }
        self.marked = true;
        // In the midst of a unit it means nothing.
        if self.trust >= TRUSTED && !self.marks_each_slice && self.open.is_none() {
            self.finish();
        }
    }

    fn puts_up_with_loss(&self) -> bool {
        self.keys_missed >= KEYS_MISSED
    }

    fn finish(&mut self) {
        self.end_unit();
        let data = std::mem::take(&mut self.data);
        let (slices, damaged) = (std::mem::take(&mut self.slices), std::mem::take(&mut self.damaged));
        let marked_key = std::mem::take(&mut self.key);
        self.marked = false;
        if slices == 0 {
            return;
        }
        let step = self.latest.map(|latest| self.timestamp.wrapping_sub(latest));
        self.step = step.filter(|step| (1..1 << 24).contains(step)).or(self.step);
        self.latest = Some(self.timestamp);
        self.usual = data.len();
        let key = marked_key || self.units.is_key(&data);
        if damaged && !self.puts_up_with_loss() {
            self.keys_missed += u8::from(key);
            self.waits_for_key = true;
            return;
        }
        if key {
            self.waits_for_key = false;
            if !damaged && !self.puts_up_with_loss() {
                self.keys_missed = 0;
            }
        }
        if !self.waits_for_key && !data.is_empty() {
            self.ready.push(Complete { data, timestamp: self.timestamp, key });
        }
    }
}

/// Where `00 00 01` is.
fn first_start_code(bytes: &[u8]) -> Option<usize> {
    // `00 00 00 01` at the very beginning counts as one there.
    if bytes.starts_with(&[0, 0, 0, 1]) {
        return Some(0);
    }
    memchr::memmem::find(bytes, &[0, 0, 1])
}

#[cfg(test)]
mod tests;
