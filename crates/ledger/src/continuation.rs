//! The first entry of a tree that takes over from an older one.

use serde::Deserialize;

use crate::{Checkpoint, Error, entry_json};

/// The first entry of every tree but the first: it commits to the newest checkpoint of the tree that came
/// before, and says how much of the older trees was still there.
///
/// As bytes: `{"v":1,"kind":"continued","checkpoint":"SIGNED CHECKPOINT","held":"CHECKPOINT TEXT"}`, without
/// `held` when nothing was there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Continuation {
    /// The pinned checkpoint: the whole signed note.
    pub checkpoint: String,
    /// What the store still held of the newest tree in it, not signed: it may contradict what was signed
    /// before.
    pub held: Option<Checkpoint>,
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
        let form = entry_json::read(bytes, "the first entry", Form::to_bytes)?;
        if form.kind != KIND {
            return Err(Error::Entry("it is of another kind"));
        }
        let held: Option<Checkpoint> = form.held.as_deref().map(str::parse).transpose()?;
        // A checkpoint may carry extension lines, which are passed over when it is read: here they would be a second
        // spelling of the same entry.
        if held.as_ref().map(Checkpoint::to_string) != form.held {
            return Err(Error::Entry("the checkpoint that it held has more than three lines"));
        }
        Ok(Continuation { checkpoint: form.checkpoint, held })
    }

    fn form(&self) -> Form {
        Form {
            v: entry_json::VERSION,
            kind: KIND.to_owned(),
            checkpoint: self.checkpoint.clone(),
            held: self.held.as_ref().map(Checkpoint::to_string),
        }
    }
}

const KIND: &str = "continued";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    v: u64,
    kind: String,
    checkpoint: String,
    held: Option<String>,
}

impl Form {
    fn to_bytes(&self) -> Vec<u8> {
        use entry_json::quoted;
        let (v, kind, checkpoint) = (self.v, quoted(&self.kind), quoted(&self.checkpoint));
        let held =
            self.held.as_deref().map(|text| format!(r#","held":{}"#, quoted(text))).unwrap_or_default();
        format!(r#"{{"v":{v},"kind":{kind},"checkpoint":{checkpoint}{held}}}"#).into_bytes()
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
            let continuation = Continuation { checkpoint: "log\n5\n\"é\"\n".into(), held };
            assert_eq!(Continuation::from_bytes(&continuation.to_bytes()).unwrap(), continuation);
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
        ] {
            assert!(matches!(Continuation::from_bytes(bytes.as_bytes()), Err(Error::Entry(_))), "{bytes}");
        }
        let held = Checkpoint { origin: "log".into(), size: 3, root: Hash::leaf(b"x") };
        let entry = Continuation { checkpoint: "c".into(), held: Some(held) }.to_bytes();
        let extended = String::from_utf8(entry).unwrap().replace("\\n\"}", "\\nan extension\\n\"}");
        assert!(matches!(Continuation::from_bytes(extended.as_bytes()), Err(Error::Entry(_))), "{extended}");
        let newer = br#"{"v":2,"anything":"else"}"#;
        assert!(matches!(Continuation::from_bytes(newer), Err(Error::Newer { found: 2, .. })));
    }
}
