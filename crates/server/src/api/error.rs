//! How the hub refuses over HTTP: each kind of refusal has a status, and only here.

use axum::Json;
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse, Response};
use porchlight_hub::{Error, ErrorKind};
use porchlight_protocol::{Message, Problem};

/// Why a request is refused: a status, a stable word for programs, and a message for people.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    word: &'static str,
    said: Message,
}

impl ApiError {
    /// What only HTTP refuses. A message without a code of its own is known by the word.
    pub(crate) fn new(status: StatusCode, word: &'static str, said: impl Into<Message>) -> ApiError {
        let mut said = said.into();
        if said.code.is_empty() {
            word.clone_into(&mut said.code);
        }
        ApiError { status, word, said }
    }

    /// What it says.
    #[cfg(test)]
    pub(crate) fn said(&self) -> &Message {
        &self.said
    }
}

#[cfg(test)]
impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.said.text)
    }
}

fn status(kind: ErrorKind) -> StatusCode {
    match kind {
        ErrorKind::Invalid => StatusCode::BAD_REQUEST,
        ErrorKind::Unreadable => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorKind::Unproved => StatusCode::UNAUTHORIZED,
        ErrorKind::ProveAgain | ErrorKind::NotAllowed => StatusCode::FORBIDDEN,
        ErrorKind::NotFound => StatusCode::NOT_FOUND,
        ErrorKind::Conflict => StatusCode::CONFLICT,
        ErrorKind::TooMany => StatusCode::TOO_MANY_REQUESTS,
        ErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorKind::Broken => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Whatever the hub says of a failure, of its own or of a room below it.
impl<E: Into<Error>> From<E> for ApiError {
    fn from(error: E) -> ApiError {
        let error = error.into();
        ApiError { status: status(error.kind()), word: error.code(), said: error.into_message() }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let ApiError { status, word, said } = self;
        let seconds = said.values.get("seconds").filter(|_| status == StatusCode::TOO_MANY_REQUESTS);
        let later = seconds.map(|seconds| [(RETRY_AFTER, seconds.clone())]);
        let problem = Json(Problem { error: word.to_owned(), message: said.text.clone(), said });
        match later {
            Some(later) => (status, later, problem).into_response(),
            None => (status, problem).into_response(),
        }
    }
}
