//! The tasks of a process, and its orderly end.
//!
//! Every task hangs on one tracker. None is ever aborted: a task that is told to stop finishes what
//! it has in hand, because dropping a future in the middle of a transaction would hand its
//! connection back to the pool with the transaction open. What does not end within the grace
//! period ends with the process, and a process may die at any line.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long tasks may take to finish what they have in hand (real time). Container platforms
/// kill after 30 s.
const GRACE: Duration = Duration::from_secs(25);

/// Spawns tasks, tells them to stop, waits for them.
#[derive(Clone, Debug, Default)]
pub struct Tasks {
    tracker: TaskTracker,
    stop: CancellationToken,
    failure: Arc<Mutex<Option<String>>>,
}

impl Tasks {
    /// Runs a task without which the process is of no use: when it fails, everything stops and the
    /// process ends with failure, so that whoever supervises it starts it anew.
    pub fn spawn_critical<F>(&self, name: &'static str, task: F)
    where
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        let running = self.tracker.spawn(task);
        let tasks = self.clone();
        self.tracker.spawn(async move {
            let failure = match running.await {
                Ok(Ok(())) => return,
                Ok(Err(error)) => format!("{error:#}"),
                Err(panic) => format!("{panic}"),
            };
            tracing::error!(task = name, error = failure, "a task has failed: stopping");
            *tasks.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure);
            tasks.stop.cancel();
        });
    }

    /// Runs a task to its end, whatever becomes of whoever waits for it.
    pub fn spawn<F>(&self, task: F) -> tokio::task::JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.tracker.spawn(task)
    }

    /// A pulse for a task that must never stand still for longer than `longest` (real time): a
    /// connection that is half open hangs for ever and looks alive. When it no longer beats, the
    /// process ends with failure, so that whoever supervises it starts it anew.
    #[must_use]
    pub fn pulse(&self, name: &'static str, longest: Duration) -> Pulse {
        let pulse = Pulse(Arc::new(Mutex::new(Instant::now())));
        let (watched, tasks) = (pulse.clone(), self.clone());
        self.spawn_critical(name, async move {
            let mut silent = 0;
            while !tasks.is_stopping() {
                tasks.pause(longest / 4).await;
                // Twice: a process that was stopped and goes on finds every pulse old.
                silent = if watched.age() > longest { silent + 1 } else { 0 };
                anyhow::ensure!(silent < 2, "stands still");
            }
            Ok(())
        });
        pulse
    }

    /// Cancelled when the process is to stop.
    #[must_use]
    pub fn stop_token(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// True when the process is to stop.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// Tells all tasks to stop.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Sleeps, or returns early when the process is to stop.
    pub async fn pause(&self, time: Duration) {
        let _ = tokio::time::timeout(time, self.stop.cancelled()).await;
    }

    /// Waits for a signal or a failed task, then for all tasks. `Err` says which failure it was.
    pub async fn run_until_stopped(&self) -> anyhow::Result<()> {
        tokio::select! {
            () = self.stop.cancelled() => {}
            signal = signal() => tracing::info!(signal, "stopping"),
        }
        self.finish().await
    }

    /// Tells all tasks to stop and waits for them, for the grace period at most.
    pub async fn finish(&self) -> anyhow::Result<()> {
        self.stop.cancel();
        self.tracker.close();
        if tokio::time::timeout(GRACE, self.tracker.wait()).await.is_err() {
            tracing::warn!(left = self.tracker.len(), "not all tasks ended in time");
        }
        match self.failure.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(failure) => Err(anyhow::anyhow!(failure)),
            None => Ok(()),
        }
    }
}

/// Shows that a task gets on.
#[derive(Clone, Debug)]
pub struct Pulse(Arc<Mutex<Instant>>);

impl Pulse {
    /// The task has got on.
    pub fn beat(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn age(&self) -> Duration {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).elapsed()
    }
}

/// SIGTERM or SIGINT, whichever comes first.
async fn signal() -> &'static str {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut term), Ok(mut int)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        tracing::warn!("signals cannot be listened for");
        return std::future::pending().await;
    };
    tokio::select! {
        _ = term.recv() => "SIGTERM",
        _ = int.recv() => "SIGINT",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_failed_critical_task_stops_the_process() {
        let tasks = Tasks::default();
        tasks.spawn_critical("doomed", async { anyhow::bail!("no database") });
        let error = tasks.run_until_stopped().await.unwrap_err();
        assert_eq!(error.to_string(), "no database");
    }

    #[tokio::test]
    async fn a_task_that_stands_still_ends_the_process() {
        let tasks = Tasks::default();
        let _silent = tasks.pulse("hung", Duration::from_millis(20));
        let beating = tasks.pulse("alive", Duration::from_hours(1));
        beating.beat();
        let error = tasks.run_until_stopped().await.unwrap_err();
        assert_eq!(error.to_string(), "stands still");
    }

    #[tokio::test]
    async fn a_task_finishes_what_it_has_in_hand() {
        let tasks = Tasks::default();
        let (done, finished) = tokio::sync::oneshot::channel();
        let stop = tasks.stop_token();
        tasks.spawn_critical("worker", async move {
            stop.cancelled().await;
            tokio::task::yield_now().await;
            done.send("finished").ok();
            Ok(())
        });
        tasks.finish().await.unwrap();
        assert_eq!(finished.await.unwrap(), "finished");
    }
}
