//! The ledger, for whoever of the household wants to check it: its lines, its tiles, its proofs.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use porchlight_hub::accounts::auth::SignedIn;
use porchlight_hub::ledger::succession;
use porchlight_hub::{Error, Hub};
use porchlight_protocol::{DetailsRequest, LedgerDetail, LedgerHead, LineProof};
use porchlight_vault::ledger::TilePath;
use porchlight_vault::{Id, LedgerEntry};
use serde::Deserialize;
use utoipa::IntoParams;

use super::error::ApiError;
use crate::extract::Owning;

/// The ledger's newest signed checkpoint, and what it is checked with.
#[utoipa::path(get, path = "/api/ledger", tag = "ledger", responses((status = 200, description = "Done.", body = LedgerHead), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn head(State(hub): State<Arc<Hub>>, _who: SignedIn) -> Result<Json<LedgerHead>, ApiError> {
    Ok(head_of(&hub).await?)
}

/// Which lines.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Lines {
    /// The number of the first line; the first there is has number 0.
    #[serde(default)]
    from: u64,
}

/// At most so many lines, or details, in one answer.
const MOST_LINES: u64 = 1000;

/// Lines of the ledger as they were written: what kind of event, in which hour, and a commitment to its sealed detail.
#[utoipa::path(get, path = "/api/ledger/lines", tag = "ledger", params(Lines), responses((status = 200, description = "Done.", body = Vec<Object>), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn lines(
    State(hub): State<Arc<Hub>>,
    _who: SignedIn,
    Query(lines): Query<Lines>,
) -> Result<Json<Vec<LedgerEntry>>, ApiError> {
    let entries = hub.vault.ledger_entries(lines.from..lines.from.saturating_add(MOST_LINES)).await?;
    Ok(Json(entries))
}

/// The sealed details of lines, as age files that only those concerned can open. Reading the ledger is no look.
#[utoipa::path(post, path = "/api/ledger/details", tag = "ledger", request_body = DetailsRequest, responses((status = 200, description = "Done.", body = Vec<LedgerDetail>), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn details(
    State(hub): State<Arc<Hub>>,
    _who: SignedIn,
    Json(request): Json<DetailsRequest>,
) -> Result<Json<Vec<LedgerDetail>>, ApiError> {
    if request.details.len() as u64 > MOST_LINES {
        return Err(Error::bad("at most 1000 details fit into one answer; ask for fewer").into());
    }
    if request.details.is_empty() {
        return Ok(Json(Vec::new()));
    }
    let ids: Vec<Id> = request.details.into_iter().map(Id::from).collect();
    let found = hub.vault.details(&ids).await?.released;
    let sealed = found.iter().map(|released| LedgerDetail {
        detail: released.entry.id.get(),
        age: BASE64_STANDARD.encode(released.age_file()),
    });
    Ok(Json(sealed.collect()))
}

/// That a line is in the ledger, and, for a deletion, what has become of it. With the line's detail this is a receipt.
#[utoipa::path(get, path = "/api/ledger/lines/{line}/proof", tag = "ledger", params(("line" = u64, Path)), responses((status = 200, description = "Done.", body = LineProof), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn proof(
    State(hub): State<Arc<Hub>>,
    _who: SignedIn,
    Path(line): Path<u64>,
) -> Result<Json<LineProof>, ApiError> {
    if line >= hub.vault.ledger(|ledger| Ok(ledger.size())).await? {
        return Err(Error::not_found("the ledger has no line of that number").into());
    }
    let proof = hub.vault.prove_line(line).await?;
    Ok(Json(LineProof {
        key: proof.key.to_string(),
        successions: proof.successions,
        entry: proof.entry,
        proof: proof.proof.to_string(),
        outcome: proof.outcome,
    }))
}

/// Two sizes of the ledger's tree.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Sizes {
    /// The number of lines of the older checkpoint.
    from: u64,
    /// The number of lines of the newer one.
    to: u64,
}

/// The proof that the ledger's first lines are the beginning of more of them (RFC 6962 section 2.1.2): its hashes, in base64.
#[utoipa::path(get, path = "/api/ledger/consistency", tag = "ledger", params(Sizes), responses((status = 200, description = "Done.", body = Vec<String>), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn consistency(
    State(hub): State<Arc<Hub>>,
    _who: SignedIn,
    Query(Sizes { from, to }): Query<Sizes>,
) -> Result<Json<Vec<String>>, ApiError> {
    let proof = hub.vault.ledger(move |ledger| Ok(ledger.consistency(from, to).ok())).await?;
    let proof = proof.ok_or_else(|| Error::not_found("the ledger never had as many lines"))?;
    Ok(Json(proof.iter().map(ToString::to_string).collect()))
}

/// What is left of an older tree of the ledger, after an older copy of the data folder was put back: its entries in base64, or
/// nothing when none of it is here.
#[utoipa::path(get, path = "/api/ledger/trees/{tree}", tag = "ledger", params(("tree" = u32, Path)), responses((status = 200, description = "Done.", body = Option<Vec<String>>), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn older_tree(
    State(hub): State<Arc<Hub>>,
    _who: SignedIn,
    Path(tree): Path<u32>,
) -> Result<Json<Option<Vec<String>>>, ApiError> {
    let entries = hub.vault.ledger(move |ledger| Ok(ledger.entries_of_tree(tree)?)).await?;
    Ok(Json(entries.map(|entries| entries.iter().map(|entry| BASE64_STANDARD.encode(entry)).collect())))
}

/// Give the ledger another signing key, and destroy the one before. Both sign that it is so. Takes a fresh session.
#[utoipa::path(post, path = "/api/ledger/key", tag = "ledger", responses((status = 200, description = "Done.", body = LedgerHead), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn succeed_key(
    State(hub): State<Arc<Hub>>,
    Owning(owner): Owning,
    session: SignedIn,
) -> Result<Json<LedgerHead>, ApiError> {
    session.must_be_fresh(&hub)?;
    let changing = hub.clone();
    // On a task of its own: a client that goes away must not leave it half done.
    tokio::spawn(async move { succession::next_key(&changing, owner.person()).await }).await??;
    Ok(head_of(&hub).await?)
}

/// The ledger as a tiled log (C2SP tlog-tiles), by its paths: `checkpoint`, `tile/L/N`, `tile/entries/N`.
pub(super) async fn log(
    State(hub): State<Arc<Hub>>,
    _who: SignedIn,
    Path(path): Path<String>,
) -> Result<Response, ApiError> {
    let nothing = || Error::not_found("the ledger has no such tile; begin with its checkpoint");
    if path == "checkpoint" {
        let checkpoint = hub.vault.checkpoint().await?;
        return Ok(([(CONTENT_TYPE, "text/plain; charset=utf-8")], checkpoint).into_response());
    }
    let path: TilePath = path.parse().map_err(|_| nothing())?;
    let bytes = hub.vault.ledger(move |ledger| Ok(ledger.resource(path)?)).await?.ok_or_else(nothing)?;
    Ok(([(CONTENT_TYPE, "application/octet-stream")], Body::from(bytes)).into_response())
}

async fn head_of(hub: &Hub) -> Result<Json<LedgerHead>, Error> {
    let head = hub.vault.ledger(|ledger| {
        Ok(LedgerHead {
            size: ledger.size(),
            tree: ledger.tree(),
            key: ledger.key()?.to_string(),
            successions: ledger.successions().to_vec(),
            checkpoint: ledger.checkpoint().to_owned(),
        })
    });
    Ok(Json(head.await?))
}
