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
    /// A durable has delivered what the stream no longer holds: the broker lost the end of the
    /// stream, and would skip what is said again in its place.
    #[error("a durable is ahead of stream {stream}: run `provision`")]
    Ahead {
        /// The stream.
        stream: String,
    },
    /// It is there with other settings.
    #[error("stream {stream} is not as this release makes it: {field} differs; run `provision`")]
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
    /// The most bytes that it holds: the oldest messages go first. Without it that is the
    /// deployment's to say.
    pub max_bytes: Option<i64>,
}

impl StreamSpec {
    /// The stream of a service's events.
    #[must_use]
    pub fn events_of(service: &str) -> Self {
        Self {
            name: subjects::stream_of(service),
            subjects: vec![subjects::events_of(service)],
            max_age: MAX_AGE,
            max_bytes: None,
        }
    }

    fn config(&self, incarnation: Uuid) -> Config {
        Config {
            name: self.name.clone(),
            subjects: self.subjects.clone(),
            retention: RetentionPolicy::Limits,
            discard: DiscardPolicy::Old,
            max_bytes: self.max_bytes.unwrap_or(-1),
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

    /// Makes the stream, or gives one that is there the settings of this release.
    pub async fn ensure(&self, js: &jetstream::Context) -> Result<(), StreamError> {
        match self.find(js).await {
            Err(StreamError::Missing { .. }) => {}
            Err(StreamError::Different { field, .. }) => return self.alter(js, field).await,
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

    /// Changes what this release minds and nothing else: replicas and the like are the deployment's.
    async fn alter(&self, js: &jetstream::Context, field: &str) -> Result<(), StreamError> {
        let found = Found::named(js, &self.name).await?;
        let (is_ours, given) = (!found.incarnation.is_nil(), found.info.config);
        let ours = self.config(if is_ours { found.incarnation } else { chassis::new_id() });
        let metadata = given.metadata.into_iter().chain(ours.metadata).collect();
        let altered = js
            .update_stream(Config {
                subjects: ours.subjects,
                retention: ours.retention,
                discard: ours.discard,
                storage: ours.storage,
                max_age: ours.max_age,
                max_bytes: self.max_bytes.unwrap_or(given.max_bytes),
                duplicate_window: ours.duplicate_window,
                deny_delete: ours.deny_delete,
                deny_purge: ours.deny_purge,
                metadata,
                ..given
            })
            .await;
        altered.map_err(|error| StreamError::ask(&self.name, error))?;
        tracing::warn!(
            stream = self.name,
            field,
            "the stream was altered to what this release makes"
        );
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
        } else if self.max_bytes.is_some_and(|bytes| actual.max_bytes != bytes) {
            Some("max_bytes")
        } else if actual.discard != expected.discard {
            Some("discard")
        } else if actual.duplicate_window != expected.duplicate_window {
            Some("duplicate_window")
        } else if (actual.deny_delete, actual.deny_purge) != (true, true) {
            Some("deny_delete, deny_purge")
        } else if found.incarnation.is_nil() {
            Some("its incarnation")
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
            ..pull::Config::default()
        }
    }

    /// Makes the durable, or gives one that is there the settings of this release. One that is ahead
    /// of its stream is made anew.
    pub async fn ensure(&self, js: &jetstream::Context) -> Result<(), StreamError> {
        let stream = self.stream(js).await?;
        match self.find(js).await {
            Ok(_) => return Ok(()),
            Err(StreamError::Ahead { .. }) => {
                tracing::warn!(stream = self.stream, durable = self.durable, "made anew");
                let gone = stream.delete_consumer(&self.durable).await;
                gone.map_err(|error| StreamError::ask(&self.stream, error))?;
            }
            Err(_) => {}
        }
        let made = stream.create_consumer(self.config()).await;
        made.map(drop).map_err(|error| StreamError::ask(&self.stream, error))
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
        if !(actual.filter_subject.is_empty() && actual.filter_subjects.is_empty()) {
            return Err(differs("the durable's subjects"));
        }
        if actual.ack_wait != ACK_WAIT || actual.max_ack_pending != MAX_ACK_PENDING {
            return Err(differs("the durable's ack_wait or max_ack_pending"));
        }
        if actual.max_deliver > 0 {
            return Err(differs("the durable's delivery limit"));
        }
        // The stream is asked after the durable, so that no new message is mistaken for a loss.
        let delivered = consumer.cached_info().delivered.stream_sequence;
        if delivered > stream.cached_info().state.last_sequence
            && delivered > self.stream(js).await?.cached_info().state.last_sequence
        {
            return Err(StreamError::Ahead { stream: self.stream.clone() });
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
