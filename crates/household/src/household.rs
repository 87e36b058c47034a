//! A household: a document that was checked and can be relied on, and the edits that a client makes before it signs the next version.

mod correct;
mod edit;

use std::ops::Deref;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

pub use correct::{DeviceChange, PersonChange};

use crate::document::{Age, Device, Document, Person, check, parse};
use crate::names::{plain_name, same_name};
use crate::{DeviceId, Error, PersonId};

/// A document that holds together: ids and names are unique, whoever is named exists, an owner is there, keys are keys,
/// and the rules keep their bounds. Its fields are read through [`Document`]; they change only by edits that check again.
///
/// Whether someone is an adult depends on the day. What must be adult is checked when a document is *accepted*
/// ([`SignedDocument::verify_first`](crate::SignedDocument::verify_first) and `verify_next`) and when it is *used*, never
/// when it is merely read: a hub whose clock is wrong must still start, and then keeps less rather than more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Household {
    document: Document,
    zone: TimeZone,
}

impl Household {
    /// Reads a document from its JSON text.
    ///
    /// # Errors
    /// When it is not JSON of this shape, of a newer format, or does not hold together; the error names the cause.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        Self::from_document(parse(text)?)
    }

    /// Checks a document.
    ///
    /// # Errors
    /// When it does not hold together; the error names the cause.
    pub fn from_document(document: Document) -> Result<Self, Error> {
        check::holds_together(&document)?;
        let zone = TimeZone::get(&document.time_zone)
            .map_err(|_| Error::NoSuchTimeZone(document.time_zone.clone()))?;
        Ok(Self { document, zone })
    }

    /// Checks what depends on how old people are: guardians, owners and holders of personal devices are adults, a child
    /// has a guardian, nobody keeps a child's recordings too long.
    pub(crate) fn check_on(&self, now: Timestamp) -> Result<(), Error> {
        check::is_acceptable_on(self, self.day(now))
    }

    /// Checks that no name came in with this version, after `before`, in which something is hidden or that passes for another.
    pub(crate) fn check_names(&self, before: Option<&Household>) -> Result<(), Error> {
        check::new_names(before.map(|household| &household.document), &self.document)
    }

    /// The document as JSON text, the one that is signed.
    pub fn to_json(&self) -> Result<String, Error> {
        serde_json::to_string(&self.document).map_err(|e| Error::Unreadable(e.to_string()))
    }

    /// A copy of the document, to change by hand and check again with [`Household::from_document`].
    pub fn to_document(&self) -> Document {
        self.document.clone()
    }

    /// The household's time zone.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The household's own day at an instant.
    pub fn day(&self, now: Timestamp) -> Date {
        now.to_zoned_datetime(self.zone.clone()).date()
    }

    /// The person of this id.
    ///
    /// # Errors
    /// [`Error::NoSuchPerson`].
    pub fn person(&self, id: &PersonId) -> Result<&Person, Error> {
        self.people.iter().find(|p| p.id == *id).ok_or_else(|| Error::NoSuchPerson(id.to_string()))
    }

    /// The person of this name; capitals and the form of its letters make no difference.
    ///
    /// # Errors
    /// [`Error::NoSuchPerson`].
    pub fn person_named(&self, name: &str) -> Result<&Person, Error> {
        named(&self.people, |person| &person.name, name).ok_or_else(|| Error::NoSuchPerson(repeated(name)))
    }

    /// Whom somebody means who typed this to say who they are: by name or by id, else by a name that differs in its accents or in the
    /// form of its letters alone, where that is one person's. It takes as long for a name that nobody has.
    pub fn person_meant(&self, typed: &str) -> Option<&Person> {
        let (typed, plain) = (typed.trim(), plain_name(typed));
        let mut alike = self.people.iter().filter(|p| plain_name(&p.name) == plain);
        let (first, second) = (alike.next(), alike.next());
        let by_id = self.people.iter().find(|p| p.id.as_str() == typed);
        self.person_named(typed).ok().or(by_id).or(first.filter(|_| second.is_none()))
    }

    /// The device of this id.
    ///
    /// # Errors
    /// [`Error::NoSuchDevice`].
    pub fn device(&self, id: &DeviceId) -> Result<&Device, Error> {
        self.devices.iter().find(|d| d.id == *id).ok_or_else(|| Error::NoSuchDevice(id.to_string()))
    }

    /// The device of this name; capitals and the form of its letters make no difference.
    ///
    /// # Errors
    /// [`Error::NoSuchDevice`].
    pub fn device_named(&self, name: &str) -> Result<&Device, Error> {
        named(&self.devices, |device| &device.name, name).ok_or_else(|| Error::NoSuchDevice(repeated(name)))
    }

    /// How old the person is, as far as it matters, on the household's day at `now`.
    ///
    /// # Errors
    /// [`Error::NoSuchPerson`].
    pub fn age(&self, person: &PersonId, now: Timestamp) -> Result<Age, Error> {
        Ok(self.person(person)?.born.age_on(self.day(now)))
    }

    /// Whether this is an adult of the household at `now`; false for whoever is not in it.
    pub fn is_adult(&self, person: &PersonId, now: Timestamp) -> bool {
        self.age(person, now) == Ok(Age::Adult)
    }

    /// Whether `guardian` is an adult guardian of `person`, who is not yet an adult, at `now`.
    pub fn is_guardian(&self, guardian: &PersonId, person: &PersonId, now: Timestamp) -> bool {
        self.is_adult(guardian, now)
            && !self.is_adult(person, now)
            && self.person(person).is_ok_and(|p| p.guardians.contains(guardian))
    }

    /// The names that everybody knows: a passphrase made of them is easily guessed.
    pub fn known_words(&self) -> Vec<&str> {
        let people = self.people.iter().map(|p| p.name.as_str());
        let devices = self.devices.iter().flat_map(|d| [Some(d.name.as_str()), d.room.as_deref()]).flatten();
        people.chain(devices).chain(self.name.as_deref()).collect()
    }
}

impl Deref for Household {
    type Target = Document;
    fn deref(&self) -> &Document {
        &self.document
    }
}

/// As much of a name as a sentence repeats.
fn repeated(name: &str) -> String {
    name.chars().take(check::LONGEST_NAME).collect()
}

/// What is called so: exactly, else in other capitals, else with its letters in another form. A household of an earlier release may have
/// names that differ in these alone.
fn named<'a, T>(all: &'a [T], name_of: impl Fn(&T) -> &str, typed: &str) -> Option<&'a T> {
    let typed = typed.trim();
    let ways: [fn(&str, &str) -> bool; 3] =
        [|a, b| a == b, |a, b| a.to_lowercase() == b.to_lowercase(), same_name];
    ways.iter().find_map(|same| all.iter().find(|one| same(name_of(one), typed)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::{Example, at};

    #[test]
    fn a_document_is_read_back_as_it_was_written() {
        let home = Example::new().home;
        assert_eq!(Household::from_json(&home.to_json().unwrap()).unwrap(), home);
    }

    #[test]
    fn a_newer_format_says_so_before_anything_else() {
        let error = Household::from_json(r#"{"format":2,"unheard":"of"}"#).unwrap_err();
        assert_eq!(error, Error::NewerFormat { found: 2, known: 1 });
    }

    #[test]
    fn unknown_fields_are_refused_without_repeating_what_they_say() {
        let text = Example::new().home.to_json().unwrap().replacen('{', "{\"secret-word\":1,", 1);
        let error = Household::from_json(&text).unwrap_err();
        assert!(matches!(error, Error::Unreadable(_)));
        assert!(!error.to_string().contains("secret-word"));
    }

    #[test]
    fn names_are_found_whatever_their_case() {
        let e = Example::new();
        assert_eq!(e.home.person_named(" aNNa ").unwrap().id, e.anna);
        assert_eq!(e.home.device_named("PORCH").unwrap().id, e.porch);
        assert!(e.home.person_named("nobody").is_err());
    }

    #[test]
    fn whoever_says_who_they_are_is_found_by_name_or_id_however_it_is_typed() {
        let e = Example::new();
        let mut home = e.home.to_json().unwrap().replace("\"Anna\"", "\"Änna\"");
        let found = |home: &str, typed: &str| {
            let home = Household::from_json(home).unwrap();
            home.person_meant(typed).map(|person| person.id.clone())
        };
        // As it is written, in other capitals, taken apart, in wide letters, without its accent, and by id.
        for typed in ["Änna", " äNNA", "A\u{308}nna", "Ä\u{ff4e}\u{ff4e}\u{ff41}", "anna", e.anna.as_str()]
        {
            assert_eq!(found(&home, typed).as_ref(), Some(&e.anna), "{typed}");
        }
        assert_eq!(found(&home, "Hanna"), None);
        // Where two are alike it takes the exact name.
        home = home.replace("\"Tom\"", "\"Anná\"");
        assert_eq!(found(&home, "anna"), None);
        assert_eq!(found(&home, "Änna").as_ref(), Some(&e.anna));
    }

    #[test]
    fn the_day_is_the_households_own() {
        let e = Example::new(); // New York
        assert_eq!(e.home.day(at("2026-11-24T03:00:00Z")).to_string(), "2026-11-23");
    }

    #[test]
    fn a_wrong_clock_does_not_keep_a_household_from_being_read() {
        let e = Example::new();
        let home = Household::from_json(&e.home.to_json().unwrap()).unwrap();
        assert!(!home.is_adult(&e.anna, at("1970-01-01T00:00:00Z")));
    }
}
