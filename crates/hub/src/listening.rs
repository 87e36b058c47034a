//! Sounds on their way to the ear. It hears one at a time, so that the others wait, each with megabytes in memory: few of one
//! session, and not many in all. Whoever sends one has to come to its end.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::http::StatusCode;
use futures::StreamExt;
use porchlight_voice::wav;
use zeroize::Zeroizing;

use crate::api::types::Sentence;
use crate::error::ApiError;

/// Sounds of one session at a time: what was said, what is being said, and a page that was left meanwhile …
const MOST_OF_ONE: usize = 4;
/// … and of all of them together.
const MOST: usize = 16;
/// How long a sound may take to arrive: two minutes of speech on a slow network at home.
const ARRIVES: Duration = Duration::from_secs(60);

/// How many sounds of which session are under way.
#[derive(Clone, Default)]
pub(crate) struct Listening(Arc<Mutex<BTreeMap<String, usize>>>);

/// A place among the sounds that are under way, until it is dropped. It goes with the sound, and not with whoever waits for the
/// answer: who goes away does not make room that is still taken.
pub(crate) struct Turn {
    listening: Listening,
    session: String,
}

impl Listening {
    /// Takes a place, before any of the sound is read.
    ///
    /// # Errors
    /// When this session, or all of them together, have as many under way as they may.
    pub(crate) fn take(&self, session: &str) -> Result<Turn, ApiError> {
        let mut under_way = self.under_way();
        if under_way.get(session).is_some_and(|own| *own >= MOST_OF_ONE) {
            let text = "you are saying much at once; wait until the first of it is answered";
            return Err(ApiError::too_many(Sentence::new("much-at-once", text)));
        }
        if under_way.values().sum::<usize>() >= MOST {
            let text = "many are speaking to Porchlight at once; say it again in a moment";
            return Err(ApiError::unavailable(Sentence::new("many-at-once", text)));
        }
        *under_way.entry(session.to_owned()).or_default() += 1;
        Ok(Turn { listening: self.clone(), session: session.to_owned() })
    }

    fn under_way(&self) -> MutexGuard<'_, BTreeMap<String, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut under_way = self.listening.under_way();
        if let Some(own) = under_way.get_mut(&self.session) {
            *own -= 1;
            if *own == 0 {
                under_way.remove(&self.session);
            }
        }
    }
}

/// Reads as much of a body as a sound may have. Of a longer one the beginning is kept, whose header says how long it is, and the
/// rest is read past, so that the client gets to read the refusal.
///
/// # Errors
/// When it breaks off, or has not come to its end in time.
pub(crate) async fn read_sound(body: Body) -> Result<Zeroizing<Vec<u8>>, ApiError> {
    let whole = async {
        let mut wav = Zeroizing::new(Vec::with_capacity(wav::MAX_BYTES + 1));
        let mut stream = body.into_data_stream();
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(|error| {
                let text = format!("the sound broke off on its way here: {error}");
                ApiError::bad(Sentence::new("sound-broke-off", text))
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
        Sentence::new("sound-too-slow", text).with("seconds", seconds),
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

    fn status(refused: Result<Turn, ApiError>) -> u16 {
        refused.map_or_else(|error| error.into_response().status().as_u16(), |_| 200)
    }

    #[test]
    fn each_session_has_few_sounds_under_way_and_all_together_not_many() {
        let listening = Listening::default();
        let mut anna: Vec<_> = (0..MOST_OF_ONE).map(|_| listening.take("anna").unwrap()).collect();
        assert_eq!(status(listening.take("anna")), 429);
        let others: Vec<_> =
            (MOST_OF_ONE..MOST).map(|n| listening.take(&format!("session {}", n / 2)).unwrap()).collect();
        assert_eq!(status(listening.take("tom")), 503);
        anna.pop();
        let tom = listening.take("tom").unwrap();
        assert_eq!(status(listening.take("anna")), 503);
        drop((tom, others));
        assert_eq!(status(listening.take("anna")), 200, "what was heard makes room");
        drop(anna);
        assert!(listening.under_way().is_empty(), "nothing is remembered of whoever is not speaking");
    }

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
