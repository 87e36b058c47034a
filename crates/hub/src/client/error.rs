//! What can go wrong at a member's end.

use crate::api::types::Problem;

/// Why something did not work, and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// Not the address of a hub.
    #[error("`{0}` is not the address of a hub; it looks like http://127.0.0.1:8420")]
    Address(String),
    /// A network address without encryption.
    #[error(
        "{0} is not a loopback address over http, and nothing is sent over a network unencrypted; use http://127.0.0.1:8420 on the hub itself"
    )]
    NotLoopback(String),
    /// An https hub without the certificate of its authority.
    #[error(
        "{0} has to show a certificate of your household's own authority, which this computer does not know yet; sign in with --authority FILE (authority.pem in the hub's data folder)"
    )]
    NoAuthority(String),
    /// Not the certificate of an authority.
    #[error(
        "this is not the certificate of an authority in PEM; it is authority.pem in the hub's data folder"
    )]
    BadAuthority,
    /// The hub shows another certificate.
    #[error(
        "what answers at {address} does not show a certificate of your household's authority ({cause}); do not go on before you know why"
    )]
    NotTrusted {
        /// The hub's address.
        address: String,
        /// What is wrong with it.
        cause: String,
    },
    /// Nothing answers.
    #[error("no hub answers at {address} ({cause}); is it running? start it with `porchlight serve`")]
    NoHub {
        /// The hub's address.
        address: String,
        /// What the system says.
        cause: String,
    },
    /// Something answers that is not a hub.
    #[error("what answers at {address} is not a Porchlight hub (status {status})")]
    NotAHub {
        /// The address.
        address: String,
        /// The HTTP status.
        status: u16,
    },
    /// The hub says what is wrong.
    #[error("{}", .problem.message)]
    Hub {
        /// The HTTP status.
        status: u16,
        /// The hub's words.
        problem: Box<Problem>,
    },
    /// The connection broke or the answer makes no sense.
    #[error("the hub's answer could not be read: {0}")]
    Http(#[from] ureq::Error),
    /// The connection broke while reading.
    #[error("the connection to the hub broke: {0}")]
    Io(#[from] std::io::Error),
    /// The household document is not one, or an edit makes no sense.
    #[error(transparent)]
    Household(#[from] porchlight_household::Error),
    /// The passphrase or code is wrong, or too weak for a new one.
    #[error(transparent)]
    SignIn(#[from] porchlight_household::sign_in::Error),
    /// The passphrase of whoever is signed in here is another.
    #[error("that is not your passphrase; try it again")]
    NotYourPassphrase,
    /// The session on this computer is damaged.
    #[error("the session on this computer is damaged; sign in again")]
    DamagedSession,
    /// The hub shows an older household than this computer has seen, or one that nobody signed.
    #[error(
        "the household that this hub shows is not the one it was: {0}. Do not go on; look at the hub itself"
    )]
    Tampered(String),
    /// The ledger that the hub shows does not add up.
    #[error(
        "THE LEDGER DOES NOT ADD UP: {0}. Somebody may have changed what this hub remembers of looks and deletions. Keep this computer's \
         files as they are, make a copy of the hub's data folder, and ask somebody you trust to look at both"
    )]
    Ledger(String),
    /// The key does not open the recording.
    #[error("this key does not open the recording: {0}")]
    CannotOpen(String),
    /// The hub handed out something else under the name of what was asked for.
    #[error(
        "what the hub handed out is another recording than the one you asked for. Do not go on before you know why"
    )]
    OtherRecording,
    /// What takes a proof of who it is has to be given one, and nobody is there who could.
    #[error(
        "the passphrase and the six digits of the authenticator are needed; name the files that hold the passphrase and the authenticator's \
         secret, or type them at a terminal"
    )]
    NobodyProves,
    /// The camera's address cannot be used.
    #[error("{0}")]
    Camera(#[from] porchlight_camera::AddressError),
    /// What was asked for makes no sense; the sentence says what would.
    #[error("{0}")]
    Bad(String),
}

impl ClientError {
    /// Whether it takes no more than another proof that it is they, lately or for this alone.
    pub fn is_unproven(&self) -> bool {
        self.is_stale() || self.wants_proof()
    }

    /// Whether it takes somebody who has proved lately that it is they.
    pub(super) fn is_stale(&self) -> bool {
        self.word() == Some("step-up")
    }

    /// Whether it takes a proof that is made for it alone.
    pub fn wants_proof(&self) -> bool {
        self.word() == Some("proof")
    }

    /// Whether the hub knows who asks, and that it is not theirs to ask.
    pub fn is_not_yours(&self) -> bool {
        self.word() == Some("not-yours")
    }

    /// Whether the hub answers, and what is wrong is of what was asked for alone: the next may go well.
    pub fn is_of_this_alone(&self) -> bool {
        matches!(self, ClientError::Hub { status: 404 | 409 | 500.., .. })
    }

    /// A stable word for what is wrong, for programs.
    pub fn code(&self) -> &str {
        match self {
            ClientError::Hub { problem, .. } => &problem.error,
            ClientError::Address(_) => "not-an-address",
            ClientError::NotLoopback(_) => "not-encrypted",
            ClientError::NoAuthority(_) => "no-authority",
            ClientError::BadAuthority => "bad-authority",
            ClientError::NotTrusted { .. } => "not-trusted",
            ClientError::NoHub { .. } => "no-hub",
            ClientError::NotAHub { .. } => "not-a-hub",
            ClientError::Http(_) | ClientError::Io(_) => "connection-broke",
            ClientError::Household(_) => "household",
            ClientError::SignIn(_) => "sign-in",
            ClientError::NotYourPassphrase => "not-your-passphrase",
            ClientError::DamagedSession => "damaged-session",
            ClientError::Tampered(_) => "household-altered",
            ClientError::Ledger(_) => "ledger-altered",
            ClientError::CannotOpen(_) => "cannot-open",
            ClientError::OtherRecording => "other-recording",
            ClientError::NobodyProves => "nobody-proves",
            ClientError::Camera(_) => "camera-address",
            ClientError::Bad(_) => "bad-request",
        }
    }

    /// The hub's stable word for what is wrong, if it was the hub that said it.
    pub fn word(&self) -> Option<&str> {
        match self {
            ClientError::Hub { problem, .. } => Some(&problem.error),
            _ => None,
        }
    }
}
