//! What the service does when it hears of something.

use contracts::{Aggregate, Case, Sip};
use messaging::{Handle, HandleError, Incoming, outbox};
use sqlx::PgConnection;

use crate::store;

/// Hears of cases: which there are, and whose stay has ended.
pub(crate) struct Cases;

impl Handle for Cases {
    async fn handle(&self, tx: &mut PgConnection, events: &[Incoming]) -> Result<(), HandleError> {
        let mut cases = Vec::with_capacity(events.len());
        for event in events {
            cases.push((event.version, event.snapshot::<Case>()?));
        }
        let live = store::keep_newest_cases(tx, &cases).await?;
        outbox::set_live(tx, Sip::SUBJECT, &live).await?;
        Ok(())
    }
}
