//! All SQL of the service.

mod facts;
mod ledgers;

use sqlx::PgPool;

pub(crate) use facts::*;
pub(crate) use ledgers::*;

/// Keeps the text of a rulebook under its name; the digest of the text that the name stands for.
pub(crate) async fn keep_rulebook(
    pool: &PgPool,
    file: &str,
    digest: &[u8],
    text: &str,
) -> Result<Vec<u8>, sqlx::Error> {
    sqlx::query!(
        "insert into rulebook (file, digest, text) values ($1, $2, $3) on conflict do nothing",
        file,
        digest,
        text
    )
    .execute(pool)
    .await?;
    sqlx::query_scalar!("select digest from rulebook where file = $1", file).fetch_one(pool).await
}

/// Name and text of every rulebook file that was ever in use.
pub(crate) async fn list_rulebooks(pool: &PgPool) -> Result<Vec<(String, String)>, sqlx::Error> {
    let rows =
        sqlx::query!("select file, text from rulebook order by file").fetch_all(pool).await?;
    Ok(rows.into_iter().map(|row| (row.file, row.text)).collect())
}
