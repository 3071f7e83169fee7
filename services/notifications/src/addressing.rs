//! Who is told: finds the contact points that units have in a role, and makes their alerts.

use std::collections::HashSet;

use chassis::{Trace, new_id};
use chrono::{DateTime, Utc};
use contracts::alert::AlertState;
use contracts::reach::Role;
use contracts::{Alert, AlertId, CaseId, ContactPointId, EntryId, HsaId, ObligationId};
use sqlx::PgConnection;

use crate::domain::delivery::{Channel, Channels, Providers};
use crate::store::alerts::{self, Traced};
use crate::store::contacts::{self, Recipient};
use crate::store::deliveries;

/// What one unit is told of a cause: all of an alert but its recipient.
#[derive(Debug)]
pub(crate) struct Untold {
    pub(crate) case: CaseId,
    pub(crate) cause: EntryId,
    pub(crate) obligation: Option<ObligationId>,
    pub(crate) meeting: Option<EntryId>,
    pub(crate) unit: HsaId,
    pub(crate) role: Role,
    pub(crate) holds: bool,
    /// It may wait for its recipient's digest, from this domain time on.
    pub(crate) waits_from: Option<DateTime<Utc>>,
    pub(crate) trace: Trace,
}

/// Alerts to those who are there to be told, and what nobody is there for.
#[derive(Debug, Default)]
pub(crate) struct Addressed<'a> {
    pub(crate) alerts: Vec<Traced>,
    queued: Vec<deliveries::New>,
    pub(crate) to_nobody: Vec<&'a Untold>,
}

/// Finds who is to be told.
pub(crate) async fn address<'a>(
    tx: &mut PgConnection,
    untold: &'a [Untold],
    providers: &Providers,
) -> Result<Addressed<'a>, sqlx::Error> {
    let wanted = untold.iter().map(|one| (&one.unit, one.role)).collect();
    let recipients = contacts::find(tx, wanted).await?;
    let mut addressed = Addressed::default();
    for one in untold {
        let Some(found) = recipients.get(&(&one.unit, one.role)) else {
            addressed.to_nobody.push(one);
            continue;
        };
        for recipient in found {
            let (alert, delivery) = one.to(recipient, providers);
            addressed.alerts.push(alert);
            addressed.queued.extend(delivery);
        }
    }
    Ok(addressed)
}

impl Addressed<'_> {
    /// Stores the alerts that are new, and queues them; returns those that others hear of now. Of
    /// what is queued they hear when something has become of it, which is a moment later, unless it
    /// waits for a digest: one event then says both.
    pub(crate) async fn save(mut self, tx: &mut PgConnection) -> Result<Vec<Traced>, sqlx::Error> {
        let untried = self.queued.iter().filter(|one| one.digest_at.is_none());
        let untried = untried.map(|one| one.alert).collect();
        let mut new = alerts::insert(tx, &self.alerts, &untried).await?;
        self.queued.retain(|one| new.contains(&one.alert));
        // Two recipients who are gone may be followed by the same one.
        self.alerts.retain(|one| new.remove(&one.alert.alert_id));
        deliveries::insert(tx, &self.queued).await?;
        self.alerts.retain(|one| !untried.contains(&one.alert.alert_id));
        Ok(self.alerts)
    }
}

/// What was made of alerts whose recipient is not there any more, or never was.
#[derive(Debug, Default)]
pub(crate) struct Readdressed {
    /// The alerts to those who are there now.
    pub(crate) new: Vec<Traced>,
    /// The old ones that others have been told of instead.
    pub(crate) replaced: HashSet<AlertId>,
}

/// Tells what locked alerts tell to whoever their units have in the role now.
pub(crate) async fn readdress(
    tx: &mut PgConnection,
    old: &[Traced],
    providers: &Providers,
) -> Result<Readdressed, sqlx::Error> {
    if old.is_empty() {
        return Ok(Readdressed::default());
    }
    let untold: Vec<Untold> = old.iter().map(Untold::of).collect();
    let addressed = address(tx, &untold, providers).await?;
    for one in &addressed.to_nobody {
        one.alarm();
    }
    let nobody: HashSet<_> = addressed.to_nobody.iter().map(|one| (one.cause, &one.unit)).collect();
    let replaced = old.iter().map(|one| &one.alert);
    let replaced = replaced.filter(|one| !nobody.contains(&(one.cause, &one.unit)));
    let replaced = replaced.map(|one| one.alert_id).collect();
    Ok(Readdressed { new: addressed.save(tx).await?, replaced })
}

/// Queues locked alerts that had no way to be sent when they were made and have one now, or whose only
/// way was reported to have failed; how many.
pub(crate) async fn queue_unsent(
    tx: &mut PgConnection,
    alerts: &[Traced],
    providers: &Providers,
) -> Result<u64, sqlx::Error> {
    let untold: Vec<Untold> = alerts.iter().map(Untold::of).collect();
    let mut addressed = address(tx, &untold, providers).await?;
    let wanted: HashSet<AlertId> = alerts.iter().map(|one| one.alert.alert_id).collect();
    addressed.queued.retain(|one| wanted.contains(&one.alert));
    let ids: Vec<_> = wanted.iter().map(|alert| alert.0).collect();
    let tried = deliveries::tried(tx, &ids).await?;
    for one in &mut addressed.queued {
        // It may have gone out: the next one says so.
        one.repeat = tried.contains(&one.alert);
    }
    deliveries::insert(tx, &addressed.queued).await
}

impl Untold {
    fn of(Traced { alert, holds, trace }: &Traced) -> Self {
        Self {
            case: alert.case_id,
            cause: alert.cause,
            obligation: alert.obligation,
            meeting: alert.meeting,
            unit: alert.unit.clone(),
            role: alert.role,
            holds: *holds,
            // Whoever was to be told first has been waited for.
            waits_from: None,
            trace: *trace,
        }
    }

    /// One alert and how it is tried first. Without any way to the recipient it has failed.
    fn to(
        &self,
        recipient: &Recipient,
        providers: &Providers,
    ) -> (Traced, Option<deliveries::New>) {
        let channels = Channels {
            email: recipient.channels.email,
            sms: recipient.channels.sms && providers.any_sms(),
        };
        let first = channels.first().and_then(|channel| Some((channel, providers.first(channel)?)));
        let Some((channel, provider)) = first else {
            return (self.alert(recipient.id, AlertState::Failed), None);
        };
        let alert = self.alert(recipient.id, AlertState::Queued);
        let waits_from = self.waits_from.filter(|_| channel == Channel::Email);
        let delivery = deliveries::New {
            id: new_id(),
            alert: alert.alert.alert_id,
            channel,
            provider,
            repeat: false,
            wait: 0.0,
            digest_at: waits_from.and_then(|now| recipient.digest.next(now)),
        };
        (alert, self.holds.then_some(delivery))
    }

    /// The unit has nobody in that role: an alert that has failed stands for the recipient who is
    /// missing, so that it is seen.
    pub(crate) fn alert_to_nobody(&self) -> Traced {
        self.alarm();
        let nobody = ContactPointId::derive(&self.unit, self.role.as_str(), "");
        self.alert(nobody, AlertState::Failed)
    }

    fn alarm(&self) {
        let role = self.role.as_str();
        metrics::counter!("hemgang_notifications_unreachable_total", "role" => role).increment(1);
        tracing::warn!(case = %self.case, unit = %self.unit, role, "nobody to tell");
    }

    /// The alert to one recipient. What no longer holds is never sent, and the alert exists all the
    /// same.
    fn alert(&self, contact_point: ContactPointId, state: AlertState) -> Traced {
        let alert = Alert {
            alert_id: AlertId::derive(self.cause, contact_point),
            case_id: self.case,
            cause: self.cause,
            obligation: self.obligation,
            meeting: self.meeting,
            unit: self.unit.clone(),
            role: self.role,
            contact_point,
            state: if self.holds { state } else { AlertState::Withdrawn },
            acknowledged: None,
        };
        Traced { alert, holds: self.holds, trace: self.trace }
    }
}
