//! Plans after the call: who comes, what is registered, and when it is followed up.

use contracts::sip::MeetingPoint;

use super::*;

fn red(region: &'static str) -> Play {
    let mut play = Play::received("2027-03-01 10:00", &[OPEN_CARE, HEALTH, SOCIAL]);
    play.region = region;
    play.track_set("2027-03-02 10:00", "red");
    play
}

fn day(text: &str) -> chrono::NaiveDate {
    text.parse().unwrap()
}

#[test]
fn a_plan_is_followed_up_on_its_day_in_every_region() {
    for region in ["orebro", "dalarna", "registreringsregion", "vastra_gotaland"] {
        followed_up(red(region));
    }
}

fn followed_up(mut play: Play) {
    play.plan_made("2027-03-04 10:00", day("2027-03-18"));
    let duty = play.duty("2027-03-04 11:00", "SIP-FOLLOW-UP");
    assert_eq!((duty.state, duty.due), (Open, Some(at("2027-03-19 00:00"))));
    play.pass("2027-03-04 10:00", "2027-03-19 12:00");
    assert_eq!(play.kinds("SIP-FOLLOW-UP"), [StepKind::Reminder, StepKind::Unit]);
    play.plan_followed_up("2027-03-19 13:00", &[OPEN_CARE, HEALTH], Some(day("2027-04-15")));
    let states: Vec<_> = play
        .duties("2027-03-19 14:00", "SIP-FOLLOW-UP")
        .iter()
        .map(|duty| (duty.state, duty.due))
        .collect();
    assert_eq!(
        states,
        [(MetLate, Some(at("2027-03-19 00:00"))), (Open, Some(at("2027-04-16 00:00")))]
    );
}

#[test]
fn a_follow_up_months_after_the_discharge_keeps_the_case_open_and_is_missed_like_any_other() {
    let mut play = red("dalarna");
    play.plan_made("2027-03-04 10:00", day("2027-06-01"));
    play.discharged("2027-03-05 14:00", "2027-03-05 14:00");
    assert_eq!(play.state("2027-05-01 10:00", "SIP-FOLLOW-UP"), Open);
    assert_eq!(play.state("2027-06-02 10:00", "SIP-FOLLOW-UP"), Missed);
    let duty = play.duty("2027-06-09 10:00", "SIP-FOLLOW-UP");
    assert_eq!((duty.state, duty.ended.unwrap().reason), (StillMissed, "closed".to_owned()));
}

#[test]
fn what_was_to_be_done_after_a_closing_by_hand_is_no_longer_owed() {
    let mut play = red("dalarna");
    play.plan_made("2027-03-04 10:00", day("2027-06-01"));
    play.discharged("2027-03-05 14:00", "2027-03-05 14:00");
    play.closed("2027-03-20 10:00");
    assert_eq!(play.state("2027-03-20 11:00", "SIP-FOLLOW-UP"), Cancelled);
}

#[test]
fn another_version_of_the_plan_sets_another_day() {
    let mut play = red("orebro");
    play.plan_made("2027-03-04 10:00", day("2027-03-18"));
    play.plan_made("2027-03-10 10:00", day("2027-03-25"));
    let duties = play.duties("2027-03-20 10:00", "SIP-FOLLOW-UP");
    let reasons: Vec<_> =
        duties.iter().filter_map(|duty| duty.ended.as_ref()).map(|e| e.reason.as_str()).collect();
    assert_eq!(reasons, ["plan_replaced"]);
    assert_eq!(duties[1].due, Some(at("2027-03-26 00:00")));
}

#[test]
fn each_party_comes_to_the_meeting_and_a_cancelled_call_asks_nobody() {
    let mut play = red("dalarna");
    play.called("2027-03-02 12:00");
    play.held("2027-03-04 13:00");
    play.came("2027-03-04 14:00", HEALTH);
    let now = "2027-03-04 15:00";
    assert_eq!(play.shown(now, "K20", Owner::MunicipalHealthCare), "met");
    assert_eq!(play.shown(now, "K20", Owner::SocialServices), "open");
    assert_eq!(play.shown(now, "K20.2", Owner::Ward), "open");
    play.call_cancelled("2027-03-04 16:00");
    assert_eq!(play.shown("2027-03-04 17:00", "K20.2", Owner::Ward), "none");
}

#[test]
fn each_party_takes_part_in_the_follow_up() {
    let mut play = red("dalarna");
    play.plan_made("2027-03-04 10:00", day("2027-03-18"));
    play.plan_followed_up("2027-03-18 13:00", &[OPEN_CARE], None);
    let now = "2027-03-18 14:00";
    assert_eq!(play.shown(now, "K45", Owner::OpenCare), "met");
    assert_eq!(play.shown(now, "K45", Owner::MunicipalHealthCare), "open");
}

#[test]
fn a_need_that_anybody_answers_by_a_call_is_met_for_all() {
    let mut play = red("dalarna");
    play.track_set("2027-03-03 10:00", "green");
    play.sip_needed("2027-03-10 10:00");
    assert_eq!(play.shown("2027-03-10 11:00", "K42", Owner::SocialServices), "open");
    play.called("2027-03-10 12:00");
    assert_eq!(play.shown("2027-03-10 13:00", "K42", Owner::SocialServices), "met");
    play.call_cancelled("2027-03-10 14:00");
    assert_eq!(play.shown("2027-03-10 15:00", "K42", Owner::SocialServices), "open");
    play.sip_need_revoked("2027-03-10 16:00");
    assert_eq!(play.shown("2027-03-10 17:00", "K42", Owner::SocialServices), "none");
}

#[test]
fn a_need_noticed_after_the_plan_is_not_answered_by_the_call_before_it() {
    let mut play = red("dalarna");
    play.track_set("2027-03-03 10:00", "green");
    play.called("2027-03-04 10:00");
    play.held("2027-03-05 10:00");
    play.sip_needed("2027-03-12 10:00");
    assert_eq!(play.shown("2027-03-12 11:00", "K42", Owner::SocialServices), "open");
    play.called("2027-03-13 10:00");
    assert_eq!(play.shown("2027-03-13 11:00", "K42", Owner::SocialServices), "met");
}

#[test]
fn a_need_noticed_while_a_call_waits_is_answered_by_that() {
    let mut play = red("dalarna");
    play.track_set("2027-03-03 10:00", "green");
    play.called("2027-03-04 10:00");
    play.sip_needed("2027-03-04 12:00");
    play.held("2027-03-05 10:00");
    assert_eq!(play.shown("2027-03-05 11:00", "K42", Owner::SocialServices), "met");
}

#[test]
fn what_was_gone_through_before_a_cancelled_call_is_gone_through_again_for_the_next() {
    let mut play = red("orebro");
    play.called("2027-03-02 12:00");
    play.points("2027-03-02 13:00", &MeetingPoint::BEFORE);
    assert_eq!(play.shown("2027-03-02 14:00", "R08", Owner::OpenCare), "met");
    play.call_cancelled("2027-03-02 15:00");
    play.called("2027-03-09 12:00");
    assert_eq!(play.shown("2027-03-09 13:00", "R08", Owner::OpenCare), "open");
}

#[test]
fn units_that_call_beside_each_other_owe_one_plan() {
    let mut play = rest();
    play.called("2026-06-03 12:00");
    play.called("2026-06-03 13:00");
    assert_eq!(play.duties("2026-06-03 14:00", "ONCE").len(), 1);
    play.held("2026-06-04 12:00");
    play.called("2026-06-05 12:00");
    assert_eq!(play.duties("2026-06-05 13:00", "ONCE").len(), 2, "a call after it begins anew");
}

#[test]
fn the_owner_of_the_plan_registers_the_meeting() {
    let mut play = red("registreringsregion");
    assert_eq!(play.shown("2027-03-02 11:00", "P02", Owner::OpenCare), "open");
    play.called("2027-03-02 12:00");
    play.held("2027-03-04 13:00");
    play.registered("2027-03-04 15:00", false);
    assert_eq!(play.shown("2027-03-04 16:00", "P07", Owner::OpenCare), "open");
    play.registered("2027-03-04 17:00", true);
    assert_eq!(play.shown("2027-03-04 18:00", "P07", Owner::OpenCare), "met");
    assert_eq!(play.shown("2027-03-04 18:00", "P04", Owner::OpenCare), "open");
    assert_eq!(play.shown("2027-03-04 18:00", "P01", Owner::Ward), "open");
    play.messaged("2027-03-05 10:00", Party::Ward);
    assert_eq!(play.shown("2027-03-05 11:00", "P01", Owner::Ward), "met");
}

/// Words that no region's file uses yet.
const REST: &str = r#"
id = "rest"
version = "1"
valid_from = 2018-01-01
extends = "se"
title = { sv = "Region", en = "Region" }

[[track]]
track = "red"
title = { sv = "Rött", en = "Red" }
source = "Regionens rutin"

[[shown]]
id = "HELD"
title = { sv = "Hålla mötet", en = "Hold the meeting" }
source = "Regionens rutin"
owner = "open_care"
trigger = "notice"
when = [{ tracks_or_none = ["red"] }]
proof = "sip_held"
until = "closing"

[[shown]]
id = "CONFIRMED"
title = { sv = "Bekräfta planen", en = "Confirm the plan" }
source = "Regionens rutin"
owner = "open_care"
trigger = "ready"
when = [{ interventions = ["picc_line", "iron_injection"] }]
proof = "plan_confirmed"
until = "closing"

[[rule]]
id = "ONCE"
title = { sv = "Hålla mötet", en = "Hold the meeting" }
source = "Regionens rutin"
owner = "open_care"
trigger = "sip_called"
proof = "sip_held"
clock = { calendar_days = 3 }
until = "closing"
ladder = [{ step = "unit" }]
"#;

fn rest() -> Play {
    use deadlines::domain::rulebook::{EMBEDDED, Rulebooks};
    let mut play = Play::received("2026-06-02 10:00", &[OPEN_CARE, HEALTH]);
    play.rulebooks = Rulebooks::load(EMBEDDED.into_iter().chain([("rest.toml", REST)])).unwrap();
    play.region = "rest";
    play
}

#[test]
fn a_line_can_hold_until_a_track_is_set() {
    let mut play = rest();
    assert_eq!(play.shown("2026-06-02 11:00", "HELD", Owner::OpenCare), "open");
    play.track_set("2026-06-02 12:00", "red");
    assert_eq!(play.shown("2026-06-02 13:00", "HELD", Owner::OpenCare), "open");
    play.held("2026-06-03 10:00");
    assert_eq!(play.shown("2026-06-03 11:00", "HELD", Owner::OpenCare), "met");
    let mut green = rest();
    green.track_set("2026-06-02 12:00", "green");
    assert_eq!(green.shown("2026-06-02 13:00", "HELD", Owner::OpenCare), "none");
}

#[test]
fn a_meeting_that_was_held_and_cancelled_is_no_meeting() {
    let mut play = rest();
    play.held("2026-06-03 10:00");
    let stamp = play.stamp("2026-06-03 12:00", "2026-06-03 12:00");
    play.sip().meetings[0].cancelled = Some(stamp);
    assert_eq!(play.shown("2026-06-03 13:00", "HELD", Owner::OpenCare), "open");
}

#[test]
fn a_plan_is_confirmed_when_each_of_its_parties_has_confirmed_its_newest_version() {
    use contracts::case::Intervention;
    use contracts::sip::PlanConfirmation;
    let mut play = rest();
    play.ready("2026-06-03 10:00");
    assert_eq!(play.shown("2026-06-03 11:00", "CONFIRMED", Owner::OpenCare), "none");
    play.form("2026-06-03 12:00", &[], &[Intervention::IronInjection]);
    play.plan_made("2026-06-04 10:00", day("2026-06-20"));
    for party in [OPEN_CARE, HEALTH] {
        assert_eq!(play.shown("2026-06-04 12:00", "CONFIRMED", Owner::OpenCare), "open");
        let stamp = play.stamp("2026-06-04 11:00", "2026-06-04 11:00");
        let unit = crate::play::unit_of(party);
        play.sip().plans[0].confirmations.push(PlanConfirmation { stamp, party, unit });
    }
    assert_eq!(play.shown("2026-06-04 12:00", "CONFIRMED", Owner::OpenCare), "met");
    play.plan_made("2026-06-05 10:00", day("2026-06-20"));
    assert_eq!(play.shown("2026-06-05 11:00", "CONFIRMED", Owner::OpenCare), "open");
}
