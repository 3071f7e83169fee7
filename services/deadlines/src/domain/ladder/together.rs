//! What goes in one message: a step names what another message of the same moment names too.
//!
//! Before a discharge the same unit may have several things left to do, and the notice that starts the
//! reminders may name them itself. The steps are taken and recorded one by one all the same; which of
//! them need no message of their own is decided once, when they are taken, and recorded with them.

use std::collections::{BTreeMap, BTreeSet};

use contracts::ledger::{News, NewsKind, ObligationState, Step, StepKind, StepOutcome};
use contracts::reach::Role;
use contracts::{EntryId, HsaId, Ledger, ObligationId};

use crate::domain::derive::Plan;

/// The duties that each standing ready notice names: what its unit had to do when it was first told of
/// it. What the ledger before had is kept, since a duty that was heard of later is in no notice.
#[must_use]
pub fn named(
    before: Option<&Ledger>,
    plan: &Plan,
    after: &Ledger,
) -> BTreeMap<EntryId, BTreeSet<ObligationId>> {
    let known =
        |notice: &News| before.is_some_and(|old| old.news.iter().any(|n| n.id == notice.id));
    let notices = after.news.iter().filter(|one| is_ready_notice(one));
    let named = notices.map(|notice| {
        let duties = if known(notice) {
            plan.named.get(&notice.id).cloned().unwrap_or_default()
        } else {
            let owed = after.owed_by(&notice.unit);
            owed.filter(|duty| duty.state == ObligationState::Open).map(|duty| duty.id).collect()
        };
        (notice.id, duties)
    });
    named.filter(|(_, duties)| !duties.is_empty()).collect()
}

fn is_ready_notice(news: &News) -> bool {
    news.kind == NewsKind::ReadyGiven && !news.withdrawn
}

/// The steps that are taken at one moment.
pub(super) struct Together<'a> {
    plan: &'a Plan,
    notices: Vec<&'a News>,
    first: Vec<First>,
}

/// A step with a message of its own, and by what others are alike.
struct First {
    id: EntryId,
    kind: StepKind,
    role: Role,
    units: Vec<HsaId>,
    on_call: Vec<HsaId>,
}

impl<'a> Together<'a> {
    pub(super) fn new(plan: &'a Plan, news: &'a [News]) -> Self {
        let notices = news.iter().filter(|one| !plan.named.is_empty() && is_ready_notice(one));
        Self { plan, notices: notices.collect(), first: Vec::new() }
    }

    /// The message that names the duty of this step too, if one does.
    pub(super) fn with(&mut self, duty: ObligationId, step: &Step) -> Option<EntryId> {
        let before_discharge =
            matches!(step.kind, StepKind::ReminderAtReady | StepKind::ReminderAtEstimate);
        if step.outcome != StepOutcome::Told || !before_discharge {
            return None;
        }
        if let Some(notice) = self.notice(duty, step) {
            return Some(notice);
        }
        let alike = |first: &&First| {
            (first.kind, first.role) == (step.kind, step.role)
                && (&first.units, &first.on_call) == (&step.units, &step.on_call)
        };
        if let Some(first) = self.first.iter().find(alike) {
            return Some(first.id);
        }
        let Step { id, kind, role, .. } = *step;
        let (units, on_call) = (step.units.clone(), step.on_call.clone());
        self.first.push(First { id, kind, role, units, on_call });
        None
    }

    /// The ready notice, when it has told all of the step's units of the duty in the same role. A unit
    /// that was closed when it came is reminded at opening.
    fn notice(&self, duty: ObligationId, step: &Step) -> Option<EntryId> {
        let at_once = step.kind == StepKind::ReminderAtReady
            && step.role == Role::Unit
            && step.on_call.is_empty()
            && Some(step.planned_at) == self.plan.ready_at;
        if !at_once {
            return None;
        }
        let names = |notice: &&&News| {
            self.plan.named.get(&notice.id).is_some_and(|duties| duties.contains(&duty))
        };
        let of = |unit: &HsaId| {
            let mut naming = self.notices.iter().filter(names);
            naming.find(|notice| notice.unit == *unit).map(|notice| notice.id)
        };
        let notices: Option<Vec<EntryId>> = step.units.iter().map(of).collect();
        notices?.into_iter().next()
    }
}
