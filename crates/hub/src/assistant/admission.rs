//! Whose turn it is at the ear and at the mouth. Each does one thing at a time and takes seconds for it, so that the others wait: a few
//! of one session, not many of one person, and of all no more than is done in a minute. Whose turn it is goes round, and what nobody
//! waits for any more is not done.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use porchlight_protocol::Message;
use tokio::sync::oneshot;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::error::Error;
use crate::store::Session;

/// What one session may have under way at one of them: what was said, what is being said, and a page that was left meanwhile …
const OF_A_SESSION: usize = 4;
/// … one person with all their sessions …
const OF_A_PERSON: usize = 8;
/// … and all of them together, in number …
const MOST: usize = 16;
/// … and as long as that takes.
const LONGEST: Duration = Duration::from_secs(60);
/// What is expected of a letter that is spoken and of a sound that is heard, until it is known of this computer. In seconds.
const A_LETTER: f64 = 0.005;
const A_SOUND: f64 = 0.5;
/// How much the newest of them says about the next.
const NEWEST: f64 = 0.3;

/// The ear and the mouth.
pub struct Admission {
    /// Work is a sound.
    pub ear: Lane,
    /// Work is so many letters.
    pub mouth: Lane,
}

/// One of them, and what is under way there.
#[derive(Clone)]
pub struct Lane {
    state: Arc<Mutex<State>>,
    stop: CancellationToken,
}

struct State {
    jobs: Vec<Job>,
    /// Who had the last turn.
    last: Option<(String, String)>,
    /// Seconds for a unit of work.
    pace: f64,
    next: u64,
}

struct Job {
    id: u64,
    person: String,
    session: String,
    work: f64,
    stage: Stage,
    unwanted: CancellationToken,
}

enum Stage {
    /// It arrives, or waits for what comes before it elsewhere.
    Coming,
    Waiting(oneshot::Sender<()>),
    Running(Instant),
    /// It has had its turn, and still holds memory.
    Done,
}

/// A place among what is under way, until it is dropped. It goes with the work, and not with whoever waits for the answer: who goes
/// away does not make room that is still taken.
pub struct Turn {
    lane: Lane,
    id: u64,
    unwanted: CancellationToken,
}

impl Admission {
    /// Nobody is heard or spoken to yet.
    pub fn new(stop: &CancellationToken) -> Admission {
        Admission { ear: Lane::new(A_SOUND, stop), mouth: Lane::new(A_LETTER, stop) }
    }
}

impl Lane {
    fn new(pace: f64, stop: &CancellationToken) -> Lane {
        let state = State { jobs: Vec::new(), last: None, pace, next: 0 };
        Lane { state: Arc::new(Mutex::new(state)), stop: stop.clone() }
    }

    /// Takes a place, before any of a sound is read.
    ///
    /// # Errors
    /// When this session or person has as much under way as they may, or all have; with how long to wait. Whose person has less under
    /// way than somebody else takes the place of the newest of theirs.
    pub fn take(&self, of: &Session, work: f64) -> Result<Turn, Error> {
        self.take_for(&of.person, &of.id, work)
    }

    /// The same, for a person and a session.
    pub fn take_for(&self, person: &str, session: &str, work: f64) -> Result<Turn, Error> {
        let mut state = self.state();
        let of_session = state.jobs.iter().filter(|job| job.session == session).count();
        let of_person = state.jobs.iter().filter(|job| job.person == person).count();
        if of_session >= OF_A_SESSION || of_person >= OF_A_PERSON {
            let seconds = state.wait(|job| job.person == person);
            let text = format!(
                "you are saying much at once; wait until the first of it is answered, in some {seconds} seconds"
            );
            return Err(Error::too_many(Message::new("much-at-once", text).with("seconds", seconds)));
        }
        let seconds = state.wait(|_| true);
        let too_long = !state.jobs.is_empty() && seconds > LONGEST.as_secs();
        if (state.jobs.len() >= MOST || too_long) && !state.make_room(of_person + 1) {
            let text =
                format!("many are speaking to Porchlight at once; say it again in some {seconds} seconds");
            return Err(Error::too_many(Message::new("many-at-once", text).with("seconds", seconds)));
        }
        let unwanted = self.stop.child_token();
        let id = state.next;
        state.next += 1;
        let (person, session) = (person.to_owned(), session.to_owned());
        state.jobs.push(Job { id, person, session, work, stage: Stage::Coming, unwanted: unwanted.clone() });
        Ok(Turn { lane: self.clone(), id, unwanted })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn {
    /// Does something that belongs to it, such as reading its sound, for as long as it has its place.
    ///
    /// # Errors
    /// When somebody else needed the place, or the hub stops.
    pub async fn meanwhile<T>(&self, work: impl Future<Output = T>) -> Result<T, Error> {
        tokio::select! {
            biased;
            () = self.unwanted.cancelled() => Err(self.lost()),
            done = work => Ok(done),
        }
    }

    /// Waits until it is its turn.
    ///
    /// # Errors
    /// When somebody else needed the place, or the hub stops.
    pub async fn begin(&self) -> Result<(), Error> {
        let (go, gone) = oneshot::channel();
        {
            let mut state = self.lane.state();
            if let Some(job) = state.job(self.id) {
                job.stage = Stage::Waiting(go);
            }
            state.go_on();
        }
        self.meanwhile(gone).await?.map_err(|_| self.lost())
    }

    /// It has had its turn: the next may begin. Its place it has until it is dropped.
    pub fn end(&self) {
        let mut state = self.lane.state();
        state.end(self.id);
        state.go_on();
    }

    /// Whether anybody still waits for it.
    pub(crate) fn is_wanted(&self) -> bool {
        !self.unwanted.is_cancelled()
    }

    /// To be held by whoever waits for it: when they let go of it, nobody does.
    pub(crate) fn asker(&self) -> DropGuard {
        self.unwanted.clone().drop_guard()
    }

    /// Why it is not done.
    pub(crate) fn lost(&self) -> Error {
        if self.lane.stop.is_cancelled() {
            return Error::unavailable(Message::new("stopping", "the hub stops; try again once it is back"));
        }
        let seconds = self.lane.state().wait(|_| true);
        let text = format!("many are speaking to Porchlight at once; say it again in some {seconds} seconds");
        Error::too_many(Message::new("many-at-once", text).with("seconds", seconds))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut state = self.lane.state();
        state.end(self.id);
        state.jobs.retain(|job| job.id != self.id);
        state.go_on();
    }
}

impl State {
    /// Whole seconds until these are done.
    fn wait(&self, these: impl Fn(&Job) -> bool) -> u64 {
        let work: f64 = self
            .jobs
            .iter()
            .filter(|job| these(job) && !matches!(job.stage, Stage::Done))
            .map(|job| job.work)
            .sum();
        (work * self.pace).ceil() as u64 + 1
    }

    /// Makes room for somebody who would have so many: of whoever has most, and more than that, the newest that is not running goes.
    fn make_room(&mut self, own: usize) -> bool {
        let count = |person: &str| self.jobs.iter().filter(|job| job.person == person).count();
        let goes = self.jobs.iter().enumerate().filter(|(_, job)| {
            matches!(job.stage, Stage::Coming | Stage::Waiting(_)) && count(&job.person) > own
        });
        let Some(at) = goes.max_by_key(|(_, job)| count(&job.person)).map(|(at, _)| at) else { return false };
        self.jobs.remove(at).unwanted.cancel();
        true
    }

    /// Begins the next, where nothing runs: of another person than the last, or at least of another session, where one waits.
    fn go_on(&mut self) {
        if self.jobs.iter().any(|job| matches!(job.stage, Stage::Running(_))) {
            return;
        }
        let last = self.last.as_ref();
        let again = |job: &Job| {
            (
                last.is_some_and(|(person, _)| *person == job.person),
                last.is_some_and(|(_, session)| *session == job.session),
            )
        };
        let waiting = self.jobs.iter_mut().filter(|job| matches!(job.stage, Stage::Waiting(_)));
        let Some(job) = waiting.min_by_key(|job| again(job)) else { return };
        self.last = Some((job.person.clone(), job.session.clone()));
        if let Stage::Waiting(go) = std::mem::replace(&mut job.stage, Stage::Running(Instant::now())) {
            // Whoever does not wait any more drops their turn, which begins the next.
            let _ = go.send(());
        }
    }

    fn end(&mut self, id: u64) {
        let Some(job) = self.job(id) else { return };
        if let Stage::Running(began) = std::mem::replace(&mut job.stage, Stage::Done)
            && job.work > 0.0
            && !job.unwanted.is_cancelled()
        {
            let pace = began.elapsed().as_secs_f64() / job.work;
            self.pace += NEWEST * (pace - self.pace);
        }
    }

    fn job(&mut self, id: u64) -> Option<&mut Job> {
        self.jobs.iter_mut().find(|job| job.id == id)
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;
    use crate::error::ErrorKind;

    fn lane() -> Lane {
        Lane::new(1.0, &CancellationToken::new())
    }

    fn is_too_many<T>(refused: Result<T, Error>) -> bool {
        refused.is_err_and(|error| error.kind() == ErrorKind::TooMany)
    }

    #[test]
    fn each_session_has_few_under_way_and_each_person_not_many() {
        let lane = lane();
        let mut phone: Vec<_> =
            (0..OF_A_SESSION).map(|_| lane.take_for("anna", "phone", 1.0).unwrap()).collect();
        let refused = lane.take_for("anna", "phone", 1.0).err().unwrap().into_message();
        assert_eq!((refused.code.as_str(), refused.values["seconds"].as_str()), ("much-at-once", "5"));
        let others: Vec<_> = (OF_A_SESSION..OF_A_PERSON)
            .map(|n| lane.take_for("anna", &format!("session {n}"), 1.0).unwrap())
            .collect();
        assert!(is_too_many(lane.take_for("anna", "laptop", 1.0)));
        phone.pop();
        assert!(lane.take_for("anna", "phone", 1.0).is_ok(), "what was heard makes room");
        drop((phone, others));
        assert!(lane.state().jobs.is_empty(), "nothing is remembered of whoever is not speaking");
    }

    #[tokio::test]
    async fn who_has_less_under_way_takes_the_place_of_who_has_most() {
        let lane = lane();
        let full: Vec<_> = ["anna", "tom"]
            .into_iter()
            .flat_map(|person| (0..OF_A_PERSON).map(move |n| (person, format!("{person}'s {}", n / 4))))
            .map(|(person, session)| lane.take_for(person, &session, 1.0).unwrap())
            .collect();
        assert_eq!(full.len(), MOST);
        let ben = lane.take_for("ben", "phone", 1.0).unwrap();
        let lost: Vec<_> = full.iter().filter(|turn| !turn.is_wanted()).collect();
        assert_eq!(lost.len(), 1);
        assert!(is_too_many(lost[0].begin().await), "and is told to come again");
        assert!(ben.is_wanted() && ben.begin().now_or_never().is_some());
    }

    #[test]
    fn what_would_take_longer_than_a_minute_is_not_queued() {
        let lane = lane();
        let _long = lane.take_for("anna", "phone", 90.0).unwrap();
        let refused = lane.take_for("anna", "laptop", 1.0).err().unwrap().into_message();
        assert_eq!((refused.code.as_str(), refused.values["seconds"].as_str()), ("many-at-once", "91"));
    }

    #[tokio::test]
    async fn turns_go_round_and_one_is_done_at_a_time() {
        let lane = lane();
        let mut all = Vec::new();
        for (person, session) in
            [("anna", "phone"), ("anna", "phone"), ("anna", "laptop"), ("tom", "phone of tom")]
        {
            let turn = lane.take_for(person, session, 1.0).unwrap();
            all.push((session, turn));
        }
        let mut waiting: Vec<_> =
            all.iter().map(|(session, turn)| (*session, turn, Box::pin(turn.begin()))).collect();
        let mut order = Vec::new();
        // Each polls once to wait; the first has its turn at once.
        for round in 0..4 {
            let mut begun = Vec::new();
            for (at, (_, _, begin)) in waiting.iter_mut().enumerate() {
                if begin.now_or_never().is_some() {
                    begun.push(at);
                }
            }
            assert_eq!(begun.len(), 1, "round {round}");
            let (session, turn, _) = waiting.remove(begun[0]);
            order.push(session);
            turn.end();
        }
        assert_eq!(order, ["phone", "phone of tom", "phone", "laptop"]);
    }

    #[tokio::test]
    async fn what_nobody_waits_for_any_more_is_not_done() {
        let lane = lane();
        let first = lane.take_for("anna", "phone", 1.0).unwrap();
        first.begin().await.unwrap();
        let left = lane.take_for("anna", "phone", 1.0).unwrap();
        {
            let mut begin = Box::pin(left.begin());
            assert!((&mut begin).now_or_never().is_none());
        }
        drop(left);
        let asker = first.asker();
        assert!(first.is_wanted());
        drop(asker);
        assert!(!first.is_wanted(), "what runs can see that it may stop");
        drop(first);
        let next = lane.take_for("tom", "phone of tom", 1.0).unwrap();
        assert!(next.begin().now_or_never().is_some());
        // A hub that stops does nothing more of what waits.
        let late = lane.take_for("tom", "phone of tom", 1.0).unwrap();
        lane.stop.cancel();
        assert!(!next.is_wanted());
        let stopping = late.begin().await.unwrap_err();
        assert_eq!(stopping.kind(), ErrorKind::Unavailable);
    }
}
