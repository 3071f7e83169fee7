//! The coordinated plan: noticed, called to, met about, made, confirmed and followed up; or declined, or
//! forgotten.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Europe::Stockholm;
use contracts::Party;
use contracts::sip::{MeetingForm, MeetingPoint, NoticedBy};

use super::Plan;
use crate::demo::hours::{at_work, morning_of};
use crate::demo::table::Table;
use crate::demo::way::Way;

static NOTICED_BY: [NoticedBy; 4] =
    [NoticedBy::Staff, NoticedBy::Patient, NoticedBy::Relative, NoticedBy::OtherAuthority];
static FORMS: [MeetingForm; 4] =
    [MeetingForm::Video, MeetingForm::Ward, MeetingForm::Telephone, MeetingForm::Reception];

impl Plan<'_> {
    /// Called in time, late, declined, not needed, or forgotten. Where the patient does not share with
    /// all, nothing is written that all would have to read.
    pub(super) fn plan_together(&mut self, (way, shares): (Way, bool), ready: DateTime<Utc>) {
        let Some(unit) = self.stay.unit_of(Party::OpenCare) else { return };
        let hours = self.hours(10, 30);
        let settled = at_work(ready + hours, &mut self.dice);
        let hours = match self.dice.between(1, 100) {
            1..=65 => self.hours(3, 40),
            66..=83 => self.hours(90, 130),
            84..=89 => return self.staff(settled, unit, Table::Decline),
            90..=93 => {
                let before = |minutes| settled - TimeDelta::minutes(minutes);
                self.staff(before(120), unit, Table::NoteNeed(NoticedBy::Relative));
                self.staff(before(10), unit, Table::RevokeNeed);
                return self.staff(settled, unit, Table::NotNeeded);
            }
            _ => return,
        };
        let early = self.early(way, ready);
        let mut called = early.unwrap_or(at_work(ready + hours, &mut self.dice));
        if self.dice.chance(40)
            && let Some(by) = self.dice.one_of(&NOTICED_BY)
        {
            self.staff(called - TimeDelta::minutes(90), unit, Table::NoteNeed(*by));
        }
        if self.dice.chance(5) {
            // Called too early: the call is taken back, and comes again the next day.
            self.staff(called, unit, Table::Call);
            self.staff(called + TimeDelta::minutes(80), unit, Table::CancelCall);
            called = morning_of(called + TimeDelta::days(1), &mut self.dice);
        }
        let is_compulsory = self.dice.chance(4);
        if is_compulsory {
            self.staff(called - TimeDelta::minutes(15), unit, Table::ForCompulsoryCare);
        }
        self.staff(called, unit, Table::Call);
        let days = if early.is_some() { 2 } else { self.dice.between(2, 6) };
        let meeting = morning_of(called + TimeDelta::days(days), &mut self.dice);
        if !shares || (way != Way::Red && self.dice.chance(30)) {
            return self.meet_in_short(unit, called, meeting);
        }
        if way == Way::Red {
            let hours = self.hours(4, 20);
            let at = at_work(called + hours, &mut self.dice);
            self.staff(at, unit, Table::PreMeeting);
        }
        let held = self.invite(unit, called, meeting);
        self.meet(unit, held, way == Way::Red);
        self.make(unit, held);
        if !is_compulsory {
            self.register(unit, held);
        }
    }

    /// The red process mostly meets on the ward, before she is ready: called to some days earlier, where
    /// the stay is long enough.
    fn early(&mut self, way: Way, ready: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let hours = self.hours(60, 80);
        let called = at_work(ready - hours, &mut self.dice);
        let is_long = self.stay.admitted_at + TimeDelta::hours(36) < called;
        (way == Way::Red && is_long && self.dice.chance(80)).then_some(called)
    }

    /// A time is told, and that it was held: nothing more is written here.
    fn meet_in_short(&mut self, unit: &'static str, called: DateTime<Utc>, meeting: DateTime<Utc>) {
        self.staff(called + TimeDelta::hours(1), unit, Table::SetTime(meeting));
        self.staff(meeting + TimeDelta::hours(1), unit, Table::Held);
    }

    /// Whoever is to come is asked; some meetings are moved by a day. When it is held.
    fn invite(
        &mut self,
        unit: &'static str,
        called: DateTime<Utc>,
        meeting: DateTime<Utc>,
    ) -> DateTime<Utc> {
        let form = self.dice.one_of(&FORMS).copied().unwrap_or(MeetingForm::Video);
        let minutes = |minutes| called + TimeDelta::minutes(minutes);
        self.staff(minutes(60), unit, Table::SetMeeting(meeting, form));
        for (asked, (party, theirs)) in (65..).zip(self.at_the_table(unit, called)) {
            self.staff(minutes(asked), unit, Table::Ask(party, theirs));
        }
        self.staff(minutes(75), unit, Table::AskPatient);
        if self.dice.chance(60) {
            self.staff(minutes(76), unit, Table::AskRelative);
        }
        let between = called + (meeting - called) / 2;
        if self.dice.chance(8) {
            self.staff(between, unit, Table::Withdraw(self.ward_at(called)));
        }
        if !self.dice.chance(10) {
            return meeting + TimeDelta::hours(3);
        }
        let later = morning_of(meeting + TimeDelta::days(1), &mut self.dice);
        self.staff(between + TimeDelta::minutes(30), unit, Table::SetMeeting(later, form));
        later + TimeDelta::hours(3)
    }

    /// Open care, the ward and everybody else that the case is routed to.
    fn at_the_table(
        &self,
        unit: &'static str,
        called: DateTime<Utc>,
    ) -> Vec<(Party, &'static str)> {
        let own = [(Party::OpenCare, unit), (Party::Ward, self.ward_at(called))];
        let municipal = self.stay.concerned().into_iter().filter(|party| party.is_municipal());
        let municipal = municipal.filter_map(|party| Some((party, self.stay.unit_of(party)?)));
        own.into_iter().chain(municipal).collect()
    }

    fn meet(&mut self, unit: &'static str, held: DateTime<Utc>, is_red: bool) {
        self.staff(held, unit, Table::Held);
        self.staff(held + TimeDelta::minutes(10), unit, Table::RecordAttendance);
        for (minutes, point) in (11..).zip(MeetingPoint::AT_MEETING) {
            if self.dice.chance(if is_red { 95 } else { 20 }) {
                self.staff(held + TimeDelta::minutes(minutes), unit, Table::Tick(point));
            }
        }
    }

    /// The plan is made and confirmed by all, mostly; some are changed a day later, and then confirmed
    /// anew.
    fn make(&mut self, unit: &'static str, held: DateTime<Utc>) {
        let days = self.dice.between(7, 12);
        let follow_up = morning_of(held + TimeDelta::days(days), &mut self.dice);
        let day = follow_up.with_timezone(&Stockholm).date_naive();
        let made = held + TimeDelta::minutes(40);
        self.staff(made, unit, Table::MakePlan(day));
        let mut last = made;
        if self.dice.chance(20) {
            self.confirm(made);
            last = morning_of(made + TimeDelta::days(2), &mut self.dice);
            self.staff(last, unit, Table::MakePlan(day));
        }
        self.confirm(last);
        if self.dice.chance(85) {
            self.staff(follow_up + TimeDelta::minutes(30), unit, Table::FollowUp);
        }
    }

    fn confirm(&mut self, made: DateTime<Utc>) {
        for party in self.stay.concerned() {
            if self.dice.chance(92) {
                self.party(party, made, (1, 20), Table::Confirm(party));
            }
        }
    }

    /// The owner registers the contact, and sometimes one of the others its part.
    fn register(&mut self, unit: &'static str, held: DateTime<Utc>) {
        self.staff(held + TimeDelta::minutes(55), unit, Table::Register { owner: true });
        let other = self.stay.concerned().into_iter().find(|party| party.is_municipal());
        if let Some(party) = other.filter(|_| self.dice.chance(40)) {
            self.party(party, held, (1, 6), Table::Register { owner: false });
        }
    }
}
