//! The way home: which process, what is planned, what is done before the patient leaves, and what
//! happens at home.

use chrono::{DateTime, TimeDelta, Utc};
use contracts::Party;
use contracts::assignment::{Confirmed, EntryKind};
use contracts::case::CheckKind;

use super::Plan;
use crate::demo::act::Said;
use crate::demo::hours::at_work;
use crate::demo::way::{Homeward, Way};

impl Plan<'_> {
    pub(super) fn way(&mut self) -> Way {
        match self.dice.between(1, 100) {
            1..=45 => Way::Green,
            46..=85 => Way::Yellow,
            _ => Way::Red,
        }
    }

    pub(super) fn perhaps_on_leave(&mut self, before: DateTime<Utc>) {
        let away = self.stay.admitted_at + self.hours(30, 60);
        let back = away + self.hours(14, 26);
        if self.dice.chance(5) && back < before {
            self.hospital(away, Said::OnLeave);
            self.hospital(back, Said::BackFromLeave);
        }
    }

    /// The ward fills in the form and sets the process; each party writes what it plans.
    pub(super) fn planning(&mut self, way: Way, noticed: DateTime<Utc>) {
        let start = noticed + self.hours(2, 8);
        self.ward(start, Homeward::FillForm(way));
        self.ward(start + TimeDelta::minutes(20), Homeward::SetTrack(way));
        for kind in [EntryKind::StatusAndNeed, EntryKind::HomecomingPlan] {
            let hours = self.hours(1, 6);
            self.ward(start + hours, Homeward::Write(kind));
        }
        for party in self.stay.concerned() {
            let own = match party {
                Party::OpenCare => EntryKind::TakeoverPlan,
                _ => EntryKind::ReceptionPlan,
            };
            self.party(party, start, Homeward::Write(own));
            if self.dice.chance(92) {
                self.party(party, start, Homeward::Write(EntryKind::PlannedSupport));
            }
        }
        if self.dice.chance(25) {
            let hours = self.hours(5, 20);
            self.ward(start + hours, Homeward::Ask);
        }
        if way == Way::Yellow && self.dice.chance(20) {
            self.another_way(start);
        }
    }

    /// A party proposes the red process, the others agree or not, and the ward changes it if they do.
    fn another_way(&mut self, start: DateTime<Utc>) {
        let parties: Vec<Party> = self.stay.concerned().into_iter().collect();
        let Some((first, others)) = parties.split_first() else { return };
        let Some(unit) = self.stay.unit_of(*first) else { return };
        let hours = self.hours(20, 26);
        let proposed = at_work(start + hours, &mut self.dice);
        self.staff(proposed, unit, Homeward::ProposeTrack(Way::Red));
        let approve = self.dice.chance(70);
        for party in others {
            if let Some(unit) = self.stay.unit_of(*party) {
                let minutes = self.dice.between(20, 90);
                let at = proposed + TimeDelta::minutes(minutes);
                self.staff(at, unit, Homeward::AnswerProposal(approve));
            }
        }
        self.ward(proposed + TimeDelta::minutes(10), Homeward::AnswerProposal(approve));
        self.ward(proposed + TimeDelta::minutes(100), Homeward::CarryOutProposal);
    }

    /// From ready to home: the five points and what else the ward checks, and that everybody is.
    pub(super) fn before_home(&mut self, way: Way, ready: DateTime<Utc>, home: DateTime<Utc>) {
        let minutes = (home - ready).num_minutes();
        let checks = CheckKind::HOME_READY.into_iter().chain([
            CheckKind::SelfCareAssessed,
            CheckKind::ReferralWritten,
            CheckKind::MedicationListSent,
            CheckKind::HandedOver,
            CheckKind::AidsHandedOver,
        ]);
        for check in checks {
            // A few are forgotten.
            if self.dice.chance(97) {
                let at = ready + TimeDelta::minutes(self.dice.between(0, minutes - 30));
                self.ward(at, Homeward::Check(check));
            }
        }
        self.ward(home - TimeDelta::minutes(25), Homeward::SendDischargeNotice(home));
        self.ward(home - TimeDelta::minutes(20), Homeward::Confirm(Confirmed::HomeReady));
        for party in self.stay.concerned() {
            let Some(unit) = self.stay.unit_of(party) else { continue };
            let secured =
                (way != Way::Green && party.is_municipal()).then_some(Confirmed::StartSecured);
            let all = [Confirmed::HomeReady, Confirmed::ReceptionAtHome].into_iter().chain(secured);
            for what in all {
                let at = ready + TimeDelta::minutes(self.dice.between(30, minutes - 10));
                self.staff(at, unit, Homeward::Confirm(what));
            }
        }
        self.perhaps_hindered(ready, home);
    }

    /// Open care cannot be reached for some hours: the municipality need not pay for those days.
    fn perhaps_hindered(&mut self, ready: DateTime<Utc>, home: DateTime<Utc>) {
        let municipal = self.stay.concerned().into_iter().find(|party| party.is_municipal());
        let Some(unit) = municipal.and_then(|party| self.stay.unit_of(party)) else { return };
        if self.dice.chance(5) {
            let half = (home - ready) / 2;
            self.staff(ready + half / 2, unit, Homeward::StateHindrance);
            self.staff(ready + half, unit, Homeward::EndHindrance);
        }
    }

    /// Care starts the same day, mostly; then it is followed up, and the case is closed.
    pub(super) fn at_home(&mut self, home: DateTime<Utc>) {
        for party in self.stay.concerned() {
            let Some(unit) = self.stay.unit_of(party) else { continue };
            let what = match party {
                Party::OpenCare => Confirmed::MedicalResponsibility,
                _ => Confirmed::CareStarted,
            };
            if self.dice.chance(92) {
                let minutes = self.dice.between(30, 180);
                self.staff(home + TimeDelta::minutes(minutes), unit, Homeward::Confirm(what));
            }
            if self.dice.chance(85) {
                let days = self.dice.between(5, 12);
                let at = self.morning(home + TimeDelta::days(days));
                self.staff(at, unit, Homeward::RecordFollowUp);
            }
        }
        if let Some(unit) = self.stay.unit_of(Party::OpenCare) {
            let at = self.morning(home + TimeDelta::days(14));
            self.staff(at, unit, Homeward::CloseCase);
        }
    }

    fn party(&mut self, party: Party, after: DateTime<Utc>, does: Homeward) {
        let Some(unit) = self.stay.unit_of(party) else { return };
        let hours = self.hours(1, 20);
        let at = at_work(after + hours, &mut self.dice);
        self.staff(at, unit, does);
    }
}
