//! Payment policies as they were kept, and the cases with a ready notice.

use contracts::CaseId;
use contracts::commands::MOST_PAYMENT_CASES;
use sqlx::PgConnection;
use uuid::Uuid;

use super::Kept;

/// Every payment policy that was ever in use. Until the transaction ends nobody else changes them.
pub(crate) async fn lock_policies(tx: &mut PgConnection) -> Result<Vec<Kept>, sqlx::Error> {
    sqlx::query!("lock table payment_policy in share row exclusive mode").execute(&mut *tx).await?;
    sqlx::query_as!(
        Kept,
        "select file as name, text, effective_from from payment_policy order by file"
    )
    .fetch_all(tx)
    .await
}

/// Keeps a payment policy under its name.
pub(crate) async fn insert_policy(tx: &mut PgConnection, file: &Kept) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into payment_policy (file, text, effective_from) values ($1, $2, $3)",
        file.name,
        file.text,
        file.effective_from
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Of the cases after one, in the order of their ids, those that ever had a ready notice; and the last
/// case that was looked at, if any was.
pub(crate) async fn list_ready(
    tx: &mut PgConnection,
    after: Option<CaseId>,
) -> Result<(Vec<CaseId>, Option<CaseId>), sqlx::Error> {
    let rows = sqlx::query!(
        r#"select case_id,
                  coalesce(json_array_length(snapshot -> 'ready'), 0) > 0 as "is_ready!"
             from fact
            where source = 'case' and case_id > $1
            order by case_id limit $2"#,
        after.map_or(Uuid::nil(), |case| case.0),
        i64::from(MOST_PAYMENT_CASES)
    )
    .fetch_all(tx)
    .await?;
    let last = rows.last().map(|row| CaseId(row.case_id));
    let ready = rows.into_iter().filter(|row| row.is_ready).map(|row| CaseId(row.case_id));
    Ok((ready.collect(), last))
}
