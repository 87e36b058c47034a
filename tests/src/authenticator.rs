//! An authenticator in software, with the browser around it: what a phone or a stick does with a passkey, as WebAuthn Level 3 has it.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use aws_lc_rs::{digest, hmac};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::answer::text;

/// What it says of each use: somebody was there, it knows who, and what follows in the data.
const PRESENT_AND_VERIFIED: u8 = 0b0000_0101;
const WITH_CREDENTIAL_AND_EXTENSIONS: u8 = 0b1100_0000;
/// `{"hmac-secret": true}` in CBOR.
const HMAC_SECRET: &[u8] = b"\xa1\x6bhmac-secret\xf5";

/// An authenticator with one passkey, and a browser at one page.
pub struct Authenticator {
    origin: String,
    key: EcdsaKeyPair,
    id: Vec<u8>,
    user: String,
    counter: u32,
    /// What stands behind the PRF.
    secret: hmac::Key,
}

impl Authenticator {
    /// One that holds nothing yet, in a browser at this origin.
    pub fn new(origin: &str) -> Authenticator {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key");
        let random = hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new()).expect("randomness");
        let id = digest::digest(&digest::SHA256, key.public_key().as_ref()).as_ref()[..16].to_vec();
        Authenticator { origin: origin.to_owned(), key, id, user: String::new(), counter: 0, secret: random }
    }

    /// Goes to another page.
    pub fn go_to(&mut self, origin: &str) {
        self.origin = origin.to_owned();
    }

    /// Makes the passkey: RegistrationResponseJSON for PublicKeyCredentialCreationOptionsJSON.
    pub fn create(&mut self, options: &Value) -> Value {
        assert_eq!(text(&options["authenticatorSelection"], "residentKey"), "required", "{options}");
        assert_eq!(text(&options["authenticatorSelection"], "userVerification"), "required", "{options}");
        assert!(options["extensions"]["prf"].is_object(), "{options}");
        self.user = text(&options["user"], "id").to_owned();
        let mut data = self.data(text(&options["rp"], "id"), WITH_CREDENTIAL_AND_EXTENSIONS);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).expect("a short id").to_be_bytes());
        data.extend(&self.id);
        // COSE: EC2, ES256, P-256, x, y.
        let point = self.key.public_key().as_ref();
        data.extend(b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20");
        data.extend(&point[1..33]);
        data.extend(b"\x22\x58\x20");
        data.extend(&point[33..]);
        data.extend(HMAC_SECRET);
        let mut attestation = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        attestation.push(u8::try_from(data.len()).expect("short data"));
        attestation.extend(&data);
        self.answer(
            json!({
                "clientDataJSON": self.client_data("webauthn.create", options),
                "attestationObject": encode(&attestation),
                "transports": ["internal"],
            }),
            json!({ "prf": { "enabled": true } }),
        )
    }

    /// Uses the passkey: AuthenticationResponseJSON for PublicKeyCredentialRequestOptionsJSON.
    pub fn get(&mut self, options: &Value) -> Value {
        assert_eq!(text(options, "userVerification"), "required", "{options}");
        let allowed = options["allowCredentials"].as_array().map_or(0, Vec::len);
        assert_eq!(allowed, 0, "the question is the same for everybody: {options}");
        self.counter += 1;
        let data = self.data(text(options, "rpId"), 0);
        let client_data = self.client_data("webauthn.get", options);
        let hash = digest::digest(&digest::SHA256, &decode(&client_data));
        let signed = [data.as_slice(), hash.as_ref()].concat();
        let signature = self.key.sign(&SystemRandom::new(), &signed).expect("a signature");
        self.answer(
            json!({
                "clientDataJSON": client_data,
                "authenticatorData": encode(&data),
                "signature": encode(signature.as_ref()),
                "userHandle": self.user,
            }),
            json!({}),
        )
    }

    /// What the PRF yields for a salt. It never leaves the browser.
    pub fn prf(&self, salt: &str) -> Vec<u8> {
        let salt = digest::digest(&digest::SHA256, &[b"WebAuthn PRF\0", decode(salt).as_slice()].concat());
        hmac::sign(&self.secret, salt.as_ref()).as_ref().to_vec()
    }

    /// The passkey's id, as an API names it.
    pub fn id(&self) -> String {
        encode(&self.id)
    }

    /// Goes back to an earlier state, as a copy of the passkey would be in.
    pub fn turn_back(&mut self, uses: u32) {
        self.counter -= uses;
    }

    fn data(&self, rp: &str, more: u8) -> Vec<u8> {
        let mut data = digest::digest(&digest::SHA256, rp.as_bytes()).as_ref().to_vec();
        data.push(PRESENT_AND_VERIFIED | more);
        data.extend(self.counter.to_be_bytes());
        data
    }

    fn client_data(&self, kind: &str, options: &Value) -> String {
        let data = json!({ "type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": false });
        encode(data.to_string().as_bytes())
    }

    fn answer(&self, response: Value, extensions: Value) -> Value {
        json!({
            "id": self.id(), "rawId": self.id(), "type": "public-key", "authenticatorAttachment": "platform",
            "response": response, "clientExtensionResults": extensions,
        })
    }
}

fn encode(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

fn decode(text: &str) -> Vec<u8> {
    BASE64_URL_SAFE_NO_PAD.decode(text).expect("base64url")
}
