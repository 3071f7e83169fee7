//! All SQL of the service.

pub(crate) mod plans;
pub(crate) mod registrations;
pub(crate) mod texts;

use contracts::case::{Consent, ConsentScope};
use contracts::commands::{KnownCase, MOST_KNOWN};
use contracts::{Case, CaseId, Sip, Version};
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

/// Keeps what was said last of each case; those for which that was news, and whether they are live.
pub(crate) async fn keep_newest_cases(
    tx: &mut PgConnection,
    cases: &[(Version, Case)],
) -> Result<Vec<(String, bool)>, sqlx::Error> {
    let ids: Vec<Uuid> = cases.iter().map(|(_, case)| case.case_id.0).collect();
    let epochs: Vec<i32> = cases.iter().map(|(version, _)| version.epoch).collect();
    let ns: Vec<i64> = cases.iter().map(|(version, _)| version.n).collect();
    let ended: Vec<bool> = cases.iter().map(|(_, case)| !case.live()).collect();
    let consents: Vec<Json<Vec<&Consent>>> =
        cases.iter().map(|(_, case)| about_a_plan(case)).collect();
    let changed = sqlx::query!(
        "insert into known_case as k (case_id, epoch, n, ended, consents)
         select * from unnest($1::uuid[], $2::int[], $3::bigint[], $4::bool[], $5::jsonb[]) as t
          order by 1
         on conflict (case_id) do update
           set epoch = excluded.epoch, n = excluded.n, ended = excluded.ended,
               consents = excluded.consents
           where (k.epoch, k.n) < (excluded.epoch, excluded.n)
         returning case_id, ended",
        &ids,
        &epochs,
        &ns,
        &ended,
        &consents as _
    )
    .fetch_all(tx)
    .await?;
    Ok(changed.into_iter().map(|row| (row.case_id.to_string(), !row.ended)).collect())
}

/// Locks a case; whether its stay has ended, or `None` when it is not known.
pub(crate) async fn lock_case(
    tx: &mut PgConnection,
    case: CaseId,
) -> Result<Option<bool>, sqlx::Error> {
    sqlx::query_scalar!("select ended from known_case where case_id = $1 for update", case.0)
        .fetch_optional(tx)
        .await
}

fn about_a_plan(case: &Case) -> Json<Vec<&Consent>> {
    Json(case.consents.iter().filter(|consent| consent.is_about(ConsentScope::Plan)).collect())
}

/// What the patient said to a plan, oldest first.
pub(crate) async fn find_consents(
    tx: &mut PgConnection,
    case: CaseId,
) -> Result<Vec<Consent>, sqlx::Error> {
    let row = sqlx::query_scalar!(
        r#"select consents as "consents: Json<Vec<Consent>>" from known_case where case_id = $1"#,
        case.0
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(|Json(consents)| consents).unwrap_or_default())
}

/// Cases that are known, in the order of their ids.
pub(crate) async fn list_known_cases(
    tx: &mut PgConnection,
    after: Option<CaseId>,
) -> Result<Vec<KnownCase>, sqlx::Error> {
    let rows = sqlx::query!(
        "select case_id, epoch, n from known_case
          where case_id > $1 order by case_id limit $2",
        after.map_or(Uuid::nil(), |case| case.0),
        i64::from(MOST_KNOWN)
    )
    .fetch_all(tx)
    .await?;
    let known = rows.into_iter().map(|row| KnownCase {
        case: CaseId(row.case_id),
        version: Version { epoch: row.epoch, n: row.n },
        content: None,
    });
    Ok(known.collect())
}

/// The plan of a case.
pub(crate) async fn find_sip(
    tx: &mut PgConnection,
    case: CaseId,
) -> Result<Option<Sip>, sqlx::Error> {
    let row = sqlx::query_scalar!(
        r#"select snapshot as "snapshot: Json<Sip>" from sip where case_id = $1"#,
        case.0
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(|Json(sip)| sip))
}

/// The plans of cases, in the order of their ids.
pub(crate) async fn find_sips(
    tx: &mut PgConnection,
    cases: &[Uuid],
) -> Result<Vec<Sip>, sqlx::Error> {
    let rows = sqlx::query_scalar!(
        r#"select snapshot as "snapshot: Json<Sip>" from sip
            where case_id = any($1) order by case_id"#,
        cases
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|Json(sip)| sip).collect())
}

/// Saves the plans of locked cases.
pub(crate) async fn save_sips(tx: &mut PgConnection, sips: &[Sip]) -> Result<(), sqlx::Error> {
    let cases: Vec<Uuid> = sips.iter().map(|sip| sip.case_id.0).collect();
    let snapshots: Vec<Json<&Sip>> = sips.iter().map(Json).collect();
    sqlx::query!(
        "insert into sip (case_id, snapshot)
         select * from unnest($1::uuid[], $2::jsonb[]) as t order by 1
         on conflict (case_id) do update set snapshot = excluded.snapshot",
        &cases,
        &snapshots as _
    )
    .execute(tx)
    .await?;
    Ok(())
}
