//! When people are at work in the demo: weekdays from eight to four, in Sweden. Holidays are worked
//! through, so that a demo at Christmas shows something.

use chrono::{DateTime, Datelike as _, Days, NaiveTime, TimeDelta, Timelike as _, Utc, Weekday};
use chrono_tz::Europe::Stockholm;

use super::dice::Dice;

const OPENS: u32 = 8;
const CLOSES: u32 = 16;
/// Within so many minutes of opening the night's work is taken up.
const TAKEN_UP: i64 = 150;

/// The moment itself when somebody is at work, else some time in the next morning at work.
pub(crate) fn at_work(at: DateTime<Utc>, dice: &mut Dice) -> DateTime<Utc> {
    let local = at.with_timezone(&Stockholm);
    if is_weekday(local.weekday()) && (OPENS..CLOSES).contains(&local.hour()) {
        return at;
    }
    let today = local.date_naive();
    let first = u64::from(local.hour() >= OPENS);
    let days = (first..first + 7).filter_map(|days| today.checked_add_days(Days::new(days)));
    let opening = days.filter(|day| is_weekday(day.weekday())).find_map(|day| {
        let opens = day.and_time(NaiveTime::from_hms_opt(OPENS, 0, 0)?);
        Some(opens.and_local_timezone(Stockholm).earliest()?.to_utc())
    });
    opening.unwrap_or(at) + TimeDelta::minutes(dice.between(0, TAKEN_UP))
}

/// The morning of that day, or of the next one at work.
pub(crate) fn morning_of(at: DateTime<Utc>, dice: &mut Dice) -> DateTime<Utc> {
    let before = at.with_timezone(&Stockholm).date_naive().and_hms_opt(0, 30, 0);
    let before = before.and_then(|before| before.and_local_timezone(Stockholm).earliest());
    at_work(before.map_or(at, |before| before.to_utc()), dice)
}

fn is_weekday(day: Weekday) -> bool {
    !matches!(day, Weekday::Sat | Weekday::Sun)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(at: &str) -> DateTime<Utc> {
        at_work(at.parse().unwrap(), &mut Dice::of(1))
    }

    #[test]
    fn what_comes_at_night_or_at_a_weekend_waits_for_the_morning() {
        for (at, opens) in [
            ("2026-11-24T02:00:00Z", "2026-11-24T07:00:00Z"),
            ("2026-11-24T20:00:00Z", "2026-11-25T07:00:00Z"),
            ("2026-11-20T18:00:00Z", "2026-11-23T07:00:00Z"),
            ("2026-11-22T02:00:00Z", "2026-11-23T07:00:00Z"),
        ] {
            let opens: DateTime<Utc> = opens.parse().unwrap();
            let later = moved(at) - opens;
            assert!(later >= TimeDelta::zero() && later.num_minutes() <= TAKEN_UP, "{at}");
        }
    }

    #[test]
    fn a_morning_is_early_on_a_day_at_work() {
        for (at, opens) in [
            ("2026-11-24T21:00:00Z", "2026-11-24T07:00:00Z"),
            ("2026-11-24T23:30:00Z", "2026-11-25T07:00:00Z"),
            ("2026-11-21T12:00:00Z", "2026-11-23T07:00:00Z"),
        ] {
            let opens: DateTime<Utc> = opens.parse().unwrap();
            let morning = morning_of(at.parse().unwrap(), &mut Dice::of(2));
            let later = morning - opens;
            assert!(later >= TimeDelta::zero() && later.num_minutes() <= TAKEN_UP, "{at}");
        }
    }

    #[test]
    fn what_comes_while_somebody_is_at_work_is_done_then() {
        let at = "2026-11-24T10:00:00Z";
        assert_eq!(moved(at), at.parse::<DateTime<Utc>>().unwrap());
    }
}
