//! For whose eyes a recording is sealed.

use jiff::Timestamp;

use crate::{Age, CircleName, Error, Household, Kind, Person, PersonId, Whose};

/// The keys a recording is sealed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audience {
    /// These age recipients (`age1…`), each once, never none: the circle's key first when there is one,
    /// then every present member's own.
    People(Vec<String>),
    /// The hub's own key: it must use this itself.
    Hub,
}

impl Household {
    /// For whose eyes something of this kind, kept for `whose`, is sealed at `now`.
    ///
    /// An adult's own: that adult alone. A teen's own: the teen alone. A child's: the guardians. What is the household's:
    /// the adults. What the hub must use itself (effects, and voiceprints in use) is sealed to the hub, whoever it is about.
    ///
    /// # Errors
    /// [`Error::NobodyToSealTo`] when none of them has keys: then it cannot be kept.
    pub fn audience_for(&self, kind: Kind, whose: &Whose, now: Timestamp) -> Result<Audience, Error> {
        if kind.is_effect() || kind == Kind::Voiceprint {
            return Ok(Audience::Hub);
        }
        match whose {
            Whose::Household => self.circle_audience(&CircleName::Adults, now),
            Whose::Person(id) if self.age(id, now)? == Age::Child => {
                self.circle_audience(&CircleName::GuardiansOf(id.clone()), now)
            }
            Whose::Person(id) => sealed_to([self.person(id)?], None, &self.person(id)?.name),
        }
    }

    /// Who belongs into a circle at `now`, whether or not they have keys yet.
    pub fn circle_members(&self, name: &CircleName, now: Timestamp) -> Vec<PersonId> {
        let belongs = |person: &&Person| match name {
            CircleName::Adults => self.is_adult(&person.id, now),
            CircleName::GuardiansOf(child) => self.is_guardian(&person.id, child, now),
        };
        self.people.iter().filter(belongs).map(|p| p.id.clone()).collect()
    }

    /// A circle's key, unless it is retired, and each present member's own.
    ///
    /// # Errors
    /// [`Error::NobodyToSealTo`] when no member has keys.
    pub fn circle_audience(&self, name: &CircleName, now: Timestamp) -> Result<Audience, Error> {
        let ids = self.circle_members(name, now);
        let members = self.people.iter().filter(|p| ids.contains(&p.id));
        let circle = self.circles.iter().find(|c| c.name == *name).filter(|c| c.is_within(&ids));
        let who = match name {
            CircleName::Adults => "an adult".to_owned(),
            CircleName::GuardiansOf(child) => format!("a guardian of {}", self.person(child)?.name),
        };
        sealed_to(members, circle.and_then(|c| c.recipient.clone()), &who)
    }
}

fn sealed_to<'p>(
    people: impl IntoIterator<Item = &'p Person>,
    circle: Option<String>,
    who: &str,
) -> Result<Audience, Error> {
    let own: Vec<_> =
        people.into_iter().filter_map(|p| p.keys.as_ref()).map(|k| k.recipient.clone()).collect();
    // A circle's key alone is nobody: without a present member it would seal to those who left.
    if own.is_empty() {
        return Err(Error::NobodyToSealTo(who.to_owned()));
    }
    let mut recipients: Vec<String> = Vec::new();
    for recipient in circle.into_iter().chain(own) {
        if !recipients.contains(&recipient) {
            recipients.push(recipient);
        }
    }
    Ok(Audience::People(recipients))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::{Example, NOW};

    fn own(e: &Example, id: &PersonId) -> String {
        e.home.person(id).unwrap().keys.as_ref().unwrap().recipient.clone()
    }

    #[test]
    fn an_adults_voice_is_for_that_adult_alone() {
        let e = Example::new();
        let audience = e.home.audience_for(Kind::Voice, &Whose::Person(e.tom.clone()), NOW).unwrap();
        assert_eq!(audience, Audience::People(vec![own(&e, &e.tom)]));
    }

    #[test]
    fn a_childs_is_for_the_guardians_and_a_teens_for_the_teen() {
        let e = Example::new();
        let Audience::People(keys) =
            e.home.audience_for(Kind::Voice, &Whose::Person(e.mia.clone()), NOW).unwrap()
        else {
            panic!("sealed to the hub")
        };
        assert!(keys.contains(&own(&e, &e.anna)) && !keys.contains(&own(&e, &e.tom)));
        // Leo has no keys yet, and his guardian's are not put in their place.
        let leo = e.home.audience_for(Kind::Voice, &Whose::Person(e.leo.clone()), NOW);
        assert_eq!(leo, Err(Error::NobodyToSealTo("Leo".into())));
    }

    #[test]
    fn a_camera_is_for_the_circle_of_adults_and_each_of_them() {
        let e = Example::new();
        let circle = e.home.circles.iter().find(|c| c.name == CircleName::Adults).unwrap();
        let expected = vec![circle.recipient.clone().unwrap(), own(&e, &e.anna), own(&e, &e.tom)];
        let audience = e.home.audience_for(Kind::Video, &Whose::Household, NOW).unwrap();
        assert_eq!(audience, Audience::People(expected));
    }

    #[test]
    fn a_retired_circle_is_left_out_at_once() {
        let mut e = Example::new();
        e.home.remove_person(&e.tom, NOW).unwrap();
        let audience = e.home.audience_for(Kind::Video, &Whose::Household, NOW).unwrap();
        assert_eq!(audience, Audience::People(vec![own(&e, &e.anna)]));
    }

    #[test]
    fn what_the_hub_must_use_is_for_the_hub() {
        let e = Example::new();
        for kind in [Kind::Timer, Kind::Note, Kind::Reminder] {
            assert_eq!(e.home.audience_for(kind, &Whose::Household, NOW).unwrap(), Audience::Hub);
        }
    }
}
