//! A day, or a moment: senders state both, and a day must not turn into a midnight.

use chrono::{
    DateTime, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc,
};
use chrono_tz::Europe::Stockholm;
use serde::Serialize;

/// A point in time, as precisely as it was stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum When {
    /// Sometime on this day in Sweden.
    Date(NaiveDate),
    /// At this instant.
    Instant(DateTime<Utc>),
}

/// The instant that a wall clock in Sweden means.
///
/// In the autumn night an hour comes twice: the first one is meant, since an event that is put
/// too early makes its deadline come sooner, never later. In the spring night an hour is missing:
/// a time inside it is moved forward by an hour, as a clock that nobody had set would be. `None`
/// only for times that no calendar holds.
#[must_use]
pub fn in_sweden(wall: NaiveDateTime) -> Option<DateTime<Utc>> {
    readings_in_sweden(wall).map(|(earlier, _)| earlier)
}

/// The earlier and the later instant that a wall clock in Sweden can mean; the same one but for the
/// hour that comes twice.
#[must_use]
pub fn readings_in_sweden(wall: NaiveDateTime) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let gap = TimeDelta::hours(1);
    let (earlier, later) = match Stockholm.from_local_datetime(&wall) {
        LocalResult::Single(local) => (local, local),
        LocalResult::Ambiguous(earlier, later) => (earlier, later),
        LocalResult::None => {
            let before = wall.checked_sub_signed(gap)?;
            let local =
                Stockholm.from_local_datetime(&before).earliest()?.checked_add_signed(gap)?;
            (local, local)
        }
    };
    Some((earlier.with_timezone(&Utc), later.with_timezone(&Utc)))
}

/// Noon of a day in Sweden: the moment that a day without a time stands for.
#[must_use]
pub fn noon_in_sweden(day: NaiveDate) -> DateTime<Utc> {
    let noon = day.and_time(NaiveTime::MIN) + TimeDelta::hours(12);
    in_sweden(noon).unwrap_or_else(|| noon.and_utc())
}

/// The day that it is in Sweden.
#[must_use]
pub fn day_in_sweden(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&Stockholm).date_naive()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wall(day: (i32, u32, u32), hour: u32, minute: u32) -> NaiveDateTime {
        NaiveDate::from_ymd_opt(day.0, day.1, day.2).unwrap().and_hms_opt(hour, minute, 0).unwrap()
    }

    #[test]
    fn summer_and_winter_have_their_own_offsets() {
        let summer = in_sweden(wall((2026, 7, 1), 12, 0)).unwrap();
        let winter = in_sweden(wall((2026, 1, 1), 12, 0)).unwrap();
        assert_eq!(summer.to_rfc3339(), "2026-07-01T10:00:00+00:00");
        assert_eq!(winter.to_rfc3339(), "2026-01-01T11:00:00+00:00");
    }

    #[test]
    fn the_first_of_the_doubled_hours_is_meant() {
        let instant = in_sweden(wall((2026, 10, 25), 2, 30)).unwrap();
        assert_eq!(instant.to_rfc3339(), "2026-10-25T00:30:00+00:00");
    }

    #[test]
    fn a_time_in_the_missing_hour_moves_forward() {
        let instant = in_sweden(wall((2026, 3, 29), 2, 30)).unwrap();
        assert_eq!(instant.to_rfc3339(), "2026-03-29T01:30:00+00:00");
        let after = in_sweden(wall((2026, 3, 29), 3, 30)).unwrap();
        assert_eq!(instant, after);
    }
}
