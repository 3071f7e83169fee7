//! Being told to stop.

use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::Instant;

/// Interrupts that come so soon after one another are one.
const SAME_KEY: Duration = Duration::from_secs(1);

/// Ctrl-C, SIGTERM, or a terminal that was closed.
pub(super) struct Interrupts([Signal; 3]);

impl Interrupts {
    /// Listens from now on.
    pub(super) fn new() -> anyhow::Result<Self> {
        let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        let [int, term, hup] = kinds.map(signal);
        Ok(Self([int?, term?, hup?]))
    }

    /// The next one.
    pub(super) async fn next(&mut self) {
        let [int, term, hup] = &mut self.0;
        tokio::select! {
            _ = int.recv() => {}
            _ = term.recv() => {}
            _ = hup.recv() => {}
        }
    }

    /// The next one that is meant as such: one that comes at once comes from the same key, since a
    /// terminal and a program that runs us may both pass it on.
    pub(super) async fn another(&mut self) {
        let first = Instant::now();
        loop {
            self.next().await;
            if first.elapsed() > SAME_KEY {
                return;
            }
        }
    }
}
