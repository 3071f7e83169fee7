//! What units are told once.

use contracts::case::{Certainty, Frequent};
use contracts::ledger::NewsKind::{
    CouldNotBeRouted, DischargeNotice, EstimateChanged, FrequentPatient, NoLongerConcerned,
    NoticeCame, ReadyGiven, ReadyRevoked,
};

use super::*;

const BOTH: [Party; 2] = [OPEN_CARE, SOCIAL];
const NOW: &str = "2026-06-10 10:00";

#[test]
fn each_unit_hears_that_a_notice_has_come() {
    let play = Play::received("2026-06-02 10:00", &BOTH);
    assert_eq!(play.news(NOW, NoticeCame), [(unit("ST"), false), (unit("VC"), false)]);
}

#[test]
fn a_unit_that_lost_the_case_is_no_longer_told_of_the_notice_but_of_that() {
    let mut play = Play::received("2026-06-02 10:00", &[OPEN_CARE]);
    play.route_ended("2026-06-02 12:00", OPEN_CARE);
    assert_eq!(play.news(NOW, NoticeCame), [(unit("VC"), true)]);
    assert_eq!(play.news(NOW, NoLongerConcerned), [(unit("VC"), false)]);
    play.routed("2026-06-02 14:00", OPEN_CARE);
    assert_eq!(play.news(NOW, NoLongerConcerned), [(unit("VC"), true)]);
}

#[test]
fn a_unit_that_is_routed_again_at_once_does_not_hear_that_it_lost_the_case() {
    let mut play = Play::received("2026-06-02 10:00", &[OPEN_CARE]);
    play.route_ended("2026-06-02 12:00", OPEN_CARE);
    play.routed("2026-06-02 12:00", OPEN_CARE);
    assert!(play.news(NOW, NoLongerConcerned).is_empty());
}

#[test]
fn ready_its_revocation_and_ready_again_are_each_told_and_the_older_withdrawn() {
    let mut play = Play::received("2026-06-02 10:00", &[OPEN_CARE]);
    play.ready("2026-06-03 10:00");
    assert_eq!(play.news(NOW, ReadyGiven), [(unit("VC"), false)]);
    play.ready_revoked("2026-06-03 12:00");
    assert_eq!(play.news(NOW, ReadyGiven), [(unit("VC"), true)]);
    assert_eq!(play.news(NOW, ReadyRevoked), [(unit("VC"), false)]);
    play.ready("2026-06-04 10:00");
    assert_eq!(play.news(NOW, ReadyRevoked), [(unit("VC"), true)]);
    assert_eq!(play.news(NOW, ReadyGiven), [(unit("VC"), true), (unit("VC"), false)]);
}

#[test]
fn a_unit_that_gets_the_case_after_ready_hears_of_it_too_but_not_of_what_was_revoked() {
    let mut play = Play::received("2026-06-02 10:00", &[OPEN_CARE]);
    play.ready("2026-06-03 10:00");
    play.ready_revoked("2026-06-03 12:00");
    play.ready("2026-06-04 10:00");
    play.routed("2026-06-05 10:00", SOCIAL);
    let social = |kind| play.news(NOW, kind).into_iter().filter(|(u, _)| *u == unit("ST")).count();
    assert_eq!((social(ReadyGiven), social(ReadyRevoked)), (1, 0));
}

#[test]
fn a_changed_estimate_is_told_and_the_same_one_said_again_is_not() {
    let mut play = Play::received("2026-06-02 10:00", &[OPEN_CARE]);
    assert!(play.news(NOW, EstimateChanged).is_empty());
    play.estimated("2026-06-03 10:00", Some("2026-06-12 12:00"));
    assert!(play.news(NOW, EstimateChanged).is_empty());
    play.estimated("2026-06-04 10:00", Some("2026-06-15 12:00"));
    play.estimated("2026-06-04 11:00", Some("2026-06-15 12:00"));
    assert_eq!(play.news(NOW, EstimateChanged), [(unit("VC"), false)]);
    play.estimated("2026-06-05 10:00", Some("2026-06-16 12:00"));
    assert_eq!(play.news(NOW, EstimateChanged), [(unit("VC"), true), (unit("VC"), false)]);
}

#[test]
fn after_the_discharge_no_estimate_is_told() {
    let mut play = Play::received("2026-06-02 10:00", &[OPEN_CARE]);
    play.estimated("2026-06-04 10:00", Some("2026-06-09 12:00"));
    play.discharged("2026-06-09 10:00", "2026-06-09 10:00");
    assert_eq!(play.news(NOW, EstimateChanged), [(unit("VC"), true)]);
}

#[test]
fn an_estimate_that_is_less_sure_than_before_is_told_and_one_that_was_always_sure_is_not() {
    let mut play = Play::received("2026-06-02 10:00", &[OPEN_CARE]);
    let day = Some("2026-06-12 12:00");
    let states = |play: &mut Play, when: &str, certainty| {
        play.estimated(when, day);
        play.case().estimates.last_mut().unwrap().certainty = Some(certainty);
    };
    states(&mut play, "2026-06-03 10:00", Certainty::Certain);
    assert!(play.news(NOW, EstimateChanged).is_empty());
    states(&mut play, "2026-06-04 10:00", Certainty::Uncertain);
    assert_eq!(play.news(NOW, EstimateChanged), [(unit("VC"), false)]);
    states(&mut play, "2026-06-05 10:00", Certainty::Certain);
    assert_eq!(play.news(NOW, EstimateChanged), [(unit("VC"), true), (unit("VC"), false)]);
}

#[test]
fn what_a_restored_hospital_side_records_once_more_is_no_new_estimate() {
    // The reception is older than what admissions has recorded again since.
    let mut play = Play::admitted("2026-06-02 14:00");
    play.routed("2026-06-02 10:00", OPEN_CARE);
    play.estimated("2026-06-02 14:00", Some("2026-06-12 12:00"));
    play.judged("2026-06-02 10:00", "2026-06-02 14:00", &[OPEN_CARE]);
    assert!(play.news(NOW, EstimateChanged).is_empty());
    play.estimated("2026-06-02 15:00", Some("2026-06-15 12:00"));
    assert_eq!(play.news(NOW, EstimateChanged), [(unit("VC"), false)]);
}

#[test]
fn the_ward_that_had_the_patient_hears_that_no_unit_was_found() {
    let mut play = Play::received("2026-06-02 10:00", &[]);
    play.unrouted("2026-06-02 10:00", OPEN_CARE);
    play.moved("2026-06-02 09:00", "AVD2");
    play.moved("2026-06-03 10:00", "AVD3");
    assert_eq!(play.news(NOW, CouldNotBeRouted), [(unit("AVD2"), false)]);
    let ended = play.stamp("2026-06-03 11:00", "2026-06-03 11:00");
    play.assignment().unrouted[0].ended = Some(ended);
    assert_eq!(play.news(NOW, CouldNotBeRouted), [(unit("AVD2"), true)]);
}

#[test]
fn a_death_withdraws_what_is_not_true_any_more() {
    let mut play = Play::received("2026-06-02 10:00", &[OPEN_CARE]);
    play.ready("2026-06-03 10:00");
    play.died("2026-06-03 11:00");
    assert!(play.ledger(NOW).news.iter().all(|news| news.withdrawn));
}

#[test]
fn news_are_ordered_by_id_and_have_each_id_once() {
    let mut play = Play::received("2026-06-02 10:00", &[OPEN_CARE, HEALTH, SOCIAL]);
    play.ready("2026-06-03 10:00");
    let ids: Vec<_> = play.ledger(NOW).news.iter().map(|news| news.id).collect();
    assert!(ids.is_sorted_by(|one, next| one < next));
    assert_eq!(ids.len(), 6);
}

#[test]
fn each_notice_of_discharge_is_told_until_another_takes_its_place_or_it_has_happened() {
    let mut play = Play::received("2026-06-02 10:00", &BOTH);
    let told = |play: &Play| play.news(NOW, DischargeNotice);
    play.discharge_notice("2026-06-08 10:00");
    assert_eq!(told(&play), [(unit("ST"), false), (unit("VC"), false)]);
    play.discharge_notice_revoked("2026-06-08 11:00");
    assert_eq!(told(&play), [(unit("ST"), true), (unit("VC"), true)]);
    play.route_ended("2026-06-08 11:30", SOCIAL);
    play.discharge_notice("2026-06-08 12:00");
    assert_eq!(told(&play), [(unit("ST"), true), (unit("VC"), true), (unit("VC"), false)]);
    play.discharged("2026-06-09 10:00", "2026-06-09 10:00");
    assert!(told(&play).iter().all(|(_, withdrawn)| *withdrawn));
    // One that is late is told all the same.
    play.discharge_notice("2026-06-09 12:00");
    assert_eq!(told(&play).iter().filter(|(_, withdrawn)| !withdrawn).count(), 1);
}

#[test]
fn the_units_are_told_of_the_discharge_and_of_its_revocation() {
    let mut play = Play::received("2026-06-02 10:00", &[OPEN_CARE]);
    play.discharged("2026-06-09 10:00", "2026-06-09 10:00");
    let now = "2026-06-09 11:00";
    assert_eq!(play.news(now, contracts::ledger::NewsKind::Discharged), [(unit("VC"), false)]);
    play.discharge_revoked("2026-06-09 12:00");
    let now = "2026-06-09 13:00";
    assert_eq!(play.news(now, contracts::ledger::NewsKind::Discharged), [(unit("VC"), true)]);
    assert_eq!(
        play.news(now, contracts::ledger::NewsKind::DischargeRevoked),
        [(unit("VC"), false)]
    );
}

#[test]
fn the_ward_is_told_of_a_patient_who_comes_often_until_it_has_judged_the_need() {
    let mut play = Play::admitted("2026-06-02 10:00");
    play.moved("2026-06-02 10:00", "AVD");
    let stamp = play.stamp("2026-06-02 10:00", "2026-06-02 10:00");
    play.case().frequent = Some(Frequent { stamp, stays: 3 });
    assert_eq!(play.news(NOW, FrequentPatient), [(unit("AVD"), false)]);
    play.moved("2026-06-02 11:00", "AVD2");
    assert_eq!(play.news(NOW, FrequentPatient), [(unit("AVD"), false)]);
    play.judged("2026-06-02 12:00", "2026-06-02 12:00", &[]);
    assert_eq!(play.news(NOW, FrequentPatient), [(unit("AVD"), true)]);
}

#[test]
fn after_the_discharge_nobody_is_asked_about_a_patient_who_comes_often() {
    let mut play = Play::admitted("2026-06-02 10:00");
    let stamp = play.stamp("2026-06-02 10:00", "2026-06-02 10:00");
    play.case().frequent = Some(Frequent { stamp, stays: 3 });
    play.discharged("2026-06-02 15:00", "2026-06-02 15:00");
    assert_eq!(play.news(NOW, FrequentPatient), [(unit("AVD"), true)]);
}
