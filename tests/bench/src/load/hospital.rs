//! The hospitals: they send admissions over several MLLP connections and over the broker, and note when
//! each was accepted.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use async_nats::HeaderMap;
use chrono::{DateTime, Utc};
use contracts::{Event, subjects};
use futures::StreamExt;
use serde::Deserialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::Interval;

use super::messages;
use crate::region;
use crate::system::System;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_mins(1);
const END: [u8; 2] = [0x1c, 0x0d];

/// By which intake an admission went in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Channel {
    Mllp,
    Nats,
}

/// An admission that was accepted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sent {
    pub(crate) number: usize,
    pub(crate) channel: Channel,
    /// When the answer was here (real time).
    pub(crate) accepted_at: DateTime<Utc>,
}

/// The hospitals' systems, which share the ways.
pub(crate) struct Hospitals {
    count: usize,
    mllp: Vec<SocketAddr>,
    connections: usize,
    in_flight: usize,
    broker: Broker,
}

impl Hospitals {
    pub(crate) async fn open(
        system: &System,
        count: usize,
        connections: usize,
        in_flight: usize,
    ) -> anyhow::Result<Self> {
        let ways = connections.div_ceil(system.mllp.len()) + in_flight;
        anyhow::ensure!((1..=ways).contains(&count), "each hospital needs a way to send");
        let broker = Broker::open(system.client.clone()).await?;
        Ok(Self { count, mllp: system.mllp.clone(), connections, in_flight, broker })
    }

    /// Sends admissions over all ways at once; each way takes the next one when it is free.
    pub(crate) async fn send(&self, turns: &Turns) -> anyhow::Result<Vec<Sent>> {
        let mut ways = JoinSet::new();
        for (place, address) in self.mllp.iter().cycle().take(self.connections).enumerate() {
            // Each hospital speaks to all processes.
            let hospital = self.hospital(place / self.mllp.len());
            let connection = TcpStream::connect(address).await.context("connect by MLLP")?;
            connection.set_nodelay(true)?;
            ways.spawn(Way { hospital, by: By::Mllp(connection) }.run(turns.clone()));
        }
        for place in 0..self.in_flight {
            // The last ones have the fewest connections.
            let hospital = self.hospital(self.count - 1 - place % self.count);
            let by = By::Nats(self.broker.clone());
            ways.spawn(Way { hospital, by }.run(turns.clone()));
        }
        let mut accepted = Vec::new();
        while let Some(way) = ways.join_next().await {
            accepted.extend(way??);
        }
        Ok(accepted)
    }

    /// The ways go round all hospitals.
    fn hospital(&self, place: usize) -> usize {
        place % self.count + 1
    }
}

/// Whose turn it is. Clones share it.
#[derive(Clone)]
pub(crate) struct Turns {
    next: Arc<tokio::sync::Mutex<Next>>,
    ended: Arc<AtomicBool>,
}

struct Next {
    numbers: Range<usize>,
    pace: Option<Interval>,
}

impl Turns {
    /// One turn for each number: as fast as somebody takes it, or, where a pace is given, not before
    /// its time.
    pub(crate) fn new(numbers: Range<usize>, pace: Option<Duration>) -> Self {
        let next = Next { numbers, pace: pace.map(tokio::time::interval) };
        Self { next: Arc::new(tokio::sync::Mutex::new(next)), ended: Arc::default() }
    }

    /// Nobody has a turn any more.
    pub(crate) fn end(&self) {
        self.ended.store(true, Ordering::Relaxed);
    }

    async fn take(&self) -> Option<usize> {
        let mut next = self.next.lock().await;
        let is_over = || self.ended.load(Ordering::Relaxed);
        let number = next.numbers.next().filter(|_| !is_over())?;
        if let Some(pace) = &mut next.pace {
            pace.tick().await;
        }
        Some(number).filter(|_| !is_over())
    }
}

/// One of the ways in, and whose it is.
struct Way {
    hospital: usize,
    by: By,
}

enum By {
    Mllp(TcpStream),
    Nats(Broker),
}

impl Way {
    /// Sends whenever it is its turn.
    async fn run(mut self, turns: Turns) -> anyhow::Result<Vec<Sent>> {
        let mut accepted = Vec::new();
        while let Some(number) = turns.take().await {
            let sent = tokio::time::timeout(PATIENCE, self.send(number)).await;
            sent.context("no answer came")??;
            let (channel, accepted_at) = (self.channel(), chassis::real_now());
            accepted.push(Sent { number, channel, accepted_at });
        }
        Ok(accepted)
    }

    fn channel(&self) -> Channel {
        match self.by {
            By::Mllp(_) => Channel::Mllp,
            By::Nats(_) => Channel::Nats,
        }
    }

    /// Sends an admission and waits until it is accepted.
    async fn send(&mut self, number: usize) -> anyhow::Result<()> {
        match &mut self.by {
            By::Mllp(connection) => {
                let answer = exchange(connection, &messages::hl7(number, self.hospital)).await?;
                anyhow::ensure!(answer.contains("MSA|AA|"), "not accepted: {answer}");
                Ok(())
            }
            By::Nats(broker) => broker.send(number, self.hospital).await,
        }
    }
}

/// One message and its acknowledgement.
async fn exchange(connection: &mut TcpStream, text: &str) -> anyhow::Result<String> {
    let mut frame = vec![0x0b];
    frame.extend_from_slice(text.as_bytes());
    frame.extend_from_slice(&END);
    connection.write_all(&frame).await.context("send by MLLP")?;
    let mut answer = Vec::new();
    while !answer.ends_with(&END) {
        let read = connection.read_buf(&mut answer).await.context("read by MLLP")?;
        anyhow::ensure!(read > 0, "the MLLP connection was closed");
    }
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// What is read of a receipt.
#[derive(Deserialize)]
struct Receipt {
    message_id: String,
    outcome: String,
}

/// Sends over the broker. Clones share the receipts that they wait for.
#[derive(Clone)]
struct Broker {
    client: async_nats::Client,
    waiting: Arc<Mutex<HashMap<String, oneshot::Sender<String>>>>,
}

impl Broker {
    async fn open(client: async_nats::Client) -> anyhow::Result<Self> {
        let broker = Self { client, waiting: Arc::default() };
        let receipts = broker.client.subscribe(subjects::receipts("*")).await?;
        tokio::spawn(broker.clone().hear(receipts));
        Ok(broker)
    }

    async fn hear(self, mut receipts: async_nats::Subscriber) {
        while let Some(message) = receipts.next().await {
            let Ok(event) = serde_json::from_slice::<Event<Receipt>>(&message.payload) else {
                continue;
            };
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(waiting) = waiting.remove(&event.data.message_id) {
                // Whoever has given up waiting has said so.
                let _ = waiting.send(event.data.outcome);
            }
        }
    }

    async fn send(&self, number: usize, hospital: usize) -> anyhow::Result<()> {
        let id = messages::control_id(number);
        let (answer, outcome) = oneshot::channel();
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone(), answer);
        let mut headers = HeaderMap::new();
        headers.insert("Nats-Msg-Id", id);
        let subject = format!("hemgang.v1.intake.{}.admission", region::token(hospital));
        let payload = messages::document(number, hospital).to_string();
        self.client.publish_with_headers(subject, headers, payload.into()).await?;
        let outcome = outcome.await.context("the receipts have ended")?;
        anyhow::ensure!(outcome == "accepted", "not accepted: {outcome}");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_number_has_one_turn() {
        let turns = Turns::new(3..5, None);
        let clone = turns.clone();
        assert_eq!(turns.take().await, Some(3));
        assert_eq!(clone.take().await, Some(4));
        assert_eq!(turns.take().await, None);
    }

    #[tokio::test]
    async fn nobody_has_a_turn_after_the_end() {
        let turns = Turns::new(0..10, Some(Duration::from_millis(1)));
        assert_eq!(turns.take().await, Some(0));
        turns.end();
        assert_eq!(turns.take().await, None);
    }
}
