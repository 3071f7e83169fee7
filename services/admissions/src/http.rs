//! Admissions over HTTP, for hospital systems that can post and nothing else.
//!
//! Each sender proves itself with a bearer token of its own, of which the file of senders holds the
//! digest. TLS is the business of the proxy in front: the listener is on loopback unless told
//! otherwise.
//!
//! What one sender does costs no other its service: connections and headers are bounded by the
//! listener, bodies by time and length, and each sender has its own share of the messages in hand.

mod problem;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use bytes::BytesMut;
use chassis::Tasks;
use chassis::http::{InHand, Limits};
use futures::StreamExt as _;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio_util::sync::CancellationToken;

use self::problem::Problem;
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
    /// Longest wait for the headers of a message, in seconds.
    pub head_s: u64,
    /// Longest wait for a whole message, in seconds.
    pub read_s: u64,
    /// Most connections; a further one takes the place of the oldest without a message in hand.
    pub max_connections: usize,
    /// Most messages in hand; who sends one more is asked to send it again.
    pub max_requests: usize,
    /// Most of them of one sender.
    pub max_per_sender: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            addr: SocketAddr::from(([127, 0, 0, 1], 8081)),
            max_body: 1024 * 1024,
            head_s: 10,
            read_s: 30,
            max_connections: 256,
            max_requests: 64,
            max_per_sender: 16,
        }
    }
}

/// How long the rest of a message that is too long is thrown away, so that the refusal arrives: an
/// answer beside data left unread may be overtaken by a reset.
const LINGER: Duration = Duration::from_secs(2);

#[derive(Clone)]
struct Shared {
    batcher: WeakBatcher,
    senders: Arc<Senders>,
    max_body: usize,
    read: Duration,
    in_hand: Arc<Semaphore>,
    of_each: Arc<HashMap<String, Semaphore>>,
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
    let share =
        |sender: &SenderProfile| (sender.token.clone(), Semaphore::new(settings.max_per_sender));
    let of_each = senders.all().iter().map(share).collect();
    let routes = Router::new()
        .route("/v1/admissions/{sender}", post(admission))
        .route("/v1/hl7/{sender}", post(hl7))
        .with_state(Shared {
            batcher: batcher.downgrade(),
            senders,
            max_body: settings.max_body,
            read: Duration::from_secs(settings.read_s),
            in_hand: Arc::new(Semaphore::new(settings.max_requests)),
            of_each: Arc::new(of_each),
            stop: tasks.stop_token(),
        });
    let limits = Limits {
        max_connections: settings.max_connections,
        headers: Duration::from_secs(settings.head_s),
    };
    let stop = tasks.stop_token();
    tasks.spawn_critical("http", async move {
        chassis::http::serve(listener, routes, limits, stop).await;
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
    let (inbound, _share) = receive(shared, sender, Form::Document, request).await?;
    let inbound = shared.whole(inbound).await?;
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
    let (inbound, _share) = receive(shared, sender, Form::Hl7, request).await?;
    let inbound = shared.whole(inbound).await?;
    let batcher = shared.batcher.upgrade().map_err(|Unavailable| Problem::unavailable())?;
    if let Some(answer) = answer_batch(&batcher, &inbound).await {
        return Ok(answer);
    }
    let outcome = batcher.submit(inbound).await;
    outcome.map(|o| acknowledgement(&o)).map_err(|Unavailable| Problem::unavailable())
}

/// The share of a message in those that may be in hand: of its sender's and of everybody's.
type Share<'s> = (SemaphorePermit<'s>, SemaphorePermit<'s>);

/// A message of a proven sender, and its share. The body is read for nobody else.
async fn receive<'s>(
    shared: &'s Shared,
    sender: &str,
    form: Form,
    request: Request,
) -> Result<(Inbound, Share<'s>), Problem> {
    let profile = shared.senders.by_token(sender);
    if !profile.is_some_and(|profile| proves(request.headers(), profile)) {
        return Err(Problem::unauthorized());
    }
    let own = shared.of_each.get(sender).ok_or_else(Problem::unauthorized)?;
    let own = own.try_acquire().map_err(|_| Problem::unavailable())?;
    let all = shared.in_hand.try_acquire().map_err(|_| Problem::unavailable())?;
    if let Some(in_hand) = request.extensions().get::<InHand>() {
        in_hand.hold();
    }
    let (form, body) = match shared.body(request).await? {
        Came::Whole(body) => (form, body),
        Came::Beginning(head) => (Form::Truncated, head),
    };
    Ok((Inbound::new(Channel::Http, form, Some(sender.to_owned()), body), (own, all)))
}

/// What came of a body.
enum Came {
    /// All of it.
    Whole(Bytes),
    /// As much as the limit allows; it is longer.
    Beginning(Bytes),
}

/// Reads a body up to a limit.
async fn read(body: Body, most: usize) -> Result<Came, axum::Error> {
    let (mut stream, mut all) = (body.into_data_stream(), BytesMut::new());
    while let Some(chunk) = stream.next().await {
        let chunk = chunk?;
        let room = most.saturating_sub(all.len());
        all.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
        if chunk.len() > room {
            let _ = tokio::time::timeout(LINGER, throw_away(stream)).await;
            return Ok(Came::Beginning(all.freeze()));
        }
    }
    Ok(Came::Whole(all.freeze()))
}

async fn throw_away(mut stream: BodyDataStream) {
    while let Some(Ok(_)) = stream.next().await {}
}

impl Shared {
    /// The body, unless it is too slow or the process is to stop.
    async fn body(&self, request: Request) -> Result<Came, Problem> {
        let read = read(request.into_body(), self.max_body);
        tokio::select! {
            read = tokio::time::timeout(self.read, read) => match read {
                Ok(Ok(came)) => Ok(came),
                Ok(Err(_)) | Err(_) => Err(Problem::incomplete()),
            },
            () = self.stop.cancelled() => Err(Problem::unavailable()),
        }
    }

    /// A message that came whole. The beginning of one that is too long is kept as refused, as over
    /// MLLP, and its sender hears where the limit is.
    async fn whole(&self, inbound: Inbound) -> Result<Inbound, Problem> {
        if inbound.form != Form::Truncated {
            return Ok(inbound);
        }
        let kept = self.batcher.submit(inbound).await.ok();
        let receipt = kept.map(|outcome| Receipt::of(&outcome, None, true));
        Err(Problem::too_long(self.max_body, receipt))
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
