//! Asking services, for whoever has a connection to the broker and no database.

use std::time::Duration;

use async_nats::{Client, HeaderMap, RequestErrorKind};
use bytes::Bytes;
use chassis::Trace;
use contracts::CommandId;
use contracts::commands::{Actor, Command, Refusal, any};
use contracts::subjects;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The header with the command's id.
pub(crate) const COMMAND_ID: &str = "Hemgang-Command-Id";
/// The header that says who acts.
pub(crate) const ACTOR: &str = "Hemgang-Actor";
/// The services API's header of an error.
pub(crate) const ERROR: &str = "Nats-Service-Error";
/// The services API's header of an error's code.
pub(crate) const ERROR_CODE: &str = "Nats-Service-Error-Code";

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The service will not do it, and says why.
    #[error("refused: {} ({})", .0.message.en, .0.code)]
    Refused(Refusal),
    /// The service could not do it now. Repeat with the same command id.
    #[error("{service} could not answer now")]
    Failed {
        /// The service.
        service: String,
    },
    /// Nobody answers on that subject.
    #[error("{service} is not running")]
    NoResponder {
        /// The service.
        service: String,
    },
    /// No answer came; the command may have been carried out. Repeat with the same command id.
    #[error("{service} did not answer in time")]
    NoAnswer {
        /// The service.
        service: String,
    },
    /// The answer is none.
    #[error("understand the answer of {service}")]
    Answer {
        /// The service.
        service: String,
        /// Why.
        source: serde_json::Error,
    },
}

/// Sends commands and queries.
#[derive(Clone, Debug)]
pub struct Caller {
    client: Client,
}

impl Caller {
    /// Asks over a connection.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// Sends a command once. The same id gets the same answer, however often it is sent.
    pub async fn call<C: Command>(
        &self,
        command: &C,
        id: CommandId,
        actor: &Actor,
    ) -> Result<C::Answer, CallError> {
        self.send(C::SERVICE, C::VERB, command, id, actor).await
    }

    /// Sends a query that needs no actor.
    pub async fn ask<C: Command>(&self, query: &C) -> Result<C::Answer, CallError> {
        self.request(C::SERVICE, C::VERB, query, trace_headers()).await
    }

    /// Asks any service for something that every service answers, see [`any`].
    pub async fn ask_any<Q, A>(&self, service: &str, verb: &str, query: &Q) -> Result<A, CallError>
    where
        Q: Serialize,
        A: DeserializeOwned,
    {
        self.request(service, verb, query, trace_headers()).await
    }

    /// Sends a command or query by its name, for whoever has no type for it. The same id gets the same
    /// answer.
    pub async fn send<Q, A>(
        &self,
        service: &str,
        verb: &str,
        request: &Q,
        id: CommandId,
        actor: &Actor,
    ) -> Result<A, CallError>
    where
        Q: Serialize,
        A: DeserializeOwned,
    {
        let mut headers = acting(actor);
        headers.insert(COMMAND_ID, id.to_string());
        self.request(service, verb, request, headers).await
    }

    /// Has a service publish everything again.
    pub async fn resync(&self, service: &str) -> Result<any::Resynced, CallError> {
        self.ask_any(service, any::RESYNC, &any::Resync::default()).await
    }

    /// Tells any service, on behalf of somebody, to do something that every service does, see [`any`].
    pub async fn tell_any<Q, A>(
        &self,
        service: &str,
        verb: &str,
        request: &Q,
        actor: &Actor,
    ) -> Result<A, CallError>
    where
        Q: Serialize,
        A: DeserializeOwned,
    {
        self.request(service, verb, request, acting(actor)).await
    }

    async fn request<Q: Serialize, A: DeserializeOwned>(
        &self,
        service: &str,
        verb: &str,
        query: &Q,
        headers: HeaderMap,
    ) -> Result<A, CallError> {
        let service = service.to_owned();
        let payload = match serde_json::to_vec(query) {
            Ok(payload) => Bytes::from(payload),
            Err(source) => return Err(CallError::Answer { service, source }),
        };
        let request = async_nats::Request::new()
            .payload(payload)
            .headers(headers)
            .timeout(Some(Duration::from_secs(10)));
        let subject = subjects::command(&service, verb);
        let reply = match self.client.send_request(subject, request).await {
            Ok(reply) => reply,
            Err(error) if error.kind() == RequestErrorKind::NoResponders => {
                return Err(CallError::NoResponder { service });
            }
            Err(_) => return Err(CallError::NoAnswer { service }),
        };
        let refused = reply.headers.as_ref().and_then(|headers| headers.get(ERROR_CODE)).is_some();
        if !refused {
            return serde_json::from_slice(&reply.payload)
                .map_err(|source| CallError::Answer { service, source });
        }
        match serde_json::from_slice(&reply.payload) {
            Ok(refusal) => Err(CallError::Refused(refusal)),
            Err(_) => Err(CallError::Failed { service }),
        }
    }
}

fn acting(actor: &Actor) -> HeaderMap {
    let mut headers = trace_headers();
    if let Ok(actor) = serde_json::to_string(actor) {
        headers.insert(ACTOR, actor);
    }
    headers
}

fn trace_headers() -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(Trace::HEADER, Trace::start().to_string());
    headers
}
