//! What a restored database has forgotten of the broker's intake is read again.
//!
//! The durable tells the broker's side: what was acknowledged is not delivered any more. The database
//! notes how far it holds what came. When a process begins, or finds the note fallen back, it reads
//! everything between the note and what was delivered from the stream, which keeps it for 72 hours,
//! and takes in what is not known. Usually that is nothing: the note is seconds old. What somebody
//! may have in hand at that moment is read once everything up to it is acknowledged: the same message
//! in two hands would get two receipts.

use std::time::Duration;

use anyhow::Context;
use async_nats::jetstream::message::StreamMessage;
use async_nats::jetstream::stream::{DirectGetErrorKind, Stream};
use chassis::Trace;
use futures::future::join_all;
use messaging::Bus;
use messaging::streams::Found;

use crate::inbound::Inbound;
use crate::ingest::Intake;
use crate::intake_nats::{self, Came, parts};
use crate::receipts::{self, Receipt};
use crate::store::seen::{self, Seen};

/// How often it is noted how far the database is (real time).
const EVERY: Duration = Duration::from_secs(10);

/// Starts to look.
pub(crate) fn start(bus: &Bus, intake: Intake, largest: usize) {
    let again = Again { bus: bus.clone(), intake, largest };
    bus.tasks().spawn_critical("intake-again", async move {
        let mut known = None;
        while !again.bus.tasks().is_stopping() {
            match again.look(known).await {
                Ok(now) => known = Some(now),
                Err(error) => {
                    tracing::warn!(error = format!("{error:#}"), "the intake was not compared");
                }
            }
            again.bus.tasks().pause(EVERY).await;
        }
        Ok(())
    });
}

struct Again {
    bus: Bus,
    intake: Intake,
    largest: usize,
}

/// What a process knows.
#[derive(Clone, Copy)]
struct Looked {
    /// How far the database was noted to be.
    noted: Seen,
    /// Everything up to here is to be compared.
    until: u64,
}

impl Again {
    /// Reads again what is missing, and notes how far the database is.
    async fn look(&self, before: Option<Looked>) -> anyhow::Result<Looked> {
        let (stream, durable) = intake_nats::intake();
        let js = self.bus.jetstream();
        let found = stream.find(js).await?;
        let durable = durable.find(js).await?;
        let info = durable.cached_info();
        let at = |sequence| Seen { incarnation: found.incarnation, sequence };
        let acknowledged = at(info.ack_floor.stream_sequence);
        let held = match seen::load(self.bus.pool()).await? {
            Some(seen) if seen.incarnation == found.incarnation => seen,
            Some(_) => at(0),
            // A database of an earlier release notes nothing, and lacks nothing.
            None => acknowledged,
        };
        let goes_on = |before: &Looked| {
            before.noted.incarnation == held.incarnation && before.noted.sequence <= held.sequence
        };
        let until = match before.filter(goes_on) {
            Some(before) => before.until,
            None => info.delivered.stream_sequence,
        };
        let last = until.min(acknowledged.sequence);
        self.read_again(&found, held.sequence.saturating_add(1), last).await?;
        let noted = at(held.sequence.max(acknowledged.sequence));
        seen::note(self.bus.pool(), noted).await.context("note how far the intake is")?;
        Ok(Looked { noted, until })
    }

    async fn read_again(&self, found: &Found, first: u64, last: u64) -> anyhow::Result<()> {
        let js = self.bus.jetstream();
        let stream = js.get_stream(&found.info.config.name).await?;
        let mut next = first.max(found.info.state.first_sequence);
        let mut news = 0;
        while next <= last && !self.bus.tasks().is_stopping() {
            let end = last.min(next.saturating_add(self.largest as u64 - 1));
            let came = join_all((next..=end).map(|sequence| get(&stream, sequence))).await;
            let came: Vec<_> = came.into_iter().collect::<anyhow::Result<_>>()?;
            let all: Vec<Inbound> = came.into_iter().flatten().flat_map(inbound).collect();
            for some in all.chunks(self.largest) {
                news += self.take_in(some).await?;
            }
            next = end.saturating_add(1);
        }
        if news > 0 {
            tracing::warn!(messages = news, "forgotten messages of the intake were taken in again");
            metrics::counter!("hemgang_intake_read_again_total").increment(news as u64);
        }
        Ok(())
    }

    /// Takes in what the database does not know; how many those are. Only they get receipts.
    async fn take_in(&self, all: &[Inbound]) -> anyhow::Result<usize> {
        let forgotten = self.intake.forgotten(all).await?;
        let outcomes = self.intake.ingest(&forgotten).await?;
        for (inbound, outcome) in forgotten.iter().zip(&outcomes) {
            let receipt = Receipt::of(outcome, inbound.message_id.clone(), true);
            let token = inbound.claimed.as_deref();
            receipts::publish(&self.bus, token, chassis::new_id(), Trace::start(), receipt).await?;
        }
        Ok(forgotten.len())
    }
}

/// A message of the stream; `None` where the stream no longer holds it.
async fn get(stream: &Stream, sequence: u64) -> anyhow::Result<Option<StreamMessage>> {
    match stream.direct_get(sequence).await {
        Ok(message) => Ok(Some(message)),
        Err(error) if error.kind() == DirectGetErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).context("read a message of the intake again"),
    }
}

fn inbound(message: StreamMessage) -> Vec<Inbound> {
    let StreamMessage { subject, headers, payload, time, .. } = message;
    let published = intake_nats::second(time.unix_timestamp());
    let came = Came { subject: &subject, headers: Some(&headers), payload, published };
    parts(&intake_nats::inbound_of(came))
}
