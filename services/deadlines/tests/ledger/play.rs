//! A case that is played: facts come as they would, time passes as the sweep lets it.

pub(crate) mod cooperation;
mod facts;
mod view;

use chrono::{DateTime, Utc};
use contracts::reach::{Hours, Role};
use contracts::{Assignment, Case, CaseId, CaseRef, HsaId, Party, Sip, Stamp, UnitReach};
use deadlines::domain::rulebook::{EMBEDDED, Rulebooks};
use deadlines::domain::{
    Acknowledgement, Around, Derived, Facts, Plan, Reach, StepsTaken, advance, derive, named,
    next_instant,
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

    /// What follows from the facts at `now`, with the steps that were taken.
    pub(crate) fn derived(&self, now: &str) -> Derived {
        let steps = self.stored.as_ref().map(|stored| StepsTaken::of(&stored.ledger));
        let steps = steps.unwrap_or_default();
        derive(&self.facts, &steps, &self.rulebooks, self.region, at(now)).unwrap()
    }

    /// The sweep awakes once, at `now`, and takes what is due.
    pub(crate) fn sweep(&mut self, now: &str) {
        self.sweep_at(at(now));
    }

    fn sweep_at(&mut self, now: DateTime<Utc>) {
        let mut derived = self.heard_at(now);
        advance(&mut derived.ledger, &self.around(&derived.plan), now, false);
        self.stored = Some(derived);
    }

    /// The facts are heard, and the sweep has not awoken yet.
    pub(crate) fn hears(&mut self, now: &str) {
        self.stored = Some(self.heard_at(at(now)));
    }

    fn heard_at(&self, now: DateTime<Utc>) -> Derived {
        let stored = self.stored.as_ref();
        let steps = stored.map(|stored| StepsTaken::of(&stored.ledger)).unwrap_or_default();
        let derived = derive(&self.facts, &steps, &self.rulebooks, self.region, now);
        let mut derived = derived.unwrap();
        let plan = stored.map(|stored| stored.plan.clone()).unwrap_or_default();
        let before = stored.map(|stored| &stored.ledger);
        derived.plan.named = named(before, &plan, &derived.ledger);
        derived
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
}

fn case(admitted: Stamp) -> Case {
    let id = CaseId(Uuid::from_u128(1));
    let case = Case::new(id, CaseRef::from_random(7), unit("SJUKHUS"), admitted);
    Case { ward: Some(unit("AVD")), ..case }
}
