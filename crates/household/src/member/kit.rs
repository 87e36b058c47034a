//! The recovery kit: one page to print and put away, with the two secrets that get a member back.
//!
//! The identity opens what is sealed to them, with Debian's `age` as well. The *recovery secret* lets them back in, and is on paper
//! alone: it is made with the kit, derived from nothing, and neither the hub nor any session ever holds it. Whoever has taken all that
//! a session holds has no kit.

use age::secrecy::ExposeSecret;
use zeroize::Zeroizing;

use super::{MemberKeys, RecoverySecret};
use crate::Error;

/// How the line of a kit begins that holds one. To `age` it is a comment.
const LINE: &str = "# recovery:";

/// What is on a kit.
pub struct Kit {
    /// The member's keys.
    pub keys: MemberKeys,
    /// What lets them back in; a kit of an earlier release has none, and opens exports alone.
    pub recovery: Option<RecoverySecret>,
}

impl Kit {
    /// Reads a kit: the file as it was printed, or an identity's line alone.
    ///
    /// # Errors
    /// [`Error::NotAnIdentity`] when there is no identity or more than one; [`Error::NotARecoverySecret`] when there is a line for a
    /// recovery secret that holds none, or more than one such line.
    pub fn read(text: &str) -> Result<Kit, Error> {
        let lines = || text.lines().map(str::trim);
        let mut identities = lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let identity = identities.next().ok_or(Error::NotAnIdentity)?;
        if identities.next().is_some() {
            return Err(Error::NotAnIdentity);
        }
        let keys = MemberKeys::from_identity(identity.parse().map_err(|_| Error::NotAnIdentity)?)?;
        let mut secrets = lines().filter_map(|line| line.strip_prefix(LINE));
        let recovery = secrets.next().map(|text| RecoverySecret::from_text(text.trim())).transpose()?;
        if secrets.next().is_some() {
            return Err(Error::NotARecoverySecret);
        }
        Ok(Kit { keys, recovery })
    }

    /// The kit as a text to print and put away. Debian's `age -d -i FILE` takes it as it is.
    ///
    /// It holds the member's own secrets and nothing of the hub's: a printed root key would open again what was forgotten.
    ///
    /// # Errors
    /// Never in practice; see [`RecoverySecret::to_text`].
    pub fn text(
        keys: &MemberKeys,
        recovery: &RecoverySecret,
        person: &str,
        household: &str,
    ) -> Result<Zeroizing<String>, Error> {
        let (person, household) = (one_line(person), one_line(household));
        let (recipient, line) = (keys.identity.to_public(), keys.identity.to_string());
        let (line, recovery) = (line.expose_secret(), recovery.to_text()?);
        let recovery = recovery.as_str();
        Ok(Zeroizing::new(format!(
            "\
# Porchlight recovery kit of {person}, {household}
#
# These are your own keys, {person}. Print this page and put it where you
# keep your passport. Do not photograph it, and do not send it to anyone.
#
# With it you can
#   - open recordings that you exported, without a hub and without Porchlight:
#         age -d -i THIS-FILE RECORDING.age > recording
#   - get back in when you forgot your passphrase or lost your phone.
#
# Whoever holds it can do the same. If it is lost, make a new kit: this one
# lets nobody in any more then. What is sealed to you it opens still.
#
# It cannot bring back what was forgotten. The keys of forgotten recordings are
# destroyed in the hub and were never on this page, so nobody can be made to
# hand them over, not even you.
#
# Your public key, which is no secret:
# {recipient}

# What gets you back in. It is on this page and nowhere else:
{LINE} {recovery}
{line}
"
        )))
    }
}

/// A name that could not break out of its comment line.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    fn kit() -> (MemberKeys, RecoverySecret, String) {
        let (keys, recovery) = (MemberKeys::generate().unwrap(), RecoverySecret::generate().unwrap());
        let text = Kit::text(&keys, &recovery, "Anna\nAGE-SECRET-KEY-1EVIL", "Maple\n# recovery: x").unwrap();
        (keys, recovery, text.to_string())
    }

    #[test]
    fn a_kit_holds_both_secrets_whatever_people_are_called() {
        let (keys, recovery, text) = kit();
        let again = Kit::read(&text).unwrap();
        assert_eq!(again.keys.public(), keys.public());
        assert_eq!(again.keys.sign(b"x"), keys.sign(b"x"));
        assert_eq!(again.recovery.unwrap().public().unwrap(), recovery.public().unwrap());
    }

    #[test]
    fn a_recovery_secret_follows_from_nothing_that_a_session_holds() {
        let keys = MemberKeys::generate().unwrap();
        let (one, two) = (RecoverySecret::generate().unwrap(), RecoverySecret::generate().unwrap());
        let texts = [&one, &two].map(|recovery| Kit::text(&keys, recovery, "Anna", "home").unwrap());
        assert_ne!(one.public().unwrap(), two.public().unwrap());
        let [first, second] = texts.map(|text| Kit::read(&text).unwrap());
        assert_eq!(first.keys.public(), second.keys.public(), "and the kits' identity is one");
    }

    #[test]
    fn any_letter_that_is_misread_is_found() {
        let (.., text) = kit();
        let line = text.lines().find_map(|line| line.strip_prefix(LINE)).unwrap().trim();
        assert_eq!(line.len(), "PORCHLIGHT-RECOVERY-".len() + 1 + 32);
        for at in 0..line.len() {
            for other in ["Q", "L", "7", "2"] {
                let mut misread = line.to_owned();
                misread.replace_range(at..=at, other);
                if misread != line {
                    let misread = text.replace(line, &misread);
                    assert!(matches!(Kit::read(&misread), Err(Error::NotARecoverySecret)), "{at} as {other}");
                }
            }
        }
        let twice = text.replace(line, &format!("{line}\n{LINE} {line}"));
        let cut = text.replace(line, &line[..line.len() - 1]);
        let swapped = text.replace(line, &line.to_lowercase());
        for wrong in [twice, cut, swapped, text.replace(line, "")] {
            assert!(matches!(Kit::read(&wrong), Err(Error::NotARecoverySecret)), "{wrong}");
        }
    }

    #[test]
    fn a_kit_of_before_opens_exports_and_holds_no_recovery_secret() {
        let (keys, .., text) = kit();
        let before: String =
            text.lines().filter(|line| !line.starts_with(LINE)).flat_map(|line| [line, "\n"]).collect();
        let kit = Kit::read(&before).unwrap();
        assert!(kit.recovery.is_none() && kit.keys.public() == keys.public());
    }

    #[test]
    fn what_is_no_kit_is_refused() {
        let line = MemberKeys::generate().unwrap().identity.to_string();
        let line = line.expose_secret();
        for text in ["", "# only words", "AGE-SECRET-KEY-1NOPE", &format!("{line}\n{line}")] {
            assert!(matches!(Kit::read(text), Err(Error::NotAnIdentity)), "{text:?}");
        }
    }

    #[test]
    fn the_age_tool_takes_the_kit() {
        if Command::new("age").arg("--version").output().is_err() {
            eprintln!("skipped: the age tool is not installed");
            return;
        }
        let (keys, _, text) = kit();
        let folder = tempfile::tempdir().unwrap();
        let (kit, file) = (folder.path().join("kit.txt"), folder.path().join("recording.age"));
        std::fs::write(&kit, text).unwrap();
        std::fs::write(&file, age::encrypt(&keys.identity.to_public(), b"hello").unwrap()).unwrap();
        let run =
            Command::new("age").arg("-d").arg("-i").arg(&kit).arg(&file).stderr(Stdio::inherit()).output();
        assert_eq!(run.unwrap().stdout, b"hello");
    }
}
