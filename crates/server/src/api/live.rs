//! Cameras, live.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message as Frame, WebSocket, WebSocketUpgrade, close_code};
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use futures::stream::SplitStream;
use futures::{Sink, SinkExt, Stream, StreamExt, stream};
use porchlight_hub::Hub;
use porchlight_hub::recording::live::{self, Guard, Watching};
use porchlight_protocol::{LiveEnd, LiveOpening};

use super::error::ApiError;
use crate::extract::BySocket;
use crate::listener::{Socket, Visit};

/// How long a unit may take until the other end has room for it.
const TAKES: Duration = Duration::from_secs(5);
/// How long the other end has to take leave.
const LEAVES: Duration = Duration::from_millis(500);
/// Whoever watches sends nothing but answers to the protocol's own questions.
const MOST_SENT: usize = 1 << 10;

/// Watch a camera live, as a WebSocket: the newest group of pictures at once, then each picture and frame of sound as it comes. The look is
/// in the ledger before the first byte, and its end when it is over. The first message is text, a `LiveOpening`; all others are sealed with
/// the key in it, in binary. Asked without a WebSocket it opens nothing, and says whether one would be refused and why.
#[utoipa::path(get, path = "/api/cameras/{camera}/live", tag = "recordings",
    params(("camera" = String, Path, description = "The camera's id in the household's document.")),
    responses((status = 101, description = "The socket is open.", body = LiveOpening), (status = "default", description = "What is wrong and what to do.", body = porchlight_protocol::Problem)))]
pub(super) async fn live(
    State(hub): State<Arc<Hub>>,
    BySocket(who): BySocket,
    Path(camera): Path<String>,
    visit: Option<Extension<Visit>>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, ApiError> {
    let Ok(upgrade) = upgrade else {
        live::may_watch(&hub, &who, &camera).await?;
        return Err(ApiError::new(
            StatusCode::UPGRADE_REQUIRED,
            "socket-needed",
            "a live picture is a WebSocket; open this address as one",
        ));
    };
    let upgrade = upgrade.max_message_size(MOST_SENT).max_frame_size(MOST_SENT).write_buffer_size(0);
    let watching = live::watch(&hub, &who, &camera).await?;
    // It stays one of the open connections.
    let socket = visit.map(|Extension(visit)| visit.becomes_socket());
    Ok(upgrade.on_upgrade(move |connection| show(connection, watching, socket)).into_response())
}

/// Sends what the camera sends, for as long as it may and the other end is there.
async fn show(connection: WebSocket, watching: Watching, socket: Option<Socket>) {
    let Watching { opening, units, mut guard } = watching;
    let (mut sender, mut receiver) = connection.split();
    let units = stream::unfold(units, |mut units| async move { Some((units.next().await?, units)) });
    let sending = send_all(&mut sender, &opening, units);
    let why = tokio::select! {
        biased;
        why = guard.over() => why,
        () = cut(socket.as_ref()) => LiveEnd::Closed,
        () = closed(&mut receiver) => LiveEnd::Closed,
        why = sending => why,
    };
    let why = match why {
        // A hub that stops lets its cameras go first.
        LiveEnd::CameraGone => over_now(&mut guard).await.unwrap_or(why),
        why => why,
    };
    // Its end is written down while the other end takes leave.
    guard.end(why);
    let code = match why {
        LiveEnd::Closed => close_code::NORMAL,
        LiveEnd::HubStopped => close_code::AWAY,
        _ => close_code::POLICY,
    };
    let leave = Frame::Close(Some(CloseFrame { code, reason: why.word().into() }));
    let _ = tokio::time::timeout(LEAVES, async {
        let _ = sender.send(leave).await;
        closed(&mut receiver).await;
    })
    .await;
}

/// Why it is over, where that is known now.
async fn over_now(guard: &mut Guard) -> Option<LiveEnd> {
    tokio::time::timeout(Duration::from_millis(50), guard.over()).await.ok()
}

async fn cut(socket: Option<&Socket>) {
    match socket {
        Some(socket) => socket.cut().await,
        None => std::future::pending().await,
    }
}

/// Waits until the other end closes or is gone.
async fn closed(receiver: &mut SplitStream<WebSocket>) {
    while let Some(Ok(frame)) = receiver.next().await {
        if matches!(frame, Frame::Close(_)) {
            return;
        }
    }
}

/// Sends the opening, and then whatever is next for as long as there is something.
async fn send_all(
    sender: &mut (impl Sink<Frame> + Unpin),
    opening: &LiveOpening,
    units: impl Stream<Item = Vec<u8>>,
) -> LiveEnd {
    let mut units = pin!(units);
    let opening = serde_json::to_string(opening).unwrap_or_default();
    let mut next = Some(Frame::Text(opening.into()));
    while let Some(frame) = next {
        match tokio::time::timeout(TAKES, sender.send(frame)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return LiveEnd::Closed,
            Err(_) => return LiveEnd::TooSlow,
        }
        next = units.next().await.map(|unit| Frame::Binary(Bytes::from(unit)));
    }
    LiveEnd::CameraGone
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures::channel::mpsc;
    use futures::sink;
    use tokio::time::Instant;

    use super::*;

    fn opening() -> LiveOpening {
        LiveOpening { look: "a look".into(), key: "a key".into() }
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_takes_nothing_for_five_seconds_is_too_slow() {
        // It takes two messages, and never has room for a third.
        let mut taken = 0;
        let mut full = Box::pin(sink::unfold((), |(), _: Frame| {
            taken += 1;
            async move {
                if taken > 2 {
                    std::future::pending::<()>().await;
                }
                Ok::<_, Infallible>(())
            }
        }));
        let began = Instant::now();
        assert_eq!(send_all(&mut full, &opening(), stream::repeat(vec![1])).await, LiveEnd::TooSlow);
        assert_eq!(began.elapsed(), TAKES);
    }

    #[tokio::test]
    async fn the_opening_comes_first_and_what_is_next_until_there_is_nothing() {
        let (mut sender, receiver) = mpsc::unbounded();
        let units = stream::iter([vec![1], vec![2]]);
        let why = send_all(&mut sender, &opening(), units).await;
        drop(sender);
        assert_eq!(why, LiveEnd::CameraGone);
        let sent: Vec<Frame> = receiver.collect().await;
        let [Frame::Text(text), Frame::Binary(one), Frame::Binary(two)] = &sent[..] else {
            panic!("{sent:?}")
        };
        assert!(text.contains("a look") && text.contains("a key"));
        assert_eq!((&one[..], &two[..]), (&[1][..], &[2][..]));
        let (mut sender, gone) = mpsc::unbounded();
        drop(gone);
        assert_eq!(send_all(&mut sender, &opening(), stream::empty()).await, LiveEnd::Closed);
    }
}
