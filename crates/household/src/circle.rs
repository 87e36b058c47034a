//! Circles: sets of people with one shared key, wrapped to each member's own.
//!
//! A recording is sealed to its circle *and* to each present member. So a member who joins sees the past by one wrapped
//! key, and one who left sees nothing new: their leaving retires the circle's key at once, recordings are sealed to the
//! remaining members directly, and the next of them whose client comes by mints a new one.
//!
//! What is wrapped is an age identity file: the current identity first, then the earlier ones, so that whoever joins
//! later still opens what was sealed before a key was replaced.

use std::collections::BTreeMap;
use std::io::Write;

use age::secrecy::ExposeSecret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::{Circle, CircleName, Error, Household, MemberKeys, PersonId};

impl Household {
    /// Brings the circles that `me` belongs to into order, with my keys: mints what is missing, wraps what I hold to
    /// members who have come, replaces what somebody who has left still holds. Says which circles changed.
    ///
    /// Circles of others are left alone: only a member mints a key, so nobody else ever held it.
    ///
    /// # Errors
    /// When wrapping fails; then nothing changed.
    pub fn tend_circles(
        &mut self,
        me: &PersonId,
        keys: &MemberKeys,
        now: Timestamp,
    ) -> Result<Vec<CircleName>, Error> {
        let children = self.people.iter().filter(|p| self.age(&p.id, now) == Ok(crate::Age::Child));
        let names = children.map(|p| CircleName::GuardiansOf(p.id.clone()));
        let names: Vec<_> = std::iter::once(CircleName::Adults).chain(names).collect();

        let mut document = self.to_document();
        let mut changed = Vec::new();
        for name in names {
            let members: BTreeMap<_, _> = self
                .circle_members(&name, now)
                .into_iter()
                .filter_map(|id| Some((id.clone(), self.person(&id).ok()?.keys.clone()?.recipient)))
                .collect();
            if !members.contains_key(me) {
                continue;
            }
            let place = document.circles.iter().position(|c| c.name == name);
            let Some(next) = tended(place.map(|i| &document.circles[i]), &name, &members, me, keys)? else {
                continue;
            };
            match place {
                Some(i) => document.circles[i] = next,
                None => document.circles.push(next),
            }
            changed.push(name);
        }
        *self = Self::from_document(document)?;
        Ok(changed)
    }
}

/// The circle as it should be, or `None` when it is in order, or only somebody else can bring it there.
fn tended(
    circle: Option<&Circle>,
    name: &CircleName,
    members: &BTreeMap<PersonId, String>,
    me: &PersonId,
    keys: &MemberKeys,
) -> Result<Option<Circle>, Error> {
    let Some(circle) = circle.filter(|c| !c.wrapped.is_empty()) else {
        return minted(name, members, Vec::new()).map(Some);
    };
    let live = circle.recipient.is_some() && circle.wrapped.keys().all(|holder| members.contains_key(holder));
    let missing = members.keys().any(|id| !circle.wrapped.contains_key(id));
    if live && !missing {
        return Ok(None);
    }
    let Ok(identities) = circle.open(me, keys) else { return Ok(None) };
    if !live {
        return minted(name, members, identities).map(Some);
    }
    let text = identity_file(&identities);
    let mut next = circle.clone();
    for (id, recipient) in members {
        if !next.wrapped.contains_key(id) {
            next.wrapped.insert(id.clone(), wrap(&text, recipient)?);
        }
    }
    Ok(Some(next))
}

/// A circle with a new key, in front of the earlier ones.
fn minted(
    name: &CircleName,
    members: &BTreeMap<PersonId, String>,
    earlier: Vec<age::x25519::Identity>,
) -> Result<Circle, Error> {
    let mut identities = vec![age::x25519::Identity::generate()];
    let recipient = identities[0].to_public().to_string();
    identities.extend(earlier);
    let text = identity_file(&identities);
    let wrapped: Result<_, Error> =
        members.iter().map(|(id, to)| Ok((id.clone(), wrap(&text, to)?))).collect();
    Ok(Circle { name: name.clone(), recipient: Some(recipient), wrapped: wrapped? })
}

fn identity_file(identities: &[age::x25519::Identity]) -> Zeroizing<String> {
    // Room for all of it at once: a string that grows leaves copies behind.
    let mut text = Zeroizing::new(String::with_capacity(identities.len() * 80));
    for identity in identities {
        text.push_str(identity.to_string().expose_secret());
        text.push('\n');
    }
    text
}

fn wrap(text: &str, recipient: &str) -> Result<String, Error> {
    let recipient: age::x25519::Recipient = recipient.parse().map_err(|_| Error::CannotWrap)?;
    let recipients = std::iter::once(&recipient as &dyn age::Recipient);
    let encryptor = age::Encryptor::with_recipients(recipients).map_err(|_| Error::CannotWrap)?;
    let mut file = Vec::new();
    let mut writer = encryptor.wrap_output(&mut file).map_err(|_| Error::CannotWrap)?;
    writer.write_all(text.as_bytes()).map_err(|_| Error::CannotWrap)?;
    writer.finish().map_err(|_| Error::CannotWrap)?;
    Ok(STANDARD.encode(file))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Person;
    use crate::example::{Example, NOW};

    fn adults(home: &Household) -> &Circle {
        home.circles.iter().find(|c| c.name == CircleName::Adults).unwrap()
    }

    fn publics(circle: &Circle, me: &PersonId, keys: &MemberKeys) -> Vec<String> {
        circle.open(me, keys).unwrap().iter().map(|i| i.to_public().to_string()).collect()
    }

    #[test]
    fn every_member_opens_the_same_key_and_nobody_else() {
        let e = Example::new();
        let circle = adults(&e.home);
        let current = circle.recipient.clone().unwrap();
        assert_eq!(publics(circle, &e.anna, &e.anna_keys)[0], current);
        assert_eq!(publics(circle, &e.tom, &e.tom_keys), [current]);
        assert!(matches!(circle.open(&e.tom, &e.anna_keys), Err(Error::WrongKey)));
        assert!(matches!(circle.open(&e.mia, &e.anna_keys), Err(Error::WrongKey)));
    }

    #[test]
    fn the_guardians_of_a_child_have_a_circle_that_other_adults_do_not_hold() {
        let mut e = Example::new();
        let name = CircleName::GuardiansOf(e.mia.clone());
        let circle = e.home.circles.iter().find(|c| c.name == name).unwrap();
        assert_eq!(circle.wrapped.keys().collect::<Vec<_>>(), [&e.anna]);
        assert_eq!(e.home.tend_circles(&e.tom, &e.tom_keys, NOW).unwrap(), []);
    }

    #[test]
    fn who_leaves_sees_nothing_new_and_who_joins_sees_the_past() {
        let mut e = Example::new();
        let old = adults(&e.home).clone();
        e.home.remove_person(&e.tom, NOW).unwrap();
        e.home.tend_circles(&e.anna, &e.anna_keys, NOW).unwrap();
        let new = adults(&e.home).clone();
        assert_ne!(new.recipient, old.recipient);
        assert!(new.open(&e.tom, &e.tom_keys).is_err());

        let una_keys = MemberKeys::generate().unwrap();
        let mut una = Person::new("Una", "1990-01".parse().unwrap()).unwrap();
        una.keys = Some(una_keys.public());
        let una_id = una.id.clone();
        e.home.add_person(una, NOW).unwrap();
        assert_eq!(e.home.tend_circles(&e.anna, &e.anna_keys, NOW).unwrap(), [CircleName::Adults]);
        let expected = [new.recipient.unwrap(), old.recipient.unwrap()];
        assert_eq!(publics(adults(&e.home), &una_id, &una_keys), expected);
        assert_eq!(adults(&e.home).recipient.as_ref(), Some(&expected[0]));
    }

    #[test]
    fn new_keys_of_a_member_replace_the_circles_key() {
        let mut e = Example::new();
        let old = adults(&e.home).recipient.clone();
        let fresh = MemberKeys::generate().unwrap();
        e.home.set_keys(&e.tom, fresh.public(), NOW).unwrap();
        assert_eq!(adults(&e.home).recipient, None);
        assert_eq!(e.home.tend_circles(&e.tom, &fresh, NOW).unwrap(), []); // Tom holds nothing to wrap from
        e.home.tend_circles(&e.anna, &e.anna_keys, NOW).unwrap();
        assert_ne!(adults(&e.home).recipient, old);
        assert_eq!(publics(adults(&e.home), &e.tom, &fresh).len(), 2);
    }

    #[test]
    fn names_are_read_as_written() {
        for text in ["adults", "guardians:mia"] {
            assert_eq!(CircleName::try_from(text.to_owned()).unwrap().to_string(), text);
        }
        assert!(CircleName::try_from("friends".to_owned()).is_err());
    }
}
