//! Lines that are shown and never missed. Many lines have neither clock nor ladder: as duties of their
//! own they would make a ledger several times as large. So a ledger holds of each who still has to do
//! it, and [`in_full`] derives the rest when somebody asks.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use contracts::ledger::{Obligation, ObligationState, ShownLine, ShownLines};
use contracts::{CaseId, EntryId, Ledger, ObligationId, Owner};

use super::origins::Origin;
use super::{Line, Plan, Time, duty, each_owner, followed, stands};
use crate::domain::facts::{Facts, View};
use crate::domain::rulebook::{Rulebook, Rulebooks};

/// The lines of one rulebook that concern a case.
#[derive(Default)]
pub(super) struct Lines(Vec<ShownLine>);

impl Lines {
    /// Says how an owner stands by a line, by the newest entry that it is owed by.
    pub(super) fn add(
        &mut self,
        line: Line<'_>,
        view: View<'_>,
        time: Time<'_>,
        expiries: &mut BTreeMap<ObligationId, DateTime<Utc>>,
    ) {
        let Some(origin) = newest(line, view) else { return };
        let state = stands(line, &origin, None, view, time).state;
        if state == ObligationState::Cancelled {
            return;
        }
        if let Some(at) = origin.expires_at.filter(|_| state.is_open()) {
            expiries.insert(key(view.case.case_id, &line.rule.id, line.owner), at);
        }
        let is_new = self.0.last().is_none_or(|last| last.rule != line.rule.id);
        if is_new {
            self.0.push(ShownLine {
                rule: line.rule.id.clone(),
                open: Vec::new(),
                met: Vec::new(),
                past: Vec::new(),
            });
        }
        if let Some(shown) = self.0.last_mut() {
            let list = match state {
                ObligationState::Met | ObligationState::MetLate => &mut shown.met,
                ObligationState::StillMissed => &mut shown.past,
                _ => &mut shown.open,
            };
            list.push(line.owner);
        }
    }

    pub(super) fn of(self, book: &Rulebook) -> Option<ShownLines> {
        let rulebook = book.name();
        (!self.0.is_empty()).then(|| ShownLines { rulebook: rulebook.to_owned(), lines: self.0 })
    }
}

fn newest<'a>(line: Line<'_>, view: View<'a>) -> Option<Origin<'a>> {
    let mut newest: Option<Origin<'_>> = None;
    followed(line, view, |origin| {
        let age = |one: &Origin<'_>| (one.end.is_none(), one.life.from, one.entry);
        if newest.as_ref().is_none_or(|newest| age(newest) < age(&origin)) {
            newest = Some(origin);
        }
    });
    newest
}

/// What an owner's expiry by a line is kept under.
fn key(case: CaseId, rule: &str, owner: Owner) -> ObligationId {
    ObligationId::derive(case, rule, owner.as_str(), EntryId(uuid::Uuid::nil()))
}

/// What time alone changes: with a consent a line goes, and at the closing of the case what is open is
/// past.
pub(crate) fn pass(ledger: &mut Ledger, plan: &Plan, now: DateTime<Utc>) {
    let closed = plan.closes_at.filter(|at| *at <= now);
    let has_expired = plan.expiries.values().any(|at| *at <= now);
    if closed.is_none() && !has_expired {
        return;
    }
    let case = ledger.case_id;
    for of in &mut ledger.shown {
        for ShownLine { rule, open, past, .. } in &mut of.lines {
            open.retain(|owner| {
                let expired = plan.expiries.get(&key(case, rule, *owner));
                let expired = expired.filter(|at| **at <= now);
                expired.is_none_or(|at| closed.is_some_and(|closed| closed < *at))
            });
            if closed.is_some() {
                past.append(open);
            }
        }
        let is_empty =
            |line: &ShownLine| line.open.is_empty() && line.met.is_empty() && line.past.is_empty();
        of.lines.retain(|line| !is_empty(line));
    }
    ledger.shown.retain(|of| !of.lines.is_empty());
}

/// The lines that are shown, as duties with trigger, times and proof: every one that the case has ever
/// had.
#[must_use]
pub fn in_full(
    facts: &Facts,
    rulebooks: &Rulebooks,
    region: &str,
    now: DateTime<Utc>,
) -> Vec<Obligation> {
    let mut duties = Vec::new();
    let Some(view) = facts.view() else { return duties };
    let plan = Plan::of(view);
    let time = Time { plan: &plan, now };
    for book in rulebooks.of(region) {
        let shown = book.rules.iter().filter(|rule| rule.shown);
        for (rule, owner) in shown.flat_map(each_owner) {
            let line = Line { book, rule, owner };
            followed(line, view, |origin| duties.push(duty(line, &origin, view, time)));
        }
    }
    duties
}
