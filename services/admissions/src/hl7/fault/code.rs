//! What kind of fault it is, by HL7's own table: what programs of a sender go by, apart from the
//! words for people.

use serde::Serialize;

/// HL7 table 0357, as far as we say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultCode {
    /// 0: the message is kept, and nothing in it is for us.
    NotUsed,
    /// 100
    SegmentSequence,
    /// 101
    RequiredFieldMissing,
    /// 102
    DataType,
    /// 103
    TableValueNotFound,
    /// 199: two fields contradict each other.
    Contradiction,
    /// 200
    UnsupportedMessageType,
    /// 201
    UnsupportedEventCode,
    /// 202
    UnsupportedProcessingId,
    /// 203
    UnsupportedVersion,
    /// 204
    UnknownKeyIdentifier,
    /// 207
    ApplicationInternalError,
}

impl FaultCode {
    /// Its name for programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotUsed => "not_used",
            Self::SegmentSequence => "segment_sequence",
            Self::RequiredFieldMissing => "required_field_missing",
            Self::DataType => "data_type",
            Self::TableValueNotFound => "table_value_not_found",
            Self::Contradiction => "contradiction",
            Self::UnsupportedMessageType => "unsupported_message_type",
            Self::UnsupportedEventCode => "unsupported_event_code",
            Self::UnsupportedProcessingId => "unsupported_processing_id",
            Self::UnsupportedVersion => "unsupported_version",
            Self::UnknownKeyIdentifier => "unknown_key_identifier",
            Self::ApplicationInternalError => "application_internal_error",
        }
    }

    /// The code and its text in table 0357.
    #[must_use]
    pub const fn table_0357(self) -> (u16, &'static str) {
        match self {
            Self::NotUsed => (0, "Message accepted"),
            Self::SegmentSequence => (100, "Segment sequence error"),
            Self::RequiredFieldMissing => (101, "Required field missing"),
            Self::DataType => (102, "Data type error"),
            Self::TableValueNotFound => (103, "Table value not found"),
            Self::Contradiction => (199, "Other HL7 Error"),
            Self::UnsupportedMessageType => (200, "Unsupported message type"),
            Self::UnsupportedEventCode => (201, "Unsupported event code"),
            Self::UnsupportedProcessingId => (202, "Unsupported processing id"),
            Self::UnsupportedVersion => (203, "Unsupported version id"),
            Self::UnknownKeyIdentifier => (204, "Unknown key identifier"),
            Self::ApplicationInternalError => (207, "Application internal error"),
        }
    }

    /// Whether the message is rejected as such (AR), rather than in error (AE): its type, its
    /// version or our own state is the reason, not its content.
    #[must_use]
    pub const fn rejects(self) -> bool {
        matches!(self.table_0357().0, 200..=203 | 207)
    }
}
