//! When a contact point answers: weekly hours, explicit exceptions, and who is asked in between.
//!
//! There is no calendar of public holidays here: hours are imported per unit, and the import states
//! the days that differ, whether a holiday, an eve that closes at noon or a day of moving house.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeZone, Timelike, Utc};
use chrono_tz::Europe::Stockholm;

/// The end of a day, in minutes.
const MIDNIGHT: u16 = 24 * 60;

/// How far ahead an opening is looked for. A unit that does not open in more than a year is shut.
const HORIZON_DAYS: u64 = 400;

/// One day's hours on the clock of the wall, from `opens` up to but not including `closes`.
///
/// Written `08:00-16:30`; `00:00-24:00` is the whole day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    opens: u16,
    closes: u16,
}

/// Why a text is no span of hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "opening hours must be of the form HH:MM-HH:MM, the second later than the first, at most 24:00"
)]
pub struct SpanError;

impl FromStr for Span {
    type Err = SpanError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (opens, closes) = text.split_once('-').ok_or(SpanError)?;
        let (opens, closes) = (minutes(opens)?, minutes(closes)?);
        if opens < closes && closes <= MIDNIGHT {
            Ok(Self { opens, closes })
        } else {
            Err(SpanError)
        }
    }
}

fn minutes(text: &str) -> Result<u16, SpanError> {
    let (hour, minute) = text.trim().split_once(':').ok_or(SpanError)?;
    let two_digits = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
    if !two_digits(hour) || !two_digits(minute) {
        return Err(SpanError);
    }
    let hour: u16 = hour.parse().map_err(|_| SpanError)?;
    let minute: u16 = minute.parse().map_err(|_| SpanError)?;
    if minute < 60 { Ok(hour * 60 + minute) } else { Err(SpanError) }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { opens, closes } = self;
        write!(f, "{:02}:{:02}-{:02}:{:02}", opens / 60, opens % 60, closes / 60, closes % 60)
    }
}

/// A unit's opening hours in Europe/Stockholm.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OpeningHours {
    week: [Option<Span>; 7],
    exceptions: BTreeMap<NaiveDate, Option<Span>>,
}

impl OpeningHours {
    /// Hours from Monday to Sunday, and the dates that differ (`None`: closed).
    #[must_use]
    pub const fn new(
        week: [Option<Span>; 7],
        exceptions: BTreeMap<NaiveDate, Option<Span>>,
    ) -> Self {
        Self { week, exceptions }
    }

    /// Whether the unit is open at `instant`.
    #[must_use]
    pub fn open_at(&self, instant: DateTime<Utc>) -> bool {
        let local = instant.with_timezone(&Stockholm);
        let minute = local.hour() * 60 + local.minute();
        self.on(local.date_naive())
            .is_some_and(|span| (u32::from(span.opens)..u32::from(span.closes)).contains(&minute))
    }

    /// `instant` itself when the unit is open then, else the next instant at which it opens;
    /// `None` when it does not open within 400 days.
    #[must_use]
    pub fn next_opening(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if self.open_at(instant) {
            return Some(instant);
        }
        let today = instant.with_timezone(&Stockholm).date_naive();
        (0..=HORIZON_DAYS)
            .filter_map(|days| today.checked_add_days(Days::new(days)))
            .filter_map(|date| Some((date, self.on(date)?)))
            .flat_map(|(date, span)| instants(date, span.opens))
            .find(|opening| *opening > instant && self.open_at(*opening))
    }

    fn on(&self, date: NaiveDate) -> Option<Span> {
        let weekly = || {
            let day = usize::try_from(date.weekday().num_days_from_monday()).ok()?;
            self.week.get(day).copied().flatten()
        };
        self.exceptions.get(&date).copied().unwrap_or_else(weekly)
    }
}

/// The instants at which the clock of the wall shows `minute` on `date`, in order.
///
/// Two in the hour that autumn repeats. In the hour that spring skips: the first after it.
fn instants(date: NaiveDate, minute: u16) -> Vec<DateTime<Utc>> {
    let Some(wall) = date.and_hms_opt(u32::from(minute / 60), u32::from(minute % 60), 0) else {
        return Vec::new();
    };
    match Stockholm.from_local_datetime(&wall) {
        chrono::LocalResult::Single(at) => vec![at.to_utc()],
        chrono::LocalResult::Ambiguous(first, second) => vec![first.to_utc(), second.to_utc()],
        chrono::LocalResult::None => date
            .and_hms_opt(3, 0, 0)
            .and_then(|wall| Stockholm.from_local_datetime(&wall).earliest())
            .map(|at| vec![at.to_utc()])
            .unwrap_or_default(),
    }
}

/// What happens to an alert outside opening hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutsideHours {
    /// Somebody on call is reached by the same contact point or another.
    OnCall,
    /// Nobody is: the step waits for the next opening.
    Waits,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn span(text: &str) -> Span {
        text.parse().expect("hours")
    }

    fn office() -> OpeningHours {
        let day = Some(span("08:00-16:30"));
        OpeningHours::new([day, day, day, day, day, None, None], BTreeMap::new())
    }

    fn at(local: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(local).expect("an instant").to_utc()
    }

    #[test]
    fn it_is_open_from_the_first_minute_and_no_longer_at_the_last() {
        for (local, open) in [
            ("2026-11-24T07:59:59+01:00", false),
            ("2026-11-24T08:00:00+01:00", true),
            ("2026-11-24T16:29:59+01:00", true),
            ("2026-11-24T16:30:00+01:00", false),
            ("2026-11-28T12:00:00+01:00", false),
        ] {
            assert_eq!(office().open_at(at(local)), open, "{local}");
        }
    }

    #[test]
    fn friday_evening_waits_for_monday_morning() {
        let opening = office().next_opening(at("2026-11-27T17:00:00+01:00"));
        assert_eq!(opening, Some(at("2026-11-30T08:00:00+01:00")));
    }

    #[test]
    fn an_open_unit_needs_no_waiting() {
        let now = at("2026-11-24T09:12:00+01:00");
        assert_eq!(office().next_opening(now), Some(now));
    }

    #[test]
    fn an_exception_closes_a_weekday_and_opens_a_sunday() {
        let mut hours = office();
        hours.exceptions.insert(NaiveDate::from_ymd_opt(2026, 12, 24).expect("a date"), None);
        hours.exceptions.insert(NaiveDate::from_ymd_opt(2026, 12, 25).expect("a date"), None);
        hours.exceptions.insert(
            NaiveDate::from_ymd_opt(2026, 12, 27).expect("a date"),
            Some(span("10:00-12:00")),
        );
        assert_eq!(
            hours.next_opening(at("2026-12-23T18:00:00+01:00")),
            Some(at("2026-12-27T10:00:00+01:00"))
        );
    }

    #[test]
    fn a_ward_is_open_through_midnight_and_both_clock_changes() {
        let always = OpeningHours::new([Some(span("00:00-24:00")); 7], BTreeMap::new());
        for local in [
            "2026-11-24T23:59:59+01:00",
            "2026-11-25T00:00:00+01:00",
            "2026-03-29T03:00:00+02:00",
            "2026-10-25T02:30:00+01:00",
        ] {
            assert!(always.open_at(at(local)), "{local}");
        }
    }

    #[test]
    fn opening_follows_the_clock_of_the_wall_over_the_spring_change() {
        assert_eq!(
            office().next_opening(at("2026-03-27T17:00:00+01:00")),
            Some(at("2026-03-30T08:00:00+02:00"))
        );
    }

    #[test]
    fn an_opening_in_the_skipped_hour_comes_right_after_it() {
        let night = OpeningHours::new([Some(span("02:30-06:00")); 7], BTreeMap::new());
        assert_eq!(
            night.next_opening(at("2026-03-29T01:00:00+01:00")),
            Some(at("2026-03-29T03:00:00+02:00"))
        );
    }

    #[test]
    fn hours_that_lie_wholly_in_the_skipped_hour_fall_away_that_day() {
        let night = OpeningHours::new([Some(span("02:15-02:45")); 7], BTreeMap::new());
        assert_eq!(
            night.next_opening(at("2026-03-29T01:00:00+01:00")),
            Some(at("2026-03-30T02:15:00+02:00"))
        );
    }

    #[test]
    fn a_unit_that_never_opens_has_no_next_opening() {
        assert_eq!(OpeningHours::default().next_opening(at("2026-11-24T09:00:00+01:00")), None);
    }

    #[test]
    fn hours_that_cannot_be_are_refused() {
        for text in
            ["", "08:00", "8:00-16:00", "16:00-08:00", "08:00-08:00", "08:00-24:01", "08:60-09:00"]
        {
            assert_eq!(text.parse::<Span>(), Err(SpanError), "{text}");
        }
    }

    fn any_span() -> impl Strategy<Value = Option<Span>> {
        proptest::option::of(
            (0..MIDNIGHT, 1..=MIDNIGHT).prop_filter_map("in order", |(opens, closes)| {
                (opens < closes).then_some(Span { opens, closes })
            }),
        )
    }

    /// Instants around both clock changes of 2026, in seconds.
    fn any_instant() -> impl Strategy<Value = DateTime<Utc>> {
        let around = |day: &str| {
            let start = at(day).timestamp();
            start..start + 3 * 86_400
        };
        prop_oneof![around("2026-03-28T00:00:00+01:00"), around("2026-10-24T00:00:00+02:00")]
            .prop_map(|seconds| DateTime::from_timestamp(seconds, 0).expect("an instant"))
    }

    proptest! {
        // Each case looks at every minute of up to a week.
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn the_next_opening_is_open_and_nothing_before_it_is(
            week in proptest::array::uniform7(any_span()),
            now in any_instant(),
        ) {
            let hours = OpeningHours::new(week, BTreeMap::new());
            match hours.next_opening(now) {
                None => prop_assert_eq!(week, [None; 7]),
                Some(opening) => {
                    prop_assert!(opening >= now && hours.open_at(opening));
                    let mut before = now;
                    while before < opening {
                        prop_assert!(!hours.open_at(before), "open at {before} before {opening}");
                        before += chrono::TimeDelta::minutes(1);
                    }
                }
            }
        }

        #[test]
        fn hours_are_written_as_they_are_read(span in any_span()) {
            if let Some(span) = span {
                prop_assert_eq!(span.to_string().parse(), Ok(span));
            }
        }
    }
}
