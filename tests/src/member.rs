//! A member's own end of things: keys, passphrase and authenticator, made where they sit and never at the hub.

use std::fs;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use porchlight_household::member::{AccountStatement, Kit, Recovered, RecoverySecret, wrapping_key};
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
    /// What their kit gets them back in with.
    pub recovery: RecoverySecret,
}

impl Member {
    /// Somebody who has no keys yet.
    pub fn new() -> Member {
        let recovery = RecoverySecret::generate().expect("randomness");
        Member { keys: MemberKeys::generate().expect("randomness"), recovery }
    }

    /// Somebody with the kit that they have by `Home`.
    pub fn of_kit(home: &Home, name: &str) -> Member {
        let kit = fs::read_to_string(home.kit(name)).expect("a kit");
        let Kit { keys, recovery } = Kit::read(&kit).expect("a kit");
        Member { keys, recovery: recovery.expect("a kit that gets back in") }
    }

    /// A household of their own, in its first version: who they are in it, and the document.
    pub fn found(&self, name: &str) -> (PersonId, SignedDocument) {
        let owner = Person::new(name, "1980-01".parse().expect("a month")).expect("a person");
        let id = owner.id.clone();
        let first = Household::first(None, "Europe/Berlin", "en", owner, &self.keys, Timestamp::now());
        (id, first.expect("a household").1)
    }

    /// An account under a passphrase, of somebody who comes into a household as `person`: `start` carries the OPAQUE request to the hub,
    /// and brings back what it answers. What the hub is sent, with the answer to the start. The authenticator's secret is put away by
    /// `Home`, and so is the kit.
    pub fn account(
        &self,
        home: &Home,
        (name, person): (&str, &PersonId),
        passphrase: &str,
        start: impl FnOnce(String) -> Value,
    ) -> (Value, Value) {
        let (parts, answer) = self.parts(home, name, passphrase, start);
        let kit = Kit::text(&self.keys, &self.recovery, name, "the household").expect("a kit");
        fs::write(home.kit(name), kit.as_str()).expect("room for a kit");
        let recovery = self.recovery.public().expect("a key");
        let signature = self.keys.state(&AccountStatement::Enrolled {
            person: person.as_str(),
            record: &parts.record,
            wrapped: &parts.wrapped,
            recovery: &recovery,
        });
        let account = json!({
            "record": parts.record, "totp_secret": parts.totp_secret, "wrapped": parts.wrapped, "account_key": self.keys.account_key(),
            "vouched": self.keys.vouch(), "recovery_key": recovery, "signature": signature,
        });
        (account, answer)
    }

    /// Begins to get back in, with a new passphrase and authenticator: the account, and the challenge that `start` brought.
    pub fn renewed(
        &self,
        home: &Home,
        name: &str,
        passphrase: &str,
        start: impl FnOnce(String) -> Value,
    ) -> (Renewed, Value) {
        self.parts(home, name, passphrase, start)
    }

    fn parts(
        &self,
        home: &Home,
        name: &str,
        passphrase: &str,
        start: impl FnOnce(String) -> Value,
    ) -> (Renewed, Value) {
        let (registration, request) = Registration::start(passphrase).expect("a passphrase");
        let answer = start(request);
        let registered = registration.finish(text(&answer, "response")).expect("a response");
        let totp = TotpSecret::generate().expect("randomness").to_base32();
        fs::write(home.totp(name), totp.as_str()).expect("room for a secret");
        let wrapped = self.wrapped(&registered.export_key);
        (Renewed { record: registered.record, totp_secret: totp.to_string(), wrapped }, answer)
    }

    /// What gets somebody back in with their kit, in answer to a challenge: the whole last message.
    pub fn recovery(&self, renewed: &Renewed, challenge: &Value) -> Value {
        let recovered = renewed.recovered(text(challenge, "challenge"));
        self.recovery_by(renewed, challenge, &self.recovery.answer(&recovered).expect("a key"))
    }

    /// The same with another answer.
    pub fn recovery_by(&self, renewed: &Renewed, challenge: &Value, answer: &str) -> Value {
        let Renewed { record, totp_secret, wrapped } = renewed;
        let recovered = renewed.recovered(text(challenge, "challenge"));
        let signature = self.keys.state(&AccountStatement::Recovered(recovered));
        json!({
            "attempt": challenge["attempt"], "signature": answer, "client": "a page", "cookie": true,
            "account": { "record": record, "totp_secret": totp_secret, "wrapped": wrapped, "signature": signature },
        })
    }

    /// Another passphrase as the hub takes it, with its word for a proof.
    pub fn new_passphrase(&self, proof: &str, record: &str, wrapped: &str) -> Value {
        let signature = self.keys.state(&AccountStatement::Passphrase { proof, record, wrapped });
        json!({ "proof": proof, "record": record, "wrapped": wrapped, "signature": signature })
    }

    /// Another passkey as the hub takes it, with its word for a proof.
    pub fn new_passkey(
        &self,
        proof: &str,
        making: &Value,
        credential: &Value,
        name: &str,
        wrapped: Option<&str>,
    ) -> Value {
        let id = text(credential, "id");
        let statement =
            AccountStatement::Passkey { proof, credential: id, wrapped: wrapped.unwrap_or_default() };
        let signature = self.keys.state(&statement);
        json!({
            "attempt": making["attempt"], "credential": credential, "name": name, "wrapped": wrapped, "proof": proof,
            "signature": signature,
        })
    }

    /// Another kit as the hub takes it, with its word for a proof.
    pub fn new_kit(&self, proof: &str) -> Value {
        let recovery = self.recovery.public().expect("a key");
        let signature = self.keys.state(&AccountStatement::Kit { proof, recovery: &recovery });
        json!({
            "proof": proof, "recovery_key": recovery, "account_key": self.keys.account_key(), "vouched": self.keys.vouch(),
            "signature": signature,
        })
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

/// An account with a new passphrase and a new authenticator.
pub struct Renewed {
    /// The OPAQUE record.
    pub record: String,
    /// The authenticator's secret.
    pub totp_secret: String,
    /// The wrapped identity.
    pub wrapped: String,
}

impl Renewed {
    /// What an answer to a challenge is about.
    pub fn recovered<'a>(&'a self, challenge: &'a str) -> Recovered<'a> {
        let Renewed { record, totp_secret, wrapped } = self;
        Recovered { challenge, record, totp_secret, wrapped }
    }
}

impl Default for Member {
    fn default() -> Member {
        Member::new()
    }
}
