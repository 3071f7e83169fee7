//! The times at which a contact point's news come together, on the clock on the wall in Sweden.

use std::fmt;

use chrono::{DateTime, LocalResult, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::{Europe::Stockholm, GapInfo};

/// More than one in two hours is as good as at once.
const MOST: usize = 12;

/// Times of day, in order; without any, news go at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct DigestTimes(Vec<NaiveTime>);

/// Why texts are no times of a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DigestError {
    /// There are more than twelve.
    TooMany,
    /// The one at this place is no hour and minute of a day.
    NoTime(usize),
    /// The one at this place is not later than the one before.
    NotLater(usize),
}

impl DigestTimes {
    /// Reads times such as `07:45`; seconds, which TOML's own times have, are zero.
    pub(crate) fn read(texts: &[String]) -> Result<Self, DigestError> {
        if texts.len() > MOST {
            return Err(DigestError::TooMany);
        }
        let mut times: Vec<NaiveTime> = Vec::with_capacity(texts.len());
        for (place, text) in texts.iter().enumerate() {
            let time = minute(text).ok_or(DigestError::NoTime(place))?;
            if times.last().is_some_and(|before| *before >= time) {
                return Err(DigestError::NotLater(place));
            }
            times.push(time);
        }
        Ok(Self(times))
    }

    /// Those that are stored.
    pub(crate) const fn stored(times: Vec<NaiveTime>) -> Self {
        Self(times)
    }

    /// The first one after an instant. In the night in which an hour is missing, a time within it is
    /// the first instant after it; one that comes twice counts once, the first time.
    pub(crate) fn next(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let today = after.with_timezone(&Stockholm).date_naive();
        // Today's may all be over, and tomorrow's are not.
        let days = [Some(today), today.succ_opt()].into_iter().flatten();
        let all = days.flat_map(|day| self.0.iter().map(move |time| instant(day.and_time(*time))));
        all.filter(|at| *at > after).min()
    }
}

/// As Postgres reads an array: `{07:45:00,13:00:00}`.
impl fmt::Display for DigestTimes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let times: Vec<String> = self.0.iter().map(NaiveTime::to_string).collect();
        write!(f, "{{{}}}", times.join(","))
    }
}

/// `07:45` or `07:45:00`.
fn minute(text: &str) -> Option<NaiveTime> {
    let form = if text.len() == 5 { "%H:%M" } else { "%H:%M:%S" };
    let time = NaiveTime::parse_from_str(text, form).ok()?;
    let is_whole = time.second() == 0 && time.nanosecond() == 0;
    (is_whole && matches!(text.len(), 5 | 8)).then_some(time)
}

fn instant(local: NaiveDateTime) -> DateTime<Utc> {
    match Stockholm.from_local_datetime(&local) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at.to_utc(),
        LocalResult::None => {
            let end = GapInfo::new(&local, &Stockholm).and_then(|gap| gap.end);
            end.map_or(local.and_utc() - TimeDelta::hours(1), |end| end.to_utc())
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn times(texts: &[&str]) -> Result<DigestTimes, DigestError> {
        DigestTimes::read(&texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>())
    }

    /// The next time, on the wall.
    fn next(texts: &[&str], after: &str) -> String {
        let at = times(texts).unwrap().next(after.parse().unwrap()).unwrap();
        at.with_timezone(&Stockholm).format("%a %H:%M %Z").to_string()
    }

    #[test]
    fn the_next_time_is_today_or_the_first_of_tomorrow() {
        let usual = ["07:45", "13:00"];
        assert_eq!(next(&usual, "2026-11-24T05:00:00Z"), "Tue 07:45 CET");
        assert_eq!(next(&usual, "2026-11-24T06:45:00Z"), "Tue 13:00 CET");
        assert_eq!(next(&usual, "2026-11-24T12:00:00Z"), "Wed 07:45 CET");
        // It is tomorrow already in Sweden.
        assert_eq!(next(&["00:15"], "2026-11-24T23:05:00Z"), "Wed 00:15 CET");
    }

    #[test]
    fn a_time_that_does_not_come_is_the_next_that_does() {
        assert_eq!(next(&["02:30"], "2026-03-28T22:00:00Z"), "Sun 03:00 CEST");
        assert_eq!(next(&["02:30"], "2026-03-29T01:00:00Z"), "Mon 02:30 CEST");
    }

    #[test]
    fn a_time_that_comes_twice_counts_once() {
        assert_eq!(next(&["02:30"], "2026-10-24T22:00:00Z"), "Sun 02:30 CEST");
        assert_eq!(next(&["02:30"], "2026-10-25T00:30:00Z"), "Mon 02:30 CET");
        assert_eq!(next(&["02:30"], "2026-10-25T01:00:00Z"), "Mon 02:30 CET");
    }

    #[test]
    fn times_are_hours_and_minutes_in_order_and_few() {
        assert_eq!(times(&["07:45", "13:00"]), times(&["07:45:00", "13:00:00"]));
        assert_eq!(times(&[]).unwrap().next(DateTime::UNIX_EPOCH), None);
        for (bad, error) in [
            (&["7:45"][..], DigestError::NoTime(0)),
            (&["07:45", "24:00"], DigestError::NoTime(1)),
            (&["07:45:30"], DigestError::NoTime(0)),
            (&["07:45", "kvart i åtta"], DigestError::NoTime(1)),
            (&["13:00", "07:45"], DigestError::NotLater(1)),
            (&["13:00", "13:00"], DigestError::NotLater(1)),
            (&["13:00"; 13], DigestError::TooMany),
        ] {
            assert_eq!(times(bad), Err(error), "{bad:?}");
        }
    }

    fn some_times() -> impl Strategy<Value = DigestTimes> {
        let minutes = proptest::collection::btree_set(0..24 * 60_u32, 1..=MOST);
        minutes.prop_map(|minutes| {
            let time = |minute: u32| NaiveTime::from_hms_opt(minute / 60, minute % 60, 0).unwrap();
            DigestTimes(minutes.into_iter().map(time).collect())
        })
    }

    /// At any time, and often about the nights in which the clock is set.
    fn some_instant() -> impl Strategy<Value = DateTime<Utc>> {
        let instant = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        let about = ["2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z", "2027-03-28T01:00:00Z"];
        let about = proptest::sample::select(about.to_vec());
        prop_oneof![
            (1_700_000_000..3_000_000_000_i64).prop_map(instant),
            (about, -100_000..100_000_i64).prop_map(|(night, seconds)| {
                night.parse::<DateTime<Utc>>().unwrap() + TimeDelta::seconds(seconds)
            }),
        ]
    }

    proptest! {
        #[test]
        fn the_next_time_is_later_within_a_day_and_one_of_the_list(
            times in some_times(),
            after in some_instant(),
        ) {
            let at = times.next(after).unwrap();
            prop_assert!(at > after);
            prop_assert!(at - after <= TimeDelta::hours(25));
            let local = at.with_timezone(&Stockholm).naive_local();
            let is_listed = times.0.contains(&local.time());
            let ends_gap = times.0.iter().any(|time| {
                Stockholm.from_local_datetime(&local.date().and_time(*time)) == LocalResult::None
            });
            prop_assert!(is_listed || ends_gap, "{local}");
        }

        #[test]
        fn no_time_of_the_list_comes_in_between(
            times in some_times(),
            after in some_instant(),
        ) {
            let at = times.next(after).unwrap();
            // Whoever asks at any moment until then is told the same.
            for part in 1..10 {
                prop_assert_eq!(times.next(after + (at - after) * part / 10), Some(at));
            }
        }

        #[test]
        fn no_text_panics(texts in proptest::collection::vec(any::<String>(), 0..15)) {
            let _ = DigestTimes::read(&texts);
        }
    }
}
