//! Which consents may be written into the next version of the household document, and which stand there for good.

use jiff::{SignedDuration, Timestamp};

use super::Change;
use crate::{Consent, Error};

/// How far the clock of whoever signs may be from the hub's: as far as one that shows another zone's time. What people are shown of a
/// consent is the day.
const APART: SignedDuration = SignedDuration::from_hours(24);

impl Change<'_> {
    /// A consent is written down when it is given and when it is taken back, by who may, and stays as it was written for as long as those
    /// whom it names are here.
    pub(super) fn consents(&self) -> Result<(), Error> {
        let known = |c: &Consent| self.previous.consents.contains(c);
        for after in self.next.consents.iter().filter(|c| !known(c)) {
            if self.previous.consents.iter().any(|before| self.is_later(before, after)) {
                continue; // judged below, from the side of what was
            }
            self.given(after)?;
        }
        for before in self.previous.consents.iter().filter(|c| !self.next.consents.contains(c)) {
            match self.next.consents.iter().find(|after| self.is_later(before, after)) {
                Some(after) if before.stands() => self.taken_back(before, after)?,
                Some(_) => {}
                None => self.gone(before)?,
            }
        }
        Ok(())
    }

    /// Whether one consent is another as it may be written later: taken back, or without the name of who took it back and left.
    fn is_later(&self, before: &Consent, after: &Consent) -> bool {
        let left = before.withdrawn_by.as_ref().is_some_and(|by| self.next.person(by).is_err());
        let (withdrawn, withdrawn_by) = match before.withdrawn {
            None => (after.withdrawn, after.withdrawn_by.clone()),
            Some(_) if left => (before.withdrawn, None),
            Some(_) => return before == after,
        };
        Consent { withdrawn, withdrawn_by, ..before.clone() } == *after
    }

    /// New consents come from who decides for the person, now.
    fn given(&self, consent: &Consent) -> Result<(), Error> {
        let theirs = consent.by == *self.signer && self.next.decides(self.signer, &consent.person, self.now);
        if !theirs {
            return self.refuse(&format!(
                "nobody agrees for {} but they themself, or a guardian of a child.",
                self.name(&consent.person)
            ));
        }
        if !consent.stands() {
            return self
                .refuse("what was agreed to is written down then, and not when it has been taken back.");
        }
        self.is_now(consent.granted)
    }

    /// Taken back is a consent by who may do so, in their own name; or it ends because nobody decides who gave it, as when a child has
    /// other guardians.
    fn taken_back(&self, before: &Consent, after: &Consent) -> Result<(), Error> {
        let person = &before.person;
        let may = self.previous.may_withdraw(self.signer, person, &before.agreement(), self.now);
        let in_their_name = after.withdrawn_by.as_ref().unwrap_or(person) == self.signer;
        let decides = self.is_owner() || self.next.decides(self.signer, person, self.now);
        let ended = after.withdrawn_by.is_none() && !self.next.decides(&before.by, person, self.now);
        if !(may && in_their_name || decides && ended) {
            return self.refuse(&format!("what {} agreed to is not theirs to take back.", self.name(person)));
        }
        match after.withdrawn {
            // Of a clock that was ahead when it was given.
            Some(at) if at == before.granted && at > self.now => Ok(()),
            Some(at) => self.is_now(at),
            None => Ok(()),
        }
    }

    /// With a person or a camera go the consents that name them, and with nothing else.
    fn gone(&self, consent: &Consent) -> Result<(), Error> {
        let left = [&consent.person, &consent.by].into_iter().any(|one| self.next.person(one).is_err());
        let removed = consent.device.as_ref().is_some_and(|id| self.next.device(id).is_err());
        if left || removed {
            return Ok(());
        }
        self.refuse(&format!(
            "what {} agreed to, and when it was taken back, stays written down.",
            self.name(&consent.person)
        ))
    }

    fn is_now(&self, dated: Timestamp) -> Result<(), Error> {
        if self.now.duration_since(dated).abs() <= APART {
            return Ok(());
        }
        Err(Error::DatedElsewhere { dated, now: self.now })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::{Example, NOW, at};
    use crate::{Document, Household, MemberKeys, PersonChange, PersonId, Purpose};

    /// The example's household, in which Tom agreed to a history and to the porch's sound, and took back the first.
    fn agreed() -> Example {
        let mut e = Example::new();
        let history = Purpose::History.into();
        e.home.grant(&e.tom, &e.tom, &history, NOW).unwrap();
        e.home.grant(&e.tom, &e.tom, &e.porch_sound(), NOW).unwrap();
        e.home.withdraw(&e.tom, &e.tom, &history, NOW).unwrap();
        e
    }

    fn signed(
        e: &Example,
        (who, keys): (&PersonId, &MemberKeys),
        now: Timestamp,
        edit: impl FnOnce(&mut Household),
    ) -> Result<Household, Error> {
        let mut home = e.home.clone();
        edit(&mut home);
        home.sign_next(who, keys)?.verify_next(&e.home, now)
    }

    /// A change by hand, as an attacker's client would make it, in an owner's name.
    fn by_hand(e: &Example, edit: impl FnOnce(&mut Document)) -> Result<Household, Error> {
        signed(e, (&e.anna, &e.anna_keys), NOW, |home| {
            let mut document = home.to_document();
            edit(&mut document);
            *home = Household::from_document(document).unwrap();
        })
    }

    fn refused(result: Result<Household, Error>) -> bool {
        matches!(result, Err(Error::NotAllowed { .. }))
    }

    #[test]
    fn a_consent_is_dated_when_it_is_given_and_when_it_is_taken_back() {
        let e = agreed();
        let elsewhere = |result| matches!(result, Err(Error::DatedElsewhere { .. }));
        let history = || Purpose::History.into();
        let anna = (&e.anna, &e.anna_keys);
        for dated in ["2019-05-01T12:00:00Z", "2035-05-01T12:00:00Z"] {
            let dated = at(dated);
            let given =
                signed(&e, anna, NOW, |home| home.grant(&e.anna, &e.anna, &history(), dated).unwrap());
            assert!(elsewhere(given), "{dated}");
            let camera = signed(&e, anna, NOW, |home| {
                home.grant(&e.anna, &e.anna, &e.porch_sound(), dated).unwrap();
            });
            assert!(elsewhere(camera), "{dated}");
        }
        let later = at("2027-05-01T12:00:00Z");
        let tom = (&e.tom, &e.tom_keys);
        let back =
            signed(&e, tom, NOW, |home| home.withdraw(&e.tom, &e.tom, &e.porch_sound(), later).unwrap());
        assert!(elsewhere(back));
        // A clock that shows another zone's time is in nobody's way, nor is one that was ahead when it was given.
        for hours in [-14, 14] {
            let near = NOW + SignedDuration::from_hours(hours);
            signed(&e, anna, NOW, |home| home.grant(&e.anna, &e.anna, &history(), near).unwrap()).unwrap();
        }
        let before = at("2026-01-01T12:00:00Z");
        signed(&e, tom, before, |home| home.withdraw(&e.tom, &e.tom, &e.porch_sound(), before).unwrap())
            .unwrap();
    }

    #[test]
    fn what_was_agreed_to_and_taken_back_stays_as_it_was_written() {
        let e = agreed();
        let at_of = |d: &Document, person: &PersonId, purpose| {
            d.consents.iter().position(|c| c.person == *person && c.purpose == purpose).unwrap()
        };
        let history = at_of(&e.home, &e.tom, Purpose::History);
        let sound = at_of(&e.home, &e.tom, Purpose::Sound);
        let security = at_of(&e.home, &e.anna, Purpose::Security);
        assert!(refused(by_hand(&e, |d| drop(d.consents.remove(history)))), "one that was taken back");
        assert!(refused(by_hand(&e, |d| drop(d.consents.remove(sound)))), "one that stands");
        assert!(refused(by_hand(&e, |d| drop(d.consents.remove(security)))), "one's own");
        let past = at("2026-11-01T12:00:00Z");
        assert!(refused(by_hand(&e, |d| {
            let c = &mut d.consents[history];
            (c.granted, c.withdrawn) = (past, Some(past));
        })));
        assert!(refused(
            by_hand(&e, |d| d.consents[history].withdrawn = Some(NOW + SignedDuration::from_hours(1)))
        ));
        assert!(by_hand(&e, |d| d.consents[security].granted = past).is_err());
        assert!(refused(by_hand(&e, |d| d.consents[security].granted = NOW + SignedDuration::from_hours(1))));
        // Nor is one made up that was taken back before anybody heard of it.
        assert!(refused(by_hand(&e, |d| {
            let mut made_up = d.consents[history].clone();
            (made_up.person, made_up.by) = (e.anna.clone(), e.anna.clone());
            d.consents.push(made_up);
        })));
        // They go with whom and what they name.
        let left = signed(&e, (&e.anna, &e.anna_keys), NOW, |home| home.remove_person(&e.tom, NOW).unwrap());
        assert!(left.unwrap().consents.iter().all(|c| c.person != e.tom));
        let gone = signed(&e, (&e.anna, &e.anna_keys), NOW, |home| home.remove_device(&e.porch).unwrap());
        assert!(gone.unwrap().consents.iter().all(|c| c.device.is_none()));
    }

    #[test]
    fn of_an_adults_own_nobody_else_takes_a_consent_back_and_of_a_camera_an_owner_does_in_their_own_name() {
        let mut e = agreed();
        let recognition = Purpose::Recognition.into();
        e.home.grant(&e.tom, &e.tom, &recognition, NOW).unwrap();
        let own = e.home.clone().withdraw(&e.anna, &e.tom, &recognition, NOW);
        assert!(matches!(own, Err(Error::NotTheirsToWithdraw { .. })), "{own:?}");
        let at_of = |purpose| {
            let about = |c: &Consent| c.person == e.tom && c.purpose == purpose && c.stands();
            e.home.consents.iter().position(about).unwrap()
        };
        let taken = |at: usize, by: Option<&PersonId>| {
            by_hand(&e, |d| {
                let c = &mut d.consents[at];
                (c.withdrawn, c.withdrawn_by) = (Some(NOW), by.cloned());
            })
        };
        let (own, sound) = (at_of(Purpose::Recognition), at_of(Purpose::Sound));
        assert!(refused(taken(own, None)) && refused(taken(own, Some(&e.anna))));
        assert!(refused(taken(sound, None)), "as if Tom had done so");
        assert!(refused(taken(sound, Some(&e.leo))), "as if somebody else had");
        let home = taken(sound, Some(&e.anna)).unwrap();
        assert!(!home.hears(&e.porch, NOW));
        // The name of who took it back goes with them, and with nothing else.
        e.home = home;
        assert!(refused(by_hand(&e, |d| d.consents[sound].withdrawn_by = None)));
        let mut document = e.home.to_document();
        (document.people[1].owner, document.people[2].guardians) = (true, vec![e.tom.clone()]);
        document.people[3].guardians = vec![e.tom.clone()];
        document.circles.clear();
        e.home = Household::from_document(document).unwrap();
        let left = signed(&e, (&e.tom, &e.tom_keys), NOW, |home| home.remove_person(&e.anna, NOW).unwrap());
        assert!(left.unwrap().consents.iter().any(|c| c.device.is_some() && c.withdrawn_by.is_none()));
    }

    #[test]
    fn an_owner_who_gives_a_child_other_guardians_ends_what_the_one_before_agreed_to() {
        let mut e = Example::new();
        e.home.grant(&e.anna, &e.mia, &Purpose::History.into(), NOW).unwrap();
        let mut document = e.home.to_document();
        document.people[1].owner = true;
        e.home = Household::from_document(document).unwrap();
        let other = PersonChange { guardians: Some(vec![e.tom.clone()]), ..PersonChange::default() };
        let tom = (&e.tom, &e.tom_keys);
        let home = signed(&e, tom, NOW, |home| home.change_person(&e.mia, other, NOW).unwrap()).unwrap();
        assert!(!home.agrees(&e.mia, &Purpose::History.into(), NOW));
        // While she has her guardian, no other owner takes it back.
        let back = e.home.clone().withdraw(&e.tom, &e.mia, &Purpose::History.into(), NOW);
        assert!(matches!(back, Err(Error::NotTheirsToWithdraw { .. })), "{back:?}");
    }
}
