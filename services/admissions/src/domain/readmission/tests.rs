use contracts::case::Case;
use contracts::{CaseId, CaseRef, EntryId, Stamp};
use uuid::Uuid;

use super::*;
use crate::domain::stay::{Patient, StatedAt};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A stay that began then.
fn stay(began: &str) -> Stay {
    let hospital = "SE2321000180-1001".parse().unwrap();
    let began = Stamp::now(EntryId(Uuid::from_u128(2)), at(began), None);
    let case = Case::new(CaseId(Uuid::from_u128(1)), CaseRef::from_random(1), hospital, began);
    Stay { case, patient: Patient::default(), stated: StatedAt::default() }
}

fn found(began: &str, last: Last) -> Option<Readmission> {
    let mut stay = stay(began);
    note(&mut stay, last);
    stay.case.readmission
}

#[test]
fn who_is_back_on_the_first_to_the_thirtieth_day_after_going_home_is_readmitted() {
    let (home, back) = (Last::Ended(at("2026-11-01T10:00:00Z")), Some(Readmission::NotStated));
    assert_eq!(found("2026-11-02T00:30:00Z", home), back);
    assert_eq!(found("2026-12-01T22:30:00Z", home), back, "the thirtieth day, before midnight");
    assert_eq!(found("2026-12-01T23:30:00Z", home), Some(Readmission::No), "the next day");
    assert_eq!(found("2026-12-01T23:30:00Z", Last::None), Some(Readmission::No));
}

#[test]
fn who_was_moved_has_not_been_home() {
    let home = Last::Ended(at("2026-11-01T08:00:00Z"));
    assert_eq!(found("2026-11-01T20:00:00Z", home), Some(Readmission::No), "on the same day");
    assert_eq!(found("2026-11-02T08:00:00Z", Last::GoesOn), Some(Readmission::No));
    assert_eq!(found("2026-10-30T08:00:00Z", home), Some(Readmission::No), "before the end");
}

#[test]
fn whether_it_was_planned_may_be_said_later_and_the_newest_word_holds() {
    let mut stay = stay("2026-11-17T08:00:00Z");
    assert!(!name(&mut stay), "nothing was found yet");
    stay.stated.say_planned(Some(true), at("2026-11-17T09:00:00Z"));
    assert!(note(&mut stay, Last::Ended(at("2026-11-01T08:00:00Z"))));
    assert_eq!(stay.case.readmission, Some(Readmission::Planned));
    stay.stated.say_planned(Some(false), at("2026-11-17T08:30:00Z"));
    assert!(!name(&mut stay), "that is older");
    stay.stated.say_planned(Some(false), at("2026-11-17T10:00:00Z"));
    assert!(name(&mut stay));
    assert_eq!(stay.case.readmission, Some(Readmission::Unplanned));
    stay.stated.say_planned(None, at("2026-11-17T11:00:00Z"));
    assert!(name(&mut stay));
    assert_eq!(stay.case.readmission, Some(Readmission::NotStated));
}

#[test]
fn what_was_found_of_another_person_goes_with_that_person() {
    let mut stay = stay("2026-11-17T08:00:00Z");
    assert!(note(&mut stay, Last::Ended(at("2026-11-01T08:00:00Z"))));
    assert!(!note(&mut stay, Last::Ended(at("2026-11-01T08:00:00Z"))));
    assert!(note(&mut stay, Last::None));
    assert_eq!(stay.case.readmission, Some(Readmission::No));
}
