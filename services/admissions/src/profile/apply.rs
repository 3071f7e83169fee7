//! From what a sender says to what it means.

mod mapped;
mod merge;
mod patient;

use chrono::{DateTime, Utc};
use contracts::identity::IdentityKind;

use super::{CaseKeySource, IdentityRule, SenderProfile};
use crate::hl7::{self, Adt, FaultCode, FieldFault, Identifier, Location, Trigger, require};
use crate::hospital_message::{CaseKey, Diagnosis, HospitalMessage, Identity, Kind};
use crate::ids::{self, is_key};
use crate::private::Private;
use crate::stated::Stated;

/// What a message comes to.
#[derive(Clone, Debug)]
pub enum Reading {
    /// Something about a stay.
    Used {
        /// What.
        message: Box<HospitalMessage>,
        /// Fields that were left out of it because they hold what we cannot use. The stay is more
        /// important than they are; somebody should put them right.
        warnings: Vec<FieldFault>,
    },
    /// Nothing for us: stored, acknowledged, not acted on; why.
    NotUsed(FieldFault),
}

/// What a message of this sender means, or everything that is wrong with it.
pub fn admission_from(adt: &Adt, profile: &SenderProfile) -> Result<Reading, Vec<FieldFault>> {
    let mut faults = require(adt);
    faults.extend(processing_id(adt, profile));
    let kind = match &adt.trigger {
        Trigger::Admit => Kind::Admit,
        Trigger::BecomeInpatient => Kind::BecomeInpatient,
        Trigger::Transfer => Kind::Transfer,
        Trigger::Update | Trigger::PlanDischarge => Kind::Update,
        Trigger::Discharge | Trigger::BecomeOutpatient => Kind::Discharge,
        Trigger::CancelAdmit => Kind::CancelAdmit,
        Trigger::CancelDischarge => Kind::CancelDischarge,
        Trigger::StartLeave => Kind::StartLeave,
        Trigger::EndLeave => Kind::EndLeave,
        Trigger::CancelLeave => Kind::CancelLeave,
        Trigger::CancelReturn => Kind::CancelReturn,
        Trigger::Merge => return merge::merge_from(adt, profile, faults),
        Trigger::Other(_) if !faults.is_empty() => return Err(FieldFault::capped(faults)),
        Trigger::Other(_) => return Ok(Reading::NotUsed(adt.trigger.why_not_used())),
    };
    let warnings = adt.faults.iter().filter(|fault| !fault.refuses()).cloned().collect();
    let mut reader = Reader { adt, profile, faults, warnings };
    let message = reader.message(kind);
    let is_outpatient = reader.inpatient() == Some(false);
    match message {
        Some(message) if reader.faults.is_empty() => {
            let warnings = FieldFault::capped(reader.warnings);
            Ok(Reading::Used { message: Box::new(message), warnings })
        }
        _ if is_outpatient && reader.faults.iter().all(|f| f.location.segment != "MSH") => {
            Ok(Reading::NotUsed(FieldFault::not_inpatient()))
        }
        _ => Err(FieldFault::capped(reader.faults)),
    }
}

/// Test messages must not become patients: MSH-11 must be one that was agreed, where it is stated.
fn processing_id(adt: &Adt, profile: &SenderProfile) -> Option<FieldFault> {
    let id = adt.header.processing_id.as_ref()?;
    let (sv, en) = ("är inte avtalat med avsändaren", "is not agreed with this sender");
    let place = Location::field("MSH", 11);
    (!profile.processing_ids.contains(id))
        .then(|| FieldFault::new(place, FaultCode::UnsupportedProcessingId, sv, en))
}

struct Reader<'a> {
    adt: &'a Adt,
    profile: &'a SenderProfile,
    faults: Vec<FieldFault>,
    warnings: Vec<FieldFault>,
}

impl Reader<'_> {
    /// `None` only when a fault says why.
    fn message(&mut self, kind: Kind) -> Option<HospitalMessage> {
        let adt = self.adt;
        let admitted_at = match adt.visit.admitted_at {
            None if adt.trigger.admits() => adt.occurred_at,
            stated => stated,
        };
        let discharged_at = self.discharged_at();
        let identity = self.identity();
        let case_key = self.case_key(identity.value(), admitted_at);
        let patient = self.patient(kind, identity);
        let need = self.need();
        let ward = match adt.trigger {
            // Where the outpatient is from now on is no ward of the stay, nor where a leave is spent.
            Trigger::BecomeOutpatient
            | Trigger::StartLeave
            | Trigger::EndLeave
            | Trigger::CancelLeave
            | Trigger::CancelReturn => Stated::Absent,
            _ => self.unit(adt.visit.location.point_of_care.clone(), "PV1", SenderProfile::ward),
        };
        let stated_at = adt.recorded_at?;
        let happened = match kind {
            Kind::Admit | Kind::BecomeInpatient => admitted_at,
            Kind::Discharge => discharged_at.value().copied(),
            _ => None,
        };
        Some(HospitalMessage {
            message_id: adt.header.control_id.clone()?,
            kind,
            case_key: case_key?,
            stated_at,
            occurred_at: adt.occurred_at.or(happened).unwrap_or(stated_at),
            inpatient: self.inpatient(),
            patient,
            ward,
            admitted_at,
            planned: self.planned(),
            discharged_at,
            estimate: adt.expected_discharge,
            diagnoses: self.diagnoses(),
            need,
            consent: None,
        })
    }

    /// When the stay ended. A plan is none, and what becomes an outpatient ends when it is said.
    fn discharged_at(&self) -> Stated<DateTime<Utc>> {
        let stated = self.adt.visit.discharged_at;
        match self.adt.trigger {
            Trigger::Discharge | Trigger::BecomeOutpatient => {
                stated.into_value().or(self.adt.occurred_at).into()
            }
            Trigger::PlanDischarge | Trigger::BecomeInpatient => Stated::Absent,
            _ => stated,
        }
    }

    /// A06 and A07 are about care as in-patient whatever PV1-2 says: what it was, or what it is.
    fn inpatient(&self) -> Option<bool> {
        if matches!(self.adt.trigger, Trigger::BecomeInpatient | Trigger::BecomeOutpatient) {
            return Some(true);
        }
        let class = self.adt.visit.class.as_ref()?;
        Some(self.profile.inpatient_classes.contains(class))
    }

    fn diagnoses(&self) -> Stated<Private<Vec<Diagnosis>>> {
        let stated = |one: &hl7::Diagnosis| one.stated.expose().clone();
        self.adt.diagnoses.as_ref().map(|all| Private::new(all.iter().map(stated).collect()))
    }

    fn case_key(
        &mut self,
        identity: Option<&Identity>,
        admitted_at: Option<DateTime<Utc>>,
    ) -> Option<CaseKey> {
        match self.profile.case_key {
            CaseKeySource::VisitNumber => {
                let place = Location::field("PV1", 19);
                let Some(number) = &self.adt.visit.number else {
                    self.faults.push(FieldFault::missing(place));
                    return None;
                };
                if !is_key(number.expose()) {
                    let (sv, en) = ("är för långt", "is too long");
                    self.faults.push(FieldFault::new(place, FaultCode::DataType, sv, en));
                }
                Some(CaseKey::VisitNumber(number.clone()))
            }
            CaseKeySource::PatientAndAdmission => {
                if identity.is_none() {
                    self.missing(Location::field("PID", 3));
                }
                if admitted_at.is_none() {
                    self.missing(Location::field("PV1", 44));
                }
                let identity = identity?.clone();
                Some(CaseKey::PatientAndAdmission { identity, admitted_at: admitted_at? })
            }
        }
    }

    /// Says once that a field is missing, and not at all when it is there and wrong.
    fn missing(&mut self, place: Location) {
        let same = |fault: &FieldFault| {
            fault.location.segment == place.segment && fault.location.field == place.field
        };
        if !self.faults.iter().any(same) {
            self.faults.push(FieldFault::missing(place));
        }
    }

    /// The number of PID-3 that the first fitting rule finds.
    fn identity(&mut self) -> Stated<Identity> {
        if matches!(self.adt.message.field("PID", 3).stated(), Stated::Removed) {
            return Stated::Removed;
        }
        let numbers = &self.adt.patient.identifiers;
        let found = self.profile.identities.iter().find_map(|rule| {
            let number = numbers.iter().find(|number| rule.matches(number))?;
            Some((rule, number))
        });
        found.and_then(|(rule, number)| self.checked(rule, number, "PID", 3)).into()
    }

    /// A number that a rule finds, unless it cannot be one.
    fn checked(
        &mut self,
        rule: &IdentityRule,
        number: &Identifier,
        segment: &str,
        field: u16,
    ) -> Option<Identity> {
        match ids::identity(rule.kind, number.value.expose()) {
            Ok(number) => Some(Identity { number, authority: rule.reserve_authority() }),
            Err(why) => {
                let place = Location::field(segment, field).at(number.repetition, 1);
                let (sv, en) = ids::why_no_identity(why);
                self.faults.push(FieldFault::new(place, FaultCode::DataType, sv, en));
                None
            }
        }
    }
}

impl IdentityRule {
    fn matches(&self, number: &Identifier) -> bool {
        let by_authority = number.authorities.iter().any(|one| self.authorities.contains(one));
        by_authority || number.kind.as_ref().is_some_and(|kind| self.types.contains(kind))
    }

    /// Reserve numbers of two regions may look alike, so they carry who assigned them.
    fn reserve_authority(&self) -> Option<String> {
        let is_reserve = self.kind == IdentityKind::Reserve;
        self.authorities.first().filter(|_| is_reserve).cloned()
    }
}
