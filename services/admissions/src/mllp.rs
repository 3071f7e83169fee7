//! MLLP, the framing of HL7 v2 over TCP: `0x0B`, the message, `0x1C 0x0D`.
//!
//! The codec is our own because the published ones buffer a frame without any limit. It never
//! holds more than one capped frame and one read. Where senders break the protocol it does what
//! cannot mix two messages:
//!
//! * bytes between frames are skipped, up to a small bound, then the peer speaks something else;
//! * a new start byte inside a frame means that the sender gave the first one up: the half
//!   message is dropped, for gluing it to the next could put one patient's visit on another;
//! * a missing `0x0D` is forgiven only where nothing else can be meant: the next frame starts
//!   right there, or the connection ends.

mod server;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use thiserror::Error;
use tokio_util::codec::{Decoder, Encoder};

pub use server::{Inbound, Limits, serve};

const START: u8 = 0x0B;
const END: u8 = 0x1C;
const CARRIAGE_RETURN: u8 = 0x0D;

/// Why a stream of bytes cannot be read, or an answer cannot be framed, as MLLP.
#[derive(Debug, Error)]
pub enum MllpError {
    /// The frame is longer than the cap. `head` is its beginning, enough to answer it.
    #[error("an MLLP frame is longer than the {limit} bytes that are allowed")]
    FrameTooLarge {
        /// The cap in bytes.
        limit: usize,
        /// The first bytes of the frame, at most `limit` of them.
        head: Bytes,
    },
    /// Too many bytes came outside any frame.
    #[error("more than {limit} bytes came outside any MLLP frame")]
    NotFramed {
        /// The bound in bytes.
        limit: usize,
    },
    /// The connection ended inside a frame.
    #[error("the connection ended inside an MLLP frame")]
    Truncated,
    /// The payload holds a framing byte, so no receiver could find its end.
    #[error("a message that holds an MLLP framing byte cannot be sent")]
    Unframeable,
    /// The connection failed.
    #[error("reading or writing MLLP failed")]
    Io(#[from] std::io::Error),
}

/// The framing of one connection.
#[derive(Debug)]
pub struct MllpCodec {
    max_frame: usize,
    max_stray: usize,
    state: State,
}

#[derive(Debug, Clone, Copy)]
enum State {
    /// Between frames, with so many stray bytes skipped since the last one.
    Outside { stray: usize },
    /// In a frame (its start byte is consumed), of which so many bytes hold no framing byte.
    Inside { scanned: usize },
}

const OUTSIDE: State = State::Outside { stray: 0 };
const INSIDE: State = State::Inside { scanned: 0 };

impl MllpCodec {
    /// A codec for messages of at most `max_frame` bytes that skips at most `max_stray` bytes
    /// before a frame.
    #[must_use]
    pub const fn new(max_frame: usize, max_stray: usize) -> Self {
        Self { max_frame, max_stray, state: OUTSIDE }
    }

    /// Skips to the next start byte. `false`: it has not come yet.
    fn enter_frame(&mut self, src: &mut BytesMut, stray: usize) -> Result<bool, MllpError> {
        let start = src.iter().position(|&byte| byte == START);
        let stray = stray.saturating_add(start.unwrap_or(src.len()));
        if stray > self.max_stray {
            return Err(MllpError::NotFramed { limit: self.max_stray });
        }
        let Some(start) = start else {
            src.clear();
            self.state = State::Outside { stray };
            return Ok(false);
        };
        src.advance(start.saturating_add(1));
        self.state = INSIDE;
        Ok(true)
    }

    /// Looks for the end of the frame from where the last look ended.
    fn scan(&mut self, src: &mut BytesMut, scanned: usize, eof: bool) -> Scan {
        let framing = src.iter().skip(scanned).position(|&byte| byte == END || byte == START);
        let Some(at) = framing.map(|offset| offset.saturating_add(scanned)) else {
            self.state = State::Inside { scanned: src.len() };
            return Scan::More;
        };
        if src.get(at) == Some(&START) {
            count_unfinished();
            src.advance(at.saturating_add(1));
            self.state = INSIDE;
            return Scan::Again;
        }
        let end = match src.get(at.saturating_add(1)) {
            Some(&CARRIAGE_RETURN) => Some(2),
            Some(&START) => Some(1),
            None if eof => Some(1),
            None | Some(_) => None,
        };
        if let Some(length) = end {
            return Scan::Frame { length: at, end: length };
        }
        let is_last = at.saturating_add(1) == src.len();
        self.state = State::Inside { scanned: if is_last { at } else { at.saturating_add(1) } };
        if is_last { Scan::More } else { Scan::Again }
    }

    fn next_frame(&mut self, src: &mut BytesMut, eof: bool) -> Result<Option<Bytes>, MllpError> {
        loop {
            let scanned = match self.state {
                State::Outside { stray } => {
                    if !self.enter_frame(src, stray)? {
                        return Ok(None);
                    }
                    continue;
                }
                State::Inside { scanned } => scanned,
            };
            match self.scan(src, scanned, eof) {
                Scan::Again => {}
                Scan::Frame { length, end } if length <= self.max_frame => {
                    let frame = src.split_to(length).freeze();
                    src.advance(end);
                    self.state = OUTSIDE;
                    return Ok(Some(frame));
                }
                Scan::More if src.len() <= self.max_frame.saturating_add(1) => return Ok(None),
                Scan::Frame { .. } | Scan::More => return Err(self.too_large(src)),
            }
        }
    }

    fn too_large(&mut self, src: &mut BytesMut) -> MllpError {
        let head = src.split_to(self.max_frame.min(src.len())).freeze();
        src.clear();
        self.state = OUTSIDE;
        MllpError::FrameTooLarge { limit: self.max_frame, head }
    }
}

/// Half a message is not kept: it has no answer, so its sender sends it again.
fn count_unfinished() {
    metrics::counter!("hemgang_mllp_unfinished_total").increment(1);
}

enum Scan {
    /// The frame's end has not come yet.
    More,
    /// Something was skipped; look again.
    Again,
    /// The frame is complete: so many bytes of message, so many of end.
    Frame { length: usize, end: usize },
}

impl Decoder for MllpCodec {
    type Item = Bytes;
    type Error = MllpError;

    fn decode(&mut self, src: &mut BytesMut) -> Result<Option<Bytes>, MllpError> {
        self.next_frame(src, false)
    }

    fn decode_eof(&mut self, src: &mut BytesMut) -> Result<Option<Bytes>, MllpError> {
        let frame = self.next_frame(src, true)?;
        if frame.is_none() && matches!(self.state, State::Inside { .. }) {
            self.state = OUTSIDE;
            src.clear();
            count_unfinished();
            return Err(MllpError::Truncated);
        }
        Ok(frame)
    }
}

impl Encoder<&[u8]> for MllpCodec {
    type Error = MllpError;

    fn encode(&mut self, message: &[u8], dst: &mut BytesMut) -> Result<(), MllpError> {
        if message.iter().any(|&byte| byte == START || byte == END) {
            return Err(MllpError::Unframeable);
        }
        dst.reserve(message.len().saturating_add(3));
        dst.put_u8(START);
        dst.put_slice(message);
        dst.put_slice(&[END, CARRIAGE_RETURN]);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
