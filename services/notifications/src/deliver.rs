//! Sending: one lane for mail and one for SMS, so that neither waits for the other's trouble.
//!
//! A lane takes what is due, checks once more that it still holds, and writes down that it is about
//! to attempt it, all in one transaction. Only after the commit does it send; so whoever dies in
//! between leaves an attempt of unknown outcome behind, and never a message that nobody knows of.
//! A lease covers one attempt, which is bounded by the timeouts of mail and SMS, because a lane takes
//! no more than it can begin at once. While the database is away what has ended is kept, and the
//! process that made an attempt never counts it as lost.
//!
//! The lane looks ten times a second (real time). It is not woken: who queues a delivery cannot
//! know of its own commit.

mod due;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use messaging::{Bus, HandleError};
use uuid::Uuid;

use crate::domain::delivery::Channel;
use crate::domain::telling::Telling;
use crate::outcome::{Reason, SendOutcome};
use crate::sender::Sender;
use crate::settle::{self, Finished};
use crate::store::due::{self as store, Due};

/// Messages under way at once in one lane of one process.
const AT_ONCE: usize = 16;
/// How often a lane looks unasked (real time).
const POLL: Duration = Duration::from_millis(100);

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

/// Attempts of this process.
#[derive(Default)]
struct Hand {
    /// With the id of the delivery; nothing more from one that panicked.
    under_way: FuturesUnordered<BoxFuture<'static, (Uuid, Option<Finished>)>>,
    ended: Vec<Finished>,
    /// Those whose outcome is not written down yet.
    own: HashSet<Uuid>,
}

impl Hand {
    fn end(&mut self, (id, finished): (Uuid, Option<Finished>)) {
        match finished {
            Some(finished) => self.ended.push(finished),
            // It has left its lease, which expires.
            None => drop(self.own.remove(&id)),
        }
    }

    /// Takes in whatever has ended, without waiting.
    fn drain(&mut self) {
        while let Some(Some(one)) = self.under_way.next().now_or_never() {
            self.end(one);
        }
    }

    fn is_empty(&self) -> bool {
        self.under_way.is_empty() && self.ended.is_empty()
    }
}

impl Lane {
    /// Runs until the process stops and what is under way has ended.
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let mut hand = Hand::default();
        let part = self.channel.as_str();
        let pulse = self.bus.tasks().pulse(part, HUNG);
        loop {
            pulse.beat();
            let stopping = self.bus.tasks().is_stopping();
            if stopping && hand.is_empty() {
                return Ok(());
            }
            match self.turn(&mut hand, stopping).await {
                Ok(()) => self.bus.readiness().up(part),
                Err(error) => {
                    self.bus.readiness().down(part, error.reason());
                    // What has ended must still be written down; but not for ever.
                    anyhow::ensure!(!stopping, "stopped before all outcomes were written down");
                    self.bus.tasks().pause(Duration::from_millis(500)).await;
                }
            }
            self.wait(&mut hand).await;
        }
    }

    /// Writes down what has ended, and begins what is due.
    async fn turn(&self, hand: &mut Hand, stopping: bool) -> Result<(), HandleError> {
        if !hand.ended.is_empty() {
            self.record(&hand.ended).await?;
            for one in hand.ended.drain(..) {
                hand.own.remove(&one.delivery);
            }
        }
        let free = AT_ONCE.saturating_sub(hand.under_way.len());
        if stopping || free == 0 {
            return Ok(());
        }
        hand.ended.extend(self.expired(&hand.own).await?);
        for job in self.take(free).await? {
            let (id, sender) = (job.due.id, Arc::clone(&self.sender));
            hand.own.insert(id);
            // A task of its own: it goes on while the lane waits for the database.
            let attempt = self.bus.tasks().spawn(async move { sender.attempt(job).await });
            hand.under_way.push(async move { (id, attempt.await.ok()) }.boxed());
        }
        Ok(())
    }

    /// Waits until something has ended, or it is time to look again.
    async fn wait(&self, hand: &mut Hand) {
        if hand.is_empty() {
            self.bus.tasks().pause(POLL).await;
        } else if hand.ended.is_empty()
            && let Ok(Some(one)) = tokio::time::timeout(POLL, hand.under_way.next()).await
        {
            hand.end(one);
        }
        hand.drain();
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
    async fn expired(&self, own: &HashSet<Uuid>) -> Result<Vec<Finished>, sqlx::Error> {
        let mut connection = self.bus.pool().acquire().await?;
        let own: Vec<Uuid> = own.iter().copied().collect();
        let expired = store::expired(&mut connection, self.channel, &own).await?;
        let lost = expired.into_iter().map(|(alert, delivery, attempts)| Finished {
            alert,
            delivery,
            attempts,
            outcome: SendOutcome::Unknown { reason: Reason::Interrupted },
        });
        Ok(lost.collect())
    }
}
