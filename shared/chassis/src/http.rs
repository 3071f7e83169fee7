//! The HTTP listener of every process: one slow or greedy peer must not cost another its service.
//!
//! `axum::serve` bounds neither connections nor the time that headers may take. Here a connection
//! without a whole request in hand gives up its place when others need it, and half a header is
//! waited for briefly. How long a body may take is the business of whoever reads it; who has proved
//! itself by then may be kept its place ([`InHand::hold`]).

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::places::{Place, Places};

/// How long to let go of accepting when the system has no socket to give.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// How long answers may take after the process was told to stop.
const LAST_ANSWERS: Duration = Duration::from_secs(10);

/// What a listener puts up with.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Most connections at a time; a further one takes the place of the oldest that has no request
    /// in hand, or is closed at once. Not by address: proxies stand in front.
    pub max_connections: usize,
    /// Longest wait for the headers of a request, the first or the next.
    pub headers: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_connections: 256, headers: Duration::from_secs(10) }
    }
}

/// Serves until `stop`, then lets each request in hand be answered.
pub async fn serve(listener: TcpListener, routes: Router, limits: Limits, stop: CancellationToken) {
    let connections = TaskTracker::new();
    let places = Places::new(limits.max_connections, limits.max_connections);
    loop {
        let accepted = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "accepting an HTTP connection failed");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let Some(place) = places.take(peer.ip()) else {
            metrics::counter!("hemgang_http_connections_refused_total").increment(1);
            continue;
        };
        let (routes, stop) = (routes.clone(), stop.clone());
        connections.spawn(converse(stream, routes, limits, stop, Arc::new(place)));
    }
    drop(listener);
    connections.close();
    connections.wait().await;
}

/// One connection, until its peer leaves, is too slow, its place is needed, or we stop.
async fn converse(
    stream: TcpStream,
    routes: Router,
    limits: Limits,
    stop: CancellationToken,
    place: Arc<Place>,
) {
    let _ = stream.set_nodelay(true);
    let (service, own) = (TowerToHyperService::new(routes), Arc::clone(&place));
    let service = service_fn(move |request: Request<Incoming>| {
        let in_hand = InHand(Arc::new(Hold(Arc::clone(&own))));
        let mut request = request.map(|body| Heard::begin(body, in_hand.clone()));
        request.extensions_mut().insert(in_hand.clone());
        let answer = service.call(request);
        async move {
            let answer = answer.await;
            drop(in_hand);
            answer
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.headers)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        // Whatever a connection ended with is its peer's affair.
        _ = connection.as_mut() => return,
        () = place.given_up() => return,
        () = stop.cancelled() => {}
    }
    // Whoever has sent half of its headers is not waited for.
    if place.is_held() {
        connection.as_mut().graceful_shutdown();
        let _ = tokio::time::timeout(LAST_ANSWERS, connection).await;
    }
}

/// A request that is being heard or answered; in its extensions. Its connection gives up its place for
/// others until all of it has come.
#[derive(Clone, Debug)]
pub struct InHand(Arc<Hold>);

impl InHand {
    /// Keeps the place until the answer, however slowly the rest comes: for a peer that has proved
    /// itself.
    pub fn hold(&self) {
        self.0.0.hold();
    }
}

#[derive(Debug)]
struct Hold(Arc<Place>);

impl Drop for Hold {
    fn drop(&mut self) {
        self.0.release();
    }
}

/// A body that notes when all of it has come.
struct Heard {
    body: Incoming,
    in_hand: InHand,
}

impl Heard {
    fn begin(body: Incoming, in_hand: InHand) -> Self {
        let heard = Self { body, in_hand };
        heard.note();
        heard
    }

    fn note(&self) {
        if self.body.is_end_stream() {
            self.in_hand.hold();
        }
    }
}

impl Body for Heard {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        if frame.is_none() {
            self.in_hand.hold();
        }
        self.note();
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use axum::Extension;
    use axum::routing::{get, post};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::sync::Notify;

    use super::*;

    const LONGEST: Duration = Duration::from_secs(10);

    struct Running {
        at: SocketAddr,
        stop: CancellationToken,
        served: tokio::task::JoinHandle<()>,
        /// Lets requests for `/slow` be answered.
        go_on: Arc<Notify>,
    }

    async fn running(limits: Limits) -> Running {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (at, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
        let go_on = Arc::new(Notify::new());
        let slow = Arc::clone(&go_on);
        let routes = Router::new().route("/", get(async || "quick")).route(
            "/slow",
            get(async move || {
                slow.notified().await;
                "slow"
            }),
        );
        let routes = routes.route("/post", post(async |body: String| body)).route(
            "/proved",
            post(async |Extension(in_hand): Extension<InHand>, request: Request| {
                in_hand.hold();
                axum::body::to_bytes(request.into_body(), 100).await.unwrap()
            }),
        );
        let served = tokio::spawn(serve(listener, routes, limits, stop.clone()));
        Running { at, stop, served, go_on }
    }

    async fn begin(running: &Running, begun: &str) -> TcpStream {
        let mut stream = TcpStream::connect(running.at).await.unwrap();
        stream.write_all(begun.as_bytes()).await.unwrap();
        stream
    }

    /// Everything that comes until the connection ends.
    async fn rest(stream: &mut TcpStream) -> String {
        let mut all = Vec::new();
        let ended = tokio::time::timeout(LONGEST, stream.read_to_end(&mut all)).await;
        let _ = ended.expect("the connection ends");
        String::from_utf8(all).unwrap()
    }

    fn request(path: &str) -> String {
        format!("GET {path} HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n")
    }

    #[tokio::test]
    async fn half_a_header_and_silence_are_cut_off() {
        let headers = Duration::from_millis(50);
        let running = running(Limits { headers, ..Limits::default() }).await;
        for begun in ["", "GET / HT", "GET / HTTP/1.1\r\nhost: h\r\n"] {
            let said = rest(&mut begin(&running, begun).await).await;
            assert!(said.is_empty() || said.starts_with("HTTP/1.1 408"), "{begun:?}: {said}");
        }
    }

    #[tokio::test]
    async fn a_crowd_that_says_nothing_keeps_nobody_out_and_costs_no_request_in_hand() {
        let running = running(Limits { max_connections: 4, ..Limits::default() }).await;
        let mut slow = begin(&running, &request("/slow")).await;
        let mut crowd = Vec::new();
        for _ in 0..50 {
            crowd.push(begin(&running, "GET").await);
        }
        let mut quick = begin(&running, &request("/")).await;
        assert!(rest(&mut quick).await.ends_with("quick"));
        running.go_on.notify_one();
        assert!(rest(&mut slow).await.ends_with("slow"));
    }

    /// A request whose body is to have four bytes, of which none has come.
    fn half(path: &str) -> String {
        format!("POST {path} HTTP/1.1\r\nhost: h\r\ncontent-length: 4\r\nconnection: close\r\n\r\n")
    }

    #[tokio::test]
    async fn half_a_body_holds_no_place() {
        let running = running(Limits { max_connections: 4, ..Limits::default() }).await;
        let mut crowd = Vec::new();
        for _ in 0..50 {
            crowd.push(begin(&running, &half("/post")).await);
        }
        let mut whole = begin(&running, &(half("/post") + "body")).await;
        assert!(rest(&mut whole).await.ends_with("body"));
    }

    #[tokio::test]
    async fn whoever_has_proved_itself_may_be_slow_with_its_body() {
        let running = running(Limits { max_connections: 4, ..Limits::default() }).await;
        let begun = half("/proved").replace("host: h", "host: h\r\nexpect: 100-continue");
        let mut proved = begin(&running, &begun).await;
        let mut go_on = [0; "HTTP/1.1 100 Continue\r\n\r\n".len()];
        proved.read_exact(&mut go_on).await.unwrap();
        let mut crowd = Vec::new();
        for _ in 0..50 {
            crowd.push(begin(&running, "GET").await);
        }
        assert_eq!(rest(&mut crowd.remove(0)).await, "");
        proved.write_all(b"body").await.unwrap();
        assert!(rest(&mut proved).await.ends_with("body"));
    }

    #[tokio::test]
    async fn whoever_waits_for_an_answer_gets_it_when_the_process_stops() {
        let running = running(Limits::default()).await;
        let mut slow = begin(&running, &request("/slow")).await;
        // Somebody later was answered, so the request has been heard.
        assert!(rest(&mut begin(&running, &request("/")).await).await.ends_with("quick"));
        let mut silent = begin(&running, "GET").await;
        running.stop.cancel();
        assert_eq!(rest(&mut silent).await, "");
        running.go_on.notify_one();
        assert!(rest(&mut slow).await.ends_with("slow"));
        running.served.await.unwrap();
    }
}
