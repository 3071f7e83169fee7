//! Logical alerts, and the causes that they were made for.

use std::collections::HashSet;

use chassis::Trace;
use contracts::commands::AlertCounts;
use contracts::{Alert, AlertId, CaseId, EntryId, HsaId, Ledger, Stamp};
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use super::parsed;

/// An alert as it stands, with the trace of what caused it.
#[derive(Debug)]
pub(crate) struct Traced {
    pub(crate) alert: Alert,
    pub(crate) trace: Trace,
}

/// Marks causes as told; those that were not before.
pub(crate) async fn claim_causes(
    tx: &mut PgConnection,
    causes: &[(EntryId, CaseId)],
) -> Result<HashSet<EntryId>, sqlx::Error> {
    let ids: Vec<Uuid> = causes.iter().map(|(cause, _)| cause.0).collect();
    let of_cases: Vec<Uuid> = causes.iter().map(|(_, case)| case.0).collect();
    let rows = sqlx::query_scalar!(
        "insert into cause (cause_id, case_id)
         select * from unnest($1::uuid[], $2::uuid[])
         on conflict (cause_id) do nothing returning cause_id",
        &ids,
        &of_cases
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(EntryId).collect())
}

/// Stores new alerts of locked cases.
pub(crate) async fn insert(tx: &mut PgConnection, alerts: &[Traced]) -> Result<(), sqlx::Error> {
    let traces: Vec<String> = alerts.iter().map(|one| one.trace.to_string()).collect();
    let snapshots: Vec<Json<&Alert>> = alerts.iter().map(|one| Json(&one.alert)).collect();
    sqlx::query!(
        "insert into alert
           (alert_id, case_id, cause_id, unit_id, contact_point_id, state, trace, snapshot)
         select (s ->> 'alert_id')::uuid, (s ->> 'case_id')::uuid, (s ->> 'cause')::uuid,
                s ->> 'unit', (s ->> 'contact_point')::uuid, s ->> 'state', trace, s
           from unnest($1::text[], $2::jsonb[]) as t (trace, s)",
        &traces,
        &snapshots as &[Json<&Alert>]
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// An alert that has not been sent.
#[derive(Debug)]
pub(crate) struct Unsent {
    pub(crate) alert: AlertId,
    pub(crate) case: CaseId,
    pub(crate) cause: EntryId,
}

/// Locks the alerts of locked cases that have not been sent.
pub(crate) async fn lock_unsent(
    tx: &mut PgConnection,
    cases: &[Uuid],
) -> Result<Vec<Unsent>, sqlx::Error> {
    let rows = sqlx::query!(
        "select alert_id, case_id, cause_id from alert
          where case_id = any($1) and state = 'queued' order by alert_id for update",
        cases
    )
    .fetch_all(tx)
    .await?;
    let unsent = rows.into_iter().map(|row| Unsent {
        alert: AlertId(row.alert_id),
        case: CaseId(row.case_id),
        cause: EntryId(row.cause_id),
    });
    Ok(unsent.collect())
}

/// Brings the states of locked alerts up to date with their deliveries; those that changed.
pub(crate) async fn refresh(
    tx: &mut PgConnection,
    alerts: &[Uuid],
) -> Result<Vec<Traced>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"with stands as (
             select alert_id,
                    case when bool_or(state = 'delivered') then 'delivered'
                         when bool_or(state = 'accepted') then 'sent'
                         when bool_or(state in ('queued', 'attempting')) then 'queued'
                         when bool_or(state = 'unknown') then 'unresolved'
                         when bool_or(state = 'failed') then 'failed'
                         else 'withdrawn' end as state
               from delivery where alert_id = any($1) group by alert_id)
           update alert a
              set state = s.state, snapshot = a.snapshot || jsonb_build_object('state', s.state)
             from stands s where a.alert_id = s.alert_id and a.state <> s.state
           returning a.trace, a.snapshot as "snapshot: Json<Alert>""#,
        alerts
    )
    .fetch_all(tx)
    .await?;
    let changed = rows
        .into_iter()
        .map(|row| Traced { alert: row.snapshot.0, trace: Trace::continue_from(Some(&row.trace)) });
    Ok(changed.collect())
}

/// Locks an alert; whether somebody has acknowledged it, or `None` when there is no such alert.
pub(crate) async fn lock(
    tx: &mut PgConnection,
    alert: AlertId,
) -> Result<Option<bool>, sqlx::Error> {
    sqlx::query_scalar!("select acknowledged from alert where alert_id = $1 for update", alert.0)
        .fetch_optional(tx)
        .await
}

/// Writes into a locked alert that a person has seen it.
pub(crate) async fn acknowledge(
    tx: &mut PgConnection,
    alert: AlertId,
    stamp: &Stamp,
) -> Result<Traced, sqlx::Error> {
    let row = sqlx::query!(
        r#"update alert
              set acknowledged = true,
                  snapshot = snapshot || jsonb_build_object('acknowledged', $2::jsonb)
            where alert_id = $1 returning trace, snapshot as "snapshot: Json<Alert>""#,
        alert.0,
        Json(stamp) as _
    )
    .fetch_one(tx)
    .await?;
    Ok(Traced { alert: row.snapshot.0, trace: Trace::continue_from(Some(&row.trace)) })
}

/// What the page behind a link shows.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) alert: Alert,
    pub(crate) unit: HsaId,
    pub(crate) ledger: Ledger,
}

/// The alert that a delivery told.
pub(crate) async fn find_by_delivery(
    tx: &mut PgConnection,
    delivery: Uuid,
) -> Result<Option<Shown>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select a.unit_id, a.snapshot as "alert: Json<Alert>",
                  k.snapshot as "ledger: Json<Ledger>"
             from delivery d join alert a using (alert_id) join known_ledger k using (case_id)
            where d.delivery_id = $1"#,
        delivery
    )
    .fetch_optional(tx)
    .await?;
    row.map(|row| {
        Ok(Shown { alert: row.alert.0, unit: parsed(&row.unit_id)?, ledger: row.ledger.0 })
    })
    .transpose()
}

/// The alerts of a case, oldest first.
pub(crate) async fn list(tx: &mut PgConnection, case: CaseId) -> Result<Vec<Alert>, sqlx::Error> {
    let rows = sqlx::query_scalar!(
        r#"select snapshot as "snapshot: Json<Alert>" from alert
            where case_id = $1 order by raised_at, alert_id"#,
        case.0
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|Json(alert)| alert).collect())
}

/// How many alerts stand how. Answered from two indexes made for it, not from the rows.
pub(crate) async fn count(tx: &mut PgConnection) -> Result<AlertCounts, sqlx::Error> {
    sqlx::query_as!(
        AlertCounts,
        r#"select count(*) as "alerts!",
                  count(*) filter (where a.state = 'queued') as "queued!",
                  (select count(*) from delivery where channel = 'email'
                      and state in ('accepted', 'delivered')) as "mails!",
                  (select count(*) from delivery where channel = 'sms'
                      and state in ('accepted', 'delivered')) as "sms!",
                  count(*) filter (where a.state = 'failed') as "failed!",
                  count(*) filter (where a.state = 'unresolved') as "unresolved!",
                  count(*) filter (where a.state = 'withdrawn') as "withdrawn!",
                  count(*) filter (where a.acknowledged) as "acknowledged!"
             from alert a"#
    )
    .fetch_one(tx)
    .await
}
