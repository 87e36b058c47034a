//! Whether what is kept still may be.
//!
//! [`Household::permit`] says what may be kept when it is captured. This says of what was kept whether that is still so: people and
//! devices go, consents are taken back, and a guardian's ends when the child has grown up. It looks at the household as it stands and
//! never at how it came to that, so that it can be asked again at any time, and nothing that was missed once stays missed.

use jiff::Timestamp;

use crate::{Consent, Household, Purpose};

/// What a recording rests on: all of it that decides whether it may still be kept. Ids and words are as the catalog has them.
#[derive(Debug, Clone, Copy)]
pub struct Basis<'a> {
    /// The id of the person whose own it is; `None` for the household's.
    pub owner: Option<&'a str>,
    /// The word of the purpose it is kept for.
    pub purpose: &'a str,
    /// The id of the device that captured it.
    pub device: Option<&'a str>,
    /// Whether a camera's sound is in it.
    pub sound: bool,
}

/// Why something may not be kept any longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lost {
    /// The device that captured it is gone.
    Device,
    /// The person whose own it is is gone.
    Person,
    /// The consent it is kept by was taken back, or there is none.
    Consent,
    /// The consent it is kept by was given by somebody who may not give it any more: a guardian, for somebody who has grown up.
    Age,
}

impl Household {
    /// Why something that rests on this may not be kept any longer; `None` while it may.
    ///
    /// Without `now`, where the time of day cannot be trusted, it says what the document says on any day: nobody has grown up then.
    pub fn lost(&self, basis: &Basis<'_>, now: Option<Timestamp>) -> Option<Lost> {
        if basis.device.is_some_and(|id| !self.devices.iter().any(|device| device.id.as_str() == id)) {
            return Some(Lost::Device);
        }
        if basis.owner.is_some_and(|id| !self.people.iter().any(|person| person.id.as_str() == id)) {
            return Some(Lost::Person);
        }
        // A word that is not known here is one of a newer release, which may have come back to an older one.
        let purpose: Purpose = basis.purpose.parse().ok()?;
        let of_the_camera = |purpose| {
            let about =
                |c: &Consent| c.purpose == purpose && c.device.as_ref().map(|id| id.as_str()) == basis.device;
            self.consent_lost(about, now)
        };
        match (purpose, basis.owner) {
            (Purpose::Answer, _) | (Purpose::Reminder, None) => None,
            (Purpose::Security | Purpose::Sound, _) if basis.device.is_none() => None,
            (Purpose::Security | Purpose::Sound, _) => {
                of_the_camera(purpose).or_else(|| basis.sound.then(|| of_the_camera(Purpose::Sound))?)
            }
            (_, Some(owner)) => self.consent_lost(
                |c| c.purpose == purpose && c.person.as_str() == owner && c.device.is_none(),
                now,
            ),
            (_, None) => None,
        }
    }

    /// Why none of these consents carries anything any longer; `None` while one does.
    fn consent_lost(&self, about: impl Fn(&Consent) -> bool, now: Option<Timestamp>) -> Option<Lost> {
        let mut standing =
            self.consents.iter().filter(|consent| consent.stands() && about(consent)).peekable();
        if standing.peek().is_none() {
            return Some(Lost::Consent);
        }
        let now = now?;
        (!standing.any(|consent| self.decides(&consent.by, &consent.person, now))).then_some(Lost::Age)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::{Example, NOW, at};

    fn own<'a>(owner: &'a str, purpose: &'a str) -> Basis<'a> {
        Basis { owner: Some(owner), purpose, device: None, sound: false }
    }

    #[test]
    fn what_rests_on_something_that_is_gone_may_not_be_kept() {
        let mut e = Example::new();
        e.home.grant(&e.tom, &e.tom, &Purpose::History.into(), NOW).unwrap();
        let (tom, porch, kitchen) = (e.tom.to_string(), e.porch.to_string(), e.kitchen.to_string());
        let film = |sound| Basis { owner: None, purpose: "security", device: Some(&porch), sound };
        let timer = Basis { owner: None, purpose: "answer", device: Some(&kitchen), sound: false };
        let lost = |home: &Household, basis: &Basis<'_>| home.lost(basis, Some(NOW));

        // As it stands.
        assert_eq!(lost(&e.home, &own(&tom, "history")), None);
        assert_eq!(lost(&e.home, &own(&tom, "recognition")), Some(Lost::Consent), "never agreed to");
        assert_eq!(lost(&e.home, &film(false)), None);
        assert_eq!(lost(&e.home, &film(true)), Some(Lost::Consent), "nobody agreed to the sound");
        assert_eq!(lost(&e.home, &timer), None);
        assert_eq!(lost(&e.home, &own(&tom, "a-word-of-tomorrow")), None);

        // A second adult's consent carries what the first took back; the last one takes it along.
        e.home.grant(&e.tom, &e.tom, &e.porch_sound(), NOW).unwrap();
        assert_eq!(lost(&e.home, &film(true)), None);
        let pictures = e.home.agreement("security:Porch").unwrap();
        e.home.grant(&e.tom, &e.tom, &pictures, NOW).unwrap();
        e.home.withdraw(&e.anna, &e.anna, &pictures, NOW).unwrap();
        assert_eq!(lost(&e.home, &film(true)), None);
        e.home.withdraw(&e.tom, &e.tom, &pictures, NOW).unwrap();
        assert_eq!(lost(&e.home, &film(false)), Some(Lost::Consent));

        e.home.withdraw(&e.tom, &e.tom, &Purpose::History.into(), NOW).unwrap();
        assert_eq!(lost(&e.home, &own(&tom, "history")), Some(Lost::Consent));
        assert_eq!(e.home.lost(&own(&tom, "history"), None), Some(Lost::Consent), "that takes no clock");
        e.home.grant(&e.tom, &e.tom, &Purpose::History.into(), NOW).unwrap();
        assert_eq!(lost(&e.home, &own(&tom, "history")), None);

        e.home.remove_person(&e.tom, NOW).unwrap();
        assert_eq!(lost(&e.home, &own(&tom, "history")), Some(Lost::Person));
        e.home.remove_device(&e.kitchen).unwrap();
        assert_eq!(lost(&e.home, &timer), Some(Lost::Device));
        assert_eq!(lost(&e.home, &Basis { device: None, ..timer }), None);
    }

    #[test]
    fn what_ends_with_somebody_who_leaves_is_what_nobody_else_agrees_to() {
        let mut e = Example::new();
        let pictures = e.home.agreement("security:Porch").unwrap();
        e.home.grant(&e.tom, &e.tom, &e.porch_sound(), NOW).unwrap();
        let porch = e.porch.to_string();
        let film = |sound| Basis { owner: None, purpose: "security", device: Some(&porch), sound };
        let mut without = e.home.clone();
        without.remove_person(&e.tom, NOW).unwrap();
        assert_eq!(without.lost(&film(true), Some(NOW)), Some(Lost::Consent));
        assert_eq!(without.lost(&film(false), Some(NOW)), None, "Anna agrees to the pictures");
        let said = without.cameras_ended_since(&e.home, NOW);
        assert_eq!(said, ["Nobody else agrees to the sound of Porch: it is recorded without sound."]);

        e.home.grant(&e.tom, &e.tom, &pictures, NOW).unwrap();
        e.home.withdraw(&e.anna, &e.anna, &pictures, NOW).unwrap();
        let mut without = e.home.clone();
        without.remove_person(&e.tom, NOW).unwrap();
        assert_eq!(without.lost(&film(false), Some(NOW)), Some(Lost::Consent));
        let said = without.cameras_ended_since(&e.home, NOW);
        assert_eq!(said, ["Nobody else agrees to Porch: it is not recorded any more."]);
    }

    #[test]
    fn what_a_guardian_agreed_to_ends_when_the_child_has_grown_up() {
        let mut e = Example::new(); // Leo was born in February 2011.
        e.home.grant(&e.anna, &e.leo, &Purpose::History.into(), NOW).unwrap();
        let leo = e.leo.to_string();
        let lost = |home: &Household, now: &str| home.lost(&own(&leo, "history"), Some(at(now)));
        assert_eq!(lost(&e.home, "2029-02-28T12:00:00Z"), None);
        assert_eq!(lost(&e.home, "2029-03-01T12:00:00Z"), Some(Lost::Age));
        // By the household's own day, which is New York's.
        assert_eq!(lost(&e.home, "2029-03-01T04:59:00Z"), None);
        assert_eq!(lost(&e.home, "2029-03-01T05:00:00Z"), Some(Lost::Age));
        // A clock that shows 1970 makes nobody an adult, and must take nothing.
        assert_eq!(e.home.lost(&own(&leo, "history"), None), None);

        let grown = at("2029-03-01T12:00:00Z");
        e.home.grant(&e.leo, &e.leo, &Purpose::History.into(), grown).unwrap();
        assert_eq!(lost(&e.home, "2029-03-02T12:00:00Z"), None);
    }
}
