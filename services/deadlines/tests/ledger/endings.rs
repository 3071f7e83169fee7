//! Discharge, closing, death and a cancelled admission.

use super::*;

fn all() -> Play {
    let mut play = Play::received("2026-06-02 10:00", &[OPEN_CARE, SOCIAL]);
    play.ready("2026-06-02 12:00");
    play
}

#[test]
fn the_discharge_leaves_what_is_open_still_missed_while_the_call_runs_on() {
    let mut play = all();
    play.discharged("2026-06-02 15:00", "2026-06-02 15:00");
    let now = "2026-06-02 16:00";
    for rule in ["K06", "K07"] {
        assert_eq!(play.state(now, rule), StillMissed);
        assert_eq!(play.reason(now, rule).unwrap(), "discharged");
    }
    assert!(play.duties(now, "K08").iter().all(|duty| duty.state == StillMissed));
    assert_eq!(play.state(now, "K43"), Open);
    assert_eq!(play.state("2026-06-06 00:00", "K43"), Missed);
}

#[test]
fn a_discharge_stops_the_ladders_of_what_it_ends_and_no_other() {
    let mut play = all();
    play.discharged("2026-06-02 15:00", "2026-06-02 15:00");
    play.pass("2026-06-02 15:00", "2026-07-01 10:00");
    assert!(play.kinds("K06").is_empty());
    assert_eq!(
        play.kinds("K43"),
        [StepKind::Reminder, StepKind::Unit, StepKind::Manager, StepKind::Principal]
    );
}

#[test]
fn a_cancelled_discharge_reopens() {
    let mut play = all();
    play.discharged("2026-06-02 15:00", "2026-06-02 15:00");
    play.discharge_revoked("2026-06-02 17:00");
    assert_eq!(play.state("2026-06-02 18:00", "K06"), Open);
    assert_eq!(play.state("2026-06-03 10:00", "K06"), Missed);
    assert_eq!(play.duty("2026-06-03 10:00", "LAW-2-5").due, None);
}

#[test]
fn a_case_closes_30_days_after_the_discharge_and_ends_everything() {
    let mut play = all();
    play.discharged("2026-06-02 15:00", "2026-06-02 15:00");
    assert_eq!(play.state("2026-07-02 14:59", "K43"), Missed);
    for rule in ["K43", "LAW-2-5"] {
        assert_eq!(play.state("2026-07-02 15:00", rule), StillMissed);
        assert_eq!(play.reason("2026-07-02 15:00", rule).unwrap(), "closed");
    }
    play.called("2026-07-03 10:00");
    assert_eq!(play.state("2026-07-03 11:00", "K43"), StillMissed);
}

#[test]
fn the_sweep_closes_a_case_without_looking_at_its_facts() {
    let mut play = all();
    play.discharged("2026-06-02 15:00", "2026-06-02 15:00");
    play.pass("2026-06-02 15:00", "2026-07-02 15:00");
    let swept = play.stored.clone().unwrap().ledger;
    assert_eq!(swept, play.ledger("2026-07-02 15:00"));
}

#[test]
fn what_had_been_met_stays_met_when_a_discharge_is_told_afterwards() {
    let mut play = all();
    play.care_contact("2026-06-02 16:00", true);
    play.discharged("2026-06-02 15:00", "2026-06-02 17:00");
    assert_eq!(play.state("2026-06-02 18:00", "K06"), Met);
}

#[test]
fn a_notice_that_comes_after_the_discharge_starts_no_clock_to_it() {
    let mut play = all();
    play.discharged("2026-06-02 15:00", "2026-06-02 15:00");
    play.routed("2026-06-02 16:00", HEALTH);
    assert_eq!(play.duties("2026-06-02 17:00", "K08").len(), 2);
}

#[test]
fn a_death_and_a_cancelled_admission_cancel_everything_that_is_open() {
    let mut dead = all();
    dead.care_contact("2026-06-02 13:00", true);
    let mut cancelled = dead.clone();
    dead.died("2026-06-02 15:00");
    cancelled.admission_cancelled("2026-06-02 15:00");
    for (play, reason) in [(dead, "death"), (cancelled, "admission_cancelled")] {
        for duty in play.ledger("2026-06-02 16:00").obligations {
            if duty.proof.is_some() {
                assert_eq!(duty.state, Met);
            } else {
                assert_eq!(duty.state, Cancelled);
                assert_eq!(duty.ended.unwrap().reason, reason);
            }
        }
    }
}

#[test]
fn a_death_after_the_discharge_changes_nothing_that_had_ended_before() {
    let mut play = all();
    play.discharged("2026-06-02 15:00", "2026-06-02 15:00");
    play.died("2026-06-03 15:00");
    assert_eq!(play.state("2026-06-03 16:00", "K06"), StillMissed);
    assert_eq!(play.state("2026-06-03 16:00", "K43"), Cancelled);
}

#[test]
fn an_admission_that_was_not_cancelled_after_all_reopens() {
    let mut play = all();
    play.admission_cancelled("2026-06-02 15:00");
    assert_eq!(play.state("2026-06-02 16:00", "K06"), Cancelled);
    play.cancellation_revoked("2026-06-02 17:00");
    assert_eq!(play.state("2026-06-02 18:00", "K06"), Open);
}
