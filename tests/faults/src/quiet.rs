//! Waiting: until the system gets on again after a fault, until all ladders have come to their end,
//! and until nothing moves any more.

use std::time::{Duration, Instant};

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use contracts::commands::any;
use sqlx::{AssertSqlSafe, PgConnection};

use crate::fault::{To, What};
use crate::load::hospital::Hospital;
use crate::world::World;
use crate::world::services::SERVICES;

/// How long the system may take to get on again after a fault: a source may be waited for for a minute,
/// a message in a dead process' hand for ten seconds.
const RECOVERS: Duration = Duration::from_secs(90);
/// How long it may take until nothing moves any more.
const SETTLES: Duration = Duration::from_mins(3);
/// An attempt takes twenty seconds at the most: one that was begun earlier, and has no outcome, was
/// made by a process that has died.
const ATTEMPT: &str = "21 seconds";
/// Ladders that wait longer than this wait for the estimated discharge, not for a step.
const HORIZON: TimeDelta = TimeDelta::days(10);

/// Waits until an admission that was accepted just now has reached everybody, and nothing in between
/// is behind; how long that took.
pub(crate) async fn recovered(
    world: &mut World,
    hospital: &Hospital,
    after: What,
) -> anyhow::Result<Duration> {
    let (begun, accepted) = (Instant::now(), hospital.accepted());
    let newer = chassis::real_now();
    loop {
        let behind = behind(world, hospital, accepted, newer, after).await;
        match behind {
            Ok(None) => return Ok(begun.elapsed()),
            Ok(Some(_)) | Err(_) if begun.elapsed() < RECOVERS => {
                world.wait(Duration::from_millis(100)).await?;
            }
            Ok(Some(what)) => {
                let unready = world.services.unready().await;
                anyhow::bail!("not recovered after {RECOVERS:?}: {what}; {}", unready.join("; "))
            }
            Err(error) => return Err(error.context("not recovered")),
        }
    }
}

async fn behind(
    world: &World,
    hospital: &Hospital,
    accepted: usize,
    newer: DateTime<Utc>,
    after: What,
) -> anyhow::Result<Option<String>> {
    if hospital.accepted() <= accepted {
        return Ok(Some("no admission is accepted".to_owned()));
    }
    let mut database = world.servers.database("notifications").await?;
    let alerted: bool = sqlx::query_scalar(
        "select exists (select from delivery d join alert a using (alert_id)
           where a.raised_at > $1 and d.state in ('accepted', 'delivered', 'unknown'))
           or not exists (select from delivery where state = 'queued' and attempts = 0)",
    )
    .bind(newer)
    .fetch_one(&mut database)
    .await?;
    let mut database = world.servers.database("deadlines").await?;
    let newest: bool = sqlx::query_scalar(
        "select exists (select from witness.ledger where at > $1) or not exists (
           select from ledger where next_at < $2)",
    )
    .bind(newer)
    .bind(world.clock.now() - TimeDelta::hours(12))
    .fetch_one(&mut database)
    .await?;
    Ok(match (newest, alerted) {
        (false, _) => Some("no ledger changes".to_owned()),
        // A provider that was out of order is left alone for half a minute.
        (_, false) if !matches!(after, What::Provider(..) | What::Link(_, To::Smtp | To::Sms)) => {
            Some("nothing is sent".to_owned())
        }
        _ => None,
    })
}

/// Lets domain time run fast until no ladder has a step left.
pub(crate) async fn wound_down(world: &mut World) -> anyhow::Result<()> {
    let begun = Instant::now();
    loop {
        let mut database = world.servers.database("deadlines").await?;
        let next: Option<DateTime<Utc>> =
            sqlx::query_scalar("select min(next_at) from ledger where next_at is not null")
                .fetch_one(&mut database)
                .await?;
        let now = world.clock.now();
        if next.is_none_or(|next| next > now + HORIZON) {
            world.clock.set(now, 0.0)?;
            return Ok(());
        }
        anyhow::ensure!(
            begun.elapsed() < SETTLES,
            "steps are due and not taken: the next one since {next:?}, and it is {now}"
        );
        world.wait(Duration::from_millis(200)).await?;
    }
}

/// Waits until nothing moves: nothing unpublished, unhandled, under way or to be sent. Waits that follow
/// real time (leases of dead processes, pauses before the next try) are brought forward in the
/// database, unless `patient`.
pub(crate) async fn settled(world: &mut World, patient: bool) -> anyhow::Result<()> {
    let begun = Instant::now();
    let patience = if patient { SETTLES * 20 } else { SETTLES };
    let mut quiet_looks = 0;
    loop {
        if !patient {
            let _ = hurry(world).await;
        }
        match moving(world).await {
            Ok(None) => {
                quiet_looks += 1;
                if quiet_looks > 2 {
                    return Ok(());
                }
            }
            Ok(Some(what)) => {
                quiet_looks = 0;
                anyhow::ensure!(begun.elapsed() < patience, "not quiet after {patience:?}: {what}");
            }
            Err(error) => {
                quiet_looks = 0;
                anyhow::ensure!(begun.elapsed() < patience, "not quiet: {error:#}");
            }
        }
        world.wait(Duration::from_millis(300)).await?;
    }
}

async fn hurry(world: &World) -> anyhow::Result<()> {
    let mut database = world.servers.database("notifications").await?;
    let leases = format!(
        "update delivery d set lease_until = now()
          where d.state = 'attempting' and lease_until > now() and not exists (
            select from witness.delivery w where w.delivery_id = d.delivery_id
               and w.at > clock_timestamp() - interval '{ATTEMPT}')"
    );
    sqlx::query(AssertSqlSafe(leases)).execute(&mut database).await?;
    sqlx::query("update delivery set next_attempt_at = now() where state = 'queued' and next_attempt_at > now()")
        .execute(&mut database)
        .await?;
    Ok(())
}

/// What moves, if anything does.
async fn moving(world: &World) -> anyhow::Result<Option<String>> {
    let unready = world.services.unready().await;
    if !unready.is_empty() {
        return Ok(Some(unready.join("; ")));
    }
    for service in SERVICES {
        let status: any::Status = world
            .caller
            .ask_any(service, any::STATUS, &())
            .await
            .with_context(|| format!("ask {service} how it stands"))?;
        let waiting: u64 = status.consumers.iter().map(|one| one.pending + one.in_hand).sum();
        if status.unpublished > 0 || waiting > 0 {
            return Ok(Some(format!(
                "{service}: {} unpublished, {waiting} unhandled",
                status.unpublished
            )));
        }
    }
    let mut database = world.servers.database("deadlines").await?;
    let due = "select count(*) from ledger where next_at <= $1";
    let due: i64 = sqlx::query_scalar(due).bind(world.clock.now()).fetch_one(&mut database).await?;
    let mut database = world.servers.database("notifications").await?;
    let under_way = count(
        &mut database,
        "select count(*) from delivery where state in ('queued', 'attempting')",
    )
    .await?;
    Ok((due + under_way > 0)
        .then(|| format!("{due} ledgers due, {under_way} deliveries under way")))
}

async fn count(database: &mut PgConnection, sql: &'static str) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(sql).fetch_one(database).await
}
