//! A merge: whoever had one of the numbers of MRG-1 has that of PID-3.
//!
//! Nothing else of it is used. What the surviving record says of name and address is said of a stay by
//! its own messages: HL7 recommends an A08 for it. That the identity is protected is heeded at once.

use super::{Reader, Reading};
use crate::hl7::{Adt, FieldFault, Location};
use crate::hospital_message::{CaseKey, HospitalMessage, Identity, Kind, PatientStatement};
use crate::profile::{CaseKeySource, SenderProfile};
use crate::stated::Stated;

pub(super) fn merge_from(
    adt: &Adt,
    profile: &SenderProfile,
    faults: Vec<FieldFault>,
) -> Result<Reading, Vec<FieldFault>> {
    if faults.is_empty() && profile.case_key == CaseKeySource::PatientAndAdmission {
        return Ok(Reading::NotUsed(FieldFault::merged_by_number()));
    }
    let mut reader = Reader { adt, profile, faults, warnings: Vec::new() };
    let identity = reader.identity();
    let mut prior = reader.prior();
    prior.retain(|one| identity.value() != Some(one));
    if !prior.is_empty() && identity.value().is_none() && reader.faults.is_empty() {
        reader.faults.push(FieldFault::unknown_key(Location::field("PID", 3)));
    }
    let protected = profile.protected.as_ref().and_then(|marker| reader.marked(marker));
    let (Some(stated_at), Some(message_id)) = (adt.recorded_at, adt.header.control_id.clone())
    else {
        return Err(FieldFault::capped(reader.faults));
    };
    if !reader.faults.is_empty() {
        return Err(FieldFault::capped(reader.faults));
    }
    if prior.is_empty() {
        return Ok(Reading::NotUsed(FieldFault::nothing_to_merge()));
    }
    let protected = protected.filter(|protected| *protected);
    let patient = PatientStatement { identity, protected, ..PatientStatement::default() };
    let is_read = |fault: &&FieldFault| ["MSH", "EVN"].contains(&fault.location.segment.as_str());
    let warnings = adt.faults.iter().filter(is_read).filter(|fault| !fault.refuses());
    let warnings = warnings.cloned().collect();
    let message = HospitalMessage {
        message_id,
        kind: Kind::Merge,
        case_key: CaseKey::EveryStayOf(prior),
        stated_at,
        occurred_at: adt.occurred_at.unwrap_or(stated_at),
        inpatient: None,
        patient,
        ward: Stated::Absent,
        admitted_at: None,
        planned: Stated::Absent,
        discharged_at: Stated::Absent,
        estimate: Stated::Absent,
        diagnoses: Stated::Absent,
        need: Stated::Absent,
        consent: None,
    };
    Ok(Reading::Used { message: Box::new(message), warnings: FieldFault::capped(warnings) })
}

impl Reader<'_> {
    /// The numbers of MRG-1 by which patients are known here; a hospital's own are not.
    fn prior(&mut self) -> Vec<Identity> {
        let mut prior = Vec::new();
        for number in &self.adt.patient.prior {
            if self.faults.len() > FieldFault::MOST {
                break;
            }
            let rule = self.profile.identities.iter().find(|rule| rule.matches(number));
            let Some(one) = rule.and_then(|rule| self.checked(rule, number, "MRG", 1)) else {
                continue;
            };
            if !prior.contains(&one) {
                prior.push(one);
            }
        }
        prior
    }
}
