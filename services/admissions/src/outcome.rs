//! What became of a message, for whoever sent it.

use contracts::CaseRef;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::hl7::{FieldFault, Header, Severity};
use crate::inbound::names;
use crate::json_intake::DocumentFault;

/// What became of one message.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Its id here; that of the first one, for a message that had come before.
    pub id: Uuid,
    /// The registered sender.
    pub sender: Option<String>,
    /// The sender's id of the message.
    pub control_id: Option<String>,
    /// What was done with it.
    pub verdict: Verdict,
    /// The same message had come before, and this is what was done with it then.
    pub duplicate: bool,
    /// The sender had used the id for another message.
    pub flagged: bool,
    /// The case that it is about.
    pub case_ref: Option<CaseRef>,
    /// Why it was refused, or what of it was left out.
    pub faults: Vec<Fault>,
    /// The header of an HL7 message that has one, to answer it.
    pub header: Option<Header>,
}

/// What was done with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It was acted on.
    Accepted,
    /// It is kept; nothing in it is for us.
    NotUsed,
    /// It is kept, and was refused.
    Refused,
}

names!(Verdict: Accepted => "accepted", NotUsed => "not_used", Refused => "refused");

/// Something that is wrong with a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// In HL7.
    Field(FieldFault),
    /// In our own document.
    Document(DocumentFault),
}

/// A fault as it is told and kept. It names a place and a reason, never a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The field of an HL7 message, such as `PV1-19`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The member of a document, as a JSON pointer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// For programs, such as `required_field_missing`.
    pub code: String,
    /// The message was not refused for it: it was accepted without the field, or is not used.
    #[serde(default)]
    pub warning: bool,
    /// In Swedish.
    pub sv: String,
    /// In English.
    pub en: String,
}

impl Fault {
    /// Where it is.
    #[must_use]
    pub fn place(&self) -> String {
        match self {
            Self::Field(fault) => fault.location.to_string(),
            Self::Document(fault) => fault.pointer.clone(),
        }
    }

    /// As it is told and kept.
    #[must_use]
    pub fn reason(&self) -> Reason {
        match self {
            Self::Field(fault) => Reason {
                field: Some(fault.location.to_string()),
                pointer: None,
                code: fault.code.as_str().to_owned(),
                warning: fault.severity != Severity::Error,
                sv: fault.text_sv(),
                en: fault.text_en(),
            },
            Self::Document(fault) => Reason {
                field: None,
                pointer: Some(fault.pointer.clone()),
                code: fault.code.as_str().to_owned(),
                warning: fault.warning,
                sv: fault.message_sv.clone(),
                en: fault.message_en.clone(),
            },
        }
    }
}
