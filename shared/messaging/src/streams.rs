//! Streams and durables: made by `provision`, verified by those who use them, never altered in
//! silence.
//!
//! Every stream carries an *incarnation*, an id from its making. A relay that finds another one
//! knows that the broker has lost its store, and says everything again.

use std::collections::HashMap;
use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, PullConsumer, pull};
use async_nats::jetstream::stream::{Config, DiscardPolicy, Info, RetentionPolicy, StorageType};
use async_nats::jetstream::{self, stream};
use contracts::subjects;
use uuid::Uuid;

/// The stream metadata key of the incarnation.
const INCARNATION: &str = "hemgang-incarnation";
/// How long messages are kept; who was away longer asks for everything again.
const MAX_AGE: Duration = Duration::from_hours(14 * 24);
/// How long the broker knows a message id again: an optimisation, nothing relies on it.
const DUPLICATE_WINDOW: Duration = Duration::from_mins(2);
/// How long a consumer may take before a message is given to another replica.
const ACK_WAIT: Duration = Duration::from_secs(10);
/// Messages in hand over all replicas of a consumer.
const MAX_ACK_PENDING: i64 = 4_000;

/// A stream or durable could not be made or is not as it should be.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// The broker did not answer.
    #[error("ask the broker for stream {stream}")]
    Ask {
        /// The stream.
        stream: String,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// It is not there.
    #[error("stream {stream} is not there: run `provision`")]
    Missing {
        /// The stream.
        stream: String,
    },
    /// It is there with other settings.
    #[error("stream {stream} is not as this release makes it: {field} differs")]
    Different {
        /// The stream.
        stream: String,
        /// Which setting.
        field: &'static str,
    },
}

impl StreamError {
    fn ask(stream: &str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Ask { stream: stream.to_owned(), source: source.into() }
    }
}

/// What a stream is for.
#[derive(Clone, Debug)]
pub struct StreamSpec {
    /// Its name.
    pub name: String,
    /// What it takes.
    pub subjects: Vec<String>,
    /// How long it keeps messages.
    pub max_age: Duration,
}

impl StreamSpec {
    /// The stream of a service's events.
    #[must_use]
    pub fn events_of(service: &str) -> Self {
        Self {
            name: subjects::stream_of(service),
            subjects: vec![subjects::events_of(service)],
            max_age: MAX_AGE,
        }
    }

    fn config(&self, incarnation: Uuid) -> Config {
        Config {
            name: self.name.clone(),
            subjects: self.subjects.clone(),
            retention: RetentionPolicy::Limits,
            discard: DiscardPolicy::Old,
            storage: StorageType::File,
            max_age: self.max_age,
            duplicate_window: DUPLICATE_WINDOW,
            deny_delete: true,
            deny_purge: true,
            allow_direct: true,
            metadata: HashMap::from([(INCARNATION.to_owned(), incarnation.to_string())]),
            ..Config::default()
        }
    }

    /// Makes the stream unless it is there.
    pub async fn ensure(&self, js: &jetstream::Context) -> Result<(), StreamError> {
        match self.find(js).await {
            Err(StreamError::Missing { .. }) => {}
            found => return found.map(drop),
        }
        let made = js.create_stream(self.config(chassis::new_id())).await;
        match made {
            Ok(_) => tracing::info!(stream = self.name, "stream made"),
            // Somebody else made it meanwhile, with an incarnation of its own.
            Err(error) => {
                self.find(js).await.map_err(|_| StreamError::ask(&self.name, error))?;
            }
        }
        Ok(())
    }

    /// Finds the stream and checks that it is as this release makes it.
    pub async fn find(&self, js: &jetstream::Context) -> Result<Found, StreamError> {
        let found = Found::named(js, &self.name).await?;
        let expected = self.config(found.incarnation);
        let actual = &found.info.config;
        let differs = if actual.subjects != expected.subjects {
            Some("subjects")
        } else if actual.retention != expected.retention {
            Some("retention")
        } else if actual.storage != expected.storage {
            Some("storage")
        } else if actual.max_age != expected.max_age {
            Some("max_age")
        } else {
            None
        };
        match differs {
            None => Ok(found),
            Some(field) => Err(StreamError::Different { stream: self.name.clone(), field }),
        }
    }
}

/// A stream that is there.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its state as the broker told it.
    pub info: Info,
    /// Its incarnation; nil when somebody else made the stream.
    pub incarnation: Uuid,
}

impl Found {
    /// Asks for a stream by name.
    pub async fn named(js: &jetstream::Context, name: &str) -> Result<Self, StreamError> {
        let found = match js.get_stream(name).await {
            Ok(found) => found,
            Err(error) if is_missing(&error) => {
                return Err(StreamError::Missing { stream: name.to_owned() });
            }
            Err(error) => return Err(StreamError::ask(name, error)),
        };
        let info = found.cached_info().clone();
        let incarnation = info
            .config
            .metadata
            .get(INCARNATION)
            .and_then(|text| text.parse().ok())
            .unwrap_or(Uuid::nil());
        Ok(Self { info, incarnation })
    }
}

fn is_missing(error: &jetstream::context::GetStreamError) -> bool {
    use jetstream::ErrorCode;
    use jetstream::context::GetStreamErrorKind;
    matches!(error.kind(), GetStreamErrorKind::JetStream(error)
        if error.error_code() == ErrorCode::STREAM_NOT_FOUND)
}

/// A durable of this service on a stream.
#[derive(Clone, Debug)]
pub struct DurableSpec {
    /// The stream.
    pub stream: String,
    /// The durable: the consuming service.
    pub durable: String,
    /// Only these subjects; all when empty.
    pub subjects: Vec<String>,
}

impl DurableSpec {
    fn config(&self) -> pull::Config {
        pull::Config {
            durable_name: Some(self.durable.clone()),
            deliver_policy: DeliverPolicy::All,
            ack_policy: AckPolicy::Explicit,
            ack_wait: ACK_WAIT,
            // Unlimited: after a limit the broker would drop a message in silence.
            max_deliver: -1,
            max_ack_pending: MAX_ACK_PENDING,
            filter_subjects: self.subjects.clone(),
            ..pull::Config::default()
        }
    }

    /// Makes the durable unless it is there.
    pub async fn ensure(&self, js: &jetstream::Context) -> Result<(), StreamError> {
        let stream = self.stream(js).await?;
        let made = stream.get_or_create_consumer(&self.durable, self.config()).await;
        let made = made.map_err(|error| StreamError::ask(&self.stream, error))?;
        if made.cached_info().config.filter_subjects != self.subjects {
            let updated = stream.update_consumer(self.config()).await;
            updated.map_err(|error| StreamError::ask(&self.stream, error))?;
        }
        Ok(())
    }

    /// Finds the durable and checks that it is as this release makes it.
    pub async fn find(&self, js: &jetstream::Context) -> Result<PullConsumer, StreamError> {
        let stream = self.stream(js).await?;
        let consumer: PullConsumer = stream
            .get_consumer(&self.durable)
            .await
            .map_err(|error| StreamError::ask(&self.stream, error))?;
        let actual = &consumer.cached_info().config;
        let differs = |field| StreamError::Different { stream: self.stream.clone(), field };
        if actual.ack_policy != AckPolicy::Explicit {
            return Err(differs("the durable's acknowledgement policy"));
        }
        if actual.filter_subjects != self.subjects && actual.filter_subject.is_empty() {
            return Err(differs("the durable's subjects"));
        }
        if actual.max_deliver > 0 {
            return Err(differs("the durable's delivery limit"));
        }
        Ok(consumer)
    }

    async fn stream(&self, js: &jetstream::Context) -> Result<stream::Stream, StreamError> {
        match js.get_stream(&self.stream).await {
            Ok(stream) => Ok(stream),
            Err(error) if is_missing(&error) => {
                Err(StreamError::Missing { stream: self.stream.clone() })
            }
            Err(error) => Err(StreamError::ask(&self.stream, error)),
        }
    }
}
