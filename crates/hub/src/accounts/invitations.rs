//! The invitations of a household: who is asked in by whom, and how far each is. In memory alone, and few.
//!
//! An invitation is known by its handle, which follows from a code that no hub sees. It lives for a quarter of an hour by a clock that
//! nobody sets, and is let in by once, by an owner whose client has given the nonce for it. What is over is remembered for a day, so that
//! whoever comes too late is told what happened.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use porchlight_household::invitation::Nonce;
use porchlight_household::sign_in::Account;
use porchlight_household::{Age, Household, PersonId, PublicKeys};
use porchlight_protocol::{
    AnswerState, AnswerView, InvitationState, InvitationView, InvitationWaited, OpenedInvitation,
};
use subtle::ConstantTimeEq;
use tokio::sync::{Notify, oneshot};

/// How long a code works.
pub(super) const LASTS: Duration = Duration::from_secs(15 * 60);
/// Invitations at once.
pub(super) const MOST: usize = 16;
/// How long it is remembered of one that it is over, and of how many.
const REMEMBERED: Duration = Duration::from_secs(24 * 60 * 60);
const MOST_OVER: usize = 64;
/// How often a newcomer may begin to choose a passphrase.
const REGISTRATIONS: usize = 8;

/// What it is, by both clocks: the one that people read, and the one that nobody sets.
#[derive(Clone, Copy)]
pub struct At {
    /// The time of day.
    pub now: Timestamp,
    /// The steady one.
    pub steady: Duration,
}

/// The invitations of a hub.
#[derive(Default)]
pub struct Invitations {
    table: Mutex<Table>,
    /// Another ends next.
    pub(super) changed: Notify,
}

impl Invitations {
    pub(super) fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The invitations that live, and those that are over.
#[derive(Default)]
pub struct Table {
    /// Oldest first.
    held: Vec<Invitation>,
    /// Whose owners are to be told: the owner, and the person.
    told: Vec<(PersonId, PersonId)>,
}

struct Invitation {
    handle: String,
    person: PersonId,
    by: PersonId,
    shown: OpenedInvitation,
    ends: Duration,
    registrations: usize,
    state: State,
    /// On which the numbers hang, once the owner's client has taken the answer.
    nonce: Option<Nonce>,
    /// The change that lets them in is being written: nothing else decides until that is done or has failed.
    entering: bool,
    /// By what it ends where that fails: what was said in the meantime.
    meanwhile: Option<How>,
    /// Who waits for what becomes of the answer.
    waiter: Option<oneshot::Sender<()>>,
}

enum State {
    Waiting,
    Opened,
    Answered(Box<Answered>),
    Over(Over),
}

/// What a newcomer made, with their account, which was found to be theirs.
pub struct Answered {
    /// Their public keys.
    pub keys: PublicKeys,
    /// Their account.
    pub account: Account,
    /// One hash for all of it as it was sent.
    pub hash: String,
    /// Their word for these.
    pub binding: String,
}

struct Over {
    how: How,
    since: Duration,
    /// By which the newcomer who answered is known.
    binding: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    LetIn,
    StoppedByNewcomer,
    /// By the owner, or because nobody can be let in by it any more.
    Stopped,
    Ended,
}

/// Why an invitation is of no use to whoever has its code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// There is none.
    Unknown,
    /// Somebody has answered.
    Used {
        /// The owner's name.
        by: String,
    },
    /// Its time was over.
    Ended {
        /// The owner's name.
        by: String,
        /// Since when.
        at: Timestamp,
    },
    /// One of the two stopped it.
    Stopped {
        /// The owner's name.
        by: String,
    },
    /// It was begun with too often.
    TooOften {
        /// The owner's name.
        by: String,
    },
}

/// Why a nonce is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotTaken {
    /// There is no such invitation of this owner's, or it is over.
    NotYours,
    /// Nobody has answered yet: it would be known too early.
    Unanswered,
    /// It is not the one that was promised.
    Another,
}

/// What comes of waiting.
pub enum Waits {
    /// What it is already.
    Now(InvitationWaited),
    /// This ends when it is another, or the nonce is there; without a word, when somebody else waits in this one's place.
    Until(oneshot::Receiver<()>),
}

impl Table {
    /// Ends what is to end, and forgets what was over long enough ago.
    pub fn tidy(&mut self, at: At) {
        for over in self.held.iter_mut().filter(|one| one.is_open() && one.ends <= at.steady) {
            over.end(How::Ended, at);
            self.told.push((over.by.clone(), over.person.clone()));
        }
        self.held.retain(|one| one.since().is_none_or(|since| at.steady < since + REMEMBERED));
        while self.held.iter().filter(|one| !one.lives()).count() > MOST_OVER {
            let Some(oldest) = self.held.iter().position(|one| !one.lives()) else { break };
            self.held.remove(oldest);
        }
    }

    /// When the next of them ends, by the steady clock.
    pub fn next_end(&self) -> Option<Duration> {
        self.held.iter().filter(|one| one.is_open()).map(|one| one.ends).min()
    }

    /// Whose owners are to be told that something changed: the owner, and the person.
    pub fn take_told(&mut self) -> Vec<(PersonId, PersonId)> {
        std::mem::take(&mut self.told)
    }

    /// Adds an invitation, in the place of the one that the person had. None where there is no room, or another has its handle. The same
    /// twice is the one that is there: somebody did not know whether it arrived.
    pub fn add(
        &mut self,
        handle: String,
        (by, person): (&PersonId, &PersonId),
        mut shown: OpenedInvitation,
        at: At,
    ) -> Option<InvitationView> {
        if let Some(there) = self.held.iter().find(|one| one.is(&handle)) {
            let is_the_same = there.lives() && there.by == *by && there.person == *person;
            return there.view().filter(|_| is_the_same && there.shown.greeting == shown.greeting);
        }
        let others = self.held.iter().filter(|one| one.lives() && one.person != *person).count();
        if others >= MOST {
            return None;
        }
        // Whoever has the code of the one before is a stranger: it never was.
        while let Some(before) = self.held.iter().position(|one| one.lives() && one.person == *person) {
            let before = self.held.remove(before);
            self.told.push((before.by, before.person));
        }
        shown.until = at.now + SignedDuration::try_from(LASTS).unwrap_or_default();
        let invitation = Invitation {
            handle,
            person: person.clone(),
            by: by.clone(),
            shown,
            ends: at.steady + LASTS,
            registrations: 0,
            state: State::Waiting,
            nonce: None,
            entering: false,
            meanwhile: None,
            waiter: None,
        };
        let view = invitation.view();
        self.told.push((by.clone(), person.clone()));
        self.held.push(invitation);
        view
    }

    /// What an owner is shown of the invitations that they made: of each person the newest.
    pub fn of(&self, by: &PersonId) -> Vec<InvitationView> {
        let mut views: Vec<InvitationView> = Vec::new();
        let mut known = BTreeSet::new();
        for one in self.held.iter().rev().filter(|one| one.by == *by) {
            // Where the newest has nothing to show, neither has one of before.
            if known.insert(&one.person) {
                views.extend(one.view());
            }
        }
        views.reverse();
        views
    }

    /// Its owner ends an invitation. Whether there was one that could be ended: while somebody is being let in by it, it ends only if that
    /// fails.
    pub fn stop_by_owner(&mut self, by: &PersonId, person: &PersonId, at: At) -> bool {
        let theirs = |one: &&mut Invitation| one.by == *by && one.person == *person && one.view().is_some();
        let mut stopped = false;
        for one in self.held.iter_mut().filter(theirs) {
            stopped |= !one.entering;
            one.end(How::Stopped, at);
            self.told.push((by.clone(), person.clone()));
        }
        stopped
    }

    /// Somebody came with the code.
    pub fn open(&mut self, handle: &str) -> Result<OpenedInvitation, Refused> {
        let one = find(&mut self.held, handle)?;
        one.must_be_open()?;
        if matches!(one.state, State::Waiting) {
            one.state = State::Opened;
            self.told.push((one.by.clone(), one.person.clone()));
        }
        Ok(one.shown.clone())
    }

    /// Whoever has the code begins to choose a passphrase; whose it will be.
    pub fn register(&mut self, handle: &str) -> Result<PersonId, Refused> {
        let one = find(&mut self.held, handle)?;
        one.must_be_open()?;
        if one.registrations >= REGISTRATIONS {
            return Err(Refused::TooOften { by: one.shown.by.clone() });
        }
        one.registrations += 1;
        Ok(one.person.clone())
    }

    /// Who answers with this handle, as long as nobody has answered otherwise.
    pub fn answering(&mut self, handle: &str, binding: &str) -> Result<PersonId, Refused> {
        let one = find(&mut self.held, handle)?;
        if one.answer_state(binding).is_none() {
            one.must_be_open()?;
        }
        Ok(one.person.clone())
    }

    /// Takes the answer. The first counts, and may be sent again by whoever does not know whether it arrived.
    pub fn answer(&mut self, handle: &str, answered: Answered) -> Result<(), Refused> {
        let one = find(&mut self.held, handle)?;
        if one.answer_state(&answered.binding).is_some() {
            return Ok(());
        }
        one.must_be_open()?;
        one.state = State::Answered(Box::new(answered));
        self.told.push((one.by.clone(), one.person.clone()));
        Ok(())
    }

    /// The owner's client has taken the answer and gives the nonce that it promised: the newcomer, who waits for it, is told. It may be
    /// given again.
    pub fn give_nonce(&mut self, by: &PersonId, person: &PersonId, nonce: &str) -> Result<(), NotTaken> {
        let theirs = |one: &&mut Invitation| one.by == *by && one.person == *person && one.lives();
        let one = self.held.iter_mut().find(theirs).ok_or(NotTaken::NotYours)?;
        if !matches!(one.state, State::Answered(_)) {
            return Err(NotTaken::Unanswered);
        }
        let nonce = Nonce::given(nonce, &one.shown.commitment).ok_or(NotTaken::Another)?;
        if one.nonce.replace(nonce).is_none() {
            one.wake();
        }
        Ok(())
    }

    /// What has become of an answer, or what to wait for: the nonce, and once the newcomer has that, what is decided. One waits at a time.
    pub fn wait(&mut self, handle: &str, binding: &str, has_nonce: bool) -> Result<Waits, Refused> {
        let one = find(&mut self.held, handle)?;
        let used = Refused::Used { by: one.shown.by.clone() };
        match one.answer_state(binding) {
            Some(AnswerState::Answered) if has_nonce || one.nonce.is_none() => {
                let (wake, woken) = oneshot::channel();
                one.waiter = Some(wake);
                Ok(Waits::Until(woken))
            }
            Some(state) => Ok(Waits::Now(one.waited(state))),
            None => one.must_be_open().and(Err(used)),
        }
    }

    /// What has become of an answer by now.
    pub fn waited(&mut self, handle: &str, binding: &str) -> Result<InvitationWaited, Refused> {
        let one = find(&mut self.held, handle)?;
        let state = one.answer_state(binding).ok_or(Refused::Used { by: one.shown.by.clone() })?;
        Ok(one.waited(state))
    }

    /// The newcomer says that something is wrong.
    pub fn stop_by_newcomer(&mut self, handle: &str, at: At) -> Result<(), Refused> {
        let one = find(&mut self.held, handle)?;
        if one.lives() {
            one.end(How::StoppedByNewcomer, at);
            self.told.push((one.by.clone(), one.person.clone()));
        }
        Ok(())
    }

    /// The answer to this owner's invitation of a person, where it is the one that they mean, and who is let in with it from now on: until
    /// that [is done](Self::let_in) or [has failed](Self::not_let_in).
    pub fn begin_to_let_in(&mut self, by: &PersonId, person: &PersonId, binding: &str) -> Option<&Answered> {
        let theirs = |one: &&mut Invitation| one.by == *by && one.person == *person && one.is_open();
        self.held.iter_mut().filter(theirs).find_map(|one| match &one.state {
            // Before the nonce the newcomer's screen has nothing to compare.
            State::Answered(answered) if one.nonce.is_some() && is_same(&answered.binding, binding) => {
                one.entering = true;
                Some(answered.as_ref())
            }
            _ => None,
        })
    }

    /// A person was let in with the answer that it was begun with.
    pub fn let_in(&mut self, person: &PersonId, at: At) {
        self.has_entered(person, Some(How::LetIn), at);
    }

    /// A person was not let in after all: what was said meanwhile counts.
    pub fn not_let_in(&mut self, person: &PersonId, at: At) {
        self.has_entered(person, None, at);
    }

    fn has_entered(&mut self, person: &PersonId, how: Option<How>, at: At) {
        for one in self.held.iter_mut().filter(|one| one.entering && one.person == *person) {
            one.entering = false;
            if let Some(how) = how.or(one.meanwhile.take()) {
                one.end(how, at);
            }
            self.told.push((one.by.clone(), one.person.clone()));
        }
    }

    /// Nobody is let in any more who has left, is in already or is a child now, nor by somebody who no longer may.
    pub fn follow(&mut self, home: &Household, at: At) {
        let is_of_use = |one: &Invitation| {
            let waits = home.person(&one.person).is_ok_and(|person| person.keys.is_none());
            let grown = home.age(&one.person, at.now).is_ok_and(|age| age != Age::Child);
            waits && grown && home.person(&one.by).is_ok_and(|by| by.owner)
        };
        for one in self.held.iter_mut().filter(|one| one.lives() && !is_of_use(one)) {
            one.end(How::Stopped, at);
            self.told.push((one.by.clone(), one.person.clone()));
        }
    }
}

/// The invitation of a handle.
fn find<'a>(held: &'a mut [Invitation], handle: &str) -> Result<&'a mut Invitation, Refused> {
    held.iter_mut().rev().find(|one| one.is(handle)).ok_or(Refused::Unknown)
}

impl Invitation {
    fn is(&self, handle: &str) -> bool {
        is_same(&self.handle, handle)
    }

    fn lives(&self) -> bool {
        self.since().is_none()
    }

    /// Whether it lives, and nobody is being let in by it.
    fn is_open(&self) -> bool {
        self.lives() && !self.entering
    }

    /// Since when it is over, if it is.
    fn since(&self) -> Option<Duration> {
        match &self.state {
            State::Over(over) => Some(over.since),
            _ => None,
        }
    }

    fn end(&mut self, how: How, at: At) {
        if self.entering {
            self.meanwhile = Some(how);
            return;
        }
        let binding = match &self.state {
            State::Answered(answered) => Some(answered.binding.clone()),
            State::Over(over) => over.binding.clone(),
            State::Waiting | State::Opened => None,
        };
        self.state = State::Over(Over { how, since: at.steady, binding });
        self.wake();
    }

    fn wake(&mut self) {
        if let Some(waiter) = self.waiter.take() {
            // Who has gone away is told nothing.
            let _ = waiter.send(());
        }
    }

    /// What the newcomer who answered is told.
    fn waited(&self, state: AnswerState) -> InvitationWaited {
        InvitationWaited { state, nonce: self.nonce.as_ref().map(|nonce| nonce.text().to_owned()) }
    }

    /// Refuses whoever comes when somebody has answered, or it is over.
    fn must_be_open(&self) -> Result<(), Refused> {
        let by = self.shown.by.clone();
        match &self.state {
            State::Waiting | State::Opened => Ok(()),
            State::Answered(_) => Err(Refused::Used { by }),
            State::Over(over) => Err(match over.how {
                How::LetIn => Refused::Used { by },
                How::Ended => Refused::Ended { by, at: self.shown.until },
                How::Stopped | How::StoppedByNewcomer => Refused::Stopped { by },
            }),
        }
    }

    /// What has become of the answer with this binding, if it is the one.
    fn answer_state(&self, binding: &str) -> Option<AnswerState> {
        let (given, state) = match &self.state {
            State::Waiting | State::Opened => return None,
            State::Answered(answered) => (Some(&answered.binding), AnswerState::Answered),
            State::Over(over) => {
                let state = match over.how {
                    How::LetIn => AnswerState::LetIn,
                    How::Ended => AnswerState::Ended,
                    How::Stopped | How::StoppedByNewcomer => AnswerState::Stopped,
                };
                (over.binding.as_ref(), state)
            }
        };
        given.is_some_and(|given| is_same(given, binding)).then_some(state)
    }

    /// As its owner sees it; none of one that they ended or let in by themselves.
    fn view(&self) -> Option<InvitationView> {
        let state = match &self.state {
            State::Waiting => InvitationState::Waiting,
            State::Opened => InvitationState::Opened,
            State::Answered(_) => InvitationState::Answered,
            State::Over(over) => match over.how {
                How::StoppedByNewcomer => InvitationState::Stopped,
                How::Ended => InvitationState::Ended,
                How::Stopped | How::LetIn => return None,
            },
        };
        let answer = match &self.state {
            State::Answered(answered) => Some(AnswerView {
                keys: answered.keys.clone(),
                account: answered.hash.clone(),
                binding: answered.binding.clone(),
            }),
            _ => None,
        };
        let (handle, person) = (self.handle.clone(), self.person.to_string());
        Some(InvitationView { handle, person, until: self.shown.until, state, answer })
    }
}

fn is_same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

#[cfg(test)]
mod tests;
