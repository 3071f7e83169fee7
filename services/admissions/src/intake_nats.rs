//! The intake on the broker: messages in from a stream of their own, receipts out, both at least
//! once.
//!
//! A batch is taken in and committed, then its receipts are published and their arrival awaited,
//! then the messages are acknowledged. Whatever fails on the way is delivered again; a message that
//! was taken in is known then, and gets its receipt once more.

use std::time::Duration;

use anyhow::Context;
use async_nats::HeaderMap;
use async_nats::jetstream::{Context as JetStream, Message};
use chassis::Trace;
use contracts::{Event, EventId, subjects};
use futures::future::join_all;
use messaging::streams::{DurableSpec, StreamError, StreamSpec};
use messaging::{Bus, Pull, Take};

use crate::inbound::{Channel, Form, Inbound};
use crate::ingest::Intake;
use crate::outcome::Outcome;
use crate::receipts::Receipt;

/// Part name in logs and probes.
const PART: &str = "intake";
/// How long the broker keeps what hospitals send: patients are named in it.
const INTAKE_AGE: Duration = Duration::from_hours(24);
/// How long a sender may take to fetch its receipts.
const RECEIPTS_AGE: Duration = Duration::from_hours(7 * 24);
/// The header with the sender's id of the delivery.
const MESSAGE_ID: &str = "Nats-Msg-Id";

/// What the service has on the broker beside its events.
fn specs() -> ([StreamSpec; 2], DurableSpec) {
    let stream = |name: &str, subject: &str, max_age| StreamSpec {
        name: name.to_owned(),
        subjects: vec![subject.to_owned()],
        max_age,
        max_bytes: None,
    };
    let intake = stream(subjects::stream::INTAKE, subjects::INTAKE_ALL, INTAKE_AGE);
    let receipts = stream(subjects::stream::RECEIPTS, subjects::RECEIPTS_ALL, RECEIPTS_AGE);
    let durable = DurableSpec {
        stream: subjects::stream::INTAKE.to_owned(),
        durable: "admissions".to_owned(),
        subjects: vec![],
    };
    ([intake, receipts], durable)
}

/// Makes the streams of intake and receipts, and the durable.
pub(crate) async fn provision(js: &JetStream) -> Result<(), StreamError> {
    let (streams, durable) = specs();
    for stream in streams {
        stream.ensure(js).await?;
    }
    durable.ensure(js).await
}

/// Starts to take in what comes.
pub(crate) fn start(bus: &Bus, intake: Intake, largest: usize) {
    let pull = Pull { part: PART, durable: specs().1, batch: largest };
    bus.start_pull(pull, Channels { bus: bus.clone(), intake });
}

struct Channels {
    bus: Bus,
    intake: Intake,
}

impl Take for Channels {
    async fn begin(&self) -> anyhow::Result<()> {
        for stream in specs().0 {
            stream.find(self.bus.jetstream()).await?;
        }
        Ok(())
    }

    async fn look(&self) -> anyhow::Result<()> {
        Ok(())
    }

    async fn take(&self, messages: &[Message]) -> anyhow::Result<()> {
        let batch: Vec<Inbound> = messages.iter().map(inbound_of).collect();
        let outcomes = self.intake.ingest(&batch).await.context("take in what hospitals sent")?;
        let receipts = messages.iter().zip(&batch).zip(&outcomes);
        let sent =
            receipts.map(|((message, inbound), outcome)| self.answer(message, inbound, outcome));
        let mut failed = None;
        for (message, sent) in messages.iter().zip(join_all(sent).await) {
            match sent {
                // A lost acknowledgement costs a redelivery.
                Ok(()) => drop(message.ack().await),
                Err(error) => failed = Some(error),
            }
        }
        failed.map_or(Ok(()), Err)
    }
}

impl Channels {
    /// Publishes the receipt of one message and waits until the broker has it.
    async fn answer(
        &self,
        message: &Message,
        inbound: &Inbound,
        outcome: &Outcome,
    ) -> anyhow::Result<()> {
        let delivery = message.info().map_err(|error| anyhow::anyhow!(error))?;
        let message_id = header(message, MESSAGE_ID);
        let receipt = Receipt::of(outcome, message_id, delivery.delivered > 1);
        let event = Event {
            specversion: "1.0".to_owned(),
            id: EventId(chassis::new_id()),
            source: "/hemgang/admissions".to_owned(),
            kind: "receipt".to_owned(),
            subject: receipt.message_id.clone(),
            time: self.bus.clock().now(),
            datacontenttype: "application/json".to_owned(),
            epoch: 1,
            version: 1,
            traceparent: Some(inbound.trace.to_string()),
            data: receipt,
        };
        let mut headers = HeaderMap::new();
        headers.insert(MESSAGE_ID, event.id.to_string());
        headers.insert("Content-Type", Event::<Receipt>::CONTENT_TYPE);
        headers.insert(Trace::HEADER, inbound.trace.to_string());
        let payload = serde_json::to_vec(&event).context("write a receipt")?;
        let subject = subjects::receipts(inbound.claimed.as_deref().unwrap_or("unknown"));
        let publish = self.bus.jetstream().publish_with_headers(subject, headers, payload.into());
        publish.await.context("publish a receipt")?.await.context("publish a receipt")?;
        Ok(())
    }
}

/// The sender's token and the form stand in the subject, where a broker permission can hold a
/// sender to its own.
fn inbound_of(message: &Message) -> Inbound {
    let subject = message.subject.strip_prefix("hemgang.v1.intake.").unwrap_or_default();
    let (sender, form) = subject.split_once('.').unwrap_or((subject, ""));
    let form = match form {
        "adt" => Form::Hl7,
        "admission" => Form::Document,
        _ => Form::Unknown,
    };
    Inbound::new(Channel::Nats, form, Some(sender.to_owned()), message.payload.clone())
}

fn header(message: &Message, name: &str) -> Option<String> {
    message.headers.as_ref()?.get(name).map(|value| value.as_str().to_owned())
}
