//! An event as it came, and why it may not be handled.

use chassis::Trace;
use contracts::envelope::RawEvent;
use contracts::{Aggregate, EventId, Version};
use serde_json::value::RawValue;

/// Why a batch was not handled.
#[derive(Debug, thiserror::Error)]
pub enum HandleError {
    /// The infrastructure failed: the batch is repeated.
    #[error("use the database")]
    Database(#[from] sqlx::Error),
    /// A message itself cannot be handled: it is found and set aside.
    #[error("{0}")]
    Message(String),
}

impl HandleError {
    /// Whether what was to be handled is at fault, and would be again: a database error that says that
    /// a value does not fit is.
    #[must_use]
    pub fn is_about_the_message(&self) -> bool {
        match self {
            // Decoding: something stored earlier cannot be read by this version.
            Self::Message(_)
            | Self::Database(sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_)) => true,
            Self::Database(sqlx::Error::Database(error)) => error.code().is_some_and(|code| {
                // Cardinality, data, integrity, program limit.
                ["21", "22", "23", "54"].iter().any(|class| code.starts_with(class))
            }),
            Self::Database(_) => false,
        }
    }

    /// Handling fewer messages at a time may help: one of them is at fault, or they are too many.
    pub(crate) fn is_about_the_batch(&self) -> bool {
        const TOOK_TOO_LONG: &str = "57014";
        let code = match self {
            Self::Database(sqlx::Error::Database(error)) => error.code(),
            _ => None,
        };
        self.is_about_the_message() || code.is_some_and(|code| code == TOOK_TOO_LONG)
    }

    /// For people and log lines; never a value, and never what the database says of one.
    #[must_use]
    pub fn reason(&self) -> String {
        match self {
            Self::Message(reason) => reason.clone(),
            Self::Database(error) => database_reason(error),
        }
    }
}

/// What may be told of a database error: its message can quote a value, its code cannot.
pub(crate) fn database_reason(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(error) => {
            let code = error.code().unwrap_or_default();
            format!("the database refused: {code} {}", error.constraint().unwrap_or(""))
        }
        sqlx::Error::Io(error) => format!("the connection to the database failed: {error}"),
        sqlx::Error::PoolTimedOut => "no connection to the database was free in time".to_owned(),
        _ => "the database failed".to_owned(),
    }
}

impl From<crate::outbox::SerializeError> for HandleError {
    fn from(error: crate::outbox::SerializeError) -> Self {
        Self::Message(error.to_string())
    }
}

/// A decoded envelope with its snapshot still as it came.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// The broker's subject.
    pub subject: String,
    /// The event's id.
    pub id: EventId,
    /// What happened.
    pub kind: String,
    /// The aggregate's id.
    pub aggregate: String,
    /// The snapshot's version.
    pub version: Version,
    /// The snapshot, to be stored as it came.
    pub data: Box<RawValue>,
    /// Where it came from.
    pub trace: Trace,
}

impl Incoming {
    /// Decodes the snapshot.
    pub fn snapshot<A: Aggregate>(&self) -> Result<A, HandleError> {
        serde_json::from_str(self.data.get()).map_err(|error| {
            HandleError::Message(format!(
                "not a snapshot of {}: {:?}",
                A::SUBJECT,
                error.classify()
            ))
        })
    }

    pub(crate) fn decode(subject: &str, payload: &[u8]) -> Result<Self, HandleError> {
        let event: RawEvent = serde_json::from_slice(payload).map_err(|error| {
            HandleError::Message(format!("not an event: {:?}", error.classify()))
        })?;
        Ok(Self {
            subject: subject.to_owned(),
            id: event.id,
            version: event.version(),
            kind: event.kind,
            aggregate: event.subject,
            data: event.data,
            trace: Trace::continue_from(event.traceparent.as_deref()),
        })
    }
}
