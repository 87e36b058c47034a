//! Who a recording is sealed to.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};

use age::x25519::Recipient;
use jiff::Timestamp;

use crate::error::Error;

/// The keys that a recording is sealed to; never empty.
///
/// People and circles are given by their age X25519 recipients (`age1…`). The hub's own key is in an audience only
/// where that is asked for by name: for what the hub must use itself.
#[derive(Clone)]
pub struct Audience {
    people: BTreeMap<String, Recipient>,
    hub: bool,
}

impl Audience {
    /// These people and circles, and not the hub. Keys given twice count once.
    ///
    /// # Errors
    /// [`Error::BadInput`] when there is none, or one is not an age X25519 recipient.
    pub fn people<R: AsRef<str>>(recipients: impl IntoIterator<Item = R>) -> Result<Audience, Error> {
        let people = recipients
            .into_iter()
            .map(|recipient| {
                let key: Recipient = recipient.as_ref().trim().parse().map_err(|why: &str| {
                    Error::BadInput(format!("{:?} is not an age recipient: {why}", recipient.as_ref()))
                })?;
                Ok((key.to_string(), key))
            })
            .collect::<Result<BTreeMap<_, _>, Error>>()?;
        if people.is_empty() {
            return Err(Error::BadInput(
                "an audience must name at least one key: a recording that nobody can open is not kept".into(),
            ));
        }
        Ok(Audience { people, hub: false })
    }

    /// The hub alone: for what it must use itself and nobody else reads, such as a voiceprint in use.
    pub fn hub() -> Audience {
        Audience { people: BTreeMap::new(), hub: true }
    }

    /// The same people, and the hub: for what it must use itself, such as a list or a timer.
    #[must_use]
    pub fn and_hub(mut self) -> Audience {
        self.hub = true;
        self
    }

    /// Seals something to these people that is handed over now and kept nowhere: an age file like any other.
    ///
    /// # Errors
    /// [`Error::Stopped`] where the system has no randomness, [`Error::BadInput`] where it is to be sealed to the hub.
    pub fn seal(&self, plaintext: &[u8]) -> Result<Vec<u8>, Error> {
        if self.hub {
            return Err(Error::BadInput("what is handed over is sealed to people alone".into()));
        }
        let recipients = self.people.values().map(|key| key as &dyn age::Recipient);
        let mut sealed = Vec::with_capacity(plaintext.len() + 512);
        age::Encryptor::with_recipients(recipients)
            .map_err(io::Error::other)
            .and_then(|encryptor| encryptor.wrap_output(&mut sealed))
            .and_then(|mut writer| writer.write_all(plaintext).and_then(|()| writer.finish()))
            .map_err(|why| Error::Stopped(format!("it could not be sealed ({why})")))?;
        Ok(sealed)
    }

    /// Whether the hub can open what is sealed to this audience.
    pub fn includes_hub(&self) -> bool {
        self.hub
    }

    /// The keys to seal to, given the hub's own.
    pub(crate) fn recipients<'a>(
        &'a self,
        hub: &'a Recipient,
    ) -> impl Iterator<Item = &'a dyn age::Recipient> {
        self.people.values().chain(self.hub.then_some(hub)).map(|key| key as &dyn age::Recipient)
    }
}

impl fmt::Debug for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Audience({} keys{})", self.people.len(), if self.hub { " and the hub" } else { "" })
    }
}

/// Who may read the detail of a line of the ledger, and until when it is kept.
#[derive(Clone, Debug)]
pub struct Readers {
    /// Those concerned. The detail is sealed to them.
    pub audience: Audience,
    /// When the detail is forgotten. The line itself stays, and says only what kind of event it was, and the hour.
    pub until: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_never_empty_and_takes_only_age_keys() {
        assert!(Audience::people(Vec::<String>::new()).is_err());
        let bad = Audience::people(["age1nonsense"]).unwrap_err().to_string();
        assert!(bad.contains("age1nonsense"), "{bad}");
    }

    #[test]
    fn the_hub_is_in_it_only_by_name() {
        let ann = age::x25519::Identity::generate().to_public();
        let hub = age::x25519::Identity::generate().to_public();
        let people = Audience::people([ann.to_string(), ann.to_string()]).unwrap();
        assert!(!people.includes_hub());
        assert_eq!(people.recipients(&hub).count(), 1);
        assert_eq!(people.and_hub().recipients(&hub).count(), 2);
        assert_eq!(Audience::hub().recipients(&hub).count(), 1);
    }
}
