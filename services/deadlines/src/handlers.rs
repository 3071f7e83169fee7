//! What the service does when it hears of something: keep it, and derive anew.

use std::sync::Arc;

use chassis::{Clock, Trace};
use contracts::{Alert, CaseId, UnitReach, Version, subjects};
use messaging::{Handle, HandleError, Incoming};
use sqlx::PgConnection;
use tokio::sync::Notify;

use crate::ledgers::{self, Change};
use crate::rulebooks::Agreement;
use crate::store::{self, Source};

/// Hears of one kind of facts.
pub(crate) struct Facts {
    pub(crate) source: Source,
    pub(crate) agreement: Agreement,
    pub(crate) clock: Clock,
    /// Tells the sweep that the next instant may be nearer.
    pub(crate) due: Arc<Notify>,
}

impl Handle for Facts {
    async fn handle(&self, tx: &mut PgConnection, events: &[Incoming]) -> Result<(), HandleError> {
        let mut facts = Vec::with_capacity(events.len());
        for event in events {
            // Decoded before it is kept: what cannot be understood is set aside, not stored.
            self.source.check(event)?;
            let case: CaseId = event.aggregate.parse().map_err(|_| {
                HandleError::Message("the event's subject is no case id".to_owned())
            })?;
            facts.push((case, event));
        }
        let cases: Vec<CaseId> = facts.iter().map(|(case, _)| *case).collect();
        let mut ledgers = store::lock(tx, &cases).await?;
        let changed = store::keep_newest_facts(tx, self.source, &facts).await?;
        ledgers.retain(|ledger| changed.contains(&ledger.case_id));
        let trace = |case| {
            facts.iter().find(|(of, _)| *of == case).map_or_else(Trace::start, |(_, e)| e.trace)
        };
        let change = Change { agreement: &self.agreement, now: self.clock.now(), trace: &trace };
        ledgers::derive(tx, ledgers, &change).await?;
        self.due.notify_one();
        Ok(())
    }
}

/// Hears whether alerts were acknowledged, and how units can be reached.
pub(crate) struct Alerts {
    pub(crate) facts: Facts,
}

impl Handle for Alerts {
    async fn handle(&self, tx: &mut PgConnection, events: &[Incoming]) -> Result<(), HandleError> {
        let (mut alerts, mut reaches) = (Vec::new(), Vec::new());
        for event in events {
            match event.subject.as_str() {
                subjects::ALERT_CHANGED => alerts.push(event.snapshot::<Alert>()?),
                subjects::UNIT_REACH_CHANGED => {
                    reaches.push((event.version, event.snapshot::<UnitReach>()?));
                }
                _ => {}
            }
        }
        // An acknowledgement is said once and never taken back: no version is needed.
        alerts.retain(|alert| alert.acknowledged.is_some() && alert.obligation.is_some());
        if !reaches.is_empty() || !alerts.is_empty() {
            self.change(tx, &alerts, &reaches).await?;
            self.facts.due.notify_one();
        }
        Ok(())
    }
}

impl Alerts {
    async fn change(
        &self,
        tx: &mut PgConnection,
        alerts: &[Alert],
        reaches: &[(Version, UnitReach)],
    ) -> Result<(), HandleError> {
        let now = self.facts.clock.now();
        let changed = store::keep_newest_reach(tx, reaches).await?;
        let seen: Vec<CaseId> = alerts.iter().map(|alert| alert.case_id).collect();
        store::wake(tx, &changed, &seen, now).await?;
        let ledgers = store::lock(tx, &seen).await?;
        store::insert_acknowledgements(tx, alerts).await?;
        let trace = |_| Trace::start();
        let agreement = &self.facts.agreement;
        ledgers::derive(tx, ledgers, &Change { agreement, now, trace: &trace }).await
    }
}
