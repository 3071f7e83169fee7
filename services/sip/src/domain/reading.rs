//! Who may read what people wrote about a patient.

use chrono::{DateTime, Utc};
use contracts::case::{Consent, ConsentScope};
use contracts::commands::Refusal;
use contracts::sip::{PlanKind, SipEndKind};
use contracts::{HsaId, Party, Sip};

/// The units that call, those that are asked to a meeting, and those that have written a version of the
/// plan. `sip` does not know to whom a case is routed.
pub(crate) fn takes_part(sip: &Sip, unit: &HsaId) -> bool {
    let mut calls = sip.calls.iter().filter(|call| call.cancelled.is_none());
    let meetings = sip.meetings.iter().filter(|meeting| meeting.cancelled.is_none());
    let mut asked = meetings.flat_map(|meeting| &meeting.participants);
    calls.any(|call| call.unit == *unit)
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

/// A refusal where the patient does not allow the unit to read what others wrote. A plan is made with
/// the patient's consent (2017:612, 4 kap. 3 §), and is shared as long as that holds and for the
/// parties that it is for; that of compulsory care is made whatever the patient says.
pub(crate) fn must_be_allowed(
    sip: &Sip,
    consents: &[Consent],
    unit: &HsaId,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    if sip.kind == PlanKind::CompulsoryPsychiatricCare {
        return Ok(());
    }
    let declined = sip.end().is_some_and(|end| end.kind == SipEndKind::DeclinedByPatient);
    let for_party = |party| {
        let mut settling =
            consents.iter().rev().filter(|one| one.settles(ConsentScope::Plan, party));
        settling.next().is_some_and(|consent| consent.allows(party, now))
    };
    // A unit that is asked for no party reads by a consent for all.
    let for_all =
        || consents.last().is_some_and(|last| last.parties.is_empty() && for_party(Party::Ward));
    let allowed = parties_of(sip, unit).any(for_party) || for_all();
    if allowed && !declined {
        return Ok(());
    }
    Err(Refusal::new(
        "no_consent",
        "Patienten samtycker inte till planen, eller inte för er part. Registrera samtycket först.",
        "The patient does not consent to the plan, or not for your party. Record the consent first.",
    ))
}

/// For which parties the unit is asked.
fn parties_of(sip: &Sip, unit: &HsaId) -> impl Iterator<Item = Party> {
    let meetings = sip.meetings.iter().filter(|meeting| meeting.cancelled.is_none());
    let asked = meetings.flat_map(|meeting| &meeting.participants);
    let units = asked.filter(move |one| one.withdrawn.is_none() && one.unit.as_ref() == Some(unit));
    units.filter_map(|one| one.party)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use contracts::assignment::NotNeededReason;
    use contracts::case::ConsentAnswer;
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
        ask(&mut sip, nurse(&ward), stamp(10)).unwrap();
        assert!(takes_part(&sip, &ward));
        withdraw(&mut sip, stamp(10).id, stamp(11)).unwrap();
        assert!(!takes_part(&sip, &ward));
        need::cancel(&mut sip, &unit(), &stamp(12)).unwrap();
        assert!(!takes_part(&sip, &unit()));
    }

    fn nurse(ward: &HsaId) -> Invitee {
        Invitee {
            role: ParticipantRole::Staff,
            party: Some(Party::Ward),
            unit: Some(ward.clone()),
            staff: None,
            is_named: false,
        }
    }

    /// The care centre calls, the ward is asked.
    fn planned() -> (Sip, HsaId) {
        let (mut sip, ward): (_, HsaId) = (called(), "SE2321000180-AVD".parse().unwrap());
        meeting::set_time(&mut sip, stamp(12).occurred_at, stamp(9)).unwrap();
        ask(&mut sip, nurse(&ward), stamp(10)).unwrap();
        (sip, ward)
    }

    fn says(answer: ConsentAnswer) -> Consent {
        Consent::new(stamp(8), answer)
    }

    fn may_read(sip: &Sip, consents: &[Consent], unit: &HsaId) -> bool {
        must_be_allowed(sip, consents, unit, stamp(11).occurred_at).is_ok()
    }

    #[test]
    fn what_others_wrote_is_read_while_the_patient_consents_and_neither_before_nor_after() {
        let (sip, ward) = planned();
        assert!(!may_read(&sip, &[], &ward));
        assert!(may_read(&sip, &[says(ConsentAnswer::Given)], &ward));
        let both = [says(ConsentAnswer::Given), says(ConsentAnswer::Withdrawn)];
        assert!(!may_read(&sip, &both, &ward));
        let expired = Some(stamp(11).occurred_at);
        let consent = Consent { expires_at: expired, ..says(ConsentAnswer::Given) };
        assert!(!may_read(&sip, &[consent], &ward));
    }

    #[test]
    fn a_consent_for_one_party_is_for_the_units_that_are_asked_for_it() {
        let (sip, ward) = planned();
        let parties = BTreeSet::from([Party::Ward]);
        let consent = Consent { parties, ..says(ConsentAnswer::Given) };
        let consents = [consent];
        assert!(may_read(&sip, &consents, &ward));
        assert!(!may_read(&sip, &consents, &unit()), "the caller is asked for no party");
    }

    #[test]
    fn who_declines_the_plan_takes_the_consent_back() {
        let (mut sip, ward) = planned();
        let kind = SipEndKind::DeclinedByPatient;
        need::end(&mut sip, kind, NotNeededReason::PatientDeclined, stamp(10)).unwrap();
        assert!(!may_read(&sip, &[says(ConsentAnswer::Given)], &ward));
    }

    #[test]
    fn the_plan_of_compulsory_care_is_shared_by_law() {
        let (mut sip, ward) = planned();
        sip.kind = PlanKind::CompulsoryPsychiatricCare;
        assert!(may_read(&sip, &[says(ConsentAnswer::Refused)], &ward));
    }
}
