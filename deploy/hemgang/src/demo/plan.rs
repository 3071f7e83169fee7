//! What happens during a stay, from admission to discharge and after: a pure function of the stay,
//! so that a restarted play goes on with the same lives.
//!
//! Most do what they owe in time; some are late, a few forget. That is what the demo is about.

mod way_home;

use chrono::{DateTime, TimeDelta, Utc};
use contracts::Party;

use super::act::{Act, Deed, Said, Step};
use super::dice::Dice;
use super::hours::at_work;
use super::stay::Stay;
use super::way::Way;

/// No plan goes on for longer (domain time).
pub(crate) const LONGEST: TimeDelta = TimeDelta::days(40);

/// The plan of a stay, in order of time.
pub(crate) fn of(stay: &Stay) -> Vec<Step> {
    let mut plan = Plan { stay, dice: Dice::of(!stay.number), acts: Vec::new() };
    plan.live();
    plan.acts.sort_by_key(|(at, _)| *at);
    let numbered = plan.acts.into_iter().enumerate();
    numbered.map(|(order, (at, act))| Step { at, stay: stay.number, order, act }).collect()
}

struct Plan<'a> {
    stay: &'a Stay,
    dice: Dice,
    acts: Vec<(DateTime<Utc>, Act)>,
}

impl Plan<'_> {
    fn live(&mut self) {
        let admitted = self.stay.admitted_at;
        let days = self.dice.between(2, 6);
        let ready = self.morning(admitted + TimeDelta::days(days));
        let estimate = self.dice.chance(85).then_some(ready + TimeDelta::hours(4));
        let judged = !self.stay.parties.is_empty() && self.dice.chance(80);
        self.hospital(admitted, Said::Admitted { estimate, judged });
        if self.stay.parties.is_empty() {
            self.without_need(ready);
        } else {
            self.with_need(judged, estimate, ready);
        }
    }

    fn without_need(&mut self, home: DateTime<Utc>) {
        let admitted = self.stay.admitted_at;
        if self.dice.chance(3) {
            return self.hospital(admitted + TimeDelta::hours(2), Said::Cancelled);
        }
        self.perhaps_transferred(home);
        let end = if self.dice.chance(2) { Said::Died } else { Said::Discharged };
        let hours = self.hours(1, 6);
        self.hospital(home + hours, end);
    }

    fn with_need(&mut self, judged: bool, estimate: Option<DateTime<Utc>>, ready: DateTime<Utc>) {
        let admitted = self.stay.admitted_at;
        let mut noticed = admitted;
        if !judged {
            noticed += self.hours(3, 30);
            self.hospital(noticed, Said::Judged);
        }
        if estimate.is_none() {
            // Without an estimate the notice is not complete: mostly in time, sometimes not.
            let after = if self.dice.chance(60) { self.hours(4, 18) } else { self.hours(26, 40) };
            self.hospital(noticed + after, Said::Estimated(ready + TimeDelta::hours(4)));
        }
        self.perhaps_transferred(ready);
        self.consent(noticed);
        self.route_by_hand(noticed);
        for party in self.stay.concerned() {
            self.receive(party, noticed);
        }
        self.care_contact(noticed);
        self.lead_officer(noticed);
        self.perhaps_on_leave(ready);
        let way = self.way();
        self.planning(way, noticed);
        self.home(way, ready);
    }

    fn perhaps_transferred(&mut self, before: DateTime<Utc>) {
        let other = self.dice.one_of(self.stay.hospital.wards);
        let at = self.stay.admitted_at + self.hours(10, 36);
        if let Some(ward) = other.filter(|ward| **ward != *self.stay.ward)
            && at < before
        {
            self.hospital(at, Said::Transferred(ward));
        }
    }

    fn consent(&mut self, noticed: DateTime<Utc>) {
        let at = noticed + self.hours(1, 8);
        match self.dice.between(1, 100) {
            1..=80 => self.ward(at, Deed::RecordConsent(true)),
            81..=88 => self.ward(at, Deed::RecordConsent(false)),
            _ => {}
        }
    }

    /// Somebody must choose a unit where the listed care centre is unknown here.
    fn route_by_hand(&mut self, noticed: DateTime<Utc>) {
        let open_care = self.stay.concerned().contains(&Party::OpenCare);
        if open_care && self.stay.is_from_elsewhere() {
            let hours = self.hours(3, 30);
            if let Some(centre) = self.stay.municipality.care_centres.first() {
                self.ward(noticed + hours, Deed::Route(Party::OpenCare, centre.unit));
            }
        }
    }

    fn receive(&mut self, party: Party, noticed: DateTime<Utc>) {
        let Some(unit) = self.stay.unit_of(party) else { return };
        let hours = self.hours(0, 5);
        let read = at_work(noticed + hours, &mut self.dice);
        if self.dice.chance(95) {
            self.staff(read, unit, Deed::ReadNotice);
        }
        if self.dice.chance(70) {
            let hours = self.hours(2, 24);
            let at = at_work(read + hours, &mut self.dice);
            self.staff(at, unit, Deed::ReportSupport);
        }
    }

    fn care_contact(&mut self, noticed: DateTime<Utc>) {
        let concerned = self.stay.concerned().contains(&Party::OpenCare);
        let Some(unit) = self.stay.unit_of(Party::OpenCare).filter(|_| concerned) else { return };
        let deed =
            if self.dice.chance(5) { Deed::CareContactNotNeeded } else { Deed::AppointCareContact };
        if let Some(at) = self.done(noticed) {
            self.staff(at, unit, deed);
        }
    }

    fn lead_officer(&mut self, noticed: DateTime<Utc>) {
        let concerned = self.stay.concerned();
        let party = concerned.iter().rev().find(|party| party.is_municipal());
        let Some(unit) = party.and_then(|party| self.stay.unit_of(*party)) else { return };
        if let Some(at) = self.done(noticed) {
            self.staff(at, unit, Deed::AppointLeadOfficer);
        }
    }

    /// When something that is due in a day or on the next weekday is done: soon, after the reminder,
    /// too late, or never.
    fn done(&mut self, noticed: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self.dice.between(1, 100) {
            1..=70 => {
                let hours = self.hours(1, 8);
                Some(at_work(noticed + hours, &mut self.dice))
            }
            71..=80 => Some(noticed + self.hours(21, 23)),
            81..=96 => {
                let due = at_work(noticed + TimeDelta::hours(24), &mut self.dice);
                Some(due + self.hours(9, 44))
            }
            _ => None,
        }
    }

    /// From ready for discharge to home. Some become ill again first.
    fn home(&mut self, way: Way, ready: DateTime<Utc>) {
        self.ward(ready, Deed::GiveReady);
        let mut ready = ready;
        if self.dice.chance(15) {
            let hours = self.hours(5, 20);
            self.ward(ready + hours, Deed::RevokeReady);
            let days = self.dice.between(1, 2);
            ready = self.morning(ready + hours + TimeDelta::days(days));
            self.hospital(
                ready - TimeDelta::hours(1),
                Said::Estimated(ready + TimeDelta::hours(5)),
            );
            self.ward(ready, Deed::GiveReady);
        }
        let hours = self.hours(4, 46);
        let home = at_work(ready + hours, &mut self.dice);
        self.before_home(way, ready, home);
        self.hospital(home, Said::Discharged);
        self.at_home(home);
        if self.stay.needs_plan() {
            self.plan(ready);
        }
    }

    /// The coordinated plan: called in time, late, declined, or forgotten.
    fn plan(&mut self, ready: DateTime<Utc>) {
        let Some(unit) = self.stay.unit_of(Party::OpenCare) else { return };
        let hours = match self.dice.between(1, 100) {
            1..=65 => self.hours(3, 40),
            66..=85 => self.hours(90, 130),
            86..=92 => {
                let hours = self.hours(10, 30);
                let at = at_work(ready + hours, &mut self.dice);
                return self.staff(at, unit, Deed::DeclineSip);
            }
            _ => return,
        };
        let called = at_work(ready + hours, &mut self.dice);
        let days = self.dice.between(2, 6);
        let meeting = self.morning(called + TimeDelta::days(days));
        self.staff(called, unit, Deed::CallSip);
        self.staff(called + TimeDelta::hours(1), unit, Deed::SetSipTime(meeting));
        self.staff(meeting + TimeDelta::hours(1), unit, Deed::RecordSipHeld);
    }

    fn hours(&mut self, low: i64, high: i64) -> TimeDelta {
        TimeDelta::minutes(self.dice.between(low * 60, high * 60))
    }

    /// The morning of that day, or of the next one at work.
    fn morning(&mut self, day: DateTime<Utc>) -> DateTime<Utc> {
        at_work(day - TimeDelta::hours(12), &mut self.dice)
    }

    fn hospital(&mut self, at: DateTime<Utc>, said: Said) {
        self.acts.push((at, Act::Hospital(said)));
    }

    /// The ward where the patient lies then.
    fn ward(&mut self, at: DateTime<Utc>, does: impl Into<Deed>) {
        let moved = self.acts.iter().find_map(|(moved, act)| match act {
            Act::Hospital(Said::Transferred(ward)) if *moved <= at => Some(*ward),
            _ => None,
        });
        self.staff(at, moved.unwrap_or(self.stay.ward).unit, does);
    }

    fn staff(&mut self, at: DateTime<Utc>, unit: &'static str, does: impl Into<Deed>) {
        self.acts.push((at, Act::Staff { unit, does: does.into() }));
    }
}

#[cfg(test)]
mod tests;
