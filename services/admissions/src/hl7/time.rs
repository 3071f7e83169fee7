//! HL7's times: `YYYY[MM[DD[HH[MM[SS[.S…]]]]]][+/-ZZZZ]`, as precise as they are written.
//!
//! Without a zone they are Swedish wall time; see [`crate::when::in_sweden`] for the two nights of
//! the year when that needs a rule.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, TimeZone, Utc};

use crate::when::{When, readings_in_sweden};

/// A time with the precision it was stated with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dtm {
    /// Sometime in this year.
    Year(i32),
    /// Sometime in this month.
    Month(i32, u32),
    /// Sometime on this day.
    Day(NaiveDate),
    /// At this instant; hours, minutes and seconds that are left out are zero.
    Instant(DateTime<Utc>),
}

/// What tells which of two instants is meant by the wall time at which a message was made, in the
/// autumn night when an hour comes twice. Statements are ordered by that time. The times of which
/// they tell are read without it, for the same time must mean the same in every message.
#[derive(Clone, Copy, Debug)]
pub struct Told {
    /// The zone that the sender's clock was in, where the message says so.
    pub zone: Option<FixedOffset>,
    /// When the message came.
    pub received_at: DateTime<Utc>,
}

impl Told {
    /// What the zone says; else the later one, unless the message had come before it.
    fn choose(
        self,
        wall: NaiveDateTime,
        earlier: DateTime<Utc>,
        later: DateTime<Utc>,
    ) -> DateTime<Utc> {
        let by_zone = self.zone.and_then(|zone| zone.from_local_datetime(&wall).single());
        match by_zone.map(|at| at.with_timezone(&Utc)) {
            Some(at) if at == earlier || at == later => at,
            _ if later <= self.received_at => later,
            _ => earlier,
        }
    }
}

/// The text is no HL7 time, or no time that exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a time of the form YYYYMMDDHHMMSS+ZZZZ")]
pub struct BadTime;

impl Dtm {
    /// Reads a time. Of an hour that comes twice the first one is meant.
    pub fn parse(text: &str) -> Result<Self, BadTime> {
        Self::read(text, |_, earlier, _| earlier).ok_or(BadTime)
    }

    /// Reads the time at which a message was made; see [`Told`].
    pub fn parse_told(text: &str, told: Told) -> Result<Self, BadTime> {
        Self::read(text, |wall, earlier, later| told.choose(wall, earlier, later)).ok_or(BadTime)
    }

    /// The zone that a time is stated with.
    #[must_use]
    pub fn zone(text: &str) -> Option<FixedOffset> {
        let at = text.find(['+', '-'])?;
        offset(text.get(at..)?)
    }

    /// The day or the instant, where it is at least as precise as a day.
    #[must_use]
    pub const fn when(self) -> Option<When> {
        match self {
            Self::Year(_) | Self::Month(..) => None,
            Self::Day(day) => Some(When::Date(day)),
            Self::Instant(instant) => Some(When::Instant(instant)),
        }
    }

    /// The instant; clocks run from it, so a day alone will not do.
    #[must_use]
    pub const fn instant(self) -> Option<DateTime<Utc>> {
        match self {
            Self::Instant(instant) => Some(instant),
            Self::Year(_) | Self::Month(..) | Self::Day(_) => None,
        }
    }

    /// `choose` is asked which of two instants a wall time means that comes twice.
    fn read(
        text: &str,
        choose: impl Fn(NaiveDateTime, DateTime<Utc>, DateTime<Utc>) -> DateTime<Utc>,
    ) -> Option<Self> {
        let (text, zone) = match text.find(['+', '-']).and_then(|at| text.split_at_checked(at)) {
            Some((text, zone)) => (text, Some(offset(zone)?)),
            None => (text, None),
        };
        let (digits, fraction) = text.split_once('.').map_or((text, None), |(d, f)| (d, Some(f)));
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let number = |from: usize, to: usize| digits.get(from..to)?.parse::<u32>().ok();
        let year = i32::try_from(number(0, 4)?).ok().filter(|&year| year > 0)?;
        let nanos = match fraction {
            Some(fraction) if digits.len() == 14 => nanoseconds(fraction)?,
            Some(_) => return None,
            None => 0,
        };
        let month = || number(4, 6).filter(|month| (1..=12).contains(month));
        let day = || NaiveDate::from_ymd_opt(year, month()?, number(6, 8)?);
        let at = |minute, second| {
            let wall = day()?.and_hms_nano_opt(number(8, 10)?, minute, second, nanos)?;
            if let Some(zone) = zone {
                return Some(zone.from_local_datetime(&wall).single()?.with_timezone(&Utc));
            }
            let (earlier, later) = readings_in_sweden(wall)?;
            Some(choose(wall, earlier, later))
        };
        match digits.len() {
            4 => Some(Self::Year(year)),
            6 => Some(Self::Month(year, month()?)),
            8 => day().map(Self::Day),
            10 => at(0, 0).map(Self::Instant),
            12 => at(number(10, 12)?, 0).map(Self::Instant),
            14 => at(number(10, 12)?, number(12, 14)?).map(Self::Instant),
            _ => None,
        }
    }
}

/// `+ZZZZ` or `-ZZZZ`, hours and minutes.
fn offset(zone: &str) -> Option<FixedOffset> {
    let (sign, digits) = zone.split_at_checked(1)?;
    if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let hours: i32 = digits.get(..2)?.parse().ok().filter(|hours| *hours <= 14)?;
    let minutes: i32 = digits.get(2..)?.parse().ok().filter(|minutes| *minutes < 60)?;
    let seconds = hours.checked_mul(60)?.checked_add(minutes)?.checked_mul(60)?;
    FixedOffset::east_opt(if sign == "-" { seconds.checked_neg()? } else { seconds })
}

/// The fraction of a second, of one to nine digits.
fn nanoseconds(fraction: &str) -> Option<u32> {
    let valid = (1..=9).contains(&fraction.len()) && fraction.bytes().all(|b| b.is_ascii_digit());
    format!("{fraction:0<9}").parse().ok().filter(|_| valid)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn instant(text: &str) -> String {
        match Dtm::parse(text) {
            Ok(Dtm::Instant(instant)) => instant.to_rfc3339(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn the_precision_is_kept() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 17).unwrap();
        assert_eq!(Dtm::parse("2026"), Ok(Dtm::Year(2026)));
        assert_eq!(Dtm::parse("202611"), Ok(Dtm::Month(2026, 11)));
        assert_eq!(Dtm::parse("20261117"), Ok(Dtm::Day(day)));
        assert_eq!(Dtm::parse("20261117").unwrap().when(), Some(When::Date(day)));
        assert_eq!(Dtm::parse("202611").unwrap().when(), None);
    }

    #[test]
    fn a_time_without_zone_is_swedish() {
        assert_eq!(instant("2026111708"), "2026-11-17T07:00:00+00:00");
        assert_eq!(instant("202611170815"), "2026-11-17T07:15:00+00:00");
        assert_eq!(instant("20260717081530"), "2026-07-17T06:15:30+00:00");
        assert_eq!(instant("202610250230"), "2026-10-25T00:30:00+00:00");
        assert_eq!(instant("202603290230"), "2026-03-29T01:30:00+00:00");
    }

    #[test]
    fn a_stated_zone_is_kept_to() {
        assert_eq!(instant("20261117081530+0000"), "2026-11-17T08:15:30+00:00");
        assert_eq!(instant("20261117081530.25-0530"), "2026-11-17T13:45:30.250+00:00");
        assert_eq!(instant("202610250230+0100"), "2026-10-25T01:30:00+00:00");
    }

    #[test]
    fn what_does_not_exist_is_refused() {
        for text in [
            "",
            "0000",
            "20261",
            "20261301",
            "20260229",
            "2026111724",
            "202611170860",
            "2026-11-17",
            "20261117081530+1",
            "20261117081530+1500",
            "20261117.5",
            "20261117081530.",
            "å026",
            "20261117081530+00:00",
            "+0100",
            "2026111708153",
        ] {
            assert_eq!(Dtm::parse(text), Err(BadTime), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[0-9+.å-]{0,30}") {
            let _ = Dtm::parse(&text);
        }
    }
}
