//! How far a month's figures have been counted, and what they are counted from.

use std::collections::BTreeMap;

use chassis::db::json_text;
use chrono::{DateTime, NaiveDate, Utc};
use contracts::{CaseId, Ledger};
use serde::de::DeserializeOwned;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::domain::facts::Facts;
use crate::domain::statistics::Sums;

/// How far a month has been counted.
#[derive(Debug)]
pub(crate) struct Count {
    pub(crate) formula: i32,
    /// When the first case was looked at.
    pub(crate) begun_at: DateTime<Utc>,
    /// The last case that was looked at.
    pub(crate) after: Uuid,
    pub(crate) looked_at: i64,
    /// Cases that could not be read.
    pub(crate) unread: i64,
    pub(crate) sums: Sums,
    /// When the last case had been looked at.
    pub(crate) counted_at: Option<DateTime<Utc>>,
}

impl Count {
    /// Nothing looked at yet.
    pub(crate) fn begin(formula: i32, begun_at: DateTime<Utc>) -> Self {
        let (after, sums) = (Uuid::nil(), Sums::default());
        Self { formula, begun_at, after, looked_at: 0, unread: 0, sums, counted_at: None }
    }
}

/// Whether nobody else counts a month until the transaction ends. Nobody waits: a connection that waits
/// is one that the sweep has not.
pub(crate) async fn lock_count(
    tx: &mut PgConnection,
    month: NaiveDate,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select pg_try_advisory_xact_lock(hashtext('statistics'), $1) as "is_ours!""#,
        day_number(month)
    )
    .fetch_one(tx)
    .await
}

/// How far a month has been counted, if it ever was.
pub(crate) async fn find_count(
    tx: &mut PgConnection,
    month: NaiveDate,
) -> Result<Option<Count>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select formula, begun_at, after, looked_at, unread, sums as "sums: Json<Sums>", counted_at
             from statistics where month = $1"#,
        month
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(|row| Count {
        formula: row.formula,
        begun_at: row.begun_at,
        after: row.after,
        looked_at: row.looked_at,
        unread: row.unread,
        sums: row.sums.0,
        counted_at: row.counted_at,
    }))
}

fn day_number(month: NaiveDate) -> i32 {
    chrono::Datelike::num_days_from_ce(&month)
}

/// Saves how far a month has been counted.
pub(crate) async fn save_count(
    tx: &mut PgConnection,
    month: NaiveDate,
    count: &Count,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into statistics (month, formula, after, looked_at, unread, sums, counted_at, begun_at)
         values ($1, $2, $3, $4, $5, $6::text::json, $7, $8)
         on conflict (month) do update
           set formula = excluded.formula, begun_at = excluded.begun_at, after = excluded.after, looked_at = excluded.looked_at,
               unread = excluded.unread, sums = excluded.sums, counted_at = excluded.counted_at",
        month,
        count.formula,
        count.after,
        count.looked_at,
        count.unread,
        json_text(&count.sums)?,
        count.counted_at,
        count.begun_at
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// How many cases are looked at together.
const BATCH: i64 = 500;

/// The cases after one, in the order of their ids.
#[derive(Debug)]
pub(crate) struct Looked {
    /// How many.
    pub(crate) cases: i64,
    /// The last of them; none when there are no more.
    pub(crate) last: Option<Uuid>,
    /// Those that may give something to the month.
    pub(crate) candidates: Vec<Uuid>,
}

/// Looks which cases after one may give something to the month: begun or discharged in it, or with a ready
/// notice before its end and no discharge before its beginning. Times are compared as the text that they are
/// written as, in UTC.
pub(crate) async fn look(
    tx: &mut PgConnection,
    after: Uuid,
    [from, until]: [DateTime<Utc>; 2],
) -> Result<Looked, sqlx::Error> {
    let text = |at: DateTime<Utc>| at.format("%Y-%m-%dT%H:%M:%S").to_string();
    let rows = sqlx::query!(
        r#"select case_id,
                  (snapshot #>> '{admitted,occurred_at}' >= $3
                   and snapshot #>> '{admitted,occurred_at}' < $4)
                  or exists (select from json_array_elements(snapshot -> 'discharges') as d
                           where d #>> '{stamp,occurred_at}' >= $3
                             and d #>> '{stamp,occurred_at}' < $4)
                  or (exists (select from json_array_elements(snapshot -> 'ready') as r
                               where r #>> '{stamp,recorded_at}' < $4)
                      and not exists (select from json_array_elements(snapshot -> 'discharges') as d
                                       where d -> 'revoked' is null
                                         and d #>> '{stamp,occurred_at}' < $3))
                  as "may!"
             from fact
            where source = 'case' and case_id > $1
            order by case_id limit $2"#,
        after,
        BATCH,
        text(from),
        text(until)
    )
    .fetch_all(tx)
    .await?;
    Ok(Looked {
        cases: i64::try_from(rows.len()).unwrap_or(i64::MAX),
        last: rows.last().map(|row| row.case_id),
        candidates: rows.into_iter().filter(|row| row.may).map(|row| row.case_id).collect(),
    })
}

/// The facts of cases with their ledgers as they stand; none of a case that cannot be read.
pub(crate) async fn load_to_count(
    tx: &mut PgConnection,
    cases: &[Uuid],
) -> Result<BTreeMap<CaseId, Option<(Facts, Option<Ledger>)>>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select case_id as "case_id!", source as "source!", snapshot as "snapshot!" from (
             select case_id, source, snapshot::text as snapshot from fact
              where case_id = any($1)
             union all
             select case_id, 'ledger', snapshot::text from ledger
              where case_id = any($1) and snapshot is not null) as t"#,
        cases
    )
    .fetch_all(tx)
    .await?;
    let mut known: BTreeMap<CaseId, Option<(Facts, Option<Ledger>)>> = BTreeMap::new();
    for row in rows {
        let known = known.entry(CaseId(row.case_id)).or_insert_with(|| Some(Default::default()));
        let Some((facts, ledger)) = known else { continue };
        let text = row.snapshot.as_str();
        let read = match row.source.as_str() {
            "case" => into(text, &mut facts.case),
            "assignment" => into(text, &mut facts.assignment),
            "sip" => into(text, &mut facts.sip),
            "ledger" => into(text, ledger),
            _ => true,
        };
        if !read {
            *known = None;
        }
    }
    Ok(known)
}

/// Whether the text could be read.
fn into<T: DeserializeOwned>(text: &str, place: &mut Option<T>) -> bool {
    *place = serde_json::from_str(text).ok();
    place.is_some()
}
