//! HL7 over MLLP: a message in, its acknowledgement out, after the commit.

use std::net::SocketAddr;
use std::time::Duration;

use chassis::Tasks;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::batcher::Batcher;
use crate::hl7::{self, Answer, Batch, FieldFault, Header};
use crate::inbound::{Channel, Form};
use crate::mllp::{self, Inbound, Limits};
use crate::outcome::{Fault, Outcome, Verdict};

/// Settings of the listener.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Where to listen; port 0 takes a free one.
    pub addr: SocketAddr,
    /// Longest message in bytes.
    pub max_frame: usize,
    /// Most connections at a time.
    pub max_connections: usize,
    /// Most of them from one address.
    pub max_per_peer: usize,
    /// Longest silence on a connection, in seconds.
    pub idle_s: u64,
}

impl Default for Settings {
    fn default() -> Self {
        let limits = Limits::default();
        Self {
            addr: SocketAddr::from(([127, 0, 0, 1], 2575)),
            max_frame: limits.max_frame,
            max_connections: limits.max_connections,
            max_per_peer: limits.max_per_peer,
            idle_s: limits.idle.as_secs(),
        }
    }
}

/// Starts the listener.
pub(crate) fn start(listener: TcpListener, settings: &Settings, batcher: Batcher, tasks: &Tasks) {
    let limits = Limits {
        max_frame: settings.max_frame,
        max_connections: settings.max_connections,
        max_per_peer: settings.max_per_peer,
        idle: Duration::from_secs(settings.idle_s),
        ..Limits::default()
    };
    let stop = tasks.stop_token();
    let handler = move |peer: SocketAddr, inbound: Inbound| {
        let batcher = batcher.clone();
        async move {
            let answers = answer(&batcher, peer, inbound).await;
            answers.into_iter().map(String::into_bytes).collect()
        }
    };
    tasks.spawn_critical("mllp", async move {
        mllp::serve(listener, limits, handler, stop).await;
        Ok(())
    });
}

async fn answer(batcher: &Batcher, peer: SocketAddr, inbound: Inbound) -> Vec<String> {
    let (form, body) = match inbound {
        Inbound::Message(body) => (Form::Hl7, body),
        Inbound::TooLarge { head } => (Form::Truncated, head),
    };
    let message = crate::inbound::Inbound::new(Channel::Mllp, form, None, body.clone());
    let message = crate::inbound::Inbound { peer: Some(peer.ip()), ..message };
    if let Some(answer) = answer_batch(batcher, &message).await {
        return vec![answer];
    }
    if let Ok(outcome) = batcher.submit(message).await {
        return write(&outcome, hl7::answers);
    }
    failed(&body, hl7::answers)
}

/// Takes the messages of a batch, each by itself, and answers with a batch of one acknowledgement
/// each; `None` when it is no batch.
pub(crate) async fn answer_batch(
    batcher: &Batcher,
    inbound: &crate::inbound::Inbound,
) -> Option<String> {
    let is_whole = inbound.form == Form::Hl7;
    let batch = is_whole.then(|| Batch::split(&inbound.body).ok()).flatten()?;
    let parts = batch.messages().iter().map(|body| inbound.part(body.clone())).collect();
    let outcomes = batcher.submit_all(parts).await;
    let answers: Vec<String> = batch
        .messages()
        .iter()
        .zip(outcomes)
        .map(|(body, outcome)| match outcome {
            Ok(outcome) => acknowledgement(&outcome),
            Err(_) => failed(body, hl7::acknowledge),
        })
        .collect();
    Some(batch.answer(&answers, &control_id(inbound.id), chassis::real_now()))
}

/// The answer to a message that was not taken in, through no fault of its own.
fn failed<T>(
    body: &[u8],
    answer_with: impl Fn(Option<&Header>, Answer<'_>, &str, DateTime<Utc>) -> T,
) -> T {
    let now = chassis::real_now();
    let header = hl7::parse(body, now).ok().map(|adt| adt.header);
    let faults = [FieldFault::internal()];
    answer_with(header.as_ref(), Answer::Refused(&faults), &control_id(chassis::new_id()), now)
}

/// The one acknowledgement of a message. The same message again gets the same again.
pub(crate) fn acknowledgement(outcome: &Outcome) -> String {
    write(outcome, hl7::acknowledge)
}

fn write<T>(
    outcome: &Outcome,
    answer_with: impl Fn(Option<&Header>, Answer<'_>, &str, DateTime<Utc>) -> T,
) -> T {
    let faults: Vec<FieldFault> = outcome
        .faults
        .iter()
        .filter_map(|fault| match fault {
            Fault::Field(fault) => Some(fault.clone()),
            Fault::Document(_) => None,
        })
        .collect();
    let answer = match outcome.verdict {
        Verdict::Accepted => Answer::Used(&faults),
        Verdict::NotUsed => Answer::NotUsed(&faults),
        Verdict::Refused => Answer::Refused(&faults),
    };
    let id = control_id(outcome.id);
    answer_with(outcome.header.as_ref(), answer, &id, chassis::real_now())
}

/// MSH-10 has twenty characters before HL7 2.7; the tail of our id is its random part.
fn control_id(id: Uuid) -> String {
    id.simple().to_string().chars().skip(12).collect()
}
