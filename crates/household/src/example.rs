//! A household to test with: Anna, who owns it and guards Mia (8) and Leo (15), and Tom, another adult.

use jiff::Timestamp;

use crate::{
    Agreement, Device, DeviceId, DeviceKind, Household, MemberKeys, Person, PersonId, Purpose, SignedDocument,
};

/// A Monday noon.
pub(crate) const NOW: Timestamp = Timestamp::constant(1_795_435_200, 0);

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A household as the owner's client built it, and everybody's keys.
pub(crate) struct Example {
    pub(crate) home: Household,
    pub(crate) first: SignedDocument,
    pub(crate) anna: PersonId,
    pub(crate) tom: PersonId,
    pub(crate) mia: PersonId,
    pub(crate) leo: PersonId,
    /// A shared microphone.
    pub(crate) kitchen: DeviceId,
    /// Personal to Tom.
    pub(crate) toms_phone: DeviceId,
    /// A camera that Anna added.
    pub(crate) porch: DeviceId,
    pub(crate) anna_keys: MemberKeys,
    pub(crate) tom_keys: MemberKeys,
}

impl Example {
    pub(crate) fn new() -> Self {
        let anna_keys = MemberKeys::generate().unwrap();
        let tom_keys = MemberKeys::generate().unwrap();

        let anna = Person::new("Anna", "1984-03".parse().unwrap()).unwrap();
        let (mut home, first) =
            Household::first(Some("Maple Street 5"), "America/New_York", "en", anna, &anna_keys, NOW)
                .unwrap();
        let anna = home.people[0].id.clone();

        let mut tom = Person::new("Tom", "1982-11".parse().unwrap()).unwrap();
        tom.keys = Some(tom_keys.public());
        let mut mia = Person::new("Mia", "2018-05".parse().unwrap()).unwrap();
        mia.guardians.push(anna.clone());
        let mut leo = Person::new("Leo", "2011-02".parse().unwrap()).unwrap();
        leo.guardians.push(anna.clone());
        let ids = [&tom, &mia, &leo].map(|p| p.id.clone());
        for person in [tom, mia, leo] {
            home.add_person(person, NOW).unwrap();
        }
        let [tom, mia, leo] = ids;
        home.tend_circles(&anna, &anna_keys, NOW).unwrap();

        let device = |name: &str, kind, room: Option<&str>| {
            let mut device = Device::new(name, kind).unwrap();
            device.room = room.map(str::to_owned);
            device
        };
        let kitchen = device("Kitchen", DeviceKind::Microphone, Some("Kitchen"));
        let porch = device("Porch", DeviceKind::Camera, Some("Porch"));
        let mut toms_phone = device("Tom's phone", DeviceKind::Phone, None);
        toms_phone.person = Some(tom.clone());
        let ids = [&kitchen, &toms_phone, &porch].map(|d| d.id.clone());
        for (device, by) in [(kitchen, &anna), (toms_phone, &tom), (porch, &anna)] {
            home.add_device(device, by, NOW).unwrap();
        }
        let [kitchen, toms_phone, porch] = ids;
        Self { home, first, anna, tom, mia, leo, kitchen, toms_phone, porch, anna_keys, tom_keys }
    }

    /// The porch camera's sound.
    pub(crate) fn porch_sound(&self) -> Agreement {
        Agreement { purpose: Purpose::Sound, device: Some(self.porch.clone()) }
    }
}
