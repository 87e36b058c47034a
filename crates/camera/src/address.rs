//! Where a camera is and how to sign in there.

use std::fmt;

use percent_encoding::percent_decode_str;
use url::Url;
use zeroize::Zeroizing;

/// A camera's stream, as the household told it.
#[derive(Clone)]
pub struct Source {
    /// An `rtsp://` address without user and password, as [`parse_address`] gives it. Some cameras take their password in the
    /// path or the query: treat all of it as a secret.
    pub url: Url,
    /// What to sign in with when the camera asks.
    pub credentials: Option<Credentials>,
    /// Whether an adult consented to keep this camera's sound. Without it the sound is not even asked for.
    pub sound: bool,
}

/// A user name and a password for a camera. Wiped when dropped, never printed.
#[derive(Clone)]
pub struct Credentials {
    user: Zeroizing<String>,
    password: Zeroizing<String>,
}

/// Why an address is not one of a camera. Never repeats the address, which may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Nothing was given.
    #[error("The camera's address is empty; it looks like rtsp://192.168.1.20:554/stream.")]
    Empty,
    /// Another scheme, or none.
    #[error("The camera's address must start with rtsp://.")]
    NotRtsp,
    /// No host name or IP address.
    #[error("The camera's address names no host; write its name or IP address after rtsp://.")]
    NoHost,
    /// It cannot be taken apart.
    #[error(
        "The camera's address cannot be read; it looks like rtsp://192.168.1.20:554/stream. \
         In a user name or password write / as %2F, ? as %3F, # as %23 and @ as %40."
    )]
    Unreadable,
    /// An `@` or `#` where neither belongs, most likely from a password: better refused than sent to the wrong host.
    #[error(
        "The camera's address has an @ or # after its host name. In a user name or password write / as %2F, ? as %3F, \
         # as %23 and @ as %40; anywhere else write @ as %40."
    )]
    StrayCharacter,
    /// A link-local address, which means nothing without the name of a network card.
    #[error(
        "The camera's address is a link-local one (fe80::…%…), which cannot be used here; write the camera's name or another of its \
         IP addresses."
    )]
    LinkLocal,
    /// A password with nobody to whom it belongs.
    #[error("The camera's address has a password but no user name; write rtsp://user:password@host/….")]
    NoUser,
    /// The user name or password holds bytes that are not text.
    #[error("The user name or password in the camera's address is not text once its %-codes are decoded.")]
    NotText,
}

/// Users that cameras are delivered with.
const USUAL_USERS: [&str; 10] = [
    "admin",
    "root",
    "administrator",
    "user",
    "guest",
    "supervisor",
    "service",
    "operator",
    "888888",
    "666666",
];
/// Passwords that they are delivered with, in lower case.
const USUAL_PASSWORDS: [&str; 27] = [
    "",
    "admin",
    "admin1",
    "admin123",
    "admin1234",
    "administrator",
    "root",
    "pass",
    "password",
    "passwd",
    "1234",
    "12345",
    "123456",
    "1234567",
    "12345678",
    "123456789",
    "0000",
    "1111",
    "111111",
    "4321",
    "54321",
    "9999",
    "888888",
    "666666",
    "camera",
    "default",
    "system",
];

/// Takes an `rtsp://` address apart: the address itself, and the user and password that it held.
///
/// # Errors
///
/// [`AddressError`] says what is wrong and never repeats the address.
pub fn parse_address(address: &str) -> Result<(Url, Option<Credentials>), AddressError> {
    let address = address.trim();
    if address.is_empty() {
        return Err(AddressError::Empty);
    }
    match address.split_once("://") {
        Some((scheme, _)) if scheme.eq_ignore_ascii_case("rtsp") => {}
        _ => return Err(AddressError::NotRtsp),
    }
    let mut url = Url::parse(address).map_err(|error| match error {
        url::ParseError::EmptyHost if !address.contains('@') => AddressError::NoHost,
        _ if has_zone(address) => AddressError::LinkLocal,
        _ => AddressError::Unreadable,
    })?;
    if url.host_str().is_none_or(str::is_empty) {
        return Err(AddressError::NoHost);
    }
    // A raw '/', '?' or '#' in a password ends the host part early, so that the user's name would be taken for the host.
    if url.fragment().is_some() || url[url::Position::BeforePath..].contains('@') {
        return Err(AddressError::StrayCharacter);
    }
    // An address cannot hold a zone, and without one the system would not know where to look.
    if matches!(url.host(), Some(url::Host::Ipv6(address)) if address.is_unicast_link_local()) {
        return Err(AddressError::LinkLocal);
    }
    if url.port() == Some(0) {
        return Err(AddressError::Unreadable);
    }
    let credentials = take_credentials(&mut url)?;
    Ok((url, credentials))
}

/// Whether its IPv6 address has the name of a network card behind it: `[fe80::1%eth0]`.
fn has_zone(address: &str) -> bool {
    let inside = address.split_once('[').and_then(|(_, rest)| rest.split_once(']'));
    inside
        .and_then(|(inside, _)| inside.split_once('%'))
        .is_some_and(|(ip, _)| ip.parse::<std::net::Ipv6Addr>().is_ok())
}

fn take_credentials(url: &mut Url) -> Result<Option<Credentials>, AddressError> {
    let user = decoded(url.username())?;
    let password = url.password().map(decoded).transpose()?;
    url.set_username("").and_then(|()| url.set_password(None)).map_err(|()| AddressError::Unreadable)?;
    match (user.is_empty(), password) {
        (true, None) => Ok(None),
        (true, Some(_)) => Err(AddressError::NoUser),
        (false, password) => Ok(Some(Credentials { user, password: password.unwrap_or_default() })),
    }
}

fn decoded(text: &str) -> Result<Zeroizing<String>, AddressError> {
    let bytes = Zeroizing::new(percent_decode_str(text).collect::<Vec<u8>>());
    let text = std::str::from_utf8(&bytes).map_err(|_| AddressError::NotText)?;
    Ok(Zeroizing::new(text.to_owned()))
}

impl Credentials {
    /// A user name and a password as they are, without %-codes.
    pub fn new(user: impl Into<String>, password: impl Into<String>) -> Self {
        Self { user: Zeroizing::new(user.into()), password: Zeroizing::new(password.into()) }
    }

    /// The user name.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// Whether cameras of some maker are delivered with these, so that whoever is on the network knows them.
    pub fn is_as_delivered(&self) -> bool {
        let password = self.password.to_lowercase();
        USUAL_USERS.contains(&self.user.to_lowercase().as_str())
            && (password == self.user.to_lowercase() || USUAL_PASSWORDS.contains(&password.as_str()))
    }

    /// The password.
    pub fn password(&self) -> &str {
        &self.password
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(…)")
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source")
            .field("host", &self.url.host_str())
            .field("port", &self.url.port())
            .field("credentials", &self.credentials)
            .field("sound", &self.sound)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn takes_user_and_password_out_of_the_address() {
        let (url, credentials) =
            parse_address(" rtsp://porch:s%40cr%2Fet@192.168.1.20:8554/cam?channel=1 ").unwrap();
        assert_eq!(url.as_str(), "rtsp://192.168.1.20:8554/cam?channel=1");
        let credentials = credentials.unwrap();
        assert_eq!((credentials.user(), credentials.password()), ("porch", "s@cr/et"));
    }

    #[test]
    fn an_address_may_have_no_password_or_nobody_at_all() {
        assert!(parse_address("rtsp://cam.local/stream").unwrap().1.is_none());
        assert!(parse_address("RTSP://[fd00::1]:554/").unwrap().1.is_none());
        assert_eq!(parse_address("rtsp://porch@cam/").unwrap().1.unwrap().password(), "");
    }

    #[test]
    fn says_what_is_wrong() {
        for (address, wrong) in [
            ("", AddressError::Empty),
            ("  ", AddressError::Empty),
            ("192.168.1.20", AddressError::NotRtsp),
            ("rtsp://[fe80::1%25eth0]/stream", AddressError::LinkLocal),
            ("rtsp://u:p@[FEBF::1%eth0]:554/stream", AddressError::LinkLocal),
            ("rtsp://[fe80::1]/stream", AddressError::LinkLocal),
            ("rtsp://:pa/ss@cam/stream", AddressError::Unreadable),
            ("rtsp://user:pa/ss@cam/stream", AddressError::Unreadable),
            ("http://cam/", AddressError::NotRtsp),
            ("rtsps://cam/", AddressError::NotRtsp),
            ("rtsp:///cam", AddressError::NoHost),
            ("rtsp://cam:port/", AddressError::Unreadable),
            ("rtsp://cam:0/", AddressError::Unreadable),
            ("rtsp://:secret@cam/", AddressError::NoUser),
            ("rtsp://u:%FF@cam/", AddressError::NotText),
            ("rtsp://u:12/34@cam/", AddressError::StrayCharacter),
            ("rtsp://u:12?34@cam/", AddressError::StrayCharacter),
            ("rtsp://u:12#34@cam/", AddressError::StrayCharacter),
        ] {
            assert_eq!(parse_address(address).unwrap_err(), wrong, "{address}");
        }
    }

    #[test]
    fn debug_shows_neither_password_nor_path() {
        let (url, credentials) =
            parse_address("rtsp://porch:hunter2@cam/user=admin&password=hunter3").unwrap();
        let shown = format!("{:?}", Source { url, credentials, sound: false });
        assert!(!shown.contains("hunter") && !shown.contains("porch"), "{shown}");
    }

    proptest! {
        #[test]
        fn what_is_encoded_comes_back_and_never_stays_in_the_address(
            user in "[^\\x00]{1,20}",
            password in "[^\\x00]{0,20}",
            path in "[a-z0-9/]{0,20}",
        ) {
            let encode = |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
            let address = format!("rtsp://{}:{}@cam.local:8554/{path}", encode(&user), encode(&password));
            let (url, credentials) = parse_address(&address).unwrap();
            let credentials = credentials.unwrap();
            prop_assert_eq!(credentials.user(), user);
            prop_assert_eq!(credentials.password(), password);
            prop_assert_eq!(url.as_str(), format!("rtsp://cam.local:8554/{path}"));
        }

        #[test]
        fn no_text_makes_it_panic_or_leaves_credentials_in_the_address(text in "(rtsp://)?.{0,60}") {
            if let Ok((url, _)) = parse_address(&text) {
                prop_assert!(url.username().is_empty() && url.password().is_none());
                prop_assert!(!url.as_str().contains('@'));
            }
        }
    }
}
