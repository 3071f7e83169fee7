//! Lets connections share transactions: what is waiting when a transaction begins goes into it.
//!
//! While one batch is being committed the next one gathers, so a busy hour makes larger batches and
//! not more commits, and a quiet one waits for nobody. Batches run in a task of their own: a sender
//! that hangs up never drops a transaction half-way.

use std::time::Duration;

use chassis::{Pulse, Tasks};
use tokio::sync::{mpsc, oneshot};

use crate::inbound::Inbound;
use crate::ingest::Intake;
use crate::outcome::Outcome;

/// Messages that wait for a batch; more senders than that wait themselves.
const WAITING: usize = 1_000;
/// How long a batch may be in hand before the process counts as hung (real time): statements have
/// bounds, a connection that is half open has none.
const HUNG: Duration = Duration::from_mins(2);

/// The message was not taken in; it may be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("messages cannot be taken in at present")]
pub struct Unavailable;

struct Waiting {
    inbound: Inbound,
    answer: oneshot::Sender<Result<Outcome, Unavailable>>,
}

/// Hands messages in. Cheap to clone; the task behind it ends with its last clone.
#[derive(Clone, Debug)]
pub struct Batcher {
    queue: mpsc::Sender<Waiting>,
}

impl Batcher {
    /// Starts the task behind it, which takes in at most `largest` messages at a time.
    #[must_use]
    pub fn start(intake: Intake, tasks: &Tasks, largest: usize) -> Self {
        let (queue, waiting) = mpsc::channel(WAITING);
        let pulse = tasks.pulse("batcher", HUNG);
        tasks.spawn_critical("batcher", run(intake, pulse, waiting, largest));
        Self { queue }
    }

    /// For connections that may outlive their listener.
    pub(crate) fn downgrade(&self) -> WeakBatcher {
        WeakBatcher { queue: self.queue.downgrade() }
    }

    /// Hands messages in, in their order, and waits for what becomes of each.
    pub async fn submit_all(&self, all: Vec<Inbound>) -> Vec<Result<Outcome, Unavailable>> {
        let mut waiting = Vec::with_capacity(all.len());
        for inbound in all {
            let (answer, outcome) = oneshot::channel();
            let queued = self.queue.send(Waiting { inbound, answer }).await;
            waiting.push(queued.map(|()| outcome));
        }
        let mut outcomes = Vec::with_capacity(waiting.len());
        for outcome in waiting {
            outcomes.push(match outcome {
                Ok(outcome) => outcome.await.unwrap_or(Err(Unavailable)),
                Err(_) => Err(Unavailable),
            });
        }
        outcomes
    }

    /// Hands a message in and waits for what becomes of it, once that is committed.
    pub async fn submit(&self, inbound: Inbound) -> Result<Outcome, Unavailable> {
        let (answer, outcome) = oneshot::channel();
        self.queue.send(Waiting { inbound, answer }).await.map_err(|_| Unavailable)?;
        outcome.await.map_err(|_| Unavailable)?
    }
}

/// The same for a connection that may outlive the listener: it does not keep the task behind it.
#[derive(Clone, Debug)]
pub(crate) struct WeakBatcher {
    queue: mpsc::WeakSender<Waiting>,
}

impl WeakBatcher {
    /// Who takes messages, if there still is anybody.
    pub(crate) fn upgrade(&self) -> Result<Batcher, Unavailable> {
        let queue = self.queue.upgrade().ok_or(Unavailable)?;
        Ok(Batcher { queue })
    }

    /// Hands a message in, if there still is anybody who takes it.
    pub(crate) async fn submit(&self, inbound: Inbound) -> Result<Outcome, Unavailable> {
        self.upgrade()?.submit(inbound).await
    }
}

async fn run(
    intake: Intake,
    pulse: Pulse,
    mut queue: mpsc::Receiver<Waiting>,
    largest: usize,
) -> anyhow::Result<()> {
    let mut waiting = Vec::with_capacity(largest);
    let mut idle = tokio::time::interval(HUNG / 8);
    loop {
        pulse.beat();
        let came = tokio::select! {
            came = queue.recv_many(&mut waiting, largest) => came,
            _ = idle.tick() => continue,
        };
        if came == 0 {
            return Ok(());
        }
        let (batch, answers): (Vec<_>, Vec<_>) =
            waiting.drain(..).map(|one| (one.inbound, one.answer)).unzip();
        match intake.ingest(&batch).await {
            Ok(outcomes) => {
                for (answer, outcome) in answers.into_iter().zip(outcomes) {
                    // Whoever has hung up sends again, and gets the answer then.
                    let _ = answer.send(Ok(outcome));
                }
            }
            Err(error) => {
                tracing::error!(messages = batch.len(), %error, "messages were not taken in");
                for answer in answers {
                    let _ = answer.send(Err(Unavailable));
                }
            }
        }
    }
}
