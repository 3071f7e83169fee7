//! Deliveries. Every time here is real time, by the database's clock, so that replicas agree.

use std::collections::{HashMap, HashSet};

use chassis::Trace;
use chrono::{DateTime, Utc};
use contracts::commands::Language;
use contracts::{AlertId, CaseId, EntryId, HsaId};
use sqlx::PgConnection;
use uuid::Uuid;

use super::contacts::language;
use super::{named, parsed};
use crate::domain::delivery::{Channel, Channels, Provider, State};
use crate::domain::email::EmailAddress;
use crate::domain::phone::PhoneNumber;

/// A delivery to be made.
#[derive(Debug)]
pub(crate) struct New {
    pub(crate) id: Uuid,
    pub(crate) alert: AlertId,
    pub(crate) channel: Channel,
    pub(crate) provider: Provider,
    pub(crate) repeat: bool,
    /// Seconds of real time.
    pub(crate) wait: f64,
}

/// Queues deliveries of locked alerts.
pub(crate) async fn insert(tx: &mut PgConnection, new: &[New]) -> Result<(), sqlx::Error> {
    if new.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = new.iter().map(|one| one.id).collect();
    let alerts: Vec<Uuid> = new.iter().map(|one| one.alert.0).collect();
    let channels: Vec<&str> = new.iter().map(|one| one.channel.as_str()).collect();
    let providers: Vec<&str> = new.iter().map(|one| one.provider.as_str()).collect();
    let repeats: Vec<bool> = new.iter().map(|one| one.repeat).collect();
    let waits: Vec<f64> = new.iter().map(|one| one.wait).collect();
    sqlx::query!(
        "insert into delivery
           (delivery_id, alert_id, channel, provider, repeat, state, next_attempt_at)
         select delivery_id, alert_id, channel, provider, repeat, 'queued',
                now() + wait * interval '1 second'
           from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::bool[], $6::float8[])
                  as t (delivery_id, alert_id, channel, provider, repeat, wait)
         on conflict (alert_id, channel, repeat) do nothing",
        &ids,
        &alerts,
        &channels as &[&str],
        &providers as &[&str],
        &repeats,
        &waits
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// A delivery whose time has come.
#[derive(Debug)]
pub(crate) struct Due {
    pub(crate) id: Uuid,
    pub(crate) alert: AlertId,
    pub(crate) case: CaseId,
    pub(crate) cause: EntryId,
    pub(crate) unit: HsaId,
    pub(crate) channel: Channel,
    pub(crate) provider: Provider,
    /// Attempts before this one.
    pub(crate) attempts: i32,
    pub(crate) repeat: bool,
    pub(crate) acknowledged: bool,
    /// The contact point is still in use.
    pub(crate) in_use: bool,
    pub(crate) email: Option<EmailAddress>,
    pub(crate) phone: Option<PhoneNumber>,
    pub(crate) language: Language,
    pub(crate) trace: Trace,
    pub(crate) raised_at: DateTime<Utc>,
    /// It was raised a day ago or earlier.
    pub(crate) day_old: bool,
}

/// Deliveries whose time has come.
#[derive(Debug, Default)]
pub(crate) struct LockedDue {
    pub(crate) due: Vec<Due>,
    /// Those that this release cannot read, with their alerts.
    pub(crate) unreadable: Vec<(Uuid, AlertId)>,
}

/// Locks deliveries whose time has come, and their alerts, passing over those that somebody holds
/// and those of whose alerts another delivery is under way.
pub(crate) async fn lock_due(
    tx: &mut PgConnection,
    channel: Channel,
    limit: i64,
) -> Result<LockedDue, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select d.delivery_id, d.alert_id, d.provider, d.attempts, d.repeat, a.case_id,
                a.cause_id, a.unit_id, a.acknowledged, a.trace, a.raised_at, c.email, c.phone,
                c.language, c.active, a.raised_at < now() - interval '1 day' as "day_old!"
           from delivery d
           join alert a using (alert_id)
           join contact_point c using (contact_point_id)
          where d.channel = $1 and d.state = 'queued' and d.next_attempt_at <= now()
            and not exists (select from delivery o
                             where o.alert_id = d.alert_id and o.state = 'attempting')
          order by d.next_attempt_at limit $2
          for update of d, a skip locked"#,
        channel.as_str(),
        limit
    )
    .fetch_all(tx)
    .await?;
    let mut locked = LockedDue::default();
    for row in rows {
        let (unit, provider) = (parsed(&row.unit_id), named(&row.provider, Provider::named));
        let (Ok(unit), Ok(provider)) = (unit, provider) else {
            locked.unreadable.push((row.delivery_id, AlertId(row.alert_id)));
            continue;
        };
        locked.due.push(Due {
            id: row.delivery_id,
            alert: AlertId(row.alert_id),
            case: CaseId(row.case_id),
            cause: EntryId(row.cause_id),
            unit,
            channel,
            provider,
            attempts: row.attempts,
            repeat: row.repeat,
            acknowledged: row.acknowledged,
            in_use: row.active,
            email: row.email.and_then(|text| text.parse().ok()),
            phone: row.phone.and_then(|text| text.parse().ok()),
            language: language(&row.language),
            trace: Trace::continue_from(Some(&row.trace)),
            raised_at: row.raised_at,
            day_old: row.day_old,
        });
    }
    Ok(locked)
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
            and not exists (select from delivery o
                             where o.alert_id = d.alert_id and o.state = 'attempting')
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

/// Withdraws what is queued of locked alerts; `only_repeats`: only second copies.
pub(crate) async fn withdraw(
    tx: &mut PgConnection,
    alerts: &[Uuid],
    only_repeats: bool,
    reason: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update delivery set state = 'withdrawn', reason = $3
          where alert_id = any($1) and state = 'queued' and (repeat or not $2)",
        alerts,
        only_repeats,
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
    limit: i64,
) -> Result<Vec<(AlertId, Uuid, i32)>, sqlx::Error> {
    let rows = sqlx::query!(
        "select alert_id, delivery_id, attempts from delivery
          where channel = $1 and state = 'attempting' and lease_until < now()
            and delivery_id <> all($2) limit $3",
        channel.as_str(),
        own,
        limit
    )
    .fetch_all(tx)
    .await?;
    let expired = rows.into_iter();
    Ok(expired.map(|row| (AlertId(row.alert_id), row.delivery_id, row.attempts)).collect())
}

/// A delivery as it stands.
#[derive(Debug)]
pub(crate) struct Standing {
    pub(crate) id: Uuid,
    pub(crate) alert: AlertId,
    pub(crate) channel: Channel,
    pub(crate) provider: Provider,
    pub(crate) repeat: bool,
    pub(crate) state: State,
    pub(crate) attempts: i32,
}

/// Alerts under lock: the ways to their recipients, and all their deliveries.
#[derive(Debug)]
pub(crate) struct Locked {
    pub(crate) addresses: HashMap<AlertId, Channels>,
    pub(crate) deliveries: Vec<Standing>,
}

/// Locks alerts in id order and reads what is known of their sending.
pub(crate) async fn lock(tx: &mut PgConnection, alerts: &[Uuid]) -> Result<Locked, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select a.alert_id, c.email is not null and not c.email_bad as "email!",
                  c.phone is not null and not c.phone_bad as "phone!"
             from alert a join contact_point c using (contact_point_id)
            where a.alert_id = any($1) order by a.alert_id for update of a"#,
        alerts
    )
    .fetch_all(&mut *tx)
    .await?;
    let addresses = rows.into_iter().map(|row| {
        let channels = Channels { email: row.email, sms: row.phone };
        (AlertId(row.alert_id), channels)
    });
    let addresses = addresses.collect();
    let rows = sqlx::query!(
        "select delivery_id, alert_id, channel, provider, repeat, state, attempts
           from delivery where alert_id = any($1)",
        alerts
    )
    .fetch_all(tx)
    .await?;
    // What this release cannot read is not its to change.
    let deliveries = rows.into_iter().filter_map(|row| {
        Some(Standing {
            id: row.delivery_id,
            alert: AlertId(row.alert_id),
            channel: Channel::named(&row.channel)?,
            provider: Provider::named(&row.provider)?,
            repeat: row.repeat,
            state: State::named(&row.state)?,
            attempts: row.attempts,
        })
    });
    let deliveries = deliveries.collect();
    Ok(Locked { addresses, deliveries })
}

/// Queues once more, now, what was refused of locked alerts. Where a message may have gone out,
/// only what says so: its repeat. The alerts of which something is queued.
pub(crate) async fn requeue(
    tx: &mut PgConnection,
    alerts: &[Uuid],
) -> Result<HashSet<AlertId>, sqlx::Error> {
    let rows = sqlx::query_scalar!(
        "update delivery d set state = 'queued', next_attempt_at = now()
          where d.alert_id = any($1) and d.state in ('failed', 'unknown')
            and (d.repeat or not exists (
                   select from delivery o where o.alert_id = d.alert_id
                      and (o.state = 'unknown' or o.reason = 'reported_failed')))
         returning d.alert_id",
        alerts
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(AlertId).collect())
}

/// The alert of a delivery.
pub(crate) async fn alert_of(
    tx: &mut PgConnection,
    delivery: Uuid,
) -> Result<Option<AlertId>, sqlx::Error> {
    let found =
        sqlx::query_scalar!("select alert_id from delivery where delivery_id = $1", delivery)
            .fetch_optional(tx)
            .await?;
    Ok(found.map(AlertId))
}

/// What has become of a delivery.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) id: Uuid,
    pub(crate) state: State,
    pub(crate) provider: Provider,
    /// Seconds of real time until the next attempt, when it is queued.
    pub(crate) wait: f64,
    pub(crate) provider_id: Option<String>,
    pub(crate) parts: Option<i32>,
    pub(crate) reason: Option<&'static str>,
}

/// Writes down what has become of deliveries of locked alerts.
pub(crate) async fn save(tx: &mut PgConnection, changes: &[Change]) -> Result<(), sqlx::Error> {
    let ids: Vec<Uuid> = changes.iter().map(|one| one.id).collect();
    let states: Vec<&str> = changes.iter().map(|one| one.state.as_str()).collect();
    let providers: Vec<&str> = changes.iter().map(|one| one.provider.as_str()).collect();
    let waits: Vec<f64> = changes.iter().map(|one| one.wait).collect();
    let theirs: Vec<Option<&str>> = changes.iter().map(|one| one.provider_id.as_deref()).collect();
    let parts: Vec<Option<i32>> = changes.iter().map(|one| one.parts).collect();
    let reasons: Vec<Option<&str>> = changes.iter().map(|one| one.reason).collect();
    sqlx::query!(
        "update delivery d
            set state = t.state, provider = t.provider,
                next_attempt_at = now() + t.wait * interval '1 second', lease_until = null,
                provider_id = coalesce(t.provider_id, d.provider_id),
                parts = coalesce(t.parts, d.parts), reason = coalesce(t.reason, d.reason)
           from unnest($1::uuid[], $2::text[], $3::text[], $4::float8[], $5::text[], $6::int[],
                       $7::text[])
                  as t (delivery_id, state, provider, wait, provider_id, parts, reason)
          where d.delivery_id = t.delivery_id",
        &ids,
        &states as &[&str],
        &providers as &[&str],
        &waits,
        &theirs as &[Option<&str>],
        &parts as &[Option<i32>],
        &reasons as &[Option<&str>]
    )
    .execute(tx)
    .await?;
    Ok(())
}
