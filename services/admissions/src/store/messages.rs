//! Messages as they came.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use contracts::{CaseId, CaseRef};
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use super::cases::Key;
use crate::inbound::{Form, Inbound};
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
        if self.before.as_ref().is_none_or(|before| before.id == id) {
            self.before = Some(Before { id, verdict: None, case_ref: None, flagged: false });
        }
    }
}

/// A message that had come before.
#[derive(Clone, Debug)]
pub(crate) struct Before {
    /// Its id.
    pub(crate) id: Uuid,
    /// What was done with it then; `None` for one that is to be handled whatever that was.
    pub(crate) verdict: Option<Verdict>,
    /// The case that it was about.
    pub(crate) case_ref: Option<CaseRef>,
    /// The sender had used its id for another body.
    pub(crate) flagged: bool,
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
                  r.flagged as "flagged?",
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
    let before = |id, outcome: Option<String>, case_ref: Option<String>, flagged| Before {
        id,
        verdict: outcome.as_deref().and_then(Verdict::named),
        case_ref: case_ref.and_then(|text| CaseRef::from_str(&text).ok()),
        flagged,
    };
    Ok(rows
        .into_iter()
        .map(|row| Known {
            before: row
                .id
                .map(|id| before(id, row.outcome, row.case_ref, row.flagged.unwrap_or_default())),
            other_body: row.other_body,
        })
        .collect())
}

/// A message with what became of it.
pub(crate) struct Kept<'m> {
    pub(crate) inbound: &'m Inbound,
    pub(crate) id: Uuid,
    /// What is kept of it, which may be its beginning.
    pub(crate) form: Form,
    pub(crate) body: &'m [u8],
    pub(crate) sender: Option<&'m str>,
    pub(crate) control_id: Option<&'m str>,
    pub(crate) digest: &'m [u8],
    pub(crate) verdict: &'static str,
    pub(crate) faults: Vec<Reason>,
    pub(crate) case: Option<CaseId>,
    /// The stay without which it cannot be used.
    pub(crate) waits_for: Option<&'m Key>,
    /// The id of a receipt that is to be published for it.
    pub(crate) receipt_due: Option<Uuid>,
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
    let control_ids: Vec<Option<&str>> = messages.iter().map(|m| m.control_id).collect();
    let digests: Vec<&[u8]> = messages.iter().map(|m| m.digest).collect();
    let peers: Vec<Option<String>> =
        messages.iter().map(|m| m.inbound.peer.map(|peer| peer.to_string())).collect();
    let received_at: Vec<DateTime<Utc>> =
        messages.iter().map(|message| message.inbound.received_at).collect();
    let inserted = sqlx::query!(
        "insert into raw_message
           (id, sender, claimed, channel, form, control_id, digest, body, outcome, faults, case_id,
            flagged, hospital, case_key, message_id, peer, received_at)
         select t.*
           from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
                       $7::bytea[], $8::bytea[], $9::text[], $10::jsonb[], $11::uuid[],
                       $12::bool[], $13::text[], $14::bytea[], $15::text[], $16::text[],
                       $17::timestamptz[]) as t
         on conflict do nothing",
        &rows.id,
        &rows.sender as &[Option<&str>],
        &claimed as &[Option<&str>],
        &channels as &[&str],
        &rows.form as &[&str],
        &control_ids as &[Option<&str>],
        &digests as &[&[u8]],
        &rows.body as &[&[u8]],
        &rows.verdict as &[&str],
        &rows.faults as &[Json<&Vec<Reason>>],
        &rows.case as &[Option<Uuid>],
        &rows.flagged,
        &rows.hospital as &[Option<&str>],
        &rows.case_key as &[Option<&[u8]>],
        &rows.message_id as &[Option<&str>],
        &peers as &[Option<String>],
        &received_at,
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
            set sender = t.sender, outcome = t.outcome, faults = t.faults, case_id = t.case_id,
                hospital = t.hospital, case_key = t.case_key,
                message_id = coalesce(t.message_id, r.message_id),
                receipt_due = coalesce(t.receipt_due, r.receipt_due),
                form = t.form, body = case when r.form = t.form then r.body else t.body end
           from unnest($1::uuid[], $2::text[], $3::text[], $4::jsonb[], $5::uuid[], $6::text[],
                       $7::bytea[], $8::text[], $9::uuid[], $10::text[], $11::bytea[])
                  as t (id, sender, outcome, faults, case_id, hospital, case_key, message_id,
                        receipt_due, form, body)
          where r.id = t.id",
        &rows.id,
        &rows.sender as &[Option<&str>],
        &rows.verdict as &[&str],
        &rows.faults as &[Json<&Vec<Reason>>],
        &rows.case as &[Option<Uuid>],
        &rows.hospital as &[Option<&str>],
        &rows.case_key as &[Option<&[u8]>],
        &rows.message_id as &[Option<&str>],
        &rows.receipt_due as &[Option<Uuid>],
        &rows.form as &[&str],
        &rows.body as &[&[u8]],
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
    form: Vec<&'static str>,
    body: Vec<&'m [u8]>,
    hospital: Vec<Option<&'m str>>,
    case_key: Vec<Option<&'m [u8]>>,
    message_id: Vec<Option<&'m str>>,
    receipt_due: Vec<Option<Uuid>>,
}

impl<'m> Columns<'m> {
    fn push(&mut self, message: &'m Kept<'m>) {
        self.id.push(message.id);
        self.sender.push(message.sender);
        self.verdict.push(message.verdict);
        self.faults.push(Json(&message.faults));
        self.case.push(message.case.map(Uuid::from));
        self.flagged.push(message.flagged);
        self.form.push(message.form.as_str());
        self.body.push(message.body);
        self.hospital.push(message.waits_for.map(|(hospital, _)| hospital.as_str()));
        self.case_key.push(message.waits_for.map(|(_, digest)| digest.as_slice()));
        self.message_id.push(message.inbound.message_id.as_deref());
        self.receipt_due.push(message.receipt_due);
    }
}
