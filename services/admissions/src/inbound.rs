//! A message as it came in, on whichever channel.

use std::net::IpAddr;

use bytes::Bytes;
use chassis::Trace;
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// A message that waits to be taken in.
#[derive(Clone)]
pub struct Inbound {
    /// Its id here, for as long as it is kept.
    pub id: Uuid,
    /// How it came.
    pub channel: Channel,
    /// What it is.
    pub form: Form,
    /// The sender's token, where the channel knows one; a sender over MLLP names itself inside.
    pub claimed: Option<String>,
    /// The bytes.
    pub body: Bytes,
    /// When it came (real time).
    pub received_at: DateTime<Utc>,
    /// The sender's id of the delivery, on the broker.
    pub message_id: Option<String>,
    /// The address it came from, over MLLP.
    pub peer: Option<IpAddr>,
    /// The beginning of its trace.
    pub trace: Trace,
}

/// The body belongs to a patient.
impl std::fmt::Debug for Inbound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Inbound({}, {} bytes)", self.id, self.body.len())
    }
}

/// How a message came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// The broker's intake stream.
    Nats,
    /// MLLP.
    Mllp,
    /// HTTP.
    Http,
}

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// HL7 v2.
    Hl7,
    /// Our own JSON document.
    Document,
    /// The beginning of a message that was too long. Never acted on.
    Truncated,
    /// It came on a subject of the intake that means nothing.
    Unknown,
}

impl Inbound {
    /// A message that has just come.
    #[must_use]
    pub fn new(channel: Channel, form: Form, claimed: Option<String>, body: Bytes) -> Self {
        Self {
            id: chassis::new_id(),
            channel,
            form,
            claimed,
            body,
            received_at: chassis::real_now(),
            message_id: None,
            peer: None,
            trace: Trace::start(),
        }
    }
}

impl Inbound {
    /// A message of the batch that this is.
    #[must_use]
    pub(crate) fn part(&self, body: Bytes) -> Self {
        Self { id: chassis::new_id(), body, trace: Trace::start(), ..self.clone() }
    }
}

/// Names of an enum's variants in the database and in labels.
macro_rules! names {
    ($type:ty: $($variant:ident => $name:literal),*) => {
        impl $type {
            /// Its name in the database and in labels.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// The one of that name.
            pub(crate) fn named(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }
        }
    };
}
pub(crate) use names;

names!(Channel: Nats => "nats", Mllp => "mllp", Http => "http");
names!(Form: Hl7 => "hl7", Document => "document", Truncated => "truncated", Unknown => "unknown");
