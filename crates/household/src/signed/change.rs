//! Who may make which change to the household document.

mod consents;
mod room;

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::{Circle, CircleName, Device, DeviceKind, Error, Household, Keep, PersonId, Rule};

/// Whether `signer`, a person of `previous`, may turn it into `next`.
///
/// Both sides count: rights come from the version before (nobody makes themself a guardian and agrees for the child in
/// one step without having been an owner), and what is granted must make sense in the new one.
pub(super) fn may_make(
    previous: &Household,
    next: &Household,
    signer: &PersonId,
    now: Timestamp,
) -> Result<(), Error> {
    let change = Change { previous, next, signer, now };
    if !previous.is_adult(signer, now) {
        return change.refuse("only an adult can change the household document.");
    }
    // Whoever may not is told of what they meant, and not of what goes along with it: with a person go their consents and devices.
    let is_owner = change.is_owner();
    if !is_owner {
        change.people_by_member()?;
    }
    change.one_rule_each()?;
    change.room()?;
    change.consents()?;
    change.rules()?;
    change.devices()?;
    change.circles()?;
    if is_owner { change.people_by_owner() } else { change.rest_by_member() }
}

/// Whether a first document speaks for nobody but its signer and the children they guard.
pub(super) fn first_may_say(first: &Household, signer: &PersonId, now: Timestamp) -> Result<(), Error> {
    let empty = Household::from_document(crate::Document {
        consents: Vec::new(),
        retention: crate::Retention::default(),
        devices: Vec::new(),
        circles: Vec::new(),
        ..first.to_document()
    })?;
    may_make(&empty, first, signer, now)
}

struct Change<'a> {
    previous: &'a Household,
    next: &'a Household,
    signer: &'a PersonId,
    now: Timestamp,
}

impl Change<'_> {
    /// A rule about a person is for who decides for them, and an owner; forever only for that adult. Others are an owner's.
    fn rules(&self) -> Result<(), Error> {
        let (before, after) = (&self.previous.retention.rules, &self.next.retention.rules);
        let added = after.iter().filter(|rule| !before.contains(rule)).map(|rule| (rule, true));
        let gone = before.iter().filter(|rule| !after.contains(rule)).map(|rule| (rule, false));
        let decides = |rule: &Rule| {
            rule.person.as_ref().is_some_and(|p| self.previous.decides(self.signer, p, self.now))
        };
        for (rule, added) in added.chain(gone) {
            if added && rule.keep == Keep::Forever && rule.person.as_ref() != Some(self.signer) {
                return self.refuse("only an adult can keep their own recordings forever.");
            }
            if !self.is_owner() && !decides(rule) {
                return self.refuse("how long things are kept for everybody is for an owner to say.");
            }
        }
        Ok(())
    }

    /// Whose own a device is, only that adult says; and nobody else changes it while it is. Shared ones are an owner's.
    fn devices(&self) -> Result<(), Error> {
        for after in self.next.devices.iter().filter(|d| !self.previous.devices.contains(d)) {
            self.address(after)?;
            if let Some(person) = after.person.as_ref().filter(|person| *person != self.signer) {
                let why =
                    format!("only {} can say that nobody else speaks at {}.", self.name(person), after.name);
                return self.refuse(&why);
            }
            if !self.is_owner() && !self.is_own_device(self.previous.device(&after.id).ok(), after) {
                return self.refuse("shared devices and cameras are for an owner to add and change.");
            }
        }
        for before in self.previous.devices.iter().filter(|d| self.next.device(&d.id).is_err()) {
            if !self.is_owner() && before.person.as_ref() != Some(self.signer) {
                return self.refuse("shared devices and cameras are for an owner to remove.");
            }
        }
        Ok(())
    }

    /// A camera's host alone is written down, since some take their password in the path or the query; of what else there is no address.
    fn address(&self, device: &Device) -> Result<(), Error> {
        match &device.address {
            Some(_) if device.kind != DeviceKind::Camera => self.refuse("only a camera has an address."),
            Some(url) if !matches!(url.path(), "" | "/") || url.query().or(url.fragment()).is_some() => {
                Err(Error::BadAddress(device.name.clone()))
            }
            _ => Ok(()),
        }
    }

    /// Whether this is a member's own doing: a new device of their own, a change to one, sharing it, or making a shared
    /// one theirs just as it stands.
    fn is_own_device(&self, before: Option<&Device>, after: &Device) -> bool {
        if after.kind == DeviceKind::Camera {
            return false;
        }
        let theirs = |device: &Device| device.person.as_ref() == Some(self.signer);
        match before {
            None => theirs(after),
            Some(before) if theirs(before) => true,
            Some(before) => Device { person: Some(self.signer.clone()), ..before.clone() } == *after,
        }
    }

    /// A circle keeps its key only if nobody was taken out of it. The guardians' circle of a child is a guardian's to tend.
    fn circles(&self) -> Result<(), Error> {
        let by_name = |home: &Household| -> BTreeMap<CircleName, Circle> {
            home.circles.iter().map(|c| (c.name.clone(), c.clone())).collect()
        };
        let (before, after) = (by_name(self.previous), by_name(self.next));
        for name in before.keys().chain(after.keys()) {
            let (was, is) = (before.get(name), after.get(name));
            if was == is {
                continue;
            }
            if let (Some(was), Some(is)) = (was, is) {
                let left = was.wrapped.keys().any(|holder| !is.wrapped.contains_key(holder));
                if left && is.recipient.is_some() && is.recipient == was.recipient {
                    return self
                        .refuse("whoever leaves a circle takes its key along, so it must be replaced.");
                }
            }
            let tends = match name {
                CircleName::Adults => false,
                CircleName::GuardiansOf(child) => self.previous.is_guardian(self.signer, child, self.now),
            };
            // A member whose own keys changed leaves circles behind, retired.
            if !(self.is_owner() || tends || self.only_left(was, is)) {
                return self
                    .refuse("the keys of the circles are for an owner to tend, a child's for a guardian.");
            }
        }
        Ok(())
    }

    /// Whether all that happened to a circle is that the signer left it.
    fn only_left(&self, was: Option<&Circle>, is: Option<&Circle>) -> bool {
        let Some(mut expected) = was.cloned() else { return false };
        expected.wrapped.remove(self.signer);
        expected.recipient = None;
        is == Some(&expected)
    }

    /// An owner changes people as they like, except that an adult who has agreed to something stays who they are:
    /// else an owner could put their own key, or a guardian, between that adult and their recordings.
    fn people_by_owner(&self) -> Result<(), Error> {
        for before in self.previous.people.iter().filter(|p| p.id != *self.signer) {
            let Ok(after) = self.next.person(&before.id) else { continue };
            let same = (before.born, &before.keys) == (after.born, &after.keys);
            let first_keys = before.keys.is_none() && before.born == after.born;
            let agreed = self.next.consents.iter().any(|c| c.person == before.id && c.stands());
            if self.previous.is_adult(&before.id, self.now) && agreed && !same && !first_keys {
                return self.refuse(&format!(
                    "{} has agreed to something, so nobody else changes their keys or their birth month; they take it back first, or leave the household.",
                    before.name
                ));
            }
        }
        Ok(())
    }

    /// Of people a member changes nothing but their own keys.
    fn people_by_member(&self) -> Result<(), Error> {
        let mut expected = self.previous.people.clone();
        let new_keys = self.next.person(self.signer).ok().and_then(|p| p.keys.clone());
        for person in expected.iter_mut().filter(|p| p.id == *self.signer && new_keys.is_some()) {
            person.keys.clone_from(&new_keys);
        }
        if expected == self.next.people {
            return Ok(());
        }
        self.refuse("who lives here, and what is written about them, is for an owner to change.")
    }

    /// A member changes nothing of the household's settings.
    fn rest_by_member(&self) -> Result<(), Error> {
        let mut expected = self.previous.to_document();
        let next = self.next.to_document();
        // These were judged one by one.
        expected.version = next.version;
        expected.people.clone_from(&next.people);
        expected.consents.clone_from(&next.consents);
        expected.retention.clone_from(&next.retention);
        expected.devices.clone_from(&next.devices);
        expected.circles.clone_from(&next.circles);
        if expected == next { Ok(()) } else { self.refuse("this is for an owner to change.") }
    }

    fn is_owner(&self) -> bool {
        self.previous.person(self.signer).is_ok_and(|p| p.owner)
    }

    fn name(&self, person: &PersonId) -> String {
        let found = self.next.person(person).or_else(|_| self.previous.person(person));
        found.map_or_else(|_| person.to_string(), |p| p.name.clone())
    }

    fn refuse(&self, why: &str) -> Result<(), Error> {
        Err(Error::NotAllowed { signer: self.name(self.signer), why: why.to_owned() })
    }
}
