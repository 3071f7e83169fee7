//! What a hospital says about a stay, whichever way it came: HL7 v2 and our own JSON end here.
//!
//! Everything but the ids and the time is optional, for an update says only what has changed.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use contracts::identity::PersonalIdentity;
use contracts::{HsaId, MunicipalityCode, Party, StaffId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::private::Private;
use crate::stated::Stated;
use crate::when::When;

/// One statement about one stay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HospitalMessage {
    /// The sender's id of the message.
    pub message_id: String,
    /// What happened.
    pub kind: Kind,
    /// Which stay it is about, within the hospital.
    pub case_key: CaseKey,
    /// When the sender recorded it: newer statements win over older ones by this.
    pub stated_at: DateTime<Utc>,
    /// When it happened, as far as known, else when it was recorded.
    pub occurred_at: DateTime<Utc>,
    /// Whether it is in-patient care, if stated.
    pub inpatient: Option<bool>,
    /// Who.
    pub patient: PatientStatement,
    /// Where: the ward.
    pub ward: Stated<UnitRef>,
    /// When the stay began.
    pub admitted_at: Option<DateTime<Utc>>,
    /// Whether the admission was planned.
    pub planned: Stated<bool>,
    /// When it ended.
    pub discharged_at: Stated<DateTime<Utc>>,
    /// When it is expected to end: a day, or an instant.
    pub estimate: Stated<When>,
    /// Why the patient is there.
    pub diagnoses: Stated<Private<Vec<Diagnosis>>>,
    /// Who is judged to be needed after discharge; `Removed` withdraws the judgement.
    pub need: Stated<NeedStatement>,
    /// What the patient said about sharing more than the law lets the hospital tell.
    pub consent: Option<ConsentStatement>,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The patient was admitted (A01).
    #[serde(rename = "admitted")]
    Admit,
    /// The patient came to another ward (A02).
    #[serde(rename = "transferred")]
    Transfer,
    /// Something about the stay or the patient changed (A08).
    #[serde(rename = "updated")]
    Update,
    /// The patient was discharged (A03).
    #[serde(rename = "discharged")]
    Discharge,
    /// The admission never was (A11).
    #[serde(rename = "admission_cancelled")]
    CancelAdmit,
    /// The discharge never was (A13).
    #[serde(rename = "discharge_cancelled")]
    CancelDischarge,
    /// The patient went on leave (A21): the stay goes on.
    #[serde(rename = "leave_started")]
    StartLeave,
    /// The patient came back from leave (A22).
    #[serde(rename = "leave_ended")]
    EndLeave,
    /// The patient did not go on leave (A52).
    #[serde(skip)]
    CancelLeave,
    /// The patient did not come back (A53).
    #[serde(skip)]
    CancelReturn,
    /// The patient had another number until now (A40): no word about one stay. Our own documents say it
    /// of each.
    #[serde(skip)]
    Merge,
    /// The patient was an outpatient, perhaps since a discharge of this stay, and is no longer (A06).
    /// Our own documents say that the patient was admitted.
    #[serde(skip)]
    BecomeInpatient,
}

/// What tells one stay of a hospital from another, or that a message is about no single one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaseKey {
    /// The hospital's number of the visit.
    VisitNumber(Private<String>),
    /// For senders that have none: who, and since when.
    PatientAndAdmission {
        /// Who.
        identity: Identity,
        /// Since when.
        admitted_at: DateTime<Utc>,
    },
    /// Every stay of whoever had one of these numbers.
    EveryStayOf(Vec<Identity>),
}

/// What is said about the patient.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PatientStatement {
    /// The number that identifies the patient.
    pub identity: Stated<Identity>,
    /// The name.
    pub name: Stated<Private<PersonName>>,
    /// The home address.
    pub address: Stated<Private<PostalAddress>>,
    /// Whether the population register protects the patient's whereabouts, if stated.
    pub protected: Option<bool>,
    /// The municipality of registration.
    pub municipality: Stated<MunicipalityCode>,
    /// Where the patient is listed.
    pub listed_care_centre: Stated<UnitRef>,
    /// Whether the patient has died, if stated.
    pub death: Option<Death>,
    /// Whether the patient left the hospital dead, if stated: how the stay ended says so, and takes
    /// back only what it has said itself.
    pub left_dead: Option<Death>,
}

/// A number that identifies a patient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The number.
    pub number: PersonalIdentity,
    /// Who assigned it, for a reserve number: an OID.
    pub authority: Option<String>,
}

/// A person's name. It has no `Debug`: carry it in [`Private`].
#[derive(Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonName {
    /// Family name.
    pub family: Option<String>,
    /// Given names.
    pub given: Option<String>,
}

/// An address. It has no `Debug`: carry it in [`Private`].
#[derive(Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PostalAddress {
    /// Street and whatever else stands above the post code.
    #[serde(default)]
    pub lines: Vec<String>,
    /// Post code.
    pub postal_code: Option<String>,
    /// Town.
    pub city: Option<String>,
}

/// A diagnosis. It has no `Debug`: carry it in [`Private`].
#[derive(Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Diagnosis {
    /// The code, such as one of ICD-10-SE.
    pub code: Option<String>,
    /// The name or OID of the code system.
    pub system: Option<String>,
    /// In words.
    pub text: Option<String>,
}

/// A unit, as far as the sender's code tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnitRef {
    /// Its HSA-id.
    Unit(HsaId),
    /// A code that nobody has mapped: kept, so that somebody can.
    Unmapped(String),
}

/// Whether the patient has died.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Death {
    /// Whether so; `false` takes an earlier statement back.
    pub dead: bool,
    /// When, if stated.
    pub at: Option<When>,
}

/// A judgement of need, as stated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NeedStatement {
    /// Whose services will be needed; none: it was judged that nobody's are.
    pub parties: BTreeSet<Party>,
    /// Whether the patient comes often without such need (mångbesökare).
    pub frequent_patient: bool,
    /// When the need was noticed, if it was later than the admission.
    pub noticed_at: Option<DateTime<Utc>>,
    /// Who judged.
    pub judged_by: Option<StaffId>,
}

/// The patient's consent, as stated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentStatement {
    /// Yes or no.
    pub given: bool,
    /// Who recorded it.
    pub by: Option<StaffId>,
    /// When it was said; by default when the message was recorded.
    pub at: DateTime<Utc>,
}
