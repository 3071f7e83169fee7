//! The business answer to a sender that speaks over the broker or HTTP.

use anyhow::Context;
use async_nats::HeaderMap;
use chassis::Trace;
use contracts::{CaseRef, Event, EventId, subjects};
use messaging::Bus;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::outcome::{Fault, Outcome, Reason, Verdict};

/// What became of a message. Names fields, never values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The `Nats-Msg-Id` that the message came under, else the id that it has here.
    pub message_id: String,
    /// The sender's id inside the message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control_id: Option<String>,
    /// What was done with it.
    pub outcome: Said,
    /// The case, by the name that people use for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case_ref: Option<CaseRef>,
    /// The sender had used the id for another message; both were handled.
    #[serde(default)]
    pub id_reused: bool,
    /// Why it was rejected, or what of it was left out.
    pub reasons: Vec<Reason>,
}

/// What was done with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// It was acted on.
    Accepted,
    /// It is kept; nothing in it is for us.
    NotUsed,
    /// The same message had been acted on before.
    Duplicate,
    /// It is kept, and was not acted on: mend it and send it under a new id.
    Rejected,
    /// It could not be taken in so far, and goes on being tried. Whoever would rather send it again
    /// does so under a new id; it is taken in once.
    Transient,
}

impl Said {
    /// What a kept message's outcome is called.
    #[must_use]
    pub fn of(outcome: &str) -> Self {
        match outcome {
            "accepted" => Self::Accepted,
            "duplicate" => Self::Duplicate,
            "not_used" => Self::NotUsed,
            _ => Self::Rejected,
        }
    }
}

impl Receipt {
    /// The receipt of an outcome. A message that the broker delivers again, since its receipt may
    /// never have been sent, gets the receipt of its first delivery.
    #[must_use]
    pub fn of(outcome: &Outcome, message_id: Option<String>, is_redelivered: bool) -> Self {
        let said = match outcome.verdict {
            Verdict::Accepted if outcome.duplicate && !is_redelivered => Said::Duplicate,
            Verdict::Accepted => Said::Accepted,
            Verdict::NotUsed => Said::NotUsed,
            Verdict::Refused => Said::Rejected,
        };
        Self {
            message_id: message_id.unwrap_or_else(|| outcome.id.to_string()),
            control_id: outcome.control_id.clone(),
            outcome: said,
            case_ref: outcome.case_ref,
            id_reused: outcome.flagged,
            reasons: outcome.faults.iter().map(Fault::reason).collect(),
        }
    }

    /// That a message could not be taken in so far.
    #[must_use]
    pub fn transient(message_id: String) -> Self {
        Self {
            message_id,
            control_id: None,
            outcome: Said::Transient,
            case_ref: None,
            id_reused: false,
            reasons: Vec::new(),
        }
    }
}

/// Publishes a receipt to the sender of that token, under an id by which the broker knows it again,
/// and waits until the broker has it.
pub(crate) async fn publish(
    bus: &Bus,
    token: Option<&str>,
    id: Uuid,
    trace: Trace,
    receipt: Receipt,
) -> anyhow::Result<()> {
    let event = Event {
        specversion: "1.0".to_owned(),
        id: EventId(id),
        source: "/hemgang/admissions".to_owned(),
        kind: "receipt".to_owned(),
        subject: receipt.message_id.clone(),
        time: bus.clock().now(),
        datacontenttype: "application/json".to_owned(),
        epoch: 1,
        version: 1,
        traceparent: Some(trace.to_string()),
        data: receipt,
    };
    let mut headers = HeaderMap::new();
    headers.insert("Nats-Msg-Id", event.id.to_string());
    headers.insert("Content-Type", Event::<Receipt>::CONTENT_TYPE);
    headers.insert(Trace::HEADER, trace.to_string());
    let payload = serde_json::to_vec(&event).context("write a receipt")?;
    let subject = subjects::receipts(token.unwrap_or("unknown"));
    let publish = bus.jetstream().publish_with_headers(subject, headers, payload.into());
    publish.await.context("publish a receipt")?.await.context("publish a receipt")?;
    Ok(())
}
