//! The event stream.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::response::sse::{self, KeepAlive, Sse};
use futures::{Stream, StreamExt, stream};
use serde::Deserialize;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use tokio_util::sync::DropGuard;
use utoipa::IntoParams;

use super::talk::spoken;
use crate::auth::SignedIn;
use crate::error::ApiError;
use crate::events::{AccountChange, EndedBy, Event, Happening};
use crate::hub::Hub;
use crate::store::Session;

/// From where on to listen.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct After {
    /// The number of the last event that was seen; without it, only what is new comes. A `Last-Event-ID` header means the same.
    after: Option<u64>,
}

/// What happens, as server-sent events, for as long as the session lives.
#[utoipa::path(get, path = "/api/events", tag = "events", params(After),
    responses((status = 200, description = "Done.", content_type = "text/event-stream", body = Event), (status = "default", description = "What is wrong and what to do.", body = super::types::Problem)))]
pub(super) async fn stream(
    State(hub): State<Arc<Hub>>,
    who: SignedIn,
    Query(query): Query<After>,
    headers: HeaderMap,
) -> Sse<impl Stream<Item = Result<sse::Event, Infallible>>> {
    let last = headers
        .get("last-event-id")
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse().ok());
    let (past, new) = hub.events.listen(query.after.or(last), hub.now());
    let person = hub.home().household.person(who.person()).map(|person| person.name.clone());
    let person = person.unwrap_or_default();
    let past: Vec<Event> = past.into_iter().filter(|event| event.what.is_for(&person)).collect();
    let listener = Listener {
        new,
        ended: hub.store.sessions_ended(),
        place: hub.events.admit(&who.session).drop_guard(),
        person,
        session: who.session,
        hub,
    };
    let coming = stream::unfold(Some(listener), |listener| async { listener?.next().await });
    let all = stream::iter(past).chain(coming).map(|event| {
        let number = event.number.to_string();
        Ok(sse::Event::default().id(number).json_data(&event).unwrap_or_default())
    });
    Sse::new(all).keep_alive(KeepAlive::default())
}

/// Whoever listens, for as long as their session lives.
struct Listener {
    hub: Arc<Hub>,
    session: Session,
    /// The name of whose session it is.
    person: String,
    new: Receiver<Event>,
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
            if !self.hub.store.session_lives(&self.session.id).await.unwrap_or(false) {
                let (by, client) = self.ended_by();
                let what = Happening::SessionEnded { session: self.session.id, by, client };
                return Some((Event { number: self.hub.events.last(), at: self.hub.now(), what }, None));
            }
            match next {
                Some(Ok(event)) if event.what.is_for(&self.person) => return Some((event, Some(self))),
                Some(Ok(_)) => {}
                Some(Err(RecvError::Closed)) => return None,
                // Too slow: what was missed can be asked for with `after`.
                Some(Err(RecvError::Lagged(_))) | None => {}
            }
        }
    }

    /// What ended the session, and from where: that is told before anything is ended by it, and ends every session of before but the
    /// one in which it was done.
    fn ended_by(&self) -> (EndedBy, Option<String>) {
        let since = self.hub.events.since(self.session.started);
        let ended = since.into_iter().rev().find_map(|event| match event.what {
            Happening::AccountChanged { person, change: AccountChange::Passphrase, client, session }
                if person == self.person && session != self.session.id =>
            {
                Some((EndedBy::Passphrase, Some(client)))
            }
            Happening::Recovered { person, client } if person == self.person => {
                Some((EndedBy::Recovery, Some(client)))
            }
            _ => None,
        });
        ended.unwrap_or((EndedBy::Itself, None))
    }
}

/// The speech that belongs to an event: what is to be spoken when a timer ends or a reminder is due.
#[utoipa::path(get, path = "/api/events/{number}/speech", tag = "events", params(("number" = u64, Path)),
    responses((status = 200, description = "Done.", content_type = "audio/wav", body = Vec<u8>), (status = "default", description = "What is wrong and what to do.", body = super::types::Problem)))]
pub(super) async fn event_speech(
    State(hub): State<Arc<Hub>>,
    who: SignedIn,
    Path(number): Path<u64>,
) -> Result<Response, ApiError> {
    match hub.events.get(number, hub.now()).map(|event| event.what) {
        Some(Happening::TimerEnded { say, .. } | Happening::Reminder { say, .. }) => {
            spoken(&hub, &who.session, say, None).await
        }
        Some(_) => Err(ApiError::not_found("nothing is to be spoken with this event")),
        None => Err(ApiError::not_found("there is no such event, or it was too long ago")),
    }
}
