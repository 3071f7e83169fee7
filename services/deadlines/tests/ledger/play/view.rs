//! What a test looks at after its play: duties, news, and who was told when.

use chrono::{DateTime, Utc};
use contracts::ledger::{NewsKind, Obligation, ObligationState, StepKind, StepOutcome};
use contracts::reach::Role;
use contracts::{HsaId, Ledger};

use super::Play;

/// A ladder is told in steps: which rung, when (local), what became of it, and who was told.
pub(crate) type Told = (StepKind, DateTime<Utc>, StepOutcome, Role);

impl Play {
    pub(crate) fn ledger(&self, now: &str) -> Ledger {
        self.derived(now).ledger
    }

    pub(crate) fn duties(&self, now: &str, rule: &str) -> Vec<Obligation> {
        let mut duties = self.ledger(now).obligations;
        duties.retain(|duty| duty.rule == rule);
        duties.sort_by_key(|duty| (duty.started_at, duty.owner));
        duties
    }

    /// The one duty of a rule.
    pub(crate) fn duty(&self, now: &str, rule: &str) -> Obligation {
        let duties = self.duties(now, rule);
        assert_eq!(duties.len(), 1, "{duties:#?}");
        duties.into_iter().next().unwrap()
    }

    pub(crate) fn state(&self, now: &str, rule: &str) -> ObligationState {
        self.duty(now, rule).state
    }

    pub(crate) fn reason(&self, now: &str, rule: &str) -> Option<String> {
        self.duty(now, rule).ended.map(|ended| ended.reason)
    }

    pub(crate) fn news(&self, now: &str, kind: NewsKind) -> Vec<(HsaId, bool)> {
        let mut news: Vec<_> =
            self.ledger(now).news.into_iter().filter(|n| n.kind == kind).collect();
        news.sort_by_key(|one| (one.at, one.unit.clone()));
        news.into_iter().map(|one| (one.unit, one.withdrawn)).collect()
    }

    /// The steps that were taken for the one duty of a rule.
    pub(crate) fn told(&self, rule: &str) -> Vec<Told> {
        let stored = &self.stored.as_ref().unwrap().ledger;
        let duties = stored.obligations.iter().filter(|duty| duty.rule == rule);
        duties
            .flat_map(|duty| &duty.steps)
            .map(|step| (step.kind, step.taken_at, step.outcome, step.role))
            .collect()
    }

    pub(crate) fn kinds(&self, rule: &str) -> Vec<StepKind> {
        self.told(rule).into_iter().map(|step| step.0).collect()
    }
}
