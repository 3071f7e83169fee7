//! "Within 24 hours, or at the latest the next weekday": the agreements' clock for naming a care
//! contact or a lead officer, as two instants and the reason for the second.

use chrono::{DateTime, Utc};

use super::local_time::{local_date, plus_hours};
use super::words::{
    english_day, english_hours, english_time, swedish_day, swedish_hours, swedish_time,
};
use super::{Calendar, CalendarError, DayOff};

/// How "or the next weekday" is read; an agreement chooses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Reading {
    /// Relief only for a target that is no working day.
    ///
    /// The relief stops at midnight: a target on Sunday at 23.00 is due on Monday at closing, one
    /// two hours later on Monday at 01.00. So a later reception can be due earlier, by less than
    /// one day.
    #[default]
    Strict,
    /// Whichever is later: what [`Reading::Strict`] gives, or the end of office hours on the
    /// first working day after reception. With 24 hours, a later reception is never due earlier.
    Lenient,
}

/// Why a [`Window`] is due when it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The target is a working day and stands.
    OnWorkingDay,
    /// The target is no working day; due at closing on the next one.
    OnDayOff(DayOff),
    /// The first working day after reception ends later than the target.
    NextWeekdayIsLater,
}

/// The two ends of the clock. A duty is amber after `target` and missed after `due`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Elapsed hours from reception to `target`.
    pub hours: u32,
    /// Reception plus `hours`.
    pub target: DateTime<Utc>,
    /// Never before `target`.
    pub due: DateTime<Utc>,
    /// What made `due`.
    pub reason: Reason,
}

/// The window for something received at `reception`, `hours` being 24 in the agreements.
pub fn twenty_four_hours_or_next_weekday(
    calendar: &Calendar,
    reception: DateTime<Utc>,
    hours: u32,
    reading: Reading,
) -> Result<Window, CalendarError> {
    let target = plus_hours(reception, hours);
    let (mut due, mut reason) = match calendar.day_off(local_date(target)) {
        None => (target, Reason::OnWorkingDay),
        Some(day_off) => (calendar.next_weekday_close(target)?, Reason::OnDayOff(day_off)),
    };
    if reading == Reading::Lenient {
        let close = calendar.next_weekday_close(reception)?;
        if due < close {
            (due, reason) = (close, Reason::NextWeekdayIsLater);
        }
    }
    Ok(Window { hours, target, due, reason })
}

impl Window {
    /// The reason in Swedish, for people: when the hours run out, and until when the duty holds.
    #[must_use]
    pub fn swedish(&self) -> String {
        let hours = swedish_hours(self.hours);
        let (target, due) = (swedish_day(self.target), swedish_time(self.due));
        match self.reason {
            Reason::OnWorkingDay => format!("{hours} infaller {due}, en vardag"),
            Reason::OnDayOff(day_off) if day_off.is_plain_weekend() => {
                format!("{hours} infaller {target}; gäller till {due}")
            }
            Reason::OnDayOff(day_off) => {
                let name = day_off.swedish();
                format!("{hours} infaller {target}, {name}; gäller till {due}")
            }
            Reason::NextWeekdayIsLater => {
                let target = swedish_time(self.target);
                format!("{hours} infaller {target}; gäller nästa vardag ut, till {due}")
            }
        }
    }

    /// The reason in English, for people.
    #[must_use]
    pub fn english(&self) -> String {
        let hours = english_hours(self.hours);
        let end = if self.hours == 1 { "ends" } else { "end" };
        let (target, due) = (english_day(self.target), english_time(self.due));
        match self.reason {
            Reason::OnWorkingDay => format!("{hours} {end} on {due}, a weekday"),
            Reason::OnDayOff(day_off) if day_off.is_plain_weekend() => {
                format!("{hours} {end} on {target}; due by {due}")
            }
            Reason::OnDayOff(day_off) => {
                let name = day_off.english();
                format!("{hours} {end} on {target}, {name}; due by {due}")
            }
            Reason::NextWeekdayIsLater => {
                let target = english_time(self.target);
                format!("{hours} {end} on {target}; due by the end of the next weekday, {due}")
            }
        }
    }
}
