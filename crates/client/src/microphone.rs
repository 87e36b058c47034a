//! A microphone that speaks for itself, by its own credential and with no session of anybody's.

use porchlight_protocol::{AskRequest, RingWords, SayAnswer};
use zeroize::Zeroizing;

use crate::http::Http;
use crate::member::{self, EventStream};
use crate::{ClientError, Session};

/// A microphone, as the hub knows it by its credential.
pub struct Microphone {
    http: Http,
}

impl Microphone {
    /// Will speak to the hub at `base`, which has to show a certificate of `authority` (PEM) where it is not on this computer.
    ///
    /// # Errors
    /// When the address is none, or would be spoken to in the clear over a network.
    pub fn at(
        base: &str,
        authority: Option<&str>,
        credential: Zeroizing<String>,
    ) -> Result<Microphone, ClientError> {
        Ok(Microphone { http: Http::new(base, authority)?.with_token(credential) })
    }

    /// Will speak to the hub that this session is with. The session itself is not used.
    ///
    /// # Errors
    /// When the session's address is none.
    pub fn beside(session: &Session, credential: Zeroizing<String>) -> Result<Microphone, ClientError> {
        Ok(Microphone { http: session.http()?.with_token(credential) })
    }

    /// Says something: a WAV file, and whether the answer is wanted as speech too.
    pub fn say(&self, wav: &[u8], aloud: bool) -> Result<SayAnswer, ClientError> {
        member::say(&self.http, wav, None, aloud)
    }

    /// Asks in writing.
    pub fn ask(&self, request: &AskRequest) -> Result<SayAnswer, ClientError> {
        self.http.post("/api/ask", request)
    }

    /// What is to be spoken here from now on, or since event number `after`.
    pub fn events(&self, after: Option<u64>) -> Result<EventStream, ClientError> {
        member::events(&self.http, after)
    }

    /// What is to be said with an event; none once that is over.
    pub fn event_words(&self, number: u64) -> Result<Option<RingWords>, ClientError> {
        member::event_words(&self.http, number)
    }

    /// The same, as a WAV file.
    pub fn event_speech(&self, number: u64) -> Result<Vec<u8>, ClientError> {
        member::event_speech(&self.http, number)
    }
}
