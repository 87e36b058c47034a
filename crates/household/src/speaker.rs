//! Law 5: an unknown voice is a child's.

use jiff::Timestamp;

use crate::{DeviceId, Household, PersonId};

/// Whose voice it is, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Speaker {
    /// This person spoke. For now always an adult of the household.
    Known(PersonId),
    /// Anybody may have spoken, a child too: answered, then forgotten.
    Unknown,
}

impl Speaker {
    /// The person, if known.
    pub fn person(&self) -> Option<&PersonId> {
        match self {
            Self::Known(person) => Some(person),
            Self::Unknown => None,
        }
    }
}

impl Household {
    /// Who spoke, given whose signed-in session the sound came by and which microphone it came from.
    ///
    /// Known is push-to-talk in an adult's session with no shared microphone between (`device` is `None`), or a device
    /// that is personal to that very adult, in that adult's own session. Everything else is [`Speaker::Unknown`]:
    /// a shared microphone, a camera, a device of somebody else's, a teen's or child's session, no session, a device
    /// that the household does not have.
    pub fn speaker(&self, session: Option<&PersonId>, device: Option<&DeviceId>, now: Timestamp) -> Speaker {
        let Some(adult) = session.filter(|person| self.is_adult(person, now)) else {
            return Speaker::Unknown;
        };
        let theirs_alone = match device {
            None => true,
            Some(id) => self.device(id).is_ok_and(|device| device.person.as_ref() == Some(adult)),
        };
        if theirs_alone { Speaker::Known(adult.clone()) } else { Speaker::Unknown }
    }

    /// Who spoke at a device that has proved by its own credential which one it is: the adult it is personal to, and anybody where it
    /// is shared or the household does not have it.
    pub fn speaker_at(&self, device: &DeviceId, now: Timestamp) -> Speaker {
        let personal = self.device(device).ok().and_then(|device| device.person.clone());
        personal.filter(|person| self.is_adult(person, now)).map_or(Speaker::Unknown, Speaker::Known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::{Example, NOW, at};

    #[test]
    fn the_table_of_law_five() {
        let e = Example::new();
        let stranger: PersonId = "stranger".parse().unwrap();
        let nowhere: DeviceId = "nowhere".parse().unwrap();
        let table: [(Option<&PersonId>, Option<&DeviceId>, bool); 13] = [
            (Some(&e.anna), None, true),
            (Some(&e.tom), None, true),
            (Some(&e.tom), Some(&e.toms_phone), true),
            (Some(&e.anna), Some(&e.toms_phone), false), // somebody else's device
            (None, Some(&e.toms_phone), false),          // personal, but nobody signed in
            (Some(&e.anna), Some(&e.kitchen), false),    // a shared microphone
            (None, Some(&e.kitchen), false),
            (Some(&e.anna), Some(&e.porch), false), // a camera
            (Some(&e.mia), None, false),            // a child
            (Some(&e.leo), None, false),            // a teen
            (Some(&stranger), None, false),
            (Some(&e.anna), Some(&nowhere), false),
            (None, None, false),
        ];
        for (session, device, known) in table {
            let expected = match session {
                Some(person) if known => Speaker::Known(person.clone()),
                _ => Speaker::Unknown,
            };
            assert_eq!(e.home.speaker(session, device, NOW), expected, "{session:?} {device:?}");
        }
    }

    #[test]
    fn at_a_device_that_proves_itself_its_own_adult_speaks() {
        let e = Example::new();
        assert_eq!(e.home.speaker_at(&e.toms_phone, NOW), Speaker::Known(e.tom.clone()));
        let behind = at("1970-01-01T00:00:00Z");
        assert_eq!(e.home.speaker_at(&e.toms_phone, behind), Speaker::Unknown);
        for shared in [&e.kitchen, &e.porch, &"nowhere".parse().unwrap()] {
            assert_eq!(e.home.speaker_at(shared, NOW), Speaker::Unknown, "{shared}");
        }
    }

    #[test]
    fn with_a_clock_that_is_behind_nobody_is_known() {
        let e = Example::new();
        assert_eq!(e.home.speaker(Some(&e.anna), None, at("1970-01-01T00:00:00Z")), Speaker::Unknown);
    }
}
