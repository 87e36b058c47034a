//! Tries to sign in that failed, in words.

use porchlight_protocol::{FailedTries, TriedAt};

use crate::output::{count, time};

/// How many, as whom, at what, from where and when.
pub(super) fn words(who: &str, failed: &FailedTries) -> String {
    let FailedTries { at, home, elsewhere, from, until } = failed;
    let tries =
        count(u64::from(*home).saturating_add((*elsewhere).into()) as usize, "try").replace("trys", "tries");
    let place = match (home, elsewhere) {
        (_, 0) => "from the network at home".to_owned(),
        (0, _) => "from elsewhere".to_owned(),
        _ => format!("{home} from the network at home, {elsewhere} from elsewhere"),
    };
    let told =
        format!("{tries} to sign in as {who} failed between {} and {}, {place}", time(*from), time(*until));
    match at {
        TriedAt::Passphrase => format!("{told}; nobody got in by them."),
        TriedAt::SecondFactor => {
            format!(
                "{told}: the passphrase was right, and the second factor was not. Unless it was {who}, change the passphrase now."
            )
        }
    }
}
