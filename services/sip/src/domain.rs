//! What may happen to a plan, and in which order. Pure: stamps are arguments.
//!
//! ```text
//! need -> call -> time -> held
//!           \-> cancelled (and may be called again)
//! declined by the patient / not needed: at any moment before it was held
//! ```

use chrono::{DateTime, Utc};
use contracts::assignment::NotNeededReason;
use contracts::commands::Refusal;
use contracts::sip::{Call, Meeting, SipEnd, SipEndKind, SipNeed};
use contracts::{HsaId, Sip, Stamp};

/// Somebody has noticed that a plan is needed. False when that was known.
pub(crate) fn note_need(sip: &mut Sip, stamp: Stamp) -> bool {
    if sip.need().is_some() {
        return false;
    }
    sip.needs.push(SipNeed { stamp, noticed_by: None, unit: None, revoked: None });
    true
}

/// Calls to the plan (2017:612, 4 kap. 1 §). False when it is called already.
pub(crate) fn call(sip: &mut Sip, unit: &HsaId, stamp: Stamp) -> bool {
    if sip.call().is_some() {
        return false;
    }
    sip.calls.push(Call { stamp, unit: unit.clone(), need: None, cancelled: None });
    true
}

/// Sets the meeting's time; a time set before is given up.
pub(crate) fn set_time(
    sip: &mut Sip,
    starts_at: DateTime<Utc>,
    stamp: Stamp,
) -> Result<bool, Refusal> {
    if sip.call().is_none() {
        return Err(Refusal::new(
            "not_called",
            "Ingen kallelse gäller. Kalla först.",
            "No call is in force. Call first.",
        ));
    }
    if let Some(meeting) = planned(sip)? {
        if meeting.starts_at == starts_at {
            return Ok(false);
        }
        meeting.cancelled = Some(stamp.clone());
    }
    sip.meetings.push(Meeting::new(stamp, starts_at));
    Ok(true)
}

/// The meeting was held; one that had no time set began when it was held.
pub(crate) fn record_held(sip: &mut Sip, stamp: Stamp) -> Result<bool, Refusal> {
    if let Some(meeting) = planned(sip)? {
        meeting.held = Some(stamp);
    } else {
        let starts_at = stamp.occurred_at;
        let held = Some(stamp.clone());
        sip.meetings.push(Meeting { held, ..Meeting::new(stamp, starts_at) });
    }
    Ok(true)
}

/// Cancels the call and the planned meeting. False when there is nothing to cancel.
pub(crate) fn cancel(sip: &mut Sip, stamp: &Stamp) -> Result<bool, Refusal> {
    let mut changed = false;
    if let Some(meeting) = planned(sip)? {
        meeting.cancelled = Some(stamp.clone());
        changed = true;
    }
    for call in sip.calls.iter_mut().filter(|call| call.cancelled.is_none()) {
        call.cancelled = Some(stamp.clone());
        changed = true;
    }
    Ok(changed)
}

/// There will be no plan. False when that was known.
pub(crate) fn end(
    sip: &mut Sip,
    kind: SipEndKind,
    reason: NotNeededReason,
    stamp: Stamp,
) -> Result<bool, Refusal> {
    planned(sip)?;
    let called_since =
        |end: &SipEnd| sip.calls.iter().any(|call| end.stamp.recorded_at < call.stamp.recorded_at);
    let same = |end: &SipEnd| end.kind == kind && end.reason == reason && !called_since(end);
    if sip.ends.last().is_some_and(same) {
        return Ok(false);
    }
    sip.ends.push(SipEnd { stamp, kind, reason });
    Ok(true)
}

/// The planned meeting; a refusal when the plan was made already.
fn planned(sip: &mut Sip) -> Result<Option<&mut Meeting>, Refusal> {
    let meeting = sip.meetings.iter_mut().rev().find(|meeting| meeting.cancelled.is_none());
    match meeting {
        Some(meeting) if meeting.held.is_some() => Err(Refusal::new(
            "already_held",
            "Mötet har redan hållits.",
            "The meeting has been held already.",
        )),
        meeting => Ok(meeting),
    }
}

#[cfg(test)]
mod tests {
    use contracts::{CaseId, EntryId};
    use uuid::Uuid;

    use super::*;

    fn stamp(hour: u32) -> Stamp {
        let at = format!("2026-11-24T{hour:02}:00:00Z").parse().unwrap();
        Stamp::now(EntryId(Uuid::from_u128(hour.into())), at, None)
    }

    fn unit() -> HsaId {
        "SE2321000180-VC01".parse().unwrap()
    }

    fn called() -> Sip {
        let mut sip = Sip::new(CaseId(Uuid::from_u128(1)));
        assert!(call(&mut sip, &unit(), stamp(8)));
        sip
    }

    #[test]
    fn calling_twice_is_one_call() {
        let mut sip = called();
        assert!(!call(&mut sip, &unit(), stamp(9)));
        assert_eq!(sip.calls.len(), 1);
    }

    #[test]
    fn a_time_needs_a_call() {
        let mut sip = Sip::new(CaseId(Uuid::from_u128(1)));
        let refusal = set_time(&mut sip, stamp(12).occurred_at, stamp(9)).unwrap_err();
        assert_eq!(refusal.code, "not_called");
    }

    #[test]
    fn a_new_time_gives_the_old_one_up() {
        let mut sip = called();
        set_time(&mut sip, stamp(12).occurred_at, stamp(9)).unwrap();
        set_time(&mut sip, stamp(14).occurred_at, stamp(10)).unwrap();
        assert_eq!(sip.meeting().unwrap().starts_at, stamp(14).occurred_at);
        assert!(sip.meetings[0].cancelled.is_some());
    }

    #[test]
    fn a_cancelled_plan_can_be_called_again() {
        let mut sip = called();
        assert_eq!(cancel(&mut sip, &stamp(9)), Ok(true));
        assert!(sip.call().is_none());
        assert!(call(&mut sip, &unit(), stamp(10)));
    }

    #[test]
    fn a_plan_that_was_declined_and_then_called_can_be_declined_again() {
        let mut sip = Sip::new(CaseId(Uuid::from_u128(1)));
        let (kind, reason) = (SipEndKind::DeclinedByPatient, NotNeededReason::PatientDeclined);
        assert_eq!(end(&mut sip, kind, reason, stamp(8)), Ok(true));
        assert_eq!(end(&mut sip, kind, reason, stamp(9)), Ok(false));
        assert!(call(&mut sip, &unit(), stamp(10)));
        assert_eq!(end(&mut sip, kind, reason, stamp(11)), Ok(true));
    }

    #[test]
    fn what_was_held_cannot_be_cancelled_or_ended() {
        let mut sip = called();
        record_held(&mut sip, stamp(12)).unwrap();
        assert_eq!(cancel(&mut sip, &stamp(13)).unwrap_err().code, "already_held");
        let (kind, reason) = (SipEndKind::NotNeeded, NotNeededReason::NoFurtherNeed);
        assert_eq!(end(&mut sip, kind, reason, stamp(13)).unwrap_err().code, "already_held");
    }
}
