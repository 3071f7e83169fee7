//! The outbox: what a transaction has to say goes into its database with it.
//!
//! One row per aggregate holds the newest snapshot. Two changes before the relay comes round make
//! one event, which loses nothing because a snapshot holds its history; and "say everything again"
//! needs no business code, because everything is here. What waits to be published is in a queue
//! beside it, a narrow row for each change.

use chrono::{DateTime, Utc};
use contracts::{Aggregate, EventId};
use sqlx::PgConnection;
use uuid::Uuid;

use chassis::Trace;

/// A snapshot to be published.
#[derive(Clone, Debug)]
pub struct Outgoing {
    subject: &'static str,
    aggregate: String,
    kind: &'static str,
    data: String,
    live: bool,
    event_id: EventId,
    trace: Trace,
}

/// A snapshot that does not serialize; a mistake in its type.
#[derive(Debug, thiserror::Error)]
#[error("serialize a snapshot for {subject}")]
pub struct SerializeError {
    subject: &'static str,
    source: serde_json::Error,
}

impl Outgoing {
    /// A snapshot; `kind` says what happened last, in the past tense. `live` ones are said again
    /// whenever something was lost; others for 30 days after their last change.
    pub fn new<A: Aggregate>(
        snapshot: &A,
        kind: &'static str,
        live: bool,
        trace: Trace,
    ) -> Result<Self, SerializeError> {
        let data = serde_json::to_string(snapshot)
            .map_err(|source| SerializeError { subject: A::SUBJECT, source })?;
        Ok(Self::written(snapshot, data, kind, live, trace))
    }

    /// The same of a snapshot that is written out already, as `data`.
    pub fn written<A: Aggregate>(
        snapshot: &A,
        data: String,
        kind: &'static str,
        live: bool,
        trace: Trace,
    ) -> Self {
        let event_id = EventId(chassis::new_id());
        let aggregate = snapshot.key();
        Self { subject: A::SUBJECT, aggregate, kind, data, live, event_id, trace }
    }
}

/// Writes snapshots within the caller's transaction. The caller holds the lock on each aggregate,
/// so that versions follow the order of commits. Of several snapshots of an aggregate the last counts.
pub async fn put(
    tx: &mut PgConnection,
    mut snapshots: Vec<Outgoing>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    if snapshots.is_empty() {
        return Ok(());
    }
    // Everybody takes row locks in the same order, so that nobody waits in a circle.
    snapshots.reverse();
    snapshots.sort_by(|a, b| (a.subject, &a.aggregate).cmp(&(b.subject, &b.aggregate)));
    snapshots.dedup_by(|a, b| (a.subject, &a.aggregate) == (b.subject, &b.aggregate));
    let mut columns = Columns::default();
    for snapshot in snapshots {
        columns.push(snapshot);
    }
    sqlx::query!(
        "with said as (
           insert into messaging.outbox as o
             (subject, aggregate, n, kind, data, live, event_id, traceparent, written_at)
           select subject, aggregate, 1, kind, data, live, event_id, traceparent, $8
             from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bool[],
                         $6::uuid[], $7::text[])
                    as t (subject, aggregate, kind, data, live, event_id, traceparent)
           on conflict (subject, aggregate) do update
             set n = o.n + 1, kind = excluded.kind, data = excluded.data, live = excluded.live,
                 event_id = excluded.event_id, traceparent = excluded.traceparent,
                 written_at = excluded.written_at, changed_at = now()
           returning o.subject, o.aggregate)
         insert into messaging.queue (subject, aggregate) select subject, aggregate from said",
        &columns.subject as &[&str],
        &columns.aggregate,
        &columns.kind as &[&str],
        &columns.data,
        &columns.live,
        &columns.event_id,
        &columns.trace,
        now,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Says of aggregates whether they are live, where that has changed without a change of their own:
/// a case has ended, say. From then on they are said again for 30 days.
pub async fn set_live(
    tx: &mut PgConnection,
    subject: &'static str,
    aggregates: &[(String, bool)],
) -> Result<(), sqlx::Error> {
    let keys: Vec<&str> = aggregates.iter().map(|(key, _)| key.as_str()).collect();
    let live: Vec<bool> = aggregates.iter().map(|(_, live)| *live).collect();
    sqlx::query!(
        "with changed as (
           select o.subject, o.aggregate, t.live
             from (select * from unnest($2::text[], $3::bool[]) as t (aggregate, live)
                    order by aggregate) as t
            cross join lateral (
                    -- Row by row, as the relay reads them.
                    select * from messaging.outbox o
                     where o.subject = $1 and o.aggregate = t.aggregate and o.live <> t.live
                     limit 1 for update) as o)
         update messaging.outbox o set live = changed.live, changed_at = now()
           from changed where o.subject = changed.subject and o.aggregate = changed.aggregate",
        subject,
        &keys as &[&str],
        &live
    )
    .execute(tx)
    .await?;
    Ok(())
}

#[derive(Default)]
struct Columns {
    subject: Vec<&'static str>,
    aggregate: Vec<String>,
    kind: Vec<&'static str>,
    data: Vec<String>,
    live: Vec<bool>,
    event_id: Vec<Uuid>,
    trace: Vec<String>,
}

impl Columns {
    fn push(&mut self, snapshot: Outgoing) {
        self.subject.push(snapshot.subject);
        self.aggregate.push(snapshot.aggregate);
        self.kind.push(snapshot.kind);
        self.data.push(snapshot.data);
        self.live.push(snapshot.live);
        self.event_id.push(snapshot.event_id.0);
        self.trace.push(snapshot.trace.to_string());
    }
}
