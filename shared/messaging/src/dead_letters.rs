//! Messages that could not be handled: kept with their reason, alarmed, and handled once more when
//! somebody who has mended the cause asks for it.

use async_nats::jetstream::Message;
use contracts::StaffId;
use contracts::commands::any;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::bus::Bus;
use crate::consumer::{Handle, sequence_of};
use crate::incoming::Incoming;

/// Keeps a message. The same place in the stream is kept once.
pub(crate) async fn insert(
    tx: &mut PgConnection,
    stream: &str,
    message: &Message,
    reason: &str,
) -> Result<(), sqlx::Error> {
    let message_id = message
        .headers
        .as_ref()
        .and_then(|headers| headers.get("Nats-Msg-Id"))
        .map(|id| id.as_str().to_owned());
    sqlx::query!(
        "insert into messaging.dead_letter
           (id, stream, sequence, subject, message_id, payload, reason)
         select $1, $2, $3, $4, $5, $6, $7
          where not exists (select from messaging.dead_letter
                             where stream = $2 and sequence = $3 and message_id = $5
                               and replayed_at is null and discarded_at is null)",
        chassis::new_id(),
        stream,
        sequence_of(message),
        message.subject.as_str(),
        message_id,
        message.payload.as_ref(),
        reason
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// An event of this service that the broker does not take.
pub(crate) struct Parked<'a> {
    pub(crate) event: Uuid,
    pub(crate) subject: &'a str,
    pub(crate) aggregate: &'a str,
    pub(crate) payload: &'a [u8],
}

/// Keeps such an event, the newest of each aggregate.
pub(crate) async fn park(
    tx: &mut PgConnection,
    service: &str,
    parked: &Parked<'_>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into messaging.dead_letter
           (id, stream, sequence, subject, aggregate, message_id, payload, reason)
         values ($1, $2, 0, $3, $4, $5, $6, 'too large for the broker')
         on conflict (stream, subject, aggregate)
           where sequence = 0 and replayed_at is null and discarded_at is null
         do update set message_id = excluded.message_id, payload = excluded.payload",
        chassis::new_id(),
        contracts::subjects::stream_of(service),
        parked.subject,
        parked.aggregate,
        parked.event.to_string(),
        parked.payload
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Handles what somebody has asked to be replayed. What fails again stays, with its new reason; when it
/// is the infrastructure that fails, the request stays, too.
pub(crate) async fn replay<H: Handle>(
    bus: &Bus,
    stream: &str,
    handler: &H,
) -> Result<(), sqlx::Error> {
    let asked = sqlx::query!(
        "select id, subject, payload from messaging.dead_letter
          where stream = $1 and replay_requested_at is not null and replayed_at is null
            and discarded_at is null
          order by sequence",
        stream
    )
    .fetch_all(&bus.pool)
    .await?;
    for letter in asked {
        let mut tx = bus.pool.begin().await?;
        let result = match Incoming::decode(&letter.subject, &letter.payload) {
            Ok(event) => handler.handle(&mut tx, &[event]).await,
            Err(error) => Err(error),
        };
        match result {
            Ok(()) => {
                settle(&mut tx, letter.id).await?;
                tx.commit().await?;
                bus.wake();
            }
            Err(error) if error.is_about_the_message() => {
                tx.rollback().await?;
                postpone(&bus.pool, letter.id, &error.reason()).await?;
            }
            Err(error) => {
                tracing::warn!(letter = %letter.id, reason = error.reason(), "not replayed yet");
            }
        }
    }
    Ok(())
}

async fn settle(tx: &mut PgConnection, id: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query!("update messaging.dead_letter set replayed_at = now() where id = $1", id)
        .execute(tx)
        .await?;
    Ok(())
}

async fn postpone(pool: &PgPool, id: Uuid, reason: &str) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update messaging.dead_letter set replay_requested_at = null, reason = $2 where id = $1",
        id,
        reason
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Those that wait for somebody, newest first.
pub(crate) async fn list(pool: &PgPool) -> Result<Vec<any::DeadLetter>, sqlx::Error> {
    sqlx::query_as!(
        any::DeadLetter,
        r#"select id, subject, message_id, reason, set_aside_at, replayed_at,
                  null::text as payload
             from messaging.dead_letter where replayed_at is null and discarded_at is null
            order by set_aside_at desc limit 1000"#
    )
    .fetch_all(pool)
    .await
}

/// One of them, with its payload.
pub(crate) async fn find(pool: &PgPool, id: Uuid) -> Result<Option<any::DeadLetter>, sqlx::Error> {
    let row = sqlx::query!(
        "select id, subject, message_id, reason, set_aside_at, replayed_at, payload
           from messaging.dead_letter where id = $1",
        id
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| any::DeadLetter {
        id: row.id,
        subject: row.subject,
        message_id: row.message_id,
        reason: row.reason,
        set_aside_at: row.set_aside_at,
        replayed_at: row.replayed_at,
        payload: Some(String::from_utf8_lossy(&row.payload).into_owned()),
    }))
}

/// Asks for one to be handled again, or published again when it is an event of this service; false
/// when there is none that waits.
pub(crate) async fn request_replay(bus: &Bus, id: Uuid, by: &StaffId) -> Result<bool, sqlx::Error> {
    let asked = sqlx::query_scalar!(
        r#"with letter as (
             update messaging.dead_letter set replay_requested_at = now(), asked_by = $2
              where id = $1 and replayed_at is null and discarded_at is null
             returning sequence, subject, aggregate),
           queued as (
             insert into messaging.queue (subject, aggregate)
               select subject, aggregate from letter where sequence = 0)
           select count(*) as "count!" from letter"#,
        id,
        by.as_str()
    )
    .fetch_one(&bus.pool)
    .await?;
    Ok(asked == 1)
}

/// Gives one up; false when there is none that waits.
pub(crate) async fn discard(pool: &PgPool, id: Uuid, by: &StaffId) -> Result<bool, sqlx::Error> {
    let discarded = sqlx::query!(
        "update messaging.dead_letter set discarded_at = now(), asked_by = $2
          where id = $1 and replayed_at is null and discarded_at is null",
        id,
        by.as_str()
    )
    .execute(pool)
    .await?;
    Ok(discarded.rows_affected() == 1)
}

/// Whether a stream has messages that were set aside, and neither replayed nor given up.
pub(crate) async fn any_open(pool: &PgPool, stream: &str) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (select from messaging.dead_letter
                           where stream = $1 and replayed_at is null
                             and discarded_at is null) as "open!""#,
        stream
    )
    .fetch_one(pool)
    .await
}
