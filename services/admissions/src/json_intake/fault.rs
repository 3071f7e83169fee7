//! What is wrong with a document.
//!
//! The texts of the JSON library quote what they found, which may be a patient's. So only the kind
//! of its error and its place are taken over, and the texts are our own.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde::Serialize;
use serde_json::Value;
use serde_path_to_error::{Path, Segment};

use super::document::AdmissionDocument;

/// One thing that is wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DocumentFault {
    /// Where, as a JSON pointer; empty for the whole document.
    pub pointer: String,
    /// Of what kind.
    pub code: DocumentFaultCode,
    /// What, in Swedish.
    pub message_sv: String,
    /// What, in English.
    pub message_en: String,
    /// The document is not refused for it.
    pub warning: bool,
}

/// What kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentFaultCode {
    /// The bytes are no JSON.
    NotJson,
    /// A required member is missing.
    Missing,
    /// A member is not known here, or comes twice.
    UnknownMember,
    /// A value is not of its type, or none of those that are allowed.
    WrongType,
    /// A value is of its type and cannot be.
    Invalid,
    /// It names something that is not known here.
    UnknownKey,
    /// We failed, not the sender.
    Internal,
}

impl DocumentFaultCode {
    /// Its name for programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotJson => "not_json",
            Self::Missing => "missing",
            Self::UnknownMember => "unknown_member",
            Self::WrongType => "wrong_type",
            Self::Invalid => "invalid",
            Self::UnknownKey => "unknown_key",
            Self::Internal => "internal",
        }
    }
}

impl DocumentFault {
    fn new(pointer: &str, code: DocumentFaultCode, (sv, en): (&str, &str)) -> Self {
        let place = if pointer.is_empty() { "/" } else { pointer };
        Self {
            pointer: pointer.to_owned(),
            code,
            message_sv: format!("{place} {sv}."),
            message_en: format!("{place} {en}."),
            warning: false,
        }
    }

    /// The same, but the document is accepted.
    pub(crate) fn into_warning(self) -> Self {
        Self { warning: true, ..self }
    }

    pub(super) fn missing(pointer: &str) -> Self {
        Self::new(pointer, DocumentFaultCode::Missing, ("saknas", "is missing"))
    }

    /// The stay that it ends or takes back is not known here.
    pub(crate) fn unknown_stay() -> Self {
        let reason = ("är inget vårdtillfälle som är känt här", "is no stay that is known here");
        Self::new("/visit", DocumentFaultCode::UnknownKey, reason)
    }

    /// Nobody is registered under the token that it came under.
    pub(crate) fn unknown_sender() -> Self {
        let reason = (
            "kommer från en avsändare som inte är registrerad",
            "comes from a sender that is not registered",
        );
        Self::new("", DocumentFaultCode::UnknownKey, reason)
    }

    /// We failed, not the sender.
    pub(crate) fn internal() -> Self {
        let reason = (
            "kunde inte tas emot på grund av ett fel hos mottagaren",
            "could not be taken because of a failure at the receiver",
        );
        Self::new("", DocumentFaultCode::Internal, reason)
    }

    /// It is longer than the listener allows.
    pub(crate) fn too_long() -> Self {
        let reason = ("är för långt", "is too long");
        Self::new("", DocumentFaultCode::Invalid, reason)
    }

    /// It came on a subject that is none of the intake's.
    pub(crate) fn unknown_subject() -> Self {
        let reason = (
            "kom på ett ämne som varken är adt eller admission",
            "came on a subject that is neither adt nor admission",
        );
        Self::new("", DocumentFaultCode::UnknownKey, reason)
    }

    pub(crate) fn invalid(pointer: &str, reason: (&str, &str)) -> Self {
        Self::new(pointer, DocumentFaultCode::Invalid, reason)
    }
}

/// Reads the form of a document.
pub(super) fn deserialize(bytes: &[u8]) -> Result<AdmissionDocument, DocumentFault> {
    if bytes.windows(6).any(|window| window == br"\u0000") {
        let reason = ("innehåller tecknet NUL", "holds the character NUL");
        return Err(DocumentFault::invalid("", reason));
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let document = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let pointer = pointer(error.path());
        of_form(&pointer, error.inner())
    })?;
    json.end().map_err(|error| of_form("", &error))?;
    Ok(document)
}

fn of_form(pointer: &str, error: &serde_json::Error) -> DocumentFault {
    if !error.is_data() {
        return DocumentFault::new(
            pointer,
            DocumentFaultCode::NotJson,
            ("är inte giltig JSON", "is not valid JSON"),
        );
    }
    let text = error.to_string();
    if let Some(member) = text.strip_prefix("missing field `").and_then(|t| t.split('`').next()) {
        return DocumentFault::missing(&format!("{pointer}/{member}"));
    }
    let (code, reason) = if text.starts_with("unknown field") {
        let reason = ("är inget fält i dokumentet", "is no member of the document");
        (DocumentFaultCode::UnknownMember, reason)
    } else if text.starts_with("duplicate field") {
        (DocumentFaultCode::UnknownMember, ("finns två gånger", "is there twice"))
    } else {
        let reason = ("har fel typ eller värde", "has a wrong type or value");
        (DocumentFaultCode::WrongType, reason)
    };
    DocumentFault::new(pointer, code, reason)
}

/// Where an error is. Only members of our own document are named: senders put values where names
/// belong.
fn pointer(path: &Path) -> String {
    let part = |segment: &Segment| match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key } if MEMBERS.contains(key) => format!("/{key}"),
        Segment::Map { .. } => "/?".to_owned(),
        Segment::Enum { .. } | Segment::Unknown => String::new(),
    };
    path.iter().map(part).collect()
}

/// The names of all members that the document can have.
static MEMBERS: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let mut members = BTreeSet::new();
    collect_members(super::schema().as_value(), &mut members);
    members
});

fn collect_members(schema: &Value, members: &mut BTreeSet<String>) {
    match schema {
        Value::Object(fields) => {
            if let Some(Value::Object(properties)) = fields.get("properties") {
                members.extend(properties.keys().cloned());
            }
            fields.values().for_each(|value| collect_members(value, members));
        }
        Value::Array(items) => items.iter().for_each(|item| collect_members(item, members)),
        _ => {}
    }
}
