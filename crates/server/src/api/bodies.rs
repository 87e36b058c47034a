//! Bodies of requests: bounded in bytes before the first of them is read, in bytes and pieces as they come, and in time.
//!
//! What a stranger may send is a few kilobytes, two at a time in one connection. A handler that takes whoever is signed in verifies
//! their session before it takes the body, so that of a stranger nothing is read there; and what one session has under way is bounded.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_LENGTH, EXPECT};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body::{Frame, SizeHint};
use porchlight_hub::Error;
use porchlight_protocol::Message;
use tokio::time::Sleep;

use super::error::ApiError;
use crate::listener::Visit;

/// What a body may be.
#[derive(Clone)]
pub(super) struct Bounds {
    most: usize,
    within: Duration,
    /// What sessions have under way; none where nobody is signed in yet.
    sessions: Option<Sessions>,
}

/// Of somebody who signs in, gets back in or makes a household: the largest of those is some three kilobytes.
const STRANGERS: Bounds = Bounds { most: 16 << 10, within: Duration::from_secs(10), sessions: None };
/// The largest body of any other request but a sound, in bytes, and how long it may take on a slow network at home.
const MEMBERS: usize = 4 << 20;
const WITHIN: Duration = Duration::from_secs(60);
/// Bytes of one session under way, and of all of them.
const OF_A_SESSION: usize = 16 << 20;
const OF_ALL: usize = 64 << 20;
/// What is handed on at once, in bytes. Whoever sends a body byte by byte makes each cost a hundred: they are put together here.
const PIECE: usize = 16 << 10;
/// What is read of a body that nobody wanted, in bytes, and how long it is waited for.
const REST: usize = 64 << 10;
const REST_WITHIN: Duration = Duration::from_millis(500);

impl Bounds {
    /// Where there is no session yet.
    pub(super) fn before_a_session() -> Bounds {
        STRANGERS
    }

    /// Where a session is needed.
    pub(super) fn of_sessions() -> Bounds {
        Bounds { most: MEMBERS, within: WITHIN, sessions: Some(Sessions::default()) }
    }
}

/// Why a body is not read to its end.
#[derive(Clone, Copy)]
enum Fault {
    Long { most: usize },
    Slow { seconds: u64 },
    Many,
}

impl From<Fault> for ApiError {
    fn from(fault: Fault) -> ApiError {
        match fault {
            Fault::Long { most } => {
                let text = format!("this is more than {most} bytes; send less at once");
                let said = Message::new("body-too-long", text).with("most", most);
                ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "too-long", said)
            }
            Fault::Slow { seconds } => {
                let text =
                    format!("this did not arrive within {seconds} seconds; send it over a faster network");
                let said = Message::new("body-too-slow", text).with("seconds", seconds);
                ApiError::new(StatusCode::REQUEST_TIMEOUT, "too-slow", said)
            }
            Fault::Many => {
                let text = "much is being sent at once; wait until the first of it is answered";
                Error::too_many(Message::new("bodies-at-once", text)).into()
            }
        }
    }
}

/// Reads no more of a body than is allowed. What the framework makes of a body that broke off for that is said as what it is.
pub(super) async fn bounded(State(bounds): State<Bounds>, request: Request, next: Next) -> Response {
    let told = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if told.is_some_and(|told: u64| told > bounds.most as u64) {
        return ApiError::from(Fault::Long { most: bounds.most }).into_response();
    }
    let visit = request.extensions().get::<Visit>().cloned();
    let _turn = match (&visit, &bounds.sessions) {
        (Some(visit), None) if !request.body().is_end_stream() => visit.body().await,
        _ => None,
    };
    let fault = Arc::new(OnceLock::new());
    let (head, body) = request.into_parts();
    let bounded = Bounded::new(body, bounds, visit.clone(), fault.clone());
    let answer = next.run(Request::from_parts(head, Body::new(bounded))).await;
    match fault.get() {
        Some(fault) if answer.status().is_client_error() => ApiError::from(*fault).into_response(),
        _ => answer,
    }
}

/// Whatever was asked and whoever answers it: what nobody wanted of a short body is read all the same, for a moment. A connection that is
/// closed before it has come takes the answer along, or the client's next request. Whoever asks first whether to send it at all is answered,
/// and sends it not.
pub(super) async fn read_out(request: Request, next: Next) -> Response {
    if request.headers().contains_key(EXPECT) {
        return next.run(request).await;
    }
    let (head, body) = request.into_parts();
    let body = Arc::new(Mutex::new(body));
    let answer = next.run(Request::from_parts(head, Body::new(Lent(body.clone())))).await;
    read_the_rest(&body).await;
    answer
}

async fn read_the_rest(body: &Mutex<Body>) {
    let read = async {
        let mut left = REST;
        while left > 0 && !locked(body).is_end_stream() {
            let Some(Ok(frame)) = poll_fn(|context| Pin::new(&mut *locked(body)).poll_frame(context)).await
            else {
                break;
            };
            left = left.saturating_sub(frame.data_ref().map_or(0, Bytes::len));
        }
    };
    let _ = tokio::time::timeout(REST_WITHIN, read).await;
}

fn locked(body: &Mutex<Body>) -> MutexGuard<'_, Body> {
    body.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A body that somebody may read, and of which another reads the rest.
struct Lent(Arc<Mutex<Body>>);

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut *locked(&self.0)).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        locked(&self.0).is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        locked(&self.0).size_hint()
    }
}

/// A body as it is read.
struct Bounded {
    body: Body,
    bounds: Bounds,
    left: usize,
    visit: Option<Visit>,
    fault: Arc<OnceLock<Fault>>,
    /// From when the first of it is asked for.
    late: Option<Pin<Box<Sleep>>>,
    held: Option<Held>,
    /// What has come and was not handed on yet.
    piece: Vec<u8>,
    over: bool,
}

impl Bounded {
    fn new(body: Body, bounds: Bounds, visit: Option<Visit>, fault: Arc<OnceLock<Fault>>) -> Bounded {
        let left = bounds.most;
        Bounded { body, bounds, left, visit, fault, late: None, held: None, piece: Vec::new(), over: false }
    }

    /// What is wrong with some more bytes, if anything is.
    fn take(&mut self, bytes: usize) -> Result<(), Fault> {
        self.left = self.left.checked_sub(bytes).ok_or(Fault::Long { most: self.bounds.most })?;
        let session = self.visit.as_ref().and_then(Visit::session);
        if let (Some(sessions), Some(session)) = (&self.bounds.sessions, session) {
            let held = self.held.get_or_insert_with(|| sessions.nothing(session));
            held.grow(bytes).ok_or(Fault::Many)?;
        }
        Ok(())
    }

    /// What has come so far, to be handed on.
    fn gathered(&mut self) -> Option<Frame<Bytes>> {
        let piece = std::mem::take(&mut self.piece);
        (!piece.is_empty()).then(|| Frame::data(piece.into()))
    }

    fn fails(&self, fault: Fault) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let _ = self.fault.set(fault);
        Poll::Ready(Some(Err(axum::Error::new("the body was not read to its end"))))
    }
}

impl HttpBody for Bounded {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let within = self.bounds.within;
        let late = self.late.get_or_insert_with(|| Box::pin(tokio::time::sleep(within)));
        if late.as_mut().poll(context).is_ready() {
            return self.fails(Fault::Slow { seconds: within.as_secs() });
        }
        while !self.over {
            let frame = Pin::new(&mut self.body).poll_frame(context);
            let bytes = match ready!(frame).transpose()? {
                Some(frame) => frame.into_data().unwrap_or_default(),
                None => {
                    self.over = true;
                    break;
                }
            };
            if let Err(fault) = self.take(bytes.len()) {
                return self.fails(fault);
            }
            self.piece.extend_from_slice(&bytes);
            if self.piece.len() >= PIECE {
                break;
            }
        }
        Poll::Ready(self.gathered().map(Ok))
    }

    fn is_end_stream(&self) -> bool {
        self.piece.is_empty() && (self.over || self.body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// How many bytes of bodies which session has under way.
#[derive(Clone, Default)]
struct Sessions(Arc<Mutex<BTreeMap<String, usize>>>);

/// Bytes that are under way, until this is dropped.
struct Held {
    sessions: Sessions,
    session: String,
    bytes: usize,
}

impl Sessions {
    fn nothing(&self, session: String) -> Held {
        Held { sessions: self.clone(), session, bytes: 0 }
    }

    fn under_way(&self) -> MutexGuard<'_, BTreeMap<String, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    /// Takes some more, where there is room for it.
    fn grow(&mut self, bytes: usize) -> Option<()> {
        let mut under_way = self.sessions.under_way();
        let own = under_way.get(&self.session).copied().unwrap_or_default();
        let all: usize = under_way.values().sum();
        if own + bytes > OF_A_SESSION || all + bytes > OF_ALL {
            return None;
        }
        under_way.insert(self.session.clone(), own + bytes);
        self.bytes += bytes;
        Some(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut under_way = self.sessions.under_way();
        if let Some(own) = under_way.get_mut(&self.session) {
            *own -= self.bytes;
            if *own == 0 {
                under_way.remove(&self.session);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures::{StreamExt, stream};

    use super::*;

    fn read(body: Body, bounds: Bounds) -> (Bounded, Arc<OnceLock<Fault>>) {
        let fault = Arc::new(OnceLock::new());
        (Bounded::new(body, bounds, None, fault.clone()), fault)
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_is_read_up_to_its_bounds_and_no_further() {
        let pieces = |count: usize| {
            let piece = || Ok::<_, Infallible>(Bytes::from_static(&[b' '; 1024]));
            Body::from_stream(stream::iter((0..count).map(move |_| piece())))
        };
        let (body, fault) = read(pieces(16), STRANGERS);
        assert!(axum::body::to_bytes(Body::new(body), usize::MAX).await.is_ok() && fault.get().is_none());
        // One that says nothing of its length, and never ends.
        let (body, fault) = read(pieces(1 << 20), STRANGERS);
        let mut stream = Body::new(body).into_data_stream();
        let mut bytes = 0;
        while let Some(Ok(piece)) = stream.next().await {
            bytes += piece.len();
        }
        assert_eq!(bytes, 16 << 10);
        assert!(matches!(fault.get(), Some(Fault::Long { .. })));

        let silent = Body::from_stream(stream::pending::<Result<Bytes, Infallible>>());
        let (body, fault) = read(silent, STRANGERS);
        let began = tokio::time::Instant::now();
        assert!(axum::body::to_bytes(Body::new(body), usize::MAX).await.is_err());
        assert_eq!(began.elapsed(), STRANGERS.within);
        assert!(matches!(fault.get(), Some(Fault::Slow { .. })));
    }

    #[tokio::test(start_paused = true)]
    async fn what_nobody_wanted_of_a_body_is_read_for_a_moment_and_no_further() {
        let pieces =
            |count: usize| (0..count).map(|_| Ok::<_, Infallible>(Bytes::from_static(&[b' '; 1024])));
        let short = Mutex::new(Body::from_stream(stream::iter(pieces(3))));
        read_the_rest(&short).await;
        assert!(axum::body::to_bytes(short.into_inner().unwrap(), usize::MAX).await.unwrap().is_empty());
        let long = Mutex::new(Body::from_stream(stream::iter(pieces(100))));
        read_the_rest(&long).await;
        let rest = axum::body::to_bytes(long.into_inner().unwrap(), usize::MAX).await.unwrap();
        assert_eq!(rest.len(), (100 << 10) - REST);
        let began = tokio::time::Instant::now();
        read_the_rest(&Mutex::new(Body::from_stream(stream::pending::<Result<Bytes, Infallible>>()))).await;
        assert_eq!(began.elapsed(), REST_WITHIN);
    }

    #[tokio::test]
    async fn a_body_that_comes_byte_by_byte_is_handed_on_in_whole_pieces() {
        let bytes = Body::from_stream(stream::iter(
            (0..40_000).map(|_| Ok::<_, Infallible>(Bytes::from_static(b" "))),
        ));
        let (body, _) = read(bytes, Bounds::of_sessions());
        let pieces: Vec<usize> =
            Body::new(body).into_data_stream().map(|piece| piece.unwrap().len()).collect().await;
        assert_eq!(pieces, [PIECE, PIECE, 40_000 - 2 * PIECE]);
    }

    #[test]
    fn what_one_session_sends_leaves_room_for_the_others() {
        let sessions = Sessions::default();
        let take = |session: &str| {
            let mut held = sessions.nothing(session.into());
            held.grow(1 << 19).and_then(|()| held.grow(1 << 19)).map(|()| held)
        };
        let mut anna: Vec<Held> = std::iter::from_fn(|| take("anna")).collect();
        assert_eq!(anna.len() << 20, OF_A_SESSION);
        let tom = take("tom");
        assert!(tom.is_some());
        anna.pop();
        assert!(take("anna").is_some(), "what was read makes room");
        drop((anna, tom));
        assert!(sessions.under_way().is_empty());
    }
}
