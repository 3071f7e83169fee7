//! Care contact (2017:612, 2 kap. 5 §) and lead officer: who is it, and who may say so.
//!
//! Two who appoint at once: the first one stands, the other is told who was appointed, and may
//! replace the appointment by naming it.

use contracts::assignment::{Appointed, Appointment, NotNeededReason};
use contracts::commands::Refusal;
use contracts::{Assignment, HsaId, Party, StaffId, Stamp};

/// Which of the two appointments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Office {
    CareContact,
    LeadOfficer,
}

impl Office {
    fn appointments(self, assignment: &mut Assignment) -> &mut Vec<Appointment> {
        match self {
            Self::CareContact => &mut assignment.care_contacts,
            Self::LeadOfficer => &mut assignment.lead_officers,
        }
    }

    fn belongs_to(self, party: Party) -> bool {
        match self {
            Self::CareContact => party == Party::OpenCare,
            Self::LeadOfficer => party.is_municipal(),
        }
    }
}

/// Appoints `staff`. False when that is so already.
pub(crate) fn appoint(
    office: Office,
    assignment: &mut Assignment,
    unit: &HsaId,
    staff: StaffId,
    replaces: Option<&StaffId>,
    stamp: Stamp,
) -> Result<bool, Refusal> {
    put(office, assignment, unit, Appointed::Named { staff }, replaces, stamp)
}

/// Records that nobody is needed. False when that is so already.
pub(crate) fn not_needed(
    office: Office,
    assignment: &mut Assignment,
    unit: &HsaId,
    reason: NotNeededReason,
    replaces: Option<&StaffId>,
    stamp: Stamp,
) -> Result<bool, Refusal> {
    put(office, assignment, unit, Appointed::NotNeeded { reason }, replaces, stamp)
}

fn put(
    office: Office,
    assignment: &mut Assignment,
    unit: &HsaId,
    appointed: Appointed,
    replaces: Option<&StaffId>,
    stamp: Stamp,
) -> Result<bool, Refusal> {
    entitled(office, assignment, unit)?;
    let current = standing(office, assignment);
    if let Some(current) = current {
        if current.appointed == appointed {
            return Ok(false);
        }
        if let Appointed::Named { staff } = &current.appointed
            && replaces != Some(staff)
        {
            return Err(already_appointed(staff));
        }
    }
    let appointments = office.appointments(assignment);
    for earlier in appointments.iter_mut().filter(|one| one.ended.is_none()) {
        earlier.ended = Some(stamp.clone());
    }
    appointments.push(Appointment { stamp, unit: unit.clone(), appointed, ended: None });
    Ok(true)
}

/// The appointment in force. A care contact ends with the care centre's having the case; a lead officer
/// is the municipality's, whichever of its units appointed.
fn standing(office: Office, assignment: &mut Assignment) -> Option<Appointment> {
    let last = office.appointments(assignment).last().filter(|one| one.ended.is_none()).cloned();
    last.filter(|one| office == Office::LeadOfficer || assignment.is_routed_to(&one.unit))
}

fn entitled(office: Office, assignment: &Assignment, unit: &HsaId) -> Result<(), Refusal> {
    let entitled = assignment
        .current_routes()
        .any(|route| route.unit == *unit && office.belongs_to(route.party));
    if entitled { Ok(()) } else { Err(not_concerned()) }
}

/// The actor's unit has no part in the case, or not the part that this takes.
pub(crate) fn not_concerned() -> Refusal {
    Refusal::new(
        "not_concerned",
        "Enheten har inte fått ärendet, eller har inte den uppgiften i det.",
        "The unit has not received the case, or does not have that task in it.",
    )
}

fn already_appointed(staff: &StaffId) -> Refusal {
    let staff = staff.as_str();
    Refusal::new(
        "already_appointed",
        format!("{staff} är redan utsedd. Ange vem som ersätts för att byta."),
        format!("{staff} is appointed already. Name who is replaced to change it."),
    )
    .at("/replaces")
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use contracts::{CaseId, EntryId};
    use uuid::Uuid;

    use super::*;
    use crate::domain::routing;

    fn at(hour: u32) -> DateTime<Utc> {
        format!("2026-11-24T{hour:02}:00:00Z").parse().unwrap()
    }

    fn stamp(hour: u32) -> Stamp {
        Stamp::now(EntryId(Uuid::from_u128(hour.into())), at(hour), None)
    }

    fn centre() -> HsaId {
        "SE2321000180-VC01".parse().unwrap()
    }

    fn staff(name: &str) -> StaffId {
        format!("SE2321000180-{name}").parse().unwrap()
    }

    fn assignment() -> Assignment {
        let mut assignment = Assignment::new(CaseId(Uuid::from_u128(1)));
        routing::route(&mut assignment, Party::OpenCare, &centre(), at(8), None);
        assignment
    }

    fn appoint_contact(
        to: &mut Assignment,
        name: &str,
        replaces: Option<&str>,
    ) -> Result<bool, Refusal> {
        let replaces = replaces.map(staff);
        appoint(Office::CareContact, to, &centre(), staff(name), replaces.as_ref(), stamp(9))
    }

    #[test]
    fn the_second_to_appoint_is_told_who_was_appointed() {
        let mut assignment = assignment();
        assert_eq!(appoint_contact(&mut assignment, "ANNA", None), Ok(true));
        let refusal = appoint_contact(&mut assignment, "BERIT", None).unwrap_err();
        assert_eq!(refusal.code, "already_appointed");
        assert!(refusal.message.en.contains("SE2321000180-ANNA"));
    }

    #[test]
    fn an_appointment_is_changed_by_naming_whom_it_replaces() {
        let mut assignment = assignment();
        appoint_contact(&mut assignment, "ANNA", None).unwrap();
        assert_eq!(appoint_contact(&mut assignment, "BERIT", Some("ANNA")), Ok(true));
        assert_eq!(assignment.care_contacts.len(), 2);
        assert!(assignment.care_contacts[0].ended.is_some());
    }

    #[test]
    fn appointing_the_same_person_again_changes_nothing() {
        let mut assignment = assignment();
        appoint_contact(&mut assignment, "ANNA", None).unwrap();
        assert_eq!(appoint_contact(&mut assignment, "ANNA", None), Ok(false));
    }

    #[test]
    fn a_unit_that_has_not_received_the_case_appoints_nobody() {
        let mut assignment = assignment();
        let unit = "SE2321000180-VC09".parse().unwrap();
        let office = Office::CareContact;
        let refusal =
            appoint(office, &mut assignment, &unit, staff("ANNA"), None, stamp(9)).unwrap_err();
        assert_eq!(refusal.code, "not_concerned");
    }

    #[test]
    fn open_care_does_not_appoint_the_lead_officer() {
        let mut assignment = assignment();
        let office = Office::LeadOfficer;
        let refusal =
            appoint(office, &mut assignment, &centre(), staff("ANNA"), None, stamp(9)).unwrap_err();
        assert_eq!(refusal.code, "not_concerned");
    }

    #[test]
    fn somebody_can_be_appointed_after_nobody_was_needed() {
        let mut assignment = assignment();
        let reason = NotNeededReason::NoFurtherNeed;
        let office = Office::CareContact;
        not_needed(office, &mut assignment, &centre(), reason, None, stamp(9)).unwrap();
        assert_eq!(appoint_contact(&mut assignment, "ANNA", None), Ok(true));
    }

    #[test]
    fn a_named_person_gives_way_to_nobody_by_being_named() {
        let mut assignment = assignment();
        appoint_contact(&mut assignment, "ANNA", None).unwrap();
        let (office, reason) = (Office::CareContact, NotNeededReason::NoFurtherNeed);
        let mut try_it = |replaces: Option<&StaffId>| {
            not_needed(office, &mut assignment, &centre(), reason, replaces, stamp(10))
        };
        assert_eq!(try_it(None).unwrap_err().code, "already_appointed");
        assert_eq!(try_it(Some(&staff("ANNA"))), Ok(true));
    }

    #[test]
    fn the_next_care_centre_appoints_anew_even_the_same_person() {
        let mut assignment = assignment();
        appoint_contact(&mut assignment, "ANNA", None).unwrap();
        let next: HsaId = "SE2321000180-VC02".parse().unwrap();
        routing::route(&mut assignment, Party::OpenCare, &next, at(10), None);
        let office = Office::CareContact;
        let appointed = appoint(office, &mut assignment, &next, staff("ANNA"), None, stamp(11));
        assert_eq!(appointed, Ok(true));
        assert!(assignment.care_contacts[0].ended.is_some());
        assert_eq!(assignment.care_contacts[1].unit, next);
    }
}
