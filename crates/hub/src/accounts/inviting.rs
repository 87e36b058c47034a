//! Letting somebody in by an invitation: what an owner may begin, what a newcomer may do who has its code and is nobody yet, and who is
//! told.
//!
//! A stranger who guesses handles is counted as one who guesses a code; whoever has a right one waits for nobody's guesses.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use porchlight_household::invitation::{is_handle, is_mac};
use porchlight_household::sign_in::Account;
use porchlight_household::{Age, Household, Owner, Person, PersonId, PublicKeys};
use porchlight_protocol::events::Happening;
use porchlight_protocol::{
    AnswerState, InvitationAnswer, InvitationView, InvitationWait, InvitationWaited, Message, NewInvitation,
    OpenedInvitation,
};
use tokio_util::sync::CancellationToken;

use crate::accounts::invitations::{Answered, At, MOST, NotTaken, Refused, Table, Waits};
use crate::accounts::new_account::read_account_of;
use crate::accounts::rate_limits::AddressBlock;
use crate::error::{Error, ErrorKind};
use crate::events::To;
use crate::messages::shown;
use crate::state::Hub;

/// How long somebody may wait for what becomes of their answer before they ask again: shorter than a stranger's connection has left once
/// it is told to connect anew.
const HELD: Duration = Duration::from_secs(10);

/// Ends each invitation in its time, also where nobody asks.
pub(crate) async fn end_in_time(hub: Arc<Hub>, stop: CancellationToken) {
    loop {
        let next = with(&hub, |table, at| table.next_end().map(|end| end.saturating_sub(at.steady)));
        let ended = async {
            match next {
                Some(left) => tokio::time::sleep(left).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = hub.invitations.changed.notified() => {}
            () = ended => {}
        }
    }
}

/// An owner asks somebody in, who stands in the document and has no keys.
pub fn invite(hub: &Hub, by: &Owner, new: NewInvitation) -> Result<InvitationView, Error> {
    if !is_handle(&new.handle) || !is_mac(&new.commitment) || !is_mac(&new.greeting) {
        return Err(Error::bad("this is no handle, no commitment or no greeting of an invitation"));
    }
    let home = hub.home();
    let home = &home.household;
    let person = home.person(&new.person.parse()?)?;
    must_be_to_come(hub, home, person)?;
    let by = home.person(by.person())?;
    let Some(signer) = by.keys.as_ref().map(|keys| keys.signer.clone()) else {
        return Err(Error::bad("who has no keys lets nobody in"));
    };
    let shown = OpenedInvitation {
        person: person.id.to_string(),
        name: person.name.clone(),
        household: home.id.to_string(),
        household_name: home.name.clone(),
        by: by.name.clone(),
        by_signer: signer,
        commitment: new.commitment,
        greeting: new.greeting,
        until: hub.now(),
        language: home.language.clone(),
        time_zone: home.time_zone.clone(),
    };
    let view = with(hub, |table, at| table.add(new.handle, (&by.id, &person.id), shown, at));
    view.ok_or_else(|| {
        let text = format!("there are {MOST} invitations already; end one first");
        Error::new(
            ErrorKind::TooMany,
            "invitation-most",
            Message::new("invitation-most", text).with("most", MOST),
        )
    })
}

fn must_be_to_come(hub: &Hub, home: &Household, person: &Person) -> Result<(), Error> {
    match person.keys {
        Some(_) => Err(not_to_come("invited-is-in", person, "can sign in already")),
        None => must_be_no_child(hub, home, person),
    }
}

fn must_be_no_child(hub: &Hub, home: &Household, person: &Person) -> Result<(), Error> {
    match home.age(&person.id, hub.certain_now())? {
        Age::Child => Err(not_to_come("invited-is-child", person, "is a child, and children do not sign in")),
        _ => Ok(()),
    }
}

fn not_to_come(code: &'static str, person: &Person, why: &str) -> Error {
    let text = format!("{} {why}", person.name);
    Error::new(ErrorKind::Conflict, code, Message::new(code, text).with("person", &person.name))
}

/// The invitations that an owner made.
pub fn invitations_of(hub: &Hub, by: &PersonId) -> Vec<InvitationView> {
    with(hub, |table, _| table.of(by))
}

/// An owner ends an invitation that they made.
pub fn end(hub: &Hub, by: &PersonId, person: &PersonId) -> Result<(), Error> {
    match with(hub, |table, at| table.stop_by_owner(by, person, at)) {
        true => Ok(()),
        false => Err(not_yours()),
    }
}

/// An owner's client has taken the answer to an invitation that they made, and gives its nonce.
pub fn give_nonce(hub: &Hub, by: &PersonId, person: &PersonId, nonce: &str) -> Result<(), Error> {
    with(hub, |table, _| table.give_nonce(by, person, nonce)).map_err(|why| match why {
        NotTaken::NotYours => not_yours(),
        NotTaken::Unanswered => {
            let text = "nobody has answered this invitation yet, and its nonce is given only then";
            let code = "invitation-unanswered";
            Error::new(ErrorKind::Conflict, code, Message::new(code, text))
        }
        NotTaken::Another => Error::bad("this is not the nonce that the invitation promised"),
    })
}

fn not_yours() -> Error {
    Error::not_found(Message::new("invitation-not-yours", "this invitation is not one of yours, or is over"))
}

/// Somebody came with a code.
pub fn open(hub: &Hub, handle: &str, from: IpAddr) -> Result<OpenedInvitation, Error> {
    let opened = with(hub, |table, _| table.open(handle));
    opened.map_err(|why| refusal(hub, why, from))
}

/// The hub's half of a newcomer's passphrase.
pub fn register(hub: &Hub, handle: &str, request: &str, from: IpAddr) -> Result<String, Error> {
    let person = with(hub, |table, _| table.register(handle)).map_err(|why| refusal(hub, why, from))?;
    Ok(hub.sign_ins.server.register(person.as_str(), request)?)
}

/// What a newcomer made. Nobody is let in by it yet.
pub fn answer(hub: &Hub, answer: InvitationAnswer, from: IpAddr) -> Result<(), Error> {
    let InvitationAnswer { handle, keys, account, binding } = answer;
    let person =
        with(hub, |table, _| table.answering(&handle, &binding)).map_err(|why| refusal(hub, why, from))?;
    if !is_mac(&binding) || !keys.are_keys() {
        return Err(Error::bad("these are no keys, or this is no binding of an invitation"));
    }
    let hash = account.hash();
    let account = read_account_of(&person, Some(&keys.signer), &account)?;
    let answered = Answered { keys, account, hash, binding };
    with(hub, |table, _| table.answer(&handle, answered)).map_err(|why| refusal(hub, why, from))
}

/// Waits a while for what becomes of an answer.
pub async fn wait(hub: &Hub, asked: &InvitationWait, from: IpAddr) -> Result<InvitationWaited, Error> {
    let InvitationWait { handle, binding, has_nonce } = asked;
    let waits = with(hub, |table, _| table.wait(handle, binding, *has_nonce));
    let woken = match waits.map_err(|why| refusal(hub, why, from))? {
        Waits::Now(waited) => return Ok(waited),
        Waits::Until(woken) => woken,
    };
    tokio::select! {
        // A hub that stops must not wait for those who wait.
        () = hub.stop.cancelled() => {}
        () = tokio::time::sleep(HELD) => {}
        woken = woken => {
            if woken.is_err() && is_waited_for(hub, handle, binding) {
                let text = "another page waits for this invitation; go on there";
                return Err(Error::too_many(Message::new("invitation-waited-for", text)));
            }
        }
    }
    with(hub, |table, _| table.waited(handle, binding)).map_err(|why| refusal(hub, why, from))
}

/// Whether somebody else took the place of who waited, and not an end that they are to be told.
fn is_waited_for(hub: &Hub, handle: &str, binding: &str) -> bool {
    with(hub, |table, _| table.waited(handle, binding))
        .is_ok_and(|waited| waited.state == AnswerState::Answered)
}

/// A newcomer says that something is wrong: nobody is let in.
pub fn stop(hub: &Hub, handle: &str, from: IpAddr) -> Result<(), Error> {
    with(hub, |table, at| table.stop_by_newcomer(handle, at)).map_err(|why| refusal(hub, why, from))
}

/// Those whom a change lets in, while it is being written: nothing else is decided of their invitations meanwhile. Dropped before it
/// [is done](LettingIn::done) nobody was let in.
pub(crate) struct LettingIn<'a> {
    hub: &'a Hub,
    accounts: Vec<Account>,
}

impl<'a> LettingIn<'a> {
    /// Nobody yet.
    pub(crate) fn nobody(hub: &'a Hub) -> Self {
        Self { hub, accounts: Vec::new() }
    }

    /// Somebody whom an owner lets in with these keys: with what they answered the owner's own invitation with, and nothing else.
    ///
    /// # Errors
    /// Where they answered no such invitation, or are a child by now.
    pub(crate) fn add(
        &mut self,
        home: &Household,
        by: &PersonId,
        person: &Person,
        keys: &PublicKeys,
        binding: &str,
    ) -> Result<(), Error> {
        must_be_no_child(self.hub, home, person)?;
        let account = with(self.hub, |table, at| {
            let answered = table.begin_to_let_in(by, &person.id, binding)?;
            let account = (answered.keys == *keys).then(|| answered.account.clone());
            if account.is_none() {
                table.not_let_in(&person.id, at);
            }
            account
        });
        self.accounts.push(account.ok_or_else(|| not_answered(person))?);
        Ok(())
    }

    /// What they sign in with from then on.
    pub(crate) fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// It is written, and the household is another: they are told, and no invitation lasts that leads nowhere any more.
    pub(crate) fn done(mut self) {
        let (home, accounts) = (self.hub.home(), std::mem::take(&mut self.accounts));
        with(self.hub, |table, at| {
            for account in &accounts {
                table.let_in(&account.person, at);
            }
            table.follow(&home.household, at);
        });
    }
}

impl Drop for LettingIn<'_> {
    fn drop(&mut self) {
        if !self.accounts.is_empty() {
            with(self.hub, |table, at| {
                self.accounts.iter().for_each(|account| table.not_let_in(&account.person, at));
            });
        }
    }
}

/// Keys that no answer to an invitation has.
pub(crate) fn not_answered(person: &Person) -> Error {
    let text = format!(
        "{} is let in only with what they answered your invitation with, while it lasts; invite them anew",
        person.name
    );
    let said = Message::new("invitation-not-answered", text).with("person", &person.name);
    Error::new(ErrorKind::Conflict, "invitation-not-answered", said)
}

/// Does something with the invitations as they are now, and tells their owners what changed.
fn with<T>(hub: &Hub, work: impl FnOnce(&mut Table, At) -> T) -> T {
    let at = At { now: hub.now(), steady: hub.clock.monotonic() };
    let (done, told) = {
        let mut table = hub.invitations.table();
        table.tidy(at);
        let done = work(&mut table, at);
        (done, table.take_told())
    };
    if !told.is_empty() {
        hub.invitations.changed.notify_one();
    }
    for (by, person) in told {
        let told = Happening::Invitation { person: person.to_string() };
        hub.events.tell_to(To::Alone(by), at.now, told);
    }
    done
}

/// What is said to whoever has a code that is of no use. A handle that there is not is a guess, which is counted and has to be waited for.
fn refusal(hub: &Hub, why: Refused, from: IpAddr) -> Error {
    let said = |kind, code: &'static str, text: String, by: &str| {
        Error::new(kind, code, Message::new(code, text).with("by", by))
    };
    match why {
        Refused::Unknown => {
            let (block, now) = (AddressBlock::of(from), hub.now());
            if let Err(wait) = hub.sign_ins.limits.check_block(block, now) {
                return wait;
            }
            hub.sign_ins.limits.count_block(block, now);
            let text = "nobody is invited with this code; look at it again, or ask for a new one";
            Error::new(ErrorKind::NotFound, "invitation-unknown", Message::new("invitation-unknown", text))
        }
        Refused::Used { by } => {
            let text = format!("this code has been used; ask {by} for a new one");
            said(ErrorKind::Conflict, "invitation-used", text, &by)
        }
        Refused::Ended { by, at } => {
            let when = shown(at, hub.home().household.zone());
            let text = format!("this code ended on {when}; ask {by} for a new one");
            let said = Message::new("invitation-ended", text).with("by", &by).with("at", at);
            Error::new(ErrorKind::Conflict, "invitation-ended", said)
        }
        Refused::Stopped { by } => {
            let text =
                format!("this invitation was stopped, and nobody was let in by it; ask {by} for a new one");
            said(ErrorKind::Conflict, "invitation-stopped", text, &by)
        }
        Refused::TooOften { by } => {
            let text = format!("with this code it was begun too often; ask {by} for a new one");
            said(ErrorKind::TooMany, "invitation-too-many", text, &by)
        }
    }
}
