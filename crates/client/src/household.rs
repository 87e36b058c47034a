//! Changing the household: read the signed document, check it, edit it, sign the next version.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use porchlight_camera::parse_address;
use porchlight_household::{
    Age, Device, DeviceChange, DeviceKind, Household, MemberKeys, Person, PersonChange, PersonId,
    SignedDocument, SignedStep,
};
use porchlight_protocol::{ChangeDone, HouseholdChange, PrivacySwitched, ProofFor, SwitchPrivacy, query};
use url::Url;
use zeroize::Zeroizing;

use crate::{ClientError, Member};

/// A device to add to the household.
pub struct NewDevice {
    /// Its name.
    pub name: String,
    /// `microphone`, `camera` or `phone`.
    pub kind: String,
    /// A camera's RTSP address, with user and password.
    pub address: Option<Zeroizing<String>>,
    /// The room it is in.
    pub room: Option<String>,
    /// The name of the adult it is personal to.
    pub person: Option<String>,
}

/// What is to be written about somebody from now on; what is absent stays as it is.
#[derive(Default)]
pub struct PersonDetails {
    /// Their name.
    pub name: Option<String>,
    /// Their birth month, `YYYY-MM`.
    pub born: Option<String>,
    /// The names of all their guardians, in place of those before.
    pub guardians: Option<Vec<String>>,
    /// Whether they may change the household.
    pub owner: Option<bool>,
}

/// Somebody to add to the household.
pub struct NewPerson {
    /// Their name.
    pub name: String,
    /// Their birth month, `YYYY-MM`.
    pub born: String,
    /// The names of their guardians.
    pub guardians: Vec<String>,
}

/// What goes along with a document.
#[derive(Default)]
pub(crate) struct Extras {
    addresses: BTreeMap<String, String>,
    pub(crate) let_in: BTreeMap<String, String>,
}

/// Some cameras take a password in the path or the query: the document names the host alone.
fn host_of(address: &str) -> Result<Url, ClientError> {
    let (mut url, _) = parse_address(address)?;
    url.set_path("");
    url.set_query(None);
    Ok(url)
}

impl Member {
    /// Adds a person; whether they are an `adult`, a `teen` or a `child`. They come in with keys of their own once they are
    /// [invited](Self::invite).
    pub fn add_person(&self, new: &NewPerson) -> Result<&'static str, ClientError> {
        let mut added = None;
        self.change(|home, me, keys, now| {
            let mut person = Person::new(&new.name, new.born.parse()?)?;
            person.guardians = new
                .guardians
                .iter()
                .map(|name| home.person_named(name).map(|guardian| guardian.id.clone()))
                .collect::<Result<_, _>>()?;
            let id = person.id.clone();
            home.add_person(person, now)?;
            home.tend_circles(me, keys, now)?;
            added = Some(match home.age(&id, now)? {
                Age::Adult => "adult",
                Age::Teen => "teen",
                Age::Child => "child",
            });
            Ok(Extras::default())
        })?;
        added.ok_or_else(|| ClientError::Bad("the person was not added".to_owned()))
    }

    /// Corrects what is written about a person. What a guardian who is none any more agreed to ends, and what was kept for it is
    /// forgotten.
    pub fn change_person(&self, name: &str, details: &PersonDetails) -> Result<ChangeDone, ClientError> {
        self.change(person_changes(name, details))
    }

    /// Refuses that as the hub would, before anybody is asked whether they mean it.
    pub fn must_change_person(&self, name: &str, details: &PersonDetails) -> Result<(), ClientError> {
        self.rehearse(person_changes(name, details)).map(drop)
    }

    /// Removes a person; what was kept for them is forgotten.
    pub fn remove_person(&self, name: &str) -> Result<ChangeDone, ClientError> {
        self.change(person_goes(name))
    }

    /// Adds a device.
    pub fn add_device(&self, new: NewDevice) -> Result<ChangeDone, ClientError> {
        self.change(|home, me, _, now| {
            let kind = match new.kind.as_str() {
                "camera" => DeviceKind::Camera,
                "phone" => DeviceKind::Phone,
                _ => DeviceKind::Microphone,
            };
            let mut device = Device::new(&new.name, kind)?;
            device.room = new.room.clone();
            device.person = new
                .person
                .as_deref()
                .map(|name| home.person_named(name).map(|person| person.id.clone()))
                .transpose()?;
            let mut extras = Extras::default();
            match (&new.address, kind) {
                (Some(address), DeviceKind::Camera) => {
                    device.address = Some(host_of(address)?);
                    extras.addresses.insert(device.id.to_string(), address.to_string());
                }
                (None, DeviceKind::Camera) => {
                    return Err(ClientError::Bad(
                        "a camera needs an address: --url rtsp://user:password@HOST/PATH".to_owned(),
                    ));
                }
                (Some(_), _) => {
                    return Err(ClientError::Bad("only a camera has an address; leave --url out".to_owned()));
                }
                (None, _) => {}
            }
            home.add_device(device, me, now)?;
            Ok(extras)
        })
    }

    /// Corrects what is written about a device.
    pub fn change_device(&self, name: &str, change: &DeviceChange) -> Result<ChangeDone, ClientError> {
        self.change(|home, _, _, now| {
            let id = home.device_named(name)?.id.clone();
            home.change_device(&id, change.clone(), now)?;
            Ok(Extras::default())
        })
    }

    /// Tells the hub another address of a camera, or another password: its film stays.
    pub fn move_camera(&self, name: &str, address: &str) -> Result<ChangeDone, ClientError> {
        self.change(|home, _, _, now| {
            let device = home.device_named(name)?;
            if device.kind != DeviceKind::Camera {
                return Err(ClientError::Bad(format!(
                    "{} is no camera, and only a camera has an address",
                    device.name
                )));
            }
            let id = device.id.clone();
            let change = DeviceChange { address: Some(host_of(address)?), ..DeviceChange::default() };
            home.change_device(&id, change, now)?;
            Ok(Extras {
                addresses: BTreeMap::from([(id.to_string(), address.to_owned())]),
                ..Extras::default()
            })
        })
    }

    /// Switches the privacy of cameras on or off, by name; of every one where none is named. Gives those that were switched.
    pub fn switch_privacy(&self, names: &[String], on: bool) -> Result<PrivacySwitched, ClientError> {
        let home = self.accept(self.http.get("/api/household")?)?;
        let mut cameras = Vec::new();
        for name in names {
            let device = home.device_named(name)?;
            if device.kind != DeviceKind::Camera {
                let text = format!("{} is no camera, and only a camera has privacy", device.name);
                return Err(ClientError::Bad(text));
            }
            cameras.push(device.id.to_string());
        }
        self.http.put("/api/privacy", &SwitchPrivacy { on, cameras })
    }

    /// Removes a device; what was recorded with it is forgotten, and its password destroyed.
    pub fn remove_device(&self, name: &str) -> Result<ChangeDone, ClientError> {
        self.change(device_goes(name))
    }

    /// The household's time zone.
    pub fn time_zone(&self) -> Result<TimeZone, ClientError> {
        let signed: SignedDocument = self.http.get("/api/household")?;
        Ok(self.accept(signed)?.zone().clone())
    }

    /// What everybody in the household is called, by their ids.
    pub fn names(&self) -> Result<BTreeMap<String, String>, ClientError> {
        let signed: SignedDocument = self.http.get("/api/household")?;
        let home = self.accept(signed)?;
        Ok(home.people.iter().map(|person| (person.id.to_string(), person.name.clone())).collect())
    }

    /// The household in a document that the hub shows, if it follows from the one that this computer saw last: a hub that was broken into
    /// must not get its own reader signed.
    pub(crate) fn accept(&self, signed: SignedDocument) -> Result<Household, ClientError> {
        let seen = self.seen.borrow().clone();
        let news = seen.as_ref().filter(|seen| seen.document != signed.document);
        let steps = news.map(|seen| self.steps_after(seen)).transpose()?.unwrap_or_default();
        let home = signed
            .verify_seen(seen.as_ref(), &steps)
            .map_err(|error| ClientError::Tampered(error.to_string().trim_end_matches('.').to_owned()))?;
        *self.seen.borrow_mut() = Some(signed);
        Ok(home)
    }

    /// The steps to what the hub shows from what this computer saw last.
    fn steps_after(&self, seen: &SignedDocument) -> Result<Vec<SignedStep>, ClientError> {
        let version = seen.household_already_verified()?.version.to_string();
        self.http.get(&format!("/api/household/steps{}", query(&[("after", Some(&version))])))
    }

    /// Who this member is, by their keys.
    pub(crate) fn me_in(&self, home: &Household, keys: &MemberKeys) -> Result<PersonId, ClientError> {
        let me = home.people.iter().find(|person| person.keys.as_ref() == Some(&keys.public()));
        Ok(me.ok_or_else(|| ClientError::Tampered("your own key is not in it".to_owned()))?.id.clone())
    }

    /// Refuses what only an adult may do, before anybody is asked whether they mean it.
    pub fn must_be_adult(&self) -> Result<(), ClientError> {
        let home = self.accept(self.http.get("/api/household")?)?;
        // By the hub's clock, which judges it: this computer may show another year.
        match home.is_adult(&self.me_in(&home, &self.keys()?)?, self.clock()?.now) {
            true => Ok(()),
            false => Err(ClientError::Bad("only an adult of the household can do that".to_owned())),
        }
    }

    /// Why a change that was made by this computer's clock cannot be made.
    fn of_change(&self, why: ClientError, here: Timestamp) -> ClientError {
        match self.clock() {
            Ok(clock) => why.of_change(here, clock.now),
            Err(_) => why,
        }
    }

    /// Makes a change here alone, and asks the rule that the hub asks: whoever may not make it is told before, and not after, they were
    /// asked whether they mean it. Gives the household as it is, and as it would be.
    pub(crate) fn rehearse(&self, mut edit: impl Edit) -> Result<(Household, Household), ClientError> {
        let keys = self.keys()?;
        let shown = self.accept(self.http.get("/api/household")?)?;
        let (me, now, mut home) = (self.me_in(&shown, &keys)?, Timestamp::now(), shown.clone());
        edit(&mut home, &me, &keys, now).map_err(|why| self.of_change(why, now))?;
        let after = home.sign_next(&me, &keys)?.verify_next(&shown, now);
        Ok((shown, after.map_err(|why| self.of_change(why.into(), now))?))
    }

    /// Reads the document, has it edited, signs it and sends it. If somebody else changed the household meanwhile, the hub refuses, and
    /// the edit is made anew on what they left. Where the edit leaves all as it was no version is signed.
    pub(crate) fn change(&self, mut edit: impl Edit) -> Result<ChangeDone, ClientError> {
        let keys = self.keys()?;
        let mut proof = None;
        for last in [false, false, true] {
            let before: SignedDocument = self.http.get("/api/household")?;
            let shown = self.accept(before.clone())?;
            let mut home = shown.clone();
            let me = self.me_in(&home, &keys)?;
            let now = Timestamp::now();
            let extras = edit(&mut home, &me, &keys, now).map_err(|why| self.of_change(why, now))?;
            if home == shown && extras.addresses.is_empty() {
                return Ok(unchanged(&home));
            }
            let signed = home.sign_next(&me, &keys)?;
            let step = SignedStep::sign(&before, &signed, &keys)?;
            let Extras { addresses, let_in } = extras;
            let mut change = HouseholdChange { signed, step, addresses, let_in, proof: None };
            // One that was refused because somebody else came first has used up no proof.
            let sent = self.http.with_proof(ProofFor::Household, &mut proof, |proof| {
                change.proof = proof.map(str::to_owned);
                self.http.put("/api/household", &change)
            });
            match sent {
                Err(error) if error.word() == Some("conflict") && !last => {}
                Err(error) => return Err(self.of_change(error, now)),
                Ok(done) => {
                    let done: ChangeDone = done;
                    *self.seen.borrow_mut() = Some(change.signed);
                    for receipt in done.deletions.iter().filter_map(|deletion| deletion.receipt.as_ref()) {
                        self.meet_receipt(receipt)?;
                    }
                    return Ok(done);
                }
            }
        }
        Err(ClientError::Bad(
            "the household is being changed by somebody else all the time; try again".to_owned(),
        ))
    }
}

/// A change of the household that a client makes before it signs it.
pub(crate) trait Edit:
    FnMut(&mut Household, &PersonId, &MemberKeys, Timestamp) -> Result<Extras, ClientError>
{
}
impl<F> Edit for F where
    F: FnMut(&mut Household, &PersonId, &MemberKeys, Timestamp) -> Result<Extras, ClientError>
{
}

fn person_changes<'a>(name: &'a str, details: &'a PersonDetails) -> impl Edit + 'a {
    move |home: &mut Household, me: &PersonId, keys: &MemberKeys, now| {
        let id = home.person_named(name)?.id.clone();
        let named = |names: &Vec<String>| {
            names.iter().map(|name| home.person_named(name).map(|guardian| guardian.id.clone())).collect()
        };
        let guardians: Option<Vec<PersonId>> = details.guardians.as_ref().map(named).transpose()?;
        if let Some(after) = &guardians {
            // Whoever comes is given the child's circle by one who holds it, before those who go take its key along.
            let mut both = home.person(&id)?.guardians.clone();
            both.extend(
                after.iter().filter(|guardian| !both.contains(guardian)).cloned().collect::<Vec<_>>(),
            );
            let meanwhile = PersonChange { guardians: Some(both), ..PersonChange::default() };
            home.change_person(&id, meanwhile, now)?;
            home.tend_circles(me, keys, now)?;
        }
        let change = PersonChange {
            name: details.name.clone(),
            born: details.born.as_deref().map(str::parse).transpose()?,
            guardians,
            owner: details.owner,
        };
        home.change_person(&id, change, now)?;
        home.tend_circles(me, keys, now)?;
        Ok(Extras::default())
    }
}

pub(crate) fn person_goes(name: &str) -> impl Edit + '_ {
    move |home: &mut Household, me: &PersonId, keys: &MemberKeys, now| {
        let id = home.person_named(name)?.id.clone();
        home.remove_person(&id, now)?;
        home.tend_circles(me, keys, now)?;
        Ok(Extras::default())
    }
}

pub(crate) fn device_goes(name: &str) -> impl Edit + '_ {
    move |home: &mut Household, _: &PersonId, _: &MemberKeys, _| {
        let id = home.device_named(name)?.id.clone();
        home.remove_device(&id)?;
        Ok(Extras::default())
    }
}

/// What came of a change that changes nothing.
fn unchanged(home: &Household) -> ChangeDone {
    let sentence = "It was so already; nothing was changed.".to_owned();
    ChangeDone { version: home.version, forgotten: Vec::new(), sentence, deletions: Vec::new() }
}
