//! All SQL of the service.

mod facts;
mod ledgers;

use chrono::NaiveDate;
use sqlx::PgConnection;

pub(crate) use facts::*;
pub(crate) use ledgers::*;

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
