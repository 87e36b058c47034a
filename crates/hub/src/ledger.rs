//! What the hub writes into the ledger, and who may read the details.

use jiff::Timestamp;
use porchlight_household::{
    self as household, Capture, Change, CircleName, Household, Kind, PersonId, Speaker,
};
use porchlight_vault::{Audience, Line, OwedLine, Readers};
use serde_json::Value;

use crate::error::ApiError;
use crate::hub::Hub;

/// What a line of the ledger tells of. Each is told in words: by the app (`web/src/ledger/story.ts`) and by the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// Somebody looked. The vault writes this one itself, and so the next three.
    Look,
    /// Something was forgotten.
    Deletion,
    /// Something is held back from being forgotten.
    Hold,
    /// That ended.
    Release,
    /// Somebody signed in.
    SignIn,
    /// Tries to sign in failed.
    FailedSignIn,
    /// A session was ended.
    SignOut,
    /// Somebody has another passphrase.
    Passphrase,
    /// Somebody has a passkey more.
    PasskeyAdded,
    /// Somebody has a passkey less.
    PasskeyRemoved,
    /// Somebody has another recovery kit.
    RecoveryKit,
    /// Somebody came back with theirs.
    Recovery,
    /// The household is another.
    Household,
    /// A microphone has another credential.
    DeviceCredential,
    /// The ledger is signed with another key.
    LedgerKey,
    /// The hub's clock was said to be right.
    Clock,
    /// Newer copies of the data folder were let go.
    Copies,
}

impl LineKind {
    /// All of them.
    pub const ALL: [LineKind; 17] = [
        LineKind::Look,
        LineKind::Deletion,
        LineKind::Hold,
        LineKind::Release,
        LineKind::SignIn,
        LineKind::FailedSignIn,
        LineKind::SignOut,
        LineKind::Passphrase,
        LineKind::PasskeyAdded,
        LineKind::PasskeyRemoved,
        LineKind::RecoveryKit,
        LineKind::Recovery,
        LineKind::Household,
        LineKind::DeviceCredential,
        LineKind::LedgerKey,
        LineKind::Clock,
        LineKind::Copies,
    ];

    /// As it stands in the line.
    pub fn word(self) -> &'static str {
        match self {
            LineKind::Look => "look",
            LineKind::Deletion => "deletion",
            LineKind::Hold => "hold",
            LineKind::Release => "release",
            LineKind::SignIn => "sign-in",
            LineKind::FailedSignIn => "failed-sign-in",
            LineKind::SignOut => "sign-out",
            LineKind::Passphrase => "passphrase",
            LineKind::PasskeyAdded => "passkey-added",
            LineKind::PasskeyRemoved => "passkey-removed",
            LineKind::RecoveryKit => "recovery-kit",
            LineKind::Recovery => "recovery",
            LineKind::Household => "household",
            LineKind::DeviceCredential => "device-credential",
            LineKind::LedgerKey => "ledger-key",
            LineKind::Clock => "clock",
            LineKind::Copies => "copies",
        }
    }

    /// The one that stands in a line so; none of one that only a newer hub writes.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// Who may read the detail of a line now, and until when: the adults of the household, for as long as looks are remembered.
pub(crate) fn readers(hub: &Hub) -> Result<Readers, ApiError> {
    readers_with(&hub.home().household, hub.now(), [])
}

/// The same of what somebody did: who did it reads of it too, whatever their age.
pub(crate) fn readers_for(hub: &Hub, by: &PersonId) -> Result<Readers, ApiError> {
    readers_with(&hub.home().household, hub.now(), [by])
}

/// The same of a change of the household as it is about to be: whom it concerns read of it too.
pub(crate) fn readers_of_change<'a>(
    after: &Household,
    changes: impl IntoIterator<Item = &'a Change>,
    by: &'a PersonId,
    now: Timestamp,
) -> Result<Readers, ApiError> {
    readers_with(after, now, changes.into_iter().filter_map(|change| change.person.as_ref()).chain([by]))
}

/// Who may read the detail of what is told of somebody's own alone: whoever may know of it, and the adults where none of those has keys.
pub(crate) fn readers_of_own(
    household: &Household,
    person: &PersonId,
    now: Timestamp,
) -> Result<Readers, ApiError> {
    let Readers { audience, until } = readers_with(household, now, [])?;
    let of = household::Whose::Person(person.clone());
    let viewers = household
        .people
        .iter()
        .filter(|one| household.viewer(&one.id, now).is_ok_and(|viewer| viewer.may_know(&of, Kind::Voice)));
    let keys: Vec<String> = viewers.filter_map(|one| Some(one.keys.as_ref()?.recipient.clone())).collect();
    let audience = if keys.is_empty() { audience } else { Audience::people(keys)? };
    Ok(Readers { audience, until })
}

/// Writes a line; it is durable when this returns. Gives its number.
pub(crate) async fn write(hub: &Hub, kind: LineKind, detail: Value) -> Result<u64, ApiError> {
    Ok(hub.vault.record(line(hub, kind, detail)?).await?)
}

/// A line that the vault writes in one commit with what it tells of. Who did it reads of it too.
pub(crate) fn line(hub: &Hub, kind: LineKind, detail: Value) -> Result<Line, ApiError> {
    let who = detail["who"].as_str().and_then(|id| id.parse::<PersonId>().ok());
    let readers = readers_with(&hub.home().household, hub.now(), who.as_ref())?;
    Ok(Line { kind: kind.word().to_owned(), detail, readers })
}

/// Prepares a line that is still to be told, of somebody who is to read it too: a teen, say.
pub(crate) async fn owed_for(
    hub: &Hub,
    about: &PersonId,
    kind: LineKind,
    detail: Value,
) -> Result<OwedLine, ApiError> {
    let readers = readers_with(&hub.home().household, hub.now(), [about])?;
    Ok(hub.vault.prepare_line(Line { kind: kind.word().to_owned(), detail, readers }).await?)
}

fn readers_with<'a>(
    household: &Household,
    now: Timestamp,
    besides: impl IntoIterator<Item = &'a PersonId>,
) -> Result<Readers, ApiError> {
    let capture = Capture { kind: Kind::Look, speaker: &Speaker::Unknown, device: None, at: now };
    let permit = household
        .permit(&capture)
        .ok_or_else(|| ApiError::broken("the household's rules remember no looks"))?;
    let keys = |id: &PersonId| Some(household.person(id).ok()?.keys.as_ref()?.recipient.clone());
    let audience = match household.circle_audience(&CircleName::Adults, now)? {
        household::Audience::People(mut readers) => {
            for one in besides.into_iter().filter_map(keys) {
                if !readers.contains(&one) {
                    readers.push(one);
                }
            }
            Audience::people(readers)?
        }
        household::Audience::Hub => Audience::hub(),
    };
    let until = match permit.ends() {
        household::Ends::At(at) => at,
        household::Ends::Never => Timestamp::MAX,
    };
    Ok(Readers { audience, until })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_app_has_a_sentence_for_every_kind_of_line_in_both_languages() {
        let app = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/src");
        let read = |file: &str| std::fs::read_to_string(app.join(file)).unwrap();
        let (story, words) = (read("ledger/story.ts"), read("words/ledger.ts"));
        for kind in LineKind::ALL.map(LineKind::word) {
            // Looks in a row are told as one, before what is told one by one.
            assert!(kind == "look" || story.contains(&format!("case '{kind}':")), "nothing tells of {kind}");
            let entries = [format!("      '{kind}': '"), format!("      {kind}: '")];
            let worded = words.lines().filter(|line| entries.iter().any(|entry| line.starts_with(entry)));
            assert_eq!(
                worded.count(),
                2,
                "{kind} needs a sentence for those to whom it is sealed, in each language"
            );
        }
    }

    #[test]
    fn the_app_has_words_for_everything_that_a_change_of_the_household_changes_in_both_languages() {
        let words = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/src/words/changes.ts");
        let words = std::fs::read_to_string(words).unwrap();
        // What is said of others; beside it stands, for some of it, what is said to oneself.
        let tables: Vec<&str> =
            words.split("    what: {\n").skip(1).filter_map(|rest| rest.split("    }").next()).collect();
        for kind in household::ChangeKind::ALL {
            // One sentence has the words for both: how long something is kept.
            if matches!(kind, household::ChangeKind::KeptLonger | household::ChangeKind::KeptShorter) {
                continue;
            }
            let word = serde_json::to_value(kind).unwrap();
            let word = word.as_str().unwrap();
            let starts = [format!("      '{word}': ("), format!("      {word}: (")];
            let is_worded =
                |table: &&str| table.lines().any(|line| starts.iter().any(|start| line.starts_with(start)));
            assert_eq!(
                tables.iter().filter(|table| is_worded(table)).count(),
                2,
                "{word} needs words in each language"
            );
        }
    }

    #[test]
    fn what_the_vault_writes_itself_is_among_the_kinds() {
        let vault = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vault/src/verbs");
        for file in ["look.rs", "forget.rs", "hold.rs"] {
            let source = std::fs::read_to_string(vault.join(file)).unwrap();
            for given in source.split("prepare_line(\"").skip(1) {
                let word = given.split('"').next().unwrap_or_default();
                assert!(LineKind::of(word).is_some(), "{word}");
            }
        }
        for kind in [LineKind::Look, LineKind::Deletion, LineKind::Hold, LineKind::Release] {
            assert_eq!(LineKind::of(kind.word()), Some(kind));
        }
        assert_eq!(LineKind::of("of a newer hub"), None);
    }
}
