//! What the service does when it hears of something.

use contracts::Assignment;
use messaging::{Handle, HandleError, Incoming};
use sqlx::PgConnection;

use crate::store::notices;

/// Hears to which units cases are routed: they may read the notice.
pub(crate) struct Assignments;

impl Handle for Assignments {
    async fn handle(&self, tx: &mut PgConnection, events: &[Incoming]) -> Result<(), HandleError> {
        let mut assignments = Vec::with_capacity(events.len());
        for event in events {
            assignments.push((event, event.snapshot::<Assignment>()?));
        }
        Ok(notices::keep_newest_assignments(tx, &assignments).await?)
    }
}
