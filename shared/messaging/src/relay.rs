//! The relay: publishes what the outbox holds.
//!
//! One relay is active per service, by an advisory lock on a connection of its own. Two for a
//! moment do no harm: consumers go by version. The relay is woken after a commit, by the other
//! replicas over the broker, and looks by itself ten times a second, so a lost wake-up costs nothing.

use std::time::{Duration, Instant};

use anyhow::Context;
use async_nats::HeaderMap;
use async_nats::jetstream::context::PublishAckFuture;
use bytes::Bytes;
use chassis::Pulse;
use chrono::{DateTime, Utc};
use contracts::subjects::wake_of;
use contracts::{Event, EventId};
use futures::{FutureExt, StreamExt};
use serde_json::value::RawValue;
use sqlx::{Connection, Executor, PgConnection};
use tokio::sync::watch;
use uuid::Uuid;

use crate::bus::Bus;
use crate::dead_letters;
use crate::losses::{Place, inspect, start_over};

/// Changes published in one go.
const BATCH: i64 = 500;
/// How often the outbox is looked at unasked (real time).
const POLL: Duration = Duration::from_millis(100);
/// How long a replica stands by before it tries to get the lock (real time).
const STAND_BY: Duration = Duration::from_secs(1);
/// How often the stream is looked at (real time): the time in which a loss is noticed.
const INSPECT: Duration = Duration::from_secs(3);
/// How long a batch may be in hand before the process counts as hung (real time).
const HUNG: Duration = Duration::from_mins(2);
/// What headers may add to an event, in bytes.
const HEADER_ROOM: usize = 512;
/// The advisory lock's key, the same in every service's own database.
const LOCK: i64 = 0x6865_6d67_616e_6701;

struct Row {
    subject: String,
    aggregate: String,
    n: i64,
    epoch: i32,
    kind: String,
    data: String,
    event_id: Uuid,
    traceparent: Option<String>,
    written_at: DateTime<Utc>,
    /// Its places in the queue: one for each change that the snapshot holds.
    positions: Vec<i64>,
}

/// Runs until the process stops. Trouble is logged and tried again.
pub(crate) async fn run(bus: Bus) -> anyhow::Result<()> {
    let pulse = bus.tasks.pulse("relay", HUNG);
    while !bus.tasks.is_stopping() {
        pulse.beat();
        if let Err(error) = lead(&bus, &pulse).await {
            bus.readiness.down("relay", format!("{error:#}"));
            bus.tasks.pause(Duration::from_millis(500)).await;
        }
    }
    Ok(())
}

/// Takes the lock and relays until something goes wrong or the process stops.
async fn lead(bus: &Bus, pulse: &Pulse) -> anyhow::Result<()> {
    let mut lock = bus.pool.acquire().await.context("connect")?.detach();
    // A host that dies must not keep the lock: its session ends when it is no longer heard of. To
    // forget that something was published costs saying it again: no commit waits for the disk.
    lock.execute(
        "set idle_session_timeout = '15s'; set tcp_keepalives_idle = 5;
         set synchronous_commit = off",
    )
    .await?;
    let mut commits = bus.commits();
    while !try_lock(&mut lock).await? {
        pulse.beat();
        bus.readiness.up("relay");
        tokio::select! {
            () = pass_on(bus, &mut commits) => {}
            () = bus.tasks.pause(STAND_BY) => {}
        }
        if bus.tasks.is_stopping() {
            return Ok(());
        }
    }
    let mut woken = bus.client.subscribe(wake_of(bus.service)).await.context("subscribe")?;
    let mut inspected: Option<(Place, Instant)> = None;
    loop {
        pulse.beat();
        let mut place = match inspected {
            Some((place, at)) if at.elapsed() < INSPECT => place,
            _ => {
                // Fails when the connection, and the lock with it, is gone.
                let ping = tokio::time::timeout(INSPECT, lock.ping()).await;
                ping.context("hold the relay's lock")?.context("hold the relay's lock")?;
                let place = inspect(bus, pulse).await?;
                bus.readiness.up("relay");
                inspected = Some((place, Instant::now()));
                place
            }
        };
        let published = publish(bus, &mut lock, &mut place, pulse).await?;
        if let Some((held, _)) = &mut inspected {
            *held = place;
        }
        if bus.tasks.is_stopping() && published == 0 {
            return lock.close().await.context("release the relay's lock");
        }
        bus.gather(published).await;
        if published < usize::try_from(BATCH).unwrap_or(usize::MAX) {
            tokio::select! {
                _ = commits.changed() => {}
                Some(_) = woken.next() => {}
                () = tokio::time::sleep(POLL) => {}
            }
        }
        // One look answers all.
        while let Some(Some(_)) = woken.next().now_or_never() {}
    }
}

/// Tells the replica that has the lock of what is committed here.
async fn pass_on(bus: &Bus, commits: &mut watch::Receiver<()>) {
    while commits.changed().await.is_ok() {
        // While the broker is away whoever has the lock looks by itself.
        let _ = bus.client.publish(wake_of(bus.service), Bytes::new()).await;
    }
}

async fn try_lock(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(r#"select pg_try_advisory_lock($1) as "locked!""#, LOCK)
        .fetch_one(connection)
        .await
}

/// Publishes what waits, up to a batch; the number of changes published.
async fn publish(
    bus: &Bus,
    connection: &mut PgConnection,
    place: &mut Place,
    pulse: &Pulse,
) -> anyhow::Result<usize> {
    let rows = sqlx::query_as!(
        Row,
        r#"with next as (
             select subject, aggregate, array_agg(position) as positions
               from (select * from messaging.queue order by position limit $1) as q
              group by subject, aggregate)
           select o.subject, o.aggregate, o.n, (select epoch from messaging.self) as "epoch!",
                  o.kind, o.data, o.event_id, o.traceparent, o.written_at,
                  next.positions as "positions!"
             from next cross join lateral (
                    -- Row by row: a table that nobody has analyzed yet is not to be read whole.
                    select * from messaging.outbox o
                     where o.subject = next.subject and o.aggregate = next.aggregate limit 1) o"#,
        BATCH
    )
    .fetch_all(&mut *connection)
    .await
    .context("read the outbox")?;
    if rows.is_empty() {
        return Ok(0);
    }
    let mut sending: Vec<(Row, PublishAckFuture)> = Vec::with_capacity(rows.len());
    let largest = bus.client.server_info().max_payload;
    for row in rows {
        let message = envelope(bus, &row)?;
        if message.len() + HEADER_ROOM > largest {
            park(bus, &row, &message).await.context("set an event aside")?;
            continue;
        }
        let sent = bus.js.publish_with_headers(row.subject.clone(), headers(&row), message).await;
        sending.push((row, sent.context("publish")?));
    }
    let (before, mut sequence, mut fell_back) = (place.sequence, place.sequence, false);
    let mut sent = Vec::with_capacity(sending.len());
    for (row, acknowledgement) in sending {
        let acknowledgement =
            acknowledgement.await.context("await the broker's acknowledgement")?;
        // A new message below what was there before: the broker came back with an older store.
        fell_back |= !acknowledgement.duplicate && acknowledgement.sequence <= before;
        sequence = sequence.max(acknowledgement.sequence);
        sent.push(row);
    }
    if fell_back {
        metrics::counter!("hemgang_stream_losses_total").increment(1);
        tracing::warn!("the stream has fallen back to an earlier state");
        start_over(bus, place, pulse).await.context("say everything again")?;
        return Ok(sent.len());
    }
    place.sequence = sequence;
    metrics::counter!("hemgang_events_published_total").increment(sent.len() as u64);
    mark(bus, connection, &sent, *place).await.context("mark as published")
}

/// An event that the broker does not take must not hold up the others.
async fn park(bus: &Bus, row: &Row, message: &Bytes) -> Result<(), sqlx::Error> {
    tracing::error!(event.id = %row.event_id, bytes = message.len(), "too large to be published");
    metrics::counter!("hemgang_dead_letters_total", "part" => "relay").increment(1);
    let mut tx = bus.pool.begin().await?;
    let Row { event_id, subject, aggregate, positions, .. } = row;
    let event = dead_letters::Parked { event: *event_id, subject, aggregate, payload: message };
    dead_letters::park(&mut tx, bus.service, &event).await?;
    sqlx::query!("delete from messaging.queue where position = any($1)", positions)
        .execute(&mut *tx)
        .await?;
    tx.commit().await
}

/// Takes what was published out of the queue; how many changes that is. A change that was committed
/// meanwhile has a row of its own there, which stays.
async fn mark(
    bus: &Bus,
    connection: &mut PgConnection,
    sent: &[Row],
    place: Place,
) -> Result<usize, sqlx::Error> {
    let subjects: Vec<&str> = sent.iter().map(|row| row.subject.as_str()).collect();
    let aggregates: Vec<&str> = sent.iter().map(|row| row.aggregate.as_str()).collect();
    let positions: Vec<i64> = sent.iter().flat_map(|row| &row.positions).copied().collect();
    sqlx::query!(
        "with settled as (
           update messaging.dead_letter l set replayed_at = now()
             from unnest($4::text[], $5::text[]) as s (subject, aggregate)
            where l.stream = $1 and l.sequence = 0 and l.replayed_at is null
              and l.discarded_at is null
              and l.subject = s.subject and l.aggregate = s.aggregate),
         published as (
           update messaging.published set sequence = greatest(sequence, $3)
            where stream = $1 and incarnation = $2)
         delete from messaging.queue where position = any($6)",
        contracts::subjects::stream_of(bus.service),
        place.incarnation,
        i64::try_from(place.sequence).unwrap_or(i64::MAX),
        &subjects as &[&str],
        &aggregates as &[&str],
        &positions,
    )
    .execute(connection)
    .await?;
    Ok(positions.len())
}

fn envelope(bus: &Bus, row: &Row) -> anyhow::Result<Bytes> {
    let data: &RawValue = serde_json::from_str(&row.data).context("read a snapshot")?;
    let event = Event {
        specversion: "1.0".to_owned(),
        id: EventId(row.event_id),
        source: format!("/hemgang/{}", bus.service),
        kind: row.kind.clone(),
        subject: row.aggregate.clone(),
        time: row.written_at,
        datacontenttype: "application/json".to_owned(),
        epoch: row.epoch,
        version: row.n,
        traceparent: row.traceparent.clone(),
        data,
    };
    Ok(serde_json::to_vec(&event).context("write an event")?.into())
}

fn headers(row: &Row) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("Nats-Msg-Id", row.event_id.to_string());
    headers.insert("Content-Type", Event::<()>::CONTENT_TYPE);
    if let Some(trace) = &row.traceparent {
        headers.insert(chassis::Trace::HEADER, trace.as_str());
    }
    headers
}
