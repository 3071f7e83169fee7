//! What is wrong with a message, so that its sender can put it right.
//!
//! A fault names a place and a reason. The reason is text of our own, fixed when this was compiled,
//! so no value of the message can ever get into it.

mod code;
mod location;

pub use code::FaultCode;
pub use location::Location;

use serde::Serialize;

/// Whether the message is refused for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It is refused.
    Error,
    /// It is accepted; the field is treated as not stated, or as good as could be.
    Warning,
    /// Nothing is wrong; this is why the message is not acted on.
    Information,
}

/// Why, in both languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// In Swedish.
    pub sv: &'static str,
    /// In English.
    pub en: &'static str,
}

/// One thing that is wrong with a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldFault {
    /// Where.
    pub location: Location,
    /// Of what kind.
    pub code: FaultCode,
    /// Whether the message is refused for it.
    pub severity: Severity,
    /// Why.
    pub reason: Reason,
}

impl FieldFault {
    /// A fault for which the message is refused.
    #[must_use]
    pub const fn new(
        location: Location,
        code: FaultCode,
        sv: &'static str,
        en: &'static str,
    ) -> Self {
        Self { location, code, severity: Severity::Error, reason: Reason { sv, en } }
    }

    /// The same, but the message is accepted without the field.
    #[must_use]
    pub fn as_warning(self) -> Self {
        Self { severity: Severity::Warning, ..self }
    }

    /// The same, but it is no fault: it says why nothing is done.
    #[must_use]
    pub fn as_information(self) -> Self {
        Self { severity: Severity::Information, ..self }
    }

    /// Whether the message is refused for it.
    #[must_use]
    pub fn refuses(&self) -> bool {
        self.severity == Severity::Error
    }

    /// A field that this message cannot do without is not stated.
    #[must_use]
    pub const fn missing(location: Location) -> Self {
        Self::new(location, FaultCode::RequiredFieldMissing, "saknas", "is missing")
    }

    /// A time cannot be read, or lacks the time of day.
    #[must_use]
    pub const fn bad_time(location: Location) -> Self {
        let sv = "är ingen tid av formen ÅÅÅÅMMDDTTMM";
        Self::new(location, FaultCode::DataType, sv, "is no time of the form YYYYMMDDHHMM")
    }

    /// A code is not in the mapping that was agreed with the sender.
    #[must_use]
    pub const fn unknown_code(location: Location) -> Self {
        let sv = "har en kod som inte finns i avsändarens kodtabell";
        let en = "holds a code that is not in the sender's mapping";
        Self::new(location, FaultCode::TableValueNotFound, sv, en)
    }

    /// A key names something that we do not know.
    #[must_use]
    pub const fn unknown_key(location: Location) -> Self {
        let sv = "pekar på något som inte är känt här";
        Self::new(location, FaultCode::UnknownKeyIdentifier, sv, "names what is not known here")
    }

    /// It is about care that is not used here.
    #[must_use]
    pub fn not_inpatient() -> Self {
        let sv = "säger inte slutenvård, och meddelandet används inte";
        let en = "does not say in-patient care, and the message is not used";
        Self::new(Location::field("PV1", 2), FaultCode::NotUsed, sv, en).as_information()
    }

    /// A merge of numbers none of which patients are known by here.
    #[must_use]
    pub fn nothing_to_merge() -> Self {
        let sv =
            "är inget annat nummer som patienter är kända under här, och meddelandet används inte";
        let en = "is no other number that patients are known by here, and the message is not used";
        Self::new(Location::field("MRG", 1), FaultCode::NotUsed, sv, en).as_information()
    }

    /// A merge by a sender whose stays are known by the patient's number: another number is another
    /// stay.
    #[must_use]
    pub fn merged_by_number() -> Self {
        let sv = "slår ihop identiteter och används INTE: vårdtillfällen är här kända under patientens \
                  nummer; makulera under det gamla (A11) och skriv in under det nya (A01)";
        let en = "merges identities and is NOT used: stays are known here by the patient's number; \
                  cancel under the old one (A11) and admit under the new one (A01)";
        let place = Location::field("MSH", 9).at(1, 2);
        Self::new(place, FaultCode::NotUsed, sv, en).as_warning()
    }

    /// Nobody is registered under the name that the message goes by.
    #[must_use]
    pub fn unknown_sender() -> Self {
        let (sv, en) = (
            "och MSH-4 namnger en avsändare som inte är registrerad, eller inte för den adressen",
            "and MSH-4 name a sender that is not registered, or not for that address",
        );
        Self::new(Location::field("MSH", 3), FaultCode::UnknownKeyIdentifier, sv, en)
    }

    /// A batch cannot be taken apart.
    #[must_use]
    pub fn no_batch(has_too_many: bool) -> Self {
        let (sv, en) = if has_too_many {
            ("inleder fler än 1000 meddelanden", "begins more than 1000 messages")
        } else {
            ("inleder en bunt utan meddelanden", "begins a batch without messages")
        };
        Self::new(Location::segment("BHS"), FaultCode::SegmentSequence, sv, en)
    }

    /// The bytes are no message that could be read.
    #[must_use]
    pub fn unreadable() -> Self {
        let (sv, en) = ("inleder inget HL7-meddelande", "begins no HL7 message");
        Self::new(Location::segment("MSH"), FaultCode::SegmentSequence, sv, en)
    }

    /// We failed, not the sender.
    #[must_use]
    pub fn internal() -> Self {
        let sv = "togs inte emot på grund av ett fel hos mottagaren; skicka igen";
        let en = "was not taken because of a failure at the receiver; send again";
        Self::new(Location::segment("MSH"), FaultCode::ApplicationInternalError, sv, en)
    }

    /// The message is longer than the listener allows.
    #[must_use]
    pub fn too_large() -> Self {
        let (sv, en) = ("inleder ett för långt meddelande", "begins a message that is too long");
        Self::new(Location::segment("MSH"), FaultCode::DataType, sv, en)
    }

    /// Most faults of one message that are told: an answer must fit into a message itself.
    pub const MOST: usize = 50;

    /// No more of them than are told; the last one then says that there are more.
    #[must_use]
    pub fn capped(mut faults: Vec<Self>) -> Vec<Self> {
        if faults.len() > Self::MOST {
            faults.truncate(Self::MOST);
            if let Some(last) = faults.last_mut() {
                last.reason = Reason {
                    sv: "är fel, och fler fel än så räknas inte upp",
                    en: "is at fault, and more faults than these are not listed",
                };
            }
        }
        faults
    }

    /// The whole sentence in Swedish.
    #[must_use]
    pub fn text_sv(&self) -> String {
        self.text(self.location.meaning().map(|(sv, _)| sv), self.reason.sv)
    }

    /// The whole sentence in English.
    #[must_use]
    pub fn text_en(&self) -> String {
        self.text(self.location.meaning().map(|(_, en)| en), self.reason.en)
    }

    fn text(&self, meaning: Option<&str>, reason: &str) -> String {
        let meaning = meaning.map(|meaning| format!(" ({meaning})")).unwrap_or_default();
        format!("{}{meaning} {reason}.", self.location)
    }
}
