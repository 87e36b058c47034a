//! Passkeys (WebAuthn): a key in somebody's phone, computer or stick that signs for them once it has seen their face or finger.
//!
//! A passkey belongs to the name under which the browser knows the hub. It is always one that the authenticator finds by itself, so
//! that the question is the same for everybody and tells a stranger nothing. Its PRF output, which the hub never sees, can unwrap its
//! owner's identity.

use std::net::IpAddr;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use porchlight_household::sign_in::Error as SignInError;
use porchlight_household::{Household, PersonId};
use porchlight_protocol::Message;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use webauthn_rp::bin::{Decode, Encode};
use webauthn_rp::request::auth::AuthenticationVerificationOptions;
use webauthn_rp::request::register::{
    CredProtect, Nickname, PublicKeyCredentialUserEntity, RegistrationVerificationOptions, UserHandle,
    Username,
};
use webauthn_rp::request::{AsciiDomain, ExtensionInfo, PublicKeyCredentialDescriptor, RpId};
use webauthn_rp::response::register::{CompressedPubKey, DynamicState, StaticState};
use webauthn_rp::response::{AuthTransports, CredentialId};
use webauthn_rp::{
    AuthenticatedCredential, DiscoverableAuthentication, DiscoverableAuthenticationServerState,
    DiscoverableCredentialRequestOptions, PublicKeyCredentialCreationOptions, Registration,
    RegistrationServerState,
};
use zeroize::Zeroize;

use crate::error::{Error, ErrorKind};

/// What a passkey's PRF is asked for. It need not be secret or differ: each passkey has a secret of its own behind it.
pub const SALT: &[u8] = b"porchlight passkey identity v1";
/// The most passkeys of one person.
pub const MOST: usize = 16;
/// Bytes by which an authenticator knows whose a passkey is.
const HANDLE: usize = 16;
/// Before what is hashed for those.
const HANDLE_CONTEXT: &[u8] = b"porchlight passkey user v1\0";

type Handle = UserHandle<HANDLE>;
type PublicKey = CompressedPubKey<[u8; 32], [u8; 32], [u8; 48], Vec<u8>>;

/// The name under which a browser knows the hub, and the page's origin there.
#[derive(Clone, Serialize, Deserialize)]
pub struct Place {
    name: String,
    origin: String,
}

/// One passkey, as it is kept under the strongbox's root.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Passkey {
    /// The credential's id, base64url.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// When it was added.
    pub added: Timestamp,
    /// The name under which the hub was known when it was added, and the only one at which it works.
    pub host: String,
    /// How a browser can reach it.
    transports: u8,
    /// Its public key and what else never changes, base64url.
    key: String,
    /// What may change, as it was at first, base64url.
    state: String,
    /// Its owner's identity, wrapped under what its PRF yields, base64url.
    pub wrapped: Option<String>,
}

impl Drop for Passkey {
    fn drop(&mut self) {
        self.wrapped.zeroize();
    }
}

/// A passkey that is being made.
#[derive(Serialize, Deserialize)]
pub struct Making {
    #[serde(with = "encoded")]
    state: RegistrationServerState<HANDLE>,
    place: Place,
}

/// A question that a passkey is to answer.
#[derive(Serialize, Deserialize)]
pub struct Question {
    #[serde(with = "encoded")]
    state: DiscoverableAuthenticationServerState,
    place: Place,
}

/// An answer to a question, before it is judged.
pub(super) struct Answered {
    answer: DiscoverableAuthentication<HANDLE>,
    pub(super) person: PersonId,
    /// The passkey's, base64url.
    pub(super) id: String,
}

impl Place {
    /// The place that a `Host` names. Of another port it is none: a page there is somebody else's, of the same name, and could pass our
    /// question on. A `Host` without a port is what stands before the hub at the usual one.
    pub fn of(host: &str, https: bool, port: u16) -> Result<Place, Error> {
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name).to_ascii_lowercase();
        let address = name.trim_matches(['[', ']']);
        if address.parse::<IpAddr>().is_ok() || host.starts_with('[') || name.is_empty() {
            return Err(Error::new(
                ErrorKind::Conflict,
                "no-passkeys-here",
                "a passkey belongs to a name, and this page is at a number: browsers allow no passkeys there. Open Porchlight by its \
                 name first: https://porchlight.local with the hub's port, or http://localhost with the port on the hub itself",
            ));
        }
        let named = host.rsplit_once(':').map(|(_, named)| named);
        if named.is_some_and(|named| named.parse() != Ok(port)) {
            return Err(Error::new(
                ErrorKind::Conflict,
                "no-passkeys-here",
                format!("a passkey of this hub works at its own port alone, which is {port}"),
            ));
        }
        let scheme = if https { "https" } else { "http" };
        Ok(Place { origin: format!("{scheme}://{}", host.to_ascii_lowercase()), name })
    }

    fn rp(&self) -> Result<RpId, Error> {
        let domain = AsciiDomain::try_from(self.name.clone());
        Ok(RpId::Domain(domain.map_err(|_| Error::bad("passkeys need a name that browsers know"))?))
    }
}

impl Making {
    /// Begins; with the options for the browser. Those whom the person has at this place already are named, so that no authenticator
    /// replaces one.
    pub fn begin(
        place: Place,
        home: &Household,
        person: &PersonId,
        known: &[Passkey],
    ) -> Result<(Making, Value), Error> {
        let (rp, handle) = (place.rp()?, handle(home, person)?);
        let name = home.person(person)?.name.clone();
        let user = PublicKeyCredentialUserEntity {
            name: Username::try_from(name.as_str())
                .or_else(|_| Username::try_from(person.as_str()))
                .map_err(Error::broken)?,
            id: &handle,
            display_name: Nickname::try_from(name.as_str()).ok(),
        };
        let here = known.iter().filter(|passkey| passkey.host == place.name);
        let known = here.map(Passkey::descriptor).collect::<Result<Vec<_>, _>>()?;
        let mut options = PublicKeyCredentialCreationOptions::passkey(&rp, user, known);
        options.extensions.prf = Some(ExtensionInfo::AllowDontEnforceValue);
        // Asked for, not insisted on: a browser would refuse every authenticator that does not know it.
        options.extensions.cred_protect =
            CredProtect::UserVerificationRequired(ExtensionInfo::AllowDontEnforceValue);
        let (state, client) = options.start_ceremony().map_err(Error::broken)?;
        let options = serde_json::to_value(&client).map_err(Error::broken)?;
        Ok((Making { state, place }, options))
    }

    /// Ends, with what the browser brought back.
    pub fn finish(
        self,
        credential: &Value,
        name: String,
        wrapped: Option<String>,
        now: Timestamp,
    ) -> Result<Passkey, Error> {
        let refused = |why: &dyn std::fmt::Display| {
            let text = format!("this passkey cannot be taken ({why}); make it again");
            Error::bad(Message::new("passkey-refused", text).with("detail", why))
        };
        let json = serde_json::to_vec(&with_its_own_word_on_prf(credential)).map_err(Error::broken)?;
        let registration = Registration::from_json_relaxed(&json).map_err(|why| refused(&why))?;
        let origins = [self.place.origin.as_str()];
        let options = RegistrationVerificationOptions::<&str, &str> {
            allowed_origins: &origins,
            // Browsers add some of their own.
            error_on_unsolicited_extensions: false,
            ..RegistrationVerificationOptions::default()
        };
        let rp = self.place.rp()?;
        let made = self.state.verify(&rp, &registration, &options).map_err(|why| refused(&why))?;
        let text = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let id: &[u8] = made.id().into_inner();
        let Ok(state) = made.dynamic_state().encode();
        Ok(Passkey {
            id: text(id),
            name,
            added: now,
            host: self.place.name.clone(),
            transports: made.transports().encode().unwrap_or_default(),
            key: text(&made.static_state().encode().map_err(Error::broken)?),
            state: text(&state),
            wrapped,
        })
    }
}

/// The same, but that it says of a PRF what the authenticator says. Where a browser or a phone has a PRF of its own, it says so for an
/// authenticator that says nothing; the ceremony knows no such passkeys.
fn with_its_own_word_on_prf(credential: &Value) -> Value {
    /// `hmac-secret: true` in CBOR.
    const HAS_ONE: &[u8] = b"\x6bhmac-secret\xf5";
    let mut credential = credential.clone();
    let object = credential["response"]["attestationObject"].as_str().unwrap_or_default();
    let object = BASE64_URL_SAFE_NO_PAD.decode(object).unwrap_or_default();
    let has_one = object.windows(HAS_ONE.len()).any(|bytes| bytes == HAS_ONE);
    let results = credential.get_mut("clientExtensionResults").and_then(Value::as_object_mut);
    if let Some(results) = results {
        // One that holds what a PRF yields is left as it is, to be refused.
        match (results.get("prf").is_none_or(|prf| prf.get("results").is_none()), has_one) {
            (true, true) => drop(results.insert("prf".into(), json!({ "enabled": true }))),
            (true, false) => drop(results.remove("prf")),
            (false, _) => {}
        }
    }
    credential
}

impl Question {
    /// Asks any passkey of this place, whoever's it is; with the options for the browser.
    pub fn ask(place: Place) -> Result<(Question, Value), Error> {
        let rp = place.rp()?;
        let options = DiscoverableCredentialRequestOptions::passkey(&rp);
        let (state, client) = options.start_ceremony().map_err(Error::broken)?;
        let mut options = serde_json::to_value(&client).map_err(Error::broken)?;
        // What a PRF yields stays in the browser, so that there is nothing of it to verify here; and whoever asked by way of the
        // ceremony would refuse every passkey that has none.
        options["extensions"]["prf"] = json!({ "eval": { "first": BASE64_URL_SAFE_NO_PAD.encode(SALT) } });
        Ok((Question { state, place }, options))
    }

    /// Reads an answer: whose passkey gave it, by its own word, and which it is.
    pub(super) fn answered(home: &Household, answer: &Value) -> Result<Answered, Error> {
        let json = serde_json::to_vec(answer).map_err(Error::broken)?;
        let answer =
            DiscoverableAuthentication::<HANDLE>::from_json_relaxed(&json).map_err(|_| not_this())?;
        let theirs = |person: &PersonId| {
            handle(home, person).is_ok_and(|handle| handle == *answer.response().user_handle())
        };
        let person = home.people.iter().map(|person| &person.id).find(|person| theirs(person));
        let person = person.ok_or_else(not_this)?.clone();
        let id: &[u8] = answer.raw_id().into_inner();
        let id = BASE64_URL_SAFE_NO_PAD.encode(id);
        Ok(Answered { answer, person, id })
    }

    /// Judges an answer by the passkeys of who gave it. `used` is what changed of the passkey when it was used last; what it is from now on.
    pub(super) fn judge(
        self,
        home: &Household,
        answered: &Answered,
        known: &[Passkey],
        used: Option<[u8; 7]>,
    ) -> Result<[u8; 7], Error> {
        let Answered { answer, person, id } = answered;
        let passkey = known.iter().find(|passkey| passkey.id == *id && passkey.host == self.place.name);
        let passkey = passkey.ok_or_else(not_this)?;
        let state: [u8; 7] = match used {
            Some(state) => state,
            None => passkey.bytes(&passkey.state)?.try_into().map_err(|_| damaged())?,
        };
        let key = StaticState::<PublicKey>::decode(&passkey.bytes(&passkey.key)?).map_err(|_| damaged())?;
        let (raw, handle) = (passkey.bytes(&passkey.id)?, handle(home, person)?);
        let credential_id = CredentialId::<&[u8]>::decode(raw.as_slice()).map_err(|_| damaged())?;
        let state = DynamicState::decode(state).map_err(|_| damaged())?;
        let mut credential =
            AuthenticatedCredential::new(credential_id, &handle, key, state).map_err(|_| damaged())?;
        let origins = [self.place.origin.as_str()];
        let options = AuthenticationVerificationOptions::<&str, &str> {
            allowed_origins: &origins,
            error_on_unsolicited_extensions: false,
            ..AuthenticationVerificationOptions::default()
        };
        self.state.verify(&self.place.rp()?, answer, &mut credential, &options).map_err(|_| not_this())?;
        let Ok(state) = credential.dynamic_state().encode();
        Ok(state)
    }
}

fn not_this() -> Error {
    Error::broken(SignInError::NotThisPasskey)
}

impl Passkey {
    fn descriptor(&self) -> Result<PublicKeyCredentialDescriptor<Vec<u8>>, Error> {
        let id = CredentialId::<Vec<u8>>::decode(self.bytes(&self.id)?).map_err(|_| damaged())?;
        let transports = AuthTransports::decode(self.transports).map_err(|_| damaged())?;
        Ok(PublicKeyCredentialDescriptor { id, transports })
    }

    fn bytes(&self, text: &str) -> Result<Vec<u8>, Error> {
        BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| damaged())
    }
}

/// By what an authenticator knows whose a passkey is. It says nothing of them.
fn handle(home: &Household, person: &PersonId) -> Result<Handle, Error> {
    let hash = Sha256::new_with_prefix(HANDLE_CONTEXT)
        .chain_update(home.id.as_str())
        .chain_update([0])
        .chain_update(person.as_str())
        .finalize();
    let bytes: [u8; HANDLE] = hash[..HANDLE].try_into().map_err(Error::broken)?;
    Handle::decode(bytes).map_err(Error::broken)
}

/// What a ceremony has to remember between its two messages, in base64url.
mod encoded {
    use std::time::SystemTimeError;

    use base64::Engine;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;
    use serde::{Deserialize, Deserializer, Serializer, de, ser};
    use webauthn_rp::bin::{Decode, Encode};

    pub(super) fn serialize<T, S: Serializer>(state: &T, out: S) -> Result<S::Ok, S::Error>
    where
        T: for<'a> Encode<Output<'a> = Vec<u8>, Err = SystemTimeError>,
    {
        let bytes = state.encode().map_err(ser::Error::custom)?;
        out.serialize_str(&BASE64_URL_SAFE_NO_PAD.encode(bytes))
    }

    pub(super) fn deserialize<'de, T, D: Deserializer<'de>>(input: D) -> Result<T, D::Error>
    where
        T: for<'a> Decode<Input<'a> = &'a [u8], Err: std::fmt::Display>,
    {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(String::deserialize(input)?).map_err(de::Error::custom)?;
        T::decode(&bytes).map_err(de::Error::custom)
    }
}

fn damaged() -> Error {
    Error::broken("a passkey under the strongbox's root cannot be read")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passkey_belongs_to_a_name_and_never_to_a_number() {
        for (host, https, name, origin) in [
            ("localhost:8420", false, "localhost", "http://localhost:8420"),
            ("Porchlight.local", true, "porchlight.local", "https://porchlight.local"),
            ("porchlight.local:8420", true, "porchlight.local", "https://porchlight.local:8420"),
        ] {
            let place = Place::of(host, https, 8420).unwrap();
            assert_eq!((place.name.as_str(), place.origin.as_str()), (name, origin));
        }
        for host in ["127.0.0.1:8420", "192.168.1.20", "[::1]:8420", "[fd00::1]", ""] {
            let Err(why) = Place::of(host, true, 8420) else { panic!("{host} was taken") };
            assert!(why.to_string().contains("by its name"), "{why}");
        }
        let Err(why) = Place::of("localhost:3000", false, 8420) else { panic!("another's page was taken") };
        assert!(why.to_string().contains("its own port"), "{why}");
    }
}
