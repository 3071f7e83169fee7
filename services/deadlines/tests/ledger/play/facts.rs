//! What happens while a case is played: each fact is one line of a test.

use contracts::assignment::{
    Appointed, Appointment, NotNeededReason, Route, SupportReport, Unrouted, UnroutedReason,
};
use contracts::case::{Consent, ConsentAnswer, Discharge, Estimate, Need, Place};
use contracts::sip::{Call, KindChange, Meeting, PlanKind, SipEnd, SipEndKind};
use contracts::{Assignment, Case, EntryId, HsaId, Party, Revocable, Sip, Stamp};
use deadlines::domain::Acknowledgement;
use uuid::Uuid;

use super::{Play, unit, unit_of};
use crate::at;

impl Play {
    pub(crate) fn stamp(&mut self, occurred: &str, recorded: &str) -> Stamp {
        self.entries += 1;
        Stamp {
            id: EntryId(Uuid::from_u128(self.entries)),
            occurred_at: at(occurred),
            recorded_at: at(recorded),
            by: None,
        }
    }

    pub(crate) fn case(&mut self) -> &mut Case {
        self.facts.case.as_mut().unwrap()
    }

    pub(crate) fn assignment(&mut self) -> &mut Assignment {
        self.facts.assignment.as_mut().unwrap()
    }

    pub(crate) fn sip(&mut self) -> &mut Sip {
        self.facts.sip.as_mut().unwrap()
    }

    pub(crate) fn identified(&mut self, when: &str) {
        let stamp = self.stamp(when, when);
        self.case().identified = Some(stamp);
    }

    pub(crate) fn estimated(&mut self, when: &str, day: Option<&str>) {
        let stamp = self.stamp(when, when);
        let at = day.map(at);
        self.case().estimates.push(Estimate::new(stamp, at));
    }

    /// A judgement; it replaces the one before.
    pub(crate) fn judged(&mut self, noticed: &str, recorded: &str, parties: &[Party]) {
        self.need_withdrawn(recorded);
        let stamp = self.stamp(noticed, recorded);
        self.case().needs.push(Need {
            stamp,
            parties: parties.iter().copied().collect(),
            frequent_patient: parties.is_empty(),
            withdrawn: None,
        });
    }

    pub(crate) fn need_withdrawn(&mut self, when: &str) {
        let stamp = self.stamp(when, when);
        if let Some(need) = self.case().needs.last_mut() {
            need.withdrawn.get_or_insert(stamp);
        }
    }

    pub(crate) fn consent(&mut self, when: &str, answer: ConsentAnswer) {
        let stamp = self.stamp(when, when);
        self.case().consents.push(Consent::new(stamp, answer));
    }

    pub(crate) fn moved(&mut self, when: &str, ward: &str) {
        let stamp = self.stamp(when, when);
        let ward = Some(unit(ward));
        self.case().ward.clone_from(&ward);
        self.case().places.push(Place { stamp, ward });
    }

    pub(crate) fn routed(&mut self, when: &str, party: Party) {
        self.routed_to(when, party, unit_of(party));
    }

    pub(crate) fn routed_to(&mut self, when: &str, party: Party, unit: HsaId) {
        let stamp = self.stamp(when, when);
        let ended = None;
        self.assignment().routes.push(Route { stamp, party, unit, ended });
    }

    pub(crate) fn route_ended(&mut self, when: &str, party: Party) {
        let stamp = self.stamp(when, when);
        let mut routes = self.assignment().routes.iter_mut();
        let route = routes.find(|route| route.party == party && route.ended.is_none());
        route.unwrap().ended = Some(stamp);
    }

    pub(crate) fn unrouted(&mut self, when: &str, party: Party) {
        let stamp = self.stamp(when, when);
        self.assignment().unrouted.push(Unrouted {
            stamp,
            party,
            reason: UnroutedReason::NoCareCentre,
            ended: None,
        });
    }

    fn appointment(&mut self, when: &str, party: Party, named: bool) -> Appointment {
        Appointment {
            stamp: self.stamp(when, when),
            unit: unit_of(party),
            appointed: if named {
                let staff = "SE2321000180-9A2B".parse().unwrap();
                Appointed::Named { staff }
            } else {
                let reason = NotNeededReason::NoFurtherNeed;
                Appointed::NotNeeded { reason }
            },
            ended: None,
        }
    }

    pub(crate) fn care_contact(&mut self, when: &str, named: bool) {
        let next = self.appointment(when, Party::OpenCare, named);
        let all = &mut self.assignment().care_contacts;
        if let Some(last) = all.last_mut() {
            last.ended.get_or_insert(next.stamp.clone());
        }
        all.push(next);
    }

    pub(crate) fn lead_officer(&mut self, when: &str, party: Party) {
        let one = self.appointment(when, party, true);
        self.assignment().lead_officers.push(one);
    }

    pub(crate) fn support_reported(&mut self, when: &str, party: Party) {
        let (stamp, unit) = (self.stamp(when, when), unit_of(party));
        self.assignment().support_reports.push(SupportReport { stamp, party, unit });
    }

    pub(crate) fn ready(&mut self, when: &str) {
        let stamp = self.stamp(when, when);
        self.case().ready.push(Revocable { stamp, revoked: None });
    }

    pub(crate) fn ready_revoked(&mut self, when: &str) {
        let stamp = self.stamp(when, when);
        self.case().ready.last_mut().unwrap().revoked = Some(stamp);
    }

    pub(crate) fn discharged(&mut self, occurred: &str, recorded: &str) {
        let stamp = self.stamp(occurred, recorded);
        self.case().discharges.push(Discharge { stamp, revoked: None });
    }

    pub(crate) fn discharge_revoked(&mut self, when: &str) {
        let stamp = self.stamp(when, when);
        self.case().discharges.last_mut().unwrap().revoked = Some(stamp);
    }

    pub(crate) fn died(&mut self, when: &str) {
        let stamp = self.stamp(when, when);
        self.case().deaths.push(Revocable { stamp, revoked: None });
    }

    pub(crate) fn admission_cancelled(&mut self, when: &str) {
        let stamp = self.stamp(when, when);
        self.case().cancellations.push(Revocable { stamp, revoked: None });
    }

    pub(crate) fn cancellation_revoked(&mut self, when: &str) {
        let stamp = self.stamp(when, when);
        self.case().cancellations.last_mut().unwrap().revoked = Some(stamp);
    }

    pub(crate) fn called(&mut self, when: &str) {
        let (stamp, unit) = (self.stamp(when, when), unit("VC"));
        self.sip().calls.push(Call { stamp, unit, need: None, cancelled: None });
    }

    pub(crate) fn held(&mut self, when: &str) {
        let stamp = self.stamp(when, when);
        let (starts_at, held) = (stamp.occurred_at, Some(stamp.clone()));
        self.sip().meetings.push(Meeting { held, ..Meeting::new(stamp, starts_at) });
    }

    pub(crate) fn call_cancelled(&mut self, when: &str) {
        let stamp = self.stamp(when, when);
        self.sip().calls.last_mut().unwrap().cancelled = Some(stamp);
    }

    pub(crate) fn kind_set(&mut self, when: &str, kind: PlanKind) {
        let stamp = self.stamp(when, when);
        self.sip().kind = kind;
        self.sip().kind_changes.push(KindChange { stamp, kind });
    }

    pub(crate) fn sip_ended(&mut self, when: &str, kind: SipEndKind) {
        let (stamp, reason) = (self.stamp(when, when), NotNeededReason::PatientDeclined);
        self.sip().ends.push(SipEnd { stamp, kind, reason });
    }

    /// Somebody presses the button of an alert about the duty of this rule.
    pub(crate) fn seen(&mut self, when: &str, rule: &str) {
        let duty = self.duty(when, rule);
        let step = duty.steps.last().map_or(EntryId(Uuid::nil()), |step| step.id);
        let (obligation, at) = (duty.id, at(when));
        self.acknowledgements.push(Acknowledgement { obligation, step, at });
    }
}
