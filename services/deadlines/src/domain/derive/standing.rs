//! How a duty stands: met, missed, cancelled or past.
//!
//! A duty ends once, at the earliest of everything that can end it; what comes later changes it no
//! more. A proof counts when it was recorded before that, or had happened before it and was told
//! late.

use chrono::{DateTime, Utc};
use contracts::ledger::{Ending, Obligation, ObligationState, Proof};
use contracts::stamp::in_force;
use contracts::{Case, Stamp};

use super::Plan;
use super::origins::Origin;
use super::predicates::Answer;
use crate::domain::rulebook::{Rule, Until};

/// Why duties end without proof, as codes.
#[expect(missing_docs, reason = "the names say it")]
pub mod reason {
    pub const NEED_WITHDRAWN: &str = "need_withdrawn";
    pub const CONSENT_WITHDRAWN: &str = "consent_withdrawn";
    pub const NO_LONGER_CONCERNED: &str = "no_longer_concerned";
    pub const ROUTE_ENDED: &str = "route_ended";
    pub const CONSENT_EXPIRED: &str = "consent_expired";
    pub const READY_REVOKED: &str = "ready_revoked";
    pub const DISCHARGE_REVOKED: &str = "discharge_revoked";
    pub const TRACK_CHANGED: &str = "track_changed";
    pub const FORM_CHANGED: &str = "form_changed";
    pub const PROPOSAL_WITHDRAWN: &str = "proposal_withdrawn";
    pub const PROPOSAL_REFUSED: &str = "proposal_refused";
    pub const SIP_NEED_REVOKED: &str = "sip_need_revoked";
    pub const SIP_CANCELLED: &str = "sip_cancelled";
    pub const PLAN_REPLACED: &str = "plan_replaced";
    pub const SIP_DECLINED: &str = "sip_declined";
    pub const SIP_NOT_NEEDED: &str = "sip_not_needed";
    pub const COMPULSORY_CARE: &str = "compulsory_care";
    pub const SIP_ENDED: &str = "sip_ended";
    pub const ADMISSION_CANCELLED: &str = "admission_cancelled";
    pub const DEATH: &str = "death";
    pub const DISCHARGED: &str = "discharged";
    pub const CLOSED: &str = "closed";
    pub const NO_LONGER_DERIVED: &str = "no_longer_derived";
}

/// Something that ends a duty without fulfilling it.
#[derive(Clone, Copy)]
pub(super) struct End {
    /// When it was recorded: from then on nobody is told.
    pub(super) at: DateTime<Utc>,
    happened_at: DateTime<Utc>,
    reason: &'static str,
    state: ObligationState,
}

impl End {
    /// The duty is no longer owed.
    pub(super) fn cancels(stamp: &Stamp, reason: &'static str) -> Self {
        Self { happened_at: stamp.occurred_at, ..Self::cancels_at(stamp.recorded_at, reason) }
    }

    pub(super) fn cancels_at(at: DateTime<Utc>, reason: &'static str) -> Self {
        Self { at, happened_at: at, reason, state: ObligationState::Cancelled }
    }

    /// Its time is past.
    fn leaves_missed(self) -> Self {
        Self { state: ObligationState::StillMissed, ..self }
    }

    fn comes_after(&self, proof: &Proof) -> bool {
        proof.recorded_at <= self.at || proof.occurred_at <= self.happened_at
    }
}

/// What is decided of a duty, the passing of its due apart.
pub(super) struct Standing {
    pub(super) state: ObligationState,
    pub(super) proof: Option<Proof>,
    pub(super) ended: Option<Ending>,
    pub(super) missing: Vec<String>,
}

impl Standing {
    fn new(state: ObligationState) -> Self {
        Self { state, proof: None, ended: None, missing: Vec::new() }
    }
}

pub(super) fn decide(
    rule: &Rule,
    origin: &Origin<'_>,
    answer: Answer,
    due: Option<DateTime<Utc>>,
    case: &Case,
    plan: &Plan,
    now: DateTime<Utc>,
) -> Standing {
    let discharged = case.discharge().filter(|_| rule.until == Until::Discharge);
    // What is recorded after the closing does not count, whenever the closing itself is noticed.
    let too_late = |at: &DateTime<Utc>| answer.proof.as_ref().is_some_and(|p| *at < p.recorded_at);
    let closed = plan.closes_at.filter(|at| *at <= now || too_late(at));
    let expired = origin.expires_at.filter(|at| *at <= now || too_late(at));
    let ends = [
        origin.end,
        answer.end,
        expired.map(|at| End::cancels_at(at, reason::CONSENT_EXPIRED)),
        discharged.map(|d| End::cancels(&d.stamp, reason::DISCHARGED).leaves_missed()),
        closed.map(|at| closing(at, due)),
    ];
    let ends = case_ends(case).into_iter().chain(ends).flatten();
    let end = ends.min_by_key(|end| end.at);
    let proof = answer.proof;
    if let Some(proof) = proof.filter(|proof| end.as_ref().is_none_or(|e| e.comes_after(proof))) {
        let in_time = due.is_none_or(|due| proof.occurred_at <= due);
        let state = if in_time { ObligationState::Met } else { ObligationState::MetLate };
        return Standing { proof: Some(proof), ..Standing::new(state) };
    }
    if let Some(end) = end {
        return Standing {
            ended: Some(Ending { at: end.at.max(origin.life.from), reason: end.reason.to_owned() }),
            ..Standing::new(end.state)
        };
    }
    Standing {
        missing: answer.missing.into_iter().map(str::to_owned).collect(),
        ..Standing::new(ObligationState::Open)
    }
}

/// What is open when the case closes was never done; what was to be done later is no longer owed.
fn closing(at: DateTime<Utc>, due: Option<DateTime<Utc>>) -> End {
    let end = End::cancels_at(at, reason::CLOSED);
    if due.is_some_and(|due| at < due) { end } else { end.leaves_missed() }
}

/// A cancelled admission and a death end everything.
fn case_ends(case: &Case) -> [Option<End>; 2] {
    let cancelled = in_force(&case.cancellations);
    let death = in_force(&case.deaths);
    [
        cancelled.map(|entry| End::cancels(&entry.stamp, reason::ADMISSION_CANCELLED)),
        death.map(|entry| End::cancels(&entry.stamp, reason::DEATH)),
    ]
}

/// What time alone changes of an open duty: it is missed at its due, and past at the closing of the
/// case. A duty done in the very instant of its due is in time; the sweep waits for such proofs
/// before it lets a due pass.
pub(crate) fn pass_time(duty: &mut Obligation, plan: &Plan, now: DateTime<Utc>) {
    if !duty.state.is_open() {
        return;
    }
    let expired = plan.expiries.get(&duty.id).copied().filter(|at| *at <= now);
    let closed = plan.closes_at.filter(|at| *at <= now);
    let (state, at, why) = match (expired, closed) {
        (Some(expired), closed) if closed.is_none_or(|closed| expired <= closed) => {
            (ObligationState::Cancelled, Some(expired), reason::CONSENT_EXPIRED)
        }
        (_, Some(at)) => (closing(at, duty.due).state, closed, reason::CLOSED),
        (_, None) => (duty.state, None, reason::CLOSED),
    };
    if let Some(at) = at {
        duty.state = state;
        duty.missing.clear();
        duty.ended = Some(Ending { at, reason: why.to_owned() });
    } else if duty.due.is_some_and(|due| due <= now) {
        duty.state = ObligationState::Missed;
    }
}
