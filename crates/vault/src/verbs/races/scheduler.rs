//! A scheduler that tries every order of the steps of a few tasks.
//!
//! Stateless model checking: a run follows a list of choices and takes the first possibility after its end; the next run
//! changes the last choice that has another possibility left. Where that is too much, the number of times that a task is
//! interrupted although it could go on is bounded (Musuvathi and Qadeer, "Iterative Context Bounding", PLDI 2007).

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use tokio::sync::{MutexGuard, Notify, RwLock, RwLockReadGuard, RwLockWriteGuard, oneshot};

tokio::task_local! {
    /// On whose behalf a task works.
    static ACTOR: (usize, Arc<Table>);
}

/// What the actors of one run are at.
#[derive(Default)]
struct Table {
    actors: Mutex<Vec<Status>>,
    changed: Notify,
}

enum Status {
    Running,
    /// At a step, until it is told to go on.
    Waits(&'static str, oneshot::Sender<Order>),
    /// Before a lock, until it is told to go on, or to say whether the lock is free.
    Wants(&'static str, oneshot::Sender<Order>),
    /// The lock is taken, or is not.
    Said(bool),
    Done,
}

enum Order {
    Go,
    IsItFree,
}

/// A step of the caller's work ends here: its actor waits for its turn.
pub(in super::super) async fn at(step: &'static str) {
    if let Some(order) = turn(|order| Status::Waits(step, order)) {
        assert!(matches!(order.await, Ok(Order::Go)), "the run is over");
    }
}

/// Work that goes on in a task of its own, on behalf of the caller.
pub(in super::super) fn carry<F: Future>(work: F) -> impl Future<Output = F::Output> {
    let actor = ACTOR.try_with(Clone::clone).ok();
    async move {
        match actor {
            Some(actor) => ACTOR.scope(actor, work).await,
            None => work.await,
        }
    }
}

pub(in super::super) async fn alone<T>(lock: &tokio::sync::Mutex<T>) -> MutexGuard<'_, T> {
    match when_free("deletions", || lock.try_lock().ok()).await {
        Some(guard) => guard,
        None => lock.lock().await,
    }
}

pub(in super::super) async fn shared<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    match when_free("the lock of the rows, to write some", || lock.try_read().ok()).await {
        Some(guard) => guard,
        None => lock.read().await,
    }
}

pub(in super::super) async fn exclusively<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    match when_free("the lock of the rows, to keep others from writing", || lock.try_write().ok()).await {
        Some(guard) => guard,
        None => lock.write().await,
    }
}

/// Takes a lock at the actor's turn; none where nobody schedules.
async fn when_free<G>(what: &'static str, take: impl Fn() -> Option<G>) -> Option<G> {
    loop {
        let order = turn(|order| Status::Wants(what, order))?;
        match order.await.expect("the run is over") {
            Order::Go => return Some(take().expect("the scheduler asked whether it is free")),
            Order::IsItFree => {
                let free = take().is_some();
                set(Status::Said(free));
            }
        }
        // The scheduler has to hear that before it is asked again.
        heard().await;
    }
}

/// Says that the actor waits, and gives what it then waits for.
fn turn(status: impl FnOnce(oneshot::Sender<Order>) -> Status) -> Option<oneshot::Receiver<Order>> {
    let (order, ordered) = oneshot::channel();
    ACTOR.try_with(|_| ()).ok()?;
    set(status(order));
    Some(ordered)
}

fn set(status: Status) {
    ACTOR.with(|(index, table)| table.set(*index, status));
}

async fn heard() {
    let (index, table) = ACTOR.with(Clone::clone);
    while matches!(table.actors.lock().unwrap()[index], Status::Said(_)) {
        tokio::task::yield_now().await;
    }
}

impl Table {
    fn set(&self, index: usize, status: Status) {
        self.actors.lock().unwrap()[index] = status;
        self.changed.notify_one();
    }

    /// Waits until every actor waits or is done.
    async fn quiet(&self) {
        loop {
            let running = self.actors.lock().unwrap().iter().any(|status| matches!(status, Status::Running));
            if !running {
                return;
            }
            self.changed.notified().await;
        }
    }

    /// The actors that can go on, and what each of them is at.
    async fn ready(&self) -> Vec<(usize, &'static str)> {
        let count = self.actors.lock().unwrap().len();
        let mut ready = Vec::new();
        for index in 0..count {
            let taken = std::mem::replace(&mut self.actors.lock().unwrap()[index], Status::Running);
            match taken {
                Status::Waits(step, order) => {
                    ready.push((index, step));
                    self.set(index, Status::Waits(step, order));
                }
                Status::Wants(lock, order) => {
                    let _ = order.send(Order::IsItFree);
                    self.quiet().await;
                    let said = std::mem::replace(&mut self.actors.lock().unwrap()[index], Status::Running);
                    assert!(matches!(said, Status::Said(_)), "it says whether the lock is free");
                    if matches!(said, Status::Said(true)) {
                        ready.push((index, lock));
                    }
                    self.quiet().await;
                }
                status => self.set(index, status),
            }
        }
        ready
    }

    fn go(&self, index: usize) {
        let taken = std::mem::replace(&mut self.actors.lock().unwrap()[index], Status::Running);
        match taken {
            Status::Waits(_, order) | Status::Wants(_, order) => drop(order.send(Order::Go)),
            _ => panic!("an actor that waits was chosen"),
        }
    }

    fn all_done(&self) -> bool {
        self.actors.lock().unwrap().iter().all(|status| matches!(status, Status::Done))
    }
}

/// One choice of a run: which of how many.
#[derive(Clone, Copy)]
struct Choice {
    taken: usize,
    of: usize,
}

/// Every order of steps, one after the other.
pub(super) struct Orders {
    choices: Vec<Choice>,
    /// How often a task may be interrupted although it could go on.
    interruptions: usize,
    runs: usize,
    over: bool,
}

impl Orders {
    pub(super) fn all() -> Orders {
        Orders::with_interruptions(usize::MAX)
    }

    pub(super) fn with_interruptions(interruptions: usize) -> Orders {
        Orders { choices: Vec::new(), interruptions, runs: 0, over: false }
    }

    /// How many orders were tried.
    pub(super) fn runs(&self) -> usize {
        self.runs
    }

    /// Whether there is an order that was not tried.
    pub(super) fn more(&self) -> bool {
        !self.over
    }

    /// Runs these tasks in the next order; gives what they gave, and the order for people to read.
    pub(super) async fn run<T: Send + 'static>(
        &mut self,
        tasks: Vec<std::pin::Pin<Box<dyn Future<Output = T> + Send>>>,
    ) -> (Vec<T>, String) {
        let table = Arc::new(Table::default());
        *table.actors.lock().unwrap() = tasks.iter().map(|_| Status::Running).collect();
        let handles: Vec<_> = tasks
            .into_iter()
            .enumerate()
            .map(|(index, task)| {
                let table = table.clone();
                tokio::spawn(ACTOR.scope((index, table.clone()), async move {
                    at("it begins").await;
                    // An actor that panics is done too: the panic is passed on where its result is asked for.
                    let done = Finally(index, table);
                    let given = task.await;
                    drop(done);
                    given
                }))
            })
            .collect();
        let mut order = String::new();
        let (mut last, mut depth, mut interruptions) = (None, 0, 0);
        loop {
            table.quiet().await;
            if table.all_done() {
                break;
            }
            let mut ready = table.ready().await;
            assert!(!ready.is_empty(), "nobody can go on after {order}");
            // Whoever ran last comes first: going on is no interruption.
            ready.sort_by_key(|(index, _)| (Some(*index) != last, *index));
            let could_go_on = ready.first().map(|(index, _)| *index) == last;
            if could_go_on && interruptions >= self.interruptions {
                ready.truncate(1);
            }
            let choice = self.choice(depth, ready.len());
            depth += 1;
            let (index, step) = ready[choice];
            interruptions += usize::from(could_go_on && choice > 0);
            last = Some(index);
            let _ = write!(order, "{index} after {step:?}; ");
            table.go(index);
        }
        self.next();
        let mut given = Vec::new();
        for handle in handles {
            given.push(handle.await.unwrap_or_else(|why| panic!("{why} in {order}")));
        }
        (given, order)
    }

    fn choice(&mut self, depth: usize, of: usize) -> usize {
        match self.choices.get(depth) {
            Some(choice) => {
                assert_eq!(choice.of, of, "the same choices lead to the same possibilities");
                choice.taken
            }
            None => {
                self.choices.push(Choice { taken: 0, of });
                0
            }
        }
    }

    fn next(&mut self) {
        self.runs += 1;
        while let Some(choice) = self.choices.last_mut() {
            if choice.taken + 1 < choice.of {
                choice.taken += 1;
                return;
            }
            self.choices.pop();
        }
        self.over = true;
    }
}

struct Finally(usize, Arc<Table>);

impl Drop for Finally {
    fn drop(&mut self) {
        self.1.set(self.0, Status::Done);
    }
}
