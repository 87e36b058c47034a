//! What can go wrong at a member's end.

use jiff::{SignedDuration, Timestamp};
use porchlight_household::sign_in::Error as SignInError;
use porchlight_protocol::Problem;

/// Further apart than this no code is right that one clock makes and the other judges.
const CODES_APART: SignedDuration = SignedDuration::from_secs(60);
/// So far clocks may be apart that date what people agree to: as far as one that shows another zone's time.
const DATES_APART: SignedDuration = SignedDuration::from_hours(24);

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
    SignIn(#[from] SignInError),
    /// The passphrase of whoever is signed in here is another.
    #[error("that is not your passphrase; try it again")]
    NotYourPassphrase,
    /// The code of whoever signs in here is another; their passphrase was right.
    #[error(
        "the passphrase is right and the code is not; type the six digits that the authenticator shows now"
    )]
    NotTheCode,
    /// The same, where the clocks are far apart by which this computer and the hub tell codes.
    #[error(
        "the passphrase is right and the code is not, and codes go by the clock: this computer's shows {here}, and the hub's {hub}. Set the \
         clock that is wrong, and do it again"
    )]
    CodeOfAnotherTime {
        /// What this computer's clock shows.
        here: Timestamp,
        /// What the hub's shows.
        hub: Timestamp,
    },
    /// A sign-in that was refused where those clocks are apart. What of it was wrong is not said.
    #[error(
        "the name, the passphrase or the code is not right, and codes go by the clock: this computer's shows {here}, and the hub's {hub}. Set the \
         clock that is wrong, and sign in again"
    )]
    SignInOfAnotherTime {
        /// What this computer's clock shows.
        here: Timestamp,
        /// What the hub's shows.
        hub: Timestamp,
    },
    /// A change that this computer makes by another day than the hub's.
    #[error(
        "this computer's clock shows {here}, and the hub's {hub}: how old people are, and from when on something is agreed to, goes by them. Set \
         the clock that is wrong, and do it again"
    )]
    ClocksApart {
        /// What this computer's clock shows.
        here: Timestamp,
        /// What the hub's shows.
        hub: Timestamp,
    },
    /// The session on this computer is damaged.
    #[error("the session on this computer is damaged; sign in again")]
    DamagedSession,
    /// The hub shows an older household than this computer has seen, or one that nobody signed.
    #[error(
        "the household that this hub shows is not the one it was: {0}. Do not go on; look at the hub itself"
    )]
    Tampered(String),
    /// A hub asks somebody in, and it is not the owner who says so; or hands out another nonce than the owner's client promised.
    #[error(
        "what this hub says of your invitation is not what the owner's device said. Do not go on: ask them for a new code, and look at the \
         hub itself"
    )]
    AlteredInvitation,
    /// What a hub shows of a newcomer was not made by whoever has the code, or is another answer than it showed before.
    #[error(
        "what arrived was not made by whoever has the code, or was exchanged afterwards, so nobody is let in: somebody is between you and \
         {0}, or has changed it at the hub. Invite {0} again, and if it happens again look at the hub itself"
    )]
    AlteredAnswer(String),
    /// An invitation came to its end and nobody was let in.
    #[error("this invitation {why}, so nobody was let in by it; ask {by} for a new code")]
    NotLetIn {
        /// How it ended.
        why: &'static str,
        /// The owner's name.
        by: String,
    },
    /// The hub does not know an invitation any more, and does not take what was made for it.
    #[error(
        "the hub does not know this invitation any more (it was started anew, or another took its place), and did not sign you in: ask {0} \
         whether you are in, and for a new code if not"
    )]
    UnknownInvitation(String),
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
    pub(crate) fn is_stale(&self) -> bool {
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

    /// Whether it is certain that by an invitation nobody was let in who came with its code. Of an altered one nobody saw numbers at the
    /// newcomer's end, and without those no owner lets anybody in.
    pub fn is_of_nobody_let_in(&self) -> bool {
        let refused = ["invitation-used", "invitation-ended", "invitation-stopped"];
        matches!(self, ClientError::NotLetIn { .. } | ClientError::AlteredInvitation)
            || self.word().is_some_and(|word| refused.contains(&word))
    }

    /// Whether the hub answers, and what is wrong is of what was asked for alone: the next may go well.
    pub fn is_of_this_alone(&self) -> bool {
        matches!(
            self,
            ClientError::Hub { status: 404 | 409 | 500.., .. }
                | ClientError::CannotOpen(_)
                | ClientError::OtherRecording
        )
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
            ClientError::NotTheCode => "not-the-code",
            ClientError::CodeOfAnotherTime { .. } => "code-of-another-time",
            ClientError::SignInOfAnotherTime { .. } => "sign-in-of-another-time",
            ClientError::ClocksApart { .. } => "clocks-apart",
            ClientError::DamagedSession => "damaged-session",
            ClientError::Tampered(_) => "household-altered",
            ClientError::AlteredInvitation | ClientError::AlteredAnswer(_) => "invitation-altered",
            ClientError::NotLetIn { .. } => "not-let-in",
            ClientError::UnknownInvitation(_) => "invitation-unknown",
            ClientError::Ledger(_) => "ledger-altered",
            ClientError::CannotOpen(_) => "cannot-open",
            ClientError::OtherRecording => "other-recording",
            ClientError::NobodyProves => "nobody-proves",
            ClientError::Camera(_) => "camera-address",
            ClientError::Bad(_) => "bad-request",
        }
    }

    /// What is wrong with a code that was refused after the passphrase was proved, which whoever did that knows.
    pub(super) fn of_code(self, here: Timestamp, hub: Option<Timestamp>) -> ClientError {
        match (self.word(), hub) {
            (Some("not-right"), Some(hub)) if here.duration_since(hub).abs() > CODES_APART => {
                ClientError::CodeOfAnotherTime { here, hub }
            }
            (Some("not-right"), _) => ClientError::NotTheCode,
            _ => self,
        }
    }

    /// Whether a sign-in was refused, for whatever reason of three.
    pub(super) fn is_not_right(&self) -> bool {
        self.word() == Some("not-right") || matches!(self, ClientError::SignIn(SignInError::NotRight))
    }

    /// What is said of a sign-in that was refused: the clocks too, where they are apart, and never which of the three it was.
    pub(super) fn of_sign_in(self, here: Timestamp, hub: Option<Timestamp>) -> ClientError {
        match hub.filter(|hub| self.is_not_right() && here.duration_since(*hub).abs() > CODES_APART) {
            Some(hub) => ClientError::SignInOfAnotherTime { here, hub },
            None => self,
        }
    }

    /// Why a change of the household cannot be made: where the clocks are of different days, that, since every other reason goes by one.
    pub(super) fn of_change(self, here: Timestamp, hub: Timestamp) -> ClientError {
        let is_of_the_day = match &self {
            ClientError::Household(_) => true,
            ClientError::Hub { problem, .. } => matches!(&*problem.error, "bad-request" | "not-yours"),
            _ => false,
        };
        match here.duration_since(hub).abs() > DATES_APART && is_of_the_day {
            true => ClientError::ClocksApart { here, hub },
            false => self,
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

#[cfg(test)]
mod tests {
    use porchlight_household::Error;

    use super::*;

    fn refused(word: &str) -> ClientError {
        let problem = Problem { error: word.to_owned(), message: word.to_owned(), said: word.into() };
        ClientError::Hub { status: 401, problem: Box::new(problem) }
    }

    #[test]
    fn where_it_is_not_known_whether_somebody_is_in_nobody_says_that_they_are_not() {
        let by = || "Anna".to_owned();
        for known in [ClientError::NotLetIn { why: "was stopped", by: by() }, refused("invitation-ended")] {
            assert!(known.is_of_nobody_let_in(), "{known}");
        }
        for unknown in
            [ClientError::UnknownInvitation(by()), refused("invitation-unknown"), refused("not-right")]
        {
            assert!(
                !unknown.is_of_nobody_let_in() && !unknown.to_string().contains("nobody was"),
                "{unknown}"
            );
        }
    }

    #[test]
    fn where_clocks_are_apart_they_are_named_and_no_reason_that_goes_by_one() {
        let at = |hours: i64| Timestamp::from_second(1_800_000_000 + 3600 * hours).unwrap();
        let of_code = |word, hub: Option<i64>| refused(word).of_code(at(0), hub.map(at)).code().to_owned();
        assert_eq!(of_code("not-right", Some(0)), "not-the-code");
        assert_eq!(of_code("not-right", None), "not-the-code");
        for hub in [-9000, 1, 9000] {
            assert_eq!(of_code("not-right", Some(hub)), "code-of-another-time");
        }
        assert_eq!(of_code("too-many", Some(9000)), "too-many");

        // A sign-in says the same of a wrong passphrase, a wrong code and an unknown name.
        for hub in [Some(at(1)), Some(at(0)), None] {
            let said = |why: ClientError| why.of_sign_in(at(0), hub).to_string();
            let clocks = hub == Some(at(1));
            assert_eq!(said(SignInError::NotRight.into()).contains("codes go by the clock"), clocks);
            let of_hub = refused("not-right").of_sign_in(at(0), hub);
            assert_eq!(of_hub.to_string() == said(SignInError::NotRight.into()), clocks);
        }

        let of_change = |why: ClientError, hub| why.of_change(at(0), at(hub)).code().to_owned();
        for (hub, code) in
            [(0, "household"), (-23, "household"), (25, "clocks-apart"), (-9000, "clocks-apart")]
        {
            assert_eq!(of_change(Error::NeedsOwner.into(), hub), code);
        }
        assert_eq!(of_change(refused("bad-request"), 9000), "clocks-apart");
        assert_eq!(of_change(refused("step-up"), 9000), "step-up", "which takes a proof, whatever the day");
        let said = Error::NeedsOwner;
        let said = ClientError::from(said).of_change(at(0), at(9000)).to_string();
        assert!(said.contains(&at(0).to_string()) && said.contains(&at(9000).to_string()), "{said}");
    }
}
