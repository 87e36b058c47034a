//! What signs somebody in: accounts, OPAQUE messages, codes, kits and passphrases.
//!
//! The client's halves of OPAQUE are left out: each takes most of a second and 64 MiB as soon as its input is well formed.

use std::sync::LazyLock;

use jiff::Timestamp;
use porchlight_household::sign_in::opaque::{Record, Registration, Server};
use porchlight_household::sign_in::{Account, AccountKeys, TotpSecret, passphrase, totp};
use porchlight_household::{Kit, MemberKeys, RecoverySecret};

use super::{text, texts};
use crate::Target;
use crate::input::Input;

pub(super) const TARGETS: &[Target] = &[
    Target { name: "accounts", run: accounts, seeds: account_seeds },
    Target { name: "opaque", run: opaque, seeds: opaque_seeds },
    Target { name: "codes", run: codes, seeds: code_seeds },
    Target { name: "kits", run: kits, seeds: kit_seeds },
    Target { name: "passphrases", run: passphrases, seeds: passphrase_seeds },
];

static SERVER: LazyLock<Server> = LazyLock::new(Server::generate);

/// A record as a client makes it; the one slow step, taken once.
static RECORD: LazyLock<String> = LazyLock::new(|| {
    let (registration, request) = Registration::start("walnut ferry compass drizzle").expect("it begins");
    let answer = SERVER.register("anna", &request).expect("the request is one");
    registration.finish(&answer).expect("the answer is one").record
});

fn accounts(bytes: &[u8]) {
    let Ok(account) = Account::from_bytes(bytes) else { return };
    let written = account.to_bytes().expect("it can be written");
    let again = Account::from_bytes(&written).expect("what was written is read");
    assert_eq!(again.to_bytes().expect("it can be written"), written);
    assert!(!format!("{account:?}").contains(&*account.totp.to_base32()), "its parts are shown");
}

fn account_seeds() -> Vec<Vec<u8>> {
    let account = Account {
        person: "anna".parse().expect("it is an id"),
        record: Record::from_text(&RECORD).expect("it is a record"),
        totp: TotpSecret::from_base32("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").expect("it is a secret"),
        wrapped_identity: vec![7; 102],
        keys: None,
    };
    let keys = AccountKeys {
        account: MemberKeys::generate().expect("there is randomness").account_key(),
        recovery: RecoverySecret::generate().and_then(|secret| secret.public()).expect("there is randomness"),
    };
    let present = Account { keys: Some(keys), ..account.clone() };
    [account, present].map(|account| account.to_bytes().expect("it can be written").to_vec()).into()
}

/// Messages of the client, by the first byte, and the hub's secret.
fn opaque(bytes: &[u8]) {
    let Some((which, rest)) = bytes.split_first() else { return };
    let Some(message) = text(rest) else { return };
    match which % 5 {
        0 => drop(SERVER.register("anna", message)),
        1 => drop(SERVER.answer("anna", None, message)),
        2 => {
            let (pending, _) = SERVER.answer("anna", None, &SIGN_IN).expect("the request is one");
            assert!(pending.prove(message).is_err(), "nobody proved anything");
        }
        3 => {
            if let Ok(record) = Record::from_text(message) {
                assert_eq!(record.to_text(), message, "a record has one spelling");
            }
        }
        _ => {
            if let Ok(server) = Server::from_bytes(rest) {
                assert_eq!(*server.to_bytes(), rest, "a secret has one spelling");
            }
        }
    }
}

static SIGN_IN: LazyLock<String> = LazyLock::new(|| {
    porchlight_household::sign_in::opaque::SignIn::start("walnut ferry compass drizzle").expect("it begins").1
});

fn opaque_seeds() -> Vec<Vec<u8>> {
    let (_, request) = Registration::start("walnut ferry compass drizzle").expect("it begins");
    let messages = [(0, request.as_str()), (1, &SIGN_IN), (2, &"A".repeat(86)), (3, &RECORD)];
    let messages = messages.map(|(which, message)| [&[which], message.as_bytes()].concat());
    let secret = [&[4][..], &SERVER.to_bytes()].concat();
    messages.into_iter().chain([secret]).collect()
}

/// A second, a step that was used, a code and a secret: a code that is taken is the one of a step close by and not yet used.
fn codes(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let (second, last) = (input.u64().cast_signed(), input.u64());
    let last = (last != 0).then_some(last);
    let Some(code) = text(input.string()) else { return };
    let Some(secret) = text(input.rest()) else { return };
    let Ok(secret) = TotpSecret::from_base32(secret) else { return };
    let again = TotpSecret::from_base32(&secret.to_base32()).expect("what was written is read");
    assert_eq!(again.to_base32(), secret.to_base32());
    let _ = secret.url(code, code);
    let Ok(now) = Timestamp::from_second(second) else { return };
    if let Ok(right) = secret.code(now)
        && last.is_none()
    {
        assert!(totp::verify(&secret, &right, now, None).is_ok(), "the right code is refused");
    }
    if let Ok(step) = totp::verify(&secret, code, now, last) {
        let today = now.as_second().cast_unsigned() / totp::STEP;
        assert!(step.abs_diff(today) <= 1 && last.is_none_or(|last| step > last));
        let then = Timestamp::from_second((step * totp::STEP).cast_signed()).expect("it is close to now");
        assert_eq!(&*secret.code(then).expect("it is after 1970"), code);
    }
}

fn code_seeds() -> Vec<Vec<u8>> {
    let script = |second: u64, last: u64, code: &str, secret: &str| {
        let mut bytes = [second.to_le_bytes(), last.to_le_bytes()].concat();
        bytes.push(code.len() as u8);
        bytes.extend(code.bytes().chain(secret.bytes()));
        bytes
    };
    vec![
        script(59, 0, "287082", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"),
        script(1_111_111_109, 37_037_036, "081804", "gezd gnbv gy3t qojq gezd gnbv gy3t qojq"),
        script(u64::MAX, 1, "000000", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ===="),
    ]
}

/// Kits and wrapped identities: what is read is printed and read again as the same keys.
fn kits(bytes: &[u8]) {
    assert!(MemberKeys::unwrap(bytes, &[7; 32]).is_err(), "nobody wrapped this");
    let Some(text) = text(bytes) else { return };
    let Ok(Kit { keys, recovery }) = Kit::read(text) else { return };
    let name = text.lines().next().unwrap_or_default();
    let recovery = recovery.unwrap_or_else(|| RecoverySecret::generate().expect("there is randomness"));
    let printed = Kit::text(&keys, &recovery, name, text).expect("a kit is printed");
    let again = Kit::read(&printed).expect("a kit is read");
    assert_eq!(again.keys.public(), keys.public());
    let read = again.recovery.expect("both secrets are on it");
    assert_eq!(read.to_text().expect("it is written"), recovery.to_text().expect("it is written"));
    let wrapped = keys.wrap(&[8; 32]).expect("there is randomness");
    let again = MemberKeys::unwrap(&wrapped, &[8; 32]).expect("what was wrapped is unwrapped");
    assert_eq!(again.public(), keys.public());
}

fn kit_seeds() -> Vec<Vec<u8>> {
    texts([
        "AGE-SECRET-KEY-1SKFHCK5ZL2YFQWKR8PRG0QSFE6N88XRFQWQE2XR4VTP2MZ25D4WQJYUKHK",
        "# Anna\n\nAGE-SECRET-KEY-1N44LSPRWZS02GEWC7JQVVZ9Q7SNMH86SM6JTTQ820C7PS3HRSP8SVSVM85\n",
        "# recovery: PORCHLIGHT-RECOVERY-1QQQSYQCYQ5RQWZQFPG9SCRGWPU3UR69Y\nAGE-SECRET-KEY-1N44LSPRWZS02GEWC7JQVVZ9Q7SNMH86SM6JTTQ820C7PS3HRSP8SVSVM85\n",
    ])
}

/// The first line is the passphrase, the others are known words.
fn passphrases(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    let mut lines = text.split('\n');
    let phrase = lines.next().unwrap_or_default();
    let known: Vec<&str> = lines.take(20).collect();
    if let Err(refused) = passphrase::check(phrase, &known) {
        // Advice speaks of words and letters; a passphrase with a digit in it can only have been repeated.
        let telling = phrase.len() > 6 && phrase.bytes().any(|byte| byte.is_ascii_digit());
        assert!(!telling || !refused.to_string().contains(phrase), "the passphrase is repeated");
    }
}

fn passphrase_seeds() -> Vec<Vec<u8>> {
    texts([
        "walnut ferry compass drizzle",
        "Summer2026!\nMaple Street 5\nAnna",
        "aaaaaaaaaaaaaaaaaaaaaaaa 1qaz2wsx3edc",
        "11/23/2026 qwertyuiop",
    ])
}
