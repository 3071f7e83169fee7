//! Up to where the database holds what came over the broker's intake.

use sqlx::PgPool;
use uuid::Uuid;

/// A place in the intake stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) incarnation: Uuid,
    pub(crate) sequence: u64,
}

/// What was noted last; nothing in a database of an earlier release.
pub(crate) async fn load(pool: &PgPool) -> Result<Option<Seen>, sqlx::Error> {
    let row =
        sqlx::query!("select incarnation, sequence from intake_seen").fetch_optional(pool).await?;
    Ok(row.map(|row| Seen { incarnation: row.incarnation, sequence: row.sequence.unsigned_abs() }))
}

/// Notes how far it is; never less than somebody else has noted.
pub(crate) async fn note(pool: &PgPool, seen: Seen) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into intake_seen as s (incarnation, sequence) values ($1, $2)
         on conflict (one) do update
           set incarnation = excluded.incarnation, sequence = excluded.sequence
           where s.incarnation <> excluded.incarnation or s.sequence < excluded.sequence",
        seen.incarnation,
        seen.sequence.cast_signed()
    )
    .execute(pool)
    .await?;
    Ok(())
}
