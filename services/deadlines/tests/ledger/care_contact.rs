//! K06, the agreement's 24 hours, and beside it the act's name before discharge.

use super::*;

#[test]
fn the_clock_runs_from_the_reception_even_while_the_notice_is_incomplete() {
    let mut play = Play::admitted("2026-06-02 10:00");
    play.judged("2026-06-02 10:00", "2026-06-02 10:00", &[OPEN_CARE]);
    play.routed("2026-06-02 11:00", OPEN_CARE);
    assert_eq!(play.state("2026-06-02 12:00", "K02"), Open);
    assert_eq!(play.duty("2026-06-02 12:00", "K06").due, Some(at("2026-06-03 11:00")));
}

#[test]
fn received_on_friday_it_is_amber_on_saturday_and_due_on_monday_at_closing() {
    let play = Play::received("2026-06-05 14:10", &[OPEN_CARE]);
    let duty = play.duty("2026-06-07 10:00", "K06");
    assert_eq!(duty.target, Some(at("2026-06-06 14:10")));
    assert_eq!(duty.due, Some(at("2026-06-08 16:30")));
    assert_eq!(duty.state, Open);
    assert_eq!(play.state("2026-06-08 16:30", "K06"), Missed);
}

#[test]
fn received_before_midsummer_it_is_due_after_it() {
    let play = Play::received("2026-06-18 10:00", &[OPEN_CARE]);
    assert_eq!(play.duty("2026-06-18 11:00", "K06").due, Some(at("2026-06-22 16:30")));
}

#[test]
fn not_needed_meets_the_agreement_but_not_the_act() {
    let mut play = Play::received("2026-06-02 10:00", &[OPEN_CARE]);
    play.care_contact("2026-06-02 12:00", false);
    assert_eq!(play.state("2026-06-02 13:00", "K06"), Met);
    assert_eq!(play.state("2026-06-02 13:00", "LAW-2-5"), Open);
    play.discharged("2026-06-05 10:00", "2026-06-05 10:00");
    assert_eq!(play.state("2026-06-05 10:00", "LAW-2-5"), Missed);
}

#[test]
fn a_name_meets_both() {
    let mut play = Play::received("2026-06-02 10:00", &[OPEN_CARE]);
    play.care_contact("2026-06-02 12:00", true);
    assert_eq!(play.state("2026-06-02 13:00", "K06"), Met);
    assert_eq!(play.state("2026-06-02 13:00", "LAW-2-5"), Met);
}

#[test]
fn the_acts_duty_has_no_due_before_the_discharge_and_is_due_at_it() {
    let mut play = Play::received("2026-06-02 10:00", &[OPEN_CARE]);
    assert_eq!(play.duty("2026-06-10 10:00", "LAW-2-5").due, None);
    play.discharged("2026-06-11 10:00", "2026-06-11 10:20");
    let duty = play.duty("2026-06-11 10:30", "LAW-2-5");
    assert_eq!(duty.due, Some(at("2026-06-11 10:00")));
    assert_eq!(duty.target, None);
}

#[test]
fn a_name_that_comes_after_the_discharge_meets_the_act_late() {
    let mut play = Play::received("2026-06-02 10:00", &[OPEN_CARE]);
    play.discharged("2026-06-04 10:00", "2026-06-04 10:00");
    play.care_contact("2026-06-04 12:00", true);
    assert_eq!(play.state("2026-06-04 13:00", "LAW-2-5"), MetLate);
    assert_eq!(play.state("2026-06-04 13:00", "K06"), StillMissed);
}

#[test]
fn a_name_that_is_taken_back_for_not_needed_is_no_name() {
    let mut play = Play::received("2026-06-02 10:00", &[OPEN_CARE]);
    play.care_contact("2026-06-02 12:00", true);
    play.care_contact("2026-06-02 14:00", false);
    assert_eq!(play.state("2026-06-02 15:00", "LAW-2-5"), Open);
    let proof = play.duty("2026-06-02 15:00", "K06").proof.unwrap();
    assert_eq!(proof.recorded_at, at("2026-06-02 12:00"));
}

#[test]
fn a_name_by_another_unit_than_the_owners_proves_nothing() {
    let mut play = Play::received("2026-06-02 10:00", &[OPEN_CARE]);
    play.care_contact("2026-06-02 12:00", true);
    play.assignment().care_contacts[0].unit = unit("VC2");
    assert_eq!(play.state("2026-06-02 13:00", "K06"), Open);
}

#[test]
fn what_happened_in_time_and_was_told_late_is_met_in_time() {
    let mut play = Play::received("2026-06-02 10:00", &[OPEN_CARE]);
    play.care_contact("2026-06-03 12:00", true);
    play.assignment().care_contacts[0].stamp.occurred_at = at("2026-06-03 09:00");
    let duty = play.duty("2026-06-03 13:00", "K06");
    assert_eq!(duty.state, Met);
    assert_eq!(duty.proof.unwrap().recorded_at, at("2026-06-03 12:00"));
}

#[test]
fn a_name_in_the_instant_of_the_due_is_in_time() {
    let mut play = Play::received("2026-06-02 10:00", &[OPEN_CARE]);
    play.care_contact("2026-06-03 10:00", true);
    assert_eq!(play.state("2026-06-03 10:00", "K06"), Met);
}

#[test]
fn routed_to_another_care_centre_the_clock_starts_anew_and_the_old_one_is_cancelled() {
    let mut play = Play::received("2026-06-02 10:00", &[OPEN_CARE]);
    play.route_ended("2026-06-02 15:00", OPEN_CARE);
    play.routed_to("2026-06-02 15:00", OPEN_CARE, unit("VC2"));
    let duties = play.duties("2026-06-02 16:00", "K06");
    let stands = duties.iter().map(|d| (d.state, d.units.as_slice())).collect::<Vec<_>>();
    assert_eq!(stands, [(Cancelled, &[unit("VC")][..]), (Open, &[unit("VC2")][..])]);
    assert_eq!(duties[0].ended.as_ref().unwrap().reason, "route_ended");
    assert_eq!(duties[1].due, Some(at("2026-06-03 15:00")));
}

#[test]
fn what_was_met_before_the_route_ended_stays_met() {
    let mut play = Play::received("2026-06-02 10:00", &[OPEN_CARE]);
    play.care_contact("2026-06-02 12:00", true);
    play.route_ended("2026-06-02 15:00", OPEN_CARE);
    let duty = play.duty("2026-06-02 16:00", "K06");
    assert_eq!((duty.state, duty.units), (Met, vec![unit("VC")]));
}

#[test]
fn a_care_contact_who_is_still_standing_counts_for_a_later_reception_by_the_same_unit() {
    let mut play = Play::received("2026-06-02 10:00", &[OPEN_CARE]);
    play.care_contact("2026-06-02 12:00", true);
    play.route_ended("2026-06-02 15:00", OPEN_CARE);
    play.routed("2026-06-03 09:00", OPEN_CARE);
    let states = play.duties("2026-06-03 10:00", "K06").into_iter().map(|d| d.state);
    assert_eq!(states.collect::<Vec<_>>(), [Met, Met]);
}
