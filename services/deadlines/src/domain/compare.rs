//! Two rulebooks over what has been recorded: what would have been owed and missed by the one, and by
//! the other. Changes nothing, and asks no clock.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use contracts::ledger::{Obligation, ObligationState};
use contracts::{CaseRef, Owner};
use serde::Serialize;

use super::derive::{StepsTaken, derive};
use super::facts::Facts;
use super::rulebook::{Rulebook, Rulebooks};

/// Two rulebooks, and what a history says of them so far.
#[derive(Debug)]
pub struct Comparison {
    from: Rulebooks,
    to: Rulebooks,
    regions: [String; 2],
    found: Compared,
}

/// What differs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// How many cases were looked at.
    pub cases: u64,
    /// Each line and owner that either rulebook has asked something of.
    pub lines: Vec<ComparedLine>,
    /// Duties that would have been missed by the second rulebook, and were not, or were none, by the
    /// first.
    pub newly_missed: Vec<NewlyMissed>,
    #[serde(skip)]
    counts: BTreeMap<(String, Owner), [Counts; 2]>,
}

/// A line under both rulebooks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ComparedLine {
    /// The line.
    pub rule: String,
    /// Who owes it.
    pub owner: Owner,
    /// By the first rulebook.
    pub from: Counts,
    /// By the second.
    pub to: Counts,
}

/// How many duties there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// All.
    pub owed: u64,
    /// Those whose time ran out, met since or not.
    pub missed: u64,
    /// Those without a clock, or before their time ran out, that were not done when they ended.
    pub never: u64,
}

/// A duty that only the second rulebook would have called missed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NewlyMissed {
    /// The case.
    pub case: CaseRef,
    /// The line.
    pub rule: String,
    /// Who owed it.
    pub owner: Owner,
    /// When it was due.
    pub due: Option<DateTime<Utc>>,
}

impl Comparison {
    /// Of these two, each as if it had been in force since ever.
    #[must_use]
    pub fn new(from: &Rulebook, to: &Rulebook) -> Self {
        Self {
            regions: [from.id.clone(), to.id.clone()],
            from: Rulebooks::only(from),
            to: Rulebooks::only(to),
            found: Compared::default(),
        }
    }

    /// Looks at one case as it stood at `now`.
    pub fn add(&mut self, facts: &Facts, now: DateTime<Utc>) {
        let [from, to] = &self.regions;
        let steps = StepsTaken::default();
        let before = derive(facts, &steps, &self.from, from, now);
        let after = derive(facts, &steps, &self.to, to, now);
        let (Some(before), Some(after)) = (before, after) else { return };
        let (before, after) = (before.ledger, after.ledger);
        self.found.cases += 1;
        for (at, ledger) in [&before, &after].into_iter().enumerate() {
            for duty in &ledger.obligations {
                let missed = is_missed(duty);
                let never = duty.state == ObligationState::StillMissed && !missed;
                self.count(at, &duty.rule, duty.owner, missed, never);
            }
            for line in ledger.shown.iter().flat_map(|shown| &shown.lines) {
                for owner in line.open.iter().chain(&line.met) {
                    self.count(at, &line.rule, *owner, false, false);
                }
                for owner in &line.past {
                    self.count(at, &line.rule, *owner, false, true);
                }
            }
        }
        let was_missed =
            |duty: &Obligation| before.obligations.iter().any(|o| o.id == duty.id && is_missed(o));
        let new = after.obligations.iter().filter(|duty| is_missed(duty) && !was_missed(duty));
        let mut new: Vec<&Obligation> = new.collect();
        new.sort_by_key(|duty| (&duty.rule, duty.owner, duty.started_at));
        self.found.newly_missed.extend(new.into_iter().map(|duty| NewlyMissed {
            case: after.case_ref,
            rule: duty.rule.clone(),
            owner: duty.owner,
            due: duty.due,
        }));
    }

    fn count(&mut self, at: usize, rule: &str, owner: Owner, missed: bool, never: bool) {
        let counts = self.found.counts.entry((rule.to_owned(), owner)).or_default();
        if let Some(counts) = counts.get_mut(at) {
            counts.owed += 1;
            counts.missed += u64::from(missed);
            counts.never += u64::from(never);
        }
    }

    /// What was found.
    #[must_use]
    pub fn finish(self) -> Compared {
        let counts = self.found.counts.iter();
        let lines = counts.map(|((rule, owner), [from, to])| ComparedLine {
            rule: rule.clone(),
            owner: *owner,
            from: *from,
            to: *to,
        });
        Compared { lines: lines.collect(), ..self.found }
    }
}

/// Its time ran out while it was owed. What a discharge left undone without a clock was not missed.
fn is_missed(duty: &Obligation) -> bool {
    match duty.state {
        ObligationState::Missed | ObligationState::MetLate => true,
        ObligationState::StillMissed => {
            let ended = duty.ended.as_ref().map(|ended| ended.at);
            duty.due.is_some_and(|due| ended.is_none_or(|ended| due <= ended))
        }
        _ => false,
    }
}
