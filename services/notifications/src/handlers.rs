//! What the service does when it hears of something.
//!
//! Who is told of a cause is decided once, when the cause is first seen: every contact point that
//! the unit then has in the step's role. So the same alerts exist however often and in whatever
//! order ledgers come, and a contact point that is imported later is not told of the past.

use std::collections::{BTreeSet, HashMap};

use chassis::{Clock, Trace, new_id};
use contracts::alert::AlertState;
use contracts::reach::Role;
use contracts::{Alert, AlertId, CaseId, ContactPointId, EntryId, HsaId, Ledger};
use messaging::outbox::{self, SerializeError};
use messaging::{Handle, HandleError, Incoming, Outgoing};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::causes::{self, Cause};
use crate::domain::delivery::{Channels, Providers};
use crate::store::alerts::Traced;
use crate::store::contacts::Recipient;
use crate::store::{self, deliveries};

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
        let mut snapshots = self.raise(tx, &ledgers).await?;
        snapshots.extend(withdraw(tx, &ledgers).await?);
        outbox::put(tx, snapshots, self.clock.now()).await?;
        Ok(())
    }
}

/// A cause that nobody has been told of.
struct Fresh<'a> {
    case: CaseId,
    cause: Cause<'a>,
    trace: Trace,
}

impl Ledgers {
    /// Makes the alerts of causes that are new.
    async fn raise(
        &self,
        tx: &mut PgConnection,
        ledgers: &[(&Incoming, Ledger)],
    ) -> Result<Vec<Outgoing>, HandleError> {
        let mut fresh: Vec<Fresh<'_>> = Vec::new();
        for (event, ledger) in ledgers {
            let (case, trace) = (ledger.case_id, event.trace);
            fresh.extend(causes::all(ledger).map(|cause| Fresh { case, cause, trace }));
        }
        let told: Vec<(EntryId, CaseId)> =
            fresh.iter().map(|one| (one.cause.id(), one.case)).collect();
        let new = store::alerts::claim_causes(tx, &told).await?;
        fresh.retain(|one| new.contains(&one.cause.id()));
        if fresh.is_empty() {
            return Ok(Vec::new());
        }
        let wanted = fresh.iter().flat_map(Fresh::recipients).collect();
        let recipients = store::contacts::find(tx, wanted).await?;
        let (mut alerts, mut queued) = (Vec::new(), Vec::new());
        for one in &fresh {
            for (unit, role) in one.recipients() {
                let Some(found) = recipients.get(&(unit, role)) else {
                    alerts.push(one.alert_to_nobody(unit));
                    continue;
                };
                for recipient in found {
                    let (alert, delivery) = self.address(one, unit, recipient);
                    alerts.push(alert);
                    queued.extend(delivery);
                }
            }
        }
        store::alerts::insert(tx, &alerts).await?;
        deliveries::insert(tx, &queued).await?;
        publish(&alerts)
    }

    /// One alert and how it is tried first. Without any way to the recipient it has failed.
    fn address(
        &self,
        one: &Fresh<'_>,
        unit: &HsaId,
        recipient: &Recipient,
    ) -> (Traced, Option<deliveries::New>) {
        let channels =
            Channels { email: recipient.email, sms: recipient.phone && self.providers.any_sms() };
        let first =
            channels.first().and_then(|channel| Some((channel, self.providers.first(channel)?)));
        let Some((channel, provider)) = first else {
            return (one.alert(unit, recipient.id, AlertState::Failed), None);
        };
        let alert = one.alert(unit, recipient.id, AlertState::Queued);
        let delivery = deliveries::New {
            id: new_id(),
            alert: alert.alert.alert_id,
            channel,
            provider,
            repeat: false,
            wait: 0.0,
        };
        (alert, one.cause.holds().then_some(delivery))
    }
}

impl<'a> Fresh<'a> {
    /// Who is told: each unit once, in one role.
    fn recipients(&self) -> BTreeSet<(&'a HsaId, Role)> {
        let role = self.cause.role();
        self.cause.units().iter().map(|unit| (unit, role)).collect()
    }

    /// The alert to one recipient. What no longer holds is never sent, and the alert exists all the
    /// same.
    fn alert(&self, unit: &HsaId, contact_point: ContactPointId, state: AlertState) -> Traced {
        let cause = self.cause.id();
        let alert = Alert {
            alert_id: AlertId::derive(cause, contact_point),
            case_id: self.case,
            cause,
            obligation: self.cause.obligation(),
            unit: unit.clone(),
            role: self.cause.role(),
            contact_point,
            state: if self.cause.holds() { state } else { AlertState::Withdrawn },
            acknowledged: None,
        };
        Traced { alert, trace: self.trace }
    }

    /// The unit has nobody in that role: an alert that has failed stands for the recipient who is
    /// missing, so that it is seen.
    fn alert_to_nobody(&self, unit: &HsaId) -> Traced {
        let role = self.cause.role().as_str();
        metrics::counter!("hemgang_notifications_unreachable_total", "role" => role).increment(1);
        tracing::warn!(case = %self.case, %unit, role, "nobody to tell");
        let nobody = ContactPointId::derive(unit, role, "");
        self.alert(unit, nobody, AlertState::Failed)
    }
}

/// Takes back what is queued and no longer holds.
async fn withdraw(
    tx: &mut PgConnection,
    ledgers: &[(&Incoming, Ledger)],
) -> Result<Vec<Outgoing>, HandleError> {
    let cases: Vec<Uuid> = ledgers.iter().map(|(_, ledger)| ledger.case_id.0).collect();
    let holding: HashMap<CaseId, BTreeSet<EntryId>> =
        ledgers.iter().map(|(_, ledger)| (ledger.case_id, causes::holding(ledger))).collect();
    let unsent = store::alerts::lock_unsent(tx, &cases).await?;
    let over: Vec<Uuid> = unsent
        .iter()
        .filter(|one| !holding.get(&one.case).is_some_and(|ids| ids.contains(&one.cause)))
        .map(|one| one.alert.0)
        .collect();
    if over.is_empty() {
        return Ok(Vec::new());
    }
    deliveries::withdraw(tx, &over, false, "no_longer_true").await?;
    publish(&store::alerts::refresh(tx, &over).await?)
}

/// The snapshots of alerts as they stand.
pub(crate) fn publish<E: From<SerializeError>>(alerts: &[Traced]) -> Result<Vec<Outgoing>, E> {
    let snapshot = |one: &Traced| {
        let (kind, live) = match one.alert.state {
            AlertState::Queued => ("alert_raised", true),
            AlertState::Sent => ("alert_sent", false),
            AlertState::Delivered => ("alert_delivered", false),
            AlertState::Unresolved => ("alert_unresolved", true),
            AlertState::Failed => ("alert_failed", false),
            AlertState::Withdrawn | AlertState::Unknown => ("alert_withdrawn", false),
        };
        Outgoing::new(&one.alert, kind, live, one.trace)
    };
    Ok(alerts.iter().map(snapshot).collect::<Result<_, _>>()?)
}
