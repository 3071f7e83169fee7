//! Who is told when.

use contracts::ledger::StepKind::{
    Manager, Principal, Reminder, ReminderAtEstimate, ReminderAtReady, Unit,
};
use contracts::ledger::StepOutcome::{NobodyReached, Overtaken, Told};
use contracts::reach::{Hours, Role};

use super::*;
use crate::play::reach;
use deadlines::domain::Acknowledgement;

fn received() -> Play {
    Play::received("2026-06-02 10:00", &[OPEN_CARE])
}

fn set_reach(play: &mut Play, name: &str, roles: &[Role], always: bool) {
    let hours = Hours { always, ..Hours::default() };
    play.reach.insert(unit(name), reach(&unit(name), roles, hours));
}

const ALL: [Role; 3] = [Role::Unit, Role::Manager, Role::Principal];

#[test]
fn a_missed_duty_goes_from_reminder_to_unit_manager_and_principal() {
    let mut play = received();
    set_reach(&mut play, "VC", &ALL, true);
    play.pass("2026-06-02 10:00", "2026-06-10 10:00");
    assert_eq!(
        play.told("K06"),
        [
            (Reminder, at("2026-06-03 06:00"), Told, Role::Unit),
            (Unit, at("2026-06-03 10:00"), Told, Role::Unit),
            (Manager, at("2026-06-03 14:00"), Told, Role::Manager),
            (Principal, at("2026-06-04 14:00"), Told, Role::Principal),
        ]
    );
}

#[test]
fn a_duty_met_in_time_never_escalates() {
    let mut play = received();
    play.care_contact("2026-06-03 09:00", true);
    play.pass("2026-06-03 09:00", "2026-07-10 10:00");
    assert!(play.kinds("K06").is_empty());
    assert!(play.kinds("LAW-2-5").is_empty());
}

#[test]
fn a_proof_stops_the_ladder_where_it_stands() {
    let mut play = received();
    play.pass("2026-06-02 10:00", "2026-06-03 11:00");
    play.care_contact("2026-06-03 11:30", true);
    play.pass("2026-06-03 11:30", "2026-06-10 10:00");
    assert_eq!(play.kinds("K06"), [Reminder, Unit]);
    assert_eq!(play.state("2026-06-10 10:00", "K06"), MetLate);
}

#[test]
fn a_reminder_that_its_due_has_overtaken_is_recorded_and_not_told() {
    let mut play = received();
    play.sweep("2026-06-03 10:30");
    assert_eq!(
        play.told("K06"),
        [
            (Reminder, at("2026-06-03 10:30"), Overtaken, Role::Unit),
            (Unit, at("2026-06-03 10:30"), Told, Role::Unit),
        ]
    );
}

#[test]
fn a_reminder_that_would_wait_for_an_opening_after_its_due_is_overtaken() {
    let mut play = Play::received("2026-06-02 07:00", &[OPEN_CARE]);
    play.pass("2026-06-02 07:00", "2026-06-03 09:00");
    assert_eq!(
        play.told("K06"),
        [
            (Reminder, at("2026-06-03 07:00"), Overtaken, Role::Unit),
            (Unit, at("2026-06-03 08:00"), Told, Role::Unit),
        ]
    );
}

#[test]
fn an_outage_does_not_fire_all_steps_at_once() {
    let mut play = received();
    set_reach(&mut play, "VC", &ALL, true);
    play.sweep("2026-06-08 09:00");
    assert_eq!(play.kinds("K06"), [Reminder, Unit]);
    play.pass("2026-06-08 09:00", "2026-06-20 10:00");
    let taken: Vec<_> = play.told("K06").into_iter().map(|step| step.1).collect();
    assert_eq!(
        taken[1..],
        [at("2026-06-08 09:00"), at("2026-06-08 13:00"), at("2026-06-09 13:00")]
    );
}

#[test]
fn a_step_at_night_waits_for_opening_and_the_next_is_spaced_from_there() {
    let mut play = Play::received("2026-06-02 22:00", &[OPEN_CARE]);
    play.pass("2026-06-02 22:00", "2026-06-09 10:00");
    assert_eq!(play.state("2026-06-03 22:00", "K06"), Missed);
    let taken: Vec<_> = play.told("K06").into_iter().map(|step| (step.0, step.1)).collect();
    assert_eq!(
        taken,
        [
            (Reminder, at("2026-06-03 22:00")),
            (Unit, at("2026-06-04 08:00")),
            (Manager, at("2026-06-04 12:00")),
            (Principal, at("2026-06-05 12:00")),
        ]
    );
}

#[test]
fn a_step_that_waited_says_for_when_it_was_planned() {
    let mut play = Play::received("2026-06-02 22:00", &[OPEN_CARE]);
    play.pass("2026-06-02 22:00", "2026-06-04 09:00");
    let steps = play.duty("2026-06-04 09:00", "K06").steps;
    assert_eq!(steps[1].planned_at, at("2026-06-04 08:00"));
    assert_eq!(steps[1].taken_at, at("2026-06-04 08:00"));
}

#[test]
fn a_step_that_was_slept_through_waits_for_the_next_opening() {
    let mut play = received();
    play.sweep("2026-06-03 20:00");
    assert_eq!(play.kinds("K06"), [Reminder]);
    play.pass("2026-06-03 20:00", "2026-06-04 09:00");
    let steps = play.duty("2026-06-04 09:00", "K06").steps;
    assert_eq!(steps[1].planned_at, at("2026-06-03 10:00"));
    assert_eq!(steps[1].taken_at, at("2026-06-04 08:00"));
}

#[test]
fn outside_its_hours_a_units_on_call_is_told_at_once() {
    let mut play = Play::received("2026-06-02 22:00", &[OPEN_CARE]);
    let roles = [Role::Unit, Role::Manager, Role::Principal, Role::OnCall];
    set_reach(&mut play, "VC", &roles, false);
    play.pass("2026-06-02 22:00", "2026-06-05 10:00");
    assert_eq!(
        play.told("K06"),
        [
            (Reminder, at("2026-06-03 18:00"), Told, Role::OnCall),
            (Unit, at("2026-06-03 22:00"), Told, Role::OnCall),
            (Manager, at("2026-06-04 02:00"), Told, Role::OnCall),
            (Principal, at("2026-06-05 02:00"), Told, Role::OnCall),
        ]
    );
}

#[test]
fn a_step_on_a_holiday_or_a_day_that_the_unit_is_closed_waits_too() {
    let mut play = Play::received("2026-06-18 10:00", &[OPEN_CARE]);
    play.ready("2026-06-18 11:00");
    let hours = Hours { closed: vec!["2026-06-22".parse().unwrap()], ..Hours::default() };
    play.reach.insert(unit("VC"), reach(&unit("VC"), &ALL, hours));
    play.pass("2026-06-18 10:00", "2026-06-24 10:00");
    // Due on Monday 22 June at 16.30; that Monday is closed.
    let unit_step = play.told("K06").into_iter().find(|step| step.0 == Unit).unwrap();
    assert_eq!(unit_step.1, at("2026-06-23 08:00"));
}

#[test]
fn a_step_that_can_reach_nobody_is_recorded_and_the_next_follows_at_once() {
    let mut play = received();
    set_reach(&mut play, "VC", &[Role::Principal], true);
    play.pass("2026-06-02 10:00", "2026-06-03 12:00");
    assert_eq!(
        play.told("K06"),
        [
            (Reminder, at("2026-06-03 06:00"), NobodyReached, Role::Unit),
            (Unit, at("2026-06-03 10:00"), NobodyReached, Role::Unit),
            (Manager, at("2026-06-03 10:00"), NobodyReached, Role::Manager),
            (Principal, at("2026-06-03 10:00"), Told, Role::Principal),
        ]
    );
}

#[test]
fn a_unit_that_has_told_nobody_how_to_reach_it_reaches_nobody() {
    let mut play = received();
    play.reach.clear();
    play.sweep("2026-06-03 10:00");
    let outcomes: Vec<_> = play.told("K06").into_iter().map(|step| step.2).collect();
    assert_eq!(outcomes, [Overtaken, NobodyReached, NobodyReached]);
}

#[test]
fn the_last_step_waits_until_there_is_somebody_to_tell() {
    let mut play = received();
    let reach = std::mem::take(&mut play.reach);
    play.pass("2026-06-03 10:00", "2026-06-10 10:00");
    assert_eq!(play.kinds("K06"), [Reminder, Unit, Manager]);
    play.reach = reach;
    play.sweep("2026-06-10 10:00");
    let last = play.told("K06").pop().unwrap();
    assert_eq!(last, (Principal, at("2026-06-10 10:00"), Told, Role::Principal));
}

#[test]
fn an_old_alert_that_is_seen_later_postpones_nothing() {
    let mut play = received();
    play.pass("2026-06-02 10:00", "2026-06-03 14:00");
    assert_eq!(play.kinds("K06"), [Reminder, Unit, Manager]);
    let (obligation, step) = {
        let duty = play.duty("2026-06-03 14:00", "K06");
        (duty.id, duty.steps[1].id)
    };
    let seen = at("2026-06-03 15:00");
    play.acknowledgements.push(Acknowledgement { obligation, step, at: seen });
    play.pass("2026-06-03 15:00", "2026-06-04 14:00");
    assert_eq!(play.kinds("K06"), [Reminder, Unit, Manager, Principal]);
}

#[test]
fn one_open_unit_of_the_municipality_is_enough() {
    let mut play = Play::received("2026-06-02 22:00", &[OPEN_CARE, HEALTH, SOCIAL]);
    set_reach(&mut play, "KH", &ALL, true);
    play.pass("2026-06-02 22:00", "2026-06-03 22:00");
    assert_eq!(
        play.told("K07"),
        [
            (Reminder, at("2026-06-03 18:00"), Told, Role::Unit),
            (Unit, at("2026-06-03 22:00"), Told, Role::Unit),
        ]
    );
}

#[test]
fn having_seen_an_alert_postpones_the_next_step_once_and_stops_nothing() {
    let mut play = received();
    set_reach(&mut play, "VC", &ALL, true);
    play.pass("2026-06-02 10:00", "2026-06-03 11:00");
    play.seen("2026-06-03 11:00", "K06");
    play.seen("2026-06-03 12:00", "K06");
    play.pass("2026-06-03 12:00", "2026-06-20 10:00");
    let taken: Vec<_> = play.told("K06").into_iter().map(|step| (step.0, step.1)).collect();
    assert_eq!(
        taken[1..],
        [
            (Unit, at("2026-06-03 10:00")),
            (Manager, at("2026-06-03 18:00")),
            (Principal, at("2026-06-04 18:00")),
        ]
    );
}

#[test]
fn of_two_units_the_closed_one_is_told_through_its_on_call_while_the_other_is_open() {
    let mut play = Play::received("2026-06-02 22:00", &[OPEN_CARE, HEALTH, SOCIAL]);
    set_reach(&mut play, "KH", &ALL, true);
    set_reach(&mut play, "ST", &[Role::Unit, Role::OnCall], false);
    play.pass("2026-06-02 22:00", "2026-06-03 22:00");
    let step = play.duty("2026-06-03 22:00", "K07").steps.pop().unwrap();
    assert_eq!((step.kind, step.role), (Unit, Role::Unit));
    assert_eq!((step.units, step.on_call), (vec![unit("KH"), unit("ST")], vec![unit("ST")]));
}

#[test]
fn the_acts_duty_reminds_at_ready_and_at_the_estimate() {
    let mut play = received();
    play.ready("2026-06-09 10:00");
    play.pass("2026-06-09 10:00", "2026-06-15 10:00");
    assert_eq!(
        play.told("LAW-2-5"),
        [
            (ReminderAtReady, at("2026-06-09 10:00"), Told, Role::Unit),
            (ReminderAtEstimate, at("2026-06-12 12:00"), Told, Role::Unit),
        ]
    );
}

#[test]
fn the_acts_duty_is_told_once_to_unit_and_manager_at_the_discharge() {
    let mut play = received();
    play.discharged("2026-06-04 10:00", "2026-06-04 10:00");
    play.pass("2026-06-04 10:00", "2026-06-20 10:00");
    assert_eq!(
        play.told("LAW-2-5"),
        [
            (Unit, at("2026-06-04 10:00"), Told, Role::Unit),
            (Manager, at("2026-06-04 10:00"), Told, Role::Manager),
        ]
    );
    play.discharge_revoked("2026-06-20 11:00");
    play.discharged("2026-06-22 10:00", "2026-06-22 10:00");
    play.pass("2026-06-22 10:00", "2026-06-30 10:00");
    let told = play.told("LAW-2-5").into_iter().filter(|step| step.2 == Told).count();
    assert_eq!(told, 2);
}

#[test]
fn a_revoked_ready_notice_reminds_nobody() {
    let mut play = received();
    play.ready("2026-06-03 22:00");
    play.ready_revoked("2026-06-03 23:00");
    play.pass("2026-06-03 23:00", "2026-06-05 10:00");
    assert!(play.kinds("LAW-2-5").is_empty());
}

#[test]
fn an_incomplete_notice_escalates_to_the_ward_on_a_saturday_too() {
    let mut play = Play::admitted("2026-06-05 10:00");
    play.judged("2026-06-05 10:00", "2026-06-05 10:00", &[OPEN_CARE]);
    play.pass("2026-06-05 10:00", "2026-06-06 12:00");
    assert_eq!(
        play.told("K02"),
        [
            (Reminder, at("2026-06-06 06:00"), Told, Role::Unit),
            (Unit, at("2026-06-06 10:00"), Told, Role::Unit),
        ]
    );
}

#[test]
fn a_reopened_duty_goes_on_where_its_ladder_stood() {
    let mut play = received();
    play.pass("2026-06-02 10:00", "2026-06-03 11:00");
    play.discharged("2026-06-03 12:00", "2026-06-03 12:00");
    play.pass("2026-06-03 12:00", "2026-06-04 10:00");
    assert_eq!(play.kinds("K06"), [Reminder, Unit]);
    play.discharge_revoked("2026-06-04 11:00");
    play.pass("2026-06-04 11:00", "2026-06-04 12:00");
    assert_eq!(play.kinds("K06"), [Reminder, Unit, Manager]);
}

#[test]
fn a_step_says_when_a_source_of_proofs_was_silent() {
    use deadlines::domain::{Around, advance};
    let play = received();
    let mut derived = play.derived("2026-06-03 10:00");
    let around = Around {
        rulebooks: &play.rulebooks,
        plan: &derived.plan,
        reach: &play.reach,
        acknowledgements: &[],
    };
    let taken = advance(&mut derived.ledger, &around, at("2026-06-03 10:00"), true);
    assert!(!taken.is_empty());
    assert!(taken.iter().all(|(_, step)| step.input_late));
}
