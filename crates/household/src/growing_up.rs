//! What changes by the calendar and not by a document: people grow up.
//!
//! A child becomes a teen, a teen an adult, and on that day it is somebody else who decides, and other keys that open. Whoever it
//! concerns is told a good while before.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use crate::{Age, Agreement, Household, PersonId, Purpose};

/// For so many days before it, it is said that somebody grows up.
pub const NOTICE_DAYS: i32 = 60;

/// Somebody is about to be a teen or an adult.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrowingUp {
    /// Who.
    pub person: PersonId,
    /// What they are from then on.
    pub into: Age,
    /// From which day of the household.
    pub on: Date,
    /// Whether what a guardian agreed to for them ends with it, and what was kept for it is forgotten.
    pub consent_ends: bool,
    /// Whether nothing of what was agreed to can be kept from then on, because they have no keys to seal it to.
    pub unkept: bool,
}

impl Household {
    /// Who grows up within the next [`NOTICE_DAYS`] days.
    pub fn growing_up(&self, now: Timestamp) -> Vec<GrowingUp> {
        let today = self.day(now);
        let last = today.saturating_add(NOTICE_DAYS.days());
        let turns = |person: &crate::Person| {
            let into = match person.born.age_on(today) {
                Age::Child => Age::Teen,
                Age::Teen => Age::Adult,
                Age::Adult => return None,
            };
            let on = person.born.turns(into)?;
            let agreed = self.consents.iter().any(|c| c.stands() && c.person == person.id);
            (on > today && on <= last).then(|| GrowingUp {
                person: person.id.clone(),
                into,
                on,
                consent_ends: into == Age::Adult && agreed,
                unkept: into == Age::Teen && agreed && person.keys.is_none(),
            })
        };
        self.people.iter().filter_map(turns).collect()
    }

    /// Whether something was agreed to for a teen that cannot be kept, because they have no keys to seal it to.
    pub fn is_unkept(&self, person: &PersonId, now: Timestamp) -> bool {
        let agreed = [Purpose::History, Purpose::Recognition].map(Agreement::from);
        self.age(person, now) == Ok(Age::Teen)
            && self.person(person).is_ok_and(|person| person.keys.is_none())
            && agreed.iter().any(|to| self.agrees(person, to, now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemberKeys;
    use crate::example::{Example, NOW, at};

    #[test]
    fn who_grows_up_is_told_of_for_sixty_days() {
        let mut e = Example::new(); // Leo, of February 2011, is an adult from March 2029; Mia, of May 2018, a teen from June 2031.
        e.home.grant(&e.anna, &e.leo, &Purpose::History.into(), NOW).unwrap();
        let told = |home: &Household, now: &str| home.growing_up(at(now));
        assert!(told(&e.home, "2028-12-30T12:00:00Z").is_empty());
        let leo = GrowingUp {
            person: e.leo.clone(),
            into: Age::Adult,
            on: "2029-03-01".parse().unwrap(),
            consent_ends: true,
            unkept: false,
        };
        for day in ["2028-12-31T12:00:00Z", "2029-03-01T04:59:00Z"] {
            assert_eq!(told(&e.home, day), std::slice::from_ref(&leo), "{day}");
        }
        assert!(told(&e.home, "2029-03-01T05:00:00Z").is_empty(), "it has come");

        let mia = told(&e.home, "2031-05-01T12:00:00Z").pop().unwrap();
        assert_eq!((&mia.person, mia.into, mia.consent_ends, mia.unkept), (&e.mia, Age::Teen, false, false));
        e.home.grant(&e.anna, &e.mia, &Purpose::History.into(), NOW).unwrap();
        assert!(told(&e.home, "2031-05-01T12:00:00Z")[0].unkept);
    }

    #[test]
    fn of_a_teen_without_keys_nothing_can_be_kept() {
        let mut e = Example::new();
        assert!(!e.home.is_unkept(&e.leo, NOW), "nobody agreed to anything");
        e.home.grant(&e.anna, &e.leo, &Purpose::History.into(), NOW).unwrap();
        assert!(e.home.is_unkept(&e.leo, NOW));
        assert!(!e.home.is_unkept(&e.leo, at("2029-03-01T12:00:00Z")), "an adult's is another matter");
        e.home.set_keys(&e.leo, MemberKeys::generate().unwrap().public(), NOW).unwrap();
        assert!(!e.home.is_unkept(&e.leo, NOW));
        assert!(!e.home.is_unkept(&e.mia, NOW), "a child's is sealed to its guardians");
    }
}
