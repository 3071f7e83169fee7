//! What one case gives to the figures of duties: owed, met in time, met late, never met.

use contracts::ledger::{Obligation, ObligationState};
use contracts::{Case, Ledger, Owner};

use super::of_case::{DAY, Found, hours, never};
use super::{Measure, Tally};
use crate::domain::rulebook::{Predicate, Rulebooks};

pub(super) fn add(case: &Case, ledger: Option<&Ledger>, rulebooks: &Rulebooks, found: &mut Found) {
    for duty in ledger.into_iter().flat_map(|ledger| &ledger.obligations) {
        let Some(tally) = stands(duty) else { continue };
        if is_notice(duty, rulebooks) {
            // In its place: both together would tell of how many the one start was later.
            found.add(Measure::Notice24h, notice(duty, case));
            continue;
        }
        let measure = Measure::Duty {
            rule: duty.rule.clone(),
            owner: duty.owner,
            rulebook: duty.rulebook.clone(),
        };
        if duty.owner == Owner::Ward {
            found.add(measure, tally);
        } else {
            found.add_of(measure, duty.units.clone(), tally);
        }
    }
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
