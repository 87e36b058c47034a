//! Listing what is kept, and looking at it.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use porchlight_hub::accounts::auth::SignedIn;
use porchlight_hub::ledger::readers_for;
use porchlight_hub::query::{self, Names, household_kind, whose};
use porchlight_hub::seen::seen;
use porchlight_hub::{Error, Hub};
use porchlight_protocol::events::Happening;
use porchlight_protocol::{Listing, LookKind, LookPass, LookRequest, Message, RecordingView};
use porchlight_vault::{Entry, Id, Kind, Look};
use serde_json::json;

use super::error::ApiError;

/// List what is kept and is one's own to know of: when, where and of whom, never what. Nothing is opened, so this is no look.
#[utoipa::path(get, path = "/api/recordings", tag = "recordings", params(Listing),
    responses((status = 200, description = "Done.", body = Vec<RecordingView>), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn list(
    State(hub): State<Arc<Hub>>,
    who: SignedIn,
    Query(listing): Query<Listing>,
) -> Result<Json<Vec<RecordingView>>, ApiError> {
    let home = hub.home();
    let mut filter = query::filter(&home.household, &listing.filter())?;
    filter.limit = listing.limit;
    if let Some(ids) = &listing.ids {
        filter.ids = query::ids(ids)?;
    }
    let mut entries = query::list(&hub, &who.viewer, filter).await?;
    if listing.newest {
        entries.reverse();
    }
    let names = Names::for_lists(&hub).await?;
    Ok(Json(entries.iter().map(|entry| names.view(entry)).collect()))
}

/// Look at recordings: the look is in the ledger, durable, before this answers. Only what is sealed to the one who asks is opened.
#[utoipa::path(post, path = "/api/looks", tag = "recordings", request_body = LookRequest,
    responses((status = 200, description = "Done.", body = LookPass), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn look(
    State(hub): State<Arc<Hub>>,
    who: SignedIn,
    Json(request): Json<LookRequest>,
) -> Result<Json<LookPass>, ApiError> {
    if request.why == LookKind::Export {
        who.must_be_fresh(&hub)?;
    }
    let home = hub.home();
    let household = &home.household;
    let chosen = query::chosen(&hub, &who.viewer, &request.selection).await?;
    let (mine, others): (Vec<Entry>, Vec<Entry>) = chosen.into_iter().partition(|entry| {
        whose(household, entry).is_some_and(|whose| who.viewer.may_look(&whose, household_kind(entry.kind)))
    });
    if mine.is_empty() && !others.is_empty() {
        let text = "only those it is sealed to can open this; you could ask them";
        return Err(Error::not_yours(Message::new("sealed-to-others", text)).into());
    }
    if mine.is_empty() {
        let text = "nothing is kept that fits, so there is nothing to open";
        return Err(Error::not_found(Message::new("nothing-fits", text)).into());
    }
    let ids: Vec<Id> = mine.iter().map(|entry| entry.id).collect();
    let names = Names::for_lists(&hub).await?;
    let said = json!({
        "who": who.person(), "client": who.session.client, "session": who.session.id, "how": request.why, "seen": seen(&mine, &names),
    });
    let pass = hub
        .vault
        .look(
            &ids,
            Look { how: request.why.word().to_owned(), said, readers: readers_for(&hub, who.person())? },
        )
        .await?;
    let recordings: Vec<RecordingView> = mine.iter().map(|entry| names.view(entry)).collect();
    tell_of_cameras(&hub, &who, request.why, &recordings);
    let line = pass.line();
    hub.passes.add(&who.session, pass, hub.now());
    let checkpoint = Some(hub.vault.checkpoint().await?);
    Ok(Json(LookPass { look: line, recordings, sealed_to_others: others.len() as u64, checkpoint }))
}

/// Tells the household when somebody looks at what cameras saw, or takes it away. What is anybody's own concerns nobody else.
fn tell_of_cameras(hub: &Hub, who: &SignedIn, why: LookKind, recordings: &[RecordingView]) {
    let devices: BTreeSet<String> = recordings
        .iter()
        .filter(|recording| recording.kind == Kind::Video.as_str())
        .filter_map(|recording| recording.device.clone())
        .collect();
    if devices.is_empty() {
        return;
    }
    let home = hub.home();
    let person = home.household.person(who.person()).map(|person| person.name.clone()).unwrap_or_default();
    let (client, devices) = (who.session.client.clone(), devices.into_iter().collect());
    hub.events.tell(hub.now(), Happening::Looked { person, client, devices, why });
}

/// Fetch one file of a look: an ordinary age file. Very many of them in a day take a fresh session.
#[utoipa::path(get, path = "/api/looks/{look}/{id}", tag = "recordings", params(("look" = u64, Path), ("id" = u64, Path)),
    responses((status = 200, description = "Done.", content_type = "application/age", body = Vec<u8>), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn file(
    State(hub): State<Arc<Hub>>,
    who: SignedIn,
    Path((look, id)): Path<(u64, u64)>,
) -> Result<Response, ApiError> {
    let pass = hub.passes.get(&who.session.id, look, hub.now()).ok_or_else(|| {
        let text = "that look was not made in this session, or too long ago; look again";
        Error::not_yours(Message::new("look-over", text))
    })?;
    // Whatever a look is called, and whatever was proved when it was made, what leaves the hub counts.
    if !who.is_fresh(&hub) && !hub.unproven.release(who.person().as_str(), hub.now()) {
        return Err(Error::step_up().into());
    }
    let released = match hub.vault.fetch(&pass, Id::from(id)).await {
        Err(porchlight_vault::Error::Unknown(ids)) => {
            return Err(query::unknown_to(&hub, &who.viewer, ids).await.into());
        }
        released => released?,
    };
    let headers = [
        (CONTENT_TYPE, "application/age".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{id}.age\"")),
    ];
    Ok((headers, Body::from(released.age_file())).into_response())
}
