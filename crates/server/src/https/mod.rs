//! Serving a home's network: encrypted, under the household's own authority, and found by name.

mod announce;
mod authority;
mod profile;
mod served;

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use porchlight_vault::{Clock, Vault};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem};
use rustls::server::ResolvesServerCert;
use rustls::sign::CertifiedKey;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tracing::warn;
use zeroize::Zeroizing;

pub(crate) use announce::Announced;
pub(crate) use authority::Authority;
pub(crate) use profile::profile;
pub(crate) use served::Served;

/// How often it is looked whether the computer has other addresses, or the certificate grows old.
const LOOK: Duration = Duration::from_secs(60);
/// When a certificate is replaced; it would last three times as long.
const RENEW: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A certificate that somebody brings along, of an authority that their phones trust already.
#[derive(Clone, Debug)]
pub struct GivenCertificate {
    /// The certificate and those that lead to its authority, PEM.
    pub chain: PathBuf,
    /// Its private key, PEM.
    pub key: PathBuf,
}

/// Why the hub cannot serve a network.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HttpsError {
    /// A certificate could not be made.
    #[error("no certificate could be made: {0}")]
    Certificate(#[from] rcgen::Error),
    /// The TLS library refuses a key or a certificate.
    #[error("the certificate cannot be used: {0}")]
    Tls(#[from] rustls::Error),
    /// The authority in the strongbox cannot be read.
    #[error(
        "the household's certificate authority cannot be read; the strongbox is damaged, or of a newer release"
    )]
    Damaged,
    /// The clock shows a time that no certificate can have.
    #[error("the clock of this computer is far off, so no certificate can be made; set it")]
    Clock,
    /// A given certificate or key cannot be read.
    #[error("{} holds no {what}: {why}", path.display())]
    Given {
        /// The file.
        path: PathBuf,
        /// What it should hold.
        what: &'static str,
        /// What is wrong.
        why: String,
    },
    /// The strongbox does not take the authority.
    #[error(transparent)]
    Vault(#[from] porchlight_vault::Error),
}

/// An authority, as the strongbox holds it.
pub(crate) type StoredAuthority = Zeroizing<Vec<u8>>;

/// What a network is served with.
pub(crate) struct Https {
    pub acceptor: TlsAcceptor,
    shown: Arc<Shown>,
    /// The household's authority, unless a certificate is given.
    pub authority: Option<Arc<Authority>>,
    issued: Timestamp,
    addresses: Vec<IpAddr>,
}

impl Https {
    /// Makes ready to serve a household at `listen`: with a given certificate, or one of its authority.
    pub(crate) async fn of(
        vault: &Vault,
        given: Option<&GivenCertificate>,
        listen: SocketAddr,
        now: Timestamp,
    ) -> Result<Https, HttpsError> {
        match given {
            Some(given) => Https::given(given, listen, now),
            None => Https::under(Authority::of(vault, now).await?, listen, now),
        }
    }

    /// The same before there is a household: the authority is made, and given back as the strongbox will hold it.
    pub(crate) fn before(
        given: Option<&GivenCertificate>,
        listen: SocketAddr,
        now: Timestamp,
    ) -> Result<(Https, Option<StoredAuthority>), HttpsError> {
        if let Some(given) = given {
            return Ok((Https::given(given, listen, now)?, None));
        }
        let (authority, stored) = Authority::make(now)?;
        Ok((Https::under(authority, listen, now)?, Some(stored)))
    }

    fn given(given: &GivenCertificate, listen: SocketAddr, now: Timestamp) -> Result<Https, HttpsError> {
        Https::with(given.read()?, None, addresses(listen), now)
    }

    fn under(authority: Authority, listen: SocketAddr, now: Timestamp) -> Result<Https, HttpsError> {
        let addresses = addresses(listen);
        Https::with(authority.issue(&addresses, now)?, Some(Arc::new(authority)), addresses, now)
    }

    fn with(
        key: CertifiedKey,
        authority: Option<Arc<Authority>>,
        addresses: Vec<IpAddr>,
        now: Timestamp,
    ) -> Result<Https, HttpsError> {
        let shown = Arc::new(Shown(RwLock::new(Arc::new(key))));
        let acceptor = TlsAcceptor::from(Arc::new(config(shown.clone())?));
        Ok(Https { acceptor, shown, authority, issued: now, addresses })
    }

    /// Replaces the certificate before it grows old, and whenever the computer gets another address.
    pub(crate) async fn renew(mut self, listen: SocketAddr, clock: Arc<dyn Clock>, stop: CancellationToken) {
        let Some(authority) = self.authority.take() else { return };
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(LOOK) => {}
            }
            let (now, addresses) = (clock.now(), addresses(listen));
            // A clock that was set back makes a certificate of the future, too.
            if addresses == self.addresses && now.duration_since(self.issued).abs() < RENEW {
                continue;
            }
            match authority.issue(&addresses, now) {
                Ok(key) => {
                    self.shown.replace(key);
                    (self.issued, self.addresses) = (now, addresses);
                }
                Err(why) => warn!(target: "porchlight", "the certificate is not renewed yet: {why}"),
            }
        }
    }
}

impl GivenCertificate {
    fn read(&self) -> Result<CertifiedKey, HttpsError> {
        let bad = |path: &Path, what| {
            let path = path.to_owned();
            move |why: pem::Error| HttpsError::Given { path, what, why: why.to_string() }
        };
        let chain = CertificateDer::pem_file_iter(&self.chain)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .and_then(|chain| if chain.is_empty() { Err(pem::Error::NoItemsFound) } else { Ok(chain) })
            .map_err(bad(&self.chain, "certificate in PEM"))?;
        let key = PrivateKeyDer::from_pem_file(&self.key).map_err(bad(&self.key, "private key in PEM"))?;
        let signing = rustls::crypto::aws_lc_rs::sign::any_supported_type(&key)?;
        let certified = CertifiedKey::new(chain, signing);
        certified.keys_match()?;
        Ok(certified)
    }
}

/// TLS 1.2 and 1.3 with the library's own choice of ciphers.
fn config(shown: Arc<Shown>) -> Result<ServerConfig, HttpsError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(shown);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// One certificate for whoever asks, by whatever name, until there is a newer one.
#[derive(Debug)]
struct Shown(RwLock<Arc<CertifiedKey>>);

impl Shown {
    fn replace(&self, key: CertifiedKey) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(key);
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, _hello: rustls::server::ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.read().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

/// The addresses at which the hub can be reached and for which the authority may vouch, sorted.
fn addresses(listen: SocketAddr) -> Vec<IpAddr> {
    let mut found: Vec<IpAddr> = match listen.ip().is_unspecified() {
        true => {
            let all = if_addrs::get_if_addrs().unwrap_or_default().into_iter().map(|found| found.ip());
            // All of IPv4 is none of IPv6, while all of IPv6 is both.
            all.filter(|found| listen.is_ipv6() || found.is_ipv4()).collect()
        }
        false => vec![listen.ip()],
    };
    found.retain(|address| authority::is_at_home(*address));
    found.sort_unstable();
    found.dedup();
    found
}
