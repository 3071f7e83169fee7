//! The answers that commands got, so that the same id gets the same answer.

use contracts::CommandId;
use contracts::commands::Refusal;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

use crate::bus::Bus;
use crate::commands::{Answer, Call, CommandError, answer};

/// Takes the command's id. Waits for whoever is carrying out the same command; false when it has
/// been carried out.
pub(crate) async fn claim(
    tx: &mut PgConnection,
    id: CommandId,
    call: &Call,
    digest: &[u8],
) -> Result<bool, sqlx::Error> {
    let inserted = sqlx::query!(
        "insert into messaging.command (id, verb, digest) values ($1, $2, $3)
         on conflict (id) do nothing",
        id.0,
        call.verb,
        digest
    )
    .execute(tx)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

pub(crate) async fn store(
    tx: &mut PgConnection,
    id: CommandId,
    refused: bool,
    answer: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update messaging.command set refused = $2, answer = $3 where id = $1",
        id.0,
        refused,
        answer
    )
    .execute(tx)
    .await?;
    Ok(())
}

pub(crate) async fn remember_refusal(
    bus: &Bus,
    id: CommandId,
    call: &Call,
    digest: &[u8],
    refusal: &Refusal,
) -> Result<Answer, CommandError> {
    let Answer(text) = answer(refusal)?;
    let mut tx = bus.pool.begin().await?;
    if !claim(&mut tx, id, call, digest).await? {
        tx.commit().await?;
        return stored(bus, id, digest).await;
    }
    store(&mut tx, id, true, &text).await?;
    tx.commit().await?;
    Err(CommandError::Refused(refusal.clone()))
}

/// The answer that the command got when it was first carried out.
pub(crate) async fn stored(
    bus: &Bus,
    id: CommandId,
    digest: &[u8],
) -> Result<Answer, CommandError> {
    let row =
        sqlx::query!("select digest, refused, answer from messaging.command where id = $1", id.0)
            .fetch_one(&bus.pool)
            .await?;
    if row.digest != digest {
        return Err(Refusal::new(
            "command_id_reused",
            "Samma kommando-id har använts till något annat.",
            "The same command id was used for something else.",
        )
        .into());
    }
    let text = row.answer.unwrap_or_default();
    match row.refused {
        Some(true) => match serde_json::from_str::<Refusal>(&text) {
            Ok(refusal) => Err(refusal.into()),
            Err(_) => Ok(Answer(text)),
        },
        _ => Ok(Answer(text)),
    }
}

/// What makes two requests the same: the verb, who acts, and the content.
pub(crate) fn digest(call: &Call) -> Vec<u8> {
    let mut hasher = Sha256::new();
    hasher.update(call.verb.as_bytes());
    hasher.update([0]);
    if let Some(actor) = &call.actor {
        hasher.update(actor.staff.as_str());
        hasher.update([0]);
        hasher.update(actor.unit.as_str());
    }
    hasher.update([0]);
    hasher.update(&call.body);
    hasher.finalize().to_vec()
}
