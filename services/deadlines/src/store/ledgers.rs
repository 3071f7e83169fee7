//! Ledgers and their locks.

use std::collections::BTreeSet;

use chassis::db::{json_text, read_whole};
use chrono::{DateTime, Utc};
use contracts::commands::ObligationCounts;
use contracts::ledger::{News, NewsKind, Obligation, ObligationState, StepOutcome};
use contracts::{CaseId, HsaId, Ledger};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::domain::derive::Plan;

/// A ledger under lock. Without `ledger` the case itself is not known yet.
#[derive(Debug)]
pub(crate) struct Locked {
    pub(crate) case_id: CaseId,
    pub(crate) ledger: Option<Ledger>,
    pub(crate) plan: Plan,
    /// Up to when the sweep has let time pass.
    pub(crate) passed_at: Option<DateTime<Utc>>,
    pub(crate) next_at: Option<DateTime<Utc>>,
}

struct LockedRow {
    case_id: Uuid,
    snapshot: Option<Json<Ledger>>,
    plan: Option<Json<Plan>>,
    passed_at: Option<DateTime<Utc>>,
    next_at: Option<DateTime<Utc>>,
}

impl From<LockedRow> for Locked {
    fn from(row: LockedRow) -> Self {
        Self {
            case_id: CaseId(row.case_id),
            ledger: row.snapshot.map(|Json(ledger)| ledger),
            plan: row.plan.map(|Json(plan)| plan).unwrap_or_default(),
            passed_at: row.passed_at,
            next_at: row.next_at,
        }
    }
}

/// Locks cases in id order; those that are not known are made.
pub(crate) async fn lock(
    tx: &mut PgConnection,
    cases: &[CaseId],
) -> Result<Vec<Locked>, sqlx::Error> {
    let ids: Vec<Uuid> = cases.iter().map(|case| case.0).collect();
    sqlx::query!(
        "insert into ledger (case_id)
         select distinct case_id from unnest($1::uuid[]) as t (case_id) order by case_id
         on conflict do nothing",
        &ids
    )
    .execute(&mut *tx)
    .await?;
    let rows = sqlx::query_as!(
        LockedRow,
        r#"select case_id, snapshot as "snapshot: Json<Ledger>", plan as "plan: Json<Plan>",
                  passed_at, next_at
             from ledger where case_id = any($1) order by case_id for update"#,
        &ids
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(Locked::from).collect())
}

/// Locks ledgers that are to be looked at, earliest first; those that others hold are theirs.
pub(crate) async fn claim_due(
    tx: &mut PgConnection,
    until: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Locked>, sqlx::Error> {
    let rows = sqlx::query_as!(
        LockedRow,
        r#"select case_id, snapshot as "snapshot: Json<Ledger>", plan as "plan: Json<Plan>",
                  passed_at, next_at
             from ledger where next_at <= $1 order by next_at limit $2 for update skip locked"#,
        until,
        limit
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(Locked::from).collect())
}

/// Locks one ledger if it is to be looked at and nobody holds it.
pub(crate) async fn claim_one(
    tx: &mut PgConnection,
    until: DateTime<Utc>,
    case: CaseId,
) -> Result<Vec<Locked>, sqlx::Error> {
    let rows = sqlx::query_as!(
        LockedRow,
        r#"select case_id, snapshot as "snapshot: Json<Ledger>", plan as "plan: Json<Plan>",
                  passed_at, next_at
             from ledger where case_id = $1 and next_at <= $2 for update skip locked"#,
        case.0,
        until
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(Locked::from).collect())
}

/// The cases whose ledgers are to be looked at, earliest first.
pub(crate) async fn list_due(
    pool: &PgPool,
    until: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<CaseId>, sqlx::Error> {
    let cases = sqlx::query_scalar!(
        "select case_id from ledger where next_at <= $1 order by next_at limit $2",
        until,
        limit
    )
    .fetch_all(pool)
    .await?;
    Ok(cases.into_iter().map(CaseId).collect())
}

/// Has a ledger that cannot be swept looked at later.
pub(crate) async fn postpone(
    pool: &PgPool,
    case: CaseId,
    until: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!("update ledger set next_at = $2 where case_id = $1", case.0, until)
        .execute(pool)
        .await?;
    Ok(())
}

/// The next instant at which any ledger is to be looked at.
pub(crate) async fn next_instant(pool: &PgPool) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    sqlx::query_scalar!("select min(next_at) from ledger where next_at is not null")
        .fetch_one(pool)
        .await
}

/// Has the sweep look at once at the cases in which something is owed by these units: they can be
/// reached in another way. Rare, so no index is kept for it. Cases of `others` are locked along, so
/// that all locks are taken in id order.
pub(crate) async fn wake(
    tx: &mut PgConnection,
    units: &[String],
    others: &[CaseId],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    if units.is_empty() {
        return Ok(());
    }
    let others: Vec<Uuid> = others.iter().map(|case| case.0).collect();
    read_whole(tx, true).await?;
    sqlx::query!(
        "with locked as (
           select case_id, open + missed > 0 and units && $1 as waits from ledger
            where (open + missed > 0 and units && $1) or case_id = any($2)
            order by case_id for update)
         update ledger l set next_at = $3 from locked
          where l.case_id = locked.case_id and locked.waits",
        units,
        &others,
        now
    )
    .execute(&mut *tx)
    .await?;
    read_whole(tx, false).await
}

/// A ledger to be saved, with what is read off it.
#[derive(Serialize)]
pub(crate) struct Row<'a> {
    case_id: Uuid,
    snapshot: Box<RawValue>,
    plan: Option<&'a Plan>,
    passed_at: Option<DateTime<Utc>>,
    next_at: Option<DateTime<Utc>>,
    units: BTreeSet<&'a HsaId>,
    notices: usize,
    open: usize,
    missed: usize,
    met: usize,
    met_late: usize,
    cancelled: usize,
    still_missed: usize,
    reminders: usize,
    escalations: usize,
}

impl<'a> Row<'a> {
    /// Without a plan it stays what it is.
    pub(crate) fn new(
        ledger: &'a Ledger,
        plan: Option<&'a Plan>,
        passed_at: Option<DateTime<Utc>>,
        next_at: Option<DateTime<Utc>>,
    ) -> Result<Self, sqlx::Error> {
        let snapshot = to_raw_value(ledger).map_err(|error| sqlx::Error::Encode(error.into()))?;
        let duties = &ledger.obligations;
        let count = |state| duties.iter().filter(|duty| duty.state == state).count();
        let told = |escalation: bool| {
            let steps = duties.iter().flat_map(|duty: &Obligation| &duty.steps);
            steps
                .filter(|s| s.outcome == StepOutcome::Told && s.kind.is_escalation() == escalation)
                .count()
        };
        let notice = |news: &&News| news.kind == NewsKind::NoticeCame;
        Ok(Self {
            case_id: ledger.case_id.0,
            snapshot,
            plan,
            passed_at,
            next_at,
            units: duties.iter().filter(|d| d.state.is_open()).flat_map(|d| &d.units).collect(),
            notices: ledger.news.iter().filter(notice).count(),
            open: count(ObligationState::Open),
            missed: count(ObligationState::Missed),
            met: count(ObligationState::Met),
            met_late: count(ObligationState::MetLate),
            cancelled: count(ObligationState::Cancelled),
            still_missed: count(ObligationState::StillMissed),
            reminders: told(false),
            escalations: told(true),
        })
    }

    /// The ledger as it is written.
    pub(crate) fn snapshot(&self) -> String {
        self.snapshot.get().to_owned()
    }
}

/// Saves locked ledgers.
pub(crate) async fn save(tx: &mut PgConnection, rows: &[Row<'_>]) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update ledger l
            set snapshot = t.snapshot, plan = coalesce(t.plan, l.plan), passed_at = greatest(l.passed_at, t.passed_at),
                next_at = t.next_at, units = t.units, notices = t.notices, open = t.open,
                missed = t.missed, met = t.met, met_late = t.met_late, cancelled = t.cancelled,
                still_missed = t.still_missed, reminders = t.reminders,
                escalations = t.escalations
           from json_populate_recordset(null::ledger, $1::text::json) as t
          where l.case_id = t.case_id",
        json_text(&rows)?
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Sets when locked ledgers are to be looked at again, where nothing else has changed.
pub(crate) async fn save_next(
    tx: &mut PgConnection,
    next: &[(CaseId, Option<DateTime<Utc>>)],
) -> Result<(), sqlx::Error> {
    let ids: Vec<Uuid> = next.iter().map(|(case, _)| case.0).collect();
    let times: Vec<Option<DateTime<Utc>>> = next.iter().map(|(_, at)| *at).collect();
    sqlx::query!(
        "update ledger l set next_at = t.next_at
           from unnest($1::uuid[], $2::timestamptz[]) as t (case_id, next_at)
          where l.case_id = t.case_id",
        &ids,
        &times as &[Option<DateTime<Utc>>]
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The ledger of a case.
pub(crate) async fn find_ledger(
    tx: &mut PgConnection,
    case: CaseId,
) -> Result<Option<Ledger>, sqlx::Error> {
    let row = sqlx::query_scalar!(
        r#"select snapshot as "snapshot: Json<Ledger>" from ledger where case_id = $1"#,
        case.0
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.flatten().map(|Json(ledger)| ledger))
}

/// How all duties stand.
pub(crate) async fn count(tx: &mut PgConnection) -> Result<ObligationCounts, sqlx::Error> {
    read_whole(tx, true).await?;
    sqlx::query_as!(
        ObligationCounts,
        r#"select count(snapshot) as "cases!", coalesce(sum(notices), 0)::bigint as "notices!",
                  coalesce(sum(open), 0)::bigint as "open!",
                  coalesce(sum(missed), 0)::bigint as "missed!",
                  coalesce(sum(met), 0)::bigint as "met!",
                  coalesce(sum(met_late), 0)::bigint as "met_late!",
                  coalesce(sum(cancelled), 0)::bigint as "cancelled!",
                  coalesce(sum(still_missed), 0)::bigint as "still_missed!",
                  coalesce(sum(reminders), 0)::bigint as "reminders!",
                  coalesce(sum(escalations), 0)::bigint as "escalations!"
             from ledger"#
    )
    .fetch_one(tx)
    .await
}
