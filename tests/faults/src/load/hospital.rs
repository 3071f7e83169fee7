//! The hospital: admits at a steady pace, and remembers what it was answered: accepted, refused, or
//! nothing that can be relied on. What got no answer is sent again as it was, some times.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_nats::HeaderMap;
use chrono::{DateTime, TimeDelta, Utc};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

use super::messages::Admission;
use super::receipts::Receipts;
use crate::region;
use crate::world::clock::DomainClock;
use crate::world::http;

/// How long one answer is waited for.
const ANSWER: Duration = Duration::from_secs(5);
/// Messages without an answer at a time.
const IN_FLIGHT: usize = 48;
const END: [u8; 2] = [0x1c, 0x0d];

/// What the hospital knows of an admission in the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Accepted,
    /// Turned away for good.
    Refused(String),
    /// It may have been taken in or not.
    Unknown,
}

/// An admission and what was answered.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) admission: Admission,
    pub(crate) answer: Answer,
    /// When it was answered, or given up (real time).
    pub(crate) at: DateTime<Utc>,
}

/// The record, by number.
pub(crate) type Record = Arc<Mutex<BTreeMap<usize, Sent>>>;

/// By which intake.
#[derive(Clone, Copy, Debug)]
enum Channel {
    Mllp,
    Http,
    Broker,
}

/// What is sent where.
#[derive(Clone)]
struct Ways {
    intakes: Vec<(SocketAddr, SocketAddr)>,
    client: async_nats::Client,
    receipts: Receipts,
}

/// A hospital that goes on admitting until it is told to stop.
pub(crate) struct Hospital {
    pub(crate) record: Record,
    stop: CancellationToken,
    running: JoinHandle<()>,
}

/// How fast, and by what chance.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// Between two admissions (real time).
    pub(crate) every: Duration,
    /// So many of a hundred have a judged need.
    pub(crate) with_need: u8,
    pub(crate) seed: u64,
}

impl Hospital {
    pub(crate) fn open(
        intakes: Vec<(SocketAddr, SocketAddr)>,
        client: async_nats::Client,
        clock: DomainClock,
        pace: Pace,
    ) -> Self {
        let receipts = Receipts::listen(client.clone());
        let (record, stop) = (Record::default(), CancellationToken::new());
        let ways = Ways { intakes, client, receipts };
        let admitting = admit_all(ways, clock, pace, Arc::clone(&record), stop.clone());
        Self { record, stop, running: tokio::spawn(admitting) }
    }

    /// How many were accepted so far.
    pub(crate) fn accepted(&self) -> usize {
        let record = self.record.lock().unwrap_or_else(PoisonError::into_inner);
        record.values().filter(|sent| sent.answer == Answer::Accepted).count()
    }

    /// Stops admitting, waits for the last answers, and gives the record.
    pub(crate) async fn close(self) -> anyhow::Result<BTreeMap<usize, Sent>> {
        self.stop.cancel();
        self.running.await?;
        Ok(std::mem::take(&mut *self.record.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}

async fn admit_all(
    ways: Ways,
    clock: DomainClock,
    pace: Pace,
    record: Record,
    stop: CancellationToken,
) {
    let mut dice = fastrand::Rng::with_seed(pace.seed);
    let (free, mut sending) = (Arc::new(Semaphore::new(IN_FLIGHT)), JoinSet::new());
    let mut pacing = tokio::time::interval(pace.every);
    for number in 0.. {
        tokio::select! {
            () = stop.cancelled() => break,
            _ = pacing.tick() => {}
        }
        let Ok(permit) = Arc::clone(&free).acquire_owned().await else { break };
        let admission = Admission {
            number,
            with_need: dice.u8(..100) < pace.with_need,
            at: clock.now() - TimeDelta::minutes(5),
        };
        let channel = match dice.u8(..4) {
            0 => Channel::Broker,
            1 => Channel::Http,
            _ => Channel::Mllp,
        };
        let tries = dice.u32(1..=8);
        let (ways, record) = (ways.clone(), Arc::clone(&record));
        sending.spawn(async move {
            let answer = ways.admit(&admission, channel, tries).await;
            let sent = Sent { admission, answer, at: chassis::real_now() };
            record.lock().unwrap_or_else(PoisonError::into_inner).insert(number, sent);
            drop(permit);
        });
        while sending.try_join_next().is_some() {}
    }
    while sending.join_next().await.is_some() {}
}

impl Ways {
    /// Sends it, and as it was once more when there is no answer that can be relied on.
    async fn admit(&self, admission: &Admission, channel: Channel, tries: u32) -> Answer {
        for attempt in 0..tries {
            let place = admission.number + usize::try_from(attempt).unwrap_or_default();
            let intake = self.intakes.iter().cycle().nth(place % self.intakes.len().max(1));
            let Some((mllp, http)) = intake else { break };
            let answer = match channel {
                Channel::Mllp => over_mllp(*mllp, &admission.hl7()).await,
                Channel::Http => over_http(*http, &admission.document()).await,
                Channel::Broker => self.over_the_broker(admission).await,
            };
            if answer != Answer::Unknown {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        Answer::Unknown
    }

    async fn over_the_broker(&self, admission: &Admission) -> Answer {
        let id = admission.control_id();
        let mut headers = HeaderMap::new();
        headers.insert("Nats-Msg-Id", id.as_str());
        let subject = format!("hemgang.v1.intake.{}.admission", region::SENDER);
        let payload = admission.document().into();
        if self.client.publish_with_headers(subject, headers, payload).await.is_err() {
            return Answer::Unknown;
        }
        let until = tokio::time::Instant::now() + ANSWER;
        while tokio::time::Instant::now() < until {
            match self.receipts.of(&id).as_deref() {
                Some("accepted" | "duplicate") => return Answer::Accepted,
                Some("transient") | None => {}
                Some(other) => return Answer::Refused(other.to_owned()),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Answer::Unknown
    }
}

async fn over_http(at: SocketAddr, document: &str) -> Answer {
    let path = format!("/v1/admissions/{}", region::SENDER);
    match http::post(at, &path, region::TOKEN, document).await {
        Ok((200, _)) => Answer::Accepted,
        Ok((status @ 400..=499, _)) => Answer::Refused(format!("HTTP {status}")),
        Ok(_) | Err(_) => Answer::Unknown,
    }
}

async fn over_mllp(at: SocketAddr, text: &str) -> Answer {
    match tokio::time::timeout(ANSWER, exchange(at, text)).await {
        Ok(Ok(answer)) if answer.contains("MSA|AA|") => Answer::Accepted,
        Ok(Ok(answer)) if answer.contains("MSA|AE|") => Answer::Refused("AE".to_owned()),
        // AR is trouble of theirs: whether it was committed, they may not know.
        _ => Answer::Unknown,
    }
}

/// One message and its acknowledgement.
async fn exchange(at: SocketAddr, text: &str) -> std::io::Result<String> {
    let mut connection = TcpStream::connect(at).await?;
    let mut frame = vec![0x0b];
    frame.extend_from_slice(text.as_bytes());
    frame.extend_from_slice(&END);
    connection.write_all(&frame).await?;
    let mut answer = Vec::new();
    while !answer.ends_with(&END) {
        if connection.read_buf(&mut answer).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
