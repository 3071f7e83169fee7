//! Consumers: take what is waiting, handle it in one transaction, acknowledge after the commit.
//!
//! Trouble with the infrastructure repeats the batch. A message that itself cannot be handled is
//! found by handling them one by one, and only it is set aside. Nothing relies on acknowledgements
//! or on the broker's order: handlers keep the newest version of each aggregate and nothing else.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use std::panic::AssertUnwindSafe;

use anyhow::Context;
use async_nats::jetstream::Message;
use contracts::subjects;
use futures::FutureExt;
use sqlx::PgConnection;

use crate::bus::Bus;
use crate::dead_letters;
use crate::incoming::{HandleError, Incoming};
use crate::pull::{self, Pull, Take};
use crate::streams::{DurableSpec, Found};

/// Messages handled in one transaction.
const BATCH: usize = 500;

/// What a service consumes of another.
#[derive(Clone, Debug)]
pub struct Subscription {
    /// The service whose events they are.
    pub source: &'static str,
    /// The part's name in logs and probes.
    pub part: &'static str,
    /// Only these subjects; all when empty. The others are passed over here, and not by the broker:
    /// so the durable's floor speaks for the whole stream.
    pub subjects: &'static [&'static str],
}

impl Subscription {
    pub(crate) fn stream(&self) -> String {
        subjects::stream_of(self.source)
    }

    pub(crate) fn durable(&self, service: &str) -> DurableSpec {
        DurableSpec { stream: self.stream(), durable: service.to_owned() }
    }
}

/// A service's way with the events of one stream.
pub trait Handle: Send + Sync + 'static {
    /// Handles events within one transaction: the newest of each aggregate, at most a batch. Must
    /// give the same result however often and in whatever order events come.
    fn handle(
        &self,
        tx: &mut PgConnection,
        events: &[Incoming],
    ) -> impl Future<Output = Result<(), HandleError>> + Send;
}

/// Runs until the process stops.
pub(crate) async fn run<H: Handle>(
    bus: Bus,
    subscription: Subscription,
    handler: H,
) -> anyhow::Result<()> {
    let durable = subscription.durable(bus.service);
    let pull = Pull { part: subscription.part, durable, batch: BATCH };
    pull::run(bus.clone(), pull, Consumer { bus, subscription, handler }).await
}

struct Consumer<H> {
    bus: Bus,
    subscription: Subscription,
    handler: H,
}

impl<H: Handle> Take for Consumer<H> {
    async fn begin(&self) -> anyhow::Result<()> {
        self.ask_for_what_was_missed().await
    }

    async fn look(&self) -> anyhow::Result<()> {
        self.ask_for_what_was_missed().await?;
        let stream = self.subscription.stream();
        dead_letters::replay(&self.bus, &stream, &self.handler).await.context("replay")
    }

    async fn take(&self, messages: &[Message]) -> anyhow::Result<()> {
        let started = std::time::Instant::now();
        self.handle(messages).await.map_err(|error| anyhow::anyhow!(error.reason()))?;
        for message in messages {
            // A lost acknowledgement costs a redelivery.
            let _ = message.ack().await;
        }
        self.bus.wake();
        let part = self.subscription.part;
        metrics::counter!("hemgang_events_consumed_total", "part" => part)
            .increment(messages.len() as u64);
        metrics::histogram!("hemgang_batch_handling_seconds", "part" => part)
            .record(started.elapsed());
        Ok(())
    }
}

impl<H: Handle> Consumer<H> {
    /// Asks the source to say everything again when messages are gone that this database has not seen:
    /// they expired first, or the durable is further than the database, which was restored or made
    /// anew. Another incarnation of the stream is its source's matter, unless its messages expired.
    async fn ask_for_what_was_missed(&self) -> anyhow::Result<()> {
        let bus = &self.bus;
        let stream = self.subscription.stream();
        if !self.note_what_was_missed(&stream).await? {
            return Ok(());
        }
        tracing::warn!(stream, "messages are gone unseen: asking for everything again");
        if let Err(error) = bus.caller().resync(self.subscription.source).await {
            tracing::warn!(stream, %error, "asked in vain: asking again later");
            return Ok(());
        }
        sqlx::query!("update messaging.consumed set missed = false where stream = $1", stream)
            .execute(&bus.pool)
            .await?;
        Ok(())
    }

    /// Notes how far the stream is, as far as this database is concerned; whether the source has still
    /// to be asked. What comes meanwhile makes nobody forget it.
    async fn note_what_was_missed(&self, stream: &str) -> anyhow::Result<bool> {
        let bus = &self.bus;
        let durable = self.subscription.durable(bus.service).find(&bus.js).await?;
        let passed = durable.cached_info().ack_floor.stream_sequence;
        let found = Found::named(&bus.js, stream).await?;
        let gone = found.info.state.first_sequence.saturating_sub(1).max(passed);
        sqlx::query!(
            "insert into messaging.consumed as c (stream, incarnation, sequence, missed)
             select $1, $2, gone, gone > 0 from (values ($3::bigint)) as t (gone)
             on conflict (stream) do update
               set incarnation = excluded.incarnation, missed = c.missed or excluded.missed,
                   sequence = excluded.sequence
               where c.incarnation <> excluded.incarnation or c.sequence < excluded.sequence",
            stream,
            found.incarnation,
            i64::try_from(gone).unwrap_or(i64::MAX)
        )
        .execute(&bus.pool)
        .await?;
        let missed =
            sqlx::query_scalar!("select missed from messaging.consumed where stream = $1", stream);
        Ok(missed.fetch_one(&bus.pool).await?)
    }

    async fn handle(&self, messages: &[Message]) -> Result<(), HandleError> {
        match self.attempt(messages).await {
            Err(error) if error.is_about_the_batch() => {}
            result => return result,
        }
        for message in messages {
            match self.attempt(std::slice::from_ref(message)).await {
                Err(error) if error.is_about_the_message() => {
                    self.set_aside(message, &error).await?;
                }
                result => result?,
            }
        }
        Ok(())
    }

    /// A handler that panics is at fault with one of its messages: it must not end the process, which
    /// would be given the same message again.
    async fn attempt(&self, messages: &[Message]) -> Result<(), HandleError> {
        let handled = AssertUnwindSafe(self.transact(messages)).catch_unwind().await;
        handled.unwrap_or_else(|_| Err(HandleError::Message("this release fails on it".to_owned())))
    }

    /// One transaction over the newest event of each aggregate among `messages`.
    async fn transact(&self, messages: &[Message]) -> Result<(), HandleError> {
        let mut newest: HashMap<(String, String), Incoming> = HashMap::new();
        let wanted = self.subscription.subjects;
        let concerns =
            |message: &&Message| wanted.is_empty() || wanted.contains(&message.subject.as_str());
        for message in messages.iter().filter(concerns) {
            let event = Incoming::decode(&message.subject, &message.payload)?;
            match newest.entry((event.subject.clone(), event.aggregate.clone())) {
                Entry::Occupied(mut held) if held.get().version < event.version => {
                    held.insert(event);
                }
                Entry::Occupied(_) => {}
                Entry::Vacant(free) => {
                    free.insert(event);
                }
            }
        }
        let mut events: Vec<Incoming> = newest.into_values().collect();
        // Aggregates are locked in this order by everybody.
        events.sort_by(|a, b| a.aggregate.cmp(&b.aggregate));
        let mut tx = self.bus.pool.begin().await?;
        self.handler.handle(&mut tx, &events).await?;
        self.record(&mut tx, messages).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn record(&self, tx: &mut PgConnection, messages: &[Message]) -> Result<(), HandleError> {
        let sequence = messages.iter().map(sequence_of).max().unwrap_or(0);
        sqlx::query!(
            "update messaging.consumed set sequence = greatest(sequence, $2) where stream = $1",
            self.subscription.stream(),
            sequence
        )
        .execute(tx)
        .await?;
        Ok(())
    }

    async fn set_aside(&self, message: &Message, error: &HandleError) -> Result<(), HandleError> {
        let reason = error.reason();
        let mut tx = self.bus.pool.begin().await?;
        dead_letters::insert(&mut tx, &self.subscription.stream(), message, &reason).await?;
        self.record(&mut tx, std::slice::from_ref(message)).await?;
        tx.commit().await?;
        tracing::error!(part = self.subscription.part, reason, "a message was set aside");
        metrics::counter!("hemgang_dead_letters_total", "part" => self.subscription.part)
            .increment(1);
        Ok(())
    }
}

/// The message's place in its stream.
pub(crate) fn sequence_of(message: &Message) -> i64 {
    message.info().map_or(0, |info| i64::try_from(info.stream_sequence).unwrap_or(i64::MAX))
}
