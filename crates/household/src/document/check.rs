//! What must be true of every household document.
//!
//! [`holds_together`] needs no date and runs on every read and edit. [`is_acceptable_on`] is about ages, and runs when a
//! new version is accepted: people only grow older, so what was true of adults then stays true.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::lookup::find;
use super::{Age, Device, DeviceKind, Document, Person, circle, consent, retention};
use crate::names::Reading;
use crate::{Error, PersonId};

/// How long a name may be, in characters.
pub(crate) const LONGEST_NAME: usize = 64;

/// Checks everything that does not depend on the day.
pub(crate) fn holds_together(document: &Document) -> Result<(), Error> {
    ids_and_names(document)?;
    language(&document.language)?;
    for person in &document.people {
        self::person(document, person)?;
    }
    if !document.people.iter().any(|p| p.owner && p.keys.is_some()) {
        return Err(Error::NeedsOwner);
    }
    for device in &document.devices {
        self::device(document, device)?;
    }
    circle::check(document)?;
    consent::check(document)?;
    retention::check(document)
}

/// Checks what depends on how old people are on a day.
pub(crate) fn is_acceptable_on(document: &Document, day: Date) -> Result<(), Error> {
    let adult = |id: &PersonId| find(document, id).is_some_and(|p| p.born.age_on(day) == Age::Adult);
    for person in &document.people {
        let age = person.born.age_on(day);
        if person.born.is_after(day) {
            return Err(Error::BornInTheFuture(person.name.clone()));
        }
        if person.owner && age != Age::Adult {
            return Err(Error::OwnerNotAdult(person.name.clone()));
        }
        if let Some(guardian) = person.guardians.iter().find(|g| !adult(g)) {
            return Err(bad_guardian(document, person, guardian));
        }
        if age == Age::Child && person.guardians.is_empty() {
            return Err(Error::NeedsGuardian(person.name.clone()));
        }
    }
    for device in &document.devices {
        if let Some(person) = device.person.as_ref().filter(|p| !adult(p)) {
            let person = find(document, person).map_or_else(|| person.to_string(), |p| p.name.clone());
            return Err(Error::PersonalToMinor { device: device.name.clone(), person });
        }
    }
    retention::check_on(document, day)
}

/// Checks the names that were not there before. What a household has from an earlier release stays: it must still open, and whoever
/// puts one name right need not put all right at once.
pub(crate) fn new_names(before: Option<&Document>, document: &Document) -> Result<(), Error> {
    hides_nothing_new(before, document)?;
    passes_for_no_other(before, document)
}

/// That nothing is hidden in them.
fn hides_nothing_new(before: Option<&Document>, document: &Document) -> Result<(), Error> {
    let known: BTreeSet<&str> =
        before.map(names).unwrap_or_default().into_iter().map(|(_, name)| name).collect();
    for (what, name) in names(document) {
        if let Some(hidden) = crate::text::hidden_in(name).filter(|_| !known.contains(name)) {
            return Err(Error::HiddenInName { what, character: crate::text::code_of(hidden) });
        }
    }
    Ok(())
}

/// That no two name different people, or different devices, and are one to whoever reads them.
fn passes_for_no_other(before: Option<&Document>, document: &Document) -> Result<(), Error> {
    let taken = |what, name: Option<&str>| match name {
        Some(name) => Err(Error::NameTaken { what, name: name.to_owned() }),
        None => Ok(()),
    };
    let alike = |a: &Reading, b: &Reading| a.is(b) || a.looks_like(b);
    taken("a person", new_clash(before.map(people), people(document), alike))?;
    taken("a device", new_clash(before.map(devices), devices(document), Reading::is))
}

/// An id, and the name it goes by.
type Named<'d> = (&'d str, &'d str);

fn people(document: &Document) -> Vec<Named<'_>> {
    document.people.iter().map(|person| (person.id.as_str(), person.name.as_str())).collect()
}

fn devices(document: &Document) -> Vec<Named<'_>> {
    document.devices.iter().map(|device| (device.id.as_str(), device.name.as_str())).collect()
}

/// A name that is another's too, unless both had it before.
fn new_clash<'d>(
    before: Option<Vec<Named<'_>>>,
    now: Vec<Named<'d>>,
    alike: impl Fn(&Reading, &Reading) -> bool,
) -> Option<&'d str> {
    let before: BTreeSet<Named<'_>> = before.into_iter().flatten().collect();
    let read = now.into_iter().map(|named| (named.1, Reading::of(named.1), !before.contains(&named)));
    let read: Vec<(&str, Reading, bool)> = read.collect();
    let pairs =
        read.iter().enumerate().flat_map(|(at, one)| read[..at].iter().map(move |other| (one, other)));
    let mut new = pairs.filter(|(one, other)| one.2 || other.2);
    new.find(|(one, other)| alike(&one.1, &other.1)).map(|(one, _)| one.0)
}

/// Every name in a document, and what has it.
fn names(document: &Document) -> Vec<(&'static str, &str)> {
    let household = document.name.iter().map(|name| ("The household", name.as_str()));
    let people = document.people.iter().map(|person| ("A person", person.name.as_str()));
    let devices = document.devices.iter();
    let devices = devices.flat_map(|device| {
        let room = device.room.iter().map(|room| ("A room", room.as_str()));
        room.chain([("A device", device.name.as_str())])
    });
    household.chain(people).chain(devices).collect()
}

fn ids_and_names(document: &Document) -> Result<(), Error> {
    if let Some(name) = &document.name {
        good_name(name, "A household")?;
    }
    let (mut ids, mut names) = (BTreeSet::new(), BTreeSet::new());
    for person in &document.people {
        good_name(&person.name, "A person")?;
        unique(&mut ids, person.id.as_str())?;
        if !names.insert(person.name.to_lowercase()) {
            return Err(Error::NameTaken { what: "a person", name: person.name.clone() });
        }
    }
    names.clear();
    for device in &document.devices {
        good_name(&device.name, "A device")?;
        unique(&mut ids, device.id.as_str())?;
        if !names.insert(device.name.to_lowercase()) {
            return Err(Error::NameTaken { what: "a device", name: device.name.clone() });
        }
    }
    Ok(())
}

fn unique<'d>(ids: &mut BTreeSet<&'d str>, id: &'d str) -> Result<(), Error> {
    if ids.insert(id) { Ok(()) } else { Err(Error::IdTaken(id.to_owned())) }
}

fn good_name(name: &str, what: &'static str) -> Result<(), Error> {
    let length = name.chars().count();
    if name.trim() == name && (1..=LONGEST_NAME).contains(&length) && !name.chars().any(char::is_control) {
        Ok(())
    } else {
        Err(Error::BadName { what })
    }
}

/// The outline of a BCP 47 tag: letters first, then parts of letters and digits.
fn language(tag: &str) -> Result<(), Error> {
    let mut parts = tag.split('-');
    let first = parts.next().unwrap_or_default();
    let good = (2..=8).contains(&first.len())
        && first.bytes().all(|b| b.is_ascii_alphabetic())
        && parts.all(|p| (1..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphanumeric()));
    if good { Ok(()) } else { Err(Error::NoSuchLanguage(tag.chars().take(32).collect())) }
}

fn person(document: &Document, person: &Person) -> Result<(), Error> {
    let stranger = |g: &&PersonId| **g == person.id || find(document, g).is_none();
    if let Some(guardian) = person.guardians.iter().find(stranger) {
        return Err(bad_guardian(document, person, guardian));
    }
    match &person.keys {
        Some(keys) if !keys.are_keys() => Err(Error::BadKeys(person.name.clone())),
        _ => Ok(()),
    }
}

fn device(document: &Document, device: &Device) -> Result<(), Error> {
    if let Some(room) = &device.room {
        good_name(room, "A room")?;
    }
    if let Some(person) = &device.person {
        if find(document, person).is_none() {
            return Err(Error::NoSuchPerson(person.to_string()));
        }
        if device.kind == DeviceKind::Camera {
            return Err(Error::PersonalCamera(device.name.clone()));
        }
    }
    match &device.address {
        Some(url) if !url.has_host() || !url.username().is_empty() || url.password().is_some() => {
            Err(Error::BadAddress(device.name.clone()))
        }
        _ => Ok(()),
    }
}

fn bad_guardian(document: &Document, person: &Person, guardian: &PersonId) -> Error {
    let guardian = find(document, guardian).map_or_else(|| guardian.to_string(), |g| g.name.clone());
    Error::BadGuardian { person: person.name.clone(), guardian }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Household;
    use crate::example::Example;
    use jiff::civil::date;

    /// Changes the example's document by hand and says what the check says.
    fn after(change: impl FnOnce(&mut Document, &Example)) -> Result<Household, Error> {
        let e = Example::new();
        let mut document = e.home.to_document();
        change(&mut document, &e);
        Household::from_document(document)
    }

    #[test]
    fn names_are_unique_whatever_their_case() {
        let taken = after(|d, _| d.people[1].name = "ANNA".into());
        assert_eq!(taken, Err(Error::NameTaken { what: "a person", name: "ANNA".into() }));
        assert!(after(|d, _| d.devices[1].name = d.devices[0].name.to_uppercase()).is_err());
        // A person and a device may share a name.
        assert!(after(|d, _| d.devices[0].name = "Anna".into()).is_ok());
    }

    #[test]
    fn a_name_is_short_and_on_one_line() {
        for name in ["", " ", " Anna", "An\nna", &"a".repeat(65)] {
            assert_eq!(
                after(|d, _| d.people[0].name = name.into()),
                Err(Error::BadName { what: "A person" })
            );
        }
    }

    #[test]
    fn a_name_in_which_something_is_hidden_is_not_taken_and_one_of_before_stays() {
        let e = Example::new();
        for name in ["An\u{200b}na", "\u{202e}annA", "An\u{1b}[2Jna", "Anna\u{2066}"] {
            for place in 0..4 {
                let mut document = e.home.to_document();
                match place {
                    0 => document.name = Some(name.into()),
                    1 => document.people[0].name = name.into(),
                    2 => document.devices[0].name = name.into(),
                    _ => document.devices[0].room = Some(name.into()),
                }
                let refused = hides_nothing_new(Some(&e.home), &document).unwrap_err();
                assert!(matches!(refused, Error::HiddenInName { .. }), "{name:?}: {refused}");
                assert!(refused.to_string().contains("U+"), "{refused}");
                assert_eq!(hides_nothing_new(Some(&document), &document), Ok(()), "it was there before");
            }
        }
        let persian = after(|d, _| d.people[0].name = "علی\u{200c}رضا".into()).unwrap();
        assert_eq!(hides_nothing_new(Some(&e.home), &persian), Ok(()));
    }

    #[test]
    fn no_name_comes_in_that_passes_for_another_and_a_pair_of_before_stays_until_it_is_put_right() {
        let e = Example::new();
        let taken = |document: &Document| {
            let refused = new_names(Some(&e.home), document);
            assert!(matches!(refused, Err(Error::NameTaken { .. })), "{refused:?}");
            // A hub of now still opens what one of before accepted.
            assert!(Household::from_document(document.clone()).is_ok());
        };
        for name in ["\u{ff21}nna", "A\u{1d5c7}na", "\u{410}nna"] {
            let mut pair = e.home.to_document();
            pair.people[1].name = name.into();
            taken(&pair);
            // Both stay as they were while something else is changed, and one of them is put right.
            let mut next = pair.clone();
            next.people[2].name = "Mia Maria".into();
            assert_eq!(new_names(Some(&pair), &next), Ok(()), "{name}");
            next.people[1].name = "Tom".into();
            assert_eq!(new_names(Some(&pair), &next), Ok(()), "{name}");
            // Not to another name that passes for the first.
            next.people[1].name = "AN\u{ff2e}A".into();
            assert!(new_names(Some(&pair), &next).is_err(), "{name}");
            // Each is found by its own.
            let household = Household::from_document(pair).unwrap();
            assert_eq!(household.person_named(name).unwrap().id, household.people[1].id);
            assert_eq!(household.person_named("anna").unwrap().id, e.anna);
        }
        let mut devices = e.home.to_document();
        devices.devices[1].name = devices.devices[0].name.replace(char::is_alphabetic, "x");
        assert_eq!(new_names(Some(&e.home), &devices), Ok(()));
        devices.devices[0].name = "Zo\u{eb}".into();
        devices.devices[1].name = "Zoe\u{308}".into();
        taken(&devices);
    }

    #[test]
    fn whoever_is_named_exists() {
        let stranger: PersonId = "stranger".parse().unwrap();
        assert!(after(|d, _| d.people[2].guardians = vec![stranger.clone()]).is_err());
        assert!(after(|d, _| d.people[2].guardians = vec![d.people[2].id.clone()]).is_err());
        assert!(after(|d, _| d.devices[0].person = Some(stranger.clone())).is_err());
    }

    #[test]
    fn an_address_never_holds_a_password() {
        for address in ["rtsp://user@cam/", "rtsp://user:pass@cam/", "rtsp://:pass@cam/", "data:text/plain,x"]
        {
            let change =
                |d: &mut Document, _: &Example| d.devices[0].address = Some(address.parse().unwrap());
            assert!(matches!(after(change), Err(Error::BadAddress(_))), "{address}");
        }
        assert!(after(|d, _| d.devices[0].address = Some("rtsp://cam:554/main".parse().unwrap())).is_ok());
    }

    #[test]
    fn a_household_has_an_owner_with_keys() {
        assert_eq!(after(|d, _| d.people[0].owner = false), Err(Error::NeedsOwner));
        assert_eq!(after(|d, _| d.people[0].keys = None), Err(Error::NeedsOwner));
    }

    #[test]
    fn keys_zone_and_language_are_real() {
        assert!(matches!(
            after(|d, _| d.people[0].keys.as_mut().unwrap().recipient = "age1nonsense".into()),
            Err(Error::BadKeys(_))
        ));
        assert!(matches!(after(|d, _| d.time_zone = "Mars/Olympus".into()), Err(Error::NoSuchTimeZone(_))));
        for tag in ["", "e", "english!", "en-", "1n"] {
            assert!(after(|d, _| d.language = tag.into()).is_err(), "{tag:?}");
        }
    }

    #[test]
    fn ages_are_checked_on_the_day_of_acceptance() {
        let e = Example::new();
        let today = date(2026, 11, 23);
        let on = |change: &dyn Fn(&mut Document)| {
            let mut document = e.home.to_document();
            change(&mut document);
            is_acceptable_on(&document, today)
        };
        assert_eq!(on(&|_| ()), Ok(()));
        assert!(matches!(on(&|d| d.people[2].guardians.clear()), Err(Error::NeedsGuardian(_))));
        let young_guardian = |d: &mut Document| {
            d.people[1].born = "2010-01".parse().unwrap();
            d.people[2].guardians = vec![d.people[1].id.clone()];
        };
        assert!(matches!(on(&young_guardian), Err(Error::BadGuardian { .. })));
        assert!(matches!(on(&|d| d.people[2].owner = true), Err(Error::OwnerNotAdult(_))));
        assert!(matches!(
            on(&|d| d.people[2].born = "2026-12".parse().unwrap()),
            Err(Error::BornInTheFuture(_))
        ));
        let personal = |d: &mut Document| d.devices[1].person = Some(d.people[2].id.clone());
        assert!(matches!(on(&personal), Err(Error::PersonalToMinor { .. })));
    }
}
