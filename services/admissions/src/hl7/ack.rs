//! The answer to a message.
//!
//! Original mode answers AA, AE or AR. A sender that fills MSH-15 or MSH-16 runs enhanced mode and
//! tells two answers apart: the receiver has it (CA, CE, CR), the application has used it (AA, AE,
//! AR). We store and use in one transaction, so both would say the same, and only one answer is
//! sent: the accept one, since that is what such a sender waits for on the connection, or the
//! application one where MSH-15 says that no accept answer is wanted and MSH-16 that an application
//! answer is.
//!
//! Answers are always UTF-8 and declare it, with the recommended delimiters. They hold what came
//! in MSH-3 to 6, 10, 11 and 12 and texts of our own, nothing else of the message.

use chrono::{DateTime, Utc};
use chrono_tz::Europe::Stockholm;

use super::escape::escape;
use super::fault::{FieldFault, Severity};
use super::header::{Endpoint, Header};
use super::wire::Delimiters;

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

/// Writes the answer to a message with this header; without one, when not even that could be read,
/// the answer is a rejection that names no message.
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
    let family = if wants_accept_code(original) { 'C' } else { 'A' };
    let letter = if header.is_none() { 'R' } else { answer.letter() };
    let version = original.version.as_deref().unwrap_or(FALLBACK_VERSION);
    let acknowledged = original.control_id.as_deref().unwrap_or_default();
    let mut segments = vec![
        msh(original, version, control_id, now),
        format!("MSA|{family}{letter}|{}|{}\r", text(acknowledged), text(&answer.summary())),
    ];
    let has_old_err = matches!(version, "2.1" | "2.2" | "2.3" | "2.3.1" | "2.4");
    segments.extend(answer.faults().iter().map(|fault| err(fault, has_old_err)));
    segments.concat()
}

fn wants_accept_code(header: &Header) -> bool {
    let wanted = |condition: Option<&str>| match condition {
        Some("AL" | "ER" | "SU") => Some(true),
        Some("NE") => Some(false),
        _ => None,
    };
    let accept = wanted(header.accept_acknowledgement.as_deref());
    let application = wanted(header.application_acknowledgement.as_deref());
    match (accept, application) {
        (None, None) | (None | Some(false), Some(true)) => false,
        (Some(_), _) | (None, Some(false)) => true,
    }
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

fn endpoint(endpoint: &Endpoint) -> String {
    let components: Vec<_> = endpoint.components().iter().map(|part| text(part)).collect();
    components.join("^")
}

fn text(text: &str) -> String {
    escape(text, Delimiters::STANDARD)
}
