//! Who may read a notice, and who has.

use chrono::{DateTime, Utc};
use contracts::commands::Actor;
use contracts::{Assignment, CaseId, HsaId};
use messaging::Incoming;
use sqlx::PgConnection;
use uuid::Uuid;

/// Keeps which units each case is routed to, by the newest word of it.
pub(crate) async fn keep_newest_assignments(
    tx: &mut PgConnection,
    assignments: &[(&Incoming, Assignment)],
) -> Result<(), sqlx::Error> {
    let mut cases: Vec<Uuid> = Vec::with_capacity(assignments.len());
    let (mut epochs, mut ns) = (Vec::new(), Vec::new());
    // One array of arrays would have to be rectangular: a unit per row says the same.
    let (mut routed, mut units): (Vec<Uuid>, Vec<&str>) = (Vec::new(), Vec::new());
    for (event, assignment) in assignments {
        cases.push(assignment.case_id.0);
        epochs.push(event.version.epoch);
        ns.push(event.version.n);
        for route in assignment.current_routes() {
            routed.push(assignment.case_id.0);
            units.push(route.unit.as_str());
        }
    }
    sqlx::query!(
        "insert into known_assignment as k (case_id, epoch, n, units)
         select t.case_id, t.epoch, t.n,
                array(select distinct r.unit from unnest($4::uuid[], $5::text[]) as r (case_id, unit)
                       where r.case_id = t.case_id)
           from unnest($1::uuid[], $2::int[], $3::bigint[]) as t (case_id, epoch, n)
          order by t.case_id
         on conflict (case_id) do update
           set epoch = excluded.epoch, n = excluded.n, units = excluded.units
           where (k.epoch, k.n) < (excluded.epoch, excluded.n)",
        &cases,
        &epochs,
        &ns,
        &routed,
        &units as &[&str],
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Whether a case is routed to a unit now.
pub(crate) async fn is_routed_to(
    tx: &mut PgConnection,
    case: CaseId,
    unit: &HsaId,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (select from known_assignment
                           where case_id = $1 and $2 = any(units)) as "routed!""#,
        case.0,
        unit.as_str()
    )
    .fetch_one(tx)
    .await
}

/// Notes that somebody has looked at something of a case.
pub(crate) async fn log_access(
    tx: &mut PgConnection,
    case: CaseId,
    actor: &Actor,
    action: &str,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into access_log (id, case_id, staff, unit, action, at)
         values ($1, $2, $3, $4, $5, $6)",
        chassis::new_id(),
        case.0,
        actor.staff.as_str(),
        actor.unit.as_str(),
        action,
        at
    )
    .execute(tx)
    .await?;
    Ok(())
}
