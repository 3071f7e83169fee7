//! Sending: one lane for mail and one for SMS, so that neither waits for the other's trouble.
//!
//! A lane takes what is due, checks once more that it still holds, and writes down that it is about
//! to attempt it, all in one transaction. Only after the commit does it send; so whoever dies in
//! between leaves an attempt of unknown outcome behind, and never a message that nobody knows of.
//! A lease covers one attempt, which is bounded by the timeouts of mail and SMS, because a lane takes
//! no more than it can begin at once. While the database is away what has ended is kept, and the
//! process that made an attempt never counts it as lost.
//!
//! Attempts that end within a moment of each other are written down together, in the transaction
//! that takes the next ones. A lane is woken when this process commits something, and looks ten
//! times a second by itself (real time), for what other replicas queue and for what waits its time.

mod due;
mod together;
mod verdict;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use messaging::{Bus, HandleError};
use sqlx::PgConnection;
use tokio::sync::watch;
use uuid::Uuid;

use crate::domain::delivery::Channel;
use crate::domain::meetings::Invitation;
use crate::domain::telling::Telling;
use crate::outcome::{Reason, SendOutcome};
use crate::sender::Sender;
use crate::settle::{self, Finished};
use crate::store::due::{self as store, Due};

/// Messages under way at once in one lane of one process: fewer than the connections that mail servers
/// usually grant a client, which is 50.
const AT_ONCE: usize = 48;
/// How long outcomes are gathered before they are written down together (real time).
const GATHER: Duration = Duration::from_millis(5);
/// How often a lane looks unasked (real time).
const POLL: Duration = Duration::from_millis(100);
/// How often a lane looks for attempts whose process has died (real time).
const LOOK_FOR_LOST: Duration = Duration::from_secs(1);
/// How often the lane of mail looks for digests (real time): seldom, since they have their minute, and
/// what is due at once is not to wait for the question.
const LOOK_FOR_DIGESTS: Duration = Duration::from_secs(1);

/// A lane of one channel.
pub(crate) struct Lane {
    pub(crate) bus: Bus,
    pub(crate) sender: Arc<Sender>,
    pub(crate) channel: Channel,
}

/// A message to be sent: one delivery, or the several of a digest.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) parts: Vec<Part>,
}

/// A delivery that is made, and what it says.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) due: Due,
    pub(crate) content: Content,
}

/// What a message is about.
#[derive(Debug)]
pub(crate) enum Content {
    /// News or a step.
    Telling(Telling),
    /// A meeting.
    Invitation(Invitation),
}

/// How long a lane may stand still before the process counts as hung (real time).
const HUNG: Duration = Duration::from_mins(2);

/// The deliveries of a message, and what became of them; nothing from an attempt that panicked.
type Ended = (Vec<Uuid>, Option<Vec<Finished>>);

/// Attempts of this process.
#[derive(Default)]
struct Hand {
    under_way: FuturesUnordered<BoxFuture<'static, Ended>>,
    ended: Vec<Finished>,
    /// Those whose outcome is not written down yet.
    own: HashSet<Uuid>,
    looked_for_lost: Option<Instant>,
    looked_for_digests: Option<Instant>,
}

impl Hand {
    fn end(&mut self, (ids, finished): Ended) {
        match finished {
            // Written down in one transaction, however many they are.
            Some(finished) => self.ended.extend(finished),
            // They have left their leases, which expire.
            None => self.own.retain(|id| !ids.contains(id)),
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

    fn free(&self) -> usize {
        AT_ONCE.saturating_sub(self.under_way.len())
    }

    /// Whether it is time to look for attempts that nobody will end any more.
    fn looks_for_lost(&mut self) -> bool {
        is_time(&mut self.looked_for_lost, LOOK_FOR_LOST)
    }

    /// Whether it is time to look for digests.
    fn looks_for_digests(&mut self) -> bool {
        is_time(&mut self.looked_for_digests, LOOK_FOR_DIGESTS)
    }
}

/// Whether something was done so long ago, or never; then it is done now.
fn is_time(done: &mut Option<Instant>, every: Duration) -> bool {
    let is_time = done.is_none_or(|at| at.elapsed() >= every);
    if is_time {
        *done = Some(Instant::now());
    }
    is_time
}

impl Lane {
    /// Runs until the process stops and what is under way has ended.
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let mut hand = Hand::default();
        let part = self.channel.as_str();
        let pulse = self.bus.tasks().pulse(part, HUNG);
        let mut commits = self.bus.commits();
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
            self.wait(&mut hand, &mut commits).await;
        }
    }

    /// Writes down what has ended, and begins what is due.
    async fn turn(&self, hand: &mut Hand, stopping: bool) -> Result<(), HandleError> {
        if !stopping && hand.looks_for_lost() {
            hand.ended.extend(self.lost(&hand.own).await?);
        }
        let free = if stopping { 0 } else { hand.free() };
        if free == 0 && hand.ended.is_empty() {
            return Ok(());
        }
        let mut tx = self.bus.pool().begin().await?;
        let said = self.record(&mut tx, &hand.ended).await?;
        let digests = free > 0 && self.channel == Channel::Email && hand.looks_for_digests();
        let taken = self.take(&mut tx, free, digests).await?;
        tx.commit().await?;
        if said || taken.said {
            self.bus.wake();
        }
        for one in hand.ended.drain(..) {
            hand.own.remove(&one.delivery);
        }
        for job in taken.jobs {
            let ids: Vec<Uuid> = job.parts.iter().map(|part| part.due.id).collect();
            let sender = Arc::clone(&self.sender);
            hand.own.extend(&ids);
            // A task of its own: it goes on while the lane waits for the database.
            let attempt = self.bus.tasks().spawn(async move { sender.attempt(job).await });
            hand.under_way.push(async move { (ids, attempt.await.ok()) }.boxed());
        }
        Ok(())
    }

    /// Waits until something has ended or may have become due.
    async fn wait(&self, hand: &mut Hand, commits: &mut watch::Receiver<()>) {
        let woken = async {
            // Its sender lives as long as the lane.
            let _ = tokio::time::timeout(POLL, commits.changed()).await;
        };
        if hand.is_empty() {
            tokio::select! {
                () = woken => {}
                () = self.bus.tasks().stop_token().cancelled_owned() => {}
            }
        } else if hand.ended.is_empty() {
            tokio::select! {
                Some(one) = hand.under_way.next() => hand.end(one),
                () = woken, if hand.free() > 0 => {}
            }
        }
        self.gather(hand).await;
    }

    /// Takes in what ends within a moment of what has ended.
    async fn gather(&self, hand: &mut Hand) {
        let until = tokio::time::Instant::now() + GATHER;
        while !hand.ended.is_empty() && hand.ended.len() < AT_ONCE / 2 {
            match tokio::time::timeout_at(until, hand.under_way.next()).await {
                Ok(Some(one)) => hand.end(one),
                Ok(None) | Err(_) => break,
            }
        }
        hand.drain();
    }

    /// Whether there is something to say.
    async fn record(
        &self,
        tx: &mut PgConnection,
        finished: &[Finished],
    ) -> Result<bool, HandleError> {
        let now = self.bus.clock().now();
        settle::record(tx, finished, self.sender.providers(), now).await?;
        Ok(!finished.is_empty())
    }

    /// Attempts that nobody will end any more: their outcome is unknown.
    async fn lost(&self, own: &HashSet<Uuid>) -> Result<Vec<Finished>, sqlx::Error> {
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
