//! HL7 over MLLP: a message in, its acknowledgement out, after the commit.

use std::net::SocketAddr;
use std::time::Duration;

use chassis::Tasks;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

use crate::batcher::Batcher;
use crate::hl7::{self, Answer, FieldFault, Header};
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
        async move { answer(&batcher, peer, inbound).await.into_bytes() }
    };
    tasks.spawn_critical("mllp", async move {
        mllp::serve(listener, limits, handler, stop).await;
        Ok(())
    });
}

async fn answer(batcher: &Batcher, peer: SocketAddr, inbound: Inbound) -> String {
    let (form, body) = match inbound {
        Inbound::Message(body) => (Form::Hl7, body),
        Inbound::TooLarge { head } => (Form::Truncated, head),
    };
    let message = crate::inbound::Inbound::new(Channel::Mllp, form, None, body.clone());
    let message = crate::inbound::Inbound { peer: Some(peer.ip()), ..message };
    if let Ok(outcome) = batcher.submit(message).await {
        return acknowledgement(&outcome);
    }
    let header = hl7::parse(&body, chassis::real_now()).ok().map(|adt| adt.header);
    let faults = [FieldFault::internal()];
    write(header.as_ref(), Answer::Refused(&faults), &chassis::new_id().to_string())
}

/// The acknowledgement of a message. The same message again gets the same again.
pub(crate) fn acknowledgement(outcome: &Outcome) -> String {
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
    write(outcome.header.as_ref(), answer, &outcome.id.to_string())
}

fn write(header: Option<&Header>, answer: Answer<'_>, control_id: &str) -> String {
    // MSH-10 has twenty characters before HL7 2.7; the tail of our id is its random part.
    let short: String = control_id.chars().filter(|letter| *letter != '-').skip(12).collect();
    hl7::acknowledge(header, answer, &short, chassis::real_now())
}
