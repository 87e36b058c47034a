//! One call: an envelope goes out by HTTP, and what comes back is read with bounds.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use roxmltree::{Document, Node, ParsingOptions};
use sha1::{Digest, Sha1};
use ureq::Agent;
use ureq::http::StatusCode;
use url::Url;
use zeroize::Zeroizing;

use super::error::OnvifError;
use crate::Credentials;
use crate::rtsp::authentication::Authentication;

/// For one answer, from the connection to its last byte.
const PATIENCE: Duration = Duration::from_secs(5);
/// More than the profiles of any camera take.
const MOST_BYTES: u64 = 1 << 20;
/// Elements, attributes and texts of one answer.
const MOST_NODES: u32 = 20_000;
/// Deeper than the standard nests; what reads it goes down one call for each.
const MOST_DEEP: usize = 64;

const SECURITY: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
const UTILITY: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
const DIGEST: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest";

/// Whoever asks a camera: by WS-Security, and by HTTP where it asks for that.
pub(super) struct Caller<'a> {
    agent: Agent,
    credentials: Option<&'a Credentials>,
    authentication: Authentication,
    /// How far the camera's clock is ahead of ours: a digest that is not of its own time it refuses.
    pub(super) ahead: SignedDuration,
}

impl<'a> Caller<'a> {
    pub(super) fn new(credentials: Option<&'a Credentials>) -> Self {
        let agent = Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .http_status_as_error(false)
            // Where a camera sends us, nobody goes.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .build()
            .into();
        Self { agent, credentials, authentication: Authentication::default(), ahead: SignedDuration::ZERO }
    }

    /// Asks, and gives the text of the answer. Without `signed` it is not said who asks.
    pub(super) fn call(&mut self, service: &Url, body: &str, signed: bool) -> Result<String, OnvifError> {
        let mut tried = false;
        loop {
            let head = if signed { self.security()? } else { Zeroizing::default() };
            let envelope = Zeroizing::new(format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?><s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\">\
                 <s:Header>{}</s:Header><s:Body>{body}</s:Body></s:Envelope>",
                head.as_str()
            ));
            let mut request =
                self.agent.post(service.as_str()).content_type("application/soap+xml; charset=utf-8");
            if let Some(credentials) = self.credentials {
                let path = &service[url::Position::BeforePath..url::Position::AfterQuery];
                if let Some(header) = self.authentication.header(credentials, "POST", path) {
                    request = request.header("Authorization", header.as_str());
                }
            }
            let mut answer = request.send(envelope.as_bytes()).map_err(unanswered)?;
            let status = answer.status();
            let challenges: Vec<String> = answer
                .headers()
                .get_all("www-authenticate")
                .iter()
                .filter_map(|value| value.to_str().ok().map(str::to_owned))
                .collect();
            let text = answer.body_mut().with_config().limit(MOST_BYTES).read_to_string();
            let text = text.map_err(|why| match why {
                ureq::Error::Timeout(_) => OnvifError::NoAnswer,
                _ => OnvifError::Garbage,
            })?;
            if status == StatusCode::UNAUTHORIZED && !challenges.is_empty() {
                let again = self.credentials.is_some()
                    && !tried
                    && self.authentication.refused(challenges.iter().map(String::as_str)).is_ok();
                if again {
                    tried = true;
                    continue;
                }
                return Err(self.refused());
            }
            if status.is_success() {
                self.authentication.accepted();
                return Ok(text);
            }
            return Err(match fault(&text) {
                Some(true) => self.refused(),
                Some(false) => OnvifError::NoStream,
                None if status == StatusCode::UNAUTHORIZED || status == StatusCode::FORBIDDEN => {
                    self.refused()
                }
                None => OnvifError::NotSpoken,
            });
        }
    }

    fn refused(&self) -> OnvifError {
        if self.credentials.is_some() { OnvifError::WrongPassword } else { OnvifError::PasswordNeeded }
    }

    /// The header that says who asks (WS-Security UsernameToken Profile 1.0): a digest of the password that is good once.
    fn security(&self) -> Result<Zeroizing<String>, OnvifError> {
        let Some(credentials) = self.credentials else { return Ok(Zeroizing::default()) };
        let mut nonce = [0; 16];
        getrandom::fill(&mut nonce).map_err(|_| OnvifError::NoNetwork)?;
        let created = (Timestamp::now() + self.ahead).strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string();
        let digest = Sha1::new()
            .chain_update(nonce)
            .chain_update(created.as_bytes())
            .chain_update(credentials.password().as_bytes())
            .finalize();
        Ok(Zeroizing::new(format!(
            "<Security s:mustUnderstand=\"1\" xmlns=\"{SECURITY}\"><UsernameToken><Username>{}</Username>\
             <Password Type=\"{DIGEST}\">{}</Password><Nonce>{}</Nonce><Created xmlns=\"{UTILITY}\">{created}</Created>\
             </UsernameToken></Security>",
            escaped(credentials.user()).as_str(),
            STANDARD.encode(digest),
            STANDARD.encode(nonce),
        )))
    }
}

fn unanswered(why: ureq::Error) -> OnvifError {
    match why {
        ureq::Error::HostNotFound => OnvifError::UnknownName,
        ureq::Error::Timeout(_) => OnvifError::NoAnswer,
        ureq::Error::Io(why) if why.kind() == std::io::ErrorKind::ConnectionRefused => OnvifError::NotSpoken,
        ureq::Error::Io(why) if why.kind() == std::io::ErrorKind::TimedOut => OnvifError::NoAnswer,
        ureq::Error::ConnectionFailed => OnvifError::NoAnswer,
        _ => OnvifError::NotSpoken,
    }
}

/// Whether an answer is a fault, and then whether it is about who asks.
fn fault(text: &str) -> Option<bool> {
    let document = read(text).ok()?;
    find(document.root(), "Fault")?;
    let about = ["NotAuthorized", "FailedAuthentication", "InvalidSecurity", "OperationProhibited"];
    Some(
        document
            .descendants()
            .filter_map(|node| node.text())
            .any(|text| about.iter().any(|word| text.contains(word))),
    )
}

/// An answer as a tree.
pub(super) fn read(text: &str) -> Result<Document<'_>, OnvifError> {
    if is_too_deep(text) {
        return Err(OnvifError::Garbage);
    }
    let options = ParsingOptions { nodes_limit: MOST_NODES, ..ParsingOptions::default() };
    Document::parse_with_options(text.trim_start_matches('\u{feff}').trim(), options)
        .map_err(|_| OnvifError::Garbage)
}

/// Whether elements are nested deeper than any answer of the standard is. Counted roughly: what it takes for an element and is none only adds
/// to the count.
fn is_too_deep(text: &str) -> bool {
    let mut deep = 0usize;
    for (at, _) in text.match_indices('<') {
        match text.as_bytes().get(at + 1) {
            Some(b'/') => deep = deep.saturating_sub(1),
            Some(b'?' | b'!') | None => {}
            Some(_) => {
                let end = text[at..].find('>').map_or(text.len(), |end| at + end);
                if !text[..end].ends_with('/') {
                    deep += 1;
                }
            }
        }
        if deep > MOST_DEEP {
            return true;
        }
    }
    false
}

/// The first element of this name below another, whatever its prefix.
pub(super) fn find<'a, 'input>(below: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    below.descendants().find(|node| node.is_element() && node.tag_name().name() == name)
}

/// The text of the first element of this name below another.
pub(super) fn text_of(below: Node<'_, '_>, name: &str) -> Option<String> {
    let text = find(below, name)?.text()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// A text as it stands inside an element.
pub(super) fn escaped(text: &str) -> Zeroizing<String> {
    let mut escaped = Zeroizing::new(String::with_capacity(text.len() + 16));
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_is_refused_before_it_costs_anything() {
        assert!(read("<a><b>text</b></a>").is_ok());
        assert!(read(&"<a>".repeat(100_000)).is_err());
        assert!(read(&format!("<a>{}</a>", "<b/>".repeat(30_000))).is_err());
        let entities = "<!DOCTYPE a [<!ENTITY b \"bbbbbbbb\"><!ENTITY c \"&b;&b;&b;\">]><a>&c;</a>";
        assert!(read(entities).is_err(), "no document type is read");
        assert!(read("").is_err());
        assert!(read("hello").is_err());
    }

    #[test]
    fn a_fault_says_whether_it_is_about_who_asks() {
        let fault_of = |code: &str| {
            fault(&format!(
                "<s:Envelope xmlns:s=\"s\"><s:Body><s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>{code}</s:Value>\
                 </s:Subcode></s:Code></s:Fault></s:Body></s:Envelope>"
            ))
        };
        assert_eq!(fault_of("ter:NotAuthorized"), Some(true));
        assert_eq!(fault_of("ter:ActionNotSupported"), Some(false));
        assert_eq!(fault("<html/>"), None);
    }

    #[test]
    fn a_name_cannot_leave_its_element() {
        assert_eq!(escaped("a<b>&\"c").as_str(), "a&lt;b&gt;&amp;&quot;c");
    }
}
