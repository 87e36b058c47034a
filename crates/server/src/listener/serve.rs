//! From a connection that comes in to its last answer.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::{Arc, PoisonError, RwLock};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::ConnectInfo;
use axum::http::header::CONNECTION;
use axum::http::{HeaderValue, Request, Response, Version};
use http_body::{Frame, SizeHint};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;
use tracing::warn;

use super::connection::{Connection, Ending, UnderWay};
use super::connections::Connections;
use super::phones::Move;
use super::swap_router::SwapRouter;
use super::visit::Visit;

/// Bytes of a request's head, by HTTP/1 and by HTTP/2; what the app and the command line send has some five hundred.
const HEAD: usize = 16 << 10;
const HEADERS: u32 = 8 << 10;
/// What is on its way in one connection by HTTP/2 before it is read, in bytes: of all its requests, and of each.
const WINDOW: u32 = 64 << 10;
/// Requests at once in one connection by HTTP/2.
const STREAMS: u32 = 16;
/// Requests at once in one connection that were taken back before they were answered; whoever has more is cut.
const TAKEN_BACK: usize = 16;
/// How often it is asked whether the other end is still there, and how long that may take.
const STILL_THERE: Duration = Duration::from_secs(30);
const ANSWERS: Duration = Duration::from_secs(20);
/// With this byte TLS begins, and no request of HTTP.
const TLS_HANDSHAKE: u8 = 0x16;
/// How long nobody is let in after the system refused a connection: of the reasons for that none passes at once.
const REFUSED: Duration = Duration::from_millis(100);

/// How long requests that are being answered have when the hub stops.
pub(super) const LAST_ANSWERS: Duration = Duration::from_secs(2);

/// All that serving needs.
pub(super) struct Serving {
    pub router: SwapRouter,
    pub tls: Arc<RwLock<Option<TlsAcceptor>>>,
    /// Whether this computer is served plain, whatever others are.
    pub plain_here: bool,
    pub http: auto::Builder<TokioExecutor>,
    pub connections: Arc<Connections>,
    pub stop: CancellationToken,
    pub tasks: TaskTracker,
}

/// HTTP/1.1 and HTTP/2 with bounds for what a connection may hold in memory.
pub(super) fn http() -> auto::Builder<TokioExecutor> {
    let mut http = auto::Builder::new(TokioExecutor::new());
    // How long a head may take is a matter of the connection, as all its times are.
    http.http1().timer(TokioTimer::new()).header_read_timeout(None).max_buf_size(HEAD);
    http.http2()
        .timer(TokioTimer::new())
        .initial_stream_window_size(WINDOW)
        .initial_connection_window_size(WINDOW)
        .max_send_buf_size(WINDOW as usize)
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(HEADERS)
        .max_pending_accept_reset_streams(TAKEN_BACK)
        .max_local_error_reset_streams(TAKEN_BACK)
        .keep_alive_interval(STILL_THERE)
        .keep_alive_timeout(ANSWERS);
    http
}

impl Serving {
    /// Lets everybody in until the hub stops.
    pub(super) async fn accept(self: Arc<Serving>, mut socket: TcpListener, mut moves: mpsc::Receiver<Move>) {
        loop {
            let coming = async {
                let place = self.connections.place().await;
                (place, socket.accept().await)
            };
            let next = tokio::select! {
                () = self.stop.cancelled() => return,
                Some(to) = moves.recv() => Err(to),
                coming = coming => Ok(coming),
            };
            let (place, accepted) = match next {
                Ok(coming) => coming,
                Err(to) => match to.follow(socket).await {
                    Some(moved) => {
                        socket = moved;
                        continue;
                    }
                    None => return,
                },
            };
            let (stream, from) = match accepted {
                Ok(accepted) => accepted,
                Err(error) if is_of_one(&error) => continue,
                Err(error) => {
                    warn!(target: "porchlight", "a connection was not let in: {error}");
                    tokio::time::sleep(REFUSED).await;
                    continue;
                }
            };
            let connection = Arc::new(Connection::from(from.ip()));
            self.connections.admit(&connection);
            let connections = self.connections.clone();
            let (serving, visit) = (self.clone(), Visit { connections, connection, encrypted: false });
            self.tasks.spawn(async move {
                serving.serve(stream, from, &visit).await;
                // What became a socket of its own is a connection still.
                visit.connection.sockets_closed().await;
                visit.connections.closed(&visit.connection);
                drop(place);
            });
        }
    }

    async fn serve(&self, stream: TcpStream, from: SocketAddr, visit: &Visit) {
        // A peer that has gone without a word is noticed; where the system does not offer that, its time ends it all the same.
        let alive = TcpKeepalive::new().with_time(STILL_THERE).with_interval(STILL_THERE / 3);
        let _ = SockRef::from(&stream).set_tcp_keepalive(&alive);
        let _ = stream.set_nodelay(true);
        let plain = tokio::select! {
            _ = visit.connection.ending() => return,
            () = self.stop.cancelled() => return,
            plain = self.is_plain(&stream, from) => plain,
        };
        if plain {
            return self.speak(stream, from, visit).await;
        }
        // Whoever comes from elsewhere before there is anything to encrypt with gets no answer.
        let tls = self.tls.read().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(tls) = tls else { return };
        let agreed = tokio::select! {
            _ = visit.connection.ending() => return,
            () = self.stop.cancelled() => return,
            agreed = tls.accept(stream) => agreed,
        };
        // Nor does whoever does not speak TLS.
        if let Ok(stream) = agreed {
            let visit = Visit { encrypted: true, ..visit.clone() };
            self.speak(stream, from, &visit).await;
        }
    }

    /// Whether a connection is of this computer, which is served plain, and does not begin with TLS.
    async fn is_plain(&self, stream: &TcpStream, from: SocketAddr) -> bool {
        let is_here = |address: SocketAddr| address.ip().to_canonical().is_loopback();
        if !self.plain_here || !is_here(from) || !stream.local_addr().is_ok_and(is_here) {
            return false;
        }
        let mut first = [0];
        let peeked = stream.peek(&mut first).await;
        !(peeked.is_ok_and(|count| count == 1) && first == [TLS_HANDSHAKE])
    }

    /// Answers what comes, until the connection ends.
    async fn speak(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        from: SocketAddr,
        visit: &Visit,
    ) {
        let service = service_fn(|request| answer(self.router.clone(), request, from, visit.clone()));
        let mut spoken = pin!(self.http.serve_connection_with_upgrades(TokioIo::new(stream), service));
        let ending = tokio::select! {
            // What goes wrong in a connection is whoever's at its other end.
            _ = spoken.as_mut() => return,
            ending = visit.connection.ending() => ending,
            () = self.stop.cancelled() => Ending::Over,
        };
        if ending == Ending::Over {
            // What is being answered is answered, and a client hears that it has to connect anew.
            spoken.as_mut().graceful_shutdown();
            let _ = tokio::time::timeout(LAST_ANSWERS, spoken).await;
        }
    }
}

/// Whether the system refused one connection, and the next may well do.
fn is_of_one(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

async fn answer(
    router: SwapRouter,
    request: Request<Incoming>,
    from: SocketAddr,
    visit: Visit,
) -> Result<Response<Body>, Infallible> {
    let under_way = visit.begin();
    let connection = visit.connection.clone();
    let can_be_told = request.version() < Version::HTTP_2;
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(from));
    request.extensions_mut().insert(visit);
    let mut answer = router.now().oneshot(request).await?;
    if can_be_told && connection.is_leaving() {
        answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    Ok(answer.map(|body| Body::new(Answer { body, _under_way: under_way })))
}

/// An answer's body, under way until it is sent.
struct Answer {
    body: Body,
    _under_way: UnderWay,
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
