//! Tries to sign in as somebody that failed: counted for each member, and told to them.
//!
//! What is told is coarse, and seldom, so that no stranger can make the ledger grow: of each kind one line an hour at most where it is
//! many, one a day where it is few. First it is noted in the hub's database with its line, then that is in the ledger, then it is told; a
//! start goes on where another was cut off.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use porchlight_household::PersonId;
use porchlight_vault::OwedLine;
use serde_json::json;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::api::types::{FailedTries, TriedAt};
use crate::error::ApiError;
use crate::events::{Happening, To};
use crate::hub::Hub;
use crate::lately::lately;
use crate::ledger::{self, LineKind};
use crate::rate_limits::{Origin, Standing};

/// So many tries at a passphrase are told of within the hour …
const MANY: u32 = 10;
/// … and so many at the second factor of somebody whose passphrase was right.
const MANY_CODES: u32 = 3;
/// Fewer are told of within the day, and those that may be anybody's slip are not told of at all.
const FEW: u32 = 3;
const AT_ONCE: SignedDuration = SignedDuration::from_hours(1);
const LATER: SignedDuration = SignedDuration::from_hours(24);
/// How often the clock is looked at.
const LOOK: Duration = Duration::from_secs(60);

/// Tries that failed and were not told of yet.
#[derive(Default)]
pub(crate) struct Tally {
    counts: Mutex<BTreeMap<(PersonId, TriedAt), Count>>,
    due: Notify,
}

#[derive(Default)]
struct Count {
    /// From where the household is known to come, on a network at home and elsewhere.
    known: [u32; 2],
    /// From elsewhere.
    strange: [u32; 2],
    first: Timestamp,
    last: Timestamp,
    /// When something was told last.
    told: Option<Timestamp>,
}

impl Tally {
    /// Counts a try as failed, until it turns out otherwise.
    pub(crate) fn count(&self, person: &PersonId, at: TriedAt, origin: Origin, now: Timestamp) {
        let mut counts = self.counts();
        let count = counts.entry((person.clone(), at)).or_default();
        if count.total() == 0 {
            count.first = now;
        }
        let tries = count.from(origin);
        *tries = tries.saturating_add(1);
        count.last = now;
        if count.is_due(at, now) {
            self.due.notify_one();
        }
    }

    /// Somebody got in: their try did not fail, and where they are known to come from those before it were slips of their own.
    pub(crate) fn got_in(&self, person: &PersonId, origin: Origin) {
        let mut counts = self.counts();
        for at in [TriedAt::Passphrase, TriedAt::SecondFactor] {
            let Some(count) = counts.get_mut(&(person.clone(), at)) else { continue };
            if origin.standing != Standing::Strange {
                count.known = [0; 2];
            } else if at == TriedAt::Passphrase {
                let tries = count.from(origin);
                *tries = tries.saturating_sub(1);
            }
        }
    }

    /// Takes one try at a passphrase back: of somebody who was right, and only too early with their code.
    pub(crate) fn take_back(&self, person: &PersonId, origin: Origin) {
        if let Some(count) = self.counts().get_mut(&(person.clone(), TriedAt::Passphrase)) {
            let tries = count.from(origin);
            *tries = tries.saturating_sub(1);
        }
    }

    /// Takes out what is to be told now.
    fn take_due(&self, now: Timestamp) -> Vec<(PersonId, FailedTries)> {
        let mut due = Vec::new();
        for ((person, at), count) in self.counts().iter_mut() {
            if count.is_due(*at, now) {
                due.push((person.clone(), count.tell(*at)));
                *count = Count { told: Some(now), ..Count::default() };
            } else if count.total() > 0 && !lately(count.first, LATER, now) {
                // A slip or two.
                *count = Count { told: count.told, ..Count::default() };
            }
        }
        due
    }

    /// Puts back what could not be told.
    fn put_back(&self, person: &PersonId, failed: &FailedTries) {
        let mut counts = self.counts();
        let count = counts.entry((person.clone(), failed.at)).or_default();
        let before = count.total() > 0;
        for (tries, again) in count.strange.iter_mut().zip([failed.home, failed.elsewhere]) {
            *tries = tries.saturating_add(again);
        }
        count.first = failed.from;
        if !before {
            count.last = failed.until;
        }
        count.told = None;
    }

    fn counts(&self) -> MutexGuard<'_, BTreeMap<(PersonId, TriedAt), Count>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Count {
    fn from(&mut self, origin: Origin) -> &mut u32 {
        let tries = if origin.standing == Standing::Strange { &mut self.strange } else { &mut self.known };
        &mut tries[usize::from(!origin.block.is_home())]
    }

    fn total(&self) -> u32 {
        self.known.iter().chain(&self.strange).fold(0, |sum, tries| sum.saturating_add(*tries))
    }

    fn is_due(&self, at: TriedAt, now: Timestamp) -> bool {
        let many = if at == TriedAt::SecondFactor { MANY_CODES } else { MANY };
        let total = self.total();
        let hour_ago = self.told.is_none_or(|told| !lately(told, AT_ONCE, now));
        (total >= many && hour_ago) || (total >= FEW && !lately(self.first, LATER, now))
    }

    fn tell(&self, at: TriedAt) -> FailedTries {
        let [home, elsewhere] = [0, 1].map(|place| self.known[place].saturating_add(self.strange[place]));
        FailedTries { at, home, elsewhere, from: self.first, until: self.last }
    }
}

/// Notes how much strangers have tried each member's passphrase, so that the next start counts on from there.
pub(crate) async fn note_tries(hub: &Hub) -> Result<(), ApiError> {
    for (person, tries) in hub.sign_ins.limits.unnoted() {
        // Of somebody who has left nothing is remembered.
        if hub.home().household.person(&person).is_ok() {
            hub.store.note_passphrase_tries(&person, tries).await?;
        }
        hub.sign_ins.limits.noted(&person, tries);
    }
    Ok(())
}

/// Tells every member of tries to sign in as them that failed, until the hub stops; each minute, and at the end, it is noted how much was
/// tried.
pub(crate) async fn tell(hub: Arc<Hub>, stop: CancellationToken) {
    loop {
        if let Err(error) = tell_due(&hub).await {
            warn!(target: "porchlight", "tries to sign in that failed could not be told of yet: {error}");
        }
        if let Err(error) = note_tries(&hub).await {
            warn!(target: "porchlight", "how much strangers tried could not be noted yet: {error}");
        }
        if stop.is_cancelled() {
            return;
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = hub.sign_ins.tally.due.notified() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

pub(crate) async fn tell_due(hub: &Hub) -> Result<(), ApiError> {
    // What a start before this one, or a full disk, left.
    for (person, failed, line) in hub.store.untold_failed_tries().await? {
        match line {
            Some(line) => write(hub, &person, &failed, &line).await?,
            None => note_and_write(hub, &person, &failed).await?,
        }
    }
    for (person, failed) in hub.sign_ins.tally.take_due(hub.now()) {
        // Of somebody who has left there is nobody to tell.
        if hub.home().household.person(&person).is_ok() {
            note_and_write(hub, &person, &failed).await?;
        }
    }
    Ok(())
}

/// Notes what is to be told together with its line, so that a crash between that and the next lets nothing be told twice.
async fn note_and_write(hub: &Hub, person: &PersonId, failed: &FailedTries) -> Result<(), ApiError> {
    let noted = async {
        let FailedTries { at, home, elsewhere, from, until } = failed;
        let detail = json!({
            "v": 1, "who": person, "tried": at, "home": home, "elsewhere": elsewhere, "from": from, "until": until, "at": hub.now()
        });
        let line = ledger::owed_for(hub, person, LineKind::FailedSignIn, detail).await?;
        hub.store.put_failed_tries(person, failed, &line).await?;
        Ok(line)
    };
    match noted.await {
        Ok(line) => write(hub, person, failed, &line).await,
        Err(error) => {
            hub.sign_ins.tally.put_back(person, failed);
            Err(error)
        }
    }
}

/// Into the ledger, and onto the person's own screens.
async fn write(hub: &Hub, person: &PersonId, failed: &FailedTries, line: &OwedLine) -> Result<(), ApiError> {
    hub.vault.tell(line).await?;
    if let Some(name) = hub.home().household.person(person).ok().map(|person| person.name.clone()) {
        let told = Happening::SignInFailed { person: name, failed: failed.clone() };
        hub.events.tell_to(To::Alone(person.clone()), hub.now(), told);
    }
    hub.store.told_failed_tries(person, failed).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rate_limits::AddressBlock;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    fn anna() -> PersonId {
        "anna".parse().unwrap()
    }

    fn from(address: &str, standing: Standing) -> Origin {
        Origin { block: AddressBlock::of(address.parse().unwrap()), standing }
    }

    const HOUR: i64 = 60 * 60;

    #[test]
    fn ten_thousand_failures_are_a_line_an_hour_and_say_from_where() {
        let tally = Tally::default();
        let (home, elsewhere) =
            (from("192.168.1.66", Standing::Strange), from("203.0.113.9", Standing::Strange));
        let mut told = Vec::new();
        for n in 0..10_000 {
            let now = at(n);
            tally.count(&anna(), TriedAt::Passphrase, if n % 10 == 0 { home } else { elsewhere }, now);
            told.extend(tally.take_due(now));
        }
        // At once after ten, then each hour what came since.
        assert_eq!(told.len(), 3, "{told:?}");
        assert_eq!((told[0].1.home, told[0].1.elsewhere), (1, 9));
        assert_eq!((told[1].1.home, told[1].1.elsewhere), (360, 3_240));
        told.extend(tally.take_due(at(10_000 + HOUR)));
        let all: u32 = told.iter().map(|(_, failed)| failed.home + failed.elsewhere).sum();
        assert_eq!(all, 10_000, "each is told of once");
    }

    #[test]
    fn a_few_are_a_line_a_day_and_a_slip_is_none() {
        let tally = Tally::default();
        let stranger = from("203.0.113.9", Standing::Strange);
        for n in 0..4 {
            tally.count(&anna(), TriedAt::Passphrase, stranger, at(n * HOUR));
        }
        assert!(tally.take_due(at(23 * HOUR)).is_empty());
        assert_eq!(tally.take_due(at(24 * HOUR)).len(), 1);
        tally.count(&anna(), TriedAt::Passphrase, stranger, at(30 * HOUR));
        assert!(tally.take_due(at(60 * HOUR)).is_empty());
        tally.count(&anna(), TriedAt::Passphrase, stranger, at(61 * HOUR));
        tally.count(&anna(), TriedAt::Passphrase, stranger, at(62 * HOUR));
        assert!(tally.take_due(at(90 * HOUR)).is_empty(), "two and one a day before are not three");
    }

    #[test]
    fn whoever_was_only_too_early_has_not_failed() {
        let tally = Tally::default();
        let at_home = from("192.168.1.20", Standing::Address);
        for n in 0..20 {
            tally.count(&anna(), TriedAt::Passphrase, at_home, at(n));
            tally.take_back(&anna(), at_home);
        }
        assert!(tally.take_due(at(24 * HOUR)).is_empty());
    }

    #[test]
    fn codes_of_somebody_who_knows_the_passphrase_are_told_of_sooner() {
        let tally = Tally::default();
        for n in 0..3 {
            assert!(tally.take_due(at(n)).is_empty());
            tally.count(&anna(), TriedAt::SecondFactor, from("203.0.113.9", Standing::Strange), at(n));
        }
        assert_eq!(tally.take_due(at(3))[0].1.at, TriedAt::SecondFactor);
    }

    #[test]
    fn whoever_gets_in_at_home_made_the_slips_there_and_no_strangers() {
        let tally = Tally::default();
        let (home, stranger) =
            (from("192.168.1.20", Standing::Address), from("203.0.113.9", Standing::Strange));
        for n in 0..9 {
            tally.count(&anna(), TriedAt::Passphrase, if n < 6 { home } else { stranger }, at(n));
        }
        tally.got_in(&anna(), home);
        let told = tally.take_due(at(24 * HOUR + 9));
        assert_eq!((told[0].1.home, told[0].1.elsewhere), (0, 3));
    }

    #[test]
    fn what_could_not_be_told_is_told_later_with_what_came_since() {
        let tally = Tally::default();
        let stranger = from("203.0.113.9", Standing::Strange);
        for n in 0..10 {
            tally.count(&anna(), TriedAt::Passphrase, stranger, at(n));
        }
        let (person, failed) = tally.take_due(at(10)).remove(0);
        tally.count(&anna(), TriedAt::Passphrase, stranger, at(11));
        tally.put_back(&person, &failed);
        let again = tally.take_due(at(12)).remove(0).1;
        assert_eq!((again.elsewhere, again.from, again.until), (11, at(0), at(11)));
    }
}
