//! When no time suits everybody: the times at which most can, so that somebody may be asked to move
//! something.

use chrono::{DateTime, TimeDelta, Utc};
use contracts::commands::{NearSipTime, SipPeriod};

use super::{Search, explain, hours, on_the_clock, periods};

/// Later than this after the earliest moment nobody looks for the next best time.
const WITHIN: TimeDelta = TimeDelta::days(14);
/// How many are told.
const COUNT: usize = 3;

/// The earliest of the times at which the fewest cannot come, with what is against each; none at which
/// nobody can.
pub(crate) fn nearest(search: &Search, every: TimeDelta) -> Vec<NearSipTime> {
    let until = search.until().min(search.earliest + WITHIN);
    let whole = SipPeriod { from: search.earliest, until };
    let free: Vec<Vec<SipPeriod>> =
        search.people.iter().map(|one| search.free(one, whole)).collect();
    let absent = |from: DateTime<Utc>| {
        let meeting = SipPeriod { from, until: from + search.length };
        free.iter().filter(|free| !is_within(free, meeting)).count()
    };
    let starts =
        std::iter::successors(Some(on_the_clock(whole.from, every)), |at| Some(*at + every));
    let starts = starts.take_while(|from| *from + search.length <= until);
    let mut all: Vec<(usize, DateTime<Utc>)> = starts.map(|from| (absent(from), from)).collect();
    all.retain(|(absent, _)| *absent < search.people.len());
    all.sort_unstable();
    let fewest = all.first().map(|(absent, _)| *absent);
    let best = all.into_iter().filter(|(absent, _)| Some(*absent) == fewest).take(COUNT);
    let told = best.map(|(_, from)| NearSipTime {
        time: SipPeriod { from, until: from + search.length },
        against: explain(search, from),
    });
    told.collect()
}

fn is_within(free: &[SipPeriod], meeting: SipPeriod) -> bool {
    let after = free.partition_point(|one| one.from <= meeting.from);
    let before = after.checked_sub(1).and_then(|at| free.get(at));
    before.is_some_and(|one| meeting.until <= one.until)
}

impl Search {
    /// When somebody can meet.
    pub(super) fn free(&self, person: &super::Person, whole: SipPeriod) -> Vec<SipPeriod> {
        let works = hours::of(&person.hours, whole, &self.days_off);
        periods::without(&works, &periods::merged(person.busy.clone()))
    }
}
