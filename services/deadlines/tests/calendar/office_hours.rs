//! When a party is open, and what its agreement may change.

use chrono::{NaiveTime, Weekday, WeekdaySet};
use deadlines::domain::calendar::{
    Calendar, CalendarError, DatedException, OfficeHours, Reading, SEARCH_DAYS,
    twenty_four_hours_or_next_weekday,
};

use crate::{at, date, hours, office, with_exception};

#[test]
fn an_office_is_open_from_its_opening_until_just_before_its_closing() {
    let office = office();
    assert!(!office.is_open(at("2026-06-05 07:59")));
    assert!(office.is_open(at("2026-06-05 08:00")));
    assert!(office.is_open(at("2026-06-05 14:59")));
    assert!(!office.is_open(at("2026-06-05 15:00")));
    assert!(!office.is_open(at("2026-12-24 10:00")), "Christmas Eve is a Thursday");
    assert_eq!(office.next_opening(at("2026-06-05 09:00")), Ok(at("2026-06-05 09:00")));
    assert_eq!(office.next_opening(at("2026-06-05 15:00")), Ok(at("2026-06-08 08:00")));
    assert_eq!(office.next_opening(at("2026-12-23 20:00")), Ok(at("2026-12-28 08:00")));
}

#[test]
fn opening_hours_follow_the_wall_over_daylight_saving() {
    let office = office();
    assert_eq!(office.next_opening(at("2026-03-27 20:00")), Ok(at("2026-03-30T06:00:00Z")));
    assert_eq!(office.next_opening(at("2026-10-23 20:00")), Ok(at("2026-10-26T07:00:00Z")));
}

#[test]
fn weekend_hours_open_the_doors_but_make_no_weekday() {
    let mut office = office();
    office.hours.push((WeekdaySet::single(Weekday::Sat), hours("09:00", "12:00")));
    assert!(office.is_open(at("2026-06-13 10:00")));
    assert!(!office.is_open(at("2026-06-20 10:00")), "Midsummer Day");
    assert_eq!(office.next_weekday_close(at("2026-06-12 10:00")), Ok(at("2026-06-15 16:30")));
}

#[test]
fn a_rulebook_can_staff_a_holiday() {
    let staffed = DatedException::Staffed(hours("10:00", "14:00"));
    let epiphany = with_exception("2026-01-06", staffed);
    assert!(epiphany.is_open(at("2026-01-06 10:00")));
    assert_eq!(epiphany.day_off(date("2026-01-06")), None);
    assert_eq!(epiphany.next_weekday_close(at("2026-01-05 10:00")), Ok(at("2026-01-06 14:00")));
}

#[test]
fn a_unit_that_never_closes_is_open_over_midnight_and_over_the_doubled_hour() {
    let always = vec![(WeekdaySet::ALL, hours("00:00", "00:00"))];
    let ward = Calendar { hours: always, ..Calendar::default() };
    assert!(ward.is_open(at("2026-10-25T00:30:00Z")));
    assert!(ward.is_open(at("2026-10-25T01:30:00Z")));
    assert!(ward.is_open(at("2026-06-02 23:59")));
    assert_eq!(ward.next_weekday_close(at("2026-06-05 10:00")), Ok(at("2026-06-09 00:00")));
}

#[test]
fn hours_within_the_missing_hour_are_no_hours_that_day() {
    let sunday = WeekdaySet::single(Weekday::Sun);
    let night = Calendar { hours: vec![(sunday, hours("02:10", "02:50"))], ..Calendar::default() };
    assert!(!night.is_open(at("2026-03-29T01:00:00Z")));
    assert_eq!(night.next_opening(at("2026-03-28 12:00")), Ok(at("2026-04-12 02:10")));
}

#[test]
fn office_hours_end_after_they_begin() {
    let time = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
    assert!(OfficeHours::new(time(8), time(8)).is_err());
    assert!(OfficeHours::new(time(22), time(6)).is_err());
    assert!(OfficeHours::new(time(22), time(0)).is_ok());
}

#[test]
fn a_calendar_without_hours_says_so_instead_of_searching_for_ever() {
    let (never, from) = (Calendar::default(), date("2026-06-05"));
    let error = CalendarError::NeverOpen { from };
    assert_eq!(never.next_opening(at("2026-06-05 10:00")), Err(error));
    assert_eq!(never.next_weekday_close(at("2026-06-05 10:00")), Err(error));
    let window =
        twenty_four_hours_or_next_weekday(&never, at("2026-06-05 10:00"), 24, Reading::Strict);
    assert!(matches!(window, Err(CalendarError::NeverOpen { .. })));
    assert_eq!(
        error.to_string(),
        format!("the calendar has no office hours within {SEARCH_DAYS} days of 2026-06-05")
    );
}

#[test]
fn hours_within_the_doubled_hour_hold_from_its_first_time_to_its_second() {
    let sunday = WeekdaySet::single(Weekday::Sun);
    let night = Calendar { hours: vec![(sunday, hours("02:10", "02:50"))], ..Calendar::default() };
    assert!(!night.is_open(at("2026-10-25T00:09:00Z")));
    assert!(night.is_open(at("2026-10-25T00:10:00Z")));
    assert!(night.is_open(at("2026-10-25T01:49:00Z")));
    assert!(!night.is_open(at("2026-10-25T01:50:00Z")));
}
