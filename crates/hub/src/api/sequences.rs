//! Whatever writes twice is stopped between any two of its writes: killed there, or refused by the disk. Then it is done, or it was
//! never asked for; and the disk that takes writes again takes this one, without another start.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::extract::State;
use jiff::{SignedDuration, Timestamp};
use porchlight_household::sign_in::opaque::{Record, Registration, Server};
use porchlight_household::sign_in::{Account, TotpSecret};
use porchlight_household::{
    self as household, Device, DeviceKind, Household, Lineage, MemberKeys, Person, PersonId, Purpose,
    SignedStep,
};
use porchlight_vault::faults::{Fault, Faults};
use porchlight_vault::{
    self as vault, Audience, Clock, Config, Ends, Filter, Keeping, NewMoment, NewRecording, Owner, SetClock,
    StrongboxChange, Told, Vault,
};
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use super::types::HouseholdChange;
use crate::auth::{Fresh, SignedIn};
use crate::error::ApiError;
use crate::https::Served;
use crate::hub::{Hub, HubConfig};
use crate::passkeys::Passkey;
use crate::schedule::Rounds;
use crate::voice::Loaded;
use crate::{mirrors, secrets};

/// A household as it lies on a disk: Anna and Tom, what Tom said, what a camera saw, an account, passkeys and sessions.
struct House {
    /// As it was made, to be copied for each try.
    made: tempfile::TempDir,
    clock: Arc<SetClock>,
    anna: PersonId,
    tom: PersonId,
    keys: MemberKeys,
    tom_keys: MemberKeys,
    record: String,
}

/// One try at a copy of the household.
struct Try {
    folder: tempfile::TempDir,
    faults: Faults,
    clock: Arc<SetClock>,
}

/// All that a change can leave behind, by what it is called.
type Snapshot = BTreeMap<&'static str, Vec<String>>;

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
        let signed = household::SignedDocument::sign(&home, &anna_id, &keys).unwrap();

        let server = Server::generate();
        let (registration, request) = Registration::start("a passphrase of its own").unwrap();
        let response = server.register(tom_id.as_str(), &request).unwrap();
        let record = registration.finish(&response).unwrap().record;
        let account = Account {
            person: tom_id.clone(),
            record: Record::from_text(&record).unwrap(),
            totp: TotpSecret::generate().unwrap(),
            wrapped_identity: vec![1; 64],
            keys: None,
        };
        let passkey: Passkey = serde_json::from_value(json!({
            "id": "a-passkey", "name": "Tom's phone", "added": now, "host": "localhost", "transports": 0, "key": "", "state": "",
            "wrapped": null,
        }))
        .unwrap();

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
        let house = House { made, clock, anna: anna_id, tom: tom_id, keys, tom_keys, record };

        let hub = start(house.made.path(), &house.clock).await;
        for (token, person) in [(b"anna", &house.anna), (b"toms", &house.tom), (b"tom2", &house.tom)] {
            hub.store.start_session(token, person.as_str(), "a test", now).await.unwrap();
        }
        hub.store.use_code(house.tom.as_str(), 7).await.unwrap();
        hub.store.use_passkey("a-passkey", house.tom.as_str(), &[0; 7], now).await.unwrap();
        stop(hub).await;
        house
    }

    fn again(&self) -> Try {
        let folder = quick_folder();
        copy(self.made.path(), folder.path());
        let faults = Faults::below(folder.path());
        Try { folder, faults, clock: self.clock.clone() }
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
        HouseholdChange { signed, step, addresses: BTreeMap::new(), accounts: BTreeMap::new() }
    }
}

impl Try {
    async fn start(&self) -> Arc<Hub> {
        start(self.folder.path(), &self.clock).await
    }

    /// Everything that is there, with what differs from one try to the next left out.
    async fn state(&self, hub: &Hub) -> Snapshot {
        let mut state = Snapshot::new();
        let home = hub.home();
        state.insert(
            "document",
            vec![home.household.version.to_string(), home.household.consents.len().to_string()],
        );
        let mut documents: Vec<String> = std::fs::read_dir(self.folder.path().join("home.strongbox"))
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.starts_with("household-"))
            .collect();
        documents.sort();
        state.insert("documents", documents);
        let mut kept: Vec<String> = hub
            .vault
            .list(&Filter::default())
            .await
            .unwrap()
            .iter()
            .map(|entry| format!("{:?} {} {:?}", entry.owner, entry.purpose, entry.device))
            .collect();
        kept.sort();
        state.insert("recordings", kept);
        let mut secrets = Vec::new();
        for name in hub.vault.secret_names("").await {
            let bytes = hub.vault.secret(&name).await.unwrap();
            secrets.push(format!("{name} {}", hex::encode(&Sha256::digest(&*bytes)[..4])));
        }
        state.insert("secrets", secrets);
        state.insert("sessions", hub.store.everything().await);
        let told = hub.vault.ledger_entries(0..999).await.unwrap();
        let kinds = told.iter().map(|line| match line {
            Told::Event { kind, .. } => kind.clone(),
            other => format!("{other:?}"),
        });
        state.insert("ledger", kinds.collect());
        state.insert("holds", vec![hub.vault.holds().await.unwrap().len().to_string()]);
        state
    }
}

/// Stops a request between every two of its writes, in each way.
async fn is_done_or_undone(house: &House, what: &str, ask: impl AsyncFn(&House, Arc<Hub>) -> Outcome) {
    let whole = house.again();
    let hub = whole.start().await;
    let before = whole.state(&hub).await;
    whole.faults.none();
    ask(house, hub.clone()).await.unwrap_or_else(|why| panic!("{what}: {why}"));
    let writes = whole.faults.writes();
    Rounds::default().go(&hub).await;
    let after = whole.state(&hub).await;
    assert_ne!(before, after, "{what} does something");
    assert!(writes > 1, "{what} writes {writes} times");
    stop(hub).await;

    for at in 0..writes {
        for fault in [Fault::Killed, Fault::Fails(ErrorKind::Other), Fault::Fails(ErrorKind::StorageFull)] {
            let context = format!("{what}: {fault:?} at write {at} of {writes}");
            let again = house.again();
            let mut hub = again.start().await;
            again.faults.after(at, fault);
            let asked = ask(house, hub.clone()).await;
            again.faults.none();
            if fault == Fault::Killed {
                drop(hub);
                hub = again.start().await;
            }
            Rounds::default().go(&hub).await;
            let mut state = again.state(&hub).await;
            if asked.is_ok() {
                assert_eq!(state, after, "{context}: it was said to be done");
            } else if state == before {
                ask(house, hub.clone()).await.unwrap_or_else(|why| panic!("{context}: again: {why}"));
                Rounds::default().go(&hub).await;
                state = again.state(&hub).await;
            }
            assert_eq!(state, after, "{context}");
            stop(hub).await;
        }
    }
    eprintln!("{what}: stopped at each of {writes} writes, in three ways");
}

#[tokio::test]
async fn taking_a_consent_back_is_done_or_undone_wherever_it_is_stopped() {
    let house = House::make().await;
    is_done_or_undone(&house, "withdrawing a consent", async |house: &House, hub: Arc<Hub>| {
        let change = house.signed_by(&house.tom, &house.tom_keys, &hub, |home, now| {
            home.withdraw(&house.tom, &house.tom, &Purpose::History.into(), now).unwrap();
        });
        let done = crate::change::change(&hub, &house.tom, true, change).await?;
        assert_eq!((done.forgotten.len(), done.deletions.len()), (2, 1));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn somebody_or_something_that_goes_is_gone_with_all_of_it_or_still_there_wherever_it_is_stopped() {
    let house = House::make().await;
    is_done_or_undone(&house, "removing a person", async |house: &House, hub: Arc<Hub>| {
        let change = house.change(&hub, |home, now| home.remove_person(&house.tom, now).unwrap());
        crate::change::change(&hub, &house.anna, true, change).await.map(drop)
    })
    .await;
    is_done_or_undone(&house, "removing a device", async |house: &House, hub: Arc<Hub>| {
        let change = house.change(&hub, |home, _| {
            let porch = home.device_named("Porch").unwrap().id.clone();
            home.remove_device(&porch).unwrap();
        });
        crate::change::change(&hub, &house.anna, true, change).await.map(drop)
    })
    .await;
}

#[tokio::test]
async fn an_account_is_the_new_one_or_the_old_one_wherever_its_change_is_stopped() {
    let house = House::make().await;
    is_done_or_undone(&house, "another passphrase", async |house: &House, hub: Arc<Hub>| {
        let who = signed_in(&hub, b"toms").await;
        let mut account = secrets::account(&hub.vault, &house.tom).await.unwrap().unwrap();
        account.wrapped_identity = vec![3; 64];
        let changing = hub.changing.lock().await;
        super::passphrase::replace(&hub, &changing, &who, &account).await
    })
    .await;
    is_done_or_undone(&house, "a recovery", async |house: &House, hub: Arc<Hub>| {
        let account = Account {
            person: house.tom.clone(),
            record: Record::from_text(&house.record).unwrap(),
            totp: TotpSecret::from_base32("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP").unwrap(),
            wrapped_identity: vec![2; 64],
            keys: None,
        };
        super::recovery::recover(&hub, &account, "a test").await
    })
    .await;
    is_done_or_undone(&house, "removing a passkey", async |_: &House, hub: Arc<Hub>| {
        let who = signed_in(&hub, b"toms").await;
        super::passkeys::remove(State(hub), Fresh(who), axum::extract::Path("a-passkey".into()))
            .await
            .map(drop)
    })
    .await;
    is_done_or_undone(&house, "ending a session", async |house: &House, hub: Arc<Hub>| {
        let session = signed_in(&hub, b"tom2").await.session.id;
        super::sessions::end_one(&hub, &house.tom, &session).await
    })
    .await;
}

/// Somebody whose session this is; one that ended meanwhile is theirs all the same, for what they have asked already.
async fn signed_in(hub: &Hub, token: &[u8]) -> SignedIn {
    let session = hub.store.session(token, hub.now()).await.unwrap().unwrap();
    let viewer = hub.home().household.viewer(&session.person.parse().unwrap(), hub.now()).unwrap();
    SignedIn { session, viewer }
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
    let keeping = Keeping::new(owner, vault::Purpose::new(purpose).unwrap(), ends).unwrap();
    let moment = NewMoment {
        device: device.map(str::to_owned),
        room: None,
        person: None,
        start: now,
        end: now,
        caused_by: None,
        recordings: vec![NewRecording {
            kind,
            keeping,
            audience: Audience::hub(),
            media_type: "text/plain".into(),
            bytes: Zeroizing::new(words.as_bytes().to_vec()),
            sources: Vec::new(),
        }],
    };
    vault.keep(moment).await.unwrap();
}

async fn start(folder: &Path, clock: &Arc<SetClock>) -> Arc<Hub> {
    let data = folder.join("home");
    // Nobody listens, and nothing is heard or understood.
    let config = HubConfig { clock: clock.clone(), ..HubConfig::of_folders(&data, &[]) };
    let nothing = Loaded { voice: Err(String::new()), mind: Err(String::new()) };
    let (vault, mirrors) = mirrors::open(&config).await.unwrap();
    let served = Served::new(config.listen, None, false);
    Hub::awake_with(nothing, vault, mirrors, &config, &served, &CancellationToken::new()).await.unwrap()
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
