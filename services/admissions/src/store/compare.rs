//! What the other services know and this database does not.

use std::collections::BTreeSet;

use contracts::commands::{HeldCase, LackingCase};
use contracts::{Case, EntryId, subjects};
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

/// Those of the cases that are not here, of which an entry is not here, or in an older version. Their
/// order is kept.
pub(crate) async fn lacking(
    tx: &mut PgConnection,
    cases: &[HeldCase],
) -> Result<Vec<LackingCase>, sqlx::Error> {
    let ids: Vec<Uuid> = cases.iter().map(|one| one.case.0).collect();
    let epochs: Vec<i32> = cases.iter().map(|one| one.version.epoch).collect();
    let ns: Vec<i64> = cases.iter().map(|one| one.version.n).collect();
    let rows = sqlx::query!(
        r#"select c.snapshot as "snapshot?: Json<Case>", o.written_at as "written_at?",
                  o.n is null or (s.epoch, o.n) < (t.epoch, t.n) as "is_older!"
             from unnest($1::uuid[], $2::int[], $3::bigint[])
                    with ordinality as t (case_id, epoch, n, place)
             cross join messaging.self s
             left join hospital_case c on c.case_id = t.case_id
             left join messaging.outbox o on o.subject = $4 and o.aggregate = t.case_id::text
            order by t.place"#,
        &ids,
        &epochs,
        &ns,
        subjects::CASE_CHANGED
    )
    .fetch_all(tx)
    .await?;
    let lacking = cases.iter().zip(rows).filter_map(|(held, row)| {
        let Some(Json(here)) = row.snapshot else {
            return Some(LackingCase { case: held.case, written_at: None });
        };
        let entries: BTreeSet<EntryId> = here.stamps().map(|stamp| stamp.id).collect();
        let is_whole = held.entries.is_subset(&entries) && !row.is_older;
        (!is_whole).then_some(LackingCase { case: held.case, written_at: row.written_at })
    });
    Ok(lacking.collect())
}
