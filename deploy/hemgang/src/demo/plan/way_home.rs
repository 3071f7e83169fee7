//! The way home: which process, what is planned, what is done before the patient leaves, and what
//! happens at home.

use chrono::{DateTime, TimeDelta, Utc};
use contracts::Party;
use contracts::assignment::{Confirmed, EntryKind, HindranceKind};
use contracts::case::CheckKind;

use super::Plan;
use crate::demo::act::Said;
use crate::demo::hours::at_work;
use crate::demo::talk::Talk;
use crate::demo::way::{Homeward, Way};

static HINDRANCES: [HindranceKind; 2] = [HindranceKind::Unavailable, HindranceKind::Unclear];

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
        let often = self.stay.comes_often();
        self.ward(start, Homeward::FillForm { way, often });
        self.ward(start + TimeDelta::minutes(20), Homeward::SetTrack(way));
        for kind in [EntryKind::StatusAndNeed, EntryKind::HomecomingPlan] {
            let at = start + self.hours(1, 6);
            self.ward(at, Talk::Write(kind));
            if self.dice.chance(6) {
                self.ward(at + TimeDelta::minutes(70), Talk::Correct(kind));
            }
        }
        for party in self.stay.concerned() {
            let own = match party {
                Party::OpenCare => EntryKind::TakeoverPlan,
                _ => EntryKind::ReceptionPlan,
            };
            self.write(party, start, own);
            if self.dice.chance(92) {
                self.write(party, start, EntryKind::PlannedSupport);
            }
            if self.dice.chance(15) {
                self.write(party, start, EntryKind::Responsibilities);
            }
        }
        match way {
            Way::Yellow if self.dice.chance(20) => self.another_way(start),
            Way::Green | Way::Yellow => {}
            Way::Red => self.with_great_needs(start),
        }
    }

    /// What the red process asks for beside.
    fn with_great_needs(&mut self, start: DateTime<Utc>) {
        for party in self.stay.concerned() {
            match party {
                Party::OpenCare => {
                    self.write(party, start, EntryKind::Mapping);
                    self.write(party, start, EntryKind::HomeCareJudgement);
                }
                Party::MunicipalHealthCare => {
                    self.write(party, start, EntryKind::HomeCareJudgement);
                    self.write(party, start, EntryKind::PossibleSupport);
                }
                _ => {}
            }
        }
        let checks = [
            CheckKind::TrainingNeedDecided,
            CheckKind::InterventionDefined,
            CheckKind::StaffTrained,
        ];
        for (check, hours) in checks.into_iter().zip([5, 6, 20]) {
            self.ward(start + TimeDelta::hours(hours), Homeward::Check(check));
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
        if self.dice.chance(15) {
            let at = proposed + TimeDelta::minutes(15);
            return self.staff(at, unit, Homeward::WithdrawProposal);
        }
        // The first no ends it.
        let approve = self.dice.chance(70);
        let asked = if approve { others.len() } else { 1 };
        for party in others.iter().take(asked) {
            if let Some(unit) = self.stay.unit_of(*party) {
                let minutes = self.dice.between(20, 90);
                let at = proposed + TimeDelta::minutes(minutes);
                self.staff(at, unit, Homeward::AnswerProposal(approve));
            }
        }
        let ward = approve || !others.is_empty();
        self.ward(proposed + TimeDelta::minutes(10), Homeward::AnswerProposal(ward));
        if approve {
            self.ward(proposed + TimeDelta::minutes(100), Homeward::CarryOutProposal);
        }
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
                if self.dice.chance(1) {
                    self.ward(at + TimeDelta::minutes(5), Homeward::RevokeCheck(check));
                    self.ward(at + TimeDelta::minutes(25), Homeward::Check(check));
                }
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
                if self.dice.chance(2) {
                    let (back, again) = (TimeDelta::minutes(3), TimeDelta::minutes(8));
                    self.staff(at + back, unit, Homeward::RevokeConfirmation(what));
                    self.staff(at + again, unit, Homeward::Confirm(what));
                }
            }
        }
        self.perhaps_hindered(ready, home);
    }

    /// Open care cannot be reached for some hours, or nobody knows what it is to do: the municipality
    /// need not pay for those days.
    fn perhaps_hindered(&mut self, ready: DateTime<Utc>, home: DateTime<Utc>) {
        let municipal = self.stay.concerned().into_iter().find(|party| party.is_municipal());
        let Some(unit) = municipal.and_then(|party| self.stay.unit_of(party)) else { return };
        if self.dice.chance(5) {
            let half = (home - ready) / 2;
            let kind = self.dice.one_of(&HINDRANCES).copied().unwrap_or(HindranceKind::Unavailable);
            self.staff(ready + half / 2, unit, Homeward::StateHindrance(kind));
            self.staff(ready + half, unit, Homeward::EndHindrance(kind));
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
            if self.dice.chance(40) {
                let minutes = self.dice.between(20, 170);
                let received = Homeward::Confirm(Confirmed::HandoverReceived);
                self.staff(home + TimeDelta::minutes(minutes), unit, received);
            }
            if self.dice.chance(85) {
                let days = self.dice.between(5, 12);
                let at = self.morning(home + TimeDelta::days(days));
                self.staff(at, unit, Homeward::RecordFollowUp);
            }
        }
        // Open care closes, where it has a part.
        let concerned = self.stay.concerned();
        let closes = [Party::OpenCare].into_iter().chain(concerned.iter().copied());
        let closes = closes.filter(|party| concerned.contains(party));
        if let Some(unit) = closes.into_iter().find_map(|party| self.stay.unit_of(party)) {
            let at = self.morning(home + TimeDelta::days(14));
            self.staff(at, unit, Homeward::CloseCase);
            if self.dice.chance(4) {
                self.staff(at + TimeDelta::hours(3), unit, Homeward::ReopenCase);
                self.staff(at + TimeDelta::hours(30), unit, Homeward::CloseCase);
            }
        }
    }
}
