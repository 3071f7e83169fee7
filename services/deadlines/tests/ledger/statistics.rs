//! What one case gives to a month's figures.

mod properties;
mod suppression;

use std::sync::LazyLock;

use chrono::NaiveDate;
use contracts::assignment::{Confirmed, Receipt};
use contracts::case::{Frequent, Readmission};
use contracts::commands::StatisticsBy;
use contracts::sip::{PlanKind, SipEndKind};
use deadlines::domain::payment::{EMBEDDED as POLICIES, Policies};
use deadlines::domain::statistics::{
    Counting, Group, IDS, Measure, Sums, Tally, contributions, definitions, figures, is_preliminary,
};

use super::*;

fn policies() -> &'static Policies {
    static ALL: LazyLock<Policies> = LazyLock::new(|| Policies::load(POLICIES).unwrap());
    &ALL
}

/// What the case gives to a month, asked for at `now`.
fn sums(play: &Play, month: &str, now: &str) -> Sums {
    let month: NaiveDate = format!("{month}-01").parse().unwrap();
    let ledger = play.ledger(now);
    let (rulebooks, region) = (&play.rulebooks, play.region);
    let counting = Counting { month, now: at(now), rulebooks, policies: policies(), region };
    let mut sums = Sums::default();
    sums.add(contributions(&play.facts, Some(&ledger), &counting));
    sums
}

/// The counts of a measure over all, asked for in autumn, when everything is closed.
fn june(play: &Play, measure: &Measure) -> Option<Tally> {
    let sums = sums(play, "2026-06", "2026-09-01 12:00");
    sums.tally(measure, &Group::All).map(|tally| Tally { beside: 0, ..tally.clone() })
}

fn tally(of: u32, yes: u32, late: u32, values: &[u32]) -> Tally {
    let values = values.iter().map(|value| (*value, 1)).collect();
    Tally { of, yes, late, values, beside: 0 }
}

/// The usual stay: admitted on Monday 1 June, home on Friday 12 June as estimated.
fn stay() -> Play {
    let mut play = Play::received("2026-06-01 10:00", &[OPEN_CARE, SOCIAL]);
    play.ready("2026-06-11 09:00");
    play.discharged("2026-06-12 15:00", "2026-06-12 15:00");
    play
}

#[test]
fn a_case_counts_in_the_month_of_its_discharge_in_sweden() {
    let mut play = Play::received("2026-06-20 10:00", &[OPEN_CARE]);
    let of = |play: &Play, month, now| {
        sums(play, month, now).tally(&Measure::Cases, &Group::All).map(|tally| tally.of)
    };
    assert_eq!(of(&play, "2026-06", "2026-09-01 12:00"), None);
    play.discharged("2026-07-01 00:10", "2026-07-01 00:10"); // 30 June in UTC
    assert_eq!(of(&play, "2026-06", "2026-09-01 12:00"), None);
    assert_eq!(of(&play, "2026-07", "2026-09-01 12:00"), Some(1));
    play.discharge_revoked("2026-07-01 08:00");
    assert_eq!(of(&play, "2026-07", "2026-09-01 12:00"), None);
}

#[test]
fn nobody_counts_who_needs_nothing_or_was_never_there_or_died_before() {
    let counts = |play: &Play| june(play, &Measure::Cases).is_some();
    assert!(counts(&stay()));
    let mut no_need = stay();
    no_need.need_withdrawn("2026-06-10 10:00");
    assert!(!counts(&no_need));
    let mut cancelled = stay();
    cancelled.admission_cancelled("2026-06-10 10:00");
    assert!(!counts(&cancelled));
    cancelled.cancellation_revoked("2026-06-10 11:00");
    assert!(counts(&cancelled));
    let mut dead = stay();
    dead.died("2026-06-12 14:00");
    assert!(!counts(&dead));
    let mut dead_at_home = stay();
    dead_at_home.died("2026-06-20 14:00");
    assert!(counts(&dead_at_home));
}

#[test]
fn a_notice_is_timed_from_the_later_of_admission_and_need() {
    let notice = |play: &Play| june(play, &Measure::Notice24h);
    assert_eq!(notice(&stay()), Some(tally(1, 1, 0, &[0])));
    let mut late = Play::admitted("2026-06-01 10:00");
    late.identified("2026-06-01 10:00");
    late.estimated("2026-06-01 10:00", Some("2026-06-12 12:00"));
    late.judged("2026-06-02 10:00", "2026-06-02 10:00", &[SOCIAL]);
    late.routed("2026-06-03 12:00", SOCIAL);
    late.discharged("2026-06-12 15:00", "2026-06-12 15:00");
    assert_eq!(notice(&late), Some(tally(1, 0, 1, &[26])));
    late.assignment().routes.clear();
    assert_eq!(notice(&late), Some(tally(1, 0, 0, &[])));
}

#[test]
fn duties_are_counted_by_line_and_owner_as_met_in_time_late_or_never() {
    let line = |rule: &str, owner| Measure::Duty {
        rule: rule.to_owned(),
        owner,
        rulebook: "dalarna 2026.1".to_owned(),
    };
    let mut play = stay();
    assert_eq!(june(&play, &line("K06", Owner::OpenCare)), Some(tally(1, 0, 0, &[])));
    play.care_contact("2026-06-01 19:30", true);
    assert_eq!(june(&play, &line("K06", Owner::OpenCare)), Some(tally(1, 1, 0, &[9])));
    play.lead_officer("2026-06-05 10:00", SOCIAL);
    assert_eq!(june(&play, &line("K07", Owner::Municipality)), Some(tally(1, 0, 1, &[96])));
    assert_eq!(june(&play, &line("K06", Owner::Ward)), None);
    assert_eq!(june(&play, &line("K02", Owner::Ward)), None, "the notice has a measure of its own");
}

#[test]
fn a_duty_that_is_open_or_no_longer_owed_does_not_count() {
    let call = Measure::Duty {
        rule: "K43".to_owned(),
        owner: Owner::OpenCare,
        rulebook: "dalarna 2026.1".to_owned(),
    };
    let mut play = stay();
    play.track_set("2026-06-02 10:00", "yellow");
    let of = |play: &Play, now| sums(play, "2026-06", now).tally(&call, &Group::All).cloned();
    assert_eq!(of(&play, "2026-06-12 16:00"), None);
    assert_eq!(of(&play, "2026-06-15 16:00"), Some(tally(1, 0, 0, &[])));
    play.sip_ended("2026-06-13 10:00", SipEndKind::DeclinedByPatient);
    assert_eq!(of(&play, "2026-06-15 16:00"), None);
}

#[test]
fn a_line_that_is_shown_counts_once_it_is_done_or_its_time_is_out() {
    let follow_up = Measure::Duty {
        rule: "K37".to_owned(),
        owner: Owner::OpenCare,
        rulebook: "dalarna 2026.2".to_owned(),
    };
    let mut play = Play::received("2027-02-01 10:00", &[OPEN_CARE, SOCIAL]);
    play.discharged("2027-02-12 15:00", "2027-02-12 15:00");
    let unit = Group::Units(None, vec![play::unit_of(OPEN_CARE)]);
    let of = |play: &Play, now| sums(play, "2027-02", now).tally(&follow_up, &unit).cloned();
    assert_eq!(of(&play, "2027-02-15 12:00"), None);
    assert_eq!(of(&play, "2027-06-01 12:00"), Some(tally(1, 0, 0, &[])));
    play.followed_up("2027-02-20 10:00", OPEN_CARE);
    assert_eq!(of(&play, "2027-06-01 12:00"), Some(tally(1, 1, 0, &[])));
}

#[test]
fn a_patient_goes_home_on_the_day_when_notice_and_all_confirmations_were_there_or_later_or_without()
{
    let home = |play: &Play| june(play, &Measure::SameDayHome);
    let mut play = stay();
    for party in [Party::Ward, OPEN_CARE] {
        play.confirmed("2026-06-10 10:00", party, Confirmed::HomeReady);
        assert_eq!(home(&play), Some(tally(1, 0, 0, &[])), "social services have not confirmed");
    }
    play.confirmed("2026-06-10 10:00", SOCIAL, Confirmed::HomeReady);
    assert_eq!(home(&play), Some(tally(1, 0, 1, &[1]))); // all on Thursday, home on Friday
    play.confirmed("2026-06-12 10:00", SOCIAL, Confirmed::HomeReady);
    assert_eq!(home(&play), Some(tally(1, 1, 0, &[0])));
    play.confirmation_revoked("2026-06-12 11:00");
    assert_eq!(home(&play), Some(tally(1, 0, 1, &[1])));
    play.ready_revoked("2026-06-12 12:00");
    assert_eq!(home(&play), None);
}

#[test]
fn ready_days_are_calendar_days_and_count_from_one_on() {
    let ready = |play: &Play| june(play, &Measure::ReadyDays);
    assert_eq!(ready(&stay()), Some(tally(1, 1, 0, &[1])));
    let mut same_day = Play::received("2026-06-01 10:00", &[OPEN_CARE]);
    same_day.ready("2026-06-12 00:10");
    same_day.discharged("2026-06-12 23:50", "2026-06-12 23:50");
    assert_eq!(ready(&same_day), Some(tally(1, 0, 0, &[0])));
}

#[test]
fn payable_days_count_in_the_month_that_they_are_in() {
    let mut play = Play::received("2026-06-20 10:00", &[SOCIAL]);
    play.ready("2026-06-25 09:00"); // payable from the 28th on
    play.discharged("2026-07-03 10:00", "2026-07-03 10:00");
    let payable = Measure::PayableDays("se 2026.1".to_owned());
    assert_eq!(june(&play, &payable), Some(tally(1, 0, 0, &[3])));
    let july = sums(&play, "2026-07", "2026-09-01 12:00");
    assert_eq!(july.tally(&payable, &Group::All).cloned(), Some(tally(1, 0, 0, &[2])));
}

#[test]
fn a_plan_is_needed_by_both_principals_or_by_who_noticed() {
    let called = |play: &Play| june(play, &Measure::SipCalled);
    let mut alone = Play::received("2026-06-01 10:00", &[SOCIAL]);
    alone.discharged("2026-06-12 15:00", "2026-06-12 15:00");
    assert_eq!(called(&alone), None);
    alone.sip_needed("2026-06-03 10:00");
    assert_eq!(called(&alone), Some(tally(1, 0, 0, &[])));
    let mut both = stay();
    assert_eq!(called(&both), Some(tally(1, 0, 0, &[])));
    both.sip().kind = PlanKind::CompulsoryPsychiatricCare;
    assert_eq!(called(&both), None);
}

#[test]
fn a_plan_is_called_to_within_three_days_and_held_before_or_after_the_discharge() {
    let mut play = stay();
    play.called("2026-06-14 23:00"); // ready on the 11th
    assert_eq!(june(&play, &Measure::SipCalled), Some(tally(1, 1, 0, &[86])));
    assert_eq!(june(&play, &Measure::SipHeld), Some(tally(1, 0, 0, &[])));
    play.held("2026-06-20 10:00");
    assert_eq!(june(&play, &Measure::SipHeld), Some(tally(1, 0, 1, &[6])));
    assert_eq!(june(&play, &Measure::SipEnded), Some(tally(1, 0, 0, &[])));
    let mut late = stay();
    late.called("2026-06-15 01:00");
    assert_eq!(june(&late, &Measure::SipCalled), Some(tally(1, 0, 1, &[88])));
    late.sip_ended("2026-06-16 10:00", SipEndKind::DeclinedByPatient);
    assert_eq!(june(&late, &Measure::SipEnded), Some(tally(1, 1, 0, &[])));
}

#[test]
fn an_estimate_changes_when_its_day_does_and_warns_since_it_is_right() {
    let mut play = Play::received("2026-06-01 10:00", &[SOCIAL]); // the 12th
    play.estimated("2026-06-03 10:00", Some("2026-06-12 18:00"));
    play.estimated("2026-06-05 10:00", Some("2026-06-10 12:00"));
    play.estimated("2026-06-11 20:00", Some("2026-06-12 12:00"));
    play.discharged("2026-06-12 15:00", "2026-06-12 15:00");
    assert_eq!(june(&play, &Measure::EstimateChanges), Some(tally(1, 0, 0, &[2])));
    assert_eq!(june(&play, &Measure::EstimateWarning), Some(tally(1, 0, 1, &[19])));
    assert_eq!(june(&stay(), &Measure::EstimateWarning), Some(tally(1, 1, 0, &[269])));
    play.estimated("2026-06-12 10:00", Some("2026-06-13 12:00"));
    assert_eq!(june(&play, &Measure::EstimateWarning), Some(tally(1, 0, 0, &[])));
}

#[test]
fn each_unit_that_had_the_notice_is_asked_for_its_receipt() {
    let mut play = stay();
    assert_eq!(june(&play, &Measure::Receipt), Some(tally(2, 0, 0, &[])));
    for (when, party) in [("2026-06-01 13:00", OPEN_CARE), ("2026-06-03 10:00", SOCIAL)] {
        let stamp = play.stamp(when, when);
        let unit = play::unit_of(party);
        play.assignment().receipts.push(Receipt { stamp, unit });
    }
    assert_eq!(june(&play, &Measure::Receipt), Some(tally(2, 1, 1, &[3, 48])));
    play.route_ended("2026-06-05 10:00", SOCIAL);
    assert_eq!(june(&play, &Measure::Receipt), Some(tally(1, 1, 0, &[3])));
}

#[test]
fn tracks_follow_ups_and_who_comes_often_are_counted() {
    let mut play = stay();
    assert_eq!(june(&play, &Measure::TrackChanged), None);
    play.track_set("2026-06-02 10:00", "green");
    play.track_set("2026-06-03 10:00", "green");
    assert_eq!(june(&play, &Measure::TrackChanged), Some(tally(1, 0, 0, &[])));
    play.track_set("2026-06-04 10:00", "red");
    assert_eq!(june(&play, &Measure::TrackChanged), Some(tally(1, 1, 0, &[])));
    let red = Group::Track(Some("red".parse().unwrap()));
    let all = sums(&play, "2026-06", "2026-09-01 12:00");
    assert_eq!(all.tally(&Measure::Cases, &red), Some(&tally(1, 0, 0, &[])));
    assert_eq!(june(&play, &Measure::Frequent), Some(tally(1, 0, 0, &[])));
    let stamp = play.stamp("2026-06-01 10:00", "2026-06-01 10:00");
    play.case().frequent = Some(Frequent { stamp, stays: 3 });
    assert_eq!(june(&play, &Measure::Frequent), Some(tally(1, 1, 0, &[])));
    let followed = |play: &Play, now| {
        sums(play, "2026-06", now).tally(&Measure::FollowedUp, &Group::All).cloned()
    };
    assert_eq!(followed(&play, "2026-06-20 12:00"), None);
    assert_eq!(followed(&play, "2026-09-01 12:00"), Some(tally(1, 0, 0, &[])));
    play.followed_up("2026-06-18 10:00", OPEN_CARE);
    play.closed("2026-06-19 10:00");
    assert_eq!(followed(&play, "2026-06-20 12:00"), Some(tally(1, 1, 0, &[])));
}

#[test]
fn a_stay_counts_as_readmission_or_not_in_the_month_in_which_it_began() {
    let (back, unplanned) = (Measure::Readmission, Measure::UnplannedReadmission);
    let of = |play: &Play| (june(play, &back), june(play, &unplanned));
    let mut play = Play::admitted("2026-06-01 10:00");
    assert_eq!(of(&play), (None, None), "nobody has looked");
    for (found, is_back, is_unplanned) in [
        (Readmission::No, 0, 0),
        (Readmission::Planned, 1, 0),
        (Readmission::Unplanned, 1, 1),
        (Readmission::NotStated, 1, 0),
    ] {
        play.case().readmission = Some(found);
        let expected = (Some(tally(1, is_back, 0, &[])), Some(tally(1, is_unplanned, 0, &[])));
        assert_eq!(of(&play), expected, "{found:?}, needing nothing and still there");
    }
    play.discharged("2026-07-03 15:00", "2026-07-03 15:00");
    assert_eq!(june(&play, &back), Some(tally(1, 1, 0, &[])));
    assert_eq!(sums(&play, "2026-07", "2026-09-01 12:00").tally(&back, &Group::All), None);
    play.admission_cancelled("2026-06-10 10:00");
    assert_eq!(june(&play, &back), None);
}

#[test]
fn the_figures_of_a_month_change_until_its_cases_are_closed() {
    let june = "2026-06-01".parse().unwrap();
    assert!(is_preliminary(june, at("2026-07-31 12:00")));
    assert!(!is_preliminary(june, at("2026-08-02 12:00")));
}

#[test]
fn every_figure_has_a_definition_in_both_languages_and_what_is_not_known_is_said() {
    let mut play = stay();
    play.track_set("2026-06-02 10:00", "yellow");
    let mut sums = sums(&play, "2026-06", "2026-09-01 12:00");
    for _ in 0..3 {
        sums.merge(sums.clone());
    }
    let definitions = definitions(&sums, &play.rulebooks);
    for figure in figures(&sums, StatisticsBy::Unit) {
        assert!(definitions.iter().any(|one| one.id == figure.id && one.given), "{}", figure.id);
    }
    for one in &definitions {
        for words in [&one.name, &one.definition, &one.unit, &one.source] {
            assert!(!words.sv.is_empty() && !words.en.is_empty(), "{}", one.id);
        }
        let name = one.id.split(' ').next().unwrap();
        assert_eq!(one.given, IDS.contains(&name), "{name}");
    }
    let care_contact = definitions.iter().find(|one| one.id.starts_with("duty K06")).unwrap();
    assert!(care_contact.source.sv.contains("Överenskommelser"), "{care_contact:?}");
    assert!(definitions.iter().any(|one| one.id == "beds_taken" && !one.given));
}
