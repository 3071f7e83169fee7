//! The access log: who has read what of a case, on behalf of which unit. Whoever shows something about a
//! patient notes it in the transaction that reads it, and every service can be asked for its own.

use std::str::FromStr;

use contracts::CaseId;
use contracts::commands::any::{Access, ListAccesses, MOST_ACCESSES};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::commands::{Call, CommandError};

/// Notes that a call has read something of cases. Refuses a call without an actor.
pub async fn note(
    tx: &mut PgConnection,
    call: &Call,
    cases: impl IntoIterator<Item = CaseId>,
) -> Result<(), CommandError> {
    let actor = call.actor()?;
    let cases: Vec<Uuid> = cases.into_iter().map(|case| case.0).collect();
    sqlx::query!(
        "insert into messaging.access (case_id, staff, unit, what, at)
         select case_id, $2, $3, $4, $5 from unnest($1::uuid[]) as t (case_id)",
        &cases,
        actor.staff.as_str(),
        actor.unit.as_str(),
        call.verb,
        call.now
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The newest readings of a case.
pub(crate) async fn list(pool: &PgPool, asked: ListAccesses) -> Result<Vec<Access>, sqlx::Error> {
    let ListAccesses { case, before } = asked;
    let rows = sqlx::query!(
        "select id, staff, unit, what, at from messaging.access
          where case_id = $1 and id < coalesce($2, 9223372036854775807)
          order by id desc limit $3",
        case.0,
        before,
        i64::from(MOST_ACCESSES)
    )
    .fetch_all(pool)
    .await?;
    let accesses = rows.into_iter().map(|row| {
        let (staff, unit) = (checked(&row.staff)?, checked(&row.unit)?);
        Ok(Access { id: row.id, at: row.at, staff, unit, what: row.what })
    });
    accesses.collect()
}

/// What was written checked reads back checked.
fn checked<T: FromStr>(text: &str) -> Result<T, sqlx::Error> {
    text.parse().map_err(|_| sqlx::Error::Decode("not as it was written".into()))
}
