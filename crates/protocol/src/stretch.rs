//! Film as people see it: stretches, and not the pieces of some seconds in which it is kept. The app has the same rules
//! (`web/src/media/stretches.ts`), and both are held to `tests/vectors/stretches.json`.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::RecordingView;
use super::amount::FILM;

/// Pieces of film that are no further apart are one stretch, in seconds.
const GAP: f64 = 60.0;
/// What lies between two pieces that follow each other without a gap is no more than this, in seconds: times are told in microseconds.
const SEAM: f64 = 0.25;

/// What one camera saw on a day without a long gap, in one form: at least one piece, in the order of time.
#[derive(Clone, Debug)]
pub struct Stretch<'r> {
    /// The pieces.
    pub pieces: Vec<&'r RecordingView>,
    end: Timestamp,
}

/// A time of which there is no film.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Where the film before it ends.
    pub from: Timestamp,
    /// Where it goes on.
    pub to: Timestamp,
}

impl Stretch<'_> {
    /// The camera's name.
    pub fn camera(&self) -> Option<&str> {
        self.pieces.first().and_then(|piece| piece.device.as_deref())
    }

    /// When it begins.
    pub fn from(&self) -> Timestamp {
        self.pieces.first().map_or(self.end, |piece| piece.start)
    }

    /// When it is over.
    pub fn to(&self) -> Timestamp {
        self.end
    }

    /// How much film it is: what is missing in between is not counted.
    pub fn seconds(&self) -> f64 {
        self.pieces.iter().map(|piece| piece.seconds).sum()
    }

    /// What is missing in between.
    pub fn gaps(&self) -> Vec<Gap> {
        let pairs = self.pieces.windows(2).filter(|pair| !follows(pair[0], pair[1]));
        pairs
            .map(|pair| Gap { from: end(pair[0]), to: pair[1].start })
            .filter(|gap| gap.from < gap.to)
            .collect()
    }
}

/// The stretches of the film among these; each camera's, and those of all cameras, in the order of time.
pub fn stretches<'r>(
    recordings: impl IntoIterator<Item = &'r RecordingView>,
    zone: &TimeZone,
) -> Vec<Stretch<'r>> {
    let mut film: Vec<_> = recordings.into_iter().filter(|recording| recording.kind == FILM).collect();
    film.sort_by_key(|piece| piece.start);
    let mut found: Vec<Stretch<'r>> = Vec::new();
    for piece in film {
        let of_this = found.iter_mut().rfind(|stretch| stretch.pieces[0].device == piece.device);
        match of_this.filter(|stretch| goes_on(stretch, piece, zone)) {
            Some(stretch) => {
                stretch.end = stretch.end.max(end(piece));
                stretch.pieces.push(piece);
            }
            None => found.push(Stretch { pieces: vec![piece], end: end(piece) }),
        }
    }
    found
}

/// Whether the next piece begins where the one before ends, so that both are one clip.
pub fn follows(before: &RecordingView, next: &RecordingView) -> bool {
    before.media_type == next.media_type && between(end(before), next.start).abs() <= SEAM
}

fn goes_on(stretch: &Stretch<'_>, next: &RecordingView, zone: &TimeZone) -> bool {
    let day = |at: Timestamp| at.to_zoned_datetime(zone.clone()).date();
    between(stretch.end, next.start) < GAP
        && stretch.pieces.last().is_some_and(|last| last.media_type == next.media_type)
        && day(stretch.from()) == day(next.start)
}

fn end(piece: &RecordingView) -> Timestamp {
    let lasts = jiff::SignedDuration::try_from_secs_f64(piece.seconds).unwrap_or_default();
    piece.start.saturating_add(lasts).unwrap_or(piece.start)
}

fn between(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64()
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// Recordings of which a case says only what matters to it.
    pub(crate) fn recordings(of: &Value) -> Vec<RecordingView> {
        let whole = |(one, given): (usize, &Value)| {
            let mut whole = json!({
                "id": one + 1, "moment": one + 1, "kind": "video", "device": null, "room": null, "person": null, "start": "2026-11-23T08:00:00Z",
                "seconds": 0.0, "owner": "household", "purpose": "security", "ends": null, "sources": [], "caused_by": null, "size": 1,
                "media_type": "",
            });
            whole.as_object_mut().unwrap().extend(given.as_object().unwrap().clone());
            serde_json::from_value(whole).unwrap()
        };
        of.as_array().unwrap().iter().enumerate().map(whole).collect()
    }

    #[test]
    fn film_is_told_in_the_stretches_and_clips_of_the_shared_cases() {
        let cases: Value =
            serde_json::from_str(include_str!("../../../tests/vectors/stretches.json")).unwrap();
        for case in cases.as_array().unwrap() {
            let film = recordings(&case["pieces"]);
            let zone = TimeZone::get(case["zone"].as_str().unwrap()).unwrap();
            let found = stretches(&film, &zone);
            let ids = |pieces: &[&RecordingView]| pieces.iter().map(|piece| piece.id).collect::<Vec<_>>();
            let told: Vec<Vec<Vec<u64>>> = found
                .iter()
                .map(|stretch| {
                    stretch.pieces.chunk_by(|before, next| follows(before, next)).map(ids).collect()
                })
                .collect();
            assert_eq!(json!(told), case["stretches"], "{case}");
            let gaps: Vec<Vec<String>> = found
                .iter()
                .map(|stretch| stretch.gaps().iter().map(|gap| format!("{} {}", gap.from, gap.to)).collect())
                .collect();
            assert_eq!(json!(gaps), case["gaps"], "{case}");
        }
    }
}
