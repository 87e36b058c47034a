//! Proving again who one is, and what takes both factors by itself: another recovery kit.

use porchlight_household::member::{AccountStatement, Kit, RecoverySecret};
use porchlight_household::sign_in::Error;
use porchlight_household::sign_in::opaque::SignIn;
use porchlight_protocol::{Me, NewKit, ProofFor, StepUpChallenge, StepUpDone, StepUpFinish, StepUpStart};
use zeroize::Zeroizing;

use crate::http::Http;
use crate::session::with_code;
use crate::{ClientError, Codes, Member};

/// How somebody answers who has to prove again who they are. Where one of the answers is none, nobody is there who could give it.
pub trait Answers {
    /// Their passphrase; it goes nowhere.
    fn passphrase(&self) -> Result<Option<Zeroizing<String>>, ClientError>;

    /// Where the six digits come from.
    fn codes(&self) -> Result<Option<Codes<'_>>, ClientError>;
}

impl Member {
    /// The same member, for whom this answers where the hub wants another proof of who it is.
    pub fn answering(self, answers: Box<dyn Answers>) -> Member {
        let prove = move |http: &Http, what_for| prove(http, answers.as_ref(), what_for);
        self.proving(Box::new(prove))
    }

    /// Proves again who it is: what takes such a proof can be done for a quarter of an hour.
    ///
    /// # Errors
    /// When nobody [answers](Self::answering) for this member, too.
    pub fn prove(&self) -> Result<(), ClientError> {
        self.proof_of_both().map(drop)
    }

    /// Makes another recovery kit. `put_away` writes it down before the hub counts on it; from then on the one before lets nobody in.
    ///
    /// # Errors
    /// Where the hub did not answer, it is not known whether the new kit counts or the one before does.
    pub fn new_kit(&self, put_away: impl FnOnce(&str) -> Result<(), ClientError>) -> Result<(), ClientError> {
        let proof = self.proof_of_both()?;
        let (keys, recovery) = (self.keys()?, RecoverySecret::generate()?);
        let me: Me = self.http.get("/api/me")?;
        let household = me.household.name.unwrap_or_else(|| "your household".to_owned());
        put_away(&Kit::text(&keys, &recovery, &me.name, &household)?)?;
        let recovery_key = recovery.public()?;
        let signature = keys.state(&AccountStatement::Kit { proof: &proof, recovery: &recovery_key });
        let (account_key, vouched) = (keys.account_key(), keys.vouch());
        let new = NewKit { proof, recovery_key, account_key, vouched, signature };
        self.http.put_without_answer("/api/account/kit", &new)
    }

    /// The hub's word for a proof by passphrase and second factor.
    fn proof_of_both(&self) -> Result<String, ClientError> {
        self.http.proof(ProofFor::Account)?.ok_or(ClientError::NobodyProves)
    }
}

/// Proves again who it is, and gives the hub's word for that; none where nobody is there who could.
pub(crate) fn prove(
    http: &Http,
    answers: &dyn Answers,
    what_for: ProofFor,
) -> Result<Option<String>, ClientError> {
    let Some(passphrase) = answers.passphrase()? else { return Ok(None) };
    let prove = |code: &str| -> Result<StepUpDone, ClientError> {
        let (opaque, request) = SignIn::start(&passphrase)?;
        let start = StepUpStart { request: Some(request) };
        let challenge: StepUpChallenge = http.post("/api/step-up/start", &start)?;
        let proved = opaque.finish(&challenge.response.unwrap_or_default()).map_err(|why| match why {
            // Whose it is nobody asks here, so it can be said what was wrong.
            Error::NotRight => ClientError::NotYourPassphrase,
            why => why.into(),
        })?;
        let finish = StepUpFinish {
            attempt: challenge.attempt,
            finalization: Some(proved.finalization),
            code: code.to_owned(),
            passkey: None,
            what_for,
        };
        http.post("/api/step-up/finish", &finish).map_err(|why| http.of_code(why))
    };
    let done = if what_for.takes_passphrase_alone() && is_fresh(http)? {
        prove("")?
    } else {
        let Some(codes) = answers.codes()? else { return Ok(None) };
        with_code(codes, prove)?
    };
    Ok(Some(done.proof))
}

/// Whether a second factor was proved in this session lately.
fn is_fresh(http: &Http) -> Result<bool, ClientError> {
    let me: Me = http.get("/api/me")?;
    Ok(me.session.fresh_until.is_some())
}
