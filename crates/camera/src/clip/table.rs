//! The table of one track, that grows by pieces: when, where and how large each sample is.

use super::piece::{Form, Part};
use crate::mp4::{
    Kind, Lasting, MOVIE_RATE, boxed, full_box, media, put_all, put_u32, put_u64, sample_entry, track_header,
};

/// Where a sample of sound begins is told in its own ticks, and where it lies among the pictures in theirs: what differs by no more than
/// this is rounding.
const ROUNDING: u64 = 2;

#[derive(Debug)]
pub(super) struct Table {
    form: Form,
    /// When its first sample begins, in its own ticks.
    first: u64,
    /// When the last one ends.
    end: u64,
    durations: Runs<u32>,
    /// How long after its decoding each is presented, without how late its piece presents everything.
    compositions: Runs<i64>,
    /// The most that any piece presents everything later.
    delay: u32,
    sizes: Vec<u32>,
    /// The numbers of those that need no other, from 1.
    keys: Vec<u32>,
    /// Where the samples of each piece lie, from the first byte of media, and how many those are.
    chunks: Vec<(u64, u32)>,
}

impl Table {
    pub(super) fn of(form: Form) -> Table {
        Table {
            form,
            first: 0,
            end: 0,
            durations: Runs::default(),
            compositions: Runs::default(),
            delay: 0,
            sizes: Vec::new(),
            keys: Vec::new(),
            chunks: Vec::new(),
        }
    }

    pub(super) fn form(&self) -> &Form {
        &self.form
    }

    pub(super) fn rate(&self) -> u32 {
        self.form.rate
    }

    pub(super) fn is_sound(&self) -> bool {
        self.form.kind == Kind::Sound
    }

    /// When its last sample ends, in its own ticks.
    pub(super) fn ends(&self) -> u64 {
        self.end
    }

    /// Until when it is shown, in ticks of the whole.
    pub(super) fn shown(&self) -> u64 {
        in_movie(self.end, self.form.rate)
    }

    /// Adds samples that begin at `begins`, in ticks of their own; their bytes lie behind `media` others.
    pub(super) fn add(&mut self, part: &Part, begins: u64, media: u64, delay: u32) {
        match self.sizes.is_empty() {
            true => (self.first, self.end) = (begins, begins),
            // The one before lasts until this begins.
            false if begins.abs_diff(self.end) > ROUNDING => {
                self.end = self.durations.stretch(self.end, begins)
            }
            false => {}
        }
        for sample in &part.samples {
            self.end += u64::from(sample.duration);
            self.durations.push(sample.duration);
            self.compositions.push(i64::from(sample.composition) - i64::from(self.late(delay)));
            self.sizes.push(sample.size);
            if sample.key {
                self.keys.push(self.sizes.len() as u32);
            }
        }
        self.delay = self.delay.max(self.late(delay));
        self.chunks.push((media + part.at, part.samples.len() as u32));
    }

    /// By how much its samples say that they are presented later. Those of sound say nothing, and are decoded later.
    fn late(&self, delay: u32) -> u32 {
        if self.is_sound() { 0 } else { delay }
    }

    /// Writes the `trak` box. `wide` says that places take 64 bits.
    pub(super) fn write(&self, out: &mut Vec<u8>, id: u32, from: u64, wide: bool) {
        let Form { kind, rate, entry } = &self.form;
        let length = self.end - self.first;
        boxed(out, b"trak", |out| {
            track_header(out, id, *kind, Lasting(self.shown()));
            self.edits(out, length);
            boxed(out, b"mdia", |out| {
                media(out, *kind, *rate, Lasting(length), |out| {
                    sample_entry(out, entry);
                    self.samples(out, from, wide);
                });
            });
        });
    }

    /// Section 8.6.6. What begins later than the whole has nothing before it; and what is presented later by the order in which it is
    /// decoded begins all the same when it is to.
    fn edits(&self, out: &mut Vec<u8>, length: u64) {
        if self.first == 0 && self.delay == 0 {
            return;
        }
        let (before, shown) = (in_movie(self.first, self.form.rate), in_movie(length, self.form.rate));
        let widest = Lasting(before.max(shown));
        boxed(out, b"edts", |out| {
            full_box(out, b"elst", widest.version(), 0, |out| {
                const NOTHING: u64 = u64::MAX;
                const AT_ITS_RATE: u32 = 0x1_0000;
                let edits = [(before, NOTHING), (shown, u64::from(self.delay))];
                let edits = if before == 0 { &edits[1..] } else { &edits[..] };
                put_u32(out, edits.len() as u32);
                for (length, at) in edits {
                    widest.put(out, *length);
                    widest.put(out, *at);
                    put_u32(out, AT_ITS_RATE);
                }
            });
        });
    }

    /// Sections 8.6.1, 8.6.2 and 8.7.
    fn samples(&self, out: &mut Vec<u8>, from: u64, wide: bool) {
        full_box(out, b"stts", 0, 0, |out| {
            put_u32(out, self.durations.0.len() as u32);
            for (count, duration) in &self.durations.0 {
                put_all(out, &[*count, *duration]);
            }
        });
        let reordered = self.compositions.0.iter().any(|(_, late)| late + i64::from(self.delay) != 0);
        if reordered {
            full_box(out, b"ctts", 0, 0, |out| {
                put_u32(out, self.compositions.0.len() as u32);
                for (count, late) in &self.compositions.0 {
                    put_all(out, &[*count, (late + i64::from(self.delay)) as u32]);
                }
            });
        }
        // Without it all of them are.
        if self.keys.len() < self.sizes.len() {
            full_box(out, b"stss", 0, 0, |out| {
                put_u32(out, self.keys.len() as u32);
                put_all(out, &self.keys);
            });
        }
        let mut runs: Vec<(usize, u32)> = Vec::new();
        for (number, (_, samples)) in self.chunks.iter().enumerate() {
            if runs.last().is_none_or(|(_, before)| before != samples) {
                runs.push((number + 1, *samples));
            }
        }
        full_box(out, b"stsc", 0, 0, |out| {
            put_u32(out, runs.len() as u32);
            for (first, samples) in runs {
                put_all(out, &[first as u32, samples, 1]);
            }
        });
        full_box(out, b"stsz", 0, 0, |out| {
            put_all(out, &[0, self.sizes.len() as u32]);
            put_all(out, &self.sizes);
        });
        full_box(out, if wide { b"co64" } else { b"stco" }, 0, 0, |out| {
            put_u32(out, self.chunks.len() as u32);
            for (at, _) in &self.chunks {
                if wide { put_u64(out, from + at) } else { put_u32(out, (from + at) as u32) }
            }
        });
    }
}

/// Numbers, of which the same in a row are told once.
#[derive(Debug)]
struct Runs<N>(Vec<(u32, N)>);

impl<N> Default for Runs<N> {
    fn default() -> Self {
        Runs(Vec::new())
    }
}

impl<N: Copy + PartialEq> Runs<N> {
    fn push(&mut self, number: N) {
        match self.0.last_mut() {
            Some((count, last)) if *last == number => *count += 1,
            _ => self.0.push((1, number)),
        }
    }

    fn pop(&mut self) -> Option<N> {
        let (count, last) = self.0.last_mut()?;
        let number = *last;
        *count -= 1;
        if *count == 0 {
            self.0.pop();
        }
        Some(number)
    }
}

impl Runs<u32> {
    /// Has the last one, which ends at `end`, last until `begins`, and one tick at least; when it ends then.
    fn stretch(&mut self, end: u64, begins: u64) -> u64 {
        let Some(last) = self.pop() else { return begins };
        let began = end - u64::from(last);
        let until = begins.max(began + 1);
        let lasts = u32::try_from(until - began).unwrap_or(u32::MAX);
        self.push(lasts);
        began + u64::from(lasts)
    }
}

/// Ticks of a track in ticks of the whole.
fn in_movie(ticks: u64, rate: u32) -> u64 {
    let of = u128::from(ticks) * u128::from(MOVIE_RATE);
    u64::try_from((of + u128::from(rate) / 2) / u128::from(rate)).unwrap_or(u64::MAX)
}
