use chrono::{DateTime, Utc};
use contracts::case::Discharge;
use contracts::{CaseId, CaseRef, Revocable};
use uuid::Uuid;

use super::*;
use crate::domain::orders;

fn at(hour: u32) -> DateTime<Utc> {
    format!("2026-11-17T{hour:02}:00:00Z").parse().unwrap()
}

fn stamp(hour: u32) -> Stamp {
    Stamp::now(EntryId(Uuid::from_u128(hour.into())), at(hour), None)
}

fn order(hour: u32) -> Order {
    let by = "SE2321000180-ANNA".parse().unwrap();
    Order { entry: EntryId(Uuid::from_u128(hour.into())), by, now: at(hour) }
}

/// A case that was admitted at eight.
fn case() -> Case {
    let hospital = "SE2321000180-1001".parse().unwrap();
    Case::new(CaseId(Uuid::from_u128(1)), CaseRef::from_random(1), hospital, stamp(8))
}

fn track(name: &str) -> Track {
    name.parse().unwrap()
}

fn code<T: std::fmt::Debug>(result: Result<T, Refusal>) -> String {
    result.unwrap_err().code
}

#[test]
fn a_track_that_is_set_again_is_no_entry_unless_it_carries_out_a_proposal() {
    let (mut case, proposal) = (case(), EntryId(Uuid::from_u128(99)));
    assert_eq!(set_track(&mut case, track("red"), None, order(9)), Ok(true));
    assert_eq!(set_track(&mut case, track("red"), None, order(10)), Ok(false));
    assert_eq!(set_track(&mut case, track("red"), Some(proposal), order(11)), Ok(true));
    assert_eq!(set_track(&mut case, track("red"), Some(proposal), order(12)), Ok(false));
    assert_eq!(set_track(&mut case, track("yellow"), None, order(13)), Ok(true));
    assert_eq!(case.planning.track(), Some(&track("yellow")));
}

#[test]
fn a_form_that_says_the_same_is_no_new_form() {
    let (mut case, unit) = (case(), "SE2321000180-2001".parse::<HsaId>().unwrap());
    let mut fill = |answers: &[FormAnswer], hour| {
        let answers = answers.iter().copied().collect();
        fill_form(&mut case, unit.clone(), answers, [].into(), order(hour))
    };
    assert_eq!(fill(&[FormAnswer::KnownInMunicipality], 9), Ok(true));
    assert_eq!(fill(&[FormAnswer::KnownInMunicipality], 10), Ok(false));
    assert_eq!(fill(&[FormAnswer::LargeNewNeeds], 11), Ok(true));
    assert_eq!(code(fill(&[FormAnswer::Unknown], 12)), "unknown_value");
}

#[test]
fn a_check_is_said_once_changed_and_taken_back_without_being_erased() {
    let (mut case, what) = (case(), CheckKind::SelfCareAssessed);
    let mut record = |outcome, hour| record_check(&mut case, what, outcome, None, order(hour));
    assert_eq!(record(Outcome::NotNeeded, 9), Ok(true));
    assert_eq!(record(Outcome::NotNeeded, 10), Ok(false));
    assert_eq!(record(Outcome::Done, 11), Ok(true));
    assert_eq!(case.planning.check(what).unwrap().outcome, Outcome::Done);
    assert_eq!(revoke_check(&mut case, what, order(12)), Ok(true));
    assert_eq!(code(revoke_check(&mut case, what, order(13))), "not_checked");
    assert!(case.planning.check(what).is_none());
    assert_eq!(case.planning.checks.len(), 2);
}

#[test]
fn a_notice_of_discharge_replaces_the_one_before() {
    let mut case = case();
    let mut send = |day: &str, hour| {
        let day = day.parse().unwrap();
        send_discharge_notice(&mut case, Destination::Home, day, order(hour))
    };
    assert_eq!(send("2026-11-18", 9), Ok(true));
    assert_eq!(send("2026-11-18", 10), Ok(false));
    assert_eq!(send("2026-11-19", 11), Ok(true));
    let day = case.planning.discharge_notice().unwrap().discharged_on;
    assert_eq!(day, "2026-11-19".parse().unwrap());
    assert!(withdraw_discharge_notice(&mut case, order(12)));
    assert!(!withdraw_discharge_notice(&mut case, order(13)));
    assert_eq!(case.planning.discharge_notices.len(), 2);
}

#[test]
fn a_leave_that_a_discharge_ended_goes_on_when_the_discharge_is_cancelled() {
    let mut case = case();
    start_leave(&mut case, None, order(9)).unwrap();
    assert_eq!(orders::discharge(&mut case, None, order(10)), Ok(true));
    assert!(case.leave().is_none());
    assert!(orders::cancel_discharge(&mut case, order(11)));
    assert!(case.leave().is_some());
}

#[test]
fn a_leave_begins_ends_and_is_none_after_the_discharge() {
    let mut case = case();
    assert_eq!(start_leave(&mut case, None, order(9)), Ok(true));
    assert_eq!(start_leave(&mut case, None, order(10)), Ok(false));
    assert_eq!(code(end_leave(&mut case, Some(at(8)), order(11))), "before_the_leave");
    assert_eq!(end_leave(&mut case, None, order(11)), Ok(true));
    assert_eq!(end_leave(&mut case, None, order(12)), Ok(false));
    case.discharges.push(Discharge { stamp: stamp(13), revoked: None });
    assert_eq!(code(start_leave(&mut case, None, order(14))), "already_discharged");
}

#[test]
fn nothing_is_planned_for_somebody_who_has_died() {
    let mut case = case();
    case.deaths.push(Revocable { stamp: stamp(9), revoked: None });
    assert_eq!(code(set_track(&mut case, track("red"), None, order(10))), "case_ended");
    let what = CheckKind::HandedOver;
    let recorded = record_check(&mut case, what, Outcome::Done, None, order(10));
    assert_eq!(code(recorded), "case_ended");
}
