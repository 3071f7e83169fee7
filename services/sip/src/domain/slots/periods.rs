//! Sets of periods: sorted, apart from each other, none empty.

use contracts::commands::{Refusal, SipPeriod};

/// Those that overlap or touch become one.
pub(super) fn merged(mut all: Vec<SipPeriod>) -> Vec<SipPeriod> {
    all.retain(|one| one.from < one.until);
    all.sort();
    let mut merged: Vec<SipPeriod> = Vec::with_capacity(all.len());
    for one in all {
        match merged.last_mut() {
            Some(last) if one.from <= last.until => last.until = last.until.max(one.until),
            _ => merged.push(one),
        }
    }
    merged
}

/// What is in both.
pub(super) fn common(one: &[SipPeriod], other: &[SipPeriod]) -> Vec<SipPeriod> {
    let (mut a, mut b) = (one.iter().peekable(), other.iter().peekable());
    let mut both = Vec::new();
    while let (Some(x), Some(y)) = (a.peek(), b.peek()) {
        let (from, until) = (x.from.max(y.from), x.until.min(y.until));
        if from < until {
            both.push(SipPeriod { from, until });
        }
        if x.until < y.until {
            a.next();
        } else {
            b.next();
        }
    }
    both
}

/// What is in the first and not in the second.
pub(super) fn without(all: &[SipPeriod], taken: &[SipPeriod]) -> Vec<SipPeriod> {
    let mut left = Vec::new();
    for one in all {
        let mut from = one.from;
        let first = taken.partition_point(|away| away.until <= one.from);
        for away in taken.iter().skip(first).take_while(|away| away.from < one.until) {
            if from < away.from {
                left.push(SipPeriod { from, until: away.from });
            }
            from = from.max(away.until);
        }
        if from < one.until {
            left.push(SipPeriod { from, until: one.until });
        }
    }
    left
}

/// Each ends after it begins.
pub(super) fn check(periods: &[SipPeriod], field: &str) -> Result<(), Refusal> {
    match periods.iter().position(|one| one.until <= one.from) {
        None => Ok(()),
        Some(at) => Err(Refusal::new(
            "ends_before_it_begins",
            "Tiden slutar innan den börjar.",
            "The time ends before it begins.",
        )
        .at(&format!("{field}/{at}"))),
    }
}
