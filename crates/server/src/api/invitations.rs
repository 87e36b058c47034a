//! Letting somebody in: what an owner asks of their invitations, and what a newcomer asks who has a code and is not signed in.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Json;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::StatusCode;
use porchlight_household::PersonId;
use porchlight_hub::Hub;
use porchlight_hub::accounts::inviting;
use porchlight_protocol::{
    InvitationAnswer, InvitationHandle, InvitationNonce, InvitationRegistration, InvitationView,
    InvitationWait, InvitationWaited, NewInvitation, OpenedInvitation, RegistrationAnswer,
};

use super::error::ApiError;
use crate::extract::Owning;

/// Ask somebody in who stands in the household's document and has no keys yet. The code that they need follows from nothing that is
/// sent; it works for a quarter of an hour, and one that they had before works no more.
#[utoipa::path(post, path = "/api/invitations", tag = "household", request_body = NewInvitation,
    responses((status = 201, description = "Done.", body = InvitationView), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn invite(
    State(hub): State<Arc<Hub>>,
    Owning(owner): Owning,
    Json(new): Json<NewInvitation>,
) -> Result<(StatusCode, Json<InvitationView>), ApiError> {
    let view = inviting::invite(&hub, &owner, new)?;
    Ok((StatusCode::CREATED, Json(view)))
}

/// The invitations that the owner who asks has made: of each person the newest, with what was answered.
#[utoipa::path(get, path = "/api/invitations", tag = "household",
    responses((status = 200, description = "Done.", body = Vec<InvitationView>), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn list(
    State(hub): State<Arc<Hub>>,
    Owning(owner): Owning,
) -> Result<Json<Vec<InvitationView>>, ApiError> {
    Ok(Json(inviting::invitations_of(&hub, owner.person())))
}

/// End an invitation: its code works no more, and nobody is let in by it.
#[utoipa::path(delete, path = "/api/invitations/{person}", tag = "household", params(("person" = String, Path)),
    responses((status = 204, description = "Done."), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn end(
    State(hub): State<Arc<Hub>>,
    Owning(owner): Owning,
    Path(person): Path<String>,
) -> Result<StatusCode, ApiError> {
    inviting::end(&hub, owner.person(), &person.parse::<PersonId>()?)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Give the nonce that an invitation promised, on which the numbers hang. An owner's client does so once, when it has taken an answer and
/// will take no other: before that nobody knows it who could look for keys with the same numbers.
#[utoipa::path(post, path = "/api/invitations/{person}/nonce", tag = "household", params(("person" = String, Path)), request_body = InvitationNonce,
    responses((status = 204, description = "Done."), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn give_nonce(
    State(hub): State<Arc<Hub>>,
    Owning(owner): Owning,
    Path(person): Path<String>,
    Json(given): Json<InvitationNonce>,
) -> Result<StatusCode, ApiError> {
    inviting::give_nonce(&hub, owner.person(), &person.parse::<PersonId>()?, &given.nonce)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Come with a code: who asks whom in, until when. The newcomer's client checks the greeting before it believes any of it.
#[utoipa::path(post, path = "/api/invitations/open", tag = "sign-in", request_body = InvitationHandle, security(()),
    responses((status = 200, description = "Done.", body = OpenedInvitation), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn open(
    State(hub): State<Arc<Hub>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    Json(asked): Json<InvitationHandle>,
) -> Result<Json<OpenedInvitation>, ApiError> {
    Ok(Json(inviting::open(&hub, &asked.handle, from.ip())?))
}

/// The hub's half of a newcomer's passphrase, which never leaves their client: this is OPAQUE.
#[utoipa::path(post, path = "/api/invitations/register", tag = "sign-in", request_body = InvitationRegistration, security(()),
    responses((status = 200, description = "Done.", body = RegistrationAnswer), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn register(
    State(hub): State<Arc<Hub>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    Json(asked): Json<InvitationRegistration>,
) -> Result<Json<RegistrationAnswer>, ApiError> {
    let response = inviting::register(&hub, &asked.handle, &asked.request, from.ip())?;
    Ok(Json(RegistrationAnswer { response }))
}

/// Answer an invitation with keys and an account. The first answer counts; it lets nobody in before the owner does.
#[utoipa::path(post, path = "/api/invitations/answer", tag = "sign-in", request_body = InvitationAnswer, security(()),
    responses((status = 204, description = "Done."), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn answer(
    State(hub): State<Arc<Hub>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    Json(answer): Json<InvitationAnswer>,
) -> Result<StatusCode, ApiError> {
    inviting::answer(&hub, answer, from.ip())?;
    Ok(StatusCode::NO_CONTENT)
}

/// Wait a while for what becomes of an answer: for the nonce, then for what is decided. The newcomer's client holds the nonce against the
/// commitment that it was greeted with before it shows any numbers.
#[utoipa::path(post, path = "/api/invitations/wait", tag = "sign-in", request_body = InvitationWait, security(()),
    responses((status = 200, description = "Done.", body = InvitationWaited), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn wait(
    State(hub): State<Arc<Hub>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    Json(asked): Json<InvitationWait>,
) -> Result<Json<InvitationWaited>, ApiError> {
    Ok(Json(inviting::wait(&hub, &asked, from.ip()).await?))
}

/// Say as the newcomer that something is wrong: the invitation is over, and nobody is let in by it.
#[utoipa::path(post, path = "/api/invitations/stop", tag = "sign-in", request_body = InvitationHandle, security(()),
    responses((status = 204, description = "Done."), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn stop(
    State(hub): State<Arc<Hub>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    Json(asked): Json<InvitationHandle>,
) -> Result<StatusCode, ApiError> {
    inviting::stop(&hub, &asked.handle, from.ip())?;
    Ok(StatusCode::NO_CONTENT)
}
