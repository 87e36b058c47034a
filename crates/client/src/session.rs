//! Signing in, and what of it stays on this computer.

use std::fmt;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use porchlight_household::SignedDocument;
use porchlight_household::member::wrapping_key;
use porchlight_household::sign_in::TotpSecret;
use porchlight_household::sign_in::opaque::SignIn;
use porchlight_protocol::{SignInChallenge, SignInFinish, SignInStart, SignedIn};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use crate::ClientError;
use crate::http::Http;
use crate::seen::{Seen, SeenLedger};

/// A session as it stays on this computer: a token, and a key that unwraps the identity, which the hub hands out only for a quarter of an
/// hour after its owner proved who they are. Never shown in `Debug`.
#[derive(Serialize, Deserialize)]
pub struct Session {
    hub: String,
    name: String,
    /// The person's id; none in a session of before it was given out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    person: Option<String>,
    id: String,
    token: String,
    /// What the member's identity is wrapped under, base64url.
    unwrap: String,
    /// The household document as this computer saw it last: the hub cannot show an older or another one from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) seen: Option<SignedDocument>,
    /// The certificate of the household's authority, PEM, which an https hub has to show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    authority: Option<String>,
    /// The ledger as this computer saw it last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ledger: Option<SeenLedger>,
}

impl Session {
    /// Keeps what this computer has seen.
    pub fn remember(&mut self, seen: Seen) {
        self.seen = seen.household.or(self.seen.take());
        self.ledger = seen.ledger.or(self.ledger.take());
    }

    /// What an earlier session of the same member saw, whatever they were called then.
    pub fn take_seen(&mut self, newer: &Session) -> Option<Seen> {
        let same = match (&self.person, &newer.person) {
            (Some(before), Some(now)) => before == now,
            _ => self.name == newer.name,
        };
        same.then(|| Seen { household: self.seen.take(), ledger: self.ledger.take() })
    }

    /// The ledger's name and key as this computer knows them.
    pub fn ledger_key(&self) -> Option<&str> {
        self.ledger.as_ref().map(|seen| seen.key.as_str())
    }

    /// The hub's address.
    pub fn hub(&self) -> &str {
        &self.hub
    }

    /// The certificate of the authority that an https hub has to show, PEM.
    pub fn authority(&self) -> Option<&str> {
        self.authority.as_deref()
    }

    /// The member's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The session's id, as `session list` shows it.
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn http(&self) -> Result<Http, ClientError> {
        Ok(Http::new(&self.hub, self.authority.as_deref())?.with_token(Zeroizing::new(self.token.clone())))
    }

    pub(crate) fn unwrap_key(&self) -> Result<Zeroizing<[u8; 32]>, ClientError> {
        let mut key = Zeroizing::new([0; 32]);
        match BASE64_URL_SAFE_NO_PAD.decode_slice(&self.unwrap, key.as_mut_slice()) {
            Ok(32) => Ok(key),
            _ => Err(ClientError::DamagedSession),
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.token.zeroize();
        self.unwrap.zeroize();
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("hub", &self.hub).field("name", &self.name).finish_non_exhaustive()
    }
}

/// Somebody who has just signed in.
pub struct SignedInAs {
    /// Their session.
    pub session: Session,
    /// Whether their recovery kit is of an earlier release, which lets nobody back in: they have to make a new one.
    pub old_kit: bool,
}

/// Where the six digits come from.
pub enum Codes<'a> {
    /// The authenticator's secret itself, base32: the codes are made here.
    Secret(&'a str),
    /// A person, who is asked once.
    Ask(&'a dyn Fn() -> Result<String, ClientError>),
}

/// Signs in with a passphrase and the second factor. The passphrase goes nowhere. `authority` is the certificate of the household's
/// authority, PEM, that an https hub has to show.
///
/// Each code works once. Where the codes are made here and the present one was used already, the next one is taken (the hub allows
/// a clock to be one step ahead), and then the one after, when its time has come.
pub fn sign_in(
    hub: &str,
    authority: Option<&str>,
    name: &str,
    passphrase: &str,
    codes: Codes<'_>,
    client: &str,
) -> Result<SignedInAs, ClientError> {
    let http = Http::new(hub, authority)?;
    with_code(codes, |code| attempt(&http, name, passphrase, code, client))
        .map_err(|why| http.of_sign_in(why))
}

/// Does something that takes a code.
pub(crate) fn with_code<T>(
    codes: Codes<'_>,
    work: impl Fn(&str) -> Result<T, ClientError>,
) -> Result<T, ClientError> {
    let secret = match codes {
        Codes::Ask(ask) => return work(ask()?.trim()),
        Codes::Secret(secret) => TotpSecret::from_base32(secret)?,
    };
    for ahead in [0, 1, 1] {
        let now = Timestamp::now();
        let code = secret.code(now + SignedDuration::from_secs(30 * ahead))?;
        match work(&code) {
            Err(error) if error.word() == Some("code-used") => {
                if ahead == 1 {
                    let next = 30 - now.as_second().rem_euclid(30);
                    std::thread::sleep(Duration::from_secs(next.unsigned_abs()));
                }
            }
            done => return done,
        }
    }
    work(&secret.code(Timestamp::now() + SignedDuration::from_secs(30))?)
}

fn attempt(
    http: &Http,
    name: &str,
    passphrase: &str,
    code: &str,
    client: &str,
) -> Result<SignedInAs, ClientError> {
    let (opaque, request) = SignIn::start(passphrase)?;
    let challenge: SignInChallenge =
        http.post("/api/sign-in/start", &SignInStart { name: name.to_owned(), request })?;
    let proof = opaque.finish(&challenge.response)?;
    let finish = SignInFinish {
        attempt: challenge.attempt,
        finalization: proof.finalization,
        code: code.to_owned(),
        passkey: None,
        client: client.to_owned(),
        cookie: false,
    };
    let signed_in: SignedIn = http.post("/api/sign-in/finish", &finish)?;
    let unwrap = wrapping_key(&proof.export_key)?;
    let old_kit = signed_in.old_kit;
    let session = Session {
        hub: http.base().to_owned(),
        name: signed_in.person,
        person: Some(signed_in.id).filter(|id| !id.is_empty()),
        id: signed_in.session,
        token: signed_in.token.ok_or(ClientError::DamagedSession)?,
        unwrap: BASE64_URL_SAFE_NO_PAD.encode(unwrap.as_slice()),
        seen: None,
        authority: http.authority().map(str::to_owned),
        ledger: None,
    };
    Ok(SignedInAs { session, old_kit })
}
