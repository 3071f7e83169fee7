//! When nothing moves any more.

use contracts::commands::any;
use test_support::{SOON, eventually};

use super::{SERVICES, System};

impl System {
    /// Waits until everything that was said is published and has been heard, every step that is due is
    /// taken and every message is sent.
    pub(crate) async fn is_quiet(&self) {
        eventually("nothing moves", SOON * 2, async || {
            // What one service hears, another may say in answer: twice around, and nothing was said.
            for _ in 0..2 {
                for service in SERVICES {
                    self.hears_nothing(service).await?;
                }
            }
            self.does_nothing().await
        })
        .await;
    }

    async fn hears_nothing(&self, service: &str) -> Result<(), String> {
        let asked = self.caller.ask_any(service, any::STATUS, &()).await;
        let status: any::Status = asked.map_err(|error| error.to_string())?;
        let unheard: u64 = status.consumers.iter().map(|one| one.pending + one.in_hand).sum();
        match (status.unpublished, unheard) {
            (0, 0) => Ok(()),
            (unsaid, unheard) => Err(format!("{service}: {unsaid} unpublished, {unheard} unheard")),
        }
    }

    async fn does_nothing(&self) -> Result<(), String> {
        let due = "select count(*) from ledger where next_at <= $1";
        let mut deadlines = self.database("deadlines").await;
        let due: i64 = sqlx::query_scalar(due)
            .bind(self.time())
            .fetch_one(&mut deadlines)
            .await
            .map_err(|error| error.to_string())?;
        let unsent = "select count(*) from delivery where state in ('queued', 'attempting')";
        let mut notifications = self.database("notifications").await;
        let unsent: i64 = sqlx::query_scalar(unsent)
            .fetch_one(&mut notifications)
            .await
            .map_err(|error| error.to_string())?;
        match (due, unsent) {
            (0, 0) => Ok(()),
            (due, unsent) => {
                Err(format!("{due} ledgers are due, {unsent} deliveries are not sent"))
            }
        }
    }
}
