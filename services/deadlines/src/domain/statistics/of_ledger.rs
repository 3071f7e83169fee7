//! What one case gives to the figures of duties: owed, met in time, met late, never met.

use std::collections::BTreeSet;

use contracts::ledger::{Obligation, ObligationState};
use contracts::{Case, HsaId, Ledger, Owner};

use super::of_case::{DAY, Found, hours, never};
use super::{Measure, Tally};
use crate::domain::facts::View;
use crate::domain::rulebook::{Predicate, Rulebooks};

pub(super) fn add(
    view: View<'_>,
    ledger: Option<&Ledger>,
    rulebooks: &Rulebooks,
    found: &mut Found,
) {
    let Some(ledger) = ledger else { return };
    for duty in &ledger.obligations {
        let Some(tally) = stands(duty) else { continue };
        if is_notice(duty, rulebooks) {
            // In its place: both together would tell of how many the one start was later.
            found.add(Measure::Notice24h, notice(duty, view.case));
            continue;
        }
        add_line([&duty.rule, &duty.rulebook], duty.owner, duty.units.clone(), tally, found);
    }
    for (book, line) in ledger.shown.iter().flat_map(|of| of.lines.iter().map(move |one| (of, one)))
    {
        // What is still to be done does not count yet.
        let met = line.met.iter().map(|owner| (*owner, Tally::one(true)));
        let past = line.past.iter().map(|owner| (*owner, never()));
        for (owner, tally) in met.chain(past) {
            add_line([&line.rule, &book.rulebook], owner, units(view, owner), tally, found);
        }
    }
}

fn add_line(
    [rule, rulebook]: [&String; 2],
    owner: Owner,
    units: Vec<HsaId>,
    tally: Tally,
    found: &mut Found,
) {
    let measure = Measure::Duty { rule: rule.clone(), owner, rulebook: rulebook.clone() };
    if owner == Owner::Ward {
        found.add(measure, tally);
    } else {
        found.add_of(measure, units, tally);
    }
}

/// The owner's units that have the case; a line that is shown does not say whose it was.
fn units(view: View<'_>, owner: Owner) -> Vec<HsaId> {
    let current = view.routes_of(owner).filter(|route| route.ended.is_none());
    let units: BTreeSet<&HsaId> = current.map(|route| &route.unit).collect();
    units.into_iter().cloned().collect()
}

/// How a duty counts; not while it is open and in time, nor when it was no longer owed.
fn stands(duty: &Obligation) -> Option<Tally> {
    let took = duty.proof.as_ref().map(|proof| hours(proof.occurred_at - duty.started_at));
    let tally = match duty.state {
        ObligationState::Met => Tally::one(true),
        ObligationState::MetLate => Tally::late(),
        ObligationState::Missed | ObligationState::StillMissed => return Some(never()),
        ObligationState::Open | ObligationState::Cancelled | ObligationState::Unknown => {
            return None;
        }
    };
    Some(took.into_iter().fold(tally, Tally::with))
}

fn is_notice(duty: &Obligation, rulebooks: &Rulebooks) -> bool {
    let rule = rulebooks.named(&duty.rulebook).and_then(|book| book.rule(&duty.rule));
    rule.is_some_and(|rule| rule.proof == Predicate::NoticeComplete)
}

/// From the admission, or from when the need was noticed when that was later.
fn notice(duty: &Obligation, case: &Case) -> Tally {
    let Some(proof) = &duty.proof else { return never() };
    let took = proof.occurred_at - duty.started_at.max(case.admitted.occurred_at);
    let tally = if took <= DAY { Tally::one(true) } else { Tally::late() };
    tally.with(hours(took))
}
