//! Messages as they came.

use std::str::FromStr;

use chassis::Trace;
use chrono::{DateTime, Utc};
use contracts::commands::RefusedMessage;
use contracts::{CaseId, CaseRef};
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::inbound::{Channel, Form, Inbound};
use crate::outcome::{Reason, Verdict};

/// What makes two messages the same, and finds another body under the same id.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Identity<'m> {
    /// The registered sender, else what it claims to be, else nothing.
    pub(crate) sender: &'m str,
    /// The sender's id of the message; empty when it has none.
    pub(crate) control_id: &'m str,
    /// SHA-256 of the body.
    pub(crate) digest: &'m [u8],
}

/// What is known of a message that has come.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    /// The same message, when it had come before.
    pub(crate) before: Option<Before>,
    /// The id had been used for another body.
    pub(crate) other_body: bool,
}

impl Known {
    /// A kept message is known under its own id, unless the same has come again since.
    pub(crate) fn kept_as(&mut self, id: Uuid) {
        self.before.get_or_insert(Before { id, verdict: None, case_ref: None });
    }
}

/// A message that had come before.
#[derive(Clone, Debug)]
pub(crate) struct Before {
    /// Its id.
    pub(crate) id: Uuid,
    /// What was done with it then; `None` for a replayed one that turned out to be another's twin.
    pub(crate) verdict: Option<Verdict>,
    /// The case that it was about.
    pub(crate) case_ref: Option<CaseRef>,
}

/// What is known of messages, in the order given.
pub(crate) async fn find_known(
    tx: &mut PgConnection,
    messages: &[Identity<'_>],
) -> Result<Vec<Known>, sqlx::Error> {
    let senders: Vec<&str> = messages.iter().map(|message| message.sender).collect();
    let control_ids: Vec<&str> = messages.iter().map(|message| message.control_id).collect();
    let digests: Vec<&[u8]> = messages.iter().map(|message| message.digest).collect();
    let rows = sqlx::query!(
        r#"select r.id as "id?", r.outcome as "outcome?", c.case_ref as "case_ref?",
                  t.control_id <> '' and exists (
                    select from raw_message o
                     where coalesce(o.sender, o.claimed, '') = t.sender
                       and coalesce(o.control_id, '') = t.control_id
                       and o.digest <> t.digest) as "other_body!"
             from unnest($1::text[], $2::text[], $3::bytea[])
                    with ordinality as t (sender, control_id, digest, place)
             left join raw_message r
               on coalesce(r.sender, r.claimed, '') = t.sender
              and coalesce(r.control_id, '') = t.control_id
              and r.digest = t.digest
             left join hospital_case c on c.case_id = r.case_id
            order by t.place"#,
        &senders as &[&str],
        &control_ids as &[&str],
        &digests as &[&[u8]],
    )
    .fetch_all(tx)
    .await?;
    let before = |id, outcome: Option<String>, case_ref: Option<String>| Before {
        id,
        verdict: outcome.as_deref().and_then(Verdict::named),
        case_ref: case_ref.and_then(|text| CaseRef::from_str(&text).ok()),
    };
    Ok(rows
        .into_iter()
        .map(|row| Known {
            before: row.id.map(|id| before(id, row.outcome, row.case_ref)),
            other_body: row.other_body,
        })
        .collect())
}

/// A message with what became of it.
pub(crate) struct Kept<'m> {
    pub(crate) inbound: &'m Inbound,
    pub(crate) id: Uuid,
    pub(crate) sender: Option<&'m str>,
    pub(crate) control_id: Option<&'m str>,
    pub(crate) digest: &'m [u8],
    pub(crate) verdict: &'static str,
    pub(crate) faults: Vec<Reason>,
    pub(crate) case: Option<CaseId>,
    pub(crate) flagged: bool,
}

/// Keeps messages; how many of them could be. Fewer than were given: another process took in the
/// same message at the same moment.
pub(crate) async fn insert(
    tx: &mut PgConnection,
    messages: &[Kept<'_>],
) -> Result<u64, sqlx::Error> {
    if messages.is_empty() {
        return Ok(0);
    }
    let mut rows = Columns::default();
    for message in messages {
        rows.push(message);
    }
    let claimed: Vec<Option<&str>> =
        messages.iter().map(|message| message.inbound.claimed.as_deref()).collect();
    let channels: Vec<&str> = messages.iter().map(|m| m.inbound.channel.as_str()).collect();
    let forms: Vec<&str> = messages.iter().map(|m| m.inbound.form.as_str()).collect();
    let control_ids: Vec<Option<&str>> = messages.iter().map(|m| m.control_id).collect();
    let digests: Vec<&[u8]> = messages.iter().map(|m| m.digest).collect();
    let bodies: Vec<&[u8]> = messages.iter().map(|m| m.inbound.body.as_ref()).collect();
    let inserted = sqlx::query!(
        "insert into raw_message
           (id, sender, claimed, channel, form, control_id, digest, body, outcome, faults, case_id,
            flagged)
         select t.*
           from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
                       $7::bytea[], $8::bytea[], $9::text[], $10::jsonb[], $11::uuid[],
                       $12::bool[]) as t
         on conflict do nothing",
        &rows.id,
        &rows.sender as &[Option<&str>],
        &claimed as &[Option<&str>],
        &channels as &[&str],
        &forms as &[&str],
        &control_ids as &[Option<&str>],
        &digests as &[&[u8]],
        &bodies as &[&[u8]],
        &rows.verdict as &[&str],
        &rows.faults as &[Json<&Vec<Reason>>],
        &rows.case as &[Option<Uuid>],
        &rows.flagged,
    )
    .execute(tx)
    .await?;
    Ok(inserted.rows_affected())
}

/// Notes what became of messages that had been kept and were looked at again.
pub(crate) async fn update(
    tx: &mut PgConnection,
    messages: &[Kept<'_>],
) -> Result<(), sqlx::Error> {
    if messages.is_empty() {
        return Ok(());
    }
    let mut rows = Columns::default();
    for message in messages {
        rows.push(message);
    }
    sqlx::query!(
        "update raw_message r
            set sender = t.sender, outcome = t.outcome, faults = t.faults, case_id = t.case_id
           from unnest($1::uuid[], $2::text[], $3::text[], $4::jsonb[], $5::uuid[])
                  as t (id, sender, outcome, faults, case_id)
          where r.id = t.id",
        &rows.id,
        &rows.sender as &[Option<&str>],
        &rows.verdict as &[&str],
        &rows.faults as &[Json<&Vec<Reason>>],
        &rows.case as &[Option<Uuid>],
    )
    .execute(tx)
    .await?;
    Ok(())
}

#[derive(Default)]
struct Columns<'m> {
    id: Vec<Uuid>,
    sender: Vec<Option<&'m str>>,
    verdict: Vec<&'static str>,
    faults: Vec<Json<&'m Vec<Reason>>>,
    case: Vec<Option<Uuid>>,
    flagged: Vec<bool>,
}

impl<'m> Columns<'m> {
    fn push(&mut self, message: &'m Kept<'m>) {
        self.id.push(message.id);
        self.sender.push(message.sender);
        self.verdict.push(message.verdict);
        self.faults.push(Json(&message.faults));
        self.case.push(message.case.map(Uuid::from));
        self.flagged.push(message.flagged);
    }
}

/// Locks a kept message that was not acted on, to handle it once more.
pub(crate) async fn lock_unused(
    tx: &mut PgConnection,
    id: Uuid,
    trace: Trace,
) -> Result<Option<Inbound>, sqlx::Error> {
    let row = sqlx::query!(
        "select channel, form, claimed, body, received_at from raw_message
          where id = $1 and outcome in ('refused', 'not_used') for update",
        id
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.and_then(|row| {
        Some(Inbound {
            id,
            channel: Channel::named(&row.channel)?,
            form: Form::named(&row.form)?,
            claimed: row.claimed,
            body: row.body.into(),
            received_at: row.received_at,
            trace,
        })
    }))
}

/// Notes that a kept message was the same as another one, which was acted on in its place.
pub(crate) async fn mark_duplicate(tx: &mut PgConnection, id: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query!("update raw_message set outcome = 'duplicate' where id = $1", id)
        .execute(tx)
        .await?;
    Ok(())
}

/// Messages that were refused, newest first.
pub(crate) async fn list_refused(
    tx: &mut PgConnection,
    limit: i64,
) -> Result<Vec<RefusedMessage>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select id, sender, received_at, faults as "faults: Json<Vec<Reason>>" from raw_message
            where outcome = 'refused' order by id desc limit $1"#,
        limit
    )
    .fetch_all(tx)
    .await?;
    let refused = |id, sender, received_at: DateTime<Utc>, faults: Vec<Reason>| RefusedMessage {
        id,
        sender,
        received_at,
        faults: faults.into_iter().map(|fault| fault.en).collect(),
    };
    Ok(rows
        .into_iter()
        .map(|row| refused(row.id, row.sender, row.received_at, row.faults.0))
        .collect())
}
