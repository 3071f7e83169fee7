//! All SQL of the service.

pub(crate) mod texts;

use std::collections::{BTreeMap, BTreeSet};

use chassis::db::json_text;
use contracts::commands::{KnownCase, MOST_KNOWN, fitting};
use contracts::{Assignment, Case, CaseId, EntryId, HsaId, MunicipalityCode, Unit, Version};
use messaging::Incoming;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::domain::directory::Wanted;

/// The advisory lock on the directory: shared by routing, exclusive for imports.
const DIRECTORY_LOCK: i64 = 0x6865_6d67_616e_6702;

/// Keeps the newest snapshot of each case and locks it; the ids of those that were news.
pub(crate) async fn keep_newest_cases(
    tx: &mut PgConnection,
    cases: &[(&Incoming, Case)],
) -> Result<BTreeSet<CaseId>, sqlx::Error> {
    let ids: Vec<Uuid> = cases.iter().map(|(_, case)| case.case_id.0).collect();
    let epochs: Vec<i32> = cases.iter().map(|(event, _)| event.version.epoch).collect();
    let ns: Vec<i64> = cases.iter().map(|(event, _)| event.version.n).collect();
    let snapshots: Vec<&str> = cases.iter().map(|(event, _)| event.data.get()).collect();
    let rows = sqlx::query_scalar!(
        r#"insert into known_case as k (case_id, epoch, n, snapshot)
           select t.case_id, t.epoch, t.n, t.snapshot::json
             from unnest($1::uuid[], $2::int[], $3::bigint[], $4::text[])
                    as t (case_id, epoch, n, snapshot)
            order by t.case_id
           on conflict (case_id) do update
             set epoch = excluded.epoch, n = excluded.n, snapshot = excluded.snapshot
             where (k.epoch, k.n) < (excluded.epoch, excluded.n)
           returning case_id"#,
        &ids,
        &epochs,
        &ns,
        &snapshots as &[&str]
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(CaseId).collect())
}

/// Locks a case and returns what is known of it.
pub(crate) async fn lock_case(
    tx: &mut PgConnection,
    case: CaseId,
) -> Result<Option<Case>, sqlx::Error> {
    let row = sqlx::query_scalar!(
        r#"select snapshot as "snapshot: Json<Case>" from known_case
            where case_id = $1 for update"#,
        case.0
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(|Json(case)| case))
}

/// Cases that are known, in the order of their ids.
pub(crate) async fn list_known_cases(
    tx: &mut PgConnection,
    after: Option<CaseId>,
) -> Result<Vec<KnownCase>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select case_id, epoch, n, snapshot::text as "snapshot!" from known_case
            where case_id > $1
            order by case_id limit $2"#,
        after.map_or(Uuid::nil(), |case| case.0),
        i64::from(MOST_KNOWN)
    )
    .fetch_all(tx)
    .await?;
    let known = rows.into_iter().map(|row| {
        let (case, version) = (CaseId(row.case_id), Version { epoch: row.epoch, n: row.n });
        let read = serde_json::from_str(&row.snapshot).ok();
        read.map_or(KnownCase { case, version, content: None }, |read| {
            KnownCase::of(&read, version)
        })
    });
    Ok(fitting(known))
}

/// Locks all cases in which a party has no unit, in id order.
pub(crate) async fn lock_unrouted_cases(tx: &mut PgConnection) -> Result<Vec<Case>, sqlx::Error> {
    let rows = sqlx::query_scalar!(
        r#"select k.snapshot as "snapshot: Json<Case>"
             from known_case k join assignment a using (case_id)
            where a.unrouted order by k.case_id for update of k"#
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|Json(case)| case).collect())
}

/// The assignments of locked cases.
pub(crate) async fn load_assignments(
    tx: &mut PgConnection,
    cases: impl Iterator<Item = CaseId>,
) -> Result<BTreeMap<CaseId, Assignment>, sqlx::Error> {
    let ids: Vec<Uuid> = cases.map(|case| case.0).collect();
    let rows = sqlx::query_scalar!(
        r#"select snapshot as "snapshot: Json<Assignment>" from assignment
            where case_id = any($1)"#,
        &ids
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|Json(assignment)| (assignment.case_id, assignment)).collect())
}

/// The assignment of one case.
pub(crate) async fn find_assignment(
    tx: &mut PgConnection,
    case: CaseId,
) -> Result<Option<Assignment>, sqlx::Error> {
    Ok(load_assignments(tx, std::iter::once(case)).await?.remove(&case))
}

/// Assignments in which a party has no unit, in the order of their ids.
pub(crate) async fn list_unrouted(tx: &mut PgConnection) -> Result<Vec<Assignment>, sqlx::Error> {
    let rows = sqlx::query_scalar!(
        r#"select snapshot as "snapshot: Json<Assignment>" from assignment
            where unrouted order by case_id limit 1000"#
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|Json(assignment)| assignment).collect())
}

/// Saves assignments of locked cases.
pub(crate) async fn save_assignments(
    tx: &mut PgConnection,
    assignments: &[Assignment],
) -> Result<(), sqlx::Error> {
    let ids: Vec<Uuid> = assignments.iter().map(|assignment| assignment.case_id.0).collect();
    let unrouted: Vec<bool> = assignments
        .iter()
        .map(|assignment| assignment.unrouted.iter().any(|unrouted| unrouted.ended.is_none()))
        .collect();
    let snapshots = assignments.iter().map(json_text).collect::<Result<Vec<_>, _>>()?;
    sqlx::query!(
        "insert into assignment (case_id, unrouted, snapshot)
         select case_id, unrouted, snapshot::json
           from unnest($1::uuid[], $2::bool[], $3::text[]) as t (case_id, unrouted, snapshot)
         on conflict (case_id) do update
           set unrouted = excluded.unrouted, snapshot = excluded.snapshot",
        &ids,
        &unrouted,
        &snapshots
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Until the transaction ends the directory stays as it is.
pub(crate) async fn share_directory(tx: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!("select pg_advisory_xact_lock_shared($1)", DIRECTORY_LOCK).execute(tx).await?;
    Ok(())
}

/// Until the transaction ends nobody else reads or changes the directory.
pub(crate) async fn own_directory(tx: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!("select pg_advisory_xact_lock($1)", DIRECTORY_LOCK).execute(tx).await?;
    Ok(())
}

/// The units in use that may be wanted.
pub(crate) async fn find_units(
    tx: &mut PgConnection,
    wanted: &Wanted,
) -> Result<Vec<Unit>, sqlx::Error> {
    let ids: Vec<&str> = wanted.units.iter().map(HsaId::as_str).collect();
    let served: Vec<&str> = wanted.municipalities.iter().map(MunicipalityCode::as_str).collect();
    let rows = sqlx::query_scalar!(
        r#"select snapshot as "snapshot: Json<Unit>" from unit
            where active and (unit_id = any($1) or serves && $2)"#,
        &ids as &[&str],
        &served as &[&str]
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|Json(unit)| unit).collect())
}

/// One unit.
pub(crate) async fn find_unit(
    tx: &mut PgConnection,
    unit: &HsaId,
) -> Result<Option<Unit>, sqlx::Error> {
    let row = sqlx::query_scalar!(
        r#"select snapshot as "snapshot: Json<Unit>" from unit where unit_id = $1"#,
        unit.as_str()
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(|Json(unit)| unit))
}

/// The whole directory.
pub(crate) async fn list_units(tx: &mut PgConnection) -> Result<Vec<Unit>, sqlx::Error> {
    let rows = sqlx::query_scalar!(
        r#"select snapshot as "snapshot: Json<Unit>" from unit order by unit_id"#
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|Json(unit)| unit).collect())
}

/// Saves units; the ids of those that were new or different.
pub(crate) async fn save_units(
    tx: &mut PgConnection,
    units: &[Unit],
) -> Result<BTreeSet<String>, sqlx::Error> {
    let ids: Vec<&str> = units.iter().map(|unit| unit.unit.as_str()).collect();
    let snapshots: Vec<Json<&Unit>> = units.iter().map(Json).collect();
    let changed = sqlx::query_scalar!(
        r#"insert into unit as u (unit_id, party, serves, active, snapshot)
           select t.unit_id, t.snapshot ->> 'party',
                  array(select jsonb_array_elements_text(t.snapshot -> 'serves')),
                  (t.snapshot ->> 'active')::boolean, t.snapshot
             from unnest($1::text[], $2::jsonb[]) as t (unit_id, snapshot)
           on conflict (unit_id) do update
             set party = excluded.party, serves = excluded.serves, active = excluded.active,
                 snapshot = excluded.snapshot
             where u.snapshot <> excluded.snapshot
           returning unit_id"#,
        &ids as &[&str],
        &snapshots as &[Json<&Unit>]
    )
    .fetch_all(tx)
    .await?;
    Ok(changed.into_iter().collect())
}

/// Keeps the text of a support report.
pub(crate) async fn insert_support_report(
    tx: &mut PgConnection,
    entry: EntryId,
    case: CaseId,
    unit: &HsaId,
    text: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into support_report (entry_id, case_id, unit_id, text) values ($1, $2, $3, $4)",
        entry.0,
        case.0,
        unit.as_str(),
        text
    )
    .execute(tx)
    .await?;
    Ok(())
}
