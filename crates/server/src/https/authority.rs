//! The household's own certificate authority: the one thing that a phone is asked to trust.
//!
//! It is made once. Its key lies in the strongbox like every secret of the hub, and leaves it for no file. It can vouch for servers
//! alone (extended key usage), and for names in the home alone (`porchlight.local`, and addresses that are private or of this
//! computer), so that whoever got hold of it could play no bank to the phones that trust it, and sign no program or mail.

use std::net::IpAddr;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::{SignedDuration, Timestamp};
use porchlight_hub::secrets;
use porchlight_vault::Vault;
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, NameConstraints, PKCS_ECDSA_P256_SHA256, PublicKeyData, SanType,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use tracing::warn;
use zeroize::Zeroizing;

use super::HttpsError;

/// The name under which the hub is found at home.
pub(crate) const NAME: &str = "porchlight.local";
/// How long the authority lasts: a phone is asked to trust it once.
const AUTHORITY_DAYS: i64 = 20 * 365;
/// How long a certificate of the hub lasts. Phones refuse more than 825 days.
const CERTIFICATE_DAYS: i64 = 90;
/// A clock a little behind must not find a fresh certificate not valid yet.
const EARLIER: SignedDuration = SignedDuration::from_hours(24);

/// The authority, ready to sign.
pub(crate) struct Authority {
    name: String,
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
}

/// The part of the household's authority that everybody may see: what a phone is asked to trust.
#[derive(Clone)]
pub(crate) struct Trusted {
    pub name: String,
    /// DER.
    pub certificate: Vec<u8>,
    pub pem: String,
}

/// The version that is written. Version 1 had the same fields, and a certificate that was limited to names alone.
const VERSION: u32 = 2;

/// As the strongbox holds it.
#[derive(Serialize, Deserialize)]
struct Stored {
    v: u32,
    /// The common name.
    name: String,
    /// PKCS #8, base64.
    key: Zeroizing<String>,
    /// DER, base64.
    certificate: String,
}

impl Stored {
    fn read(bytes: &[u8]) -> Result<Stored, HttpsError> {
        let stored: Stored = serde_json::from_slice(bytes).map_err(|_| HttpsError::Damaged)?;
        if stored.v > VERSION { Err(HttpsError::Damaged) } else { Ok(stored) }
    }

    fn key(&self) -> Result<KeyPair, HttpsError> {
        let der = Zeroizing::new(BASE64_STANDARD.decode(&*self.key).map_err(|_| HttpsError::Damaged)?);
        Ok(KeyPair::from_pkcs8_der_and_sign_algo(&PrivatePkcs8KeyDer::from(&**der), &PKCS_ECDSA_P256_SHA256)?)
    }

    fn open(self) -> Result<Authority, HttpsError> {
        let key = self.key()?;
        let certificate = BASE64_STANDARD.decode(&self.certificate).map_err(|_| HttpsError::Damaged)?;
        let issuer = Issuer::new(params(&self.name), key);
        Ok(Authority { name: self.name, issuer, certificate: CertificateDer::from(certificate) })
    }
}

impl Authority {
    /// The household's authority; made when there is none.
    pub(crate) async fn of(vault: &Vault, now: Timestamp) -> Result<Authority, HttpsError> {
        let stored = secrets::authority(vault).await;
        let Some(old) = stored.as_deref().map(|bytes| Stored::read(bytes)).transpose()? else {
            let (authority, stored) = Authority::make(now)?;
            secrets::put_authority(vault, &stored).await?;
            return Ok(authority);
        };
        if old.v == VERSION {
            return old.open();
        }
        // One of before said nothing of what it may vouch for. The same key is certified anew: who trusts the old certificate trusts it
        // still, and who takes it from now on trusts it for servers alone.
        let (authority, stored) = Authority::certify(old.key()?, old.name.clone(), now)?;
        match secrets::put_authority(vault, &stored).await {
            Ok(()) => Ok(authority),
            // A full disk must not keep a hub from serving: it is tried again at the next start.
            Err(why) => {
                warn!(target: "porchlight", "the authority is not limited to servers yet: {why}");
                old.open()
            }
        }
    }

    /// A new one, and the bytes as which the strongbox holds it.
    pub(super) fn make(now: Timestamp) -> Result<(Authority, Zeroizing<Vec<u8>>), HttpsError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mark = hex::encode(&Sha256::digest(key.der_bytes())[..4]);
        Authority::certify(key, format!("Porchlight of this household ({mark})"), now)
    }

    /// The certificate of an authority's key, signed by itself.
    fn certify(
        key: KeyPair,
        name: String,
        now: Timestamp,
    ) -> Result<(Authority, Zeroizing<Vec<u8>>), HttpsError> {
        let mut params = params(&name);
        (params.not_before, params.not_after) = lasting(now, AUTHORITY_DAYS)?;
        let certificate = params.self_signed(&key)?.der().clone();
        let stored = Stored {
            v: VERSION,
            name: name.clone(),
            key: Zeroizing::new(BASE64_STANDARD.encode(key.serialized_der())),
            certificate: BASE64_STANDARD.encode(&certificate),
        };
        let bytes = serde_json::to_vec(&stored).map_err(|_| HttpsError::Damaged)?;
        Ok((Authority { name, issuer: Issuer::new(params, key), certificate }, Zeroizing::new(bytes)))
    }

    /// The certificate that phones and computers are asked to trust, in PEM.
    pub(crate) fn pem(&self) -> String {
        pem(&self.certificate)
    }

    /// What everybody may see of it.
    pub(super) fn trusted(&self) -> Trusted {
        Trusted { name: self.name.clone(), certificate: self.certificate.to_vec(), pem: self.pem() }
    }

    /// A fresh key, and a certificate for it under the hub's name and addresses. Neither ever touches a disk.
    pub(crate) fn issue(&self, addresses: &[IpAddr], now: Timestamp) -> Result<CertifiedKey, HttpsError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut params = CertificateParams::new(vec![NAME.to_owned(), "localhost".to_owned()])?;
        params.subject_alt_names.extend(addresses.iter().copied().map(SanType::IpAddress));
        params.distinguished_name.push(DnType::CommonName, NAME);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        (params.not_before, params.not_after) = lasting(now, CERTIFICATE_DAYS)?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        let der = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let signing = rustls::crypto::aws_lc_rs::sign::any_supported_type(&der)?;
        Ok(CertifiedKey::new(vec![certificate.der().clone(), self.certificate.clone()], signing))
    }
}

fn pem(certificate: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(certificate);
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

/// What the authority may do, and for whom.
fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let v4 = |address: [u8; 4], bits| {
        GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(address.into(), bits))
    };
    let v6 = |first: u16, bits| {
        let address = std::net::Ipv6Addr::from([first, 0, 0, 0, 0, 0, 0, 0]);
        GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(address.into(), bits))
    };
    let this =
        GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(std::net::Ipv6Addr::LOCALHOST.into(), 128));
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![
            GeneralSubtree::DnsName(NAME.into()),
            GeneralSubtree::DnsName("localhost".into()),
            v4([10, 0, 0, 0], 8),
            v4([172, 16, 0, 0], 12),
            v4([192, 168, 0, 0], 16),
            v4([169, 254, 0, 0], 16),
            v4([127, 0, 0, 0], 8),
            v6(0xfc00, 7),
            v6(0xfe80, 10),
            this,
        ],
        excluded_subtrees: Vec::new(),
    });
    params
}

/// Whether the authority may vouch for an address.
pub(crate) fn is_at_home(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_private() || v4.is_link_local() || v4.is_loopback(),
        IpAddr::V6(v6) => v6.is_unique_local() || v6.is_unicast_link_local() || v6.is_loopback(),
    }
}

fn lasting(now: Timestamp, days: i64) -> Result<(OffsetDateTime, OffsetDateTime), HttpsError> {
    let at = |instant: Timestamp| {
        OffsetDateTime::from_unix_timestamp(instant.as_second()).map_err(|_| HttpsError::Clock)
    };
    let from = now.checked_sub(EARLIER).map_err(|_| HttpsError::Clock)?;
    let to = now.checked_add(SignedDuration::from_hours(24 * days)).map_err(|_| HttpsError::Clock)?;
    Ok((at(from)?, at(to)?))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use rustls::RootCertStore;
    use rustls::client::WebPkiServerVerifier;
    use rustls::client::danger::ServerCertVerifier;
    use rustls::pki_types::{ServerName, UnixTime};

    use super::*;

    fn now() -> Timestamp {
        "2026-11-23T12:00:00Z".parse().unwrap()
    }

    /// What somebody says of a certificate who trusts this authority and no other.
    fn visit(authority: &Authority, key: &CertifiedKey, name: &str, days: u64) -> Result<(), rustls::Error> {
        let mut roots = RootCertStore::empty();
        roots.add(authority.certificate.clone()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
        let at =
            UnixTime::since_unix_epoch(Duration::from_secs(now().as_second().unsigned_abs() + days * 86_400));
        let name = ServerName::try_from(name.to_owned()).unwrap();
        verifier.verify_server_cert(&key.cert[0], &key.cert[1..], &name, &[], at).map(|_| ())
    }

    #[test]
    fn a_certificate_is_good_for_the_hubs_names_until_it_has_to_be_renewed() {
        let (authority, stored) = Authority::make(now()).unwrap();
        let addresses = ["192.168.1.20", "fd00::20"].map(|address| address.parse().unwrap());
        let key = authority.issue(&addresses, now()).unwrap();
        for name in ["porchlight.local", "localhost", "192.168.1.20", "fd00::20"] {
            for days in [0, 89] {
                visit(&authority, &key, name, days).unwrap_or_else(|why| panic!("{name}: {why}"));
            }
            assert!(visit(&authority, &key, name, 91).is_err(), "{name}");
        }
        assert!(visit(&authority, &key, "192.168.1.21", 0).is_err());
        assert!(visit(&authority, &key, "example.com", 0).is_err());

        // What was read back signs for the same phones; another household's authority does not.
        let again = Stored::read(&stored).unwrap().open().unwrap();
        assert_eq!(again.pem(), authority.pem());
        let renewed = again.issue(&addresses, now()).unwrap();
        visit(&authority, &renewed, "porchlight.local", 0).unwrap();
        let (other, _) = Authority::make(now()).unwrap();
        assert!(visit(&other, &renewed, "porchlight.local", 0).is_err());
    }

    /// What OpenSSL says of a certificate for a purpose, with this authority as the one that is trusted.
    fn openssl(authority: &Authority, certificate: &CertificateDer, purpose: &str) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        let [root, leaf] = [("root", &authority.certificate), ("leaf", certificate)].map(|(name, der)| {
            let file = folder.path().join(name);
            std::fs::write(&file, pem(der)).unwrap();
            file
        });
        let at = now().as_second().to_string();
        let mut verify = std::process::Command::new("openssl");
        verify.args(["verify", "-attime", &at, "-purpose", purpose, "-CAfile"]).arg(root).arg(leaf);
        let said = verify.output().ok()?;
        Some(String::from_utf8_lossy(&[said.stdout, said.stderr].concat()).into_owned())
    }

    #[test]
    fn the_authority_vouches_for_servers_and_for_no_other_use() {
        let (authority, _) = Authority::make(now()).unwrap();
        let uses = [
            (ExtendedKeyUsagePurpose::ServerAuth, "sslserver", true),
            (ExtendedKeyUsagePurpose::ClientAuth, "sslclient", false),
            (ExtendedKeyUsagePurpose::EmailProtection, "smimesign", false),
            (ExtendedKeyUsagePurpose::CodeSigning, "timestampsign", false),
            (ExtendedKeyUsagePurpose::Any, "sslclient", false),
            (ExtendedKeyUsagePurpose::Any, "smimeencrypt", false),
        ];
        for (usage, purpose, good) in uses {
            let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
            let mut params = CertificateParams::new(vec![NAME.to_owned()]).unwrap();
            params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
            params.extended_key_usages = vec![usage];
            (params.not_before, params.not_after) = lasting(now(), 9).unwrap();
            let signed = params.signed_by(&key, &authority.issuer).unwrap();
            let Some(said) = openssl(&authority, signed.der(), purpose) else {
                eprintln!("left out, because there is no openssl");
                return;
            };
            assert_eq!(said.contains("leaf: OK"), good, "{purpose}: {said}");
        }
    }

    #[test]
    fn an_authority_of_before_is_certified_anew_and_who_trusts_it_trusts_it_still() {
        // As an earlier release made it: the same, without a word about its use.
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        let mut unlimited = params("Porchlight of this household (00000000)");
        unlimited.extended_key_usages.clear();
        (unlimited.not_before, unlimited.not_after) = lasting(now(), AUTHORITY_DAYS).unwrap();
        let certificate = unlimited.self_signed(&key).unwrap().der().clone();
        let name = "Porchlight of this household (00000000)".to_owned();
        let old = Authority { name: name.clone(), issuer: Issuer::new(unlimited, key), certificate };
        let key = KeyPair::from_pkcs8_der_and_sign_algo(
            &PrivatePkcs8KeyDer::from(old.issuer.key().serialized_der()),
            &PKCS_ECDSA_P256_SHA256,
        );
        let (anew, _) = Authority::certify(key.unwrap(), name, now()).unwrap();
        assert_ne!(anew.certificate, old.certificate);
        let hub = anew.issue(&[], now()).unwrap();
        for trusted in [&old, &anew] {
            visit(trusted, &hub, NAME, 0).unwrap();
        }
    }

    #[test]
    fn the_authority_can_vouch_for_nothing_outside_the_home() {
        let (authority, _) = Authority::make(now()).unwrap();
        for name in ["bank.example", "porchlight.local.bank.example", "93.184.215.14", "2606:2800::1"] {
            let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
            let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
            (params.not_before, params.not_after) = lasting(now(), 9).unwrap();
            let forged = params.signed_by(&key, &authority.issuer).unwrap();
            let der = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
            let signing = rustls::crypto::aws_lc_rs::sign::any_supported_type(&der).unwrap();
            let forged = CertifiedKey::new(vec![forged.der().clone()], signing);
            let refused = visit(&authority, &forged, name, 0).unwrap_err();
            assert!(refused.to_string().contains("NameConstraint"), "{name}: {refused}");
        }
        assert!(is_at_home([172, 31, 0, 1].into()) && !is_at_home([172, 32, 0, 1].into()));
    }
}
