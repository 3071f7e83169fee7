//! Deliveries whose time has come, and those that are under way.

use std::collections::HashSet;

use chassis::Trace;
use chrono::{DateTime, Utc};
use contracts::commands::Language;
use contracts::{AlertId, CaseId, ContactPointId, EntryId, HsaId};
use sqlx::PgConnection;
use uuid::Uuid;

use super::alerts::Source;
use super::contacts::language;
use super::parsed;
use crate::domain::delivery::{Channel, Provider, State};
use crate::domain::email::EmailAddress;
use crate::domain::phone::PhoneNumber;

/// A delivery whose time has come.
#[derive(Debug)]
pub(crate) struct Due {
    pub(crate) id: Uuid,
    pub(crate) alert: AlertId,
    pub(crate) case: CaseId,
    pub(crate) cause: EntryId,
    pub(crate) source: Source,
    pub(crate) contact_point: ContactPointId,
    pub(crate) unit: HsaId,
    pub(crate) channel: Channel,
    pub(crate) provider: Provider,
    /// Attempts before this one.
    pub(crate) attempts: i32,
    pub(crate) repeat: bool,
    pub(crate) coming: Coming,
    pub(crate) acknowledged: bool,
    /// The contact point is still in use.
    pub(crate) in_use: bool,
    pub(crate) email: Option<EmailAddress>,
    pub(crate) phone: Option<PhoneNumber>,
    pub(crate) language: Language,
    pub(crate) trace: Trace,
    pub(crate) raised_at: DateTime<Utc>,
}

/// How a delivery comes to its recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coming {
    /// By itself.
    Alone,
    /// With whatever else is due to the recipient.
    InDigest,
}

/// Deliveries whose time has come.
#[derive(Debug, Default)]
pub(crate) struct LockedDue {
    pub(crate) due: Vec<Due>,
    /// Those that this release cannot read, with their alerts.
    pub(crate) unreadable: Vec<(Uuid, AlertId)>,
}

/// A delivery and its alert as they are read.
struct Row {
    delivery_id: Uuid,
    alert_id: Uuid,
    provider: String,
    attempts: i32,
    repeat: bool,
    case_id: Uuid,
    cause_id: Uuid,
    meeting_id: Option<Uuid>,
    contact_point_id: Uuid,
    unit_id: String,
    acknowledged: bool,
    trace: String,
    raised_at: DateTime<Utc>,
    email: Option<String>,
    phone: Option<String>,
    language: String,
    active: bool,
}

/// Locks deliveries whose time has come, and their alerts, passing over those that somebody holds
/// and those of whose alerts another delivery is under way. What is part of a digest is not among
/// them.
pub(crate) async fn lock_due(
    tx: &mut PgConnection,
    channel: Channel,
    limit: i64,
) -> Result<LockedDue, sqlx::Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"select d.delivery_id, d.alert_id, d.provider, d.attempts, d.repeat, a.case_id,
                a.cause_id, a.meeting_id, a.contact_point_id, a.unit_id, a.acknowledged, a.trace,
                a.raised_at, c.email, c.phone, c.language, c.active
           from delivery d
           join alert a using (alert_id)
           join contact_point c using (contact_point_id)
          where d.channel = $1 and d.state = 'queued' and d.next_attempt_at <= now()
            and d.digest_at is null
            and (select bool_or(o.state = 'attempting') from delivery o
                  where o.alert_id = d.alert_id) is not true
          order by d.next_attempt_at limit $2
          for update of d, a skip locked"#,
        channel.as_str(),
        limit
    )
    .fetch_all(tx)
    .await?;
    Ok(read(rows, channel, Coming::Alone))
}

/// Locks what comes as digests whose time has come, in the order of recipients: all that a recipient is
/// due, so that what belongs together goes together. So many recipients and so many deliveries at
/// most. Of a recipient's digests one process takes care at a time: until its transaction ends the
/// others pass over them, and so none takes half of what another is taking.
pub(crate) async fn lock_digests(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    recipients: i64,
    limit: i64,
) -> Result<LockedDue, sqlx::Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"with due as materialized (
             select a.contact_point_id, d.repeat
               from delivery d join alert a using (alert_id)
              where d.state = 'queued' and d.digest_at <= $1 and d.next_attempt_at <= now()
              group by 1, 2 order by min(d.next_attempt_at) limit $2),
           mine as materialized (
             select * from due
              where pg_try_advisory_xact_lock(hashtextextended(contact_point_id::text, 1)))
           select d.delivery_id, d.alert_id, d.provider, d.attempts, d.repeat, a.case_id,
                a.cause_id, a.meeting_id, a.contact_point_id, a.unit_id, a.acknowledged, a.trace,
                a.raised_at, c.email, c.phone, c.language, c.active
           from mine
           join delivery d on d.repeat = mine.repeat
           join alert a on a.alert_id = d.alert_id and a.contact_point_id = mine.contact_point_id
           join contact_point c on c.contact_point_id = a.contact_point_id
          where d.state = 'queued' and d.digest_at <= $1
            and (select bool_or(o.state = 'attempting') from delivery o
                  where o.alert_id = d.alert_id) is not true
          order by a.contact_point_id, d.repeat, a.raised_at, a.alert_id limit $3
          for update of d, a skip locked"#,
        now,
        recipients,
        limit
    )
    .fetch_all(tx)
    .await?;
    Ok(read(rows, Channel::Email, Coming::InDigest))
}

fn read(rows: Vec<Row>, channel: Channel, coming: Coming) -> LockedDue {
    let mut locked = LockedDue::default();
    for row in rows {
        let (unit, provider) = (parsed(&row.unit_id), Provider::named(&row.provider));
        let (Ok(unit), Some(provider)) = (unit, provider) else {
            locked.unreadable.push((row.delivery_id, AlertId(row.alert_id)));
            continue;
        };
        locked.due.push(Due {
            id: row.delivery_id,
            alert: AlertId(row.alert_id),
            case: CaseId(row.case_id),
            cause: EntryId(row.cause_id),
            source: row.meeting_id.map_or(Source::Ledger, |_| Source::Meetings),
            contact_point: ContactPointId(row.contact_point_id),
            unit,
            channel,
            provider,
            attempts: row.attempts,
            repeat: row.repeat,
            coming,
            acknowledged: row.acknowledged,
            in_use: row.active,
            email: row.email.and_then(|text| text.parse().ok()),
            phone: row.phone.and_then(|text| text.parse().ok()),
            language: language(&row.language),
            trace: Trace::continue_from(Some(&row.trace)),
            raised_at: row.raised_at,
        });
    }
    locked
}

/// Writes down that locked deliveries are about to be attempted, and through whom; those for which
/// that is so. Of one alert's deliveries one is attempted at a time, and this statement sees what
/// was committed since they were looked for.
pub(crate) async fn start(
    tx: &mut PgConnection,
    deliveries: &[(Uuid, Provider)],
    lease_seconds: f64,
) -> Result<HashSet<Uuid>, sqlx::Error> {
    let ids: Vec<Uuid> = deliveries.iter().map(|(id, _)| *id).collect();
    let providers: Vec<&str> = deliveries.iter().map(|(_, provider)| provider.as_str()).collect();
    let rows = sqlx::query_scalar!(
        "update delivery d
            set state = 'attempting', attempts = attempts + 1, provider = t.provider,
                lease_until = now() + $3 * interval '1 second'
           from unnest($1::uuid[], $2::text[]) as t (delivery_id, provider)
          where d.delivery_id = t.delivery_id
            and (select bool_or(o.state = 'attempting') from delivery o
                  where o.alert_id = d.alert_id) is not true
         returning d.delivery_id",
        &ids,
        &providers as &[&str],
        lease_seconds
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().collect())
}

/// Puts off locked deliveries that are not attempted now.
pub(crate) async fn put_off(
    tx: &mut PgConnection,
    ids: &[Uuid],
    seconds: f64,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update delivery set next_attempt_at = now() + $2 * interval '1 second'
          where delivery_id = any($1)",
        ids,
        seconds
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Ends deliveries of locked alerts that were not sent.
pub(crate) async fn end_unsent(
    tx: &mut PgConnection,
    ids: &[Uuid],
    state: State,
    reason: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update delivery set state = $2, reason = $3
          where delivery_id = any($1) and state = 'queued'",
        ids,
        state.as_str(),
        reason
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Attempts whose lease has run out: whoever made them died. `own` are alive. Alert, delivery,
/// attempts.
pub(crate) async fn expired(
    tx: &mut PgConnection,
    channel: Channel,
    own: &[Uuid],
) -> Result<Vec<(AlertId, Uuid, i32)>, sqlx::Error> {
    let rows = sqlx::query!(
        "select alert_id, delivery_id, attempts from delivery
          where channel = $1 and state = 'attempting' and lease_until < now()
            and delivery_id <> all($2) limit 16",
        channel.as_str(),
        own
    )
    .fetch_all(tx)
    .await?;
    let expired = rows.into_iter();
    Ok(expired.map(|row| (AlertId(row.alert_id), row.delivery_id, row.attempts)).collect())
}
