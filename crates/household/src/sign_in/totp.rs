//! The second factor: six digits from an authenticator app (RFC 6238: SHA-1, 30 seconds, 6 digits).
//!
//! Clocks may differ by one step to either side. A step is used once, so that a code seen over a shoulder is spent. A step that was
//! used by a clock far ahead is spent as well, and keeps nobody out until then.

use std::fmt;
use std::ops::RangeInclusive;

use jiff::Timestamp;
use totp_rs::{Algorithm, Builder, Secret, Totp};
use zeroize::Zeroizing;

use super::Error;

/// The length of a step in seconds.
pub const STEP: u64 = 30;
/// How many digits a code has.
pub const DIGITS: u8 = 6;
/// How many steps a clock may differ, to either side.
const SKEW: u64 = 1;
/// The length of a fresh secret in bytes, as RFC 4226 recommends.
const SECRET: usize = 20;

/// The secret that the hub and an authenticator share. Never shows in `Debug`; vanishes from memory on drop.
#[derive(Clone)]
pub struct TotpSecret(Secret);

impl TotpSecret {
    /// A fresh one.
    ///
    /// # Errors
    /// Only when this computer gives no random numbers.
    pub fn generate() -> Result<Self, Error> {
        let mut bytes = Zeroizing::new([0; SECRET]);
        getrandom::fill(bytes.as_mut_slice()).map_err(|_| Error::NoRandomness)?;
        Ok(Self(Secret::new(Box::from(bytes.as_slice()))))
    }

    /// Reads a secret from base32, as it is typed into an app: spaces and lower case are fine.
    ///
    /// # Errors
    /// [`Error::Unreadable`] when it is not base32 of 16 to 64 bytes.
    pub fn from_base32(text: &str) -> Result<Self, Error> {
        let unreadable = Error::Unreadable("authenticator's secret");
        let letters = text.chars().filter(|c| !c.is_whitespace() && *c != '=');
        let letters: Zeroizing<String> = Zeroizing::new(letters.map(|c| c.to_ascii_uppercase()).collect());
        match Secret::try_from_base32(letters.as_str()) {
            Ok(secret) if (16..=64).contains(&secret.as_bytes().len()) => Ok(Self(secret)),
            _ => Err(unreadable),
        }
    }

    /// The secret in base32, to type into an app.
    pub fn to_base32(&self) -> Zeroizing<String> {
        Zeroizing::new(self.0.to_base32())
    }

    /// The `otpauth://` URL, to show as a QR code.
    ///
    /// # Errors
    /// Only for a name without a letter.
    pub fn url(&self, household: &str, person: &str) -> Result<Zeroizing<String>, Error> {
        // The URL divides by colons.
        let plain = |name: &str| name.replace(':', " ").trim().to_owned();
        let issuer = format!("Porchlight {}", plain(household));
        let totp = builder(self).with_issuer(Some(issuer.trim())).with_account_name(plain(person)).build();
        let url = totp.and_then(|totp| totp.to_url());
        url.map(Zeroizing::new).map_err(|_| Error::Unreadable("name for the authenticator"))
    }

    /// The code that an authenticator shows at `now`: what a command line with the secret in a file answers with.
    ///
    /// # Errors
    /// Only for a time before 1970.
    pub fn code(&self, now: Timestamp) -> Result<Zeroizing<String>, Error> {
        let step = step(now)?;
        Ok(Zeroizing::new(totp(self)?.generate(step * STEP).to_string()))
    }
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TotpSecret({} bytes)", self.0.as_bytes().len())
    }
}

/// The steps whose codes are right at `now`.
///
/// # Errors
/// [`Error::NotRight`] for a time before 1970: no code is right then.
pub fn window(now: Timestamp) -> Result<RangeInclusive<u64>, Error> {
    let today = step(now)?;
    Ok(today.saturating_sub(SKEW)..=today + SKEW)
}

/// Checks a code, and says which step it belongs to. Keep that step, durably, before letting anybody in. `last_used_step` is the
/// latest of the [`window`] that was used: one that lies ahead of it was used by a clock that was wrong, and says nothing of now.
///
/// # Errors
/// [`Error::NotRight`] for a wrong code, [`Error::CodeUsed`] for one whose step, or a later one, was used.
pub fn verify(
    secret: &TotpSecret,
    code: &str,
    now: Timestamp,
    last_used_step: Option<u64>,
) -> Result<u64, Error> {
    let totp = totp(secret)?;
    let mut used = false;
    for step in window(now)? {
        // One step at a time: a code that is right for two steps must not be taken for the one that was used.
        if totp.check(code, step * STEP).is_none() {
            continue;
        }
        if last_used_step.is_none_or(|last| step > last) {
            return Ok(step);
        }
        used = true;
    }
    Err(if used { Error::CodeUsed } else { Error::NotRight })
}

fn step(now: Timestamp) -> Result<u64, Error> {
    u64::try_from(now.as_second()).map(|seconds| seconds / STEP).map_err(|_| Error::NotRight)
}

fn totp(secret: &TotpSecret) -> Result<Totp, Error> {
    builder(secret).build().map_err(|_| Error::Unreadable("authenticator's secret"))
}

fn builder(secret: &TotpSecret) -> Builder {
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(DIGITS)
        .with_step_duration(STEP)
        .with_skew(0)
        .with_secret(secret.0.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn rfc() -> TotpSecret {
        TotpSecret::from_base32("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").unwrap()
    }

    #[test]
    fn the_vectors_of_rfc_6238() {
        // Appendix B, SHA-1, the last six of eight digits.
        for (second, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
        ] {
            assert_eq!(rfc().code(at(second)).unwrap().as_str(), code);
            assert_eq!(verify(&rfc(), code, at(second), None), Ok(second as u64 / STEP));
        }
    }

    #[test]
    fn clocks_may_differ_by_one_step() {
        let code = rfc().code(at(3000)).unwrap();
        for (second, right) in
            [(2939, false), (2940, false), (2970, true), (3029, true), (3059, true), (3060, false)]
        {
            assert_eq!(verify(&rfc(), &code, at(second), None).is_ok(), right, "{second}");
        }
    }

    #[test]
    fn a_step_is_used_once_and_so_are_those_before_it() {
        let code = rfc().code(at(3000)).unwrap();
        let step = verify(&rfc(), &code, at(3000), None).unwrap();
        assert_eq!(verify(&rfc(), &code, at(3010), Some(step)), Err(Error::CodeUsed));
        let earlier = rfc().code(at(2970)).unwrap();
        assert_eq!(verify(&rfc(), &earlier, at(3000), Some(step)), Err(Error::CodeUsed));
        let next = rfc().code(at(3030)).unwrap();
        assert_eq!(verify(&rfc(), &next, at(3030), Some(step)), Ok(step + 1));
    }

    #[test]
    fn what_is_no_code_is_refused() {
        for code in ["", "28708", "2870821", "28708a", "+87082", "２８７０８２"] {
            assert_eq!(verify(&rfc(), code, at(59), None), Err(Error::NotRight), "{code:?}");
        }
        assert!(verify(&rfc(), "000000", at(-100), None).is_err());
    }

    #[test]
    fn a_secret_is_read_as_people_type_it() {
        let secret = TotpSecret::generate().unwrap();
        let typed = secret.to_base32().to_lowercase();
        let typed = format!("{} {}", &typed[..4], &typed[4..]);
        assert_eq!(*TotpSecret::from_base32(&typed).unwrap().to_base32(), *secret.to_base32());
        for text in ["", "GEZDGNBV", "not base 32!"] {
            assert!(TotpSecret::from_base32(text).is_err(), "{text:?}");
        }
        assert_eq!(format!("{secret:?}"), "TotpSecret(20 bytes)");
    }

    #[test]
    fn the_url_says_who_and_where() {
        let url = rfc().url("Maple: Street", "Anna").unwrap();
        assert_eq!(
            url.as_str(),
            "otpauth://totp/Porchlight%20Maple%20%20Street:Anna?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=Porchlight%20Maple%20%20Street"
        );
    }
}
