//! What is known of who deals with a case: who may read its notice, and which change of track is agreed.

use contracts::assignment::ProposalState;
use contracts::{Assignment, CaseId, EntryId, HsaId, Party, Track};
use messaging::Incoming;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

/// Keeps which units each case is routed to and what is agreed of its track, by the newest word of it.
pub(crate) async fn keep_newest_assignments(
    tx: &mut PgConnection,
    assignments: &[(&Incoming, Assignment)],
) -> Result<(), sqlx::Error> {
    let mut cases: Vec<Uuid> = Vec::with_capacity(assignments.len());
    let (mut epochs, mut ns) = (Vec::new(), Vec::new());
    // One array of arrays would have to be rectangular: a route per row says the same.
    let (mut routed, mut units, mut parties) = (Vec::new(), Vec::new(), Vec::new());
    let mut approved: Vec<Json<Vec<(EntryId, &Track)>>> = Vec::with_capacity(assignments.len());
    for (event, assignment) in assignments {
        cases.push(assignment.case_id.0);
        epochs.push(event.version.epoch);
        ns.push(event.version.n);
        let proposals = assignment.cooperation.track_changes.iter();
        let agreed = proposals.filter(|one| assignment.state_of(one) == ProposalState::Approved);
        approved.push(Json(agreed.map(|one| (one.stamp.id, &one.to)).collect()));
        for route in assignment.current_routes() {
            routed.push(assignment.case_id.0);
            units.push(route.unit.as_str());
            parties.push(route.party.as_str());
        }
    }
    sqlx::query!(
        "with route as materialized (
           select * from unnest($4::uuid[], $5::text[], $6::text[]) as r (case_id, unit, party))
         insert into known_assignment as k (case_id, epoch, n, units, parties, approved)
         select t.case_id, t.epoch, t.n, array(select unit from route r where r.case_id = t.case_id),
                array(select party from route r where r.case_id = t.case_id), t.approved
           from unnest($1::uuid[], $2::int[], $3::bigint[], $7::jsonb[])
                  as t (case_id, epoch, n, approved)
          order by t.case_id
         on conflict (case_id) do update
           set epoch = excluded.epoch, n = excluded.n, units = excluded.units,
               parties = excluded.parties, approved = excluded.approved
           where (k.epoch, k.n) < (excluded.epoch, excluded.n)",
        &cases,
        &epochs,
        &ns,
        &routed,
        &units as &[&str],
        &parties as &[&str],
        &approved as _,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// To which track all have agreed by this proposal, as far as that is heard.
pub(crate) async fn agreed_track(
    tx: &mut PgConnection,
    case: CaseId,
    proposal: EntryId,
) -> Result<Option<Track>, sqlx::Error> {
    let row = sqlx::query_scalar!(
        r#"select approved as "approved: Json<Vec<(EntryId, Track)>>"
             from known_assignment where case_id = $1"#,
        case.0
    )
    .fetch_optional(tx)
    .await?;
    let mut approved = row.into_iter().flat_map(|Json(approved)| approved);
    Ok(approved.find(|(id, _)| *id == proposal).map(|(_, track)| track))
}

/// The party for which a case is routed to a unit now; `None` when it is not. A route that an earlier
/// release has kept has a party that is not known.
pub(crate) async fn party_of(
    tx: &mut PgConnection,
    case: CaseId,
    unit: &HsaId,
) -> Result<Option<Party>, sqlx::Error> {
    let party = sqlx::query_scalar!(
        r#"select coalesce(parties[array_position(units, $2)], 'unknown') as "party!"
             from known_assignment where case_id = $1 and $2 = any(units)"#,
        case.0,
        unit.as_str()
    )
    .fetch_optional(tx)
    .await?;
    let parties = Party::OUTSIDE.into_iter();
    let named = |name: String| parties.clone().find(|party| party.as_str() == name);
    Ok(party.map(|name| named(name).unwrap_or(Party::Unknown)))
}
