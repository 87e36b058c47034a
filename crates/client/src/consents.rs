//! Agreeing to purposes, and taking that back: first what goes with it.

use std::slice;

use jiff::Timestamp;
use porchlight_household::{Household, PersonId, SignedDocument};
use porchlight_protocol::{Amount, ChangeDone};

use crate::household::Extras;
use crate::losing::{Remaining, counted};
use crate::{ClientError, Member};

/// What came of agreeing to purposes.
pub struct Granted {
    /// The name of who agreed.
    pub by: String,
    /// The name of whose recordings it is about.
    pub person: String,
    /// The purposes that are agreed to from now on …
    pub granted: Vec<String>,
    /// … and those that were before, and stand as they did.
    pub stood: Vec<String>,
}

/// What taking agreements back would bring about.
pub struct TakingBack {
    /// Whether they are somebody else's, and of nobody whom this member guards.
    pub of_another: bool,
    /// What is kept for each of them that anything goes with.
    pub goes: Vec<GoesWith>,
}

/// What goes with one agreement, as far as it does not go with one before it already.
pub struct GoesWith {
    /// The name of whose it is.
    pub person: String,
    /// `history`, `sound:Porch` …
    pub agreement: String,
    /// How much goes at once …
    pub goes: Amount,
    /// … and how much when the hold on it ends.
    pub held: Amount,
}

impl Member {
    /// Agrees to purposes for oneself, or for a child one guards. What stands already is left as it is.
    pub fn grant(&self, name: &str, purposes: &[String]) -> Result<Granted, ClientError> {
        let mut done = None;
        self.change(|home, me, _, now| {
            let person = home.person_named(name)?.id.clone();
            let (by, whose) = (home.person(me)?.name.clone(), home.person(&person)?.name.clone());
            let (mut granted, mut stood) = (Vec::new(), Vec::new());
            for purpose in purposes {
                let agreement = home.agreement(purpose)?;
                if !home.agrees(&person, &agreement, now) {
                    home.grant(me, &person, &agreement, now)?;
                    granted.push(home.agreement_words(&agreement));
                } else if !granted.contains(&home.agreement_words(&agreement)) {
                    stood.push(home.agreement_words(&agreement));
                }
            }
            done = Some(Granted { by, person: whose, granted, stood });
            Ok(Extras::default())
        })?;
        done.ok_or_else(|| ClientError::Bad("nothing was agreed to".to_owned()))
    }

    /// What would go with agreements that this member takes back: the same that the hub forgets, as far as this member may know of it.
    ///
    /// # Errors
    /// When nothing stands, or it is not theirs to take back.
    pub fn goes_with(&self, name: &str, purposes: &[String]) -> Result<TakingBack, ClientError> {
        let signed: SignedDocument = self.http.get("/api/household")?;
        let (home, now) = (self.accept(signed)?, self.clock()?.now);
        let (me, person) = (self.me_in(&home, &self.keys()?)?, home.person_named(name)?);
        let (mut remaining, mut after) = (Remaining::of(self, &home, now)?, home.clone());
        let mut goes = Vec::new();
        // While another adult says yes to a camera, everything stays; and what went with one agreement does not go with the next.
        for purpose in purposes {
            take_back(&mut after, &me, &person.id, slice::from_ref(purpose), now)?;
            let gone = remaining.lose(&after);
            if !gone.is_empty() {
                let (person, agreement) =
                    (person.name.clone(), home.agreement_words(&home.agreement(purpose)?));
                let (goes_now, held) = counted(&gone);
                goes.push(GoesWith { person, agreement, goes: goes_now, held });
            }
        }
        Ok(TakingBack { of_another: !home.decides(&me, &person.id, now) && me != person.id, goes })
    }

    /// Takes agreements back; what was kept for them is forgotten. It is dated by the hub's clock, which wants a date of now: whoever wants
    /// less to be kept is not held up by a computer that shows another year.
    pub fn withdraw(&self, name: &str, purposes: &[String]) -> Result<ChangeDone, ClientError> {
        let now = self.clock()?.now;
        self.change(|home, me, _, _| {
            let person = home.person_named(name)?.id.clone();
            take_back(home, me, &person, purposes, now)?;
            Ok(Extras::default())
        })
    }
}

fn take_back(
    home: &mut Household,
    me: &PersonId,
    person: &PersonId,
    purposes: &[String],
    now: Timestamp,
) -> Result<(), ClientError> {
    for purpose in purposes {
        let agreement = home.agreement(purpose)?;
        home.withdraw(me, person, &agreement, now)?;
    }
    Ok(())
}
