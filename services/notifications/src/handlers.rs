//! What the service does when it hears of something.
//!
//! Who is told of a cause is decided once, when the cause is first seen: every contact point that
//! the unit then has in the step's role. So the same alerts exist however often and in whatever
//! order ledgers come, and a contact point that is imported later is not told of the past.

mod meetings;

use std::collections::{BTreeSet, HashMap};

use chassis::Clock;
use contracts::alert::AlertState;
use contracts::{AlertId, CaseId, EntryId, HsaId, Ledger};
use messaging::outbox::{self, SerializeError};
use messaging::{Handle, HandleError, Incoming, Outgoing};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::addressing::{Untold, address, queue_unsent};
use crate::domain::causes;
use crate::domain::delivery::Providers;
use crate::store::alerts::{Source, Standing, Traced};
use crate::store::{self, deliveries};

pub(crate) use self::meetings::Meetings;

/// Hears of ledgers.
pub(crate) struct Ledgers {
    pub(crate) clock: Clock,
    pub(crate) providers: Providers,
}

impl Handle for Ledgers {
    async fn handle(&self, tx: &mut PgConnection, events: &[Incoming]) -> Result<(), HandleError> {
        let mut ledgers = Vec::with_capacity(events.len());
        for event in events {
            ledgers.push((event, event.snapshot::<Ledger>()?));
        }
        let changed = store::ledgers::keep_newest(tx, &ledgers).await?;
        ledgers.retain(|(_, ledger)| changed.contains(&ledger.case_id));
        let mut alerts = self.raise(tx, &ledgers).await?;
        let holding: HashMap<CaseId, BTreeSet<(EntryId, &HsaId)>> =
            ledgers.iter().map(|(_, ledger)| (ledger.case_id, holding(ledger))).collect();
        let cases: Vec<Uuid> = holding.keys().map(|case| case.0).collect();
        let standing = store::alerts::standing(tx, Source::Ledger, &cases).await?;
        let holds = |one: &Standing| {
            holding.get(&one.case).is_some_and(|them| them.contains(&(one.cause, &one.unit)))
        };
        alerts.extend(follow(tx, &standing, holds, &self.providers).await?);
        outbox::put(tx, publish::<HandleError>(&alerts)?, self.clock.now()).await?;
        Ok(())
    }
}

impl Ledgers {
    /// Makes the alerts of causes that are new.
    async fn raise(
        &self,
        tx: &mut PgConnection,
        ledgers: &[(&Incoming, Ledger)],
    ) -> Result<Vec<Traced>, HandleError> {
        let all = ledgers
            .iter()
            .flat_map(|(_, ledger)| causes::all(ledger).map(|cause| (cause.id(), ledger.case_id)));
        let all: Vec<(EntryId, CaseId)> = all.collect();
        let new = store::alerts::claim_causes(tx, &all).await?;
        let (mut untold, now) = (Vec::new(), self.clock.now());
        for (event, ledger) in ledgers {
            for cause in causes::all(ledger).filter(|cause| new.contains(&cause.id())) {
                // Each unit once.
                for unit in cause.units().iter().collect::<BTreeSet<_>>() {
                    untold.push(Untold {
                        case: ledger.case_id,
                        cause: cause.id(),
                        obligation: cause.obligation(),
                        meeting: None,
                        unit: unit.clone(),
                        role: cause.role(unit),
                        holds: cause.holds(unit),
                        waits_from: cause.may_wait().then_some(now),
                        trace: event.trace,
                    });
                }
            }
        }
        if untold.is_empty() {
            return Ok(Vec::new());
        }
        let mut addressed = address(tx, &untold, &self.providers).await?;
        let to_nobody = addressed.to_nobody.iter().map(|one| one.alert_to_nobody());
        addressed.alerts.extend(to_nobody.collect::<Vec<_>>());
        Ok(addressed.save(tx).await?)
    }
}

/// Brings alerts up to date with whether their causes hold: takes back what is queued of those that do
/// not, and queues what was taken back of those that do again; the alerts for which that makes a
/// difference.
async fn follow(
    tx: &mut PgConnection,
    standing: &[Standing],
    holds: impl Fn(&Standing) -> bool,
    providers: &Providers,
) -> Result<Vec<Traced>, HandleError> {
    let now = standing.iter().map(|one| (one, holds(one)));
    let turned = now.filter(|(one, holds)| *holds != one.holds);
    let turned: Vec<(AlertId, bool)> = turned.map(|(one, holds)| (one.alert, holds)).collect();
    if turned.is_empty() {
        return Ok(Vec::new());
    }
    let before = store::alerts::set_holding(tx, &turned).await?;
    let fallen = turned.iter().filter(|(_, holds)| !holds);
    let fallen: Vec<Uuid> = fallen.map(|(alert, _)| alert.0).collect();
    deliveries::withdraw(tx, &fallen, "no_longer_true").await?;
    let risen = before.iter().filter(|one| one.holds && one.alert.state == AlertState::Withdrawn);
    let risen: Vec<Traced> = risen.cloned().collect();
    tell_after_all(tx, &risen, providers).await?;
    let risen = risen.iter().map(|one| one.alert.alert_id.0);
    let touched: Vec<Uuid> = fallen.into_iter().chain(risen).collect();
    let mut after = store::alerts::refresh(tx, &touched).await?;
    let refreshed: BTreeSet<AlertId> = after.iter().map(|one| one.alert.alert_id).collect();
    let others = before.into_iter().filter(|one| !refreshed.contains(&one.alert.alert_id));
    after.extend(others.filter(Traced::would_be_live));
    Ok(after)
}

/// A cause that fell before anybody was told of it holds again: a proof was taken back, or a restored
/// service knows again what it had forgotten.
async fn tell_after_all(
    tx: &mut PgConnection,
    risen: &[Traced],
    providers: &Providers,
) -> Result<(), sqlx::Error> {
    if risen.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = risen.iter().map(|one| one.alert.alert_id.0).collect();
    let queued = deliveries::queue_again(tx, &ids).await?;
    let never: Vec<Traced> =
        risen.iter().filter(|one| !queued.contains(&one.alert.alert_id)).cloned().collect();
    queue_unsent(tx, &never, providers).await?;
    Ok(())
}

/// What in a ledger is still worth telling, and to which unit.
fn holding(ledger: &Ledger) -> BTreeSet<(EntryId, &HsaId)> {
    let told =
        causes::all(ledger).flat_map(|cause| cause.units().iter().map(move |unit| (cause, unit)));
    told.filter(|(cause, unit)| cause.holds(unit)).map(|(cause, unit)| (cause.id(), unit)).collect()
}

/// The snapshots of alerts as they stand.
pub(crate) fn publish<E: From<SerializeError>>(alerts: &[Traced]) -> Result<Vec<Outgoing>, E> {
    let snapshot = |one: &Traced| {
        let kind = match one.alert.state {
            AlertState::Queued => "alert_raised",
            AlertState::Sent => "alert_sent",
            AlertState::Delivered => "alert_delivered",
            AlertState::Unresolved => "alert_unresolved",
            AlertState::Failed => "alert_failed",
            AlertState::Withdrawn | AlertState::Unknown => "alert_withdrawn",
        };
        Outgoing::new(&one.alert, kind, one.is_live(), one.trace)
    };
    Ok(alerts.iter().map(snapshot).collect::<Result<_, _>>()?)
}
