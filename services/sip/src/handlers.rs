//! What the service does when it hears of something.

use std::collections::BTreeMap;

use chassis::{Clock, Trace};
use contracts::{Aggregate, Case, EntryId, Sip, Stamp};
use messaging::{Handle, HandleError, Incoming, Outgoing, outbox};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::meeting;
use crate::store;

/// Hears of cases: which there are, and whose stay has ended.
pub(crate) struct Cases {
    pub(crate) clock: Clock,
}

impl Handle for Cases {
    async fn handle(&self, tx: &mut PgConnection, events: &[Incoming]) -> Result<(), HandleError> {
        let mut cases = Vec::with_capacity(events.len());
        for event in events {
            cases.push((event.version, event.snapshot::<Case>()?));
        }
        let changed = store::keep_newest_cases(tx, &cases).await?;
        outbox::set_live(tx, Sip::SUBJECT, &changed).await?;
        let is_news = |case: &Case| {
            let id = case.case_id.to_string();
            changed.iter().any(|(changed, _)| *changed == id)
        };
        let over = cases.iter().zip(events).filter(|((_, case), _)| case.ended() && is_news(case));
        let over = over.map(|((_, case), event)| (case.case_id.0, event.trace)).collect();
        self.call_meetings_off(tx, &over).await
    }
}

impl Cases {
    /// Nobody meets about somebody who has died, or about a stay that never was.
    async fn call_meetings_off(
        &self,
        tx: &mut PgConnection,
        over: &BTreeMap<Uuid, Trace>,
    ) -> Result<(), HandleError> {
        if over.is_empty() {
            return Ok(());
        }
        let cases: Vec<Uuid> = over.keys().copied().collect();
        let now = self.clock.now();
        let (mut called_off, mut snapshots) = (Vec::new(), Vec::new());
        for mut sip in store::find_sips(tx, &cases).await? {
            let Some(planned) = meeting::planned(&sip) else { continue };
            let id = EntryId::derive("case_ended", &[&planned.stamp.id.to_string()]);
            meeting::cancel(&mut sip, Stamp::now(id, now, None));
            let trace = over.get(&sip.case_id.0).copied().unwrap_or_else(Trace::start);
            snapshots.push(Outgoing::new(&sip, "meeting_cancelled", false, trace)?);
            called_off.push(sip);
        }
        store::save_sips(tx, &called_off).await?;
        Ok(outbox::put(tx, snapshots, now).await?)
    }
}
