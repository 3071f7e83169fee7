//! Delivery reports: what comes in a moment is stored in one transaction, in a task of its own, so
//! that a provider that hangs up never drops one half-way.

use std::time::Duration;

use chassis::Pulse;
use messaging::{Bus, HandleError};
use tokio::sync::{mpsc, oneshot};

use crate::domain::delivery::Providers;
use crate::settle::{self, Reported};

/// Reports stored in one transaction; as many wait, and providers beyond that wait themselves.
const BATCH: usize = 200;
/// How long reports are gathered (real time): nobody waits for one but the provider.
const GATHER: Duration = Duration::from_millis(5);
/// How long a batch may be in hand before the process counts as hung (real time).
const HUNG: Duration = Duration::from_mins(2);

struct Waiting {
    report: Reported,
    is_stored: oneshot::Sender<bool>,
}

/// Takes reports. Cheap to clone; the task behind it ends with its last clone.
#[derive(Clone, Debug)]
pub(crate) struct Reports(mpsc::Sender<Waiting>);

impl Reports {
    /// Starts the task behind it.
    pub(crate) fn start(bus: &Bus, providers: Providers) -> Self {
        let (queue, waiting) = mpsc::channel(BATCH);
        let pulse = bus.tasks().pulse("reports", HUNG);
        bus.tasks().spawn_critical("reports", run(bus.clone(), providers, pulse, waiting));
        Self(queue)
    }

    /// Stores a report; whether it was.
    pub(crate) async fn store(&self, report: Reported) -> bool {
        let (is_stored, answer) = oneshot::channel();
        self.0.send(Waiting { report, is_stored }).await.is_ok() && answer.await.unwrap_or(false)
    }
}

async fn run(
    bus: Bus,
    providers: Providers,
    pulse: Pulse,
    mut queue: mpsc::Receiver<Waiting>,
) -> anyhow::Result<()> {
    let mut waiting = Vec::with_capacity(BATCH);
    let mut idle = tokio::time::interval(HUNG / 8);
    loop {
        pulse.beat();
        let came = tokio::select! {
            came = queue.recv_many(&mut waiting, BATCH) => came,
            _ = idle.tick() => continue,
        };
        if came == 0 {
            return Ok(());
        }
        tokio::time::sleep(GATHER).await;
        while waiting.len() < BATCH
            && let Ok(one) = queue.try_recv()
        {
            waiting.push(one);
        }
        let reports: Vec<Reported> = waiting.iter().map(|one| one.report).collect();
        let stored = store(&bus, &providers, &reports).await;
        if let Err(error) = &stored {
            let reason = error.reason();
            tracing::error!(reports = reports.len(), reason, "reports could not be stored");
        }
        for one in waiting.drain(..) {
            // Whoever has hung up reports again.
            let _ = one.is_stored.send(stored.is_ok());
        }
    }
}

async fn store(bus: &Bus, providers: &Providers, reports: &[Reported]) -> Result<(), HandleError> {
    let mut tx = bus.pool().begin().await?;
    settle::report(&mut tx, reports, providers, bus.clock().now()).await?;
    tx.commit().await?;
    bus.wake();
    Ok(())
}
