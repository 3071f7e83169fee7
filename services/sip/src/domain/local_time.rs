//! Between instants and the clock on the wall in Sweden.

use chrono::{DateTime, LocalResult, NaiveDate, NaiveDateTime, TimeZone, Utc};
use chrono_tz::{Europe::Stockholm, GapInfo};

/// The date on the wall.
pub(crate) fn date(instant: DateTime<Utc>) -> NaiveDate {
    instant.with_timezone(&Stockholm).date_naive()
}

/// The instant at which something opens. Of the two in the doubled hour of October the first: whoever
/// comes in either is let in. A time in the missing hour of March is the first instant after it.
pub(crate) fn opening(local: NaiveDateTime) -> DateTime<Utc> {
    match Stockholm.from_local_datetime(&local) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at.to_utc(),
        LocalResult::None => after_gap(local),
    }
}

/// The instant at which something ends. Of the two in the doubled hour the second.
pub(crate) fn closing(local: NaiveDateTime) -> DateTime<Utc> {
    match Stockholm.from_local_datetime(&local) {
        LocalResult::Single(at) | LocalResult::Ambiguous(_, at) => at.to_utc(),
        LocalResult::None => after_gap(local),
    }
}

fn after_gap(local: NaiveDateTime) -> DateTime<Utc> {
    let end = GapInfo::new(&local, &Stockholm).and_then(|gap| gap.end);
    end.map_or(local.and_utc(), |end| end.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(text: &str) -> NaiveDateTime {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
    }

    #[test]
    fn an_hour_that_comes_twice_opens_at_the_first_and_closes_at_the_second() {
        let twice = local("2026-10-25 02:30");
        assert_eq!(opening(twice).to_rfc3339(), "2026-10-25T00:30:00+00:00");
        assert_eq!(closing(twice).to_rfc3339(), "2026-10-25T01:30:00+00:00");
    }

    #[test]
    fn an_hour_that_does_not_come_is_over_at_once() {
        let skipped = local("2026-03-29 02:30");
        assert_eq!(opening(skipped).to_rfc3339(), "2026-03-29T01:00:00+00:00");
        assert_eq!(closing(skipped), opening(skipped));
    }
}
