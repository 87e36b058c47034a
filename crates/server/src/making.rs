//! The making of a household in a browser: what the requests of a set-up share, and what becomes of them.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use porchlight_household::sign_in::opaque::Server;
use porchlight_household::{PersonId, typed_code};
use porchlight_hub::accounts::new_account::read_account;
use porchlight_hub::accounts::rate_limits::{AddressBlock, RateLimits};
use porchlight_hub::init::{Folders, Making, make};
use porchlight_hub::messages::Coded;
use porchlight_hub::{Error, ErrorKind, Hub, HubConfig, HubError};
use porchlight_protocol::{Message, SetUpDone, SetUpFinish, SetUpStart, SetUpStarted};
use porchlight_vault::{SlotKind, check_apart, warnings_about};
use subtle::ConstantTimeEq;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use tracing::warn;
use zeroize::Zeroizing;

use crate::config::{ServeError, ServerConfig};
use crate::https::Served;
use crate::listener::{Phones, SwapRouter};
use crate::site::{Site, show_authority};

/// Letters in a code: forty bits, against somebody who may guess a few times a minute.
const LENGTH: usize = 8;
/// Browsers that may have begun before one ends.
const MOST_BEGUN: usize = 32;
/// The most mirrors of a strongbox.
const MOST_MIRRORS: usize = 8;

/// What the requests of a set-up share.
pub(crate) struct SetUp {
    code: Zeroizing<String>,
    /// OPAQUE's server: the household's, once there is one.
    server: Server,
    config: ServerConfig,
    served: Served,
    phones: Phones,
    /// The household's certificate authority as the strongbox will hold it.
    authority: Option<Zeroizing<Vec<u8>>>,
    limits: RateLimits,
    /// Those for whom an account was begun.
    begun: Mutex<BTreeSet<PersonId>>,
    /// One household at a time, and one in all: empty once it is made.
    making: tokio::sync::Mutex<Option<Waiting>>,
    stop: CancellationToken,
}

/// Who waits for the household.
pub(crate) struct Waiting {
    /// Is told of it once it is made, or why it cannot be served.
    pub(crate) made: oneshot::Sender<Result<Site, ServeError>>,
    /// Where its hub answers from then on.
    pub(crate) router: SwapRouter,
    /// What answers then.
    pub(crate) answers: fn(Site) -> Router,
}

/// Whether a folder is not there, or holds nothing.
pub(crate) fn is_empty(folder: &Path) -> bool {
    std::fs::read_dir(folder).map_or(true, |mut inside| inside.next().is_none())
}

impl SetUp {
    /// Of a hub that is served in this way and has no household yet.
    pub(crate) fn new(
        config: ServerConfig,
        (served, phones): (Served, Phones),
        authority: Option<Zeroizing<Vec<u8>>>,
        stop: CancellationToken,
    ) -> Result<SetUp, ServeError> {
        Ok(SetUp {
            code: typed_code::shown(&typed_code::random(LENGTH).map_err(HubError::from)?),
            server: Server::generate(),
            config,
            served,
            phones,
            authority,
            limits: RateLimits::new()?,
            begun: Mutex::default(),
            making: tokio::sync::Mutex::new(None),
            stop,
        })
    }

    pub(crate) fn code(&self) -> &str {
        &self.code
    }

    pub(crate) fn config(&self) -> &ServerConfig {
        &self.config
    }

    /// From now on a household can be made.
    pub(crate) async fn wait(&self, waiting: Waiting) {
        *self.making.lock().await = Some(waiting);
    }

    /// From now on none can. One that is just being made is made to its end.
    pub(crate) async fn wait_no_more(&self) {
        drop(self.making.lock().await.take());
    }

    /// The hub's half of the owner's account, and what there is to know about the places.
    pub(crate) fn begin(&self, start: &SetUpStart, from: IpAddr) -> Result<SetUpStarted, Error> {
        self.check_code(&start.code, from)?;
        let person: PersonId = start.person.parse()?;
        let response = self.server.register(person.as_str(), &start.request);
        let response = response.map_err(|error| Error::bad(error.to_string()))?;
        // A mirror that cannot be is refused where it is named, and not only when everything else has been filled in.
        self.folders(&start.mirrors)?;
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        if begun.len() >= MOST_BEGUN {
            begun.pop_first();
        }
        begun.insert(person);
        let strongbox = self.config.hub.in_use();
        let warnings = warnings_about(std::slice::from_ref(&strongbox));
        let warnings: Vec<Message> = warnings.iter().map(Coded::message).collect();
        Ok(SetUpStarted {
            response,
            data: self.config.hub.data.display().to_string(),
            strongbox: strongbox.display().to_string(),
            warnings: Message::texts(&warnings),
            warnings_said: warnings,
        })
    }

    /// Makes the household. From when this returns its hub answers, at the same address.
    pub(crate) async fn finish(&self, finish: SetUpFinish, from: IpAddr) -> Result<SetUpDone, Error> {
        self.check_code(&finish.code, from)?;
        let mut making = self.making.lock().await;
        if making.is_none() {
            let sentence = "the household is made already; sign in";
            return Err(Error::new(ErrorKind::Conflict, "made", sentence));
        }
        let household = finish.signed.verify_first(self.config.hub.clock.now())?;
        let owner = finish.signed.signer.clone();
        if !self.begun.lock().unwrap_or_else(PoisonError::into_inner).contains(&owner) {
            return Err(Error::bad("this account was begun for somebody else; begin again"));
        }
        let account = read_account(&household, &owner, &finish.account)?;
        let folders = self.folders(&finish.mirrors)?;
        let making_it = Making {
            server: &self.server,
            household: &household,
            signed: &finish.signed,
            account: &account,
            authority: self.authority.as_deref().map(Vec::as_slice),
        };
        make(&folders, SlotKind::File, making_it, || Ok(())).await.map_err(refused)?;

        // From here on it is made, whatever becomes of serving it.
        let awake = self.wake(folders).await;
        let phones = match &awake {
            Ok(site) => welcome(site, finish.phones.then_some(&owner)).await,
            Err(_) => false,
        };
        if let Some(Waiting { made, router, answers }) = making.take() {
            match &awake {
                Ok(site) => router.replace(answers(site.clone())),
                Err(error) => {
                    warn!(target: "porchlight", "the household is made, and cannot be served: {error}")
                }
            }
            let failed = awake.as_ref().err().map(ToString::to_string);
            // Nobody waits only where the process is about to end.
            let _ = made.send(awake);
            if let Some(why) = failed {
                let sentence =
                    format!("the household is made, and cannot be served ({why}); start the hub again");
                return Err(Error::broken(sentence));
            }
        }
        Ok(SetUpDone { household: household.id.to_string(), phones })
    }

    async fn wake(&self, folders: Folders) -> Result<Site, ServeError> {
        let hub = HubConfig { strongboxes: folders.strongboxes, ..self.config.hub.clone() };
        let config = ServerConfig { hub, ..self.config.clone() };
        let (vault, mirrors) = porchlight_hub::mirrors::open(&config.hub).await?;
        show_authority(&self.served, &config.hub.data)?;
        let hub = Hub::awake(vault, mirrors, &config.hub, &self.stop).await?;
        let (served, phones) = (self.served.clone(), self.phones.clone());
        Ok(Site { hub, served, phones, config: Arc::new(config) })
    }

    /// The folders of the hub, with the mirrors that were asked for.
    fn folders(&self, mirrors: &[String]) -> Result<Folders, Error> {
        if mirrors.len() > MOST_MIRRORS {
            let text = format!("a strongbox has at most {MOST_MIRRORS} mirrors");
            return Err(Error::bad(Message::new("too-many-mirrors", text).with("most", MOST_MIRRORS)));
        }
        let mut strongboxes = match self.config.hub.strongboxes.is_empty() {
            true => vec![self.config.hub.in_use()],
            false => self.config.hub.strongboxes.clone(),
        };
        for mirror in mirrors {
            let path = PathBuf::from(mirror.trim());
            let shown = path.display();
            if !path.is_absolute() {
                return Err(unfit(
                    &path,
                    "mirror-no-path",
                    format!(
                        "`{shown}` is no whole path; a mirror is a folder such as /media/stick/porchlight"
                    ),
                ));
            }
            let folders = [strongboxes.as_slice(), std::slice::from_ref(&path)].concat();
            if check_apart(&self.config.hub.data, &folders).is_err() {
                return Err(unfit(
                    &path,
                    "mirror-inside",
                    format!(
                        "{shown} and what it is to be a mirror of lie in each other; choose one on another disk"
                    ),
                ));
            }
            if !is_empty(&path) {
                return Err(unfit(
                    &path,
                    "mirror-not-empty",
                    format!("{shown} is there already and not empty; name a new folder for the mirror"),
                ));
            }
            strongboxes.push(path);
        }
        let folders = Folders { data: self.config.hub.data.clone(), strongboxes };
        folders.check().map_err(|error| Error::bad(Message::new("mirror-away", error.to_string())))?;
        Ok(folders)
    }

    /// The right code counts whatever strangers tried before, from the same address too; whoever has it is kept from nothing. Wrong ones
    /// are counted, and of forty bits there is no end in sight: at ten thousand tries a second it would take a year and a half.
    fn check_code(&self, code: &str, from: IpAddr) -> Result<(), Error> {
        let [typed, right] = [code, self.code.as_str()].map(|code| typed_code::plain(code, LENGTH));
        if bool::from(typed.as_bytes().ct_eq(right.as_bytes())) {
            return Ok(());
        }
        let (block, now) = (AddressBlock::of(from), self.config.hub.clock.now());
        self.limits.check_block(block, now)?;
        self.limits.count_block(block, now);
        let sentence = "this is not the code that the hub shows on its own screen; look again";
        Err(Error::new(ErrorKind::Unproved, "wrong-code", sentence))
    }
}

/// Remembers how a new household's hub serves, and lets phones in where they may. Whether they can come in: a household that is made
/// does not fail for that, and its owner, who wanted it, can let them in later.
async fn welcome(site: &Site, phones: Option<&PersonId>) -> bool {
    site.remember_or_warn().await;
    if let Some(owner) = phones
        && let Err(why) = site.let_phones_in(owner).await
    {
        warn!(target: "porchlight", "phones could not be let in yet: {why}");
    }
    site.served.network()
}

/// Why a folder cannot be a mirror.
fn unfit(path: &Path, code: &str, text: String) -> Error {
    Error::bad(Message::new(code, text).with("path", path.display()))
}

/// What keeps a household from being made is mostly about the folders, and the owner can do something about it.
fn refused(error: HubError) -> Error {
    Error::new(ErrorKind::Conflict, "not-made", error.message())
}
