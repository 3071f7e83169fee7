//! All SQL of the service.

mod facts;
mod ledgers;
mod payment;
mod statistics;

use chrono::NaiveDate;
use contracts::commands::{KnownCase, MOST_KNOWN, fitting};
use contracts::{CaseId, Version};
use sqlx::PgConnection;
use uuid::Uuid;

pub(crate) use facts::*;
pub(crate) use ledgers::*;
pub(crate) use payment::*;
pub(crate) use statistics::*;

/// A rulebook file that duties have followed or may follow.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) name: String,
    pub(crate) text: String,
    /// The first day on which duties follow it, when that is not its own `valid_from`.
    pub(crate) effective_from: Option<NaiveDate>,
}

/// Every rulebook file that was ever in use. Until the transaction ends nobody else changes them.
pub(crate) async fn lock_rulebooks(tx: &mut PgConnection) -> Result<Vec<Kept>, sqlx::Error> {
    sqlx::query!("lock table rulebook in share row exclusive mode").execute(&mut *tx).await?;
    sqlx::query_as!(Kept, "select file as name, text, effective_from from rulebook order by file")
        .fetch_all(tx)
        .await
}

/// Keeps rulebook files under their names.
pub(crate) async fn insert_rulebooks(
    tx: &mut PgConnection,
    files: &[Kept],
) -> Result<(), sqlx::Error> {
    let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    let texts: Vec<&str> = files.iter().map(|file| file.text.as_str()).collect();
    let days: Vec<Option<NaiveDate>> = files.iter().map(|file| file.effective_from).collect();
    sqlx::query!(
        "insert into rulebook (file, digest, text, effective_from)
         select name, sha256(convert_to(text, 'UTF8')), text, effective_from
           from unnest($1::text[], $2::text[], $3::date[]) as t (name, text, effective_from)",
        &names as &[&str],
        &texts as &[&str],
        &days as &[Option<NaiveDate>]
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Whether duties have arisen.
pub(crate) async fn has_ledgers(tx: &mut PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(r#"select exists (select from ledger) as "exist!""#).fetch_one(tx).await
}

/// Cases that are known, in the order of their ids.
pub(crate) async fn list_known_cases(
    tx: &mut PgConnection,
    after: Option<CaseId>,
) -> Result<Vec<KnownCase>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select case_id, epoch, n, snapshot::text as "snapshot!" from fact
            where source = 'case' and case_id > $1
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
