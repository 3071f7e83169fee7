//! What the other services know and this database does not.

use contracts::CaseId;
use contracts::commands::{LackingCase, VersionedCase};
use contracts::subjects;
use sqlx::PgConnection;
use uuid::Uuid;

/// Those of the cases that are not here, or in an older version. Their order is kept.
pub(crate) async fn lacking(
    tx: &mut PgConnection,
    cases: &[VersionedCase],
) -> Result<Vec<LackingCase>, sqlx::Error> {
    let ids: Vec<Uuid> = cases.iter().map(|one| one.case.0).collect();
    let epochs: Vec<i32> = cases.iter().map(|one| one.version.epoch).collect();
    let ns: Vec<i64> = cases.iter().map(|one| one.version.n).collect();
    let rows = sqlx::query!(
        r#"select t.case_id as "case_id!",
                  case when c.case_id is not null then o.written_at end as written_at
             from unnest($1::uuid[], $2::int[], $3::bigint[])
                    with ordinality as t (case_id, epoch, n, place)
             cross join messaging.self s
             left join hospital_case c on c.case_id = t.case_id
             left join messaging.outbox o on o.subject = $4 and o.aggregate = t.case_id::text
            where c.case_id is null or o.n is null or (s.epoch, o.n) < (t.epoch, t.n)
            order by t.place"#,
        &ids,
        &epochs,
        &ns,
        subjects::CASE_CHANGED
    )
    .fetch_all(tx)
    .await?;
    let lacking = rows
        .into_iter()
        .map(|row| LackingCase { case: CaseId(row.case_id), written_at: row.written_at });
    Ok(lacking.collect())
}
