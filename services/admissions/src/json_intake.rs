//! Our own JSON admission document, for hospitals that would rather not speak HL7.
//!
//! It comes over NATS (`hemgang.v1.intake.<sender>.admission`) and over HTTP, and ends in the same
//! [`HospitalMessage`] as HL7 does. The form is checked first (types, unknown members), then
//! everything that the form cannot say, all at once. A fault names the member by JSON pointer and
//! never its value.

mod document;
mod fault;

use chrono::{DateTime, NaiveDate, Utc};
use contracts::identity::IdentityKind;
use contracts::{Party, StaffId};

use crate::hospital_message::{
    CaseKey, ConsentStatement, Death, HospitalMessage, Identity, Kind, NeedStatement,
    PatientStatement, UnitRef,
};
use crate::ids::{self, is_key};
use crate::profile::SenderProfile;
use crate::stated::Stated;
use crate::when::When;

pub use document::{
    AdmissionDocument, ConsentDocument, DeathDocument, EstimateDocument, IdentityDocument,
    NeedDocument, PatientDocument,
};
pub use fault::{DocumentFault, DocumentFaultCode};

/// Reads a document of this sender, or tells everything that is wrong with it.
pub fn parse(bytes: &[u8], profile: &SenderProfile) -> Result<HospitalMessage, Vec<DocumentFault>> {
    let document = fault::deserialize(bytes).map_err(|fault| vec![fault])?;
    let mut check = Check { profile, faults: Vec::new() };
    match check.document(document) {
        Some(message) if check.faults.is_empty() => Ok(message),
        _ => Err(check.faults),
    }
}

/// The sender's id of a document that may be faulty otherwise, to name it in the answer.
#[must_use]
pub fn message_id(bytes: &[u8]) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct OnlyId {
        message_id: String,
    }
    let only: OnlyId = serde_json::from_slice(bytes).ok()?;
    Some(only.message_id).filter(|id| is_key(id))
}

/// The JSON Schema of the document, for publishing.
#[must_use]
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(AdmissionDocument)
}

struct Check<'p> {
    profile: &'p SenderProfile,
    faults: Vec<DocumentFault>,
}

impl Check<'_> {
    /// `None` only when a fault says why.
    fn document(&mut self, document: AdmissionDocument) -> Option<HospitalMessage> {
        let message_id = self.key("/message_id", document.message_id);
        let visit = self.key("/visit", document.visit);
        let occurred_at = self.instant("/occurred_at", &document.occurred_at);
        let recorded_at = self.optional_instant("/recorded_at", document.recorded_at.as_deref());
        let admitted_at = self.optional_instant("/admitted_at", document.admitted_at.as_deref());
        let patient = self.patient(document.patient);
        if document.kind == Kind::Admit && document.ward.is_none() {
            self.faults.push(DocumentFault::missing("/ward"));
        }
        let ward = self.unit("/ward", document.ward.into(), SenderProfile::ward);
        let estimate = self.estimate(document.estimated_discharge);
        let need = self.need(document.need);
        let occurred_at = occurred_at?;
        let stated_at = recorded_at.unwrap_or(occurred_at);
        let consent = self.consent(document.consent, stated_at);
        Some(HospitalMessage {
            message_id: message_id?,
            kind: document.kind,
            case_key: CaseKey::VisitNumber(visit?.into()),
            stated_at,
            occurred_at,
            inpatient: Some(true),
            patient,
            ward,
            admitted_at: match document.kind {
                Kind::Admit => admitted_at.or(Some(occurred_at)),
                _ => admitted_at,
            },
            planned: document.planned,
            discharged_at: match document.kind {
                Kind::Discharge => Stated::Value(occurred_at),
                _ => Stated::Absent,
            },
            estimate,
            diagnoses: document.diagnoses,
            need,
            consent,
        })
    }

    fn patient(&mut self, patient: Option<PatientDocument>) -> PatientStatement {
        let Some(patient) = patient else {
            return PatientStatement::default();
        };
        let identity = patient.identity.and_then(|identity| self.identity(identity));
        let municipality = patient.municipality.and_then(|code| {
            let code = code.parse().ok();
            self.refuse_unless(code.is_some(), "/patient/municipality", NO_MUNICIPALITY);
            code
        });
        PatientStatement {
            identity,
            name: patient.name,
            address: patient.address,
            protected: patient.protected,
            municipality,
            listed_care_centre: self.unit(
                "/patient/listed_care_centre",
                patient.listed_care_centre,
                SenderProfile::care_centre,
            ),
            death: self.death(patient.death),
            left_dead: None,
        }
    }

    fn identity(&mut self, identity: IdentityDocument) -> Option<Identity> {
        let number = ids::identity(identity.kind, identity.value.expose());
        if let Err(why) = number {
            self.refuse_unless(false, "/patient/identity/value", ids::why_no_identity(why));
        }
        let is_reserve = identity.kind == IdentityKind::Reserve;
        if is_reserve && identity.authority.is_none() {
            self.faults.push(DocumentFault::missing("/patient/identity/authority"));
        }
        let authority = identity.authority.filter(|_| is_reserve);
        let fits = authority.as_deref().is_none_or(is_key);
        self.refuse_unless(fits, "/patient/identity/authority", NO_KEY);
        Some(Identity { number: number.ok()?, authority })
    }

    /// `null` takes the statement back.
    fn death(&mut self, death: Stated<DeathDocument>) -> Option<Death> {
        match death {
            Stated::Absent => None,
            Stated::Removed => Some(Death { dead: false, at: None }),
            Stated::Value(DeathDocument { at: None }) => Some(Death { dead: true, at: None }),
            Stated::Value(DeathDocument { at: Some(at) }) => {
                Some(Death { dead: true, at: self.when("/patient/death/at", &at) })
            }
        }
    }

    fn unit(
        &mut self,
        pointer: &str,
        code: Stated<String>,
        resolve: fn(&SenderProfile, &str) -> UnitRef,
    ) -> Stated<UnitRef> {
        code.and_then(|code| match resolve(self.profile, &code) {
            unit @ UnitRef::Unit(_) => Some(unit),
            UnitRef::Unmapped(_) => {
                self.refuse_unless(false, pointer, NO_UNIT);
                None
            }
        })
    }

    fn estimate(&mut self, estimate: Stated<EstimateDocument>) -> Stated<When> {
        estimate.and_then(|estimate| self.when("/estimated_discharge/at", &estimate.at))
    }

    fn need(&mut self, need: Stated<NeedDocument>) -> Stated<NeedStatement> {
        need.map(|need| NeedStatement {
            parties: need.parties.into_iter().map(Party::from).collect(),
            frequent_patient: need.frequent_patient,
            noticed_at: self.optional_instant("/need/noticed_at", need.noticed_at.as_deref()),
            judged_by: self.staff("/need/judged_by", need.judged_by.as_deref()),
        })
    }

    fn consent(
        &mut self,
        consent: Option<ConsentDocument>,
        stated_at: DateTime<Utc>,
    ) -> Option<ConsentStatement> {
        let consent = consent?;
        let at = self.optional_instant("/consent/at", consent.at.as_deref());
        Some(ConsentStatement {
            given: consent.given,
            by: self.staff("/consent/by", consent.by.as_deref()),
            at: at.unwrap_or(stated_at),
        })
    }

    fn staff(&mut self, pointer: &str, text: Option<&str>) -> Option<StaffId> {
        let staff = text?.parse().ok();
        self.refuse_unless(staff.is_some(), pointer, NO_STAFF);
        staff
    }

    fn key(&mut self, pointer: &str, key: String) -> Option<String> {
        let fits = is_key(&key);
        self.refuse_unless(fits, pointer, NO_KEY);
        fits.then_some(key)
    }

    fn optional_instant(&mut self, pointer: &str, text: Option<&str>) -> Option<DateTime<Utc>> {
        self.instant(pointer, text?)
    }

    /// RFC 3339; here the zone is required, so nothing has to be assumed.
    fn instant(&mut self, pointer: &str, text: &str) -> Option<DateTime<Utc>> {
        let instant = DateTime::parse_from_rfc3339(text).ok();
        self.refuse_unless(instant.is_some(), pointer, NO_INSTANT);
        instant.map(|instant| instant.with_timezone(&Utc))
    }

    fn when(&mut self, pointer: &str, text: &str) -> Option<When> {
        match NaiveDate::parse_from_str(text, "%Y-%m-%d") {
            Ok(day) if text.len() == 10 => Some(When::Date(day)),
            _ => self.instant(pointer, text).map(When::Instant),
        }
    }

    fn refuse_unless(&mut self, fits: bool, pointer: &str, reason: (&str, &str)) {
        if !fits {
            self.faults.push(DocumentFault::invalid(pointer, reason));
        }
    }
}

const NO_KEY: (&str, &str) =
    ("ska vara 1 till 199 tecken på en rad", "must be 1 to 199 characters on one line");
const NO_INSTANT: (&str, &str) = (
    "ska vara en tid med tidszon, som 2026-11-17T08:15:00+01:00",
    "must be a time with its zone, such as 2026-11-17T08:15:00+01:00",
);
const NO_STAFF: (&str, &str) =
    ("ska vara ett HSA-id för personal", "must be the HSA-id of a member of staff");
const NO_MUNICIPALITY: (&str, &str) =
    ("ska vara en kommunkod om fyra siffror", "must be a municipality code of four digits");
const NO_UNIT: (&str, &str) = (
    "ska vara ett HSA-id eller en kod som avtalats",
    "must be an HSA-id or a code that was agreed",
);

#[cfg(test)]
mod tests;
