//! Daylight saving, ends of days, elapsed hours.

use chrono::{DateTime, Utc};
use deadlines::domain::calendar::{
    DoubledHour, Reading, end_of_calendar_day_after, end_of_day, local_date, local_to_utc,
    plus_hours, twenty_four_hours_or_next_weekday,
};

use crate::{at, date, office};

#[test]
fn a_missing_hour_stands_for_the_instant_after_it() {
    for local in ["2026-03-29 02:00", "2026-03-29 02:30", "2026-03-29 03:00"] {
        assert_eq!(at(local), at("2026-03-29T01:00:00Z"), "{local}");
    }
    assert_eq!(at("2026-03-29 01:59"), at("2026-03-29T00:59:00Z"));
}

#[test]
fn a_doubled_hour_is_earlier_for_openings_and_later_for_ends() {
    let local = date("2026-10-25").and_hms_opt(2, 30, 0).unwrap();
    assert_eq!(local_to_utc(local, DoubledHour::Earlier), at("2026-10-25T00:30:00Z"));
    assert_eq!(local_to_utc(local, DoubledHour::Later), at("2026-10-25T01:30:00Z"));
}

#[test]
fn a_day_ends_at_local_midnight_whether_it_has_23_or_24_or_25_hours() {
    let length = |day: &str| end_of_day(date(day)) - end_of_day(date(day).pred_opt().unwrap());
    assert_eq!(end_of_day(date("2026-03-29")), at("2026-03-29T22:00:00Z"));
    assert_eq!(end_of_day(date("2026-10-25")), at("2026-10-25T23:00:00Z"));
    assert_eq!(length("2026-03-29").num_hours(), 23);
    assert_eq!(length("2026-10-25").num_hours(), 25);
    assert_eq!(length("2026-12-31").num_hours(), 24);
}

#[test]
fn calendar_days_count_from_the_local_day_and_include_holidays() {
    // 22:30 UTC in summer is half past midnight on the next local day.
    let notice = at("2026-06-17T22:30:00Z");
    assert_eq!(local_date(notice), date("2026-06-18"));
    assert_eq!(end_of_calendar_day_after(notice, 3), at("2026-06-22 00:00"));
    assert_eq!(end_of_calendar_day_after(notice, 0), at("2026-06-19 00:00"));
    // Across the change to winter time.
    assert_eq!(end_of_calendar_day_after(at("2026-10-23 12:00"), 3), at("2026-10-27 00:00"));
}

#[test]
fn the_ends_of_time_are_answered() {
    for instant in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
        assert!(end_of_calendar_day_after(instant, u32::MAX) >= end_of_day(local_date(instant)));
        assert!(plus_hours(instant, u32::MAX) >= instant);
        let _ = office().next_opening(instant);
        let _ = twenty_four_hours_or_next_weekday(&office(), instant, 24, Reading::Lenient);
    }
}
