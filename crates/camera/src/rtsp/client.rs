//! Asks a camera for something and waits for the answer: signs in, keeps the session's name, and keeps it alive.

use std::time::Duration;

use tokio::time::{Instant, timeout};
use url::Url;
use zeroize::Zeroizing;

use super::authentication::{Authentication, DigestOffered};
use super::connection::{Connection, Incoming};
use super::message::{self, Message};
use super::transport::SessionName;
use crate::{Credentials, Error};

/// A session that does not say how long it lasts lasts so long (RFC 2326, section 12.37).
const USUAL_SESSION: u32 = 60;

/// A session is kept alive at least as often as this: some last shorter than they say.
const ALIVE_AT_LEAST_EVERY: Duration = Duration::from_secs(25);

/// One request is sent again so often because the sign-in was refused.
const MOST_SIGN_INS: usize = 4;

/// What keeps the session alive is sent again so often at once, each time that it is due.
const MOST_ALIVE_AGAIN: u32 = 2;

pub(crate) struct Client {
    pub(crate) connection: Connection,
    credentials: Option<Credentials>,
    authentication: Authentication,
    sequence: u32,
    session: Option<SessionName>,
    /// Requests that were sent and not answered.
    unanswered: u32,
    /// What the session is kept alive with: a camera that has no parameters to get is asked for its options.
    asks_for_parameters: bool,
    alive_until: Instant,
    /// How often that was sent again since it was due.
    alive_again: u32,
}

impl Client {
    pub(crate) fn new(
        connection: Connection,
        credentials: Option<Credentials>,
        digest_offered: DigestOffered,
    ) -> Self {
        Self {
            connection,
            credentials,
            authentication: Authentication::new(digest_offered),
            sequence: 0,
            session: None,
            unanswered: 0,
            asks_for_parameters: false,
            alive_until: Instant::now() + ALIVE_AT_LEAST_EVERY,
            alive_again: 0,
        }
    }

    /// What a camera can do. One that does not tell, or does not answer, is asked for the rest all the same.
    pub(crate) async fn options(&mut self, url: &Url, patience: Duration) -> Result<(), Error> {
        match timeout(patience, self.call("OPTIONS", url.as_str(), &[])).await {
            Ok(Err(hung_up @ (Error::StreamEnded | Error::Garbage(_)))) => Err(hung_up),
            Ok(Ok(answer)) => {
                let listed = answer.headers("public").flat_map(|list| list.split(','));
                self.asks_for_parameters =
                    listed.map(str::trim).any(|method| method.eq_ignore_ascii_case("GET_PARAMETER"));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Asks, and waits for the answer, whatever its status. Packets that come before it are passed over.
    pub(crate) async fn call(
        &mut self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
    ) -> Result<Message, Error> {
        for _ in 0..MOST_SIGN_INS {
            self.connection.describing = method == "DESCRIBE";
            self.ask(method, url, headers).await?;
            let answer = self.answer().await?;
            if !self.sign_in_again(&answer)? {
                return Ok(answer);
            }
        }
        Err(Error::WrongPassword)
    }

    /// Whether an answer asks for a sign-in that is not yet tried.
    pub(crate) fn sign_in_again(&mut self, answer: &Message) -> Result<bool, Error> {
        if answer.status() != Some(401) {
            self.authentication.accepted();
            return Ok(false);
        }
        if self.credentials.is_none() {
            return Err(Error::PasswordNeeded);
        }
        self.authentication.refused(answer.headers("www-authenticate"))?;
        Ok(true)
    }

    /// Asks without waiting for the answer.
    pub(crate) async fn ask(
        &mut self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
    ) -> Result<(), Error> {
        self.sequence += 1;
        self.unanswered += 1;
        let signed: Option<Zeroizing<String>> = self
            .credentials
            .as_ref()
            .and_then(|credentials| self.authentication.header(credentials, method, url));
        let session = self.session.as_ref().map(|session| ("Session", session.id.as_str()));
        let signed = signed.as_ref().map(|signed| ("Authorization", signed.as_str()));
        let all: Vec<(&str, &str)> = headers.iter().copied().chain(session).chain(signed).collect();
        let text = message::request(method, url, self.sequence, &all);
        self.connection.send(&text).await
    }

    async fn answer(&mut self) -> Result<Message, Error> {
        loop {
            if let Incoming::Message(message) = self.connection.receive().await?
                && let Some(answer) = self.hear(message).await?
            {
                return Ok(answer);
            }
        }
    }

    /// Takes a message: answers a request of the camera's, and passes over what answers an earlier request than the last.
    pub(crate) async fn hear(&mut self, message: Message) -> Result<Option<Message>, Error> {
        let Some(status) = message.status() else {
            self.connection.reply(&message).await?;
            return Ok(None);
        };
        if status < 200 {
            return Ok(None);
        }
        // Some cameras number their answers as they like: where but one is awaited, this is it.
        let is_late = self.unanswered > 1
            && message
                .number("cseq")
                .is_some_and(|number| number < self.sequence && self.sequence - number < self.unanswered);
        self.unanswered = if is_late { self.unanswered - 1 } else { 0 };
        Ok((!is_late).then_some(message))
    }

    /// Learns the session's name from an answer; the first is the one that counts.
    pub(crate) fn learn_session(&mut self, answer: &Message) {
        if self.session.is_none() {
            self.session = answer.header("session").and_then(SessionName::read);
            self.alive_until = Instant::now() + self.alive_every();
        }
    }

    fn alive_every(&self) -> Duration {
        let lasts = self.session.as_ref().and_then(|session| session.lasts).unwrap_or(USUAL_SESSION);
        Duration::from_secs(u64::from(lasts))
            .div_f64(2.0)
            .clamp(Duration::from_millis(500), ALIVE_AT_LEAST_EVERY)
    }

    /// When the session is to be kept alive next.
    pub(crate) fn alive_until(&self) -> Instant {
        self.alive_until
    }

    /// Keeps the session alive, when it is due. Whether that is answered, and how, matters less than that pictures come.
    pub(crate) async fn keep_alive(&mut self, url: &str) -> Result<(), Error> {
        self.alive_again = 0;
        self.ask_alive(url).await
    }

    async fn ask_alive(&mut self, url: &str) -> Result<(), Error> {
        self.alive_until = Instant::now() + self.alive_every();
        let method = if self.asks_for_parameters { "GET_PARAMETER" } else { "OPTIONS" };
        self.ask(method, url, &[]).await
    }

    /// Takes the answer to that: a sign-in that is out of date is renewed, and what is refused is not asked again. It is sent again at
    /// once where that may help, and not for ever: a camera may refuse whatever it is sent.
    pub(crate) async fn kept_alive(&mut self, answer: &Message, url: &str) -> Result<(), Error> {
        let again = match answer.status() {
            Some(401) => {
                self.credentials.is_some()
                    && self.authentication.refused(answer.headers("www-authenticate")).is_ok()
            }
            Some(200..300) => {
                self.authentication.accepted();
                false
            }
            _ => std::mem::take(&mut self.asks_for_parameters),
        };
        if !again || self.alive_again >= MOST_ALIVE_AGAIN {
            return Ok(());
        }
        self.alive_again += 1;
        self.ask_alive(url).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn what_keeps_a_session_alive_is_not_sent_for_ever_to_who_refuses_it() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let connection = Connection::to("127.0.0.1", port).await.unwrap();
        let (mut camera, _) = listener.accept().await.unwrap();
        let credentials = Some(Credentials::new("porch", "secret"));
        let mut client = Client::new(connection, credentials, DigestOffered::default());
        client.keep_alive("rtsp://cam/").await.unwrap();
        for nonce in 0..20 {
            let refusal = format!(
                "RTSP/1.0 401 No\r\nWWW-Authenticate: Digest realm=\"cam\", nonce=\"{nonce}\", stale=true\r\n\r\n"
            );
            camera.write_all(refusal.as_bytes()).await.unwrap();
            let Incoming::Message(answer) = client.connection.receive().await.unwrap() else { panic!() };
            client.kept_alive(&answer, "rtsp://cam/").await.unwrap();
        }
        drop(client);
        let mut asked = String::new();
        camera.read_to_string(&mut asked).await.unwrap();
        assert_eq!(asked.matches("OPTIONS").count(), 3, "{asked}");
        assert_eq!(asked.matches("nonce=\"1\"").count(), 1, "it was renewed: {asked}");
    }
}
