//! What comes in between: errors that are put right, numbers that are found out, a protected identity,
//! an admission that never was, a discharge that was none, a death.

use chrono::{DateTime, TimeDelta, Utc};
use contracts::Party;

use super::Plan;
use crate::demo::act::{Act, Deed, Said};
use crate::demo::hours::at_work;
use crate::demo::stay::Protected;
use crate::demo::way::Homeward;

/// Units that can do nothing from one moment until another, when a person has decided something.
#[derive(Debug)]
pub(super) struct Wait {
    units: Vec<&'static str>,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
}

/// What ends all that was planned.
#[derive(Debug)]
pub(super) enum End {
    /// The stay ends so.
    Said(DateTime<Utc>, Said),
    /// Nobody is needed after all; the stay goes on.
    NeedWithdrawn(DateTime<Utc>),
}

impl Plan<'_> {
    /// What parties would do while they wait they do afterwards, in the same order.
    pub(super) fn wait(&mut self, parties: &[Party], from: DateTime<Utc>, until: DateTime<Utc>) {
        let units = parties.iter().filter_map(|party| self.stay.unit_of(*party)).collect();
        self.waits.push(Wait { units, from, until });
    }

    /// All that happens, in order of time.
    pub(super) fn in_order(mut self) -> Vec<(DateTime<Utc>, Act)> {
        self.acts.sort_by_key(|(at, _)| *at);
        for wait in &self.waits {
            for (at, act) in &mut self.acts {
                let waits = matches!(act, Act::Staff { unit, .. } if wait.units.contains(unit));
                if waits && (wait.from..=wait.until).contains(at) {
                    *at = wait.until + TimeDelta::minutes(10);
                }
            }
            self.acts.sort_by_key(|(at, _)| *at);
        }
        match self.end.take() {
            Some(End::Said(end, said)) => {
                self.acts.retain(|(at, _)| *at < end);
                self.hospital(end, said);
            }
            Some(End::NeedWithdrawn(end)) => {
                self.acts.retain(|(at, act)| *at < end || matches!(act, Act::Hospital(_)));
                self.ward(end, Deed::WithdrawNeed);
                self.acts.sort_by_key(|(at, _)| *at);
            }
            None => {}
        }
        self.acts
    }

    pub(super) fn perhaps_transferred(&mut self, before: DateTime<Utc>) {
        let other = self.dice.one_of(self.stay.hospital.wards);
        let at = self.stay.admitted_at + self.hours(10, 36);
        if let Some(ward) = other.filter(|ward| **ward != *self.stay.ward)
            && at < before
        {
            self.hospital(at, Said::Transferred(ward));
        }
    }

    /// The address was wrong, and is put right on the first day.
    pub(super) fn perhaps_corrected(&mut self) {
        let at = self.stay.admitted_at + self.hours(1, 20);
        if self.dice.chance(6) {
            self.hospital(at, Said::Corrected);
        }
    }

    /// Who the patient is is found out.
    pub(super) fn identified(&mut self) {
        if self.stay.found.is_some() {
            let at = self.stay.admitted_at + self.hours(8, 30);
            self.hospital(at, Said::Identified);
        }
    }

    /// Somebody must choose units where the identity is protected, and for open care where the listed
    /// care centre is unknown here.
    pub(super) fn route_by_hand(&mut self, noticed: DateTime<Utc>) {
        let is_protected = self.stay.protected == Some(Protected::FromTheStart);
        let elsewhere = self.stay.is_from_elsewhere();
        let mut parties: Vec<Party> = self.stay.concerned().into_iter().collect();
        parties.retain(|party| is_protected || (elsewhere && *party == Party::OpenCare));
        let at = noticed + self.hours(3, if is_protected { 8 } else { 30 });
        self.route(&parties, self.stay.admitted_at, at);
    }

    /// The identity turns out to be protected: units that were found by the address have the case no
    /// longer, until somebody chooses them.
    pub(super) fn protected_later(&mut self, noticed: DateTime<Utc>) {
        if !self.stay.protected_later() {
            return;
        }
        let at = noticed + self.hours(1, 4);
        let chosen = at + self.hours(1, 3);
        self.hospital(at, Said::Protected);
        let parties: Vec<Party> = self.stay.concerned().into_iter().collect();
        self.route(&parties, at, chosen);
    }

    fn route(&mut self, parties: &[Party], from: DateTime<Utc>, at: DateTime<Utc>) {
        for party in parties {
            if let Some(unit) = self.stay.unit_of(*party) {
                self.ward(at, Deed::Route(*party, unit));
            }
        }
        self.wait(parties, from, at);
    }

    /// Back again the same day, and home on the next one; when it is so for good.
    pub(super) fn perhaps_not_home(&mut self, home: DateTime<Utc>) -> DateTime<Utc> {
        if !self.dice.chance(5) {
            return home;
        }
        let back = home + self.hours(1, 3);
        self.hospital(back, Said::DischargeCancelled);
        let minutes = TimeDelta::minutes;
        self.ward(back + minutes(20), Homeward::WithdrawDischargeNotice);
        let hours = self.hours(18, 28);
        let again = at_work(back + hours, &mut self.dice);
        self.hospital(back + minutes(30), Said::Estimated(again));
        self.ward(again - minutes(30), Homeward::SendDischargeNotice(again));
        self.hospital(again, Said::Discharged);
        again
    }

    /// A few were never admitted, a few die, and of a few the need was none.
    pub(super) fn perhaps_ended(&mut self, noticed: DateTime<Utc>, ready: DateTime<Utc>) {
        let (after, before) = (noticed + TimeDelta::minutes(50), ready - TimeDelta::hours(1));
        let within = |at: DateTime<Utc>| at.min(before).max(after);
        let (soon, late) = (noticed + self.hours(2, 12), ready - self.hours(2, 20));
        self.end = match self.dice.between(1, 100) {
            1..=2 => Some(End::Said(within(soon), Said::Cancelled)),
            3..=5 => Some(End::Said(within(late), Said::Died)),
            // Whoever comes often is to be judged, so that need stands.
            6..=7 if !self.stay.comes_often() => Some(End::NeedWithdrawn(within(late))),
            _ => None,
        };
    }

    /// The ward knows better by the second day when the stay ends.
    pub(super) fn perhaps_estimated(&mut self, noticed: DateTime<Utc>, ready: DateTime<Utc>) {
        let at = noticed + self.hours(18, 30);
        if self.dice.chance(6) && at < ready {
            self.ward(at, Deed::SetEstimate(ready + TimeDelta::hours(6)));
        }
    }
}
