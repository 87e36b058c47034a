//! Letting somebody in, at the owner's end: a code that only the two clients know, what came back held against it, and the numbers.

use std::sync::OnceLock;

use jiff::Timestamp;
use porchlight_household::invitation::{Code, Greeting, Newcomer, Nonce, Numbers, Secrets};
use porchlight_household::{PersonId, PublicKeys};
use porchlight_protocol::events::Happening;
use porchlight_protocol::{
    AnswerView, ChangeDone, InvitationNonce, InvitationState, InvitationView, NewInvitation, PhoneView,
};

use crate::household::Extras;
use crate::patience::patiently;
use crate::{ClientError, EventStream, Member};

/// An invitation that this computer made. The code is here and at the newcomer's, and nowhere else.
pub struct Inviting {
    code: Code,
    secrets: Secrets,
    /// Given away only when an answer was taken.
    nonce: Nonce,
    /// The binding of the answer that was taken. Whatever the hub shows afterwards, no other is, so that nobody who knows the nonce
    /// chooses what is compared.
    taken: OnceLock<String>,
    person: PersonId,
    name: String,
    greeting: String,
    until: Timestamp,
    phone: PhoneView,
}

/// How far an invitation is.
pub enum Progress {
    /// Nobody has come with the code yet.
    Waiting,
    /// Somebody has.
    Opened,
    /// They have made what is theirs: the numbers are to be compared.
    Answered(Box<Answer>),
    /// The newcomer stopped it.
    Stopped,
    /// Its time is over.
    Ended,
    /// The hub does not know it any more: it was started anew, or another one took the place of this.
    Gone,
}

/// What a newcomer made, who has the code.
pub struct Answer {
    keys: PublicKeys,
    binding: String,
    /// What both screens show.
    pub numbers: Numbers,
}

impl Inviting {
    /// Who is asked in.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The code, as it is read out.
    pub fn code(&self) -> &Code {
        &self.code
    }

    /// Until when it works.
    pub fn until(&self) -> Timestamp {
        self.until
    }

    /// What a phone at home opens to come in; none where phones cannot.
    pub fn address(&self) -> Option<String> {
        let address = self.phone.addresses.first().filter(|_| self.phone.network)?;
        Some(format!("{address}/#/join/{}", self.code.letters()))
    }

    /// What a phone opens first that does not trust the hub yet, where it has to.
    pub fn trust(&self) -> Option<String> {
        let address = self.phone.addresses.first().filter(|_| self.phone.authority.is_some())?;
        Some(format!("{address}/#/trust"))
    }

    /// Takes what arrived, where whoever has the code made it and nothing else was taken before.
    fn take(&self, shown: AnswerView) -> Option<Answer> {
        let Inviting { secrets, nonce, taken, greeting, .. } = self;
        let AnswerView { keys, account, binding } = shown;
        let newcomer = Newcomer { greeting, keys: &keys, account: &account };
        if !secrets.is_binding(&newcomer, &binding) || *taken.get_or_init(|| binding.clone()) != binding {
            return None;
        }
        let numbers = secrets.numbers(&binding, nonce);
        Some(Answer { keys, binding, numbers })
    }
}

/// Follows an invitation.
pub struct Watching<'a> {
    member: &'a Member,
    inviting: &'a Inviting,
    /// What happens from then on; none where the hub has to be asked again for it.
    events: Option<EventStream>,
    last: Option<InvitationState>,
}

impl Member {
    /// Asks somebody in who stands in the household and has no keys. A code that they had before works no more.
    pub fn invite(&self, name: &str) -> Result<Inviting, ClientError> {
        let keys = self.keys()?;
        let home = self.accept(self.http.get("/api/household")?)?;
        let (me, person) = (self.me_in(&home, &keys)?, home.person_named(name)?);
        let (code, nonce, signer) = (Code::generate()?, Nonce::generate()?, keys.public().signer);
        let (secrets, commitment) = (code.secrets()?, nonce.commitment());
        let greeting = secrets.greeting(&Greeting {
            household: home.id.as_str(),
            person: person.id.as_str(),
            name: &person.name,
            household_name: home.name.as_deref(),
            by: &home.person(&me)?.name,
            by_signer: &signer,
            commitment: &commitment,
        });
        let new = NewInvitation {
            person: person.id.to_string(),
            handle: secrets.handle().to_owned(),
            commitment,
            greeting: greeting.clone(),
        };
        let InvitationView { until, .. } = self.http.post("/api/invitations", &new)?;
        let phone = self.http.get("/api/phone")?;
        let (person, name, taken) = (person.id.clone(), person.name.clone(), OnceLock::new());
        Ok(Inviting { code, secrets, nonce, taken, person, name, greeting, until, phone })
    }

    /// Follows an invitation.
    pub fn watch<'a>(&'a self, inviting: &'a Inviting) -> Watching<'a> {
        Watching { member: self, inviting, events: None, last: None }
    }

    /// Ends an invitation: nobody is let in by it.
    pub fn stop_inviting(&self, inviting: &Inviting) -> Result<(), ClientError> {
        self.http.delete(&format!("/api/invitations/{}", inviting.person))
    }

    /// Lets in who answered: from now on they sign in, and what is sealed to the household is sealed to them too.
    pub fn let_in(&self, inviting: &Inviting, answer: &Answer) -> Result<ChangeDone, ClientError> {
        self.change(|home, me, keys, now| {
            home.set_keys(&inviting.person, answer.keys.clone(), now)?;
            home.tend_circles(me, keys, now)?;
            let mut extras = Extras::default();
            extras.let_in.insert(inviting.person.to_string(), answer.binding.clone());
            Ok(extras)
        })
    }
}

impl Watching<'_> {
    /// Waits until the invitation is further than it was, and says how far.
    ///
    /// # Errors
    /// [`ClientError::AlteredAnswer`] where what the hub shows was not made by whoever has the code, or is not what it showed before.
    pub fn further(&mut self) -> Result<Progress, ClientError> {
        loop {
            // Whoever listens first misses nothing of what comes after what they are told.
            if self.events.is_none() {
                self.events = Some(patiently(|| self.member.events(None))?);
            }
            let views: Vec<InvitationView> = patiently(|| self.member.http.get("/api/invitations"))?;
            // A newer one of the same person is another screen's.
            let view = views.into_iter().find(|view| view.handle == self.inviting.secrets.handle());
            let Some(view) = view else { return Ok(Progress::Gone) };
            if self.last.replace(view.state) != Some(view.state)
                && let Some(progress) = self.progress(view)?
            {
                return Ok(progress);
            }
            let is_meant = |what: &Happening| matches!(what, Happening::Invitation { .. });
            let next = self.events.as_mut().and_then(|events| {
                events.find(|event| event.as_ref().map_or(true, |event| is_meant(&event.what)))
            });
            if !matches!(next, Some(Ok(_))) {
                self.events = None;
            }
        }
    }

    /// How far it is, where it has not gone on meanwhile.
    fn progress(&self, view: InvitationView) -> Result<Option<Progress>, ClientError> {
        Ok(Some(match (view.state, view.answer) {
            (InvitationState::Waiting, _) => Progress::Waiting,
            (InvitationState::Opened, _) => Progress::Opened,
            (InvitationState::Answered, Some(shown)) => {
                let answer = self.inviting.take(shown).ok_or_else(|| self.altered())?;
                if !self.gives_the_nonce()? {
                    return Ok(None);
                }
                Progress::Answered(Box::new(answer))
            }
            (InvitationState::Answered, None) => return Err(self.altered()),
            (InvitationState::Stopped, _) => Progress::Stopped,
            (InvitationState::Ended, _) => Progress::Ended,
        }))
    }

    /// Gives the newcomer what the numbers hang on, for which an answer has been taken. Whether the invitation was there still.
    fn gives_the_nonce(&self) -> Result<bool, ClientError> {
        let Inviting { person, nonce, .. } = self.inviting;
        let (path, given) = (format!("/api/invitations/{person}/nonce"), nonce.text().to_owned());
        let given = InvitationNonce { nonce: given };
        match patiently(|| self.member.http.post_nothing_back(&path, &given)) {
            Ok(()) => Ok(true),
            Err(error) if error.word() == Some("invitation-not-yours") => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn altered(&self) -> ClientError {
        ClientError::AlteredAnswer(self.inviting.name.clone())
    }
}

#[cfg(test)]
mod tests {
    use porchlight_household::MemberKeys;
    use porchlight_household::invitation::account_hash;

    use super::*;

    #[test]
    fn the_first_answer_that_fits_is_taken_and_none_after_it() {
        let code = Code::generate().unwrap();
        let (secrets, nonce) = (code.secrets().unwrap(), Nonce::generate().unwrap());
        let answer = |account: &str| {
            let keys = MemberKeys::generate().unwrap().public();
            let account = account_hash([account; 7]);
            let made = Newcomer { greeting: "greeting", keys: &keys, account: &account };
            let binding = secrets.binding(&made);
            AnswerView { keys, account, binding }
        };
        let (first, second) = (answer("first"), answer("second"));
        let inviting = Inviting {
            secrets: code.secrets().unwrap(),
            code,
            nonce,
            taken: OnceLock::new(),
            person: "p-0123456789abcdef".parse().unwrap(),
            name: "Tom".to_owned(),
            greeting: "greeting".to_owned(),
            until: Timestamp::UNIX_EPOCH,
            phone: PhoneView {
                network: false,
                addresses: Vec::new(),
                authority: None,
                given: false,
                yours: false,
            },
        };
        // What does not fit takes nobody's place.
        let mixed = AnswerView { keys: second.keys.clone(), ..first.clone() };
        assert!(inviting.take(mixed).is_none());
        let numbers = inviting.take(first.clone()).unwrap().numbers;
        assert!(inviting.take(second).is_none(), "made by whoever has the code, and too late");
        assert_eq!(inviting.take(first).unwrap().numbers, numbers);
    }
}
