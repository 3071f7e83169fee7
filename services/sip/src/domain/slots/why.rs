//! What is against a time, in words.

use chrono::{DateTime, Utc};
use chrono_tz::Europe::Stockholm;
use contracts::commands::{AgainstReason, AgainstSipTime, SipPeriod};
use contracts::ledger::Words;

use super::{Person, Search, hours, periods};
use crate::domain::local_time;

/// All that is against a meeting that begins then; nothing: it is possible.
pub(crate) fn explain(search: &Search, starts_at: DateTime<Utc>) -> Vec<AgainstSipTime> {
    let meeting = SipPeriod { from: starts_at, until: starts_at + search.length };
    let mut against = Vec::new();
    if starts_at < search.earliest {
        against.push(too_early(search.earliest));
    }
    for (limit, reason) in &search.limits {
        if *limit < meeting.until {
            against.push(too_late(*limit, *reason));
        }
    }
    for (at, person) in search.people.iter().enumerate() {
        against.extend(hours_of(search, person, at, meeting));
        for busy in periods::merged(person.busy.clone()) {
            if busy.from < meeting.until && meeting.from < busy.until {
                let words = (
                    format!("{} är upptagen {}.", sv(person, at), times(busy)),
                    format!("{} is busy {}.", en(person, at), times(busy)),
                );
                against.push(of(AgainstReason::Busy, Some(at), Some(busy), words));
            }
        }
    }
    against
}

fn hours_of(
    search: &Search,
    person: &Person,
    at: usize,
    meeting: SipPeriod,
) -> Option<AgainstSipTime> {
    let there = hours::of(&person.hours, meeting, &search.days_off);
    if there.iter().any(|one| one.from <= meeting.from && meeting.until <= one.until) {
        return None;
    }
    let day = local_time::date(meeting.from);
    if hours::have_days_off(&person.hours) && search.days_off.contains(&day) {
        let words = (
            format!("{} är ledig {day}.", sv(person, at)),
            format!("{} is off on {day}.", en(person, at)),
        );
        return Some(of(AgainstReason::DayOff, Some(at), None, words));
    }
    let period = there.into_iter().find(|one| local_time::date(one.from) == day);
    let words = match period {
        Some(period) => (
            format!("{} är där bara {}.", sv(person, at), times(period)),
            format!("{} is there {} only.", en(person, at), times(period)),
        ),
        None => (
            format!("{} är inte där {day}.", sv(person, at)),
            format!("{} is not there on {day}.", en(person, at)),
        ),
    };
    Some(of(AgainstReason::OutsideHours, Some(at), period, words))
}

fn too_early(earliest: DateTime<Utc>) -> AgainstSipTime {
    let at = time(earliest);
    let words = (format!("Tidigast {at}."), format!("Not before {at}."));
    of(AgainstReason::TooEarly, None, None, words)
}

fn too_late(limit: DateTime<Utc>, reason: AgainstReason) -> AgainstSipTime {
    let at = time(limit);
    let words = match reason {
        AgainstReason::AfterDischarge => (
            format!("Planen ska vara klar före utskrivningen {at}."),
            format!("The plan is to be made before the discharge at {at}."),
        ),
        AgainstReason::AfterThreeDays => (
            format!("Tre dagar efter utskrivningsklar är slut {at}."),
            format!("The three days after the ready notice end at {at}."),
        ),
        _ => (format!("Mötet ska vara slut {at}."), format!("The meeting is to end by {at}.")),
    };
    of(reason, None, None, words)
}

fn of(
    reason: AgainstReason,
    participant: Option<usize>,
    period: Option<SipPeriod>,
    (sv, en): (String, String),
) -> AgainstSipTime {
    let participant = participant.and_then(|at| u16::try_from(at).ok());
    AgainstSipTime { reason, participant, period, words: Words { sv, en } }
}

fn sv(person: &Person, at: usize) -> String {
    named("Deltagare", person, at)
}

fn en(person: &Person, at: usize) -> String {
    named("Participant", person, at)
}

/// People count from 1.
fn named(word: &str, person: &Person, at: usize) -> String {
    match &person.unit {
        Some(unit) => format!("{word} {} ({unit})", at + 1),
        None => format!("{word} {}", at + 1),
    }
}

fn time(at: DateTime<Utc>) -> String {
    at.with_timezone(&Stockholm).format("%Y-%m-%d %H.%M").to_string()
}

fn times(period: SipPeriod) -> String {
    let until = period.until.with_timezone(&Stockholm);
    if local_time::date(period.from) == until.date_naive() {
        format!("{}–{}", time(period.from), until.format("%H.%M"))
    } else {
        format!("{}–{}", time(period.from), time(period.until))
    }
}
