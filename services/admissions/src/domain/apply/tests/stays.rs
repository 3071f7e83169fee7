//! How a stay begins and how it ends: admission, discharge and death, and what takes them back.

use super::*;

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
fn nothing_is_recorded_before_it_has_happened() {
    let early =
        HospitalMessage { discharged_at: Stated::Value(at(999)), ..says(Kind::Discharge, 30) };
    let case = case_after(&[admission(), early]);
    assert_eq!(case.discharge().unwrap().stamp.occurred_at, now());
}
