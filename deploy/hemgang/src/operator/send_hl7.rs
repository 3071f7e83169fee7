//! `send-hl7`: sends what a hospital would send, and says what came back.

mod file;
mod reply;

use std::path::PathBuf;
use std::time::Duration;

use admissions::hl7::{Mode, parse};
use admissions::mllp::MllpCodec;
use bytes::Bytes;
use futures::{SinkExt, StreamExt};
use serde::Serialize;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_util::codec::Framed;

use super::failure::Failure;
use super::report::Report;
use super::system::Site;
use reply::Reply;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);
/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(30);
/// How long one may take that the message has not asked for in every case.
const PERHAPS: Duration = Duration::from_secs(2);
/// The longest answer, in bytes, and how much of something else may come before one.
const LONGEST_ANSWER: usize = 64 * 1024;
const STRAY: usize = 1024;

/// Arguments of `send-hl7`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Files with one or more HL7 v2 messages each; every line that begins with MSH begins one.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Where to send; by default to the system that runs in this checkout.
    #[arg(long, value_name = "HOST:PORT")]
    to: Option<String>,
}

/// What became of a message.
#[derive(Serialize)]
struct Sent {
    file: PathBuf,
    /// Which of the file's messages, counted from 1.
    message: usize,
    /// The last answer, where there are two. Absent when none came: the message may have been taken,
    /// and can be sent again, for the same message is known again.
    reply: Option<Reply>,
    /// The message asked that there be no answer (MSH-15 and MSH-16), or not in every case.
    no_answer_asked: bool,
}

/// Sends the messages one by one, each after the answer to the one before.
pub(crate) async fn run(site: Site, arguments: Arguments) -> Result<Report, Failure> {
    let mut messages = Vec::new();
    for file in arguments.files {
        let found = file::read(&file)?;
        messages.extend(found.into_iter().zip(1..).map(|(bytes, at)| (file.clone(), at, bytes)));
    }
    let mut connection = connect(&site, arguments.to).await?;
    let mut all = Vec::new();
    for (file, message, bytes) in messages {
        let header = parse(&bytes, chassis::real_now()).ok().map(|adt| adt.header);
        let (most, is_certain) = header.map_or((1, true), |header| Mode::of(&header).expects());
        let reply = exchange(&mut connection, &bytes, most, is_certain).await;
        let silent = reply.is_none() && is_certain;
        all.push(Sent { file, message, reply, no_answer_asked: !is_certain });
        if silent {
            // An answer that comes late would be taken for the answer to the next message.
            break;
        }
    }
    let is_bad = |sent: &Sent| match &sent.reply {
        Some(reply) => !reply.accepted(),
        None => !sent.no_answer_asked,
    };
    let refused = all.iter().any(is_bad);
    Ok(Report::new(&all, text(&all))?.bad_news_if(refused))
}

type Connection = Framed<TcpStream, MllpCodec>;

async fn connect(site: &Site, to: Option<String>) -> Result<Connection, Failure> {
    let candidates = match &to {
        Some(address) => vec![address.as_str()],
        None => site.mllp(),
    };
    for address in &candidates {
        if let Ok(Ok(stream)) = timeout(CONNECT, TcpStream::connect(*address)).await {
            return Ok(Framed::new(stream, MllpCodec::new(LONGEST_ANSWER, STRAY)));
        }
    }
    if candidates.is_empty() {
        return Err(Failure::unreachable(
            "Vart ska det skickas? Starta ett system med `cargo run` eller ange --to värd:port.",
            "Where to? Start a system with `cargo run`, or state --to host:port.",
        ));
    }
    let candidates = candidates.join(", ");
    Err(Failure::unreachable(
        format!("Ingen svarar på {candidates}. Starta systemet med `cargo run`."),
        format!("Nobody answers at {candidates}. Start the system with `cargo run`."),
    ))
}

/// Sends a message and returns the last of the answers that come.
async fn exchange(
    connection: &mut Connection,
    message: &[u8],
    most: usize,
    is_certain: bool,
) -> Option<Reply> {
    timeout(ANSWER, connection.send(message)).await.ok()?.ok()?;
    let mut last: Option<Reply> = None;
    for _ in 0..most {
        let patience = if is_certain && last.is_none() { ANSWER } else { PERHAPS };
        let Some(reply) = timeout(patience, next(connection)).await.ok().flatten() else { break };
        let is_first_of_two = reply.is_stored();
        last = Some(reply);
        if !is_first_of_two {
            break;
        }
    }
    last
}

async fn next(connection: &mut Connection) -> Option<Reply> {
    let answer: Bytes = connection.next().await?.ok()?;
    Reply::read(&answer)
}

fn text(all: &[Sent]) -> String {
    let lines = all.iter().map(|Sent { file, message, reply, no_answer_asked }| {
        let reply = match reply {
            Some(reply) => reply.to_string(),
            None if *no_answer_asked => {
                "inget svar, som meddelandet begär / no answer, as the message asks".to_owned()
            }
            None => {
                "inget svar; skicka igen, det som redan togs emot känns igen / no answer; send \
                     again, what was taken already is known again"
                    .to_owned()
            }
        };
        format!("{} [{message}]: {reply}", file.display())
    });
    lines.collect::<Vec<_>>().join("\n")
}
