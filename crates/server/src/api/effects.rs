//! What requests left behind, and what was answered and forgotten.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use jiff::Timestamp;
use porchlight_household::rights::unproven::Forgetting;
use porchlight_hub::accounts::auth::SignedIn;
use porchlight_hub::assistant::put_on_list;
use porchlight_hub::deletion::forget_effects;
use porchlight_hub::query::{Bound, Names, instant};
use porchlight_hub::{Error, Hub, attention};
use porchlight_protocol::{
    AnsweredSince, AnsweredView, Effect, EffectsView, ItemView, ListView, Message, NewItem, ReminderView,
    TimerView,
};
use porchlight_vault::{Filter, Id, Kind};

use super::error::ApiError;

/// The timers, lists and reminders as they are. The hub uses them itself, so that they are no secret of anybody's and this is no look.
#[utoipa::path(get, path = "/api/effects", tag = "effects",
    responses((status = 200, description = "Done.", body = EffectsView), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn list(State(hub): State<Arc<Hub>>, _who: SignedIn) -> Result<Json<EffectsView>, ApiError> {
    let home = hub.home();
    let names = Names::of(&home.household);
    // Whoever has left, and what is gone, has no name here any more.
    let device = |id: Option<String>| id.and_then(|id| names.known_device(&id));
    let mut timers: Vec<TimerView> = hub
        .effects
        .timers()
        .into_iter()
        .map(|(id, timer)| TimerView {
            id,
            ends: timer.due(),
            seconds: timer.seconds,
            paused_left: timer.paused,
            name: timer.name,
            device: device(timer.device),
        })
        .collect();
    timers.sort_by_key(|timer| (timer.ends.is_none(), timer.ends));
    let mut reminders: Vec<ReminderView> = hub
        .effects
        .reminders()
        .into_iter()
        .map(|(id, reminder)| ReminderView {
            id,
            text: reminder.text,
            due: reminder.due,
            device: device(reminder.device),
            person: reminder.person.and_then(|id| names.known_person(&id)),
        })
        .collect();
    reminders.sort_by_key(|reminder| reminder.due);
    let unreadable = attention::unreadable_effects(&hub);
    Ok(Json(EffectsView { timers, lists: lists(&hub).await?, reminders, unreadable }))
}

async fn lists(hub: &Hub) -> Result<Vec<ListView>, Error> {
    let items = hub.effects.items();
    if items.is_empty() {
        return Ok(Vec::new());
    }
    let notes = hub.vault.list(&Filter { kinds: vec![Kind::Note], ..Filter::default() }).await?;
    let added: BTreeMap<u64, Timestamp> = notes.iter().map(|note| (note.id.get(), note.start)).collect();
    let mut lists: BTreeMap<String, Vec<ItemView>> = BTreeMap::new();
    for (id, item) in items {
        // One that was forgotten in this very instant is not on its list any more.
        if let Some(&added) = added.get(&id) {
            lists.entry(item.list).or_default().push(ItemView { id, text: item.text, added });
        }
    }
    Ok(lists.into_iter().map(|(name, items)| ListView { name, items }).collect())
}

/// The most characters that a list's name or an item may have.
const LONGEST: usize = 200;

/// Put something on a list, word for word.
#[utoipa::path(post, path = "/api/effects", tag = "effects", request_body = NewItem,
    responses((status = 201, description = "Done.", body = Effect), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn add(
    State(hub): State<Arc<Hub>>,
    who: SignedIn,
    Json(NewItem { list, item }): Json<NewItem>,
) -> Result<(StatusCode, Json<Effect>), ApiError> {
    let (list, item) = (written(&list)?, written(&item)?);
    let mut added = put_on_list(&hub, who.person(), &list.to_lowercase(), item).await?;
    let added = added.pop().ok_or_else(|| Error::broken("nothing was put on the list"))?;
    Ok((StatusCode::CREATED, Json(added)))
}

fn written(text: &str) -> Result<&str, Error> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > LONGEST || text.chars().any(char::is_control) {
        let text = format!("a list and what is on it have 1 to {LONGEST} characters, on one line");
        return Err(Error::bad(Message::new("list-item-length", text).with("most", LONGEST)));
    }
    Error::refuse_hidden(text)?;
    Ok(text)
}

/// A list item is ticked off, a timer or reminder cancelled. It is forgotten at once. Very many of them in a day take a fresh session.
#[utoipa::path(post, path = "/api/effects/{id}/done", tag = "effects", params(("id" = u64, Path)),
    responses((status = 204, description = "Done."), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn done(
    State(hub): State<Arc<Hub>>,
    who: SignedIn,
    Path(id): Path<u64>,
) -> Result<StatusCode, ApiError> {
    if !hub.effects.holds(id) {
        return Err(Error::not_found(Message::new(
            "effect-gone",
            "there is no such timer, reminder or list item; it may be done already",
        ))
        .into());
    }
    let done = [Id::from(id)];
    who.forget_counted(&hub, &Forgetting::of(done.len()), forget_effects(&hub, &done)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What was answered and forgotten today, at shared devices or of whoever asks: that it was, when and where.
#[utoipa::path(get, path = "/api/answered", tag = "effects", params(AnsweredSince),
    responses((status = 200, description = "Done.", body = Vec<AnsweredView>), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn answered(
    State(hub): State<Arc<Hub>>,
    who: SignedIn,
    Query(since): Query<AnsweredSince>,
) -> Result<Json<Vec<AnsweredView>>, ApiError> {
    let home = hub.home();
    let zone = home.household.zone();
    let from = since.from.as_deref().map(|text| instant(text, zone, Bound::First)).transpose()?;
    let names = Names::of(&home.household);
    let lines = hub.unrecorded.since(from, hub.now(), zone).into_iter();
    let lines = lines.filter(|line| who.viewer.may_know_said_by(line.whose.as_ref()));
    Ok(Json(
        lines
            .map(|line| AnsweredView {
                at: line.at,
                device: line.device.map(|id| names.device(&id)),
                room: line.room,
            })
            .collect(),
    ))
}
