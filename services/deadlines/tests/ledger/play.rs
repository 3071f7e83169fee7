//! A case that is played: facts come as they would, time passes as the sweep lets it.

pub(crate) mod cooperation;

use chrono::{DateTime, Utc};
use contracts::assignment::{
    Appointed, Appointment, NotNeededReason, Route, SupportReport, Unrouted, UnroutedReason,
};
use contracts::case::{Consent, ConsentAnswer, Discharge, Estimate, Need, Place};
use contracts::ledger::{NewsKind, Obligation, ObligationState, StepKind, StepOutcome};
use contracts::reach::{Hours, Role};
use contracts::sip::{Call, Meeting, SipEnd, SipEndKind};
use contracts::{
    Assignment, Case, CaseId, CaseRef, EntryId, HsaId, Ledger, Party, Revocable, Sip, Stamp,
    UnitReach,
};
use deadlines::domain::rulebook::{EMBEDDED, Rulebooks};
use deadlines::domain::{
    Acknowledgement, Around, Derived, Facts, Plan, Reach, StepsTaken, advance, derive, next_instant,
};
use uuid::Uuid;

use crate::at;

pub(crate) fn unit(name: &str) -> HsaId {
    format!("SE2321000180-{name}").parse().unwrap()
}

/// The unit that a party has in these tests.
pub(crate) fn unit_of(party: Party) -> HsaId {
    unit(match party {
        Party::OpenCare => "VC",
        Party::MunicipalHealthCare => "KH",
        Party::SocialServices => "ST",
        Party::Ward | Party::Unknown => "AVD",
    })
}

pub(crate) fn reach(unit: &HsaId, roles: &[Role], hours: Hours) -> UnitReach {
    UnitReach { unit: unit.clone(), roles: roles.to_vec(), hours }
}

/// A ladder is told in steps: which rung, when (local), what became of it, and who was told.
pub(crate) type Told = (StepKind, DateTime<Utc>, StepOutcome, Role);

#[derive(Clone)]
pub(crate) struct Play {
    pub(crate) facts: Facts,
    pub(crate) reach: Reach,
    pub(crate) acknowledgements: Vec<Acknowledgement>,
    pub(crate) rulebooks: Rulebooks,
    pub(crate) region: &'static str,
    pub(crate) stored: Option<Derived>,
    entries: u128,
}

impl Play {
    /// A patient is admitted; all units have everybody and keep office hours, the ward is always
    /// open.
    pub(crate) fn admitted(when: &str) -> Self {
        let always = Hours { always: true, ..Hours::default() };
        let roles = [Role::Unit, Role::Manager, Role::Principal];
        let units = ["VC", "KH", "ST"].map(|name| reach(&unit(name), &roles, Hours::default()));
        let ward = reach(&unit("AVD"), &roles, always);
        let mut play = Self {
            facts: Facts::default(),
            reach: units.into_iter().chain([ward]).map(|r| (r.unit.clone(), r)).collect(),
            acknowledgements: vec![],
            rulebooks: Rulebooks::load(EMBEDDED).unwrap(),
            region: "dalarna",
            stored: None,
            entries: 0,
        };
        let admitted = play.stamp(when, when);
        play.facts.case = Some(case(admitted));
        play.facts.assignment = Some(Assignment::new(CaseId(Uuid::from_u128(1))));
        play.facts.sip = Some(Sip::new(CaseId(Uuid::from_u128(1))));
        play
    }

    /// The usual beginning: admitted, identified, estimated and routed to these parties at once.
    pub(crate) fn received(when: &str, parties: &[Party]) -> Self {
        let mut play = Self::admitted(when);
        play.identified(when);
        play.estimated(when, Some("2026-06-12 12:00"));
        play.judged(when, when, parties);
        for party in parties {
            play.routed(when, *party);
        }
        play
    }

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

    /// What follows from the facts at `now`, with the steps that were taken.
    pub(crate) fn derived(&self, now: &str) -> Derived {
        let steps = self.stored.as_ref().map(|stored| StepsTaken::of(&stored.ledger));
        let steps = steps.unwrap_or_default();
        derive(&self.facts, &steps, &self.rulebooks, self.region, at(now)).unwrap()
    }

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

    /// The sweep awakes once, at `now`, and takes what is due.
    pub(crate) fn sweep(&mut self, now: &str) {
        self.sweep_at(at(now));
    }

    fn sweep_at(&mut self, now: DateTime<Utc>) {
        let steps = self.stored.as_ref().map(|stored| StepsTaken::of(&stored.ledger));
        let steps = steps.unwrap_or_default();
        let derived = derive(&self.facts, &steps, &self.rulebooks, self.region, now);
        let mut derived = derived.unwrap();
        advance(&mut derived.ledger, &self.around(&derived.plan), now, false);
        self.stored = Some(derived);
    }

    fn around<'a>(&'a self, plan: &'a Plan) -> Around<'a> {
        Around {
            rulebooks: &self.rulebooks,
            plan,
            reach: &self.reach,
            acknowledgements: &self.acknowledgements,
        }
    }

    /// The sweep awakes whenever it has to, from `from` until `to`.
    pub(crate) fn pass(&mut self, from: &str, to: &str) {
        let (mut now, to) = (at(from), at(to));
        loop {
            self.sweep_at(now);
            let stored = self.stored.as_ref().unwrap();
            let next = next_instant(&stored.ledger, &self.around(&stored.plan), now);
            match next.filter(|next| *next <= to) {
                Some(next) => {
                    assert!(now < next, "the sweep awakes for nothing at {now}");
                    now = next;
                }
                None => break,
            }
        }
        self.sweep_at(to);
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

fn case(admitted: Stamp) -> Case {
    let id = CaseId(Uuid::from_u128(1));
    let case = Case::new(id, CaseRef::from_random(7), unit("SJUKHUS"), admitted);
    Case { ward: Some(unit("AVD")), ..case }
}
