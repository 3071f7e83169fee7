//! Noticing that the broker has lost what it was given, and saying everything again.
//!
//! A stream is another one when its incarnation differs. It has fallen back when the last message
//! that was published is no longer in it, or when a new one gets a sequence that was given before.

use chassis::Pulse;
use uuid::Uuid;

use crate::bus::Bus;
use crate::streams::StreamSpec;

/// Rows marked in one statement when everything is said again.
const RESYNC_CHUNK: i64 = 5_000;

/// Where the stream stands, as far as this relay knows.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) incarnation: Uuid,
    /// The last sequence that a new message got.
    pub(crate) sequence: u64,
}

/// Compares the stream with what was recorded of it. Says everything again when it is another
/// stream, when the last message that was published is gone, or when somebody has asked for it.
pub(crate) async fn inspect(bus: &Bus, pulse: &Pulse) -> anyhow::Result<Place> {
    let spec = StreamSpec::events_of(bus.service);
    let found = spec.find(&bus.js).await?;
    let recorded = sqlx::query!(
        "select incarnation, sequence from messaging.published where stream = $1",
        spec.name
    )
    .fetch_optional(&bus.pool)
    .await?;
    let state = &found.info.state;
    let intact = recorded.as_ref().is_some_and(|recorded| {
        let sequence = u64::try_from(recorded.sequence).unwrap_or(0);
        recorded.incarnation == found.incarnation
            && (sequence == 0
                || (sequence <= state.last_sequence && sequence >= state.first_sequence))
    });
    let sequence = recorded.as_ref().map_or(0, |recorded| recorded.sequence);
    let mut place =
        Place { incarnation: found.incarnation, sequence: u64::try_from(sequence).unwrap_or(0) };
    if !intact {
        if recorded.is_some() {
            metrics::counter!("hemgang_stream_losses_total").increment(1);
            tracing::warn!(stream = spec.name, "the stream has lost messages");
        }
        start_over(bus, &mut place, pulse).await?;
    }
    do_resync(bus, pulse).await?;
    watch(bus).await?;
    Ok(place)
}

/// What alarms are made of, for `/metrics`; and answers to commands that nobody will ask for again.
async fn watch(bus: &Bus) -> Result<(), sqlx::Error> {
    let row = sqlx::query!(
        r#"select (select count(*)::int from messaging.queue) as "unpublished!",
                  (select count(*)::int from messaging.dead_letter where replayed_at is null
                      and discarded_at is null)
                    as "dead_letters!""#
    )
    .fetch_one(&bus.pool)
    .await?;
    metrics::gauge!("hemgang_outbox_unpublished").set(f64::from(row.unpublished));
    metrics::gauge!("hemgang_dead_letters_open").set(f64::from(row.dead_letters));
    sqlx::query!(
        "delete from messaging.command
          where id in (select id from messaging.command
                        where answered_at < now() - interval '30 days' limit 1000)"
    )
    .execute(&bus.pool)
    .await?;
    Ok(())
}

/// Says everything again, and forgets up to where the stream was known.
pub(crate) async fn start_over(
    bus: &Bus,
    place: &mut Place,
    pulse: &Pulse,
) -> Result<(), sqlx::Error> {
    let again = say_again(bus, pulse).await?;
    let stream = contracts::subjects::stream_of(bus.service);
    sqlx::query!(
        "insert into messaging.published (stream, incarnation, sequence) values ($1, $2, 0)
         on conflict (stream) do update set incarnation = $2, sequence = 0",
        stream,
        place.incarnation
    )
    .execute(&bus.pool)
    .await?;
    place.sequence = 0;
    tracing::info!(stream, again, "everything is said again");
    Ok(())
}

/// Asks for everything to be said again, by whichever process has the relay; how many aggregates that
/// is. A database that was restored to an earlier moment begins a new epoch with it: the versions
/// that it counts from now on are newer than those that it has forgotten.
pub(crate) async fn request_resync(bus: &Bus, restored: bool) -> Result<u64, sqlx::Error> {
    sqlx::query!(
        "update messaging.self set resync_asked = resync_asked + 1, epoch = epoch + $1",
        i32::from(restored)
    )
    .execute(&bus.pool)
    .await?;
    bus.wake();
    let mut tx = bus.pool.begin().await?;
    chassis::db::read_whole(&mut tx, true).await?;
    let aggregates = sqlx::query_scalar!(
        r#"select count(*) as "count!" from messaging.outbox
            where live or changed_at > now() - interval '30 days'"#
    )
    .fetch_one(&mut *tx)
    .await?;
    Ok(u64::try_from(aggregates).unwrap_or(0))
}

/// Does what was asked for. A request that comes meanwhile is done once more.
async fn do_resync(bus: &Bus, pulse: &Pulse) -> Result<(), sqlx::Error> {
    let row = sqlx::query!("select resync_asked, resync_done from messaging.self")
        .fetch_one(&bus.pool)
        .await?;
    if row.resync_done < row.resync_asked {
        let again = say_again(bus, pulse).await?;
        sqlx::query!("update messaging.self set resync_done = $1", row.resync_asked)
            .execute(&bus.pool)
            .await?;
        tracing::info!(again, "everything is said again, as asked");
    }
    Ok(())
}

/// Puts every aggregate that is live, or has changed in the last 30 days, into the queue again,
/// under fresh event ids. Repeating it is harmless; so is dying in the middle, since whoever asked
/// asks again.
async fn say_again(bus: &Bus, pulse: &Pulse) -> Result<u64, sqlx::Error> {
    let (mut subject, mut aggregate) = (String::new(), String::new());
    let mut total = 0;
    loop {
        let marked = sqlx::query!(
            r#"with next as (
                 select subject, aggregate from messaging.outbox
                  where (subject, aggregate) > ($1, $2)
                    and (live or changed_at > now() - interval '30 days')
                  order by subject, aggregate limit $3
                  for update),
               renamed as (
                 update messaging.outbox o set event_id = gen_random_uuid()
                   from next
                  where o.subject = next.subject and o.aggregate = next.aggregate
                 returning o.subject, o.aggregate)
               insert into messaging.queue (subject, aggregate)
                 select subject, aggregate from renamed
               returning subject, aggregate"#,
            subject,
            aggregate,
            RESYNC_CHUNK
        )
        .fetch_all(&bus.pool)
        .await?;
        pulse.beat();
        total += u64::try_from(marked.len()).unwrap_or(0);
        let Some(last) = marked.into_iter().map(|row| (row.subject, row.aggregate)).max() else {
            bus.wake();
            return Ok(total);
        };
        (subject, aggregate) = last;
    }
}
