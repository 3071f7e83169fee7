//! W3C trace context: the thread from an admission to the mail that it caused.
//!
//! Carried in message headers, in outbox rows and in log lines. Own code, because all that is
//! needed is to pass an id on; no collector is assumed.

use std::fmt;
use std::str::FromStr;

use crate::new_id;

/// A position in a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trace {
    id: u128,
    span: u64,
}

/// The text is no `traceparent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a traceparent")]
pub struct InvalidTrace;

impl Trace {
    /// The header that carries it.
    pub const HEADER: &'static str = "traceparent";

    /// The beginning of a new trace.
    #[must_use]
    pub fn start() -> Self {
        Self { id: new_id().as_u128(), span: random_span() }
    }

    /// A step further in the same trace.
    #[must_use]
    pub fn child(self) -> Self {
        Self { span: random_span(), ..self }
    }

    /// Goes on from a header, or starts anew.
    #[must_use]
    pub fn continue_from(header: Option<&str>) -> Self {
        header.and_then(|text| text.parse::<Self>().ok()).map_or_else(Self::start, Self::child)
    }

    /// The trace's id in hexadecimal, for log lines.
    #[must_use]
    pub fn id(self) -> String {
        format!("{:032x}", self.id)
    }
}

fn random_span() -> u64 {
    let (high, low) = new_id().as_u64_pair();
    // The low half of a version 7 id is random but for the two bits of its variant.
    low ^ high.rotate_left(32)
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-01", self.id, self.span)
    }
}

impl FromStr for Trace {
    type Err = InvalidTrace;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.split('-');
        let (Some(_), Some(id), Some(span), Some(_)) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(InvalidTrace);
        };
        if id.len() != 32 || span.len() != 16 {
            return Err(InvalidTrace);
        }
        let id = u128::from_str_radix(id, 16).map_err(|_| InvalidTrace)?;
        let span = u64::from_str_radix(span, 16).map_err(|_| InvalidTrace)?;
        if id == 0 || span == 0 { Err(InvalidTrace) } else { Ok(Self { id, span }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_goes_on_under_the_same_id() {
        let trace = Trace::start();
        let next = Trace::continue_from(Some(&trace.to_string()));
        assert_eq!(next.id(), trace.id());
        assert_ne!(next, trace);
    }

    #[test]
    fn a_header_that_is_none_starts_a_new_trace() {
        for text in ["", "00-1-2-3", "00-00000000000000000000000000000000-0000000000000001-01", "å"]
        {
            assert!(text.parse::<Trace>().is_err(), "{text}");
        }
    }
}
