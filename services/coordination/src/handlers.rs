//! What the service does when it hears of something.

use chassis::Clock;
use chrono::{DateTime, Utc};
use contracts::{Aggregate, Assignment, Case};
use messaging::{Handle, HandleError, Incoming, Outgoing, outbox};
use sqlx::PgConnection;

use crate::domain::directory::{Directory, Wanted};
use crate::domain::routing;
use crate::store;

/// Hears of cases.
pub(crate) struct Cases {
    pub(crate) clock: Clock,
}

impl Handle for Cases {
    async fn handle(&self, tx: &mut PgConnection, events: &[Incoming]) -> Result<(), HandleError> {
        let mut cases = Vec::with_capacity(events.len());
        for event in events {
            cases.push((event, event.snapshot::<Case>()?));
        }
        // An import waits for those who read the directory, and then sees whom they left unrouted.
        // Everybody takes the directory before the cases.
        store::share_directory(tx).await?;
        let changed = store::keep_newest_cases(tx, &cases).await?;
        let trace = |case: &Case| {
            cases.iter().find(|(_, c)| c.case_id == case.case_id).map(|(event, _)| event.trace)
        };
        let changed: Vec<&Case> =
            cases.iter().map(|(_, case)| case).filter(|c| changed.contains(&c.case_id)).collect();
        reroute(tx, &changed, self.clock.now(), |case| {
            trace(case).unwrap_or_else(chassis::Trace::start)
        })
        .await?;
        let live: Vec<(String, bool)> =
            changed.iter().map(|case| (case.case_id.to_string(), case.live())).collect();
        outbox::set_live(tx, Assignment::SUBJECT, &live).await?;
        Ok(())
    }
}

/// Brings the assignments of locked cases up to date with the cases and the directory.
pub(crate) async fn reroute(
    tx: &mut PgConnection,
    cases: &[&Case],
    now: DateTime<Utc>,
    trace: impl Fn(&Case) -> chassis::Trace,
) -> Result<(), HandleError> {
    if cases.is_empty() {
        return Ok(());
    }
    let directory = read_directory(tx, cases).await?;
    let mut before = store::load_assignments(tx, cases.iter().map(|case| case.case_id)).await?;
    let (mut after, mut snapshots) = (Vec::new(), Vec::new());
    for case in cases {
        let known = before.remove(&case.case_id);
        let is_new = known.is_none();
        let known = known.unwrap_or_else(|| Assignment::new(case.case_id));
        let assignment = routing::follow(known.clone(), case, &directory, now);
        if assignment == known {
            continue;
        }
        let kind = if is_new { "case_routed" } else { "assignment_updated" };
        snapshots.push(Outgoing::new(&assignment, kind, case.live(), trace(case))?);
        after.push(assignment);
    }
    store::save_assignments(tx, &after).await?;
    outbox::put(tx, snapshots, now).await?;
    Ok(())
}

async fn read_directory(tx: &mut PgConnection, cases: &[&Case]) -> Result<Directory, sqlx::Error> {
    let wanted = Wanted::of(cases.iter().copied());
    Ok(Directory::new(store::find_units(tx, &wanted).await?))
}
