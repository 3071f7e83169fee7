//! K43, the call to a SIP.

use contracts::sip::PlanKind;
use contracts::sip::SipEndKind::{DeclinedByPatient, NotNeeded};

use super::*;

const BOTH: [Party; 2] = [OPEN_CARE, SOCIAL];

#[test]
fn ready_starts_three_calendar_days_that_end_at_midnight() {
    let mut play = Play::received("2026-06-02 10:00", &BOTH);
    assert!(play.duties("2026-06-04 10:00", "K43").is_empty());
    play.ready("2026-06-04 10:00");
    let duty = play.duty("2026-06-04 11:00", "K43");
    assert_eq!(duty.due, Some(at("2026-06-08 00:00")));
    assert_eq!((duty.owner, duty.units), (Owner::OpenCare, vec![unit("VC")]));
}

#[test]
fn the_days_run_from_the_notice_and_not_from_being_ready() {
    let mut play = Play::received("2026-06-02 10:00", &BOTH);
    play.ready("2026-06-04 00:30");
    play.case().ready[0].stamp.occurred_at = at("2026-06-03 22:00");
    assert_eq!(play.duty("2026-06-04 11:00", "K43").due, Some(at("2026-06-08 00:00")));
}

#[test]
fn revoked_cancels_and_ready_again_starts_anew() {
    let mut play = Play::received("2026-06-02 10:00", &BOTH);
    play.ready("2026-06-04 10:00");
    play.ready_revoked("2026-06-04 15:00");
    assert_eq!(play.state("2026-06-04 16:00", "K43"), Cancelled);
    assert_eq!(play.reason("2026-06-04 16:00", "K43").unwrap(), "ready_revoked");
    play.ready("2026-06-09 10:00");
    let duties = play.duties("2026-06-09 11:00", "K43");
    let stands = duties.iter().map(|d| (d.state, d.due)).collect::<Vec<_>>();
    assert_eq!(
        stands,
        [(Cancelled, Some(at("2026-06-08 00:00"))), (Open, Some(at("2026-06-13 00:00")))]
    );
    play.called("2026-06-10 09:00");
    let states = play.duties("2026-06-10 10:00", "K43").into_iter().map(|d| d.state);
    assert_eq!(states.collect::<Vec<_>>(), [Cancelled, Met]);
}

#[test]
fn one_principal_alone_needs_no_call() {
    for parties in [&[OPEN_CARE][..], &[SOCIAL]] {
        let mut play = Play::received("2026-06-02 10:00", parties);
        play.ready("2026-06-04 10:00");
        assert!(play.duties("2026-06-04 11:00", "K43").is_empty());
    }
}

#[test]
fn a_municipality_that_becomes_concerned_after_ready_starts_the_days_then() {
    let mut play = Play::received("2026-06-02 10:00", &[OPEN_CARE]);
    play.ready("2026-06-04 10:00");
    play.judged("2026-06-06 10:00", "2026-06-06 10:00", &BOTH);
    assert_eq!(play.duty("2026-06-06 11:00", "K43").due, Some(at("2026-06-10 00:00")));
}

#[test]
fn a_judgement_that_no_longer_concerns_both_cancels_the_call() {
    let mut play = Play::received("2026-06-02 10:00", &BOTH);
    play.ready("2026-06-04 10:00");
    play.judged("2026-06-05 10:00", "2026-06-05 10:00", &[OPEN_CARE]);
    assert_eq!(play.state("2026-06-05 11:00", "K43"), Cancelled);
    assert_eq!(play.reason("2026-06-05 11:00", "K43").unwrap(), "no_longer_concerned");
}

#[test]
fn a_judgement_replaced_by_another_that_concerns_both_changes_nothing() {
    let mut play = Play::received("2026-06-02 10:00", &BOTH);
    play.ready("2026-06-04 10:00");
    let before = play.duty("2026-06-04 11:00", "K43");
    play.judged("2026-06-05 10:00", "2026-06-05 10:00", &[HEALTH]);
    assert_eq!(play.duty("2026-06-04 11:00", "K43"), before);
}

#[test]
fn a_call_before_ready_counts() {
    let mut play = Play::received("2026-06-02 10:00", &BOTH);
    play.called("2026-06-03 10:00");
    play.ready("2026-06-04 10:00");
    assert_eq!(play.state("2026-06-04 11:00", "K43"), Met);
}

#[test]
fn a_cancelled_call_is_no_call() {
    let mut play = Play::received("2026-06-02 10:00", &BOTH);
    play.ready("2026-06-04 10:00");
    play.called("2026-06-05 10:00");
    play.call_cancelled("2026-06-06 10:00");
    assert_eq!(play.state("2026-06-06 11:00", "K43"), Open);
    play.called("2026-06-09 10:00");
    assert_eq!(play.state("2026-06-09 11:00", "K43"), MetLate);
}

#[test]
fn declined_and_not_needed_end_the_duty_without_meeting_it() {
    for (kind, reason) in [(DeclinedByPatient, "sip_declined"), (NotNeeded, "sip_not_needed")] {
        let mut play = Play::received("2026-06-02 10:00", &BOTH);
        play.ready("2026-06-04 10:00");
        play.sip_ended("2026-06-05 10:00", kind);
        assert_eq!(play.state("2026-06-05 11:00", "K43"), Cancelled);
        assert_eq!(play.reason("2026-06-05 11:00", "K43").unwrap(), reason);
    }
}

#[test]
fn the_plan_of_compulsory_care_takes_the_place_of_the_call_as_long_as_it_is_one() {
    let mut play = Play::received("2026-06-02 10:00", &BOTH);
    play.ready("2026-06-04 10:00");
    play.kind_set("2026-06-05 10:00", PlanKind::CompulsoryPsychiatricCare);
    assert_eq!(play.state("2026-06-05 11:00", "K43"), Cancelled);
    assert_eq!(play.reason("2026-06-05 11:00", "K43").unwrap(), "compulsory_care");
    play.kind_set("2026-06-06 10:00", PlanKind::Sip);
    assert_eq!(play.state("2026-06-06 11:00", "K43"), Open);
}

#[test]
fn a_call_after_declined_takes_it_back() {
    let mut play = Play::received("2026-06-02 10:00", &BOTH);
    play.ready("2026-06-04 10:00");
    play.sip_ended("2026-06-05 10:00", DeclinedByPatient);
    play.called("2026-06-06 10:00");
    assert_eq!(play.state("2026-06-06 11:00", "K43"), Met);
}

#[test]
fn declined_after_the_call_leaves_it_met() {
    let mut play = Play::received("2026-06-02 10:00", &BOTH);
    play.ready("2026-06-04 10:00");
    play.called("2026-06-05 10:00");
    play.sip_ended("2026-06-06 10:00", DeclinedByPatient);
    assert_eq!(play.state("2026-06-06 11:00", "K43"), Met);
}

#[test]
fn a_meeting_that_was_held_proves_the_call() {
    let mut play = Play::received("2026-06-02 10:00", &BOTH);
    play.ready("2026-06-04 10:00");
    play.held("2026-06-05 10:00");
    assert_eq!(play.state("2026-06-05 11:00", "K43"), Met);
}

#[test]
fn a_call_by_somebody_else_is_not_the_owners() {
    let mut play = Play::received("2026-06-02 10:00", &BOTH);
    play.ready("2026-06-04 10:00");
    play.called("2026-06-05 10:00");
    play.sip().calls[0].unit = unit("AVD");
    assert_eq!(play.state("2026-06-05 11:00", "K43"), Open);
}

#[test]
fn a_call_takes_back_that_the_patient_declined_even_when_it_is_cancelled() {
    let mut play = Play::received("2026-06-02 10:00", &BOTH);
    play.ready("2026-06-04 10:00");
    play.sip_ended("2026-06-04 12:00", DeclinedByPatient);
    play.called("2026-06-05 10:00");
    play.call_cancelled("2026-06-05 12:00");
    assert_eq!(play.state("2026-06-05 13:00", "K43"), Open);
}
