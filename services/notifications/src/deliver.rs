//! Sending: one lane for mail and one for SMS, so that neither waits for the other's trouble.
//!
//! A lane takes what is due, checks once more that it still holds, and writes down that it is about
//! to attempt it, all in one transaction. Only after the commit does it send; so whoever dies in
//! between leaves an attempt of unknown outcome behind, and never a message that nobody knows of.
//! A lease covers one attempt, which is bounded by the timeouts of mail and SMS, because a lane takes
//! no more than it can begin at once.
//!
//! The lane looks ten times a second (real time). It is not woken: who queues a delivery cannot
//! know of its own commit.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use contracts::{CaseId, Ledger};
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use messaging::{Bus, HandleError, outbox};
use sqlx::PgConnection;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::domain::causes;
use crate::domain::delivery::{Channel, State};
use crate::domain::telling::{Telling, tell};
use crate::handlers::publish;
use crate::outcome::{Reason, SendOutcome};
use crate::sender::Sender;
use crate::settle::{self, Finished};
use crate::store::deliveries::{self, Due};
use crate::store::{alerts, ledgers};

/// Messages under way at once in one lane of one process.
const AT_ONCE: usize = 16;
/// How often a lane looks unasked (real time).
const POLL: Duration = Duration::from_millis(100);
/// How long an attempt may take before it counts as lost with its process (real time): three times
/// what the timeouts of mail and SMS add up to.
const LEASE_SECONDS: f64 = 60.0;

/// A lane of one channel.
pub(crate) struct Lane {
    pub(crate) bus: Bus,
    pub(crate) sender: Arc<Sender>,
    pub(crate) channel: Channel,
}

/// A message to be sent.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) due: Due,
    pub(crate) telling: Telling,
}

/// How long a lane may stand still before the process counts as hung (real time).
const HUNG: Duration = Duration::from_mins(2);

type UnderWay = FuturesUnordered<JoinHandle<Finished>>;

impl Lane {
    /// Runs until the process stops and what is under way has ended.
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let (mut under_way, mut ended) = (UnderWay::new(), Vec::new());
        let part = self.channel.as_str();
        let pulse = self.bus.tasks().pulse(part, HUNG);
        loop {
            pulse.beat();
            let stopping = self.bus.tasks().is_stopping();
            if stopping && under_way.is_empty() && ended.is_empty() {
                return Ok(());
            }
            match self.turn(&under_way, &mut ended, stopping).await {
                Ok(()) => self.bus.readiness().up(part),
                Err(error) => {
                    self.bus.readiness().down(part, format!("{error:#}"));
                    // What has ended must still be written down; but not for ever.
                    anyhow::ensure!(!stopping, "stopped before all outcomes were written down");
                    self.bus.tasks().pause(Duration::from_millis(500)).await;
                }
            }
            self.wait(&mut under_way, &mut ended).await;
        }
    }

    /// Writes down what has ended, and begins what is due.
    async fn turn(
        &self,
        under_way: &UnderWay,
        ended: &mut Vec<Finished>,
        stopping: bool,
    ) -> anyhow::Result<()> {
        if !ended.is_empty() {
            self.record(ended).await.context("record outcomes")?;
            ended.clear();
        }
        let free = AT_ONCE.saturating_sub(under_way.len());
        if stopping || free == 0 {
            return Ok(());
        }
        ended.extend(self.expired().await.context("look for lost attempts")?);
        for job in self.take(free).await.context("take what is due")? {
            let sender = Arc::clone(&self.sender);
            // A task of its own: it goes on while the lane waits for the database.
            under_way.push(self.bus.tasks().spawn(async move { sender.attempt(job).await }));
        }
        Ok(())
    }

    /// Waits until something has ended, or it is time to look again.
    async fn wait(&self, under_way: &mut UnderWay, ended: &mut Vec<Finished>) {
        if !ended.is_empty() {
            return;
        }
        if under_way.is_empty() {
            self.bus.tasks().pause(POLL).await;
            return;
        }
        // An attempt that panicked has left its lease, which expires.
        if let Ok(Some(Ok(one))) = tokio::time::timeout(POLL, under_way.next()).await {
            ended.push(one);
        }
        while let Some(Some(one)) = under_way.next().now_or_never() {
            ended.extend(one);
        }
    }

    /// Locks what is due, gives up what need not be sent any more, and writes down that the rest is
    /// about to be attempted.
    async fn take(&self, limit: usize) -> Result<Vec<Job>, HandleError> {
        let mut tx = self.bus.pool().begin().await?;
        let limit = i64::try_from(limit).unwrap_or(0);
        let due = deliveries::lock_due(&mut tx, self.channel, limit).await?;
        if due.is_empty() {
            return Ok(Vec::new());
        }
        let ledgers = ledgers::load(&mut tx, due.iter().map(|one| one.case)).await?;
        let (jobs, over) = sort_out(due, &ledgers);
        let ids: Vec<Uuid> = jobs.iter().map(|job| job.due.id).collect();
        deliveries::start(&mut tx, &ids, LEASE_SECONDS).await?;
        self.give_up(&mut tx, &over).await?;
        tx.commit().await?;
        if !over.is_empty() {
            self.bus.wake();
        }
        Ok(jobs)
    }

    async fn give_up(&self, tx: &mut PgConnection, over: &[Over]) -> Result<(), HandleError> {
        if over.is_empty() {
            return Ok(());
        }
        for (state, reason) in [
            (State::Withdrawn, "no_longer_true"),
            (State::Withdrawn, "acknowledged"),
            (State::Failed, "contact_removed"),
        ] {
            let ids = over.iter().filter(|one| one.reason == reason);
            let ids: Vec<Uuid> = ids.map(|one| one.due.id).collect();
            deliveries::end_unsent(tx, &ids, state, reason).await?;
        }
        let ids: Vec<Uuid> = over.iter().map(|one| one.due.alert.0).collect();
        let changed = alerts::refresh(tx, &ids).await?;
        outbox::put(tx, publish::<HandleError>(&changed)?, self.bus.clock().now()).await?;
        Ok(())
    }

    async fn record(&self, finished: &[Finished]) -> Result<(), HandleError> {
        let mut tx = self.bus.pool().begin().await?;
        let now = self.bus.clock().now();
        settle::record(&mut tx, finished, self.sender.providers(), now).await?;
        tx.commit().await?;
        self.bus.wake();
        Ok(())
    }

    /// Attempts that nobody will end any more: their outcome is unknown.
    async fn expired(&self) -> Result<Vec<Finished>, sqlx::Error> {
        let mut connection = self.bus.pool().acquire().await?;
        let limit = i64::try_from(AT_ONCE).unwrap_or(0);
        let expired = deliveries::expired(&mut connection, self.channel, limit).await?;
        let lost = expired.into_iter().map(|(alert, delivery, attempts)| Finished {
            alert,
            delivery,
            attempts,
            outcome: SendOutcome::Unknown { reason: Reason::Interrupted },
        });
        Ok(lost.collect())
    }
}

/// A delivery that need not be made any more, and why.
struct Over {
    due: Due,
    reason: &'static str,
}

/// Tells what still is to be sent from what is not.
fn sort_out(due: Vec<Due>, ledgers: &HashMap<CaseId, Ledger>) -> (Vec<Job>, Vec<Over>) {
    let (mut jobs, mut over) = (Vec::new(), Vec::new());
    for due in due {
        let ledger = ledgers.get(&due.case);
        let ledger = ledger.filter(|ledger| causes::holds(ledger, due.cause));
        match ledger {
            None => over.push(Over { due, reason: "no_longer_true" }),
            Some(_) if due.acknowledged => over.push(Over { due, reason: "acknowledged" }),
            Some(_) if !due.in_use => over.push(Over { due, reason: "contact_removed" }),
            Some(ledger) => {
                let telling = tell(ledger, due.cause, &due.unit);
                jobs.push(Job { due, telling });
            }
        }
    }
    (jobs, over)
}
