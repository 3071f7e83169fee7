//! Pulling the messages of a durable, a batch at a time.
//!
//! The broker's stream of messages is built anew on any error. The watchdog looks at progress, not at
//! liveness: messages that wait and are not delivered make a new stream and in the end a new
//! process, and so does a batch that stays in hand.

use std::time::Duration;

use anyhow::Context;
use async_nats::jetstream::consumer::Info;
use async_nats::jetstream::{AckKind, Message};
use chassis::Pulse;
use futures::{FutureExt, StreamExt};

use crate::bus::Bus;
use crate::streams::DurableSpec;

/// How often a puller looks beside its messages, and whether it is being left out (real time).
const LOOK: Duration = Duration::from_secs(10);
/// How long a batch may be in hand before the process counts as hung (real time): statements have
/// bounds, a connection that is half open has none.
const HUNG: Duration = Duration::from_mins(2);
/// When messages that could not be handled are delivered again (real time).
const LATER: Duration = Duration::from_secs(1);

/// Which messages, and how many at a time.
#[derive(Clone, Debug)]
pub struct Pull {
    /// The part's name in logs and probes.
    pub part: &'static str,
    /// Whose messages.
    pub durable: DurableSpec,
    /// The most messages in hand.
    pub batch: usize,
}

/// A way with messages.
pub trait Take: Send + Sync + 'static {
    /// What is to be seen to before messages are pulled.
    fn begin(&self) -> impl Future<Output = anyhow::Result<()>> + Send;

    /// What is to be looked after meanwhile: every few seconds, and when a replay is asked for.
    fn look(&self) -> impl Future<Output = anyhow::Result<()>> + Send;

    /// Handles messages and acknowledges them. After a failure all are delivered again, those that
    /// were acknowledged apart.
    fn take(&self, messages: &[Message]) -> impl Future<Output = anyhow::Result<()>> + Send;
}

/// Runs until the process stops. Ends with an error, and the process with it, when the broker holds
/// messages back for so long that only a new process may help.
pub(crate) async fn run<T: Take>(bus: Bus, pull: Pull, take: T) -> anyhow::Result<()> {
    let pulse = bus.tasks.pulse(pull.part, HUNG);
    let mut puller = Puller { bus, pull, take, pulse, stalls: 0 };
    while !puller.bus.tasks.is_stopping() {
        puller.pulse.beat();
        match puller.pull().await {
            Ok(End::Stopping) => break,
            Ok(End::Stalled) => {
                puller.stalls += 1;
                anyhow::ensure!(puller.stalls < 3, "messages wait, and the broker delivers none");
            }
            Ok(End::Broken) => {}
            Err(error) => {
                puller.bus.readiness.down(puller.pull.part, format!("{error:#}"));
                puller.bus.tasks.pause(Duration::from_millis(500)).await;
            }
        }
    }
    Ok(())
}

/// Why pulling came to an end.
enum End {
    Stopping,
    /// The broker's stream of messages ended or failed: build it anew.
    Broken,
    /// Messages wait and none came.
    Stalled,
}

struct Puller<T> {
    bus: Bus,
    pull: Pull,
    take: T,
    pulse: Pulse,
    /// How often messages were held back since one last came.
    stalls: u32,
}

impl<T: Take> Puller<T> {
    async fn pull(&mut self) -> anyhow::Result<End> {
        let batch = self.pull.batch;
        let mut durable = self.pull.durable.find(&self.bus.js).await?;
        self.take.begin().await?;
        let messages = durable
            .stream()
            .max_messages_per_batch(batch)
            .expires(Duration::from_secs(10))
            .heartbeat(Duration::from_secs(3))
            .messages()
            .await
            .context("pull messages")?;
        let mut chunks = messages.ready_chunks(batch);
        self.bus.readiness.up(self.pull.part);
        let stop = self.bus.tasks.stop_token();
        let mut look = tokio::time::interval(LOOK);
        let mut floor = Floor::default();
        loop {
            self.pulse.beat();
            tokio::select! {
                () = stop.cancelled() => {
                    // What was delivered and not begun is for another replica, at once.
                    while let Some(Some(chunk)) = chunks.next().now_or_never() {
                        give_back(&chunk.into_iter().flatten().collect::<Vec<_>>(), None).await;
                    }
                    return Ok(End::Stopping);
                }
                chunk = chunks.next() => {
                    let Some(chunk) = chunk else { return Ok(End::Broken) };
                    (floor, self.stalls) = (Floor::default(), 0);
                    let sound = chunk.iter().all(Result::is_ok);
                    let messages: Vec<Message> = chunk.into_iter().flatten().collect();
                    self.handle(&messages).await;
                    if !sound {
                        return Ok(End::Broken);
                    }
                    self.bus.gather(messages.len()).await;
                }
                () = self.bus.replay.notified() => self.take.look().await?,
                _ = look.tick() => {
                    self.take.look().await?;
                    let info = durable.info().await.context("ask for the durable's state")?;
                    if info.num_pending == 0 && info.num_ack_pending == 0 {
                        // Whatever failed here was handled by another replica.
                        self.bus.readiness.up(self.pull.part);
                    }
                    if floor.stands_still(info) {
                        return Ok(End::Stalled);
                    }
                }
            }
        }
    }

    async fn handle(&self, messages: &[Message]) {
        if messages.is_empty() {
            return;
        }
        match self.take.take(messages).await {
            Ok(()) => self.bus.readiness.up(self.pull.part),
            Err(error) => {
                self.bus.readiness.down(self.pull.part, format!("{error:#}"));
                give_back(messages, Some(LATER)).await;
                self.bus.tasks.pause(Duration::from_millis(500)).await;
            }
        }
    }
}

/// Up to where all replicas have come, and for how many looks.
#[derive(Default)]
struct Floor {
    at: u64,
    looks: u32,
}

impl Floor {
    /// Messages wait, none comes, and no replica gets on, three looks in a row.
    fn stands_still(&mut self, info: &Info) -> bool {
        let at = info.ack_floor.stream_sequence;
        let same = at == self.at && info.num_pending > 0;
        *self = Self { at, looks: if same { self.looks + 1 } else { 0 } };
        self.looks > 2
    }
}

/// Has messages delivered again, to whichever replica asks first.
async fn give_back(messages: &[Message], after: Option<Duration>) {
    for message in messages {
        let _ = message.ack_with(AckKind::Nak(after)).await;
    }
}
