//! How a camera is: what its stream says, together with what becomes of its film.
//!
//! The list, the voice, the events and `doctor` all read it here, so that none of them calls recorded what is not kept.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use porchlight_camera::{NoSound, State};
use porchlight_protocol::{Message, PrivacyView};

use crate::messages::Coded;
use crate::store::MissedStretch;

/// The code of that nobody agrees to a camera's pictures.
const NOT_AGREED: &str = "camera-not-agreed";
/// The code of that a camera has privacy.
pub(super) const PRIVACY: &str = "camera-privacy";
/// Those of a camera whose film begins, or begins anew: within seconds it is recorded, or says what is the matter.
const BEGINNING: [&str; 3] = ["camera-connecting", "camera-beginning", "camera-begins-anew"];

/// What becomes of a camera's film.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Storage {
    /// The connection, by the time of its first picture, of which something is kept.
    pub kept_of: Option<Timestamp>,
    /// What was kept of it before this hub began to watch it.
    pub before: Before,
    /// From when on film was kept again, after some that was not.
    pub again: Option<Timestamp>,
    /// What is not kept: from when, up to when so far, and why. None while the newest film is kept.
    pub failing: Option<MissedStretch>,
}

/// What is known of a camera's film from before a hub began to watch it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum Before {
    /// It has never recorded.
    #[default]
    Nothing,
    /// It has, and none of that is kept any more.
    Ended,
    /// Film up to this is kept.
    Until(Timestamp),
}

/// What the household agrees to have kept of a camera now: what comes of it is kept no longer than that, whatever was kept a moment ago.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Agreed {
    pub pictures: bool,
    pub sound: bool,
}

/// How one camera is.
pub struct CameraReport {
    /// One or two sentences, to be read beside the camera's name.
    pub state: Message,
    /// Whether its pictures arrive and are kept.
    pub recording: bool,
    /// Whether sound arrives with them, and is kept.
    pub sound: bool,
    /// What is being missed now, oldest first.
    pub missing: Vec<Missing>,
}

/// A stretch that is not written down yet.
pub struct Missing {
    /// From when.
    pub from: Timestamp,
    /// None while it goes on.
    pub to: Option<Timestamp>,
    /// Why.
    pub why: Message,
}

/// The household's clock: its zone, and what it shows now.
pub(crate) struct HouseholdTime<'a> {
    pub zone: &'a TimeZone,
    pub now: Timestamp,
}

impl CameraReport {
    /// Of a camera that nobody watches.
    pub(super) fn unwatched() -> CameraReport {
        let text =
            "Not being recorded: its address is missing or cannot be read. Change its address and password.";
        CameraReport {
            state: Message::new("camera-no-address", text),
            recording: false,
            sound: false,
            missing: Vec::new(),
        }
    }

    /// Of a camera whose pictures nobody agrees to have kept: that is the household's choice, whatever the camera does, and nothing is
    /// missed by it.
    pub(super) fn not_agreed() -> CameraReport {
        CameraReport {
            state: Message::new(NOT_AGREED, "Not being recorded: no adult agrees to this camera's pictures."),
            recording: false,
            sound: false,
            missing: Vec::new(),
        }
    }

    /// Of a camera that has privacy.
    pub(super) fn private(privacy: &PrivacyView, time: &HouseholdTime<'_>) -> CameraReport {
        let since = time.clock(privacy.since);
        let by = privacy.by.as_deref().map(|by| format!(", by {by}")).unwrap_or_default();
        let text = format!("Privacy since {since}{by}. Porchlight sees, hears and records nothing of it.");
        let said = Message::new(PRIVACY, text).with("since", privacy.since);
        let MissedStretch { from, why, .. } = MissedStretch::of_privacy(privacy.since, time.now);
        CameraReport {
            state: privacy.by.iter().fold(said, |said, by| said.with("by", by)),
            recording: false,
            sound: false,
            missing: vec![Missing { from, to: None, why }],
        }
    }

    /// Whether something is to be mended: neither where it is as the household wants it, recorded or not, nor while its film begins.
    pub fn is_at_fault(&self) -> bool {
        !self.recording && !self.is_chosen() && !self.is_beginning()
    }

    /// Whether the household wants nothing of it recorded.
    fn is_chosen(&self) -> bool {
        [NOT_AGREED, PRIVACY].contains(&self.state.code.as_str())
    }

    fn is_beginning(&self) -> bool {
        BEGINNING.contains(&self.state.code.as_str())
    }

    pub(super) fn of(
        state: &State,
        storage: &Storage,
        agreed: Agreed,
        time: &HouseholdTime<'_>,
    ) -> CameraReport {
        if !agreed.pictures {
            return CameraReport::not_agreed();
        }
        let mut missing = Vec::new();
        if let Some(MissedStretch { from, why, .. }) = &storage.failing {
            missing.push(Missing { from: *from, to: None, why: why.clone() });
        }
        let (mut recording, mut heard) = (false, false);
        let state = match (state, &storage.failing) {
            (State::Recording { .. }, Some(MissedStretch { from, why, .. })) => {
                let text = format!("Not being kept since {}: {}", time.clock(*from), why.text);
                Message::new("camera-not-kept", text).with("since", from).because(why.clone())
            }
            (State::Recording { since, width, height, sound, no_sound, .. }, None)
                if storage.kept_of == Some(*since) =>
            {
                // A stream that was begun with its sound is begun anew without it, and until then its pieces are not kept.
                (recording, heard) = (true, *sound && agreed.sound);
                let since = storage.again.map_or(*since, |again| again.max(*since));
                let with = if heard { "with" } else { "without" };
                let clock = time.clock(since);
                let why =
                    no_sound.as_ref().filter(|why| agreed.sound && !heard && **why != NoSound::NotAsked);
                let mut text = format!("Recording since {clock}, {width} by {height}, {with} sound.");
                if let Some(why) = why {
                    text = format!("{text} {why}");
                }
                let said = Message::new("camera-recording", text).with("since", since).with("sound", heard);
                let said = said.with("width", width).with("height", height);
                why.into_iter().fold(said, |said, why| said.because(why.message()))
            }
            // Film of an earlier connection is kept: as after its sound was switched on or off.
            (State::Recording { .. }, None) if storage.kept_of.is_some() => Message::new(
                "camera-begins-anew",
                "Its pictures arrive in a new stream, and the first of them are not kept yet.",
            ),
            (State::Recording { .. }, None) => {
                Message::new("camera-beginning", "Its pictures arrive, and none of them is kept yet.")
            }
            (State::Unreachable { since, trouble, .. }, failing) => {
                // Of film that came and was not kept, the disk is to blame; of what never came, the camera.
                if let Some(unkept) = missing.last_mut() {
                    unkept.to = Some(*since);
                }
                missing.push(Missing { from: *since, to: None, why: trouble.message() });
                let from = failing.as_ref().map_or(*since, |unkept| unkept.from.min(*since));
                // Since when it does not record has nothing to do with when the hub was started.
                let from = match (storage.kept_of, storage.before) {
                    (Some(_), _) => Some(from),
                    (None, Before::Until(last)) => Some(from.min(last)),
                    (None, Before::Nothing | Before::Ended) => None,
                };
                let said = match (from, storage.before) {
                    (Some(from), _) => {
                        let text = format!("Not recording since {}. {trouble}", time.clock(from));
                        Message::new("camera-away", text).with("since", from)
                    }
                    (None, Before::Nothing) => {
                        Message::new("camera-never", format!("It has not recorded yet. {trouble}"))
                    }
                    (None, _) => {
                        let text = format!("Not recording, and no film of it is left. {trouble}");
                        Message::new("camera-away-long", text)
                    }
                };
                said.because(trouble.message())
            }
            (State::Connecting, _) => Message::new("camera-connecting", "Connecting to the camera."),
            (State::Stopped, _) => {
                Message::new("camera-stopped", "Not recording: the camera is no longer watched.")
            }
        };
        CameraReport { state, recording, sound: heard, missing }
    }

    /// In a sentence to be spoken, with the camera's name in it.
    pub fn spoken(&self, name: &str) -> String {
        match self.missing.last() {
            _ if self.recording => format!("{name} is being recorded."),
            _ if self.state.code == "camera-not-kept" => {
                let text = &self.state.text;
                format!("What {name} sees is n{}", text.strip_prefix('N').unwrap_or(text))
            }
            _ if self.state.code == PRIVACY => format!("{name} sees nothing. {}", self.state.text),
            _ if self.state.code == NOT_AGREED => {
                format!("{name} is not being recorded: no adult agrees to its pictures.")
            }
            Some(Missing { why, .. }) => format!("{name} is not being recorded. {}", why.text),
            None => format!("{name} is not being recorded yet."),
        }
    }

    /// What changes when the household is to be told: not every try, nor every piece of film that is lost.
    pub(super) fn kind(&self) -> Option<(String, String)> {
        if self.is_beginning() || self.state.code == "camera-stopped" {
            return None;
        }
        let why = self.state.because.as_deref();
        let why = why.map(|why| if why.code.is_empty() { &why.text } else { &why.code });
        Some((self.state.code.clone(), why.cloned().unwrap_or_default()))
    }
}

impl HouseholdTime<'_> {
    /// `18:04`, with the day where that is not today.
    fn clock(&self, at: Timestamp) -> String {
        let (at, now) =
            (at.to_zoned_datetime(self.zone.clone()), self.now.to_zoned_datetime(self.zone.clone()));
        at.strftime(if at.date() == now.date() { "%H:%M" } else { "%H:%M on %-d %B" }).to_string()
    }
}

#[cfg(test)]
mod tests {
    use porchlight_camera::Error as CameraError;

    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + 60 * minute).unwrap()
    }

    fn of(state: &State, storage: &Storage) -> CameraReport {
        of_agreed(state, storage, Agreed { pictures: true, sound: true })
    }

    fn of_agreed(state: &State, storage: &Storage, agreed: Agreed) -> CameraReport {
        CameraReport::of(state, storage, agreed, &HouseholdTime { zone: &TimeZone::UTC, now: at(30) })
    }

    fn streaming() -> State {
        State::Recording { since: at(0), width: 640, height: 360, fps: 15.0, sound: false, no_sound: None }
    }

    fn kept(of: i64) -> Storage {
        Storage { kept_of: Some(at(of)), ..Storage::default() }
    }

    fn failing(from: i64) -> Storage {
        let why = Message::new("disk-full", "the disk is full.");
        Storage { failing: Some(MissedStretch { from: at(from), to: at(25), why }), ..kept(0) }
    }

    #[test]
    fn only_what_is_kept_is_called_recorded() {
        let of_this_connection = kept(0);
        let of_an_earlier_connection = kept(-5);
        let away = State::Unreachable { since: at(26), trouble: CameraError::NoAnswer, next_try: at(31) };
        for (state, storage, code, spoken) in [
            (streaming(), of_this_connection.clone(), "camera-recording", "Porch is being recorded."),
            (streaming(), Storage::default(), "camera-beginning", "Porch is not being recorded yet."),
            (streaming(), of_an_earlier_connection, "camera-begins-anew", "Porch is not being recorded yet."),
            (
                streaming(),
                failing(20),
                "camera-not-kept",
                "What Porch sees is not being kept since 08:20: the disk is full.",
            ),
            (
                away.clone(),
                Storage::default(),
                "camera-never",
                "Porch is not being recorded. The camera does not answer; check its power, its network and its address.",
            ),
            (
                away.clone(),
                of_this_connection.clone(),
                "camera-away",
                "Porch is not being recorded. The camera does not answer; check its power, its network and its address.",
            ),
            (
                away,
                failing(20),
                "camera-away",
                "Porch is not being recorded. The camera does not answer; check its power, its network and its address.",
            ),
            (State::Connecting, Storage::default(), "camera-connecting", "Porch is not being recorded yet."),
        ] {
            let report = of(&state, &storage);
            assert_eq!(report.state.code, code, "{state:?}, {storage:?}");
            assert_eq!(report.recording, code == "camera-recording", "{code}");
            assert!(!report.sound, "{code}: none comes");
            let at_fault = matches!(code, "camera-not-kept" | "camera-away" | "camera-never");
            assert_eq!(report.is_at_fault(), at_fault, "{code}: what only begins is no fault");
            assert_eq!(report.spoken("Porch"), spoken, "{code}");
            assert_eq!(
                report.missing.is_empty(),
                !matches!(code, "camera-not-kept" | "camera-away" | "camera-never"),
                "{code}"
            );
        }
    }

    #[test]
    fn what_nobody_agrees_to_any_more_is_not_called_recorded_while_its_last_piece_is_still_open() {
        let with_sound = State::Recording {
            since: at(0),
            width: 640,
            height: 360,
            fps: 15.0,
            sound: true,
            no_sound: None,
        };
        let nothing = Agreed { pictures: false, sound: false };
        // Whatever the camera does, of which nothing is wanted: not even a fault of it is one of the household's.
        let away = State::Unreachable { since: at(26), trouble: CameraError::NoAnswer, next_try: at(31) };
        for state in [with_sound.clone(), away, State::Connecting, State::Stopped] {
            for storage in [kept(0), Storage::default(), failing(20)] {
                let report = of_agreed(&state, &storage, nothing);
                assert_eq!((report.recording, report.sound), (false, false), "{state:?}, {storage:?}");
                assert_eq!(report.state.code, NOT_AGREED, "{state:?}, {storage:?}");
                assert!(report.missing.is_empty() && !report.is_at_fault(), "{state:?}, {storage:?}");
                let spoken = "Porch is not being recorded: no adult agrees to its pictures.";
                assert_eq!(report.spoken("Porch"), spoken);
            }
        }
        assert!(of(&State::Stopped, &kept(0)).is_at_fault());
        // The sound alone: the pictures go on.
        let report = of_agreed(&with_sound, &kept(0), Agreed { pictures: true, sound: false });
        assert_eq!((report.recording, report.sound), (true, false));
        assert!(report.state.text.ends_with("without sound."), "{}", report.state.text);
        assert_eq!(report.state.values["sound"], "false");
    }

    #[test]
    fn why_there_is_no_sound_is_said_where_it_was_agreed_to() {
        let refused = NoSound::Refused("AAC".into());
        let State::Recording { since, width, height, fps, .. } = streaming() else { panic!("it streams") };
        let state = |no_sound| State::Recording { since, width, height, fps, sound: false, no_sound };
        let said = of(&state(Some(refused.clone())), &kept(0)).state;
        assert!(said.text.contains("without sound. The camera offers AAC sound"), "{}", said.text);
        let because = said.because.unwrap();
        assert_eq!(
            (because.code.as_str(), because.values["format"].as_str()),
            ("camera-sound-refused", "AAC")
        );
        let none = Agreed { pictures: true, sound: false };
        for said in [of(&state(None), &kept(0)), of_agreed(&state(Some(refused)), &kept(0), none)] {
            assert!(said.recording && said.state.text.ends_with("without sound."), "{}", said.state.text);
            assert!(said.state.because.is_none());
        }
    }

    #[test]
    fn since_when_a_camera_is_away_is_not_when_the_hub_was_started() {
        let away = State::Unreachable { since: at(26), trouble: CameraError::NoAnswer, next_try: at(31) };
        let said = |before, kept_of| of(&away, &Storage { before, kept_of, ..Storage::default() }).state.text;
        assert!(said(Before::Nothing, None).starts_with("It has not recorded yet. The camera"));
        assert!(said(Before::Ended, None).starts_with("Not recording, and no film of it is left. "));
        assert!(said(Before::Until(at(3)), None).starts_with("Not recording since 08:03. "));
        for before in [Before::Nothing, Before::Until(at(3))] {
            assert!(said(before, Some(at(20))).starts_with("Not recording since 08:26. "));
        }
    }

    #[test]
    fn what_is_missed_has_the_reason_of_its_own_time() {
        let report = of(&streaming(), &failing(20));
        let [Missing { from, to: None, why }] = &report.missing[..] else { panic!("one that goes on") };
        assert_eq!((*from, why.code.as_str()), (at(20), "disk-full"));

        // The camera went away while the disk was full.
        let away = State::Unreachable { since: at(26), trouble: CameraError::Refused, next_try: at(31) };
        let report = of(&away, &failing(20));
        let told: Vec<_> =
            report.missing.iter().map(|gap| (gap.from, gap.to, gap.why.code.as_str())).collect();
        assert_eq!(told, [(at(20), Some(at(26)), "disk-full"), (at(26), None, "camera-refused")]);
        assert!(report.state.text.starts_with("Not recording since 08:20. "), "{}", report.state.text);
    }

    #[test]
    fn after_film_that_was_not_kept_it_is_recorded_since_it_is_kept_again() {
        let again = Storage { again: Some(at(25)), ..kept(0) };
        assert!(of(&streaming(), &again).state.text.starts_with("Recording since 08:25, "));
        let of_before = Storage { again: Some(at(-5)), ..kept(0) };
        assert!(of(&streaming(), &of_before).state.text.starts_with("Recording since 08:00, "));
    }

    #[test]
    fn the_day_is_said_where_it_is_not_today() {
        let storage = failing(-24 * 60);
        let text = of(&streaming(), &storage).state.text;
        assert_eq!(text, "Not being kept since 08:00 on 14 January: the disk is full.");
    }

    #[test]
    fn the_household_is_told_once_for_each_change() {
        let kind = |storage: &Storage| of(&streaming(), storage).kind();
        assert_eq!(kind(&failing(20)), kind(&failing(21)), "of the same trouble, once");
        assert_ne!(kind(&failing(20)), kind(&kept(0)));
        assert_eq!((kind(&Storage::default()), kind(&kept(-5))), (None, None));
    }
}
