//! The document as it is written; its schema is made from these types.
//!
//! A member that is left out says nothing. Where `null` is allowed it says that there is no value
//! any longer. None of the types has a `Debug`: they are read, checked and gone.

use contracts::identity::IdentityKind;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::hospital_message::{Diagnosis, Kind, PersonName, PostalAddress};
use crate::ids::OutsideParty;
use crate::private::Private;
use crate::stated::Stated;

/// Something that a hospital says about one stay. Times are RFC 3339 with their zone.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AdmissionDocument {
    /// The sender's id of this message: the same id and content again changes nothing.
    #[schemars(length(min = 1, max = 199))]
    pub message_id: String,
    /// What happened.
    pub kind: Kind,
    /// The hospital's number of the stay.
    #[schemars(length(min = 1, max = 199))]
    pub visit: String,
    /// When it happened: the admission, the discharge, the transfer, the change.
    #[schemars(extend("format" = "date-time"))]
    pub occurred_at: String,
    /// When it was recorded, if that was later; newer statements win over older ones by this.
    #[serde(default)]
    #[schemars(extend("format" = "date-time"))]
    pub recorded_at: Option<String>,
    /// When the stay began; for messages other than the admission, so that a stay whose admission
    /// was never told can be joined late.
    #[serde(default)]
    #[schemars(extend("format" = "date-time"))]
    pub admitted_at: Option<String>,
    /// Whether the admission was planned; `null`: that is not known any longer.
    #[serde(default)]
    pub planned: Stated<bool>,
    /// Who.
    #[serde(default)]
    pub patient: Option<PatientDocument>,
    /// Where: HSA-id of the ward, or a code that was agreed. Required at admission.
    #[serde(default)]
    pub ward: Option<String>,
    /// When the stay is expected to end.
    #[serde(default)]
    pub estimated_discharge: Stated<EstimateDocument>,
    /// Why the patient is there. Passed on only with consent.
    #[serde(default)]
    pub diagnoses: Stated<Private<Vec<Diagnosis>>>,
    /// Who is judged to be needed after discharge; `null` withdraws the judgement.
    #[serde(default)]
    pub need: Stated<NeedDocument>,
    /// What the patient said about sharing information.
    #[serde(default)]
    pub consent: Option<ConsentDocument>,
}

/// Who.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PatientDocument {
    /// The number that identifies the patient.
    #[serde(default)]
    pub identity: Stated<IdentityDocument>,
    /// Whether the population register protects the patient's whereabouts.
    #[serde(default)]
    pub protected: Option<bool>,
    /// The name.
    #[serde(default)]
    pub name: Stated<Private<PersonName>>,
    /// The home address.
    #[serde(default)]
    pub address: Stated<Private<PostalAddress>>,
    /// The four digits of the municipality of registration.
    #[serde(default)]
    #[schemars(extend("pattern" = "^[0-9]{4}$"))]
    pub municipality: Stated<String>,
    /// HSA-id of the care centre where the patient is listed, or a code that was agreed.
    #[serde(default)]
    pub listed_care_centre: Stated<String>,
    /// That the patient has died; `null` takes it back.
    #[serde(default)]
    pub death: Stated<DeathDocument>,
}

/// A number that identifies a patient.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentityDocument {
    /// Of which kind it is.
    #[serde(rename = "type")]
    pub kind: IdentityKind,
    /// The number; national ones with twelve digits.
    pub value: Private<String>,
    /// The OID of who assigned it; required for a reserve number.
    #[serde(default)]
    pub authority: Option<String>,
}

/// That the patient has died.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeathDocument {
    /// When: a day (2026-11-17), or a time.
    #[serde(default)]
    pub at: Option<String>,
}

/// When the stay is expected to end.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EstimateDocument {
    /// A day (2026-11-20), or a time.
    pub at: String,
}

/// A judgement of need.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NeedDocument {
    /// Whose services will be needed; an empty list: it was judged that nobody's are.
    pub parties: Vec<OutsideParty>,
    /// Whether the patient comes often without such need.
    #[serde(default)]
    pub frequent_patient: bool,
    /// When the need was noticed, if later than at the admission.
    #[serde(default)]
    #[schemars(extend("format" = "date-time"))]
    pub noticed_at: Option<String>,
    /// Staff id of who judged.
    #[serde(default)]
    pub judged_by: Option<String>,
}

/// What the patient said about sharing information.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentDocument {
    /// Yes or no.
    pub given: bool,
    /// Staff id of who recorded it.
    #[serde(default)]
    pub by: Option<String>,
    /// When; by default when the message was recorded.
    #[serde(default)]
    #[schemars(extend("format" = "date-time"))]
    pub at: Option<String>,
}
