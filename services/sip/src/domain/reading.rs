//! Who may read what people wrote about a patient.

use contracts::commands::Refusal;
use contracts::{HsaId, Sip};

/// The unit that calls, those that are asked to a meeting, and those that have written a version of the
/// plan. `sip` does not know to whom a case is routed.
pub(crate) fn takes_part(sip: &Sip, unit: &HsaId) -> bool {
    let calls = sip.call().is_some_and(|call| call.unit == *unit);
    let meetings = sip.meetings.iter().filter(|meeting| meeting.cancelled.is_none());
    let mut asked = meetings.flat_map(|meeting| &meeting.participants);
    calls
        || asked.any(|one| one.withdrawn.is_none() && one.unit.as_ref() == Some(unit))
        || sip.plans.iter().any(|plan| plan.unit == *unit)
}

/// A refusal for a unit that has no part in the plan.
pub(crate) fn must_take_part(sip: &Sip, unit: &HsaId) -> Result<(), Refusal> {
    if takes_part(sip, unit) {
        return Ok(());
    }
    Err(Refusal::new(
        "not_taking_part",
        "Enheten deltar inte i planen. Be den som kallar att bjuda in enheten.",
        "The unit has no part in the plan. Ask the calling unit to invite it.",
    ))
}

#[cfg(test)]
mod tests {
    use contracts::Party;
    use contracts::sip::ParticipantRole;

    use super::super::people::{Invitee, ask, withdraw};
    use super::super::testing::{called, stamp, unit};
    use super::super::{meeting, need};
    use super::*;

    #[test]
    fn the_caller_and_who_is_asked_take_part_and_nobody_else() {
        let ward: HsaId = "SE2321000180-AVD".parse().unwrap();
        let mut sip = called();
        assert!(takes_part(&sip, &unit()) && !takes_part(&sip, &ward));
        meeting::set_time(&mut sip, stamp(12).occurred_at, stamp(9)).unwrap();
        let nurse = Invitee {
            role: ParticipantRole::Staff,
            party: Some(Party::Ward),
            unit: Some(ward.clone()),
            staff: None,
            is_named: false,
        };
        ask(&mut sip, nurse, stamp(10)).unwrap();
        assert!(takes_part(&sip, &ward));
        withdraw(&mut sip, stamp(10).id, stamp(11)).unwrap();
        assert!(!takes_part(&sip, &ward));
        need::cancel(&mut sip, &stamp(12)).unwrap();
        assert!(!takes_part(&sip, &unit()));
    }
}
