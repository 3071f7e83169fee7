//! Every day of 2000–2060 against a list that was computed by somebody else.
//!
//! The list knows more than the law does, so these differences are decided here: plain Sundays
//! are public holidays to us and left out of the list; the eves that it calls `de_facto` are no
//! public holidays and no weekdays; half-day eves (Maundy Thursday and the like) and Holy
//! Saturday are not in it, being custom, not law.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, Weekday};
use deadlines::domain::calendar::{
    DayOff, Holiday, easter_sunday, is_weekday, legal_day_off, public_holiday,
};

const FIXTURE: &str = include_str!("../fixtures/swedish_holidays_2000_2060.csv");

/// Names by date: the public holidays and the eves.
fn listed(category: &str) -> BTreeMap<NaiveDate, Vec<String>> {
    FIXTURE
        .lines()
        .filter(|line| !line.starts_with('#') && *line != "date,category,name")
        .filter_map(|line| {
            let (date, rest) = line.split_once(',').unwrap();
            let names = rest.strip_prefix(category)?.strip_prefix(',')?;
            Some((date.parse().unwrap(), names.split("; ").map(str::to_lowercase).collect()))
        })
        .collect()
}

fn every_day() -> impl Iterator<Item = NaiveDate> {
    let first = day(2000, 1, 1);
    first.iter_days().take_while(|date| date.year() <= 2060)
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

#[test]
fn the_list_is_whole() {
    assert_eq!(every_day().count(), 22_281);
    assert_eq!(listed("de_facto").len(), 61 * 3);
    // Thirteen a year (2005 exchanged one for another), less four days that hold two.
    assert_eq!(listed("public").len(), 61 * 13 - 4);
}

#[test]
fn every_public_holiday_is_the_listed_one_and_every_other_is_a_sunday() {
    let listed = listed("public");
    for date in every_day() {
        match (public_holiday(date), listed.get(&date)) {
            (Some(Holiday::Sunday), None) => assert_eq!(date.weekday(), Weekday::Sun, "{date}"),
            (Some(holiday), Some(names)) => {
                assert!(names.contains(&holiday.swedish().to_lowercase()), "{date}: {names:?}");
            }
            (None, None) => assert_ne!(date.weekday(), Weekday::Sun, "{date}"),
            (ours, theirs) => panic!("{date}: {ours:?}, listed {theirs:?}"),
        }
    }
}

#[test]
fn every_listed_eve_is_an_eve_unless_it_is_a_sunday() {
    let listed = listed("de_facto");
    for date in every_day() {
        let eve = match legal_day_off(date) {
            Some(DayOff::Holiday(_) | DayOff::Saturday) | None => None,
            Some(eve) => Some(eve.swedish().to_owned()),
        };
        let expected = listed
            .get(&date)
            .filter(|_| date.weekday() != Weekday::Sun)
            .map(|names| names[0].clone());
        assert_eq!(eve, expected, "{date}");
    }
}

#[test]
fn a_weekday_is_monday_to_friday_and_listed_nowhere() {
    let (public, eves) = (listed("public"), listed("de_facto"));
    for date in every_day() {
        let weekend = matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
        let expected = !weekend && !public.contains_key(&date) && !eves.contains_key(&date);
        assert_eq!(is_weekday(date), expected, "{date}");
    }
}

#[test]
fn easter_is_right_at_its_earliest_and_its_latest() {
    assert_eq!(easter_sunday(2008), Some(day(2008, 3, 23)));
    assert_eq!(easter_sunday(2038), Some(day(2038, 4, 25)));
    assert_eq!(easter_sunday(1818), Some(day(1818, 3, 22)));
    assert_eq!(easter_sunday(1954), Some(day(1954, 4, 18)));
    assert_eq!(public_holiday(day(2008, 3, 21)), Some(Holiday::GoodFriday));
    assert_eq!(public_holiday(day(2008, 5, 11)), Some(Holiday::WhitSunday));
    assert_eq!(public_holiday(day(2038, 4, 26)), Some(Holiday::EasterMonday));
    assert_eq!(public_holiday(day(2038, 6, 3)), Some(Holiday::AscensionDay));
}

#[test]
fn the_national_day_took_the_place_of_whit_monday_in_2005() {
    assert_eq!(public_holiday(day(2004, 5, 31)), Some(Holiday::WhitMonday));
    assert_eq!(public_holiday(day(2005, 5, 16)), None);
    // In 2004 the sixth of June was a Sunday all the same.
    assert_eq!(public_holiday(day(2004, 6, 6)), Some(Holiday::Sunday));
    assert_eq!(public_holiday(day(2003, 6, 6)), None);
    assert_eq!(public_holiday(day(2005, 6, 6)), Some(Holiday::NationalDay));
}

#[test]
fn midsummer_takes_the_friday_and_the_saturday() {
    for (eve, midsummer) in
        [(day(2026, 6, 19), day(2026, 6, 20)), (day(2021, 6, 25), day(2021, 6, 26))]
    {
        assert_eq!(legal_day_off(eve), Some(DayOff::MidsummerEve));
        assert_eq!(public_holiday(eve), None);
        assert_eq!(public_holiday(midsummer), Some(Holiday::MidsummerDay));
    }
    assert!(is_weekday(day(2026, 6, 26)));
}

#[test]
fn where_two_holidays_meet_the_fixed_one_is_named() {
    assert_eq!(public_holiday(day(2008, 5, 1)), Some(Holiday::MayDay));
    assert_eq!(public_holiday(day(2049, 6, 6)), Some(Holiday::NationalDay));
}

#[test]
fn custom_alone_makes_no_day_off() {
    // Maundy Thursday, Walpurgis Night and the Friday after Ascension Day.
    assert!(is_weekday(day(2026, 4, 2)));
    assert!(is_weekday(day(2026, 4, 30)));
    assert!(is_weekday(day(2026, 5, 15)));
    assert_eq!(legal_day_off(day(2026, 4, 4)), Some(DayOff::Saturday));
}

#[test]
fn the_ends_of_the_calendar_are_days_like_others() {
    for date in [NaiveDate::MIN, NaiveDate::MAX] {
        assert_eq!(is_weekday(date), legal_day_off(date).is_none());
    }
}
