//! The first entry of a tree that takes over from an older one.

use serde::{Deserialize, Serialize};

use crate::{Checkpoint, Error, entry_json};

/// The first entry of every tree but the first: it commits to the newest checkpoint of the tree that came
/// before, and says how much of the older trees was still there.
///
/// As bytes: `{"v":2,"kind":"continued","checkpoint":"SIGNED CHECKPOINT","held":"CHECKPOINT TEXT","because":"damage"}`, without
/// `held` when nothing was there. Version 1 does not say why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Continuation {
    /// The pinned checkpoint: the whole signed note.
    pub checkpoint: String,
    /// What the store still held of the newest tree in it, not signed: it may contradict what was signed
    /// before.
    pub held: Option<Checkpoint>,
    /// Why that tree could not go on; none where an earlier release wrote this.
    pub because: Option<Because>,
}

/// Why a tree could not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Because {
    /// The store lacks entries that the pinned checkpoint covers, and nothing in it says that they were ever there: an older copy
    /// of it was put back.
    OlderCopy,
    /// Entries were there and are damaged, or gone, and their hashes with them.
    Damage,
    /// The newest checkpoint is lost, so nobody could tell whether the store still has what it covered.
    CheckpointLost,
}

impl Because {
    fn word(self) -> &'static str {
        match self {
            Because::OlderCopy => "older-copy",
            Because::Damage => "damage",
            Because::CheckpointLost => "checkpoint-lost",
        }
    }
}

impl Continuation {
    /// The bytes of the entry.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.form().to_bytes()
    }

    /// Reads such an entry.
    ///
    /// # Errors
    ///
    /// [`Error::Entry`] when the bytes are not exactly such an entry; [`Error::Newer`] when a newer release
    /// wrote it.
    pub fn from_bytes(bytes: &[u8]) -> Result<Continuation, Error> {
        let form = entry_json::read(bytes, "the first entry", VERSION, Form::to_bytes)?;
        if form.kind != KIND {
            return Err(Error::Entry("it is of another kind"));
        }
        let held: Option<Checkpoint> = form.held.as_deref().map(str::parse).transpose()?;
        // A checkpoint may carry extension lines, which are passed over when it is read: here they would be a second
        // spelling of the same entry.
        if held.as_ref().map(Checkpoint::to_string) != form.held {
            return Err(Error::Entry("the checkpoint that it held has more than three lines"));
        }
        let read = Continuation { checkpoint: form.checkpoint, held, because: form.because };
        if read.version() != form.v {
            return Err(Error::Entry("it is of another version than it says"));
        }
        Ok(read)
    }

    fn version(&self) -> u64 {
        if self.because.is_some() { VERSION } else { entry_json::VERSION }
    }

    fn form(&self) -> Form {
        Form {
            v: self.version(),
            kind: KIND.to_owned(),
            checkpoint: self.checkpoint.clone(),
            held: self.held.as_ref().map(Checkpoint::to_string),
            because: self.because,
        }
    }
}

/// The version that says why.
const VERSION: u64 = 2;
const KIND: &str = "continued";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    v: u64,
    kind: String,
    checkpoint: String,
    held: Option<String>,
    because: Option<Because>,
}

impl Form {
    fn to_bytes(&self) -> Vec<u8> {
        use entry_json::quoted;
        let (v, kind, checkpoint) = (self.v, quoted(&self.kind), quoted(&self.checkpoint));
        let held =
            self.held.as_deref().map(|text| format!(r#","held":{}"#, quoted(text))).unwrap_or_default();
        let because =
            self.because.map(|because| format!(r#","because":"{}""#, because.word())).unwrap_or_default();
        format!(r#"{{"v":{v},"kind":{kind},"checkpoint":{checkpoint}{held}{because}}}"#).into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Hash;

    #[test]
    fn bytes_and_back() {
        let held = Checkpoint { origin: "log".into(), size: 3, root: Hash::leaf(b"x") };
        for held in [None, Some(held)] {
            let all = [Because::OlderCopy, Because::Damage, Because::CheckpointLost].map(Some);
            for because in all.into_iter().chain([None]) {
                let checkpoint = "log\n5\n\"é\"\n".into();
                let continuation = Continuation { checkpoint, held: held.clone(), because };
                assert_eq!(Continuation::from_bytes(&continuation.to_bytes()).unwrap(), continuation);
            }
        }
    }

    #[test]
    fn other_bytes_are_refused() {
        for bytes in [
            "",
            "{}",
            r#"{"v":1,"kind":"continued"}"#,
            r#"{"v":1,"kind":"else","checkpoint":"c"}"#,
            r#"{"v":0,"kind":"continued","checkpoint":"c"}"#,
            r#"{"v":1, "kind":"continued","checkpoint":"c"}"#,
            r#"{"v":1,"kind":"continued","checkpoint":"c","held":null}"#,
            r#"{"v":1,"kind":"continued","checkpoint":"c","more":1}"#,
            r#"{"v":1,"kind":"continued","checkpoint":"c","because":"damage"}"#,
            r#"{"v":2,"kind":"continued","checkpoint":"c"}"#,
            r#"{"v":2,"kind":"continued","checkpoint":"c","because":"else"}"#,
        ] {
            assert!(matches!(Continuation::from_bytes(bytes.as_bytes()), Err(Error::Entry(_))), "{bytes}");
        }
        let held = Checkpoint { origin: "log".into(), size: 3, root: Hash::leaf(b"x") };
        let entry = Continuation { checkpoint: "c".into(), held: Some(held), because: None }.to_bytes();
        let extended = String::from_utf8(entry).unwrap().replace("\\n\"}", "\\nan extension\\n\"}");
        assert!(matches!(Continuation::from_bytes(extended.as_bytes()), Err(Error::Entry(_))), "{extended}");
        let newer = br#"{"v":3,"anything":"else"}"#;
        assert!(matches!(Continuation::from_bytes(newer), Err(Error::Newer { found: 3, known: 2, .. })));
    }
}
