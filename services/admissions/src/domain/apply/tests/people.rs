//! What hospitals say again, and what people have decided meanwhile.

use contracts::case::{Consent, ConsentAnswer, Estimate};
use serde_json::json;

use super::*;
use crate::domain::entries;
use crate::domain::stay::Fact;

/// A person decides a fact at an hour.
fn decided(stay: Stay, fact: Fact, hour: i64, how: impl FnOnce(&mut Case, Stamp)) -> Stay {
    let Stay { mut case, patient, mut stated } = stay;
    let id = EntryId::derive("decided", &[&hour.to_string()]);
    how(&mut case, Stamp { id, occurred_at: at(hour), recorded_at: at(hour), by: None });
    stated.decided(fact, at(hour));
    if fact == Fact::Death {
        stated.decided(Fact::Disposition, at(hour));
    }
    Stay { case, patient, stated }
}

fn then(stay: Stay, messages: &[HospitalMessage]) -> Stay {
    messages
        .iter()
        .zip(100_u128..)
        .fold(stay, |stay, (message, n)| apply(Some(stay), message, &ids(n), now()).unwrap().stay)
}

fn dead(dead: bool, hour: i64) -> HospitalMessage {
    let mut message = update(hour);
    message.patient.death = Some(Death { dead, at: None });
    message
}

fn left_dead(dead: bool, hour: i64) -> HospitalMessage {
    let mut message = says(Kind::Discharge, hour);
    message.patient.left_dead = Some(Death { dead, at: None });
    message
}

#[test]
fn a_need_that_a_hospital_repeats_is_no_news_against_its_withdrawal_and_another_one_is() {
    let judged = |party, hour| HospitalMessage { need: need(&[party]), ..update(hour) };
    let (stay, _) = after(&[admission(), judged(Party::OpenCare, 10)]);
    let stay = decided(stay, Fact::Need, 11, |case, stamp| {
        entries::withdraw_need(case, &stamp);
    });
    let stay = then(stay, &[judged(Party::OpenCare, 12), judged(Party::OpenCare, 13)]);
    assert!(stay.case.need().is_none());
    let stay = then(stay, &[judged(Party::SocialServices, 14), judged(Party::OpenCare, 15)]);
    assert_eq!(stay.case.need().unwrap().parties, [Party::OpenCare].into());
}

#[test]
fn a_statement_that_comes_after_the_decision_and_is_older_counts_as_said() {
    let (stay, _) = after(&[admission()]);
    let stay = decided(stay, Fact::Estimate, 11, |case, stamp| {
        entries::set_estimate(case, Estimate::new(stamp, Some(at(99))));
    });
    let stay = then(stay, &[estimate(20, 10), estimate(20, 12)]);
    assert_eq!(stay.case.estimate(), Some(at(99)));
    let stay = then(stay, &[estimate(21, 13)]);
    assert_ne!(stay.case.estimate(), Some(at(99)));
}

#[test]
fn a_consent_that_a_hospital_repeats_does_not_undo_its_withdrawal() {
    let (stay, _) = after(&[admission(), consent(true, 10)]);
    let stay = decided(stay, Fact::Consent, 11, |case, stamp| {
        entries::record_consent(case, Consent::new(stamp, ConsentAnswer::Withdrawn));
    });
    assert!(!then(stay.clone(), &[consent(true, 12)]).case.consented(Party::OpenCare));
    let mut anew = consent(true, 13);
    anew.consent = Some(ConsentStatement { given: true, by: None, at: at(12) });
    assert!(then(stay, &[anew]).case.consented(Party::OpenCare));
}

#[test]
fn that_somebody_lives_said_again_does_not_undo_a_death_that_a_person_records() {
    let (stay, _) = after(&[admission(), dead(false, 10)]);
    let stay = decided(stay, Fact::Death, 11, |case, stamp| {
        entries::say(&mut case.deaths, stamp);
    });
    assert!(then(stay, &[dead(false, 12), left_dead(false, 13)]).case.ended());
}

#[test]
fn a_death_that_a_discharge_told_of_is_taken_back_by_another_disposition_or_a_person() {
    let (stay, what) = after(&[admission(), left_dead(true, 10), left_dead(false, 11)]);
    assert_eq!(what[2], Some("death_revoked"));
    assert!(!stay.case.ended());
    let (stay, _) = after(&[admission(), left_dead(true, 10)]);
    let stay = decided(stay, Fact::Death, 11, |case, stamp| {
        entries::take_back(&mut case.deaths, stamp);
    });
    assert!(!then(stay, &[left_dead(true, 12)]).case.ended());
}

#[test]
fn a_disposition_takes_no_death_back_that_the_patients_record_tells_of() {
    for told in [[dead(true, 10), left_dead(true, 11)], [left_dead(true, 10), dead(true, 11)]] {
        let (stay, _) = after(&[vec![admission()], told.to_vec()].concat());
        assert!(then(stay, &[left_dead(false, 12)]).case.ended());
    }
}

#[test]
fn that_somebody_lives_told_late_does_not_undo_a_newer_disposition() {
    let told = [admission(), dead(true, 10), left_dead(true, 16), dead(false, 11)];
    assert!(after(&told).0.case.ended());
}

#[test]
fn a_need_noticed_at_another_moment_than_was_said_is_another_judgement() {
    let noticed = |hour, noticed_at: Option<i64>| {
        let need = NeedStatement {
            parties: [Party::OpenCare].into(),
            frequent_patient: false,
            noticed_at: noticed_at.map(at),
            judged_by: None,
        };
        HospitalMessage { need: Stated::Value(need), ..update(hour) }
    };
    let (stay, what) = after(&[
        admission(),
        noticed(20, None),
        noticed(21, Some(15)),
        noticed(22, None),
        noticed(23, Some(15)),
        noticed(24, Some(9_999)),
    ]);
    assert_eq!(what[1..], [Some("need_judged"), Some("need_judged"), None, None, None]);
    assert_eq!(stay.case.need().unwrap().stamp.occurred_at, at(15));
}

#[test]
fn a_corrected_number_and_a_removed_address_are_entries_without_a_word_of_them() {
    let about = |hour, patient| HospitalMessage { patient, ..update(hour) };
    let mut corrected = patient();
    let number = PersonalIdentity::new(IdentityKind::Personal, "191212121212").unwrap();
    corrected.identity = Stated::Value(Identity { number, authority: None });
    let removed = PatientStatement { address: Stated::Removed, ..PatientStatement::default() };
    let (stay, what) = after(&[
        admission(),
        about(10, patient()),
        about(11, patient()),
        about(12, corrected),
        about(13, removed),
        about(14, PatientStatement { identity: Stated::Absent, ..patient() }),
    ]);
    let changed = Some("identity_changed");
    assert_eq!(what[1..], [Some("patient_identified"), None, changed, changed, changed]);
    let entered = &stay.case.reidentified;
    assert_eq!(entered.iter().map(|c| c.complete).collect::<Vec<_>>(), [true, false, true]);
    assert_eq!(stay.case.identified.as_ref().unwrap().occurred_at, at(10));
    assert!(stay.case.is_identified());
    assert!(!json!(stay.case).to_string().contains("1212121212"));
}

#[test]
fn a_planned_discharge_does_not_correct_one_that_has_happened() {
    let planned = HospitalMessage { discharged_at: Stated::Value(at(9_999)), ..update(31) };
    let case = case_after(&[admission(), says(Kind::Discharge, 30), planned]);
    assert_eq!(case.discharge().unwrap().stamp.occurred_at, at(30));
}
