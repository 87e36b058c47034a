//! What people of the household are told some time before the calendar changes something for them.

use jiff::Timestamp;
use porchlight_household::{Age, GrowingUp, Household, Person, PersonId};

use crate::api::types::Sentence;

/// What somebody is told: of themself, of whom they guard and, as an owner, of everybody.
pub(crate) fn notices(household: &Household, reader: &PersonId, now: Timestamp) -> Vec<Sentence> {
    let is_owner = household.person(reader).is_ok_and(|person| person.owner);
    let concerned =
        |person: &Person| is_owner || person.id == *reader || household.is_guardian(reader, &person.id, now);
    let unkept = unkept(household, now).filter(|(person, _)| concerned(person));
    let mut told: Vec<Sentence> = unkept.map(|(_, said)| said).collect();
    for how in household.growing_up(now) {
        if let Ok(person) = household.person(&how.person)
            && concerned(person)
        {
            told.push(grows_up(person, &how));
        }
    }
    told
}

/// Of whom nothing that they say can be kept, though it was agreed to, and why.
pub(crate) fn unkept(household: &Household, now: Timestamp) -> impl Iterator<Item = (&Person, Sentence)> {
    let people = household.people.iter().filter(move |person| household.is_unkept(&person.id, now));
    people.map(|person| (person, cannot_be_kept(person)))
}

fn cannot_be_kept(person: &Person) -> Sentence {
    let name = &person.name;
    let text = format!(
        "Nothing of what {name} says is kept, though it was agreed to: it would be sealed to {name} alone, who cannot sign in yet."
    );
    Sentence::new("teen-without-keys", text).with("person", name)
}

fn grows_up(person: &Person, how: &GrowingUp) -> Sentence {
    let (name, on) = (&person.name, how.on);
    let said = match (how.into, how.consent_ends, how.unkept) {
        (Age::Adult, true, _) => Sentence::new(
            "turns-adult-consent-ends",
            format!(
                "From {on} on {name} counts as an adult. What a guardian agreed to for {name} ends then, and what was kept for it is forgotten."
            ),
        ),
        (Age::Adult, false, _) => Sentence::new(
            "turns-adult",
            format!("From {on} on {name} counts as an adult, and decides alone."),
        ),
        (_, _, true) => Sentence::new(
            "turns-teen-without-keys",
            format!(
                "From {on} on {name} counts as a teen, and what is kept of {name} is sealed to {name} alone. Let {name} sign in before: \
                 until then nothing would be kept."
            ),
        ),
        _ => Sentence::new(
            "turns-teen",
            format!(
                "From {on} on {name} counts as a teen, and what is kept of {name} is sealed to {name} alone."
            ),
        ),
    };
    said.with("person", name).with("on", on)
}

#[cfg(test)]
mod tests {
    use porchlight_household::{MemberKeys, Purpose};

    use super::*;

    #[test]
    fn guardian_and_teen_are_told_sixty_days_before_and_nobody_else_is() {
        let now: Timestamp = "2028-11-01T12:00:00Z".parse().unwrap();
        let keys = MemberKeys::generate().unwrap();
        let anna = Person::new("Anna", "1984-03".parse().unwrap()).unwrap();
        let anna_id = anna.id.clone();
        let (mut home, _) = Household::first(None, "Europe/Berlin", "en", anna, &keys, now).unwrap();
        let mut tom = Person::new("Tom", "1982-11".parse().unwrap()).unwrap();
        tom.keys = Some(MemberKeys::generate().unwrap().public());
        let mut leo = Person::new("Leo", "2011-02".parse().unwrap()).unwrap();
        leo.guardians.push(tom.id.clone());
        let (tom_id, leo_id) = (tom.id.clone(), leo.id.clone());
        for person in [tom, leo, Person::new("Una", "1990-01".parse().unwrap()).unwrap()] {
            home.add_person(person, now).unwrap();
        }
        home.grant(&tom_id, &leo_id, &Purpose::History.into(), now).unwrap();
        let codes = |reader: &PersonId, now: &str| -> Vec<String> {
            notices(&home, reader, now.parse().unwrap()).into_iter().map(|said| said.code).collect()
        };
        for reader in [&tom_id, &leo_id, &anna_id] {
            assert_eq!(codes(reader, "2028-12-30T12:00:00Z"), ["teen-without-keys"]);
            assert_eq!(
                codes(reader, "2029-01-01T12:00:00Z"),
                ["teen-without-keys", "turns-adult-consent-ends"]
            );
            assert!(codes(reader, "2029-03-01T12:00:00Z").is_empty());
        }
        let una = home.person_named("Una").unwrap().id.clone();
        assert!(codes(&una, "2029-01-01T12:00:00Z").is_empty());
    }
}
