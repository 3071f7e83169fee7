//! What `deadlines` has said.

use std::collections::{BTreeSet, HashMap};

use contracts::{CaseId, Ledger};
use messaging::Incoming;
use sqlx::PgConnection;
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
           select t.case_id, t.epoch, t.n, t.snapshot::json
             from unnest($1::uuid[], $2::int[], $3::bigint[], $4::text[])
                    as t (case_id, epoch, n, snapshot)
            order by t.case_id
           on conflict (case_id) do update
             set epoch = excluded.epoch, n = excluded.n, snapshot = excluded.snapshot,
                 changed_at = now(), purged = false
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

/// The newest ledgers of cases, without a lock; without those that this release cannot read.
pub(crate) async fn load(
    tx: &mut PgConnection,
    cases: impl Iterator<Item = CaseId>,
) -> Result<HashMap<CaseId, Ledger>, sqlx::Error> {
    let ids: BTreeSet<Uuid> = cases.map(|case| case.0).collect();
    let ids: Vec<Uuid> = ids.into_iter().collect();
    let rows = sqlx::query_scalar!(
        r#"select snapshot::text as "snapshot!" from known_ledger where case_id = any($1)"#,
        &ids
    )
    .fetch_all(tx)
    .await?;
    let ledgers = rows.iter().filter_map(|text| serde_json::from_str::<Ledger>(text).ok());
    Ok(ledgers.map(|ledger| (ledger.case_id, ledger)).collect())
}

/// Removes the alerts and deliveries of cases in which nobody owes anything and nothing has changed
/// for 90 days of real time; how many cases. What stays says that they were told: the causes, and
/// the version of the ledger, emptied.
pub(crate) async fn purge(tx: &mut PgConnection, limit: i64) -> Result<usize, sqlx::Error> {
    let cases = sqlx::query_scalar!(
        r#"update known_ledger
              set purged = true,
                  snapshot = (snapshot::jsonb || '{"obligations": [], "news": []}')::json
            where case_id in (
              select case_id from known_ledger
               where not purged and changed_at < now() - interval '90 days'
                 and not jsonb_path_exists(snapshot::jsonb,
                       '$.obligations[*] ? (@.state == "open" || @.state == "missed")')
               order by changed_at limit $1 for update skip locked)
           returning case_id"#,
        limit
    )
    .fetch_all(&mut *tx)
    .await?;
    sqlx::query!(
        "delete from delivery where alert_id in (
           select alert_id from alert where case_id = any($1))",
        &cases
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!("delete from alert where case_id = any($1)", &cases).execute(&mut *tx).await?;
    super::meetings::purge(tx, &cases).await?;
    Ok(cases.len())
}
