//! Alerts that want somebody: not sent yet, failed, or of unknown fate, while their causes hold.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use contracts::{Alert, AlertId, CaseId};
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use super::alerts::{Row, Traced, refresh, traced};

/// Marks locked alerts whose recipients are not there as withdrawn: others are told instead.
pub(crate) async fn replace(
    tx: &mut PgConnection,
    alerts: &[Uuid],
) -> Result<Vec<Traced>, sqlx::Error> {
    sqlx::query!(
        "update delivery set state = 'withdrawn', reason = 'contact_replaced'
          where alert_id = any($1) and state in ('queued', 'failed', 'unknown')",
        alerts
    )
    .execute(&mut *tx)
    .await?;
    let mut changed = refresh(tx, alerts).await?;
    let rows = sqlx::query_as!(
        Row,
        r#"update alert a
              set state = 'withdrawn', said = true,
                  snapshot = snapshot || jsonb_build_object('state', 'withdrawn')
            where alert_id = any($1) and state = 'failed'
              and not exists (select from delivery d where d.alert_id = a.alert_id)
           returning snapshot as "snapshot: Json<Alert>", holds, trace"#,
        alerts
    )
    .fetch_all(tx)
    .await?;
    changed.extend(traced(rows));
    Ok(changed)
}

/// Which alerts an operator wants to be tried again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) case: Option<CaseId>,
    pub(crate) state: &'a str,
    pub(crate) since: Option<DateTime<Utc>>,
}

/// Locks alerts, in id order, that stand so and whose causes hold; with whether the contact point
/// is still in use.
pub(crate) async fn lock(
    tx: &mut PgConnection,
    wanted: Wanted<'_>,
    limit: i64,
) -> Result<Vec<(AlertId, bool)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select a.alert_id,
                  exists (select from contact_point c
                           where c.contact_point_id = a.contact_point_id and c.active) as "there!"
             from alert a
            where a.holds and not a.acknowledged and a.state = $1
              and ($2::uuid is null or a.case_id = $2)
              and ($3::timestamptz is null or a.raised_at >= $3)
            order by a.alert_id limit $4 for update of a"#,
        wanted.state,
        wanted.case.map(|case| case.0),
        wanted.since,
        limit
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (AlertId(row.alert_id), row.there)).collect())
}

/// Alerts that stand so, and whose causes hold, oldest first.
pub(crate) async fn list(
    tx: &mut PgConnection,
    state: &str,
    limit: i64,
) -> Result<Vec<Alert>, sqlx::Error> {
    let rows = sqlx::query_scalar!(
        r#"select snapshot as "snapshot: Json<Alert>" from alert
            where holds and state = $1 order by raised_at, alert_id limit $2"#,
        state,
        limit
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|Json(alert)| alert).collect())
}

/// What waits for a digest whose time has not come.
pub(crate) const DIGEST: &str = "digest";

/// How many alerts whose causes hold have not reached their recipients for certain, by state, and how
/// many of those that are queued wait for a digest.
pub(crate) async fn count(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
) -> Result<HashMap<String, i32>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select state as "state!", count(*)::int as "count!" from alert
            where holds and state in ('queued', 'failed', 'unresolved') group by state
           union all
           select $2, count(*)::int from delivery where state = 'queued' and digest_at > $1"#,
        now,
        DIGEST
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.state, row.count)).collect())
}
