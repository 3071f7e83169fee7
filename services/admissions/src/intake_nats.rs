//! The intake on the broker: messages in from a stream of their own, receipts out, both at least
//! once.
//!
//! A batch is taken in and committed, then its receipts are published and their arrival awaited,
//! then the messages are acknowledged. Whatever fails on the way is delivered again; a message that
//! was taken in is known then, and gets its receipt once more.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Context;
use async_nats::HeaderMap;
use async_nats::jetstream::{Context as JetStream, Message};
use bytes::Bytes;
use chassis::Trace;
use chrono::{DateTime, Utc};
use contracts::subjects;
use futures::future::join_all;
use messaging::streams::{DurableSpec, StreamError, StreamSpec};
use messaging::{Bus, Pull, Take};

use crate::hl7::Batch;
use crate::ids::is_token;
use crate::inbound::{Channel, Form, Inbound};
use crate::ingest::{IngestError, Intake};
use crate::outcome::Outcome;
use crate::receipts::{self, Receipt};
use crate::store::kept;

/// Part name in logs and probes.
const PART: &str = "intake";
/// How long the broker keeps what hospitals send: patients are named in it, and a weekend's trouble
/// must not lose it.
const INTAKE_AGE: Duration = Duration::from_hours(72);
/// The most that it keeps: some hundred thousand messages, those that were taken in among them. The
/// oldest go first, so that no sender can shut out the others; what goes unseen is counted, and its
/// sender sees no receipt.
const INTAKE_BYTES: i64 = 1024 * 1024 * 1024;
/// How long a sender may take to fetch its receipts.
const RECEIPTS_AGE: Duration = Duration::from_hours(7 * 24);
/// After how many attempts a sender hears that its message is not taken in.
const TRIES_UNTOLD: i64 = 5;
/// The header with the sender's id of the delivery.
const MESSAGE_ID: &str = "Nats-Msg-Id";

/// What the service has on the broker beside its events.
fn specs() -> ([StreamSpec; 2], DurableSpec) {
    let stream = |name: &str, subject: &str, max_age, max_bytes| StreamSpec {
        name: name.to_owned(),
        subjects: vec![subject.to_owned()],
        max_age,
        max_bytes,
    };
    let (name, all) = (subjects::stream::INTAKE, subjects::INTAKE_ALL);
    let intake = stream(name, all, INTAKE_AGE, Some(INTAKE_BYTES));
    let (name, all) = (subjects::stream::RECEIPTS, subjects::RECEIPTS_ALL);
    let receipts = stream(name, all, RECEIPTS_AGE, None);
    let durable = DurableSpec {
        stream: subjects::stream::INTAKE.to_owned(),
        durable: "admissions".to_owned(),
    };
    ([intake, receipts], durable)
}

/// The intake stream and the durable on it.
pub(crate) fn intake() -> (StreamSpec, DurableSpec) {
    let ([intake, _], durable) = specs();
    (intake, durable)
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
    let seen = AtomicU64::new(0);
    bus.start_pull(pull, Channels { bus: bus.clone(), intake, largest, seen });
}

struct Channels {
    bus: Bus,
    intake: Intake,
    largest: usize,
    /// Up to which sequence it has been looked whether messages expired unseen.
    seen: AtomicU64,
}

impl Take for Channels {
    async fn begin(&self) -> anyhow::Result<()> {
        let ([intake, receipts], durable) = specs();
        let js = self.bus.jetstream();
        receipts.find(js).await?;
        let first = intake.find(js).await?.info.state.first_sequence;
        let floor = durable.find(js).await?.cached_info().ack_floor.stream_sequence;
        let seen = self.seen.fetch_max(first, Ordering::Relaxed);
        let lost = expired_unseen(first, floor.max(seen.saturating_sub(1)));
        if lost > 0 {
            tracing::error!(lost, "messages from hospitals expired before they were taken in");
            metrics::counter!("hemgang_intake_expired_total").increment(lost);
        }
        Ok(())
    }

    async fn look(&self) -> anyhow::Result<()> {
        // No reason to hold messages back: they are tried whatever becomes of this.
        if let Err(error) = self.see_to_kept().await {
            tracing::warn!(error = format!("{error:#}"), "kept messages were not seen to");
        }
        Ok(())
    }

    async fn take(&self, messages: &[Message]) -> anyhow::Result<()> {
        let batch: Vec<Inbound> =
            messages.iter().map(|message| inbound_of(Came::delivered(message))).collect();
        let outcomes = match self.ingest(&batch).await {
            Ok(outcomes) => outcomes,
            Err(error) => {
                self.tell_of_trouble(messages, &batch).await;
                return Err(error).context("take in what hospitals sent");
            }
        };
        let receipts = messages.iter().zip(&batch).zip(&outcomes);
        let sent = receipts.map(async |((message, inbound), outcomes)| {
            for outcome in outcomes {
                self.answer(message, inbound, outcome).await?;
            }
            anyhow::Ok(())
        });
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
    /// Takes messages in; of each what became of it, or of every message of the batch that it is.
    async fn ingest(&self, all: &[Inbound]) -> Result<Vec<Vec<Outcome>>, IngestError> {
        let parts: Vec<Vec<Inbound>> = all.iter().map(parts).collect();
        let flat: Vec<Inbound> = parts.iter().flatten().cloned().collect();
        let mut outcomes = Vec::with_capacity(flat.len());
        for some in flat.chunks(self.largest) {
            outcomes.extend(self.intake.ingest(some).await?);
        }
        let mut outcomes = outcomes.into_iter();
        Ok(parts.iter().map(|parts| outcomes.by_ref().take(parts.len()).collect()).collect())
    }

    /// Publishes the receipt of one message.
    async fn answer(
        &self,
        message: &Message,
        inbound: &Inbound,
        outcome: &Outcome,
    ) -> anyhow::Result<()> {
        let delivered = delivered(message)?;
        let receipt = Receipt::of(outcome, inbound.message_id.clone(), delivered > 1);
        let token = inbound.claimed.as_deref();
        receipts::publish(&self.bus, token, chassis::new_id(), inbound.trace, receipt).await
    }

    /// Joins messages to stays that are known by now, and answers those that were handled once more.
    async fn see_to_kept(&self) -> anyhow::Result<()> {
        self.intake.join_waiting().await.context("join messages to their stays")?;
        self.publish_due().await
    }

    /// Publishes what is due for messages that were handled once more.
    async fn publish_due(&self) -> anyhow::Result<()> {
        let due = kept::receipts_due(self.bus.pool()).await.context("look for receipts")?;
        let sent = due.iter().map(|due| {
            let (token, receipt) = (due.claimed.as_deref(), due.receipt.clone());
            receipts::publish(&self.bus, token, due.receipt_id, Trace::start(), receipt)
        });
        for sent in join_all(sent).await {
            sent?;
        }
        if due.is_empty() {
            return Ok(());
        }
        kept::receipts_sent(self.bus.pool(), &due).await.context("note receipts")
    }

    /// Tells the senders of messages that have been tried often enough, once, that they are still
    /// not taken in.
    async fn tell_of_trouble(&self, messages: &[Message], batch: &[Inbound]) {
        let long = messages.iter().zip(batch).filter_map(|(message, inbound)| {
            let message_id = inbound.message_id.clone()?;
            let is_long = delivered(message).is_ok_and(|delivered| delivered == TRIES_UNTOLD);
            is_long.then(|| (inbound, Receipt::transient(message_id)))
        });
        let told = long.map(|(inbound, receipt)| {
            let token = inbound.claimed.as_deref();
            receipts::publish(&self.bus, token, chassis::new_id(), inbound.trace, receipt)
        });
        for failed in join_all(told).await.into_iter().filter_map(Result::err) {
            tracing::warn!(error = format!("{failed:#}"), "a sender was not told of the trouble");
        }
    }
}

/// The messages of a batch, else the message itself.
pub(crate) fn parts(inbound: &Inbound) -> Vec<Inbound> {
    let is_hl7 = inbound.form == Form::Hl7;
    match is_hl7.then(|| Batch::split(&inbound.body)) {
        Some(Ok(batch)) => batch.messages().iter().map(|body| inbound.part(body.clone())).collect(),
        _ => vec![inbound.clone()],
    }
}

/// How many messages the broker has let go before anybody acknowledged them: its first one is
/// `first`, and all up to the floor were acknowledged.
const fn expired_unseen(first: u64, floor: u64) -> u64 {
    first.saturating_sub(1).saturating_sub(floor)
}

/// How often a message has been delivered.
fn delivered(message: &Message) -> anyhow::Result<i64> {
    let delivery = message.info().map_err(|error| anyhow::anyhow!(error))?;
    Ok(delivery.delivered)
}

/// A message of the intake stream, delivered or read from it.
pub(crate) struct Came<'m> {
    pub(crate) subject: &'m str,
    pub(crate) headers: Option<&'m HeaderMap>,
    pub(crate) payload: Bytes,
    pub(crate) published: Option<DateTime<Utc>>,
}

impl<'m> Came<'m> {
    fn delivered(message: &'m Message) -> Self {
        Self {
            subject: &message.subject,
            headers: message.headers.as_ref(),
            payload: message.payload.clone(),
            published: message
                .info()
                .ok()
                .and_then(|delivery| second(delivery.published.unix_timestamp())),
        }
    }
}

/// A second as the broker's clock counts them.
pub(crate) fn second(unix: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(unix, 0)
}

/// The sender's token and the form stand in the subject, where a broker permission can hold a
/// sender to its own.
pub(crate) fn inbound_of(came: Came<'_>) -> Inbound {
    let Came { subject, headers, payload, published } = came;
    let subject = subject.strip_prefix("hemgang.v1.intake.").unwrap_or_default();
    let (sender, form) = subject.split_once('.').unwrap_or((subject, ""));
    let form = match form {
        "adt" => Form::Hl7,
        "admission" => Form::Document,
        _ => Form::Unknown,
    };
    // What is no token is nobody's, and too long for an index perhaps.
    let claimed = Some(sender.to_owned()).filter(|sender| is_token(sender));
    let inbound = Inbound::new(Channel::Nats, form, claimed, payload);
    let message_id = headers.and_then(|headers| headers.get(MESSAGE_ID));
    Inbound {
        message_id: message_id.map(|value| value.as_str().to_owned()),
        received_at: published.unwrap_or(inbound.received_at),
        ..inbound
    }
}

#[cfg(test)]
mod tests {
    use super::expired_unseen;

    #[test]
    fn what_is_gone_above_the_acknowledged_floor_expired_unseen() {
        for (first, floor, lost) in [(0, 0, 0), (1, 0, 0), (8, 7, 0), (8, 9, 0), (8, 4, 3)] {
            assert_eq!(expired_unseen(first, floor), lost, "{first} {floor}");
        }
    }
}
