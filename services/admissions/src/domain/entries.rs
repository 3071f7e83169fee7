//! The dated entries of a case: how each kind is added, whether by a message or by a command. Each
//! function says whether something changed; what is so already is not entered again.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use contracts::case::{Case, Consent, ConsentAnswer, Discharge, Estimate, Leave, Need, Place};
use contracts::{EntryId, HsaId, Party, Revocable, Stamp};

/// What is judged of the need.
pub(crate) struct Judgement {
    /// Whose services are needed.
    pub(crate) parties: BTreeSet<Party>,
    /// Whether the patient comes often.
    pub(crate) frequent_patient: bool,
    /// When the need was noticed is stated, and not only assumed.
    pub(crate) is_time_stated: bool,
}

/// A judgement of need; `stamp.occurred_at` is when the need was noticed. It replaces the one in
/// force, unless that says the same.
pub(crate) fn judge_need(case: &mut Case, judged: Judgement, stamp: Stamp) -> bool {
    let Judgement { parties, frequent_patient, is_time_stated } = judged;
    let says_the_same = |need: &Need| {
        let is_then = !is_time_stated || need.stamp.occurred_at == stamp.occurred_at;
        need.parties == parties && need.frequent_patient == frequent_patient && is_then
    };
    if case.need().is_some_and(says_the_same) {
        return false;
    }
    withdraw_need(case, &following("replaced", &stamp));
    case.needs.push(Need { stamp, parties, frequent_patient, withdrawn: None });
    true
}

/// Withdraws the judgement in force.
pub(crate) fn withdraw_need(case: &mut Case, stamp: &Stamp) -> bool {
    let in_force = case.needs.iter_mut().filter(|need| need.withdrawn.is_none());
    let withdrawn = in_force.map(|need| need.withdrawn = Some(stamp.clone()));
    withdrawn.count() > 0
}

/// What the patient said. A no after a yes is a withdrawal.
pub(crate) fn record_consent(case: &mut Case, mut said: Consent) -> bool {
    let last = case.consents.iter().rev().find(|earlier| earlier.meets(&said));
    said.answer = match (last.map(|last| last.answer), said.answer) {
        (Some(ConsentAnswer::Given), ConsentAnswer::Refused) => ConsentAnswer::Withdrawn,
        (Some(ConsentAnswer::Withdrawn), ConsentAnswer::Refused) => return false,
        (_, answer) => answer,
    };
    if last.is_some_and(|last| *last == Consent { stamp: last.stamp.clone(), ..said.clone() }) {
        return false;
    }
    case.consents.push(said);
    true
}

/// The estimated discharge, or that there is none any longer.
pub(crate) fn set_estimate(case: &mut Case, estimate: Estimate) -> bool {
    let holds = case.estimates.last();
    let is_as_sure =
        estimate.certainty.is_none() || holds.and_then(|one| one.certainty) == estimate.certainty;
    if case.estimate() == estimate.at && is_as_sure {
        return false;
    }
    case.estimates.push(estimate);
    true
}

/// The ward where the patient is now. The same message again, after its code was mapped, puts its
/// own entry right.
pub(crate) fn place(case: &mut Case, ward: Option<HsaId>, stamp: Stamp) -> bool {
    if case.ward == ward && !case.places.is_empty() {
        return false;
    }
    case.ward.clone_from(&ward);
    if let Some(same) = case.places.iter_mut().find(|place| place.stamp.id == stamp.id) {
        same.ward = ward;
        return true;
    }
    case.places.push(Place { stamp, ward });
    true
}

/// The end of the stay. Stated again with another time it is the same discharge, put right.
pub(crate) fn discharge(case: &mut Case, stamp: Stamp) -> bool {
    let Some(known) = case.discharges.iter_mut().rev().find(|known| known.revoked.is_none()) else {
        end_leave(case, Stamp { id: leave_ended_by(&stamp), ..stamp.clone() });
        case.discharges.push(Discharge { stamp, revoked: None });
        return true;
    };
    let is_other = known.stamp.occurred_at != stamp.occurred_at;
    known.stamp.occurred_at = stamp.occurred_at;
    is_other
}

/// The discharge did not happen after all: the leave that it ended goes on.
pub(crate) fn revoke_discharge(case: &mut Case, stamp: Stamp) -> bool {
    let mut newest_first = case.discharges.iter_mut().rev();
    let Some(known) = newest_first.find(|known| known.revoked.is_none()) else { return false };
    known.revoked = Some(stamp);
    let ended_by = leave_ended_by(&known.stamp);
    let last = case.leaves.last_mut();
    if let Some(leave) = last.filter(|one| one.ended.as_ref().is_some_and(|e| e.id == ended_by)) {
        leave.ended = None;
    }
    true
}

fn leave_ended_by(discharge: &Stamp) -> EntryId {
    EntryId::derive("leave_ended", &[&discharge.id.to_string()])
}

/// The patient goes on leave, unless that is known or the stay is over.
pub(crate) fn start_leave(case: &mut Case, stamp: Stamp) -> bool {
    if case.leave().is_some() || case.discharge().is_some() {
        return false;
    }
    case.leaves.push(Leave { stamp, ended: None });
    true
}

/// The patient is back from the leave that goes on; not before it began.
pub(crate) fn end_leave(case: &mut Case, stamp: Stamp) -> bool {
    let Some(leave) = case.leaves.last_mut().filter(|leave| leave.ended.is_none()) else {
        return false;
    };
    let occurred_at = stamp.occurred_at.max(leave.stamp.occurred_at);
    leave.ended = Some(Stamp { occurred_at, ..stamp });
    true
}

/// The patient did not go on the leave that goes on: it ends when it began.
pub(crate) fn take_back_leave(case: &mut Case, stamp: Stamp) -> bool {
    end_leave(case, Stamp { occurred_at: DateTime::<Utc>::MIN_UTC, ..stamp })
}

/// The patient did not come back from the last leave, unless that ended with the stay.
pub(crate) fn take_back_return(case: &mut Case) -> bool {
    let goes_on = case.discharge().is_none();
    let last = case.leaves.last_mut().filter(|leave| goes_on && leave.ended.is_some());
    last.is_some_and(|leave| leave.ended.take().is_some())
}

/// Says something that can be taken back, unless it is said already.
pub(crate) fn say(entries: &mut Vec<Revocable>, stamp: Stamp) -> bool {
    if entries.iter().any(Revocable::in_force) {
        return false;
    }
    entries.push(Revocable { stamp, revoked: None });
    true
}

/// Takes back what was said.
pub(crate) fn take_back(entries: &mut [Revocable], stamp: Stamp) -> bool {
    match entries.iter_mut().rev().find(|entry| entry.in_force()) {
        Some(entry) => {
            entry.revoked = Some(stamp);
            true
        }
        None => false,
    }
}

/// The stamp of what follows from another entry at the moment when that is recorded.
fn following(kind: &str, stamp: &Stamp) -> Stamp {
    Stamp {
        id: EntryId::derive(kind, &[&stamp.id.to_string()]),
        occurred_at: stamp.recorded_at,
        ..stamp.clone()
    }
}
