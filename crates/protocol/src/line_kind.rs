//! The kinds of lines in the ledger.

/// What a line of the ledger tells of. Each is told in words: by the app (`web/src/ledger/story.ts`) and by the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// Somebody looked. The vault writes this one itself, and so those of deletions and holds.
    Look,
    /// Somebody began to watch a camera live.
    Live,
    /// They watch it no more.
    LiveEnd,
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
    /// The phones of the home were let in.
    Phones,
    /// Privacy of cameras was switched on or off.
    Privacy,
    /// Somebody tried a camera before it was added, and saw a picture of it.
    CameraTried,
}

impl LineKind {
    /// All of them.
    pub const ALL: [LineKind; 22] = [
        LineKind::Look,
        LineKind::Live,
        LineKind::LiveEnd,
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
        LineKind::Phones,
        LineKind::Privacy,
        LineKind::CameraTried,
    ];

    /// As it stands in the line.
    pub fn word(self) -> &'static str {
        match self {
            LineKind::Look => "look",
            LineKind::Live => "live",
            LineKind::LiveEnd => "live-end",
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
            LineKind::Phones => "phones",
            LineKind::Privacy => "privacy",
            LineKind::CameraTried => "camera-tried",
        }
    }

    /// The one that stands in a line so; none of one that only a newer hub writes.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
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
        // What is told of a line that is sealed to others, in each language.
        let tables: Vec<&str> =
            words.split("    hollow: {\n").skip(1).filter_map(|rest| rest.split("    }").next()).collect();
        for kind in LineKind::ALL.map(LineKind::word) {
            // Looks in a row are told as one, and a live picture with its end, before what is told one by one.
            assert!(
                ["look", "live", "live-end"].contains(&kind) || story.contains(&format!("case '{kind}':")),
                "nothing tells of {kind}"
            );
            let entries = [format!("      '{kind}': '"), format!("      {kind}: '")];
            let lines = tables.iter().flat_map(|table| table.lines());
            let worded = lines.filter(|line| entries.iter().any(|entry| line.starts_with(entry)));
            assert_eq!(
                worded.count(),
                2,
                "{kind} needs a sentence for those to whom it is sealed, in each language"
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
