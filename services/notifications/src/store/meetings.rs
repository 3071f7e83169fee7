//! What `sip` has said, and what has gone out of invitations.

use std::collections::{BTreeSet, HashMap};

use contracts::{CaseId, Sip};
use messaging::Incoming;
use sqlx::PgConnection;
use uuid::Uuid;

/// Keeps the newest plan of each case and locks it; the cases of those that were news.
pub(crate) async fn keep_newest(
    tx: &mut PgConnection,
    plans: &[(&Incoming, Sip)],
) -> Result<BTreeSet<CaseId>, sqlx::Error> {
    let ids: Vec<Uuid> = plans.iter().map(|(_, sip)| sip.case_id.0).collect();
    let epochs: Vec<i32> = plans.iter().map(|(event, _)| event.version.epoch).collect();
    let ns: Vec<i64> = plans.iter().map(|(event, _)| event.version.n).collect();
    let snapshots: Vec<&str> = plans.iter().map(|(event, _)| event.data.get()).collect();
    let rows = sqlx::query_scalar!(
        r#"insert into known_sip as k (case_id, epoch, n, snapshot)
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

/// The newest plans of cases, without a lock; without those that this release cannot read.
pub(crate) async fn load(
    tx: &mut PgConnection,
    cases: impl Iterator<Item = CaseId>,
) -> Result<HashMap<CaseId, Sip>, sqlx::Error> {
    let ids: BTreeSet<Uuid> = cases.map(|case| case.0).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<Uuid> = ids.into_iter().collect();
    let rows = sqlx::query_scalar!(
        r#"select snapshot::text as "snapshot!" from known_sip where case_id = any($1)"#,
        &ids
    )
    .fetch_all(tx)
    .await?;
    let plans = rows.iter().filter_map(|text| serde_json::from_str::<Sip>(text).ok());
    Ok(plans.map(|sip| (sip.case_id, sip)).collect())
}

/// What has become of the messages of alerts.
#[derive(Debug, Default)]
pub(crate) struct Sent {
    under_way: BTreeSet<Uuid>,
    gone_out: BTreeSet<Uuid>,
}

/// What became of messages, taken together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// None has gone out.
    Unsent,
    /// One is being sent just now.
    UnderWay,
    /// One may have gone out.
    GoneOut,
}

impl Sent {
    /// What has become of those of any of these alerts.
    pub(crate) fn fate(&self, mut alerts: impl Iterator<Item = Uuid>) -> Fate {
        alerts
            .try_fold(Fate::Unsent, |fate, alert| {
                if self.under_way.contains(&alert) {
                    Err(Fate::UnderWay)
                } else {
                    Ok(if self.gone_out.contains(&alert) { Fate::GoneOut } else { fate })
                }
            })
            .unwrap_or_else(|under_way| under_way)
    }
}

/// What has become of the invitations of cases.
pub(crate) async fn sent(tx: &mut PgConnection, cases: &[Uuid]) -> Result<Sent, sqlx::Error> {
    if cases.is_empty() {
        return Ok(Sent::default());
    }
    let rows = sqlx::query!(
        r#"select d.alert_id, bool_or(d.state = 'attempting') as "under_way!",
                  bool_or(d.state in ('accepted', 'delivered', 'unknown')
                          or coalesce(d.reason, '') = 'reported_failed') as "gone_out!"
             from alert a join delivery d using (alert_id)
            where a.case_id = any($1) and a.meeting_id is not null group by d.alert_id"#,
        cases
    )
    .fetch_all(tx)
    .await?;
    let mut sent = Sent::default();
    for row in rows {
        if row.under_way {
            sent.under_way.insert(row.alert_id);
        }
        if row.gone_out {
            sent.gone_out.insert(row.alert_id);
        }
    }
    Ok(sent)
}

/// Forgets the plans of cases whose alerts were removed; their versions stay.
pub(crate) async fn purge(tx: &mut PgConnection, cases: &[Uuid]) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update known_sip set snapshot = json_build_object('case_id', case_id)
          where case_id = any($1)",
        cases
    )
    .execute(tx)
    .await?;
    Ok(())
}
