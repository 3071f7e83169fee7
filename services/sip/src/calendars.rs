//! Calendars as people's programs give them (iCalendar, RFC 5545): when somebody is busy. What they do
//! then is not looked at.
//!
//! Reading and repeating is the library's. Around it stands what feeds need and single events do not:
//! events of one series are repeated by themselves, so that neither another series nor a sequence
//! number comes between an event and its exception; the last day of a series is read in the series'
//! own time zone; and what cannot be understood is refused with its line, since a time that only looks
//! free is worse than none.

mod lines;
mod series;

use calcard::common::timezone::Tz;
use calcard::icalendar::{
    ICalendar, ICalendarComponentType, ICalendarFreeBusyType, ICalendarParameterName,
    ICalendarParameterValue, ICalendarPeriod, ICalendarProperty, ICalendarValue,
};
use calcard::{Entry, Parser};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Europe::Stockholm;
use contracts::commands::SipPeriod;

/// Why a calendar cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// What is wrong.
    pub(crate) kind: FaultKind,
    /// The line, counted from 1, where it can be told.
    pub(crate) line: Option<usize>,
}

/// What can be wrong with a calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FaultKind {
    /// No iCalendar text, or cut off.
    NoCalendar,
    /// An event without a beginning, or with one that does not exist.
    Event,
    /// A rule that cannot be followed.
    Rule,
    /// A time zone that is not known.
    Zone,
    /// Too many events.
    TooMany,
}

/// What the calendars of a question may hold in all: a rule that never comes true takes the library
/// as long as one that comes true a thousand times.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    times: usize,
    rules: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { times: 50_000, rules: 1_000 }
    }
}

/// When a calendar's owner is busy within `whole`; `left` is what more may come.
pub(crate) fn busy(
    text: &str,
    whole: SipPeriod,
    left: &mut Budget,
) -> Result<Vec<SipPeriod>, Fault> {
    if let Some(line) = lines::unclosed(text) {
        return Err(Fault { kind: FaultKind::NoCalendar, line: Some(line) });
    }
    let mut busy = Vec::new();
    let mut parser = Parser::new(text);
    let mut calendars = 0;
    loop {
        match parser.entry() {
            Entry::ICalendar(calendar) => {
                calendars += 1;
                zones_are_known(&calendar, text)?;
                free_busy(&calendar, text, &mut busy)?;
                busy.extend(series::expand(&calendar, text, whole, left)?);
            }
            Entry::Eof if calendars > 0 => break,
            Entry::InvalidLine(line) if line.trim().is_empty() => {}
            Entry::InvalidLine(line) => {
                let line = lines::position(text, |other| other == line.trim());
                return Err(Fault { kind: FaultKind::NoCalendar, line });
            }
            _ => return Err(Fault { kind: FaultKind::NoCalendar, line: None }),
        }
    }
    busy.retain(|one| one.from < whole.until && whole.from < one.until);
    Ok(busy)
}

/// A time zone that nobody knows would be taken for another one.
fn zones_are_known(calendar: &ICalendar, text: &str) -> Result<(), Fault> {
    let zones = calendar.build_tz_resolver();
    let entries = calendar.components.iter().flat_map(|component| &component.entries);
    for zone in entries.filter_map(calcard::icalendar::ICalendarEntry::tz_id) {
        if zones.resolve(zone).is_none() {
            let line = lines::position(text, |line| line.contains("TZID=") && line.contains(zone));
            return Err(Fault { kind: FaultKind::Zone, line });
        }
    }
    Ok(())
}

/// Times that are stated as busy, without any event.
fn free_busy(calendar: &ICalendar, text: &str, busy: &mut Vec<SipPeriod>) -> Result<(), Fault> {
    let is_free = |value: &ICalendarParameterValue| {
        *value == ICalendarParameterValue::Fbtype(ICalendarFreeBusyType::Free)
    };
    let all = calendar.components.iter();
    let all = all.filter(|one| one.component_type == ICalendarComponentType::VFreebusy);
    let stated = all.flat_map(|one| one.properties(&ICalendarProperty::Freebusy));
    for (nth, entry) in stated.enumerate() {
        if entry.parameters(&ICalendarParameterName::Fbtype).any(is_free) {
            continue;
        }
        for value in &entry.values {
            let line = lines::of_property(text, "FREEBUSY", nth);
            busy.push(period(value).ok_or(Fault { kind: FaultKind::Event, line })?);
        }
    }
    Ok(())
}

fn period(value: &ICalendarValue) -> Option<SipPeriod> {
    let zone = Tz::from(Stockholm);
    let ICalendarValue::Period(period) = value else { return None };
    let (start, until) = match period {
        ICalendarPeriod::Range { start, end } => {
            (start.to_date_time_with_tz(zone)?, end.to_date_time_with_tz(zone)?)
        }
        ICalendarPeriod::Duration { start, duration } => {
            let start = start.to_date_time_with_tz(zone)?;
            (start, start + duration.to_time_delta()?)
        }
    };
    Some(SipPeriod { from: instant(start)?, until: instant(until)? })
}

fn instant(at: DateTime<Tz>) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(at.timestamp(), 0)
}

/// How far a series is followed beyond what is asked for: events begin before they end.
const MARGIN: TimeDelta = TimeDelta::days(2);

#[cfg(test)]
mod tests;
