//! What the parties do on the way home: tracks, checks, entries, confirmations, plans.

use chrono::NaiveDate;
use contracts::assignment::{
    Annex, AnnexKind, Confirmation, Confirmed, EntryKind, FollowUp, Message, MessageForm,
    MessageReceipt, PlanningEntry, TrackAnswer, TrackChange,
};
use contracts::case::{
    Check, CheckKind, Destination, DischargeNotice, FormAnswer, Intervention, Outcome,
    PlanningForm, TrackSet,
};
use contracts::sip::{
    Attendance, Participant, ParticipantRole, Plan, PlanConfirmation, PlanFollowUp, PointDone,
    PreMeeting, Principal, Registration, SipNeed, VisitType,
};
use contracts::{EntryId, HsaId, Party, Revocable, Track};

use super::{Play, at, unit, unit_of};

pub(crate) fn track(name: &str) -> Track {
    name.parse().unwrap()
}

impl Play {
    pub(crate) fn track_set(&mut self, when: &str, name: &str) {
        self.track_set_by(when, name, None);
    }

    pub(crate) fn track_set_by(&mut self, when: &str, name: &str, change: Option<EntryId>) {
        let stamp = self.stamp(when, when);
        self.case().planning.tracks.push(TrackSet { stamp, track: track(name), change });
    }

    pub(crate) fn form(&mut self, when: &str, answers: &[FormAnswer], all: &[Intervention]) {
        let stamp = self.stamp(when, when);
        let (answers, interventions) =
            (answers.iter().copied().collect(), all.iter().copied().collect());
        let form = PlanningForm { stamp, unit: unit("AVD"), answers, interventions };
        self.case().planning.forms.push(form);
    }

    /// Seen to; what was said of it before is said anew.
    pub(crate) fn checked(&mut self, when: &str, what: CheckKind) {
        let stamp = self.stamp(when, when);
        let checks = &mut self.case().planning.checks;
        for earlier in checks.iter_mut().filter(|check| check.what == what) {
            earlier.revoked.get_or_insert(stamp.clone());
        }
        checks.push(Check { stamp, what, outcome: Outcome::Done, revoked: None });
    }

    pub(crate) fn check_revoked(&mut self, when: &str, what: CheckKind) {
        let stamp = self.stamp(when, when);
        let mut checks = self.case().planning.checks.iter_mut();
        if let Some(check) = checks.rfind(|check| check.what == what) {
            check.revoked.get_or_insert(stamp);
        }
    }

    pub(crate) fn discharge_notice(&mut self, when: &str) {
        let stamp = self.stamp(when, when);
        let discharged_on = at(when).date_naive();
        let destination = Destination::Home;
        let notice = DischargeNotice { stamp, destination, discharged_on, revoked: None };
        self.case().planning.discharge_notices.push(notice);
    }

    pub(crate) fn discharge_notice_revoked(&mut self, when: &str) {
        let stamp = self.stamp(when, when);
        if let Some(notice) = self.case().planning.discharge_notices.last_mut() {
            notice.revoked.get_or_insert(stamp);
        }
    }

    pub(crate) fn entered(&mut self, when: &str, party: Party, kind: EntryKind) {
        let (stamp, unit) = (self.stamp(when, when), unit_of(party));
        let entry = PlanningEntry { stamp, party, unit, kind, corrects: None, withdrawn: None };
        self.assignment().cooperation.entries.push(entry);
    }

    pub(crate) fn entry_withdrawn(&mut self, when: &str) {
        let stamp = self.stamp(when, when);
        if let Some(entry) = self.assignment().cooperation.entries.last_mut() {
            entry.withdrawn.get_or_insert(stamp);
        }
    }

    pub(crate) fn confirmed(&mut self, when: &str, party: Party, what: Confirmed) {
        let (stamp, unit) = (self.stamp(when, when), unit_of(party));
        let outcome = Outcome::Done;
        let one = Confirmation { stamp, party, unit, what, outcome, revoked: None };
        self.assignment().cooperation.confirmations.push(one);
    }

    pub(crate) fn confirmation_revoked(&mut self, when: &str) {
        let stamp = self.stamp(when, when);
        if let Some(one) = self.assignment().cooperation.confirmations.last_mut() {
            one.revoked.get_or_insert(stamp);
        }
    }

    pub(crate) fn annexed(&mut self, when: &str, kind: AnnexKind) {
        let (stamp, party, unit) = (self.stamp(when, when), Party::Ward, unit("AVD"));
        let annex = Annex { stamp, party, unit, kind, size: 48_000, withdrawn: None };
        self.assignment().cooperation.annexes.push(annex);
    }

    pub(crate) fn messaged(&mut self, when: &str, party: Party) {
        let (stamp, unit) = (self.stamp(when, when), unit_of(party));
        self.assignment().cooperation.messages.push(Message {
            thread: stamp.id,
            stamp,
            party,
            unit,
            to: vec![],
            form: MessageForm::General,
            corrects: None,
            receipts: vec![],
            withdrawn: None,
        });
    }

    /// A message to these parties.
    pub(crate) fn sent(&mut self, when: &str, from: Party, to: &[Party]) {
        self.messaged(when, from);
        if let Some(message) = self.assignment().cooperation.messages.last_mut() {
            message.to = to.to_vec();
        }
    }

    /// The last message is read by somebody of this unit.
    pub(crate) fn read(&mut self, when: &str, unit: HsaId) {
        let stamp = self.stamp(when, when);
        if let Some(message) = self.assignment().cooperation.messages.last_mut() {
            message.receipts.push(MessageReceipt { stamp, unit });
        }
    }

    pub(crate) fn message_withdrawn(&mut self, when: &str) {
        let stamp = self.stamp(when, when);
        if let Some(message) = self.assignment().cooperation.messages.last_mut() {
            message.withdrawn.get_or_insert(stamp);
        }
    }

    pub(crate) fn plan_confirmed(&mut self, when: &str, party: Party) {
        let (stamp, unit) = (self.stamp(when, when), unit_of(party));
        if let Some(plan) = self.sip().plans.last_mut() {
            plan.confirmations.push(PlanConfirmation { stamp, party, unit });
        }
    }

    pub(crate) fn proposal_withdrawn(&mut self, when: &str) {
        let stamp = self.stamp(when, when);
        if let Some(change) = self.assignment().cooperation.track_changes.last_mut() {
            change.withdrawn.get_or_insert(stamp);
        }
    }

    pub(crate) fn followed_up(&mut self, when: &str, party: Party) {
        let (stamp, unit) = (self.stamp(when, when), unit_of(party));
        let outcome = Outcome::Done;
        self.assignment().cooperation.follow_ups.push(FollowUp { stamp, party, unit, outcome });
    }

    /// The ward proposes another track.
    pub(crate) fn proposed(&mut self, when: &str, to: &str, asked: &[Party]) -> EntryId {
        let stamp = self.stamp(when, when);
        let id = stamp.id;
        self.assignment().cooperation.track_changes.push(TrackChange {
            stamp,
            party: Party::Ward,
            unit: unit("AVD"),
            from: None,
            to: track(to),
            asked: asked.to_vec(),
            answers: vec![],
            withdrawn: None,
        });
        id
    }

    pub(crate) fn answered(&mut self, when: &str, party: Party, approved: bool) {
        let (stamp, unit) = (self.stamp(when, when), unit_of(party));
        if let Some(change) = self.assignment().cooperation.track_changes.last_mut() {
            change.answers.push(TrackAnswer { stamp, party, unit, approved });
        }
    }

    pub(crate) fn closed(&mut self, when: &str) {
        let stamp = self.stamp(when, when);
        self.assignment().cooperation.closings.push(Revocable { stamp, revoked: None });
    }

    pub(crate) fn reopened(&mut self, when: &str) {
        let stamp = self.stamp(when, when);
        if let Some(closing) = self.assignment().cooperation.closings.last_mut() {
            closing.revoked.get_or_insert(stamp);
        }
    }

    pub(crate) fn sip_needed(&mut self, when: &str) {
        let stamp = self.stamp(when, when);
        let need = SipNeed { stamp, noticed_by: None, unit: None, revoked: None };
        self.sip().needs.push(need);
    }

    pub(crate) fn sip_need_revoked(&mut self, when: &str) {
        let stamp = self.stamp(when, when);
        if let Some(need) = self.sip().needs.last_mut() {
            need.revoked.get_or_insert(stamp);
        }
    }

    /// Somebody of the party's came to the last meeting.
    pub(crate) fn came(&mut self, when: &str, party: Party) {
        let stamp = self.stamp(when, when);
        let attendance = Some(Attendance { stamp: stamp.clone(), came: true });
        if let Some(meeting) = self.sip().meetings.last_mut() {
            meeting.participants.push(Participant {
                stamp,
                role: ParticipantRole::Staff,
                party: Some(party),
                unit: Some(unit_of(party)),
                staff: None,
                attendance,
                withdrawn: None,
            });
        }
    }

    pub(crate) fn points(&mut self, when: &str, points: &[contracts::sip::MeetingPoint]) {
        let points: Vec<PointDone> = points
            .iter()
            .map(|point| PointDone { stamp: self.stamp(when, when), point: *point })
            .collect();
        if let Some(meeting) = self.sip().meetings.last_mut() {
            meeting.points.extend(points);
        } else {
            let stamp = self.stamp(when, when);
            self.sip().pre_meetings.push(PreMeeting { stamp, unit: unit("VC"), points });
        }
    }

    pub(crate) fn plan_made(&mut self, when: &str, follow_up_on: NaiveDate) {
        let stamp = self.stamp(when, when);
        let version = u32::try_from(self.sip().plans.len()).unwrap() + 1;
        self.sip().plans.push(Plan {
            stamp,
            version,
            unit: unit("VC"),
            overall: Principal::Region,
            parties: vec![Party::OpenCare, Party::MunicipalHealthCare],
            interventions: 3,
            follow_up_on,
            confirmations: vec![],
        });
    }

    pub(crate) fn plan_followed_up(
        &mut self,
        when: &str,
        parties: &[Party],
        next_on: Option<NaiveDate>,
    ) {
        let (stamp, parties) = (self.stamp(when, when), parties.to_vec());
        self.sip().follow_ups.push(PlanFollowUp { stamp, version: 1, parties, next_on });
    }

    pub(crate) fn registered(&mut self, when: &str, owner: bool) {
        let stamp = self.stamp(when, when);
        let meeting = self.sip().meetings.last().map(|meeting| meeting.stamp.id).unwrap();
        self.sip().registrations.push(Registration {
            withdrawn: None,
            stamp,
            meeting,
            unit: unit("VC"),
            staff: "SE2321000180-9A2B".parse().unwrap(),
            visit_type: VisitType::OtherPlace,
            owner,
        });
    }

    /// How an owner stands by a line that is shown.
    pub(crate) fn shown(&self, now: &str, rule: &str, owner: contracts::Owner) -> &'static str {
        let ledger = self.ledger(now);
        let lines = ledger.shown.iter().flat_map(|of| &of.lines);
        let line = lines.into_iter().find(|line| line.rule == rule);
        match line {
            Some(line) if line.open.contains(&owner) => "open",
            Some(line) if line.met.contains(&owner) => "met",
            Some(line) if line.past.contains(&owner) => "past",
            _ => "none",
        }
    }
}
