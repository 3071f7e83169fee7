//! Estimates that drift: that move later again and again, or at the last moment to another day.

use std::cmp::Ordering;

use chrono::{DateTime, TimeDelta, Utc};
use contracts::{Case, Stamp};

use crate::domain::calendar::local_date;
use crate::domain::rulebook::{Drift, Rulebooks};

/// The estimates by which it is said, each by the numbers of the rulebook that was in force then. A day
/// is compared with the one that was known last, taken back in between or not; another hour of the same
/// day is no move.
pub(super) fn of<'a>(case: &'a Case, rulebooks: &Rulebooks, region: &str) -> Vec<&'a Stamp> {
    let mut said = Vec::new();
    if rulebooks.of(region).all(|book| book.drift.is_none()) {
        return said;
    }
    let (mut known, mut standing, mut put_off) = (None, None, 0);
    for estimate in &case.estimates {
        let (stood, stamp) = (standing, &estimate.stamp);
        standing = estimate.at;
        let Some(after) = estimate.at else { continue };
        let Some(before) = known.replace(after) else { continue };
        let moved = local_date(after).cmp(&local_date(before));
        put_off += u32::from(moved == Ordering::Greater);
        let book = rulebooks.in_force(region, stamp.recorded_at);
        let Some(drift) = book.and_then(|book| book.drift) else { continue };
        let nearer = stood.map_or(after, |stood: DateTime<Utc>| stood.min(after));
        let says_so = match moved {
            Ordering::Equal => false,
            Ordering::Less => at_the_last_moment(drift, nearer, stamp.recorded_at),
            Ordering::Greater => {
                drift.later_times.is_some_and(|times| put_off.is_multiple_of(times))
                    || at_the_last_moment(drift, nearer, stamp.recorded_at)
            }
        };
        if says_so {
            said.push(stamp);
        }
    }
    said
}

/// The day that falls away, or the one that comes in its place, is so near that nobody can plan for it.
fn at_the_last_moment(drift: Drift, nearer: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    drift.within_hours.is_some_and(|hours| nearer - now <= TimeDelta::hours(hours.into()))
}
