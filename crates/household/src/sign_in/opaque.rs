//! Proving a passphrase without showing it: OPAQUE (RFC 9807), so that the hub never sees a passphrase and a stolen
//! account cannot be tried against a dictionary without the hub's own key.
//!
//! Suite: ristretto255, triple Diffie-Hellman and SHA-512, stretched with Argon2id (3 passes over 64 MiB, 4 lanes: the
//! second choice of RFC 9106), no identifiers and no context. That is what npm `@serenity-kit/opaque` 1.1 speaks, so a
//! browser signs in with that package. Every message is base64url without padding.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use opaque_ke::argon2::{Algorithm, Argon2, Params, Version};
use opaque_ke::errors::ProtocolError;
use opaque_ke::{
    CipherSuite, ClientLogin, ClientLoginFinishParameters, ClientRegistration,
    ClientRegistrationFinishParameters, CredentialFinalization, CredentialRequest, CredentialResponse,
    Identifiers, RegistrationRequest, RegistrationResponse, RegistrationUpload, Ristretto255, ServerLogin,
    ServerLoginParameters, ServerRegistration, ServerSetup, TripleDh,
};
use rand_for_opaque::rngs::OsRng;
use zeroize::Zeroizing;

use super::Error;

struct Suite;

impl CipherSuite for Suite {
    type OprfCs = Ristretto255;
    type KeyExchange = TripleDh<Ristretto255, sha2_for_opaque::Sha512>;
    type Ksf = Argon2<'static>;
}

/// What stands before a name that nobody has, where the name of an account stands otherwise. No person's id begins like it: else
/// whoever types an id for a name would be given answers that belong to that person's passphrase.
const NOBODY: &[u8] = b"nobody\0";

/// Argon2id: passes, KiB of memory, lanes.
const STRETCHING: (u32, u32, u32) = (3, 1 << 16, 4);

/// The key that only the right passphrase yields, the same at registration and at every sign-in: 64 bytes.
/// [`wrapping_key`](crate::member::wrapping_key) turns it into the key of the member's identity.
pub type ExportKey = Zeroizing<Vec<u8>>;

/// The key that both sides share after a sign-in, fresh each time: 64 bytes.
pub type SessionKey = Zeroizing<Vec<u8>>;

/// The hub's side, with its secret. Losing the secret makes every account useless.
pub struct Server(ServerSetup<Suite>);

/// What the hub keeps of a registration.
#[derive(Clone)]
pub struct Record(ServerRegistration<Suite>);

/// A sign-in that the hub has answered and that is not yet proven.
pub struct PendingSignIn(ServerLogin<Suite>);

impl Server {
    /// A fresh secret.
    pub fn generate() -> Self {
        Self(ServerSetup::new(&mut OsRng))
    }

    /// The secret, to keep under the strongbox's root.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.0.serialize().to_vec())
    }

    /// Reads what [`Server::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`Error::Unreadable`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        match ServerSetup::deserialize(bytes) {
            Ok(setup) if setup.serialize().len() == bytes.len() => Ok(Self(setup)),
            _ => Err(Error::Unreadable("hub's sign-in secret")),
        }
    }

    /// Answers the request of a registration. `account` names it for good: a person's id.
    ///
    /// # Errors
    /// [`Error::Unreadable`] when the request is none.
    pub fn register(&self, account: &str, request: &str) -> Result<String, Error> {
        self.registration(account.as_bytes(), request)
    }

    /// The same for a name that nobody has, so that it cannot be told from one that somebody has. Nothing comes of it.
    ///
    /// # Errors
    /// [`Error::Unreadable`] when the request is none.
    pub fn register_nobody(&self, name: &str, request: &str) -> Result<String, Error> {
        self.registration(&[NOBODY, name.as_bytes()].concat(), request)
    }

    fn registration(&self, account: &[u8], request: &str) -> Result<String, Error> {
        let request = read("registration request", request, RegistrationRequest::deserialize, |message| {
            message.serialize().len()
        })?;
        let answer = ServerRegistration::start(&self.0, request, account)
            .map_err(|_| Error::Unreadable("registration request"))?;
        Ok(text(&answer.message.serialize()))
    }

    /// Answers the request of a sign-in. Without a record (there is no such account) the answer is one that cannot be told
    /// from a real one, and no passphrase will ever be right; `account` is then the name that was typed, so that the same
    /// name is answered the same way.
    ///
    /// # Errors
    /// [`Error::Unreadable`] when the request is none.
    pub fn answer(
        &self,
        account: &str,
        record: Option<&Record>,
        request: &str,
    ) -> Result<(PendingSignIn, String), Error> {
        let request = read("sign-in request", request, CredentialRequest::deserialize, |message| {
            message.serialize().len()
        })?;
        let account = match record {
            Some(_) => account.as_bytes().to_vec(),
            None => [NOBODY, account.as_bytes()].concat(),
        };
        let record = record.map(|record| record.0.clone());
        let started = ServerLogin::start(
            &mut OsRng,
            &self.0,
            record,
            request,
            &account,
            ServerLoginParameters::default(),
        )
        .map_err(|_| Error::Unreadable("sign-in request"))?;
        Ok((PendingSignIn(started.state), text(&started.message.serialize())))
    }
}

impl PendingSignIn {
    /// What is needed to check the client's proof later. It is secret: whoever has it can make that proof.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.0.serialize().to_vec())
    }

    /// Reads what [`PendingSignIn::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`Error::Unreadable`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        match ServerLogin::deserialize(bytes) {
            Ok(login) if login.serialize().len() == bytes.len() => Ok(Self(login)),
            _ => Err(Error::Unreadable("sign-in that is under way")),
        }
    }

    /// Checks the client's proof.
    ///
    /// # Errors
    /// [`Error::NotRight`] when the passphrase was wrong or there is no such account; nobody can tell which.
    pub fn prove(self, finalization: &str) -> Result<SessionKey, Error> {
        let proof = read("sign-in proof", finalization, CredentialFinalization::deserialize, |message| {
            message.serialize().len()
        })?;
        let finished = self.0.finish(proof, ServerLoginParameters::default()).map_err(|_| Error::NotRight)?;
        Ok(Zeroizing::new(finished.session_key.to_vec()))
    }
}

impl Record {
    /// Reads the record that a client made at registration, base64url.
    ///
    /// # Errors
    /// [`Error::Unreadable`].
    pub fn from_text(record: &str) -> Result<Self, Error> {
        read("registration record", record, RegistrationUpload::deserialize, |message| {
            message.serialize().len()
        })
        .map(ServerRegistration::finish)
        .map(Self)
    }

    /// The record in base64url.
    pub fn to_text(&self) -> String {
        text(&self.0.serialize())
    }
}

/// The client's side of a registration.
pub struct Registration {
    state: ClientRegistration<Suite>,
    passphrase: Zeroizing<String>,
}

/// What a registration yields in the client.
pub struct Registered {
    /// To be sent to the hub: [`Record::from_text`].
    pub record: String,
    /// What the identity is wrapped under, after [`wrapping_key`](crate::member::wrapping_key).
    pub export_key: ExportKey,
}

impl Registration {
    /// Begins; the text is the request for [`Server::register`].
    ///
    /// # Errors
    /// Hardly ever: the passphrase maps to no point of the curve.
    pub fn start(passphrase: &str) -> Result<(Self, String), Error> {
        let started = ClientRegistration::<Suite>::start(&mut OsRng, passphrase.as_bytes())
            .map_err(|_| Error::Unreadable("passphrase"))?;
        let passphrase = Zeroizing::new(passphrase.to_owned());
        Ok((Self { state: started.state, passphrase }, text(&started.message.serialize())))
    }

    /// Ends with the hub's response. Takes most of a second, and 64 MiB: that is the point of it.
    ///
    /// # Errors
    /// [`Error::Unreadable`] when the response is none, [`Error::CannotStretch`] without the memory.
    pub fn finish(self, response: &str) -> Result<Registered, Error> {
        let response =
            read("registration response", response, RegistrationResponse::deserialize, |message| {
                message.serialize().len()
            })?;
        let stretching = stretching()?;
        let params = ClientRegistrationFinishParameters::new(Identifiers::default(), Some(&stretching));
        let finished = self
            .state
            .finish(&mut OsRng, self.passphrase.as_bytes(), response, params)
            .map_err(|error| client_error(&error, "registration response"))?;
        Ok(Registered {
            record: text(&finished.message.serialize()),
            export_key: Zeroizing::new(finished.export_key.to_vec()),
        })
    }
}

/// The client's side of a sign-in.
pub struct SignIn {
    state: ClientLogin<Suite>,
    passphrase: Zeroizing<String>,
}

/// What a sign-in yields in the client.
pub struct SignedIn {
    /// To be sent to the hub: [`PendingSignIn::prove`].
    pub finalization: String,
    /// What both sides share now.
    pub session_key: SessionKey,
    /// The same as at registration.
    pub export_key: ExportKey,
}

impl SignIn {
    /// Begins; the text is the request for [`Server::answer`].
    ///
    /// # Errors
    /// Hardly ever: the passphrase maps to no point of the curve.
    pub fn start(passphrase: &str) -> Result<(Self, String), Error> {
        let started = ClientLogin::<Suite>::start(&mut OsRng, passphrase.as_bytes())
            .map_err(|_| Error::Unreadable("passphrase"))?;
        let passphrase = Zeroizing::new(passphrase.to_owned());
        Ok((Self { state: started.state, passphrase }, text(&started.message.serialize())))
    }

    /// Ends with the hub's response. Takes most of a second, and 64 MiB.
    ///
    /// # Errors
    /// [`Error::NotRight`] for a wrong passphrase or an unknown account, [`Error::Unreadable`] when the response is none.
    pub fn finish(self, response: &str) -> Result<SignedIn, Error> {
        let response = read("sign-in response", response, CredentialResponse::deserialize, |message| {
            message.serialize().len()
        })?;
        let stretching = stretching()?;
        let params = ClientLoginFinishParameters::new(None, Identifiers::default(), Some(&stretching));
        let finished = self
            .state
            .finish(&mut OsRng, self.passphrase.as_bytes(), response, params)
            .map_err(|error| client_error(&error, "sign-in response"))?;
        Ok(SignedIn {
            finalization: text(&finished.message.serialize()),
            session_key: Zeroizing::new(finished.session_key.to_vec()),
            export_key: Zeroizing::new(finished.export_key.to_vec()),
        })
    }
}

fn stretching() -> Result<Argon2<'static>, Error> {
    let (passes, memory, lanes) = STRETCHING;
    let params = Params::new(memory, passes, lanes, None).map_err(|_| Error::CannotStretch)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn client_error(error: &ProtocolError, what: &'static str) -> Error {
    match error {
        ProtocolError::InvalidLoginError => Error::NotRight,
        ProtocolError::LibraryError(_) => Error::CannotStretch,
        _ => Error::Unreadable(what),
    }
}

fn text(message: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(message)
}

/// Reads a message of a fixed length. The parsers pass over bytes behind it, so `length` says where it ends.
fn read<T>(
    what: &'static str,
    text: &str,
    parse: impl FnOnce(&[u8]) -> Result<T, ProtocolError>,
    length: impl FnOnce(&T) -> usize,
) -> Result<T, Error> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| Error::Unreadable(what))?;
    let message = parse(&bytes).map_err(|_| Error::Unreadable(what))?;
    if length(&message) == bytes.len() { Ok(message) } else { Err(Error::Unreadable(what)) }
}

/// None of these shows what it holds.
macro_rules! redacted {
    ($($name:ident),*) => {
        $(impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        })*
    };
}
redacted!(Server, Record, PendingSignIn, Registration, Registered, SignIn, SignedIn);

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A hub, and the record and export key of somebody who registered with it as "anna".
    pub(crate) fn registered(passphrase: &str) -> (Server, Record, ExportKey) {
        let server = Server::generate();
        let (client, request) = Registration::start(passphrase).unwrap();
        let done = client.finish(&server.register("anna", &request).unwrap()).unwrap();
        (server, Record::from_text(&done.record).unwrap(), done.export_key)
    }

    #[test]
    fn the_right_passphrase_signs_in_and_yields_the_same_key() {
        let (server, record, export_key) = registered("walnut ferry");
        let server = Server::from_bytes(&server.to_bytes()).unwrap();
        let record = Record::from_text(&record.to_text()).unwrap();
        let (client, request) = SignIn::start("walnut ferry").unwrap();
        let (pending, response) = server.answer("anna", Some(&record), &request).unwrap();
        let pending = PendingSignIn::from_bytes(&pending.to_bytes()).unwrap();
        let client = client.finish(&response).unwrap();
        assert_eq!(client.export_key, export_key);
        assert_eq!(pending.prove(&client.finalization).unwrap(), client.session_key);
    }

    #[test]
    fn a_wrong_passphrase_and_an_unknown_name_look_the_same() {
        let (server, record, _) = registered("walnut ferry");
        let answers = [("anna", Some(&record), "wrong"), ("nobody", None, "walnut ferry")].map(
            |(account, record, passphrase)| {
                let (client, request) = SignIn::start(passphrase).unwrap();
                let (_, response) = server.answer(account, record, &request).unwrap();
                assert_eq!(client.finish(&response).unwrap_err(), Error::NotRight);
                response
            },
        );
        assert_eq!(answers[0].len(), answers[1].len());
    }

    #[test]
    fn whoever_types_an_id_for_a_name_learns_nothing_about_that_persons_passphrase() {
        let (server, record, _) = registered("walnut ferry");
        // What the hub evaluates for a passphrase, which stands first in each answer, is all that is needed to try it against one
        // answer that is real.
        let evaluated = |answer: &str| URL_SAFE_NO_PAD.decode(answer).unwrap()[..32].to_vec();
        let (_, request) = SignIn::start("walnut ferry").unwrap();
        let real = evaluated(&server.answer("anna", Some(&record), &request).unwrap().1);
        assert_eq!(real, evaluated(&server.answer("anna", Some(&record), &request).unwrap().1));
        assert_ne!(real, evaluated(&server.answer("anna", None, &request).unwrap().1));
        let (_, request) = Registration::start("walnut ferry").unwrap();
        let real = evaluated(&server.register("anna", &request).unwrap());
        assert_ne!(real, evaluated(&server.register_nobody("anna", &request).unwrap()));
    }

    #[test]
    fn a_proof_is_good_for_one_sign_in() {
        let (server, record, _) = registered("walnut ferry");
        let (client, request) = SignIn::start("walnut ferry").unwrap();
        let (first, response) = server.answer("anna", Some(&record), &request).unwrap();
        let (second, _) = server.answer("anna", Some(&record), &request).unwrap();
        let (nobodys, _) = server.answer("nobody", None, &request).unwrap();
        let proof = client.finish(&response).unwrap().finalization;
        assert_eq!(second.prove(&proof), Err(Error::NotRight));
        assert_eq!(nobodys.prove(&proof), Err(Error::NotRight));
        assert!(first.prove(&proof).is_ok());
    }

    #[test]
    fn what_stands_behind_a_message_is_refused() {
        let (server, record, _) = registered("walnut ferry");
        let longer = |message: &str| {
            let bytes = URL_SAFE_NO_PAD.decode(message).unwrap();
            super::text(&[bytes.as_slice(), &[0]].concat())
        };
        assert!(Server::from_bytes(&[server.to_bytes().as_slice(), &[0]].concat()).is_err());
        assert!(Record::from_text(&longer(&record.to_text())).is_err());
        let (client, request) = SignIn::start("walnut ferry").unwrap();
        assert!(server.register("anna", &longer(&request)).is_err());
        assert!(server.answer("anna", Some(&record), &longer(&request)).is_err());
        let (pending, response) = server.answer("anna", Some(&record), &request).unwrap();
        assert!(PendingSignIn::from_bytes(&[pending.to_bytes().as_slice(), &[0]].concat()).is_err());
        assert!(pending.prove(&longer(&client.finish(&response).unwrap().finalization)).is_err());
    }

    #[test]
    fn what_is_no_message_is_refused_by_name() {
        let (server, record, _) = registered("walnut ferry");
        for text in ["", "AAAA", "not base64!", "+/+/"] {
            assert_eq!(server.register("anna", text), Err(Error::Unreadable("registration request")));
            assert!(matches!(
                server.answer("anna", Some(&record), text),
                Err(Error::Unreadable("sign-in request"))
            ));
            assert!(Record::from_text(text).is_err());
            assert!(SignIn::start("x").unwrap().0.finish(text).is_err());
        }
        assert!(Server::from_bytes(b"short").is_err());
    }

    #[test]
    fn debug_shows_nothing() {
        let (server, record, _) = registered("walnut ferry");
        assert_eq!(format!("{server:?} {record:?}"), "Server { .. } Record { .. }");
    }
}
