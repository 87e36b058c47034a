//! Passphrases that are easily guessed are refused, with what would be better.

use zxcvbn::{Score, zxcvbn};

use super::Error;

/// The longest passphrase that is taken, in bytes. Nobody types more, and stretching more helps nobody.
const LONGEST_PASSPHRASE: usize = 1024;

/// Refuses a passphrase that could be guessed in less than about 10^8 tries (a zxcvbn score under 3). `known_words` are
/// what everybody knows about the household: [`Household::known_words`](crate::Household::known_words).
///
/// # Errors
/// [`Error::WeakPassphrase`], which says what to do better and never repeats the passphrase.
pub fn check(passphrase: &str, known_words: &[&str]) -> Result<(), Error> {
    if passphrase.len() > LONGEST_PASSPHRASE {
        return Err(Error::WeakPassphrase(format!(
            "At most {LONGEST_PASSPHRASE} bytes are taken: choose a shorter one."
        )));
    }
    // "Maple Street 5" is guessed word by word too.
    let parts = known_words.iter().flat_map(|words| words.split_whitespace());
    let known: Vec<&str> = known_words.iter().copied().chain(parts).chain(["porchlight"]).collect();
    let estimate = zxcvbn(passphrase, &known);
    if estimate.score() >= Score::Three {
        return Ok(());
    }
    let mut advice: Vec<String> = Vec::new();
    if let Some(feedback) = estimate.feedback() {
        advice.extend(feedback.warning().map(|warning| warning.to_string()));
        advice.extend(feedback.suggestions().iter().map(ToString::to_string));
    }
    if advice.is_empty() {
        advice.push("Use four or more uncommon words that do not belong together.".to_owned());
    }
    Err(Error::WeakPassphrase(advice.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_easily_guessed_is_refused_with_advice() {
        for weak in ["", "password", "qwertyuiop", "Summer2026!", "letmein123", "anna"] {
            let Err(Error::WeakPassphrase(advice)) = check(weak, &[]) else { panic!("{weak:?} was taken") };
            assert!(advice.ends_with('.'), "{advice}");
        }
        assert!(!check("Summer2026!", &[]).unwrap_err().to_string().contains("Summer2026!"));
        assert!(check(&"tin lamp ".repeat(200), &[]).is_err());
    }

    #[test]
    fn a_few_words_that_do_not_belong_together_are_good() {
        assert_eq!(check("walnut ferry compass drizzle", &[]), Ok(()));
    }

    #[test]
    fn what_everybody_knows_about_the_household_counts_for_nothing() {
        let passphrase = "Xanthippe Quillfeather";
        assert_eq!(check(passphrase, &[]), Ok(()));
        assert!(check(passphrase, &["Xanthippe Quillfeather"]).is_err());
    }
}
