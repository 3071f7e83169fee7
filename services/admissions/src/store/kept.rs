//! Messages that lie here and may have to be seen to: to be handled once more, to be answered, to
//! be looked at by somebody.

use chassis::Trace;
use chrono::{DateTime, Utc};
use contracts::commands::{DismissMessage, RefusedMessage};
use contracts::{CaseRef, StaffId};
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::cases::Key;
use crate::inbound::{Channel, Form, Inbound};
use crate::outcome::Reason;
use crate::receipts::{Receipt, Said};

/// Most messages that are seen to at a time.
const AT_A_TIME: i64 = 200;

/// A message as it was kept.
struct Row {
    id: Uuid,
    channel: String,
    form: String,
    claimed: Option<String>,
    message_id: Option<String>,
    peer: Option<String>,
    body: Vec<u8>,
    received_at: DateTime<Utc>,
}

impl Row {
    fn into_inbound(self, trace: Trace) -> Option<Inbound> {
        Some(Inbound {
            id: self.id,
            channel: Channel::named(&self.channel)?,
            form: Form::named(&self.form)?,
            claimed: self.claimed,
            body: self.body.into(),
            received_at: self.received_at,
            message_id: self.message_id,
            peer: self.peer.and_then(|peer| peer.parse().ok()),
            trace,
        })
    }
}

/// Locks a kept message that was not acted on, or not on all of it, to handle it once more.
pub(crate) async fn lock_for_replay(
    tx: &mut PgConnection,
    id: Uuid,
    trace: Trace,
) -> Result<Option<Inbound>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        "select id, channel, form, claimed, message_id, peer, body, received_at from raw_message
          where id = $1 and (outcome in ('refused', 'not_used')
                             or outcome = 'accepted' and faults <> '[]')
            for update",
        id
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.and_then(|row| row.into_inbound(trace)))
}

/// Locks messages that wait for these stays, but for those that are in hand already. One that
/// another process has in hand is passed over: it finds its stay later.
pub(crate) async fn lock_waiting(
    tx: &mut PgConnection,
    keys: &[&Key],
    in_hand: &[Uuid],
) -> Result<Vec<Inbound>, sqlx::Error> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let hospitals: Vec<&str> = keys.iter().map(|(hospital, _)| hospital.as_str()).collect();
    let digests: Vec<&[u8]> = keys.iter().map(|(_, digest)| digest.as_slice()).collect();
    let rows = sqlx::query_as!(
        Row,
        "select id, channel, form, claimed, message_id, peer, body, received_at from raw_message
          where (hospital, case_key) in (select * from unnest($1::text[], $2::bytea[]))
            and case_key is not null and outcome = 'refused' and id <> all($3)
          order by id for update skip locked",
        &hospitals as &[&str],
        &digests as &[&[u8]],
        in_hand
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().filter_map(|row| row.into_inbound(Trace::start())).collect())
}

/// Locks some messages that wait for a stay that is known by now, or that one of them.
pub(crate) async fn lock_joinable(
    tx: &mut PgConnection,
    only: Option<Uuid>,
) -> Result<Vec<Inbound>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Row,
        "select r.id, channel, form, claimed, message_id, peer, body, received_at
           from raw_message r join hospital_case c using (hospital, case_key)
          where r.case_key is not null and r.outcome = 'refused' and r.id = coalesce($1, r.id)
          order by r.id limit $2 for update of r skip locked",
        only,
        AT_A_TIME
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().filter_map(|row| row.into_inbound(Trace::start())).collect())
}

/// Notes that messages wait no longer: they cannot be joined to their stays.
pub(crate) async fn stop_waiting(pool: &PgPool, ids: &[Uuid]) -> Result<(), sqlx::Error> {
    sqlx::query!("update raw_message set hospital = null, case_key = null where id = any($1)", ids)
        .execute(pool)
        .await?;
    Ok(())
}

/// Notes that kept messages were the same as others, which were acted on in their place.
pub(crate) async fn mark_duplicates(
    tx: &mut PgConnection,
    ids: &[Uuid],
) -> Result<(), sqlx::Error> {
    if ids.is_empty() {
        return Ok(());
    }
    sqlx::query!("update raw_message set outcome = 'duplicate' where id = any($1)", ids)
        .execute(tx)
        .await?;
    Ok(())
}

/// A receipt that is yet to be published, and for whom.
pub(crate) struct Due {
    /// The message.
    pub(crate) id: Uuid,
    /// The id of the receipt's event.
    pub(crate) receipt_id: Uuid,
    /// The token in the subject.
    pub(crate) claimed: Option<String>,
    /// What it says.
    pub(crate) receipt: Receipt,
}

/// Some of the receipts that are due.
pub(crate) async fn receipts_due(pool: &PgPool) -> Result<Vec<Due>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select r.id, receipt_due as "receipt_due!", message_id, claimed, control_id, outcome,
                  flagged, faults as "faults: Json<Vec<Reason>>", c.case_ref as "case_ref?"
             from raw_message r left join hospital_case c using (case_id)
            where receipt_due is not null order by r.id limit $1"#,
        AT_A_TIME
    )
    .fetch_all(pool)
    .await?;
    let due = rows.into_iter().map(|row| Due {
        id: row.id,
        receipt_id: row.receipt_due,
        claimed: row.claimed,
        receipt: Receipt {
            message_id: row.message_id.unwrap_or_else(|| row.id.to_string()),
            control_id: row.control_id,
            outcome: Said::of(&row.outcome),
            case_ref: row.case_ref.and_then(|text| text.parse::<CaseRef>().ok()),
            id_reused: row.flagged,
            reasons: row.faults.0,
        },
    });
    Ok(due.collect())
}

/// Notes that receipts were published. One that has come due meanwhile stays so.
pub(crate) async fn receipts_sent(pool: &PgPool, sent: &[Due]) -> Result<(), sqlx::Error> {
    let ids: Vec<Uuid> = sent.iter().map(|due| due.id).collect();
    let receipts: Vec<Uuid> = sent.iter().map(|due| due.receipt_id).collect();
    sqlx::query!(
        "update raw_message set receipt_due = null
          where (id, receipt_due) in (select * from unnest($1::uuid[], $2::uuid[]))",
        &ids,
        &receipts
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// A message in a list.
struct Listed {
    id: Uuid,
    sender: Option<String>,
    received_at: DateTime<Utc>,
    faults: String,
}

/// Messages that were refused, newest first; as many as are asked for and fit into an answer.
pub(crate) async fn list_refused(
    tx: &mut PgConnection,
    limit: i64,
) -> Result<Vec<RefusedMessage>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Listed,
        r#"select id, sender, received_at, faults::text as "faults!" from raw_message
            where outcome = 'refused' order by id desc limit $1"#,
        limit.min(super::MOST_LISTED)
    )
    .fetch_all(tx)
    .await?;
    told(rows)
}

/// Messages that were accepted without some field, as [`list_refused`] lists them.
pub(crate) async fn list_warned(
    tx: &mut PgConnection,
    limit: i64,
) -> Result<Vec<RefusedMessage>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Listed,
        r#"select id, sender, received_at, faults::text as "faults!" from raw_message
            where outcome = 'accepted' and faults <> '[]' order by id desc limit $1"#,
        limit.min(super::MOST_LISTED)
    )
    .fetch_all(tx)
    .await?;
    told(rows)
}

fn told(rows: Vec<Listed>) -> Result<Vec<RefusedMessage>, sqlx::Error> {
    let told = super::fitting(rows, |row| row.faults.len()).map(|row| {
        let faults: Vec<Reason> =
            serde_json::from_str(&row.faults).map_err(|error| sqlx::Error::Decode(error.into()))?;
        Ok(RefusedMessage {
            id: row.id,
            sender: row.sender,
            received_at: row.received_at,
            faults: faults.into_iter().map(|fault| fault.en).collect(),
        })
    });
    told.collect()
}

/// Closes a refusal: somebody has seen to it, perhaps by an accepted message that puts it right.
/// False when there is no such refusal.
pub(crate) async fn dismiss(
    tx: &mut PgConnection,
    what: DismissMessage,
    by: &StaffId,
    at: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let dismissed = sqlx::query!(
        "update raw_message
            set outcome = 'dismissed', dismissed_by = $2, dismissed_at = $3, corrected_by = $4,
                hospital = null, case_key = null
          where id = $1 and outcome = 'refused'",
        what.id,
        by.as_str(),
        at,
        what.corrected_by
    )
    .execute(tx)
    .await?;
    Ok(dismissed.rows_affected() > 0)
}

/// Whether a message was accepted, and comes from the sender of the other.
pub(crate) async fn corrects(
    tx: &mut PgConnection,
    accepted: Uuid,
    refused: Uuid,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (select from raw_message a join raw_message r using (sender)
                           where a.id = $1 and a.outcome = 'accepted' and r.id = $2) as "is_so!""#,
        accepted,
        refused
    )
    .fetch_one(tx)
    .await
}

/// Deletes some messages of these outcomes that came so many days ago (real time); how many.
pub(crate) async fn delete_older(
    pool: &PgPool,
    outcomes: &[&str],
    days: u16,
    most: i64,
) -> Result<u64, sqlx::Error> {
    let deleted = sqlx::query!(
        "delete from raw_message where id in (
           select id from raw_message
            where outcome = any($1) and received_at < now() - make_interval(days => $2)
              and receipt_due is null
            limit $3 for update skip locked)",
        outcomes as &[&str],
        i32::from(days),
        most
    )
    .execute(pool)
    .await?;
    Ok(deleted.rows_affected())
}
