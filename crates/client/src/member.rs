//! A signed-in member: everything that the API offers, in one place.

use std::cell::RefCell;
use std::io::{BufRead, BufReader, Read};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use porchlight_household::{MemberKeys, SignedDocument};
use porchlight_protocol::events::Event;
use porchlight_protocol::{
    AnsweredView, AskRequest, Check, ClockConfirm, ClockView, Depth, DeviceCredential, DeviceView, Effect,
    EffectsView, EndNewerCopies, Filter, ForgetConfirm, ForgetPreview, ForgottenView, HeardWords,
    HoldRequest, HoldView, LookKind, LookPass, LookRequest, NewDeviceCredential, NewItem, PersonView, Policy,
    ProofFor, RecordingView, RestoredCopy, RingWords, SayAnswer, Selection, SessionName, SessionView,
    SpeechRequest, WrappedIdentity, query,
};
use zeroize::Zeroizing;

use crate::http::{Http, Prove};
use crate::open::open_recording;
use crate::seen::{Seen, SeenLedger};
use crate::{ClientError, Session};

/// Somebody who is signed in to a hub.
pub struct Member {
    pub(crate) http: Http,
    name: String,
    unwrap: Zeroizing<[u8; 32]>,
    /// The household document as this computer saw it last.
    pub(crate) seen: RefCell<Option<SignedDocument>>,
    /// The ledger as this computer saw it last.
    pub(crate) seen_ledger: RefCell<Option<SeenLedger>>,
}

impl Member {
    /// Goes on with a session.
    pub fn resume(session: &Session) -> Result<Member, ClientError> {
        Ok(Member {
            http: session.http()?,
            name: session.name().to_owned(),
            unwrap: session.unwrap_key()?,
            seen: RefCell::new(session.seen.clone()),
            seen_ledger: RefCell::new(session.ledger.clone()),
        })
    }

    /// The same member, with what proves again who they are.
    pub(crate) fn proving(self, prove: Prove) -> Member {
        Member { http: self.http.proving(prove), ..self }
    }

    /// The member's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What this computer has seen since, to be kept with the session; none when it is what the session has already.
    pub fn seen_since(&self, session: &Session) -> Option<Seen> {
        let (household, ledger) = (self.seen.borrow().clone(), self.seen_ledger.borrow().clone());
        let news = household != session.seen || ledger != session.ledger;
        news.then_some(Seen { household, ledger })
    }

    /// Ends this session.
    pub fn sign_out(&self) -> Result<(), ClientError> {
        self.end_session("this")
    }

    /// One's own sessions, newest first.
    pub fn sessions(&self) -> Result<Vec<SessionView>, ClientError> {
        self.http.get("/api/sessions")
    }

    /// Calls one of one's own sessions something; `None` takes its name away.
    pub fn name_session(&self, id: &str, name: Option<&str>) -> Result<(), ClientError> {
        self.http.patch(&session_path(id)?, &SessionName { name: name.map(str::to_owned) })
    }

    /// Ends one of one's own sessions.
    pub fn end_session(&self, id: &str) -> Result<(), ClientError> {
        self.http.delete(&session_path(id)?)
    }

    /// The people of the household.
    pub fn people(&self) -> Result<Vec<PersonView>, ClientError> {
        self.http.get("/api/people")
    }

    /// The devices of the household.
    pub fn devices(&self) -> Result<Vec<DeviceView>, ClientError> {
        self.http.get("/api/devices")
    }

    /// Makes the credential of a microphone, in the place of the one it had.
    pub fn device_credential(&self, device: &str) -> Result<DeviceCredential, ClientError> {
        self.http.with_proof(ProofFor::DeviceCredential, &mut None, |proof| {
            let asked = NewDeviceCredential { device: device.to_owned(), proof: proof.map(str::to_owned) };
            self.http.post("/api/devices/credential", &asked)
        })
    }

    /// Says something: a WAV file, through a microphone or as push-to-talk, and whether the answer is wanted as speech too.
    pub fn say(&self, wav: &[u8], device: Option<&str>, aloud: bool) -> Result<SayAnswer, ClientError> {
        say(&self.http, wav, device, aloud)
    }

    /// Asks in writing.
    pub fn ask(&self, request: &AskRequest) -> Result<SayAnswer, ClientError> {
        self.http.post("/api/ask", request)
    }

    /// The words of a sound. Nothing is answered or kept.
    pub fn hear(&self, wav: &[u8]) -> Result<HeardWords, ClientError> {
        self.http.post_bytes("/api/hear", "audio/wav", wav)
    }

    /// What requests left behind.
    pub fn effects(&self) -> Result<EffectsView, ClientError> {
        self.http.get("/api/effects")
    }

    /// Puts something on a list, word for word.
    pub fn put_on_list(&self, item: &NewItem) -> Result<Effect, ClientError> {
        self.http.post("/api/effects", item)
    }

    /// Ticks a list item off, cancels a timer or a reminder.
    pub fn effect_done(&self, id: u64) -> Result<(), ClientError> {
        self.http.post_without_answer(&format!("/api/effects/{id}/done"))
    }

    /// What was answered and forgotten today.
    pub fn answered(&self) -> Result<Vec<AnsweredView>, ClientError> {
        self.http.get("/api/answered")
    }

    /// A sentence as a WAV file.
    pub fn speak(&self, text: &str, rate: u32) -> Result<Vec<u8>, ClientError> {
        self.http.post_for_bytes("/api/speech", &SpeechRequest { text: text.to_owned(), rate: Some(rate) })
    }

    /// What happens from now on, or since event number `after`.
    pub fn events(&self, after: Option<u64>) -> Result<EventStream, ClientError> {
        events(&self.http, after)
    }

    /// What is to be said with an event; none once that is over.
    pub fn event_words(&self, number: u64) -> Result<Option<RingWords>, ClientError> {
        event_words(&self.http, number)
    }

    /// What is to be spoken with an event, as a WAV file.
    pub fn event_speech(&self, number: u64) -> Result<Vec<u8>, ClientError> {
        event_speech(&self.http, number)
    }

    /// What is kept.
    pub fn list(&self, filter: &Filter) -> Result<Vec<RecordingView>, ClientError> {
        let Filter { device, person, kind, from, to } = filter;
        let parts = [("device", device), ("person", person), ("kind", kind), ("from", from), ("to", to)];
        let parts: Vec<_> = parts.iter().map(|(name, value)| (*name, value.as_deref())).collect();
        self.http.get(&format!("/api/recordings{}", query(&parts)))
    }

    /// Asks to look; the look is in the ledger when this returns.
    pub fn look(&self, selection: &Selection, why: LookKind) -> Result<LookPass, ClientError> {
        let pass: LookPass =
            self.http.post("/api/looks", &LookRequest { selection: selection.clone(), why })?;
        if let Some(checkpoint) = &pass.checkpoint {
            self.meet("what the hub signed for this look", checkpoint)?;
        }
        Ok(pass)
    }

    /// One file of a look, sealed.
    pub fn file(&self, look: &LookPass, id: u64) -> Result<impl Read + use<>, ClientError> {
        self.http.get_bytes(&format!("/api/looks/{}/{id}", look.look))
    }

    /// One file of a look, opened with this member's own key.
    pub fn open(&self, look: &LookPass, id: u64) -> Result<Zeroizing<Vec<u8>>, ClientError> {
        let mut sealed = Vec::new();
        self.file(look, id)?.read_to_end(&mut sealed)?;
        open_recording(id, &sealed, &self.keys()?)
    }

    /// What exactly would be forgotten.
    pub fn preview_forget(&self, selection: &Selection) -> Result<ForgetPreview, ClientError> {
        self.http.post("/api/forget/preview", selection)
    }

    /// Forgets what a preview showed.
    pub fn forget(&self, confirm: &ForgetConfirm) -> Result<ForgottenView, ClientError> {
        let done: ForgottenView = self.http.post("/api/forget", confirm)?;
        if let Some(receipt) = &done.receipt {
            self.meet_receipt(receipt)?;
        }
        Ok(done)
    }

    /// Keeps moments from being forgotten until a date, for the reason that is given.
    pub fn hold(&self, selection: &Selection, until: &str, why: &str) -> Result<HoldView, ClientError> {
        self.http.with_proof(ProofFor::Hold, &mut None, |proof| {
            let (selection, proof) = (selection.clone(), proof.map(str::to_owned));
            self.http.post(
                "/api/holds",
                &HoldRequest { selection, until: until.to_owned(), why: why.to_owned(), proof },
            )
        })
    }

    /// The holds that this member may release, oldest first.
    pub fn holds(&self) -> Result<Vec<HoldView>, ClientError> {
        self.http.get("/api/holds")
    }

    /// Releases a hold.
    pub fn release_hold(&self, id: u64) -> Result<(), ClientError> {
        self.http.delete(&format!("/api/holds/{id}"))
    }

    /// The retention policy.
    pub fn policy(&self) -> Result<Policy, ClientError> {
        self.http.get("/api/policy")
    }

    /// How it stands with the hub's clock.
    pub fn clock(&self) -> Result<ClockView, ClientError> {
        self.http.get("/api/clock")
    }

    /// Confirms that the hub's clock, which showed this, is right.
    pub fn confirm_clock(&self, shown: Timestamp) -> Result<ClockView, ClientError> {
        self.http.post("/api/clock/confirm", &ClockConfirm { shown })
    }

    /// The older copy of the data folder that was put back.
    pub fn restored_copy(&self) -> Result<RestoredCopy, ClientError> {
        self.http.get("/api/copies")
    }

    /// Lets copies end that are newer than the one of this time, which was put back.
    pub fn end_newer_copies(&self, made: Timestamp) -> Result<RestoredCopy, ClientError> {
        self.http.post("/api/copies/end-newer", &EndNewerCopies { made })
    }

    /// Looks over the hub.
    pub fn doctor(&self, depth: Depth) -> Result<Vec<Check>, ClientError> {
        self.http.get(match depth {
            Depth::Counted => "/api/doctor",
            Depth::Opened => "/api/doctor?thorough=true",
        })
    }

    /// The member's own keys. The hub releases them, wrapped, only for a while after their owner proved who they are; the unwrapping key
    /// is here.
    pub(crate) fn keys(&self) -> Result<MemberKeys, ClientError> {
        let WrappedIdentity { wrapped } = self.http.get("/api/identity")?;
        let wrapped = BASE64_URL_SAFE_NO_PAD.decode(wrapped).map_err(|_| ClientError::DamagedSession)?;
        Ok(MemberKeys::unwrap(&wrapped, &self.unwrap)?)
    }
}

pub(crate) fn say(
    http: &Http,
    wav: &[u8],
    device: Option<&str>,
    aloud: bool,
) -> Result<SayAnswer, ClientError> {
    let query = query(&[("device", device), ("aloud", Some(if aloud { "true" } else { "false" }))]);
    http.post_bytes(&format!("/api/say{query}"), "audio/wav", wav)
}

pub(crate) fn events(http: &Http, after: Option<u64>) -> Result<EventStream, ClientError> {
    let after = after.map(|after| after.to_string());
    let stream = http.get_bytes(&format!("/api/events{}", query(&[("after", after.as_deref())])))?;
    Ok(EventStream { lines: BufReader::new(Box::new(stream)) })
}

pub(crate) fn event_words(http: &Http, number: u64) -> Result<Option<RingWords>, ClientError> {
    match http.get(&format!("/api/events/{number}/words")) {
        Err(ClientError::Hub { status: 404, .. }) => Ok(None),
        words => words.map(Some),
    }
}

pub(crate) fn event_speech(http: &Http, number: u64) -> Result<Vec<u8>, ClientError> {
    let mut wav = Vec::new();
    http.get_bytes(&format!("/api/events/{number}/speech"))?.read_to_end(&mut wav)?;
    Ok(wav)
}

fn session_path(id: &str) -> Result<String, ClientError> {
    if !id.chars().all(|c| c.is_ascii_alphanumeric()) || id.is_empty() {
        let why = format!("`{id}` is not the id of a session; see `porchlight session list`");
        return Err(ClientError::Bad(why));
    }
    Ok(format!("/api/sessions/{id}"))
}

/// The hub's event stream, one event at a time, until the hub or the session ends.
pub struct EventStream {
    lines: BufReader<Box<dyn Read>>,
}

impl Iterator for EventStream {
    type Item = Result<Event, ClientError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut line = String::new();
        loop {
            line.clear();
            match self.lines.read_line(&mut line) {
                Ok(0) => return None,
                Ok(_) => {}
                Err(error) => return Some(Err(error.into())),
            }
            // Ids and comments that keep the connection alive are passed over; our data is always one line.
            if let Some(data) = line.strip_prefix("data:") {
                let event = serde_json::from_str(data.trim());
                return Some(event.map_err(|error| {
                    ClientError::Bad(format!("the hub sent an event that cannot be read: {error}"))
                }));
            }
        }
    }
}
