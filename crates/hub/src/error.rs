//! What can be wrong, and how it is said: to whoever starts a hub, and to whoever asks it something.

use std::path::PathBuf;

use porchlight_household::sign_in::Error as SignInError;
use porchlight_household::text::{code_of, hidden_in};
use porchlight_protocol::Message;
use porchlight_vault as vault;
use porchlight_voice::wav::WavError;
use tracing::error;

use crate::messages::Coded;

/// Why a hub cannot start or a household cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HubError {
    /// The vault does not open.
    #[error(transparent)]
    Vault(#[from] vault::Error),
    /// The household document is not one, or what was asked of it cannot be.
    #[error(transparent)]
    Household(#[from] porchlight_household::Error),
    /// What says how the hub is to be served is not what the hub wrote.
    #[error(
        "settings.toml in {} is not as the hub wrote it, so nothing that it says is done: it could name other models, or let others in. Say once \
         yourself what the hub is to do, and it is remembered anew: porchlight serve --data {} --defaults, and whatever else is to be \
         (--listen, --phones, --strongbox, --models)", .0.display(), .0.display()
    )]
    ForeignSettings(PathBuf),
    /// A path that was named from the working directory leads nowhere, for that is gone.
    #[error("the folder in which the hub was started is gone ({0}); start it elsewhere, or name whole paths")]
    NoPlace(std::io::Error),
    /// An account or the sign-in secret cannot be read.
    #[error(transparent)]
    SignIn(#[from] porchlight_household::sign_in::Error),
    /// Sessions cannot be read.
    #[error(
        "the hub's own database cannot be used ({0}); check that the disk is not full and hub.sqlite is readable"
    )]
    Store(#[from] sqlx::Error),
    /// The strongbox holds no household document.
    #[error(
        "the strongbox holds no household: `porchlight init` was cut off. Remove the data folder and the strongbox, and run it again"
    )]
    NoHousehold,
    /// Something under the strongbox's root cannot be read.
    #[error("{0} cannot be read; the strongbox is damaged, or of a newer release")]
    Damaged(&'static str),
    /// The passphrase is too weak, or the household cannot be made for another reason given in words.
    #[error("{0}")]
    Refused(String),
    /// The system gives no thread to read the cameras on.
    #[error("cannot start the thread that reads the cameras ({0}); raise the limit on threads or open files")]
    NoThread(#[source] std::io::Error),
    /// The system gives no randomness.
    #[error("the system gives no randomness ({0}); nothing can be sealed without it")]
    Randomness(#[from] getrandom::Error),
}

impl HubError {
    /// A stable word for programs; empty where there is none.
    pub fn code(&self) -> String {
        self.message().code
    }
}

impl Coded for HubError {
    fn message(&self) -> Message {
        match self {
            HubError::Vault(error) => error.message(),
            HubError::Household(error) => error.message(),
            _ => self.to_string().into(),
        }
    }
}

/// What is said where the hub itself failed.
const BROKEN: &str =
    "the hub failed at this, and its log says how; try it again, and look at `porchlight doctor`";

/// What kind of refusal it is. Whoever answers for the hub (over HTTP, say) decides by the kind alone what that is called there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// What was sent makes no sense.
    Invalid,
    /// What was sent is not of the kind that it is said to be.
    Unreadable,
    /// Nobody is signed in, or what was given proves nothing.
    Unproved,
    /// It is known who asks, and they have to prove it again.
    ProveAgain,
    /// It is known who asks, and they may not.
    NotAllowed,
    /// There is no such thing, or not for whoever asks.
    NotFound,
    /// Something else happened first, or stands against it.
    Conflict,
    /// Too much was asked at once, or too often.
    TooMany,
    /// Something the hub needs is not there; the rest goes on.
    Unavailable,
    /// The hub itself failed.
    Broken,
}

/// Why something is refused: a kind, a stable code for programs, and what is said to people.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    code: &'static str,
    message: Message,
}

impl Error {
    /// A message without a code of its own is known by this one.
    pub fn new(kind: ErrorKind, code: &'static str, message: impl Into<Message>) -> Error {
        let mut message = message.into();
        if message.code.is_empty() {
            code.clone_into(&mut message.code);
        }
        Error { kind, code, message }
    }

    /// What kind of refusal it is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The stable code for programs. The message may have a finer one.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// What is said.
    pub fn message(&self) -> &Message {
        &self.message
    }

    /// The same as a message: why something was not done.
    pub fn into_message(self) -> Message {
        self.message
    }

    /// What was sent makes no sense; the sentence says what would.
    pub fn bad(said: impl Into<Message>) -> Error {
        Error::new(ErrorKind::Invalid, "bad-request", said)
    }

    /// Refuses what people write that holds a character which nobody sees.
    pub fn refuse_hidden(text: &str) -> Result<(), Error> {
        let Some(hidden) = hidden_in(text) else { return Ok(()) };
        let character = code_of(hidden);
        let text = format!(
            "it holds the character {character}, which nobody sees and which can make it look like something else; type it anew"
        );
        Err(Error::bad(Message::new("name-hides", text).with("character", character)))
    }

    /// Nobody is signed in, or not any more.
    pub fn signed_out() -> Error {
        Error::new(
            ErrorKind::Unproved,
            "signed-out",
            "this session is over, or there was none; sign in again",
        )
    }

    /// Somebody's session is over, for a reason that they are told.
    pub fn session_over(said: Message) -> Error {
        Error::new(ErrorKind::Unproved, "signed-out", said)
    }

    /// The session is of somebody who left the household.
    pub fn no_longer_here() -> Error {
        let text =
            "you are no longer part of this household, so this session is over and nobody signs in with it";
        Error::session_over(Message::new("no-longer-here", text))
    }

    /// Whether what was asked for is not there, or not known to whoever asks.
    pub(crate) fn is_not_found(&self) -> bool {
        self.kind == ErrorKind::NotFound
    }

    /// Whether what was asked for is hidden by a deletion that is not finished.
    pub(crate) fn is_unfinished(&self) -> bool {
        self.message.code == "not-forgotten"
    }

    /// Signed in, but too long ago for what cannot be undone.
    pub fn step_up() -> Error {
        Error::new(
            ErrorKind::ProveAgain,
            "step-up",
            "for this you must have proved within the last 15 minutes that it is you; prove it again",
        )
    }

    /// Signed in, and what is asked for takes a proof that is made for it and comes with it.
    pub(crate) fn prove_now() -> Error {
        Error::new(
            ErrorKind::ProveAgain,
            "proof",
            "this takes a proof of who you are that is made for it alone; prove it, and do it again",
        )
    }

    /// An account of an earlier release, which takes no change before its member has a kit that lets them back in.
    pub fn old_kit() -> Error {
        Error::new(
            ErrorKind::Conflict,
            "old-kit",
            "your recovery kit is of an earlier release and lets you back in no longer; make a new one first, on your account page or \
             with `porchlight account new-kit`",
        )
    }

    /// Signed in, but not allowed.
    pub fn not_yours(said: impl Into<Message>) -> Error {
        Error::new(ErrorKind::NotAllowed, "not-yours", said)
    }

    /// Too much was asked at once, or too often.
    pub fn too_many(said: impl Into<Message>) -> Error {
        Error::new(ErrorKind::TooMany, "too-many", said)
    }

    /// There is no such thing.
    pub fn not_found(said: impl Into<Message>) -> Error {
        Error::new(ErrorKind::NotFound, "not-found", said)
    }

    /// Something the hub needs is not there; the rest goes on.
    pub(crate) fn unavailable(said: impl Into<Message>) -> Error {
        Error::new(ErrorKind::Unavailable, "unavailable", said)
    }

    /// The hub itself failed. Why is for its log: what a database or a library says is no answer to anybody.
    pub fn broken(error: impl std::fmt::Display) -> Error {
        error!(target: "porchlight", "a request failed: {error}");
        Error::new(ErrorKind::Broken, "hub-failed", BROKEN)
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message.text)
    }
}

impl From<vault::Error> for Error {
    fn from(error: vault::Error) -> Error {
        let said = error.message();
        match error {
            vault::Error::BadInput(_)
            | vault::Error::Detail(_)
            | vault::Error::HoldPast(_)
            | vault::Error::HoldTooLong { .. } => Error::bad(said),
            vault::Error::Unknown(_) => Error::not_found(said),
            vault::Error::SourceGone(_) | vault::Error::NoPlan | vault::Error::HouseholdVersion { .. } => {
                Error::new(ErrorKind::Conflict, "conflict", said)
            }
            vault::Error::Held { .. } => Error::new(ErrorKind::Conflict, "held", said),
            vault::Error::NoHold => Error::not_found(said),
            vault::Error::Ledger(vault::ledger::Error::Damaged { .. }) => {
                Error::new(ErrorKind::Conflict, "line-damaged", said)
            }
            _ => {
                error!(target: "porchlight", "a request failed: {error}");
                Error::new(ErrorKind::Broken, "hub-failed", said)
            }
        }
    }
}

impl From<porchlight_household::Error> for Error {
    fn from(error: porchlight_household::Error) -> Error {
        let said = error.message();
        match error {
            // Somebody else changed it meanwhile: clients make their change anew on what they left.
            porchlight_household::Error::NotNext { .. } => Error::new(ErrorKind::Conflict, "conflict", said),
            porchlight_household::Error::NotAllowed { .. } => Error::not_yours(said),
            _ => Error::bad(said),
        }
    }
}

/// What is wrong with what a member sent of how they sign in.
impl From<SignInError> for Error {
    fn from(error: SignInError) -> Error {
        Error::bad(error.message())
    }
}

impl From<WavError> for Error {
    fn from(error: WavError) -> Error {
        Error::new(ErrorKind::Unreadable, "bad-wav", error.to_string())
    }
}

/// SQLite's word for a full disk.
const SQLITE_FULL: &str = "13";

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Error {
        let code = error.as_database_error().and_then(|error| error.code());
        if code.as_deref() == Some(SQLITE_FULL) {
            let text = "the disk of the data folder is full, so nothing new is noted: forget what nobody needs, or give it more room";
            let said = Message::new("data-disk-full", text);
            return Error::new(ErrorKind::Broken, "hub-failed", said);
        }
        if vault::is_damaged(&error) {
            error!(target: "porchlight", "a request failed: the hub's own database is damaged: {error}");
            let text = "the hub's own database, hub.sqlite in the data folder, is damaged: restart the hub, which sets aside what is damaged and \
                        begins it anew. Recordings are not touched";
            let said = Message::new("database-damaged", text);
            return Error::new(ErrorKind::Broken, "hub-failed", said);
        }
        if vault::is_of_disk(&error) {
            error!(target: "porchlight", "a request failed: the hub's own database cannot be used: {error}");
            let said = vault::FailedDisk::Data.message();
            return Error::new(ErrorKind::Broken, "hub-failed", said);
        }
        Error::broken(format!("the hub's own database cannot be used: {error}"))
    }
}

impl From<tokio::task::JoinError> for Error {
    fn from(error: tokio::task::JoinError) -> Error {
        Error::broken(format!("a part of the hub stopped: {error}"))
    }
}

impl From<getrandom::Error> for Error {
    fn from(error: getrandom::Error) -> Error {
        Error::broken(error)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Error as IoError;

    use super::*;

    /// Whatever a request was at when a disk failed, it is said whose disk it is and what to do.
    #[test]
    fn a_disk_that_fails_is_named_whatever_it_was_at() {
        let broken = || IoError::other("Input/output error (os error 5)");
        let of_the_ledger = vault::ledger::Error::Store { doing: "write to the ledger", source: broken() };
        let cases = [
            (Error::from(sqlx::Error::Io(broken())), "the disk of the data folder"),
            (sqlx::Error::PoolTimedOut.into(), "the disk of the data folder"),
            (vault::Error::Catalog(sqlx::Error::Io(broken())).into(), "the disk of the data folder"),
            (vault::Error::Ledger(of_the_ledger).into(), "the disk of the data folder"),
            (
                vault::Error::Io { doing: "write", path: "/mnt/box/checkpoint".into(), source: broken() }
                    .into(),
                "the disk of /mnt/box/checkpoint",
            ),
        ];
        for (said, disk) in cases {
            let said = said.into_message();
            assert!(said.text.starts_with(disk) && said.text.contains("Check that disk"), "{}", said.text);
            assert!(said.code.starts_with("disk-failed") && !said.text.contains("os error"), "{}", said.text);
        }
        // What is no fault of a disk blames none.
        let said = Error::from(sqlx::Error::RowNotFound).into_message();
        assert_eq!((said.code.as_str(), said.text.as_str()), ("hub-failed", BROKEN));
    }
}
