//! Letting somebody in: what follows from the one-time code that an owner hands over, and that no hub ever sees.
//!
//! The code binds two clients to each other through a hub that neither has to believe. The owner's says by a *greeting* who asks whom;
//! the newcomer's says by a *binding* which keys and which account are its own; and both show *numbers* made of that and of a nonce of the
//! owner's, which two people compare. Whoever does not know the code makes none of them.

mod numbers;

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hkdf::Hkdf;
use hkdf::hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

pub use self::numbers::{Nonce, Numbers};
use crate::member::parts;
use crate::{Error, PublicKeys, SignerKey, typed_code};

/// Letters in a code: sixty bits.
const LETTERS: usize = 12;
/// Bytes of a handle: what the hub knows an invitation by.
const HANDLE: usize = 16;

const HANDLE_INFO: &[u8] = b"porchlight invitation v1 handle";
const KEY_INFO: &[u8] = b"porchlight invitation v1 key";
const OWNER: &[u8] = b"porchlight invitation v1 owner\0";
const NEWCOMER: &[u8] = b"porchlight invitation v1 newcomer\0";
const ACCOUNT: &[u8] = b"porchlight invitation v1 account\0";
const NUMBERS: &[u8] = b"porchlight invitation v1 numbers\0";

/// The code that lets somebody in, once. Never shown in `Debug`.
pub struct Code(Zeroizing<String>);

impl Code {
    /// A new one.
    ///
    /// # Errors
    /// Only when this computer gives no random numbers.
    pub fn generate() -> Result<Code, Error> {
        Ok(Code(typed_code::random(LETTERS)?))
    }

    /// Reads one however it was typed.
    ///
    /// # Errors
    /// [`Error::NotACode`] when letters are missing, too many or none that a code has.
    pub fn read(typed: &str) -> Result<Code, Error> {
        let plain = typed_code::plain(typed, LETTERS);
        if typed_code::is_whole(&plain, LETTERS) { Ok(Code(plain)) } else { Err(Error::NotACode) }
    }

    /// Its letters, as an address has them.
    pub fn letters(&self) -> &str {
        &self.0
    }

    /// In three groups of four, as it is shown.
    pub fn shown(&self) -> Zeroizing<String> {
        typed_code::shown(&self.0)
    }

    /// What follows from it.
    ///
    /// # Errors
    /// Never in practice: it is far less than HKDF can give.
    pub fn secrets(&self) -> Result<Secrets, Error> {
        let expand = Hkdf::<Sha256>::new(None, self.0.as_bytes());
        let (mut handle, mut key) = ([0; HANDLE], Zeroizing::new([0; 32]));
        expand.expand(HANDLE_INFO, &mut handle).map_err(|_| Error::WrongKey)?;
        expand.expand(KEY_INFO, key.as_mut_slice()).map_err(|_| Error::WrongKey)?;
        Ok(Secrets { handle: URL_SAFE_NO_PAD.encode(handle), key })
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Code").finish_non_exhaustive()
    }
}

/// Who asks whom into which household. Texts are as the document has them.
#[derive(Debug, Clone, Copy)]
pub struct Greeting<'a> {
    /// The household's id.
    pub household: &'a str,
    /// The newcomer's id in it.
    pub person: &'a str,
    /// Their name.
    pub name: &'a str,
    /// What the household is called, where it is.
    pub household_name: Option<&'a str>,
    /// The owner's name.
    pub by: &'a str,
    /// What the owner signs with.
    pub by_signer: &'a SignerKey,
    /// By which the owner's client promises its [nonce](Nonce).
    pub commitment: &'a str,
}

/// What a newcomer made, as far as the owner's client gets to see it.
#[derive(Debug, Clone, Copy)]
pub struct Newcomer<'a> {
    /// The greeting that they were met with.
    pub greeting: &'a str,
    /// Their public keys.
    pub keys: &'a PublicKeys,
    /// The [hash](account_hash) of their account.
    pub account: &'a str,
}

/// What follows from a code. Never shown in `Debug`.
pub struct Secrets {
    handle: String,
    key: Zeroizing<[u8; 32]>,
}

impl Secrets {
    /// What the hub knows the invitation by. It tells nothing of the code.
    pub fn handle(&self) -> &str {
        &self.handle
    }

    /// The owner's word for who asks whom.
    pub fn greeting(&self, who: &Greeting<'_>) -> String {
        text(&self.mac(&who.bytes()).finalize().into_bytes())
    }

    /// Whether whoever made the code said this. It takes as long for what is wrong.
    pub fn is_greeting(&self, who: &Greeting<'_>, greeting: &str) -> bool {
        self.made(&who.bytes(), greeting)
    }

    /// The newcomer's word for what is theirs.
    pub fn binding(&self, newcomer: &Newcomer<'_>) -> String {
        text(&self.mac(&newcomer.bytes()).finalize().into_bytes())
    }

    /// Whether whoever has the code said this of what is shown. It takes as long for what is wrong.
    pub fn is_binding(&self, newcomer: &Newcomer<'_>, binding: &str) -> bool {
        self.made(&newcomer.bytes(), binding)
    }

    /// What both screens show.
    pub fn numbers(&self, binding: &str, nonce: &Nonce) -> Numbers {
        let texts = [binding, nonce.text()];
        Numbers::of(&self.mac(&parts(NUMBERS, &texts.map(str::as_bytes))).finalize().into_bytes().into())
    }

    fn made(&self, bytes: &[u8], given: &str) -> bool {
        let given = URL_SAFE_NO_PAD.decode(given).unwrap_or_default();
        self.mac(bytes).verify_slice(&given).is_ok()
    }

    fn mac(&self, bytes: &[u8]) -> Hmac<Sha256> {
        #[allow(clippy::expect_used)] // HMAC takes a key of any length.
        let mut mac =
            <Hmac<Sha256> as KeyInit>::new_from_slice(self.key.as_slice()).expect("any key will do");
        mac.update(bytes);
        mac
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secrets").field("handle", &self.handle).finish_non_exhaustive()
    }
}

/// One hash for all of an account, so that an owner's client can hold it to the binding without seeing what is nobody's but the
/// newcomer's and the hub's. The parts are as the API has them, in its order.
pub fn account_hash(account: [&str; 7]) -> String {
    text(&Sha256::digest(parts(ACCOUNT, &account.map(str::as_bytes))))
}

/// Whether this could be a handle.
pub fn is_handle(handle: &str) -> bool {
    URL_SAFE_NO_PAD.decode(handle).is_ok_and(|bytes| bytes.len() == HANDLE)
}

/// Whether this could be a greeting, a commitment or a binding.
pub fn is_mac(text: &str) -> bool {
    URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| bytes.len() == 32)
}

impl Greeting<'_> {
    fn bytes(&self) -> Vec<u8> {
        let signer = String::from(self.by_signer.clone());
        let household_name = self.household_name.unwrap_or_default();
        let texts =
            [self.household, self.person, self.name, household_name, self.by, &signer, self.commitment];
        parts(OWNER, &texts.map(str::as_bytes))
    }
}

impl Newcomer<'_> {
    fn bytes(&self) -> Vec<u8> {
        let signer = String::from(self.keys.signer.clone());
        let texts = [self.greeting, &self.keys.recipient, &signer, self.account];
        parts(NEWCOMER, &texts.map(str::as_bytes))
    }
}

fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::Value;

    use super::*;
    use crate::MemberKeys;

    /// The vectors that the app's client is held to as well.
    fn vectors() -> Value {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/invitation.json");
        serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
    }

    fn of<'a>(value: &'a Value, name: &str) -> &'a str {
        value[name].as_str().unwrap_or_else(|| panic!("{name}"))
    }

    fn greeting<'a>(asking: &'a Value, by_signer: &'a SignerKey) -> Greeting<'a> {
        Greeting {
            household: of(asking, "household"),
            person: of(asking, "person"),
            name: of(asking, "name"),
            household_name: asking["household_name"].as_str(),
            by: of(asking, "by"),
            by_signer,
            commitment: of(asking, "commitment"),
        }
    }

    #[test]
    fn both_clients_make_the_same_of_a_code() {
        let all = vectors();
        let code = Code::read(of(&all, "shown")).unwrap();
        assert_eq!(code.letters(), of(&all, "code"));
        for typed in all["typed"].as_array().unwrap() {
            assert_eq!(Code::read(typed.as_str().unwrap()).unwrap().letters(), code.letters(), "{typed}");
        }
        assert_eq!(Code::read(of(&all["zero"], "typed")).unwrap().letters(), of(&all["zero"], "code"));
        for typed in all["none"].as_array().unwrap() {
            assert!(matches!(Code::read(typed.as_str().unwrap()), Err(Error::NotACode)), "{typed}");
        }

        let secrets = code.secrets().unwrap();
        assert_eq!(secrets.handle(), of(&all, "handle"));
        assert!(is_handle(secrets.handle()));
        for (asking, greeted) in [(&all["asking"], &all), (&all["nameless"]["asking"], &all["nameless"])] {
            let by_signer = of(asking, "by_signer").to_owned().try_into().unwrap();
            let who = greeting(asking, &by_signer);
            assert_eq!(secrets.greeting(&who), of(greeted, "greeting"));
            assert!(secrets.is_greeting(&who, of(greeted, "greeting")));
        }

        let account = &all["answer"]["account"];
        let parts =
            ["record", "totp_secret", "wrapped", "account_key", "vouched", "recovery_key", "signature"];
        let hash = account_hash(parts.map(|part| of(account, part)));
        assert_eq!(hash, of(&all, "account_hash"));
        let keys: PublicKeys = serde_json::from_value(all["answer"]["keys"].clone()).unwrap();
        let newcomer = Newcomer { greeting: of(&all, "greeting"), keys: &keys, account: &hash };
        assert_eq!(secrets.binding(&newcomer), of(&all, "binding"));
        assert!(secrets.is_binding(&newcomer, of(&all, "binding")));
        let nonce = Nonce::given(of(&all, "nonce"), of(&all["asking"], "commitment")).unwrap();
        let numbers = secrets.numbers(of(&all, "binding"), &nonce);
        assert_eq!(serde_json::json!(numbers.each()), all["numbers"]);
    }

    #[test]
    fn whatever_is_exchanged_is_found_by_the_other_client() {
        let (code, other) = (Code::generate().unwrap(), Code::generate().unwrap());
        let (secrets, others) = (code.secrets().unwrap(), other.secrets().unwrap());
        let [anna, eve] = [(), ()].map(|()| MemberKeys::generate().unwrap().public());
        let who = Greeting {
            household: "h",
            person: "p",
            name: "Tom",
            household_name: Some("Maple"),
            by: "Anna",
            by_signer: &anna.signer,
            commitment: "commitment",
        };
        let greeting = secrets.greeting(&who);
        let exchanged = [
            Greeting { household: "x", ..who },
            Greeting { person: "x", ..who },
            Greeting { name: "Eve", ..who },
            Greeting { household_name: None, ..who },
            Greeting { by: "Eve", ..who },
            Greeting { by_signer: &eve.signer, ..who },
            Greeting { commitment: "another", ..who },
            // The same letters, cut elsewhere.
            Greeting { name: "TomM", household_name: Some("aple"), ..who },
        ];
        for greeted in &exchanged {
            assert!(!secrets.is_greeting(greeted, &greeting), "{greeted:?}");
        }
        assert!(secrets.is_greeting(&who, &greeting) && !others.is_greeting(&who, &greeting));

        let newcomer = Newcomer { greeting: &greeting, keys: &anna, account: "account" };
        let binding = secrets.binding(&newcomer);
        let mixed = PublicKeys { signer: eve.signer.clone(), ..anna.clone() };
        for shown in [
            Newcomer { greeting: "another", ..newcomer },
            Newcomer { keys: &eve, ..newcomer },
            Newcomer { keys: &mixed, ..newcomer },
            Newcomer { account: "another", ..newcomer },
        ] {
            assert!(!secrets.is_binding(&shown, &binding), "{shown:?}");
        }
        assert!(secrets.is_binding(&newcomer, &binding) && !others.is_binding(&newcomer, &binding));
        for none in ["", "AAAA", "?", &binding[1..]] {
            assert!(!secrets.is_binding(&newcomer, none) && !is_mac(none), "{none}");
        }
        assert!(is_mac(&binding) && !is_handle(&binding));
        let [nonce, another] = [(), ()].map(|()| Nonce::generate().unwrap());
        let numbers = secrets.numbers(&binding, &nonce);
        assert_ne!(numbers, others.numbers(&binding, &nonce));
        assert_ne!(numbers, secrets.numbers(&binding, &another), "nobody knows them before the nonce");
        assert_ne!(numbers, secrets.numbers(&greeting, &nonce));
    }

    #[test]
    fn debug_shows_nothing_that_lets_anybody_in() {
        let code = Code::generate().unwrap();
        let secrets = code.secrets().unwrap();
        let shown = format!("{code:?} {secrets:?}");
        assert!(!shown.contains(code.letters()) && !shown.contains("key"), "{shown}");
    }
}
