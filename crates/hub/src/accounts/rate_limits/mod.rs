//! How often somebody may try to get in.
//!
//! Nothing is ever locked: whoever guesses is made to wait. Strangers are counted by the block of addresses that they come from and,
//! all of them together, by the account that they try. Where the household is known to come from, each account is counted by
//! itself, so that nobody elsewhere can lock a family out of its home. The household's own counters are exact and its own; what
//! strangers can make up (names, addresses) is counted in tables of a fixed size, in which nothing is ever dropped. A name that
//! nobody has is counted just as one that somebody has, so that waiting tells nothing.

mod counter;
mod origin;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use porchlight_household::PersonId;
use serde::{Deserialize, Serialize};

pub(crate) use self::counter::Counter;
use self::counter::{Rule, Table};
pub use self::origin::{AddressBlock, BROWSER, Origin, Standing};
use porchlight_protocol::Message;

use crate::error::Error;

/// After how long a try is forgotten. Whoever guesses without end at the longest wait makes twelve an hour.
const LEAK: SignedDuration = SignedDuration::from_mins(12);
/// At one account, where the household is known to come from.
const AT_HOME: Rule = Rule { free: 5, leak: LEAK };
/// From one block of addresses, at whatever account.
const FROM_BLOCK: Rule = Rule { free: 5, leak: LEAK };
/// From the blocks around it.
const FROM_NEIGHBOURS: Rule = Rule { free: 30, leak: LEAK };
/// At one account, from all strange addresses together.
const TOGETHER: Rule = Rule { free: 50, leak: LEAK };
/// Answers that take arithmetic on curves: of each standing at most fifty a second, a hundredth or two of one processor.
const ANSWERS: Rule = Rule { free: 50, leak: SignedDuration::from_millis(20) };

/// Counters in each row of a table that strangers can fill: to make the half of them wait takes a hundred thousand tries an hour …
const WIDTH: usize = 1 << 14;
/// Browsers and addresses of one member that are counted each by itself; what is beyond them is counted together.
const MOST_PLACES: usize = 64;

/// Whom somebody who tries to get in says they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Claim {
    /// A member of the household.
    Member(PersonId),
    /// A name that nobody has here, in the one spelling in which names are compared.
    Nobody(String),
}

/// Who tried what, from where, and how often.
pub struct RateLimits(Mutex<Counters>);

struct Counters {
    blocks: Table,
    neighbours: Table,
    /// By the names that nobody has: what `members` is by those that somebody has.
    together: Table,
    at_home: Table,
    members: BTreeMap<PersonId, MemberCounters>,
    answers: [Counter; 3],
}

/// Exact, for only whoever got in before makes a place.
#[derive(Default)]
struct MemberCounters {
    together: Counter,
    /// As it is in the hub's database, from where the next start has it.
    noted: Counter,
    at_home: BTreeMap<Vec<u8>, Counter>,
}

impl RateLimits {
    /// Nobody has tried anything.
    pub fn new() -> Result<RateLimits, getrandom::Error> {
        Ok(RateLimits(Mutex::new(Counters {
            blocks: Table::new(WIDTH)?,
            neighbours: Table::new(WIDTH)?,
            together: Table::new(WIDTH)?,
            at_home: Table::new(WIDTH)?,
            members: BTreeMap::new(),
            answers: [Counter::default(); 3],
        })))
    }

    /// Takes one try at an account, which counts as a failure until it is [forgiven](Self::forgive).
    ///
    /// # Errors
    /// How long to wait. A try that was refused is not counted.
    pub fn take(&self, claim: &Claim, origin: Origin, now: Timestamp) -> Result<(), Error> {
        let mut counters = self.counters();
        let wait = counters.wait(claim, origin, now);
        if wait.time > SignedDuration::ZERO {
            return Err(wait.refusal());
        }
        let answers = &mut counters.answers[origin.standing.index()];
        if answers.level(ANSWERS, now) > ANSWERS.free {
            let text = "many are signing in at once; try again in a moment";
            return Err(Error::too_many(Message::new("many-sign-in", text)));
        }
        answers.count(ANSWERS, now);
        counters.count(claim, origin, now);
        Ok(())
    }

    /// Forgives whoever got in: this try, and where the household is known to come from those before it.
    pub(crate) fn forgive(&self, claim: &Claim, origin: Origin, now: Timestamp) {
        self.counters().forgive(claim, origin, now);
    }

    /// Takes one try back: of somebody who was right, and only too early.
    pub(crate) fn take_back(&self, claim: &Claim, origin: Origin, now: Timestamp) {
        self.counters().take_back(claim, origin, now);
    }

    /// Whether another failure from there would be one too many, at what is nobody's account.
    ///
    /// # Errors
    /// How long to wait.
    pub fn check_block(&self, block: AddressBlock, now: Timestamp) -> Result<(), Error> {
        let wait = self.counters().wait_of_block(block, now);
        if wait > SignedDuration::ZERO { Err(too_often(wait)) } else { Ok(()) }
    }

    /// Whether somebody who comes from there and guesses nothing has to wait all the same: only where the household is not known.
    ///
    /// # Errors
    /// How long to wait.
    pub(crate) fn check_origin(&self, origin: Origin, now: Timestamp) -> Result<(), Error> {
        if origin.standing != Standing::Strange {
            return Ok(());
        }
        let wait =
            Wait { time: self.counters().wait_of_block(origin.block, now), counted: Counted::FromThere };
        if wait.time > SignedDuration::ZERO { Err(wait.refusal()) } else { Ok(()) }
    }

    /// Counts a failure at what is nobody's account.
    pub fn count_block(&self, block: AddressBlock, now: Timestamp) {
        self.counters().count_block(block, now);
    }

    /// What strangers tried of each member and is not noted yet.
    pub(crate) fn unnoted(&self) -> Vec<(PersonId, Counter)> {
        let counters = self.counters();
        let changed = counters.members.iter().filter(|(_, member)| member.together != member.noted);
        changed.map(|(person, member)| (person.clone(), member.together)).collect()
    }

    /// This is noted, or was when the hub was started.
    pub(crate) fn noted(&self, person: &PersonId, noted: Counter) {
        if let Some(member) = self.counters().members.get_mut(person) {
            member.noted = noted;
        }
    }

    /// What strangers had tried when it was noted last: a start forgets none of it.
    pub(crate) fn go_on_from(&self, noted: impl IntoIterator<Item = (PersonId, Counter)>) {
        let mut counters = self.counters();
        for (person, noted) in noted {
            let member = counters.member(&person);
            (member.together, member.noted) = (noted, noted);
        }
    }

    /// Lets go of somebody who left.
    pub(crate) fn drop_member(&self, person: &PersonId) {
        self.counters().members.remove(person);
    }

    fn counters(&self) -> MutexGuard<'_, Counters> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counters {
    fn wait(&mut self, claim: &Claim, origin: Origin, now: Timestamp) -> Wait {
        let time = match claim {
            Claim::Member(person) if origin.standing == Standing::Strange => {
                self.member(person).together.wait(TOGETHER, now)
            }
            Claim::Nobody(name) if origin.standing == Standing::Strange => {
                self.together.wait(name.as_bytes(), TOGETHER, now)
            }
            Claim::Member(person) => self.member(person).place(origin, now).wait(AT_HOME, now),
            Claim::Nobody(name) => self.at_home.wait(&place_of(name, origin), AT_HOME, now),
        };
        let of_block = self.wait_of_block(origin.block, now);
        match origin.standing {
            Standing::Browser(_) => Wait { time, counted: Counted::InTheirBrowser },
            Standing::Address => Wait { time, counted: Counted::FromHome },
            Standing::Strange if of_block >= time => Wait { time: of_block, counted: Counted::FromThere },
            Standing::Strange => Wait { time, counted: Counted::FromEverywhere },
        }
    }

    fn count(&mut self, claim: &Claim, origin: Origin, now: Timestamp) {
        if origin.standing == Standing::Strange {
            self.count_block(origin.block, now);
        }
        match (claim, origin.standing) {
            (Claim::Member(person), Standing::Strange) => self.member(person).together.count(TOGETHER, now),
            (Claim::Nobody(name), Standing::Strange) => self.together.count(name.as_bytes(), TOGETHER, now),
            (Claim::Member(person), _) => self.member(person).place(origin, now).count(AT_HOME, now),
            (Claim::Nobody(name), _) => self.at_home.count(&place_of(name, origin), AT_HOME, now),
        }
    }

    fn take_back(&mut self, claim: &Claim, origin: Origin, now: Timestamp) {
        if origin.standing == Standing::Strange {
            self.blocks.take_back(&origin.block.bytes(), FROM_BLOCK);
            self.neighbours.take_back(&origin.block.neighbours().bytes(), FROM_NEIGHBOURS);
        }
        match (claim, origin.standing) {
            (Claim::Member(person), Standing::Strange) => self.member(person).together.take_back(TOGETHER),
            (Claim::Nobody(name), Standing::Strange) => self.together.take_back(name.as_bytes(), TOGETHER),
            (Claim::Member(person), _) => self.member(person).place(origin, now).take_back(AT_HOME),
            (Claim::Nobody(name), _) => self.at_home.take_back(&place_of(name, origin), AT_HOME),
        }
    }

    fn forgive(&mut self, claim: &Claim, origin: Origin, now: Timestamp) {
        self.take_back(claim, origin, now);
        // Those before it were the same person's; from a strange address they may have been anybody's.
        if let (Claim::Member(person), true) = (claim, origin.standing != Standing::Strange) {
            self.member(person).at_home.remove(&origin.place());
        }
    }

    fn wait_of_block(&self, block: AddressBlock, now: Timestamp) -> SignedDuration {
        let own = self.blocks.wait(&block.bytes(), FROM_BLOCK, now);
        own.max(self.neighbours.wait(&block.neighbours().bytes(), FROM_NEIGHBOURS, now))
    }

    fn count_block(&mut self, block: AddressBlock, now: Timestamp) {
        self.blocks.count(&block.bytes(), FROM_BLOCK, now);
        self.neighbours.count(&block.neighbours().bytes(), FROM_NEIGHBOURS, now);
    }

    /// A member's own counters. They are as many as there are members.
    fn member(&mut self, person: &PersonId) -> &mut MemberCounters {
        self.members.entry(person.clone()).or_default()
    }
}

impl MemberCounters {
    /// The counter of a place where the household is known to come from.
    fn place(&mut self, origin: Origin, now: Timestamp) -> &mut Counter {
        let mut place = origin.place();
        if !self.at_home.contains_key(&place) && self.at_home.len() >= MOST_PLACES {
            self.at_home.retain(|_, counter| counter.level(AT_HOME, now) > 0);
            if self.at_home.len() >= MOST_PLACES {
                place.clear();
            }
        }
        self.at_home.entry(place).or_default()
    }
}

impl Origin {
    /// What is counted together where the household is known to come from.
    fn place(&self) -> Vec<u8> {
        match self.standing {
            Standing::Browser(browser) => [&b"browser"[..], &browser].concat(),
            Standing::Address | Standing::Strange => [&b"address"[..], &self.block.bytes()].concat(),
        }
    }
}

impl Standing {
    /// Among the three.
    fn index(self) -> usize {
        match self {
            Standing::Browser(_) => 0,
            Standing::Address => 1,
            Standing::Strange => 2,
        }
    }
}

/// A name that nobody has, at a place.
fn place_of(name: &str, origin: Origin) -> Vec<u8> {
    [name.as_bytes(), &[0], &origin.place()].concat()
}

/// How long somebody has to wait, and for which tries: they may be somebody else's.
struct Wait {
    time: SignedDuration,
    counted: Counted,
}

/// Tries that are counted together.
enum Counted {
    /// In one browser of the member's.
    InTheirBrowser,
    /// At one name, from an address where the household is known to come from.
    FromHome,
    /// From an address that is strange, or its neighbours, at whatever name.
    FromThere,
    /// At one name, from all strange addresses.
    FromEverywhere,
}

impl Wait {
    /// What is said to whoever has to wait: how long, and where nobody waits for these tries.
    fn refusal(&self) -> Error {
        let (code, whose, others) = match self.counted {
            Counted::InTheirBrowser => return too_often(self.time),
            Counted::FromHome => (
                "too-many-at-home",
                "too many wrong tries under this name came from this address",
                "a browser in which you signed in before does not wait for them, nor does another network",
            ),
            Counted::FromThere => (
                "too-many-from-there",
                "too many wrong tries came from this address or its neighbours",
                "a browser in which you signed in before does not wait for them, nor does an address from which your household got in",
            ),
            Counted::FromEverywhere => (
                "too-many-everywhere",
                "too many wrong tries under this name came from many addresses",
                "a browser in which you signed in before does not wait for them, nor does an address from which your household got in",
            ),
        };
        let (seconds, unit) = in_seconds(self.time);
        let text = format!(
            "{whose}; try again in {seconds} {unit}. While they go on, each wait is five minutes at most. If they are not yours: whoever is \
             signed in stays so, and {others}"
        );
        Error::too_many(Message::new(code, text).with("seconds", seconds))
    }
}

fn in_seconds(wait: SignedDuration) -> (i64, &'static str) {
    let seconds = wait.as_secs() + 1;
    (seconds, if seconds == 1 { "second" } else { "seconds" })
}

/// How long to wait for one's own tries, in words.
pub(crate) fn too_often(wait: SignedDuration) -> Error {
    let (seconds, unit) = in_seconds(wait);
    let text = format!("too many wrong tries; try again in {seconds} {unit}");
    Error::too_many(Message::new("too-many-tries", text).with("seconds", seconds))
}

#[cfg(test)]
mod tests;
