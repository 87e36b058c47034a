//! Signing in: by digest (RFC 7616 and what came before it) where a camera offers one, else in the clear (RFC 7617).
//!
//! The digests themselves are the crate `http-auth`'s; what a camera asks for is put in order here, since many write it so
//! that no strict reader takes it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_auth::{DigestClient, PasswordClient, PasswordParams};
use zeroize::Zeroizing;

use crate::Credentials;

/// Ways that are tried with one camera at most: the wrong ones count towards its lock.
const MOST_WAYS: usize = 3;

/// How a camera is signed in to, as far as it has said.
#[derive(Default)]
pub(crate) struct Authentication {
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
    /// In the clear from the first request on, for cameras that expect it unasked.
    pub(crate) fn unasked() -> Self {
        Self { way: Some(Way::Basic), ..Self::default() }
    }

    /// Learns how a camera wants to be signed in to, from the headers of its refusal. False if there is no way that was not
    /// refused already: then it is the password that is wrong.
    pub(crate) fn refused<'a>(&mut self, headers: impl Iterator<Item = &'a str>) -> bool {
        let challenges: Vec<Challenge> = headers.flat_map(challenges).collect();
        let stale = challenges.iter().any(|challenge| challenge.value("stale").eq_ignore_ascii_case("true"));
        // A sign-in that is out of date is renewed, whether it says so or not; one that was never right is not tried again.
        let renewed = std::mem::take(&mut self.proved) || stale;
        if let Some(way) = self.way.take()
            && !(renewed && way.is_other_nonce(&challenges))
        {
            self.refused.push(way.name().to_owned());
        }
        if self.refused.len() >= MOST_WAYS {
            return false;
        }
        let mut ways: Vec<Way> = challenges.iter().filter_map(Challenge::digest).collect();
        ways.sort_by_key(|way| std::cmp::Reverse(way.name().len()));
        // What asks for nothing that is known is answered in the clear, and so is what asks for it.
        if ways.is_empty() {
            ways.push(Way::Basic);
        }
        self.way = ways.into_iter().find(|way| !self.refused.iter().any(|refused| refused == way.name()));
        self.way.is_some()
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

    fn after(challenge: &str) -> (bool, String) {
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
    fn the_clear_is_for_who_offers_nothing_better() {
        for challenge in
            ["Basic realm=\"cam\"", "Basic", "Basic realm=cam", "", "Bearer x", "Digest realm=\"no nonce\""]
        {
            assert_eq!(after(challenge), (true, "Basic cG9yY2g6c2VjcmV0".into()), "{challenge}");
        }
        let mut both = Authentication::default();
        assert!(both.refused(["Basic realm=\"cam\"", "Digest realm=\"cam\", nonce=\"x\""].into_iter()));
        assert!(sent(&mut both).starts_with("Digest"));
        assert!(
            !both.refused(["Basic realm=\"cam\"", "Digest realm=\"cam\", nonce=\"x\""].into_iter()),
            "never in the clear then"
        );
        assert!(
            after("Basic realm=\"cam\", Digest realm=\"cam\", nonce=\"x\"").1.starts_with("Digest"),
            "in one header"
        );
    }

    #[test]
    fn a_wrong_password_is_tried_once_and_a_stale_sign_in_renewed() {
        let asked = |nonce: &str, more: &str| format!("Digest realm=\"cam\", nonce=\"{nonce}\"{more}");
        let mut wrong = Authentication::default();
        assert!(wrong.refused([asked("a", "").as_str()].into_iter()));
        assert!(!wrong.refused([asked("b", "").as_str()].into_iter()));

        let mut stale = Authentication::default();
        assert!(stale.refused([asked("a", "").as_str()].into_iter()));
        assert!(stale.refused([asked("b", ", stale=true").as_str()].into_iter()));
        stale.accepted();
        assert!(stale.refused([asked("c", "").as_str()].into_iter()), "out of date without saying so");
        assert!(sent(&mut stale).contains("nonce=\"c\""));
        assert!(!stale.refused([asked("c", ", stale=true").as_str()].into_iter()), "the same one again");

        let mut stronger = Authentication::default();
        let two = [asked("a", ", algorithm=MD5"), asked("a", ", algorithm=SHA-256, qop=\"auth\"")];
        assert!(stronger.refused(two.iter().map(String::as_str)));
        assert!(sent(&mut stronger).contains("SHA-256"));
        assert!(stronger.refused(two.iter().map(String::as_str)));
        assert!(!sent(&mut stronger).contains("SHA-256"), "then the other");
        assert!(!stronger.refused(two.iter().map(String::as_str)));
    }
}
