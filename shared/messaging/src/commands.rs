//! Answering commands: over the NATS services API, so that they can be discovered and a replica
//! more is capacity more.
//!
//! A command and its answer are stored in the transaction that carries it out: the same id gets the
//! same answer, for as long as answers are kept. A refusal is stored too, apart from the work that
//! was rolled back. A query changes nothing and is not stored.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use async_nats::HeaderMap;
use async_nats::service::{Request, ServiceExt};
use bytes::Bytes;
use chassis::Trace;
use chrono::{DateTime, Utc};
use contracts::commands::{Actor, Refusal};
use contracts::{CommandId, EntryId};
use futures::StreamExt;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::PgConnection;
use tokio::sync::Semaphore;

use crate::answers::{claim, digest, remember_refusal, store, stored};
use crate::bus::Bus;
use crate::caller::{ACTOR, COMMAND_ID, ERROR, ERROR_CODE};
use crate::status;
use crate::streams::{Found, StreamError};

/// Commands carried out at once by one process; the pool is shared with the consumers.
const AT_ONCE: usize = 6;
/// Pause before the broker is asked again (real time).
const ASK_AGAIN: Duration = Duration::from_millis(100);

/// A service's commands and queries.
pub trait Serve: Send + Sync + 'static {
    /// What it can be told to do.
    const COMMANDS: &'static [&'static str];
    /// What it can be asked.
    const QUERIES: &'static [&'static str];

    /// Carries out a command or answers a query, within a transaction that is committed after it
    /// and rolled back when it refuses.
    fn serve(
        &self,
        tx: &mut PgConnection,
        call: &Call,
    ) -> impl Future<Output = Result<Answer, CommandError>> + Send;
}

/// A request.
#[derive(Debug)]
pub struct Call {
    /// What is asked.
    pub verb: String,
    /// Who acts; commands have one, queries may.
    pub actor: Option<Actor>,
    /// Domain time when its turn has come.
    pub now: DateTime<Utc>,
    /// Where it came from.
    pub trace: Trace,
    pub(crate) id: Option<CommandId>,
    pub(crate) body: Bytes,
}

impl Call {
    /// The request's content. A refusal names the field at fault and never its value.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, CommandError> {
        let mut json = serde_json::Deserializer::from_slice(&self.body);
        serde_path_to_error::deserialize(&mut json).map_err(|error| {
            let field = format!("/{}", error.path().to_string().replace('.', "/"));
            CommandError::Refused(
                Refusal::new(
                    "invalid",
                    "Ett fält saknas, är okänt eller har fel form.",
                    "A field is missing, unknown or malformed.",
                )
                .at(&field),
            )
        })
    }

    /// The id of the entry that this makes in its aggregate: a command that comes again under its id,
    /// since a restored database has forgotten it, makes the same entry.
    #[must_use]
    pub fn entry_id(&self) -> EntryId {
        match self.id {
            Some(id) => EntryId::derive("command", &[&id.to_string(), &self.verb]),
            None => EntryId(chassis::new_id()),
        }
    }

    /// Who acts, or a refusal.
    pub fn actor(&self) -> Result<&Actor, CommandError> {
        self.actor.as_ref().ok_or_else(|| {
            CommandError::Refused(Refusal::new(
                "no_actor",
                "Ange vem som utför åtgärden (Hemgang-Actor).",
                "Who acts must be stated (Hemgang-Actor).",
            ))
        })
    }
}

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// It will not be, and this is why.
    #[error("refused: {}", .0.code)]
    Refused(Refusal),
    /// It could not be, now.
    #[error("use the database")]
    Database(#[from] sqlx::Error),
    /// A snapshot does not serialize.
    #[error("write an event")]
    Snapshot(#[from] crate::outbox::SerializeError),
}

impl CommandError {
    /// The database will never take what the request says.
    fn is_about_the_request(&self) -> bool {
        let Self::Database(sqlx::Error::Database(error)) = self else { return false };
        error.code().is_some_and(|code| code.starts_with("21") || code.starts_with("22"))
    }

    /// For log lines: never a value, and never what the database says of one.
    fn reason(&self) -> String {
        match self {
            Self::Database(error) => crate::incoming::database_reason(error),
            other => other.to_string(),
        }
    }
}

impl From<Refusal> for CommandError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// A serialized answer.
#[derive(Debug)]
pub struct Answer(pub(crate) String);

/// Serializes the answer of a command.
pub fn answer<T: Serialize>(value: &T) -> Result<Answer, CommandError> {
    serde_json::to_string(value).map(Answer).map_err(|_| {
        CommandError::Refused(Refusal::new(
            "unanswerable",
            "Svaret kunde inte skrivas.",
            "The answer could not be written.",
        ))
    })
}

/// Answers until the process stops.
pub(crate) async fn run<S: Serve>(bus: Bus, serve: S) -> anyhow::Result<()> {
    let service = bus
        .client
        .service_builder()
        .queue_group(bus.service)
        .start(bus.service, bus.release)
        .await
        .map_err(|error| anyhow::anyhow!(error))
        .context("register with the broker's services API")?;
    let group = service.group(format!("hemgang.v1.cmd.{}", bus.service));
    let mut endpoints = Vec::new();
    for verb in S::COMMANDS.iter().chain(S::QUERIES).chain(status::VERBS) {
        let endpoint = group.endpoint_builder().name(*verb).add(*verb).await;
        endpoints.push(endpoint.map_err(|e| anyhow::anyhow!(e)).context("offer a command")?);
    }
    bus.client.flush().await.context("offer the commands")?;
    bus.tasks.clone().spawn(is_offered(bus.clone()));
    let mut requests = futures::stream::select_all(endpoints);
    let (serve, at_once) = (Arc::new(serve), Arc::new(Semaphore::new(AT_ONCE)));
    let stop = bus.tasks.stop_token();
    loop {
        let request = tokio::select! {
            () = stop.cancelled() => break,
            request = requests.next() => request.context("the broker ended the subscription")?,
        };
        let turn = Arc::clone(&at_once).acquire_owned().await.context("wait for a turn")?;
        let (bus, serve) = (bus.clone(), Arc::clone(&serve));
        // A task of its own: nothing may drop it in the middle of a transaction.
        bus.tasks.clone().spawn(async move {
            respond(&bus, &*serve, &request).await;
            drop(turn);
        });
    }
    service.stop().await.map_err(|error| anyhow::anyhow!(error)).context("leave the services API")
}

/// The broker answers in order: with any answer it knows of all that is offered before. Nobody who finds
/// the service ready is told that it does not run.
async fn is_offered(bus: Bus) {
    let stream = contracts::subjects::stream_of(bus.service);
    while !bus.tasks.is_stopping() {
        match Found::named(&bus.js, &stream).await {
            Ok(_) | Err(StreamError::Missing { .. }) => return bus.readiness.up("commands"),
            Err(_) => bus.tasks.pause(ASK_AGAIN).await,
        }
    }
}

async fn respond<S: Serve>(bus: &Bus, serve: &S, request: &Request) {
    let verb = request.message.subject.rsplit('.').next().unwrap_or_default().to_owned();
    let mut call = call_of(bus, verb, request);
    let outcome = if status::VERBS.contains(&call.verb.as_str()) {
        status::answer(bus, &call).await
    } else if S::QUERIES.contains(&call.verb.as_str()) {
        query(bus, serve, &call).await
    } else {
        command(bus, serve, &mut call).await
    };
    let kind = match &outcome {
        Ok(_) => "answered",
        Err(CommandError::Refused(_)) => "refused",
        Err(_) => "failed",
    };
    metrics::counter!("hemgang_commands_total", "verb" => call.verb.clone(), "outcome" => kind)
        .increment(1);
    let (headers, body) = reply(&call, outcome);
    if request.respond_with_headers(Ok(body), headers).await.is_err() {
        tracing::warn!(verb = call.verb, "the answer could not be sent");
    }
}

fn call_of(bus: &Bus, verb: String, request: &Request) -> Call {
    let header = |name: &str| {
        request
            .message
            .headers
            .as_ref()
            .and_then(|headers| headers.get(name))
            .map(async_nats::HeaderValue::as_str)
    };
    Call {
        verb,
        actor: header(ACTOR).and_then(|text| serde_json::from_str(text).ok()),
        now: bus.clock.now(),
        trace: Trace::continue_from(header(Trace::HEADER)),
        id: header(COMMAND_ID).and_then(|text| text.parse().ok()),
        body: request.message.payload.clone(),
    }
}

fn reply(call: &Call, outcome: Result<Answer, CommandError>) -> (HeaderMap, Bytes) {
    let mut headers = HeaderMap::new();
    match outcome {
        Ok(Answer(text)) => (headers, text.into()),
        Err(CommandError::Refused(refusal)) => {
            headers.insert(ERROR_CODE, "409");
            headers.insert(ERROR, refusal.code.as_str());
            (headers, serde_json::to_vec(&refusal).unwrap_or_default().into())
        }
        Err(error) => {
            let reason = error.reason();
            tracing::error!(verb = call.verb, reason, "a command failed");
            headers.insert(ERROR_CODE, "503");
            headers.insert(ERROR, "unavailable");
            (headers, Bytes::new())
        }
    }
}

async fn query<S: Serve>(bus: &Bus, serve: &S, call: &Call) -> Result<Answer, CommandError> {
    let mut tx = bus.pool.begin().await?;
    let answer = serve.serve(&mut tx, call).await?;
    tx.commit().await?;
    bus.wake();
    Ok(answer)
}

async fn command<S: Serve>(bus: &Bus, serve: &S, call: &mut Call) -> Result<Answer, CommandError> {
    let id = call.id.ok_or_else(|| {
        Refusal::new(
            "no_command_id",
            "Kommandot saknar id (Hemgang-Command-Id).",
            "The command has no id (Hemgang-Command-Id).",
        )
    })?;
    call.actor()?;
    let digest = digest(call);
    let mut tx = bus.pool.begin().await?;
    if !claim(&mut tx, id, call, &digest).await? {
        tx.commit().await?;
        return stored(bus, id, &digest).await;
    }
    // Whoever had to wait for a turn acts when it has come.
    call.now = bus.clock.now();
    match serve.serve(&mut tx, call).await {
        Ok(Answer(text)) => {
            store(&mut tx, id, false, &text).await?;
            tx.commit().await?;
            bus.wake();
            Ok(Answer(text))
        }
        Err(CommandError::Refused(refusal)) => {
            tx.rollback().await?;
            remember_refusal(bus, id, call, &digest, &refusal).await
        }
        Err(error) if error.is_about_the_request() => {
            tx.rollback().await?;
            tracing::warn!(verb = call.verb, reason = error.reason(), "a command cannot be stored");
            remember_refusal(bus, id, call, &digest, &unusable()).await
        }
        Err(error) => Err(error),
    }
}

/// Something in it is not to be had in a database, such as a NUL character or one thing twice.
fn unusable() -> Refusal {
    Refusal::new("invalid", "Ett värde kan inte lagras.", "A value cannot be stored.")
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn call(id: Option<u128>, verb: &str, second: i64) -> Call {
        Call {
            verb: verb.to_owned(),
            actor: None,
            now: DateTime::from_timestamp(second, 0).unwrap(),
            trace: Trace::start(),
            id: id.map(|id| CommandId(Uuid::from_u128(id))),
            body: Bytes::new(),
        }
    }

    #[test]
    fn a_command_that_comes_again_later_makes_the_same_entry() {
        let entry = call(Some(1), "report", 0).entry_id();
        assert_eq!(call(Some(1), "report", 300).entry_id(), entry);
        assert_ne!(call(Some(2), "report", 0).entry_id(), entry);
        assert_ne!(call(Some(1), "other", 0).entry_id(), entry);
    }

    #[test]
    fn what_has_no_command_id_makes_another_entry_each_time() {
        assert_ne!(call(None, "read", 0).entry_id(), call(None, "read", 0).entry_id());
    }
}
