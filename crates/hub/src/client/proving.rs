//! Proving again who one is, and what takes such a proof by itself: another recovery kit.

use porchlight_household::member::{AccountStatement, Kit, RecoverySecret};
use porchlight_household::sign_in::opaque::SignIn;
use zeroize::Zeroizing;

use super::http::Http;
use super::session::with_code;
use super::{ClientError, Codes, Member};
use crate::api::types::{Me, NewKit, StepUpChallenge, StepUpDone, StepUpFinish, StepUpStart};

/// A passphrase and where the six digits come from.
pub struct ProofOf<'a> {
    /// The passphrase; it goes nowhere.
    pub passphrase: &'a str,
    /// The digits.
    pub codes: Codes<'a>,
}

/// Asks a person for their passphrase, and then for the six digits.
pub type Answers = Box<dyn Fn() -> std::io::Result<(Zeroizing<String>, String)>>;

impl Member {
    /// Proves again who it is: what takes such a proof can be done for a quarter of an hour.
    pub fn prove(&self, proof: ProofOf<'_>) -> Result<(), ClientError> {
        prove(&self.http, proof).map(drop)
    }

    /// Makes another recovery kit. `put_away` writes it down before the hub counts on it; from then on the one before lets nobody in.
    ///
    /// # Errors
    /// Where the hub did not answer, it is not known whether the new kit counts or the one before does.
    pub fn new_kit(
        &self,
        proof: ProofOf<'_>,
        put_away: impl FnOnce(&str) -> Result<(), ClientError>,
    ) -> Result<(), ClientError> {
        let done = prove(&self.http, proof)?;
        let (keys, recovery) = (self.keys()?, RecoverySecret::generate()?);
        let me: Me = self.http.get("/api/me")?;
        let household = me.household.name.unwrap_or_else(|| "your household".to_owned());
        put_away(&Kit::text(&keys, &recovery, &me.name, &household)?)?;
        let recovery_key = recovery.public()?;
        let signature = keys.state(&AccountStatement::Kit { proof: &done.proof, recovery: &recovery_key });
        let (account_key, vouched) = (keys.account_key(), keys.vouch());
        let new = NewKit { proof: done.proof, recovery_key, account_key, vouched, signature };
        self.http.put_without_answer("/api/account/kit", &new)
    }
}

/// Proves it by asking a person.
pub(super) fn prove_by_answers(http: &Http, answers: &Answers) -> Result<(), ClientError> {
    let (passphrase, code) = answers()?;
    let ask = move || Ok(code.clone());
    prove(http, ProofOf { passphrase: &passphrase, codes: Codes::Ask(&ask) }).map(drop)
}

fn prove(http: &Http, proof: ProofOf<'_>) -> Result<StepUpDone, ClientError> {
    let ProofOf { passphrase, codes } = proof;
    with_code(codes, |code| {
        let (opaque, request) = SignIn::start(passphrase)?;
        let start = StepUpStart { request: Some(request) };
        let challenge: StepUpChallenge = http.post("/api/step-up/start", &start)?;
        let proved = opaque.finish(&challenge.response.unwrap_or_default())?;
        let finish = StepUpFinish {
            attempt: challenge.attempt,
            finalization: Some(proved.finalization),
            code: code.to_owned(),
            passkey: None,
        };
        http.post("/api/step-up/finish", &finish)
    })
}
