//! "24 hours or the next weekday".

use deadlines::domain::calendar::{
    DatedException, DayOff, Holiday, Reading, Reason, Window, plus_hours,
    twenty_four_hours_or_next_weekday,
};

use crate::{at, date, office, with_exception};

fn strict(reception: &str) -> Window {
    twenty_four_hours_or_next_weekday(&office(), at(reception), 24, Reading::Strict).unwrap()
}

fn lenient(reception: &str) -> Window {
    twenty_four_hours_or_next_weekday(&office(), at(reception), 24, Reading::Lenient).unwrap()
}

#[test]
fn a_target_on_a_weekday_stands_even_outside_office_hours() {
    let window = strict("2026-06-02 22:10");
    assert_eq!(window.target, at("2026-06-03 22:10"));
    assert_eq!(window.due, window.target);
    assert_eq!(window.reason, Reason::OnWorkingDay);
}

#[test]
fn a_target_on_a_weekend_waits_for_monday_at_closing() {
    assert_eq!(strict("2026-06-12 10:00").due, at("2026-06-15 16:30"));
    assert_eq!(strict("2026-06-13 10:00").due, at("2026-06-15 16:30"));
    assert_eq!(strict("2026-06-14 10:00").due, at("2026-06-15 10:00"));
}

#[test]
fn a_target_on_maundy_thursday_stands_and_one_on_good_friday_waits_for_tuesday() {
    assert_eq!(strict("2026-04-01 10:00").due, at("2026-04-02 10:00"));
    let window = strict("2026-04-02 10:00");
    assert_eq!(window.due, at("2026-04-07 16:30"));
    assert_eq!(window.reason, Reason::OnDayOff(DayOff::Holiday(Holiday::GoodFriday)));
}

#[test]
fn a_target_on_an_eve_waits_although_an_eve_is_no_public_holiday() {
    assert_eq!(strict("2026-06-18 10:00").reason, Reason::OnDayOff(DayOff::MidsummerEve));
    assert_eq!(strict("2026-06-18 10:00").due, at("2026-06-22 16:30"));
    // Christmas 2026: Thursday the 24th to Sunday the 27th.
    assert_eq!(strict("2026-12-23 10:00").due, at("2026-12-28 16:30"));
    // New Year: Thursday 31 December to Sunday 3 January; Epiphany is a Wednesday.
    assert_eq!(strict("2026-12-30 10:00").due, at("2027-01-04 16:30"));
    assert_eq!(strict("2027-01-05 10:00").due, at("2027-01-07 16:30"));
}

#[test]
fn the_reason_is_told_in_both_languages() {
    let window = strict("2026-06-05 09:15");
    assert_eq!(
        window.swedish(),
        "24 timmar infaller lördag 6 juni, nationaldagen; gäller till måndag 8 juni kl. 16.30"
    );
    assert_eq!(
        window.english(),
        "24 hours end on Saturday 6 June, the National Day; due by Monday 8 June at 16:30"
    );
}

#[test]
fn a_plain_weekend_is_not_named_twice() {
    let window = strict("2026-06-12 09:15");
    assert_eq!(
        window.swedish(),
        "24 timmar infaller lördag 13 juni; gäller till måndag 15 juni kl. 16.30"
    );
    assert_eq!(
        window.english(),
        "24 hours end on Saturday 13 June; due by Monday 15 June at 16:30"
    );
}

#[test]
fn a_target_that_stands_and_a_lenient_due_are_told_too() {
    assert_eq!(
        strict("2026-06-02 22:05").swedish(),
        "24 timmar infaller onsdag 3 juni kl. 22.05, en vardag"
    );
    assert_eq!(
        lenient("2026-06-02 07:05").swedish(),
        "24 timmar infaller onsdag 3 juni kl. 07.05; gäller nästa vardag ut, till onsdag 3 juni kl. 16.30"
    );
    assert_eq!(
        lenient("2026-06-02 07:05").english(),
        "24 hours end on Wednesday 3 June at 07:05; due by the end of the next weekday, Wednesday 3 June at 16:30"
    );
}

#[test]
fn a_single_hour_is_told_in_the_singular() {
    let window =
        twenty_four_hours_or_next_weekday(&office(), at("2026-06-02 10:00"), 1, Reading::Strict)
            .unwrap();
    assert_eq!(window.swedish(), "1 timme infaller tisdag 2 juni kl. 11.00, en vardag");
    assert_eq!(window.english(), "1 hour ends on Tuesday 2 June at 11:00, a weekday");
}

#[test]
fn the_lenient_reading_gives_the_later_of_target_and_closing_after_reception() {
    assert_eq!(lenient("2026-06-02 07:05").due, at("2026-06-03 16:30"));
    assert_eq!(lenient("2026-06-02 18:00").due, at("2026-06-03 18:00"));
    assert_eq!(lenient("2026-06-12 10:00").due, at("2026-06-15 16:30"));
    assert_eq!(lenient("2026-06-14 10:00").due, at("2026-06-15 16:30"));
}

#[test]
fn the_strict_reading_ends_its_relief_at_midnight_and_the_lenient_one_does_not() {
    let (before, after) = ("2026-06-13 23:00", "2026-06-14 01:00");
    assert_eq!(strict(before).due, at("2026-06-15 16:30"));
    assert_eq!(strict(after).due, at("2026-06-15 01:00"));
    assert_eq!(lenient(before).due, lenient(after).due);
}

#[test]
fn twenty_four_hours_are_elapsed_hours_on_both_daylight_saving_nights() {
    // One hour is missing: the wall shows 25 hours more.
    assert_eq!(plus_hours(at("2026-03-28 20:00"), 24), at("2026-03-29 21:00"));
    // One is doubled: the wall shows 23 hours more.
    assert_eq!(plus_hours(at("2026-10-24 20:00"), 24), at("2026-10-25 19:00"));
    // So a reception late on Saturday has its target on Monday, past the Sunday.
    let window = strict("2026-03-28 23:30");
    assert_eq!(window.target, at("2026-03-30 00:30"));
    assert_eq!(window.reason, Reason::OnWorkingDay);
    // And one early on Sunday has it on the same Sunday.
    assert_eq!(strict("2026-10-25 00:30").due, at("2026-10-26 16:30"));
}

#[test]
fn a_rulebook_can_close_a_weekday() {
    let bridge = with_exception("2026-05-15", DatedException::Closed);
    assert_eq!(bridge.day_off(date("2026-05-15")), Some(DayOff::Closed));
    assert!(!bridge.is_open(at("2026-05-15 10:00")));
    assert_eq!(bridge.next_weekday_close(at("2026-05-13 10:00")), Ok(at("2026-05-18 16:30")));
    let window =
        twenty_four_hours_or_next_weekday(&bridge, at("2026-05-14 10:00"), 24, Reading::Strict);
    assert_eq!(
        window.unwrap().swedish(),
        "24 timmar infaller fredag 15 maj, stängt enligt överenskommelsen; gäller till måndag 18 maj kl. 16.30"
    );
}
