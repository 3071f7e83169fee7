//! What happened, by MSH-9, and of what use it is here.

use super::fault::{FaultCode, FieldFault, Location};
use super::header::Header;

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// A01, admitted.
    Admit,
    /// A06, an outpatient is an in-patient from now on: an admission, and the end of a discharge
    /// that A07 told of.
    BecomeInpatient,
    /// A07, an in-patient is an outpatient from now on: the end of the stay as in-patient.
    BecomeOutpatient,
    /// A02, transferred, and A12, not transferred after all: the patient is where PV1-3 says.
    Transfer,
    /// A03, discharged.
    Discharge,
    /// A08, updated.
    Update,
    /// A16, a discharge is planned, and A25, it is no longer: PV2-9 says for when. Never a discharge.
    PlanDischarge,
    /// A11, admission cancelled, and A23, the visit deleted.
    CancelAdmit,
    /// A13, discharge cancelled.
    CancelDischarge,
    /// A21, on leave.
    StartLeave,
    /// A22, back from leave.
    EndLeave,
    /// A52, never gone on leave.
    CancelLeave,
    /// A53, not back after all.
    CancelReturn,
    /// A40, A34 and A36, patients are merged, A18, the same in old systems, and A47, a number is
    /// changed: MRG-1 is from now on PID-3. What A36 and A18 say of accounts is not used.
    Merge,
    /// Any other message, such as `ADT^A04` or `ORU^R01`: kept, and not acted on.
    Other(String),
}

impl Trigger {
    pub(super) fn of(header: &Header) -> Self {
        let code = header.message_code.as_deref().unwrap_or_default();
        let event = header.event_code.as_deref().unwrap_or_default();
        match (code, event) {
            ("ADT", "A01") => Self::Admit,
            ("ADT", "A02" | "A12") => Self::Transfer,
            ("ADT", "A03") => Self::Discharge,
            ("ADT", "A06") => Self::BecomeInpatient,
            ("ADT", "A07") => Self::BecomeOutpatient,
            ("ADT", "A08") => Self::Update,
            ("ADT", "A11" | "A23") => Self::CancelAdmit,
            ("ADT", "A13") => Self::CancelDischarge,
            ("ADT", "A16" | "A25") => Self::PlanDischarge,
            ("ADT", "A21") => Self::StartLeave,
            ("ADT", "A22") => Self::EndLeave,
            ("ADT", "A52") => Self::CancelLeave,
            ("ADT", "A53") => Self::CancelReturn,
            ("ADT", "A18" | "A34" | "A36" | "A40" | "A47") => Self::Merge,
            _ => Self::Other(format!("{code}^{event}")),
        }
    }

    /// A stay as in-patient begins.
    #[must_use]
    pub const fn admits(&self) -> bool {
        matches!(self, Self::Admit | Self::BecomeInpatient)
    }

    /// Why a message like this is not acted on, as its sender is told.
    #[must_use]
    pub fn why_not_used(&self) -> FieldFault {
        let Self::Other(kind) = self else {
            return not_used(2, NO_EVENT);
        };
        match kind.strip_prefix("ADT^") {
            // Somebody has to say it in another way, or the notice is about somebody else.
            Some(event) if is_of_numbers(event) || is_of_identities(event) => {
                not_used(2, why_not(event)).as_warning()
            }
            Some(event) => not_used(2, why_not(event)),
            None => not_used(1, ("är ingen meddelandetyp som används här", NO_TYPE_EN)),
        }
    }
}

const NO_TYPE_EN: &str = "is no message type that is used here";
const NO_EVENT: (&str, &str) =
    ("är ingen händelse som används här", "is no event that is used here");

fn not_used(component: u16, (sv, en): (&'static str, &'static str)) -> FieldFault {
    let place = Location::field("MSH", 9).at(1, component);
    FieldFault::new(place, FaultCode::NotUsed, sv, en).as_information()
}

/// A visit's number becomes another, alone or with another visit's.
fn is_of_numbers(event: &str) -> bool {
    matches!(event, "A42" | "A50" | "A51")
}

/// What was one patient's is another's: identities, accounts or visits are merged, moved or changed.
fn is_of_identities(event: &str) -> bool {
    let merged = ["A30", "A35", "A39", "A41"];
    let moved = ["A43", "A44", "A45", "A46", "A48", "A49"];
    merged.contains(&event) || moved.contains(&event)
}

fn why_not(event: &str) -> (&'static str, &'static str) {
    match event {
        "A04" => (
            "anmäler ett besök i öppenvård, och det används inte",
            "registers an outpatient visit, which is not used",
        ),
        "A05" | "A14" => (
            "gäller en planerad inskrivning och används inte; vårdtillfället börjar med A01",
            "is about a planned admission and not used; the stay begins with A01",
        ),
        "A27" | "A38" => (
            "tar tillbaka en planerad inskrivning, som inte har använts",
            "takes back a planned admission, which had not been used",
        ),
        "A15" | "A26" => (
            "gäller en planerad flytt och används inte; den används när den sker (A02)",
            "is about a planned transfer and not used; it is once it happens (A02)",
        ),
        "A09" | "A10" | "A32" | "A33" => (
            "gäller var patienten är för stunden och används inte",
            "is about where the patient is for the moment and not used",
        ),
        "A17" => (
            "byter plats på två patienter och används inte; säg det med A02 för var och en",
            "swaps two patients and is not used; say so by A02 for each of them",
        ),
        "A24" | "A28" | "A29" | "A31" | "A37" => (
            "gäller poster om patienten och används inte; säg det om vårdtillfället med A08",
            "is about records of the patient and not used; say so of the stay by A08",
        ),
        _ if is_of_numbers(event) => (
            "byter vårdtillfällets nummer och används INTE: här gäller det gamla numret; makulera det \
             (A11) och skriv in under det nya (A01)",
            "changes the number of the visit and is NOT used: the old number stands here; cancel it \
             (A11) and admit under the new one (A01)",
        ),
        _ if is_of_identities(event) => (
            "slår ihop eller byter identiteter och används INTE: vårdtillfället står kvar på den gamla; \
             skicka A08 för det med den rätta identiteten",
            "merges or changes identities and is NOT used: the stay keeps the old one; send an A08 for \
             it with the right identity",
        ),
        _ => NO_EVENT,
    }
}
