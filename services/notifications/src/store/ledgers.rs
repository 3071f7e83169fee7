//! What `deadlines` has said.

use std::collections::{BTreeSet, HashMap};

use contracts::{CaseId, Ledger};
use messaging::Incoming;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

/// Keeps the newest ledger of each case and locks it; the cases of those that were news.
pub(crate) async fn keep_newest(
    tx: &mut PgConnection,
    ledgers: &[(&Incoming, Ledger)],
) -> Result<BTreeSet<CaseId>, sqlx::Error> {
    let ids: Vec<Uuid> = ledgers.iter().map(|(_, ledger)| ledger.case_id.0).collect();
    let epochs: Vec<i32> = ledgers.iter().map(|(event, _)| event.version.epoch).collect();
    let ns: Vec<i64> = ledgers.iter().map(|(event, _)| event.version.n).collect();
    let snapshots: Vec<&str> = ledgers.iter().map(|(event, _)| event.data.get()).collect();
    let rows = sqlx::query_scalar!(
        r#"insert into known_ledger as k (case_id, epoch, n, snapshot)
           select t.case_id, t.epoch, t.n, t.snapshot::jsonb
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

/// The newest ledgers of cases, without a lock.
pub(crate) async fn load(
    tx: &mut PgConnection,
    cases: impl Iterator<Item = CaseId>,
) -> Result<HashMap<CaseId, Ledger>, sqlx::Error> {
    let ids: BTreeSet<Uuid> = cases.map(|case| case.0).collect();
    let ids: Vec<Uuid> = ids.into_iter().collect();
    let rows = sqlx::query_scalar!(
        r#"select snapshot as "snapshot: Json<Ledger>" from known_ledger
            where case_id = any($1)"#,
        &ids
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|Json(ledger)| (ledger.case_id, ledger)).collect())
}
