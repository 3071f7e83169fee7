//! Plans as `sip` tells them.

use chassis::new_id;
use chrono::{DateTime, TimeDelta, Utc};
use contracts::sip::{Meeting, MeetingForm, Participant, ParticipantRole};
use contracts::{CaseId, EntryId, HsaId, Sip, Stamp};

/// A plan to which things happen, one minute after another.
#[derive(Clone)]
pub(crate) struct Plan {
    pub(crate) sip: Sip,
    now: DateTime<Utc>,
}

impl Plan {
    pub(crate) fn new(case: CaseId) -> Self {
        Self { sip: Sip::new(case), now: chassis::real_now() - TimeDelta::days(1) }
    }

    fn stamp(&mut self) -> Stamp {
        self.now += TimeDelta::minutes(1);
        Stamp::now(EntryId(new_id()), self.now, None)
    }

    pub(crate) fn planned(&mut self) -> Option<&mut Meeting> {
        let planned = |one: &&mut Meeting| one.cancelled.is_none() && one.held.is_none();
        self.sip.meetings.iter_mut().rev().find(planned)
    }

    /// Sets the meeting, or moves it, to a time from now.
    pub(crate) fn set(&mut self, from_now: TimeDelta) -> &mut Self {
        let stamp = self.stamp();
        let mut meeting = Meeting::new(stamp.clone(), chassis::real_now() + from_now);
        meeting.ends_at = Some(meeting.starts_at + TimeDelta::minutes(90));
        meeting.form = Some(MeetingForm::Video);
        if let Some(before) = self.planned() {
            meeting.moved_from = Some(before.stamp.id);
            before.cancelled = Some(stamp);
            let still = before.participants.iter().filter(|one| one.withdrawn.is_none());
            meeting.participants = still.cloned().collect();
        }
        self.sip.meetings.push(meeting);
        self
    }

    pub(crate) fn ask(&mut self, unit: &str) -> &mut Self {
        let unit: HsaId = unit.parse().unwrap();
        let participant = Participant {
            stamp: self.stamp(),
            role: ParticipantRole::Staff,
            party: None,
            unit: Some(unit),
            staff: None,
            attendance: None,
            withdrawn: None,
        };
        self.planned().unwrap().participants.push(participant);
        self
    }

    pub(crate) fn withdraw(&mut self, unit: &str) -> &mut Self {
        let stamp = self.stamp();
        let unit: HsaId = unit.parse().unwrap();
        let asked = self.planned().unwrap().participants.iter_mut();
        for one in asked.filter(|one| one.unit.as_ref() == Some(&unit)) {
            one.withdrawn = Some(stamp.clone());
        }
        self
    }

    pub(crate) fn cancel(&mut self) -> &mut Self {
        let stamp = self.stamp();
        self.planned().unwrap().cancelled = Some(stamp);
        self
    }

    pub(crate) fn hold(&mut self) -> &mut Self {
        let stamp = self.stamp();
        self.planned().unwrap().held = Some(stamp);
        self
    }
}
