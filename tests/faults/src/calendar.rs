//! The calendar as the checks see it: their own, and simpler, because no run comes near a holiday.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc, Weekday};
use chrono_tz::Europe::Stockholm;

/// A local moment; of the hour that comes twice, the first.
pub(crate) fn local(date: NaiveDate, hour: u32, minute: u32) -> Option<DateTime<Utc>> {
    let time = NaiveTime::from_hms_opt(hour, minute, 0)?;
    Some(Stockholm.from_local_datetime(&date.and_time(time)).earliest()?.to_utc())
}

fn is_weekday(date: NaiveDate) -> bool {
    !matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

/// When what is due within 24 hours or the next weekday is due: after 24 hours where that is a weekday,
/// else when the office closes on the next one.
pub(crate) fn due_within_a_day(received: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let target = received + TimeDelta::hours(24);
    let mut day = target.with_timezone(&Stockholm).date_naive();
    if is_weekday(day) {
        return Some(target);
    }
    while !is_weekday(day) {
        day = day.checked_add_days(Days::new(1))?;
    }
    local(day, 16, 30)
}

/// The evening before the next night in which the clocks are changed.
pub(crate) fn eve_of_a_change(now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let mut day = now.with_timezone(&Stockholm).date_naive();
    for _ in 0..14 {
        let next = day.checked_add_days(Days::new(1))?;
        if local(next, 12, 0)? - local(day, 12, 0)? != TimeDelta::hours(24) {
            return local(day, 20, 0);
        }
        day = next;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(date: (i32, u32, u32), hour: u32, minute: u32) -> DateTime<Utc> {
        let (year, month, day) = date;
        local(NaiveDate::from_ymd_opt(year, month, day).unwrap(), hour, minute).unwrap()
    }

    #[test]
    fn a_day_after_friday_is_mondays_closing() {
        let due = due_within_a_day(at((2026, 9, 11), 9, 0)).unwrap();
        assert_eq!(due, at((2026, 9, 14), 16, 30));
        assert_eq!(due_within_a_day(at((2026, 9, 10), 9, 0)).unwrap(), at((2026, 9, 11), 9, 0));
    }

    #[test]
    fn a_day_over_a_change_is_24_hours_and_not_the_same_time() {
        let due = due_within_a_day(at((2026, 10, 25), 1, 30)).unwrap();
        assert_eq!(due, at((2026, 10, 26), 0, 30));
    }

    #[test]
    fn the_eve_of_the_change_is_the_saturday_before() {
        let eve = eve_of_a_change(at((2026, 10, 22), 6, 0)).unwrap();
        assert_eq!(eve, at((2026, 10, 24), 20, 0));
    }
}
