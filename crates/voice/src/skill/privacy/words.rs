//! What is said of privacy when it was switched, or was not.

use crate::skill::say;

/// What became of a request for privacy, or for its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrivacyAnswer {
    /// Whoever asked is not known to be an adult of the household.
    Refused,
    /// It is as they asked.
    Done {
        /// Whether it is on.
        on: bool,
        /// The cameras that were switched, by name.
        switched: Vec<String>,
        /// Those that were that way already.
        already: Vec<String>,
    },
}

/// Says it.
#[must_use]
pub fn privacy_answered(answer: &PrivacyAnswer) -> String {
    match answer {
        PrivacyAnswer::Refused => "A voice alone does not stop security video, nor start it again. An adult can say it to their own phone, or do it in the app.".to_owned(),
        PrivacyAnswer::Done { on, switched, already } if switched.is_empty() => {
            format!("Privacy was {} already for {}.", state(*on), say::list(already))
        }
        PrivacyAnswer::Done { on: true, switched, .. } => {
            let it = if switched.len() == 1 { "it" } else { "them" };
            format!(
                "Privacy is on for {}. I see, hear and record nothing of {it} until you switch privacy off.",
                say::list(switched)
            )
        }
        PrivacyAnswer::Done { on: false, switched, .. } => {
            let (it, answers) = if switched.len() == 1 { ("It", "answers") } else { ("They", "answer") };
            let how = "and recorded where that was agreed to";
            format!(
                "Privacy is off for {}. {it} will be watched again as soon as {} {answers}, {how}.",
                say::list(switched),
                it.to_lowercase()
            )
        }
    }
}

fn state(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}
