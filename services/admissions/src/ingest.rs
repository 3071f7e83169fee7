//! Takes messages in: all three channels end here, in one transaction per batch.
//!
//! Accepted means committed. What a message means is read before the transaction, and what follows
//! from it is decided in memory; the database sees a handful of statements, however many messages
//! there are. Nothing is locked for new cases and new messages: when another process turns out to
//! have taken in the same at the same moment, the batch is rolled back and done again, and then
//! finds what the other has written.

mod batch;

use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, Utc};
use messaging::Bus;
use messaging::outbox::SerializeError;
use sqlx::PgConnection;
use uuid::Uuid;

use self::batch::Arrival;
use crate::hl7::FieldFault;
use crate::inbound::{Form, Inbound};
use crate::json_intake::DocumentFault;
use crate::outcome::{Fault, Outcome, Verdict};
use crate::profile::Senders;
use crate::reading::{Content, Read, read};
use crate::store::kept;

/// How often a batch is tried when others keep getting in first.
const TRIES: u32 = 6;

/// Why messages were not taken in. Nothing of them was: they may be sent again.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// Another process took in the same message, or opened the same case, at the same moment.
    #[error("others took in the same at the same moment")]
    Race,
    /// A snapshot does not serialize; a mistake in its type.
    #[error("write an event")]
    Snapshot(#[from] SerializeError),
    /// The database failed; never what it says of a value.
    #[error("use the database: {0}")]
    Database(String, #[source] Kind),
}

/// What kind of trouble the database had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Kind {
    /// Somebody else was in the way: trying again may help.
    #[error("others were in the way")]
    Contention,
    /// A value does not fit, or what is stored of the stay cannot be read: a matter of this message
    /// and no other.
    #[error("a value does not fit")]
    Value,
    /// Anything else.
    #[error("the database failed")]
    Other,
}

impl IngestError {
    /// One message of the batch is the reason, and the others can be taken in without it.
    const fn is_about_a_message(&self) -> bool {
        matches!(self, Self::Snapshot(_) | Self::Database(_, Kind::Value))
    }
}

impl From<sqlx::Error> for IngestError {
    /// What the database says may quote a value, so only its code and the constraint are kept.
    fn from(error: sqlx::Error) -> Self {
        let sqlx::Error::Database(said) = &error else {
            let (what, kind) = match error {
                sqlx::Error::ColumnDecode { .. } => ("a row cannot be read", Kind::Value),
                _ => ("no connection, or a broken one", Kind::Other),
            };
            return Self::Database(what.to_owned(), kind);
        };
        let code = said.code().unwrap_or_default();
        let kind = match code.as_ref() {
            "40001" | "40P01" => Kind::Contention,
            code if ["22", "23", "54"].iter().any(|class| code.starts_with(class)) => Kind::Value,
            _ => Kind::Other,
        };
        Self::Database(format!("{code} {}", said.constraint().unwrap_or_default()), kind)
    }
}

/// Where messages are taken in. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Intake {
    bus: Bus,
    senders: Arc<Senders>,
}

impl Intake {
    /// Takes in messages of these senders.
    #[must_use]
    pub fn new(bus: Bus, senders: Arc<Senders>) -> Self {
        Self { bus, senders }
    }

    /// The registered senders.
    #[must_use]
    pub fn senders(&self) -> &Senders {
        &self.senders
    }

    /// Takes in a batch, in the order given, and says what became of each. Not to be dropped
    /// half-way: run it in a task of its own.
    pub async fn ingest(&self, batch: &[Inbound]) -> Result<Vec<Outcome>, IngestError> {
        let started = Instant::now();
        let outcomes = match self.transact(batch, |inbound| self.read(inbound)).await {
            Err(error) if error.is_about_a_message() => self.one_by_one(batch).await?,
            outcomes => outcomes?,
        };
        #[expect(clippy::cast_precision_loss, reason = "a batch is small")]
        metrics::histogram!("hemgang_ingest_batch_messages").record(batch.len() as f64);
        metrics::histogram!("hemgang_ingest_seconds").record(started.elapsed());
        for (inbound, outcome) in batch.iter().zip(&outcomes) {
            report(inbound, outcome);
        }
        self.bus.wake();
        Ok(outcomes)
    }

    fn read<'s>(&'s self, inbound: &Inbound) -> Read<'s> {
        read(&self.senders, inbound, self.bus.clock().now())
    }

    /// Finds the message that the database will not have, and keeps it as refused.
    async fn one_by_one(&self, batch: &[Inbound]) -> Result<Vec<Outcome>, IngestError> {
        let mut outcomes = Vec::with_capacity(batch.len());
        for inbound in batch.chunks(1) {
            let result = match self.transact(inbound, |inbound| self.read(inbound)).await {
                Err(error) if error.is_about_a_message() => {
                    tracing::error!(%error, "a message cannot be stored: kept as refused");
                    self.transact(inbound, |inbound| unusable(self.read(inbound), inbound)).await
                }
                result => result,
            };
            outcomes.extend(result?);
        }
        Ok(outcomes)
    }

    async fn transact<'s>(
        &'s self,
        batch: &[Inbound],
        read: impl Fn(&Inbound) -> Read<'s>,
    ) -> Result<Vec<Outcome>, IngestError> {
        let reads: Vec<Read<'s>> = batch.iter().map(read).collect();
        let mut result = self.once(batch, &reads, Arrival::New).await;
        for _ in 1..TRIES {
            match result {
                Err(IngestError::Race | IngestError::Database(_, Kind::Contention)) => {
                    result = self.once(batch, &reads, Arrival::NewAgain).await;
                }
                result => return result,
            }
        }
        result
    }

    async fn once(
        &self,
        batch: &[Inbound],
        reads: &[Read<'_>],
        arrival: Arrival,
    ) -> Result<Vec<Outcome>, IngestError> {
        let mut tx = self.bus.pool().begin().await?;
        let now = self.bus.clock().now();
        let taken_in = batch::take_in(&mut tx, &self.senders, batch, reads, arrival, now);
        let outcomes = taken_in.await?;
        tx.commit().await?;
        Ok(outcomes)
    }

    /// Those messages that the database does not hold.
    pub(crate) async fn forgotten(&self, all: &[Inbound]) -> Result<Vec<Inbound>, IngestError> {
        let mut connection = self.bus.pool().acquire().await?;
        let known =
            batch::find_known(&mut connection, &self.senders, all, self.bus.clock().now()).await?;
        let unknown = all.iter().zip(known).filter(|(_, known)| known.before.is_none());
        Ok(unknown.map(|(inbound, _)| inbound.clone()).collect())
    }

    /// Takes in what still waits for a stay that is known by now: the message and the admission
    /// were taken in by two processes at the same moment, and neither saw the other's.
    pub(crate) async fn join_waiting(&self) -> Result<(), IngestError> {
        while let Some(joined) = self.join(None).await? {
            tracing::info!(messages = joined, "messages found the stay that they waited for");
        }
        Ok(())
    }

    /// Takes in some of them, or one; how many, unless there was none.
    async fn join(&self, only: Option<Uuid>) -> Result<Option<usize>, IngestError> {
        let mut tx = self.bus.pool().begin().await?;
        let waiting = kept::lock_joinable(&mut tx, only).await?;
        let ids: Vec<Uuid> = waiting.iter().map(|kept| kept.id).collect();
        if ids.is_empty() {
            return Ok(None);
        }
        let now = self.bus.clock().now();
        match again(&mut tx, &self.senders, waiting, now).await {
            Ok(outcomes) => {
                tx.commit().await?;
                self.bus.wake();
                Ok(Some(outcomes.len()))
            }
            // Others were in the way: the next look finds what is left.
            Err(IngestError::Race | IngestError::Database(_, Kind::Contention)) => Ok(None),
            Err(error) if error.is_about_a_message() && only.is_some() => {
                tracing::error!(%error, message = ?only, "a message cannot be joined to its stay");
                tx.rollback().await?;
                kept::stop_waiting(self.bus.pool(), &ids).await?;
                Ok(Some(0))
            }
            Err(error) if error.is_about_a_message() => {
                tx.rollback().await?;
                for id in &ids {
                    Box::pin(self.join(Some(*id))).await?;
                }
                Ok(Some(ids.len()))
            }
            Err(error) => Err(error),
        }
    }
}

/// Handles kept messages once more, in the order of their own times, within the caller's
/// transaction.
pub(crate) async fn again(
    tx: &mut PgConnection,
    senders: &Senders,
    kept: Vec<Inbound>,
    now: DateTime<Utc>,
) -> Result<Vec<Outcome>, IngestError> {
    let mut all: Vec<_> = kept.into_iter().map(|kept| (read(senders, &kept, now), kept)).collect();
    all.sort_by_key(|(read, _)| read.stated_at());
    let (reads, kept): (Vec<_>, Vec<_>) = all.into_iter().unzip();
    let outcomes = batch::take_in(tx, senders, &kept, &reads, Arrival::Replayed, now).await?;
    let twins = kept.iter().zip(&outcomes).filter(|(kept, outcome)| kept.id != outcome.id);
    let twins: Vec<Uuid> = twins.map(|(kept, _)| kept.id).collect();
    kept::mark_duplicates(tx, &twins).await?;
    Ok(outcomes)
}

/// A message that can be read and not stored.
fn unusable<'s>(read: Read<'s>, inbound: &Inbound) -> Read<'s> {
    let fault = match inbound.form {
        Form::Hl7 | Form::Truncated => Fault::Field(FieldFault::internal()),
        Form::Document | Form::Unknown => Fault::Document(DocumentFault::internal()),
    };
    Read { content: Content::Refused(vec![fault]), ..read }
}

fn report(inbound: &Inbound, outcome: &Outcome) {
    let sender = outcome.sender.clone().unwrap_or_else(|| "unknown".to_owned());
    let said = if outcome.duplicate { "duplicate" } else { outcome.verdict.as_str() };
    metrics::counter!("hemgang_hospital_messages_total", "sender" => sender.clone(),
        "channel" => inbound.channel.as_str(), "outcome" => said)
    .increment(1);
    if !outcome.duplicate && outcome.verdict == Verdict::Accepted {
        for warning in outcome.faults.iter().map(Fault::reason).filter(|reason| reason.warning) {
            metrics::counter!("hemgang_message_warnings_total", "sender" => sender.clone(),
                "code" => warning.code)
            .increment(1);
        }
    }
    if outcome.flagged && !outcome.duplicate {
        metrics::counter!("hemgang_reused_message_ids_total", "sender" => sender.clone())
            .increment(1);
        tracing::warn!(sender, message = %outcome.id, "a message id was used for another message");
    }
    let places = || outcome.faults.iter().map(Fault::place).collect::<Vec<_>>().join(" ");
    match said {
        "refused" => tracing::warn!(
            sender,
            message = %outcome.id,
            trace = inbound.trace.id(),
            faults = places(),
            "a message was refused"
        ),
        said => tracing::debug!(
            sender,
            message = %outcome.id,
            trace = inbound.trace.id(),
            outcome = said,
            "a message was taken in"
        ),
    }
}
