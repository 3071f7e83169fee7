//! Registering the contact, by the region's routine for the registration of SIP: whoever owns the plan
//! registers it, others their part in the meeting. Compulsory care has a code of its own (XU042),
//! which has no place here: nothing of it is registered as SIP.

use contracts::commands::Refusal;
use contracts::sip::{Meeting, MeetingForm, ParticipantRole, PlanKind, Registration, VisitType};
use contracts::{EntryId, HsaId, Sip, StaffId, Stamp};

/// Besöksorsak.
pub(crate) const CAUSE: &str = "Vårdplanering";
/// Avgiftstyp: the patient pays nothing.
pub(crate) const FEE: &str = "P0";
/// Betalsätt.
pub(crate) const PAYMENT: &str = "Gena";
/// KVÅ: Upprättande av samordnad individuell plan.
pub(crate) const PROCEDURE: &str = "AU124";

/// What is to be registered.
#[derive(Clone, Debug)]
pub(crate) struct Contact {
    pub(crate) unit: HsaId,
    pub(crate) staff: StaffId,
    pub(crate) owner: bool,
    pub(crate) visit_type: Option<VisitType>,
}

/// Registers the contact. `None` when it is registered so already.
pub(crate) fn register(
    sip: &mut Sip,
    contact: Contact,
    stamp: Stamp,
) -> Result<Option<Registration>, Refusal> {
    if sip.kind != PlanKind::Sip {
        return Err(Refusal::new(
            "compulsory_care",
            "Vårdplan vid tvångsvård registreras inte som SIP (AU124).",
            "The plan of compulsory care is not registered as SIP (AU124).",
        ));
    }
    let meeting = sip.held_meeting().ok_or_else(not_held)?;
    let visit_type = visit_type(meeting.form, contact.visit_type)?;
    let Contact { unit, staff, owner, .. } = contact;
    entitled(sip, meeting, &unit, owner)?;
    let meeting = meeting.stamp.id;
    let standing = sip.registrations.iter().filter(|one| one.withdrawn.is_none());
    let of_meeting = standing.filter(|one| one.meeting == meeting);
    let same = |one: &&Registration| one.owner == owner && (owner || one.staff == staff);
    if let Some(before) = of_meeting.clone().find(same) {
        if (&before.unit, &before.staff, before.visit_type) == (&unit, &staff, visit_type) {
            return Ok(None);
        }
        return Err(Refusal::new(
            "registered_otherwise",
            "Kontakten är redan registrerad med andra uppgifter. Ta tillbaka den först.",
            "The contact is registered already, with other particulars. Withdraw that first.",
        ));
    }
    let withdrawn = None;
    let registration = Registration { stamp, meeting, unit, staff, visit_type, owner, withdrawn };
    sip.registrations.push(registration.clone());
    Ok(Some(registration))
}

/// What the unit registered was a mistake. False when it is withdrawn already.
pub(crate) fn withdraw(
    sip: &mut Sip,
    unit: &HsaId,
    registration: EntryId,
    stamp: Stamp,
) -> Result<bool, Refusal> {
    let mut own = sip.registrations.iter_mut().filter(|one| one.unit == *unit);
    let one = own.find(|one| one.stamp.id == registration).ok_or_else(|| {
        Refusal::new(
            "no_such_registration",
            "Enheten har ingen sådan registrering i ärendet.",
            "The unit has no such registration in the case.",
        )
        .at("/registration")
    })?;
    if one.withdrawn.is_some() {
        return Ok(false);
    }
    one.withdrawn = Some(stamp);
    Ok(true)
}

/// The visit type that follows from how people met. At home none does, by the routine, and it is asked
/// for.
fn visit_type(form: Option<MeetingForm>, stated: Option<VisitType>) -> Result<VisitType, Refusal> {
    let follows = match form {
        Some(MeetingForm::Ward) => Some(VisitType::OtherPlace),
        Some(MeetingForm::Reception) => Some(VisitType::Reception),
        Some(MeetingForm::Video) => Some(VisitType::Video),
        Some(MeetingForm::Telephone) => Some(VisitType::Telephone),
        Some(MeetingForm::Home | MeetingForm::Unknown) | None => None,
    };
    match (follows, stated.filter(|stated| *stated != VisitType::Unknown)) {
        (Some(follows), Some(stated)) if follows != stated => Err(Refusal::new(
            "another_visit_type",
            "Besökstypen stämmer inte med mötets form. Utelämna den, eller rätta formen.",
            "The visit type does not fit the meeting's form. Leave it out, or correct the form.",
        )
        .at("/visit_type")),
        (Some(follows), _) => Ok(follows),
        (None, Some(stated)) => Ok(stated),
        (None, None) => Err(Refusal::new(
            "state_visit_type",
            "Rutinen säger inte vilken besökstyp mötet har. Ange den.",
            "The routine does not say which visit type the meeting has. State it.",
        )
        .at("/visit_type")),
    }
}

/// The owner is a calling unit, or the leader's where nobody called. Others register who was there.
fn entitled(sip: &Sip, meeting: &Meeting, unit: &HsaId, owner: bool) -> Result<(), Refusal> {
    let asked = meeting.participants.iter().filter(|one| one.withdrawn.is_none());
    if owner {
        let leader = asked.clone().find(|one| one.role == ParticipantRole::Leader);
        let leads = leader.and_then(|one| one.unit.as_ref());
        let mut calls = sip.calls.iter().filter(|call| call.cancelled.is_none()).peekable();
        let owns = match calls.peek() {
            Some(_) => calls.any(|call| call.unit == *unit),
            None => leads == Some(unit),
        };
        return if owns { Ok(()) } else { Err(not_owner()) };
    }
    let came = |absent: Option<bool>| absent.is_none_or(|came| came);
    let was_there = asked
        .filter(|one| one.unit.as_ref() == Some(unit))
        .any(|one| came(one.attendance.as_ref().map(|said| said.came)));
    if was_there {
        return Ok(());
    }
    Err(Refusal::new(
        "was_not_there",
        "Enheten är inte kallad till mötet, eller var frånvarande. Rätta närvaron först.",
        "The unit is not asked to the meeting, or was absent. Correct the attendance first.",
    ))
}

/// Besöksform.
pub(crate) fn visit_form(owner: bool) -> &'static str {
    if owner { "Enskilt besök" } else { "Medverkan enstaka besök" }
}

/// Besökstyp.
pub(crate) fn visit_words(visit_type: VisitType) -> &'static str {
    match visit_type {
        VisitType::OtherPlace => "annan plats",
        VisitType::Reception => "mott",
        VisitType::Video => "distanskontakt via videolänk",
        VisitType::Telephone => "distanskontakt via telefon",
        VisitType::Unknown => "",
    }
}

fn not_held() -> Refusal {
    Refusal::new(
        "not_held",
        "Inget möte är hållet. Registrera att det är hållet först.",
        "No meeting was held. Record that it was held first.",
    )
}

fn not_owner() -> Refusal {
    Refusal::new(
        "not_owner",
        "Bara den enhet som kallade registrerar kontakten. Andra registrerar sin medverkan.",
        "Only the unit that called registers the contact. Others register their part.",
    )
    .at("/owner")
}

#[cfg(test)]
mod tests {
    use contracts::Party;
    use proptest::prelude::*;

    use super::super::meeting::{Setting, record_held, set};
    use super::super::need::set_kind;
    use super::super::people::{Invitee, ask, record_attendance};
    use super::super::testing::{called, staff, stamp, unit};
    use super::*;

    fn held(form: Option<MeetingForm>) -> Sip {
        let mut sip = called();
        let setting = Setting { starts_at: stamp(12).occurred_at, ends_at: None, form };
        set(&mut sip, setting, false, stamp(9)).unwrap();
        let nurse = Invitee {
            role: ParticipantRole::Staff,
            party: Some(Party::Ward),
            unit: Some(ward()),
            staff: None,
            is_named: false,
        };
        ask(&mut sip, nurse, stamp(10)).unwrap();
        record_held(&mut sip, stamp(13)).unwrap();
        sip
    }

    fn ward() -> HsaId {
        "SE2321000180-AVD".parse().unwrap()
    }

    fn owns() -> Contact {
        Contact { unit: unit(), staff: staff(), owner: true, visit_type: None }
    }

    fn forms() -> impl Strategy<Value = Option<MeetingForm>> {
        use MeetingForm::{Home, Reception, Telephone, Video, Ward};
        proptest::option::of(proptest::sample::select(vec![
            Ward, Reception, Home, Video, Telephone,
        ]))
    }

    fn types() -> impl Strategy<Value = Option<VisitType>> {
        use VisitType::{OtherPlace, Reception, Telephone, Video};
        proptest::option::of(proptest::sample::select(vec![
            OtherPlace, Reception, Video, Telephone,
        ]))
    }

    proptest! {
        #[test]
        fn what_is_registered_is_what_follows_or_what_was_stated_and_never_a_guess(
            form in forms(), stated in types(),
        ) {
            let registered = register(&mut held(form), Contact { visit_type: stated, ..owns() }, stamp(14));
            let follows = visit_type(form, None).ok();
            match registered {
                Ok(one) => prop_assert_eq!(Some(one.unwrap().visit_type), follows.or(stated)),
                Err(refusal) => {
                    prop_assert_eq!(refusal.field.as_deref(), Some("/visit_type"));
                    prop_assert!(follows.or(stated).is_none() || follows != stated);
                }
            }
        }
    }

    #[test]
    fn a_meeting_on_the_ward_is_another_place_and_one_at_home_is_asked_for() {
        let one = register(&mut held(Some(MeetingForm::Ward)), owns(), stamp(14)).unwrap().unwrap();
        assert_eq!(visit_words(one.visit_type), "annan plats");
        let refusal = register(&mut held(Some(MeetingForm::Home)), owns(), stamp(14)).unwrap_err();
        assert_eq!(refusal.code, "state_visit_type");
    }

    #[test]
    fn only_the_owner_registers_the_contact_and_once() {
        let mut sip = held(Some(MeetingForm::Ward));
        let strange = Contact { unit: ward(), ..owns() };
        assert_eq!(register(&mut sip, strange, stamp(14)).unwrap_err().code, "not_owner");
        assert!(register(&mut sip, owns(), stamp(14)).unwrap().is_some());
        assert!(register(&mut sip, owns(), stamp(15)).unwrap().is_none());
        let other = Contact { staff: "SE2321000180-9A2C".parse().unwrap(), ..owns() };
        let refusal = register(&mut sip, other, stamp(15)).unwrap_err();
        assert_eq!(refusal.code, "registered_otherwise");
    }

    #[test]
    fn what_was_registered_wrongly_is_withdrawn_and_registered_anew() {
        let mut sip = held(Some(MeetingForm::Ward));
        let one = register(&mut sip, owns(), stamp(14)).unwrap().unwrap();
        let code = |refused: Result<bool, Refusal>| refused.unwrap_err().code;
        assert_eq!(
            code(super::super::meeting::revoke_held(&mut sip, &stamp(15))),
            "contact_registered"
        );
        let strange = withdraw(&mut sip, &ward(), one.stamp.id, stamp(15));
        assert_eq!(code(strange), "no_such_registration");
        assert_eq!(withdraw(&mut sip, &unit(), one.stamp.id, stamp(15)), Ok(true));
        assert_eq!(withdraw(&mut sip, &unit(), one.stamp.id, stamp(16)), Ok(false));
        let other = Contact { staff: "SE2321000180-9A2C".parse().unwrap(), ..owns() };
        assert!(register(&mut sip, other, stamp(16)).unwrap().is_some());
    }

    #[test]
    fn who_was_there_registers_their_part_and_who_was_absent_does_not() {
        let mut sip = held(Some(MeetingForm::Ward));
        let part = Contact { unit: ward(), owner: false, ..owns() };
        assert!(register(&mut sip, part.clone(), stamp(14)).unwrap().is_some());
        let now = stamp(14).occurred_at;
        let mut sip = held(Some(MeetingForm::Ward));
        record_attendance(&mut sip, stamp(10).id, false, stamp(14), now).unwrap();
        assert_eq!(register(&mut sip, part, stamp(14)).unwrap_err().code, "was_not_there");
    }

    #[test]
    fn nothing_of_compulsory_care_is_registered_as_sip() {
        let mut sip = held(Some(MeetingForm::Ward));
        set_kind(&mut sip, PlanKind::CompulsoryPsychiatricCare, stamp(14)).unwrap();
        assert_eq!(register(&mut sip, owns(), stamp(14)).unwrap_err().code, "compulsory_care");
        assert_eq!(register(&mut called(), owns(), stamp(14)).unwrap_err().code, "not_held");
    }
}
