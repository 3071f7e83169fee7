//! Admissions over HTTP, for hospital systems that can post and nothing else.
//!
//! Each sender proves itself with a bearer token of its own, of which the file of senders holds the
//! digest. TLS is the business of the proxy in front: the listener is on loopback unless told
//! otherwise.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest, Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use chassis::Tasks;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio_util::sync::CancellationToken;

use crate::batcher::{Batcher, Unavailable, WeakBatcher};
use crate::inbound::{Channel, Form, Inbound};
use crate::intake_mllp::{acknowledgement, answer_batch};
use crate::outcome::{Outcome, Verdict};
use crate::profile::{SenderProfile, Senders};
use crate::receipts::Receipt;

/// Settings of the listener.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Where to listen; port 0 takes a free one.
    pub addr: SocketAddr,
    /// Longest message in bytes.
    pub max_body: usize,
    /// Longest wait for a whole message, in seconds.
    pub read_s: u64,
    /// Most messages in hand; who sends one more is asked to send it again.
    pub max_requests: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            addr: SocketAddr::from(([127, 0, 0, 1], 8081)),
            max_body: 1024 * 1024,
            read_s: 30,
            max_requests: 64,
        }
    }
}

/// How long answers may take after the process was told to stop.
const LAST_ANSWERS: Duration = Duration::from_secs(10);

#[derive(Clone)]
struct Shared {
    batcher: WeakBatcher,
    senders: Arc<Senders>,
    read: Duration,
    in_hand: Arc<Semaphore>,
    stop: CancellationToken,
}

/// Starts the listener.
pub(crate) fn start(
    listener: TcpListener,
    settings: &Settings,
    batcher: Batcher,
    senders: Arc<Senders>,
    tasks: &Tasks,
) {
    let routes = Router::new()
        .route("/v1/admissions/{sender}", post(admission))
        .route("/v1/hl7/{sender}", post(hl7))
        .layer(DefaultBodyLimit::max(settings.max_body))
        .with_state(Shared {
            batcher: batcher.downgrade(),
            senders,
            read: Duration::from_secs(settings.read_s),
            in_hand: Arc::new(Semaphore::new(settings.max_requests)),
            stop: tasks.stop_token(),
        });
    let stop = tasks.stop_token();
    tasks.spawn_critical("http", async move {
        let graceful = stop.clone().cancelled_owned();
        let served = axum::serve(listener, routes).with_graceful_shutdown(graceful);
        tokio::select! {
            served = served => served?,
            // Whoever has sent half of its headers is not waited for.
            () = async { stop.cancelled().await; tokio::time::sleep(LAST_ANSWERS).await } => {}
        }
        drop(batcher);
        Ok(())
    });
}

/// Takes one of our documents. The same one again gets the same answer.
async fn admission(
    State(shared): State<Shared>,
    Path(sender): Path<String>,
    request: Request,
) -> Response {
    match take_document(&shared, &sender, request).await {
        Ok(outcome) => told(&outcome),
        Err(problem) => problem.into_response(),
    }
}

async fn take_document(
    shared: &Shared,
    sender: &str,
    request: Request,
) -> Result<Outcome, Problem> {
    let (inbound, _in_hand) = receive(shared, sender, Form::Document, request).await?;
    shared.batcher.submit(inbound).await.map_err(|Unavailable| Problem::unavailable())
}

/// Takes an HL7 message and answers with its acknowledgement.
async fn hl7(
    State(shared): State<Shared>,
    Path(sender): Path<String>,
    request: Request,
) -> Response {
    match take_hl7(&shared, &sender, request).await {
        Ok(answer) => {
            let content_type = [(header::CONTENT_TYPE, "application/hl7-v2; charset=utf-8")];
            (content_type, answer).into_response()
        }
        Err(problem) => problem.into_response(),
    }
}

async fn take_hl7(shared: &Shared, sender: &str, request: Request) -> Result<String, Problem> {
    let (inbound, _in_hand) = receive(shared, sender, Form::Hl7, request).await?;
    let batcher = shared.batcher.upgrade().map_err(|Unavailable| Problem::unavailable())?;
    if let Some(answer) = answer_batch(&batcher, &inbound).await {
        return Ok(answer);
    }
    let outcome = batcher.submit(inbound).await;
    outcome.map(|o| acknowledgement(&o)).map_err(|Unavailable| Problem::unavailable())
}

/// A message of a proven sender, and its place among those in hand. The body is read for nobody
/// else.
async fn receive<'s>(
    shared: &'s Shared,
    sender: &str,
    form: Form,
    request: Request,
) -> Result<(Inbound, SemaphorePermit<'s>), Problem> {
    let profile = shared.senders.by_token(sender);
    if !profile.is_some_and(|profile| proves(request.headers(), profile)) {
        return Err(Problem::unauthorized());
    }
    let in_hand = shared.in_hand.try_acquire().map_err(|_| Problem::unavailable())?;
    let body = shared.body(request).await?;
    Ok((Inbound::new(Channel::Http, form, Some(sender.to_owned()), body), in_hand))
}

impl Shared {
    /// The whole body, unless it is too long or too slow, or the process is to stop.
    async fn body(&self, request: Request) -> Result<Bytes, Problem> {
        tokio::select! {
            read = tokio::time::timeout(self.read, Bytes::from_request(request, &())) => match read {
                Ok(Ok(body)) => Ok(body),
                Ok(Err(why)) if why.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                    Err(Problem::too_long())
                }
                Ok(Err(_)) | Err(_) => Err(Problem::incomplete()),
            },
            () = self.stop.cancelled() => Err(Problem::unavailable()),
        }
    }
}

/// Whether the bearer token is the sender's. Digests are compared in constant time.
fn proves(headers: &HeaderMap, profile: &SenderProfile) -> bool {
    let Some(expected) = &profile.http else { return false };
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some(token) = given.and_then(|value| value.strip_prefix("Bearer ")) else { return false };
    let digest = format!("{:x}", Sha256::digest(token.trim()));
    let expected = expected.token_sha256.to_ascii_lowercase();
    digest.as_bytes().ct_eq(expected.as_bytes()).into()
}

/// The answer to a document. It does not say whether it came for the first time: whoever lost the
/// first answer is to get the same.
fn told(outcome: &Outcome) -> Response {
    let receipt = Receipt::of(outcome, None, true);
    if outcome.verdict == Verdict::Refused {
        return Problem::unprocessable(receipt).into_response();
    }
    (StatusCode::OK, Json(receipt)).into_response()
}

/// RFC 9457.
#[derive(Debug, Serialize)]
struct Problem {
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    status: u16,
    detail: &'static str,
    #[serde(flatten)]
    receipt: Option<Receipt>,
}

impl Problem {
    fn unauthorized() -> Self {
        Self {
            kind: "about:blank",
            title: "Unauthorized",
            status: 401,
            detail: "Avsändaren är inte registrerad för HTTP, eller dess token är fel. / The sender \
                     is not registered for HTTP, or its token is wrong.",
            receipt: None,
        }
    }

    fn unavailable() -> Self {
        Self {
            kind: "about:blank",
            title: "Service Unavailable",
            status: 503,
            detail: "Meddelandet togs inte emot, skicka det igen. / The message was not taken, \
                     send it again.",
            receipt: None,
        }
    }

    fn too_long() -> Self {
        Self {
            kind: "about:blank",
            title: "Content Too Large",
            status: 413,
            detail: "Meddelandet är för långt. / The message is too long.",
            receipt: None,
        }
    }

    fn incomplete() -> Self {
        Self {
            kind: "about:blank",
            title: "Request Timeout",
            status: 408,
            detail: "Hela meddelandet kom inte i tid, skicka det igen. / The whole message did not \
                     come in time, send it again.",
            receipt: None,
        }
    }

    fn unprocessable(receipt: Receipt) -> Self {
        Self {
            kind: "about:blank",
            title: "Unprocessable Content",
            status: 422,
            detail: "Meddelandet har fel i fälten nedan. / The message has faults in the fields \
                     below.",
            receipt: Some(receipt),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        let mut response = (status, Json(&self)).into_response();
        let headers = response.headers_mut();
        let content_type = header::HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, content_type);
        if self.status == 503 {
            headers.insert(header::RETRY_AFTER, header::HeaderValue::from_static("5"));
        }
        if self.status == 401 {
            let bearer = header::HeaderValue::from_static("Bearer");
            headers.insert(header::WWW_AUTHENTICATE, bearer);
        }
        response
    }
}
