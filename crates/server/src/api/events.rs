//! The event stream.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::response::sse::{self, KeepAlive, Sse};
use futures::{Stream, StreamExt, stream};
use porchlight_hub::accounts::auth::{Caller, Microphone, SignedIn};
use porchlight_hub::events::{Addressed, To};
use porchlight_hub::{Error, Hub};
use porchlight_protocol::events::{AccountChange, EndedBy, Event, Happening};
use porchlight_protocol::{Message, RingWords};
use serde::Deserialize;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use tokio_util::sync::DropGuard;
use utoipa::IntoParams;

use super::error::ApiError;
use super::talk::spoken;

/// From where on to listen.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct After {
    /// The number of the last event that was seen; without it, only what is new comes. A `Last-Event-ID` header means the same.
    after: Option<u64>,
}

/// What happens, as server-sent events, for as long as the session lives: as far as whoever asks may know of it. A microphone by its
/// own credential is told what is to be spoken there.
#[utoipa::path(get, path = "/api/events", tag = "events", params(After),
    responses((status = 200, description = "Done.", content_type = "text/event-stream", body = Event), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn stream(
    State(hub): State<Arc<Hub>>,
    caller: Caller,
    Query(query): Query<After>,
    headers: HeaderMap,
) -> Sse<impl Stream<Item = Result<sse::Event, Infallible>>> {
    let last = headers
        .get("last-event-id")
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse().ok());
    let (past, new) = hub.events.listen(query.after.or(last));
    let past: Vec<Event> =
        past.into_iter().filter(|told| is_told(&caller, &told.to)).map(|told| told.event).collect();
    let place = hub.events.admit(&caller.origin()).drop_guard();
    let listener = Listener { new, ended: hub.store.sessions_ended(), place, caller, hub };
    let coming = stream::unfold(Some(listener), |listener| async { listener?.next().await });
    let all = stream::iter(past).chain(coming).map(|event| {
        let number = event.number.to_string();
        Ok(sse::Event::default().id(number).json_data(&event).unwrap_or_default())
    });
    Sse::new(all).keep_alive(KeepAlive::default())
}

/// Whether an event is told to whoever asks.
fn is_told(caller: &Caller, to: &To) -> bool {
    match caller {
        Caller::Member(who) => to.includes(&who.viewer),
        Caller::Microphone(Microphone { device, .. }) => to.includes_microphone(&device.id),
    }
}

/// Whoever listens, for as long as their session lives.
struct Listener {
    hub: Arc<Hub>,
    caller: Caller,
    new: Receiver<Addressed>,
    ended: watch::Receiver<u64>,
    /// Cancelled when newer streams of the same session need the room.
    place: DropGuard,
}

impl Listener {
    /// What comes next, and who goes on listening: nobody after the end of the session, which is the last that is told.
    async fn next(mut self) -> Option<(Event, Option<Listener>)> {
        loop {
            let next = tokio::select! {
                // A hub that stops must not wait for its listeners.
                () = self.hub.stop.cancelled() => return None,
                () = self.place.token().cancelled() => return None,
                _ = self.ended.changed() => None,
                next = self.new.recv() => Some(next),
            };
            // A revoked session hears nothing more.
            if !self.lives().await {
                let Caller::Member(who) = &self.caller else { return None };
                let (by, client) = self.ended_by(who);
                let what = Happening::SessionEnded { session: who.session.id.clone(), by, client };
                return Some((Event { number: self.hub.events.last(), at: self.hub.now(), what }, None));
            }
            match next {
                Some(Ok(told)) if is_told(&self.caller, &told.to) => return Some((told.event, Some(self))),
                Some(Err(RecvError::Closed)) => return None,
                // Too slow: what was missed can be asked for with `after`.
                Some(Ok(_) | Err(RecvError::Lagged(_))) | None => {}
            }
        }
    }

    async fn lives(&self) -> bool {
        let lives = match &self.caller {
            Caller::Member(who) => self.hub.store.session_lives(&who.session.id).await,
            Caller::Microphone(microphone) => microphone.lives(&self.hub).await,
        };
        lives.unwrap_or(false)
    }

    /// What ended the session, and from where: that is told before anything is ended by it, and ends every session of before but the
    /// one in which it was done.
    fn ended_by(&self, who: &SignedIn) -> (EndedBy, Option<String>) {
        let since = self.hub.events.since(who.session.started);
        let home = self.hub.home();
        let Ok(person) = home.household.person(who.person()) else { return (EndedBy::Removal, None) };
        let name = person.name.clone();
        let ended = since.into_iter().rev().find_map(|event| match event.what {
            Happening::AccountChanged { person, change: AccountChange::Passphrase, client, session }
                if person == name && session != who.session.id =>
            {
                Some((EndedBy::Passphrase, Some(client)))
            }
            Happening::Recovered { person, client } if person == name => {
                Some((EndedBy::Recovery, Some(client)))
            }
            _ => None,
        });
        ended.unwrap_or((EndedBy::Itself, None))
    }
}

/// The words that belong to an event: what is to be said when a timer ends or a reminder is due. They are there for a minute, and no
/// longer than until something is forgotten.
#[utoipa::path(get, path = "/api/events/{number}/words", tag = "events", params(("number" = u64, Path)),
    responses((status = 200, description = "Done.", body = RingWords), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn event_words(
    State(hub): State<Arc<Hub>>,
    caller: Caller,
    Path(number): Path<u64>,
) -> Result<Json<RingWords>, ApiError> {
    Ok(Json(ring_words(&hub, &caller, number)?))
}

/// The same as speech.
#[utoipa::path(get, path = "/api/events/{number}/speech", tag = "events", params(("number" = u64, Path)),
    responses((status = 200, description = "Done.", content_type = "audio/wav", body = Vec<u8>), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn event_speech(
    State(hub): State<Arc<Hub>>,
    caller: Caller,
    Path(number): Path<u64>,
) -> Result<Response, ApiError> {
    let words = ring_words(&hub, &caller, number)?;
    Ok(spoken(&hub, &caller.origin(), words.say, None).await?)
}

/// What is not told to whoever asks is answered like what never was.
fn ring_words(hub: &Hub, caller: &Caller, number: u64) -> Result<RingWords, Error> {
    let told = hub.events.get(number, hub.now());
    let told = told.filter(|(told, _)| is_told(caller, &told.to)).and_then(|(_, words)| words);
    told.ok_or_else(|| {
        let text = "there is nothing to be said with this event, or it was too long ago";
        Error::not_found(Message::new("nothing-to-say", text))
    })
}
