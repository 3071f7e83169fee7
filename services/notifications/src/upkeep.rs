//! What is done now and then, whatever comes: figures that alarms are made of, and the removal of
//! what is long over. Each replica does it; they pass over what another has in hand.

use std::time::Duration;

use contracts::alert::AlertState;
use messaging::{Bus, HandleError};

use crate::store::ledgers;
use crate::store::wanting::{self, DIGEST};

/// Real time.
const EVERY: Duration = Duration::from_secs(10);
/// Cases whose alerts are removed in one transaction.
const BATCH: i64 = 100;

/// Runs until the process stops.
pub(crate) async fn run(bus: Bus) -> anyhow::Result<()> {
    while !bus.tasks().is_stopping() {
        match turn(&bus).await {
            Ok(()) => bus.readiness().up("upkeep"),
            Err(error) => bus.readiness().down("upkeep", error.reason()),
        }
        bus.tasks().pause(EVERY).await;
    }
    Ok(())
}

async fn turn(bus: &Bus) -> Result<(), HandleError> {
    let mut connection = bus.pool().acquire().await?;
    let wanting = wanting::count(&mut connection, bus.clock().now()).await?;
    drop(connection);
    let states = [AlertState::Queued, AlertState::Failed, AlertState::Unresolved];
    for state in states.map(AlertState::as_str).into_iter().chain([DIGEST]) {
        let count = wanting.get(state).copied().unwrap_or(0);
        metrics::gauge!("hemgang_alerts", "state" => state).set(f64::from(count));
    }
    let mut tx = bus.pool().begin().await?;
    let purged = ledgers::purge(&mut tx, BATCH).await?;
    tx.commit().await?;
    if purged > 0 {
        tracing::info!(cases = purged, "alerts of cases that are long over were removed");
    }
    Ok(())
}
