//! The sounds that are sent here, before anything of them is heard.

use std::time::Duration;

use axum::body::Body;
use axum::http::StatusCode;
use futures::StreamExt;
use porchlight_hub::Error;
use porchlight_protocol::Message;
use porchlight_voice::wav;
use zeroize::Zeroizing;

use super::error::ApiError;

/// How long a sound may take to arrive: two minutes of speech on a slow network at home.
const ARRIVES: Duration = Duration::from_secs(60);

/// Reads as much of a body as a sound may have. Of a longer one the beginning is kept, whose header says how long it is, and the
/// rest is read past, so that the client gets to read the refusal.
///
/// # Errors
/// When it breaks off, or has not come to its end in time.
pub(super) async fn read_sound(body: Body) -> Result<Zeroizing<Vec<u8>>, ApiError> {
    let whole = async {
        let mut wav = Zeroizing::new(Vec::with_capacity(wav::MAX_BYTES + 1));
        let mut stream = body.into_data_stream();
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(|error| {
                let text = format!("the sound broke off on its way here: {error}");
                ApiError::from(Error::bad(Message::new("sound-broke-off", text)))
            })?;
            let room = wav::MAX_BYTES + 1 - wav.len();
            wav.extend_from_slice(&chunk[..chunk.len().min(room)]);
        }
        Ok(wav)
    };
    tokio::time::timeout(ARRIVES, whole).await.unwrap_or_else(|_| Err(too_slow()))
}

fn too_slow() -> ApiError {
    let seconds = ARRIVES.as_secs();
    let text = format!(
        "the sound did not arrive within {seconds} seconds; say less at once, or send it over a faster network"
    );
    ApiError::new(
        StatusCode::REQUEST_TIMEOUT,
        "too-slow",
        Message::new("sound-too-slow", text).with("seconds", seconds),
    )
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use axum::body::Bytes;
    use axum::response::IntoResponse;
    use futures::stream;
    use tokio::time::{Instant, sleep};

    use super::*;

    /// A byte now and then, without end.
    fn dripping() -> Body {
        let drop = |()| async {
            sleep(Duration::from_secs(1)).await;
            Some((Ok::<_, Infallible>(Bytes::from_static(b"R")), ()))
        };
        Body::from_stream(stream::unfold((), drop))
    }

    #[tokio::test(start_paused = true)]
    async fn a_sound_that_comes_too_slowly_or_without_end_is_cut_off_with_the_reason() {
        let silent = Body::from_stream(stream::pending::<Result<Bytes, Infallible>>());
        for body in [dripping(), silent] {
            let began = Instant::now();
            let answer = read_sound(body).await.unwrap_err().into_response();
            assert_eq!(answer.status(), 408);
            let said = axum::body::to_bytes(answer.into_body(), 1 << 10).await.unwrap();
            assert!(String::from_utf8_lossy(&said).contains("did not arrive within 60 seconds"));
            assert_eq!(began.elapsed().as_secs(), ARRIVES.as_secs());
        }
        let whole = read_sound(Body::from("RIFF")).await.unwrap();
        assert_eq!(*whole, b"RIFF");
    }
}
