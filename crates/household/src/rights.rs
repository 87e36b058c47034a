//! Who may do what, as types.
//!
//! A handler asks for the narrowest type that may do its work, and can only call what that type offers; one that was
//! handed a [`Viewer`] cannot change the household, because it does not compile. The types have no public constructor:
//! they come from [`Household::viewer`], so from somebody who is really there, with the age they really have.

pub mod proof;
pub mod unproven;

use jiff::Timestamp;

use crate::{Age, Error, Household, Kind, PersonId, Whose};

/// Anybody of the household who is signed in: a child or teen too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    person: PersonId,
    age: Age,
    owner: bool,
    guards: Vec<(PersonId, Age)>,
}

/// An adult of the household.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member(Viewer);

/// An adult who decides for one child or teen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guardian {
    member: Member,
    of: PersonId,
}

/// An adult who may change everything in the household document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner(Member);

impl Household {
    /// The person as somebody who is signed in, with what they may do at `now`.
    ///
    /// # Errors
    /// [`Error::NoSuchPerson`].
    pub fn viewer(&self, person: &PersonId, now: Timestamp) -> Result<Viewer, Error> {
        let age = self.age(person, now)?;
        let day = self.day(now);
        let guarded = self.people.iter().filter(|p| self.is_guardian(person, &p.id, now));
        Ok(Viewer {
            person: person.clone(),
            age,
            owner: self.person(person)?.owner,
            guards: guarded.map(|p| (p.id.clone(), p.born.age_on(day))).collect(),
        })
    }
}

impl Viewer {
    /// Who it is.
    pub fn person(&self) -> &PersonId {
        &self.person
    }

    /// How old they are.
    pub fn age(&self) -> Age {
        self.age
    }

    /// As an adult, if they are one.
    pub fn member(&self) -> Option<Member> {
        (self.age == Age::Adult).then(|| Member(self.clone()))
    }

    /// As the guardian of `child`, if they are one.
    pub fn guardian_of(&self, child: &PersonId) -> Option<Guardian> {
        let of = self.guards.iter().find(|(id, _)| id == child)?.0.clone();
        Some(Guardian { member: self.member()?, of })
    }

    /// As an owner, if they are one.
    pub fn owner(&self) -> Option<Owner> {
        self.member().filter(|_| self.owner).map(Owner)
    }

    /// Whether they may be given a recording of this kind to open. Another adult's own never; a teen's own not even to
    /// the guardians. The keys say the same: it is sealed to nobody else.
    pub fn may_look(&self, whose: &Whose, kind: Kind) -> bool {
        match whose {
            Whose::Person(person) if *person == self.person => self.age != Age::Child,
            Whose::Person(person) => self.guards.contains(&(person.clone(), Age::Child)),
            Whose::Household => kind.is_effect() || self.age == Age::Adult,
        }
    }

    /// Whether lists, previews and events may say that a recording of this kind is there: when it was made, where and of whom. That
    /// is so of whatever they may open or have forgotten, and of nothing else: of others' own not even how much there is.
    pub fn may_know(&self, whose: &Whose, kind: Kind) -> bool {
        self.may_look(whose, kind) || self.may_forget(whose, kind)
    }

    /// Whether what was answered and not kept may be told to have been said: at a device that is shared (`None`) to everybody who lives
    /// there, and else to whose session or device it was, and to who guards them.
    pub fn may_know_said_by(&self, person: Option<&PersonId>) -> bool {
        person.is_none_or(|person| *person == self.person || self.guards.iter().any(|(id, _)| id == person))
    }

    /// Everybody whose own recordings they may know of, themself first. Whose the household's are, is a matter of their kind.
    pub fn may_know_of(&self) -> impl Iterator<Item = &PersonId> {
        std::iter::once(&self.person)
            .chain(self.guards.iter().map(|(id, _)| id))
            .filter(|person| self.may_know(&Whose::Person((*person).clone()), Kind::Voice))
    }

    /// Whether they may have a recording of this kind forgotten: their own; a child's or teen's as a guardian; shared
    /// video and effects as any adult. Another adult's own never, and nobody the detail of a look: it ends by its own date.
    pub fn may_forget(&self, whose: &Whose, kind: Kind) -> bool {
        match whose {
            _ if kind == Kind::Look => false,
            Whose::Person(person) if *person == self.person => self.age != Age::Child,
            Whose::Person(person) => self.guards.iter().any(|(id, _)| id == person),
            Whose::Household => self.age == Age::Adult,
        }
    }
}

impl Member {
    /// As anybody who is signed in.
    pub fn viewer(&self) -> &Viewer {
        &self.0
    }

    /// Who it is.
    pub fn person(&self) -> &PersonId {
        &self.0.person
    }
}

impl Guardian {
    /// As an adult.
    pub fn member(&self) -> &Member {
        &self.member
    }

    /// The guardian.
    pub fn person(&self) -> &PersonId {
        self.member.person()
    }

    /// For whom they decide.
    pub fn of(&self) -> &PersonId {
        &self.of
    }
}

impl Owner {
    /// As an adult.
    pub fn member(&self) -> &Member {
        &self.0
    }

    /// Who it is.
    pub fn person(&self) -> &PersonId {
        self.0.person()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::{Example, NOW};

    #[test]
    fn roles_are_what_the_household_says() {
        let e = Example::new();
        let viewer = |id| e.home.viewer(id, NOW).unwrap();
        assert!(viewer(&e.anna).owner().is_some() && viewer(&e.tom).owner().is_none());
        assert!(viewer(&e.tom).member().is_some() && viewer(&e.leo).member().is_none());
        assert_eq!(viewer(&e.anna).guardian_of(&e.mia).unwrap().of(), &e.mia);
        assert!(viewer(&e.tom).guardian_of(&e.mia).is_none());
        assert!(viewer(&e.anna).guardian_of(&e.tom).is_none());
        assert!(e.home.viewer(&"stranger".parse().unwrap(), NOW).is_err());
    }

    #[test]
    fn who_may_look_and_forget() {
        let e = Example::new();
        // Anna owns the house and guards Mia (8) and Leo (15); Tom is another adult.
        let whose = [&e.anna, &e.tom, &e.mia, &e.leo].map(|p| Whose::Person(p.clone()));
        let table: [(&PersonId, [bool; 4], [bool; 4]); 4] = [
            (&e.anna, [true, false, true, false], [true, false, true, true]),
            (&e.tom, [false, true, false, false], [false, true, false, false]),
            (&e.mia, [false; 4], [false; 4]),
            (&e.leo, [false, false, false, true], [false, false, false, true]),
        ];
        for (person, look, forget) in table {
            let viewer = e.home.viewer(person, NOW).unwrap();
            for (i, whose) in whose.iter().enumerate() {
                for kind in [Kind::Voice, Kind::Transcript, Kind::Reply] {
                    assert_eq!(viewer.may_look(whose, kind), look[i], "{person} looks {whose:?}");
                    assert_eq!(viewer.may_forget(whose, kind), forget[i], "{person} forgets {whose:?}");
                }
            }
        }
    }

    #[test]
    fn lists_say_what_may_be_opened_or_forgotten_and_of_others_nothing() {
        let e = Example::new();
        let everybody = [&e.anna, &e.tom, &e.mia, &e.leo];
        // Anna guards Mia, whom she hears, and Leo, whom she does not.
        let table: [(&PersonId, [bool; 4]); 4] = [
            (&e.anna, [true, false, true, true]),
            (&e.tom, [false, true, false, false]),
            (&e.mia, [false; 4]),
            (&e.leo, [false, false, false, true]),
        ];
        for (person, knows) in table {
            let viewer = e.home.viewer(person, NOW).unwrap();
            for (of, knows) in everybody.into_iter().zip(knows) {
                assert_eq!(
                    viewer.may_know(&Whose::Person(of.clone()), Kind::Voice),
                    knows,
                    "{person} of {of}"
                );
                assert_eq!(viewer.may_know_of().any(|known| known == of), knows, "{person} of {of}");
            }
            let adult = viewer.member().is_some();
            assert_eq!(viewer.may_know(&Whose::Household, Kind::Video), adult);
            assert!(viewer.may_know(&Whose::Household, Kind::Reminder), "what is asked for is everybody's");
            assert!(viewer.may_know_said_by(None) && viewer.may_know_said_by(Some(person)));
        }
        assert!(e.home.viewer(&e.anna, NOW).unwrap().may_know_said_by(Some(&e.leo)));
        assert!(!e.home.viewer(&e.leo, NOW).unwrap().may_know_said_by(Some(&e.anna)));
    }

    #[test]
    fn what_is_shared_is_the_adults_and_a_look_is_nobodys_to_forget() {
        let e = Example::new();
        for (person, adult) in [(&e.anna, true), (&e.tom, true), (&e.mia, false), (&e.leo, false)] {
            let viewer = e.home.viewer(person, NOW).unwrap();
            assert_eq!(viewer.may_look(&Whose::Household, Kind::Video), adult);
            assert_eq!(viewer.may_forget(&Whose::Household, Kind::Video), adult);
            assert!(viewer.may_look(&Whose::Household, Kind::Timer));
            assert_eq!(viewer.may_forget(&Whose::Household, Kind::Timer), adult);
            assert!(!viewer.may_forget(&Whose::Household, Kind::Look));
            assert!(!viewer.may_forget(&Whose::Person(person.clone()), Kind::Look));
        }
    }
}
