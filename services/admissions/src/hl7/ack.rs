//! The answers to a message.
//!
//! Original mode answers AA, AE or AR. A sender that fills MSH-15 or MSH-16 runs enhanced mode and
//! tells two answers apart: the receiver has it (CA, CE, CR), the application has used it (AA, AE,
//! AR); see [`Mode`] for when it wants which. Both go back on its connection, one after the other:
//! we store and use in one transaction, so both are known at once. An acknowledgement is never
//! acknowledged, for that would have no end.
//!
//! Answers are always UTF-8 and declare it, with the recommended delimiters. They hold what came
//! in MSH-3 to 6, 10, 11 and 12 and texts of our own, nothing else of the message.

mod mode;

use chrono::{DateTime, Utc};
use chrono_tz::Europe::Stockholm;

use super::escape::escape;
use super::fault::{FieldFault, Severity};
use super::header::{Endpoint, Header};
use super::wire::Delimiters;

pub use mode::Mode;

const FALLBACK_VERSION: &str = "2.5.1";

/// What became of a message.
#[derive(Clone, Copy, Debug)]
pub enum Answer<'a> {
    /// It is stored and used; warnings may say what of it was not.
    Used(&'a [FieldFault]),
    /// It is stored; nothing in it is for us, and this is why.
    NotUsed(&'a [FieldFault]),
    /// It is refused, for these faults.
    Refused(&'a [FieldFault]),
}

impl Answer<'_> {
    const fn faults(&self) -> &[FieldFault] {
        match self {
            Self::Used(faults) | Self::NotUsed(faults) | Self::Refused(faults) => faults,
        }
    }

    /// The second letter of the acknowledgement code.
    fn letter(&self) -> char {
        match self {
            Self::Used(_) | Self::NotUsed(_) => 'A',
            Self::Refused(faults) if faults.iter().any(|fault| fault.code.rejects()) => 'R',
            Self::Refused(_) => 'E',
        }
    }

    /// MSA-3, for the many senders that show only this.
    fn summary(&self) -> String {
        match self {
            Self::Used(_) => String::new(),
            Self::NotUsed(_) => "Mottaget, används inte / Received, not used".to_owned(),
            Self::Refused(faults) => faults.first().map(both_languages).unwrap_or_default(),
        }
    }
}

/// The answers that a sender waits for on its connection: none, one or two, in their order. Their
/// ids are derived from `control_id`, so the same message again gets the same again.
#[must_use]
pub fn answers(
    header: Option<&Header>,
    answer: Answer<'_>,
    control_id: &str,
    now: DateTime<Utc>,
) -> Vec<String> {
    let unread = Header::default();
    let original = header.unwrap_or(&unread);
    if original.message_code.as_deref() == Some("ACK") {
        return Vec::new();
    }
    let letter = if header.is_none() { 'R' } else { answer.letter() };
    let write = |said: &Said| {
        let faults = if said.tells_why { answer } else { Answer::Used(&[]) };
        // Two answers to one message are two messages.
        let first: String = control_id.chars().skip(1).collect();
        let id = if said.is_first_of_two { format!("C{first}") } else { control_id.to_owned() };
        written(original, &said.code, faults, &id, now)
    };
    Mode::of(original).said(letter).iter().map(write).collect()
}

/// What one answer says.
struct Said {
    /// MSA-1.
    code: String,
    /// It tells of faults, and not only that the message is stored.
    tells_why: bool,
    is_first_of_two: bool,
}

/// The one answer where there can be but one, as over HTTP; without a header, when not even that
/// could be read, it is a rejection that names no message.
///
/// `control_id` is the answer's own id, `now` its time.
#[must_use]
pub fn acknowledge(
    header: Option<&Header>,
    answer: Answer<'_>,
    control_id: &str,
    now: DateTime<Utc>,
) -> String {
    let unread = Header::default();
    let original = header.unwrap_or(&unread);
    let letter = if header.is_none() { 'R' } else { answer.letter() };
    let code = format!("{}{letter}", Mode::of(original).family());
    written(original, &code, answer, control_id, now)
}

fn written(
    original: &Header,
    code: &str,
    answer: Answer<'_>,
    control_id: &str,
    now: DateTime<Utc>,
) -> String {
    let version = original.version.as_deref().unwrap_or(FALLBACK_VERSION);
    let acknowledged = original.control_id.as_deref().unwrap_or_default();
    let mut segments = vec![
        msh(original, version, control_id, now),
        format!("MSA|{code}|{}|{}\r", text(acknowledged), text(&answer.summary())),
    ];
    let has_old_err = matches!(version, "2.1" | "2.2" | "2.3" | "2.3.1" | "2.4");
    segments.extend(answer.faults().iter().map(|fault| err(fault, has_old_err)));
    segments.concat()
}

/// MSH, with sender and receiver changed over.
fn msh(original: &Header, version: &str, control_id: &str, now: DateTime<Utc>) -> String {
    let kind = match original.event_code.as_deref() {
        Some(event) => format!("ACK^{}^ACK", text(event)),
        None => "ACK".to_owned(),
    };
    format!(
        "MSH|^~\\&|{}|{}|{}|{}|{}||{kind}|{}|{}|{}||||||UNICODE UTF-8\r",
        endpoint(&original.receiving_application),
        endpoint(&original.receiving_facility),
        endpoint(&original.sending_application),
        endpoint(&original.sending_facility),
        now.with_timezone(&Stockholm).format("%Y%m%d%H%M%S%z"),
        text(control_id),
        text(original.processing_id.as_deref().unwrap_or("P")),
        text(version),
    )
}

/// ERR: ERR-2 place, ERR-3 code, ERR-4 severity, ERR-8 what to tell people; before 2.5 there was
/// only ERR-1, place and code in one.
fn err(fault: &FieldFault, has_old_err: bool) -> String {
    let (code, meaning) = fault.code.table_0357();
    let place = &fault.location;
    let number = |number: Option<u16>| number.map(|n| n.to_string()).unwrap_or_default();
    let segment = text(&place.segment);
    let field = number(place.field);
    let old = if has_old_err {
        format!("{segment}^{}^{field}^{code}&{meaning}&HL70357", place.sequence)
    } else {
        String::new()
    };
    let repetition = number(place.repetition.or(place.field.map(|_| 1)));
    let component = number(place.component);
    let place = format!("{segment}^{}^{field}^{repetition}^{component}", place.sequence);
    let severity = match fault.severity {
        Severity::Error => 'E',
        Severity::Warning => 'W',
        Severity::Information => 'I',
    };
    format!(
        "ERR|{old}|{}|{code}^{meaning}^HL70357|{severity}||||{}\r",
        place.trim_end_matches('^'),
        text(&both_languages(fault)),
    )
}

fn both_languages(fault: &FieldFault) -> String {
    format!("{} / {}", fault.text_sv(), fault.text_en())
}

pub(super) fn endpoint(endpoint: &Endpoint) -> String {
    let components: Vec<_> = endpoint.components().iter().map(|part| text(part)).collect();
    components.join("^")
}

pub(super) fn text(text: &str) -> String {
    escape(text, Delimiters::STANDARD)
}
