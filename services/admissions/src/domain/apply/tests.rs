use std::collections::BTreeSet;

use contracts::Party;
use contracts::case::ConsentAnswer;
use contracts::identity::{IdentityKind, PersonalIdentity};
use proptest::prelude::*;

use super::*;
use crate::domain::notice::notice;
use crate::hospital_message::{
    CaseKey, ConsentStatement, Death, Identity, NeedStatement, PatientStatement, PersonName,
    PostalAddress, UnitRef,
};
use crate::stated::Stated;
use crate::when::When;

mod people;

fn at(hour: i64) -> DateTime<Utc> {
    "2026-11-17T00:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::hours(hour)
}

fn now() -> DateTime<Utc> {
    at(7 * 24)
}

fn ward(n: u32) -> Stated<UnitRef> {
    Stated::Value(UnitRef::Unit(format!("SE2321000180-200{n}").parse().unwrap()))
}

/// A message that was recorded at an hour and says nothing else.
fn says(kind: Kind, hour: i64) -> HospitalMessage {
    HospitalMessage {
        message_id: hour.to_string(),
        kind,
        case_key: CaseKey::VisitNumber("V-1".to_owned().into()),
        stated_at: at(hour),
        occurred_at: at(hour),
        inpatient: Some(true),
        patient: PatientStatement::default(),
        ward: Stated::Absent,
        admitted_at: None,
        discharged_at: Stated::Absent,
        estimate: Stated::Absent,
        diagnoses: Stated::Absent,
        need: Stated::Absent,
        consent: None,
    }
}

fn admission() -> HospitalMessage {
    HospitalMessage { admitted_at: Some(at(8)), ward: ward(1), ..says(Kind::Admit, 9) }
}

fn update(hour: i64) -> HospitalMessage {
    says(Kind::Update, hour)
}

fn need(parties: &[Party]) -> Stated<NeedStatement> {
    Stated::Value(NeedStatement {
        parties: parties.iter().copied().collect(),
        frequent_patient: false,
        noticed_at: None,
        judged_by: None,
    })
}

fn consent(given: bool, hour: i64) -> HospitalMessage {
    let consent = Some(ConsentStatement { given, by: None, at: at(hour) });
    HospitalMessage { consent, ..update(hour) }
}

fn estimate(day: u32, hour: i64) -> HospitalMessage {
    let day = format!("2026-11-{day}").parse().unwrap();
    HospitalMessage { estimate: Stated::Value(When::Date(day)), ..update(hour) }
}

fn patient() -> PatientStatement {
    let number = PersonalIdentity::new(IdentityKind::Personal, "189001019802").unwrap();
    let name = PersonName { family: Some("Tolvansson".into()), given: Some("Åsa".into()) };
    let address = PostalAddress {
        lines: vec!["Storgatan 1".into()],
        postal_code: Some("79171".into()),
        city: Some("FALUN".into()),
    };
    PatientStatement {
        identity: Stated::Value(Identity { number, authority: None }),
        name: Stated::Value(name.into()),
        address: Stated::Value(address.into()),
        municipality: Stated::Value("2080".parse().unwrap()),
        listed_care_centre: Stated::Value(UnitRef::Unit("SE2321000180-3001".parse().unwrap())),
        ..PatientStatement::default()
    }
}

fn ids(message: u128) -> Ids {
    Ids {
        message: Uuid::from_u128(message),
        case: CaseId(Uuid::from_u128(1)),
        case_ref: CaseRef::from_random(1),
        hospital: "SE2321000180-1001".parse().unwrap(),
    }
}

/// The stay after messages in this order, and what each did.
fn after(messages: &[HospitalMessage]) -> (Stay, Vec<Option<&'static str>>) {
    let (mut stay, mut all) = (None, Vec::new());
    for (message, n) in messages.iter().zip(10_u128..) {
        let applied = apply(stay, message, &ids(n), now()).unwrap();
        all.push(applied.what);
        stay = Some(applied.stay);
    }
    (stay.unwrap(), all)
}

fn case_after(messages: &[HospitalMessage]) -> Case {
    after(messages).0.case
}

#[test]
fn an_admission_opens_a_case_and_places_the_patient() {
    let (stay, what) = after(&[admission()]);
    assert_eq!(what, [Some("case_opened")]);
    assert_eq!(stay.case.admitted.occurred_at, at(8));
    assert_eq!(stay.case.admitted.recorded_at, now());
    assert_eq!((stay.case.places.len(), stay.case.joined_late), (1, false));
}

#[test]
fn a_second_admission_of_a_known_visit_is_an_update() {
    let again = HospitalMessage { stated_at: at(10), ..admission() };
    let (stay, what) = after(&[admission(), again]);
    assert_eq!(what[1], None);
    assert_eq!(stay.case.places.len(), 1);
}

#[test]
fn a_transfer_or_an_update_of_an_unknown_in_patient_joins_late() {
    for kind in [Kind::Transfer, Kind::Update] {
        let case = case_after(&[HospitalMessage { ward: ward(2), ..says(kind, 12) }]);
        assert!(case.joined_late);
        assert_eq!(case.admitted.occurred_at, at(12));
    }
}

#[test]
fn the_admission_that_comes_after_a_late_joiner_tells_its_time_and_not_its_place() {
    let transfer = HospitalMessage { ward: ward(2), ..says(Kind::Transfer, 12) };
    let case = case_after(&[transfer, admission()]);
    assert_eq!(case.admitted.occurred_at, at(8));
    assert_eq!(case.ward.unwrap().as_str(), "SE2321000180-2002");
}

#[test]
fn whoever_is_not_known_to_be_an_in_patient_opens_no_case() {
    for (kind, inpatient) in
        [(Kind::Admit, Some(false)), (Kind::Update, Some(false)), (Kind::Update, None)]
    {
        let message = HospitalMessage { inpatient, ..says(kind, 12) };
        let declined = apply(None, &message, &ids(1), now()).unwrap_err();
        assert_eq!(declined, Declined::NotInpatient);
    }
}

#[test]
fn what_ends_or_takes_back_an_unknown_stay_is_refused() {
    for kind in [Kind::Discharge, Kind::CancelAdmit, Kind::CancelDischarge] {
        let declined = apply(None, &says(kind, 12), &ids(1), now()).unwrap_err();
        assert_eq!(declined, Declined::UnknownStay);
    }
}

#[test]
fn an_older_message_changes_only_facts_that_no_newer_one_has_stated() {
    let older = HospitalMessage { ward: ward(3), ..estimate(25, 10) };
    let case = case_after(&[admission(), estimate(20, 12), older]);
    assert_eq!(case.estimate().unwrap().to_rfc3339(), "2026-11-20T11:00:00+00:00");
    assert_eq!(case.ward.unwrap().as_str(), "SE2321000180-2003");
}

#[test]
fn an_estimate_that_is_stated_again_is_entered_once() {
    let (stay, what) = after(&[admission(), estimate(20, 12), estimate(20, 13)]);
    assert_eq!(what[1..], [Some("estimate_changed"), None]);
    assert_eq!(stay.case.estimates.len(), 1);
}

#[test]
fn an_estimate_that_is_removed_is_there_no_more() {
    let removed = HospitalMessage { estimate: Stated::Removed, ..update(13) };
    let case = case_after(&[admission(), estimate(20, 12), removed]);
    assert_eq!((case.estimate(), case.estimates.len()), (None, 2));
}

#[test]
fn a_cancelled_admission_ends_the_case_and_a_later_admission_takes_that_back() {
    let again = HospitalMessage { stated_at: at(14), ..admission() };
    let (stay, what) = after(&[admission(), says(Kind::CancelAdmit, 12), again]);
    assert_eq!(what[1..], [Some("admission_cancelled"), Some("admission_restored")]);
    assert!(!stay.case.ended());
}

#[test]
fn an_admission_that_is_older_than_its_cancellation_restores_nothing() {
    let again = HospitalMessage { stated_at: at(11), ..admission() };
    assert!(case_after(&[admission(), says(Kind::CancelAdmit, 12), again]).ended());
}

#[test]
fn a_discharge_is_taken_back_by_its_cancellation() {
    let discharge = says(Kind::Discharge, 30);
    let (stay, what) = after(&[admission(), discharge, says(Kind::CancelDischarge, 31)]);
    assert_eq!(what[1..], [Some("patient_discharged"), Some("discharge_cancelled")]);
    assert!(stay.case.discharge().is_none());
    assert_eq!(stay.case.discharges.len(), 1);
}

#[test]
fn whoever_becomes_an_in_patient_again_is_no_longer_discharged() {
    let ended =
        HospitalMessage { discharged_at: Stated::Value(at(12)), ..says(Kind::Discharge, 12) };
    let again = says(Kind::BecomeInpatient, 14);
    let (stay, what) = after(&[admission(), ended.clone(), again.clone()]);
    assert_eq!(what[1..], [Some("patient_discharged"), Some("discharge_cancelled")]);
    assert!(stay.case.discharge().is_none());
    assert!(case_after(&[admission(), again, ended]).discharge().is_none());
}

#[test]
fn whoever_becomes_an_in_patient_opens_a_case_in_time() {
    let (stay, what) =
        after(&[HospitalMessage { admitted_at: Some(at(12)), ..says(Kind::BecomeInpatient, 12) }]);
    assert_eq!((what, stay.case.joined_late), (vec![Some("case_opened")], false));
    assert_eq!(stay.case.admitted.occurred_at, at(12));
}

#[test]
fn a_discharge_that_comes_after_its_cancellation_stays_cancelled() {
    let case =
        case_after(&[admission(), says(Kind::CancelDischarge, 31), says(Kind::Discharge, 30)]);
    assert!(case.discharge().is_none());
}

#[test]
fn the_time_of_a_discharge_is_put_right_and_never_made_by_an_update() {
    let timed = |message: HospitalMessage, hour| HospitalMessage {
        discharged_at: Stated::Value(at(hour)),
        ..message
    };
    let planned = case_after(&[admission(), timed(update(20), 40)]);
    assert!(planned.discharge().is_none());
    let case =
        case_after(&[admission(), timed(says(Kind::Discharge, 30), 30), timed(update(31), 29)]);
    assert_eq!(case.discharges.len(), 1);
    assert_eq!(case.discharge().unwrap().stamp.occurred_at, at(29));
}

#[test]
fn a_death_is_recorded_once_and_can_be_taken_back() {
    let death = |dead, hour| {
        let mut message = update(hour);
        message.patient.death = Some(Death { dead, at: None });
        message
    };
    assert!(case_after(&[admission(), death(true, 12), death(true, 13)]).ended());
    let case = case_after(&[admission(), death(true, 12), death(false, 13)]);
    assert_eq!((case.ended(), case.deaths.len()), (false, 1));
    assert!(case_after(&[admission(), death(false, 12)]).deaths.is_empty());
}

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
fn a_need_was_noticed_at_the_admission_unless_a_later_moment_is_stated() {
    let judged = HospitalMessage { need: need(&[Party::OpenCare]), ..update(30) };
    assert_eq!(case_after(&[admission(), judged.clone()]).needs[0].stamp.occurred_at, at(8));
    for (stated, expected) in [(20, 20), (2, 8), (999, 7 * 24)] {
        let mut later = judged.clone();
        if let Stated::Value(need) = &mut later.need {
            need.noticed_at = Some(at(stated));
        }
        let case = case_after(&[admission(), later]);
        assert_eq!(case.needs[0].stamp.occurred_at, at(expected), "{stated}");
    }
}

#[test]
fn a_corrected_admission_takes_the_need_that_was_noticed_at_it_along() {
    let judged = HospitalMessage { need: need(&[Party::OpenCare]), ..admission() };
    let corrected = HospitalMessage { admitted_at: Some(at(6)), ..update(12) };
    let case = case_after(&[judged, corrected]);
    assert_eq!(case.needs[0].stamp.occurred_at, at(6));
}

#[test]
fn a_judgement_replaces_the_one_before_and_the_same_again_is_none() {
    let judged = |parties: &[Party], hour| HospitalMessage { need: need(parties), ..update(hour) };
    let (stay, what) = after(&[
        admission(),
        judged(&[Party::OpenCare], 10),
        judged(&[Party::OpenCare], 11),
        judged(&[Party::SocialServices], 12),
        HospitalMessage { need: Stated::Removed, ..update(13) },
    ]);
    let judged = Some("need_judged");
    assert_eq!(what[1..], [judged, None, judged, Some("need_withdrawn")]);
    assert_eq!(stay.case.needs.len(), 2);
    assert!(stay.case.need().is_none());
}

#[test]
fn the_diagnosis_is_in_the_notice_only_while_the_patient_consents() {
    let mut message = admission();
    let diagnosis = crate::hospital_message::Diagnosis {
        code: Some("I50.0".into()),
        system: None,
        text: Some("Hjärtsvikt".into()),
    };
    message.diagnoses = Stated::Value(vec![diagnosis].into());
    let shown = |messages: &[HospitalMessage]| {
        let (stay, _) = after(messages);
        notice(&stay.case, &stay.patient).with_consent.map(|more| more.diagnoses)
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

#[test]
fn a_clock_that_is_far_ahead_does_not_make_later_news_look_old() {
    let ahead = HospitalMessage { stated_at: at(24 * 365), ..estimate(20, 12) };
    let case = case_after(&[admission(), ahead, estimate(25, 7 * 24)]);
    assert_eq!(case.estimate().unwrap().to_rfc3339(), "2026-11-25T11:00:00+00:00");
}

#[test]
fn nothing_is_recorded_before_it_has_happened() {
    let early =
        HospitalMessage { discharged_at: Stated::Value(at(999)), ..says(Kind::Discharge, 30) };
    let case = case_after(&[admission(), early]);
    assert_eq!(case.discharge().unwrap().stamp.occurred_at, now());
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

/// What a stay is now, whatever way it came there.
#[derive(Debug, PartialEq)]
struct Facts {
    ward: Option<HsaId>,
    estimate: Option<DateTime<Utc>>,
    parties: BTreeSet<Party>,
    is_discharged: bool,
    has_ended: bool,
    has_consented: bool,
}

fn facts(messages: &[HospitalMessage]) -> Facts {
    let case = case_after(messages);
    Facts {
        estimate: case.estimate(),
        parties: case.need().map(|need| need.parties.clone()).unwrap_or_default(),
        is_discharged: case.discharge().is_some(),
        has_ended: case.ended(),
        has_consented: case.consented(),
        ward: case.ward,
    }
}

fn some_message(which: u8, hour: i64) -> HospitalMessage {
    let parties = [Party::OpenCare, Party::SocialServices];
    match which {
        0 => HospitalMessage { ward: ward(u32::from(hour % 2 == 0)), ..says(Kind::Transfer, hour) },
        1 => estimate(20 + u32::try_from(hour % 5).unwrap(), hour),
        2 => HospitalMessage { estimate: Stated::Removed, ..update(hour) },
        3 => says(Kind::Discharge, hour),
        4 => says(Kind::CancelDischarge, hour),
        5 => says(Kind::CancelAdmit, hour),
        6 => HospitalMessage { stated_at: at(hour), ..admission() },
        7 => HospitalMessage { need: need(&parties[usize::from(hour % 2 == 0)..]), ..update(hour) },
        8 => HospitalMessage { need: Stated::Removed, ..update(hour) },
        9 | 10 => {
            let death = Some(Death { dead: hour % 2 == 0, at: None });
            let of = if which == 9 { (death, None) } else { (None, death) };
            let mut message = update(hour);
            (message.patient.death, message.patient.left_dead) = of;
            message
        }
        _ => consent(hour % 2 == 0, hour),
    }
}

proptest! {
    #[test]
    fn the_order_in_which_messages_come_does_not_matter(
        which in prop::collection::vec(0_u8..12, 1..12),
        order in Just((0..12_usize).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let messages: Vec<_> =
            which.iter().zip(10..).map(|(which, hour)| some_message(*which, hour)).collect();
        let mut sorted = vec![admission()];
        sorted.extend(messages.clone());
        let mut shuffled = vec![admission()];
        shuffled.extend(order.iter().filter_map(|n| messages.get(*n).cloned()));
        prop_assert_eq!(facts(&sorted), facts(&shuffled));
    }

    #[test]
    fn a_message_that_comes_twice_changes_nothing_the_second_time(which in 0_u8..12) {
        let message = some_message(which, 20);
        let (_, what) = after(&[admission(), message.clone(), message]);
        prop_assert_eq!(what[2], None);
    }
}
