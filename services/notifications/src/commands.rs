//! What the service can be told to do, one function per use case, each inside the transaction that
//! stores its answer.

use chassis::new_id;
use chrono::{DateTime, Utc};
use contracts::commands::{
    AcknowledgeAlert, Command, CountAlerts, Done, ImportContactPoints, Imported, ListAlerts,
    Refusal,
};
use contracts::{AlertId, EntryId, StaffId, Stamp};
use messaging::{Answer, Call, CommandError, Outgoing, Serve, answer, outbox};
use sqlx::PgConnection;

use crate::domain::delivery::Providers;
use crate::domain::roster;
use crate::store::{alerts, contacts, deliveries};

/// The table of commands and queries.
pub(crate) struct Commands {
    pub(crate) providers: Providers,
}

impl Serve for Commands {
    const COMMANDS: &'static [&'static str] = &[ImportContactPoints::VERB, AcknowledgeAlert::VERB];
    const QUERIES: &'static [&'static str] = &[ListAlerts::VERB, CountAlerts::VERB];

    async fn serve(&self, tx: &mut PgConnection, call: &Call) -> Result<Answer, CommandError> {
        match call.verb.as_str() {
            ImportContactPoints::VERB => answer(&self.import(tx, call, call.read()?).await?),
            AcknowledgeAlert::VERB => {
                let AcknowledgeAlert { alert } = call.read()?;
                let by = call.actor()?.staff.clone();
                let changed = acknowledge(tx, alert, Some(by), call.now).await?;
                answer(&Done { changed: changed.ok_or_else(no_such_alert)? })
            }
            ListAlerts::VERB => {
                let ListAlerts { case } = call.read()?;
                answer(&alerts::list(tx, case).await?)
            }
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
        let sms = self.providers.any_sms();
        let reaches: Vec<_> = units.iter().map(|unit| roster::reach(unit, sms)).collect();
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
}

/// Records that a person has seen an alert, and takes back what is still to be sent of it. Whether
/// that was news; `None` when there is no such alert. `by` is not known of who follows a link.
pub(crate) async fn acknowledge(
    tx: &mut PgConnection,
    alert: AlertId,
    by: Option<StaffId>,
    now: DateTime<Utc>,
) -> Result<Option<bool>, CommandError> {
    match alerts::lock(tx, alert).await? {
        None => return Ok(None),
        Some(true) => return Ok(Some(false)),
        Some(false) => {}
    }
    deliveries::withdraw(tx, &[alert.0], false, "acknowledged").await?;
    alerts::refresh(tx, &[alert.0]).await?;
    let stamp = Stamp::now(EntryId(new_id()), now, by);
    let seen = alerts::acknowledge(tx, alert, &stamp).await?;
    let snapshot = Outgoing::new(&seen.alert, "alert_acknowledged", true, seen.trace)?;
    outbox::put(tx, vec![snapshot], now).await?;
    Ok(Some(true))
}

fn no_such_alert() -> Refusal {
    Refusal::new("no_such_alert", "Larmet är inte känt här.", "The alert is not known here.")
        .at("/alert")
}

fn unknown_verb() -> Refusal {
    Refusal::new("unknown_verb", "Okänt kommando.", "Unknown command.")
}
