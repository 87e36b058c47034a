//! Coming into a household, at the newcomer's end: who asks is held against the code, then keys, passphrase, authenticator and kit are
//! made here, and the numbers.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use porchlight_household::invitation::{Code, Greeting, Newcomer, Nonce, Numbers, Secrets};
use porchlight_protocol::{
    AnswerState, InvitationAnswer, InvitationHandle, InvitationRegistration, InvitationWait,
    InvitationWaited, OpenedInvitation, RegistrationAnswer,
};

use crate::http::Http;
use crate::patience::patiently;
use crate::session::sign_in;
use crate::{ClientError, Codes, Enrolled, Member, SignedInAs, enrol};

const STOPPED: &str = "was stopped";
const ENDED: &str = "ended";

/// Somebody who came with a code.
pub struct Joining {
    http: Http,
    secrets: Secrets,
    opened: OpenedInvitation,
}

/// What they made, for the hub to keep once they are in, and what they put away themselves.
pub struct Joined {
    answer: InvitationAnswer,
    /// For the newcomer alone.
    pub enrolled: Enrolled,
}

impl Joining {
    /// Comes with a code. `authority` is the certificate of the household's authority, PEM, that an https hub has to show.
    ///
    /// # Errors
    /// [`ClientError::AlteredInvitation`] where it is not the owner who says what the hub shows.
    pub fn open(hub: &str, authority: Option<&str>, code: &Code) -> Result<Joining, ClientError> {
        let (http, secrets) = (Http::new(hub, authority)?, code.secrets()?);
        let handle = InvitationHandle { handle: secrets.handle().to_owned() };
        let opened: OpenedInvitation = http.post("/api/invitations/open", &handle)?;
        let asking = Greeting {
            household: &opened.household,
            person: &opened.person,
            name: &opened.name,
            household_name: opened.household_name.as_deref(),
            by: &opened.by,
            by_signer: &opened.by_signer,
            commitment: &opened.commitment,
        };
        let greeted = secrets.is_greeting(&asking, &opened.greeting);
        let joining = Joining { http, secrets, opened };
        if greeted { Ok(joining) } else { Err(joining.altered()) }
    }

    /// Who is asked in.
    pub fn name(&self) -> &str {
        &self.opened.name
    }

    /// Which owner asks.
    pub fn by(&self) -> &str {
        &self.opened.by
    }

    /// What the household is called, where it is.
    pub fn household(&self) -> Option<&str> {
        self.opened.household_name.as_deref()
    }

    /// The household's time zone, as the hub tells it: nobody vouches for it before somebody is in.
    pub fn time_zone(&self) -> Option<TimeZone> {
        TimeZone::get(&self.opened.time_zone).ok()
    }

    /// Until when the code works.
    pub fn until(&self) -> Timestamp {
        self.opened.until
    }

    /// Makes keys and an account under a passphrase. Nothing of it is sent but OPAQUE's first message.
    pub fn make(&self, passphrase: &str) -> Result<Joined, ClientError> {
        let OpenedInvitation { person, name, by, greeting, .. } = &self.opened;
        let household = self.household().unwrap_or("your household");
        let register = |request| {
            let handle = self.handle();
            let asked = InvitationRegistration { handle, request };
            let answer: RegistrationAnswer = self.http.post("/api/invitations/register", &asked)?;
            Ok(answer.response)
        };
        let known: Vec<&str> = [name, by].into_iter().map(String::as_str).chain(self.household()).collect();
        let (keys, account, enrolled) = enrol(person, name, household, passphrase, &known, register)?;
        let (keys, hash) = (keys.public(), account.hash());
        let binding = self.secrets.binding(&Newcomer { greeting, keys: &keys, account: &hash });
        let answer = InvitationAnswer { handle: self.handle(), keys, account, binding };
        Ok(Joined { answer, enrolled })
    }

    /// Sends what was made. It lets nobody in before the owner does.
    pub fn answer(&self, joined: &Joined) -> Result<(), ClientError> {
        patiently(|| self.http.post_nothing_back("/api/invitations/answer", &joined.answer))
    }

    /// Waits until the owner's client has taken the answer, and gives what both screens show then; none where the hub was started anew,
    /// and [`come_in`](Self::come_in) finds out what became of it.
    ///
    /// # Errors
    /// [`ClientError::AlteredInvitation`] where the hub hands out another nonce than the owner's client promised, and
    /// [`ClientError::NotLetIn`] where it was stopped, or is over.
    pub fn numbers(&self, joined: &Joined) -> Result<Option<Numbers>, ClientError> {
        loop {
            let InvitationWaited { state, nonce } = match self.wait(joined, false) {
                Err(error) if error.word() == Some("invitation-unknown") => return Ok(None),
                waited => waited?,
            };
            match (state, nonce) {
                (AnswerState::Answered, None) => {}
                (AnswerState::Answered | AnswerState::LetIn, nonce) => {
                    let given = nonce.and_then(|nonce| Nonce::given(&nonce, &self.opened.commitment));
                    let nonce = given.ok_or_else(|| self.altered())?;
                    return Ok(Some(self.secrets.numbers(&joined.answer.binding, &nonce)));
                }
                (AnswerState::Stopped, _) => return Err(self.not_let_in(STOPPED)),
                (AnswerState::Ended, _) => return Err(self.not_let_in(ENDED)),
            }
        }
    }

    /// Says that the numbers differ: nobody is let in. What had become of it by then.
    pub fn stop(&self, joined: &Joined) -> Result<AnswerState, ClientError> {
        let handle = InvitationHandle { handle: self.handle() };
        patiently(|| self.http.post_nothing_back("/api/invitations/stop", &handle))?;
        Ok(self.wait(joined, true)?.state)
    }

    /// Waits until the owner has decided, and signs in.
    ///
    /// A hub that was started anew knows no invitation of before, and whether the owner had let somebody in by then shows when they sign
    /// in.
    ///
    /// # Errors
    /// [`ClientError::NotLetIn`] where it was stopped, or is over, and [`ClientError::UnknownInvitation`] where nobody knows.
    pub fn come_in(
        &self,
        joined: &Joined,
        passphrase: &str,
        client: &str,
    ) -> Result<SignedInAs, ClientError> {
        let known = loop {
            match self.wait(joined, true).map(|waited| waited.state) {
                Ok(AnswerState::Answered) => {}
                Ok(AnswerState::LetIn) => break true,
                Ok(AnswerState::Stopped) => return Err(self.not_let_in(STOPPED)),
                Ok(AnswerState::Ended) => return Err(self.not_let_in(ENDED)),
                Err(error) if error.word() == Some("invitation-unknown") => break false,
                Err(error) => return Err(error),
            }
        };
        let codes = Codes::Secret(&joined.enrolled.totp_secret);
        let (hub, authority) = (self.http.base(), self.http.authority());
        match sign_in(hub, authority, &self.opened.person, passphrase, codes, client) {
            Err(error) if !known && error.is_not_right() => {
                Err(ClientError::UnknownInvitation(self.opened.by.clone()))
            }
            done => done,
        }
    }

    /// Whether the household that a newcomer came into is the one that its owner asked them into.
    pub fn check_household(&self, member: &Member) -> Result<(), ClientError> {
        let home = member.accept(member.http.get("/api/household")?)?;
        let asked = home.id.as_str() == self.opened.household;
        let owner = home.people.iter().filter_map(|person| person.keys.as_ref());
        match asked && owner.map(|keys| &keys.signer).any(|signer| *signer == self.opened.by_signer) {
            true => Ok(()),
            false => Err(ClientError::Tampered("it is not the one that you were asked into".to_owned())),
        }
    }

    fn wait(&self, joined: &Joined, has_nonce: bool) -> Result<InvitationWaited, ClientError> {
        let InvitationAnswer { handle, binding, .. } = &joined.answer;
        let asked = InvitationWait { handle: handle.clone(), binding: binding.clone(), has_nonce };
        patiently(|| self.http.post("/api/invitations/wait", &asked))
    }

    fn handle(&self) -> String {
        self.secrets.handle().to_owned()
    }

    /// What the hub says is not what the owner's client said. Whoever made the code is told, where the hub does that much.
    fn altered(&self) -> ClientError {
        let handle = InvitationHandle { handle: self.handle() };
        let _ = self.http.post_nothing_back("/api/invitations/stop", &handle);
        ClientError::AlteredInvitation
    }

    fn not_let_in(&self, why: &'static str) -> ClientError {
        ClientError::NotLetIn { why, by: self.opened.by.clone() }
    }
}
