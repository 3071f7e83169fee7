//! Need, kind of plan and call, and the ends that come instead of a plan.

use std::collections::BTreeSet;

use contracts::assignment::NotNeededReason;
use contracts::commands::Refusal;
use contracts::sip::{Call, KindChange, NoticedBy, PlanKind, SipEnd, SipEndKind, SipNeed};
use contracts::{EntryId, HsaId, Sip, Stamp};

use super::meeting;

/// Somebody has noticed that a plan is needed. False when that was known.
pub(crate) fn note_need(
    sip: &mut Sip,
    noticed_by: Option<NoticedBy>,
    unit: &HsaId,
    stamp: Stamp,
) -> Result<bool, Refusal> {
    if noticed_by == Some(NoticedBy::Unknown) {
        return Err(Refusal::new(
            "unknown_noticed_by",
            "Ange vem som såg behovet: personal, patient, närstående eller annan myndighet.",
            "State who noticed the need: staff, patient, relative or other authority.",
        )
        .at("/noticed_by"));
    }
    if sip.open_need().is_some() {
        return Ok(false);
    }
    sip.needs.push(SipNeed { stamp, noticed_by, unit: Some(unit.clone()), revoked: None });
    Ok(true)
}

/// There is no need after all. False when none stands.
pub(crate) fn revoke_need(sip: &mut Sip, stamp: &Stamp) -> Result<bool, Refusal> {
    if sip.open_calls().next().is_some() {
        return Err(Refusal::new(
            "already_called",
            "Det är redan kallat. Avboka kallelsen först.",
            "It is called already. Cancel the call first.",
        ));
    }
    let Some(open) = sip.open_need().map(|need| need.stamp.id) else { return Ok(false) };
    for need in sip.needs.iter_mut().filter(|need| need.stamp.id == open) {
        need.revoked = Some(stamp.clone());
    }
    Ok(true)
}

/// States which kind of plan it is to be. False when it is that kind.
pub(crate) fn set_kind(sip: &mut Sip, kind: PlanKind, stamp: Stamp) -> Result<bool, Refusal> {
    if kind == PlanKind::Unknown {
        return Err(Refusal::new(
            "unknown_kind",
            "Ange SIP eller vårdplan vid psykiatrisk tvångsvård.",
            "State SIP or the plan of psychiatric compulsory care.",
        )
        .at("/kind"));
    }
    if sip.kind == kind {
        return Ok(false);
    }
    if sip.plan().is_some() {
        return Err(Refusal::new(
            "plan_made",
            "Planen är redan upprättad; dess slag kan inte ändras.",
            "The plan is made already; its kind cannot change.",
        )
        .at("/kind"));
    }
    sip.kind = kind;
    sip.kind_changes.push(KindChange { stamp, kind });
    Ok(true)
}

/// Calls to the plan (2017:612, 4 kap. 1 §). False when the unit has called already. That another one
/// has does not keep open care from the call that it owes.
pub(crate) fn call(sip: &mut Sip, unit: &HsaId, stamp: Stamp) -> bool {
    if sip.open_calls().any(|call| call.unit == *unit) {
        return false;
    }
    let need = sip.open_need().map(|need| need.stamp.id);
    sip.calls.push(Call { stamp, unit: unit.clone(), need, cancelled: None });
    true
}

/// Cancels the unit's call, and with the last one the planned meeting. Whoever has not called and takes
/// part cancels all. False when there is nothing to cancel.
pub(crate) fn cancel(sip: &mut Sip, unit: &HsaId, stamp: &Stamp) -> Result<bool, Refusal> {
    let open: BTreeSet<EntryId> = sip.open_calls().map(|call| call.stamp.id).collect();
    let is_planned = meeting::planned(sip).is_some();
    if open.is_empty() && !is_planned {
        return if sip.held_meeting().is_some() { Err(already_held()) } else { Ok(false) };
    }
    let own: BTreeSet<EntryId> =
        sip.open_calls().filter(|call| call.unit == *unit).map(|call| call.stamp.id).collect();
    let ending = if own.is_empty() { &open } else { &own };
    for call in sip.calls.iter_mut().filter(|call| ending.contains(&call.stamp.id)) {
        call.cancelled = Some(stamp.clone());
    }
    if ending.len() == open.len() {
        meeting::cancel(sip, stamp.clone());
    }
    Ok(true)
}

/// There will be no plan, and nobody meets. False when that was known.
pub(crate) fn end(
    sip: &mut Sip,
    kind: SipEndKind,
    reason: NotNeededReason,
    stamp: Stamp,
) -> Result<bool, Refusal> {
    let waits = sip.open_need().is_some()
        || sip.open_calls().next().is_some()
        || meeting::planned(sip).is_some();
    if sip.held_meeting().is_some() && !waits {
        return Err(already_held());
    }
    if sip.end().is_some_and(|end| end.kind == kind && end.reason == reason) && !waits {
        return Ok(false);
    }
    meeting::cancel(sip, stamp.clone());
    sip.ends.push(SipEnd { stamp, kind, reason });
    Ok(true)
}

pub(super) fn already_held() -> Refusal {
    Refusal::new("already_held", "Mötet har redan hållits.", "The meeting has been held already.")
}

#[cfg(test)]
mod tests {
    use super::super::meeting;
    use super::super::testing::{called, empty, stamp, unit};
    use super::*;

    #[test]
    fn anybody_may_notice_a_need_and_a_call_answers_it() {
        let mut sip = empty();
        let noticed = note_need(&mut sip, Some(NoticedBy::Relative), &unit(), stamp(7));
        assert_eq!(noticed, Ok(true));
        assert_eq!(note_need(&mut sip, None, &unit(), stamp(8)), Ok(false));
        assert!(call(&mut sip, &unit(), stamp(9)));
        assert_eq!(sip.call().unwrap().need, Some(stamp(7).id));
    }

    #[test]
    fn a_need_can_be_revoked_until_it_is_called_and_noticed_again() {
        let mut sip = empty();
        note_need(&mut sip, None, &unit(), stamp(7)).unwrap();
        assert_eq!(revoke_need(&mut sip, &stamp(8)), Ok(true));
        assert_eq!(revoke_need(&mut sip, &stamp(8)), Ok(false));
        assert_eq!(note_need(&mut sip, None, &unit(), stamp(9)), Ok(true));
        call(&mut sip, &unit(), stamp(10));
        assert_eq!(revoke_need(&mut sip, &stamp(11)).unwrap_err().code, "already_called");
    }

    #[test]
    fn the_kind_of_plan_keeps_its_history() {
        let mut sip = empty();
        let kind = PlanKind::CompulsoryPsychiatricCare;
        assert_eq!(set_kind(&mut sip, PlanKind::Sip, stamp(7)), Ok(false));
        assert_eq!(set_kind(&mut sip, kind, stamp(7)), Ok(true));
        assert_eq!(set_kind(&mut sip, PlanKind::Sip, stamp(8)), Ok(true));
        assert_eq!(sip.kind_changes.len(), 2);
        assert_eq!(sip.kind, PlanKind::Sip);
    }

    #[test]
    fn calling_twice_is_one_call() {
        let mut sip = called();
        assert!(!call(&mut sip, &unit(), stamp(9)));
        assert_eq!(sip.calls.len(), 1);
    }

    #[test]
    fn a_cancelled_plan_can_be_called_again() {
        let mut sip = called();
        assert_eq!(cancel(&mut sip, &unit(), &stamp(9)), Ok(true));
        assert!(sip.call().is_none());
        assert!(call(&mut sip, &unit(), stamp(10)));
    }

    #[test]
    fn after_a_meeting_was_held_a_new_need_and_a_new_call_begin_anew() {
        let mut sip = called();
        meeting::record_held(&mut sip, stamp(12)).unwrap();
        assert_eq!(note_need(&mut sip, None, &unit(), stamp(13)), Ok(true));
        assert_eq!(note_need(&mut sip, None, &unit(), stamp(14)), Ok(false));
        assert!(call(&mut sip, &unit(), stamp(14)));
        assert_eq!(sip.call().unwrap().need, Some(stamp(13).id));
        meeting::record_held(&mut sip, stamp(15)).unwrap();
        assert_eq!(sip.meetings.len(), 2);
        assert!(sip.open_need().is_none() && sip.open_calls().next().is_none());
    }

    #[test]
    fn another_units_call_keeps_nobody_from_the_call_that_it_owes_and_each_takes_back_its_own() {
        let (mut sip, other): (_, HsaId) = (called(), "SE2321000180-SOC1".parse().unwrap());
        assert!(call(&mut sip, &other, stamp(9)));
        meeting::set_time(&mut sip, stamp(12).occurred_at, stamp(9)).unwrap();
        assert_eq!(cancel(&mut sip, &other, &stamp(10)), Ok(true));
        assert_eq!(sip.call().unwrap().unit, unit());
        assert!(meeting::planned(&sip).is_some(), "the meeting stays for the call that stands");
        assert_eq!(cancel(&mut sip, &unit(), &stamp(11)), Ok(true));
        assert!(sip.call().is_none() && meeting::planned(&sip).is_none());
    }

    #[test]
    fn nobody_meets_about_a_plan_that_was_declined() {
        let mut sip = called();
        meeting::set_time(&mut sip, stamp(12).occurred_at, stamp(9)).unwrap();
        let (kind, reason) = (SipEndKind::DeclinedByPatient, NotNeededReason::PatientDeclined);
        assert_eq!(end(&mut sip, kind, reason, stamp(10)), Ok(true));
        assert!(meeting::planned(&sip).is_none());
        let again = meeting::set_time(&mut sip, stamp(12).occurred_at, stamp(11));
        assert_eq!(again.unwrap_err().code, "ended");
    }

    #[test]
    fn a_plan_that_was_declined_and_then_called_can_be_declined_again() {
        let mut sip = empty();
        let (kind, reason) = (SipEndKind::DeclinedByPatient, NotNeededReason::PatientDeclined);
        assert_eq!(end(&mut sip, kind, reason, stamp(8)), Ok(true));
        assert_eq!(end(&mut sip, kind, reason, stamp(9)), Ok(false));
        assert!(call(&mut sip, &unit(), stamp(10)));
        assert_eq!(end(&mut sip, kind, reason, stamp(11)), Ok(true));
    }

    #[test]
    fn what_was_held_cannot_be_cancelled_or_ended() {
        let mut sip = called();
        meeting::record_held(&mut sip, stamp(12)).unwrap();
        assert_eq!(cancel(&mut sip, &unit(), &stamp(13)).unwrap_err().code, "already_held");
        let (kind, reason) = (SipEndKind::NotNeeded, NotNeededReason::NoFurtherNeed);
        assert_eq!(end(&mut sip, kind, reason, stamp(13)).unwrap_err().code, "already_held");
    }
}
