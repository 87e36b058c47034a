//! Requests to a hub, and its answers or what it says is wrong.

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use porchlight_protocol::{Problem, ProofFor, TIME};
use serde::Serialize;
use serde::de::DeserializeOwned;
use ureq::Body;
use ureq::http::Response;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use url::Url;
use zeroize::Zeroizing;

use crate::ClientError;

/// The largest JSON answer that is read, in bytes.
const JSON_LIMIT: u64 = 256 << 20;

/// A connection to one hub, signed in or not.
pub(crate) struct Http {
    agent: ureq::Agent,
    base: Url,
    /// PEM.
    authority: Option<String>,
    token: Option<Zeroizing<String>>,
    /// What proves again who it is, where the hub wants that.
    prove: Option<Prove>,
}

/// Proves again who it is, for this; with the hub's word for it, where somebody did.
pub(crate) type Prove = Box<dyn Fn(&Http, ProofFor) -> Result<Option<String>, ClientError>>;

impl Http {
    /// Will speak to the hub at `base`, such as `http://127.0.0.1:8420`, or `https://porchlight.local:8420`, which has to show a
    /// certificate of `authority` (PEM). A plain `http` address must be loopback: a token never goes over a network in the clear.
    pub(crate) fn new(base: &str, authority: Option<&str>) -> Result<Http, ClientError> {
        let url = Url::parse(base).map_err(|_| ClientError::Address(base.to_owned()))?;
        let loopback = match url.host() {
            Some(url::Host::Domain(name)) => name == "localhost",
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            None => return Err(ClientError::Address(base.to_owned())),
        };
        let tls = match (url.scheme(), authority) {
            ("http", _) if loopback => None,
            ("https", Some(pem)) => Some(tls(pem)?),
            ("https", None) => return Err(ClientError::NoAuthority(base.to_owned())),
            _ => return Err(ClientError::NotLoopback(base.to_owned())),
        };
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(Duration::from_secs(10)))
            // A hub ends what rests for ten seconds, and it must not do so while a request is on its way.
            .max_idle_age(Duration::from_secs(5))
            .max_redirects(0)
            .proxy(None)
            .tls_config(tls.unwrap_or_default())
            .build()
            .new_agent();
        Ok(Http { agent, base: url, authority: authority.map(str::to_owned), token: None, prove: None })
    }

    /// The same connection with a session's token.
    pub(crate) fn with_token(mut self, token: Zeroizing<String>) -> Http {
        self.token = Some(token);
        self
    }

    /// The same connection, which proves again who it is where the hub wants that, and goes on.
    pub(crate) fn proving(mut self, prove: Prove) -> Http {
        self.prove = Some(prove);
        self
    }

    /// The certificate of the authority that the hub is of, PEM.
    pub(crate) fn authority(&self) -> Option<&str> {
        self.authority.as_deref()
    }

    /// The hub's address.
    pub(crate) fn base(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    pub(crate) fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        self.proven(|| {
            self.json(self.send(self.agent.get(self.url(path)).header("accept", "application/json")))
        })
    }

    pub(crate) fn get_bytes(&self, path: &str) -> Result<impl Read + use<>, ClientError> {
        let answer = self.proven(|| self.checked(self.send(self.agent.get(self.url(path)))))?;
        Ok(answer.into_body().into_reader())
    }

    pub(crate) fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, ClientError> {
        self.proven(|| self.json(self.authorised(self.agent.post(self.url(path))).send_json(body)))
    }

    pub(crate) fn post_without_answer(&self, path: &str) -> Result<(), ClientError> {
        self.proven(|| self.checked(self.authorised(self.agent.post(self.url(path))).send_empty()).map(drop))
    }

    pub(crate) fn post_nothing_back(&self, path: &str, body: &impl Serialize) -> Result<(), ClientError> {
        self.proven(|| {
            self.checked(self.authorised(self.agent.post(self.url(path))).send_json(body)).map(drop)
        })
    }

    pub(crate) fn post_bytes<T: DeserializeOwned>(
        &self,
        path: &str,
        kind: &str,
        body: &[u8],
    ) -> Result<T, ClientError> {
        self.proven(|| {
            self.json(self.authorised(self.agent.post(self.url(path))).content_type(kind).send(body))
        })
    }

    pub(crate) fn post_for_bytes(&self, path: &str, body: &impl Serialize) -> Result<Vec<u8>, ClientError> {
        let answer =
            self.proven(|| self.checked(self.authorised(self.agent.post(self.url(path))).send_json(body)))?;
        Ok(answer.into_body().with_config().limit(JSON_LIMIT).read_to_vec()?)
    }

    pub(crate) fn put<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, ClientError> {
        self.proven(|| self.json(self.authorised(self.agent.put(self.url(path))).send_json(body)))
    }

    pub(crate) fn put_without_answer(&self, path: &str, body: &impl Serialize) -> Result<(), ClientError> {
        self.proven(|| {
            self.checked(self.authorised(self.agent.put(self.url(path))).send_json(body)).map(drop)
        })
    }

    pub(crate) fn patch(&self, path: &str, body: &impl Serialize) -> Result<(), ClientError> {
        self.proven(|| {
            self.checked(self.authorised(self.agent.patch(self.url(path))).send_json(body)).map(drop)
        })
    }

    pub(crate) fn delete(&self, path: &str) -> Result<(), ClientError> {
        self.proven(|| self.checked(self.send(self.agent.delete(self.url(path)))).map(drop))
    }

    /// The hub's word for a proof that is made now, for this; none where there is nobody to make it.
    pub(crate) fn proof(&self, what_for: ProofFor) -> Result<Option<String>, ClientError> {
        self.prove.as_ref().map_or(Ok(None), |prove| prove(self, what_for))
    }

    /// Asks with the word that is at hand; and where the hub wants one that is made now, with that. The hub alone says what takes one.
    pub(crate) fn with_proof<T>(
        &self,
        what_for: ProofFor,
        proof: &mut Option<String>,
        mut ask: impl FnMut(Option<&str>) -> Result<T, ClientError>,
    ) -> Result<T, ClientError> {
        match ask(proof.as_deref()) {
            Err(error) if error.wants_proof() => {
                *proof = self.proof(what_for)?;
                if proof.is_some() { ask(proof.as_deref()) } else { Err(error) }
            }
            done => done,
        }
    }

    /// Asks, and asks once more when somebody has proved again who they are, where the hub wants that and there is somebody to ask.
    fn proven<T>(&self, ask: impl Fn() -> Result<T, ClientError>) -> Result<T, ClientError> {
        match ask() {
            Err(error) if error.is_stale() => match self.proof(ProofFor::Account)? {
                Some(_) => ask(),
                None => Err(error),
            },
            done => done,
        }
    }

    /// What is wrong where a code was refused, whose passphrase was right.
    pub(super) fn of_code(&self, why: ClientError) -> ClientError {
        if why.is_not_right() { why.of_code(Timestamp::now(), self.hub_time()) } else { why }
    }

    /// What is wrong where a sign-in was refused.
    pub(super) fn of_sign_in(&self, why: ClientError) -> ClientError {
        if why.is_not_right() { why.of_sign_in(Timestamp::now(), self.hub_time()) } else { why }
    }

    /// What the hub's clock shows, which it tells anybody with every answer.
    fn hub_time(&self) -> Option<Timestamp> {
        let answer = self.agent.get(self.url("/api/health")).call().ok()?;
        let date = answer.headers().get("date")?.to_str().ok()?;
        Some(jiff::fmt::rfc2822::parse(date).ok()?.timestamp())
    }

    fn send(
        &self,
        request: ureq::RequestBuilder<ureq::typestate::WithoutBody>,
    ) -> Result<Response<Body>, ureq::Error> {
        self.authorised(request).call()
    }

    fn authorised<Any>(&self, request: ureq::RequestBuilder<Any>) -> ureq::RequestBuilder<Any> {
        let request = request.header(TIME, Timestamp::now().as_millisecond().to_string());
        match &self.token {
            Some(token) => request.header("authorization", format!("Bearer {}", token.as_str())),
            None => request,
        }
    }

    fn json<T: DeserializeOwned>(
        &self,
        answer: Result<Response<Body>, ureq::Error>,
    ) -> Result<T, ClientError> {
        Ok(self.checked(answer)?.into_body().with_config().limit(JSON_LIMIT).read_json()?)
    }

    /// Anything but a success becomes the hub's own sentence about what is wrong.
    fn checked(&self, answer: Result<Response<Body>, ureq::Error>) -> Result<Response<Body>, ClientError> {
        let answer = answer.map_err(|error| match error {
            ureq::Error::Io(why) if is_of_tls(&why) => {
                ClientError::NotTrusted { address: self.base().to_owned(), cause: why.to_string() }
            }
            ureq::Error::Io(_)
            | ureq::Error::ConnectionFailed
            | ureq::Error::HostNotFound
            | ureq::Error::Timeout(_) => {
                ClientError::NoHub { address: self.base().to_owned(), cause: error.to_string() }
            }
            other => ClientError::Http(other),
        })?;
        let status = answer.status().as_u16();
        if (200..300).contains(&status) {
            return Ok(answer);
        }
        match answer.into_body().with_config().limit(1 << 20).read_json::<Problem>() {
            Ok(problem) => Err(ClientError::Hub { status, problem: Box::new(problem) }),
            Err(_) => Err(ClientError::NotAHub { address: self.base().to_owned(), status }),
        }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base())
    }
}

/// Trusts this authority and no other.
fn tls(pem: &str) -> Result<TlsConfig, ClientError> {
    let certificate = Certificate::from_pem(pem.as_bytes()).map_err(|_| ClientError::BadAuthority)?;
    Ok(TlsConfig::builder()
        .root_certs(RootCerts::new_with_certs(&[certificate]))
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .build())
}

/// Whether a connection failed because of what the other end showed of itself.
fn is_of_tls(why: &std::io::Error) -> bool {
    why.get_ref().is_some_and(|inner| inner.is::<rustls::Error>())
}
