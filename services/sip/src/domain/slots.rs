//! Finding a time: when all who are to meet can, and what is against a time that somebody asks for.

mod hours;
mod nearest;
mod periods;
mod why;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use contracts::HsaId;
use contracts::commands::{AgainstReason, Refusal, SipHours, SipPeriod};

pub(crate) use nearest::nearest;
pub(crate) use why::explain;

use super::local_time;

/// How far is looked when nothing else says when to stop.
const HORIZON: TimeDelta = TimeDelta::days(92);

/// Somebody who is to be there; calendars are read already.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) unit: Option<HsaId>,
    pub(crate) hours: SipHours,
    pub(crate) busy: Vec<SipPeriod>,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Search {
    pub(crate) length: TimeDelta,
    pub(crate) people: Vec<Person>,
    pub(crate) earliest: DateTime<Utc>,
    /// By when the meeting has to have ended, and why.
    pub(crate) limits: Vec<(DateTime<Utc>, AgainstReason)>,
    pub(crate) days_off: Vec<NaiveDate>,
}

impl Search {
    /// Checks it.
    pub(crate) fn check(&self) -> Result<(), Refusal> {
        if !(TimeDelta::minutes(5)..=TimeDelta::hours(8)).contains(&self.length) {
            return Err(Refusal::new(
                "length",
                "Mötet är mellan 5 minuter och 8 timmar.",
                "A meeting takes between 5 minutes and 8 hours.",
            )
            .at("/question/minutes"));
        }
        if self.people.is_empty() || self.people.len() > 30 {
            return Err(Refusal::new(
                "how_many",
                "Ange mellan en och 30 deltagare.",
                "State between one and 30 participants.",
            )
            .at("/question/participants"));
        }
        for (at, person) in self.people.iter().enumerate() {
            hours::check(&person.hours, at)?;
            periods::check(&person.busy, &format!("/question/participants/{at}/busy"))?;
        }
        Ok(())
    }

    /// Up to when it is worth looking.
    pub(crate) fn until(&self) -> DateTime<Utc> {
        let horizon = self.earliest + HORIZON;
        self.limits.iter().map(|(at, _)| *at).fold(horizon, DateTime::min)
    }

    /// When all can meet.
    fn common(&self) -> Vec<SipPeriod> {
        let whole = SipPeriod { from: self.earliest, until: self.until() };
        let mut free = if whole.from < whole.until { vec![whole] } else { Vec::new() };
        for person in &self.people {
            free = periods::common(&free, &self.free(person, whole));
        }
        free
    }
}

/// The end of the third calendar day after the day of the ready notice.
pub(crate) fn three_days_after(ready_at: DateTime<Utc>) -> DateTime<Utc> {
    let midnight = local_time::date(ready_at).checked_add_days(Days::new(4));
    midnight.map_or(ready_at, |day| local_time::opening(day.and_time(NaiveTime::MIN)))
}

/// The earliest times, each beginning at a multiple of `every` since the full hour.
pub(crate) fn propose(search: &Search, every: TimeDelta, count: usize) -> Vec<SipPeriod> {
    let mut found = Vec::new();
    for free in search.common() {
        let mut from = on_the_clock(free.from, every);
        while from + search.length <= free.until && found.len() < count {
            found.push(SipPeriod { from, until: from + search.length });
            from += every;
        }
    }
    found
}

/// The first multiple of `every` since the full hour that is not before.
fn on_the_clock(earliest: DateTime<Utc>, every: TimeDelta) -> DateTime<Utc> {
    // Sweden is whole hours from UTC, so full quarters there are full quarters here.
    let step = every.num_seconds().max(1);
    let behind = earliest.timestamp().rem_euclid(step);
    let behind = behind * 1_000 + i64::from(earliest.timestamp_subsec_millis());
    let ahead = (step * 1_000 - behind).rem_euclid(step * 1_000);
    earliest + TimeDelta::milliseconds(ahead)
}

#[cfg(test)]
mod tests;
