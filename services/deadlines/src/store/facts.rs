//! What is known of cases and of units, as the other services said it.

use std::collections::{BTreeMap, BTreeSet};

use contracts::commands::{CaseFacts, MOST_FACTS};
use contracts::{
    Alert, Assignment, Case, CaseId, EntryId, HsaId, ObligationId, Sip, UnitReach, Version,
};
use messaging::{HandleError, Incoming};
use serde::de::DeserializeOwned;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::domain::facts::{Acknowledgement, Facts, Reach};

/// Where a fact comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Case,
    Assignment,
    Sip,
}

impl Source {
    fn as_str(self) -> &'static str {
        match self {
            Self::Case => "case",
            Self::Assignment => "assignment",
            Self::Sip => "sip",
        }
    }

    fn named(name: &str) -> Option<Self> {
        [Self::Case, Self::Assignment, Self::Sip].into_iter().find(|one| one.as_str() == name)
    }

    /// Whether the event holds a snapshot that this version understands.
    pub(crate) fn check(self, event: &Incoming) -> Result<(), HandleError> {
        match self {
            Self::Case => event.snapshot::<Case>().map(drop),
            Self::Assignment => event.snapshot::<Assignment>().map(drop),
            Self::Sip => event.snapshot::<Sip>().map(drop),
        }
    }
}

/// Keeps the newest facts of locked cases; the cases for which there was news.
pub(crate) async fn keep_newest_facts(
    tx: &mut PgConnection,
    source: Source,
    facts: &[(CaseId, &Incoming)],
) -> Result<BTreeSet<CaseId>, sqlx::Error> {
    let ids: Vec<Uuid> = facts.iter().map(|(case, _)| case.0).collect();
    let epochs: Vec<i32> = facts.iter().map(|(_, event)| event.version.epoch).collect();
    let ns: Vec<i64> = facts.iter().map(|(_, event)| event.version.n).collect();
    let snapshots: Vec<&str> = facts.iter().map(|(_, event)| event.data.get()).collect();
    let changed = sqlx::query_scalar!(
        "insert into fact as f (case_id, source, epoch, n, snapshot)
         select t.case_id, $5, t.epoch, t.n, t.snapshot::json
           from unnest($1::uuid[], $2::int[], $3::bigint[], $4::text[])
                  as t (case_id, epoch, n, snapshot)
         on conflict (case_id, source) do update
           set epoch = excluded.epoch, n = excluded.n, snapshot = excluded.snapshot
           where (f.epoch, f.n) < (excluded.epoch, excluded.n)
         returning case_id",
        &ids,
        &epochs,
        &ns,
        &snapshots as &[&str],
        source.as_str()
    )
    .fetch_all(tx)
    .await?;
    Ok(changed.into_iter().map(CaseId).collect())
}

/// All facts of locked cases.
pub(crate) async fn load_facts(
    tx: &mut PgConnection,
    cases: &[CaseId],
) -> Result<BTreeMap<CaseId, Facts>, sqlx::Error> {
    let ids: Vec<Uuid> = cases.iter().map(|case| case.0).collect();
    let rows = sqlx::query!(
        r#"select case_id, source, snapshot::text as "snapshot!" from fact
            where case_id = any($1)"#,
        &ids
    )
    .fetch_all(tx)
    .await?;
    let mut known: BTreeMap<CaseId, Facts> =
        cases.iter().map(|case| (*case, Facts::default())).collect();
    for row in rows {
        let facts = known.entry(CaseId(row.case_id)).or_default();
        match Source::named(&row.source) {
            Some(Source::Case) => facts.case = Some(read(&row.snapshot)?),
            Some(Source::Assignment) => facts.assignment = Some(read(&row.snapshot)?),
            Some(Source::Sip) => facts.sip = Some(read(&row.snapshot)?),
            None => {}
        }
    }
    Ok(known)
}

fn read<T: DeserializeOwned>(snapshot: &str) -> Result<T, sqlx::Error> {
    serde_json::from_str(snapshot).map_err(|error| sqlx::Error::Decode(error.into()))
}

/// Keeps acknowledgements of alerts about duties.
pub(crate) async fn insert_acknowledgements(
    tx: &mut PgConnection,
    alerts: &[Alert],
) -> Result<(), sqlx::Error> {
    let (mut entries, mut cases, mut duties) = (vec![], vec![], vec![]);
    let (mut steps, mut times) = (vec![], vec![]);
    for alert in alerts {
        if let (Some(stamp), Some(duty)) = (&alert.acknowledged, alert.obligation) {
            entries.push(stamp.id.0);
            cases.push(alert.case_id.0);
            duties.push(duty.0);
            steps.push(alert.cause.0);
            times.push(stamp.recorded_at);
        }
    }
    sqlx::query!(
        "insert into acknowledgement (entry_id, case_id, obligation_id, cause_id, at)
         select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::timestamptz[])
         on conflict do nothing",
        &entries,
        &cases,
        &duties,
        &steps,
        &times
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// How many bytes of facts fit into one answer beside its envelope.
const MOST_BYTES: usize = 400_000;

/// What is known of cases after one, in the order of their ids, as far as it fits into an answer; and
/// the last case of it, unless there are no more. What this version cannot read is left out.
pub(crate) async fn list_facts(
    tx: &mut PgConnection,
    after: Option<CaseId>,
) -> Result<(Vec<CaseFacts>, Option<CaseId>), sqlx::Error> {
    let rows = sqlx::query!(
        r#"select case_id, source, snapshot::text as "snapshot!" from fact
            where case_id in (select case_id from fact where source = 'case' and case_id > $1
                               order by case_id limit $2)
            order by case_id"#,
        after.map_or(Uuid::nil(), |case| case.0),
        i64::from(MOST_FACTS)
    )
    .fetch_all(tx)
    .await?;
    let (mut cases, mut last, mut bytes) = (Vec::new(), None, 0);
    for of_case in rows.chunk_by(|one, other| one.case_id == other.case_id) {
        bytes += of_case.iter().map(|row| row.snapshot.len()).sum::<usize>();
        if bytes > MOST_BYTES && last.is_some() {
            break;
        }
        let mut facts = CaseFacts::default();
        for row in of_case {
            let text = row.snapshot.as_str();
            match Source::named(&row.source) {
                Some(Source::Case) => facts.case = serde_json::from_str(text).ok(),
                Some(Source::Assignment) => facts.assignment = serde_json::from_str(text).ok(),
                Some(Source::Sip) => facts.sip = serde_json::from_str(text).ok(),
                None => {}
            }
        }
        last = of_case.first().map(|row| CaseId(row.case_id));
        cases.extend(facts.case.is_some().then_some(facts));
    }
    Ok((cases, last))
}

/// Acknowledgements in some cases.
pub(crate) async fn load_acknowledgements(
    tx: &mut PgConnection,
    cases: &[CaseId],
) -> Result<Vec<Acknowledgement>, sqlx::Error> {
    let ids: Vec<Uuid> = cases.iter().map(|case| case.0).collect();
    let rows = sqlx::query!(
        r#"select obligation_id, cause_id as "cause_id!", at from acknowledgement
            where case_id = any($1) and cause_id is not null"#,
        &ids
    )
    .fetch_all(tx)
    .await?;
    let acknowledgement = |duty, cause, at| Acknowledgement {
        obligation: ObligationId(duty),
        step: EntryId(cause),
        at,
    };
    let all = rows.into_iter().map(|row| acknowledgement(row.obligation_id, row.cause_id, row.at));
    Ok(all.collect())
}

/// Keeps how units can be reached; those for which there was news.
pub(crate) async fn keep_newest_reach(
    tx: &mut PgConnection,
    reaches: &[(Version, UnitReach)],
) -> Result<Vec<String>, sqlx::Error> {
    let ids: Vec<&str> = reaches.iter().map(|(_, reach)| reach.unit.as_str()).collect();
    let epochs: Vec<i32> = reaches.iter().map(|(version, _)| version.epoch).collect();
    let ns: Vec<i64> = reaches.iter().map(|(version, _)| version.n).collect();
    let snapshots: Vec<Json<&UnitReach>> = reaches.iter().map(|(_, reach)| Json(reach)).collect();
    sqlx::query_scalar!(
        "insert into reach as r (unit_id, epoch, n, snapshot)
         select * from unnest($1::text[], $2::int[], $3::bigint[], $4::jsonb[]) as t
          order by 1
         on conflict (unit_id) do update
           set epoch = excluded.epoch, n = excluded.n, snapshot = excluded.snapshot
           where (r.epoch, r.n) < (excluded.epoch, excluded.n)
         returning unit_id",
        &ids as &[&str],
        &epochs,
        &ns,
        &snapshots as &[Json<&UnitReach>]
    )
    .fetch_all(tx)
    .await
}

/// How units can be reached.
pub(crate) async fn load_reach(
    tx: &mut PgConnection,
    units: &BTreeSet<HsaId>,
) -> Result<Reach, sqlx::Error> {
    let ids: Vec<&str> = units.iter().map(HsaId::as_str).collect();
    let rows = sqlx::query_scalar!(
        r#"select snapshot as "snapshot: Json<UnitReach>" from reach where unit_id = any($1)"#,
        &ids as &[&str]
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|Json(reach)| (reach.unit.clone(), reach)).collect())
}
