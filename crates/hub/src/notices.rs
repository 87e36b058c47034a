//! What people of the household are told some time before the calendar changes something for them, and some time after somebody else
//! changed something of theirs.

mod devices;

use jiff::{SignedDuration, Timestamp};
use porchlight_household::{Age, Consent, GrowingUp, Household, Person, PersonId};
use porchlight_protocol::Message;

pub use devices::devices_taken;
pub(crate) use devices::{no_longer_told, with_notices};

/// For how long somebody is told that another took from them what was theirs to say: what they had agreed to (their page says that for
/// good), or a device of their own.
const TOLD: SignedDuration = SignedDuration::from_hours(14 * 24);

/// What somebody is told: of themself, of whom they guard and, as an owner, of everybody.
pub fn notices(household: &Household, reader: &PersonId, now: Timestamp) -> Vec<Message> {
    let is_owner = household.person(reader).is_ok_and(|person| person.owner);
    let concerned =
        |person: &Person| is_owner || person.id == *reader || household.is_guardian(reader, &person.id, now);
    let unkept = unkept(household, now).filter(|(person, _)| concerned(person));
    let mut told: Vec<Message> = taken_back(household, reader, now).collect();
    told.extend(unkept.map(|(_, said)| said));
    for how in household.growing_up(now) {
        if let Ok(person) = household.person(&how.person)
            && concerned(person)
        {
            told.push(grows_up(person, &how));
        }
    }
    told
}

/// What somebody agreed to last that another took back.
fn taken_back(household: &Household, reader: &PersonId, now: Timestamp) -> impl Iterator<Item = Message> {
    let about =
        |one: &Consent, other: &Consent| one.person == other.person && one.agreement() == other.agreement();
    let theirs = household.consents.iter().enumerate().filter(move |(at, consent)| {
        let lately = consent.withdrawn.is_some_and(|at| now.duration_since(at) < TOLD);
        let later = &household.consents[at + 1..];
        consent.person == *reader && lately && !later.iter().any(|later| about(later, consent))
    });
    theirs.filter_map(|(_, consent)| was_taken_back(household, consent))
}

/// None where they did so themself, or where it ended.
fn was_taken_back(household: &Household, consent: &Consent) -> Option<Message> {
    let by = &household.person(consent.withdrawn_by.as_ref()?).ok()?.name;
    let person = &household.person(&consent.person).ok()?.name;
    let on = household.day(consent.withdrawn?);
    let agreed = household.agreement_words(&consent.agreement());
    let text = format!("On {on} {by} took back what was agreed to for {person}: {agreed}.");
    let mut said = Message::new("consent-taken-back", text).with("by", by).with("person", person);
    if let Some(device) = consent.device.as_ref().and_then(|id| household.device(id).ok()) {
        said = said.with("device", &device.name);
    }
    Some(said.with("purpose", consent.purpose).with("on", on))
}

/// Of whom nothing that they say can be kept, though it was agreed to, and why.
pub(crate) fn unkept(household: &Household, now: Timestamp) -> impl Iterator<Item = (&Person, Message)> {
    let people = household.people.iter().filter(move |person| household.is_unkept(&person.id, now));
    people.map(|person| (person, cannot_be_kept(person)))
}

fn cannot_be_kept(person: &Person) -> Message {
    let name = &person.name;
    let text = format!(
        "Nothing of what {name} says is kept, though it was agreed to: it would be sealed to {name} alone, who cannot sign in yet."
    );
    Message::new("teen-without-keys", text).with("person", name)
}

fn grows_up(person: &Person, how: &GrowingUp) -> Message {
    let (name, on) = (&person.name, how.on);
    let said = match (how.into, how.consent_ends, how.unkept) {
        (Age::Adult, true, _) => Message::new(
            "turns-adult-consent-ends",
            format!(
                "From {on} on {name} counts as an adult. What a guardian agreed to for {name} ends then, and what was kept for it is forgotten."
            ),
        ),
        (Age::Adult, false, _) => {
            Message::new("turns-adult", format!("From {on} on {name} counts as an adult, and decides alone."))
        }
        (_, _, true) => Message::new(
            "turns-teen-without-keys",
            format!(
                "From {on} on {name} counts as a teen, and what is kept of {name} is sealed to {name} alone. Let {name} sign in before: \
                 until then nothing would be kept."
            ),
        ),
        _ => Message::new(
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
    use porchlight_household::{Agreement, Device, DeviceKind, MemberKeys, Purpose};

    use super::*;

    #[test]
    fn whose_consent_another_took_back_is_told_for_a_while_and_nobody_else_is() {
        let now: Timestamp = "2028-11-01T12:00:00Z".parse().unwrap();
        let keys = MemberKeys::generate().unwrap();
        let anna = Person::new("Anna", "1984-03".parse().unwrap()).unwrap();
        let anna_id = anna.id.clone();
        let (mut home, _) = Household::first(None, "Europe/Berlin", "en", anna, &keys, now).unwrap();
        let tom = Person::new("Tom", "1982-11".parse().unwrap()).unwrap();
        let tom_id = tom.id.clone();
        home.add_person(tom, now).unwrap();
        let porch = Device::new("Porch", DeviceKind::Camera).unwrap();
        let sound = Agreement { purpose: Purpose::Sound, device: Some(porch.id.clone()) };
        home.add_device(porch, &anna_id, now).unwrap();
        home.grant(&tom_id, &tom_id, &sound, now).unwrap();
        home.withdraw(&anna_id, &tom_id, &sound, now).unwrap();
        let told = |home: &Household, reader: &PersonId, days: i64| {
            notices(home, reader, now + SignedDuration::from_hours(24 * days))
        };
        let said = told(&home, &tom_id, 13);
        assert_eq!(said[0].code, "consent-taken-back");
        assert_eq!(said[0].text, "On 2028-11-01 Anna took back what was agreed to for Tom: sound:Porch.");
        assert!(told(&home, &anna_id, 0).is_empty() && told(&home, &tom_id, 14).is_empty());
        // Who took it back themself knows, and so does who has agreed to it again.
        home.grant(&tom_id, &tom_id, &sound, now).unwrap();
        assert!(told(&home, &tom_id, 0).is_empty());
        home.withdraw(&tom_id, &tom_id, &sound, now).unwrap();
        assert!(told(&home, &tom_id, 0).is_empty());
    }

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
