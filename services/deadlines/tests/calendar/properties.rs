//! What holds for every calendar and every instant of 2000–2100.

use chrono::{
    DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc, Weekday,
    WeekdaySet,
};
use chrono_tz::Europe::Stockholm;
use deadlines::domain::calendar::{
    Calendar, DatedException, DoubledHour, OfficeHours, Reading, Reason, end_of_calendar_day_after,
    end_of_day, local_date, local_to_utc, plus_hours, twenty_four_hours_or_next_weekday,
};
use proptest::prelude::*;

fn dates() -> impl Strategy<Value = NaiveDate> {
    let first = NaiveDate::from_ymd_opt(2000, 1, 1).unwrap();
    prop_oneof![
        (0..36_890_u64).prop_map(move |days| first + Days::new(days)),
        // Both changes of the clock, and the thick of the holidays.
        (2000..=2100, prop_oneof![Just(3), Just(6), Just(10), Just(12)], 18..=30_u32)
            .prop_map(|(year, month, day)| NaiveDate::from_ymd_opt(year, month, day).unwrap()),
    ]
}

fn local_times() -> impl Strategy<Value = NaiveDateTime> {
    (dates(), prop_oneof![0..24 * 60_i64, 2 * 60..3 * 60_i64])
        .prop_map(|(date, minutes)| date.and_time(NaiveTime::MIN) + TimeDelta::minutes(minutes))
}

fn instants() -> impl Strategy<Value = DateTime<Utc>> {
    (local_times(), prop_oneof![Just(DoubledHour::Earlier), Just(DoubledHour::Later)])
        .prop_map(|(local, doubled)| local_to_utc(local, doubled))
}

/// Whole minutes, so that a scan by the minute can tell what is open.
fn office_hours() -> impl Strategy<Value = OfficeHours> {
    let closes = prop_oneof![9 => 1..24 * 60_u32, 1 => Just(0)];
    (0..24 * 60_u32, closes).prop_filter_map("closes after it opens", |(opens, closes)| {
        let time = |minute: u32| NaiveTime::from_hms_opt(minute / 60, minute % 60, 0);
        OfficeHours::new(time(opens)?, time(closes)?).ok()
    })
}

/// Hours on all five weekdays, perhaps on weekends, and exceptions within ten days of `instant`.
fn calendars(instant: DateTime<Utc>) -> impl Strategy<Value = Calendar> {
    use Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
    let exception =
        prop_oneof![Just(DatedException::Closed), office_hours().prop_map(DatedException::Staffed)];
    let from = local_date(instant);
    let exceptions =
        prop::collection::btree_map(0..10_u64, exception, 0..4).prop_map(move |exceptions| {
            exceptions.into_iter().map(|(days, what)| (from + Days::new(days), what)).collect()
        });
    (office_hours(), office_hours(), office_hours(), any::<bool>(), exceptions).prop_map(
        |(early, late, weekend, open_weekends, exceptions)| {
            let mut hours = vec![
                (WeekdaySet::from_array([Mon, Tue, Wed]), early),
                (WeekdaySet::from_array([Thu, Fri]), late),
            ];
            if open_weekends {
                hours.push((WeekdaySet::from_array([Sat, Sun]), weekend));
            }
            Calendar { hours, exceptions }
        },
    )
}

fn scenes() -> impl Strategy<Value = (DateTime<Utc>, Calendar)> {
    instants().prop_flat_map(|instant| (Just(instant), calendars(instant)))
}

fn readings() -> impl Strategy<Value = Reading> {
    prop_oneof![Just(Reading::Strict), Just(Reading::Lenient)]
}

/// The local day that an end belongs to: midnight ends a day and does not begin one.
fn day_of_end(end: DateTime<Utc>) -> NaiveDate {
    local_date(end - TimeDelta::nanoseconds(1))
}

proptest! {
    #[test]
    fn due_is_never_before_target_and_lies_on_a_working_day(
        (reception, calendar) in scenes(),
        hours in 0..200_u32,
        reading in readings(),
    ) {
        let window =
            twenty_four_hours_or_next_weekday(&calendar, reception, hours, reading).unwrap();
        prop_assert_eq!(window.target - reception, TimeDelta::hours(i64::from(hours)));
        prop_assert!(window.due >= window.target);
        let day = match window.reason {
            Reason::OnWorkingDay => {
                prop_assert_eq!(window.due, window.target);
                local_date(window.due)
            }
            Reason::OnDayOff(day_off) => {
                prop_assert_eq!(calendar.day_off(local_date(window.target)), Some(day_off));
                prop_assert!(day_of_end(window.due) > local_date(window.target));
                day_of_end(window.due)
            }
            Reason::NextWeekdayIsLater => {
                prop_assert_eq!(reading, Reading::Lenient);
                day_of_end(window.due)
            }
        };
        prop_assert_eq!(calendar.day_off(day), None);
    }

    #[test]
    fn a_later_reception_is_due_no_earlier_but_for_the_midnight_that_ends_a_strict_relief(
        (reception, calendar) in scenes(),
        later_by in 0..5 * 24 * 60_i64,
        reading in readings(),
    ) {
        let later = reception + TimeDelta::minutes(later_by);
        let window = |reception| {
            twenty_four_hours_or_next_weekday(&calendar, reception, 24, reading).unwrap()
        };
        let (first, second) = (window(reception), window(later));
        if second.due < first.due {
            prop_assert_eq!(reading, Reading::Strict);
            prop_assert!(matches!(first.reason, Reason::OnDayOff(_)));
            prop_assert_eq!(second.reason, Reason::OnWorkingDay);
            prop_assert_eq!(local_date(second.due), day_of_end(first.due));
        }
    }

    #[test]
    fn the_next_opening_is_open_and_no_minute_before_it_was((instant, calendar) in scenes()) {
        let opening = calendar.next_opening(instant).unwrap();
        prop_assert!(opening >= instant);
        prop_assert!(calendar.is_open(opening));
        let mut minute = instant;
        while minute < opening {
            prop_assert!(!calendar.is_open(minute), "open already at {minute}");
            minute += TimeDelta::minutes(1);
        }
    }

    #[test]
    fn the_next_weekday_closes_on_the_first_later_working_day(
        (instant, calendar) in scenes(),
    ) {
        let close = calendar.next_weekday_close(instant).unwrap();
        prop_assert!(!calendar.is_open(close) || close == end_of_day(day_of_end(close)));
        prop_assert!(calendar.is_open(close - TimeDelta::nanoseconds(1)));
        let skipped = local_date(instant).iter_days().skip(1);
        for date in skipped.take_while(|date| *date < day_of_end(close)) {
            prop_assert!(calendar.day_off(date).is_some(), "{date} was skipped");
        }
    }

    #[test]
    fn local_times_come_back_or_lie_in_the_missing_hour(local in local_times()) {
        let earlier = local_to_utc(local, DoubledHour::Earlier);
        let later = local_to_utc(local, DoubledHour::Later);
        prop_assert!([TimeDelta::zero(), TimeDelta::hours(1)].contains(&(later - earlier)));
        for instant in [earlier, later] {
            let shown = instant.with_timezone(&Stockholm).naive_local();
            if shown != local {
                prop_assert_eq!(local.hour(), 2, "only the hour from two to three can be missing");
                prop_assert_eq!(Some(shown), local.date().and_hms_opt(3, 0, 0));
            }
        }
    }

    #[test]
    fn days_end_in_order_and_after_all_that_happens_on_them(
        instant in instants(),
        days in 0..40_u32,
    ) {
        let end = end_of_calendar_day_after(instant, days);
        prop_assert!(end > instant);
        prop_assert_eq!(local_date(end) - local_date(instant), TimeDelta::days(i64::from(days) + 1));
        prop_assert_eq!(end_of_day(day_of_end(end)), end);
        prop_assert!(end <= plus_hours(instant, 24 * (days + 1) + 1));
    }
}
