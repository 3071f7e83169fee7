//! Logical alerts, and the causes that they were made for.

use std::collections::HashSet;

use chassis::Trace;
use contracts::alert::AlertState;
use contracts::commands::{AlertCounts, Language};
use contracts::{Alert, AlertId, CaseId, EntryId, HsaId, Ledger, Stamp};
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use super::contacts::language;
use super::parsed;

/// An alert as it stands, with the trace of what caused it.
#[derive(Clone, Debug)]
pub(crate) struct Traced {
    pub(crate) alert: Alert,
    /// Its cause still holds.
    pub(crate) holds: bool,
    pub(crate) trace: Trace,
}

impl Traced {
    /// Whether others still reckon with it, so that it is said again whenever something was lost.
    pub(crate) fn is_live(&self) -> bool {
        self.holds && self.would_be_live()
    }

    /// Whether it is live as long as its cause holds.
    pub(crate) fn would_be_live(&self) -> bool {
        let waits = matches!(self.alert.state, AlertState::Queued | AlertState::Unresolved);
        waits || self.alert.acknowledged.is_some()
    }
}

/// A row as it is read.
pub(super) struct Row {
    pub(super) snapshot: Json<Alert>,
    pub(super) holds: bool,
    pub(super) trace: String,
}

impl From<Row> for Traced {
    fn from(row: Row) -> Self {
        let trace = Trace::continue_from(Some(&row.trace));
        Self { alert: row.snapshot.0, holds: row.holds, trace }
    }
}

pub(super) fn traced(rows: Vec<Row>) -> Vec<Traced> {
    rows.into_iter().map(Traced::from).collect()
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

/// Stores alerts that are not there yet; their ids. Of those that are `untried` others hear later.
pub(crate) async fn insert(
    tx: &mut PgConnection,
    alerts: &[Traced],
    untried: &HashSet<AlertId>,
) -> Result<HashSet<AlertId>, sqlx::Error> {
    let said: Vec<bool> = alerts.iter().map(|one| !untried.contains(&one.alert.alert_id)).collect();
    let traces: Vec<String> = alerts.iter().map(|one| one.trace.to_string()).collect();
    let holds: Vec<bool> = alerts.iter().map(|one| one.holds).collect();
    let snapshots: Vec<Json<&Alert>> = alerts.iter().map(|one| Json(&one.alert)).collect();
    let new = sqlx::query_scalar!(
        "insert into alert
           (alert_id, case_id, cause_id, meeting_id, unit_id, contact_point_id, state, trace, holds,
            said, snapshot)
         select (s ->> 'alert_id')::uuid, (s ->> 'case_id')::uuid, (s ->> 'cause')::uuid,
                (s ->> 'meeting')::uuid, s ->> 'unit', (s ->> 'contact_point')::uuid,
                s ->> 'state', trace, holds, said, s
           from unnest($1::text[], $2::bool[], $3::bool[], $4::jsonb[]) as t (trace, holds, said, s)
          order by 1
         on conflict (alert_id) do nothing returning alert_id",
        &traces,
        &holds,
        &said,
        &snapshots as &[Json<&Alert>]
    )
    .fetch_all(tx)
    .await?;
    Ok(new.into_iter().map(AlertId).collect())
}

/// An alert and what it is about.
#[derive(Debug)]
pub(crate) struct Standing {
    pub(crate) alert: AlertId,
    pub(crate) case: CaseId,
    pub(crate) cause: EntryId,
    pub(crate) unit: HsaId,
    pub(crate) holds: bool,
}

/// By what an alert holds or falls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// The case's ledger.
    Ledger,
    /// The meetings of its plan.
    Meetings,
}

/// The alerts of locked cases.
pub(crate) async fn standing(
    tx: &mut PgConnection,
    source: Source,
    cases: &[Uuid],
) -> Result<Vec<Standing>, sqlx::Error> {
    let rows = sqlx::query!(
        "select alert_id, case_id, cause_id, unit_id, holds from alert
          where case_id = any($1) and (meeting_id is not null) = $2",
        cases,
        source == Source::Meetings
    )
    .fetch_all(tx)
    .await?;
    let standing = rows.into_iter().map(|row| {
        Ok(Standing {
            alert: AlertId(row.alert_id),
            case: CaseId(row.case_id),
            cause: EntryId(row.cause_id),
            unit: parsed(&row.unit_id)?,
            holds: row.holds,
        })
    });
    standing.collect()
}

/// Locks alerts in id order and writes down whether their causes hold.
pub(crate) async fn set_holding(
    tx: &mut PgConnection,
    turned: &[(AlertId, bool)],
) -> Result<Vec<Traced>, sqlx::Error> {
    let ids: Vec<Uuid> = turned.iter().map(|(alert, _)| alert.0).collect();
    let holds: Vec<bool> = turned.iter().map(|(_, holds)| *holds).collect();
    let rows = sqlx::query_as!(
        Row,
        r#"with locked as (
             select a.alert_id, t.holds
               from unnest($1::uuid[], $2::bool[]) as t (alert_id, holds)
               join alert a using (alert_id) order by a.alert_id for update of a)
           update alert a set holds = l.holds, said = true from locked l where a.alert_id = l.alert_id
           returning a.snapshot as "snapshot: Json<Alert>", a.holds, a.trace"#,
        &ids,
        &holds
    )
    .fetch_all(tx)
    .await?;
    Ok(traced(rows))
}

/// Alerts as they stand.
pub(crate) async fn load(
    tx: &mut PgConnection,
    alerts: &[Uuid],
) -> Result<Vec<Traced>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"select snapshot as "snapshot: Json<Alert>", holds, trace from alert
            where alert_id = any($1) order by alert_id"#,
        alerts
    )
    .fetch_all(tx)
    .await?;
    Ok(traced(rows))
}

/// Brings the states of locked alerts up to date with their deliveries; those that changed. What
/// others are told instead, or nobody any more, is withdrawn, although a channel refused it.
pub(crate) async fn refresh(
    tx: &mut PgConnection,
    alerts: &[Uuid],
) -> Result<Vec<Traced>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"with stands as (
             select alert_id,
                    case when bool_or(state = 'delivered') then 'delivered'
                         when bool_or(state = 'accepted') then 'sent'
                         when bool_or(state in ('queued', 'attempting')) then 'queued'
                         when bool_or(state = 'unknown') then 'unresolved'
                         when bool_or(state = 'withdrawn'
                                      and reason in ('no_longer_true', 'contact_replaced'))
                              then 'withdrawn'
                         when bool_or(state = 'failed') then 'failed'
                         else 'withdrawn' end as state
               from delivery where alert_id = any($1) group by alert_id)
           update alert a
              set state = s.state, said = true,
                  snapshot = a.snapshot || jsonb_build_object('state', s.state)
             from stands s where a.alert_id = s.alert_id and a.state <> s.state
           returning a.snapshot as "snapshot: Json<Alert>", a.holds, a.trace"#,
        alerts
    )
    .fetch_all(tx)
    .await?;
    Ok(traced(rows))
}

/// Marks locked alerts as known to others; those that were not.
pub(crate) async fn say_first(
    tx: &mut PgConnection,
    alerts: &[Uuid],
) -> Result<Vec<Traced>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"update alert set said = true where alert_id = any($1) and not said
           returning snapshot as "snapshot: Json<Alert>", holds, trace"#,
        alerts
    )
    .fetch_all(tx)
    .await?;
    Ok(traced(rows))
}

/// What is known of an alert that somebody acknowledges.
#[derive(Debug)]
pub(crate) struct Owned {
    pub(crate) acknowledged: bool,
    pub(crate) unit: HsaId,
}

/// Locks an alert, if there is such a one.
pub(crate) async fn lock(
    tx: &mut PgConnection,
    alert: AlertId,
) -> Result<Option<Owned>, sqlx::Error> {
    let row = sqlx::query!(
        "select acknowledged, unit_id from alert where alert_id = $1 for update",
        alert.0
    )
    .fetch_optional(tx)
    .await?;
    row.map(|row| Ok(Owned { acknowledged: row.acknowledged, unit: parsed(&row.unit_id)? }))
        .transpose()
}

/// Writes into a locked alert that a person has seen it.
pub(crate) async fn acknowledge(
    tx: &mut PgConnection,
    alert: AlertId,
    stamp: &Stamp,
) -> Result<Traced, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        r#"update alert
              set acknowledged = true, said = true,
                  snapshot = snapshot || jsonb_build_object('acknowledged', $2::jsonb)
            where alert_id = $1
           returning snapshot as "snapshot: Json<Alert>", holds, trace"#,
        alert.0,
        Json(stamp) as _
    )
    .fetch_one(tx)
    .await?;
    Ok(row.into())
}

/// What the page behind a link shows.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) alert: Alert,
    pub(crate) unit: HsaId,
    pub(crate) ledger: Ledger,
    /// The recipient's.
    pub(crate) language: Language,
}

/// The alert that a delivery told.
pub(crate) async fn find_by_delivery(
    tx: &mut PgConnection,
    delivery: Uuid,
) -> Result<Option<Shown>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select a.unit_id, a.snapshot as "alert: Json<Alert>", c.language,
                  k.snapshot as "ledger: Json<Ledger>"
             from delivery d join alert a using (alert_id) join known_ledger k using (case_id)
             join contact_point c using (contact_point_id)
            where d.delivery_id = $1"#,
        delivery
    )
    .fetch_optional(tx)
    .await?;
    row.map(|row| {
        Ok(Shown {
            alert: row.alert.0,
            unit: parsed(&row.unit_id)?,
            ledger: row.ledger.0,
            language: language(&row.language),
        })
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
