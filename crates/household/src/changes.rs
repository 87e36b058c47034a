//! What is different in a household since the version before: for the proof that it takes ([`crate::rights::proof`]), and for the ledger,
//! which tells of it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{
    Consent, Device, DeviceId, DeviceKind, Document, Household, Keep, Kind, Person, PersonId, Purpose, Rule,
};

/// One kind of thing that a change of the household changes. The words are stable: they are in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// Somebody comes into the household.
    PersonComes,
    /// Somebody goes.
    PersonGoes,
    /// When somebody was born, which says whether they are an adult.
    Born,
    /// Who looks after somebody.
    Guardians,
    /// Who can change the household.
    Owner,
    /// Somebody of the household gets the first keys of their own.
    LetIn,
    /// By what other keys somebody signs, and what is sealed to them opens.
    Keys,
    /// What is sealed to several, and who holds its key.
    Circle,
    /// Whose own a device is, one that comes or is shared from now on included.
    DeviceOwner,
    /// What a device is, or where it is reached.
    DeviceNature,
    /// A camera comes.
    CameraComes,
    /// A consent that somebody gives in another's stead.
    ConsentForAnother,
    /// A consent that somebody gives for themself.
    ConsentForOneself,
    /// Something is kept for longer.
    KeptLonger,
    /// A consent that is taken back.
    ConsentWithdrawn,
    /// A device goes.
    DeviceGoes,
    /// Rules say another time, and nothing is kept for longer by them.
    KeptShorter,
    /// A microphone or phone comes that is nobody's own.
    DeviceComes,
    /// What a device is called, and its room.
    DeviceName,
    /// What somebody is called.
    PersonName,
    /// What the household is called, its time zone, language and units.
    Settings,
}

impl ChangeKind {
    /// All of them.
    pub const ALL: [ChangeKind; 21] = [
        ChangeKind::PersonComes,
        ChangeKind::PersonGoes,
        ChangeKind::Born,
        ChangeKind::Guardians,
        ChangeKind::Owner,
        ChangeKind::LetIn,
        ChangeKind::Keys,
        ChangeKind::Circle,
        ChangeKind::DeviceOwner,
        ChangeKind::DeviceNature,
        ChangeKind::CameraComes,
        ChangeKind::ConsentForAnother,
        ChangeKind::ConsentForOneself,
        ChangeKind::KeptLonger,
        ChangeKind::ConsentWithdrawn,
        ChangeKind::DeviceGoes,
        ChangeKind::KeptShorter,
        ChangeKind::DeviceComes,
        ChangeKind::DeviceName,
        ChangeKind::PersonName,
        ChangeKind::Settings,
    ];
}

/// One thing that changed, and whom or what it concerns, by id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Change {
    /// What kind of thing.
    pub what: ChangeKind,
    /// Whom it concerns, if it is one person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// Who gave the consent, where that was somebody else than whom it concerns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<PersonId>,
    /// Which device it concerns, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceId>,
    /// What was agreed to or taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Purpose>,
    /// What is kept for another time, if it is one kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// How long that is kept from then on; none where no rule says it any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep: Option<Keep>,
    /// How long it was kept until then, by the rule about the same or by what held where there was none; none where that was not one time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<Keep>,
}

impl Change {
    fn of(what: ChangeKind) -> Change {
        Change {
            what,
            person: None,
            by: None,
            device: None,
            purpose: None,
            kind: None,
            keep: None,
            was: None,
        }
    }

    fn of_person(what: ChangeKind, person: &PersonId) -> Change {
        Change { person: Some(person.clone()), ..Change::of(what) }
    }

    /// What became another of a device.
    pub fn of_device(what: ChangeKind, device: &DeviceId) -> Change {
        Change { device: Some(device.clone()), ..Change::of(what) }
    }

    fn of_consent(what: ChangeKind, consent: &Consent) -> Change {
        let (person, device) = (Some(consent.person.clone()), consent.device.clone());
        let by = (consent.by != consent.person).then(|| consent.by.clone());
        Change { person, by, device, purpose: Some(consent.purpose), ..Change::of(what) }
    }

    fn of_rule(what: ChangeKind, rule: &Rule, keep: Option<Keep>, was: Option<Keep>) -> Change {
        let Rule { kind, device, person, keep: _ } = rule.clone();
        Change { person, device, kind, keep, was, ..Change::of(what) }
    }
}

impl Household {
    /// What changed since. Every field is named here, so that one that is added later is not passed over.
    pub fn changes_since(&self, before: &Household) -> BTreeSet<Change> {
        let Document {
            format: _,
            id: _,
            version: _,
            name,
            time_zone,
            language,
            units,
            people: _,
            devices: _,
            circles,
            consents,
            retention: _,
        } = self.to_document();
        let mut changed = BTreeSet::new();
        let settings = (&name, &time_zone, &language, &units);
        if settings != (&before.name, &before.time_zone, &before.language, &before.units) {
            changed.insert(Change::of(ChangeKind::Settings));
        }
        if circles != before.circles {
            changed.insert(Change::of(ChangeKind::Circle));
        }
        self.people_since(before, &mut changed);
        self.devices_since(before, &mut changed);
        for now in consents.iter().filter(|now| now.stands() && !before.consents.contains(now)) {
            let for_oneself = now.by == now.person;
            let what =
                if for_oneself { ChangeKind::ConsentForOneself } else { ChangeKind::ConsentForAnother };
            changed.insert(Change::of_consent(what, now));
        }
        let withdrawn = self.withdrawn_since(before).into_iter();
        changed.extend(withdrawn.map(|gone| Change::of_consent(ChangeKind::ConsentWithdrawn, gone)));
        self.rules_since(before, &mut changed);
        changed
    }

    fn people_since(&self, before: &Household, changed: &mut BTreeSet<Change>) {
        for now in &self.people {
            let Person { id, name, born, guardians, owner, keys } = now;
            let Ok(was) = before.person(id) else {
                changed.insert(Change::of_person(ChangeKind::PersonComes, id));
                continue;
            };
            let differs = [
                (*name != was.name, ChangeKind::PersonName),
                (*born != was.born, ChangeKind::Born),
                (*guardians != was.guardians, ChangeKind::Guardians),
                (*owner != was.owner, ChangeKind::Owner),
                (was.keys.is_none() && keys.is_some(), ChangeKind::LetIn),
                (was.keys.is_some() && *keys != was.keys, ChangeKind::Keys),
            ];
            let differs = differs.into_iter().filter(|(differs, _)| *differs);
            changed.extend(differs.map(|(_, what)| Change::of_person(what, id)));
        }
        let gone = before.people.iter().filter(|was| self.person(&was.id).is_err());
        changed.extend(gone.map(|was| Change::of_person(ChangeKind::PersonGoes, &was.id)));
    }

    fn devices_since(&self, before: &Household, changed: &mut BTreeSet<Change>) {
        for now in &self.devices {
            let Device { id, name, kind, room, person, address } = now;
            let owned = |what| Change { person: person.clone(), ..Change::of_device(what, id) };
            let Ok(was) = before.device(id) else {
                let camera = *kind == DeviceKind::Camera;
                let what = if camera { ChangeKind::CameraComes } else { ChangeKind::DeviceComes };
                changed.insert(Change::of_device(what, id));
                if person.is_some() {
                    changed.insert(owned(ChangeKind::DeviceOwner));
                }
                continue;
            };
            if (name, room) != (&was.name, &was.room) {
                changed.insert(Change::of_device(ChangeKind::DeviceName, id));
            }
            if (kind, address) != (&was.kind, &was.address) {
                changed.insert(Change::of_device(ChangeKind::DeviceNature, id));
            }
            if *person != was.person {
                changed.insert(owned(ChangeKind::DeviceOwner));
            }
        }
        let gone = before.devices.iter().filter(|was| self.device(&was.id).is_err());
        changed.extend(gone.map(|was| Change::of_device(ChangeKind::DeviceGoes, &was.id)));
    }

    /// The rules that came, went or say another time. What went with a person or a device is not among them.
    fn rules_since(&self, before: &Household, changed: &mut BTreeSet<Change>) {
        let (rules, were) = (&self.retention.rules, &before.retention.rules);
        let is_here = |rule: &Rule| {
            rule.person.as_ref().is_none_or(|id| self.person(id).is_ok())
                && rule.device.as_ref().is_none_or(|id| self.device(id).is_ok())
        };
        let came: Vec<&Rule> = rules.iter().filter(|rule| !were.contains(rule)).collect();
        // One that stays, or that another took the place of, did not go: of two about the same the one that is left may hold from now on.
        let stays = |was: &Rule| rules.contains(was) || came.iter().any(|rule| rule.is_about_the_same(was));
        let went = were.iter().filter(|was| !stays(was) && is_here(was)).map(|was| (was, None));
        let differ: Vec<_> = came.iter().map(|rule| (*rule, Some(rule.keep))).chain(went).collect();
        if differ.is_empty() {
            return;
        }
        let longer = self.keeps_longer_than(before);
        let what = if longer { ChangeKind::KeptLonger } else { ChangeKind::KeptShorter };
        let was = |rule| before.retention.until_now(rule);
        changed.extend(differ.into_iter().map(|(rule, keep)| Change::of_rule(what, rule, keep, was(rule))));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::{Example, NOW};

    #[test]
    fn of_a_rule_is_told_what_was_so_until_then_where_that_was_one_time() {
        let mut example = Example::new();
        let anna = example.anna.clone();
        let of_anna = Rule { kind: None, device: None, person: Some(anna), keep: Keep::Forever };
        let mut differs = |change: &dyn Fn(&mut Household)| {
            let before = example.home.clone();
            change(&mut example.home);
            let changed: Vec<Change> = example.home.changes_since(&before).into_iter().collect();
            (changed[0].was, changed[0].keep)
        };
        let video = |days| Rule::for_kind(Kind::Video, Keep::Days(days));
        let set = |rule: Rule| move |home: &mut Household| home.set_rule(rule.clone(), NOW).unwrap();
        let default = Keep::Days(Kind::Video.default_days());
        assert_eq!(differs(&set(video(14))), (Some(default), Some(Keep::Days(14))));
        assert_eq!(differs(&set(video(3))), (Some(Keep::Days(14)), Some(Keep::Days(3))));
        assert_eq!(differs(&set(of_anna)), (None, Some(Keep::Forever)), "of every kind no one time held");
        let back = |home: &mut Household| assert!(home.drop_rule(&video(3), NOW).unwrap());
        assert_eq!(differs(&back), (Some(Keep::Days(3)), None));
    }
}
