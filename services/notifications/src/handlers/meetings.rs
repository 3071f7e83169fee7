//! What is done when a plan's meetings change: units are invited, told of the change, or told that it
//! is off.

use std::collections::{BTreeSet, HashMap, HashSet};

use chassis::Clock;
use contracts::reach::Role;
use contracts::{CaseId, EntryId, Sip};
use messaging::{Handle, HandleError, Incoming, outbox};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{follow, publish};
use crate::addressing::{Untold, address};
use crate::domain::delivery::Providers;
use crate::domain::meetings::{self, Cause, Method};
use crate::store;
use crate::store::alerts::{Source, Standing, Traced};

/// Hears of plans.
pub(crate) struct Meetings {
    pub(crate) clock: Clock,
    pub(crate) providers: Providers,
}

impl Handle for Meetings {
    async fn handle(&self, tx: &mut PgConnection, events: &[Incoming]) -> Result<(), HandleError> {
        let mut plans = Vec::with_capacity(events.len());
        for event in events {
            plans.push((event, event.snapshot::<Sip>()?));
        }
        let changed = store::meetings::keep_newest(tx, &plans).await?;
        plans.retain(|(_, sip)| changed.contains(&sip.case_id));
        let told = plans.iter().map(|(event, sip)| (*event, sip.case_id, meetings::all(sip)));
        let told: Vec<(&Incoming, CaseId, Vec<Cause<'_>>)> = told.collect();
        let mut alerts = self.raise(tx, &told).await?;
        let now = self.clock.now();
        let holding: HashMap<CaseId, BTreeSet<EntryId>> = told
            .iter()
            .map(|(_, case, causes)| {
                let holding = causes.iter().filter(|cause| cause.holds(now));
                (*case, holding.map(|cause| cause.id).collect())
            })
            .collect();
        let cases: Vec<Uuid> = holding.keys().map(|case| case.0).collect();
        let standing = store::alerts::standing(tx, Source::Meetings, &cases).await?;
        let holds =
            |one: &Standing| holding.get(&one.case).is_some_and(|them| them.contains(&one.cause));
        alerts.extend(follow(tx, &standing, holds, &self.providers).await?);
        outbox::put(tx, publish::<HandleError>(&alerts)?, now).await?;
        Ok(())
    }
}

impl Meetings {
    /// Makes the alerts of causes that are new.
    async fn raise(
        &self,
        tx: &mut PgConnection,
        told: &[(&Incoming, CaseId, Vec<Cause<'_>>)],
    ) -> Result<Vec<Traced>, HandleError> {
        let all =
            told.iter().flat_map(|(_, case, causes)| causes.iter().map(|cause| (cause.id, *case)));
        let all: Vec<(EntryId, CaseId)> = all.collect();
        if all.is_empty() {
            return Ok(Vec::new());
        }
        let new = store::alerts::claim_causes(tx, &all).await?;
        let now = self.clock.now();
        let (mut untold, mut requests) = (Vec::new(), HashSet::new());
        for (event, case, causes) in told {
            for cause in causes.iter().filter(|cause| new.contains(&cause.id)) {
                if cause.says.method == Method::Request {
                    requests.insert(cause.id);
                }
                untold.push(Untold {
                    case: *case,
                    cause: cause.id,
                    obligation: None,
                    meeting: Some(cause.says.uid),
                    unit: cause.unit.clone(),
                    role: Role::Unit,
                    holds: cause.holds(now),
                    waits_from: None,
                    trace: event.trace,
                });
            }
        }
        if untold.is_empty() {
            return Ok(Vec::new());
        }
        let mut addressed = address(tx, &untold, &self.providers).await?;
        // Where nobody is there, nobody was invited.
        let to_nobody = addressed.to_nobody.iter().filter(|one| requests.contains(&one.cause));
        let to_nobody: Vec<Traced> = to_nobody.map(|one| one.alert_to_nobody()).collect();
        addressed.alerts.extend(to_nobody);
        Ok(addressed.save(tx).await?)
    }
}
