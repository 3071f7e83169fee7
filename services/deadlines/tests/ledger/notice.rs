//! K02, the admission notice.

use contracts::case::ConsentAnswer;

use super::*;

#[test]
fn an_admission_alone_is_no_duty_for_anybody() {
    let play = Play::admitted("2026-06-02 10:00");
    assert!(play.ledger("2026-06-05 10:00").obligations.is_empty());
}

#[test]
fn facts_that_come_before_their_case_wait() {
    let mut play = Play::received("2026-06-02 10:00", &[OPEN_CARE]);
    play.facts.case = None;
    let books = &play.rulebooks;
    let steps = deadlines::domain::StepsTaken::default();
    let now = at("2026-06-02 11:00");
    assert!(deadlines::domain::derive(&play.facts, &steps, books, "dalarna", now).is_none());
}

#[test]
fn the_notice_is_met_when_every_concerned_unit_can_read_all_four_parts() {
    let mut play = Play::admitted("2026-06-02 10:00");
    play.judged("2026-06-02 10:00", "2026-06-02 11:00", &[OPEN_CARE, SOCIAL]);
    let missing = |play: &Play| play.duty("2026-06-02 20:00", "K02").missing;
    assert_eq!(missing(&play), ["identity", "estimate", "route"]);
    play.identified("2026-06-02 11:30");
    play.routed("2026-06-02 12:00", OPEN_CARE);
    assert_eq!(missing(&play), ["estimate", "route"]);
    play.routed("2026-06-02 13:00", SOCIAL);
    play.estimated("2026-06-02 14:00", Some("2026-06-09 12:00"));
    let duty = play.duty("2026-06-02 20:00", "K02");
    assert_eq!((duty.state, duty.missing.len()), (Met, 0));
    assert_eq!(duty.proof.unwrap().recorded_at, at("2026-06-02 14:00"));
    assert_eq!(duty.owner, Owner::Ward);
    assert_eq!(duty.units, [unit("AVD")]);
}

#[test]
fn municipal_health_care_needs_the_notice_to_open_care_too() {
    let mut play = Play::admitted("2026-06-02 10:00");
    play.identified("2026-06-02 10:00");
    play.estimated("2026-06-02 10:00", Some("2026-06-09 12:00"));
    play.judged("2026-06-02 10:00", "2026-06-02 10:00", &[HEALTH]);
    play.routed("2026-06-02 10:00", HEALTH);
    assert_eq!(play.duty("2026-06-02 11:00", "K02").missing, ["route"]);
    play.routed("2026-06-02 12:00", OPEN_CARE);
    assert_eq!(play.state("2026-06-02 13:00", "K02"), Met);
}

#[test]
fn an_estimate_that_was_taken_back_before_the_rest_came_is_no_estimate() {
    let mut play = Play::admitted("2026-06-02 10:00");
    play.judged("2026-06-02 10:00", "2026-06-02 10:00", &[OPEN_CARE]);
    play.estimated("2026-06-02 10:00", Some("2026-06-09 12:00"));
    play.estimated("2026-06-02 11:00", None);
    play.identified("2026-06-02 12:00");
    play.routed("2026-06-02 12:00", OPEN_CARE);
    assert_eq!(play.duty("2026-06-02 13:00", "K02").missing, ["estimate"]);
}

#[test]
fn the_notices_hours_are_plain_and_know_no_weekend() {
    let mut play = Play::admitted("2026-06-05 10:00");
    play.judged("2026-06-05 10:00", "2026-06-05 11:00", &[OPEN_CARE]);
    let duty = play.duty("2026-06-05 12:00", "K02");
    assert_eq!(duty.due, Some(at("2026-06-06 10:00")));
    assert_eq!(duty.target, duty.due);
    assert_eq!(play.state("2026-06-06 09:59", "K02"), Open);
    assert_eq!(play.state("2026-06-06 10:00", "K02"), Missed);
}

#[test]
fn a_need_noticed_at_admission_and_recorded_after_30_hours_is_missed_and_met_late() {
    let mut play = Play::admitted("2026-06-02 10:00");
    play.identified("2026-06-02 10:00");
    play.estimated("2026-06-02 10:00", Some("2026-06-09 12:00"));
    play.judged("2026-06-02 10:00", "2026-06-03 16:00", &[OPEN_CARE]);
    assert_eq!(play.state("2026-06-03 16:00", "K02"), Missed);
    play.routed("2026-06-03 16:01", OPEN_CARE);
    let duty = play.duty("2026-06-03 17:00", "K02");
    assert_eq!(duty.state, MetLate);
    assert_eq!(duty.due, Some(at("2026-06-03 10:00")));
    assert_eq!(duty.proof.unwrap().occurred_at, at("2026-06-03 16:01"));
}

#[test]
fn a_withdrawn_judgement_cancels_the_notice_that_was_not_sent() {
    let mut play = Play::admitted("2026-06-02 10:00");
    play.judged("2026-06-02 10:00", "2026-06-02 10:00", &[OPEN_CARE]);
    play.need_withdrawn("2026-06-02 12:00");
    assert_eq!(play.state("2026-06-02 13:00", "K02"), Cancelled);
    assert_eq!(play.reason("2026-06-02 13:00", "K02").unwrap(), "need_withdrawn");
}

#[test]
fn a_replaced_judgement_leaves_the_notice_met_that_was_sent_before() {
    let mut play = Play::received("2026-06-02 10:00", &[OPEN_CARE]);
    play.judged("2026-06-04 10:00", "2026-06-04 10:00", &[OPEN_CARE, SOCIAL]);
    let states = |play: &Play, now| {
        play.duties(now, "K02").iter().map(|duty| duty.state).collect::<Vec<_>>()
    };
    assert_eq!(states(&play, "2026-06-04 11:00"), [Met, Open]);
    play.routed("2026-06-04 12:00", SOCIAL);
    assert_eq!(states(&play, "2026-06-04 13:00"), [Met, Met]);
}

#[test]
fn a_judgement_that_only_takes_a_party_away_asks_for_no_new_notice() {
    let mut play = Play::received("2026-06-02 10:00", &[OPEN_CARE, SOCIAL]);
    play.judged("2026-06-02 10:00", "2026-06-06 10:00", &[OPEN_CARE]);
    let states: Vec<_> =
        play.duties("2026-06-06 11:00", "K02").iter().map(|duty| duty.state).collect();
    assert_eq!(states, [Met, Met]);
}

#[test]
fn a_frequent_patient_gives_a_notice_to_open_care_from_the_consent_on() {
    let mut play = Play::admitted("2026-06-02 10:00");
    play.identified("2026-06-02 10:00");
    play.estimated("2026-06-02 10:00", Some("2026-06-09 12:00"));
    play.judged("2026-06-02 10:00", "2026-06-02 10:00", &[]);
    assert!(play.duties("2026-06-04 10:00", "K02").is_empty());
    play.consent("2026-06-04 10:00", ConsentAnswer::Given);
    assert_eq!(play.duty("2026-06-04 11:00", "K02").due, Some(at("2026-06-05 10:00")));
    let mut refused = play.clone();
    refused.consent("2026-06-04 12:00", ConsentAnswer::Withdrawn);
    assert_eq!(refused.reason("2026-06-04 13:00", "K02").unwrap(), "consent_withdrawn");
    play.routed("2026-06-04 12:00", OPEN_CARE);
    assert_eq!(play.state("2026-06-04 13:00", "K02"), Met);
}

#[test]
fn a_judgement_that_nobody_outside_is_needed_is_no_duty() {
    let mut play = Play::admitted("2026-06-02 10:00");
    play.judged("2026-06-02 10:00", "2026-06-02 10:00", &[Party::Ward]);
    assert!(play.ledger("2026-06-04 10:00").obligations.is_empty());
}

#[test]
fn the_hospital_answers_while_the_wards_code_is_not_mapped() {
    let mut play = Play::admitted("2026-06-02 10:00");
    play.judged("2026-06-02 10:00", "2026-06-02 10:00", &[OPEN_CARE]);
    play.case().ward = None;
    assert_eq!(play.duty("2026-06-02 11:00", "K02").units, [unit("SJUKHUS")]);
}
