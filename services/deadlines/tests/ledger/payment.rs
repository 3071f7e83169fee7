//! The municipality's payment: which days count, and why the others do not. 2 June 2026 is a Tuesday.

mod average;
mod policies;
mod properties;

use std::sync::LazyLock;

use chrono::NaiveDate;
use contracts::assignment::{Hindrance, HindranceKind};
use contracts::commands::{PaymentDays, PaymentReason};
use contracts::sip::{KindChange, PlanKind, SipEndKind};
use deadlines::domain::payment::{EMBEDDED, Policies, payment_days};

use crate::play::{Play, unit};
use crate::{HEALTH, OPEN_CARE, SOCIAL, at};

fn policies() -> &'static Policies {
    static POLICIES: LazyLock<Policies> = LazyLock::new(|| Policies::load(EMBEDDED).unwrap());
    &POLICIES
}

fn shown(play: &Play, now: &str) -> PaymentDays {
    payment_days(&play.facts, policies(), "se", at(now)).unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The days that are to be paid, without their year.
fn payable(play: &Play, now: &str) -> Vec<String> {
    let days = shown(play, now).days.into_iter().filter(|day| day.payable);
    days.map(|day| day.day.format("%m-%d").to_string()).collect()
}

/// What speaks against a day.
fn against(play: &Play, date: &str, now: &str) -> Vec<PaymentReason> {
    let days = shown(play, now).days;
    days.into_iter().find(|one| one.day == day(date)).unwrap().reasons
}

fn hindered(play: &mut Play, from: &str, until: Option<&str>, kind: HindranceKind) {
    let (stamp, ended) = (play.stamp(from, from), until.map(|until| play.stamp(until, until)));
    let hindrance = Hindrance { stamp, unit: unit("VC"), kind, ended };
    play.assignment().cooperation.hindrances.push(hindrance);
}

/// Both principals are concerned, everything was done in time, and the patient was ready.
fn ready(when: &str) -> Play {
    let mut play = Play::received("2026-06-01 10:00", &[OPEN_CARE, HEALTH]);
    play.called("2026-06-01 11:00");
    play.ready(when);
    play
}

#[test]
fn three_days_are_free_and_the_day_of_the_discharge_is_not_paid() {
    let mut play = ready("2026-06-02 09:00");
    play.discharged("2026-06-08 10:00", "2026-06-08 10:00");
    assert_eq!(payable(&play, "2026-07-01 12:00"), ["06-05", "06-06", "06-07"]);
    let before = against(&play, "2026-06-04", "2026-07-01 12:00");
    assert_eq!(before, [PaymentReason::BeforeStart]);
    let last = against(&play, "2026-06-08", "2026-07-01 12:00");
    assert_eq!(last, [PaymentReason::Discharged]);
    assert_eq!(shown(&play, "2026-07-01 12:00").days.last().unwrap().day, day("2026-06-08"));
}

#[test]
fn a_notice_after_noon_gives_a_fourth_free_day_and_one_at_noon_does_not() {
    let first = |sent| payable(&ready(sent), "2026-06-20 12:00").first().cloned().unwrap();
    assert_eq!(first("2026-06-02 11:59"), "06-05");
    assert_eq!(first("2026-06-02 12:00"), "06-05");
    assert_eq!(first("2026-06-02 12:01"), "06-06");
    let mut play = ready("2026-06-02 12:00");
    play.case().ready[0].stamp.recorded_at += chrono::TimeDelta::seconds(1);
    assert_eq!(payable(&play, "2026-06-20 12:00")[0], "06-06");
}

#[test]
fn noon_is_noon_in_sweden_in_winter_too() {
    let mut play = Play::received("2026-12-01 10:00", &[SOCIAL]);
    play.ready("2026-12-02 12:01");
    assert_eq!(payable(&play, "2026-12-20 12:00")[0], "12-06");
}

#[test]
fn weekends_and_holidays_count() {
    // 6 June is the National Day and a Saturday.
    let play = ready("2026-06-04 09:00");
    assert_eq!(payable(&play, "2026-06-09 12:00"), ["06-07", "06-08"]);
}

#[test]
fn when_the_notice_was_sent_counts_and_not_when_the_patient_was_ready() {
    let mut play = ready("2026-06-02 13:00");
    play.case().ready[0].stamp.occurred_at = at("2026-06-01 08:00");
    assert_eq!(payable(&play, "2026-06-08 12:00"), ["06-06", "06-07"]);
}

#[test]
fn nothing_is_paid_until_the_municipality_has_the_admission_notice() {
    let mut play = Play::admitted("2026-06-01 10:00");
    play.identified("2026-06-01 10:00");
    play.judged("2026-06-01 10:00", "2026-06-01 10:00", &[SOCIAL]);
    play.routed("2026-06-01 10:00", SOCIAL);
    play.ready("2026-06-02 09:00");
    let missing = against(&play, "2026-06-10", "2026-06-11 12:00");
    assert_eq!(missing, [PaymentReason::NoticeMissing]);
    play.estimated("2026-06-07 10:00", Some("2026-06-12 12:00"));
    assert_eq!(payable(&play, "2026-06-11 12:00"), ["06-08", "06-09", "06-10"]);
    // What was told once stays told.
    play.estimated("2026-06-09 10:00", None);
    assert_eq!(payable(&play, "2026-06-11 12:00"), ["06-08", "06-09", "06-10"]);
}

#[test]
fn the_days_run_from_when_the_municipalitys_units_had_the_ready_notice() {
    let mut play = Play::received("2026-06-01 10:00", &[OPEN_CARE]);
    play.called("2026-06-01 11:00");
    play.ready("2026-06-02 09:00");
    play.judged("2026-06-04 13:00", "2026-06-04 13:00", &[OPEN_CARE, SOCIAL]);
    let now = "2026-06-10 12:00";
    assert!(against(&play, "2026-06-08", now).contains(&PaymentReason::ReadyNotReceived));
    assert!(against(&play, "2026-06-03", now).contains(&PaymentReason::MunicipalityNotConcerned));
    play.routed("2026-06-04 13:00", SOCIAL);
    assert_eq!(payable(&play, now), ["06-08", "06-09"]);
}

#[test]
fn nothing_is_paid_before_open_care_has_called_where_a_plan_is_due() {
    let mut play = Play::received("2026-06-01 10:00", &[OPEN_CARE, HEALTH]);
    play.ready("2026-06-02 09:00");
    let now = "2026-06-10 12:00";
    assert_eq!(against(&play, "2026-06-05", now), [PaymentReason::SipNotCalled]);
    play.called("2026-06-06 14:00");
    assert_eq!(payable(&play, now), ["06-07", "06-08", "06-09"]);
    play.call_cancelled("2026-06-08 14:00");
    assert_eq!(payable(&play, now), ["06-07"]);
}

#[test]
fn a_call_by_somebody_else_than_open_care_is_none() {
    let mut play = ready("2026-06-02 09:00");
    play.sip().calls[0].unit = unit("AVD");
    assert_eq!(against(&play, "2026-06-05", "2026-06-10 12:00"), [PaymentReason::SipNotCalled]);
}

#[test]
fn a_plan_that_is_not_due_needs_no_call() {
    let now = "2026-06-07 12:00";
    let mut alone = Play::received("2026-06-01 10:00", &[SOCIAL]);
    alone.ready("2026-06-02 09:00");
    assert_eq!(payable(&alone, now), ["06-05", "06-06"]);
    let mut declined = Play::received("2026-06-01 10:00", &[OPEN_CARE, HEALTH]);
    declined.ready("2026-06-02 09:00");
    declined.sip_ended("2026-06-03 10:00", SipEndKind::DeclinedByPatient);
    assert_eq!(payable(&declined, now), ["06-05", "06-06"]);
    let mut compulsory = Play::received("2026-06-01 10:00", &[OPEN_CARE, HEALTH]);
    compulsory.ready("2026-06-02 09:00");
    let stamp = compulsory.stamp("2026-06-05 10:00", "2026-06-05 10:00");
    let kind = PlanKind::CompulsoryPsychiatricCare;
    compulsory.sip().kind_changes.push(KindChange { stamp, kind });
    assert_eq!(payable(&compulsory, now), ["06-06"]);
}

#[test]
fn a_day_with_a_hindrance_in_open_care_is_not_paid_however_short_it_was() {
    let mut play = ready("2026-06-02 09:00");
    let (from, until) = ("2026-06-06 23:50", Some("2026-06-07 00:10"));
    hindered(&mut play, from, until, HindranceKind::Unavailable);
    hindered(&mut play, "2026-06-09 10:00", None, HindranceKind::Unclear);
    let now = "2026-06-11 12:00";
    assert_eq!(payable(&play, now), ["06-05", "06-08"]);
    assert_eq!(against(&play, "2026-06-07", now), [PaymentReason::OpenCareUnavailable]);
    assert_eq!(against(&play, "2026-06-10", now), [PaymentReason::OpenCareUnclear]);
    assert!(!shown(&play, now).running);
}

#[test]
fn a_new_notice_after_a_revoked_one_starts_anew() {
    let mut play = ready("2026-06-02 09:00");
    play.ready_revoked("2026-06-07 15:00");
    play.ready("2026-06-09 13:00");
    let now = "2026-06-15 12:00";
    assert_eq!(payable(&play, now), ["06-05", "06-06", "06-13", "06-14"]);
    assert_eq!(against(&play, "2026-06-08", now), [PaymentReason::ReadyRevoked]);
    assert_eq!(against(&play, "2026-06-09", now), [PaymentReason::BeforeStart]);
}

#[test]
fn a_discharge_that_did_not_happen_ends_nothing() {
    let mut play = ready("2026-06-02 09:00");
    play.discharged("2026-06-06 10:00", "2026-06-06 10:00");
    assert_eq!(payable(&play, "2026-06-09 12:00"), ["06-05"]);
    play.discharge_revoked("2026-06-07 10:00");
    assert_eq!(payable(&play, "2026-06-09 12:00"), ["06-05", "06-06", "06-07", "06-08"]);
}

#[test]
fn death_ends_it_and_a_cancelled_admission_costs_nothing_at_all() {
    let mut play = ready("2026-06-02 09:00");
    play.died("2026-06-06 10:00");
    assert_eq!(payable(&play, "2026-06-09 12:00"), ["06-05"]);
    assert_eq!(against(&play, "2026-06-06", "2026-06-09 12:00"), [PaymentReason::Deceased]);
    let mut play = ready("2026-06-02 09:00");
    play.admission_cancelled("2026-06-08 10:00");
    assert!(payable(&play, "2026-06-09 12:00").is_empty());
    play.cancellation_revoked("2026-06-08 12:00");
    assert_eq!(payable(&play, "2026-06-08 13:00"), ["06-05", "06-06", "06-07"]);
}

#[test]
fn a_need_that_is_withdrawn_ends_it() {
    let mut play = ready("2026-06-02 09:00");
    play.need_withdrawn("2026-06-07 10:00");
    assert_eq!(payable(&play, "2026-06-09 12:00"), ["06-05", "06-06"]);
}

#[test]
fn today_is_not_paid_yet_but_runs() {
    let play = ready("2026-06-02 09:00");
    let today = shown(&play, "2026-06-06 12:00");
    assert!(today.running);
    assert_eq!(against(&play, "2026-06-06", "2026-06-06 12:00"), [PaymentReason::DayNotOver]);
    let free = shown(&play, "2026-06-04 12:00");
    assert!(!free.running);
    let words: Vec<&str> = free.why.iter().map(|words| words.sv.as_str()).collect();
    assert!(words.contains(&"Betalningsansvaret löper inte i dag."), "{words:?}");
    assert!(words.contains(
        &"Kommunens enheter hade det tisdag 2 juni kl. 09.00; första dag som kan betalas är fredag \
          5 juni."
    ), "{words:?}");
}

#[test]
fn who_pays_is_said_to_be_unknown_where_it_is() {
    let mut play = ready("2026-06-02 09:00");
    let payer = |play: &Play| shown(play, "2026-06-09 12:00").why[0].en.clone();
    assert!(payer(&play).contains("no municipality of registration was stated"));
    play.case().protected = true;
    assert!(payer(&play).contains("protected identity"));
    play.case().protected = false;
    play.case().municipality = Some("2080".parse().unwrap());
    assert_eq!(payer(&play), "The municipality of registration pays.");
}

#[test]
fn a_case_without_a_ready_notice_has_no_days() {
    let play = Play::received("2026-06-01 10:00", &[SOCIAL]);
    let none = shown(&play, "2026-06-09 12:00");
    assert!(none.days.is_empty() && !none.running && none.policy.is_none());
}

#[test]
fn a_day_lasts_from_midnight_to_midnight_when_the_clocks_are_changed() {
    // 29 March 2026 has 23 hours, 25 October 25.
    for (sent, first, night) in
        [("2026-03-26 12:00", "03-29", "2026-03-29"), ("2026-10-22 12:00", "10-25", "2026-10-25")]
    {
        let mut play = Play::received(&format!("{} 08:00", &sent[..10]), &[SOCIAL]);
        play.ready(sent);
        let late = format!("{night} 23:59");
        hindered(&mut play, &late, None, HindranceKind::Unclear);
        let end = at(&late) + chrono::TimeDelta::seconds(60);
        assert!(payable(&play, "2026-11-20 12:00").is_empty());
        let hindrance = &mut play.assignment().cooperation.hindrances[0];
        hindrance.stamp.occurred_at = end;
        assert_eq!(payable(&play, "2026-11-20 12:00"), [first]);
    }
}
