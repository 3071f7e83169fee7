//! When nothing moves any more.

use contracts::commands::any;
use test_support::{SOON, eventually};

use super::System;

impl System {
    /// Waits until everything that was said is published and has been heard, every step that is due is
    /// taken and every message is sent.
    pub(crate) async fn is_quiet(&self) {
        eventually("nothing moves", SOON * 2, async || {
            // What one service hears, another may say in answer: twice around, and nothing was said.
            for _ in 0..2 {
                for service in self.services() {
                    self.hears_nothing(service).await?;
                }
            }
            if self.services().any(|service| service == "deadlines") {
                self.owes_no_step().await?;
            }
            if self.services().any(|service| service == "notifications") {
                self.sends_nothing().await?;
            }
            Ok::<(), String>(())
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

    async fn owes_no_step(&self) -> Result<(), String> {
        let due = "select count(*) from ledger where next_at <= $1";
        let mut database = self.database("deadlines").await;
        let due = sqlx::query_scalar(due).bind(self.time()).fetch_one(&mut database).await;
        none("ledgers are due", due)
    }

    async fn sends_nothing(&self) -> Result<(), String> {
        let unsent = "select count(*) from delivery where state in ('queued', 'attempting')";
        let mut database = self.database("notifications").await;
        none("deliveries are not sent", sqlx::query_scalar(unsent).fetch_one(&mut database).await)
    }
}

fn none(what: &str, count: Result<i64, sqlx::Error>) -> Result<(), String> {
    match count {
        Ok(0) => Ok(()),
        Ok(count) => Err(format!("{count} {what}")),
        Err(error) => Err(error.to_string()),
    }
}
