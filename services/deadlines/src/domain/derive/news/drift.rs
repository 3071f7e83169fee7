//! Estimates that drift: that move later again and again, or at the last moment.

use chrono::TimeDelta;
use contracts::case::Estimate;
use contracts::{Case, Stamp};

use crate::domain::rulebook::{Drift, Rulebooks};

/// The estimates by which it is said, each by the numbers of the rulebook that was in force then.
pub(super) fn of<'a>(case: &'a Case, rulebooks: &Rulebooks, region: &str) -> Vec<&'a Stamp> {
    let mut said = Vec::new();
    if rulebooks.of(region).all(|book| book.drift.is_none()) {
        return said;
    }
    let mut moves = 0;
    for pair in case.estimates.windows(2) {
        let [before, after] = pair else { continue };
        if !is_later(before, after) {
            continue;
        }
        moves += 1;
        let book = rulebooks.in_force(region, after.stamp.recorded_at);
        let drift = book.and_then(|book| book.drift);
        if drift.is_some_and(|drift| drifts(drift, moves, before, after)) {
            said.push(&after.stamp);
        }
    }
    said
}

fn is_later(before: &Estimate, after: &Estimate) -> bool {
    before.at.zip(after.at).is_some_and(|(before, after)| before < after)
}

fn drifts(drift: Drift, moves: u32, before: &Estimate, after: &Estimate) -> bool {
    let again = drift.later_times.is_some_and(|times| moves.is_multiple_of(times));
    let late = drift.within_hours.zip(before.at).is_some_and(|(hours, estimated)| {
        estimated - after.stamp.recorded_at <= TimeDelta::hours(hours.into())
    });
    again || late
}
