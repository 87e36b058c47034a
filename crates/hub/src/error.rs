//! What can be wrong, and how it is said: to whoever starts a hub, and to whoever asks it something.

use std::net::SocketAddr;
use std::path::PathBuf;

use axum::Json;
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse, Response};
use porchlight_household::sign_in::Error as SignInError;
use porchlight_household::text::{code_of, hidden_in};
use porchlight_vault as vault;
use porchlight_voice::wav::WavError;
use tracing::error;

use crate::api::types::{Problem, Sentence};
use crate::https::HttpsError;

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
    /// An account or the sign-in secret cannot be read.
    #[error(transparent)]
    SignIn(#[from] porchlight_household::sign_in::Error),
    /// Sessions cannot be read.
    #[error(
        "the hub's own database cannot be used ({0}); check that the disk is not full and hub.sqlite is readable"
    )]
    Store(#[from] sqlx::Error),
    /// The address is taken or not ours.
    #[error(
        "cannot listen on {address} ({source}); is another hub running there? choose another with --listen"
    )]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// A network cannot be served encrypted, so it is not served.
    #[error("cannot serve a network: {0}")]
    Https(#[from] HttpsError),
    /// The authority's certificate cannot be put where computers of the household find it.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
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

/// What is said where the hub itself failed.
const BROKEN: &str =
    "the hub failed at this, and its log says how; try it again, and look at `porchlight doctor`";

/// Why a request is refused: a status, a stable word for programs, and a sentence for people.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    word: &'static str,
    said: Sentence,
}

impl ApiError {
    /// A sentence without a code of its own is known by the word.
    pub(crate) fn new(status: StatusCode, word: &'static str, said: impl Into<Sentence>) -> ApiError {
        let mut said = said.into();
        if said.code.is_empty() {
            word.clone_into(&mut said.code);
        }
        ApiError { status, word, said }
    }

    /// The same as a sentence: why something was not done.
    pub(crate) fn into_sentence(self) -> Sentence {
        self.said
    }

    /// Which sentence it says.
    #[cfg(test)]
    pub(crate) fn code(&self) -> &str {
        &self.said.code
    }

    /// What was sent makes no sense; the sentence says what would.
    pub(crate) fn bad(said: impl Into<Sentence>) -> ApiError {
        ApiError::new(StatusCode::BAD_REQUEST, "bad-request", said)
    }

    /// Refuses what people write that holds a character which nobody sees.
    pub(crate) fn refuse_hidden(text: &str) -> Result<(), ApiError> {
        let Some(hidden) = hidden_in(text) else { return Ok(()) };
        let character = code_of(hidden);
        let text = format!(
            "it holds the character {character}, which nobody sees and which can make it look like something else; type it anew"
        );
        Err(ApiError::bad(Sentence::new("name-hides", text).with("character", character)))
    }

    /// Nobody is signed in, or not any more.
    pub(crate) fn signed_out() -> ApiError {
        ApiError::new(
            StatusCode::UNAUTHORIZED,
            "signed-out",
            "this session is over, or there was none; sign in again",
        )
    }

    /// Somebody's session is over, for a reason that they are told.
    pub(crate) fn session_over(said: Sentence) -> ApiError {
        ApiError::new(StatusCode::UNAUTHORIZED, "signed-out", said)
    }

    /// The session is of somebody who left the household.
    pub(crate) fn no_longer_here() -> ApiError {
        let text =
            "you are no longer part of this household, so this session is over and nobody signs in with it";
        ApiError::session_over(Sentence::new("no-longer-here", text))
    }

    /// Whether what was asked for is not there, or not known to whoever asks.
    pub(crate) fn is_not_found(&self) -> bool {
        self.status == StatusCode::NOT_FOUND
    }

    /// Whether what was asked for is hidden by a deletion that is not finished.
    pub(crate) fn is_unfinished(&self) -> bool {
        self.said.code == "not-forgotten"
    }

    /// Signed in, but too long ago for what cannot be undone.
    pub(crate) fn step_up() -> ApiError {
        ApiError::new(
            StatusCode::FORBIDDEN,
            "step-up",
            "for this you must have proved within the last 15 minutes that it is you; prove it again",
        )
    }

    /// Signed in, and what is asked for takes a proof that is made for it and comes with it.
    pub(crate) fn prove_now() -> ApiError {
        ApiError::new(
            StatusCode::FORBIDDEN,
            "proof",
            "this takes a proof of who you are that is made for it alone; prove it, and do it again",
        )
    }

    /// An account of an earlier release, which takes no change before its member has a kit that lets them back in.
    pub(crate) fn old_kit() -> ApiError {
        ApiError::new(
            StatusCode::CONFLICT,
            "old-kit",
            "your recovery kit is of an earlier release and lets you back in no longer; make a new one first, on your account page or \
             with `porchlight account new-kit`",
        )
    }

    /// Signed in, but not allowed.
    pub(crate) fn not_yours(said: impl Into<Sentence>) -> ApiError {
        ApiError::new(StatusCode::FORBIDDEN, "not-yours", said)
    }

    /// Too much was asked at once, or too often.
    pub(crate) fn too_many(said: impl Into<Sentence>) -> ApiError {
        ApiError::new(StatusCode::TOO_MANY_REQUESTS, "too-many", said)
    }

    /// There is no such thing.
    pub(crate) fn not_found(said: impl Into<Sentence>) -> ApiError {
        ApiError::new(StatusCode::NOT_FOUND, "not-found", said)
    }

    /// Something the hub needs is not there; the rest goes on.
    pub(crate) fn unavailable(said: impl Into<Sentence>) -> ApiError {
        ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", said)
    }

    /// The hub itself failed. Why is for its log: what a database or a library says is no answer to anybody.
    pub(crate) fn broken(error: impl std::fmt::Display) -> ApiError {
        error!(target: "porchlight", "a request failed: {error}");
        ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "hub-failed", BROKEN)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let ApiError { status, word, said } = self;
        let seconds = said.values.get("seconds").filter(|_| status == StatusCode::TOO_MANY_REQUESTS);
        let later = seconds.map(|seconds| [(RETRY_AFTER, seconds.clone())]);
        let problem = Json(Problem { error: word.to_owned(), message: said.text.clone(), said });
        match later {
            Some(later) => (status, later, problem).into_response(),
            None => (status, problem).into_response(),
        }
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.said.text)
    }
}

impl From<vault::Error> for ApiError {
    fn from(error: vault::Error) -> ApiError {
        let said = Sentence::from(&error);
        match error {
            vault::Error::BadInput(_)
            | vault::Error::Detail(_)
            | vault::Error::HoldPast(_)
            | vault::Error::HoldTooLong { .. } => ApiError::bad(said),
            vault::Error::Unknown(_) => ApiError::not_found(said),
            vault::Error::SourceGone(_) | vault::Error::NoPlan | vault::Error::HouseholdVersion { .. } => {
                ApiError::new(StatusCode::CONFLICT, "conflict", said)
            }
            vault::Error::Held { .. } => ApiError::new(StatusCode::CONFLICT, "held", said),
            vault::Error::NoHold => ApiError::not_found(said),
            vault::Error::Ledger(vault::ledger::Error::Damaged { .. }) => {
                ApiError::new(StatusCode::CONFLICT, "line-damaged", said)
            }
            _ => {
                error!(target: "porchlight", "a request failed: {error}");
                ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "hub-failed", said)
            }
        }
    }
}

impl From<porchlight_household::Error> for ApiError {
    fn from(error: porchlight_household::Error) -> ApiError {
        let said = Sentence::from(&error);
        match error {
            // Somebody else changed it meanwhile: clients make their change anew on what they left.
            porchlight_household::Error::NotNext { .. } => {
                ApiError::new(StatusCode::CONFLICT, "conflict", said)
            }
            porchlight_household::Error::NotAllowed { .. } => ApiError::not_yours(said),
            _ => ApiError::bad(said),
        }
    }
}

/// What is wrong with what a member sent of how they sign in.
impl From<SignInError> for ApiError {
    fn from(error: SignInError) -> ApiError {
        ApiError::bad(Sentence::from(&error))
    }
}

impl From<WavError> for ApiError {
    fn from(error: WavError) -> ApiError {
        ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "bad-wav", error.to_string())
    }
}

/// SQLite's word for a full disk.
const SQLITE_FULL: &str = "13";

impl From<sqlx::Error> for ApiError {
    fn from(error: sqlx::Error) -> ApiError {
        let code = error.as_database_error().and_then(|error| error.code());
        if code.as_deref() == Some(SQLITE_FULL) {
            let text = "the disk of the data folder is full, so nothing new is noted: forget what nobody needs, or give it more room";
            let said = Sentence::new("data-disk-full", text);
            return ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "hub-failed", said);
        }
        if vault::is_damaged(&error) {
            error!(target: "porchlight", "a request failed: the hub's own database is damaged: {error}");
            let text = "the hub's own database, hub.sqlite in the data folder, is damaged: restart the hub, which sets aside what is damaged and \
                        begins it anew. Recordings are not touched";
            let said = Sentence::new("database-damaged", text);
            return ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "hub-failed", said);
        }
        if vault::is_of_disk(&error) {
            error!(target: "porchlight", "a request failed: the hub's own database cannot be used: {error}");
            let said = Sentence::from(&vault::FailedDisk::Data);
            return ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "hub-failed", said);
        }
        ApiError::broken(format!("the hub's own database cannot be used: {error}"))
    }
}

impl From<tokio::task::JoinError> for ApiError {
    fn from(error: tokio::task::JoinError) -> ApiError {
        ApiError::broken(format!("a part of the hub stopped: {error}"))
    }
}

impl From<getrandom::Error> for ApiError {
    fn from(error: getrandom::Error) -> ApiError {
        ApiError::broken(error)
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
            (ApiError::from(sqlx::Error::Io(broken())), "the disk of the data folder"),
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
            let said = said.into_sentence();
            assert!(said.text.starts_with(disk) && said.text.contains("Check that disk"), "{}", said.text);
            assert!(said.code.starts_with("disk-failed") && !said.text.contains("os error"), "{}", said.text);
        }
        // What is no fault of a disk blames none.
        let said = ApiError::from(sqlx::Error::RowNotFound).into_sentence();
        assert_eq!((said.code.as_str(), said.text.as_str()), ("hub-failed", BROKEN));
    }
}
