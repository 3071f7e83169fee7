//! Deliveries. Times are real time, by the database's clock, so that replicas agree; only the time of a
//! digest is domain time.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use contracts::AlertId;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::delivery::{Channel, Channels, Provider, State};

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
    /// From then on, in domain time, it may go as part of a digest, and not before.
    pub(crate) digest_at: Option<DateTime<Utc>>,
}

/// Queues deliveries of locked alerts.
pub(crate) async fn insert(tx: &mut PgConnection, new: &[New]) -> Result<u64, sqlx::Error> {
    if new.is_empty() {
        return Ok(0);
    }
    let ids: Vec<Uuid> = new.iter().map(|one| one.id).collect();
    let alerts: Vec<Uuid> = new.iter().map(|one| one.alert.0).collect();
    let channels: Vec<&str> = new.iter().map(|one| one.channel.as_str()).collect();
    let providers: Vec<&str> = new.iter().map(|one| one.provider.as_str()).collect();
    let repeats: Vec<bool> = new.iter().map(|one| one.repeat).collect();
    let waits: Vec<f64> = new.iter().map(|one| one.wait).collect();
    let digests: Vec<Option<DateTime<Utc>>> = new.iter().map(|one| one.digest_at).collect();
    let inserted = sqlx::query!(
        "insert into delivery
           (delivery_id, alert_id, channel, provider, repeat, state, next_attempt_at, digest_at)
         select delivery_id, alert_id, channel, provider, repeat, 'queued',
                now() + wait * interval '1 second', digest_at
           from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::bool[], $6::float8[],
                       $7::timestamptz[])
                  as t (delivery_id, alert_id, channel, provider, repeat, wait, digest_at)
         on conflict (alert_id, channel, repeat) do nothing",
        &ids,
        &alerts,
        &channels as &[&str],
        &providers as &[&str],
        &repeats,
        &waits,
        &digests as &[Option<DateTime<Utc>>]
    )
    .execute(tx)
    .await?;
    Ok(inserted.rows_affected())
}

/// Those of some alerts that have been sent, or were to be.
pub(crate) async fn tried(
    tx: &mut PgConnection,
    alerts: &[Uuid],
) -> Result<HashSet<AlertId>, sqlx::Error> {
    let rows = sqlx::query_scalar!(
        "select distinct alert_id from delivery where alert_id = any($1)",
        alerts
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(AlertId).collect())
}

/// Withdraws what is queued of locked alerts.
pub(crate) async fn withdraw(
    tx: &mut PgConnection,
    alerts: &[Uuid],
    reason: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update delivery set state = 'withdrawn', reason = $2
          where alert_id = any($1) and state = 'queued'",
        alerts,
        reason
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Queues what was withdrawn of locked alerts because it was no longer true; which alerts.
pub(crate) async fn queue_again(
    tx: &mut PgConnection,
    alerts: &[Uuid],
) -> Result<HashSet<AlertId>, sqlx::Error> {
    let rows = sqlx::query_scalar!(
        "update delivery set state = 'queued', reason = null, next_attempt_at = now()
          where alert_id = any($1) and state = 'withdrawn' and reason = 'no_longer_true'
         returning alert_id",
        alerts
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(AlertId).collect())
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
    pub(crate) digest_at: Option<DateTime<Utc>>,
}

/// Alerts under lock: the ways to their recipients, and all their deliveries.
#[derive(Debug)]
pub(crate) struct Locked {
    pub(crate) recipients: HashMap<AlertId, Ways>,
    pub(crate) deliveries: Vec<Standing>,
}

/// The ways to a recipient.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ways {
    /// Those that are not known to be bad.
    pub(crate) channels: Channels,
    bad: Channels,
}

impl Ways {
    pub(crate) const fn is_bad(self, channel: Channel) -> bool {
        match channel {
            Channel::Email => self.bad.email,
            Channel::Sms => self.bad.sms,
        }
    }
}

impl Locked {
    pub(crate) fn has_queued(&self, alert: AlertId) -> bool {
        self.deliveries.iter().any(|one| one.alert == alert && one.state == State::Queued)
    }
}

/// Locks alerts in id order and reads what is known of their sending.
pub(crate) async fn lock(tx: &mut PgConnection, alerts: &[Uuid]) -> Result<Locked, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select a.alert_id, c.email is not null and not c.email_bad as "email!",
                  c.phone is not null and not c.phone_bad as "phone!", c.email_bad, c.phone_bad
             from alert a join contact_point c using (contact_point_id)
            where a.alert_id = any($1) order by a.alert_id for update of a"#,
        alerts
    )
    .fetch_all(&mut *tx)
    .await?;
    let recipients = rows.into_iter().map(|row| {
        let channels = Channels { email: row.email, sms: row.phone };
        let bad = Channels { email: row.email_bad, sms: row.phone_bad };
        (AlertId(row.alert_id), Ways { channels, bad })
    });
    let recipients = recipients.collect();
    let rows = sqlx::query!(
        "select delivery_id, alert_id, channel, provider, repeat, state, attempts, digest_at
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
            digest_at: row.digest_at,
        })
    });
    let deliveries = deliveries.collect();
    Ok(Locked { recipients, deliveries })
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

/// The alerts of deliveries.
pub(crate) async fn alerts_of(
    tx: &mut PgConnection,
    deliveries: &[Uuid],
) -> Result<HashMap<Uuid, AlertId>, sqlx::Error> {
    let rows = sqlx::query!(
        "select delivery_id, alert_id from delivery where delivery_id = any($1)",
        deliveries
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.delivery_id, AlertId(row.alert_id))).collect())
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
