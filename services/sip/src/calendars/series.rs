//! Events, each series with its exceptions.

use std::collections::BTreeMap;

use calcard::common::PartialDateTime;
use calcard::common::timezone::Tz;
use calcard::icalendar::dates::{CalendarEvent, CalendarExpand, TimeOrDelta};
use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarProperty,
    ICalendarRecurrenceRule, ICalendarStatus, ICalendarTransparency, ICalendarValue,
};
use chrono::{DateTime, Datelike, NaiveDateTime, TimeDelta, Timelike, Utc};
use chrono_tz::Europe::Stockholm;
use contracts::commands::SipPeriod;

use super::{Budget, Fault, FaultKind, MARGIN, instant, lines};
use crate::domain::local_time;

/// Longer than this is no event of a series.
const LONGEST: TimeDelta = TimeDelta::days(31);

type Occurrence = CalendarEvent<DateTime<Tz>, TimeOrDelta<DateTime<Tz>, TimeDelta>>;

/// When the events of a calendar make its owner busy; `left` is what more may come.
pub(super) fn expand(
    calendar: &ICalendar,
    text: &str,
    whole: SipPeriod,
    left: &mut Budget,
) -> Result<Vec<SipPeriod>, Fault> {
    rules_are_understood(calendar, text)?;
    let mut busy = Vec::new();
    for events in by_series(calendar).into_values() {
        let (one, numbers) = alone(calendar, &events, whole);
        let (exceptions, rules) = (exceptions(&one), rules(&one));
        let expanded = if rules > left.rules {
            CalendarExpand::default()
        } else {
            one.expand_dates(Stockholm, left.times)
        };
        if let Some(error) = expanded.errors.first() {
            let kind = FaultKind::Event;
            return Err(Fault { kind, line: line_of(calendar, text, &numbers, error.comp_id) });
        }
        if rules > left.rules || expanded.events.len() + exceptions >= left.times {
            let line = events.first().and_then(|at| line_of_event(calendar, text, *at));
            return Err(Fault { kind: FaultKind::TooMany, line });
        }
        left.times -= expanded.events.len() + exceptions;
        left.rules -= rules;
        let blocks = |event: &Occurrence| {
            let event = usize::try_from(event.comp_id).ok();
            event.and_then(|at| one.components.get(at)).is_some_and(makes_busy)
        };
        busy.extend(expanded.events.iter().filter(|event| blocks(event)).filter_map(period));
    }
    Ok(busy)
}

/// The events of each series; those without an id are series of their own.
fn by_series(calendar: &ICalendar) -> BTreeMap<String, Vec<usize>> {
    let mut series: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, component) in calendar.components.iter().enumerate() {
        if component.component_type == ICalendarComponentType::VEvent {
            let id = component.uid().map_or_else(|| format!("\u{0}{at}"), str::to_owned);
            series.entry(id).or_default().push(at);
        }
    }
    series
}

/// A calendar with one series alone, and which event of the whole calendar each of its components is.
fn alone(
    calendar: &ICalendar,
    events: &[usize],
    whole: SipPeriod,
) -> (ICalendar, Vec<Option<usize>>) {
    let zones = calendar.build_tz_resolver();
    let mut components: Vec<ICalendarComponent> = calendar.timezones().cloned().collect();
    let mut numbers = vec![None; components.len()];
    for at in events {
        let Some(event) = calendar.components.get(*at) else { continue };
        let mut event = event.clone();
        // An exception counts whatever its sequence number.
        event.entries.retain(|entry| entry.name != ICalendarProperty::Sequence);
        let zone = event.property(&ICalendarProperty::Dtstart).and_then(|entry| entry.tz_id());
        let zone = zone.and_then(|zone| zones.resolve(zone)).unwrap_or(Stockholm.into());
        event.entries.retain_mut(|entry| {
            let rule = entry.values.first_mut();
            match (&entry.name, rule) {
                (ICalendarProperty::Rrule, Some(ICalendarValue::RecurrenceRule(rule))) => {
                    end_in_time(rule, zone, whole)
                }
                _ => true,
            }
        });
        components.push(event);
        numbers.push(Some(*at));
    }
    (ICalendar { components }, numbers)
}

/// Lets a rule end where nobody looks any more, and in the series' own time zone: the library compares
/// what the clock on the wall shows. False when it ended long before anybody looks.
fn end_in_time(rule: &mut ICalendarRecurrenceRule, zone: Tz, whole: SipPeriod) -> bool {
    let horizon = (whole.until + MARGIN).with_timezone(&zone).naive_local();
    let stated = rule.until.as_ref().and_then(|until| {
        let until_local = until.to_date_time_with_tz(zone)?.with_timezone(&zone).naive_local();
        let whole_day = until.hour.is_none();
        if whole_day { until_local.date().and_hms_opt(23, 59, 59) } else { Some(until_local) }
    });
    let end = stated.map_or(horizon, |stated| stated.min(horizon));
    rule.until = Some(wall(end));
    let looks_from = whole.from.with_timezone(&zone).naive_local();
    end.checked_add_signed(LONGEST).is_none_or(|ended| ended >= looks_from)
}

fn wall(local: NaiveDateTime) -> PartialDateTime {
    let small = |number: u32| u8::try_from(number).ok();
    PartialDateTime {
        year: u16::try_from(local.year()).ok(),
        month: small(local.month()),
        day: small(local.day()),
        hour: small(local.hour()),
        minute: small(local.minute()),
        second: small(local.second()),
        ..PartialDateTime::default()
    }
}

/// A rule that is no rule would be a single event; of several rules the library follows one.
fn rules_are_understood(calendar: &ICalendar, text: &str) -> Result<(), Fault> {
    let mut nth = 0;
    for component in &calendar.components {
        let mut rules = 0;
        for entry in component.properties(&ICalendarProperty::Rrule) {
            rules += 1;
            let [ICalendarValue::RecurrenceRule(rule)] = &entry.values[..] else {
                let line = lines::of_property(text, "RRULE", nth);
                return Err(Fault { kind: FaultKind::Rule, line });
            };
            let is_event = component.component_type == ICalendarComponentType::VEvent;
            if is_event && (rules > 1 || rule.rscale.is_some() || rule.skip.is_some()) {
                let line = lines::of_property(text, "RRULE", nth);
                return Err(Fault { kind: FaultKind::Rule, line });
            }
            nth += 1;
        }
    }
    Ok(())
}

fn rules(series: &ICalendar) -> usize {
    let has_rule = |one: &&ICalendarComponent| {
        one.component_type == ICalendarComponentType::VEvent
            && one.property(&ICalendarProperty::Rrule).is_some()
    };
    series.components.iter().filter(has_rule).count()
}

/// How many times a series leaves out: the library counts them too.
fn exceptions(series: &ICalendar) -> usize {
    let left_out = |component: &ICalendarComponent| -> usize {
        component.properties(&ICalendarProperty::Exdate).map(|entry| entry.values.len()).sum()
    };
    series.components.iter().map(left_out).sum()
}

fn line_of(
    calendar: &ICalendar,
    text: &str,
    numbers: &[Option<usize>],
    component: u32,
) -> Option<usize> {
    let at = numbers.get(usize::try_from(component).ok()?)?.as_ref()?;
    line_of_event(calendar, text, *at)
}

fn line_of_event(calendar: &ICalendar, text: &str, at: usize) -> Option<usize> {
    let before = calendar.components.iter().take(at);
    let is_event = |one: &&ICalendarComponent| one.component_type == ICalendarComponentType::VEvent;
    let nth = before.filter(is_event).count();
    let begins = |line: &str| line.trim().eq_ignore_ascii_case("BEGIN:VEVENT");
    let mut found = text.lines().enumerate().filter(|(_, line)| begins(line));
    found.nth(nth).map(|(line, _)| line + 1)
}

/// Cancelled events, those that leave their owner free, and those without any length do not.
fn makes_busy(event: &ICalendarComponent) -> bool {
    let outlook = ICalendarProperty::Other("X-MICROSOFT-CDO-BUSYSTATUS".to_owned());
    let is_free = |value: &ICalendarValue| {
        value.as_text().is_some_and(|text| text.eq_ignore_ascii_case("FREE"))
    };
    let has = |property| event.property(&property).is_some();
    let starts = event.property(&ICalendarProperty::Dtstart).and_then(|one| one.values.first());
    let has_time = matches!(starts, Some(ICalendarValue::PartialDateTime(at)) if at.has_time());
    let has_length = has(ICalendarProperty::Dtend) || has(ICalendarProperty::Duration);
    event.status() != Some(&ICalendarStatus::Cancelled)
        && event.transparency() != Some(&ICalendarTransparency::Transparent)
        && !event.property(&outlook).is_some_and(|entry| entry.values.iter().any(is_free))
        && (has_length || !has_time)
}

/// Times that do not exist or come twice where an event is repeated by the wall's clock take in the
/// whole hour.
fn period(event: &Occurrence) -> Option<SipPeriod> {
    let from = if event.start.timezone().is_floating() {
        local_time::opening(event.start.naive_local())
    } else {
        instant(event.start)?
    };
    let until = match event.end {
        TimeOrDelta::Time(until) => instant(until)?,
        TimeOrDelta::Delta(length) => end_after(event, from, length)?,
    };
    Some(SipPeriod { from, until })
}

fn end_after(event: &Occurrence, from: DateTime<Utc>, length: TimeDelta) -> Option<DateTime<Utc>> {
    if event.start.timezone().is_floating() {
        return Some(local_time::closing(event.start.naive_local().checked_add_signed(length)?));
    }
    let by_wall = event.clone().try_into_date_time().and_then(|event| instant(event.end));
    by_wall.or_else(|| from.checked_add_signed(length))
}
