//! Ledgers as `deadlines` tells them.

use chassis::new_id;
use chrono::{DateTime, TimeDelta, Utc};
use contracts::ledger::{
    Ledger, News, NewsKind, Obligation, ObligationState, Step, StepKind, StepOutcome, Words,
};
use contracts::reach::Role;
use contracts::{CaseId, CaseRef, EntryId, HsaId, ObligationId, Owner};

pub(crate) const UNIT: &str = "SE2321000180-VC01";

pub(crate) fn unit() -> HsaId {
    UNIT.parse().unwrap()
}

fn start() -> DateTime<Utc> {
    "2026-11-24T07:00:00Z".parse().unwrap()
}

/// A case with a notice and one open duty of one unit.
pub(crate) fn open_case() -> Ledger {
    let case_id = CaseId(new_id());
    let trigger = EntryId(new_id());
    let id = ObligationId::derive(case_id, "K06", "open_care", trigger);
    let title =
        Words { sv: "Utse fast vårdkontakt".to_owned(), en: "Name the care contact".to_owned() };
    let due = start() + TimeDelta::hours(24);
    let obligation = Obligation {
        id,
        rule: "K06".to_owned(),
        rulebook: "se 2026.1".to_owned(),
        title,
        owner: Owner::OpenCare,
        units: vec![unit()],
        trigger,
        started_at: start(),
        target: Some(due),
        due: Some(due),
        state: ObligationState::Open,
        proof: None,
        ended: None,
        missing: Vec::new(),
        steps: Vec::new(),
    };
    let news = News {
        id: EntryId::derive("news", &["notice_came", &case_id.to_string()]),
        kind: NewsKind::NoticeCame,
        unit: unit(),
        at: start(),
        withdrawn: false,
    };
    Ledger {
        case_id,
        case_ref: CaseRef::from_random(case_id.0.as_u128()),
        obligations: vec![obligation],
        news: vec![news],
        shown: Vec::new(),
        proposal: None,
    }
}

/// The same case without its news: only the steps speak.
pub(crate) fn quiet_case() -> Ledger {
    Ledger { news: Vec::new(), ..open_case() }
}

/// The case after a step of its duty.
pub(crate) fn step(ledger: &Ledger, kind: StepKind, role: Role) -> Ledger {
    let mut ledger = ledger.clone();
    for obligation in &mut ledger.obligations {
        let id = EntryId::derive("step", &[&obligation.id.to_string(), kind.as_str()]);
        let due = start() + TimeDelta::hours(24);
        if kind.is_escalation() {
            obligation.state = ObligationState::Missed;
        }
        obligation.steps.push(Step {
            id,
            kind,
            planned_at: due,
            taken_at: due,
            outcome: StepOutcome::Told,
            role,
            units: obligation.units.clone(),
            on_call: Vec::new(),
            told_with: None,
            input_late: false,
        });
    }
    ledger
}

/// The case after its duty was missed and the unit told.
pub(crate) fn missed(ledger: &Ledger) -> Ledger {
    step(ledger, StepKind::Unit, Role::Unit)
}

/// The case after its duty was done.
pub(crate) fn done(ledger: &Ledger) -> Ledger {
    let mut ledger = ledger.clone();
    for obligation in &mut ledger.obligations {
        obligation.state = match obligation.state {
            ObligationState::Missed => ObligationState::MetLate,
            _ => ObligationState::Met,
        };
    }
    ledger
}
