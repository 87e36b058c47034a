//! A member's own end of things: keys, passphrase and authenticator, made where they sit and never at the hub.

use std::fs;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use porchlight_household::member::wrapping_key;
use porchlight_household::sign_in::TotpSecret;
use porchlight_household::sign_in::opaque::Registration;
use porchlight_household::{Household, MemberKeys, Person, PersonId, SignedDocument};
use serde_json::{Value, json};

use crate::answer::text;
use crate::home::Home;

/// Somebody with keys of their own.
pub struct Member {
    /// Their keys.
    pub keys: MemberKeys,
}

impl Member {
    /// Somebody who has no keys yet.
    pub fn new() -> Member {
        Member { keys: MemberKeys::generate().expect("randomness") }
    }

    /// Somebody with the kit that they have by `Home`.
    pub fn of_kit(home: &Home, name: &str) -> Member {
        let kit = fs::read_to_string(home.kit(name)).expect("a kit");
        Member { keys: MemberKeys::from_kit(&kit).expect("a kit") }
    }

    /// A household of their own, in its first version: who they are in it, and the document.
    pub fn found(&self, name: &str) -> (PersonId, SignedDocument) {
        let owner = Person::new(name, "1980-01".parse().expect("a month")).expect("a person");
        let id = owner.id.clone();
        let first = Household::first(None, "Europe/Berlin", "en", owner, &self.keys, Timestamp::now());
        (id, first.expect("a household").1)
    }

    /// An account under a passphrase: `start` carries the OPAQUE request to the hub, and brings back what it answers. What the hub is
    /// sent, with the answer to the start. The authenticator's secret is put away by `Home`, and so is the kit.
    pub fn account(
        &self,
        home: &Home,
        name: &str,
        passphrase: &str,
        start: impl FnOnce(String) -> Value,
    ) -> (Value, Value) {
        let (registration, request) = Registration::start(passphrase).expect("a passphrase");
        let answer = start(request);
        let registered = registration.finish(text(&answer, "response")).expect("a response");
        let totp = TotpSecret::generate().expect("randomness").to_base32();
        fs::write(home.totp(name), totp.as_str()).expect("room for a secret");
        fs::write(home.kit(name), self.keys.recovery_kit(name, "the household")).expect("room for a kit");
        let wrapped = self.wrapped(&registered.export_key);
        (json!({ "record": registered.record, "totp_secret": totp.as_str(), "wrapped": wrapped }), answer)
    }

    /// What they answer to a hub's challenge, to get back in.
    pub fn answer(&self, challenge: &str) -> String {
        self.keys.answer_recovery(&BASE64_URL_SAFE_NO_PAD.decode(challenge).expect("base64url"))
    }

    /// The identity, wrapped under what a passphrase or a passkey yields.
    pub fn wrapped(&self, secret: &[u8]) -> String {
        let key = wrapping_key(secret).expect("a key");
        BASE64_URL_SAFE_NO_PAD.encode(self.keys.wrap(&key).expect("randomness"))
    }

    /// Whether a wrapped identity is theirs, under what a passphrase or a passkey yields.
    pub fn unwraps(&self, wrapped: &str, secret: &[u8]) -> bool {
        let key = wrapping_key(secret).expect("a key");
        let wrapped = BASE64_URL_SAFE_NO_PAD.decode(wrapped).expect("base64url");
        MemberKeys::unwrap(&wrapped, &key).is_ok_and(|keys| keys.public() == self.keys.public())
    }
}

impl Default for Member {
    fn default() -> Member {
        Member::new()
    }
}
