//! What happens during a stay, from admission to discharge and after: a pure function of the stay,
//! so that a restarted play goes on with the same lives.
//!
//! Most do what they owe in time; some are late, a few forget. That is what the demo is about.

mod notice;
mod table;
mod talk;
mod turns;
mod way_home;

use chrono::{DateTime, TimeDelta, Utc};
use contracts::Party;

use super::act::{Act, Deed, Said, Step};
use super::dice::Dice;
use super::hours::at_work;
use super::stay::Stay;
use super::way::Way;
use turns::{End, Wait};

/// No plan goes on for longer (domain time).
pub(crate) const LONGEST: TimeDelta = TimeDelta::days(48);

/// The plan of a stay, in order of time.
pub(crate) fn of(stay: &Stay) -> Vec<Step> {
    let dice = Dice::of(!stay.number);
    let mut plan = Plan { stay, dice, acts: Vec::new(), waits: Vec::new(), end: None };
    plan.live();
    let numbered = plan.in_order().into_iter().enumerate();
    numbered.map(|(order, (at, act))| Step { at, stay: stay.number, order, act }).collect()
}

struct Plan<'a> {
    stay: &'a Stay,
    dice: Dice,
    acts: Vec<(DateTime<Utc>, Act)>,
    /// Who has to wait for what a person decides.
    waits: Vec<Wait>,
    /// What ends all that was planned.
    end: Option<End>,
}

impl Plan<'_> {
    fn live(&mut self) {
        let admitted = self.stay.admitted_at;
        if self.stay.returns.is_some_and(|back| !back.is_last) {
            return self.briefly();
        }
        // Of whom there is one in all the region, the bed is needed again.
        let is_one = self.stay.returns.is_some() || self.stay.found.is_some();
        let days = self.dice.between(2, if is_one { 3 } else { 6 });
        let ready = self.morning(admitted + TimeDelta::days(days));
        let estimate = self.dice.chance(85).then_some(ready + TimeDelta::hours(4));
        let has_need = !self.stay.concerned().is_empty();
        let judged = has_need && !self.stay.comes_often() && self.dice.chance(80);
        self.hospital(admitted, Said::Admitted { estimate, judged });
        if has_need {
            self.with_need(judged, estimate, ready);
        } else {
            self.without_need(ready);
        }
    }

    /// Home again in a day or two. Where the ward is asked why the patient comes so often, it finds no
    /// need.
    fn briefly(&mut self) {
        let admitted = self.stay.admitted_at;
        let home = admitted + self.hours(20, 70);
        self.hospital(admitted, Said::Admitted { estimate: Some(home), judged: false });
        if self.stay.comes_often() {
            let hours = self.hours(1, 6);
            self.ward(admitted + hours, Deed::JudgeNeed(&[], false));
        }
        self.hospital(home, Said::Discharged);
    }

    fn without_need(&mut self, home: DateTime<Utc>) {
        let admitted = self.stay.admitted_at;
        if self.dice.chance(3) {
            return self.hospital(admitted + TimeDelta::hours(2), Said::Cancelled);
        }
        self.perhaps_transferred(home);
        self.perhaps_corrected();
        if self.stay.protected_later() {
            self.hospital(admitted + TimeDelta::hours(8), Said::Protected);
        }
        let end = if self.dice.chance(2) { Said::Died } else { Said::Discharged };
        let hours = self.hours(1, 6);
        self.hospital(home + hours, end);
    }

    fn with_need(&mut self, judged: bool, estimate: Option<DateTime<Utc>>, ready: DateTime<Utc>) {
        let noticed = self.noticed(judged);
        if estimate.is_none() {
            // Without an estimate the notice is not complete: mostly in time, sometimes not.
            let after = if self.dice.chance(60) { self.hours(4, 18) } else { self.hours(26, 40) };
            self.hospital(noticed + after, Said::Estimated(ready + TimeDelta::hours(4)));
        }
        self.perhaps_transferred(ready);
        self.perhaps_estimated(noticed, ready);
        self.perhaps_corrected();
        self.identified();
        let shares = self.consent(noticed);
        self.route_by_hand(noticed);
        self.protected_later(noticed);
        for party in self.stay.concerned() {
            self.receive(party, noticed);
        }
        self.care_contact(noticed);
        self.lead_officer(noticed);
        self.perhaps_on_leave(ready);
        let way = self.way();
        self.planning(way, noticed);
        self.talk(noticed, shares);
        self.home((way, shares), ready);
        self.perhaps_ended(noticed, ready);
    }

    /// From ready for discharge to home. Some become ill again first.
    fn home(&mut self, (way, shares): (Way, bool), ready: DateTime<Utc>) {
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
        let home = self.perhaps_not_home(home);
        self.at_home(home);
        if self.stay.needs_plan() {
            self.plan_together((way, shares), ready);
        }
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
        self.staff(at, self.ward_at(at), does);
    }

    fn ward_at(&self, at: DateTime<Utc>) -> &'static str {
        let moved = self.acts.iter().find_map(|(moved, act)| match act {
            Act::Hospital(Said::Transferred(ward)) if *moved <= at => Some(*ward),
            _ => None,
        });
        moved.unwrap_or(self.stay.ward).unit
    }

    /// The unit of a party, at work, some hours after that.
    fn party(
        &mut self,
        party: Party,
        after: DateTime<Utc>,
        (low, high): (i64, i64),
        does: impl Into<Deed>,
    ) -> Option<DateTime<Utc>> {
        let unit = self.stay.unit_of(party)?;
        let hours = self.hours(low, high);
        let at = at_work(after + hours, &mut self.dice);
        self.staff(at, unit, does);
        Some(at)
    }

    fn staff(&mut self, at: DateTime<Utc>, unit: &'static str, does: impl Into<Deed>) {
        self.acts.push((at, Act::Staff { unit, does: does.into() }));
    }
}

#[cfg(test)]
mod tests;
