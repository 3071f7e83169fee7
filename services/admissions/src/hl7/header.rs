//! MSH: who sends what to whom, and which answer they expect.

use chrono::{DateTime, FixedOffset, Utc};

use super::time::{Dtm, Told};
use super::wire::{Message, Part};

/// One end of the exchange (MSH-3 to MSH-6), as its components.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endpoint(Vec<String>);

impl Endpoint {
    fn read(field: Part<'_>) -> Self {
        Self(field.components().collect())
    }

    /// Its name: the first component.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.first().map(|name| name.trim()).unwrap_or_default()
    }

    pub(super) fn components(&self) -> &[String] {
        &self.0
    }
}

/// The header of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// MSH-3.
    pub sending_application: Endpoint,
    /// MSH-4.
    pub sending_facility: Endpoint,
    /// MSH-5.
    pub receiving_application: Endpoint,
    /// MSH-6.
    pub receiving_facility: Endpoint,
    /// MSH-7; `None` also where it is no instant.
    pub message_at: Option<DateTime<Utc>>,
    /// The zone of MSH-7, where it is stated.
    pub zone: Option<FixedOffset>,
    /// MSH-9.1, such as `ADT`.
    pub message_code: Option<String>,
    /// MSH-9.2, such as `A01`; else EVN-1, where old senders put it.
    pub event_code: Option<String>,
    /// MSH-10: the sender's id of the message.
    pub control_id: Option<String>,
    /// MSH-11.1: `P` production, `T` training, `D` debugging.
    pub processing_id: Option<String>,
    /// MSH-12.1, such as `2.5.1`.
    pub version: Option<String>,
    /// MSH-15: when an accept acknowledgement is wanted.
    pub accept_acknowledgement: Option<String>,
    /// MSH-16: when an application acknowledgement is wanted.
    pub application_acknowledgement: Option<String>,
}

impl Header {
    pub(super) fn read(message: &Message, received_at: DateTime<Utc>) -> Self {
        let told = Told { zone: None, received_at };
        let text = |number| message.field("MSH", number).component(1).text();
        Self {
            sending_application: Endpoint::read(message.field("MSH", 3)),
            sending_facility: Endpoint::read(message.field("MSH", 4)),
            receiving_application: Endpoint::read(message.field("MSH", 5)),
            receiving_facility: Endpoint::read(message.field("MSH", 6)),
            message_at: text(7)
                .and_then(|time| Dtm::parse_told(&time, told).ok())
                .and_then(Dtm::instant),
            zone: text(7).and_then(|time| Dtm::zone(&time)),
            message_code: text(9),
            event_code: message
                .field("MSH", 9)
                .component(2)
                .text()
                .or_else(|| message.field("EVN", 1).component(1).text()),
            control_id: text(10),
            processing_id: text(11),
            version: text(12),
            accept_acknowledgement: text(15),
            application_acknowledgement: text(16),
        }
    }
}
