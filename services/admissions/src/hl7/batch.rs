//! Files and batches of messages: FHS, BHS, the messages, BTS, FTS.
//!
//! Each message is taken by itself and answered by itself; the answers come back as a batch of the
//! same shape. The envelope is cut at bytes, before anything is decoded, for each message declares
//! its own letters; every set that MSH-18 can declare has line ends that no other letter holds.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use chrono_tz::Europe::Stockholm;

use super::ack::{endpoint, text};
use super::charset::decode;
use super::header::Header;
use super::wire::Message;

/// Most messages of one batch: what an answer and a transaction can hold.
const MOST: usize = 1_000;

/// A file of batches, or one batch.
#[derive(Debug, Default)]
pub struct Batch {
    parts: Vec<Part>,
    messages: Vec<Bytes>,
}

/// What the envelope says, in its order, and where the messages are in it.
#[derive(Debug)]
enum Part {
    /// FHS or BHS.
    Opens(Box<Envelope>),
    /// A message.
    Message,
    /// BTS, with the number of messages that it states.
    Closes(Option<usize>),
    /// FTS.
    Ends,
}

/// An FHS or BHS. Its first twelve fields are those of MSH, but for a few.
#[derive(Debug)]
struct Envelope {
    name: &'static str,
    header: Header,
    /// FHS-11 or BHS-11.
    id: Option<String>,
}

/// Why a batch cannot be taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoBatch {
    /// The bytes begin with neither FHS nor BHS.
    Other,
    /// It holds no message.
    Empty,
    /// It holds more messages than are taken at a time.
    TooMany,
}

impl Batch {
    /// Takes a batch apart. What stands between messages and belongs to none is a message of its
    /// own, which will be refused, rather than nothing.
    pub fn split(body: &Bytes) -> Result<Self, NoBatch> {
        if !is_batch(body) {
            return Err(NoBatch::Other);
        }
        let mut batch = Self::default();
        let mut begun: Option<usize> = None;
        for (at, line) in lines(body) {
            let part = match kind(line) {
                Some("FHS") => Part::Opens(Envelope::read("FHS", line).into()),
                Some("BHS") => Part::Opens(Envelope::read("BHS", line).into()),
                Some("BTS") => Part::Closes(count(line)),
                Some("FTS") => Part::Ends,
                None if begun.is_some() || line.trim_ascii().is_empty() => continue,
                Some(_) | None => Part::Message,
            };
            batch.take(body, begun.take(), at);
            if matches!(part, Part::Message) {
                begun = Some(at);
                if batch.messages.len() >= MOST {
                    return Err(NoBatch::TooMany);
                }
            }
            batch.parts.push(part);
        }
        batch.take(body, begun, body.len());
        if batch.messages.is_empty() { Err(NoBatch::Empty) } else { Ok(batch) }
    }

    fn take(&mut self, body: &Bytes, from: Option<usize>, to: usize) {
        self.messages.extend(from.map(|from| body.slice(from..to)));
    }

    /// Its messages, in their order, as they came.
    #[must_use]
    pub fn messages(&self) -> &[Bytes] {
        &self.messages
    }

    /// Puts the answers to its messages, in the same order, into an envelope like its own.
    #[must_use]
    pub fn answer(&self, answers: &[String], control_id: &str, now: DateTime<Utc>) -> String {
        let mut answers = answers.iter();
        let (mut out, mut opened) = (String::new(), Vec::new());
        let (mut messages, mut batches) = (0_usize, 0_usize);
        for part in &self.parts {
            match part {
                Part::Opens(envelope) => {
                    opened.push(envelope.name);
                    out.push_str(&envelope.answer(control_id, now));
                }
                Part::Message => {
                    messages = messages.saturating_add(1);
                    out.push_str(answers.next().map_or("", String::as_str));
                }
                Part::Closes(stated) => {
                    batches = batches.saturating_add(1);
                    opened.retain(|name| *name != "BHS");
                    out.push_str(&trailer(std::mem::take(&mut messages), *stated));
                }
                Part::Ends => opened.retain(|name| *name != "FHS"),
            }
        }
        if opened.contains(&"BHS") {
            batches = batches.saturating_add(1);
            out.push_str(&trailer(messages, None));
        }
        let is_file = self.parts.iter().any(|p| matches!(p, Part::Opens(e) if e.name == "FHS"));
        if is_file { format!("{out}FTS|{batches}\r") } else { out }
    }
}

impl Envelope {
    fn read(name: &'static str, line: &[u8]) -> Self {
        let like_msh = decode(line).replacen(name, "MSH", 1);
        let read = Message::parse(&like_msh).ok();
        let header = read.as_ref().map(|message| Header::read(message, DateTime::UNIX_EPOCH));
        let id = read.and_then(|message| message.field("MSH", 11).component(1).text());
        Self { name, header: header.unwrap_or_default(), id }
    }

    /// The same segment with sender and receiver changed over, and the id that it refers to.
    fn answer(&self, control_id: &str, now: DateTime<Utc>) -> String {
        let Self { name, header, id } = self;
        format!(
            "{name}|^~\\&|{}|{}|{}|{}|{}||||{}|{}\r",
            endpoint(&header.receiving_application),
            endpoint(&header.receiving_facility),
            endpoint(&header.sending_application),
            endpoint(&header.sending_facility),
            now.with_timezone(&Stockholm).format("%Y%m%d%H%M%S%z"),
            text(control_id),
            text(id.as_deref().unwrap_or_default()),
        )
    }
}

/// Who sends a batch, as its envelope says.
#[must_use]
pub fn batch_sender(body: &[u8]) -> Option<Header> {
    let (_, line) = lines(body).find(|(_, line)| !line.trim_ascii().is_empty())?;
    let name = kind(line).filter(|name| matches!(*name, "FHS" | "BHS"))?;
    Some(Envelope::read(name, line).header)
}

/// BTS of an answer. A sender whose count is another is told: a message may have been lost.
fn trailer(messages: usize, stated: Option<usize>) -> String {
    let differs = stated.is_some_and(|stated| stated != messages);
    let comment =
        if differs { "BTS-1 anger ett annat antal / BTS-1 states another number" } else { "" };
    format!("BTS|{messages}|{comment}\r")
}

fn is_batch(body: &[u8]) -> bool {
    let first = lines(body).find(|(_, line)| !line.trim_ascii().is_empty());
    first.and_then(|(_, line)| kind(line)).is_some_and(|name| matches!(name, "FHS" | "BHS"))
}

/// The lines and where they begin, without what stands around a message.
fn lines(body: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut at: usize = 0;
    body.split(|byte| matches!(byte, b'\r' | b'\n')).map(move |line| {
        let start = at;
        at = start.saturating_add(line.len()).saturating_add(1);
        let mut rest = line;
        while let [0x0B | 0x1C | b' ' | b'\t', more @ ..] | [0xEF, 0xBB, 0xBF, more @ ..] = rest {
            rest = more;
        }
        (start.saturating_add(line.len().saturating_sub(rest.len())), rest)
    })
}

/// Which of the segments that begin something a line is.
fn kind(line: &[u8]) -> Option<&'static str> {
    let name = ["MSH", "FHS", "BHS", "BTS", "FTS"]
        .into_iter()
        .find(|name| line.starts_with(name.as_bytes()))?;
    let after = line.get(3);
    let is_alone = after.is_none() && matches!(name, "BTS" | "FTS");
    let ends = |byte: &u8| !byte.is_ascii_alphanumeric() && !byte.is_ascii_whitespace();
    (is_alone || after.is_some_and(ends)).then_some(name)
}

/// BTS-1.
fn count(line: &[u8]) -> Option<usize> {
    let (&delimiter, rest) = line.get(3..)?.split_first()?;
    let first = rest.split(|&byte| byte == delimiter).next()?;
    std::str::from_utf8(first).ok()?.trim().parse().ok()
}
