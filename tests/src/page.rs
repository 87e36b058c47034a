//! A page of the app, as far as the hub can tell: what a browser asks, with its cookies and the app's header.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use porchlight_household::sign_in::TotpSecret;
use porchlight_household::sign_in::opaque::{ExportKey, SignIn};
use serde_json::{Value, json};

use crate::answer::text;
use crate::home::Home;
use crate::wait::until;

/// Longer than any request takes.
const HANGS: Duration = Duration::from_secs(60);

/// What every answer of the API says of itself, whatever it is.
const GUARDED: [(&str, &str); 6] = [
    ("cache-control", "no-store"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("content-security-policy", "frame-ancestors 'none'"),
    ("cross-origin-resource-policy", "same-origin"),
    ("referrer-policy", "no-referrer"),
];

/// A browser with a page of the app open in it, and its cookies.
pub struct Page {
    agent: ureq::Agent,
    base: String,
    cookies: BTreeMap<String, String>,
    /// The token of a session, or the credential of a microphone, for whoever asks as a program does.
    token: Option<String>,
}

impl Page {
    /// Opens the app at the address that the hub gives, in a browser that was never here.
    pub fn open(home: &Home) -> Page {
        Page::at(home.address())
    }

    /// Opens the app at another address of the hub. By https, its certificate is taken as it comes: whoever makes a household in a
    /// browser has nothing yet to hold it against.
    pub fn at(base: &str) -> Page {
        let tls = ureq::tls::TlsConfig::builder()
            .disable_verification(true)
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .build();
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(HANGS))
            // A hub ends what rests for ten seconds: a browser asks again then, and this does not.
            .max_idle_age(Duration::from_secs(5))
            .proxy(None)
            .tls_config(tls)
            .build()
            .into();
        Page { agent, base: base.to_owned(), cookies: BTreeMap::new(), token: None }
    }

    /// The address that it is open at.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// Goes to another address of the hub.
    pub fn go_to(&mut self, base: &str) {
        base.clone_into(&mut self.base);
    }

    /// What another program on somebody's computer asks, which has read the session that their command line keeps.
    pub fn of_session(home: &Home, session: &Value) -> Page {
        Page { token: Some(text(session, "token").to_owned()), ..Page::open(home) }
    }

    /// No browser but a microphone, with its own credential.
    pub fn of_microphone(home: &Home, credential: &str) -> Page {
        Page { token: Some(credential.to_owned()), ..Page::open(home) }
    }

    /// Signs somebody in with the passphrase and the authenticator that they have by `Home`; what the hub answers, and the export key.
    pub fn sign_in(&mut self, home: &Home, name: &str) -> (Value, ExportKey) {
        let passphrase = fs::read_to_string(home.passphrase(name)).expect("a passphrase");
        home.forget_used_codes();
        self.sign_in_with(name, passphrase.trim(), &home.totp(name))
    }

    /// Signs somebody in with these.
    pub fn sign_in_with(&mut self, name: &str, passphrase: &str, totp: &Path) -> (Value, ExportKey) {
        let secret = fs::read_to_string(totp).expect("an authenticator's secret");
        with_codes(&secret, |code| {
            let (attempt, finalization, key) = self.prove("/api/sign-in/start", name, passphrase);
            let finish = json!({ "attempt": attempt, "finalization": finalization, "code": code, "client": "a page", "cookie": true });
            let (status, answer) = self.post("/api/sign-in/finish", &finish);
            (status, (answer, key))
        })
    }

    /// Proves again who somebody is; what the hub answers.
    pub fn step_up(&mut self, home: &Home, name: &str, passphrase: &str) -> Value {
        let secret = fs::read_to_string(home.totp(name)).expect("an authenticator's secret");
        home.forget_used_codes();
        with_codes(&secret, |code| {
            let (attempt, finalization, _) = self.prove("/api/step-up/start", name, passphrase);
            let finish = json!({ "attempt": attempt, "finalization": finalization, "code": code });
            self.post("/api/step-up/finish", &finish)
        })
    }

    /// Proves who somebody is by their passphrase alone, for this; the status, and what the hub answers.
    pub fn prove_alone(&mut self, home: &Home, name: &str, what_for: &str) -> (u16, Value) {
        let passphrase = fs::read_to_string(home.passphrase(name)).expect("a passphrase");
        let (attempt, finalization, _) = self.prove("/api/step-up/start", name, passphrase.trim());
        let finish = json!({ "attempt": attempt, "finalization": finalization, "for": what_for });
        self.post("/api/step-up/finish", &finish)
    }

    /// Begins to try a passphrase, which is to try it; the status.
    pub fn guess(&mut self, start: &str) -> u16 {
        let (_, request) = SignIn::start("a guess at somebody else's passphrase").expect("a passphrase");
        self.post(start, &json!({ "request": request })).0
    }

    /// The first half of proving a passphrase: the attempt, the finalization that belongs to it, and the export key.
    pub fn prove(&mut self, start: &str, name: &str, passphrase: &str) -> (String, String, ExportKey) {
        let (challenge, finalization, key) = self.prove_with(start, name, passphrase);
        (text(&challenge, "attempt").to_owned(), finalization, key)
    }

    /// The same, with the whole challenge.
    pub fn prove_with(&mut self, start: &str, name: &str, passphrase: &str) -> (Value, String, ExportKey) {
        let (opaque, request) = SignIn::start(passphrase).expect("a passphrase");
        let (status, challenge) = self.post(start, &json!({ "name": name, "request": request }));
        assert_eq!(status, 200, "{challenge}");
        let proof = opaque.finish(text(&challenge, "response")).expect("the right passphrase");
        (challenge, proof.finalization, proof.export_key)
    }

    /// Asks for something.
    pub fn get(&mut self, path: &str) -> (u16, Value) {
        self.ask("GET", path, None)
    }

    /// Sends something.
    pub fn post(&mut self, path: &str, body: &Value) -> (u16, Value) {
        self.ask("POST", path, Some(body))
    }

    /// Sends a request; the status, and the answer where it is JSON.
    pub fn ask(&mut self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let mut answer = self.send(method, path, body);
        let status = answer.status().as_u16();
        // A recording is no text.
        let said = answer.body_mut().read_to_vec().expect("an answer");
        (status, serde_json::from_slice(&said).unwrap_or(Value::Null))
    }

    /// Begins to send a sound, and returns once the hub waits for it; where it takes none, with what it says to that. By http alone.
    pub fn begin(&self, path: &str, bytes: usize) -> Result<Sending, (u16, Value)> {
        let host = self.base.strip_prefix("http://").expect("a hub that is served plain");
        let mut stream = TcpStream::connect(host).expect("a connection");
        stream.set_read_timeout(Some(HANGS)).expect("a patient connection");
        write!(
            stream,
            "POST {path} HTTP/1.1\r\nhost: {host}\r\ncookie: {}\r\nx-porchlight: 1\r\nsec-fetch-site: same-origin\r\n\
             content-type: audio/wav\r\ncontent-length: {bytes}\r\nexpect: 100-continue\r\nconnection: close\r\n\r\n",
            self.cookie()
        )
        .expect("a request");
        let mut answer = BufReader::new(stream.try_clone().expect("both ends of a connection"));
        match read_head(&mut answer) {
            100 => Ok(Sending { stream, answer }),
            status => Err((status, read_problem(&mut answer))),
        }
    }

    /// Sends something and does not wait for the answer; whoever drops what this gives has gone away. By http alone.
    pub fn send_off(&self, path: &str, body: &Value) -> TcpStream {
        let host = self.base.strip_prefix("http://").expect("a hub that is served plain");
        let mut stream = TcpStream::connect(host).expect("a connection");
        let (cookies, body) = (self.cookie(), body.to_string());
        write!(
            stream,
            "POST {path} HTTP/1.1\r\nhost: {host}\r\ncookie: {cookies}\r\nx-porchlight: 1\r\nsec-fetch-site: same-origin\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
        .expect("a request");
        stream
    }

    /// All cookies, as a request has them.
    pub(crate) fn cookie(&self) -> String {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        cookies.join("; ")
    }

    /// Listens to what happens from now on.
    pub fn events(&mut self) -> Stream {
        self.events_at("/api/events")
    }

    /// Listens to all that is remembered of what happened, and to what happens from now on.
    pub fn all_events(&mut self) -> Stream {
        self.events_at("/api/events?after=0")
    }

    fn events_at(&mut self, path: &str) -> Stream {
        let answer = self.send("GET", path, None);
        assert_eq!(answer.status().as_u16(), 200);
        let lines = BufReader::new(answer.into_body().into_reader());
        let (tell, told) = channel();
        thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                if let Some(event) = line.strip_prefix("data:") {
                    let event = serde_json::from_str(event).expect("an event is JSON");
                    if tell.send(event).is_err() {
                        return;
                    }
                }
            }
        });
        Stream { told }
    }

    fn send(&mut self, method: &str, path: &str, body: Option<&Value>) -> ureq::http::Response<ureq::Body> {
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header("x-porchlight", "1")
            .header("sec-fetch-site", "same-origin");
        if !self.cookies.is_empty() {
            request = request.header("cookie", self.cookie());
        }
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let answer = match body {
            Some(body) => {
                let request = request.header("content-type", "application/json");
                self.agent.run(request.body(body.to_string()).expect("a request"))
            }
            None => self.agent.run(request.body(()).expect("a request")),
        };
        let answer = answer.unwrap_or_else(|why| panic!("{method} {path}: {why}"));
        for (name, value) in GUARDED {
            let said = answer.headers().get(name).and_then(|said| said.to_str().ok()).unwrap_or_default();
            assert!(said.contains(value), "{method} {path}: {name}: {said}");
        }
        for cookie in answer.headers().get_all("set-cookie") {
            let cookie = cookie.to_str().expect("a cookie is text");
            let (name, value) =
                cookie.split(';').next().and_then(|pair| pair.split_once('=')).expect("a cookie");
            match cookie.contains("Max-Age=0") {
                true => self.cookies.remove(name),
                false => self.cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
        answer
    }
}

/// A sound that is on its way.
pub struct Sending {
    stream: TcpStream,
    answer: BufReader<TcpStream>,
}

impl Sending {
    /// Sends all of it; the status, and the answer.
    pub fn finish(mut self, sound: &[u8]) -> (u16, Value) {
        self.stream.write_all(sound).expect("a hub that reads");
        (read_head(&mut self.answer), read_problem(&mut self.answer))
    }
}

/// The status of an answer, whose header is read past.
fn read_head(answer: &mut impl BufRead) -> u16 {
    let mut lines = answer.lines().map(|line| line.expect("an answer"));
    let first = lines.next().expect("an answer");
    let status = first.split(' ').nth(1).and_then(|status| status.parse().ok());
    lines.take_while(|line| !line.is_empty()).for_each(drop);
    status.expect("a status")
}

/// What comes after it, up to the end of the connection.
fn read_problem(answer: &mut impl Read) -> Value {
    let mut said = String::new();
    answer.read_to_string(&mut said).expect("an answer to its end");
    serde_json::from_str(&said).unwrap_or(Value::Null)
}

/// Does something that takes a code of this authenticator. Each works once, so that another may have to be waited for.
pub(crate) fn with_codes<T>(secret: &str, mut attempt: impl FnMut(&str) -> (u16, T)) -> T {
    let secret = TotpSecret::from_base32(secret.trim()).expect("an authenticator's secret");
    until("a code that was not used", 90, || {
        // The hub lets a clock be one step ahead.
        [0, 30].into_iter().find_map(|ahead| {
            let code = secret.code(Timestamp::now() + SignedDuration::from_secs(ahead)).expect("a code");
            let (status, done) = attempt(&code);
            (status == 200).then_some(done)
        })
    })
}

/// What happens, as it is told to a page.
pub struct Stream {
    told: Receiver<Value>,
}

impl Stream {
    /// The next event that is meant; the test fails when it does not come within `seconds`.
    pub fn wait_for(&self, what: &str, seconds: u64, meant: impl Fn(&Value) -> bool) -> Value {
        let last = Instant::now() + Duration::from_secs(seconds);
        loop {
            let left = last.saturating_duration_since(Instant::now());
            let event = self.told.recv_timeout(left);
            let event = event.unwrap_or_else(|_| panic!("{what}: no such event within {seconds} seconds"));
            if meant(&event) {
                return event;
            }
        }
    }

    /// The test fails unless the stream ends within `seconds` without another event.
    pub fn ends(&self, seconds: u64) {
        match self.told.recv_timeout(Duration::from_secs(seconds)) {
            Err(RecvTimeoutError::Disconnected) => {}
            Err(RecvTimeoutError::Timeout) => panic!("the stream does not end"),
            Ok(event) => panic!("something came after the end: {event}"),
        }
    }
}
