//! Who the patient is, and what others get to know of her: protection, consent and the notice.

use contracts::case::ConsentAnswer;

use super::*;
use crate::domain::notice::notice;
use crate::hospital_message::Diagnosis;

#[test]
fn the_patient_is_identified_when_name_number_and_address_are_known() {
    let mut without = admission();
    without.patient = PatientStatement { address: Stated::Absent, ..patient() };
    let mut address = update(15);
    address.patient = PatientStatement { address: patient().address, ..Default::default() };
    let (stay, what) = after(&[without.clone(), address.clone(), address]);
    assert_eq!(what[1..], [Some("patient_identified"), None]);
    assert_eq!(stay.case.identified.unwrap().occurred_at, at(15));
    assert!(case_after(&[without]).identified.is_none());
}

#[test]
fn a_protected_identity_publishes_neither_municipality_nor_care_centre() {
    let mut message = admission();
    message.patient = PatientStatement { protected: Some(true), ..patient() };
    let (stay, _) = after(&[message.clone()]);
    assert!(stay.case.protected);
    assert!(stay.case.municipality.is_none() && stay.case.listed_care_centre.is_none());
    let mut lifted = update(20);
    lifted.patient.protected = Some(false);
    let case = case_after(&[message, lifted]);
    assert!(case.municipality.is_some() && case.listed_care_centre.is_some());
}

#[test]
fn what_only_concerns_the_patient_is_told_to_nobody() {
    let mut message = update(12);
    message.patient.name = patient().name;
    let (stay, what) = after(&[admission(), message]);
    assert_eq!(what[1], None);
    assert!(stay.patient.name.is_some());
    assert!(!format!("{stay:?}").contains("Tolvansson"));
}

#[test]
fn the_diagnosis_is_in_the_notice_only_while_the_patient_consents() {
    let mut message = admission();
    let diagnosis =
        Diagnosis { code: Some("I50.0".into()), system: None, text: Some("Hjärtsvikt".into()) };
    message.diagnoses = Stated::Value(vec![diagnosis].into());
    let shown = |messages: &[HospitalMessage]| {
        let (stay, _) = after(messages);
        notice(&stay.case, &stay.patient, Party::OpenCare, at(20))
            .with_consent
            .map(|more| more.diagnoses)
    };
    assert_eq!(shown(std::slice::from_ref(&message)), None);
    let with_consent = shown(&[message.clone(), consent(true, 12)]);
    assert_eq!(with_consent, Some(vec!["I50.0 Hjärtsvikt".to_owned()]));
    assert_eq!(shown(&[message, consent(true, 12), consent(false, 13)]), None);
}

#[test]
fn a_no_after_a_yes_is_a_withdrawal() {
    let case =
        case_after(&[admission(), consent(true, 12), consent(false, 13), consent(false, 14)]);
    let answers: Vec<_> = case.consents.iter().map(|consent| consent.answer).collect();
    assert_eq!(answers, [ConsentAnswer::Given, ConsentAnswer::Withdrawn]);
}
