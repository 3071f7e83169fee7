//! Times as an operator types and reads them: on the wall clock in Sweden, unless a zone is given.

use chrono::{DateTime, LocalResult, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Europe::Stockholm;

/// Why a text is no instant.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoInstant {
    #[error("write a time as 2026-11-24 14:00 (Swedish time) or 2026-11-24T14:00:00+01:00")]
    Form,
    #[error("that time does not exist: the clock is put forward that night")]
    Skipped,
    #[error("that time comes twice that night: add a zone, as in 2026-10-25T02:30:00+02:00")]
    Twice,
}

/// Reads a time.
pub(crate) fn parse(text: &str) -> Result<DateTime<Utc>, NoInstant> {
    let text = text.trim();
    if let Ok(zoned) = DateTime::parse_from_rfc3339(text) {
        return Ok(zoned.to_utc());
    }
    let local = ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
        .ok_or(NoInstant::Form)?;
    match Stockholm.from_local_datetime(&local) {
        LocalResult::Single(instant) => Ok(instant.to_utc()),
        LocalResult::None => Err(NoInstant::Skipped),
        LocalResult::Ambiguous(..) => Err(NoInstant::Twice),
    }
}

/// Shows a time on the wall clock in Sweden, to the minute.
pub(crate) fn show(instant: DateTime<Utc>) -> String {
    instant.with_timezone(&Stockholm).format("%Y-%m-%d %H:%M").to_string()
}

/// Shows a time that may be missing.
pub(crate) fn show_some(instant: Option<DateTime<Utc>>) -> String {
    instant.map_or_else(|| "–".to_owned(), show)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_time_without_a_zone_is_swedish() {
        assert_eq!(parse("2026-11-24 14:00"), Ok(utc("2026-11-24T13:00:00Z")));
        assert_eq!(parse("2026-06-24T14:00:30"), Ok(utc("2026-06-24T12:00:30Z")));
    }

    #[test]
    fn a_time_with_a_zone_is_in_that_zone() {
        assert_eq!(parse("2026-10-25T02:30:00+02:00"), Ok(utc("2026-10-25T00:30:00Z")));
        assert_eq!(parse("2026-11-24T13:00:00Z"), Ok(utc("2026-11-24T13:00:00Z")));
    }

    #[test]
    fn a_time_that_does_not_exist_or_comes_twice_is_refused() {
        assert_eq!(parse("2026-03-29 02:30"), Err(NoInstant::Skipped));
        assert_eq!(parse("2026-10-25 02:30"), Err(NoInstant::Twice));
        for text in ["", "14:00", "2026-11-24", "2026-11-31 14:00", "24/11 14:00"] {
            assert_eq!(parse(text), Err(NoInstant::Form), "{text}");
        }
    }

    #[test]
    fn a_time_is_shown_as_it_can_be_typed() {
        let instant = utc("2026-07-01T22:15:00Z");
        assert_eq!(show(instant), "2026-07-02 00:15");
        assert_eq!(parse(&show(instant)), Ok(instant));
    }
}
