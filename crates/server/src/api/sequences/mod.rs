//! Whatever writes twice is stopped between any two of its writes: killed there, or refused by the disk. Then it is done, or it was
//! never asked for; and the disk that takes writes again takes this one, without another start.
//!
//! What cannot be undone, or lets somebody in, is told of first: of it there may be a line and no more, and never it without its line.

mod accounts;
mod disks;
mod growing_up;
mod household;
mod keeping;
mod ledger;
mod live;
mod making;
mod restored;
mod state;
mod unfinished;
mod wrong_clock;

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use jiff::{SignedDuration, Timestamp};
use porchlight_client as client;
use porchlight_household::member::RecoverySecret;
use porchlight_household::sign_in::opaque::{Record, Registration, Server};
use porchlight_household::sign_in::{Account, AccountKeys, TotpSecret};
use porchlight_household::{
    Device, DeviceKind, Household, Lineage, MemberKeys, Person, PersonId, PublicKeys, Purpose,
    SignedDocument, SignedStep,
};
use porchlight_hub::accounts::auth::{Caller, SignedIn};
use porchlight_hub::accounts::failed_tries;
use porchlight_hub::accounts::passkeys::Passkey;
use porchlight_hub::assistant::engines::{Loaded, Mind};
use porchlight_hub::assistant::{Said, Spoken, answer};
use porchlight_hub::schedule::Rounds;
use porchlight_hub::{Hub, HubConfig, HubError, household_update, mirrors, secrets};
use porchlight_protocol::{ChangeDone, HouseholdChange, ProofFor, SayAnswer};
use porchlight_vault::faults::{Fault, Faults};
use porchlight_vault::{
    self as vault, Audience, Clock, Config, Ends, NewMoment, NewRecording, Owner, SetClock, StrongboxChange,
    Terms, Vault,
};
use serde_json::json;
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use crate::api::error::ApiError;
use state::{Snapshot, everything, surplus, without_words};

/// A household as it lies on a disk: Anna and Tom, what Tom said, what a camera saw, a timer, a list, an account, passkeys and sessions.
struct House {
    /// As it was made, to be copied for each try.
    made: tempfile::TempDir,
    clock: Arc<SetClock>,
    anna: PersonId,
    tom: PersonId,
    keys: MemberKeys,
    tom_keys: MemberKeys,
    ben: Ben,
}

/// Somebody who may come into it, and what they make on their own phone: their account as it is sent.
struct Ben {
    person: Person,
    keys: PublicKeys,
    account: serde_json::Value,
}

/// A copy of the household.
struct Copied {
    folder: tempfile::TempDir,
    faults: Faults,
    clock: Arc<SetClock>,
}

/// An operation that is stopped wherever it writes.
struct Tried<'a> {
    house: &'a House,
    what: &'a str,
    /// The kinds of the lines that come first.
    told_first: &'static [&'static str],
    /// Whether it takes a hub that understands words.
    words: bool,
}

/// How a write is stopped.
const FAULTS: [Fault; 3] =
    [Fault::Killed, Fault::Fails(ErrorKind::Other), Fault::Fails(ErrorKind::StorageFull)];

/// What a request came to.
type Outcome = Result<(), ApiError>;

impl House {
    async fn make() -> House {
        let made = quick_folder();
        let clock = Arc::new(SetClock::at("2026-11-23T12:00:00Z".parse().unwrap()));
        let now = clock.now();
        let (keys, tom_keys) = (MemberKeys::generate().unwrap(), MemberKeys::generate().unwrap());
        let anna = Person::new("Anna", "1984-03".parse().unwrap()).unwrap();
        let mut tom = Person::new("Tom", "1982-11".parse().unwrap()).unwrap();
        tom.keys = Some(tom_keys.public());
        let (anna_id, tom_id) = (anna.id.clone(), tom.id.clone());
        let (mut home, _) = Household::first(None, "Europe/Berlin", "en", anna, &keys, now).unwrap();
        home.add_person(tom, now).unwrap();
        let porch = Device::new("Porch", DeviceKind::Camera).unwrap();
        let porch_id = porch.id.clone();
        home.add_device(porch, &anna_id, now).unwrap();
        home.grant(&tom_id, &tom_id, &Purpose::History.into(), now).unwrap();
        home.tend_circles(&anna_id, &keys, now).unwrap();
        let signed = SignedDocument::sign(&home, &anna_id, &keys).unwrap();

        let server = Server::generate();
        let (registration, request) = Registration::start("a passphrase of its own").unwrap();
        let response = server.register(tom_id.as_str(), &request).unwrap();
        let record = registration.finish(&response).unwrap().record;
        let recovery = RecoverySecret::generate().unwrap().public().unwrap();
        let account = Account {
            person: tom_id.clone(),
            record: Record::from_text(&record).unwrap(),
            totp: TotpSecret::generate().unwrap(),
            wrapped_identity: vec![1; 64],
            keys: Some(AccountKeys { account: tom_keys.account_key(), recovery }),
        };
        let ben = Person::new("Ben", "1990-05".parse().unwrap()).unwrap();
        let phrase = "the seventh heron of Elmshorn";
        let register = |request: String| Ok(server.register(ben.id.as_str(), &request)?);
        let enrolled = client::enrol(ben.id.as_str(), "Ben", "the household", phrase, &[], register);
        let (bens_keys, bens_account, _) = enrolled.unwrap();
        let passkey = passkey("a-passkey", now);

        let vault = Vault::create(config(made.path(), &clock), home.id.as_str()).await.unwrap();
        let document = Lineage::begin(signed).to_bytes().unwrap();
        let change = StrongboxChange::default().household(home.version, document);
        let change = secrets::with_sign_in_server(change, server.to_bytes());
        let change = secrets::with_account(change, &account).unwrap();
        let change = secrets::with_passkeys(change, &tom_id, &[passkey]).unwrap();
        // No camera is watched here: this is no address.
        vault.change(secrets::with_camera_address(change, &porch_id, "nowhere")).await.unwrap();
        for words in ["good morning", "good night"] {
            let owner = Owner::Person(tom_id.to_string());
            keep(&vault, &clock, owner, "history", None, words).await;
        }
        keep(&vault, &clock, Owner::Household, "security", Some(porch_id.as_str()), "film").await;
        vault.close().await.unwrap();
        drop(vault);
        let account = serde_json::to_value(bens_account).unwrap();
        let ben = Ben { person: ben, keys: bens_keys.public(), account };
        let house = House { made, clock, anna: anna_id, tom: tom_id, keys, tom_keys, ben };
        house
            .go_on(async |house, hub| {
                for (token, person) in [(b"anna", &house.anna), (b"toms", &house.tom), (b"tom2", &house.tom)]
                {
                    hub.store.start_session(token, person.as_str(), "a test", now).await.unwrap();
                }
                hub.store.use_code(house.tom.as_str(), 7, &(6..=8)).await.unwrap();
                hub.store.use_passkey("a-passkey", house.tom.as_str(), &[0; 7], now).await.unwrap();
                porchlight_hub::assistant::put_on_list(&hub, &house.tom, "shopping", "milk").await.unwrap();
                said(&hub, b"anna", "set a timer for ten minutes").await.unwrap();
            })
            .await;
        house
    }

    /// What happened before the operation that is tried.
    async fn go_on(&self, happens: impl AsyncFn(&House, Arc<Hub>)) {
        let hub = start(self.made.path(), &self.clock, true).await.unwrap();
        happens(self, hub.clone()).await;
        stop(hub).await;
    }

    fn again(&self) -> Copied {
        let folder = quick_folder();
        copy(self.made.path(), folder.path());
        let faults = Faults::below(folder.path());
        Copied { folder, faults, clock: self.clock.clone() }
    }

    /// An operation that is done or undone, wherever it is stopped.
    fn tried<'a>(&'a self, what: &'a str) -> Tried<'a> {
        Tried { house: self, what, told_first: &[], words: false }
    }

    /// The next version of the document, as an owner's client makes it.
    fn change(&self, hub: &Hub, edit: impl FnOnce(&mut Household, Timestamp)) -> HouseholdChange {
        self.signed_by(&self.anna, &self.keys, hub, edit)
    }

    fn signed_by(
        &self,
        who: &PersonId,
        keys: &MemberKeys,
        hub: &Hub,
        edit: impl FnOnce(&mut Household, Timestamp),
    ) -> HouseholdChange {
        let before = hub.home();
        let mut next = before.household.clone();
        edit(&mut next, hub.now());
        if *who == self.anna {
            next.tend_circles(who, keys, hub.now()).unwrap();
        }
        let signed = next.sign_next(who, keys).unwrap();
        let step = SignedStep::sign(before.lineage.signed(), &signed, keys).unwrap();
        let (addresses, let_in) = (BTreeMap::new(), BTreeMap::new());
        HouseholdChange { signed, step, addresses, let_in, proof: None }
    }
}

impl Copied {
    async fn start(&self, words: bool) -> Arc<Hub> {
        start(self.folder.path(), &self.clock, words).await.unwrap()
    }

    async fn state(&self, hub: &Hub) -> Snapshot {
        everything(self.folder.path(), hub).await
    }

    /// How many writes something takes that goes well.
    async fn writes_of(&self, asked: impl Future<Output = Outcome>) -> usize {
        self.faults.none();
        asked.await.unwrap();
        self.faults.writes()
    }
}

impl<'a> Tried<'a> {
    /// It is told of first, by lines of these kinds.
    fn told_first(self, kinds: &'static [&'static str]) -> Tried<'a> {
        Tried { told_first: kinds, ..self }
    }

    /// It is asked for in words.
    fn in_words(self) -> Tried<'a> {
        Tried { words: true, ..self }
    }

    /// Stops it between every two of its writes, in each way.
    async fn stopped_everywhere(&self, ask: impl AsyncFn(&House, Arc<Hub>) -> Outcome) {
        let Tried { house, what, told_first, words } = *self;
        let whole = house.again();
        let hub = whole.start(words).await;
        let before = whole.state(&hub).await;
        let writes = whole.writes_of(ask(house, hub.clone())).await;
        round(&hub).await;
        let after = whole.state(&hub).await;
        assert_ne!(before, after, "{what} does something");
        assert!(writes > 0, "{what} writes");
        stop(hub).await;

        let without_more = |state: &Snapshot, than: &Snapshot| {
            told_first.iter().fold(state.clone(), |state, kind| surplus(&state, kind, than))
        };
        for at in 0..writes {
            for fault in FAULTS {
                let context = format!("{what}: {fault:?} at write {at} of {writes}");
                let again = house.again();
                let mut hub = again.start(words).await;
                again.faults.after(at, fault);
                let asked = ask(house, hub.clone()).await;
                if fault == Fault::Killed {
                    hub.cameras.stop_all().await;
                    drop(hub);
                    again.faults.none();
                    hub = again.start(words).await;
                }
                again.faults.none();
                round(&hub).await;
                let mut state = again.state(&hub).await;
                if asked.is_ok() && words && state == without_words(&after, &before) {
                    // What only takes away is done where the words cannot be kept, and it was said why they are not.
                    state = after.clone();
                } else if asked.is_ok() {
                    assert_eq!(state, after, "{context}: it was said to be done");
                } else if let Err(why) = asked
                    && !is_said_to_be_made(&why)
                {
                    let is_undone = without_more(&state, &before) == before;
                    // Whoever is told that it failed asks again, and then it is there once; a hub that was killed told nobody.
                    if is_undone || fault != Fault::Killed {
                        let repeated = ask(house, hub.clone()).await;
                        assert!(repeated.is_ok() || !is_undone, "{context}: {why}, and again: {repeated:?}");
                        round(&hub).await;
                        state = again.state(&hub).await;
                    }
                }
                assert_eq!(without_more(&state, &after), after, "{context}");
                stop(hub).await;
            }
        }
        eprintln!("{what}: stopped at each of {writes} writes, in three ways");
    }
}

/// Whether a failure says itself that what was asked for is made, or begun for good, and what is still to come.
fn is_said_to_be_made(why: &ApiError) -> bool {
    ["change-not-followed", "not-forgotten"].contains(&why.said().code.as_str())
}

/// What the hub does by itself from time to time.
async fn round(hub: &Arc<Hub>) {
    Rounds::default().go(hub).await;
    failed_tries::tell_due(hub).await.unwrap();
}

/// Somebody whose session this is; one that ended meanwhile is theirs all the same, for what they have asked already.
async fn signed_in(hub: &Hub, token: &[u8]) -> SignedIn {
    let session = hub.store.session(token, hub.now()).await.unwrap().unwrap();
    let viewer = hub.home().household.viewer(&session.person.parse().unwrap(), hub.now()).unwrap();
    SignedIn { session, viewer }
}

/// Makes a change in somebody's session, with a proof that was made for it.
async fn change(hub: &Arc<Hub>, token: &[u8], asked: HouseholdChange) -> Result<ChangeDone, ApiError> {
    let who = signed_in(hub, token).await;
    let proof = hub.proofs.give(&who.session.id, ProofFor::Household, hub.now()).ok();
    Ok(household_update::change(hub, &who, HouseholdChange { proof, ..asked }).await?)
}

/// Says something in writing, in somebody's session.
async fn said(hub: &Arc<Hub>, token: &[u8], words: &str) -> Result<SayAnswer, ApiError> {
    let origin = Caller::Member(signed_in(hub, token).await).origin();
    let said = Said::Written(Zeroizing::new(words.to_owned()));
    Ok(answer(hub, Spoken { origin, conversation: None, device: None, said, aloud: false }).await?)
}

fn passkey(id: &str, added: Timestamp) -> Passkey {
    let passkey = json!({
        "id": id, "name": "Tom's phone", "added": added, "host": "localhost", "transports": 0, "key": "", "state": "", "wrapped": null,
    });
    serde_json::from_value(passkey).unwrap()
}

async fn keep(
    vault: &Vault,
    clock: &SetClock,
    owner: Owner,
    purpose: &str,
    device: Option<&str>,
    words: &str,
) {
    let (now, kind) =
        (clock.now(), if device.is_some() { vault::Kind::Video } else { vault::Kind::Transcript });
    let ends = Ends::At(now + SignedDuration::from_hours(24 * 30));
    let person = match &owner {
        Owner::Person(person) => Some(person.clone()),
        Owner::Household => None,
    };
    let terms = Terms::new(owner, vault::Purpose::new(purpose).unwrap(), ends).unwrap();
    let moment = NewMoment {
        device: device.map(str::to_owned),
        room: None,
        person,
        start: now,
        end: now,
        caused_by: None,
        recordings: vec![NewRecording {
            kind,
            terms,
            audience: Audience::hub(),
            media_type: "text/plain".into(),
            bytes: Zeroizing::new(words.as_bytes().to_vec()),
            sources: Vec::new(),
        }],
    };
    vault.keep(moment).await.unwrap();
}

async fn start(folder: &Path, clock: &Arc<SetClock>, words: bool) -> Result<Arc<Hub>, HubError> {
    let data = folder.join("home");
    let config = HubConfig { clock: clock.clone(), ..HubConfig::of_folders(&data, &[]) };
    // Nobody listens and nothing is heard. What understands words takes a while to load, and is the same for all.
    static MIND: LazyLock<Result<Mind, String>> = LazyLock::new(|| Mind::load(None));
    let mind = if words { MIND.clone() } else { Err(String::new()) };
    let nothing = Loaded { voice: Err(String::new()), mind };
    let (vault, mirrors) = mirrors::open(&config).await?;
    Hub::awake_with(nothing, vault, mirrors, &config, &CancellationToken::new()).await
}

async fn stop(hub: Arc<Hub>) {
    hub.cameras.stop_all().await;
    hub.store.close().await;
    hub.vault.close().await.unwrap();
}

fn config(folder: &Path, clock: &Arc<SetClock>) -> Config {
    Config { data: folder.join("home"), strongboxes: Vec::new(), clock: clock.clone() }
}

/// In memory, where there is a file system in memory: what is tried here is the order of writes, not what a disk makes of them.
fn quick_folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

fn copy(from: &Path, to: &Path) {
    for file in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target: PathBuf = to.join(file.file_name());
        if file.file_type().unwrap().is_dir() {
            std::fs::create_dir_all(&target).unwrap();
            copy(&file.path(), &target);
        } else {
            std::fs::copy(file.path(), target).unwrap();
        }
    }
}
