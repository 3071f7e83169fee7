//! The envelope: CloudEvents 1.0, structured JSON, with the version as extension attributes.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::EventId;

/// The version of an aggregate. The epoch rises when its owner's database is restored to an earlier
/// moment, so that what is said afterwards wins over what was said and lost.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
pub struct Version {
    /// Starts at 1.
    pub epoch: i32,
    /// Counts the snapshots of one aggregate, from 1.
    pub n: i64,
}

/// One published event. `T` is the snapshot, or `Box<RawValue>` where it is only passed on.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Event<T> {
    /// Always `1.0`.
    pub specversion: String,
    /// Also the broker's message id.
    pub id: EventId,
    /// `/hemgang/<service>`.
    pub source: String,
    /// What happened last to the aggregate, in the past tense.
    #[serde(rename = "type")]
    pub kind: String,
    /// The aggregate's id.
    pub subject: String,
    /// When the snapshot was written.
    pub time: DateTime<Utc>,
    /// Always `application/json`.
    pub datacontenttype: String,
    /// Extension attribute: [`Version::epoch`].
    pub epoch: i32,
    /// Extension attribute: [`Version::n`].
    pub version: i64,
    /// Extension attribute: W3C trace context of what caused the change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
    /// The snapshot.
    pub data: T,
}

impl<T> Event<T> {
    /// The content type of an event on the wire.
    pub const CONTENT_TYPE: &'static str = "application/cloudevents+json";

    /// The version of the snapshot.
    #[must_use]
    pub fn version(&self) -> Version {
        Version { epoch: self.epoch, n: self.version }
    }
}

/// An event whose snapshot has not been decoded.
pub type RawEvent = Event<Box<RawValue>>;

/// A snapshot type: what it is published as.
pub trait Aggregate: Serialize + serde::de::DeserializeOwned {
    /// The subject of its events.
    const SUBJECT: &'static str;

    /// The aggregate's id in the envelope.
    fn key(&self) -> String;
}
