//! "Has everything that you knew before now reached me?"
//!
//! A service that acts on the absence of a proof asks its sources up to which stream sequence
//! everything that they committed before the question is published, and waits until its durable has
//! acknowledged that far. Acknowledgement follows commit, so the durable's floor speaks for all
//! replicas. It does not speak for a database that was restored to before what it acknowledged: that
//! is caught up when its sources have said everything again.

use std::time::{Duration, Instant};

use contracts::commands::any;
use futures::future::join_all;

use crate::bus::Bus;
use crate::consumer::Subscription;
use crate::dead_letters;
use crate::streams::Found;

/// How long a source waits for its own transactions and its relay (real time).
const RELAY_PATIENCE: Duration = Duration::from_secs(3);
/// Pause between two looks (real time).
const LOOK: Duration = Duration::from_millis(10);
/// Pause before a source is asked again (real time).
const ASK_AGAIN: Duration = Duration::from_millis(100);

/// The source's side: waits until nothing is unpublished that was committed before the call, or that
/// a transaction then under way has committed since: it may have read the time before the caller
/// did. `None` when that does not come about in time.
pub(crate) async fn published_up_to(bus: &Bus) -> Result<Option<any::PublishedUpTo>, sqlx::Error> {
    let asked = Instant::now();
    if !begun_before_now_has_ended(bus, asked).await? || !resync_is_done(bus, asked).await? {
        return Ok(None);
    }
    let newest = sqlx::query_scalar!("select max(position) from messaging.queue")
        .fetch_one(&bus.pool)
        .await?;
    while let Some(newest) = newest {
        let waiting = sqlx::query_scalar!(
            r#"select exists (select from messaging.queue where position <= $1) as "waiting!""#,
            newest
        )
        .fetch_one(&bus.pool)
        .await?;
        if !waiting {
            break;
        }
        if asked.elapsed() > RELAY_PATIENCE {
            return Ok(None);
        }
        bus.wake();
        bus.tasks.pause(LOOK).await;
    }
    let stream = contracts::subjects::stream_of(bus.service);
    // An event that the broker would not take is not published, and never will be by itself.
    let complete = !dead_letters::any_open(&bus.pool, &stream).await?;
    let row = sqlx::query!(
        "select incarnation, sequence from messaging.published where stream = $1",
        stream
    )
    .fetch_optional(&bus.pool)
    .await?;
    Ok(row.map(|row| any::PublishedUpTo {
        incarnation: row.incarnation,
        sequence: u64::try_from(row.sequence).unwrap_or(0),
        complete,
    }))
}

/// Waits until no transaction of this service is left, in any of its replicas, that had begun before
/// the call; a backup or a person at a prompt is not waited for. Whoever reads domain time within a
/// transaction is waited for if he read it before the call. False when one goes on for too long.
async fn begun_before_now_has_ended(bus: &Bus, asked: Instant) -> Result<bool, sqlx::Error> {
    let now =
        sqlx::query_scalar!(r#"select clock_timestamp() as "now!""#).fetch_one(&bus.pool).await?;
    loop {
        let under_way = sqlx::query_scalar!(
            r#"select exists (select from pg_stat_activity
                 where datname = current_database() and usename = current_user
                   and application_name = $2
                   and pid <> pg_backend_pid() and xact_start <= $1) as "under_way!""#,
            now,
            bus.service
        )
        .fetch_one(&bus.pool)
        .await?;
        if !under_way {
            return Ok(true);
        }
        if asked.elapsed() > RELAY_PATIENCE {
            return Ok(false);
        }
        bus.tasks.pause(LOOK).await;
    }
}

/// Waits until everything is queued again that somebody has asked for before the call.
async fn resync_is_done(bus: &Bus, asked: Instant) -> Result<bool, sqlx::Error> {
    let wanted =
        sqlx::query_scalar!("select resync_asked from messaging.self").fetch_one(&bus.pool).await?;
    loop {
        let done = sqlx::query_scalar!("select resync_done from messaging.self")
            .fetch_one(&bus.pool)
            .await?;
        if done >= wanted || asked.elapsed() > RELAY_PATIENCE {
            return Ok(done >= wanted);
        }
        bus.tasks.pause(LOOK).await;
    }
}

impl Bus {
    /// Waits until everything that the sources committed before the call has been handled here, however
    /// long that takes as long as it gets on. False when a source stayed silent, or the handling
    /// stood still, for `patience` (real time); when a message was set aside, here or there; and
    /// when the process is to stop: then a proof may exist that this service does not know.
    pub async fn caught_up(&self, sources: &[Subscription], patience: Duration) -> bool {
        let each = sources.iter().map(|source| self.caught_up_with(source, patience));
        join_all(each).await.into_iter().all(|caught_up| caught_up)
    }

    async fn caught_up_with(&self, source: &Subscription, patience: Duration) -> bool {
        let mut patience = Patience { longest: patience, since: Instant::now() };
        let mut floor = 0;
        // Before the question: what the source is asked to say again is part of the answer then.
        while !matches!(self.remembers(source).await, Ok(true)) {
            if patience.is_out() || self.tasks.is_stopping() {
                return false;
            }
            self.tasks.pause(ASK_AGAIN).await;
        }
        while let Some(published) = self.ask(source, patience).await {
            // What was published may be lost before it arrives: then the answer is asked for anew.
            loop {
                match self.look(source, published).await {
                    // A database that is away for a moment says nothing of letters: it is asked again.
                    Ok(Look::Handled) => {
                        let letters = dead_letters::any_open(&self.pool, &source.stream()).await;
                        if let Ok(open) = letters {
                            return published.complete && !open;
                        }
                    }
                    Ok(Look::OtherStream) => break,
                    Ok(Look::UpTo(now)) if now != floor => {
                        floor = now;
                        patience.since = Instant::now();
                    }
                    Ok(Look::UpTo(_)) | Err(_) => {}
                }
                if patience.is_out() || self.tasks.is_stopping() {
                    return false;
                }
                self.tasks.pause(LOOK).await;
            }
            self.tasks.pause(ASK_AGAIN).await;
        }
        false
    }

    /// Asks a source until it answers. `None` when patience is out, or the process is to stop.
    async fn ask(&self, source: &Subscription, patience: Patience) -> Option<any::PublishedUpTo> {
        let caller = self.caller();
        while !patience.is_out() && !self.tasks.is_stopping() {
            let asked = caller.ask_any(source.source, any::PUBLISHED_UP_TO, &());
            let left = patience.longest.saturating_sub(patience.since.elapsed());
            if let Ok(Ok(published)) = tokio::time::timeout(left, asked).await {
                return Some(published);
            }
            self.tasks.pause(ASK_AGAIN).await;
        }
        None
    }

    /// Whether this database has seen what its durable has acknowledged, or has asked for it again.
    async fn remembers(&self, source: &Subscription) -> anyhow::Result<bool> {
        let stream = source.stream();
        let found = Found::named(&self.js, &stream).await?;
        let durable = source.durable(self.service).find(&self.js).await?;
        let floor = durable.cached_info().ack_floor.stream_sequence;
        let remembers = sqlx::query_scalar!(
            r#"select exists (select from messaging.consumed
                 where stream = $1 and incarnation = $2 and sequence >= $3 and not missed) as "so!""#,
            stream,
            found.incarnation,
            i64::try_from(floor).unwrap_or(i64::MAX)
        );
        Ok(remembers.fetch_one(&self.pool).await?)
    }

    async fn look(
        &self,
        source: &Subscription,
        published: any::PublishedUpTo,
    ) -> anyhow::Result<Look> {
        let found = Found::named(&self.js, &source.stream()).await?;
        if found.incarnation != published.incarnation {
            return Ok(Look::OtherStream);
        }
        let durable = source.durable(self.service).find(&self.js).await?;
        let info = durable.cached_info();
        let floor = info.ack_floor.stream_sequence;
        // What expired before it was delivered leaves no floor.
        let idle = info.num_pending == 0
            && info.num_ack_pending == 0
            && found.info.state.last_sequence >= published.sequence;
        Ok(if idle || floor >= published.sequence { Look::Handled } else { Look::UpTo(floor) })
    }
}

/// How far this service has come with what a source published.
enum Look {
    /// Far enough.
    Handled,
    /// Up to here.
    UpTo(u64),
    /// The stream is another one by now.
    OtherStream,
}

#[derive(Clone, Copy)]
struct Patience {
    longest: Duration,
    /// When something last got on.
    since: Instant,
}

impl Patience {
    fn is_out(self) -> bool {
        self.since.elapsed() > self.longest
    }
}
