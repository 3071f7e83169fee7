//! The way home by Dalarna's guideline, from the notice to the closing. 1 March 2027 is a Monday.

use contracts::assignment::{Confirmed, EntryKind};
use contracts::case::{CheckKind, ConsentAnswer};

use super::*;

const NOTICE: &str = "2027-03-01 10:00";
const WARD: Party = Party::Ward;

/// Received by all three parties on a Monday.
fn received() -> Play {
    let mut play = Play::admitted(NOTICE);
    play.identified(NOTICE);
    play.estimated(NOTICE, Some("2027-03-08 12:00"));
    play.judged(NOTICE, NOTICE, &[OPEN_CARE, HEALTH, SOCIAL]);
    for party in [OPEN_CARE, HEALTH, SOCIAL] {
        play.routed(NOTICE, party);
    }
    play
}

#[test]
fn each_party_plans_for_itself_and_an_entry_that_is_withdrawn_is_none() {
    let mut play = received();
    assert_eq!(play.shown("2027-03-01 11:00", "K09", Owner::Ward), "open");
    play.entered("2027-03-01 12:00", WARD, EntryKind::HomecomingPlan);
    play.entered("2027-03-01 13:00", HEALTH, EntryKind::HomecomingPlan);
    let stands = |play: &Play, now: &str| {
        let of = |owner| play.shown(now, "K09", owner);
        [Owner::Ward, Owner::OpenCare, Owner::MunicipalHealthCare].map(of)
    };
    assert_eq!(stands(&play, "2027-03-01 14:00"), ["met", "open", "met"]);
    play.entry_withdrawn("2027-03-01 15:00");
    assert_eq!(stands(&play, "2027-03-01 16:00"), ["met", "open", "open"]);
    play.discharged("2027-03-05 14:00", "2027-03-05 14:00");
    assert_eq!(stands(&play, "2027-03-05 15:00"), ["met", "past", "past"]);
}

#[test]
fn a_corrected_entry_counts_from_the_first_one_on() {
    let mut play = received();
    play.ready("2027-03-04 10:00");
    play.entered("2027-03-05 09:00", HEALTH, EntryKind::PlannedSupport);
    play.entry_withdrawn("2027-03-06 15:00");
    play.entered("2027-03-06 15:00", HEALTH, EntryKind::PlannedSupport);
    play.discharged("2027-03-05 14:00", "2027-03-05 14:00");
    let of_health =
        |duty: &&contracts::ledger::Obligation| duty.owner == Owner::MunicipalHealthCare;
    let duties = play.duties("2027-03-06 16:00", "K12");
    let duty = duties.iter().find(of_health).unwrap();
    assert_eq!((duty.state, duty.due), (Met, Some(at("2027-03-05 14:00"))));
}

#[test]
fn planned_support_is_missed_at_the_discharge_and_met_late_after_it() {
    let mut play = received();
    play.ready("2027-03-04 10:00");
    play.pass(NOTICE, "2027-03-04 11:00");
    assert_eq!(play.kinds("K12"), [StepKind::ReminderAtReady; 3]);
    play.discharged("2027-03-05 14:00", "2027-03-05 14:00");
    play.pass("2027-03-05 14:00", "2027-03-05 15:00");
    let states = |play: &Play, now: &str| {
        play.duties(now, "K12").iter().map(|duty| duty.state).collect::<Vec<_>>()
    };
    assert_eq!(states(&play, "2027-03-05 15:00"), [Missed; 3]);
    play.entered("2027-03-05 16:00", OPEN_CARE, EntryKind::PlannedSupport);
    assert_eq!(states(&play, "2027-03-05 17:00"), [MetLate, Missed, Missed]);
}

#[test]
fn home_ready_takes_all_four_written_points_and_a_point_taken_back_is_none() {
    let mut play = received();
    play.ready("2027-03-04 10:00");
    for what in &CheckKind::HOME_READY[..4] {
        play.checked("2027-03-04 12:00", *what);
    }
    assert_eq!(play.state("2027-03-04 13:00", "K30"), Met);
    play.check_revoked("2027-03-04 14:00", CheckKind::InformedWhatNext);
    let duty = play.duty("2027-03-04 15:00", "K30");
    assert_eq!((duty.state, &duty.missing[..]), (Open, &["informed_what_next".to_owned()][..]));
    play.discharged("2027-03-05 14:00", "2027-03-05 14:00");
    assert_eq!(play.state("2027-03-05 15:00", "K30"), Missed);
    assert_eq!(play.state("2027-03-05 15:00", "K31"), Missed);
}

#[test]
fn support_starts_on_the_day_of_going_home() {
    let mut play = received();
    play.track_set("2027-03-02 10:00", "yellow");
    play.discharged("2027-03-05 14:00", "2027-03-05 14:00");
    assert!(play.duties("2027-03-05 15:00", "K34").is_empty());
    let due = |duty: contracts::ledger::Obligation| duty.due;
    let duties = play.duties("2027-03-05 15:00", "K35");
    let ends_at_midnight = Some(at("2027-03-06 00:00"));
    assert_eq!(duties.into_iter().map(due).collect::<Vec<_>>(), [ends_at_midnight; 2]);
    play.confirmed("2027-03-05 18:00", HEALTH, Confirmed::CareStarted);
    play.pass("2027-03-05 14:00", "2027-03-06 12:00");
    let states: Vec<_> = play
        .duties("2027-03-06 12:00", "K35")
        .iter()
        .map(|duty| (duty.owner, duty.state))
        .collect();
    assert_eq!(states, [(Owner::MunicipalHealthCare, Met), (Owner::SocialServices, Missed)]);
    play.discharge_revoked("2027-03-06 13:00");
    let reason = |duty: contracts::ledger::Obligation| duty.ended.map(|ended| ended.reason);
    let reasons: Vec<_> =
        play.duties("2027-03-06 14:00", "K35").into_iter().filter_map(reason).collect();
    assert_eq!(reasons, ["discharge_revoked"]);
}

#[test]
fn another_track_ends_what_only_the_old_one_asked_for() {
    let mut play = received();
    play.track_set("2027-03-02 10:00", "yellow");
    assert_eq!(play.shown("2027-03-02 11:00", "K18", Owner::OpenCare), "open");
    play.track_set("2027-03-02 12:00", "red");
    assert_eq!(play.shown("2027-03-02 13:00", "K18", Owner::OpenCare), "open");
    play.track_set("2027-03-03 12:00", "green");
    assert_eq!(play.shown("2027-03-03 13:00", "K18", Owner::OpenCare), "none");
    play.ready("2027-03-04 10:00");
    assert_eq!(play.shown("2027-03-04 11:00", "K22", Owner::Ward), "open");
    play.discharge_notice("2027-03-04 12:00");
    assert_eq!(play.shown("2027-03-04 13:00", "K22", Owner::Ward), "met");
    assert_eq!(play.shown("2027-03-04 13:00", "K27", Owner::SocialServices), "none");
}

#[test]
fn a_confirmation_that_was_taken_back_is_none() {
    let mut play = received();
    play.ready("2027-03-04 10:00");
    play.confirmed("2027-03-04 11:00", SOCIAL, Confirmed::HomeReady);
    assert_eq!(play.shown("2027-03-04 12:00", "K28", Owner::SocialServices), "met");
    play.confirmation_revoked("2027-03-04 13:00");
    assert_eq!(play.shown("2027-03-04 14:00", "K28", Owner::SocialServices), "open");
    assert_eq!(play.shown("2027-03-04 14:00", "K28", Owner::Ward), "open");
}

#[test]
fn whoever_has_no_notice_owes_nothing_that_asks_for_one() {
    let mut play = Play::admitted(NOTICE);
    play.judged(NOTICE, NOTICE, &[OPEN_CARE]);
    play.routed(NOTICE, OPEN_CARE);
    play.ready("2027-03-04 10:00");
    let of = |owner| play.shown("2027-03-04 11:00", "K28", owner);
    assert_eq!([Owner::OpenCare, Owner::SocialServices].map(of), ["open", "none"]);
}

#[test]
fn training_is_asked_for_when_the_form_says_so() {
    use contracts::case::FormAnswer::{ManyProfessions, StaffTrainingNeeded};
    let mut play = received();
    play.track_set("2027-03-02 10:00", "red");
    play.form("2027-03-02 11:00", &[ManyProfessions], &[]);
    assert_eq!(play.shown("2027-03-02 12:00", "K21", Owner::Ward), "none");
    play.form("2027-03-02 13:00", &[StaffTrainingNeeded], &[]);
    assert_eq!(play.shown("2027-03-02 14:00", "K21", Owner::Ward), "open");
    play.checked("2027-03-03 10:00", CheckKind::StaffTrained);
    assert_eq!(play.shown("2027-03-03 11:00", "K21", Owner::Ward), "met");
    play.form("2027-03-03 13:00", &[], &[]);
    assert_eq!(play.shown("2027-03-03 14:00", "K21", Owner::Ward), "met");
}

#[test]
fn closing_by_hand_ends_everything_and_opening_again_takes_it_back() {
    let mut play = received();
    play.discharged("2027-03-05 14:00", "2027-03-05 14:00");
    play.followed_up("2027-03-20 10:00", OPEN_CARE);
    play.closed("2027-03-22 10:00");
    let now = "2027-03-22 11:00";
    assert_eq!(play.shown(now, "K37", Owner::OpenCare), "met");
    assert_eq!(play.shown(now, "K38", Owner::OpenCare), "met");
    assert_eq!(play.shown(now, "K39", Owner::MunicipalHealthCare), "past");
    assert_eq!(play.derived(now).plan.closes_at, Some(at("2027-03-22 10:00")));
    assert!(play.ledger(now).obligations.iter().all(|duty| !duty.state.is_open()));
    play.reopened("2027-03-23 10:00");
    assert_eq!(play.shown("2027-03-23 11:00", "K38", Owner::OpenCare), "open");
    assert_eq!(play.shown("2027-03-23 11:00", "K39", Owner::MunicipalHealthCare), "open");
}

#[test]
fn what_is_shown_is_past_when_the_case_closes_by_itself() {
    let mut play = received();
    play.discharged("2027-03-05 14:00", "2027-03-05 14:00");
    play.pass(NOTICE, "2027-04-10 12:00");
    let stored = &play.stored.as_ref().unwrap().ledger;
    assert!(!stored.is_live() && !stored.shows_open());
    let lines = stored.shown.iter().flat_map(|of| &of.lines);
    assert!(lines.into_iter().any(|line| line.rule == "K38" && line.past == [Owner::OpenCare]));
}

#[test]
fn leave_changes_nothing() {
    let mut play = received();
    let before = play.ledger("2027-03-02 12:00");
    let stamp = play.stamp("2027-03-02 09:00", "2027-03-02 09:00");
    play.case().leaves.push(contracts::case::Leave { stamp, ended: None });
    assert_eq!(play.ledger("2027-03-02 12:00"), before);
}

#[test]
fn self_care_is_assessed_before_the_patient_leaves() {
    let mut play = received();
    play.ready("2027-03-04 10:00");
    play.pass(NOTICE, "2027-03-04 11:00");
    assert_eq!(play.kinds("K25"), [StepKind::ReminderAtReady]);
    let mut assessed = play.clone();
    assessed.checked("2027-03-04 12:00", CheckKind::SelfCareAssessed);
    for play in [&mut play, &mut assessed] {
        play.discharged("2027-03-05 14:00", "2027-03-05 14:00");
        play.pass("2027-03-05 14:00", "2027-03-05 15:00");
    }
    assert_eq!(play.state("2027-03-05 15:00", "K25"), Missed);
    assert_eq!(assessed.state("2027-03-05 15:00", "K25"), Met);
}

#[test]
fn earlier_support_is_back_on_the_same_day_in_the_green_process() {
    let mut play = received();
    play.track_set("2027-03-02 10:00", "green");
    play.discharged("2027-03-05 14:00", "2027-03-05 14:00");
    assert!(play.duties("2027-03-05 15:00", "K35").is_empty());
    play.confirmed("2027-03-06 09:00", SOCIAL, Confirmed::CareStarted);
    let states: Vec<_> = play
        .duties("2027-03-06 10:00", "K34")
        .iter()
        .map(|duty| (duty.owner, duty.state))
        .collect();
    assert_eq!(states, [(Owner::MunicipalHealthCare, Missed), (Owner::SocialServices, MetLate)]);
}

#[test]
fn information_is_handed_over_on_the_day_of_the_discharge_where_the_patient_consents() {
    for region in ["se", "orebro", "registreringsregion", "vastra_gotaland"] {
        let mut play = Play::received("2027-03-01 10:00", &[OPEN_CARE, HEALTH]);
        play.region = region;
        play.discharged("2027-03-05 14:00", "2027-03-05 14:00");
        assert!(play.duties("2027-03-05 15:00", "LAW-3-2").is_empty(), "{region} without consent");
        play.consent("2027-03-02 10:00", ConsentAnswer::Given);
        let duty = play.duty("2027-03-05 15:00", "LAW-3-2");
        assert_eq!((duty.state, duty.due), (Open, Some(at("2027-03-06 00:00"))));
        play.checked("2027-03-05 16:00", CheckKind::HandedOver);
        assert_eq!(play.state("2027-03-05 17:00", "LAW-3-2"), Met);
    }
}
