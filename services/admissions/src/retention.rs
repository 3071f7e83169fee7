//! Messages do not lie here for ever: each names a patient. What was refused stays until it is
//! accepted or somebody dismisses it.

use std::time::Duration;

use chassis::Tasks;
use sqlx::PgPool;

use crate::store::kept;

/// How often what is old is looked for (real time).
const EVERY: Duration = Duration::from_hours(1);
/// Most messages that are deleted in one transaction.
const AT_A_TIME: i64 = 1_000;

/// How many days messages are kept (real time), by what was done with them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Days {
    /// Those that were acted on.
    pub(crate) accepted: u16,
    /// Those that were not for us, and refusals that are closed.
    pub(crate) not_used: u16,
}

/// Starts to delete what is old.
pub(crate) fn start(pool: PgPool, days: Days, tasks: &Tasks) {
    let stop = tasks.clone();
    tasks.spawn_critical("retention", async move {
        while !stop.is_stopping() {
            if let Err(error) = delete_old(&pool, days, &stop).await {
                tracing::warn!(%error, "old messages were not deleted");
            }
            stop.pause(EVERY).await;
        }
        Ok(())
    });
}

async fn delete_old(pool: &PgPool, days: Days, stop: &Tasks) -> Result<(), sqlx::Error> {
    let closed: &[&str] = &["not_used", "duplicate", "dismissed"];
    for (outcomes, days) in [(&["accepted"][..], days.accepted), (closed, days.not_used)] {
        while !stop.is_stopping() {
            let deleted = kept::delete_older(pool, outcomes, days, AT_A_TIME).await?;
            if deleted > 0 {
                tracing::info!(deleted, ?outcomes, "old messages were deleted");
            }
            if deleted < AT_A_TIME.unsigned_abs() {
                break;
            }
        }
    }
    Ok(())
}
