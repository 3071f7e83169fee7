//! What the service can be told to do, one function per use case, each inside the transaction that
//! stores its answer.

use chrono::{DateTime, Utc};
use contracts::alert::AlertState;
use contracts::commands::{
    AcknowledgeAlert, Actor, Command, CountAlerts, Done, ImportContactPoints, Imported, ListAlerts,
    Refusal, Retried, RetryAlerts, UnitContacts,
};
use contracts::{Alert, AlertId, EntryId, Stamp, UnitReach};
use messaging::{Answer, Call, CommandError, Outgoing, Serve, answer, outbox};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::addressing::{queue_unsent, readdress};
use crate::domain::delivery::Providers;
use crate::domain::roster;
use crate::handlers::publish;
use crate::store::wanting::{self, Wanted};
use crate::store::{alerts, contacts, deliveries};

/// The longest list, and the most that is tried again at once.
const AT_ONCE: i64 = 1_000;

/// The table of commands and queries.
pub(crate) struct Commands {
    pub(crate) providers: Providers,
}

impl Serve for Commands {
    const COMMANDS: &'static [&'static str] =
        &[ImportContactPoints::VERB, AcknowledgeAlert::VERB, RetryAlerts::VERB];
    const QUERIES: &'static [&'static str] = &[ListAlerts::VERB, CountAlerts::VERB];

    async fn serve(&self, tx: &mut PgConnection, call: &Call) -> Result<Answer, CommandError> {
        match call.verb.as_str() {
            ImportContactPoints::VERB => answer(&self.import(tx, call, call.read()?).await?),
            AcknowledgeAlert::VERB => {
                let AcknowledgeAlert { alert } = call.read()?;
                let changed = acknowledge(tx, alert, Some(call.actor()?), call.now).await?;
                answer(&Done { changed: changed.ok_or_else(no_such_alert)? })
            }
            RetryAlerts::VERB => answer(&self.retry(tx, call, call.read()?).await?),
            ListAlerts::VERB => answer(&list(tx, call.read()?).await?),
            CountAlerts::VERB => answer(&alerts::count(tx).await?),
            _ => Err(unknown_verb().into()),
        }
    }
}

impl Commands {
    /// Replaces the contact points of the units named, and tells how they are reached from now on.
    async fn import(
        &self,
        tx: &mut PgConnection,
        call: &Call,
        ImportContactPoints { units }: ImportContactPoints,
    ) -> Result<Imported, CommandError> {
        let checked = roster::check(&units)?;
        let mut names: Vec<&str> = units.iter().map(|unit| unit.unit.as_str()).collect();
        // Two imports at once take their turns.
        names.sort_unstable();
        contacts::lock_units(tx, &names).await?;
        let mut changed = contacts::replace(tx, &names, &checked).await?;
        let mut roles = contacts::roles(tx, &names, self.providers.any_sms()).await?;
        let reaches = units.iter().map(|UnitContacts { unit, hours, .. }| UnitReach {
            unit: unit.clone(),
            roles: roles.remove(unit.as_str()).unwrap_or_default(),
            hours: hours.clone(),
        });
        let reaches: Vec<UnitReach> = reaches.collect();
        let told = contacts::save_reaches(tx, &reaches).await?;
        let mut snapshots = Vec::new();
        for reach in reaches.iter().filter(|reach| told.contains(reach.unit.as_str())) {
            snapshots.push(Outgoing::new(reach, "unit_reach_changed", true, call.trace)?);
        }
        outbox::put(tx, snapshots, call.now).await?;
        changed.extend(told);
        let changed = changed.len() as u64;
        Ok(Imported { changed, unchanged: units.len() as u64 - changed })
    }

    /// Queues alerts once more; where the recipient is not there, tells who is.
    async fn retry(
        &self,
        tx: &mut PgConnection,
        call: &Call,
        RetryAlerts { state, case, since }: RetryAlerts,
    ) -> Result<Retried, CommandError> {
        if !matches!(state, AlertState::Failed | AlertState::Unresolved) {
            return Err(nothing_to_retry().into());
        }
        let wanted = Wanted { case, state: state.as_str(), since };
        let wanted = wanting::lock(tx, wanted, AT_ONCE).await?;
        let of = |there| wanted.iter().filter(move |one| one.1 == there).map(|one| one.0.0);
        let (there, gone): (Vec<Uuid>, Vec<Uuid>) = (of(true).collect(), of(false).collect());
        let queued = deliveries::requeue(tx, &there).await?;
        // Those that had no way to be sent, when they were made, may have one now.
        let unsent = there.iter().filter(|id| !queued.contains(&AlertId(**id)));
        let unsent = alerts::load(tx, &unsent.copied().collect::<Vec<_>>()).await?;
        let late = queue_unsent(tx, &unsent, &self.providers).await?;
        let old = alerts::load(tx, &gone).await?;
        let readdressed = readdress(tx, &old, &self.providers).await?;
        let replaced: Vec<Uuid> = readdressed.replaced.iter().map(|alert| alert.0).collect();
        let mut changed = alerts::refresh(tx, &there).await?;
        changed.extend(wanting::replace(tx, &replaced).await?);
        changed.extend(readdressed.new);
        outbox::put(tx, publish::<CommandError>(&changed)?, call.now).await?;
        Ok(Retried {
            queued: queued.len() as u64 + late,
            replaced: replaced.len() as u64,
            to_nobody: (gone.len() - replaced.len()) as u64,
        })
    }
}

async fn list(
    tx: &mut PgConnection,
    ListAlerts { case, state }: ListAlerts,
) -> Result<Vec<Alert>, CommandError> {
    Ok(match (case, state) {
        (None, None) => return Err(which_alerts().into()),
        (None, Some(state)) => wanting::list(tx, state.as_str(), AT_ONCE).await?,
        (Some(case), state) => {
            let mut alerts = alerts::list(tx, case).await?;
            alerts.retain(|alert| state.is_none_or(|state| alert.state == state));
            alerts
        }
    })
}

/// Records that a person has seen an alert, and takes back what is still to be sent of it. Whether
/// that was news; `None` when there is no such alert. Who follows a link is not known, and has the
/// link for a proof.
pub(crate) async fn acknowledge(
    tx: &mut PgConnection,
    alert: AlertId,
    by: Option<&Actor>,
    now: DateTime<Utc>,
) -> Result<Option<bool>, CommandError> {
    let Some(owned) = alerts::lock(tx, alert).await? else {
        return Ok(None);
    };
    if by.is_some_and(|by| by.unit != owned.unit) {
        return Err(not_your_unit().into());
    }
    if owned.acknowledged {
        return Ok(Some(false));
    }
    deliveries::withdraw(tx, &[alert.0], "acknowledged").await?;
    alerts::refresh(tx, &[alert.0]).await?;
    // An alert is acknowledged once, be it that a restored database has forgotten it.
    let id = EntryId::derive("acknowledged", &[&alert.to_string()]);
    let stamp = Stamp::now(id, now, by.map(|by| by.staff.clone()));
    let seen = alerts::acknowledge(tx, alert, &stamp).await?;
    let snapshot = Outgoing::new(&seen.alert, "alert_acknowledged", seen.is_live(), seen.trace)?;
    outbox::put(tx, vec![snapshot], now).await?;
    Ok(Some(true))
}

fn no_such_alert() -> Refusal {
    Refusal::new("no_such_alert", "Aviseringen är inte känd här.", "The alert is not known here.")
        .at("/alert")
}

fn not_your_unit() -> Refusal {
    Refusal::new(
        "not_your_unit",
        "Aviseringen gick till en annan enhet, och bara den kan kvittera den.",
        "The alert went to another unit, and only that one can acknowledge it.",
    )
    .at("/alert")
}

fn nothing_to_retry() -> Refusal {
    Refusal::new(
        "nothing_to_retry",
        "Bara misslyckade och ovissa aviseringar kan skickas igen.",
        "Only failed and unresolved alerts can be tried again.",
    )
    .at("/state")
}

fn which_alerts() -> Refusal {
    Refusal::new(
        "which_alerts",
        "Ange ett ärende, ett läge eller båda.",
        "State a case, a state or both.",
    )
}

fn unknown_verb() -> Refusal {
    Refusal::new("unknown_verb", "Okänt kommando.", "Unknown command.")
}
