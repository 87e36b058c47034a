//! Signing in: by digest (RFC 7616 and what came before it) where a camera offers one, in the clear (RFC 7617) where it asks for
//! that and never offered a digest since it is watched. Nothing is sent unasked.
//!
//! The digests themselves are the crate `http-auth`'s; what a camera asks for is put in order here, since many write it so
//! that no strict reader takes it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_auth::{DigestClient, PasswordClient, PasswordParams};
use zeroize::Zeroizing;

use crate::{Credentials, Error};

/// Ways that are tried with one camera at most: the wrong ones count towards its lock.
const MOST_WAYS: usize = 3;

/// Whether a camera ever offered a digest, over all the connections of one watching: from then on its password is sent in the clear
/// to nobody who asks for that at its address.
#[derive(Clone, Default)]
pub(crate) struct DigestOffered(Arc<AtomicBool>);

/// How a camera is signed in to, as far as it has said.
#[derive(Default)]
pub(crate) struct Authentication {
    digest_offered: DigestOffered,
    way: Option<Way>,
    /// Whether it was let in this way.
    proved: bool,
    /// What was refused, by name.
    refused: Vec<String>,
}

enum Way {
    Digest { name: String, nonce: String, client: DigestClient, echo: &'static str },
    Basic,
}

impl Authentication {
    pub(crate) fn new(digest_offered: DigestOffered) -> Self {
        Self { digest_offered, ..Self::default() }
    }

    /// Learns how a camera wants to be signed in to, from the headers of its refusal.
    ///
    /// # Errors
    ///
    /// [`Error::WrongPassword`] where each way was refused already, and [`Error::NoSignIn`] where there is none that is known, or only
    /// one by which others would read the password.
    pub(crate) fn refused<'a>(&mut self, headers: impl Iterator<Item = &'a str>) -> Result<(), Error> {
        let challenges: Vec<Challenge> = headers.flat_map(challenges).collect();
        let digest = challenges.iter().any(Challenge::is_like_digest);
        if digest {
            self.digest_offered.0.store(true, Ordering::Relaxed);
        }
        let stale = challenges.iter().any(|challenge| challenge.value("stale").eq_ignore_ascii_case("true"));
        // A sign-in that is out of date is renewed, whether it says so or not; one that was never right is not tried again.
        let renewed = std::mem::take(&mut self.proved) || stale;
        if let Some(way) = self.way.take()
            && !(renewed && (way.is_other_nonce(&challenges) || (way.is_digest() && !digest)))
        {
            self.refused.push(way.name().to_owned());
        }
        if self.refused.len() >= MOST_WAYS {
            return Err(Error::WrongPassword);
        }
        let mut ways: Vec<Way> = challenges.iter().filter_map(Challenge::digest).collect();
        ways.sort_by_key(|way| std::cmp::Reverse(way.name().len()));
        let asks_plainly = challenges.iter().any(|challenge| challenge.scheme.eq_ignore_ascii_case("Basic"));
        if asks_plainly && !self.digest_offered.0.load(Ordering::Relaxed) {
            ways.push(Way::Basic);
        }
        self.way = ways.into_iter().find(|way| !self.refused.iter().any(|refused| refused == way.name()));
        match self.way {
            Some(_) => Ok(()),
            None if self.refused.is_empty() => Err(Error::NoSignIn),
            None => Err(Error::WrongPassword),
        }
    }

    /// What was sent last was let in.
    pub(crate) fn accepted(&mut self) {
        self.proved = self.way.is_some();
    }

    /// The header for a request.
    pub(crate) fn header(
        &mut self,
        credentials: &Credentials,
        method: &str,
        url: &str,
    ) -> Option<Zeroizing<String>> {
        match self.way.as_mut()? {
            Way::Basic => {
                let plain = Zeroizing::new(format!("{}:{}", credentials.user(), credentials.password()));
                Some(Zeroizing::new(format!("Basic {}", *Zeroizing::new(STANDARD.encode(plain.as_bytes())))))
            }
            Way::Digest { client, echo, .. } => {
                let (username, password) = (credentials.user(), credentials.password());
                let params = PasswordParams { username, password, uri: url, method, body: Some(&[]) };
                Some(Zeroizing::new(client.respond(&params).ok()? + echo))
            }
        }
    }
}

impl Way {
    /// Longer names are of stronger digests.
    fn name(&self) -> &str {
        match self {
            Self::Digest { name, .. } => name,
            Self::Basic => "",
        }
    }

    fn is_digest(&self) -> bool {
        matches!(self, Self::Digest { .. })
    }

    fn is_other_nonce(&self, challenges: &[Challenge]) -> bool {
        match self {
            Self::Digest { nonce, .. } => challenges.iter().any(|challenge| {
                let offered = challenge.value("nonce");
                !offered.is_empty() && offered != nonce
            }),
            Self::Basic => false,
        }
    }
}

struct Challenge {
    scheme: String,
    values: Vec<(String, String)>,
}

impl Challenge {
    fn value(&self, name: &str) -> &str {
        self.values.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value.as_str())
    }

    /// Whether it is meant as a digest, however badly it is written.
    fn is_like_digest(&self) -> bool {
        self.scheme.to_ascii_lowercase().contains("digest")
            || self.values.iter().any(|(name, _)| name == "nonce")
    }

    fn digest(&self) -> Option<Way> {
        if !self.scheme.eq_ignore_ascii_case("Digest") || self.value("nonce").is_empty() {
            return None;
        }
        let name = match self.value("algorithm").to_ascii_uppercase() {
            none if none.is_empty() => "MD5".to_owned(),
            name => name,
        };
        let mut written = format!("Digest algorithm={name}");
        for key in ["realm", "nonce", "opaque"] {
            if key == "realm" || !self.value(key).is_empty() {
                let escaped = self.value(key).replace('\\', "\\\\").replace('"', "\\\"");
                written.push_str(&format!(", {key}=\"{escaped}\""));
            }
        }
        let offers =
            |way: &str| self.value("qop").split(',').any(|offered| offered.trim().eq_ignore_ascii_case(way));
        if let Some(qop) = ["auth", "auth-int"].into_iter().find(|way| offers(way)) {
            written.push_str(&format!(", qop=\"{qop}\""));
        }
        let Ok(PasswordClient::Digest(client)) = PasswordClient::try_from(written.as_str()) else {
            return None;
        };
        // Where no quality of protection is named, the digest's name is not sent back: it has to be for one of the newer ones.
        let echo = match name.as_str() {
            "SHA-256" if client.rfc2069_compat() => ", algorithm=SHA-256",
            _ => "",
        };
        Some(Way::Digest { name, nonce: self.value("nonce").to_owned(), client, echo })
    }
}

/// Reads `Scheme name="value", name=value, Scheme …`, in which commas are missing and quotation marks stand inside of others.
fn challenges(header: &str) -> Vec<Challenge> {
    let mut found: Vec<Challenge> = Vec::new();
    let mut rest = header.trim_start();
    while !rest.is_empty() && found.len() < 8 {
        let end = rest.find([' ', '\t', ',', '=']).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let after = after.trim_start();
        rest = match after.strip_prefix('=') {
            Some(value) if !word.is_empty() => {
                let (value, after) = value_of(value.trim_start());
                if let Some(challenge) = found.last_mut()
                    && challenge.values.len() < 16
                {
                    challenge.values.push((word.to_ascii_lowercase(), value));
                }
                after
            }
            Some(noise) => noise,
            None => {
                if !word.is_empty() {
                    found.push(Challenge { scheme: word.to_owned(), values: Vec::new() });
                }
                after
            }
        }
        .trim_start_matches([' ', '\t', ',']);
    }
    found
}

/// A value, and what comes after it.
fn value_of(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', ' ', '\t']).unwrap_or(text.len());
        return (text[..end].to_owned(), &text[end..]);
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((place, character)) = characters.next() {
        match character {
            '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
            '"' if ends_here(&quoted[place + 1..]) => return (value, &quoted[place + 1..]),
            _ => value.push(character),
        }
    }
    (value, "")
}

/// Whether a value can end before this: nothing follows, a comma does, or the next name.
fn ends_here(rest: &str) -> bool {
    let rest = rest.trim_start();
    let word = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
    rest.is_empty() || rest.starts_with(',') || (word > 0 && rest[word..].starts_with('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn porch() -> Credentials {
        Credentials::new("porch", "secret")
    }

    fn sent(authentication: &mut Authentication) -> String {
        authentication
            .header(&porch(), "DESCRIBE", "rtsp://cam/")
            .map(|header| header.to_string())
            .unwrap_or_default()
    }

    fn after(challenge: &str) -> (Result<(), Error>, String) {
        let mut authentication = Authentication::default();
        let known = authentication.refused([challenge].into_iter());
        (known, sent(&mut authentication))
    }

    #[test]
    fn a_digest_is_answered_as_it_is_asked_for() {
        // HA1 = MD5(porch:cam:secret), HA2 = MD5(DESCRIBE:rtsp://cam/), by md5sum.
        let (_, old) = after("Digest realm=\"cam\", nonce=\"abc\", stale=\"FALSE\"");
        let expected = "Digest username=\"porch\", realm=\"cam\", uri=\"rtsp://cam/\", nonce=\"abc\", response=\"8f50c6a3ac6bba7c0ff3bac7c4bdaba0\"";
        assert_eq!(old.len(), expected.len());
        assert!(old.starts_with(&expected[..70]), "{old}");
        let (_, new) = after("Digest realm=\"cam\",nonce=\"abc\",qop=\"auth,auth-int\",algorithm=SHA-256");
        assert!(
            new.contains("algorithm=SHA-256") && new.contains("qop=auth,") && new.contains("nc=00000001"),
            "{new}"
        );
        let (_, bare) = after("Digest realm=\"cam\" nonce=\"abc\" algorithm=\"SHA-256\" qop=\"\"");
        assert!(bare.ends_with(", algorithm=SHA-256") && !bare.contains("qop"), "{bare}");
        let (_, inner) = after("Digest realm=\"the \"front\" door\", nonce=\"abc\"");
        assert!(inner.contains("realm=\"the \\\"front\\\" door\""), "{inner}");
        assert!(after("Digest nonce=abc").1.contains("realm=\"\""));
    }

    #[test]
    fn the_clear_is_for_who_asks_for_it_and_offers_nothing_better() {
        for challenge in ["Basic realm=\"cam\"", "Basic", "basic realm=cam"] {
            assert_eq!(after(challenge), (Ok(()), "Basic cG9yY2g6c2VjcmV0".into()), "{challenge}");
        }
        let mut both = Authentication::default();
        assert_eq!(
            both.refused(["Basic realm=\"cam\"", "Digest realm=\"cam\", nonce=\"x\""].into_iter()),
            Ok(())
        );
        assert!(sent(&mut both).starts_with("Digest"));
        assert_eq!(
            both.refused(["Basic realm=\"cam\"", "Digest realm=\"cam\", nonce=\"x\""].into_iter()),
            Err(Error::WrongPassword),
            "never in the clear then"
        );
        assert!(
            after("Basic realm=\"cam\", Digest realm=\"cam\", nonce=\"x\"").1.starts_with("Digest"),
            "in one header"
        );
    }

    #[test]
    fn a_digest_that_makes_no_sense_is_no_reason_for_the_clear() {
        for challenge in [
            "",
            "Bearer x",
            "Digest realm=\"no nonce\"",
            "Digest realm=the front door, nonce=\"abc\", Basic realm=\"cam\"",
            "Digest realm=\"a\rX-Injected: 1\r \", nonce=\"b\rX: 2\", qop=\"auth\"",
            "Digest realm=\"cam\", nonce=\"abc\", algorithm=MD4, Basic realm=\"cam\"",
            "XDigest realm=\"cam\", Basic",
        ] {
            assert_eq!(after(challenge), (Err(Error::NoSignIn), String::new()), "{challenge}");
        }
    }

    #[test]
    fn who_ever_offered_a_digest_is_sent_nothing_in_the_clear_on_any_connection() {
        let offered = DigestOffered::default();
        let mut first = Authentication::new(offered.clone());
        assert_eq!(first.refused(["Digest realm=\"cam\", nonce=\"x\""].into_iter()), Ok(()));
        first.accepted();
        assert_eq!(
            first.refused(["Basic realm=\"cam\""].into_iter()),
            Err(Error::NoSignIn),
            "on the same one"
        );
        assert_eq!(sent(&mut first), "");
        let mut second = Authentication::new(offered);
        assert_eq!(second.refused(["Basic realm=\"cam\""].into_iter()), Err(Error::NoSignIn));
        assert_eq!(sent(&mut second), "");
    }

    #[test]
    fn a_wrong_password_is_tried_once_and_a_stale_sign_in_renewed() {
        let asked = |nonce: &str, more: &str| format!("Digest realm=\"cam\", nonce=\"{nonce}\"{more}");
        let mut wrong = Authentication::default();
        assert_eq!(wrong.refused([asked("a", "").as_str()].into_iter()), Ok(()));
        assert_eq!(wrong.refused([asked("b", "").as_str()].into_iter()), Err(Error::WrongPassword));

        let mut stale = Authentication::default();
        assert_eq!(stale.refused([asked("a", "").as_str()].into_iter()), Ok(()));
        assert_eq!(stale.refused([asked("b", ", stale=true").as_str()].into_iter()), Ok(()));
        stale.accepted();
        assert_eq!(
            stale.refused([asked("c", "").as_str()].into_iter()),
            Ok(()),
            "out of date without saying so"
        );
        assert!(sent(&mut stale).contains("nonce=\"c\""));
        assert_eq!(
            stale.refused([asked("c", ", stale=true").as_str()].into_iter()),
            Err(Error::WrongPassword),
            "the same one again"
        );

        let mut stronger = Authentication::default();
        let two = [asked("a", ", algorithm=MD5"), asked("a", ", algorithm=SHA-256, qop=\"auth\"")];
        assert_eq!(stronger.refused(two.iter().map(String::as_str)), Ok(()));
        assert!(sent(&mut stronger).contains("SHA-256"));
        assert_eq!(stronger.refused(two.iter().map(String::as_str)), Ok(()));
        assert!(!sent(&mut stronger).contains("SHA-256"), "then the other");
        assert_eq!(stronger.refused(two.iter().map(String::as_str)), Err(Error::WrongPassword));
    }
}
