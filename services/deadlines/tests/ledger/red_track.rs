//! The red track by Örebro's guidelines, changes of track, and the track that a form speaks for.

use contracts::assignment::{AnnexKind, EntryKind};
use contracts::case::{FormAnswer, Intervention};
use contracts::sip::MeetingPoint;

use super::*;
use crate::play::cooperation::track;

fn red() -> Play {
    let mut play = Play::received("2026-06-02 10:00", &[OPEN_CARE, HEALTH, SOCIAL]);
    play.region = "orebro";
    play.track_set("2026-06-03 10:00", "red");
    play
}

#[test]
fn the_plan_is_to_be_made_before_the_discharge() {
    let mut play = red();
    assert_eq!(play.duty("2026-06-03 11:00", "R01").due, None);
    play.ready("2026-06-08 10:00");
    play.pass("2026-06-03 10:00", "2026-06-08 12:00");
    assert_eq!(play.kinds("R01"), [StepKind::ReminderAtReady]);
    play.discharged("2026-06-09 10:00", "2026-06-09 10:00");
    play.pass("2026-06-09 10:00", "2026-06-09 12:00");
    assert_eq!(play.kinds("R01")[1..], [StepKind::Unit, StepKind::Manager]);
    play.plan_made("2026-06-09 13:00", "2026-06-23".parse().unwrap());
    assert_eq!(play.state("2026-06-09 14:00", "R01"), MetLate);
}

#[test]
fn a_plan_that_was_made_in_time_ends_it() {
    let mut play = red();
    play.plan_made("2026-06-05 13:00", "2026-06-23".parse().unwrap());
    play.discharged("2026-06-09 10:00", "2026-06-09 10:00");
    play.pass("2026-06-03 10:00", "2026-06-20 12:00");
    assert_eq!(play.state("2026-06-20 12:00", "R01"), Met);
    assert!(play.kinds("R01").is_empty());
}

#[test]
fn setting_the_same_track_again_starts_nothing_new_and_another_one_ends_it() {
    let mut play = red();
    play.track_set("2026-06-04 10:00", "red");
    let duty = play.duty("2026-06-04 11:00", "R01");
    assert_eq!(duty.started_at, at("2026-06-03 10:00"));
    play.track_set("2026-06-05 10:00", "yellow");
    assert_eq!(play.reason("2026-06-05 11:00", "R01").as_deref(), Some("track_changed"));
    play.track_set("2026-06-06 10:00", "red");
    let states: Vec<_> =
        play.duties("2026-06-06 11:00", "R01").iter().map(|duty| duty.state).collect();
    assert_eq!(states, [Cancelled, Open]);
}

#[test]
fn one_annex_meets_the_risk_assessment_for_all_and_judgements_are_each_ones_own() {
    let mut play = red();
    play.annexed("2026-06-04 10:00", AnnexKind::RiskPlan);
    play.entered("2026-06-04 11:00", HEALTH, EntryKind::HomeCareJudgement);
    let now = "2026-06-04 12:00";
    let of = |rule: &str, owner| play.shown(now, rule, owner);
    assert_eq!(of("R04", Owner::Ward), "met");
    assert_eq!(of("R04", Owner::MunicipalHealthCare), "met");
    assert_eq!(of("R07", Owner::MunicipalHealthCare), "met");
    assert_eq!(of("R07", Owner::OpenCare), "open");
    assert_eq!(of("R10", Owner::Ward), "none");
}

#[test]
fn all_eight_points_are_settled_before_the_meeting_and_all_nine_at_it() {
    let mut play = red();
    play.called("2026-06-04 10:00");
    play.points("2026-06-05 10:00", &MeetingPoint::BEFORE[..7]);
    assert_eq!(play.shown("2026-06-05 11:00", "R08", Owner::OpenCare), "open");
    play.points("2026-06-05 12:00", &MeetingPoint::BEFORE[7..]);
    assert_eq!(play.shown("2026-06-05 13:00", "R08", Owner::OpenCare), "met");
    play.held("2026-06-06 10:00");
    play.points("2026-06-06 11:00", &MeetingPoint::AT_MEETING[1..]);
    assert_eq!(play.shown("2026-06-06 12:00", "R09", Owner::OpenCare), "open");
    play.points("2026-06-06 12:00", &MeetingPoint::AT_MEETING[..1]);
    assert_eq!(play.shown("2026-06-06 13:00", "R09", Owner::OpenCare), "met");
}

#[test]
fn a_change_of_track_is_answered_carried_out_and_told() {
    let mut play = red();
    let change = play.proposed("2026-06-04 10:00", "yellow", &[OPEN_CARE, HEALTH]);
    let of = |play: &Play, now: &str, rule: &str, owner| play.shown(now, rule, owner);
    assert_eq!(of(&play, "2026-06-04 11:00", "R13", Owner::OpenCare), "open");
    assert_eq!(of(&play, "2026-06-04 11:00", "R13", Owner::SocialServices), "none");
    play.answered("2026-06-04 12:00", OPEN_CARE, true);
    assert_eq!(of(&play, "2026-06-04 13:00", "R13", Owner::OpenCare), "met");
    assert_eq!(of(&play, "2026-06-04 13:00", "R14", Owner::Ward), "none");
    play.answered("2026-06-04 14:00", HEALTH, true);
    assert_eq!(of(&play, "2026-06-04 15:00", "R14", Owner::Ward), "open");
    play.track_set_by("2026-06-04 16:00", "yellow", Some(change));
    assert_eq!(of(&play, "2026-06-04 17:00", "R14", Owner::Ward), "met");
    assert_eq!(of(&play, "2026-06-04 17:00", "R15", Owner::Ward), "open");
    play.messaged("2026-06-04 18:00", Party::Ward);
    assert_eq!(of(&play, "2026-06-04 19:00", "R15", Owner::Ward), "met");
}

#[test]
fn a_refused_change_asks_nobody_further() {
    let mut play = red();
    play.proposed("2026-06-04 10:00", "yellow", &[OPEN_CARE, HEALTH]);
    play.answered("2026-06-04 12:00", OPEN_CARE, false);
    let now = "2026-06-04 13:00";
    assert_eq!(play.shown(now, "R13", Owner::OpenCare), "met");
    assert_eq!(play.shown(now, "R13", Owner::MunicipalHealthCare), "none");
    assert_eq!(play.shown(now, "R14", Owner::Ward), "none");
}

#[test]
fn a_form_speaks_for_a_track_and_sets_none() {
    let mut play = red();
    play.form("2026-06-03 09:00", &[], &[Intervention::TrachealCare, Intervention::PiccLine]);
    let ledger = play.ledger("2026-06-03 11:00");
    let proposal = ledger.proposal.unwrap();
    assert_eq!(proposal.track, track("red"));
    let reasons: Vec<&str> = proposal.reasons.iter().map(|words| words.sv.as_str()).collect();
    assert_eq!(reasons, ["PICC-line", "Trakealvård"]);
    play.form("2026-06-03 12:00", &[], &[]);
    assert_eq!(play.ledger("2026-06-03 13:00").proposal, None);
}

#[test]
fn dalarnas_criteria_are_tried_from_red_to_green() {
    use FormAnswer::{
        ExpandedSupport, KnownInMunicipality, SameDayStart, SameSupport, SmallNewSupport,
        StaffTrainingNeeded,
    };
    let proposed = |answers: &[FormAnswer]| {
        let mut play = Play::received("2027-03-01 10:00", &[OPEN_CARE, HEALTH]);
        play.form("2027-03-01 11:00", answers, &[]);
        let proposal = play.ledger("2027-03-01 12:00").proposal;
        proposal.map(|proposal| proposal.track.to_string())
    };
    assert_eq!(proposed(&[KnownInMunicipality, SameSupport]).as_deref(), Some("green"));
    assert_eq!(proposed(&[SmallNewSupport]).as_deref(), Some("green"));
    assert_eq!(proposed(&[SmallNewSupport, SameDayStart]).as_deref(), Some("yellow"));
    let expanded = [KnownInMunicipality, ExpandedSupport, SameDayStart];
    assert_eq!(proposed(&expanded).as_deref(), Some("yellow"));
    assert_eq!(proposed(&[SameSupport, StaffTrainingNeeded]).as_deref(), Some("red"));
    assert_eq!(proposed(&[KnownInMunicipality]), None);
}
