//! From the need to who deals with it: judged, consented to, routed, received, named.

use chrono::{DateTime, TimeDelta, Utc};
use contracts::Party;

use super::Plan;
use crate::demo::act::{Deed, Said, Word};
use crate::demo::hours::at_work;

impl Plan<'_> {
    /// When the need is known: at the admission, later, or when the ward was asked about somebody who
    /// comes often.
    pub(super) fn noticed(&mut self, judged: bool) -> DateTime<Utc> {
        let admitted = self.stay.admitted_at;
        if self.stay.comes_often() {
            let noticed = admitted + self.hours(1, 6);
            self.ward(noticed, Deed::JudgeNeed(self.stay.needs, true));
            return noticed;
        }
        if judged {
            return admitted;
        }
        let noticed = admitted + self.hours(3, 30);
        self.hospital(noticed, Said::Judged);
        noticed
    }

    /// What the patient says to the sharing of information; whether it is yes, for all and for good.
    pub(super) fn consent(&mut self, noticed: DateTime<Utc>) -> bool {
        if self.stay.only_comes_often() {
            // Nobody outside the hospital hears of it before that.
            let at = noticed + self.hours(1, 3);
            self.ward(at, Deed::RecordConsent(Word::Yes));
            self.wait(&[Party::OpenCare], self.stay.admitted_at, at);
            return true;
        }
        let at = noticed + self.hours(1, 8);
        let next_day = at + self.hours(20, 40);
        match self.dice.between(1, 100) {
            1..=66 => {
                self.ward(at, Deed::RecordConsent(Word::Yes));
                return true;
            }
            67..=71 => {
                let days = self.dice.between(2, 6);
                self.ward(at, Deed::RecordConsent(Word::Until(at + TimeDelta::days(days))));
            }
            72..=76 => {
                self.ward(at, Deed::RecordConsent(Word::ToOpenCare));
                self.ward(next_day, Deed::RecordConsent(Word::Yes));
            }
            77..=80 => {
                self.ward(at, Deed::RecordConsent(Word::Yes));
                self.ward(next_day, Deed::RecordConsent(Word::TakenBack));
            }
            81..=88 => self.ward(at, Deed::RecordConsent(Word::No)),
            _ => {}
        }
        false
    }

    pub(super) fn receive(&mut self, party: Party, noticed: DateTime<Utc>) {
        let Some(unit) = self.stay.unit_of(party) else { return };
        let hours = self.hours(0, 5);
        let read = at_work(noticed + hours, &mut self.dice);
        if self.dice.chance(95) {
            self.staff(read, unit, Deed::ReadNotice);
        }
        if self.dice.chance(70) {
            self.party(party, read, (2, 24), Deed::ReportSupport);
        }
    }

    pub(super) fn care_contact(&mut self, noticed: DateTime<Utc>) {
        let concerned = self.stay.concerned().contains(&Party::OpenCare);
        let Some(unit) = self.stay.unit_of(Party::OpenCare).filter(|_| concerned) else { return };
        let Some(at) = self.done(noticed, unit) else { return };
        if self.dice.chance(5) {
            return self.staff(at, unit, Deed::CareContactNotNeeded);
        }
        self.staff(at, unit, Deed::AppointCareContact);
        if self.dice.chance(4) {
            self.party(Party::OpenCare, at, (6, 20), Deed::ReplaceCareContact);
        }
    }

    pub(super) fn lead_officer(&mut self, noticed: DateTime<Utc>) {
        let concerned = self.stay.concerned();
        let party = concerned.iter().rev().find(|party| party.is_municipal());
        let Some(unit) = party.and_then(|party| self.stay.unit_of(*party)) else { return };
        let deed =
            if self.dice.chance(4) { Deed::LeadOfficerNotNeeded } else { Deed::AppointLeadOfficer };
        if let Some(at) = self.done(noticed, unit) {
            self.staff(at, unit, deed);
        }
    }

    /// When something that is due in a day or on the next weekday is done by a unit: soon, after the
    /// reminder, too late, or never. Some say that they have seen what they are told before they do it.
    fn done(&mut self, noticed: DateTime<Utc>, unit: &'static str) -> Option<DateTime<Utc>> {
        let at = match self.dice.between(1, 100) {
            1..=70 => {
                let hours = self.hours(1, 8);
                return Some(at_work(noticed + hours, &mut self.dice));
            }
            71..=80 => noticed + self.hours(21, 23),
            81..=96 => {
                let due = at_work(noticed + TimeDelta::hours(24), &mut self.dice);
                due + self.hours(9, 44)
            }
            _ => return None,
        };
        if self.dice.chance(40) {
            self.staff(at - TimeDelta::minutes(40), unit, Deed::Acknowledge);
        }
        Some(at)
    }
}
