//! An acknowledgement in plain words.

use std::fmt;

use admissions::hl7::{Message, Segment, decode};
use serde::Serialize;

/// What the receiver answered.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Reply {
    /// MSA-1: AA, AE, AR, or CA, CE, CR.
    acknowledgement: String,
    /// MSA-2: which message it answers.
    control_id: Option<String>,
    /// MSA-3.
    text: Option<String>,
    faults: Vec<Fault>,
}

/// An ERR segment.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Fault {
    /// Where, such as `PID-3`.
    place: String,
    code: Option<String>,
    meaning: Option<String>,
    /// E: refused for it; W: accepted without it; I: for information.
    severity: Option<String>,
    /// Why, for people.
    text: Option<String>,
}

impl Reply {
    /// `None`: the bytes are no acknowledgement.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let message = Message::parse(&decode(bytes)).ok()?;
        Some(Self {
            acknowledgement: message.field("MSA", 1).text()?,
            control_id: message.field("MSA", 2).text(),
            text: message.field("MSA", 3).text(),
            faults: message.segments("ERR").map(Fault::read).collect(),
        })
    }

    pub(super) fn accepted(&self) -> bool {
        matches!(self.acknowledgement.as_str(), "AA" | "CA")
    }

    /// It says that the message is stored, and another may say what became of it.
    pub(super) fn is_stored(&self) -> bool {
        self.acknowledgement == "CA"
    }

    fn meaning(&self) -> &'static str {
        match self.acknowledgement.as_str() {
            "AA" | "CA" => "mottaget / accepted",
            "AE" | "CE" => "fel i meddelandet / in error",
            "AR" | "CR" => "avvisat / rejected",
            _ => "okänt svar / unknown answer",
        }
    }
}

impl Fault {
    /// ERR-2, 3, 4 and 8; before version 2.5 place and code were both in ERR-1.
    fn read(segment: &Segment) -> Self {
        let is_old = segment.field(2).text().is_none();
        let place = segment.field(if is_old { 1 } else { 2 });
        let part = |number| place.component(number).text();
        let old_code = place.component(4);
        let (code, meaning) = if is_old {
            (old_code.subcomponent(1).text(), old_code.subcomponent(2).text())
        } else {
            let code = segment.field(3);
            (code.component(1).text(), code.component(2).text())
        };
        let field = part(3).map(|field| format!("-{field}")).unwrap_or_default();
        let component = part(5).filter(|_| !is_old).map(|component| format!(".{component}"));
        Self {
            place: format!(
                "{}{field}{}",
                part(1).unwrap_or_else(|| "?".to_owned()),
                component.unwrap_or_default()
            ),
            code,
            meaning,
            severity: segment.field(4).text(),
            text: segment.field(8).text(),
        }
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.acknowledgement, self.meaning())?;
        if self.faults.is_empty() {
            return self.text.as_ref().map_or(Ok(()), |text| write!(f, ": {text}"));
        }
        self.faults.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.severity.as_deref() {
            Some("W") => "varning/warning",
            Some("I") => "upplysning/information",
            _ => "fel/error",
        };
        let why = self.text.as_deref().or(self.meaning.as_deref()).unwrap_or("–");
        let code = self.code.as_deref().unwrap_or("–");
        write!(f, "{kind} {}: {why} (kod/code {code})", self.place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(segments: &str) -> Reply {
        let header = "MSH|^~\\&|HEMGANG|H|EHR|W|20261124140000+0100||ACK|1|P|2.5.1\r";
        Reply::read(format!("{header}{segments}").as_bytes()).unwrap()
    }

    #[test]
    fn a_refusal_names_the_field_and_the_reason() {
        let err = "ERR||PID^1^3^1^4|101^Required field missing^HL70357|E||||saknas / is missing\r";
        let reply = reply(&format!("MSA|AE|42|fel\r{err}"));
        assert!(!reply.accepted());
        assert_eq!(
            reply.to_string(),
            "AE, fel i meddelandet / in error\n  \
             fel/error PID-3.4: saknas / is missing (kod/code 101)"
        );
    }

    #[test]
    fn an_old_error_segment_is_understood() {
        let reply = reply("MSA|AR|42\rERR|MSH^1^9^200&Unsupported message type&HL70357\r");
        let text = reply.to_string();
        assert!(text.ends_with("MSH-9: Unsupported message type (kod/code 200)"), "{text}");
    }

    #[test]
    fn an_acceptance_may_have_a_text() {
        let reply = reply("MSA|AA|42|Mottaget, används inte / Received, not used\r");
        assert!(reply.accepted());
        assert!(reply.to_string().ends_with("Mottaget, används inte / Received, not used"));
    }

    #[test]
    fn what_is_no_acknowledgement_is_no_answer() {
        assert_eq!(Reply::read(b"HTTP/1.1 400 Bad Request\r\n"), None);
        assert_eq!(Reply::read(b"MSH|^~\\&|A\rPID|1\r"), None);
    }
}
