//! Versions and their confirmations.

use contracts::assignment::NotNeededReason;
use contracts::commands::SipIntervention;
use contracts::sip::{ParticipantRole, SipEndKind};

use super::*;
use crate::domain::people::{self, Invitee};
use crate::domain::testing::{called, staff, stamp, unit};
use crate::domain::{meeting, need};

fn content() -> SipPlanContent {
    let line = |what: &str, party| {
        let what = what.parse().unwrap();
        SipIntervention { what, party, staff: staff() }
    };
    SipPlanContent {
        overall: Principal::Region,
        follow_up_on: "2027-01-15".parse().unwrap(),
        goals: vec!["gå till brevlådan".parse().unwrap()],
        interventions: vec![
            line("sondmat", Party::MunicipalHealthCare),
            line("såromläggning", Party::OpenCare),
            line("provtagning", Party::OpenCare),
        ],
    }
}

fn made() -> Sip {
    let mut sip = called();
    assert_eq!(make(&mut sip, 0, &content(), &unit(), stamp(9)), Ok(1));
    sip
}

#[test]
fn a_plan_names_each_party_once() {
    let plan = made().plan().unwrap().clone();
    assert_eq!(plan.parties, [Party::OpenCare, Party::MunicipalHealthCare]);
    assert_eq!(plan.interventions, 3);
}

#[test]
fn whoever_writes_second_is_told_who_wrote_since() {
    let mut sip = made();
    let refusal = make(&mut sip, 0, &content(), &unit(), stamp(10)).unwrap_err();
    assert_eq!(
        (refusal.code.as_str(), refusal.field.as_deref()),
        ("written_since", Some("/based_on"))
    );
    assert!(refusal.message.sv.contains(staff().as_str()), "{}", refusal.message.sv);
    assert_eq!(make(&mut sip, 1, &content(), &unit(), stamp(10)), Ok(2));
    assert_eq!(sip.plans.len(), 2);
}

#[test]
fn each_party_confirms_the_version_that_it_saw() {
    let mut sip = made();
    for (party, done) in [(Party::OpenCare, false), (Party::MunicipalHealthCare, true)] {
        assert_eq!(confirm(&mut sip, 1, party, &unit(), stamp(10)), Ok(true));
        assert_eq!(confirm(&mut sip, 1, party, &unit(), stamp(11)), Ok(false));
        assert_eq!(sip.plan().unwrap().is_confirmed(), done);
    }
}

#[test]
fn an_old_version_is_not_confirmed_and_a_new_one_has_to_be() {
    let mut sip = made();
    confirm(&mut sip, 1, Party::OpenCare, &unit(), stamp(10)).unwrap();
    make(&mut sip, 1, &content(), &unit(), stamp(11)).unwrap();
    let refusal = confirm(&mut sip, 1, Party::OpenCare, &unit(), stamp(12)).unwrap_err();
    assert_eq!(refusal.code, "replaced");
    assert!(sip.plan().unwrap().confirmations.is_empty());
    assert_eq!(sip.plans[0].confirmations.len(), 1, "nothing of the old version is lost");
    let refusal = confirm(&mut sip, 3, Party::OpenCare, &unit(), stamp(12)).unwrap_err();
    assert_eq!(refusal.code, "no_such_version");
}

#[test]
fn a_party_that_is_asked_speaks_for_itself() {
    let mut sip = made();
    meeting::set_time(&mut sip, stamp(12).occurred_at, stamp(9)).unwrap();
    let home_care: HsaId = "SE2321000180-HSV".parse().unwrap();
    let nurse = Invitee {
        role: ParticipantRole::Staff,
        party: Some(Party::MunicipalHealthCare),
        unit: Some(home_care.clone()),
        staff: None,
        is_named: false,
    };
    people::ask(&mut sip, nurse, stamp(10)).unwrap();
    let party = Party::MunicipalHealthCare;
    let refusal = confirm(&mut sip, 1, party, &unit(), stamp(11)).unwrap_err();
    assert_eq!(refusal.code, "another_party");
    assert_eq!(confirm(&mut sip, 1, party, &home_care, stamp(11)), Ok(true));
    let refusal = confirm(&mut sip, 1, Party::OpenCare, &home_care, stamp(11)).unwrap_err();
    assert_eq!(refusal.code, "another_party");
    assert_eq!(confirm(&mut sip, 1, Party::OpenCare, &unit(), stamp(11)), Ok(true));
}

#[test]
fn who_does_nothing_confirms_nothing() {
    let refusal = confirm(&mut made(), 1, Party::Ward, &unit(), stamp(10)).unwrap_err();
    assert_eq!(refusal.code, "party_does_nothing");
}

#[test]
fn a_plan_does_something_and_is_followed_up_later() {
    let none = SipPlanContent { interventions: vec![], ..content() };
    let refusal = make(&mut called(), 0, &none, &unit(), stamp(9)).unwrap_err();
    assert_eq!(refusal.code, "no_interventions");
    let early = SipPlanContent { follow_up_on: "2026-11-23".parse().unwrap(), ..content() };
    let refusal = make(&mut called(), 0, &early, &unit(), stamp(9)).unwrap_err();
    assert_eq!(refusal.field.as_deref(), Some("/plan/follow_up_on"));
}

#[test]
fn there_is_no_plan_against_the_patients_will_and_no_other_kind_once_there_is_one() {
    let mut sip = called();
    let (kind, reason) = (SipEndKind::DeclinedByPatient, NotNeededReason::PatientDeclined);
    need::end(&mut sip, kind, reason, stamp(9)).unwrap();
    assert_eq!(make(&mut sip, 0, &content(), &unit(), stamp(10)).unwrap_err().code, "ended");
    let kind = contracts::sip::PlanKind::CompulsoryPsychiatricCare;
    assert_eq!(need::set_kind(&mut made(), kind, stamp(10)).unwrap_err().code, "plan_made");
}
