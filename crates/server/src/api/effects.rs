//! What requests left behind, and what was answered and forgotten.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use porchlight_household::rights::unproven::Forgetting;
use porchlight_hub::accounts::auth::SignedIn;
use porchlight_hub::assistant::{put_on_list, shown};
use porchlight_hub::deletion::forget_effects;
use porchlight_hub::query::{Bound, Names, instant};
use porchlight_hub::{Error, Hub};
use porchlight_protocol::{AnsweredSince, AnsweredView, Effect, EffectsView, Message, NewItem};
use porchlight_vault::Id;

use super::error::ApiError;

/// The timers, lists and reminders as they are. The hub uses them itself, so that they are no secret of anybody's and this is no look.
#[utoipa::path(get, path = "/api/effects", tag = "effects",
    responses((status = 200, description = "Done.", body = EffectsView), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn list(State(hub): State<Arc<Hub>>, _who: SignedIn) -> Result<Json<EffectsView>, ApiError> {
    Ok(Json(shown(&hub).await?))
}

/// Put something on a list, word for word.
#[utoipa::path(post, path = "/api/effects", tag = "effects", request_body = NewItem,
    responses((status = 201, description = "Done.", body = Effect), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn add(
    State(hub): State<Arc<Hub>>,
    who: SignedIn,
    Json(NewItem { list, item }): Json<NewItem>,
) -> Result<(StatusCode, Json<Effect>), ApiError> {
    let mut added = put_on_list(&hub, who.person(), &list, &item).await?;
    let added = added.pop().ok_or_else(|| Error::broken("nothing was put on the list"))?;
    Ok((StatusCode::CREATED, Json(added)))
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
