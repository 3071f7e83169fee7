//! Between instants and Swedish local time, daylight saving included.
//!
//! Nothing here fails: at the ends of chrono's calendar (some 262 000 years away) results stop
//! at the last date or instant there is.

use chrono::offset::LocalResult;
use chrono::{
    DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone, Utc,
};
use chrono_tz::{Europe::Stockholm, GapInfo};

/// Which of the two instants a local time in the doubled hour of October stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DoubledHour {
    /// Where something opens: whoever comes in either hour is let in.
    Earlier,
    /// Where something ends: whoever reads it as the second hour is not yet late.
    Later,
}

/// The instant of a local time. A time in the missing hour of March stands for the first
/// instant after it: that is when a clock on the wall first shows that much.
#[must_use]
pub fn local_to_utc(local: NaiveDateTime, doubled: DoubledHour) -> DateTime<Utc> {
    match (Stockholm.from_local_datetime(&local), doubled) {
        (LocalResult::Single(instant), _)
        | (LocalResult::Ambiguous(instant, _), DoubledHour::Earlier)
        | (LocalResult::Ambiguous(_, instant), DoubledHour::Later) => instant.to_utc(),
        (LocalResult::None, _) => GapInfo::new(&local, &Stockholm)
            .and_then(|gap| gap.end)
            .map_or(local.and_utc(), |end| end.to_utc()),
    }
}

/// The date on the wall at `instant`.
#[must_use]
pub fn local_date(instant: DateTime<Utc>) -> NaiveDate {
    to_local(instant).date()
}

/// The time of day on the wall at `instant`.
#[must_use]
pub fn local_time(instant: DateTime<Utc>) -> NaiveTime {
    to_local(instant).time()
}

pub(super) fn to_local(instant: DateTime<Utc>) -> NaiveDateTime {
    let utc = instant.naive_utc();
    utc.checked_add_offset(Stockholm.offset_from_utc_datetime(&utc).fix()).unwrap_or(utc)
}

pub(super) fn days_after(date: NaiveDate, days: u32) -> NaiveDate {
    date.checked_add_days(Days::new(u64::from(days))).unwrap_or(NaiveDate::MAX)
}

/// The midnight that ends `date`.
#[must_use]
pub fn end_of_day(date: NaiveDate) -> DateTime<Utc> {
    local_to_utc(days_after(date, 1).and_time(NaiveTime::MIN), DoubledHour::Later)
}

/// The midnight that ends the `days`-th calendar day after the local day of `instant`; 0 is that
/// day itself. Holidays and weekends count.
#[must_use]
pub fn end_of_calendar_day_after(instant: DateTime<Utc>, days: u32) -> DateTime<Utc> {
    end_of_day(days_after(local_date(instant), days))
}

/// `hours` of elapsed time later, whatever the clock on the wall does meanwhile.
#[must_use]
pub fn plus_hours(instant: DateTime<Utc>, hours: u32) -> DateTime<Utc> {
    instant
        .checked_add_signed(TimeDelta::hours(i64::from(hours)))
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}
